"""Networks made from networks: the difference of two, and the form with relu layers only that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import ShapeError
from exactnet.exact import RationalMatrix
from exactnet.model import AffineLayer, Network, Provenance
from exactnet.verify.lowered import lowered

__all__ = ["difference", "relu_form"]

Rows = list[list[Fraction]]


@dataclass(frozen=True)
class _Map:
    """h -> weight h + bias."""

    weight: Rows
    bias: list[Fraction]

    def after(self, inner: _Map) -> _Map:
        """self(inner(h))."""
        inner_rows = RationalMatrix.from_rows(inner.weight)
        rows = RationalMatrix.from_rows(self.weight)
        shift = rows @ inner.bias
        return _Map(
            [list(row) for row in (rows @ inner_rows).rows()],
            [b + s for b, s in zip(self.bias, shift, strict=True)],
        )


def relu_form(network: Network) -> tuple[tuple[_Map, ...], _Map]:
    """The same function as relu layers and one affine map behind them.

    A linear unit between relu units passes as a pair relu(z), relu(-z); linear layers are merged.
    """
    net = lowered(network)
    hidden: list[_Map] = []
    identity = [[Fraction(int(i == j)) for j in range(net.n_inputs)] for i in range(net.n_inputs)]
    pending = _Map(identity, [Fraction(0)] * net.n_inputs)
    for layer in net.layers:
        den = layer.denominator
        weight = [[Fraction(x, den) for x in row] for row in layer.weight]
        z = _Map(weight, [Fraction(x, den) for x in layer.bias]).after(pending)
        if not any(layer.is_relu):
            pending = z
            continue
        units, back = _pairs(z, layer.is_relu)
        hidden.append(units)
        pending = _Map(back, [Fraction(0)] * layer.n_units)
    return tuple(hidden), pending


def _pairs(z: _Map, is_relu: Sequence[bool]) -> tuple[_Map, Rows]:
    """Relu units for the rows of z, two for a linear one, and the values of the rows from them."""
    weight: Rows = []
    bias: list[Fraction] = []
    places: list[tuple[int, ...]] = []
    for row, b, relu in zip(z.weight, z.bias, is_relu, strict=True):
        places.append((len(bias),) if relu else (len(bias), len(bias) + 1))
        for sign in (1,) if relu else (1, -1):
            weight.append([sign * a for a in row])
            bias.append(sign * b)
    back = [[Fraction(0)] * len(bias) for _ in places]
    for values, units in zip(back, places, strict=True):
        for sign, unit in zip((1, -1), units, strict=False):
            values[unit] = Fraction(sign)
    return _Map(weight, bias), back


def difference(network: Network, other: Network) -> Network:
    """The network with the outputs f(x) - g(x), the hidden layers of both side by side.

    Raises
    ------
    ShapeError : different numbers of inputs or outputs.

    Examples
    --------
    >>> f = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> g = Network.from_arrays([([[2]], [0])])
    >>> both = difference(f, g)
    >>> both, both([-3]), both([3])
    (Network(1 -> 4 relu -> 1, from a difference), (Fraction(9, 1),), (Fraction(-3, 1),))
    """
    for what in ("n_inputs", "n_outputs"):
        if getattr(network, what) != getattr(other, what):
            raise ShapeError(
                f"the networks differ in the number of {what.removeprefix('n_')}",
                where="difference",
                got=str(getattr(other, what)),
                expected=f"{getattr(network, what)}, as the first network has",
            )
    (first, end), (second, other_end) = relu_form(network), relu_form(other)
    depth = max(len(first), len(second))
    if depth == 0:
        weight = [
            [a - b for a, b in zip(*rows, strict=True)]
            for rows in zip(end.weight, other_end.weight, strict=True)
        ]
        bias = [a - b for a, b in zip(end.bias, other_end.bias, strict=True)]
        return _network([], _Map(weight, bias))
    first, end = _lengthened(first, end, depth)
    second, other_end = _lengthened(second, other_end, depth)
    hidden = [_Map(first[0].weight + second[0].weight, first[0].bias + second[0].bias)]
    hidden += [_beside(a, b) for a, b in zip(first[1:], second[1:], strict=True)]
    last = _Map(
        [[*row, *(-b for b in below)] for row, below in zip(end.weight, other_end.weight, strict=True)],
        [a - b for a, b in zip(end.bias, other_end.bias, strict=True)],
    )
    return _network(hidden, last)


def _lengthened(hidden: tuple[_Map, ...], end: _Map, depth: int) -> tuple[tuple[_Map, ...], _Map]:
    """The same function with more relu layers: values that are >= 0 pass relu unchanged."""
    layers = list(hidden)
    if not layers:
        n = len(end.weight[0])
        both = [[Fraction(sign * (i == j)) for j in range(n)] for i in range(n) for sign in (1, -1)]
        layers.append(_Map(both, [Fraction(0)] * (2 * n)))
        end = _Map([[s * a for a in row for s in (1, -1)] for row in end.weight], end.bias)
    while len(layers) < depth:
        n = len(layers[-1].bias)
        layers.append(_Map([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], [Fraction(0)] * n))
    return tuple(layers), end


def _beside(a: _Map, b: _Map) -> _Map:
    left, right = len(a.weight[0]), len(b.weight[0])
    zero = Fraction(0)
    rows = [[*row, *[zero] * right] for row in a.weight] + [[*[zero] * left, *row] for row in b.weight]
    return _Map(rows, a.bias + b.bias)


def _network(hidden: Sequence[_Map], last: _Map) -> Network:
    layers = [AffineLayer.from_arrays(m.weight, m.bias, activation="relu") for m in hidden]
    layers.append(AffineLayer.from_arrays(last.weight, last.bias))
    return Network(tuple(layers), Provenance("a difference"))
