"""One hidden layer or not: networks that are one by construction, and classical functions that are not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.model import AffineLayer, Network
from exactnet.tropical.kinks import kinked_complex
from exactnet.tropical.shallow import Obstruction, OneHiddenLayer, one_hidden_layer
from paper_repro.anchors import ANCHORS, MEDIAN, random_integer_network


@given(st.integers(0, 2000), st.sampled_from([(1, 4, 1), (2, 4, 1), (3, 3, 1), (2, 1, 1)]))
@settings(max_examples=40, deadline=None)
def test_a_network_with_one_hidden_layer_is_recognised(seed, widths):
    network = random_integer_network(widths, seed, size=2)
    result = one_hidden_layer(network)
    assert isinstance(result.value, OneHiddenLayer)
    assert result.value.n_units <= widths[1]
    again = result.value.network()
    for k in range(6):
        x = [Fraction(7 * k - 11, 3 + j) for j in range(widths[0])]
        assert again(x) == network(x)
    assert result.check().accepted


@given(st.integers(0, 2000), st.sampled_from([(1, 3, 2, 1), (2, 3, 2, 1), (3, 2, 2, 1)]))
@settings(max_examples=40, deadline=None)
def test_deep_networks_either_way(seed, widths):
    """An obstruction is checked on the function itself: second differences along the form at both points."""
    network = random_integer_network(widths, seed, size=2)
    result = one_hidden_layer(network)
    if isinstance(result.value, OneHiddenLayer):
        again = result.value.network()
        for k in range(8):
            x = [Fraction(5 * k - 17, 2 + j) for j in range(widths[0])]
            assert again(x) == network(x)
        return
    form = result.value.form
    size = sum(a * a for a in form[:-1])
    for point, kink in zip(result.value.points, result.value.kinks, strict=True):
        assert sum(a * x for a, x in zip(form, point, strict=False)) + form[-1] == 0
        step = Fraction(1, 10**6)
        up, down = ([x + s * step * a for a, x in zip(form, point, strict=False)] for s in (1, -1))
        second = network(up)[0] + network(down)[0] - 2 * network(point)[0]
        assert second == kink * size * step
    assert result.value.kinks[0] != result.value.kinks[1]


def test_in_one_dimension_every_function_has_one_hidden_layer():
    for seed in range(30):
        assert one_hidden_layer(random_integer_network((1, 3, 3, 1), seed)).status.name == "PROVED"


def test_median_and_maximum_of_three_are_not():
    layers = [([[1, -1], [0, 1], [0, -1]], [0, 0, 0]), ([[1, 1, -1]], [0]), ([[1]], [0])]
    maximum = one_hidden_layer(Network.from_arrays(layers))
    assert isinstance(maximum.value, Obstruction)
    assert maximum.check().accepted
    assert isinstance(one_hidden_layer(MEDIAN).value, Obstruction)


@pytest.mark.parametrize(
    ("index", "n_units"),
    [(0, 3), (1, 3), (2, 4), (10, 6), (11, 5), (12, 6), (15, None), (16, None), (17, None)],
)
def test_anchors(index, n_units):
    result = one_hidden_layer(ANCHORS[index].network(), proof=False)
    found = result.value.n_units if isinstance(result.value, OneHiddenLayer) else None
    assert found == n_units


def test_hidden_units_that_never_act_or_merge():
    """2 relu(|x| - 1) has two hinges; units that cancel leave an affine function."""
    folded = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-1]), ([[2]], [0])])
    assert one_hidden_layer(folded).value.hinges == (((1, -1), 2), ((1, 1), 2))
    line = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, -1]], [4])])
    result = one_hidden_layer(line)
    assert result.value == OneHiddenLayer((), (Fraction(1), Fraction(4)))
    assert result.check().accepted


def test_other_activations_and_outputs():
    layers = (
        AffineLayer.from_arrays([[1, 2], [3, -1]], [0, 1], activation="abs"),
        AffineLayer.from_arrays([[1, 0], [0, 2]], [0, 0]),
    )
    network = Network(layers)
    for output, hinge in ((0, ((1, 2, 0), 2)), (1, ((3, -1, 1), 4))):
        result = one_hidden_layer(network, output=output)
        assert result.value.hinges == (hinge,)
        assert result.check().accepted
    with pytest.raises(InputError, match="no such output"):
        one_hidden_layer(network, output=2)


def test_a_complex_has_no_certificate():
    result = one_hidden_layer(kinked_complex(ANCHORS[0].network()))
    assert result.status.name == "PROVED"
    assert result.certificate is None
