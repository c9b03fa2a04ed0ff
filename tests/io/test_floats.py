from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError
from exactnet.io.floats import float_layers, is_float32, nearest_float
from exactnet.model import Network

LARGEST_SINGLE = Fraction(2**24 - 1) * 2**104


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_singles_are_singles(value: float) -> None:
    assert is_float32(Fraction(value))
    assert nearest_float(Fraction(value), "float32") == value


@given(st.fractions(max_denominator=10**30) | st.fractions(-1, 1).map(lambda q: q / 2**140))
def test_nearest_single_is_nearest(q: Fraction) -> None:
    got = nearest_float(q, "float32")
    value = np.float32(got)
    assert float(value) == got
    for other in (np.nextafter(value, np.float32(-np.inf)), np.nextafter(value, np.float32(np.inf))):
        assert abs(Fraction(got) - q) <= abs(Fraction(float(other)) - q)


def test_double_rounding_is_avoided() -> None:
    # just above the middle of the singles 1 and 1 + 2^-23: float64 rounds it to the middle, then to even
    q = 1 + Fraction(1, 2**24) + Fraction(1, 2**80)
    assert np.float32(float(q)) == 1
    assert nearest_float(q, "float32") == 1 + 2.0**-23
    assert nearest_float(1 + Fraction(1, 2**24), "float32") == 1
    assert nearest_float(1 + Fraction(3, 2**24), "float32") == 1 + 2 * 2.0**-23


def test_edges_of_the_range() -> None:
    assert nearest_float(LARGEST_SINGLE, "float32") == float(LARGEST_SINGLE)
    assert is_float32(LARGEST_SINGLE)
    assert not is_float32(LARGEST_SINGLE * 2)
    assert is_float32(Fraction(1, 2**149))
    assert not is_float32(Fraction(1, 2**150))
    assert nearest_float(Fraction(0), "float32") == 0
    for huge in (LARGEST_SINGLE * 2, Fraction(10) ** 400):
        with pytest.raises(InexactInputError, match="beyond the range of float32"):
            nearest_float(huge, "float32")
    with pytest.raises(InexactInputError, match="beyond the range of float64"):
        nearest_float(Fraction(-10) ** 401, "float64")
    assert not is_float32(Fraction(10) ** 400)


def test_one_type_for_the_whole_network() -> None:
    network = Network.from_arrays([([[1, 2]], [0.5]), ([[0.1]], [0])])
    assert {str(part.dtype) for layer in float_layers(network) for part in (layer.weight, layer.bias)} == {
        "float64"
    }


def test_the_offender_is_named() -> None:
    with pytest.raises(InexactInputError, match="bias of layer 2"):
        float_layers(Network.from_arrays([([[0.1]], [0]), ([[1]], ["1/3"])]))
    with pytest.raises(InexactInputError, match="slope of layer 1"):
        float_layers(Network.from_arrays([([[1]], [0]), ([[1]], [0])], activation="leaky_relu", slope="1/3"))
    with pytest.raises(InexactInputError, match="weight of layer 1"):
        float_layers(Network.from_arrays([([[10**400]], [0])]))
