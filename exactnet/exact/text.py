"""A rational number as text: the canonical form, a form for people, and outward rounding to few digits.

Examples
--------
>>> rational_text(Fraction(-6, 4)), format_rational(Fraction(2161, 1575))
('-3/2', '2161/1575 (= 1.372063492063...)')
"""

from __future__ import annotations

import math
from fractions import Fraction

from exactnet.errors import InputError

__all__ = ["decimal_exponent", "decimal_text", "format_rational", "rational_text", "round_down", "round_up"]

# str(int) refuses more than sys.get_int_max_str_digits() digits, at least 640; changing that limit would be a
# global setting, so longer numbers are cut into pieces
_BITS = 2000


def _integer_text(value: int) -> str:
    """`str(value)` without the limit on the number of digits."""
    if value.bit_length() < _BITS:
        return str(value)
    if value < 0:
        return "-" + _integer_text(-value)
    half = value.bit_length() * 3 // 20  # about half of its decimal digits
    high, low = divmod(value, 10**half)
    return _integer_text(high) + _integer_text(low).zfill(half)


def rational_text(q: Fraction | int) -> str:
    """The canonical form of certificates: "p", or "p/q" in lowest terms with q > 1.

    Examples
    --------
    >>> rational_text(Fraction(-6, 4)), rational_text(Fraction(5))
    ('-3/2', '5')
    """
    numerator = _integer_text(q.numerator)
    return numerator if q.denominator == 1 else f"{numerator}/{_integer_text(q.denominator)}"


def format_rational(q: Fraction | int, *, digits: int = 12) -> str:
    """For people: the fraction and its decimal, cut (not rounded) `digits` places behind the point.

    Zeros right behind the point of a number below 1 are not counted as places, so that small numbers
    keep `digits` significant digits. The dots stand exactly when the decimal goes on.

    Examples
    --------
    >>> format_rational(Fraction(2161, 1575)), format_rational(Fraction(-1, 4)), format_rational(7)
    ('2161/1575 (= 1.372063492063...)', '-1/4 (= -0.25)', '7')
    >>> format_rational(Fraction(1, 3 * 10**20), digits=4)
    '1/300000000000000000000 (= 3.3333...e-21)'
    """
    if q.denominator == 1:
        return rational_text(q)
    exponent = decimal_exponent(q)
    scientific = exponent < -6
    places = digits if scientific or exponent >= 0 else digits - exponent - 1
    shown = q * 10 ** (-exponent) if scientific else Fraction(q)
    scaled = abs(shown) * Fraction(10) ** places
    text = _integer_text(int(scaled)).zfill(places + 1)
    body = f"{text[:-places]}.{text[-places:]}" if places else text
    body = body + "..." if scaled.denominator > 1 else body.rstrip("0").rstrip(".")
    return f"{rational_text(q)} (= {'-' if q < 0 else ''}{body}{f'e{exponent}' if scientific else ''})"


def decimal_text(q: Fraction | int, *, digits: int = 12) -> str:
    """A fixed number of significant digits, cut toward zero.

    Examples
    --------
    >>> decimal_text(Fraction(2, 3), digits=4), decimal_text(Fraction(-1, 4), digits=4), decimal_text(0)
    ('0.6666', '-0.2500', '0')
    >>> decimal_text(Fraction(10**9, 7), digits=4)
    '1.428e8'
    """
    if q == 0:
        return "0"
    exponent = decimal_exponent(q)
    text = _integer_text(int(abs(Fraction(q)) * Fraction(10) ** (digits - 1 - exponent)))
    sign = "-" if q < 0 else ""
    if -6 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{text}"
    whole, tail = (1, f"e{exponent}") if exponent < 0 or exponent >= digits else (exponent + 1, "")
    return sign + text[:whole] + ("." + text[whole:] if text[whole:] else "") + tail


def round_down(q: Fraction | int, *, digits: int) -> Fraction:
    """The largest number of `digits` significant decimal digits that is at most q.

    Examples
    --------
    >>> round_down(Fraction(2, 3), digits=2), round_down(Fraction(-2, 3), digits=2)
    (Fraction(33, 50), Fraction(-67, 100))
    """
    if digits < 1:
        raise InputError(
            "at least one digit is needed", where="digits", got=str(digits), expected="1 or more"
        )
    if q == 0:
        return Fraction(0)
    unit: Fraction = Fraction(10) ** (decimal_exponent(q) - digits + 1)
    return math.floor(q / unit) * unit


def round_up(q: Fraction | int, *, digits: int) -> Fraction:
    """The smallest number of `digits` significant decimal digits that is at least q.

    Examples
    --------
    >>> round_up(Fraction(2, 3), digits=2)
    Fraction(67, 100)
    """
    return -round_down(-q, digits=digits)


def decimal_exponent(q: Fraction | int) -> int:
    """The e with 10**e <= |q| < 10**(e+1), for q != 0.

    Examples
    --------
    >>> decimal_exponent(Fraction(1, 10)), decimal_exponent(-999), decimal_exponent(1000)
    (-1, 2, 3)
    """
    q = -q if q < 0 else q
    bits = q.numerator.bit_length() - q.denominator.bit_length()
    exponent = bits * 30103 // 100000 - 1  # within two of the truth; the loops settle it
    while q >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while q < Fraction(10) ** exponent:
        exponent -= 1
    return exponent
