"""Intervals contain what they promise; roots and norms are enclosed, squares are exact."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError
from exactnet.exact import Interval, norm_enclosure, sqrt_enclosure

Q = st.fractions(max_denominator=1000)
NOT_NEGATIVE = st.fractions(min_value=0)


@given(Q, Q, Q, Q, st.fractions(0, 1, max_denominator=9), st.fractions(0, 1, max_denominator=9))
def test_arithmetic_contains_the_members(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction, s: Fraction, t: Fraction
) -> None:
    x, y = Interval(*sorted((a, b))), Interval(*sorted((c, d)))
    p, q = x.lower + s * x.width, y.lower + t * y.width
    assert p in x
    assert q in y
    assert p + q in x + y
    assert p - q in x - y
    assert p * q in x * y
    assert -p in -x
    assert p + c in x + c == c + x
    assert c - p in c - x
    assert p * c in x * c == c * x
    assert x - x == Interval(-x.width, x.width)
    # the ends are attained: no smaller interval would do
    ends = [u * v for u in (x.lower, x.upper) for v in (y.lower, y.upper)]
    assert {(x * y).lower, (x * y).upper} <= set(ends)
    assert x.certainly_below(y) == (x.upper < y.lower) == y.certainly_above(x)


@given(NOT_NEGATIVE, st.integers(1, 40))
@example(Fraction(0), 5)
@example(Fraction(2), 30)
@example(Fraction(1, 10**60 + 1), 3)
@example(Fraction(10**61 - 1), 1)
@example(Fraction(10**400 + 1, 7), 12)
def test_roots(q: Fraction, digits: int) -> None:
    root = sqrt_enclosure(q, digits=digits)
    assert root.lower >= 0
    assert root.lower**2 <= q <= root.upper**2
    assert root.width <= root.upper * Fraction(10) ** (1 - digits)
    square = sqrt_enclosure(q * q, digits=digits)
    assert square == Interval(q)


def test_a_root_that_is_not_rational_is_never_a_point() -> None:
    for q in (2, Fraction(1, 2), 10**40 + 1, Fraction(8, 9)):
        assert sqrt_enclosure(q, digits=3).width > 0


@given(st.lists(Q, max_size=5), st.integers(2, 30))
def test_norms(vector: list[Fraction], digits: int) -> None:
    assert norm_enclosure(vector, norm="l1") == Interval(sum(map(abs, vector)))
    assert norm_enclosure(vector, norm="linf") == Interval(max(map(abs, vector), default=0))
    l2 = norm_enclosure(vector, norm="l2", digits=digits)
    assert l2.lower**2 <= sum(x * x for x in vector) <= l2.upper**2


def test_reading_and_errors() -> None:
    assert Interval(3) == Interval(3, 3)
    assert Interval(0.5, "3/4").midpoint == Fraction(5, 8)
    assert Interval(0, 4) in Interval(-1, 4)
    assert Interval(0, 5) not in Interval(-1, 4)
    assert repr(Interval("1/2", 2)) == "Interval(1/2, 2)"
    assert len({Interval(1, 2), Interval(1, 2)}) == 1
    with pytest.raises(InputError, match="exchanged"):
        Interval(1, 0)
    with pytest.raises(InexactInputError):
        Interval(float("nan"))
    with pytest.raises(InputError, match="no real square root"):
        sqrt_enclosure(-1)
    with pytest.raises(InputError, match="digit"):
        sqrt_enclosure(2, digits=0)
    with pytest.raises(InputError, match="unknown norm"):
        norm_enclosure([1], norm="l3")
