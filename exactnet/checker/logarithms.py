"""Rational bounds for logarithms and exponentials, for the logistic loss (FORMAT.md section 2).

All numbers are integers in units of 2^-bits; every operation is done twice, rounded down and rounded up, on
positive numbers, so that the two results are bounds whatever the precision.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

__all__ = ["entropy_at_least", "log_bounds", "softplus_bounds"]


def _divide(a: int, b: int, up: bool) -> int:
    return -(-a // b) if up else a // b


def _atanh(z: Fraction, bits: int, *, up: bool) -> int:
    """Bound of 2^bits atanh(z), 0 <= z <= 1/2: the sum of z^(2k+1) / (2k+1)."""
    unit = 1 << bits
    power = _divide(z.numerator * unit, z.denominator, up)
    square = _divide(power * power, unit, up)
    total, k = 0, 1
    while power > 1:
        total += _divide(power, k, up)
        power = _divide(power * square, unit, up)
        k += 2
    # the rest is at most power (1 + z^2 + z^4 + ..) <= 2 power
    return total + 2 * power if up else total


def _exp(r: Fraction, bits: int, *, up: bool) -> int:
    """Bound of 2^bits exp(r), 0 <= r <= 1/2: the sum of r^k / k!."""
    term, total, k = 1 << bits, 0, 1
    while term > 1:
        total += term
        term = _divide(term * r.numerator, r.denominator * k, up)
        k += 1
    # the rest is at most term (1 + 1/2 + 1/4 + ..) = 2 term
    return total + 2 * term if up else total


@lru_cache(maxsize=8)
def _log_of_two(bits: int, up: bool) -> int:
    return 2 * _atanh(Fraction(1, 3), bits, up=up)


def log_bounds(q: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Bounds of log q, q > 0, about 2^-bits apart for q of moderate size.

    Examples
    --------
    >>> low, high = log_bounds(Fraction(10), 20)
    >>> low < Fraction("2.302585093") < high, high - low < Fraction(1, 10**4)
    (True, True)
    """
    e = q.numerator.bit_length() - q.denominator.bit_length()
    m = q / Fraction(2) ** e
    # log q = e log 2 + log m with 2/3 <= m <= 4/3
    if m > Fraction(4, 3):
        m, e = m / 2, e + 1
    elif m < Fraction(2, 3):
        m, e = m * 2, e - 1
    z = (m - 1) / (m + 1)
    low, high = 2 * _atanh(abs(z), bits, up=False), 2 * _atanh(abs(z), bits, up=True)
    if z < 0:
        low, high = -high, -low
    low += e * _log_of_two(bits, e < 0)
    high += e * _log_of_two(bits, e > 0)
    return Fraction(low, 1 << bits), Fraction(high, 1 << bits)


def softplus_bounds(x: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Bounds of log(1 + exp(x)).

    Examples
    --------
    >>> low, high = softplus_bounds(Fraction(0), 30)
    >>> low < Fraction("0.6931471805") < high
    True
    >>> softplus_bounds(Fraction(-1000), 30) == (0, Fraction(1, 2**30))
    True
    """
    if x > 0:
        low, high = softplus_bounds(-x, bits)
        return low + x, high + x
    if -x >= bits:
        return Fraction(0), Fraction(1, 1 << bits)  # log(1 + exp(x)) <= exp(x) <= 2^x
    n_halvings = int(-x).bit_length() + 1
    unit = 1 << bits
    ends = []
    for up in (False, True):
        y = _divide(unit * unit, _exp(-x / 2**n_halvings, bits, up=not up), up)
        for _ in range(n_halvings):
            y = _divide(y * y, unit, up)
        y = min(y, unit)
        # log(1 + y) = 2 atanh(y / (2 + y))
        ends.append(Fraction(2 * _atanh(Fraction(y, 2 * unit + y), bits, up=up), unit))
    return ends[0], ends[1]


def entropy_at_least(t: Fraction, bits: int) -> Fraction:
    """A lower bound of -t log t - (1-t) log(1-t), 0 <= t <= 1.

    Examples
    --------
    >>> entropy_at_least(Fraction(1, 2), 30) < Fraction("0.69314718056"), entropy_at_least(Fraction(1), 30)
    (True, Fraction(0, 1))
    """
    return sum((-p * log_bounds(p, bits)[1] for p in (t, 1 - t) if p), Fraction(0))
