"""Writing numbers: what is printed is true digit by digit."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact import decimal_text, format_rational, rational_text, round_down, round_up
from exactnet.exact.text import decimal_exponent

NONZERO = st.fractions().filter(bool)


@pytest.mark.parametrize(
    ("q", "text"),
    [
        (Fraction(2161, 1575), "2161/1575 (= 1.372063492063...)"),
        (Fraction(1, 3), "1/3 (= 0.333333333333...)"),
        (Fraction(-2, 3), "-2/3 (= -0.666666666666...)"),
        (Fraction(1, 2), "1/2 (= 0.5)"),
        (Fraction(1, 300), "1/300 (= 0.00333333333333...)"),
        (Fraction(5), "5"),
        (Fraction(0), "0"),
        (-7, "-7"),
        (Fraction(1, 10**9), "1/1000000000 (= 1e-9)"),
        (Fraction(10**15 + 1, 3), "1000000000000001/3 (= 333333333333333.666666666666...)"),
        (Fraction(10**13 - 1, 10**13), "9999999999999/10000000000000 (= 0.999999999999...)"),
        (Fraction(1, 2**20), "1/1048576 (= 9.536743164062...e-7)"),
    ],
)
def test_format(q: Fraction, text: str) -> None:
    assert format_rational(q) == text


def test_format_with_no_places() -> None:
    assert format_rational(Fraction(7, 2), digits=0) == "7/2 (= 3...)"


@given(st.fractions(), st.integers(1, 15))
@example(Fraction(-1, 10**7), 3)
@example(Fraction(1000001, 1000), 1)
def test_the_dots_mean_that_digits_were_cut(q: Fraction, digits: int) -> None:
    text = format_rational(q, digits=digits)
    if q.denominator == 1:
        assert text == rational_text(q)
        return
    fraction, shown = re.fullmatch(r"(\S+) \(= (.*)\)", text).groups()  # type: ignore[union-attr]
    assert fraction == rational_text(q)
    value = Fraction(shown.replace("...", ""))
    if "..." in shown:
        places = len(re.sub("e.*", "", shown.replace("...", "")).partition(".")[2])
        exponent = int(shown.partition("e")[2] or 0)
        assert 0 < abs(q) - abs(value) < Fraction(10) ** (exponent - places)
    else:
        assert value == q


@given(NONZERO, st.integers(1, 20))
def test_decimal_text_is_the_truncated_value(q: Fraction, digits: int) -> None:
    context = Context(prec=digits, rounding=ROUND_DOWN)
    expected = context.divide(Decimal(q.numerator), Decimal(q.denominator))
    text = decimal_text(q, digits=digits)
    assert Fraction(text) == Fraction(expected)
    mantissa = re.sub(r"e.*|[-.]", "", text).lstrip("0")
    assert len(mantissa) == digits


def test_decimal_text_examples() -> None:
    assert decimal_text(Fraction(1, 4), digits=3) == "0.250"
    assert decimal_text(123, digits=3) == "123"
    assert decimal_text(1234, digits=3) == "1.23e3"
    assert decimal_text(Fraction(-1, 10**8), digits=2) == "-1.0e-8"
    assert decimal_text(0, digits=5) == "0"
    assert decimal_text(5, digits=1) == "5"


@given(st.fractions(), st.integers(1, 20))
def test_rounding_is_outward_and_tight(q: Fraction, digits: int) -> None:
    low, high = round_down(q, digits=digits), round_up(q, digits=digits)
    assert low <= q <= high
    if q:
        unit = Fraction(10) ** (decimal_exponent(q) - digits + 1)
        assert high - low in (0, unit)
        assert (low / unit).denominator == (high / unit).denominator == 1
    assert round_up(-q, digits=digits) == -low


def test_rounding_needs_a_digit() -> None:
    with pytest.raises(InputError):
        round_down(Fraction(1, 3), digits=0)


@given(NONZERO)
@example(Fraction(10**50))
@example(Fraction(10**50 - 1))
@example(Fraction(1, 10**50))
@example(Fraction(-1, 10**50 - 1))
def test_decimal_exponent(q: Fraction) -> None:
    e = decimal_exponent(q)
    assert Fraction(10) ** e <= abs(q) < Fraction(10) ** (e + 1)
