"""Dual feasibility for the l1 norm, cell by cell, as linear programmes with certificates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.certificate import (
    Certificate,
    LinearOptimumRecord,
    LinearSystemRecord,
    Record,
    Result,
    Status,
)
from exactnet.convex import TrainingProblem, activation_patterns
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, format_rational, solve_lp

__all__ = ["dual_on_every_cell"]


def dual_on_every_cell(problem: TrainingProblem, v: Sequence[Fraction]) -> Result[Fraction]:
    """Prove that v is feasible for the dual of the programme with l1 norms; the value is its dual value.

    For every pattern D and sign s: with u = p - q and g = Z'Dv,

        minimise  beta sum(p + q) - s g.(p - q)   over p, q >= 0 with (2D - I) Z (p - q) >= 0

    is 0, that is s v'DZu <= beta ||u||_1 on the closed cell. The dual value v.y - 1/2 v.v is then a lower
    bound of the programme (weak duality). The patterns are those of a complete split tree, which belongs to
    the certificate of the optimum.

    Raises
    ------
    InvariantError : v is not feasible.
    """
    records: list[Record] = []
    claims = []
    for pattern in activation_patterns(problem):
        system = _cone(problem, pattern)
        name = f"cell-{pattern}"
        records.append(
            LinearSystemRecord(name, system.n_variables, system.rows, system.relations, system.rhs)
        )
        for sign, label in ((1, "plus"), (-1, "minus")):
            costs = _costs(problem, pattern, sign, v)
            best = solve_lp(system, costs)
            if best.point is None or best.multipliers is None or best.value != 0:
                raise InvariantError(
                    "the dual vector is not feasible", reproduction=f"{pattern}, {sign}, {v}"
                )
            claims.append(f"{name}-{label}")
            records.append(
                LinearOptimumRecord(claims[-1], name, costs, best.point, best.multipliers, best.value)
            )
    value = sum((a * y - a * a / 2 for a, y in zip(v, problem.targets, strict=True)), Fraction(0))
    sentence = f"the programme over {len(claims)} cells and signs is at least {format_rational(value)}"
    return Result(value, Status.PROVED, Certificate(sentence, tuple(records), tuple(claims)), sentence)


def _cone(problem: TrainingProblem, pattern: str) -> LinearSystem:
    """p, q >= 0 and (2D - I) Z (p - q) >= 0 as "<=" rows over (p, q)."""
    D = problem.dimension
    rows = [[Fraction(-(i == k)) for k in range(2 * D)] for i in range(2 * D)]
    for bit, row in zip(pattern, problem.homogenised, strict=True):
        sign = 1 if bit == "1" else -1
        rows.append([-sign * x for x in row] + [sign * x for x in row])
    return LinearSystem(rows, ["<="] * len(rows), [0] * len(rows))


def _costs(problem: TrainingProblem, pattern: str, sign: int, v: Sequence[Fraction]) -> tuple[Fraction, ...]:
    g = [Fraction(0)] * problem.dimension
    for bit, row, weight in zip(pattern, problem.homogenised, v, strict=True):
        if bit == "1":
            g = [total + weight * x for total, x in zip(g, row, strict=True)]
    return (*(problem.beta - sign * x for x in g), *(problem.beta + sign * x for x in g))
