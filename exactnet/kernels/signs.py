"""The float64 filter of the sign table: decide the sign of each dot product, or say that you cannot.

`sign_table` is the plain kernel, `sign_table_compiled` its numba twin: the same operations in the same
order, hence the same table. `sign_kernel` names the twin for large tables only, so that small calls
never wait for the compiler.

The bound
---------
Let p, h be real vectors of length D and P, H their float64 images, with |P_k|, |H_k| <= 1 and

    |p_k - P_k| <= e |P_k| + t,    |h_k - H_k| <= e |H_k| + t,    e = 2^-52,  t = 2^-1000.

e is twice the unit roundoff of rounding to nearest, so one correct rounding obeys this in *every* rounding
mode; t covers whatever underflow does, also when the processor flushes subnormal numbers to zero. Write
s = sum p_k h_k, A = sum |P_k||H_k|, and S', A' for the computed sum P_k H_k and sum |P_k||H_k|.

1. *Conversion.* |p_k h_k - P_k H_k| <= (2e + e^2)|P_k||H_k| + 3t, because |P_k|, |H_k| <= 1; in total
   |s - sum P_k H_k| <= (2e + e^2) A + 3Dt.
2. *Evaluation.* Every term passes through at most D roundings (one product, D - 1 additions; a fused
   multiply-add has one fewer), each with a relative error of at most e; underflow adds at most t for each
   of the 2D - 1 operations and each product of flushed factors. With g = De/(1 - De), Higham's gamma_D:
   |S' - sum P_k H_k| <= g A + 3Dt, and likewise A <= (A' + 3Dt)/(1 - g). This holds for every order of
   summation, with or without fused operations.
3. *Together*, for D <= 2^20, where g <= De(1 + 2^-31):  |s - S'| <= (g + 2e + e^2) A + 6Dt
   <= (D + 3) e A' + 13Dt.
4. *The computed bound* is B' = fl(fl((D + 4) e A') + 2^-900), where (D + 4) e is a float64. The two
   roundings take away at most the relative part 3e, and (D + 4)(1 - 3e) >= D + 3; half of 2^-900 is far
   above 14Dt. Hence B' >= |s - S'|.

So |S'| > B' proves that s has the sign of S'. Nothing else is ever decided here; in particular a zero is
never decided.

Examples
--------
>>> import numpy as np
>>> sign_table(np.array([[0.5, 0.25], [0.5, -0.5]]), np.array([[0.5, 0.5]]))
array([[1],
       [2]], dtype=int8)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGE_TABLE",
    "MAX_COORDINATES",
    "UNDECIDED",
    "SignKernel",
    "sign_kernel",
    "sign_table",
    "sign_table_compiled",
]

UNDECIDED = 2
MAX_COORDINATES = 2**20  # the D up to which the bound is proved

# from about this many entries on, the twin repays importing numba (about half a second)
LARGE_TABLE = 2**26

_EPSILON = 2.0**-52
_FLOOR = 2.0**-900

FloatArray = NDArray[np.float64]
SignArray = NDArray[np.int8]
SignKernel = Callable[[FloatArray, FloatArray], SignArray]


def sign_kernel(n_entries: int) -> SignKernel:
    """The faster of the two twins for a table of that size."""
    return sign_table_compiled if n_entries >= LARGE_TABLE else sign_table


def sign_table(points: FloatArray, forms: FloatArray) -> SignArray:
    """Signs of all dot products that float64 can prove; the plain kernel.

    Parameters
    ----------
    points : (n_points, D) array, entries at most 1 in absolute value, 1 <= D <= MAX_COORDINATES, as
        accurate as the module's text demands.
    forms : (n_forms, D) array, likewise.

    Returns
    -------
    (n_points, n_forms) int8 array of 1, -1 and UNDECIDED.

    Examples
    --------
    >>> import numpy as np
    >>> sign_table(np.array([[0.5], [0.0]]), np.array([[-0.75]])).tolist()
    [[-1], [2]]
    """
    n_coordinates = points.shape[1]
    relative = (n_coordinates + 4) * _EPSILON
    columns, absolute_columns = forms.T, np.abs(forms).T
    # not a matrix product: a fixed order of summation makes the table the same on every machine
    values = points[:, :1] * columns[0]
    bounds = np.abs(points[:, :1]) * absolute_columns[0]
    term = np.empty_like(values)
    for k in range(1, n_coordinates):
        np.multiply(points[:, k, None], columns[k], out=term)
        values += term
        np.abs(term, out=term)
        bounds += term
    bounds *= relative
    bounds += _FLOOR
    table = np.full(values.shape, UNDECIDED, dtype=np.int8)
    table[values > bounds] = 1
    np.negative(bounds, out=bounds)
    table[values < bounds] = -1
    return table


def sign_table_compiled(points: FloatArray, forms: FloatArray) -> SignArray:
    """The numba twin of `sign_table`; falls back to the plain kernel where numba cannot be imported."""
    loops = _compiled_loops()
    if loops is None:
        return sign_table(points, forms)
    table = np.empty((len(points), len(forms)), dtype=np.int8)
    loops(
        np.ascontiguousarray(points),
        np.ascontiguousarray(forms),
        (points.shape[1] + 4) * _EPSILON,
        _FLOOR,
        table,
    )
    return table


def _loops(points: FloatArray, forms: FloatArray, relative: float, floor: float, table: SignArray) -> None:
    for i in range(points.shape[0]):
        for j in range(forms.shape[0]):
            term = points[i, 0] * forms[j, 0]
            value, bound = term, abs(term)
            for k in range(1, points.shape[1]):
                term = points[i, k] * forms[j, k]
                value += term
                bound += abs(term)
            bound = bound * relative + floor
            if value > bound:
                table[i, j] = 1
            elif value < -bound:
                table[i, j] = -1
            else:
                table[i, j] = 2


@functools.cache
def _compiled_loops() -> Callable[..., Any] | None:
    try:
        import numba
    except ImportError:
        return None
    # no fastmath: the proof allows any order and fused operations, but not dropped operations
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, fastmath=False)(_loops)
    except RuntimeError:  # no place to write the cache
        compiled = numba.njit(fastmath=False)(_loops)
    return compiled
