"""Decide a case where no ReLU is open any more: an exact linear program in the inputs, ties included.

On such a part of the box the network is one affine map, so a case asks for a point of the box with

    g_k(x) = a_k . x + d_k <= 0    (< 0 for a strict row),

the rows of the case and the signs of the split units. Either there is a point, or multipliers mu >= 0 show
that there is none: the minimum of sum mu_k g_k over the box is positive, or zero with a strict row in it. Of
many inputs only those that lie between their bounds at the optimum matter; the program is solved over a few
inputs, the others stay at a bound, and inputs that could help are added until none is left (column
generation, Dantzig & Wolfe 1960).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, common_denominator, feasible, primitive, solve_lp
from exactnet.model.property import Case
from exactnet.verify.lowered import ReluNetwork

__all__ = ["Leaf", "exact_leaf"]

Point = tuple[Fraction, ...]

_ADDED = 8
_SHORT = (8, 16, 40)


class Leaf(NamedTuple):
    """How a leaf was decided: the integers of a proof (code -2 of FORMAT.md), or a point of the case."""

    proof: tuple[int, ...] | None = None
    point: Point | None = None


class _Affine(NamedTuple):
    """x -> a . x + d, and whether a point needs a value below zero instead of at most zero."""

    a: Point
    d: Fraction
    strict: bool = False

    def __call__(self, x: Point) -> Fraction:
        return sum((c * v for c, v in zip(self.a, x, strict=True) if c), self.d)


@dataclass(frozen=True)
class _Task:
    """Functions g_k that should all be at most zero at some point of a box; rows of a case come first."""

    forms: tuple[_Affine, ...]
    lower: Point
    upper: Point

    def least(self, weights: Sequence[Fraction | int]) -> Fraction:
        """The minimum of sum weights_k g_k over the box."""
        total = sum((w * g.d for w, g in zip(weights, self.forms, strict=True) if w), Fraction(0))
        for i, r in enumerate(self.combined(weights)):
            total += r * (self.lower[i] if r > 0 else self.upper[i])
        return total

    def combined(self, weights: Sequence[Fraction | int]) -> list[Fraction]:
        """The coefficients of sum weights_k g_k."""
        used = [(w, g.a) for w, g in zip(weights, self.forms, strict=True) if w]
        return [sum((w * a[i] for w, a in used), Fraction(0)) for i in range(len(self.lower))]

    def proves(self, weights: Sequence[Fraction | int]) -> bool:
        """Whether these multipliers show that there is no point."""
        least = self.least(weights)
        strict = any(w > 0 and g.strict for w, g in zip(weights, self.forms, strict=True))
        return least > 0 or (least == 0 and strict)

    def holds(self, x: Point) -> bool:
        """Whether x, a point of the box, is one."""
        return all((v < 0 if g.strict else v <= 0) for g, v in ((g, g(x)) for g in self.forms))


def exact_leaf(
    net: ReluNetwork,
    active: Sequence[Sequence[bool]],
    splits: Sequence[tuple[int, int, int]],
    case: Case,
    box: tuple[Point, Point],
) -> Leaf:
    """Decide a case on a box where every relu unit is active or dead (given the signs of the split units).

    Parameters
    ----------
    net : the lowered network.
    active : for each layer one truth value a unit: is its value its pre-activation? True for linear units;
        a relu unit with False has the value 0.
    splits : (layer from 1, unit, sign) in the order of the path: z >= 0 for sign 1, z <= 0 for -1.
    case : whose rows are asked for; its own box does not matter.
    box : exact lower and upper bounds of the inputs, lower <= upper.

    Returns
    -------
    Leaf : with a proof, for real arithmetic; or with a point of the box that has these signs and satisfies
        the rows, so a counterexample if the box lies in that of the case and `active` is right there.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.model.property import Row
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([([[1]], [0]), ([[2]], [1])]))       # 2 relu(x) + 1
    >>> unit = (Fraction(0),), (Fraction(1),)
    >>> rows = [Row.from_terms({}, {0: 1}, 1, strict=strict) for strict in (False, True)]
    >>> for row in rows:
    ...     exact_leaf(net, ((True,), (True,)), (), Case(*unit, (row,)), unit)
    Leaf(proof=None, point=(Fraction(0, 1),))
    Leaf(proof=(-2, 1, 0), point=None)
    """
    task = _Task(tuple(_forms(net, active, splits, case)), *box)
    point, weights = _decided(task)
    if weights is None:
        return Leaf(point=point)
    short = _shortened(task, weights)
    n_rows = len(case.rows)
    pairs = [(k, b) for k, b in enumerate(short[n_rows:]) if b]
    return Leaf(proof=(-2, *short[:n_rows], len(pairs), *(n for pair in pairs for n in pair)))


# -- the affine maps ---------------------------------------------------------------------------------------


def _forms(
    net: ReluNetwork, active: Sequence[Sequence[bool]], splits: Sequence[tuple[int, int, int]], case: Case
) -> list[_Affine]:
    forms = []
    last = len(net.layers)
    for row in case.rows:
        u = [Fraction(0)] * net.n_outputs
        for j, c in row.outputs:
            u[j] = c
        a, d = _through(net, active, last, u)
        for i, c in row.inputs:
            a[i] += c
        forms.append(_Affine(tuple(a), d - row.bound, row.strict))
    for layer, unit, sign in splits:
        one = net.layers[layer - 1]
        scale = Fraction(-sign, one.denominator)
        a, d = _through(net, active, layer - 1, [scale * x for x in one.weight[unit]])
        forms.append(_Affine(tuple(a), d + scale * one.bias[unit]))
    return forms


def _through(
    net: ReluNetwork, active: Sequence[Sequence[bool]], n_layers: int, u: Sequence[Fraction]
) -> tuple[list[Fraction], Fraction]:
    """u . h over the values of layer n_layers as an affine function of the inputs."""
    d = Fraction(0)
    for layer, alive in zip(reversed(net.layers[:n_layers]), reversed(active[:n_layers]), strict=True):
        den = common_denominator(u)
        live = [
            (v.numerator * (den // v.denominator), row, b)
            for v, row, b, on in zip(u, layer.weight, layer.bias, alive, strict=True)
            if on and v
        ]
        total = [0] * len(layer.weight[0])
        for w, row, _ in live:
            total = [t + w * x for t, x in zip(total, row, strict=True)]
        den *= layer.denominator
        d += Fraction(sum(w * b for w, _, b in live), den)
        u = [Fraction(t, den) for t in total]
    return list(u), d


# -- a point or multipliers --------------------------------------------------------------------------------


def _decided(task: _Task) -> tuple[Point | None, Point | None]:
    """A point, or else multipliers."""
    start = task.combined((1,) * len(task.forms))
    x = [lo if r > 0 else hi for r, lo, hi in zip(start, task.lower, task.upper, strict=True)]
    if task.holds(tuple(x)):
        return tuple(x), None
    free: list[int] = []
    solve = _deepest
    while True:
        inner, weights = solve(task, x, free)
        for i, value in zip(free, inner, strict=True):
            x[i] = value
        if task.holds(tuple(x)):
            return tuple(x), None
        if task.proves(weights):
            return None, weights
        helpful = _helpful(task, weights, x, free)
        if not helpful:
            if solve is _strictly:
                raise InvariantError(
                    "multipliers that no input improves are no proof", reproduction=repr(task)
                )
            solve = _strictly  # a tie that only the strict rows decide
        free = sorted([*free, *helpful])


def _helpful(task: _Task, weights: Point, x: list[Fraction], free: list[int]) -> list[int]:
    """Some inputs outside the program that could lower the weighted sum by leaving their bound."""
    taken = set(free)
    gains = []
    for i, r in enumerate(task.combined(weights)):
        best = task.lower[i] if r > 0 else task.upper[i]
        if i not in taken and r and x[i] != best:
            gains.append((abs(r * (x[i] - best)), i))
    gains.sort(key=lambda gain: (-gain[0], gain[1]))
    return [i for _, i in gains[: max(_ADDED, len(task.forms))]]


def _rows_over(
    task: _Task, x: list[Fraction], free: list[int]
) -> tuple[list[list[Fraction]], list[Fraction], list[list[Fraction]], list[Fraction]]:
    """The functions g_k and the box over the free inputs as rows "<=": two lists of rows and right sides."""
    n = len(free)
    inside = set(free)
    rows = [[g.a[i] for i in free] for g in task.forms]
    sides = [-sum((c * x[i] for i, c in enumerate(g.a) if c and i not in inside), g.d) for g in task.forms]
    box, ends = [], []
    for k, i in enumerate(free):
        unit = [Fraction(int(k == j)) for j in range(n)]
        box += [unit, [-v for v in unit]]
        ends += [task.upper[i], -task.lower[i]]
    return rows, sides, box, ends


def _deepest(task: _Task, x: list[Fraction], free: list[int]) -> tuple[Point, Point]:
    """Minimise the largest g_k / scale_k over the free inputs: the minimiser and its multipliers."""
    rows, sides, box, ends = _rows_over(task, x, free)
    zero = Fraction(0)
    scales = [_scale(task, g) for g in task.forms]
    system = LinearSystem(
        [*([*row, -s] for row, s in zip(rows, scales, strict=True)), *([*row, zero] for row in box)],
        ["<="] * (len(rows) + len(box)),
        [*sides, *ends],
    )
    outcome = solve_lp(system, [zero] * len(free) + [Fraction(1)])
    if outcome.point is None or outcome.multipliers is None:
        raise InvariantError("a program over a box has an optimum", reproduction=repr(task))
    return outcome.point[:-1], outcome.multipliers[: len(rows)]


def _scale(task: _Task, g: _Affine) -> Fraction:
    """A power of two about as large as what g varies over the box, so that no function is out of scale."""
    reach = sum(
        (abs(c) * (hi - lo) for c, lo, hi in zip(g.a, task.lower, task.upper, strict=True)), Fraction(0)
    )
    if not reach:
        return Fraction(1)
    return Fraction(2) ** (reach.numerator.bit_length() - reach.denominator.bit_length())


def _strictly(task: _Task, x: list[Fraction], free: list[int]) -> tuple[Point, Point]:
    """A point over the free inputs, or where there is none the old one and multipliers that show it."""
    rows, sides, box, ends = _rows_over(task, x, free)
    relations = ["<" if g.strict else "<=" for g in task.forms] + ["<="] * len(box)
    found = feasible(LinearSystem([*rows, *box], relations, [*sides, *ends], n_variables=len(free)))
    old = tuple(x[i] for i in free)
    if found.multipliers is None:
        return found.point or old, (Fraction(0),) * len(rows)
    return old, found.multipliers[: len(rows)]


def _shortened(task: _Task, weights: Point) -> tuple[int, ...]:
    """Integer multipliers in proportion: a few bits if they still prove, else exactly these."""
    largest = max(weights)
    for bits in _SHORT:
        short = primitive([round(w * 2**bits / largest) for w in weights])
        if task.proves(short):
            return short
    return primitive(weights)
