"""Rational intervals, and rational bounds for square roots and norms.

Examples
--------
>>> root = sqrt_enclosure(2, digits=5)
>>> root, root.lower**2 <= 2 <= root.upper**2
(Interval(7071/5000, 14143/10000), True)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import InputError
from exactnet.exact.rational import to_fraction, to_fractions
from exactnet.exact.text import decimal_exponent, rational_text

__all__ = ["Interval", "norm_enclosure", "sqrt_enclosure"]

Number = Fraction | int


@dataclass(frozen=True)
class Interval:
    """The closed interval [lower, upper] with rational ends.

    Sum, difference and product contain every sum, difference, product of members (the smallest such
    interval); a number stands for the interval that holds only it. Comparison is by `certainly_below`,
    never by `<`: two overlapping intervals are not ordered.

    Examples
    --------
    >>> x = Interval(-1, 2)
    >>> x * x, x - 1, 2 - x
    (Interval(-2, 4), Interval(-2, 1), Interval(0, 3))
    >>> x.certainly_below(3), x.certainly_below(2), 0 in x
    (True, False, True)
    """

    lower: Fraction
    upper: Fraction

    def __init__(self, lower: object, upper: object | None = None) -> None:
        low = to_fraction(lower, where="lower end")
        high = low if upper is None else to_fraction(upper, where="upper end")
        if low > high:
            raise InputError(
                "the ends of an interval are exchanged",
                where="Interval",
                got=f"[{rational_text(low)}, {rational_text(high)}]",
                expected="lower <= upper",
            )
        object.__setattr__(self, "lower", low)
        object.__setattr__(self, "upper", high)

    def __repr__(self) -> str:
        return f"Interval({rational_text(self.lower)}, {rational_text(self.upper)})"

    @property
    def width(self) -> Fraction:
        """upper - lower."""
        return self.upper - self.lower

    @property
    def midpoint(self) -> Fraction:
        """(lower + upper) / 2."""
        return (self.lower + self.upper) / 2

    def __contains__(self, value: Number | Interval) -> bool:
        other = _interval(value)
        return self.lower <= other.lower and other.upper <= self.upper

    def certainly_below(self, other: Number | Interval) -> bool:
        """Is every member smaller than every member of the other?"""
        return self.upper < _interval(other).lower

    def certainly_above(self, other: Number | Interval) -> bool:
        """Is every member larger than every member of the other?"""
        return self.lower > _interval(other).upper

    def __add__(self, other: Number | Interval) -> Interval:
        right = _interval(other)
        return Interval(self.lower + right.lower, self.upper + right.upper)

    def __neg__(self) -> Interval:
        return Interval(-self.upper, -self.lower)

    def __sub__(self, other: Number | Interval) -> Interval:
        return self + -_interval(other)

    def __rsub__(self, other: Number) -> Interval:
        return -self + other

    def __mul__(self, other: Number | Interval) -> Interval:
        right = _interval(other)
        ends = [a * b for a in (self.lower, self.upper) for b in (right.lower, right.upper)]
        return Interval(min(ends), max(ends))

    __radd__ = __add__
    __rmul__ = __mul__


def _interval(value: Number | Interval) -> Interval:
    return value if isinstance(value, Interval) else Interval(value)


def sqrt_enclosure(q: object, *, digits: int = 30) -> Interval:
    """Rational bounds for the square root of q >= 0, to `digits` significant digits.

    The root of a rational square is exact (a point). Otherwise, with N = floor(q 100^k) and r = isqrt(N),
    r / 10^k < sqrt(q) < (r + 1) / 10^k, and k is chosen so that r has `digits` digits.

    Raises
    ------
    InputError : q is negative, or digits < 1.

    Examples
    --------
    >>> sqrt_enclosure(Fraction(9, 4)), sqrt_enclosure(2, digits=4)
    (Interval(3/2, 3/2), Interval(707/500, 283/200))
    """
    value = to_fraction(q, where="q")
    if value < 0 or digits < 1:
        raise InputError(
            "no real square root" if value < 0 else "at least one digit is needed",
            where="sqrt_enclosure",
            got=rational_text(value) if value < 0 else str(digits),
            expected="q >= 0" if value < 0 else "digits >= 1",
        )
    # q = p/d in lowest terms is a square exactly when p and d are
    p, d = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if p * p == value.numerator and d * d == value.denominator:
        return Interval(Fraction(p, d))
    scale = Fraction(10) ** (digits - 1 - decimal_exponent(value) // 2)
    r = math.isqrt(math.floor(value * scale * scale))
    return Interval(r / scale, (r + 1) / scale)


def norm_enclosure(vector: Sequence[object], *, norm: str, digits: int = 30) -> Interval:
    """Rational bounds for a norm of a rational vector; "l1" and "linf" are exact.

    Parameters
    ----------
    norm : "l1", "l2" or "linf".
    digits : of the square root, for "l2".

    Examples
    --------
    >>> norm_enclosure([3, -4], norm="l2"), norm_enclosure([3, -4], norm="l1")
    (Interval(5, 5), Interval(7, 7))
    """
    entries = to_fractions(vector, where="vector")
    if norm == "l1":
        return Interval(sum(map(abs, entries), Fraction(0)))
    if norm == "linf":
        return Interval(max(map(abs, entries), default=Fraction(0)))
    if norm == "l2":
        return sqrt_enclosure(sum((x * x for x in entries), Fraction(0)), digits=digits)
    raise InputError("unknown norm", where="norm_enclosure", got=repr(norm), expected='"l1", "l2" or "linf"')
