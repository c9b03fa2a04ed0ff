"""The strict reader: JSON lines and rationals, nothing guessed and nothing repaired (FORMAT.md section 1).

Every value of a certificate passes through one of the `as_` functions below (or through an equally strict
test in the loops over big trees): Python would let `True` pass for 1, `1.0` for 1 and the last of two equal
keys win, and none of that may decide a proof.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import gcd
from typing import NoReturn

__all__ = [
    "Rejection",
    "as_id",
    "as_integer",
    "as_list",
    "as_object",
    "as_rational",
    "as_rationals",
    "as_text",
    "as_text_map",
    "one_of",
    "parse_line",
    "reject",
    "require_keys",
    "show",
]

_RATIONAL = re.compile(r"(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?", re.ASCII)
# reading a number takes time quadratic in its length
_MOST_DIGITS = 100_000
# only from the first digit of a number on: else the search itself takes quadratic time
_TOO_LONG = re.compile(rf"(?<![0-9])[0-9]{{{_MOST_DIGITS + 1}}}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", re.ASCII)


class Rejection(Exception):
    """The certificate does not prove what it says; the text is the reason."""


def reject(reason: str) -> NoReturn:
    """Stop checking."""
    raise Rejection(reason)


def show(value: object) -> str:
    """Name a value from the file in a message: ASCII, one line, short even when the value is hostile."""
    if isinstance(value, (list, dict)):
        return f"{'a list' if isinstance(value, list) else 'an object'} of length {len(value)}"
    text = json.dumps(value) if value is None or isinstance(value, bool) else ascii(value)
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"


# ---------------------------------------------------------------------------------------------- JSON


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                reject(f"the key {show(key)} is given twice")
            seen.add(key)
    return found


def _float(text: str) -> NoReturn:
    reject(f"the JSON float {show(text)}; only integers and rational strings are allowed")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_float)


def parse_line(line: str) -> dict[str, object]:
    """Read one line as a JSON object.

    Raises
    ------
    Rejection
        Not JSON, not an object, a float, NaN or Infinity, a key given twice, nested too deeply.
    """
    if _TOO_LONG.search(line):
        reject(f"a number of more than {_MOST_DIGITS} digits")
    try:
        value = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        reject(f"not JSON: {error.msg} at character {error.pos}")
    except RecursionError:
        reject("JSON nested too deeply")
    return as_object(value, "the line")


def require_keys(record: dict[str, object], keys: tuple[str, ...], where: str) -> None:
    """Demand exactly these keys, no fewer and no more."""
    for key in keys:
        if key not in record:
            reject(f"{where} has no key {show(key)}")
    for key in record:
        if key not in keys:
            reject(f"{where} has the unknown key {show(key)}")


# -------------------------------------------------------------------------------------------- values


def as_object(value: object, where: str) -> dict[str, object]:
    """A JSON object."""
    if type(value) is not dict:
        reject(f"{where} must be an object, got {show(value)}")
    return value


def as_list(value: object, where: str, *, length: int | None = None) -> list[object]:
    """A JSON list, of that length if one is given."""
    if type(value) is not list:
        reject(f"{where} must be a list, got {show(value)}")
    if length is not None and len(value) != length:
        reject(f"{where} must have length {length}, got {len(value)}")
    return value


def as_integer(value: object, where: str, *, least: int | None = None) -> int:
    """A JSON integer (`true` is not one), at least `least`."""
    if type(value) is not int:
        reject(f"{where} must be an integer, got {show(value)}")
    if least is not None and value < least:
        reject(f"{where} must be at least {least}, got {show(value)}")
    return value


def as_rational(value: object, where: str) -> Fraction:
    """The rational written as "p" or "p/q" in lowest terms; there is one way to write a number.

    Examples
    --------
    >>> as_rational("-3/4", "x")
    Fraction(-3, 4)
    >>> as_rational("2/4", "x")
    Traceback (most recent call last):
        ...
    exactnet.checker.read.Rejection: x must be a rational in lowest terms, got '2/4'
    """
    match = _RATIONAL.fullmatch(value) if type(value) is str else None
    if match is None:
        reject(f'{where} must be a rational "p" or "p/q", got {show(value)}')
    numerator, denominator = int(match[1]), int(match[2] or 1)
    if match[2] is not None and (denominator == 1 or gcd(numerator, denominator) != 1):
        reject(f"{where} must be a rational in lowest terms, got {show(value)}")
    return Fraction(numerator, denominator)


def as_rationals(value: object, where: str, *, length: int | None = None) -> tuple[Fraction, ...]:
    """A list of rationals."""
    entries = as_list(value, where, length=length)
    return tuple(as_rational(entry, f"{where}[{i}]") for i, entry in enumerate(entries))


def as_text(value: object, where: str) -> str:
    """A string that can be written as UTF-8 (a lone surrogate cannot)."""
    if type(value) is not str:
        reject(f"{where} must be a string, got {show(value)}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        reject(f"{where} is not a Unicode text: {show(value)}")
    return value


def as_text_map(value: object, where: str) -> dict[str, str]:
    """An object from strings to strings."""
    found = as_object(value, where)
    return {
        as_text(key, f"a key of {where}"): as_text(entry, f"{where}[{show(key)}]")
        for key, entry in found.items()
    }


def as_id(value: object, where: str) -> str:
    """An identifier: letters, digits and `_ . : -`, so that it can stand in a verdict without deceiving."""
    if type(value) is not str or _ID.fullmatch(value) is None:
        reject(f"{where} must be an identifier, got {show(value)}")
    return value


def one_of(value: object, choices: tuple[str, ...], where: str) -> str:
    """One of a few words."""
    if type(value) is not str or value not in choices:
        reject(f"{where} must be one of {', '.join(choices)}, got {show(value)}")
    return value
