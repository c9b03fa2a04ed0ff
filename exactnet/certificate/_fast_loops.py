"""Compiled arithmetic of the second checker: is a form a combination of others, and with which signs?

`float_signs` proves it in float64 with the error bounds of :mod:`exactnet.certificate._fast_forms` ([5]);
`integer_signs` decides it in 64-bit integers, by fraction-free elimination (Bareiss 1968), if they suffice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels._wide_loops import compile_loop, gcd

__all__ = ["EPSILON", "FLOOR", "NO", "UNKNOWN", "UP", "YES", "Scratch", "float_signs", "integer_signs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# bounds of one operation, of underflow, and of the rounding of the bounds themselves
EPSILON = 2.0**-52
FLOOR = 2.0**-900
UP = 1.0 + 2.0**-29

NO, YES, UNKNOWN = 0, 1, 2
_PRODUCT = 2.0**61  # products below this leave room for a sum of two


class Scratch(NamedTuple):
    """Working space for D coordinates: `left` (D+1, D), `right` (D+1, D+1), `vectors` (4, D+1), and for
    integers `table` (D, D+2); `pivots` (D+1,), `used` (D,), `names` (D+1,): the forms to combine."""

    left: Floats
    right: Floats
    vectors: Floats
    table: Ints
    pivots: Ints
    used: Ints
    names: Ints


@compile_loop
def _inverse(F: Floats, k: int, D: int, space: Scratch) -> bool:
    """Choose k columns and nearly invert the k named rows of F there; whether no pivot was zero.

    Gauss-Jordan elimination with the largest entry of each row as its pivot. Afterwards `right` times the
    rows, in the columns `pivots`, is nearly the identity matrix. Nothing here has to be right.
    """
    left, right, pivots, used = space.left, space.right, space.pivots, space.used
    for a in range(k):
        j = space.names[a]
        for c in range(D):
            left[a, c] = F[j, c]
        for b in range(k):
            right[a, b] = 0.0
        right[a, a] = 1.0
    for c in range(D):
        used[c] = 0
    for a in range(k):
        best, at = 0.0, -1
        for c in range(D):
            size = abs(left[a, c])
            if used[c] == 0 and size > best:
                best, at = size, c
        if at < 0:
            return False
        used[at] = 1
        pivots[a] = at
        factor = 1.0 / left[a, at]
        for c in range(D):
            left[a, c] *= factor
        for b in range(k):
            right[a, b] *= factor
        for i in range(k):
            y = left[i, at]
            if i != a and y != 0.0:
                for c in range(D):
                    left[i, c] -= y * left[a, c]
                for b in range(k):
                    right[i, b] -= y * right[a, b]
    return True


@compile_loop
def float_signs(F: Floats, E: Floats, sigma: Ints, target: int, sign: int, k: int, space: Scratch) -> int:
    """Try sign F_target = sum m_j sigma_j F_j over the k forms in `names`, if it is known that m exists.

    Returns
    -------
    YES: the forms are independent and all m_j > 0; NO: independent, and some m_j < 0; UNKNOWN.
    """
    D = F.shape[1]
    if not _inverse(F, k, D, space):
        return UNKNOWN
    right, pivots, names = space.right, space.pivots, space.names
    m, residual, alpha, shift = space.vectors[0], space.vectors[1], space.vectors[2], space.vectors[3]
    total, spread, errors = 0.0, 0.0, 0.0
    for b in range(k):
        value = 0.0
        for a in range(k):
            value += F[target, pivots[a]] * right[a, b]
        m[b] = value
        total += abs(value)
        spread += abs(value) * E[names[b]]
        errors += E[names[b]]
    eta = (k + 4) * EPSILON * (1.0 + total) + E[target] + spread + FLOOR
    for a in range(k):
        value = F[target, pivots[a]]
        for b in range(k):
            value -= m[b] * F[names[b], pivots[a]]
        residual[a] = abs(value) + eta
    # columns of |I - M T| and of |rho| |T|
    worst_alpha, worst_shift = 0.0, 0.0
    for b in range(k):
        size, moved = 0.0, 0.0
        for a in range(k):
            size += abs(right[a, b])
            moved += residual[a] * abs(right[a, b])
        bound = k * ((k + 4) * EPSILON * (size + 1.0) + FLOOR) + errors * size
        for i in range(k):
            value = 1.0 if i == b else 0.0
            for a in range(k):
                value -= F[names[i], pivots[a]] * right[a, b]
            bound += abs(value)
        alpha[b], shift[b] = UP * bound, UP * moved + FLOOR
        # written so that a NaN ends here
        if not alpha[b] < 0.5:
            return UNKNOWN
        worst_alpha, worst_shift = max(worst_alpha, alpha[b]), max(worst_shift, shift[b])
    furthest = UP * worst_shift / (1.0 - worst_alpha)
    answer = YES
    for b in range(k):
        bound = UP * (shift[b] + furthest * alpha[b]) + FLOOR
        value = m[b] * sign * sigma[names[b]]
        if value < -bound:
            return NO
        if not value > bound:
            answer = UNKNOWN
    return answer


@compile_loop
def integer_signs(
    forms: Ints, sigma: Ints, target: int, sign: int, k: int, strict: bool, space: Scratch
) -> int:
    """Decide sign F_target = sum m_j sigma_j F_j over the k forms in `names`, in 64 bits.

    Returns
    -------
    YES: the forms are independent, m exists, and all m_j >= 0 (> 0 if strict); NO; UNKNOWN: too large.
    """
    D = forms.shape[1]
    table, names = space.table, space.names
    for c in range(D):
        for b in range(k):
            table[c, b] = forms[names[b], c]
        table[c, k] = forms[target, c]
    before = 1
    for s in range(k):
        at = -1
        for c in range(s, D):
            if table[c, s] != 0 and (at < 0 or abs(table[c, s]) < abs(table[at, s])):
                at = c
        if at < 0:
            return NO
        if at != s:
            for b in range(k + 1):
                table[at, b], table[s, b] = table[s, b], table[at, b]
        pivot = table[s, s]
        for c in range(D):
            if c == s:
                continue
            factor = table[c, s]
            for b in range(k + 1):
                if (
                    abs(float(pivot)) * abs(float(table[c, b])) >= _PRODUCT
                    or abs(float(factor)) * abs(float(table[s, b])) >= _PRODUCT
                ):
                    return UNKNOWN
                # an exact quotient, so the rounding of // does not matter
                table[c, b] = (pivot * table[c, b] - factor * table[s, b]) // before
        before = pivot
    for c in range(k, D):
        if table[c, k] != 0:
            return NO
    for b in range(k):
        m = table[b, k] * sign * sigma[names[b]] * (1 if before > 0 else -1)
        if m < 0 or (strict and m == 0):
            return NO
    return YES


@compile_loop
def reduce_row(row: Ints) -> None:
    """Divide a row by the greatest common divisor of its entries."""
    divisor = 0
    for c in range(len(row)):
        divisor = gcd(divisor, row[c])
    if divisor > 1:
        for c in range(len(row)):
            row[c] //= divisor
