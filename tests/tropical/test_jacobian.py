"""The functional dimension: anchors, finite differences of the parameters, and scalings."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import UnsupportedError
from exactnet.exact import rank
from exactnet.geometry import polyhedral_complex, region_task
from exactnet.model import AffineLayer, Network
from exactnet.tropical.jacobian import functional_dimension, parameter_jacobian
from paper_repro.anchors import ANCHORS, random_integer_network


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_anchors(anchor):
    found = functional_dimension(anchor.network())
    assert (found.value, found.bound) == (anchor.rank, anchor.bound)


def shifted(network, index, step):
    """The network with one parameter moved, and None behind the last parameter."""
    layers = list(network.layers)
    for k, layer in enumerate(layers):
        size = layer.n_outputs * (layer.n_inputs + 1)
        if index < size:
            u, j = divmod(index, layer.n_inputs + 1)
            weight, bias = [list(row) for row in layer.weight.rows()], list(layer.bias)
            if j < layer.n_inputs:
                weight[u][j] += step
            else:
                bias[u] += step
            layers[k] = AffineLayer.from_arrays(weight, bias, activation=layer.activation, slope=layer.slope)
            return Network(tuple(layers))
        index -= size
    return None


@given(
    st.integers(0, 500),
    st.sampled_from([(2, 3, 1), (1, 2, 2, 1), (2, 2, 2, 1)]),
    st.sampled_from(["relu", "abs", "hardtanh", "leaky_relu"]),
)
@settings(max_examples=20, deadline=None)
def test_difference_quotients_have_the_same_rank(seed, widths, activation):
    """Points close together inside every region, and parameters moved so little that no pattern changes."""
    raw = random_integer_network(widths, seed, size=5)
    hidden = [
        AffineLayer.from_arrays(
            layer.weight.rows(),
            [b + Fraction(1, 7 + i) for i, b in enumerate(layer.bias)],
            activation=activation,
            slope="1/3" if activation == "leaky_relu" else 0,
        )
        for layer in raw.layers[:-1]
    ]
    network = Network((*hidden, raw.layers[-1]))
    complex_ = polyhedral_complex(region_task(network))
    step = Fraction(1, 10**12)
    rows = []
    n_parameters = functional_dimension(network, complex_=complex_).n_parameters
    for cell in complex_.cells:
        for i in range(widths[0] + 1):
            x = [v + (step if i == j else 0) for j, v in enumerate(cell.witness)]
            if any(z == 0 for layer in network.pre_activations(x) for z in layer):
                return  # a unit that is zero on a region: the pattern depends on the parameter
            here = network(x)[0]
            rows.append([(shifted(network, p, step)(x)[0] - here) / step for p in range(n_parameters)])
    # the difference quotient of a parameter is the derivative: f is affine in each one on its own
    assert rank(rows) == functional_dimension(network, complex_=complex_).value


def test_a_dead_unit_is_a_hidden_symmetry():
    dead = Network.from_arrays([([[1], [0]], [0, -1]), ([[1, 1]], [0])])
    found = functional_dimension(dead)
    assert found.has_hidden_symmetries
    assert found.value == 3  # slope and kink of relu(w x + b) a, and the output bias
    assert all(any(row) for row in parameter_jacobian(dead))


def test_a_network_without_hidden_layer_has_all_dimensions():
    found = functional_dimension(Network.from_arrays([([[1, 2], [3, 4]], [5, 6])]))
    assert (found.value, found.bound, found.n_parameters) == (6, 6, 6)


def test_maxout_and_skips_are_refused():
    skipping = Network.from_arrays([([[1]], [0]), ([[1]], [0])], skips={(2, 0): [[1]]})
    with pytest.raises(UnsupportedError):
        functional_dimension(skipping)
