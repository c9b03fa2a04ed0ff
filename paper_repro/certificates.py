"""Certificates that several statements need: counted patterns, evaluated networks, an optimal Lasso."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from exactnet.certificate import (
    Certificate,
    EvaluationRecord,
    GapRecord,
    LinearOptimumRecord,
    LinearSystemRecord,
    Result,
    Status,
)
from exactnet.convex import Optimum, TrainingProblem, TwoLayer, activation_cells, objective, solve_lasso
from exactnet.convex.lasso import LassoSolution
from exactnet.convex.program import problem_record
from exactnet.errors import InputError
from exactnet.exact import format_rational
from exactnet.geometry import cell_records

__all__ = ["counted_patterns", "evaluated", "lasso_minimum", "with_gap"]

Columns = Sequence[Sequence[Fraction]]


def counted_patterns(problem: TrainingProblem) -> Result[int]:
    """The number of activation patterns: a complete split tree, and a recount by deletion and restriction.

    Examples
    --------
    >>> from paper_repro.data import XOR, posed
    >>> counted_patterns(posed(XOR, 1))
    PROVED: there are exactly 4 activation patterns
    """
    table = activation_cells(problem)
    records, _ = cell_records(table)
    sentence = f"there are exactly {table.n_cells} activation patterns"
    certificate = Certificate(sentence, (problem_record(problem), *records), ("cells", "count"))
    return Result(table.n_cells, Status.PROVED, certificate, sentence)


def evaluated(problem: TrainingProblem, networks: Mapping[str, TwoLayer]) -> Result[dict[str, Fraction]]:
    """The exact objective of networks; the keys are record ids."""
    values = {name: objective(problem, network) for name, network in networks.items()}
    records = (
        EvaluationRecord(name, "problem", network.neurons, network.t, values[name])
        for name, network in networks.items()
    )
    sentence = ", ".join(f"{name} has the objective {format_rational(x)}" for name, x in values.items())
    certificate = Certificate(sentence, (problem_record(problem), *records), tuple(networks))
    return Result(values, Status.PROVED, certificate, sentence)


def with_gap(best: Result[Optimum], network: TwoLayer) -> Result[Fraction]:
    """How far a network is above the optimum, at most: the certificate of the optimum and two records more.

    Raises
    ------
    InputError : the optimum has no certificate.
    """
    if best.certificate is None:
        raise InputError("the optimum carries no certificate", got=best.sentence)
    optimum, value = best.value, objective(best.value.problem, network)
    low, high = max(Fraction(0), value - optimum.upper), value - optimum.lower
    records = (
        EvaluationRecord("network", "problem", network.neurons, network.t, value),
        GapRecord("gap", "network", "optimum", low, high),
    )
    sentence = f"the network is at most {format_rational(high)} above the optimum"
    whole = replace(
        best.certificate, title=sentence, records=best.certificate.records + records, claims=("gap",)
    )
    return Result(high, Status.PROVED, whole, sentence)


def lasso_minimum(
    columns: Columns, targets: Sequence[Fraction], *, beta: Fraction, intercept: bool
) -> Result[LassoSolution]:
    """The minimum of 1/2 ||Kz + t 1 - y||^2 + beta ||z||_1, with a proof that z is a minimiser.

    The loss is convex and smooth, hence (z, t) is a minimiser exactly when it minimises the sum of the
    linearised loss and the penalty: with r = y - Kz - t 1 and z = p - q,

        minimise  -r.(K (p - q) + t 1) + beta sum(p + q)   over p >= 0, q >= 0, t free.

    The certificate proves this linear minimum, which is 0; the value of the Lasso follows from r.

    Examples
    --------
    >>> lasso_minimum([[Fraction(1)]], [Fraction(2)], beta=Fraction(1, 2), intercept=False).value.value
    Fraction(7, 8)
    """
    solution = solve_lasso(columns, targets, beta=beta, intercept=intercept)
    prices = [_inner(column, solution.residual) for column in columns]
    costs = [beta - price for price in prices] + [beta + price for price in prices]
    point = [Fraction(0)] * len(costs)
    for k, z in zip(solution.support, solution.coefficients, strict=True):
        point[k if z > 0 else k + len(columns)] = abs(z)
    n_signed = len(costs)
    if intercept:
        costs.append(-sum(solution.residual, Fraction(0)))
        point.append(solution.intercept)
    rows = [tuple(Fraction(-(i == j)) for j in range(len(costs))) for i in range(n_signed)]
    system = LinearSystemRecord(
        "signs", len(costs), tuple(rows), ("<=",) * n_signed, (Fraction(0),) * n_signed
    )
    best = LinearOptimumRecord(
        "lasso", "signs", tuple(costs), tuple(point), tuple(costs[:n_signed]), Fraction(0)
    )
    sentence = f"the minimum of the Lasso is {format_rational(solution.value)}"
    return Result(solution, Status.PROVED, Certificate(sentence, (system, best), ("lasso",)), sentence)


def _inner(column: Sequence[Fraction], vector: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(column, vector, strict=True)), Fraction(0))
