"""Decide a linear program: guess in floats, solve the guess in rationals, check it exactly, or fall back.

HiGHS is asked only *which rows are tight* at the optimum (or which rows contradict each other). Point and
multipliers are then solved for exactly from these rows, and the conditions of FORMAT.md section 5 are
checked in integers. A guess that fails is never repaired by a tolerance: the exact simplex method decides,
and `LpStats` counts it.

Examples
--------
>>> system = LinearSystem([[-1, 0], [0, -1], [-1, -1]], ["<=", "<=", "<="], [0, 0, "-1/3"])
>>> outcome = solve_lp(system, [1, 2])
>>> outcome.status.name, outcome.point, outcome.value
('OPTIMAL', (Fraction(1, 3), Fraction(0, 1)), Fraction(1, 3))
>>> outcome.multipliers
(Fraction(0, 1), Fraction(1, 1), Fraction(1, 1))
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.exact.highs import Basis, guess_basis
from exactnet.exact.linalg import solve
from exactnet.exact.matrix import RationalMatrix
from exactnet.exact.rational import primitive, to_fractions
from exactnet.exact.simplex import simplex
from exactnet.exact.system import (
    Feasibility,
    LinearSystem,
    LpOutcome,
    LpStats,
    LpStatus,
    is_farkas,
    is_optimum,
    is_ray,
    is_solution,
)

__all__ = ["Feasibility", "LinearSystem", "LpOutcome", "LpStats", "LpStatus", "feasible", "solve_lp"]

Rationals = tuple[Fraction, ...]

_TOLERANCE = 1e-9  # of the guess only


def solve_lp(
    system: LinearSystem,
    objective: Sequence[object],
    *,
    guess: bool = True,
    stats: LpStats | None = None,
) -> LpOutcome:
    """Minimise objective . x over the system, with proof.

    Parameters
    ----------
    system : m rows in n free variables, relations "<=" and "=".
    objective : n numbers.
    guess : False goes straight to the exact simplex method.
    stats : counts guesses and fallbacks, if given.

    Returns
    -------
    LpOutcome : OPTIMAL with point, multipliers, value; INFEASIBLE with Farkas multipliers; UNBOUNDED with a
        point and a ray. What it holds has passed the exact checks.

    Raises
    ------
    ShapeError : the objective does not have n entries.
    InputError : the system has "<" rows (a minimum need not exist; `feasible` takes them).

    Examples
    --------
    >>> solve_lp(LinearSystem([[1], [-1]], ["<=", "<="], [0, -1]), [1]).multipliers
    (Fraction(1, 1), Fraction(1, 1))
    >>> solve_lp(LinearSystem([[1]], ["<="], [5]), [1]).ray
    (Fraction(-1, 1),)
    """
    costs = to_fractions(objective, where="objective")
    if len(costs) != system.n_variables:
        raise ShapeError(
            "the objective does not fit the system",
            where="solve_lp",
            got=f"{len(costs)} coefficients",
            expected=f"{system.n_variables}, one a variable",
        )
    if "<" in system.relations:
        raise InputError(
            "a minimum over a strict inequality need not exist",
            where=f"row {system.relations.index('<')} (from 0)",
            got='"<"',
            expected='"<=" or "="',
            hint="use feasible for strict systems",
        )
    stats = LpStats() if stats is None else stats
    basis = guess_basis(system, costs, tolerance=_TOLERANCE) if guess else None
    if basis is not None:
        outcome = _from_basis(system, costs, basis)
        if outcome is not None:
            stats.n_guessed += 1
            return outcome
    stats.n_fallback += 1
    outcome = simplex(system, costs, start=basis.tight if basis else ())
    if not _is_proved(system, costs, outcome):
        raise InvariantError(
            "the exact simplex method returned a wrong answer", reproduction=f"{system!r}, {costs!r}"
        )
    return outcome


def feasible(system: LinearSystem, *, guess: bool = True, stats: LpStats | None = None) -> Feasibility:
    """A point that satisfies every row, strict ones included, or multipliers that prove there is none.

    A strict system is decided by maximising a common slack s <= 1 of its "<" rows: it has a solution exactly
    when the maximum is positive, and otherwise the optimal multipliers are Farkas multipliers (they sum to 1
    over the strict rows, since s < 1 leaves the bound on s slack).

    Examples
    --------
    >>> feasible(LinearSystem([[1], [-1]], ["<", "<"], [1, 0])).point
    (Fraction(1, 2),)
    >>> feasible(LinearSystem([[1], [-1]], ["<", "<="], [0, 0])).multipliers
    (Fraction(1, 1), Fraction(1, 1))
    """
    if "<" not in system.relations:
        outcome = solve_lp(system, [0] * system.n_variables, guess=guess, stats=stats)
        found = Feasibility(outcome.point, outcome.multipliers if outcome.point is None else None)
    else:
        found = _feasible_strictly(system, guess, stats)
    if found.point is not None:
        proved = is_solution(system, found.point)
    else:
        proved = found.multipliers is not None and is_farkas(system, found.multipliers)
    if not proved:
        raise InvariantError("a feasibility answer failed its check", reproduction=repr(system))
    return found


def _feasible_strictly(system: LinearSystem, guess: bool, stats: LpStats | None) -> Feasibility:
    n = system.n_variables
    rows = [
        (*a, _power_of_two(a) if relation == "<" else 0)
        for a, relation in zip(system.rows, system.relations, strict=True)
    ]
    relations = ["=" if relation == "=" else "<=" for relation in system.relations]
    closed = LinearSystem([*rows, (0,) * n + (1,)], [*relations, "<="], [*system.rhs, 1])
    outcome = solve_lp(closed, [0] * n + [-1], guess=guess, stats=stats)
    if outcome.point is not None and outcome.point[n] > 0:
        return Feasibility(point=outcome.point[:n])
    if outcome.multipliers is None:
        return Feasibility()
    return Feasibility(multipliers=tuple(map(Fraction, primitive(outcome.multipliers[:-1]))))


def _power_of_two(row: Rationals) -> Fraction:
    """About the size of the largest entry, so that the slack means about the same in every row."""
    largest = max(map(abs, row), default=Fraction(0))
    if largest == 0:
        return Fraction(1)
    return Fraction(2) ** (largest.numerator.bit_length() - largest.denominator.bit_length())


# -- from a guess to a proof ------------------------------------------------------------------------------


def _from_basis(system: LinearSystem, costs: Rationals, basis: Basis) -> LpOutcome | None:
    if basis.status is LpStatus.OPTIMAL:
        outcome = _optimum(system, costs, basis)
    elif basis.status is LpStatus.INFEASIBLE:
        outcome = _contradiction(system, basis)
    else:
        outcome = _unbounded(system, costs)
    return outcome if outcome is not None and _is_proved(system, costs, outcome) else None


def _is_proved(system: LinearSystem, costs: Rationals, outcome: LpOutcome) -> bool:
    point, multipliers, ray = outcome.point, outcome.multipliers, outcome.ray
    if outcome.status is LpStatus.INFEASIBLE:
        return multipliers is not None and is_farkas(system, multipliers)
    if point is None:
        return False
    if outcome.status is LpStatus.OPTIMAL:
        return multipliers is not None and is_optimum(system, costs, point, multipliers)
    return ray is not None and is_solution(system, point) and is_ray(system, costs, ray)


def _optimum(system: LinearSystem, costs: Rationals, basis: Basis) -> LpOutcome | None:
    """The vertex of the tight rows, and the multipliers that combine these rows to minus the objective."""
    rows = [[system.rows[i][j] for j in basis.solved] for i in basis.tight]
    square = RationalMatrix.from_rows(rows, n_columns=len(basis.solved))
    values = solve(square, [system.rhs[i] for i in basis.tight])
    weights = solve(square.transpose(), [-costs[j] for j in basis.solved])
    if values is None or weights is None:
        return None
    point = _spread(system.n_variables, basis.solved, values)
    multipliers = _spread(len(system.rows), basis.tight, weights)
    value = sum((c * x for c, x in zip(costs, point, strict=True)), Fraction(0))
    return LpOutcome(LpStatus.OPTIMAL, point=point, multipliers=multipliers, value=value)


def _contradiction(system: LinearSystem, basis: Basis) -> LpOutcome | None:
    """Multipliers from writing the contradicting row as minus a combination of the tight ones."""
    i = basis.contradicting
    if i is None:
        return None
    tight = RationalMatrix.from_rows([system.rows[k] for k in basis.tight], n_columns=system.n_variables)
    weights = solve(tight.transpose(), [-value for value in system.rows[i]])
    if weights is None:
        return None
    multipliers = list(_spread(len(system.rows), basis.tight, weights))
    multipliers[i] += 1
    if sum((m * b for m, b in zip(multipliers, system.rhs, strict=True)), Fraction(0)) > 0:
        multipliers = [-m for m in multipliers]  # the row contradicts an equation from the other side
    return LpOutcome(LpStatus.INFEASIBLE, multipliers=tuple(map(Fraction, primitive(multipliers))))


def _unbounded(system: LinearSystem, costs: Rationals) -> LpOutcome | None:
    """Two bounded programs: any solution, and the steepest direction that loses at most 1."""
    start = _bounded(system, (Fraction(0),) * len(costs)).point
    lowered = [*system.rows, tuple(-c for c in costs)]
    cone = LinearSystem(lowered, [*system.relations, "<="], [0] * len(system.rows) + [1])
    direction = _bounded(cone, costs).point
    if start is None or direction is None:
        return None
    return LpOutcome(LpStatus.UNBOUNDED, point=start, ray=tuple(map(Fraction, primitive(direction))))


def _bounded(system: LinearSystem, costs: Rationals) -> LpOutcome:
    basis = guess_basis(system, costs, tolerance=_TOLERANCE)
    if basis is not None and basis.status is LpStatus.OPTIMAL:
        outcome = _optimum(system, costs, basis)
        if outcome is not None and _is_proved(system, costs, outcome):
            return outcome
    return simplex(system, costs, start=basis.tight if basis else ())


def _spread(n: int, indices: Sequence[int], values: Rationals) -> Rationals:
    result = [Fraction(0)] * n
    for i, value in zip(indices, values, strict=True):
        result[i] = value
    return tuple(result)
