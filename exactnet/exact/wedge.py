"""Generalised cross products and wedge products of vectors, exactly.

Up to five coordinates they are written out in Python integers, because they are asked for a hundred
thousand times on tiny inputs; above that FLINT eliminates.

Examples
--------
>>> generalised_cross_product([(1, 0, 0), (0, 1, 0)]), wedge([(0, 0, 2), (1, 0, 0), (0, 1, 0)])
((0, 0, 1), 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from exactnet.errors import ShapeError
from exactnet.exact._flint import integer_matrix
from exactnet.exact.linalg import determinant, integer_determinant
from exactnet.exact.matrix import RationalMatrix
from exactnet.exact.rational import to_fraction

__all__ = ["generalised_cross_product", "wedge"]

Vector = Sequence[Fraction | int]


def generalised_cross_product(rows: Sequence[Vector]) -> tuple[Any, ...]:
    """The Hodge dual of the wedge of d-1 vectors of length d: entry k is (-1)^k det(rows without column k).

    It is orthogonal to every row, zero exactly when the rows are dependent, changes sign when two rows
    are exchanged, and x . cross(rows) = det[x; rows] = wedge([x, *rows]). With no rows d is 1 and the
    result (1,); for d = 2 it is (z_2, -z_1), for d = 3 the usual cross product.

    Parameters
    ----------
    rows : d-1 sequences of length d, of int or Fraction.

    Returns
    -------
    d entries: ints if all entries are ints, otherwise Fractions.

    Raises
    ------
    ShapeError : the length of a row is not the number of rows plus one.
    InputError : an entry that is not a number (InexactInputError: a NaN).

    Examples
    --------
    >>> generalised_cross_product([(3, 5)]), generalised_cross_product([])
    ((5, -3), (1,))
    >>> generalised_cross_product([(1, 2, 3), (4, 5, 6)])
    (-3, 6, -3)
    """
    d = len(rows) + 1
    rows = _exact_rows(rows, d, "the cross product of d - 1 vectors needs vectors of length d")
    if d <= 5:
        return tuple(_SMALL_CROSS[d](*rows))
    if any(type(value) is Fraction for row in rows for value in row):
        matrix = RationalMatrix.from_rows(rows)
        scale = matrix.denominator ** (d - 1)
        return tuple(Fraction(value, scale) for value in _cross_by_nullspace(matrix.numerators))
    return _cross_by_nullspace([[int(value) for value in row] for row in rows])


def wedge(rows: Sequence[Vector]) -> Any:
    """The signed volume z_1 ^ ... ^ z_d: the determinant of d vectors of length d.

    Returns
    -------
    An int if all entries are ints, otherwise a Fraction.

    Raises
    ------
    ShapeError : not d vectors of length d.

    Examples
    --------
    >>> wedge([(1, 2), (3, 4)]), wedge([(Fraction(1, 2), 0), (0, 1)])
    (-2, Fraction(1, 2))
    """
    d = len(rows)
    rows = _exact_rows(rows, d, "the wedge of d vectors as a volume needs vectors of length d")
    if 1 <= d <= 5:
        cross = _SMALL_CROSS[d](*rows[1:])
        return sum([a * b for a, b in zip(rows[0], cross, strict=True)])
    if any(type(value) is Fraction for row in rows for value in row):
        return determinant(rows)
    return integer_determinant([[int(value) for value in row] for row in rows])


def _cross_1() -> tuple[Any, ...]:
    return (1,)


def _cross_2(a: Any) -> tuple[Any, ...]:
    return a[1], -a[0]


def _cross_3(a: Any, b: Any) -> tuple[Any, ...]:
    a0, a1, a2 = a
    b0, b1, b2 = b
    return a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0


def _cross_4(a: Any, b: Any, c: Any) -> tuple[Any, ...]:
    a0, a1, a2, a3 = a
    b0, b1, b2, b3 = b
    c0, c1, c2, c3 = c
    # the six 2 x 2 minors of rows b and c
    m01, m02, m03 = b0 * c1 - b1 * c0, b0 * c2 - b2 * c0, b0 * c3 - b3 * c0
    m12, m13, m23 = b1 * c2 - b2 * c1, b1 * c3 - b3 * c1, b2 * c3 - b3 * c2
    return (
        a1 * m23 - a2 * m13 + a3 * m12,
        -a0 * m23 + a2 * m03 - a3 * m02,
        a0 * m13 - a1 * m03 + a3 * m01,
        -a0 * m12 + a1 * m02 - a2 * m01,
    )


def _cross_5(a: Any, b: Any, c: Any, e: Any) -> tuple[Any, ...]:
    a0, a1, a2, a3, a4 = a
    b0, b1, b2, b3, b4 = b
    c0, c1, c2, c3, c4 = c
    e0, e1, e2, e3, e4 = e
    # the 2 x 2 minors of rows a, b and of rows c, e; then Laplace's expansion along the first two rows
    m01, m02, m03, m04 = a0 * b1 - a1 * b0, a0 * b2 - a2 * b0, a0 * b3 - a3 * b0, a0 * b4 - a4 * b0
    m12, m13, m14 = a1 * b2 - a2 * b1, a1 * b3 - a3 * b1, a1 * b4 - a4 * b1
    m23, m24, m34 = a2 * b3 - a3 * b2, a2 * b4 - a4 * b2, a3 * b4 - a4 * b3
    n01, n02, n03, n04 = c0 * e1 - c1 * e0, c0 * e2 - c2 * e0, c0 * e3 - c3 * e0, c0 * e4 - c4 * e0
    n12, n13, n14 = c1 * e2 - c2 * e1, c1 * e3 - c3 * e1, c1 * e4 - c4 * e1
    n23, n24, n34 = c2 * e3 - c3 * e2, c2 * e4 - c4 * e2, c3 * e4 - c4 * e3
    return (
        m12 * n34 - m13 * n24 + m14 * n23 + m23 * n14 - m24 * n13 + m34 * n12,
        -(m02 * n34 - m03 * n24 + m04 * n23 + m23 * n04 - m24 * n03 + m34 * n02),
        m01 * n34 - m03 * n14 + m04 * n13 + m13 * n04 - m14 * n03 + m34 * n01,
        -(m01 * n24 - m02 * n14 + m04 * n12 + m12 * n04 - m14 * n02 + m24 * n01),
        m01 * n23 - m02 * n13 + m03 * n12 + m12 * n03 - m13 * n02 + m23 * n01,
    )


_SMALL_CROSS: dict[int, Any] = {1: _cross_1, 2: _cross_2, 3: _cross_3, 4: _cross_4, 5: _cross_5}


def _cross_by_nullspace(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """One nullspace gives the direction, one determinant the length and the sign."""
    d = len(rows) + 1
    basis, nullity = integer_matrix(rows, d - 1, d).nullspace()
    if nullity != 1:
        return (0,) * d
    direction = [int(basis[k, 0]) for k in range(d)]
    k = next(k for k in range(d) if direction[k])
    minor = integer_determinant([[*row[:k], *row[k + 1 :]] for row in rows])
    entry = -minor if k % 2 else minor
    return tuple(entry * value // direction[k] for value in direction)


def _exact_rows(rows: Sequence[Vector], d: int, what: str) -> Sequence[Vector]:
    """Length d each, entries int or Fraction (NumPy integers would overflow without a word)."""
    for row in rows:
        if len(row) != d:
            raise ShapeError(
                what,
                got=f"{len(rows)} vectors, one of length {len(row)}",
                expected=f"length {d}",
                hint="pass the vectors as rows",
            )
        for value in row:
            if type(value) is not int and type(value) is not Fraction:
                return [_exact_row(each) for each in rows]
    return rows


def _exact_row(row: Vector) -> tuple[Fraction | int, ...]:
    fractions = [to_fraction(value, where="vector") for value in row]
    return tuple(q.numerator if q.denominator == 1 else q for q in fractions)
