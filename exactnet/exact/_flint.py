"""The border to FLINT: integer rows in, Python integers out. No FLINT number ever leaves this package.

Three traps are met here and nowhere else: `fmpq(1, 2) == Fraction(1, 2)` is silently False, FLINT matrices
do not pickle, and FLINT refuses NumPy integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

IntegerRows = tuple[tuple[int, ...], ...]


def integer_matrix(rows: Iterable[Sequence[int]], n_rows: int, n_columns: int) -> Any:
    """An `fmpz_mat` of that shape (the shape must be given: there may be no rows)."""
    from flint import fmpz_mat

    return fmpz_mat(n_rows, n_columns, [value for row in rows for value in row])


def integer_rows(matrix: Any) -> IntegerRows:
    """The entries of an `fmpz_mat` as Python integers."""
    n_columns = matrix.ncols()
    entries = [int(value) for value in matrix.entries()]
    return tuple(
        tuple(entries[start * n_columns : (start + 1) * n_columns]) for start in range(matrix.nrows())
    )
