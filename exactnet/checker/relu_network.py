"""Networks with relu and linear units only, over integers: the form in which bounds are propagated.

A network of relu and identity layers is taken as it is; any other is lowered, with the same function over the
rationals (FORMAT.md section 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import lcm
from typing import NamedTuple

from exactnet.checker.network import Layer, NetworkData
from exactnet.checker.read import reject

__all__ = ["ReluLayer", "ReluNetwork", "is_binary32", "lowered", "require_float32"]

_MOST_PRODUCTS = 10**8

Ints = list[int]


@dataclass(frozen=True)
class ReluLayer:
    """z = (weight h + bias) / denominator, then max(0, z) for the units that are relu."""

    weight: list[Ints]
    bias: Ints
    denominator: int
    is_relu: list[bool]

    @cached_property
    def positive(self) -> list[Ints]:
        """The weights with 0 in place of the negative ones."""
        return [[max(a, 0) for a in row] for row in self.weight]

    @cached_property
    def negative(self) -> list[Ints]:
        """The weights with 0 in place of the positive ones."""
        return [[min(a, 0) for a in row] for row in self.weight]

    @cached_property
    def size(self) -> list[Ints]:
        """The absolute values of the weights."""
        return [[abs(a) for a in row] for row in self.weight]

    @cached_property
    def n_weights(self) -> Ints:
        """For each unit the number of weights that are not 0."""
        return [sum(map(bool, row)) for row in self.weight]


@dataclass(frozen=True)
class ReluNetwork:
    """Layers in their order."""

    n_inputs: int
    layers: list[ReluLayer]

    @property
    def n_outputs(self) -> int:
        """Number of values behind the last layer."""
        return len(self.layers[-1].bias) if self.layers else self.n_inputs

    @cached_property
    def first_units(self) -> Ints:
        """The flat number of unit 0 of each layer, then the number of all units."""
        return [0, *accumulate(len(layer.bias) for layer in self.layers)]

    @cached_property
    def work(self) -> Ints:
        """For each m from 0 the number of weights in layers 1 to m, long ones counted several times."""
        return [0, *accumulate(_work(layer) for layer in self.layers)]


def _work(layer: ReluLayer) -> int:
    n_bits = max(x.bit_length() for row in [*layer.weight, layer.bias, [layer.denominator]] for x in row)
    return len(layer.bias) * len(layer.weight[0]) * (1 + n_bits // 256)


def lowered(network: NetworkData) -> ReluNetwork:
    """The same function with relu and linear units only."""
    if all(map(_is_plain, network.layers)):
        return ReluNetwork(network.n_inputs, [_plain(layer) for layer in network.layers])
    return _Lowering(network).run()


def _is_plain(layer: Layer) -> bool:
    return layer.activation in ("relu", "identity") and len(layer.sources) == 1


def _plain(layer: Layer) -> ReluLayer:
    is_relu = [layer.activation == "relu"] * len(layer.bias)
    return ReluLayer([list(row) for row in layer.sources[0][1]], list(layer.bias), layer.denominator, is_relu)


def require_float32(network: NetworkData) -> None:
    """Reject a network that is no chain of relu and identity layers of binary32 numbers."""
    for k, layer in enumerate(network.layers):
        if not _is_plain(layer):
            reject(f"the semantics float32 does not say how layer {k} is computed")
        numbers = [*layer.bias, *(x for row in layer.sources[0][1] for x in row)]
        if not all(is_binary32(Fraction(x, layer.denominator)) for x in set(numbers)):
            reject(f"layer {k} has numbers that are no binary32 numbers")


def is_binary32(q: Fraction) -> bool:
    """Whether q is a finite binary32 number: up to 24 digits, a multiple of 2^-149, below 2^128.

    Examples
    --------
    >>> [is_binary32(q) for q in (Fraction(1, 3), Fraction(1, 2**149), Fraction(1, 2**150))]
    [False, True, False]
    >>> [is_binary32(Fraction(n)) for n in (2**24 - 1, 2**24 + 1, 2**127, 2**128)]
    [True, False, True, False]
    """
    n, one = abs(q.numerator), q.denominator
    if one & (one - 1) or one > 2**149 or n >= one << 128:
        return False
    return n == 0 or (n // (n & -n)).bit_length() <= 24


# -------------------------------------------------------------------------------------------- lowering


class _Affine(NamedTuple):
    """Values as affine functions of the units of the last layer so far: rows with the constant at the end."""

    rows: list[list[Fraction]]

    def part(self, start: int, stop: int, step: int = 1) -> _Affine:
        return _Affine(self.rows[start:stop:step])


def _sum(a: _Affine, b: _Affine, factor: Fraction) -> _Affine:
    """a + factor b."""
    pairs = zip(a.rows, b.rows, strict=True)
    return _Affine([[x + factor * y for x, y in zip(r, s, strict=True)] for r, s in pairs])


def _plus(a: _Affine, constant: int) -> _Affine:
    return _Affine([[*row[:-1], row[-1] + constant] for row in a.rows])


class _Lowering:
    """The layers so far, and the values that are still needed over the units of the last one.

    `values` has the outputs of layer k under the key k, those of the inputs under 0.
    """

    def __init__(self, network: NetworkData) -> None:
        self.network = network
        self.layers: list[ReluLayer] = []
        self.n_units = network.n_inputs
        self.n_products = 0
        self.values = {0: self._units(0, self.n_units)}

    def run(self) -> ReluNetwork:
        """All layers."""
        network = self.network
        for k, layer in enumerate(network.layers, start=1):
            z = self._pre_activation(layer)
            behind = network.layers[k:]
            needed = {source for later in behind for source, _ in later.sources[1:]}
            self.values = {s: v for s, v in self.values.items() if s in needed}
            self.values[k] = z if layer.activation == "identity" else self._activated(layer, z)
        if network.layers[-1].activation != "relu":
            self._append(_Affine([]), self.values[len(network.layers)])
        return ReluNetwork(network.n_inputs, self.layers)

    def _units(self, start: int, n: int) -> _Affine:
        """The n units of the last layer from `start` on."""
        width = self.n_units + 1
        return _Affine([[Fraction(j == start + i) for j in range(width)] for i in range(n)])

    def _pre_activation(self, layer: Layer) -> _Affine:
        width, one = self.n_units + 1, layer.denominator
        rows = [[Fraction(0)] * (width - 1) + [Fraction(b, one)] for b in layer.bias]
        for source, matrix in layer.sources:
            terms = self.values[source].rows
            self.n_products += len(matrix) * len(terms) * width
            if self.n_products > _MOST_PRODUCTS:
                reject(f"lowering the network takes more than {_MOST_PRODUCTS} products")
            for row, weights in zip(rows, matrix, strict=True):
                for a, term in zip(weights, terms, strict=True):
                    if a:
                        factor = Fraction(a, one)
                        row[:] = [x + factor * y if y else x for x, y in zip(row, term, strict=True)]
        return _Affine(rows)

    def _append(self, relu: _Affine, linear: _Affine) -> None:
        """A layer of relu units, then linear ones, over the units of the last layer."""
        rows = [*relu.rows, *linear.rows]
        one = lcm(*(x.denominator for row in rows for x in row))
        whole = [[int(x * one) for x in row] for row in rows]
        flags = [True] * len(relu.rows) + [False] * len(linear.rows)
        self.layers.append(ReluLayer([row[:-1] for row in whole], [row[-1] for row in whole], one, flags))
        self.n_units = len(rows)

    def _step(self, relu: _Affine, passed: Sequence[_Affine]) -> list[_Affine]:
        """A layer of relu units and passed values; the passed values over its units."""
        self._append(relu, _Affine([row for part in [*passed, *self.values.values()] for row in part.rows]))
        start, moved = len(relu.rows), []
        for part in [*passed, *self.values.values()]:
            moved.append(self._units(start, len(part.rows)))
            start += len(part.rows)
        self.values = dict(zip(self.values, moved[len(passed) :], strict=True))
        return moved[: len(passed)]

    def _activated(self, layer: Layer, z: _Affine) -> _Affine:
        """The outputs of the layer, over the units of the layers that are appended for it."""
        n = layer.n_units
        if layer.activation == "maxout":
            winner, *waiting = [z.part(t, len(z.rows), layer.pieces) for t in range(layer.pieces)]
            while waiting:
                ahead = _sum(waiting[0], winner, Fraction(-1))
                winner, *waiting = self._step(ahead, [winner, *waiting[1:]])
                winner = _sum(self._units(0, n), winner, Fraction(1))
            return winner
        if layer.activation == "relu":
            self._step(z, [])
            return self._units(0, n)
        if layer.activation == "hardtanh":
            first, second, factor = _plus(z, 1), _plus(z, -1), Fraction(-1)
        else:
            zero = _Affine([[Fraction(0)] * len(row) for row in z.rows])
            first, second = z, _sum(zero, z, Fraction(-1))
            factor = Fraction(1) if layer.activation == "abs" else -layer.slope
        pairs = zip(first.rows, second.rows, strict=True)
        self._step(_Affine([row for pair in pairs for row in pair]), [])
        units = self._units(0, 2 * n)
        value = _sum(units.part(0, 2 * n, 2), units.part(1, 2 * n, 2), factor)
        return _plus(value, -1) if layer.activation == "hardtanh" else value
