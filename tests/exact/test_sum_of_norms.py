"""Newton's method on sums of norms: closed forms to many digits, and dependence that it must notice."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import ShapeError
from exactnet.exact import sqrt_enclosure
from exactnet.exact.sum_of_norms import SumOfNorms


def newton(model, x, *, bits=400, steps=40):
    for _ in range(steps):
        x = [a + b for a, b in zip(x, model.newton_step(x, bits=bits), strict=True)]
        x = [Fraction(round(value * 2**bits), 2**bits) for value in x]
    return x


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_shrinking_a_vector(p, q):
    # the minimiser of 1/2 |x - b|^2 + |x| is b (1 - 1/|b|), its value |b| - 1/2 (for |b| > 1)
    if p * p + q * q <= 1:
        return
    b = [Fraction(p), Fraction(q)]
    model = SumOfNorms([(1, 0), (0, 1)], 1, b, Fraction(1), [((1, 0), (0, 1))], [2])
    x = newton(model, [value * (1 - Fraction(1, p * p + q * q)) for value in b])
    length = sqrt_enclosure(p * p + q * q, digits=90)
    tiny = Fraction(1, 10**80)
    for found, value in zip(x, b, strict=True):
        assert abs(found * length.lower - value * (length.lower - 1)) < tiny * 100
    assert abs(model.value(x, bits=400) - (length.lower - Fraction(1, 2))) < tiny


def test_scale_and_free_unknown():
    # columns over the scale 2: A = [1/2 ; 1/2] on a penalised unknown, and a free constant
    model = SumOfNorms([(1, 3), (2, 2)], 2, [Fraction(0), Fraction(5)], Fraction(1), [((1,),), ()], [1, 1])
    x = newton(model, [Fraction(1), Fraction(0)])
    # centred: 1/2 |x (1/2, -1/2)... |: the slope -5/2 + x/2 + 1 = 0 gives x = 3, and t = 5/2 - x
    assert [round(value, 30) for value in x] == [3, Fraction(-1, 2)]


def test_singular_hessian_is_noticed():
    model = SumOfNorms([(1,), (1,)], 1, [Fraction(3)], Fraction(1), [((1,),), ((1,),)], [1, 1])
    with pytest.raises(ZeroDivisionError):
        model.newton_step([Fraction(1), Fraction(1)], bits=100)
    assert len(model.newton_step([Fraction(1), Fraction(1)], bits=100, ridge=20)) == 2


def test_blocks_must_fit():
    with pytest.raises(ShapeError):
        SumOfNorms([(1,)], 1, [Fraction(1)], Fraction(1), [((1,),)], [2])
