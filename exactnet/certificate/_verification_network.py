"""Networks of verification certificates as layers of relu and linear units (FORMAT.md section 7).

Written after the page, apart from `exactnet.checker` and from the engines: a second program has to make the
same mistake before a wrong lowering passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate._fast_read import Layer, fingerprint, read_network
from exactnet.certificate._plain_bounds import Chain, ChainLayer
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["NetworkFacts", "chain_of", "facts_of_network", "facts_of_record"]

_PLAIN = ("relu", "identity")
_ABS = Fraction(-1)

# an affine function of the units of the last layer so far: coefficients, the constant last
Form = list[Fraction]


@dataclass(frozen=True)
class NetworkFacts:
    """What the checker has to know of a network.

    Attributes
    ----------
    chain : the same function with relu and linear units.
    shape : the number of units and the activation of each layer.
    not_float32 : why float32 semantics say nothing about it; empty if they do.
    """

    n_inputs: int
    n_outputs: int
    chain: Chain
    shape: tuple[tuple[int, str], ...]
    not_float32: str
    fingerprint: str

    def about(self, name: str, sha256: str = "") -> str:
        """Describe the network of this id, perhaps read from a file with this digest."""
        d = self.n_inputs
        layers = ", ".join(f"{n} {activation}" for n, activation in self.shape)
        text = (
            f"{name} is the network with {d} input{'s' * (d != 1)} and "
            f"{f'layers {layers}' if layers else 'no layers'}, fingerprint {self.fingerprint}"
        )
        return f"{text}, read from the file with SHA-256 {sha256}" if sha256 else text


def facts_of_record(record: dict[str, object]) -> NetworkFacts:
    """From the record `network`.

    Raises
    ------
    Refused : it is not one.
    """
    network = read_network(record)
    return _facts(network.n_inputs, network.layers, network.fingerprint)


def facts_of_network(network: Network) -> NetworkFacts:
    """From an exact network."""
    digest = fingerprint([network.n_inputs, [_layer_texts(layer) for layer in network.layers]])
    plain = all(layer.activation in (Activation.RELU, Activation.IDENTITY) for layer in network.layers)
    if not plain or any(layer.skips for layer in network.layers):
        return _facts(network.n_inputs, [_layer_of(layer) for layer in network.layers], digest)
    chain = Chain(network.n_inputs, tuple(map(_chain_layer, network.layers)))
    shape = tuple((layer.n_outputs, str(layer.activation)) for layer in network.layers)
    return NetworkFacts(network.n_inputs, network.n_outputs, chain, shape, _float32_fault(chain), digest)


def _facts(d: int, layers: Sequence[Layer], digest: str) -> NetworkFacts:
    chain = chain_of(d, layers)
    plain = all(layer.activation in _PLAIN and not layer.skips for layer in layers)
    fault = _float32_fault(chain) if plain else "it is no chain of relu and identity layers"
    shape = tuple((layer.n_units, layer.activation) for layer in layers)
    return NetworkFacts(d, layers[-1].n_units if layers else d, chain, shape, fault, digest)


# -- from exact networks -------------------------------------------------------------------------------


def _chain_layer(layer: AffineLayer) -> ChainLayer:
    matrix = layer.weight
    one = math.lcm(matrix.denominator, *(b.denominator for b in layer.bias))
    factor = one // matrix.denominator
    rows = matrix.numerators if factor == 1 else [[x * factor for x in row] for row in matrix.numerators]
    bias = tuple(b.numerator * (one // b.denominator) for b in layer.bias)
    relu = (layer.activation is Activation.RELU,) * len(bias)
    return ChainLayer(tuple(map(tuple, rows)), bias, one, relu)


def _quotients(row: Iterable[int], one: int) -> list[str]:
    """Texts of x / one in lowest terms."""
    found = []
    for x in row:
        g = math.gcd(x, one)
        found.append(str(x // g) if g == one else f"{x // g}/{one // g}")
    return found


def _layer_texts(layer: AffineLayer) -> list[object]:
    weight = [_quotients(row, layer.weight.denominator) for row in layer.weight.numerators]
    skips = [
        [skip.source, [_quotients(row, skip.weight.denominator) for row in skip.weight.numerators]]
        for skip in layer.skips
    ]
    bias = [str(b) for b in layer.bias]
    return [weight, bias, str(layer.activation), str(layer.slope), layer.pieces, skips]


def _layer_of(layer: AffineLayer) -> Layer:
    skips = tuple((skip.source, tuple(map(tuple, skip.weight.rows()))) for skip in layer.skips)
    weight = tuple(map(tuple, layer.weight.rows()))
    return Layer(weight, tuple(layer.bias), str(layer.activation), layer.slope, layer.pieces, skips)


def _float32_fault(chain: Chain) -> str:
    for m, layer in enumerate(chain.layers, start=1):
        one = layer.denominator
        # the denominator is the least one: with an odd factor some number has it, too
        dyadic = one & (one - 1) == 0
        if not dyadic or not all(_is_binary32(x, one) for row in (*layer.weight, layer.bias) for x in row):
            return f"layer {m} has a number that is not in binary32"
    return ""


def _is_binary32(x: int, one: int) -> bool:
    """Whether x / one, for a power of two, has 24 digits, is a multiple of 2^-149 and below 2^128."""
    if not x:
        return True
    last = (x & -x).bit_length() - 1
    down = one.bit_length() - 1
    first = x.bit_length()
    return first - last <= 24 and last - down >= -149 and first - down <= 128


# -- lowering ------------------------------------------------------------------------------------------


def chain_of(d: int, layers: Sequence[Layer]) -> Chain:
    """The layers of relu and linear units that FORMAT.md makes of a network.

    Examples
    --------
    >>> size = Layer(((Fraction(1),),), (Fraction(1, 2),), "abs", Fraction(0), 1, ())
    >>> [(layer.weight, layer.bias, layer.denominator, layer.relu) for layer in chain_of(1, [size]).layers]
    [(((2,), (-2,)), (1, -1), 2, (True, True)), (((1, 1),), (0,), 1, (False,))]
    """
    if all(layer.activation in _PLAIN and not layer.skips for layer in layers):
        rows = [[[*row, b] for row, b in zip(layer.weight, layer.bias, strict=True)] for layer in layers]
        flags = [[layer.activation == "relu"] * len(layer.bias) for layer in layers]
        return Chain(d, tuple(map(_over_integers, rows, flags)))
    state = _Lowering(d)
    for k, layer in enumerate(layers, start=1):
        state.add(k, layer, {source for later in layers[k:] for source, _ in later.skips})
    if layers[-1].activation != "relu":
        state.append([], state.values[len(layers)])
    return Chain(d, tuple(state.layers))


def _over_integers(rows: Sequence[Sequence[Fraction]], relu: Sequence[bool]) -> ChainLayer:
    one = math.lcm(*(x.denominator for row in rows for x in row))
    whole = [[x.numerator * (one // x.denominator) for x in row] for row in rows]
    return ChainLayer(
        tuple(tuple(row[:-1]) for row in whole), tuple(row[-1] for row in whole), one, tuple(relu)
    )


def _combined(a: Form, b: Form, times: Fraction) -> Form:
    return [x + times * y for x, y in zip(a, b, strict=True)]


class _Lowering:
    """Layers so far, and `values`: outputs of layer k (0: inputs) as forms over the units of the last one."""

    def __init__(self, d: int) -> None:
        self.layers: list[ChainLayer] = []
        self.width = d
        self.values = {0: self.units(0, d)}

    def units(self, start: int, n: int) -> list[Form]:
        """The forms of n units of the last layer."""
        return [[Fraction(int(j == start + i)) for j in range(self.width + 1)] for i in range(n)]

    def append(self, relu: Sequence[Form], linear: Sequence[Form]) -> None:
        """A layer of relu units and then linear ones."""
        rows = [*relu, *linear]
        self.layers.append(_over_integers(rows, [True] * len(relu) + [False] * len(linear)))
        self.width = len(rows)

    def add(self, k: int, layer: Layer, carried: set[int]) -> None:
        """Layer k of the network; `carried` are the layers that skips behind it take."""
        z = [self._pre(u, layer, k) for u in range(len(layer.bias))]
        self.values = {s: forms for s, forms in sorted(self.values.items()) if s in carried}
        self.values[k] = z if layer.activation == "identity" else self._activated(z, layer)

    def _pre(self, u: int, layer: Layer, k: int) -> Form:
        form = [Fraction(0)] * self.width + [layer.bias[u]]
        for source, matrix in ((k - 1, layer.weight), *layer.skips):
            for a, value in zip(matrix[u], self.values[source], strict=True):
                if a:
                    form = _combined(form, value, a)
        return form

    def _pass_on(self, relu: Sequence[Form], first: Sequence[Form]) -> list[Form]:
        """A layer of relu units in front of the values `first` and the carried ones; `first` over it."""
        carried = [form for forms in self.values.values() for form in forms]
        self.append(relu, [*first, *carried])
        at = len(relu) + len(first)
        for s, forms in self.values.items():
            self.values[s] = self.units(at, len(forms))
            at += len(forms)
        return self.units(len(relu), len(first))

    def _activated(self, z: Sequence[Form], layer: Layer) -> list[Form]:
        n, p = layer.n_units, layer.pieces
        if layer.activation == "relu":
            self._pass_on(z, [])
            return self.units(0, n)
        if layer.activation == "maxout":
            # pieces[t][u], the winners first
            pieces = [[z[u * p + t] for u in range(n)] for t in range(p)]
            while len(pieces) > 1:
                relu = [_combined(new, best, Fraction(-1)) for best, new in zip(*pieces[:2], strict=True)]
                waiting = [form for piece in (pieces[0], *pieces[2:]) for form in piece]
                passed = self._pass_on(relu, waiting)
                pieces = [passed[i : i + n] for i in range(0, len(passed), n)]
                pairs = zip(self.units(0, n), pieces[0], strict=True)
                pieces[0] = [_combined(gain, best, Fraction(1)) for gain, best in pairs]
            return pieces[0]
        hard = layer.activation == "hardtanh"
        relu = []
        for form in z:
            relu += [_moved(form, 1), _moved(form, -1)] if hard else [form, [-x for x in form]]
        self._pass_on(relu, [])
        slope = Fraction(1) if hard else _ABS if layer.activation == "abs" else layer.slope
        units = self.units(0, 2 * n)
        values = [_combined(units[2 * u], units[2 * u + 1], -slope) for u in range(n)]
        return [_moved(form, -1) for form in values] if hard else values


def _moved(form: Form, by: int) -> Form:
    return [*form[:-1], form[-1] + by]
