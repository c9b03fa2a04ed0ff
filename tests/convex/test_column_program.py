"""The exact linear programmes over columns against SciPy's solver of the primal, and against each other."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from exactnet.convex.column_program import ColumnSolution, interpolate_columns, solve_columns
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.losses import Loss, total_loss

ENTRY = st.fractions(min_value=-3, max_value=3, max_denominator=3)


@st.composite
def tasks(draw):
    """Few distinct entries: zero, repeated, opposite and dependent columns are the rule."""
    n, p = draw(st.integers(1, 4)), draw(st.integers(0, 6))
    columns = draw(st.lists(st.lists(st.integers(-2, 2), min_size=n, max_size=n), min_size=p, max_size=p))
    return ScaledColumns.from_columns(columns, n_rows=n), draw(st.lists(ENTRY, min_size=n, max_size=n))


def reference(columns, y, beta, intercept, loss):
    """The primal in floats: variables (z+, z-, t+, t-, e)."""
    K = np.array([[float(x) for x in columns.column(j)] for j in range(len(columns))]).reshape(-1, len(y)).T
    one = np.ones((len(y), 1)) * intercept
    design = np.hstack([K, -K, one, -one])
    costs = np.concatenate([np.full(2 * K.shape[1], float(beta)), np.zeros(2), np.ones(len(y))])
    targets = np.array([float(t) for t in y])
    if loss is Loss.L1:
        left = np.vstack([np.hstack([s * design, -np.eye(len(y))]) for s in (1, -1)])
        right = np.concatenate([targets, -targets])
    else:
        left, right = np.hstack([-targets[:, None] * design, -np.eye(len(y))]), -np.ones(len(y))
    return linprog(costs, A_ub=left, b_ub=right, method="highs").fun


@settings(max_examples=80, deadline=None)
@given(tasks(), st.sampled_from([Loss.L1, Loss.HINGE]), st.booleans(), st.sampled_from(["1/10", "1", "5"]))
def test_optimum_of_the_primal(task, loss, intercept, beta):
    columns, y = task
    if loss is Loss.HINGE:
        y = [Fraction(1 if t > 0 else -1) for t in y]
    beta = Fraction(beta)
    found = solve_columns(columns, y, beta=beta, intercept=intercept, loss=loss)
    fits = [found.intercept] * len(y)
    for j, z in zip(found.support, found.coefficients, strict=True):
        fits = [f + z * k for f, k in zip(fits, columns.column(j), strict=True)]
    assert total_loss(loss, fits, y) + beta * sum(map(abs, found.coefficients)) == found.value
    assert sum(v * t for v, t in zip(found.v, y, strict=True)) == found.value
    assert intercept or found.intercept == 0
    assert float(found.value) == pytest.approx(reference(columns, y, beta, intercept, loss), abs=1e-7)


@settings(max_examples=80, deadline=None)
@given(tasks(), st.booleans())
def test_interpolation_or_a_proof_that_there_is_none(task, intercept):
    columns, y = task
    found = interpolate_columns(columns, y, intercept=intercept)
    listed = [columns.column(j) for j in range(len(columns))]
    if not isinstance(found, ColumnSolution):
        assert all(sum(a * b for a, b in zip(k, found, strict=True)) == 0 for k in listed)
        assert sum(a * b for a, b in zip(y, found, strict=True)) > 0
        assert not intercept or sum(found) == 0
        return
    fits = [found.intercept] * len(y)
    for j, z in zip(found.support, found.coefficients, strict=True):
        fits = [f + z * k for f, k in zip(fits, listed[j], strict=True)]
    assert fits == y
    assert sum(map(abs, found.coefficients)) == found.value
    # the dual vector proves that no smaller cost is possible
    assert sum(a * b for a, b in zip(y, found.v, strict=True)) == found.value
    assert all(abs(sum(a * b for a, b in zip(k, found.v, strict=True))) <= 1 for k in listed)
    assert not intercept or sum(found.v) == 0


def test_many_more_columns_than_rows():
    random = np.random.default_rng(0)
    columns = ScaledColumns.from_columns(random.integers(-50, 51, (400, 12)).tolist(), n_rows=12)
    y = [Fraction(int(t), 7) for t in random.integers(-90, 90, 12)]
    found = solve_columns(columns, y, beta=Fraction(30), intercept=True, loss=Loss.L1)
    assert float(found.value) == pytest.approx(reference(columns, y, 30, True, Loss.L1), rel=1e-9)
    assert len(found.support) <= 12
