"""Integers of 128 bits for compiled loops: a pair (high, low) of int64, in two's complement.

The value of a pair is high * 2^64 + (low mod 2^64). LLVM has the type i128; each function here is one or two
of its instructions between packing and unpacking, which the optimiser removes. Nothing is checked: whoever
calls has proved that the result is below 2^127 in magnitude. This module needs numba; it is imported late.

Examples
--------
>>> wide_value(*product_sum(0, 0, 2**62, -3)) == -3 * 2**62
True
>>> wide_value(*shifted_up(0, 5, 100)) == 5 * 2**100, wide_bits(*shifted_up(0, 5, 100))
(True, 103)
>>> floor_quotient(*product_sum(0, 0, -7, 2), 3)
(-1, -5, True)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from exactnet.kernels._wide_loops import compile_loop

__all__ = [
    "floor_quotient",
    "has_bits_below",
    "inner_loop",
    "is_word",
    "negative",
    "product_sum",
    "scaled",
    "shifted_down",
    "shifted_up",
    "wide_bits",
    "wide_sum",
    "wide_union",
    "wide_value",
]

COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a"}

F = TypeVar("F", bound=Callable[..., Any])


def inner_loop(function: F) -> F:
    """Compile a function that is called by compiled ones only: without a way in, it takes less time."""
    compiled: F
    options = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no place to write the cache
        compiled = numba.njit(**options)(function)
    return compiled


_WORD, _WIDE = ir.IntType(64), ir.IntType(128)
_PAIR = types.UniTuple(types.int64, 2)


def _pack(b: Any, high: Any, low: Any) -> Any:
    upper = b.shl(b.zext(high, _WIDE), ir.Constant(_WIDE, 64))
    return b.or_(upper, b.zext(low, _WIDE))


def _intrinsic(n_words: int, build: Callable[..., Any], result: Any = _PAIR) -> Any:
    """A compiled function of int64 arguments; `build` gets the builder and the LLVM values."""
    signature = result(*[types.int64] * n_words)

    def generate(context: Any, b: Any, sig: Any, args: Any) -> Any:
        value = build(b, *args)
        if result is not _PAIR:
            return value
        high = b.trunc(b.lshr(value, ir.Constant(_WIDE, 64)), _WORD)
        return context.make_tuple(b, sig.return_type, (high, b.trunc(value, _WORD)))

    if n_words == 2:
        return intrinsic(lambda typing, x, y: (signature, generate))
    if n_words == 3:
        return intrinsic(lambda typing, x, y, z: (signature, generate))
    return intrinsic(lambda typing, x, y, z, w: (signature, generate))


def _product_sum(b: Any, high: Any, low: Any, x: Any, y: Any) -> Any:
    return b.add(_pack(b, high, low), b.mul(b.sext(x, _WIDE), b.sext(y, _WIDE)))


def _bits(b: Any, high: Any, low: Any) -> Any:
    x = _pack(b, high, low)
    sign = b.ashr(x, ir.Constant(_WIDE, 127))
    magnitude = b.sub(b.xor(x, sign), sign)
    zeros = b.ctlz(magnitude, ir.Constant(ir.IntType(1), 0))
    return b.trunc(b.sub(ir.Constant(_WIDE, 128), zeros), _WORD)


def _below(b: Any, high: Any, low: Any, k: Any) -> Any:
    # (1 << k) - 1 masks the k lowest bits, for 0 <= k <= 127
    one = ir.Constant(_WIDE, 1)
    mask = b.sub(b.shl(one, b.zext(k, _WIDE)), one)
    rest = b.and_(_pack(b, high, low), mask)
    return b.zext(b.icmp_signed("!=", rest, ir.Constant(_WIDE, 0)), _WORD)


def _union(b: Any, high: Any, low: Any, more_high: Any, more_low: Any) -> Any:
    x = _pack(b, more_high, more_low)
    sign = b.ashr(x, ir.Constant(_WIDE, 127))
    return b.or_(_pack(b, high, low), b.sub(b.xor(x, sign), sign))


_add_product = _intrinsic(4, _product_sum)
_add = _intrinsic(4, lambda b, h, lo, g, m: b.add(_pack(b, h, lo), _pack(b, g, m)))
_unite = _intrinsic(4, _union)
_negate = _intrinsic(2, lambda b, h, lo: b.sub(ir.Constant(_WIDE, 0), _pack(b, h, lo)))
_scale = _intrinsic(3, lambda b, h, lo, k: b.mul(_pack(b, h, lo), b.sext(k, _WIDE)))
_up = _intrinsic(3, lambda b, h, lo, k: b.shl(_pack(b, h, lo), b.zext(k, _WIDE)))
_down = _intrinsic(3, lambda b, h, lo, k: b.ashr(_pack(b, h, lo), b.zext(k, _WIDE)))
_bit_length = _intrinsic(2, _bits, types.int64)
_any_below = _intrinsic(3, _below, types.int64)


def wide_value(high: int, low: int) -> int:
    """The integer that a pair stands for, for tests and messages."""
    return (int(high) << 64) + int(low) % 2**64


@compile_loop
def product_sum(high: int, low: int, x: int, y: int) -> tuple[int, int]:
    """(high, low) + x y."""
    pair: tuple[int, int] = _add_product(high, low, x, y)
    return pair


@compile_loop
def wide_sum(high: int, low: int, more_high: int, more_low: int) -> tuple[int, int]:
    """The sum of two pairs."""
    pair: tuple[int, int] = _add(high, low, more_high, more_low)
    return pair


@compile_loop
def negative(high: int, low: int) -> tuple[int, int]:
    """-(high, low)."""
    pair: tuple[int, int] = _negate(high, low)
    return pair


@compile_loop
def scaled(high: int, low: int, k: int) -> tuple[int, int]:
    """K times a pair."""
    pair: tuple[int, int] = _scale(high, low, k)
    return pair


@compile_loop
def shifted_up(high: int, low: int, k: int) -> tuple[int, int]:
    """(high, low) * 2^k for 0 <= k <= 127; a pair (0, x) with x < 0 is not the number x."""
    pair: tuple[int, int] = _up(high, low, k)
    return pair


@compile_loop
def shifted_down(high: int, low: int, k: int) -> tuple[int, int]:
    """floor((high, low) / 2^k), for any k >= 0: beyond 127 only the sign is left."""
    pair: tuple[int, int] = _down(high, low, min(k, 127))
    return pair


@compile_loop
def has_bits_below(high: int, low: int, k: int) -> bool:
    """Whether 2^k does not divide the pair, for any k >= 0 (|pair| < 2^127)."""
    return _any_below(high, low, min(k, 127)) != 0 or (k > 127 and high < 0)


@compile_loop
def wide_union(high: int, low: int, more_high: int, more_low: int) -> tuple[int, int]:
    """(high, low) >= 0 with the bits of the magnitude of the other pair: as long as the longer one."""
    pair: tuple[int, int] = _unite(high, low, more_high, more_low)
    return pair


@compile_loop
def wide_bits(high: int, low: int) -> int:
    """The bit length of the magnitude."""
    bits: int = _bit_length(high, low)
    return bits


@compile_loop
def is_word(high: int, low: int) -> bool:
    """Whether the value is that of `low` alone, an int64."""
    return high == low >> 63


@compile_loop
def floor_quotient(high: int, low: int, divisor: int) -> tuple[int, int, bool]:
    """floor of the pair over 1 <= divisor < 2^62, as a pair, and whether something was lost."""
    if divisor == 1:
        return high, low, False
    if is_word(high, low):
        quotient = low // divisor
        return quotient >> 63, quotient, quotient * divisor != low
    below = high < 0
    mh, ml = negative(high, low) if below else (high, low)
    # school division, a bit at a time; the rest is below the divisor, so it never exceeds 2^63
    qh, ql, rest = 0, 0, 0
    for k in range(wide_bits(mh, ml) - 1, -1, -1):
        bit = shifted_down(mh, ml, k)[1] & 1
        rest = 2 * rest + bit
        qh, ql = shifted_up(qh, ql, 1)
        if rest >= divisor:
            rest -= divisor
            ql |= 1
    if below:
        if rest:
            qh, ql = wide_sum(qh, ql, 0, 1)
        qh, ql = negative(qh, ql)
    return qh, ql, rest != 0
