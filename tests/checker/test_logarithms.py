"""The checker's logarithms against mpmath, an independent implementation with more digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
from hypothesis import given
from hypothesis import strategies as st

from exactnet.checker.logarithms import entropy_at_least, log_bounds, softplus_bounds

BITS = st.sampled_from([8, 30, 70, 300])


def real(q: Fraction) -> mpmath.mpf:
    return mpmath.mpf(q.numerator) / q.denominator


@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**30), BITS)
def test_logarithms(q: Fraction, bits: int) -> None:
    with mpmath.workdps(150):
        low, high = log_bounds(q, bits)
        assert real(low) <= mpmath.log(real(q)) <= real(high)
        assert high - low <= Fraction(2**16, 2**bits)


@given(st.fractions(min_value=-400, max_value=400), BITS)
def test_softplus(x: Fraction, bits: int) -> None:
    with mpmath.workdps(400):
        low, high = softplus_bounds(x, bits)
        assert real(low) <= mpmath.log1p(mpmath.exp(real(x))) <= real(high)
        assert high - low <= Fraction(2**18, 2**bits)


@given(st.fractions(min_value=0, max_value=1), BITS)
def test_entropy(t: Fraction, bits: int) -> None:
    with mpmath.workdps(150):
        value = -sum((real(p) * mpmath.log(real(p)) for p in (t, 1 - t) if p), mpmath.mpf(0))
        bound = real(entropy_at_least(t, bits))
        assert bound <= value <= bound + mpmath.mpf(2) ** (14 - bits)


def test_powers_of_two_and_neighbours() -> None:
    with mpmath.workdps(60):
        for e in (-100, -1, 0, 1, 100):
            for q in (Fraction(2) ** e, Fraction(2) ** e * Fraction(4, 3), Fraction(2) ** e * Fraction(2, 3)):
                low, high = log_bounds(q, 100)
                assert real(low) <= mpmath.log(real(q)) <= real(high)
