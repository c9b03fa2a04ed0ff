"""Anything that has an exact value, read as a `Fraction`.

Two readers, never mixed: a float is its exact binary value (0.1 is 3602879701896397/36028797018963968),
a decimal text is exactly what it says ("0.1" is 1/10).

Examples
--------
>>> to_fraction("0.1"), to_fraction(0.25)
(Fraction(1, 10), Fraction(1, 4))
>>> to_fraction(0.1)
Fraction(3602879701896397, 36028797018963968)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import NoReturn

from exactnet.errors import InexactInputError, InputError

__all__ = [
    "common_denominator",
    "parse_rational",
    "primitive",
    "to_fraction",
    "to_fractions",
]

_DECIMAL = re.compile(r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,9}))?")
_QUOTIENT = re.compile(r"([+-]?[0-9]+)\s*/\s*([0-9]+)")
_NOT_A_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)

# "1e999999999" would fill the memory before anybody could object
_LARGEST_EXPONENT = 100_000

# str(int) and int(str) refuse more than sys.get_int_max_str_digits() digits (at least 640); a change of
# that limit would be a global setting, so longer numbers are cut into pieces this long
_CHUNK = 600


# -- reading ------------------------------------------------------------------------------------------


def to_fraction(value: object, *, where: str = "value") -> Fraction:
    """The exact value of a number of any common kind.

    Parameters
    ----------
    value : int, Fraction, Decimal, float (its exact binary value), NumPy scalar or 0-d array, sympy
        Rational, or text as `parse_rational` reads it.
    where : what the value is, for the error message.

    Raises
    ------
    InexactInputError : NaN or an infinity.
    InputError : a bool, None, or anything else that is not a number.

    Examples
    --------
    >>> to_fraction(3), to_fraction(" 1e-3 "), to_fraction(Decimal("0.30"))
    (Fraction(3, 1), Fraction(1, 1000), Fraction(3, 10))
    >>> to_fraction(float("nan"), where="row 3, column 1")
    Traceback (most recent call last):
        ...
    exactnet.errors.InexactInputError: not a finite number
      where:    row 3, column 1
      got:      nan
      expected: a number with an exact value
      do:       remove or replace this entry
    """
    if type(value) is Fraction:
        return value
    if type(value) is int:
        return Fraction(value)
    if type(value) is float:
        return _ratio(value, where)
    if isinstance(value, str):
        return parse_rational(value, where=where)
    kind = type(value)
    if kind.__name__ in ("bool", "bool_"):
        _reject(value, where, hint="write 0 or 1 if a number is meant")
    if isinstance(value, Rational):  # also NumPy integers, sympy Integer and Rational
        return Fraction(int(value.numerator), int(value.denominator))
    if kind.__name__ == "ndarray" and getattr(value, "ndim", None) == 0:
        return to_fraction(value[()], where=where)  # type: ignore[index]
    if isinstance(value, float | Decimal) or kind.__module__ == "numpy":
        return _ratio(value, where)
    _reject(value, where, hint="convert it to int, Fraction or float first")


def to_fractions(values: Iterable[object], *, where: str = "values") -> tuple[Fraction, ...]:
    """Each entry by `to_fraction`; the error names the position, counted from 0.

    Examples
    --------
    >>> to_fractions([1, "1/2", 0.5])
    (Fraction(1, 1), Fraction(1, 2), Fraction(1, 2))
    """
    if isinstance(values, str):
        _reject(values, where, hint="pass a list of numbers")
    listed = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(listed, Iterable):
        _reject(values, where, hint="pass a list of numbers")
    result: list[Fraction] = []
    for value in listed:
        if type(value) is int:
            result.append(Fraction(value))
        elif type(value) is Fraction:
            result.append(value)
        else:
            result.append(to_fraction(value, where=f"{where}, entry {len(result)} (from 0)"))
    return tuple(result)


def parse_rational(text: str, *, where: str = "value") -> Fraction:
    """Decimal text or a quotient of integers, exactly; spaces at the ends are ignored.

    Raises
    ------
    InexactInputError : "nan", "inf".
    InputError : anything else that is not a number, a zero denominator, an exponent beyond 100000.

    Examples
    --------
    >>> parse_rational("-0.125"), parse_rational("1/3"), parse_rational("2.5e1")
    (Fraction(-1, 8), Fraction(1, 3), Fraction(25, 1))
    """
    stripped = text.strip()
    quotient = _QUOTIENT.fullmatch(stripped)
    if quotient:
        denominator = _integer(quotient[2])
        if denominator == 0:
            raise InputError(
                "the denominator is zero", where=where, got=repr(text), hint="write a fraction with q > 0"
            )
        return Fraction(_integer(quotient[1]), denominator)
    decimal = _DECIMAL.fullmatch(stripped)
    if decimal is None:
        if _NOT_A_NUMBER.fullmatch(stripped):
            _reject_infinite(text, where)
        _reject(text, where, hint='write a decimal ("0.1", "1e-3") or a quotient ("1/10")')
    sign, whole, part, alone, exponent_text = decimal.groups()
    behind = part if part is not None else (alone or "")
    exponent = int(exponent_text or 0) - len(behind)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise InputError(
            "the exponent is too large",
            where=where,
            got=repr(_shorten(text)),
            expected=f"at most {_LARGEST_EXPONENT} digits before or behind the point",
            hint="rescale the data",
        )
    digits = _integer((whole or "") + behind)
    value = Fraction(digits * 10**exponent) if exponent >= 0 else Fraction(digits, 10**-exponent)
    return -value if sign == "-" else value


def _ratio(value: object, where: str) -> Fraction:
    """float, Decimal, NumPy floating: all know their exact ratio, and fail on NaN and infinity."""
    try:
        numerator, denominator = value.as_integer_ratio()  # type: ignore[attr-defined]
    except (ValueError, OverflowError):
        _reject_infinite(value, where)
    except AttributeError:
        _reject(value, where, hint="pass one number, not an array or a complex value")
    return Fraction(int(numerator), int(denominator))


def _reject(value: object, where: str, *, hint: str) -> NoReturn:
    raise InputError(
        "not a number",
        where=where,
        got=f"{_shorten(repr(value))} ({type(value).__name__})",
        expected="a number",
        hint=hint,
    )


def _reject_infinite(value: object, where: str) -> NoReturn:
    raise InexactInputError(
        "not a finite number",
        where=where,
        got=str(value).strip(),
        expected="a number with an exact value",
        hint="remove or replace this entry",
    )


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"


def _integer(text: str) -> int:
    """`int(text)` without the limit on the number of digits."""
    if len(text) <= _CHUNK:
        return int(text)
    if text[0] in "+-":
        value = _integer(text[1:])
        return -value if text[0] == "-" else value
    half = len(text) // 2
    high, low = _integer(text[:-half]), _integer(text[-half:])
    power: int = 10**half
    return high * power + low


# -- vectors ------------------------------------------------------------------------------------------


def common_denominator(values: Iterable[Fraction | int]) -> int:
    """The least common denominator (1 if there are no values).

    Examples
    --------
    >>> common_denominator([Fraction(1, 4), Fraction(5, 6), 2])
    12
    """
    return math.lcm(*(value.denominator for value in values))


def primitive(vector: Sequence[Fraction | int]) -> tuple[int, ...]:
    """The positive multiple with coprime integer entries; the zero vector stays zero.

    Examples
    --------
    >>> primitive([Fraction(1, 2), Fraction(-2, 3)]), primitive([4, -6]), primitive([0, 0])
    ((3, -4), (2, -3), (0, 0))
    """
    denominator = math.lcm(*[value.denominator for value in vector])
    if denominator == 1:
        integers = [value.numerator for value in vector]
    else:
        integers = [value.numerator * (denominator // value.denominator) for value in vector]
    divisor = math.gcd(*integers)
    return tuple(integers) if divisor < 2 else tuple([value // divisor for value in integers])
