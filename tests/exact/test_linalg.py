"""Linear algebra against the definitions, in plain fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import (
    RationalMatrix,
    determinant,
    independent_columns,
    independent_rows,
    inverse,
    nullspace,
    rank,
    row_echelon,
    solve,
    solve_unique,
)

SMALL = st.fractions(min_value=-3, max_value=3, max_denominator=3)


@st.composite
def matrices(draw: st.DrawFn, square: bool = False) -> RationalMatrix:
    """Often rank-deficient: small entries, zero and repeated rows."""
    n_rows = draw(st.integers(0, 4))
    n_columns = n_rows if square else draw(st.integers(0, 4))
    rows = [draw(st.lists(SMALL, min_size=n_columns, max_size=n_columns)) for _ in range(n_rows)]
    if n_rows > 1 and draw(st.booleans()):
        rows[-1] = (
            [draw(SMALL) * value for value in rows[0]] if draw(st.booleans()) else [Fraction(0)] * n_columns
        )
    return RationalMatrix.from_rows(rows, n_columns=n_columns)


def leibniz(rows: tuple[tuple[Fraction, ...], ...]) -> Fraction:
    total = Fraction(0)
    for order in permutations(range(len(rows))):
        inversions = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
        term = Fraction((-1) ** inversions)
        for i, j in enumerate(order):
            term *= rows[i][j]
        total += term
    return total


@given(matrices(square=True))
def test_determinant_inverse_rank(A: RationalMatrix) -> None:
    n = A.n_columns
    det = determinant(A)
    assert det == leibniz(A.rows())
    assert type(det) is Fraction
    assert (det != 0) == (rank(A) == n)
    if det:
        assert inverse(A) @ A == A @ inverse(A) == RationalMatrix.identity(n)
    else:
        with pytest.raises(InputError, match="singular"):
            inverse(A)
        with pytest.raises(InputError, match="singular"):
            solve_unique(A, [0] * n)


@given(matrices())
def test_rank_and_nullspace(A: RationalMatrix) -> None:
    kernel = nullspace(A)
    assert kernel.n_columns == A.n_columns
    assert rank(A) + kernel.shape[0] == A.n_columns
    assert rank(kernel) == kernel.shape[0]
    for vector in kernel.rows():
        assert not any(A @ vector)
    assert kernel.denominator == 1
    assert rank(A) == rank(A.transpose())


@given(matrices())
def test_echelon_form(A: RationalMatrix) -> None:
    echelon, pivots = row_echelon(A)
    assert len(pivots) == echelon.shape[0] == rank(A)
    for i, pivot in enumerate(pivots):
        assert not any(echelon.row(i)[:pivot])
        assert echelon.column(pivot) == tuple(int(k == i) for k in range(len(pivots)))
    together = RationalMatrix.from_rows([*A.rows(), *echelon.rows()], n_columns=A.n_columns)
    assert rank(together) == rank(A)


@given(matrices())
def test_independent_rows_are_the_first_basis(A: RationalMatrix) -> None:
    chosen: list[int] = []
    for i in range(A.shape[0]):
        rows = [A.row(k) for k in (*chosen, i)]
        if rank(RationalMatrix.from_rows(rows, n_columns=A.n_columns)) == len(rows):
            chosen.append(i)
    assert independent_rows(A) == tuple(chosen)
    assert independent_columns(A.transpose()) == tuple(chosen)


@given(matrices(), st.data())
def test_solve(A: RationalMatrix, data: st.DataObject) -> None:
    n_rows, n_columns = A.shape
    if data.draw(st.booleans(), label="consistent"):
        b = A @ data.draw(st.lists(SMALL, min_size=n_columns, max_size=n_columns))
    else:
        b = tuple(data.draw(st.lists(SMALL, min_size=n_rows, max_size=n_rows)))
    x = solve(A, b)
    augmented = RationalMatrix.from_rows(
        [(*row, entry) for row, entry in zip(A.rows(), b, strict=True)], n_columns=n_columns + 1
    )
    assert (x is not None) == (rank(augmented) == rank(A))
    if x is not None:
        assert len(x) == n_columns
        assert A @ x == b
        assert all(x[j] == 0 for j in set(range(n_columns)) - set(independent_columns(A)))
        if n_rows == n_columns == rank(A):
            assert solve_unique(A, b) == x


def test_nothing_leaks_from_flint() -> None:
    A = [[2**100 + i * j for j in range(6)] for i in range(6)]
    results = [
        rank(A),
        determinant(A),
        *nullspace(A).numerators[0],
        *row_echelon(A)[0].numerators[0],
        *independent_rows(A),
        *(solve([[3, 1], [1, 3]], [1, 1]) or ()),
        *inverse([[2, 1], [1, 1]]).row(0),
    ]
    assert {type(value) for value in results} <= {int, Fraction}


def test_shapes_are_checked() -> None:
    for function in (determinant, inverse):
        with pytest.raises(ShapeError, match="1 x 2"):
            function([[1, 2]])
    with pytest.raises(ShapeError):
        solve_unique([[1, 2]], [1])
    with pytest.raises(ShapeError, match="2 entries"):
        solve([[1, 2]], [1, 2])


def test_empty_matrices() -> None:
    nothing = RationalMatrix.from_rows([], n_columns=0)
    assert (rank(nothing), determinant(nothing), solve(nothing, [])) == (0, 1, ())
    assert inverse(nothing) == nothing
    wide = RationalMatrix.from_rows([], n_columns=2)
    assert nullspace(wide) == RationalMatrix.identity(2)
    assert solve(wide, []) == (0, 0)
    tall = RationalMatrix.from_rows([[], []])
    assert (solve(tall, [0, 0]), solve(tall, [0, 1])) == ((), None)
    assert nullspace(tall).shape == (0, 0)
