"""Formulas to networks and back, equality of networks, and the maxima of five and six numbers."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings

from exactnet.certificate import Status
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.model import Network
from exactnet.tropical import (
    TropicalPolynomial,
    TropicalRational,
    difference_network,
    maximum_network,
    maximum_polynomial,
    same_function,
    to_network,
    tropical_form,
)
from paper_repro.anchors import random_integer_network
from tests.geometry.general_nets import general_networks
from tests.tropical.polynomials import fractions, polynomials


@settings(max_examples=60, deadline=None)
@given(
    polynomials(n_variables=2, exponents=fractions, coefficients=fractions),
    polynomials(n_variables=2, exponents=fractions, coefficients=fractions),
)
def test_values_of_the_networks(p, q) -> None:
    f = TropicalRational(p, q)
    tree, flat = to_network(f), to_network(f, activation="maxout")
    depth = max(p.n_terms - 1, q.n_terms - 1).bit_length()
    assert (len(tree.layers), len(flat.layers)) == (depth + 1, 2)
    r = random.Random(0)
    for _ in range(5):
        x = [Fraction(r.randint(-9, 9), r.randint(1, 4)) for _ in range(2)]
        assert tree(x) == flat(x) == (f(x),)


@settings(max_examples=15, deadline=None)
@given(polynomials(n_variables=2, most_terms=5), polynomials(n_variables=2, most_terms=5))
def test_the_functions_come_back(p, q) -> None:
    f = TropicalRational(p, q)
    for activation in ("relu", "maxout"):
        found = tropical_form(to_network(f, activation=activation)).value.rational
        assert found.equals(f).value


def test_no_network_of_nothing() -> None:
    with pytest.raises(InputError, match="no variables"):
        to_network(TropicalPolynomial.constant(0, 0))
    with pytest.raises(InputError, match="relu or maxout"):
        to_network(TropicalPolynomial.constant(0, 1), activation="tanh")
    constant = to_network(TropicalPolynomial.constant("1/2", 1))
    assert constant([7]) == (Fraction(1, 2),)


def test_permuted_and_rescaled_units_make_the_same_function() -> None:
    network = random_integer_network([2, 4, 3, 1], 3)
    first, second, last = network.layers
    order, scale = (2, 0, 3, 1), (2, 3, 1, 5)
    turned = Network.from_arrays(
        [
            (
                [[s * w for w in first.weight.row(i)] for i, s in zip(order, scale, strict=True)],
                [s * first.bias[i] for i, s in zip(order, scale, strict=True)],
            ),
            (
                [[second.weight.row(k)[i] / s for i, s in zip(order, scale, strict=True)] for k in range(3)],
                second.bias,
            ),
            (last.weight.rows(), last.bias),
        ]
    )
    result = same_function(network, turned)
    assert result.status is Status.PROVED
    assert result.check().accepted
    bias = list(second.bias)
    bias[0] += 1
    moved = Network.from_arrays(
        [(first.weight.rows(), first.bias), (second.weight.rows(), bias), (last.weight.rows(), last.bias)]
    )
    result = same_function(network, moved)
    assert result.status is Status.REFUTED
    x = result.certificate.records[-1].point
    assert network(x) != moved(x)
    assert result.check().accepted


@settings(max_examples=20, deadline=None)
@given(general_networks(depth=2), general_networks(depth=2))
def test_differences_of_any_networks(f, g) -> None:
    if f.n_inputs != g.n_inputs or f.n_outputs != g.n_outputs:
        with pytest.raises(ShapeError):
            difference_network(f, g)
        return
    r = random.Random(1)
    difference = difference_network(f, g)
    for _ in range(5):
        x = [Fraction(r.randint(-9, 9), r.randint(1, 4)) for _ in range(f.n_inputs)]
        assert difference(x) == tuple(a - b for a, b in zip(f(x), g(x), strict=True))
    result = same_function(f, g)
    assert result.check().accepted
    assert same_function(f, f).value


def test_networks_of_other_depths_and_affine_ones() -> None:
    identity = Network.from_arrays([([[1]], [0])])
    deep = Network.from_arrays([([[1], [-1]], None), ([[1, -1], [-1, 1]], None), ([[1, -1]], None)])
    assert same_function(identity, deep).value
    assert same_function(deep, identity).value
    assert same_function(identity, TropicalPolynomial.variable(0, 1)).value
    assert not same_function(identity, Network.from_arrays([([[1]], [1])])).value


def test_two_hidden_layers_for_the_maximum_of_five_numbers() -> None:
    network = maximum_network(5)
    assert network.widths == (4, 18, 207, 1)
    result = same_function(network, maximum_polynomial(5), proof=False)
    assert result.value
    assert result.sentence == "the two functions agree everywhere, on 600 cells"
    form = tropical_form(network, proof=False).value
    assert form.n_cells == 600


def test_two_hidden_layers_for_the_maximum_of_six_numbers() -> None:
    network = maximum_network(6)
    r = random.Random(0)
    for _ in range(10):
        x = [Fraction(r.randint(-9, 9), r.randint(1, 4)) for _ in range(5)]
        assert network(x) == (max(0, *x),)
    assert len(network.layers) == 3
    with pytest.raises(UnsupportedError, match="pairwise tree"):
        maximum_network(7)


@pytest.mark.slow
def test_the_maximum_of_six_numbers_on_every_cell() -> None:
    assert same_function(maximum_network(6), maximum_polynomial(6), proof=False).value


@pytest.mark.slow
def test_the_maximum_of_five_numbers_with_a_certificate() -> None:
    result = same_function(maximum_network(5), maximum_polynomial(5))
    assert result.status is Status.PROVED
    assert result.check().accepted
