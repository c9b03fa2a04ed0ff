"""Planar data: the maximum of a linear form on an angular cell and the unit disc, in exact arithmetic.

A cell of the arrangement of planar data is an angle between two rays. On it the dual constraint of weight
decay is |v'(Xu)_+| = |g.u| with g = sum of v_i x_i over its active samples; its maximum over ||u|| <= 1 is
||g|| when g lies in the cell, and else is reached on a ray (or is 0). So its square is rational.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.convex import TrainingProblem, activation_cells
from exactnet.errors import UnsupportedError

__all__ = ["Angle", "Vector", "angles", "dot", "gradient", "maximum"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Angle:
    """One cell: its active samples and its two rays (integer vectors)."""

    active: tuple[bool, ...]
    rays: tuple[tuple[int, ...], tuple[int, ...]]


def angles(problem: TrainingProblem) -> tuple[Angle, ...]:
    """All cells of planar data of rank two: the listed ones, then their opposites in the same order.

    Raises
    ------
    UnsupportedError : other data.

    Examples
    --------
    >>> from paper_repro.data import XOR, posed
    >>> angles(posed(XOR, 1))[0]
    Angle(active=(True, False, False, True), rays=((-1, 1), (1, 1)))
    """
    table = activation_cells(problem)
    if problem.dimension != 2 or table.arrangement.rank != 2:
        raise UnsupportedError("the data are not planar", expected="two homogenised coordinates, rank 2")
    activity = table.activity()
    placed = [place is not None for place in table.arrangement.rows]
    listed = []
    for cell, active in enumerate(activity.tolist()):
        mine = table.incidence[table.incidence[:, 0] == cell]
        one, two = (tuple(int(sign) * x for x in table.rays[ray]) for _, ray, sign in mine.tolist())
        listed.append(Angle(tuple(active), (one, two)))
    opposite = [
        Angle(
            tuple(not on and is_row for on, is_row in zip(angle.active, placed, strict=True)),
            (_negative(angle.rays[0]), _negative(angle.rays[1])),
        )
        for angle in listed
    ]
    return (*listed, *opposite)


def gradient(problem: TrainingProblem, angle: Angle, v: Sequence[Fraction]) -> Vector:
    """g = sum of v_i z_i over the active samples: v'(Zu)_+ = g.u on the angle."""
    chosen = [
        tuple(weight * x for x in row)
        for row, weight, on in zip(problem.homogenised, v, angle.active, strict=True)
        if on
    ]
    return tuple(sum(column, Fraction(0)) for column in zip(*chosen, strict=True)) or (Fraction(0),) * 2


def maximum(angle: Angle, g: Vector) -> tuple[Fraction, Vector]:
    """The square of max(g.u over u in the closed angle, ||u|| <= 1), and a direction that reaches it.

    The direction is u = 0 when nothing in the angle is positive.

    Examples
    --------
    >>> quadrant = Angle((True,), ((1, 0), (0, 1)))
    >>> for g in ((3, 4), (-1, 2), (-1, -1)):
    ...     square, u = maximum(quadrant, tuple(map(Fraction, g)))
    ...     print(square, *u)
    25 3 4
    4 0 1
    0 0 0
    """
    one, two = angle.rays
    turn = _det(one, two)
    if _det(g, two) * turn >= 0 and _det(one, g) * turn >= 0:
        return dot(g, g), g
    reached = [(dot(g, ray) ** 2 / dot(ray, ray), _fractions(ray)) for ray in angle.rays if dot(g, ray) > 0]
    return max(reached, default=(Fraction(0), _fractions((0, 0))))


def dot(a: Sequence[Fraction | int], b: Sequence[Fraction | int]) -> Fraction:
    """The inner product a.b."""
    return sum((Fraction(x * y) for x, y in zip(a, b, strict=True)), Fraction(0))


def _det(a: Sequence[Fraction | int], b: Sequence[Fraction | int]) -> Fraction:
    return Fraction(a[0] * b[1] - a[1] * b[0])


def _negative(ray: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-x for x in ray)


def _fractions(ray: tuple[int, ...]) -> Vector:
    return tuple(map(Fraction, ray))
