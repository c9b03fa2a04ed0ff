"""The largest difference of two support functions over a box of directions, by linear programmes with proofs.

For finite sets P and Q of points and a box B of directions y,

    max over y in B of  max_(u in P) y.u - max_(v in Q) y.v
        =  - min over u in P of  min { s - y.u : y in B, s >= y.v for all v in Q }

One linear system serves all points u, so a certificate states it once. Depending on the box this is the
directed L1 Hausdorff distance of convex hulls (|y| <= 1 in every coordinate), or the largest difference of
two tropical polynomials on a box of points x (the last coordinate of y = (x, 1) is fixed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import LinearOptimumRecord, LinearSystemRecord, Record
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, LpStats, LpStatus, solve_lp
from exactnet.tropical.polytope import Point

__all__ = ["Interval", "SupportGap", "support_gap", "support_system"]

Interval = tuple[Fraction | None, Fraction | None]
"""The ends of one coordinate of the box of directions; None where there is none."""


@dataclass(frozen=True)
class SupportGap:
    """The difference for one point u of P.

    Attributes
    ----------
    value : max over y in B of y.u - max_(v in Q) y.v; None if it grows without end.
    direction : a y that attains it.
    record : its proof; None if there is no maximum.
    """

    value: Fraction | None
    direction: Point
    record: LinearOptimumRecord | None


def support_system(points: Sequence[Point], box: Sequence[Interval]) -> LinearSystem:
    """{(y, s) : y in the box, s >= y.v for all points v}.

    Examples
    --------
    >>> support_system([(Fraction(3),)], [(Fraction(-1), None)]).rows == ((3, -1), (-1, 0))
    True
    """
    n = len(box)
    rows: list[tuple[Fraction | int, ...]] = [(*point, -1) for point in points]
    rhs: list[Fraction | int] = [0] * len(points)
    for k, (low, high) in enumerate(box):
        for end, sign in ((low, -1), (high, 1)):
            if end is not None:
                rows.append(tuple(sign if i == k else 0 for i in range(n + 1)))
                rhs.append(sign * end)
    return LinearSystem(rows, ["<="] * len(rows), rhs)


def support_gap(
    u: Point, system: LinearSystem, *, ids: tuple[str, str] = ("gap", "system"), stats: LpStats | None = None
) -> SupportGap:
    """The gap of one point u over a `support_system`; `ids` name its record and that of the system.

    Examples
    --------
    >>> one = Fraction(1)
    >>> square = [(x * one, y * one) for x in (0, 1) for y in (0, 1)]
    >>> unit = support_system(square, [(-one, one), (-one, one)])
    >>> support_gap((3 * one, 3 * one), unit).value, support_gap((one / 2, one), unit).value
    (Fraction(4, 1), Fraction(0, 1))
    """
    objective = (*(-v for v in u), Fraction(1))
    outcome = solve_lp(system, objective, stats=stats)
    if outcome.status is LpStatus.UNBOUNDED:
        return SupportGap(None, (), None)
    if outcome.value is None or outcome.point is None or outcome.multipliers is None:
        raise InvariantError("a box of directions was empty", reproduction=repr(system))
    record = LinearOptimumRecord(ids[0], ids[1], objective, outcome.point, outcome.multipliers, outcome.value)
    return SupportGap(-outcome.value, outcome.point[:-1], record)


def system_record(name: str, system: LinearSystem) -> Record:
    """The record of a system."""
    return LinearSystemRecord(name, system.n_variables, system.rows, system.relations, system.rhs)
