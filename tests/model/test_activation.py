from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.model import Activation
from exactnet.model.activation import activation_named

rationals = st.fractions(min_value=-5, max_value=5, max_denominator=8)


@given(rationals)
def test_values_are_the_textbook_formulas(z: Fraction) -> None:
    slope = Fraction(1, 10)
    assert Activation.RELU.apply(z) == (z + abs(z)) / 2
    assert Activation.ABS.apply(z) == abs(z)
    assert Activation.IDENTITY.apply(z) == z
    assert Activation.LEAKY_RELU.apply(z, slope=slope) == (z + abs(z)) / 2 + slope * (z - abs(z)) / 2
    assert Activation.HARDTANH.apply(z) == (abs(z + 1) - abs(z - 1)) / 2


@given(st.sampled_from([kind for kind in Activation if kind is not Activation.MAXOUT]), rationals, rationals)
def test_equal_pieces_share_one_affine_function(kind: Activation, a: Fraction, b: Fraction) -> None:
    # on one piece the value at the midpoint is the mean of the values
    if kind.piece(a) == kind.piece(b):
        slope = Fraction(-2, 3)
        mean = (kind.apply(a, slope=slope) + kind.apply(b, slope=slope)) / 2
        assert kind.apply((a + b) / 2, slope=slope) == mean


def test_pieces_on_the_breakpoints() -> None:
    assert [Activation.RELU.piece(Fraction(z)) for z in (-1, 0, 1)] == [-1, 0, 1]
    assert [Activation.HARDTANH.piece(Fraction(z)) for z in (-2, -1, 0, 1, 2)] == [-2, -1, 0, 1, 2]
    assert Activation.IDENTITY.piece(Fraction(7)) == 0


def test_names() -> None:
    names = ["relu", "leaky_relu", "abs", "hardtanh", "maxout", "identity"]
    assert [str(kind) for kind in Activation] == names
    with pytest.raises(InputError, match="one of " + ", ".join(names)):
        activation_named("gelu")


def test_maxout_is_no_function_of_one_variable() -> None:
    assert Activation.MAXOUT.breakpoints == ()
    for method in (Activation.MAXOUT.apply, Activation.MAXOUT.piece):
        with pytest.raises(InputError, match="not a function of one variable"):
            method(Fraction(1))
