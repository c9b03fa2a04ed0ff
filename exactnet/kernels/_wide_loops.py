"""Integers of 128 bits in two words, for the rays whose values outgrow 31 bits; compiled on first use.

A magnitude is a pair (high, low) of uint64 with value high * 2^64 + low. Products of two magnitudes below
2^62 are below 2^124, and sums of two such products below 2^125, so nothing here ever wraps by accident;
where arithmetic modulo 2^64 is meant, the text says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

try:
    import numba

    def compile_loop(function: F) -> F:
        """The compiled twin of a function, free of the interpreter's lock and kept on disk if possible."""
        compiled: F
        try:
            compiled = numba.njit(cache=True, nogil=True)(function)
        except RuntimeError:  # no place to write the cache
            compiled = numba.njit(nogil=True)(function)
        return compiled

except ImportError:  # nothing here is called then

    def compile_loop(function: F) -> F:
        """The function itself."""
        return function


Ints = NDArray[np.int64]
Table = NDArray[np.int64]
Words = NDArray[np.uint64]

LARGEST = 2**62 - 1  # magnitude of stored values
SMALL = 2**31 - 1  # and of those that are multiplied in 64 bits

_LOW = np.uint64(2**32 - 1)
_HALF = np.uint64(32)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_BITS = np.uint64(64)
_FIT = np.uint64(62)


@compile_loop
def gcd(a: int, b: int) -> int:
    """The greatest common divisor, not negative."""
    a, b = abs(a), abs(b)
    while b:
        a, b = b, a % b
    return a


@compile_loop
def wide_product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The 128-bit product of two words, by halves of 32 bits."""
    a0, a1, b0, b1 = a & _LOW, a >> _HALF, b & _LOW, b >> _HALF
    bottom, left, right = a0 * b0, a1 * b0, a0 * b1
    # each summand is below 2^32, so the sum is below 2^34
    middle = (bottom >> _HALF) + (left & _LOW) + (right & _LOW)
    high = a1 * b1 + (left >> _HALF) + (right >> _HALF) + (middle >> _HALF)
    return high, (bottom & _LOW) | (middle << _HALF)


@compile_loop
def wide_combination(a: int, x: int, b: int, y: int) -> tuple[int, np.uint64, np.uint64]:
    """Sign and magnitude of a x + b y for a, b >= 0; all four at most LARGEST in magnitude."""
    xh, xl = wide_product(np.uint64(a), np.uint64(abs(x)))
    yh, yl = wide_product(np.uint64(b), np.uint64(abs(y)))
    if (x < 0) == (y < 0):
        low = xl + yl  # modulo 2^64, with the carry below
        carry = _ONE if low < xl else _ZERO
        high = xh + yh + carry
        if high == _ZERO and low == _ZERO:
            return 0, high, low
        return -1 if x < 0 else 1, high, low
    if xh == yh and xl == yl:
        return 0, _ZERO, _ZERO
    if xh > yh or (xh == yh and xl > yl):
        borrow = _ONE if xl < yl else _ZERO
        return -1 if x < 0 else 1, xh - yh - borrow, xl - yl
    borrow = _ONE if yl < xl else _ZERO
    return -1 if y < 0 else 1, yh - xh - borrow, yl - xl


@compile_loop
def odd_part(high: np.uint64, low: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """A positive magnitude without its factors of two, and how many there were."""
    shift = _ZERO
    while low == _ZERO:
        low, high, shift = high, _ZERO, shift + _BITS
    while low & _ONE == _ZERO:
        low = (low >> _ONE) | (high << np.uint64(63))
        high >>= _ONE
        shift += _ONE
    return high, low, shift


@compile_loop
def wide_gcd(xh: np.uint64, xl: np.uint64, yh: np.uint64, yl: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The greatest common divisor of two magnitudes, by subtraction and halving (Stein)."""
    if xh == _ZERO and xl == _ZERO:
        return yh, yl
    if yh == _ZERO and yl == _ZERO:
        return xh, xl
    xh, xl, x_twos = odd_part(xh, xl)
    yh, yl, y_twos = odd_part(yh, yl)
    twos = min(x_twos, y_twos)
    while xh != yh or xl != yl:
        if xh < yh or (xh == yh and xl < yl):
            xh, xl, yh, yl = yh, yl, xh, xl
        borrow = _ONE if xl < yl else _ZERO
        xh, xl, _ = odd_part(xh - yh - borrow, xl - yl)
    if twos >= _BITS:
        return xl << (twos - _BITS), _ZERO
    if twos > _ZERO:
        return (xh << twos) | (xl >> (_BITS - twos)), xl << twos
    return xh, xl


@compile_loop
def shifted_word(high: np.uint64, low: np.uint64, shift: np.uint64) -> np.uint64:
    """The low word of a magnitude divided by 2^shift, for shift < 128."""
    if shift == _ZERO:
        return low
    if shift < _BITS:
        return (low >> shift) | (high << (_BITS - shift))
    return high >> (shift - _BITS)


@compile_loop
def inverse_of_odd(odd: np.uint64) -> np.uint64:
    """The inverse modulo 2^64 by Newton's iteration: the number of right bits doubles from 3."""
    x = odd
    for _ in range(5):
        x *= _TWO - odd * x
    return x


@compile_loop
def wide_ray(cells: Ints, a: int, xs: int, b: int, ys: int, to: int, k: int) -> int:
    """Write k entries (a x + b y) / (their gcd); the largest magnitude, or -1 if it is above LARGEST.

    a, b >= 0; x and y are the entries of `cells` from `xs` and `ys` on, all at most LARGEST in magnitude.
    """
    signs, high, low = np.empty(k, np.int64), np.empty(k, np.uint64), np.empty(k, np.uint64)
    gh, gl = _ZERO, _ZERO
    for j in range(k):
        signs[j], high[j], low[j] = wide_combination(a, cells[xs + j], b, cells[ys + j])
        if gh != _ZERO or gl != _ONE:
            gh, gl = wide_gcd(gh, gl, high[j], low[j])
    if gh == _ZERO and gl == _ZERO:
        gl = _ONE
    # exact division modulo 2^64: shift the twos out, then multiply by the inverse of the odd part
    _, odd, twos = odd_part(gh, gl)
    inverse = inverse_of_odd(odd)
    bound_high, bound_low = gl >> _TWO, gl << _FIT
    largest = 0
    for j in range(k):
        # the quotient is below 2^62 exactly if the magnitude is below g * 2^62; always, if g has two words
        if gh == _ZERO and not (high[j] < bound_high or (high[j] == bound_high and low[j] < bound_low)):
            return -1
        quotient = int(np.int64(shifted_word(high[j], low[j], twos) * inverse))
        cells[to + j] = signs[j] * quotient
        largest = max(largest, quotient)
    return largest
