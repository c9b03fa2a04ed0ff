"""Answers about linear systems, with a certificate each.

:mod:`exactnet.exact.lp` decides; here its answers become records that the independent checker reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

from exactnet.certificate.result import Result, Status
from exactnet.certificate.types import (
    Certificate,
    FarkasRecord,
    LinearOptimumRecord,
    LinearSystemRecord,
    Record,
    WitnessRecord,
)
from exactnet.exact import (
    Feasibility,
    LinearSystem,
    LpOutcome,
    LpStats,
    LpStatus,
    feasible,
    format_rational,
    solve_lp,
    to_fractions,
)

__all__ = ["decide_system", "minimum"]

T = TypeVar("T")


def decide_system(system: LinearSystem) -> Result[Feasibility]:
    """Whether a linear system has a solution: PROVED with a point, or REFUTED with Farkas multipliers.

    Examples
    --------
    >>> decide_system(LinearSystem([[1], [-1]], ["<", "<="], [0, 0]))
    REFUTED: the linear system of 2 rows has no solution
    """
    stats = LpStats()
    found = feasible(system, stats=stats)
    what = f"the linear system of {len(system.rows)} row{'s' * (len(system.rows) != 1)}"
    if found.point is not None:
        answer: Record = WitnessRecord("answer", "system", found.point)
        return _result(found, Status.PROVED, f"{what} has a solution", (_record(system), answer), stats)
    answer = FarkasRecord("answer", "system", found.multipliers or ())
    return _result(found, Status.REFUTED, f"{what} has no solution", (_record(system), answer), stats)


def minimum(system: LinearSystem, objective: Sequence[object]) -> Result[LpOutcome]:
    """The minimum of objective . x over a system of "<=" and "=" rows.

    PROVED with the minimum; REFUTED when there is none, because the system has no solution (Farkas
    multipliers) or because the objective falls without end (a point, and a direction r of the system
    rows r (relation) 0 with objective . r = -1).

    Raises
    ------
    ShapeError, InputError : see :func:`exactnet.exact.solve_lp`.

    Examples
    --------
    >>> minimum(LinearSystem([[-1, 0], [0, -1], [-1, -1]], ["<="] * 3, [0, 0, "-1/3"]), [1, 2])
    PROVED: the minimum is 1/3 (= 0.333333333333...)
    >>> minimum(LinearSystem([[1]], ["<="], [5]), [1])
    REFUTED: there is no minimum: the objective falls without end
    """
    stats = LpStats()
    found = solve_lp(system, objective, stats=stats)
    first = _record(system)
    if found.status is LpStatus.OPTIMAL and found.value is not None:
        answer = LinearOptimumRecord(
            "answer",
            "system",
            to_fractions(objective, where="objective"),
            found.point or (),
            found.multipliers or (),
            found.value,
        )
        sentence = f"the minimum is {format_rational(found.value)}"
        return _result(found, Status.PROVED, sentence, (first, answer), stats)
    if found.status is LpStatus.INFEASIBLE:
        none = FarkasRecord("answer", "system", found.multipliers or ())
        return _result(found, Status.REFUTED, "there is no minimum: no solution", (first, none), stats)
    point = WitnessRecord("point", "system", found.point or ())
    down, ray = _descent(system, to_fractions(objective, where="objective"), found.ray or ())
    sentence = "there is no minimum: the objective falls without end"
    return _result(found, Status.REFUTED, sentence, (first, point, down, ray), stats)


def _record(system: LinearSystem) -> LinearSystemRecord:
    return LinearSystemRecord("system", system.n_variables, system.rows, system.relations, system.rhs)


def _descent(
    system: LinearSystem, costs: tuple[Fraction, ...], ray: tuple[Fraction, ...]
) -> tuple[LinearSystemRecord, WitnessRecord]:
    """The homogeneous system with objective . r = -1, and the ray scaled to solve it."""
    slope = -sum((c * r for c, r in zip(costs, ray, strict=True)), Fraction(0))
    homogeneous = LinearSystemRecord(
        "directions",
        system.n_variables,
        (*system.rows, costs),
        (*system.relations, "="),
        (*(Fraction(0) for _ in system.rows), Fraction(-1)),
    )
    return homogeneous, WitnessRecord("ray", "directions", tuple(r / slope for r in ray))


def _result(
    value: T, status: Status, sentence: str, records: tuple[Record, ...], stats: LpStats
) -> Result[T]:
    claims = tuple(record.id for record in records if not isinstance(record, LinearSystemRecord))
    counts = {"n_guessed": stats.n_guessed, "n_fallback": stats.n_fallback}
    certificate = Certificate(sentence, records, claims, stats={k: str(v) for k, v in counts.items()})
    return Result(value, status, certificate, sentence, {}, counts)
