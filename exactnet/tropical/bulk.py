"""Values of a tropical polynomial at many points: exact by 64-bit integers where they fit, or in floats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exactnet.errors import ShapeError
from exactnet.exact import common_denominator, to_fractions

if TYPE_CHECKING:
    from exactnet.tropical.polynomial import TropicalPolynomial

__all__ = ["approx_values", "exact_values"]

# entries of one block of the table points x terms
_BLOCK = 1 << 22
_INT64 = 1 << 62


def exact_values(p: TropicalPolynomial, points: Iterable[Sequence[object]]) -> tuple[Fraction, ...]:
    """The exact values of p at all points; 64-bit integers when a bound proves that they suffice.

    Raises
    ------
    ShapeError : a point with another number of entries than p has variables.

    Examples
    --------
    >>> from exactnet.tropical.polynomial import TropicalPolynomial
    >>> exact_values(TropicalPolynomial.from_terms({(1, 0): 0, (0, 1): 2}), [[0, 0], ["1/3", -2]])
    (Fraction(2, 1), Fraction(1, 3))
    """
    rows = [to_fractions(point, where=f"point {i}") for i, point in enumerate(points)]
    for i, row in enumerate(rows):
        if len(row) != p.n_variables:
            raise ShapeError(
                "a point with another number of entries",
                where=f"point {i}",
                got=f"{len(row)}",
                expected=f"{p.n_variables}, the number of variables",
            )
    if not rows:
        return ()
    q = common_denominator(v for row in rows for v in row)
    table = [[*(v.numerator * (q // v.denominator) for v in row), q] for row in rows]
    forms = [[*e, c] for e, c in p.terms]
    largest = max(abs(v) for form in forms for v in form) * max(abs(v) for row in table for v in row)
    kind: type = np.int64 if largest * (p.n_variables + 1) < _INT64 else object
    best = _largest(np.array(table, dtype=kind), np.array(forms, dtype=kind))
    return tuple(Fraction(int(v), q * p.denominator) for v in best)


def approx_values(p: TropicalPolynomial, points: ArrayLike) -> NDArray[np.float64]:
    """The values of p at the rows of an array, in float64.

    Raises
    ------
    ShapeError : the array is not (N x n_variables).

    Examples
    --------
    >>> from exactnet.tropical.polynomial import TropicalPolynomial
    >>> approx_values(TropicalPolynomial.from_terms({(1,): 0, (0,): 0}), [[-1.0], [0.25]])
    array([0.  , 0.25])
    """
    table = np.asarray(points, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != p.n_variables:
        raise ShapeError(
            "the points are not a table of the right width",
            where="points",
            got=f"shape {table.shape}",
            expected=f"(N, {p.n_variables})",
        )
    den = p.denominator
    # each entry is rounded once: int / int is correctly rounded however long both are
    forms = np.array([[*(v / den for v in e), c / den] for e, c in p.terms])
    return np.asarray(_largest(np.hstack([table, np.ones((len(table), 1))]), forms), dtype=np.float64)


def _largest(table: NDArray[np.generic], forms: NDArray[np.generic]) -> NDArray[np.generic]:
    step = max(1, _BLOCK // len(forms))
    blocks = [
        np.max(np.dot(table[k : k + step], forms.T), axis=1, initial=None)  # type: ignore[call-overload]
        for k in range(0, len(table), step)
    ]
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=table.dtype)
