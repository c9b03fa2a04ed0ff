from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex.clifford import (
    feature_column,
    feature_columns,
    wedge_dictionary,
)
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.program import training_problem
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import generalised_cross_product, primitive, rank
from exactnet.model import Dataset

F = Fraction
BIASES = ("none", "penalised", "free")


def make(X, y=None, *, beta="1/2", norm="l1", bias="none"):
    targets = y if y is not None else list(range(1, len(X) + 1))
    return training_problem(Dataset.from_arrays(X, targets), beta=beta, norm=norm, bias=bias)


def solve(problem, **options):
    atoms = wedge_dictionary(problem, **options)
    columns = feature_columns(problem, atoms)
    intercept = problem.bias == "free"
    return atoms, solve_lasso(columns, problem.targets, beta=problem.beta, intercept=intercept)


def brute_force(problem, *, axes=True):
    """All (D-1)-subsets, in the order of preference: direction up to sign -> first explanation."""
    D, n = problem.dimension, problem.n_samples
    members = list(problem.homogenised)
    names = [("x", i) for i in range(n)]
    if axes:
        for k in problem.penalised:
            members.append(tuple(F(i == k) for i in range(D)))
            names.append(("e", k))
    found = {}
    for subset in combinations(range(len(members)), D - 1):
        direction = primitive(generalised_cross_product([members[i] for i in subset]))
        if any(direction[k] for k in problem.penalised):
            opposite = tuple(-x for x in direction)
            if opposite not in found:
                found.setdefault(direction, tuple(names[i] for i in subset))
    return found


@st.composite
def problems(draw, *, max_features=3, max_samples=5, size=2):
    d = draw(st.integers(1, max_features))
    n = draw(st.integers(1, max_samples))
    X = [[draw(st.integers(-size, size)) for _ in range(d)] for _ in range(n)]
    y = [draw(st.integers(-3, 3)) for _ in range(n)]
    return make(
        X, y, beta=draw(st.sampled_from([F(1, 10), F(1, 2), F(2)])), bias=draw(st.sampled_from(BIASES))
    )


@settings(max_examples=150, deadline=None)
@given(problems(), st.booleans())
def test_equals_the_cross_products_of_all_subsets(problem, axes):
    expected = brute_force(problem, axes=axes)
    atoms = wedge_dictionary(problem, axes=axes)
    directions = [atom.direction for atom in atoms]
    assert len(set(directions)) == len(directions)
    assert set(directions) == set(expected) | {tuple(-x for x in u) for u in expected}
    for atom in atoms:
        explanation = tuple(("x", i) for i in atom.samples) + tuple(("e", k) for k in atom.axes)
        opposite = tuple(-x for x in atom.direction)
        assert explanation == expected.get(atom.direction, expected.get(opposite))


@settings(max_examples=100, deadline=None)
@given(problems(max_features=4, max_samples=4, size=1))
def test_direction_is_sign_times_the_cross_product(problem):
    D = problem.dimension
    for atom in wedge_dictionary(problem):
        rows = [problem.homogenised[i] for i in atom.samples]
        rows += [tuple(F(i == k) for i in range(D)) for k in atom.axes]
        cross = primitive(generalised_cross_product(rows))
        assert atom.direction == tuple(atom.sign * x for x in cross)
        assert all(type(x) is int for x in atom.direction)


@settings(max_examples=60, deadline=None)
@given(problems(max_samples=4))
def test_most_samples_of_all_explanations(problem):
    members = list(problem.homogenised) + [
        tuple(F(i == k) for i in range(problem.dimension)) for k in problem.penalised
    ]
    for atom in wedge_dictionary(problem):
        tight = [
            row
            for row in problem.homogenised
            if sum(a * b for a, b in zip(row, atom.direction, strict=True)) == 0
        ]
        assert len(atom.samples) == (rank(tight) if tight else 0)
        assert len(atom.samples) + len(atom.axes) == problem.dimension - 1
    assert rank(members) == problem.dimension  # so that the cones of the arrangement are pointed


@pytest.mark.parametrize(("n", "d"), [(5, 1), (4, 2), (6, 2), (5, 3), (4, 4)])
def test_counts_in_general_position(n, d):
    # the moment curve with primes: every minor that matters is non-zero
    points = [2, 3, 5, 7, 11, 13][:n]
    X = [[t**k + (k == 1) for k in range(1, d + 1)] for t in points]
    assert len(wedge_dictionary(make(X))) == 2 * comb(n + d, d - 1)
    assert len(wedge_dictionary(make(X, bias="free"))) == 2 * (comb(n + d, d) - 1)
    assert len(wedge_dictionary(make(X), axes=False)) == 2 * comb(n, d - 1)


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize(
    "X", [[[0]], [[0, 0]], [[0, 0, 0], [0, 0, 0]], [[1, 2, 3]], [[1, 1], [2, 2], [-1, -1]]]
)
def test_degenerate_data(X, bias):
    problem = make(X, bias=bias)
    expected = brute_force(problem)
    atoms = wedge_dictionary(problem)
    assert {a.direction for a in atoms} == set(expected) | {tuple(-x for x in u) for u in expected}
    _, solution = solve(problem)
    assert solution.value >= 0


def test_zero_row_without_bias_leaves_the_axes():
    atoms = wedge_dictionary(make([[0, 0]]))
    assert [a.direction for a in atoms] == [(0, -1), (0, 1), (1, 0), (-1, 0)]
    assert all(a.samples == () for a in atoms)
    assert wedge_dictionary(make([[0, 0]]), axes=False) == ()


def test_duplicates_and_parallel_rows_are_named_once():
    atoms = wedge_dictionary(make([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2], [F(1, 2), -1]]), axes=False)
    assert [(a.direction, a.samples) for a in atoms if a.sign > 0] == [((1, -1), (0,)), ((2, 1), (4,))]


def test_features_are_read_exactly():
    problem = make([[0.1, F(1, 3)], [2, -1]], bias="free")
    for atom in wedge_dictionary(problem):
        norm = abs(atom.direction[0]) + abs(atom.direction[1])
        for value, row in zip(feature_column(problem, atom), problem.homogenised, strict=True):
            inner = sum(a * b for a, b in zip(row, atom.direction, strict=True))
            assert value == max(inner, F(0)) / norm


def test_columns_all_at_once_equal_one_by_one():
    problem = make([[1, 2], [-1, F(1, 2)], [0, 0]], bias="penalised")
    atoms = wedge_dictionary(problem)
    columns = feature_columns(problem, atoms)
    assert len(columns) == len(atoms)
    assert [columns.column(j) for j in range(len(atoms))] == [feature_column(problem, a) for a in atoms]


def test_l2_needs_a_rational_norm():
    with pytest.raises(UnsupportedError, match="irrational"):
        feature_columns(make([[1, 2]], norm="l2"), ())
    problem = make([[1], [2]], norm="l2", bias="free")
    assert feature_column(problem, wedge_dictionary(problem)[0]) == (0, 1)


def test_limits_say_the_numbers_and_keep_the_atoms():
    problem = make([[i, i * i, i**3] for i in range(1, 30)], bias="free")
    with pytest.raises(LimitReached, match="max_atoms") as caught:
        wedge_dictionary(problem, max_atoms=1000)
    assert len(caught.value.partial) == 1000
    assert caught.value.partial == wedge_dictionary(problem)[:1000]
    assert f"{2 * comb(32, 3):,}" in str(caught.value)
    with pytest.raises(LimitReached, match="max_entries"):
        feature_columns(problem, caught.value.partial, max_entries=1000)


def test_a_limit_that_is_just_enough():
    problem = make([[2, 1], [-1, 2], [-1, -1], [1, -3]])
    assert len(wedge_dictionary(problem, max_atoms=12)) == 12
    with pytest.raises(LimitReached):
        wedge_dictionary(problem, max_atoms=11)


def test_many_dimensions_stop_at_the_limit():
    X = [[(i * 7 + k * k) % 11 - 5 for k in range(12)] for i in range(20)]
    with pytest.raises(LimitReached):
        wedge_dictionary(make(X), max_atoms=500)
