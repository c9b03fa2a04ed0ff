"""Look for a violation by floating-point search; only exact evaluation calls one found.

A point of the input set is scored by the worst row of the case that comes nearest to holding: random points
first, then projected gradient descent from the best of each case, then random points in shrinking
boxes around the best. Whatever looks like a violation is moved into the exact box, tried at the nearest
binary32 numbers and at its own exact value, and evaluated in rationals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.io.floats import is_float32
from exactnet.model.property import Property
from exactnet.verify.float_cases import FloatCases, Floats, float_cases
from exactnet.verify.lowered import ReluNetwork

__all__ = ["Attack", "Witness", "attack", "confirm", "float32_point", "inside", "refine"]

Point = tuple[Fraction, ...]

N_RANDOM = 2048
N_STARTS = 48
N_STEPS = 30
N_ROUNDS = 8
N_AROUND = 64
# candidates that are evaluated exactly, one group of cases at most
N_CONFIRMED = 4


@dataclass(frozen=True)
class Witness:
    """A point of the input set that satisfies the assertions, evaluated exactly.

    Attributes
    ----------
    point : the inputs.
    outputs : the exact outputs there.
    case : index of the case of the property that holds, with the largest margin if there are several.
    margin : the smallest slack (bound minus value) of the rows of that case; zero when one of them holds with
        equality, and for a case without rows.
    is_float32 : every input is a binary32 number.
    """

    point: Point
    outputs: Point
    case: int
    margin: Fraction
    is_float32: bool


class Attack(NamedTuple):
    """What was found: a violation over the reals, and one that no rounding of binary32 undoes.

    The second is an estimate: the checker decides it. It is its own real violation.
    """

    real: Witness | None
    float32: Witness | None


def attack(
    net: ReluNetwork, prop: Property, *, float32: bool = False, seed: int = 0, effort: int = 1
) -> Attack:
    """Search for a violation.

    Parameters
    ----------
    net, prop : the network in layers of relu and linear units, and the unsafe points.
    float32 : look for a binary32 point whose margin outweighs the rounding too.
    seed : of the random points.
    effort : how many times the random points and the starts of the descent are taken.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.model.property import Property, Row
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]))
    >>> large = Row((), ((0, Fraction(-1)),), Fraction(-1), False)
    >>> found = attack(net, Property.from_box([0], [1], [[large]], n_outputs=1))
    >>> found.real.point, found.real.margin
    ((Fraction(1, 1),), Fraction(0, 1))
    """
    rng = np.random.default_rng(seed)
    best = Attack(None, None)
    for group in float_cases(net, prop):
        for x in _candidates(group, rng, effort):
            best = _better(best, _confirmed(net, prop, group, x, float32))
            if best.real is not None and (best.float32 is not None or not float32):
                return best
    return best


def refine(net: ReluNetwork, prop: Property, point: Point, *, float32: bool = False, seed: int = 0) -> Attack:
    """Make the most of a point that an engine has found: its margin is raised where that is easy.

    Returns
    -------
    Attack
        At least what the point itself is, by exact evaluation.
    """
    rng = np.random.default_rng(seed)
    known = confirm(net, prop, point, is_float32=all(map(is_float32, point)))
    best = Attack(None, None)
    if known is None:
        return best
    group = next(group for group in float_cases(net, prop) if known.case in group.cases)
    start = group.clip(np.array([float(q) for q in point]))
    cases = np.full(N_STARTS, group.cases.index(known.case))
    around = group.clip(start + rng.uniform(-1, 1, (N_STARTS, start.size)) * group.width / 1000)
    around[0] = start
    points, scores = _descend(group, around, cases, rng)
    for x in points[np.argsort(scores, kind="stable")[:N_CONFIRMED]]:
        best = _better(best, _confirmed(net, prop, group, x, float32))
    return _better(best, Attack(known, None))


def inside(prop: Property, case: int, x: Floats) -> Point:
    """The exact point of the box of a case nearest to x; where x is a rounded end, the end itself."""
    box = prop.cases[case]
    return tuple(
        _clipped(float(value), lower, upper)
        for value, lower, upper in zip(x, box.lower, box.upper, strict=True)
    )


def _clipped(value: float, lower: Fraction, upper: Fraction) -> Fraction:
    if value <= float(lower):
        return lower
    if value >= float(upper):
        return upper
    return min(max(Fraction(value), lower), upper)


def float32_point(prop: Property, case: int, x: Floats) -> Point | None:
    """The binary32 point of the box of a case nearest to x; None when a side contains no such number."""
    box = prop.cases[case]
    with np.errstate(over="ignore"):
        nearest = np.asarray(x, dtype=np.float64).astype(np.float32)
    moved = []
    for value, lower, upper in zip(nearest, box.lower, box.upper, strict=True):
        number = np.float32(np.clip(value, -_LARGEST, _LARGEST))
        if Fraction(float(number)) < lower:
            number = _least_at_or_above(lower)
        elif Fraction(float(number)) > upper:
            number = -_least_at_or_above(-upper)
        exact = Fraction(float(number)) if np.isfinite(number) else None
        if exact is None or not lower <= exact <= upper:
            return None
        moved.append(exact)
    return tuple(moved)


_LARGEST = np.finfo(np.float32).max


def _least_at_or_above(bound: Fraction) -> np.float32:
    with np.errstate(over="ignore"):
        number = np.float32(float(bound))
    while np.isfinite(number) and Fraction(float(number)) < bound:
        number = np.nextafter(number, np.float32(np.inf))
    return number


def confirm(net: ReluNetwork, prop: Property, point: Point, *, is_float32: bool = False) -> Witness | None:
    """Evaluate exactly; None when no case of the property holds at the point.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.model.property import Property
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([([[2]], [0])]))
    >>> confirm(net, Property.from_box([0], [1], [[]], n_outputs=1), (Fraction(1, 3),)).outputs
    (Fraction(2, 3),)
    """
    outputs = net.values(point)
    best: tuple[Fraction, int] | None = None
    for k, case in enumerate(prop.cases):
        if case.holds(point, outputs):
            margin = min((row.slack(point, outputs) for row in case.rows), default=Fraction(0))
            if best is None or margin > best[0]:
                best = margin, k
    return None if best is None else Witness(point, outputs, best[1], best[0], is_float32)


def _better(best: Attack, found: Attack) -> Attack:
    return Attack(found.real if best.real is None else best.real, found.float32 or best.float32)


def _confirmed(net: ReluNetwork, prop: Property, group: FloatCases, x: Floats, float32: bool) -> Attack:
    """Evaluate a candidate: its binary32 neighbour first, because that is the shorter number."""
    case = group.cases[0]
    short = float32_point(prop, case, x)
    found = None if short is None else confirm(net, prop, short, is_float32=True)
    if found is not None:
        clears = float32 and _outweighs_rounding(net, prop, group, found)
        return Attack(found, found if clears else None)
    return Attack(confirm(net, prop, inside(prop, case, x)), None)


def _outweighs_rounding(net: ReluNetwork, prop: Property, group: FloatCases, found: Witness) -> bool:
    """Do all rows of some case hold with more than the rounding of binary32 can move? In floats."""
    x = np.array([float(q) for q in found.point])
    values, noise = group.rows_with_noise(x)
    worst = np.maximum.reduceat(values + noise, group.starts) if group.all_have_rows else None
    return worst is None or bool((worst < 0).any())


def _candidates(group: FloatCases, rng: np.random.Generator, effort: int) -> Iterator[Floats]:
    """Points that violate in floats, or nearly so, best first; the search stops when they are used up."""
    points = _first_points(group, rng, N_RANDOM * effort)
    scores = group.case_scores(points)
    starts, cases = _starts(scores, N_STARTS * effort)
    points, scores = _descend(group, points[starts], cases, rng)
    if scores.min() > 0:
        points, scores = _shrink(group, points[scores.argmin()], float(scores.min()), rng)
    near = group.scale / 2**20
    for i in np.argsort(scores, kind="stable")[:N_CONFIRMED]:
        if scores[i] <= near:
            yield points[i]


def _first_points(group: FloatCases, rng: np.random.Generator, n: int) -> Floats:
    """The centre, random corners and random points of the box."""
    shares = rng.random((n, group.lower.size))
    shares[: n // 4] = np.round(shares[: n // 4])
    shares[0] = 0.5
    return group.clip(group.lower + shares * group.width)


def _starts(scores: Floats, n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The best points of each case, and the case that each of them goes for."""
    n_cases = scores.shape[1]
    order = np.argsort(scores.min(axis=0), kind="stable")[:n]
    each = max(1, n // min(n_cases, n))
    best = np.argsort(scores[:, order], axis=0, kind="stable")[:each]
    return best.ravel(), np.tile(order, best.shape[0])


def _descend(
    group: FloatCases, points: Floats, cases: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Projected descent with a step size for each start; the best point of each start, and its score.

    A random share of every coordinate of the direction gets over the kinks where two rows are equally bad.
    """
    best = points
    scores, slopes = group.gradients(points, cases)
    step = np.full((len(points), 1), 0.1)
    for _ in range(N_STEPS):
        slope = slopes * group.width
        size = np.abs(slope).max(axis=1, keepdims=True)
        direction = np.sign(slope) * np.sqrt(np.abs(slope) / np.where(size > 0, size, 1))
        tried = group.clip(best - step * direction * rng.random(best.shape) * group.width)
        new_scores, new_slopes = group.gradients(tried, cases)
        better = (new_scores < scores)[:, None]
        best, slopes = np.where(better, tried, best), np.where(better, new_slopes, slopes)
        scores = np.minimum(scores, new_scores)
        step = np.minimum(np.where(better, 1.5, 0.6) * step, 1)
    return best, scores


def _shrink(
    group: FloatCases, centre: Floats, score: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Random points in boxes around the best point, each box a fraction of the one before."""
    radius = 0.25
    for _ in range(N_ROUNDS):
        shift = rng.uniform(-1, 1, (N_AROUND, centre.size)) * (rng.random((N_AROUND, centre.size)) < 0.6)
        points = group.clip(centre + radius * shift * group.width)
        scores = group.case_scores(points).min(axis=1)
        i = int(scores.argmin())
        if scores[i] < score:
            centre, score = points[i], float(scores[i])
        radius *= 0.6
    return centre[None], np.array([score])
