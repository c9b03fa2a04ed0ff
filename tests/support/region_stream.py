"""A verifier of the nodes of a `region_tree` in plain fractions, written from the text of the format alone.

It shares no code with the producers or the checker, composes the network on its own, and knows all
activations, maxout and skips.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from exactnet.model import Network

Vector = list[Fraction]


@dataclass(frozen=True)
class _Layer:
    weight: list[Vector]
    bias: Vector
    activation: str
    slope: Fraction
    pieces: int
    skips: list[tuple[int, list[Vector]]]

    @property
    def n_switches(self) -> int:
        if self.activation == "identity":
            return 0
        if self.activation == "maxout":
            return len(self.bias) // self.pieces * (self.pieces - 1)
        return len(self.bias) * (2 if self.activation == "hardtanh" else 1)


@dataclass
class _Region:
    """The signed forms by form number, the signs by switch, the stage and its unresolved switches."""

    above: dict[int, Vector]
    signs: dict[int, int]
    hidden: list[list[Vector]]
    pre: list[Vector] = field(default_factory=list)
    stage: dict[int, Vector] = field(default_factory=dict)
    layer: int = -1
    step: int = 0

    def copy(self) -> _Region:
        return _Region(
            dict(self.above),
            dict(self.signs),
            list(self.hidden),
            self.pre,
            dict(self.stage),
            self.layer,
            self.step,
        )


def leaves(
    network: Network | Sequence[Sequence[int]],
    domain: Sequence[Sequence[int]],
    nodes: Iterable[int],
    *,
    partial: bool = False,
) -> list[tuple[int, ...]]:
    """The signs of all leaves, if the nodes are a valid tree; AssertionError otherwise.

    `network` may be the rows of an arrangement instead: one relu layer. A partial tree may leave nodes open.
    """
    layers, d = _read(network)
    offsets = [0]
    for layer in layers:
        offsets.append(offsets[-1] + layer.n_switches)
    infinity = [Fraction(0)] * d + [Fraction(1)]
    above = {0: infinity, **{k: [*map(Fraction, row)] for k, row in enumerate(domain, start=1)}}
    identity = [[Fraction(int(i == j)) for j in range(d + 1)] for i in range(d)]
    root = _Region({k: row for k, row in above.items() if any(row)}, {}, [identity])
    numbers = iter([int(x) for x in nodes])
    found: list[tuple[int, ...]] = []
    stack = [root]
    while stack:
        region = stack.pop()
        _settle(region, layers, offsets)
        code = next(numbers)
        assert code in range(5 + partial)
        if code == 5:
            continue
        if code == 0:
            unit = next(numbers)
            form = region.stage[unit]
            positive, negative = region.copy(), region
            _resolve(positive, unit, form, 1, len(domain))
            _resolve(negative, unit, form, -1, len(domain))
            stack += [negative, positive]
        elif code in (1, 2):
            unit, names = next(numbers), _names(numbers)
            sign = 1 if code == 1 else -1
            target = [sign * x for x in region.stage[unit]]
            multipliers = solve([region.above[k] for k in names], target)
            assert multipliers is not None
            assert min(multipliers) >= 0
            _resolve(region, unit, region.stage[unit], sign, len(domain))
            stack.append(region)
        elif code == 3:
            point = [next(numbers) for _ in range(d + 1)]
            assert region.layer == len(layers)
            assert point[-1] > 0
            assert all(_dot(form, point) > 0 for form in region.above.values())
            found.append(tuple(region.signs[i] for i in range(offsets[-1])))
        else:
            names = _names(numbers)
            assert len(names) > 1
            # one relation, all of whose coefficients are positive
            first, *others = [region.above[k] for k in names]
            multipliers = solve(others, [-x for x in first])
            assert multipliers is not None
            assert min(multipliers) > 0
    assert next(numbers, None) is None
    return found


def _names(numbers: Iterator[int]) -> list[int]:
    names = [next(numbers) for _ in range(next(numbers))]
    assert names
    assert names == sorted(set(names))
    return names


def _resolve(region: _Region, unit: int, form: Vector, sign: int, n_rows: int) -> None:
    del region.stage[unit]
    region.signs[unit] = sign
    region.above[1 + n_rows + unit] = [sign * x for x in form]


def solve(columns: Sequence[Vector], target: Vector) -> Vector | None:
    """The x with sum x_j column_j = target, if it exists and the columns are independent."""
    n = len(columns)
    table = [[column[i] for column in columns] + [target[i]] for i in range(len(target))]
    for step in range(n):
        pivot = next((i for i in range(step, len(table)) if table[i][step]), None)
        if pivot is None:
            return None
        table[step], table[pivot] = table[pivot], table[step]
        top = [x / table[step][step] for x in table[step]]
        table[step] = top
        for i, row in enumerate(table):
            if i != step and row[step]:
                table[i] = [x - row[step] * y for x, y in zip(row, top, strict=True)]
    return None if any(row[n] for row in table[n:]) else [row[n] for row in table[:n]]


# -- the network -----------------------------------------------------------------------------------------


def _read(network: Network | Sequence[Sequence[int]]) -> tuple[list[_Layer], int]:
    if not isinstance(network, Network):
        rows = [[*map(Fraction, row)] for row in network]
        weight, bias = [row[:-1] for row in rows], [row[-1] for row in rows]
        return [_Layer(weight, bias, "relu", Fraction(0), 1, [])], len(rows[0]) - 1
    layers = []
    for layer in network.layers:
        skips = [(skip.source, _fractions(skip.weight)) for skip in getattr(layer, "skips", ())]
        weight, bias = _fractions(layer.weight), [Fraction(b) for b in layer.bias]
        pieces = getattr(layer, "pieces", 1)
        layers.append(_Layer(weight, bias, str(layer.activation), Fraction(layer.slope or 0), pieces, skips))
    return layers, network.n_inputs


def _fractions(matrix: object) -> list[Vector]:
    return [[Fraction(x, matrix.denominator) for x in row] for row in matrix.numerators]  # type: ignore[attr-defined]


def _dot(form: Vector, point: Sequence[int]) -> Fraction:
    return sum((x * y for x, y in zip(form, point, strict=True)), Fraction(0))


def _settle(region: _Region, layers: list[_Layer], offsets: list[int]) -> None:
    """Go on to the next stage as long as all switches of this one are resolved."""
    while not region.stage and region.layer < len(layers):
        n_steps = 0
        if region.layer >= 0:
            layer = layers[region.layer]
            n_steps = layer.pieces - 1 if layer.activation == "maxout" else min(layer.n_switches, 1)
        if region.layer >= 0 and region.step < n_steps:
            forms = _stage_forms(region, layers[region.layer], offsets[region.layer])
            region.step += 1
            region.stage = {unit: form for unit, form in forms.items() if any(form)}
            region.signs |= {unit: -1 for unit, form in forms.items() if not any(form)}
            continue
        if region.layer >= 0:
            region.hidden.append(_outputs(region, layers[region.layer], offsets[region.layer]))
        region.layer += 1
        region.step = 0
        if region.layer < len(layers):
            region.pre = _pre(region.hidden, layers[region.layer])


def _pre(hidden: list[list[Vector]], layer: _Layer) -> list[Vector]:
    width = len(hidden[0]) + 1
    rows = [[Fraction(0)] * (width - 1) + [b] for b in layer.bias]
    for source, weight in [(len(hidden) - 1, layer.weight), *layer.skips]:
        for row, weights in zip(rows, weight, strict=True):
            for w, value in zip(weights, hidden[source], strict=True):
                if w:
                    row[:] = [x + w * y for x, y in zip(row, value, strict=True)]
    return rows


def _winner(region: _Region, layer: _Layer, offset: int, unit: int, n_steps: int) -> int:
    """The piece that has won the first stages."""
    n_units = len(layer.bias) // layer.pieces
    best = 0
    for t in range(1, n_steps + 1):
        if region.signs[offset + (t - 1) * n_units + unit] > 0:
            best = t
    return best


def _stage_forms(region: _Region, layer: _Layer, offset: int) -> dict[int, Vector]:
    if layer.activation == "hardtanh":
        forms = [[*row[:-1], row[-1] + side] for row in region.pre for side in (1, -1)]
    elif layer.activation == "maxout":
        t, n_units = region.step + 1, len(layer.bias) // layer.pieces
        forms = []
        for unit in range(n_units):
            best = region.pre[unit * layer.pieces + _winner(region, layer, offset, unit, t - 1)]
            new = region.pre[unit * layer.pieces + t]
            forms.append([x - y for x, y in zip(new, best, strict=True)])
        offset += (t - 1) * n_units
    else:
        forms = region.pre
    return dict(enumerate(forms, start=offset))


def _outputs(region: _Region, layer: _Layer, offset: int) -> list[Vector]:
    def scaled(row: Vector, factor: Fraction | int) -> Vector:
        return [factor * x for x in row]

    pre, signs = region.pre, region.signs
    match layer.activation:
        case "identity":
            return pre
        case "maxout":
            n_units = len(layer.bias) // layer.pieces
            return [
                pre[u * layer.pieces + _winner(region, layer, offset, u, layer.pieces - 1)]
                for u in range(n_units)
            ]
        case "hardtanh":
            found = []
            for u, row in enumerate(pre):
                low, high = signs[offset + 2 * u], signs[offset + 2 * u + 1]
                one = [Fraction(0)] * (len(row) - 1) + [Fraction(1)]
                found.append(one if high > 0 else row if low > 0 else scaled(one, -1))
            return found
    below = {"relu": Fraction(0), "abs": Fraction(-1), "leaky_relu": layer.slope}[layer.activation]
    return [row if signs[offset + u] > 0 else scaled(row, below) for u, row in enumerate(pre)]
