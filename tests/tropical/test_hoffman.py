"""Hoffman constants: known values, the inequality itself, and the dual form of every program."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached
from exactnet.exact import LinearSystem, rank, solve_lp
from exactnet.tropical.hoffman import hoffman_constant, polynomial_hoffman_constant
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

I3 = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
KNOWN = [
    (I3, 1),
    ([*I3, [-1, -1, -1]], 3),
    ([*I3, *[[-a for a in row] for row in I3]], 1),
    ([[1, 0], [-1, 0], [0, 1]], 1),
    ([[1, 2], [3, 4], [5, 7]], Fraction(1, 3)),
    ([[1, 1], [1, -1], [-2, 1], [0, 3]], 3),
    ([[3, 1, 0], [1, -2, 1], [0, 1, 4], [-1, -1, -1], [2, 0, -3]], Fraction(17, 3)),
]


@pytest.mark.parametrize(("matrix", "value"), KNOWN)
def test_known_values(matrix, value):
    result = hoffman_constant(matrix)
    assert result.value.value == value
    assert result.check().accepted


def smallest_combination(rows):
    """min |A^T v|_1 over v >= 0, sum v = 1: variables v and s with -s <= A^T v <= s."""
    m, n = len(rows), len(rows[0])
    left, right, relations = [], [], []
    for j in range(n):
        for sign in (1, -1):
            left.append([sign * row[j] for row in rows] + [-int(i == j) for i in range(n)])
            relations.append("<=")
            right.append(0)
    for i in range(m):
        left.append([-int(i == k) for k in range(m)] + [0] * n)
        relations.append("<=")
        right.append(0)
    left.append([1] * m + [0] * n)
    relations.append("=")
    right.append(1)
    return solve_lp(LinearSystem(left, relations, right), [0] * m + [1] * n).value


matrices = st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=4)


@given(matrices)
@settings(max_examples=30, deadline=None)
def test_all_surjective_row_sets_in_the_dual_form(matrix):
    """The definition: the largest 1 / min over all J with rows of full rank, not bases only."""
    best = Fraction(0)
    for size in range(1, len(matrix) + 1):
        for chosen in combinations(matrix, size):
            if rank(chosen) == size:
                best = max(best, 1 / smallest_combination(chosen))
    assert hoffman_constant(matrix).value.value == best


@given(matrices, st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.tuples(*[st.integers(-9, 9)] * 2))
@settings(max_examples=30, deadline=None)
def test_the_inequality(matrix, right, u):
    b = right[: len(matrix)]
    rows = [(*row, 0) for row in matrix]
    rows += [(1, 0, -1), (-1, 0, -1), (0, 1, -1), (0, -1, -1)]
    outcome = solve_lp(LinearSystem(rows, ["<="] * len(rows), [*b, u[0], -u[0], u[1], -u[1]]), [0, 0, 1])
    if outcome.value is None:
        return
    violation = max(
        [0, *(sum(a * x for a, x in zip(row, u, strict=True)) - c for row, c in zip(matrix, b, strict=True))]
    )
    assert outcome.value <= hoffman_constant(matrix).value.value * violation


def test_a_zero_matrix_and_a_limit():
    assert hoffman_constant([[0, 0]]).value.value == 0
    assert hoffman_constant([[0, 0]]).check().accepted
    with pytest.raises(LimitReached, match="row sets"):
        hoffman_constant(I3 * 4, max_row_sets=10)


def test_polynomials():
    p = TropicalPolynomial.from_terms({(0,): 0, (2,): 0})
    q = TropicalPolynomial.from_terms({(0,): 0, ("1/2",): 3})
    assert polynomial_hoffman_constant(p) == Fraction(1, 2)
    assert polynomial_hoffman_constant(TropicalRational(p, q)) == 2
    assert polynomial_hoffman_constant(TropicalPolynomial.constant(1, 2)) == 0
