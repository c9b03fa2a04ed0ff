import random
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex import lasso, lasso_guess
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.program import training_problem
from exactnet.errors import InputError, ShapeError
from exactnet.exact import rank, solve_unique
from exactnet.model import Dataset

F = Fraction


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), F(0))


def residual(columns, y, z, t):
    fits = [t + sum((z[j] * columns[j][i] for j in z), F(0)) for i in range(len(y))]
    return [a - b for a, b in zip(y, fits, strict=True)]


def objective(columns, y, z, t, beta):
    r = residual(columns, y, z, t)
    return dot(r, r) / 2 + beta * sum(map(abs, z.values()))


def assert_optimal(columns, y, solution, beta, intercept):
    """The KKT conditions, read off the definition, and independence of the support."""
    z = dict(zip(solution.support, solution.coefficients, strict=True))
    assert all(z.values())
    assert list(solution.support) == sorted(solution.support)
    assert list(solution.residual) == residual(columns, y, z, solution.intercept)
    assert solution.value == objective(columns, y, z, solution.intercept, beta)
    prices = [dot(column, solution.residual) for column in columns]
    assert all(abs(price) <= beta for price in prices)
    assert all(prices[j] == (beta if value > 0 else -beta) for j, value in z.items())
    assert solution.tight == tuple(j for j, price in enumerate(prices) if abs(price) == beta)
    assert sum(solution.residual) == 0 if intercept else solution.intercept == 0
    active = [columns[j] for j in z] + ([[1] * len(y)] if intercept else [])
    assert not active or rank(active) == len(active)


def brute_force(columns, y, beta, intercept):
    """Minimum over all supports and signs of the stationary points of their quadratic: slow and obvious."""
    best = None
    for size in range(min(len(y), len(columns)) + 1):
        for support in combinations(range(len(columns)), size):
            rows = [columns[j] for j in support] + ([[1] * len(y)] if intercept else [])
            if rows and rank(rows) < len(rows):
                continue
            for signs in product((1, -1), repeat=size):
                gram = [[dot(a, b) for b in rows] for a in rows]
                rhs = [dot(a, y) for a in rows]
                rhs = [b - beta * s for b, s in zip(rhs, [*signs, *[0] * intercept], strict=True)]
                x = solve_unique(gram, rhs) if rows else ()
                if all(value * s >= 0 for value, s in zip(x, signs, strict=False)):
                    z = dict(zip(support, x, strict=False))
                    value = objective(columns, y, z, x[-1] if intercept else F(0), beta)
                    best = value if best is None else min(best, value)
    return best


numbers = st.integers(-3, 3).map(F) | st.fractions(-2, 2, max_denominator=3)


@st.composite
def lassos(draw, *, max_rows=4, max_columns=4):
    n = draw(st.integers(1, max_rows))
    columns = draw(st.lists(st.lists(numbers, min_size=n, max_size=n), max_size=max_columns))
    for _ in range(draw(st.integers(0, 2))):  # ties on purpose: zero, constant, opposite and summed columns
        kind = draw(st.sampled_from(["zero", "constant", "opposite", "sum", "affine"]))
        first = columns[0] if columns else [F(0)] * n
        last = columns[-1] if columns else [F(1)] * n
        columns.append(
            {
                "zero": [F(0)] * n,
                "constant": [F(1)] * n,
                "opposite": [-x for x in first],
                "sum": [a + b for a, b in zip(first, last, strict=True)],
                "affine": [1 - x for x in last],
            }[kind]
        )
    y = draw(st.lists(numbers, min_size=n, max_size=n))
    beta = draw(st.sampled_from([F(1, 10), F(1, 3), F(1), F(5)]))
    return columns, y, beta, draw(st.booleans())


@settings(max_examples=120, deadline=None)
@given(lassos(max_rows=3, max_columns=3), st.booleans())
def test_equals_brute_force(case, float_guess):
    columns, y, beta, intercept = case
    solution = solve_lasso(columns, y, beta=beta, intercept=intercept, float_guess=float_guess)
    assert solution.value == brute_force(columns, y, beta, intercept)


@settings(max_examples=200, deadline=None)
@given(lassos(max_rows=5, max_columns=8), st.booleans())
def test_kkt_conditions(case, float_guess):
    columns, y, beta, intercept = case
    solution = solve_lasso(columns, y, beta=beta, intercept=intercept, float_guess=float_guess)
    assert_optimal(columns, y, solution, beta, intercept)


@settings(max_examples=100, deadline=None)
@given(lassos(max_columns=6), st.dictionaries(st.integers(0, 3), numbers))
def test_every_start_leads_to_the_same_minimum(case, start):
    columns, y, beta, intercept = case
    plain = solve_lasso(columns, y, beta=beta, intercept=intercept, float_guess=False)
    start = {j: value for j, value in start.items() if j < len(columns)}
    warm = solve_lasso(columns, y, beta=beta, intercept=intercept, start=start)
    assert_optimal(columns, y, warm, beta, intercept)
    assert (warm.value, warm.residual, warm.tight) == (plain.value, plain.residual, plain.tight)


@settings(max_examples=25, deadline=None)
@given(lassos(max_rows=5, max_columns=6))
def test_against_an_independent_float_solver(case):
    cvxpy = pytest.importorskip("cvxpy")
    columns, y, beta, intercept = case
    K = np.array([[float(x) for x in column] for column in columns]).reshape(len(columns), len(y)).T
    z, t = cvxpy.Variable(max(len(columns), 1)), cvxpy.Variable()
    fit = (K @ z if columns else 0) + (t if intercept else 0)
    loss = cvxpy.sum_squares(fit - np.array([float(x) for x in y])) / 2
    problem = cvxpy.Problem(cvxpy.Minimize(loss + float(beta) * cvxpy.norm1(z)))
    problem.solve(solver="CLARABEL")
    exact = solve_lasso(columns, y, beta=beta, intercept=intercept)
    assert abs(problem.value - float(exact.value)) < 1e-7


def planar(n, *, seed=0, grid=1000, beta="3/10"):
    rnd = random.Random(seed)
    X = [[F(rnd.randrange(-grid, grid + 1), grid) for _ in range(2)] for _ in range(n)]
    y = [F(rnd.randrange(-grid, grid + 1), grid) for _ in range(n)]
    problem = training_problem(Dataset.from_arrays(X, y), beta=beta, norm="l1", bias="free")
    return feature_columns(problem, wedge_dictionary(problem)), problem


@pytest.mark.parametrize(("n", "grid", "beta"), [(20, 1000, "3/10"), (20, 3, "1/10"), (12, 1, "1/100")])
def test_wedge_features_with_and_without_floats(n, grid, beta):
    columns, problem = planar(n, grid=grid, beta=beta)
    plain = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=True, float_guess=False)
    quick = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=True)
    assert (plain.value, plain.residual, plain.tight) == (quick.value, quick.residual, quick.tight)
    listed = [columns.column(j) for j in range(len(columns))]
    for solution in (plain, quick):
        assert_optimal(listed, list(problem.targets), solution, problem.beta, intercept=True)


def test_sixty_samples_with_bias():
    columns, problem = planar(60)
    assert len(columns) > 3700
    solution = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=True)
    assert solution.n_pivots <= 5  # the float guess was good
    listed = [columns.column(j) for j in range(len(columns))]
    assert_optimal(listed, list(problem.targets), solution, problem.beta, intercept=True)


def test_the_path_of_neighbouring_betas():
    columns, problem = planar(15)
    previous = None
    for beta in (F(2), F(1), F(1, 2), F(1, 4), F(1, 8)):
        cold = solve_lasso(columns, problem.targets, beta=beta, intercept=True, float_guess=False)
        start = dict(zip(previous.support, previous.coefficients, strict=True)) if previous else None
        warm = solve_lasso(columns, problem.targets, beta=beta, intercept=True, start=start)
        assert (warm.value, warm.residual) == (cold.value, cold.residual)
        previous = warm


# -- floats never decide ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "guess", [{}, {0: F(-7)}, {j: F(1) for j in range(20)}, {3: F(1, 10**30), 5: F(10) ** 30}]
)
def test_a_wrong_guess_does_no_harm(monkeypatch, guess):
    columns, problem = planar(8)
    expected = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=True, float_guess=False)
    monkeypatch.setattr(lasso, "approx_lasso", lambda *_, **__: guess)
    found = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=True)
    assert (found.value, found.residual) == (expected.value, expected.residual)


def test_numbers_too_large_or_too_small_for_floats():
    big, small = 10**400, F(1, 10**400)
    for scale in (F(big), small):
        columns = [[scale, F(0)], [F(0), 2 * scale], [scale, scale]]
        y = [3 * scale, -scale]
        solution = solve_lasso(columns, y, beta=scale * scale, intercept=False)
        assert_optimal(columns, y, solution, scale * scale, intercept=False)
        assert solution.value == scale**2 * solve_lasso(
            [[1, 0], [0, 2], [1, 1]], [3, -1], beta=1, intercept=False
        ).value  # fmt: skip
    assert lasso_guess.approx_lasso([(big,)], [1], [F(1)], F(1), intercept=False) == {}
    assert lasso_guess.approx_lasso([], [], [F(1)], F(1), intercept=True) == {}


@pytest.mark.parametrize("scale", [10**160, 10**300, F(1, 10**160), F(1, 10**300)])
def test_float_overflow_inside_the_guess(scale):
    columns = [[scale, 0], [0, 2 * scale], [scale, scale], [scale, -scale]]
    y = [3 * scale, -scale]
    solution = solve_lasso(columns, y, beta=scale * scale, intercept=True)
    assert_optimal(columns, y, solution, scale * scale, intercept=True)


def test_differences_below_float_resolution():
    # the second column is longer by a part in 10^40: only exact arithmetic knows that it wins
    columns = [[1, 0], [1 + F(1, 10**40), 0]]
    for guess in (True, False):
        solution = solve_lasso(columns, [2, 1], beta=1, intercept=False, float_guess=guess)
        assert solution.support == (1,)
        assert solution.tight == (1,)


# -- degenerate inputs -----------------------------------------------------------------------------------


def test_no_columns():
    solution = solve_lasso([], [1, 3], beta=1, intercept=False)
    assert (solution.value, solution.support, solution.residual) == (5, (), (1, 3))
    solution = solve_lasso([], [1, 3], beta=1, intercept=True)
    assert (solution.value, solution.intercept, solution.residual) == (1, 2, (-1, 1))


def test_one_row():
    assert solve_lasso([[2]], [3], beta=1, intercept=False).coefficients == (F(5, 4),)
    solution = solve_lasso([[2], [0]], [3], beta=1, intercept=True)
    assert (solution.value, solution.intercept, solution.support) == (0, 3, ())


def test_zero_solution_at_and_above_the_largest_beta():
    columns, y = [[1, 2], [3, -1]], [2, 1]
    for beta in (F(5), F(6)):
        solution = solve_lasso(columns, y, beta=beta, intercept=False)
        assert solution.support == ()
        assert solution.value == F(5, 2)
        assert solution.tight == ((1,) if beta == 5 else ())
    assert solve_lasso(columns, y, beta=F(499, 100), intercept=False).support == (1,)


def test_duplicates_opposites_and_zeros_keep_one_active():
    columns = [[0, 0], [1, 1], [1, 1], [-1, -1], [2, 2]]
    solution = solve_lasso(columns, [3, 1], beta=1, intercept=False, float_guess=False)
    assert solution.support == (4,)
    tied = solve_lasso(columns[:4], [3, 1], beta=1, intercept=False, float_guess=False)
    assert len(tied.support) == 1
    assert tied.tight == (1, 2, 3)


def test_columns_collinear_with_the_constant_are_free_of_charge_elsewhere():
    columns = [[1, 1, 1], [-2, -2, -2], [0, 1, 2], [2, 1, 0]]  # the last two differ by a constant and a sign
    solution = solve_lasso(columns, [0, 1, 5], beta=F(1, 2), intercept=True)
    assert_optimal(columns, [0, 1, 5], solution, F(1, 2), intercept=True)
    assert len(solution.support) == 1
    assert solution.tight == (2, 3)


def test_all_targets_equal():
    solution = solve_lasso([[0, 1, 2], [1, 0, 0]], [4, 4, 4], beta=F(1, 100), intercept=True)
    assert (solution.value, solution.intercept, solution.support) == (0, 4, ())


def test_beta_as_text_and_integer():
    for beta in ("1/2", F(1, 2), "0.5"):
        assert solve_lasso([[1]], [1], beta=beta, intercept=False).value == F(3, 8)


def test_errors():
    with pytest.raises(InputError, match="positive"):
        solve_lasso([[1]], [1], beta=0, intercept=False)
    with pytest.raises(InputError, match="no targets"):
        solve_lasso([], [], beta=1, intercept=True)
    with pytest.raises(ShapeError, match="column 1"):
        solve_lasso([[1, 2], [1]], [1, 2], beta=1, intercept=False)
    with pytest.raises(ShapeError, match="differ in length"):
        solve_lasso(ScaledColumns(((1,),), (1,), 1), [1, 2], beta=1, intercept=False)
