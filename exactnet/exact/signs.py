"""Exact signs of many integer dot products.

Each sign climbs a ladder and stops at the first rung that *proves* it:

1. float64: exact if all dot products are proved to be integers below 2^53; otherwise a filter whose error
   bound is proved in `exactnet.kernels.signs`;
2. int64, if |p|_max |h|_max D <= 2^62 is proved for this pair;
3. Python integers of any size.

Zeros are never decided by the filter, so they always come from exact integers.

Examples
--------
>>> sign_matrix([(1, -1), (2**80, 1)], [(1, 1), (3, 1)])
array([[0, 1],
       [1, 1]], dtype=int8)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import index, mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, ShapeError
from exactnet.exact.matrix import RationalMatrix
from exactnet.kernels.signs import MAX_COORDINATES, UNDECIDED, SignKernel, sign_kernel, sign_table

__all__ = ["SignStats", "sign_matrix"]

IntegerVectors = Sequence[Sequence[int]] | NDArray[np.integer[Any]] | RationalMatrix
_Rows = Sequence[Sequence[int]] | NDArray[np.int64]

_BLOCK = 2**17  # table entries a block: its float64 temporaries stay in the cache
_COMPILED_BLOCK = 2**24
_PAIRS = 2**16  # undecided pairs a step of the int64 rung


@dataclass
class SignStats:
    """How many signs each rung decided; hand it to several calls to add up."""

    n_float: int = 0
    n_int64: int = 0
    n_big: int = 0


def sign_matrix(
    forms: IntegerVectors, points: IntegerVectors, *, stats: SignStats | None = None
) -> NDArray[np.int8]:
    """The exact signs of all dot products of integer vectors.

    Parameters
    ----------
    forms, points : vectors of one common length D, integers of any size, as sequences of int tuples or as
        integer arrays. Of a `RationalMatrix` the rows are taken (its denominator is positive).
    stats : counts which rung decided, if given.

    Returns
    -------
    (n_points, n_forms) int8 array of -1, 0, 1: entry (i, j) is the sign of points[i] . forms[j].

    Raises
    ------
    ShapeError : vectors of different length.
    InputError : an entry that is not an integer.

    Examples
    --------
    >>> stats = SignStats()
    >>> big = 2**100
    >>> sign_matrix([(big, 1)], [(1, -big), (1, 1 - big), (-1, big + 1)], stats=stats).tolist(), stats
    ([[0], [1], [1]], SignStats(n_float=0, n_int64=0, n_big=3))
    """
    p, h = _read(points, "points"), _read(forms, "forms")
    n_points, n_forms = len(p.rows), len(h.rows)
    table = np.zeros((n_points, n_forms), dtype=np.int8)
    stats = SignStats() if stats is None else stats
    if n_points == 0 or n_forms == 0:
        return table
    n_coordinates = p.scaled.shape[1]
    if h.scaled.shape[1] != n_coordinates:
        raise ShapeError(
            "forms and points have different lengths",
            where="sign_matrix",
            got=f"forms of length {h.scaled.shape[1]}, points of length {n_coordinates}",
            expected="one common length",
        )
    if n_coordinates == 0:
        stats.n_float += table.size
        return table
    # |p . h| <= D 2^bits: below 2^53 float64 sums of these integers are exact in any order
    growth = n_coordinates.bit_length()
    fits_float = int(p.bits.max()) + int(h.bits.max()) + growth <= 53
    kernel = sign_kernel(table.size)
    step = max(1, (_BLOCK if kernel is sign_table else _COMPILED_BLOCK) // n_forms)
    transposed = h.small.T.astype(np.float64)
    for start in range(0, n_points, step):
        block = table[start : start + step]
        if fits_float:
            values = p.small[start : start + step].astype(np.float64) @ transposed
            np.subtract(values > 0, values < 0, out=block, dtype=np.int8)
            stats.n_float += block.size
        else:
            _decide_block(p, h, start, block, growth, kernel, stats)
    return table


def _decide_block(
    p: _Vectors,
    h: _Vectors,
    start: int,
    block: NDArray[np.int8],
    growth: int,
    kernel: SignKernel,
    stats: SignStats,
) -> None:
    """All three rungs for the points from `start` on; writes into `block`."""
    if h.scaled.shape[1] <= MAX_COORDINATES:
        block[:] = kernel(p.scaled[start : start + len(block)], h.scaled)
    else:
        block[:] = UNDECIDED
    rows, columns = np.nonzero(block == UNDECIDED)
    stats.n_float += block.size - len(rows)
    fits = p.bits[start + rows] + h.bits[columns] + growth <= 62
    stats.n_int64 += int(fits.sum())
    for some_rows, some_columns in _pieces(rows[fits], columns[fits]):
        products = p.small[start + some_rows] * h.small[some_columns]
        block[some_rows, some_columns] = np.sign(products.sum(axis=1))
    rows, columns = rows[~fits], columns[~fits]
    stats.n_big += len(rows)
    big_points, big_forms = _integers(p.rows, start + rows), _integers(h.rows, columns)
    signs = []
    for i, j in zip((start + rows).tolist(), columns.tolist(), strict=True):
        value = sum(map(mul, big_points[i], big_forms[j]))
        signs.append((value > 0) - (value < 0))
    block[rows, columns] = signs


def _integers(rows: _Rows, needed: NDArray[Any]) -> Sequence[Sequence[int]] | dict[int, list[int]]:
    """The needed vectors by index, as Python integers."""
    if not isinstance(rows, np.ndarray):
        return rows
    indices = np.unique(needed)
    return dict(zip(indices.tolist(), rows[indices].tolist(), strict=True))


def _pieces(rows: NDArray[Any], columns: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    return [
        (rows[start : start + _PAIRS], columns[start : start + _PAIRS])
        for start in range(0, len(rows), _PAIRS)
    ]


# -- reading vectors --------------------------------------------------------------------------------------


class _Vectors(NamedTuple):
    """Integer vectors, prepared for every rung.

    rows : the vectors as they came (for the third rung).
    bits : per vector a k with every |entry| < 2^k.
    small : the vectors in int64, for those with bits <= 62 (the others are zero and never looked at).
    scaled : entry / 2^k in float64: correctly rounded, or with an error of at most 2^-1074 if it underflows.
    """

    rows: _Rows
    bits: NDArray[np.int64]
    small: NDArray[np.int64]
    scaled: NDArray[np.float64]


def _read(vectors: IntegerVectors, where: str) -> _Vectors:
    if isinstance(vectors, np.ndarray):
        if vectors.ndim != 2 or vectors.dtype.kind not in "iuO":
            raise InputError(
                "not a table of integers",
                where=where,
                got=f"an array of shape {vectors.shape} and type {vectors.dtype}",
                expected="a 2-d array of integers",
                hint="scale each vector to integers first (exactnet.exact.primitive)",
            )
        if np.can_cast(vectors.dtype, np.int64):
            small = vectors.astype(np.int64)
            return _read_small(small.copy(), small)
        rows: Sequence[Sequence[int]] = vectors.tolist()
        n_columns = vectors.shape[1]
    else:
        rows = vectors.numerators if isinstance(vectors, RationalMatrix) else vectors
        rows = rows if isinstance(rows, list | tuple) else list(rows)
        n_columns = len(rows[0]) if rows else 0
    rows = _checked(rows, n_columns, where)
    shape = (len(rows), n_columns)
    try:
        return _read_small(rows, np.array(rows, dtype=np.int64).reshape(shape))
    except OverflowError:
        return _read_large(rows, shape)


def _read_small(rows: _Rows, small: NDArray[np.int64]) -> _Vectors:
    bits, scaled = _scaled(small.astype(np.float64))
    small[bits > 62] = 0
    return _Vectors(rows, bits, small, scaled)


def _read_large(rows: Sequence[Sequence[int]], shape: tuple[int, int]) -> _Vectors:
    try:
        bits, scaled = _scaled(np.array(rows, dtype=np.float64).reshape(shape))
    except OverflowError:  # an integer beyond the range of float64
        bits = np.array([max(map(int.bit_length, row)) for row in rows], dtype=np.int64)
        powers = [1 << k for k in bits.tolist()]
        # the quotient of two Python integers is correctly rounded
        scaled = np.array([[value / power for value in row] for row, power in zip(rows, powers, strict=True)])
    small = np.zeros(shape, dtype=np.int64)
    for i in np.nonzero(bits <= 62)[0].tolist():
        small[i] = rows[i]
    return _Vectors(rows, bits, small, scaled)


def _scaled(approx: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Exponents and scaled entries from correctly rounded ones. Rounding is monotone and powers of two are
    float64 numbers, so an exponent bounds the integer itself, not only its rounded value."""
    largest = np.abs(approx).max(axis=1, initial=0.0)
    exponents = np.frexp(largest)[1]
    return exponents.astype(np.int64), np.ldexp(approx, -exponents[:, None])


def _checked(rows: Sequence[Sequence[int]], n_columns: int, where: str) -> Sequence[Sequence[int]]:
    """Same length, Python integers (a float or a Fraction is refused, a NumPy integer converted)."""
    if any(length != n_columns for length in set(map(len, rows))):
        i = next(i for i, row in enumerate(rows) if len(row) != n_columns)
        raise ShapeError(
            "vectors of different length",
            where=f"{where}, vector {i} (from 0)",
            got=f"{len(rows[i])} entries",
            expected=f"{n_columns} entries",
        )
    if set(map(type, chain.from_iterable(rows))) <= {int}:
        return rows
    try:
        return [tuple(map(index, row)) for row in rows]
    except TypeError as error:
        raise InputError(
            "a coordinate is not an integer",
            where=where,
            got=str(error),
            expected="int",
            hint="scale each vector to integers first (exactnet.exact.primitive)",
        ) from None
