"""Logarithms by ball arithmetic against mpmath, an independent implementation with more digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact.logarithm import entropy_enclosure, log_enclosure, softplus_enclosure

POSITIVE = st.fractions(min_value=Fraction(1, 10**40), max_value=10**40)


def real(q):
    return mpmath.mpf(q.numerator) / q.denominator


def holds(bounds, value):
    return real(bounds.lower) <= value <= real(bounds.upper)


@given(POSITIVE, st.sampled_from([20, 64, 200]))
def test_logarithms(q, bits):
    with mpmath.workdps(150):
        bounds = log_enclosure(q, bits=bits)
        assert holds(bounds, mpmath.log(real(q)))
        assert bounds.width <= Fraction(1, 2 ** (bits - 4))


@given(st.fractions(min_value=-500, max_value=500), st.sampled_from([20, 64, 200]))
def test_softplus(x, bits):
    with mpmath.workdps(400):
        bounds = softplus_enclosure(x, bits=bits)
        assert holds(bounds, mpmath.log1p(mpmath.exp(real(x))))
        assert bounds.width <= Fraction(1, 2 ** (bits - 4))


@given(st.fractions(min_value=0, max_value=1))
def test_entropy(t):
    with mpmath.workdps(100):
        value = -sum((real(p) * mpmath.log(real(p)) for p in (t, 1 - t) if p), mpmath.mpf(0))
        assert holds(entropy_enclosure(t), value)


def test_the_ends_of_the_entropy_are_exact():
    assert entropy_enclosure(0).upper == entropy_enclosure(1).lower == 0


@pytest.mark.parametrize("q", [0, -1])
def test_no_real_logarithm(q):
    with pytest.raises(InputError, match="no real logarithm"):
        log_enclosure(q)
