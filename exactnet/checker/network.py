"""Networks: the record, and the forms of the switches along a path of signs (FORMAT.md section 6).

All of it runs in integers: an affine map of the inputs is a list of homogeneous integer rows over one
denominator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from operator import mul
from typing import ClassVar, NamedTuple

from exactnet.checker.facts import Fact, Known
from exactnet.checker.read import (
    as_integer,
    as_list,
    as_object,
    as_rational,
    as_rationals,
    one_of,
    reject,
    require_keys,
)
from exactnet.checker.words import plural

__all__ = [
    "AffineMap",
    "Layer",
    "NetworkData",
    "Stage",
    "State",
    "check_network",
    "first_state",
    "next_state",
    "output_map",
]

Form = tuple[int, ...]
Matrix = tuple[tuple[int, ...], ...]

_ACTIVATIONS = ("relu", "leaky_relu", "abs", "hardtanh", "maxout", "identity")
_LAYER_KEYS = ("weight", "bias", "activation", "slope", "pieces", "skips")
# what a hostile file could blow up: the size of the composed maps, and the length of their numbers
_MOST_ENTRIES = 10_000_000
_MOST_BITS = 200_000
_MOST_BITS_IN_ALL = 2**33


class AffineMap(NamedTuple):
    """Integer rows (a_1..a_d, b) over a positive denominator: unit u is (a.x + b) / denominator."""

    rows: Matrix
    denominator: int


@dataclass(frozen=True)
class Layer:
    """One layer; weight, bias and skips are integers over one denominator.

    `sources` are the pairs (number, matrix) of everything that enters: number 0 is the inputs, k the outputs
    of layer k.
    """

    sources: tuple[tuple[int, Matrix], ...]
    bias: tuple[int, ...]
    denominator: int
    activation: str
    slope: Fraction
    pieces: int

    @property
    def n_units(self) -> int:
        """The number of outputs."""
        return len(self.bias) // self.pieces


class Stage(NamedTuple):
    """Switches that get their signs together: those of one layer, or of one step of a maxout layer.

    `layer` counts from 0, `step` is t for maxout (from 1) and 1 otherwise; `first` is the first switch.
    """

    layer: int
    step: int
    first: int
    n_switches: int


@dataclass(frozen=True)
class NetworkData(Fact):
    """A network."""

    rule: ClassVar[str] = "network"
    n_inputs: int
    layers: tuple[Layer, ...]
    stages: tuple[Stage, ...]
    fingerprint: str

    @property
    def n_switches(self) -> int:
        """The number of all switches."""
        return self.stages[-1].first + self.stages[-1].n_switches if self.stages else 0

    def work(self, number: int) -> int:
        """How many multiplications it takes to enter a stage; behind the last stage are the outputs."""
        end = len(self.layers)
        if number < len(self.stages):
            stage = self.stages[number]
            if stage.step > 1:
                return stage.n_switches * (self.n_inputs + 1)
            end = stage.layer + 1
        behind = self.stages[number - 1].layer + 1 if number else 0
        return (self.n_inputs + 1) * sum(
            len(layer.bias) * sum(len(matrix[0]) for _, matrix in layer.sources)
            for layer in self.layers[behind:end]
        )

    def about(self) -> str:
        """Describe the network, with the fingerprint of its numbers."""
        layers = ", ".join(f"{layer.n_units} {layer.activation}" for layer in self.layers)
        units = f"layers {layers}" if layers else "no layers"
        return (
            f"{self.id} is the network with {plural(self.n_inputs, 'input')} and {units}, "
            f"fingerprint {self.fingerprint}"
        )


# --------------------------------------------------------------------------------------------- record


def check_network(record: dict[str, object], name: str, known: Known) -> NetworkData:
    """Rule `network`."""
    n_inputs = as_integer(record["n_inputs"], "n_inputs", least=1)
    widths, layers = [n_inputs], []
    n_entries = n_inputs + 1
    for k, value in enumerate(as_list(record["layers"], "layers")):
        layer = _read_layer(value, f"layers[{k}]", widths)
        n_entries += len(layer.bias) * (n_inputs + 1)
        layers.append(layer)
        widths.append(layer.n_units)
    if n_entries > _MOST_ENTRIES:
        reject(f"more than {_MOST_ENTRIES} numbers in the composed maps")
    content = [n_inputs, [[layer[key] for key in _LAYER_KEYS] for layer in _objects(record["layers"])]]
    text = json.dumps(content, separators=(",", ":"))
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return NetworkData(name, n_inputs, tuple(layers), _stages(layers), fingerprint)


def _objects(value: object) -> list[dict[str, object]]:
    return [as_object(entry, "layer") for entry in as_list(value, "layers")]


def _read_layer(value: object, where: str, widths: Sequence[int]) -> Layer:
    """One layer; `widths` are the number of inputs and of the outputs of all layers before."""
    entry = as_object(value, where)
    require_keys(entry, _LAYER_KEYS, where)
    bias = as_rationals(entry["bias"], f"{where}.bias")
    weight = _read_matrix(entry["weight"], f"{where}.weight", (len(bias), widths[-1]))
    if not bias:
        reject(f"{where} has no units")
    activation = one_of(entry["activation"], _ACTIVATIONS, f"{where}.activation")
    slope = as_rational(entry["slope"], f"{where}.slope")
    if slope != 0 and activation != "leaky_relu":
        reject(f"{where}.slope must be 0 for {activation}")
    pieces = as_integer(entry["pieces"], f"{where}.pieces", least=1)
    if (pieces > 1) != (activation == "maxout") or len(bias) % pieces:
        reject(f"{where}.pieces is {pieces}, which does not fit {activation} with {len(bias)} rows")
    sources = [(len(widths) - 1, weight)]
    for i, pair in enumerate(as_list(entry["skips"], f"{where}.skips")):
        source, matrix = as_list(pair, f"{where}.skips[{i}]", length=2)
        number = as_integer(source, f"{where}.skips[{i}][0]", least=0)
        if number >= len(widths) - 1 or (i and number <= sources[-1][0]):
            reject(f"{where}.skips[{i}] comes from {number}: not before the layer in front, or not ascending")
        shape = (len(bias), widths[number])
        sources.append((number, _read_matrix(matrix, f"{where}.skips[{i}][1]", shape)))
    den = _common_denominator([bias, *(row for _, matrix in sources for row in matrix)], where)
    scaled = tuple((k, tuple(tuple([int(x * den) for x in row]) for row in m)) for k, m in sources)
    return Layer(scaled, tuple(int(x * den) for x in bias), den, activation, slope, pieces)


def _read_matrix(value: object, where: str, shape: tuple[int, int]) -> tuple[tuple[Fraction, ...], ...]:
    rows = as_list(value, where, length=shape[0])
    return tuple(as_rationals(row, f"{where}[{i}]", length=shape[1]) for i, row in enumerate(rows))


def _common_denominator(rows: Sequence[Sequence[Fraction]], where: str) -> int:
    den = 1
    for row in rows:
        for x in row:
            if den % x.denominator:
                den = lcm(den, x.denominator)
                _require_modest(den.bit_length(), sum(map(len, rows)), where)
    return den


def _require_modest(n_bits: int, n_entries: int, where: str) -> None:
    """Reject a table of `n_entries` numbers of up to `n_bits` bits if it would fill the memory."""
    if n_bits > _MOST_BITS:
        reject(f"{where} has numbers of more than {_MOST_BITS} bits over a common denominator")
    if n_bits * n_entries > _MOST_BITS_IN_ALL:
        reject(f"{where} has more than {_MOST_BITS_IN_ALL} bits over a common denominator")


def _stages(layers: Sequence[Layer]) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    first = 0
    for k, layer in enumerate(layers):
        n_steps = {"identity": 0, "maxout": layer.pieces - 1}.get(layer.activation, 1)
        n_switches = layer.n_units * (2 if layer.activation == "hardtanh" else 1)
        for step in range(1, n_steps + 1):
            stages.append(Stage(k, step, first, n_switches))
            first += n_switches
    return tuple(stages)


# ---------------------------------------------------------------------------------------- composition


class State(NamedTuple):
    """A stage on a region where all switches before it have a sign.

    Attributes
    ----------
    number : number of the stage.
    outputs : the outputs of the layers in front of this one; None stands for the inputs themselves.
    z : the layer before its activation.
    winners : for maxout, the piece of each unit that is largest so far.
    forms : one a switch, coprime integers; None for the zero form.
    """

    number: int
    outputs: tuple[AffineMap | None, ...]
    z: AffineMap
    winners: tuple[int, ...]
    forms: tuple[Form | None, ...]


def first_state(network: NetworkData) -> State | None:
    """The first stage, on the whole space; None for a network without switches."""
    return _enter(network, 0, (None,)) if network.stages else None


def next_state(network: NetworkData, state: State, signs: Sequence[int]) -> State | None:
    """The stage after this one, given the signs +-1 of this one's switches; None after the last one."""
    following = state.number + 1
    if following == len(network.stages):
        return None
    stage = network.stages[state.number]
    layer = network.layers[stage.layer]
    winners = _winners(network, state, signs)
    if network.stages[following].layer == stage.layer:
        forms = _maxout_forms(state.z, layer.pieces, winners, stage.step + 1)
        return state._replace(number=following, winners=winners, forms=forms)
    after = _activate(layer, state.z, signs, winners)
    return _enter(network, following, (*state.outputs, after))


def output_map(network: NetworkData, state: State | None, signs: Sequence[int]) -> AffineMap:
    """The outputs of the network, in lowest terms, given the signs of the last stage.

    Parameters
    ----------
    state : the last stage, None for a network without switches.
    """
    outputs: tuple[AffineMap | None, ...] = (None,)
    if state is not None:
        layer = network.layers[network.stages[state.number].layer]
        after = _activate(layer, state.z, signs, _winners(network, state, signs))
        outputs = (*state.outputs, after)
    while len(outputs) <= len(network.layers):
        outputs = (*outputs, _compose(network.layers[len(outputs) - 1], outputs, network.n_inputs))
    last = outputs[-1]
    if last is None:
        d = network.n_inputs
        if d * (d + 1) > _MOST_ENTRIES:
            reject(f"more than {_MOST_ENTRIES} numbers in the outputs of a network without layers")
        return AffineMap(tuple(tuple([int(p == q) for q in range(d + 1)]) for p in range(d)), 1)
    divisor = gcd(last.denominator, *(x for row in last.rows for x in row))
    if divisor == 1:
        return last
    rows = tuple(tuple([x // divisor for x in row]) for row in last.rows)
    return AffineMap(rows, last.denominator // divisor)


def _winners(network: NetworkData, state: State, signs: Sequence[int]) -> tuple[int, ...]:
    """The largest pieces so far, this stage included; as they are for other layers than maxout."""
    stage = network.stages[state.number]
    if network.layers[stage.layer].activation != "maxout":
        return state.winners
    return tuple(stage.step if s > 0 else k for k, s in zip(state.winners, signs, strict=True))


def _enter(network: NetworkData, index: int, outputs: tuple[AffineMap | None, ...]) -> State:
    """Compose up to the layer of a stage, through the identity layers in front of it."""
    stage = network.stages[index]
    while len(outputs) <= stage.layer:
        outputs = (*outputs, _compose(network.layers[len(outputs) - 1], outputs, network.n_inputs))
    layer = network.layers[stage.layer]
    z = _compose(layer, outputs, network.n_inputs)
    winners: tuple[int, ...] = ()
    match layer.activation:
        case "maxout":
            winners = (0,) * layer.n_units
            forms = _maxout_forms(z, layer.pieces, winners, 1)
        case "hardtanh":
            one = z.denominator
            forms = tuple([_form((*row[:-1], row[-1] + c)) for row in z.rows for c in (one, -one)])
        case _:
            forms = tuple(map(_form, z.rows))
    return State(index, outputs, z, winners, forms)


def _maxout_forms(z: AffineMap, pieces: int, winners: Sequence[int], step: int) -> tuple[Form | None, ...]:
    return tuple(
        _form([x - y for x, y in zip(z.rows[u * pieces + step], z.rows[u * pieces + k], strict=True)])
        for u, k in enumerate(winners)
    )


def _form(row: Sequence[int]) -> Form | None:
    divisor = gcd(*row)
    if divisor < 2:
        return tuple(row) if divisor else None
    return tuple([x // divisor for x in row])


def _compose(layer: Layer, outputs: Sequence[AffineMap | None], n_inputs: int) -> AffineMap:
    """weight h + bias + skips as an affine map of the inputs."""
    inner = lcm(*(1 if (h := outputs[k]) is None else h.denominator for k, _ in layer.sources))
    rows = [[0] * n_inputs + [b * inner] for b in layer.bias]
    for k, matrix in layer.sources:
        h = outputs[k]
        scale = inner if h is None else inner // h.denominator
        for u, products in enumerate(_products(matrix, h)):
            rows[u] = [x + scale * y for x, y in zip(rows[u], products, strict=True)]
    # a common divisor of everything keeps the numbers of deep networks short
    denominator = layer.denominator * inner
    divisor = gcd(denominator, *(x for row in rows for x in row))
    if divisor > 1:
        rows = [[x // divisor for x in row] for row in rows]
    n_bits = max(x.bit_length() for row in rows for x in row)
    _require_modest(n_bits, len(rows) * (n_inputs + 1), "a composed map")
    return AffineMap(tuple(map(tuple, rows)), denominator // divisor)


def _products(matrix: Matrix, h: AffineMap | None) -> list[list[int]]:
    """The rows of matrix times h, each with n_inputs + 1 entries."""
    if h is None:
        return [[*row, 0] for row in matrix]
    # inactive units are zero rows: leave them out of every sum
    alive = [j for j, row in enumerate(h.rows) if any(row)]
    columns = list(zip(*[h.rows[j] for j in alive], strict=True)) or [()] * len(h.rows[0])
    weights = [[row[j] for j in alive] for row in matrix]
    return [[sum(map(mul, row, column)) for column in columns] for row in weights]


def _activate(layer: Layer, z: AffineMap, signs: Sequence[int], winners: Sequence[int]) -> AffineMap:
    """The layer behind its activation, on a region where its switches have these signs."""
    rows, one = z.rows, z.denominator
    zero = (0,) * len(rows[0])
    match layer.activation:
        case "relu":
            after = [row if s > 0 else zero for row, s in zip(rows, signs, strict=True)]
        case "abs":
            after = [row if s > 0 else tuple([-x for x in row]) for row, s in zip(rows, signs, strict=True)]
        case "leaky_relu":
            above, below = layer.slope.denominator, layer.slope.numerator
            one *= above
            after = [
                tuple([(above if s > 0 else below) * x for x in row])
                for row, s in zip(rows, signs, strict=True)
            ]
        case "hardtanh":
            # z + 1 <= 0: the value is -1; z - 1 >= 0: it is 1; else z
            ends = {(-1, -1): (*zero[:-1], -one), (1, 1): (*zero[:-1], one)}
            after = []
            for row, pair in zip(rows, zip(signs[::2], signs[1::2], strict=True), strict=True):
                after.append(ends.get(pair, row))
        case _:
            after = [rows[u * layer.pieces + k] for u, k in enumerate(winners)]
    return AffineMap(tuple(after), one)
