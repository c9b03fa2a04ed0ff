"""The logistic loss over the wedge dictionary: floats propose, rationals enclose.

    min_{z, t}  sum_i log( 1 + exp( -y_i (K z + t 1)_i ) ) + beta ||z||_1

The optimum is irrational, but the dictionary is finite and exact for a polyhedral penalty: columns are
generated in floats, the float dual vector is scaled into the dual feasible set exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from exactnet.convex.atom import Atom
from exactnet.convex.certify import on_grid
from exactnet.convex.clifford import feature_columns
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.float_losses import approx_slope
from exactnet.convex.losses import constant_fit
from exactnet.convex.patterns import Floats
from exactnet.convex.polish import polish
from exactnet.convex.program import Bias, Norm, TrainingProblem, TwoLayer
from exactnet.convex.solve import ConeProgram, ConeSolution, solve_clarabel
from exactnet.convex.wedge_lasso import formulas_of, neurons_of
from exactnet.exact import common_denominator
from exactnet.exact.least_squares import IntegerRows

__all__ = ["approx_wedge_optimum"]

_MOST_ROUNDS = 60
_MOST_COLUMNS_A_ROUND = 16
_NEGLIGIBLE = 2.0**-40


@dataclass(frozen=True)
class _State:
    """Coefficients z > 0 of the blocks (column, sign), intercept, dual vector."""

    blocks: tuple[tuple[int, int], ...]
    z: Floats
    t: float
    v: Floats


def approx_wedge_optimum(
    problem: TrainingProblem, dictionary: Sequence[Atom]
) -> tuple[TwoLayer, tuple[Fraction, ...], tuple[str, ...]]:
    """A nearly optimal network, an exactly feasible dual vector, and the formulas of the neurons."""
    columns = feature_columns(problem, dictionary)
    state = _generate(problem, columns)
    largest = float(state.z.max(initial=0.0))
    coefficients = {
        j: Fraction(sign * float(z))
        for (j, sign), z in sorted(zip(state.blocks, state.z, strict=True), key=lambda entry: entry[0])
        if z > largest * _NEGLIGIBLE
    }
    t, exact = constant_fit(problem.loss, problem.targets, intercept=problem.bias is Bias.FREE)
    network = TwoLayer(
        neurons_of(problem, dictionary, coefficients), Fraction(state.t) if state.blocks else t
    )
    dual = _feasible(problem, columns, on_grid(problem, state.v) if state.blocks else exact)
    return network, dual, formulas_of(problem, [dictionary[j] for j in coefficients])


def _generate(problem: TrainingProblem, columns: ScaledColumns) -> _State:
    """Column generation from the best constant on; the last state with the largest |k_j.v| near beta."""
    K = np.array(
        [[x / d for x in row] for row, d in zip(columns.numerators, columns.denominators, strict=True)]
    ).reshape(len(columns), columns.n_rows)
    y = np.array([float(x) for x in problem.targets])
    intercept, beta = problem.bias is Bias.FREE, float(problem.beta)
    t, v = constant_fit(problem.loss, problem.targets, intercept=intercept)
    state = _State((), np.zeros(0), float(t), np.array([float(x) for x in v]))
    for _ in range(_MOST_ROUNDS):
        prices = K @ state.v
        order = np.argsort(-np.abs(prices))[:_MOST_COLUMNS_A_ROUND]
        wanted = [(int(j), 1 if prices[j] > 0 else -1) for j in order if abs(prices[j]) > beta]
        fresh = [block for block in wanted if block not in state.blocks]
        if not fresh or abs(prices[order[0]]) <= beta * (1 + _NEGLIGIBLE):
            return state
        state = _solve(problem, K, y, (*state.blocks, *fresh))
    return state


def _solve(problem: TrainingProblem, K: Floats, y: Floats, blocks: tuple[tuple[int, int], ...]) -> _State:
    features = tuple(sign * K[j][:, None] for j, sign in blocks)
    program = ConeProgram(
        blocks,
        features,
        (np.ones((1, 1)),) * len(blocks),
        y,
        float(problem.beta),
        (0,),
        Norm.L2,  # one coordinate has one norm
        problem.bias is Bias.FREE,
        problem.loss,
    )
    solution: ConeSolution = polish(program, solve_clarabel(program))
    z = np.maximum(solution.z[:, 0], 0.0)
    used = z > _NEGLIGIBLE * z.max(initial=0.0)
    fits = np.full(len(y), solution.t)
    for feature, size in zip(features, z, strict=True):
        fits = fits + feature[:, 0] * size
    v = np.asarray(approx_slope(problem.loss, fits, y), dtype=np.float64)
    state = _State(blocks, z, solution.t, v)
    return replace(state, blocks=tuple(b for b, keep in zip(blocks, used, strict=True) if keep), z=z[used])


def _feasible(
    problem: TrainingProblem, columns: ScaledColumns, v: tuple[Fraction, ...]
) -> tuple[Fraction, ...]:
    """v times the largest factor <= 1 (on a binary grid) with |k_j.v| <= beta for all columns, exactly."""
    scale = common_denominator(v)
    rows = IntegerRows(columns.numerators, n_columns=columns.n_rows)
    prices = rows.products([int(x * scale) for x in v])
    worst = max(
        (Fraction(abs(p), d) for p, d in zip(prices, columns.denominators, strict=True)), default=Fraction(0)
    )
    limit = problem.beta * scale
    if worst <= limit:
        return v
    grid = 2**70
    factor = Fraction(int(limit / worst * grid), grid)
    return tuple(factor * x for x in v)
