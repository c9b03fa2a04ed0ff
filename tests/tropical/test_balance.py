"""Solutions of sparse equations against dense elimination."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.exact import RationalMatrix, nullspace, rank
from exactnet.tropical.balance import solution_basis
from exactnet.tropical.kinks import kinked_complex
from paper_repro.anchors import random_integer_network

equations = st.lists(
    st.dictionaries(st.integers(0, 6), st.integers(-3, 3).filter(bool), max_size=4), max_size=9
)


def dense(rows, n):
    return RationalMatrix.from_integers([[row.get(i, 0) for i in range(n)] for row in rows], n_columns=n)


def same_space(found, rows, n):
    expected = nullspace(dense(rows, n)).numerators if rows else RationalMatrix.identity(n).numerators
    assert len(found.numerators) == len(expected)
    if expected:
        assert rank(found) == len(expected) == rank([*found.numerators, *expected])


@given(equations)
@settings(max_examples=200, deadline=None)
def test_the_same_space_as_dense_elimination(rows):
    same_space(solution_basis(rows, 7), rows, 7)


def test_proportional_unknowns_that_contradict_are_zero():
    assert solution_basis([{0: 1, 1: -1}, {0: 1, 1: -2}], 2).numerators == ()
    assert solution_basis([{0: 1, 1: -1}, {1: 1, 2: -1}, {2: 1}], 3).numerators == ()
    assert solution_basis([], 0).numerators == ()


def test_the_balancing_of_networks():
    for seed in range(4):
        kinked = kinked_complex(random_integer_network((2, 4, 3, 1), seed))
        same_space(kinked.balanced, list(kinked.balancing), len(kinked.facets))
