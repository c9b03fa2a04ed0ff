"""Linear programs with a sup norm: its rows, and a minimum together with the records that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.certificate import LinearOptimumRecord, LinearSystemRecord, Record
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, solve_lp

__all__ = ["box_rows", "proved_minimum"]

Point = tuple[Fraction, ...]


def box_rows(n: int) -> list[Point]:
    """The rows of |x_i| <= t in (x, t), for every coordinate first above and then below."""
    return [
        (*[Fraction(sign * int(i == j)) for j in range(n)], Fraction(-1))
        for i in range(n)
        for sign in (1, -1)
    ]


def proved_minimum(
    name: str, system: LinearSystem, objective: Sequence[Fraction]
) -> tuple[Fraction, Point, tuple[Record, Record]]:
    """The minimum, a minimiser, and the records `name.system` and `name`.

    Raises
    ------
    InvariantError : there is no minimum; the callers know that there is one.

    Examples
    --------
    >>> proved_minimum("t", LinearSystem([[-1]], ["<="], [-2]), [Fraction(3)])[:2]
    (Fraction(6, 1), (Fraction(2, 1),))
    """
    outcome = solve_lp(system, objective)
    if outcome.value is None or outcome.point is None or outcome.multipliers is None:
        raise InvariantError("a linear program without a minimum", reproduction=f"{name}: {system!r}")
    described = LinearSystemRecord(
        f"{name}.system", system.n_variables, system.rows, system.relations, system.rhs
    )
    optimum = LinearOptimumRecord(
        name, described.id, tuple(objective), outcome.point, outcome.multipliers, outcome.value
    )
    return outcome.value, outcome.point, (described, optimum)
