"""Reading numbers exactly."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError
from exactnet.exact import (
    common_denominator,
    parse_rational,
    primitive,
    rational_text,
    to_fraction,
    to_fractions,
)

TENTH = Fraction(3602879701896397, 36028797018963968)  # the float64 nearest to 1/10


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, Fraction(3)),
        (Fraction(2, 6), Fraction(1, 3)),
        (0.1, TENTH),
        (-0.0, Fraction(0)),
        (5e-324, Fraction(1, 2**1074)),
        ("0.1", Fraction(1, 10)),
        (" +1/2 ", Fraction(1, 2)),
        ("-6 / 4", Fraction(-3, 2)),
        ("1e-3", Fraction(1, 1000)),
        ("2.50E+2", Fraction(250)),
        (".5", Fraction(1, 2)),
        ("7.", Fraction(7)),
        ("-.25", Fraction(-1, 4)),
        (Decimal("0.10"), Fraction(1, 10)),
        (np.float64(0.1), TENTH),
        (np.float32(0.1), Fraction(13421773, 134217728)),
        (np.float16(0.5), Fraction(1, 2)),
        (np.longdouble(0.25), Fraction(1, 4)),
        (np.int64(-7), Fraction(-7)),
        (np.uint8(200), Fraction(200)),
        (np.array(0.5), Fraction(1, 2)),
        (np.array(3), Fraction(3)),
        (sympy.Rational(2, 3), Fraction(2, 3)),
        (sympy.Integer(5), Fraction(5)),
    ],
)
def test_values_are_read_exactly(value: object, expected: Fraction) -> None:
    result = to_fraction(value)
    assert result == expected
    assert type(result) is Fraction
    assert type(result.numerator) is int


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        "nan",
        "-Infinity",
        "inf",
        np.float32("nan"),
        Decimal("NaN"),
        Decimal("Infinity"),
    ],
)
def test_what_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(InexactInputError, match="row 2"):
        to_fraction(value, where="row 2")


@pytest.mark.parametrize(
    "value",
    [
        True,
        np.True_,
        None,
        "",
        "1/0",
        "1/-2",
        "1_000",
        "0x10",
        "1,5",
        "1.5/2",
        "e5",
        ".",
        "--1",
        "½",
        [1],
        1 + 2j,
        np.array([1.0]),
        np.complex128(1),
        "1e999999999",
        b"1",
        sympy.pi,
        sympy.Float("0.1"),
    ],
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="where"):
        to_fraction(value, where="here")


def test_the_message_has_four_parts() -> None:
    with pytest.raises(InputError) as caught:
        to_fraction("1,5", where="data.csv, line 3")
    assert str(caught.value).splitlines() == [
        "not a number",
        "  where:    data.csv, line 3",
        "  got:      '1,5' (str)",
        "  expected: a number",
        '  do:       write a decimal ("0.1", "1e-3") or a quotient ("1/10")',
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_by_their_binary_value(x: float) -> None:
    assert to_fraction(x) == Fraction(*x.as_integer_ratio())
    assert to_fraction(np.float64(x)) == to_fraction(x)
    assert to_fraction(repr(x)) == Fraction(Decimal(repr(x)))  # the text, not the float


@given(st.fractions())
def test_text_round_trip(q: Fraction) -> None:
    assert parse_rational(rational_text(q)) == q


def test_more_digits_than_python_likes_to_print() -> None:
    limit = sys.get_int_max_str_digits()
    for n in (7**9000, -(10**7000), 10**7000 - 1, 3**4000):
        q = Fraction(n, 2**30000 + 1)
        assert parse_rational(rational_text(q)) == q
    assert sys.get_int_max_str_digits() == limit
    assert parse_rational("9" * 5000 + "." + "9" * 5000) == Fraction(10**10000 - 1, 10**5000)


def test_lists_of_numbers() -> None:
    assert to_fractions(np.array([0.5, 2.0])) == (Fraction(1, 2), Fraction(2))
    assert to_fractions([]) == ()
    assert to_fractions(iter(["1/3"])) == (Fraction(1, 3),)
    with pytest.raises(InexactInputError, match=r"targets, entry 1 \(from 0\)"):
        to_fractions([1.0, math.nan], where="targets")
    for bad in ("12", 5, np.array(5.0)):
        with pytest.raises(InputError):
            to_fractions(bad)  # type: ignore[arg-type]


@given(st.lists(st.fractions(), max_size=6))
def test_primitive_is_a_positive_coprime_multiple(vector: list[Fraction]) -> None:
    result = primitive(vector)
    denominator = common_denominator(vector)
    assert all((denominator * value).denominator == 1 for value in vector)
    if any(vector):
        k = next(k for k, value in enumerate(vector) if value)
        factor = Fraction(result[k]) / vector[k]
        assert factor > 0
        assert [factor * value for value in vector] == list(result)
        assert math.gcd(*result) == 1
    else:
        assert result == (0,) * len(vector)
    assert all(type(value) is int for value in result)
