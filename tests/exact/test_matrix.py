"""RationalMatrix: exact reading, one representation, arithmetic against plain fractions."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import RationalMatrix

ENTRIES = st.fractions(max_denominator=50)


def tables(n_rows: int, n_columns: int) -> st.SearchStrategy[list[list[Fraction]]]:
    row = st.lists(ENTRIES, min_size=n_columns, max_size=n_columns)
    return st.lists(row, min_size=n_rows, max_size=n_rows)


def columns(rows: list[list[Fraction]]) -> list[tuple[Fraction, ...]]:
    return list(zip(*rows, strict=True))


def test_floats_are_read_by_their_binary_value() -> None:
    X = np.array([[0.1, 1e-300], [2.0, -5e-324]])
    A = RationalMatrix.from_rows(X)
    assert A.rows() == tuple(tuple(Fraction(*x.as_integer_ratio()) for x in row) for row in X.tolist())
    assert RationalMatrix.from_rows(X.astype(np.float32)).row(0)[0] == Fraction(13421773, 134217728)
    assert np.array_equal(A.approx_array(), X)


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2], [3, 4]],
        ((1.0, 2.0), (3.0, 4.0)),
        np.array([[1, 2], [3, 4]], dtype=np.uint8),
        np.array([[1, 2], [3, 4]], dtype=object),
        np.array([["1", "2"], ["3", "4"]]),
        np.array([[1, 2], [3, 4]], dtype=np.longdouble),
        [np.array([1, 2]), np.array([3.0, 4.0])],
        [["1", Fraction(2)], [np.int32(3), 4]],
        iter([[1, 2], iter([3, 4])]),
    ],
)
def test_many_kinds_of_rows(rows: object) -> None:
    A = RationalMatrix.from_rows(rows)
    assert RationalMatrix(((1, 2), (3, 4)), 1, 2) == A
    assert all(type(value) is int for row in A.numerators for value in row)


def test_a_table_with_column_names_is_read_by_its_values() -> None:
    class Frame:
        def to_numpy(self) -> np.ndarray:
            return np.array([[1.0, 2.0]])

        def __iter__(self):  # what pandas does
            return iter(["a", "b"])

    assert RationalMatrix.from_rows(Frame()).row(0) == (1, 2)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_name_row_and_column(bad: float) -> None:
    X = np.ones((4, 3))
    X[2, 1] = bad
    with pytest.raises(InexactInputError) as caught:
        RationalMatrix.from_rows(X, where="features")
    assert caught.value.where == "features, row 2, column 1 (from 0)"
    assert caught.value.got == str(bad)


@pytest.mark.parametrize(
    "rows",
    [[[1, 2], [3]], np.array([1.0, 2.0]), np.ones((2, 2, 2)), [1, 2], ["12", "34"], [[], [1]]],
)
def test_what_is_no_table_is_refused(rows: object) -> None:
    with pytest.raises(ShapeError):
        RationalMatrix.from_rows(rows)


def test_the_ragged_row_is_named() -> None:
    with pytest.raises(
        ShapeError, match=r"features, row 1 \(from 0\)\n  got:      3 values\n  expected: 2 values"
    ):
        RationalMatrix.from_rows([[1, 2], [1, 2, 3]], where="features")


def test_the_entry_that_is_no_number_is_named() -> None:
    with pytest.raises(InputError, match=r"row 1, column 0 \(from 0\)"):
        RationalMatrix.from_rows([[1], [None]])
    with pytest.raises(InputError, match="bool"):
        RationalMatrix.from_rows(np.array([[True]]))


def test_no_rows_no_columns() -> None:
    assert RationalMatrix.from_rows([], n_columns=3).shape == (0, 3)
    assert RationalMatrix.from_rows(np.empty((0, 3))).shape == (0, 3)
    assert RationalMatrix.from_rows([[], []]).shape == (2, 0)
    assert RationalMatrix.from_rows([]).shape == (0, 0)
    empty = RationalMatrix.from_rows([], n_columns=3)
    assert empty.transpose().shape == (3, 0)
    assert empty.transpose().transpose() == empty
    assert (empty.transpose() @ empty).rows() == ((0, 0, 0),) * 3
    assert empty @ [1, 2, 3] == ()
    assert empty.approx_array().shape == (0, 3)
    with pytest.raises(ShapeError):
        RationalMatrix.from_rows([[1, 2]], n_columns=3)
    with pytest.raises(ShapeError):
        RationalMatrix.from_rows(empty, n_columns=2)


@given(tables(3, 2))
def test_one_representation(rows: list[list[Fraction]]) -> None:
    A = RationalMatrix.from_rows(rows)
    assert A.rows() == tuple(map(tuple, rows))
    assert A.denominator > 0
    assert math.gcd(A.denominator, *(value for row in A.numerators for value in row)) == 1
    doubled = RationalMatrix.from_integers(
        [[-2 * value for value in row] for row in A.numerators], -2 * A.denominator, n_columns=2
    )
    assert doubled == A
    assert hash(doubled) == hash(A)
    assert pickle.loads(pickle.dumps(A)) == A
    assert A.column(1) == tuple(row[1] for row in rows)
    assert A.transpose().row(1) == A.column(1)


@given(tables(3, 4), tables(4, 2), tables(3, 4), ENTRIES)
def test_arithmetic_against_fractions(
    a: list[list[Fraction]], b: list[list[Fraction]], c: list[list[Fraction]], k: Fraction
) -> None:
    A, B, C = map(RationalMatrix.from_rows, (a, b, c))
    product = [[sum(x * y for x, y in zip(row, col, strict=True)) for col in columns(b)] for row in a]
    assert (A @ B).rows() == tuple(map(tuple, product))
    assert A @ [row[0] for row in b] == tuple(row[0] for row in product)
    pairs = [[*zip(r, s, strict=True)] for r, s in zip(a, c, strict=True)]
    assert (A + C).rows() == tuple(tuple(x + y for x, y in row) for row in pairs)
    assert (A - C).rows() == tuple(tuple(x - y for x, y in row) for row in pairs)
    assert (A * k).rows() == (k * A).rows() == tuple(tuple(k * x for x in row) for row in a)
    assert (A - A) == 0 * A == -(A * 0)


def test_large_products_go_through_flint_and_come_back() -> None:
    n = 12
    A = RationalMatrix.from_rows([[Fraction(2**200 + i, j + 1) for j in range(n)] for i in range(n)])
    B = RationalMatrix.from_rows([[Fraction(i - j, 3**90) for j in range(n)] for i in range(n)])
    product = A @ B
    assert product.rows()[3][4] == sum(A.row(3)[k] * B.column(4)[k] for k in range(n))
    assert all(type(value) is int for row in product.numerators for value in row)
    assert RationalMatrix.identity(n) @ A == A == A @ RationalMatrix.identity(n)


def test_sizes_that_do_not_fit() -> None:
    A = RationalMatrix.from_rows([[1, 2]])
    with pytest.raises(ShapeError, match="1 x 2 times 1 x 2"):
        A @ A
    with pytest.raises(ShapeError):
        A + A.transpose()
    with pytest.raises(ShapeError):
        A @ [1]
    with pytest.raises(InputError):
        A * A  # type: ignore[operator]
    with pytest.raises(TypeError):
        A + 1  # type: ignore[operator]


@given(tables(2, 2))
def test_approximations_are_correctly_rounded(rows: list[list[Fraction]]) -> None:
    approx = RationalMatrix.from_rows(rows).approx_array()
    assert approx.tolist() == [[float(value) for value in row] for row in rows]


def test_approximations_beyond_float64() -> None:
    A = RationalMatrix.from_rows([[10**400, -(10**400), Fraction(1, 10**400), Fraction(1, 3 * 2**1073)]])
    assert A.approx_array().tolist() == [[math.inf, -math.inf, 0.0, 5e-324]]


def test_repr() -> None:
    assert repr(RationalMatrix.from_rows([["1/2", 3]])) == "RationalMatrix([[1/2, 3]])"
    assert repr(RationalMatrix.identity(10)) == "RationalMatrix(10 x 10)"
