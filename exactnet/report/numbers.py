"""Exact numbers in sentences: short fractions whole, long ones by their digits, bounds rounded outward."""

from __future__ import annotations

from fractions import Fraction

from exactnet.exact import decimal_text, format_rational, rational_text, round_down, round_up

__all__ = ["at_least", "at_most", "decimal", "interval", "number"]

# a longer fraction helps nobody in a sentence; the certificate and the JSON answer have it in full
LONGEST_FRACTION = 40
DIGITS = 12


def number(q: Fraction) -> str:
    """A value for a sentence.

    Examples
    --------
    >>> number(Fraction(2161, 1575))
    '2161/1575 (= 1.372063492063...)'
    >>> number(Fraction(1, 3) ** 100)
    '1.94032521748e-48... (a fraction of 50 characters)'
    """
    text = rational_text(q)
    if len(text) <= LONGEST_FRACTION:
        return format_rational(q, digits=DIGITS)
    return f"{decimal_text(q, digits=DIGITS)}... (a fraction of {len(text)} characters)"


def decimal(q: Fraction, *, digits: int = DIGITS) -> str:
    """A value for a table: the first digits, cut; exact values of few digits without the zeros behind.

    Examples
    --------
    >>> decimal(Fraction(1, 3), digits=6), decimal(Fraction(5, 2)), decimal(Fraction(-7))
    ('0.333333', '2.5', '-7')
    """
    text = decimal_text(q, digits=digits)
    exact = Fraction(text) == q
    return text.rstrip("0").rstrip(".") if exact and "." in text and "e" not in text else text


def at_most(q: Fraction, *, digits: int = 2) -> str:
    """A small upper bound, rounded up.

    Examples
    --------
    >>> at_most(Fraction(1, 3)), at_most(Fraction(0))
    ('0.34', '0')
    """
    return decimal_text(round_up(q, digits=digits), digits=digits)


def at_least(q: Fraction, *, digits: int = 2) -> str:
    """A small lower bound, rounded down.

    Examples
    --------
    >>> at_least(Fraction(2, 3))
    '0.66'
    """
    return decimal_text(round_down(q, digits=digits), digits=digits)


def interval(lower: Fraction, upper: Fraction) -> str:
    """An enclosure whose printed ends still enclose; as many digits as it takes to tell them apart.

    Examples
    --------
    >>> interval(Fraction(1, 3), Fraction(2, 3))
    '[0.333333333333, 0.666666666667]'
    """
    digits = DIGITS
    if 0 < lower < upper:
        digits = max(digits, len(str(int(upper / (upper - lower)))) + 1)
    low, high = round_down(lower, digits=digits), round_up(upper, digits=digits)
    return f"[{decimal(low, digits=digits)}, {decimal(high, digits=digits)}]"
