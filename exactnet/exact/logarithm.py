"""Rational bounds for logarithms and the functions of the logistic loss, by ball arithmetic.

Examples
--------
>>> bounds = log_enclosure(10, bits=40)
>>> bounds.lower < Fraction("2.30258509299") < bounds.upper, bounds.width < Fraction(1, 2**35)
(False, True)
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exactnet.errors import InputError
from exactnet.exact.enclosure import Interval
from exactnet.exact.rational import to_fraction
from exactnet.exact.text import rational_text

__all__ = ["entropy_enclosure", "log_enclosure", "softplus_enclosure"]


def log_enclosure(q: object, *, bits: int = 128) -> Interval:
    """Bounds of log q, q > 0, to about `bits` binary digits after the point.

    Raises
    ------
    InputError : q <= 0.
    """
    value = to_fraction(q, where="q")
    if value <= 0:
        raise InputError(
            "no real logarithm", where="log_enclosure", got=rational_text(value), expected="q > 0"
        )
    return _interval(lambda ball: ball.log(), value, bits)


def softplus_enclosure(x: object, *, bits: int = 128) -> Interval:
    """Bounds of log(1 + exp(x)), to about `bits` binary digits after the point.

    Examples
    --------
    >>> softplus_enclosure(0, bits=60).lower < Fraction("0.69314718056") < Fraction("0.6931471806")
    True
    >>> softplus_enclosure(-1000, bits=60).upper < Fraction(1, 2**59)
    True
    """
    value = to_fraction(x, where="x")
    if value > 0:
        return softplus_enclosure(-value, bits=bits) + value
    if -value > bits:
        return Interval(0, Fraction(1, 2**bits))  # log(1 + exp(x)) <= exp(x) <= 2^x
    return _interval(lambda ball: ball.exp().log1p(), value, bits)


def entropy_enclosure(t: object, *, bits: int = 128) -> Interval:
    """Bounds of -t log t - (1-t) log(1-t), 0 <= t <= 1.

    Examples
    --------
    >>> entropy_enclosure(1), log_enclosure(2) in entropy_enclosure("1/2", bits=100)
    (Interval(0, 0), True)
    """
    share = to_fraction(t, where="t")
    total = Interval(0)
    for p in (share, 1 - share):
        if p:
            total = total - p * log_enclosure(p, bits=bits)
    return total


def _interval(function: Any, value: Fraction, bits: int) -> Interval:
    import flint

    size = abs(value.numerator).bit_length() - value.denominator.bit_length()
    with flint.ctx.workprec(bits + 24 + max(0, size)):
        ball = function(flint.arb(flint.fmpq(value.numerator, value.denominator)))
        return Interval(_dyadic(ball.lower()), _dyadic(ball.upper()))


def _dyadic(end: Any) -> Fraction:
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
