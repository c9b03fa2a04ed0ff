"""Tropical polynomials and rational functions as JSON text of our own.

    {"convention": "max", "variables": 2, "den": 1, "num": [[e_1, .., e_n, c], ..], "den_poly": [[e_1, ..,
    e_n, c], ..]}

All numbers are integers over the one denominator `den`; integers above 2^53 are text, since many JSON
readers would round them. `den_poly` is there for rational functions only: F - G with F from `num`, G from
`den_poly`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import lcm

from exactnet.errors import InputError, ParseError
from exactnet.exact import parse_rational, rational_text
from exactnet.tropical.polynomial import Exponent, TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.text import Tropical

__all__ = ["from_json", "json_value", "to_json"]

_SAFE = 1 << 53
_KEYS = ("convention", "variables", "den", "num", "den_poly")


def json_value(f: Tropical) -> dict[str, object]:
    """The JSON object as Python values.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(1,): 0, (0,): "1/2"})
    >>> json_value(p)
    {'convention': 'max', 'variables': 1, 'den': 2, 'num': [[0, 1], [2, 0]]}
    """
    parts = (f,) if isinstance(f, TropicalPolynomial) else (f.numerator, f.denominator)
    den = lcm(*(p.denominator for p in parts))
    lists = [[_row((*e, c), den // p.denominator) for e, c in p.terms] for p in parts]
    value: dict[str, object] = {"convention": "max", "variables": f.n_variables, "den": _safe(den)}
    return value | dict(zip(("num", "den_poly"), lists, strict=False))


def to_json(f: Tropical, *, indent: int | None = None) -> str:
    """The JSON text.

    Examples
    --------
    >>> to_json(TropicalPolynomial.constant(2**60, 1))
    '{"convention": "max", "variables": 1, "den": 1, "num": [[0, "1152921504606846976"]]}'
    """
    return json.dumps(json_value(f), indent=indent)


def from_json(text: str) -> Tropical:
    """Read JSON text: a rational function if it has `den_poly`, else a polynomial.

    Raises
    ------
    ParseError : text that is no JSON.
    InputError : min-plus, unknown or missing keys, numbers that are no integers, rows of another length, no
        terms.

    Examples
    --------
    >>> from_json('{"convention": "max", "den": 2, "num": [[0, 1], [2, 0]]}')
    TropicalPolynomial(max(1/2, x1))
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(
            "not JSON",
            file="text",
            line=error.lineno,
            column=error.colno,
            text=text.split("\n")[error.lineno - 1],
            got=error.msg,
        ) from None
    except (ValueError, RecursionError) as error:
        # integers too long for Python's reader, lists nested very deeply
        raise _wrong("the text", str(error), "numbers above 2^53 as text") from None
    if not isinstance(value, dict):
        raise _wrong("the text", type(value).__name__, "an object")
    for key in value:
        if key not in _KEYS:
            raise _wrong(f"key {key!r}", "an unknown key", "one of " + ", ".join(_KEYS))
    if value.get("convention") != "max":
        raise InputError(
            "a polynomial that is not max-plus",
            where="key 'convention'",
            got=repr(value.get("convention")),
            expected="'max'",
            hint="a min-plus polynomial p is -q(-x) for the max-plus q with negated coefficients",
        )
    den = _integer(value.get("den", 1), "key 'den'")
    if den < 1:
        raise _wrong("key 'den'", str(den), "a positive integer")
    n = _integer(value["variables"], "key 'variables'") if "variables" in value else None
    numerator = _polynomial(value.get("num"), "num", den, n)
    if "den_poly" not in value:
        return numerator
    return TropicalRational(numerator, _polynomial(value["den_poly"], "den_poly", den, numerator.n_variables))


def _safe(value: int) -> int | str:
    return value if abs(value) <= _SAFE else rational_text(value)


def _row(entries: Iterable[int], factor: int) -> list[int | str]:
    return [_safe(factor * v) for v in entries]


def _polynomial(rows: object, key: str, den: int, n: int | None) -> TropicalPolynomial:
    if not isinstance(rows, list) or not rows:
        raise _wrong(f"key {key!r}", "no list of terms", "at least one row [e_1, .., e_n, c]")
    terms: dict[Exponent, int] = {}
    for i, row in enumerate(rows):
        where = f"{key}, row {i} (from 0)"
        if not isinstance(row, list) or not row:
            raise _wrong(where, repr(row), "a list of integers [e_1, .., e_n, c]")
        *exponents, c = (_integer(v, where) for v in row)
        n = len(exponents) if n is None else n
        if len(exponents) != n:
            raise _wrong(where, f"{len(exponents)} exponents", f"{n}")
        e = tuple(exponents)
        terms[e] = max(c, terms.get(e, c))
    return TropicalPolynomial.from_integers(terms, n_variables=n or 0, denominator=den)


def _integer(value: object, where: str) -> int:
    if isinstance(value, str):
        sign = value[:1] == "-"
        if value[sign:].isascii() and value[sign:].isdigit():
            return int(parse_rational(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong(where, repr(value), "an integer, or the text of one")


def _wrong(where: str, got: str, expected: str) -> InputError:
    return InputError("no tropical polynomial in JSON", where=where, got=got, expected=expected)
