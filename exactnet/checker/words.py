"""Numbers in verdicts: the exact rational, then a decimal that errs on the safe side."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["at_least", "at_most", "brief", "decimal", "equals", "plural"]

_DIGITS = 12


def _exponent(q: Fraction) -> int:
    """The e with 10^e <= q < 10^(e+1), for q > 0."""
    e = len(str(q.numerator)) - len(str(q.denominator))
    return e if q >= Fraction(10) ** e else e - 1


def decimal(q: Fraction, *, up: bool) -> str:
    """Twelve significant digits of `q`, rounded down, or up.

    Examples
    --------
    >>> decimal(Fraction(2, 3), up=False), decimal(Fraction(2, 3), up=True)
    ('0.666666666666', '0.666666666667')
    >>> decimal(Fraction(-1, 3), up=False), decimal(Fraction(1, 10**30), up=True)
    ('-0.333333333334', '1e-30')
    """
    if q == 0:
        return "0"
    magnitude = abs(q)
    e = _exponent(magnitude)
    scaled = magnitude * Fraction(10) ** (_DIGITS - 1 - e)
    digits = scaled.numerator // scaled.denominator
    if up == (q > 0) and digits != scaled:
        digits += 1  # away from zero; may carry into one digit more
    text = str(digits)
    e += len(text) - _DIGITS
    sign = "-" if q < 0 else ""
    if not -6 <= e <= 14:
        tail = text[1:].rstrip("0")
        return f"{sign}{text[0]}{'.' + tail if tail else ''}e{e}"
    if e < 0:
        whole, tail = "0", "0" * (-e - 1) + text
    else:
        text = text.ljust(e + 1, "0")
        whole, tail = text[: e + 1], text[e + 1 :]
    tail = tail.rstrip("0")
    return f"{sign}{whole}{'.' + tail if tail else ''}"


# longer fractions stand in the file; a verdict is for reading
_LONGEST = 60


def _with(q: Fraction, relation: str, approximate: str) -> str:
    """The fraction and its decimal; for a long fraction the decimal alone, which is true as a bound."""
    text = str(q)
    if len(text) > _LONGEST:
        return f"{approximate} (a fraction of {len(text)} characters)"
    return text if q.denominator == 1 else f"{text} ({relation} {approximate})"


def at_least(q: Fraction) -> str:
    """A lower bound: the decimal is not above it."""
    return _with(q, ">=", decimal(q, up=False))


def at_most(q: Fraction) -> str:
    """An upper bound: the decimal is not below it."""
    return _with(q, "<=", decimal(q, up=True))


def equals(q: Fraction) -> str:
    """A value: truncated toward zero, with dots when digits are missing.

    Examples
    --------
    >>> equals(Fraction(2161, 1575)), equals(Fraction(3)), equals(Fraction(-1, 8))
    ('2161/1575 (= 1.37206349206...)', '3', '-1/8 (= -0.125)')
    """
    toward_zero = decimal(q, up=q < 0)
    exact = decimal(q, up=False) == decimal(q, up=True)
    return _with(q, "=", f"{toward_zero}{'' if exact else '...'}")


def brief(q: Fraction) -> str:
    """A number in the reason of a rejection: exact when short, else the beginning of its decimals.

    Examples
    --------
    >>> brief(Fraction(1, 3)), brief(Fraction(10**40 + 1, 10**40))
    ('1/3', '1.000000000000...')
    """
    text = str(q)
    if len(text) <= 60:
        return text
    if not 1 <= abs(q) < 10**15:
        return f"about {decimal(q, up=q < 0)}"
    whole, part = divmod(abs(q.numerator), q.denominator)
    digits = str(part * 10**_DIGITS // q.denominator).rjust(_DIGITS, "0")
    return f"{'-' if q < 0 else ''}{whole}.{digits}..."


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """A count with its noun: "1 cell", "2 cells"."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"
