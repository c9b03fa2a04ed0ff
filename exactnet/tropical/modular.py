"""Large integer systems: elimination modulo a prime guesses which rows and columns matter.

The rank modulo a prime is at most the true rank, and nearly always equal to it. So pivot rows and columns
modulo a prime almost always name an invertible part of the matrix; the exact solution of that part solves the
whole system, or the guess has failed and exact elimination decides. Nothing rests on the guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError
from exactnet.exact import RationalMatrix, solve, solve_unique

__all__ = ["pivots", "solution"]

_PRIME = 2**31 - 1  # products of two residues fit int64


def pivots(rows: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows and columns of an invertible part of the largest possible size, modulo a prime.

    Examples
    --------
    >>> pivots([[0, 0, 1], [0, 0, 2], [0, 3, 0]])
    ((2, 1), (1, 2))
    """
    table = np.array([[value % _PRIME for value in row] for row in rows], dtype=np.int64)
    if not table.size:
        return (), ()
    order = np.arange(len(table))
    chosen: list[int] = []
    for j in range(table.shape[1]):
        r = len(chosen)
        below = np.flatnonzero(table[r:, j])
        if not below.size:
            continue
        k = r + int(below[0])
        table[[r, k]], order[[r, k]] = table[[k, r]], order[[k, r]]
        _eliminate(table, r, j)
        chosen.append(j)
        if len(chosen) == len(table):
            break
    return tuple(order[: len(chosen)].tolist()), tuple(chosen)


def _eliminate(table: NDArray[np.int64], r: int, j: int) -> None:
    """Zeros below the entry (r, j)."""
    table[r] = table[r] * pow(int(table[r, j]), -1, _PRIME) % _PRIME
    hit = r + 1 + np.flatnonzero(table[r + 1 :, j])
    table[hit] = (table[hit] - table[hit, j][:, None] * table[r]) % _PRIME


def solution(A: RationalMatrix, b: Sequence[int]) -> tuple[Fraction, ...] | None:
    """One solution of A x = b, zero outside pivot columns; None if there is none.

    Parameters
    ----------
    A : an integer matrix (m x n).
    b : m integers.

    Examples
    --------
    >>> solution(RationalMatrix.from_rows([[1, 1], [2, 2]]), [3, 6])
    (Fraction(3, 1), Fraction(0, 1))
    >>> solution(RationalMatrix.from_rows([[1, 1], [2, 2]]), [3, 5]) is None
    True
    """
    rows, columns = pivots(A.numerators)
    try:
        part = solve_unique([[A.numerators[i][j] for j in columns] for i in rows], [b[i] for i in rows])
    except InputError:  # pragma: no cover - the determinant would have to be zero, and not modulo the prime
        return solve(A, b)
    x = [Fraction(0)] * A.n_columns
    for j, value in zip(columns, part, strict=True):
        x[j] = value * A.denominator
    found = tuple(x)
    # the part may be too small, or the system unsolvable: elimination decides
    return found if A @ found == tuple(map(Fraction, b)) else solve(A, b)
