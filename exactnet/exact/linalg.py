"""Exact linear algebra: rank, solve, nullspace, determinant, inverse.

Elimination runs in FLINT on the integer numerators; results come back as `int`, `Fraction` and
`RationalMatrix`.

Every function takes a `RationalMatrix` or anything `RationalMatrix.from_rows` reads.

Examples
--------
>>> rank([[1, 2], [2, 4]]), determinant([[1, 2], [3, 4]])
(1, Fraction(-2, 1))
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from exactnet.errors import InputError, ShapeError
from exactnet.exact._flint import integer_matrix, integer_rows
from exactnet.exact.matrix import RationalMatrix
from exactnet.exact.rational import primitive, to_fractions

__all__ = [
    "determinant",
    "independent_columns",
    "independent_rows",
    "inverse",
    "nullspace",
    "rank",
    "row_echelon",
    "solve",
    "solve_unique",
]

Rows = RationalMatrix | Sequence[Sequence[Fraction | int]]
Vector = Sequence[Fraction | int]


def rank(A: Rows) -> int:
    """The rank.

    Examples
    --------
    >>> rank([[0, 0]]), rank(RationalMatrix.identity(3))
    (0, 3)
    """
    return int(_numerators(RationalMatrix.from_rows(A)).rank())


def determinant(A: Rows) -> Fraction:
    """The determinant of a square matrix (1 for the empty one). ShapeError if not square.

    Examples
    --------
    >>> determinant([[Fraction(1, 2), 0], [5, 3]])
    Fraction(3, 2)
    """
    matrix = _square(A, "determinant")
    n = matrix.n_columns
    return Fraction(integer_determinant(matrix.numerators), matrix.denominator**n)


def row_echelon(A: Rows) -> tuple[RationalMatrix, tuple[int, ...]]:
    """The reduced row echelon form without its zero rows, and the pivot columns.

    Examples
    --------
    >>> row_echelon([[2, 4, 6], [1, 1, 1]])
    (RationalMatrix([[1, 0, -1], [0, 1, 2]]), (0, 1))
    """
    matrix = RationalMatrix.from_rows(A)
    reduced, denominator, n_pivots = _numerators(matrix).rref()
    rows = integer_rows(reduced)[:n_pivots]
    pivots = tuple(next(j for j, value in enumerate(row) if value) for row in rows)
    return RationalMatrix.from_integers(rows, int(denominator), n_columns=matrix.n_columns), pivots


def independent_columns(A: Rows) -> tuple[int, ...]:
    """The columns that are not combinations of earlier ones: a basis of the column space.

    Examples
    --------
    >>> independent_columns([[0, 1, 2, 3], [0, 1, 2, 4]])
    (1, 3)
    """
    return row_echelon(A)[1]


def independent_rows(A: Rows) -> tuple[int, ...]:
    """The rows that are not combinations of earlier ones: a basis of the row space.

    Examples
    --------
    >>> independent_rows([[1, 1], [2, 2], [0, 0], [1, 0]])
    (0, 3)
    """
    return row_echelon(RationalMatrix.from_rows(A).transpose())[1]


def nullspace(A: Rows) -> RationalMatrix:
    """A basis of {x : A x = 0}, one primitive integer vector a row (no rows if only 0 solves it).

    Examples
    --------
    >>> nullspace([[2, 4, 6], [1, 1, 1]])
    RationalMatrix([[1, -2, 1]])
    """
    echelon, pivots = row_echelon(A)
    n = echelon.n_columns
    basis = []
    for free in sorted(set(range(n)) - set(pivots)):
        vector = [0] * n
        vector[free] = echelon.denominator
        for row, pivot in zip(echelon.numerators, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(primitive(vector))
    return RationalMatrix.from_integers(basis, n_columns=n)


def solve(A: Rows, b: Vector) -> tuple[Fraction, ...] | None:
    """One solution of A x = b, with zeros at the non-pivot columns; None if there is none.

    Raises
    ------
    ShapeError : b has not one entry a row.

    Examples
    --------
    >>> solve([[1, 1], [2, 2]], [3, 6]), solve([[1, 1], [2, 2]], [3, 5])
    ((Fraction(3, 1), Fraction(0, 1)), None)
    """
    matrix, right = _system(A, b)
    n = matrix.n_columns
    if matrix.shape[0] == n:
        x = _solve_square(matrix, right)
        if x is not None:
            return x
    # over one denominator for [A | b]: the scale does not change the solutions
    augmented = [
        [value * right.denominator for value in row] + [entry * matrix.denominator]
        for row, (entry,) in zip(matrix.numerators, right.numerators, strict=True)
    ]
    echelon, pivots = row_echelon(RationalMatrix.from_integers(augmented, n_columns=n + 1))
    if n in pivots:
        return None
    solution = [Fraction(0)] * n
    for row, pivot in zip(echelon.numerators, pivots, strict=True):
        solution[pivot] = Fraction(row[n], echelon.denominator)
    return tuple(solution)


def solve_unique(A: Rows, b: Vector) -> tuple[Fraction, ...]:
    """The solution of A x = b for an invertible A.

    Raises
    ------
    ShapeError : A is not square, or b has the wrong length.
    InputError : A is singular.

    Examples
    --------
    >>> solve_unique([[2, 0], [0, 4]], [1, 1])
    (Fraction(1, 2), Fraction(1, 4))
    """
    matrix, right = _system(_square(A, "solve_unique"), b)
    solution = _solve_square(matrix, right)
    if solution is None:
        raise _singular(matrix)
    return solution


def inverse(A: Rows) -> RationalMatrix:
    """The inverse. ShapeError if not square, InputError if singular.

    Examples
    --------
    >>> inverse([[1, 2], [3, 4]])
    RationalMatrix([[-2, 1], [3/2, -1/2]])
    """
    matrix = _square(A, "inverse")
    try:
        numerators, denominator = _numerators(matrix).inv().numer_denom()
    except ZeroDivisionError:
        raise _singular(matrix) from None
    scaled = [[value * matrix.denominator for value in row] for row in integer_rows(numerators)]
    return RationalMatrix.from_integers(scaled, int(denominator), n_columns=matrix.n_columns)


def integer_determinant(rows: Sequence[Sequence[int]]) -> int:
    n = len(rows)
    return int(integer_matrix(rows, n, n).det())


# -- the border -------------------------------------------------------------------------------------------


def _numerators(matrix: RationalMatrix) -> Any:
    return integer_matrix(matrix.numerators, *matrix.shape)


def _square(A: Rows, where: str) -> RationalMatrix:
    matrix = RationalMatrix.from_rows(A)
    if matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(
            "the matrix is not square",
            where=where,
            got=f"{matrix.shape[0]} x {matrix.shape[1]}",
            expected="as many rows as columns",
        )
    return matrix


def _system(A: Rows, b: Vector) -> tuple[RationalMatrix, RationalMatrix]:
    matrix = RationalMatrix.from_rows(A)
    entries = to_fractions(b, where="right-hand side")
    if len(entries) != matrix.shape[0]:
        raise ShapeError(
            "the right-hand side does not fit the matrix",
            where="solve",
            got=f"{len(entries)} entries",
            expected=f"{matrix.shape[0]}, one a row",
        )
    return matrix, RationalMatrix.from_rows([[entry] for entry in entries], n_columns=1)


def _solve_square(matrix: RationalMatrix, right: RationalMatrix) -> tuple[Fraction, ...] | None:
    n = matrix.n_columns
    if n == 0:
        return ()
    try:
        solution = _numerators(matrix).solve(integer_matrix(right.numerators, n, 1))
    except ZeroDivisionError:
        return None
    numerators, denominator = solution.numer_denom()
    scale = int(denominator) * right.denominator
    return tuple(Fraction(value * matrix.denominator, scale) for (value,) in integer_rows(numerators))


def _singular(matrix: RationalMatrix) -> InputError:
    return InputError(
        "the matrix is singular",
        got=f"rank {rank(matrix)}",
        expected=f"rank {matrix.n_columns}",
        hint="use solve, which returns one solution or None",
    )
