"""Ranks and Smith normal forms of sparse integer matrices, in Python integers.

Boundary matrices have entries 0 and +-1 and are sparse, so nearly all of the work is elimination with the
pivots +-1, which needs no division and keeps the other invariant factors; what is left is diagonalised by the
Euclidean algorithm (Smith 1861; Newman, Integral Matrices, 1972, chapter II).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import gcd
from typing import TypeAlias

__all__ = ["Column", "dense_columns", "invariant_factors", "rank_mod_2"]

Column: TypeAlias = tuple[tuple[int, int], ...]
"""One column: pairs (row, entry), rows ascending, entries not zero."""

_Rows = dict[int, dict[int, int]]


def dense_columns(rows: Sequence[Sequence[int]]) -> tuple[Column, ...]:
    """The columns of a matrix given by its rows.

    Examples
    --------
    >>> dense_columns([[1, 0], [-1, 2]])
    (((0, 1), (1, -1)), ((1, 2),))
    """
    return tuple(
        tuple((i, int(value)) for i, value in enumerate(column) if value)
        for column in zip(*rows, strict=True)
    )


def rank_mod_2(columns: Iterable[Column]) -> int:
    """Rank over the field with two elements, by elimination on bit sets: at most n_columns * rank sums.

    Examples
    --------
    >>> rank_mod_2(dense_columns([[1, 1], [1, -1]]))
    1
    """
    pivots: dict[int, int] = {}
    for column in columns:
        bits = 0
        for row, value in column:
            bits ^= (value & 1) << row
        while bits:
            top = bits.bit_length()
            if top not in pivots:
                pivots[top] = bits
                break
            bits ^= pivots[top]
    return len(pivots)


def invariant_factors(columns: Iterable[Column]) -> tuple[int, ...]:
    """The non-zero diagonal of the Smith normal form: positive, each divides the next; as many as the rank.

    Examples
    --------
    >>> invariant_factors(dense_columns([[2, 4, 4], [-6, 6, 12], [10, -4, -16]]))
    (2, 6, 12)
    >>> invariant_factors(dense_columns([[0, 0]]))
    ()
    """
    rows: _Rows = {}
    for j, column in enumerate(columns):
        for i, value in column:
            rows.setdefault(i, {})[j] = value
    n_units = _eliminate_units(rows)
    order = sorted({j for row in rows.values() for j in row})
    core = [[row.get(j, 0) for j in order] for row in rows.values() if row]
    return (1,) * n_units + _divisor_chain(_diagonal(core))


def _eliminate_units(rows: _Rows) -> int:
    """Clear row and column of one entry +-1 after the other, as long as there is one; returns how many."""
    holders: dict[int, set[int]] = {}
    for i, row in rows.items():
        for j in row:
            holders.setdefault(j, set()).add(i)
    n_units = 0
    waiting = sorted(rows, key=lambda i: len(rows[i]), reverse=True)
    while waiting:
        i = waiting.pop()
        units = [j for j, value in rows.get(i, {}).items() if value in (1, -1)]
        if not units:
            continue
        pivot = min(units, key=lambda j: len(holders[j]))  # the fewest rows to change
        n_units += 1
        row = rows.pop(i)
        for j in row:
            holders[j].discard(i)
        for k in tuple(holders.pop(pivot)):
            _subtract(rows[k], row, pivot, k, holders)
            waiting.append(k)
    return n_units


def _subtract(
    target: dict[int, int], row: dict[int, int], pivot: int, k: int, holders: dict[int, set[int]]
) -> None:
    """Row k minus the multiple of the pivot's row that clears its entry in the pivot's column."""
    factor = target[pivot] * row[pivot]  # the pivot is its own inverse
    for j, value in row.items():
        entry = target.get(j, 0) - factor * value
        if entry:
            target[j] = entry
            holders[j].add(k)
        elif j in target:
            del target[j]
            if j != pivot:
                holders[j].discard(k)


def _diagonal(matrix: list[list[int]]) -> list[int]:
    """Diagonal entries of an equivalent diagonal matrix (without divisibility); the matrix is used up."""
    found: list[int] = []
    while True:
        entries = [(abs(value), i, j) for i, row in enumerate(matrix) for j, value in enumerate(row) if value]
        if not entries:
            return found
        _, i, j = min(entries)
        if _reduce_by(matrix, i, j):
            found.append(abs(matrix[i][j]))
            del matrix[i]
            for row in matrix:
                del row[j]


def _reduce_by(matrix: list[list[int]], i: int, j: int) -> bool:
    """Divide column and row of a pivot by it with remainder; whether all remainders are zero."""
    pivot, pivot_row = matrix[i][j], matrix[i]
    clean = True
    for k, row in enumerate(matrix):
        if k != i and row[j]:
            quotient = row[j] // pivot
            matrix[k] = [value - quotient * p for value, p in zip(row, pivot_row, strict=True)]
            clean = clean and not matrix[k][j]
    if not clean:
        return False  # a smaller pivot has appeared
    for n, value in enumerate(pivot_row):
        if n != j and value:
            # the column of the pivot is zero elsewhere, so this column operation changes the pivot's row only
            pivot_row[n] = value % pivot
            clean = clean and not pivot_row[n]
    return clean


def _divisor_chain(diagonal: list[int]) -> tuple[int, ...]:
    """The invariant factors of a diagonal matrix: gcd and lcm of neighbours until each divides the next."""
    chain = list(diagonal)
    while any(b % a for a, b in pairwise(chain)):
        for k in range(len(chain) - 1):
            divisor = gcd(chain[k], chain[k + 1])
            chain[k], chain[k + 1] = divisor, chain[k] * chain[k + 1] // divisor
    return tuple(chain)
