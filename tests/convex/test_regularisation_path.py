"""Regularisation paths: every point against the exact Lasso, oracles, ties, certificates."""

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.convex import optimum, path_objective
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.lasso_path import lasso_pieces
from exactnet.convex.path_points import path_points
from exactnet.convex.regularisation_path import path
from exactnet.errors import InputError, LimitReached, UnsupportedError
from tests.convex.problems import DUP, PE, A, B, Q, problem

ORACLES = [
    (A, "1/10", "l1", "none", {"1/10": "614627/1960000", "1/2": "2161/1575"}),
    (A, "1/10", "l1", "free", {"1/10": "6557/32400", "1/2": "1157/1296"}),
    (B, "1/2", "l1", "none", {"1/2": "198675567/99123200"}),
    (Q, "1/20", "l2", "free", {"1/20": "7/40", "1/10": "3/10"}),
    (PE, "1/1000", "l2", "free", {"1/1000": "999/125000", "1/10": "18/25"}),
]


@pytest.mark.parametrize(("data", "lowest", "norm", "bias", "values"), ORACLES)
def test_oracles_on_the_path(data, lowest, norm, bias, values):
    result = path(problem(data, lowest, norm, bias))
    for beta, value in values.items():
        assert result.value.value(beta) == Fraction(value)
        network = result.value.network(beta)
        task = replace(result.value.problem, beta=Fraction(beta))
        assert path_objective(task, network) == Fraction(value)
        assert len(result.value.formulas(beta)) == len(network.neurons)
    assert result.status is Status.PROVED
    assert result.check().accepted


@pytest.mark.parametrize("data", [A, B, DUP])
@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_value_is_continuous_concave_and_optimal(data, bias, norm):
    found = path(problem(data, "1/5", norm, bias)).value
    points = [*found.breakpoints, found.lowest]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(points)]
    for a, m, b in zip(points, middles, points[1:], strict=False):
        # a minimum of functions that are affine in beta
        assert 2 * found.value(m) >= found.value(a) + found.value(b)
        assert optimum(replace(found.problem, beta=m)).value.upper == found.value(m)
    for one, other in zip(found.pieces, found.pieces[1:], strict=False):
        assert one.lower == other.upper
        assert one.residual_at(one.lower) == other.residual_at(one.lower)
        assert one.value_at(one.lower) == other.value_at(one.lower)
    assert found.network(points[0]).neurons == ()


@st.composite
def lassos(draw):
    n = draw(st.integers(1, 5))
    vector = st.lists(st.integers(-2, 2), min_size=n, max_size=n)
    columns = draw(st.lists(vector, min_size=0, max_size=7))
    repeated = draw(st.integers(0, len(columns)))
    columns += [[-2 * x for x in column] for column in columns[:repeated]]
    return columns, draw(vector), draw(st.booleans())


@settings(max_examples=150, deadline=None)
@given(lassos())
def test_every_piece_against_the_solver(task):
    columns, y, intercept = task
    scaled = ScaledColumns.from_columns(columns, n_rows=len(y))
    targets = [Fraction(x) for x in y]
    pieces = lasso_pieces(scaled, targets, lowest=Fraction(0), intercept=intercept)
    assert pieces[0].upper is None
    assert pieces[0].support == ()
    assert pieces[-1].lower == 0
    for piece in pieces:
        upper = piece.lower + 1 if piece.upper is None else piece.upper
        for beta in (upper, (piece.lower + upper) / 2):
            if beta:
                solution = solve_lasso(columns, y, beta=beta, intercept=intercept)
                assert solution.value == piece.value_at(beta)
                assert solution.residual == piece.residual_at(beta)
                if piece.support == solution.support:
                    assert solution.coefficients == piece.coefficients_at(beta)
                    assert solution.intercept == piece.intercept_at(beta)


def test_certificate_for_chosen_beta():
    found = path(problem(A, "1/10", "l1", "free")).value
    from exactnet.certificate.check import check_text
    from exactnet.certificate.write import certificate_text

    good = found.certificate(["1/3", "1/2"])
    assert check_text(certificate_text(good)).accepted
    assert len(good.claims) == 2
    bad = replace(good, records=(replace(good.records[0], beta=Fraction(1, 4)), *good.records[1:]))
    assert not check_text(certificate_text(bad)).accepted


def test_limits_and_refusals():
    with pytest.raises(LimitReached) as caught:
        path(problem(A, "1/100", "l1"), max_pieces=2)
    assert len(caught.value.partial) == 2
    with pytest.raises(UnsupportedError):
        path(problem(A, "1/2"))
    with pytest.raises(InputError):
        path(problem(A, "1/2", "l1")).value.value("1/3")


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_points_of_the_l2_path(bias):
    betas = ["1/10", 9, "1/2", 1]
    results = path_points(problem(A, 1, bias=bias), betas, digits=12)
    for beta, result in zip(betas, results, strict=True):
        cold = optimum(problem(A, beta, bias=bias))
        assert result.value.problem.beta == Fraction(beta)
        assert result.status is Status.PROVED
        assert result.value.relative_gap <= Fraction(1, 10**12)
        assert result.value.lower <= cold.value.upper
        assert cold.value.lower <= result.value.upper
        assert result.check().accepted


def test_points_of_a_polyhedral_problem_are_exact():
    results = path_points(problem(A, 1, "l1"), ["1/2", "1/10"])
    assert [result.value.upper for result in results] == [Fraction(2161, 1575), Fraction(614627, 1960000)]


def test_points_need_positive_strengths():
    for betas in ([], [0], [1, -1]):
        with pytest.raises(InputError):
            path_points(problem(A, 1), betas)
