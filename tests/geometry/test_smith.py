"""Invariant factors against determinantal divisors and sympy, ranks over F_2 against all vectors."""

from __future__ import annotations

from itertools import combinations, product
from math import gcd, log2

from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import ZZ, Matrix
from sympy.matrices.normalforms import smith_normal_form

from exactnet.exact import determinant, rank
from exactnet.geometry.smith import dense_columns, invariant_factors, rank_mod_2

Rows = list[list[int]]


def matrices(largest: int, size: int) -> st.SearchStrategy[Rows]:
    shape = st.tuples(st.integers(1, largest), st.integers(1, largest))
    return shape.flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-size, size), min_size=n[1], max_size=n[1]), min_size=n[0], max_size=n[0]
        )
    )


def _divisors(rows: Rows) -> list[int]:
    """The quotients of the determinantal divisors: gcds of all k x k minors."""
    found, before = [], 1
    for k in range(1, min(len(rows), len(rows[0])) + 1):
        minors = (
            int(determinant([[rows[i][j] for j in columns] for i in chosen]))
            for chosen in combinations(range(len(rows)), k)
            for columns in combinations(range(len(rows[0])), k)
        )
        divisor = gcd(*minors)
        if not divisor:
            break
        found.append(divisor // before)
        before = divisor
    return found


@given(matrices(4, 12))
def test_invariant_factors_are_quotients_of_determinantal_divisors(rows: Rows) -> None:
    assert list(invariant_factors(dense_columns(rows))) == _divisors(rows)


@settings(deadline=None, max_examples=60)
@given(matrices(7, 2))
def test_invariant_factors_agree_with_sympy(rows: Rows) -> None:
    found = invariant_factors(dense_columns(rows))
    normal = smith_normal_form(Matrix(rows), domain=ZZ)
    expected = sorted(abs(int(normal[k, k])) for k in range(min(normal.shape)) if normal[k, k])
    assert list(found) == expected
    assert len(found) == rank(rows)


@given(matrices(7, 3))
def test_rank_over_two_elements_counts_the_kernel(rows: Rows) -> None:
    n = len(rows[0])
    kernel = sum(
        all(sum(a * x for a, x in zip(row, vector, strict=True)) % 2 == 0 for row in rows)
        for vector in product((0, 1), repeat=n)
    )
    columns = dense_columns(rows)
    assert rank_mod_2(columns) == n - int(log2(kernel))
    assert rank_mod_2(columns) == sum(factor % 2 for factor in invariant_factors(columns))


def test_large_entries_and_empty_matrices() -> None:
    assert invariant_factors([]) == ()
    assert rank_mod_2([]) == 0
    big = 10**30
    assert invariant_factors(dense_columns([[big, 0], [0, big + 1]])) == (1, big * (big + 1))
    assert invariant_factors(dense_columns([[6, 0, 0], [0, 10, 0], [0, 0, 15]])) == (1, 30, 30)
