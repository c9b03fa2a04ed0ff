"""Bounds on the units of a network in a box, and lower bounds of functionals, in integers (FORMAT.md 7).

All bounds are integers in grid units, 2^-g. Every step rounds to the safe side; the letters are those of
FORMAT.md, where each step has its proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import compress
from operator import mul
from typing import NamedTuple

from exactnet.checker.read import reject
from exactnet.checker.relu_network import ReluLayer, ReluNetwork

__all__ = ["ALPHA_BITS", "Bounds", "Functional", "Multipliers", "Propagation", "Split"]

Ints = list[int]

ADAPTIVE, _ALL, _NONE = 0, 1, 2
ALPHA_BITS = 8
_BITS, _SLOPE_BITS, _INPUT_BITS = 40, 20, 60
_ONE = 1 << _SLOPE_BITS
# what keeps a hostile file from keeping the checker busy for ever
_MOST_WORK = 10**12


class Split(NamedTuple):
    """z >= 0 of a unit (sign 1) or z <= 0 (sign -1); layers count from 1."""

    layer: int
    unit: int
    sign: int


class Functional(NamedTuple):
    """sum u h / q over the values of the last layer, plus direct.x if there is any, plus c in grid units."""

    u: Ints
    q: int
    c: int
    direct: list[Fraction] | None


class Multipliers(NamedTuple):
    """The choices of a proof: `mode`, alpha by the flat numbers of units, and b/2^e for splits."""

    mode: int = ADAPTIVE
    alphas: Mapping[int, int] = {}
    betas: Sequence[tuple[Split, int]] = ()
    e: int = 0


class _View(NamedTuple):
    """What a backward pass needs of a layer; all lists have one entry a unit that is not dead.

    Attributes
    ----------
    live, mask : the units that are not dead, as numbers and as one truth value a unit.
    columns : for each value in front that is not dead its weights in this layer.
    above, below : slopes, times 2^20, for v >= 0 with adaptive alpha, and for v < 0.
    intercept : I, 0 for units that are not unstable.
    unstable : positions of the unstable units.
    charged : positions of the linear units with L < 0, and -L.
    """

    live: Ints
    mask: list[bool]
    columns: Sequence[Sequence[int]]
    bias: Ints
    noise: Ints
    above: Ints
    below: Ints
    intercept: Ints
    unstable: Ints
    charged: list[tuple[int, int]]


@dataclass
class Bounds:
    """Bounds for all points of a node: of the inputs, and layer by layer of the units, with their noise."""

    lo: Ints
    hi: Ints
    low: list[Ints] = field(default_factory=list)
    high: list[Ints] = field(default_factory=list)
    noise: list[Ints] = field(default_factory=list)
    views: dict[int, _View] = field(default_factory=dict)

    def without_views(self) -> Bounds:
        """The same, to be kept for later in less memory."""
        return Bounds(self.lo, self.hi, self.low, self.high, self.noise)

    @property
    def is_empty(self) -> bool:
        """Whether some unit has a lower bound above its upper one."""
        pairs = zip(self.low, self.high, strict=True)
        return any(a > b for low, high in pairs for a, b in zip(low, high, strict=True))


class Propagation:
    """Bounds for one network, grid and semantics.

    Parameters
    ----------
    grid : g.
    float32 : whether the rounding noise of binary32 is added.

    Raises
    ------
    Rejection
        float32, and a layer is too wide or its weights too large.
    """

    def __init__(self, network: ReluNetwork, grid: int, *, float32: bool) -> None:
        self.network, self.grid, self.float32 = network, grid, float32
        self.work = 0
        for layer in network.layers if float32 else ():
            if max(layer.n_weights) >= 2**20:
                reject("the semantics float32 provides for less than 2^20 weights a unit")
            totals = (sum(row) + abs(b) for row, b in zip(layer.size, layer.bias, strict=True))
            if max(totals) >= layer.denominator << 60:
                reject("the semantics float32 provides for weights of less than 2^60 in all a unit")

    # ---------------------------------------------------------------------------------------- bounds

    def root(self, lo: Ints, hi: Ints) -> Bounds:
        """The refined bounds of a box about which nothing is known."""
        return self._refined(Bounds(lo, hi), None)

    def refined(self, known: Bounds, lo: Ints, hi: Ints) -> Bounds:
        """The refined bounds of a part of a box."""
        return self._refined(Bounds(lo, hi), known)

    def split(self, known: Bounds, split: Split) -> Bounds:
        """The bounds with z >= 0, or z <= 0, for one unit; nothing else changes."""
        m, unit = split.layer, split.unit
        low, high = list(known.low), list(known.high)
        if split.sign > 0:
            low[m - 1] = list(low[m - 1])
            low[m - 1][unit] = max(low[m - 1][unit], 0)
        else:
            high[m - 1] = list(high[m - 1])
            high[m - 1][unit] = min(high[m - 1][unit], 0)
        views = {k: view for k, view in known.views.items() if k not in (m, m + 1)}
        return Bounds(known.lo, known.hi, low, high, known.noise, views)

    def ranges(self, bounds: Bounds, m: int) -> tuple[Ints, Ints]:
        """The ranges of the values of layer m, of the inputs for m = 0."""
        if m == 0:
            return bounds.lo, bounds.hi
        low, high, relu = bounds.low[m - 1], bounds.high[m - 1], self.network.layers[m - 1].is_relu
        return (
            [(max(a, 0) if b > 0 else 0) if r else a for a, b, r in zip(low, high, relu, strict=True)],
            [max(b, 0) if r else b for b, r in zip(high, relu, strict=True)],
        )

    def _refined(self, new: Bounds, known: Bounds | None) -> Bounds:
        for m, layer in enumerate(self.network.layers, start=1):
            ranges = self.ranges(new, m - 1)
            n = len(layer.bias)
            new.noise.append(self._noise(layer, *ranges) if self.float32 else [0] * n)
            if known is None:
                low, high, chosen = [0] * n, [0] * n, list(range(n))
            else:
                low, high = list(known.low[m - 1]), list(known.high[m - 1])
                chosen = _not_stable(layer, low, high) if m == 1 else _linear(layer)
            self.spend(2 * len(layer.weight[0]) * len(chosen))
            for j in chosen:
                a, b = self._interval(layer, j, new.noise[-1][j], *ranges)
                low[j], high[j] = (a, b) if known is None else (max(low[j], a), min(high[j], b))
            new.low.append(low)
            new.high.append(high)
            if m > 1:
                for j in [j for j in _not_stable(layer, low, high) if layer.is_relu[j]]:
                    a, b = self._unit_bounds(new, m, j)
                    low[j], high[j] = max(low[j], a), min(high[j], b)
        return new

    def _noise(self, layer: ReluLayer, lo: Ints, hi: Ints) -> Ints:
        """rho of each unit of a layer, from the ranges of the values in front."""
        top = [max(abs(a), abs(b)) for a, b in zip(lo, hi, strict=True)]
        if sum(top) >> (60 + self.grid):
            reject("the semantics float32 provides for values of less than 2^60 in all a layer")
        self.spend(len(layer.bias) * len(top))
        one = layer.denominator
        return [
            1
            + _quotient_up(
                (nu + 2) * (sum(map(mul, row, top)) + (abs(b) << self.grid)), (2**24 - nu - 2) * one
            )
            for nu, row, b in zip(layer.n_weights, layer.size, layer.bias, strict=True)
        ]

    def _interval(self, layer: ReluLayer, j: int, rho: int, lo: Ints, hi: Ints) -> tuple[int, int]:
        above, below, b = layer.positive[j], layer.negative[j], layer.bias[j] << self.grid
        least = sum(map(mul, above, lo)) + sum(map(mul, below, hi)) + b
        most = sum(map(mul, above, hi)) + sum(map(mul, below, lo)) + b
        return least // layer.denominator - rho, _quotient_up(most, layer.denominator) + rho

    def _unit_bounds(self, bounds: Bounds, m: int, j: int) -> tuple[int, int]:
        """A lower and an upper bound of z of unit j of layer m >= 2."""
        layer = self.network.layers[m - 1]
        row = list(compress(layer.weight[j], self._view(bounds, m - 1).mask))
        b, one, rho = layer.bias[j] << self.grid, layer.denominator, bounds.noise[m - 1][j]
        least = self._backward(bounds, m - 1, Functional(row, one, b // one - rho, None), Multipliers())
        opposite = Functional([-a for a in row], one, -b // one - rho, None)
        return least, -self._backward(bounds, m - 1, opposite, Multipliers())

    # --------------------------------------------------------------------------------- backward pass

    def least(self, bounds: Bounds, functional: Functional, choices: Multipliers) -> int:
        """A lower bound of a functional of the outputs, in grid units."""
        m = len(self.network.layers)
        if m == 0:
            return self._backward(bounds, 0, functional, choices)
        u = list(compress(functional.u, self._view(bounds, m).mask))
        return self._backward(bounds, m, functional._replace(u=u), choices)

    def _backward(self, bounds: Bounds, last: int, functional: Functional, choices: Multipliers) -> int:
        """The same for a functional of the values of layer `last`, u without the dead units (step 0)."""
        self.spend(self.network.work[last])
        u, q, c, direct = functional
        for m in range(last, 0, -1):
            view, layer = self._view(bounds, m), self.network.layers[m - 1]
            v, t = _rounded(u, q, _BITS)  # step 1
            if view.charged:
                c -= _ceil(sum(a for p, a in view.charged if _is_cut(u[p], q, v[p], t)), t)
            above = self._slopes(view, m, choices)  # step 2
            w = [x * a if x > 0 else x * b for x, a, b in zip(v, above, view.below, strict=True)]
            if view.unstable:
                c += _floor(sum([x * i for x, i in zip(v, view.intercept, strict=True) if x < 0]), t)
            dead = self._add_betas(w, view, m, t, choices)  # step 3
            if self.float32:  # step 4
                noise = sum(map(mul, map(abs, w), view.noise))
                noise += sum(abs(x) * bounds.noise[m - 1][i] for i, x in dead.items())
                c -= _ceil(noise, t + _SLOPE_BITS)
            u = [sum(map(mul, w, column)) for column in view.columns]  # step 5
            constant = sum(map(mul, w, view.bias)) + sum(x * layer.bias[i] for i, x in dead.items())
            for i, x in dead.items():
                row = compress(layer.weight[i], self._view(bounds, m - 1).mask) if m > 1 else layer.weight[i]
                u = [y + x * a for y, a in zip(u, row, strict=True)]
            scale = t + _SLOPE_BITS
            q = layer.denominator << max(scale, 0)
            if scale < 0:
                u, constant = [x << -scale for x in u], constant << -scale
            c += (constant << self.grid) // q
        return c + _at_inputs(u, q, direct, bounds.lo, bounds.hi)

    def _slopes(self, view: _View, m: int, choices: Multipliers) -> Ints:
        """The slopes for v >= 0, times 2^20."""
        if not view.unstable or (choices.mode == ADAPTIVE and not choices.alphas):
            return view.above
        above, first = list(view.above), self.network.first_units[m - 1]
        for p in view.unstable:
            if choices.mode != ADAPTIVE:
                above[p] = _ONE if choices.mode == _ALL else 0
            alpha = choices.alphas.get(first + view.live[p])
            if alpha is not None:
                above[p] = alpha << (_SLOPE_BITS - ALPHA_BITS)
        return above

    def _add_betas(self, w: Ints, view: _View, m: int, t: int, choices: Multipliers) -> dict[int, int]:
        """Add the multipliers of the splits of layer m to w; returns those of dead units by their numbers."""
        dead: dict[int, int] = {}
        for split, b in choices.betas:
            if split.layer == m:
                amount = -split.sign * _floor(b, choices.e - t - _SLOPE_BITS)
                if view.mask[split.unit]:
                    w[sum(view.mask[: split.unit])] += amount
                else:
                    dead[split.unit] = dead.get(split.unit, 0) + amount
        return dead

    def _view(self, bounds: Bounds, m: int) -> _View:
        if m not in bounds.views:
            before = self._view(bounds, m - 1).mask if m > 1 else None
            bounds.views[m] = _make_view(self.network.layers[m - 1], bounds, m, before)
        return bounds.views[m]

    def spend(self, n_products: int) -> None:
        """Count multiplications; reject when there are too many."""
        self.work += n_products
        if self.work > _MOST_WORK:
            reject(f"the bounds need more than {_MOST_WORK} multiplications")


def _make_view(layer: ReluLayer, bounds: Bounds, m: int, before: list[bool] | None) -> _View:
    low, high, relu = bounds.low[m - 1], bounds.high[m - 1], layer.is_relu
    mask = [b > 0 or not r for b, r in zip(high, relu, strict=True)]
    live = list(compress(range(len(mask)), mask))
    rows = [layer.weight[i] if before is None else list(compress(layer.weight[i], before)) for i in live]
    n_before = len(layer.weight[0]) if before is None else sum(before)
    above, below, intercept = [_ONE] * len(live), [_ONE] * len(live), [0] * len(live)
    unstable, charged = [], []
    for p, i in enumerate(live):
        a, b = low[i], high[i]
        if a >= 0:
            continue
        if not relu[i]:
            charged.append((p, -a))
            continue
        slope = (b << _SLOPE_BITS) // (b - a)
        unstable.append(p)
        above[p] = _ONE if a + b >= 0 else 0
        below[p] = slope
        intercept[p] = _ceil(max(-slope * a, (_ONE - slope) * b), _SLOPE_BITS)
    columns = list(zip(*rows, strict=True)) if rows else [()] * n_before
    bias, noise = ([table[i] for i in live] for table in (layer.bias, bounds.noise[m - 1]))
    return _View(live, mask, columns, bias, noise, above, below, intercept, unstable, charged)


def _not_stable(layer: ReluLayer, low: Ints, high: Ints) -> Ints:
    """The units that are linear or unstable."""
    units = zip(low, high, layer.is_relu, strict=True)
    return [j for j, (a, b, relu) in enumerate(units) if not relu or a < 0 < b]


def _linear(layer: ReluLayer) -> Ints:
    return [j for j, relu in enumerate(layer.is_relu) if not relu]


def _at_inputs(u: Ints, q: int, direct: list[Fraction] | None, lo: Ints, hi: Ints) -> int:
    """The last step: the least value of u.x / q + direct.x over the box, in grid units."""
    v, t = _rounded(u, q, _INPUT_BITS)
    cut = sum(-a for x, y, a in zip(u, v, lo, strict=True) if a < 0 and _is_cut(x, q, y, t))
    if direct is not None and any(direct):
        if not any(u):
            t = _INPUT_BITS - max(_quotient_up(abs(e.numerator), e.denominator) for e in direct).bit_length()
        parts = [e * (1 << t) if t >= 0 else e / (1 << -t) for e in direct]
        floors = [part.numerator // part.denominator for part in parts]
        cut += sum(-a for e, f, a in zip(parts, floors, lo, strict=True) if a < 0 and e != f)
        v = [x + f for x, f in zip(v, floors, strict=True)]
    return _floor(sum(x * (a if x >= 0 else b) for x, a, b in zip(v, lo, hi, strict=True)) - cut, t)


def _rounded(u: Ints, q: int, n_bits: int) -> tuple[Ints, int]:
    """v and t with v = floor(u 2^t / q), the largest of about n_bits binary digits."""
    top = max(map(abs, u), default=0)
    if not top:
        return u, 0
    t = n_bits - top.bit_length() + q.bit_length() - 1
    if q & (q - 1) == 0:  # a power of two
        down = q.bit_length() - 1 - t
        return [x >> down for x in u] if down >= 0 else [x << -down for x in u], t
    if t >= 0:
        return [(x << t) // q for x in u], t
    return [x // (q << -t) for x in u], t


def _is_cut(x: int, q: int, v: int, t: int) -> bool:
    """Whether v is not exactly x 2^t / q."""
    return x << t != v * q if t >= 0 else x != v * (q << -t)


def _floor(x: int, down: int) -> int:
    """floor(x / 2^down)."""
    return x >> down if down >= 0 else x << -down


def _ceil(x: int, down: int) -> int:
    """ceil(x / 2^down)."""
    return -(-x >> down) if down >= 0 else x << -down


def _quotient_up(x: int, y: int) -> int:
    """ceil(x / y)."""
    return -(-x // y)
