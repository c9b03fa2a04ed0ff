from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exactnet.checker.words import at_least, at_most, brief, decimal, equals, plural

rationals = st.fractions() | st.builds(
    lambda q, e: q * Fraction(10) ** e, st.fractions(max_denominator=10**6), st.integers(-60, 60)
)


@given(rationals)
def test_decimals_err_on_the_safe_side_and_by_one_unit_at_most(q: Fraction) -> None:
    low, high = Fraction(decimal(q, up=False)), Fraction(decimal(q, up=True))
    assert low <= q <= high
    assert high - low <= abs(q) / 10**11


@given(rationals)
def test_decimals_that_end_are_exact(q: Fraction) -> None:
    rounded = Fraction(decimal(q, up=True))
    assert Fraction(decimal(rounded, up=False)) == Fraction(decimal(rounded, up=True)) == rounded


def number_in(text: str, relation: str) -> Fraction:
    """The decimal of a verdict, after checking that the exact number, where it is given, fits."""
    if " (a fraction of " in text:
        return Fraction(text.split(" (")[0].removesuffix("..."))
    exact, _, shown = text.removesuffix(")").partition(f" ({relation} ")
    return Fraction(shown.removesuffix("...") or exact)


@given(rationals)
def test_equality_is_cut_off_toward_zero(q: Fraction) -> None:
    text = equals(q)
    shown = number_in(text, "=")
    assert abs(shown) <= abs(q)
    assert q - shown == 0 or abs(q - shown) <= abs(q) / 10**11
    assert ("..." in text) == (shown != q)


@given(rationals)
def test_bounds_are_bounds_however_they_are_written(q: Fraction) -> None:
    assert number_in(at_least(q), ">=") <= q <= number_in(at_most(q), "<=")


def test_long_numbers_are_shown_by_their_decimals() -> None:
    q = Fraction(2 * 10**40 + 1, 3 * 10**40)
    length = len(str(q))
    assert at_least(q) == f"0.666666666666 (a fraction of {length} characters)"
    assert at_most(q) == f"0.666666666667 (a fraction of {length} characters)"
    assert equals(-q) == f"-0.666666666666... (a fraction of {length + 1} characters)"
    assert equals(Fraction(10**70)) == "1e70 (a fraction of 71 characters)"


def test_carries_and_sizes() -> None:
    almost = Fraction(10**13 - 1, 10**13)
    assert decimal(almost, up=True) == "1"
    assert decimal(almost, up=False) == "0.999999999999"
    assert decimal(-almost, up=False) == "-1"
    assert decimal(Fraction(123456789012345), up=False) == "123456789012000"
    assert decimal(Fraction(10**40), up=False) == "1e40"
    assert decimal(Fraction(1, 3 * 10**9), up=True) == "3.33333333334e-10"
    assert decimal(Fraction(0), up=True) == "0"


def test_bounds_say_which_side_they_are_on() -> None:
    assert at_least(Fraction(1, 3)) == "1/3 (>= 0.333333333333)"
    assert at_most(Fraction(1, 3)) == "1/3 (<= 0.333333333334)"
    assert at_least(Fraction(-7)) == "-7"
    long = Fraction(1, 3**200)
    assert Fraction(at_least(long).split(" ")[0]) <= long <= Fraction(at_most(long).split(" ")[0])


@given(rationals)
def test_reasons_stay_short(q: Fraction) -> None:
    assert len(brief(q)) <= 60


def test_long_numbers_in_reasons() -> None:
    assert brief(Fraction(1, 10**100)) == "about 1e-100"
    assert brief(Fraction(-(3**200) - 1, 3**200)) == "-1.000000000000..."
    assert brief(-Fraction(10**70) - Fraction(1, 3)) == "about -1e70"


def test_plural() -> None:
    assert [plural(n, "cell") for n in (0, 1, 2)] == ["0 cells", "1 cell", "2 cells"]
    assert plural(2, "entry", "entries") == "2 entries"
