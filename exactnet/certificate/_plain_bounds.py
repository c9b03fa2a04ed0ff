"""Bounds of ReLU networks in integers of any size: FORMAT.md section 7 line by line, slow and plain.

The reference of the compiled loops (:mod:`exactnet.certificate._wide_bounds`), which have to find the same
numbers. Layers are counted from 1, units of a layer from 0; all bounds are in units of 2^-grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

__all__ = [
    "Chain",
    "ChainLayer",
    "Functional",
    "PlainNode",
    "Split",
    "Unfit",
    "refine",
    "row_bound",
    "state_of",
]

DEAD, ACTIVE, UNSTABLE = 0, 1, 2
_MULTIPLIER_BITS, _INPUT_BITS, _SLOPE = 40, 60, 2**20
_MOST_TERMS, _MOST_GAIN = 2**20, 2**60


class Unfit(Exception):
    """The float32 rules say nothing about such a layer."""


@dataclass(frozen=True)
class ChainLayer:
    """z = (weight h + bias) / denominator, then max(0, z) for the units that are `relu`."""

    weight: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    denominator: int
    relu: tuple[bool, ...]


@dataclass(frozen=True)
class Chain:
    """The lowered network."""

    n_inputs: int
    layers: tuple[ChainLayer, ...]


@dataclass
class PlainNode:
    """What is known at a node: the box of the inputs; bounds and noise of each unit of each layer."""

    lo: list[int]
    hi: list[int]
    lower: list[list[int]] = field(default_factory=list)
    upper: list[list[int]] = field(default_factory=list)
    noise: list[list[int]] = field(default_factory=list)

    def copy(self) -> PlainNode:
        """An independent copy."""
        tables = ([row[:] for row in table] for table in (self.lower, self.upper, self.noise))
        return PlainNode(self.lo[:], self.hi[:], *tables)


@dataclass(frozen=True)
class Split:
    """A multiplier times / 2^down on the sign of z of a unit: z >= 0 if `positive`, else z <= 0."""

    layer: int
    unit: int
    positive: bool
    times: int
    down: int


@dataclass(frozen=True)
class Functional:
    """sum u h / q + direct.x + constant over the outputs h of a layer; the constant is in grid units."""

    layer: int
    u: tuple[int, ...]
    q: Fraction
    constant: int
    direct: tuple[Fraction, ...] = ()


def _floor(x: int, down: int) -> int:
    return x >> down if down >= 0 else x << -down


def _ceil(x: int, down: int) -> int:
    return -_floor(-x, down)


def _times_power(q: Fraction, k: int) -> Fraction:
    return q * (1 << k) if k >= 0 else q / (1 << -k)


def state_of(node: PlainNode, layer: ChainLayer, m: int, i: int) -> int:
    """Whether unit i of layer m is dead, active or unstable; linear units are active."""
    if not layer.relu[i]:
        return ACTIVE
    if node.upper[m - 1][i] <= 0:
        return DEAD
    return ACTIVE if node.lower[m - 1][i] >= 0 else UNSTABLE


def _ranges(chain: Chain, node: PlainNode, m: int) -> list[tuple[int, int]]:
    if m == 0:
        return list(zip(node.lo, node.hi, strict=True))
    bounds = zip(node.lower[m - 1], node.upper[m - 1], chain.layers[m - 1].relu, strict=True)
    return [(a, b) if not relu else (max(a, 0), b) if b > 0 else (0, 0) for a, b, relu in bounds]


def refine(chain: Chain, node: PlainNode, *, grid: int, float32: bool) -> None:
    """Recompute noise and bounds of all layers in place; the first time for every unit.

    Raises
    ------
    Unfit : a layer is outside the rules of float32.
    """
    for m, layer in enumerate(chain.layers, start=1):
        root = len(node.lower) < m
        ranges = _ranges(chain, node, m - 1)
        n = len(layer.bias)
        if float32 and sum(max(abs(p), abs(q)) for p, q in ranges) >= _MOST_GAIN << grid:
            raise Unfit("values that are too large for the rounding bound")
        noise = [_noise(layer, i, ranges, grid) if float32 else 0 for i in range(n)]
        if root:
            node.noise.append(noise)
            found = [_interval(layer, i, ranges, grid, noise[i]) for i in range(n)]
            node.lower.append([pair[0] for pair in found])
            node.upper.append([pair[1] for pair in found])
        else:
            node.noise[m - 1] = noise
            for i in range(n):
                if not layer.relu[i] or (m == 1 and state_of(node, layer, m, i) == UNSTABLE):
                    _meet(node, m, i, _interval(layer, i, ranges, grid, noise[i]))
        if m == 1:
            continue
        for i in range(n):
            if state_of(node, layer, m, i) == UNSTABLE:
                least = _unit_bound(chain, node, m, i, 1, grid)
                _meet(node, m, i, (least, -_unit_bound(chain, node, m, i, -1, grid)))


def _meet(node: PlainNode, m: int, i: int, pair: tuple[int, int]) -> None:
    node.lower[m - 1][i] = max(node.lower[m - 1][i], pair[0])
    node.upper[m - 1][i] = min(node.upper[m - 1][i], pair[1])


def _noise(layer: ChainLayer, i: int, ranges: Sequence[tuple[int, int]], grid: int) -> int:
    row, bias, den = layer.weight[i], abs(layer.bias[i]) << grid, layer.denominator
    terms = sum(a != 0 for a in row)
    total = bias + sum(abs(a) * max(abs(p), abs(q)) for a, (p, q) in zip(row, ranges, strict=True))
    if terms >= _MOST_TERMS or sum(map(abs, row)) + abs(layer.bias[i]) >= _MOST_GAIN * den:
        raise Unfit("too many terms, or too large weights, for the rounding bound")
    return 1 - (-(terms + 2) * total // ((2**24 - terms - 2) * den))


def _interval(
    layer: ChainLayer, i: int, ranges: Sequence[tuple[int, int]], grid: int, noise: int
) -> tuple[int, int]:
    least = most = layer.bias[i] << grid
    for a, (p, q) in zip(layer.weight[i], ranges, strict=True):
        least += a * (p if a > 0 else q)
        most += a * (q if a > 0 else p)
    return least // layer.denominator - noise, -(-most // layer.denominator) + noise


def _unit_bound(chain: Chain, node: PlainNode, m: int, i: int, sign: int, grid: int) -> int:
    layer = chain.layers[m - 1]
    constant = (sign * layer.bias[i] << grid) // layer.denominator - node.noise[m - 1][i]
    u = tuple(sign * a for a in layer.weight[i])
    return row_bound(chain, node, Functional(m - 1, u, Fraction(layer.denominator), constant), grid=grid)


def row_bound(
    chain: Chain,
    node: PlainNode,
    f: Functional,
    *,
    grid: int,
    mode: int = 0,
    alphas: Mapping[tuple[int, int], int] | None = None,
    splits: Sequence[Split] = (),
) -> int:
    """A lower bound of a functional, by the backward pass.

    Parameters
    ----------
    mode : lower slopes of unstable units: 0 adaptive, 1 all one, 2 all zero.
    alphas : slopes times 256 under (layer, unit), in place of those of the mode.
    splits : with their multipliers.
    """
    u, q, c = list(f.u), f.q, f.constant
    for m in range(f.layer, 0, -1):
        layer = chain.layers[m - 1]
        states = [state_of(node, layer, m, i) for i in range(len(u))]
        lower, upper = node.lower[m - 1], node.upper[m - 1]
        u = [0 if state == DEAD else x for x, state in zip(u, states, strict=True)]
        v, t, inexact = _rounded(u, q, _MULTIPLIER_BITS)
        c -= _ceil(sum(max(0, -lower[i]) for i in range(len(u)) if inexact[i] and not layer.relu[i]), t)
        w, gap = [], 0
        for i, x in enumerate(v):
            if states[i] != UNSTABLE:
                w.append(x * _SLOPE)
            elif x >= 0:
                adaptive = 256 if upper[i] + lower[i] >= 0 else 0
                w.append(x * ((alphas or {}).get((m, i), (adaptive, 256, 0)[mode]) << 12))
            else:
                slope = upper[i] * _SLOPE // (upper[i] - lower[i])
                w.append(x * slope)
                gap += x * -(-max(-slope * lower[i], (_SLOPE - slope) * upper[i]) // _SLOPE)
        c += _floor(gap, t)
        for split in splits:
            if split.layer == m:
                step = _floor(split.times, split.down - t - 20)
                w[split.unit] += -step if split.positive else step
        c -= _ceil(sum(abs(x) * rho for x, rho in zip(w, node.noise[m - 1], strict=True)), t + 20)
        q = _times_power(Fraction(layer.denominator), t + 20)
        total = sum(x * b for x, b in zip(w, layer.bias, strict=True)) << grid
        c += total * q.denominator // q.numerator
        columns = range(len(layer.weight[0]))
        u = [sum(x * row[j] for x, row in zip(w, layer.weight, strict=True) if x) for j in columns]
    return c + _over_box(node, u, q, f.direct)


def _bit_length(q: Fraction) -> int:
    # of q = odd 2^k, as if it were shifted to an integer
    return q.numerator.bit_length() - q.denominator.bit_length() + 1


def _rounded(u: Sequence[int], q: Fraction, bits: int) -> tuple[list[int], int, list[int]]:
    """v = floor(u 2^t / q) with about so many bits, t, and where something was lost."""
    largest = max((abs(x) for x in u), default=0)
    if not largest:
        return [0] * len(u), 0, [0] * len(u)
    t = bits - largest.bit_length() + _bit_length(q) - 1
    scale = _times_power(1 / q, t)
    v = [x * scale.numerator // scale.denominator for x in u]
    return v, t, [int(x * scale.numerator % scale.denominator != 0) for x in u]


def _over_box(node: PlainNode, u: Sequence[int], q: Fraction, direct: Sequence[Fraction]) -> int:
    v, t, inexact = _rounded(u, q, _INPUT_BITS)
    if any(direct):
        if not any(u):
            t = _INPUT_BITS - max(-(-abs(e.numerator) // e.denominator) for e in direct).bit_length()
        for i, e in enumerate(direct):
            scaled = _times_power(e, t)
            v[i] += scaled.numerator // scaled.denominator
            inexact[i] += scaled.denominator != 1
    total = 0
    for x, lost, lo, hi in zip(v, inexact, node.lo, node.hi, strict=True):
        total += x * (lo if x >= 0 else hi) - lost * max(0, -lo)
    return _floor(total, t)
