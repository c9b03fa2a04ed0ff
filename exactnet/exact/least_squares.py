"""Integer primitives of exact least squares: many inner products at once, and the normal equations."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpz_mat

from exactnet.errors import ShapeError

__all__ = ["IntegerRows", "inner_products", "solve_gram"]

IntVector = Sequence[int]


class IntegerRows:
    """Integer rows of one length, kept ready for inner products with many vectors.

    Parameters
    ----------
    rows : p integer rows of length n (plain `int`, any size).
    n_columns : n.

    Raises
    ------
    ShapeError : a row of another length.

    Examples
    --------
    >>> IntegerRows([(1, 2), (0, -1)], n_columns=2).products((3, 4))
    [11, -4]
    >>> IntegerRows([], n_columns=2).products((3, 4))
    []
    """

    def __init__(self, rows: Sequence[IntVector], *, n_columns: int) -> None:
        for i, row in enumerate(rows):
            if len(row) != n_columns:
                raise ShapeError(
                    "the rows have different lengths",
                    where=f"row {i}",
                    got=f"{len(row)} entries",
                    expected=f"{n_columns}",
                )
        self.n_columns = n_columns
        # an empty list of rows says nothing about their length, so FLINT never sees one
        self._is_empty = not rows or n_columns == 0
        self._n_rows = len(rows)
        self._matrix = None if self._is_empty else fmpz_mat([list(row) for row in rows])

    def products(self, vector: IntVector) -> list[int]:
        """The p inner products with an integer vector of length n, exactly."""
        if len(vector) != self.n_columns:
            raise ShapeError(
                "vector and rows have different lengths",
                got=f"{len(vector)} entries",
                expected=f"{self.n_columns}",
            )
        if self._is_empty:
            return [0] * self._n_rows
        return [int(x) for x in (self._matrix * fmpz_mat(self.n_columns, 1, list(vector))).entries()]


def inner_products(left: Sequence[IntVector], right: Sequence[IntVector]) -> list[list[int]]:
    """All inner products of two families of integer vectors: entry [i][j] is left[i] . right[j].

    Examples
    --------
    >>> inner_products([(1, 2), (0, 1), (1, 0)], [(3, 4), (5, 0)])
    [[11, 5], [4, 0], [3, 5]]
    """
    if not left or not right or not left[0]:
        return [[0] * len(right) for _ in left]
    product = fmpz_mat([list(row) for row in left]) * fmpz_mat([list(row) for row in right]).transpose()
    entries = [int(x) for x in product.entries()]
    width = len(right)
    return [entries[i * width : (i + 1) * width] for i in range(len(left))]


def solve_gram(vectors: Sequence[IntVector], rhs: IntVector) -> tuple[tuple[int, ...], int] | None:
    """Solve the normal equations (A'A) x = b, where `vectors` are the columns of A.

    A'A is singular exactly when the vectors are linearly dependent (x'A'Ax = |Ax|^2), so this also
    decides independence.

    Parameters
    ----------
    vectors : k integer vectors of one length n.
    rhs : b, k integers.

    Returns
    -------
    (numerators, denominator > 0) with x = numerators / denominator, or None when the vectors are
    dependent. No vectors: ((), 1).

    Raises
    ------
    ShapeError : `rhs` has not k entries.

    Examples
    --------
    >>> solve_gram([(1, 1), (0, 2)], (3, 4))
    ((2, 1), 2)
    >>> solve_gram([(1, 1), (2, 2)], (3, 4)) is None
    True
    """
    k = len(vectors)
    if len(rhs) != k:
        raise ShapeError("one right side for each vector", got=f"{len(rhs)} right sides", expected=f"{k}")
    if k == 0:
        return (), 1
    if not vectors[0]:
        return None
    rows = fmpz_mat([list(vector) for vector in vectors])
    try:
        solution = (rows * rows.transpose()).solve(fmpz_mat(k, 1, list(rhs)))
    except ZeroDivisionError:
        return None
    numerators, denominator = solution.numer_denom()
    c = int(denominator)
    flip = 1 if c > 0 else -1
    return tuple(flip * int(x) for x in numerators.entries()), flip * c
