"""128-bit integers against the integers of Python."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate._wide_integers import (
    floor_quotient,
    has_bits_below,
    is_word,
    negative,
    product_sum,
    scaled,
    shifted_down,
    shifted_up,
    wide_bits,
    wide_sum,
    wide_union,
    wide_value,
)


def pair(x: int) -> tuple[int, int]:
    low = x % 2**64
    return x >> 64, low - 2**64 if low >= 2**63 else low


def integers(bits: int) -> st.SearchStrategy[int]:
    """Up to so many binary digits, often powers of two and their neighbours."""
    near = st.builds(lambda k, d: 2**k + d, st.integers(0, bits - 1), st.integers(-1, 0))
    return st.builds(
        lambda x, sign: sign * x, st.one_of(st.integers(0, 2**bits - 1), near), st.sampled_from([1, -1])
    )


WORDS = integers(62)


@settings(deadline=None)
@given(integers(126), WORDS, WORDS, integers(126))
def test_sums_and_products(x: int, a: int, b: int, y: int) -> None:
    assert wide_value(*pair(x)) == x
    assert wide_value(*product_sum(*pair(x), a, b)) == x + a * b
    assert wide_value(*negative(*pair(x))) == -x
    assert wide_value(*wide_sum(*pair(x >> 1), *pair(y >> 1))) == (x >> 1) + (y >> 1)
    assert wide_value(*scaled(*pair(x >> 21), a >> 42)) == (x >> 21) * (a >> 42)


@settings(deadline=None)
@given(integers(126), integers(126), st.integers(0, 200))
def test_digits(x: int, y: int, k: int) -> None:
    assert wide_bits(*pair(x)) == abs(x).bit_length()
    assert is_word(*pair(x)) == (-(2**63) <= x < 2**63)
    assert wide_value(*shifted_down(*pair(x), k)) == x >> k
    assert has_bits_below(*pair(x), k) == (x % 2**k != 0)
    assert wide_value(*wide_union(*pair(abs(x)), *pair(y))) == abs(x) | abs(y)
    up = min(k, 126 - abs(x).bit_length())
    assert wide_value(*shifted_up(*pair(x), up)) == x << up


@settings(deadline=None)
@given(integers(126), integers(62).filter(bool))
def test_quotients(x: int, d: int) -> None:
    high, low, lost = floor_quotient(*pair(x), abs(d))
    assert (wide_value(high, low), lost) == (x // abs(d), x % abs(d) != 0)
