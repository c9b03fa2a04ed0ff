"""Sampled terms against the network itself, and against the terms that any other point finds."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.errors import InputError, ShapeError
from exactnet.geometry.task import region_task
from exactnet.model import Network
from exactnet.tropical import TropicalPolynomial
from exactnet.tropical.sampling import generic_signs, sampled_essential, sampled_terms
from tests.geometry.general_nets import general_networks


@settings(max_examples=60, deadline=None)
@given(general_networks(n_inputs=2, depth=3, width=3), st.randoms(use_true_random=False))
def test_terms_found_at_some_points_support_f_at_all_points(network: Network, random) -> None:
    d = network.n_inputs
    some = [[Fraction(random.randint(-9, 9), random.randint(1, 3)) for _ in range(d)] for _ in range(6)]
    grid = [[Fraction(2 * v + 1, 2) for v in x] for x in product(range(-3, 3), repeat=d)]
    for output in range(network.n_outputs):
        few = sampled_terms(network, some, output=output).value
        proved = sampled_terms(network, [*some, *grid], output=output)
        assert proved.check().accepted
        many = proved.value
        # F and G are convex and found from inside: with more points they only grow
        assert set(few.numerator.as_fractions()) <= set(many.numerator.as_fractions())
        assert set(few.denominator.as_fractions()) <= set(many.denominator.as_fractions())
        for x in some:
            assert few.numerator(x) == many.numerator(x)
            assert few.denominator(x) == many.denominator(x)
            assert few.numerator(x) - few.denominator(x) == network(x)[output]
        # terms found at different points of full-dimensional cells are essential
        assert many.numerator.normal_form() == many.numerator
        assert many.denominator.normal_form() == many.denominator


@settings(max_examples=40, deadline=None)
@given(general_networks(n_inputs=2, depth=2, width=3))
def test_signs_at_ties_are_those_of_a_cell(network: Network) -> None:
    task = region_task(network)
    origin = (Fraction(0),) * network.n_inputs
    signs, _ = generic_signs(task, origin)
    step = Fraction(1, 10**6)
    near = tuple(step ** (k + 1) for k in range(network.n_inputs))
    assert generic_signs(task, near)[0] == signs


def test_every_witness_finds_its_term_again() -> None:
    network = Network.from_arrays([([[1, 2], [-1, 1], [3, -1]], [0, 1, -1]), ([[1, -2, 1]], [0])])
    points = [[x, y] for x in range(-3, 4) for y in range(-3, 4)]
    found = sampled_terms(network, points).value
    for (e, c), x in zip(found.numerator.as_fractions(), found.witnesses, strict=True):
        again = sampled_terms(network, [x]).value.numerator.as_fractions()
        assert again == ((e, c),)


def test_a_wide_network_in_many_dimensions_is_no_trouble() -> None:
    n = 30
    weight = [[(i * j) % 7 - 3 for j in range(n)] for i in range(40)]
    network = Network.from_arrays([(weight, [1] * 40), ([[(-1) ** i for i in range(40)]], [0])])
    points = [[(k * j) % 5 - 2 for j in range(n)] for k in range(1, 20)]
    found = sampled_terms(network, points).value
    assert found.n_patterns > 1
    for x in points:
        if found.n_tied == 0:
            assert found.numerator(x) - found.denominator(x) == network(x)[0]


def test_sampled_vertices_of_a_polynomial_are_essential() -> None:
    p = TropicalPolynomial.from_terms({(k, m): -(k**2) - m**2 for k in range(-3, 4) for m in range(-3, 4)})
    found = sampled_essential(p, [[x, y] for x in range(-8, 9, 2) for y in range(-8, 9, 2)])
    assert found.value == p
    assert found.check().accepted
    few = sampled_essential(p, [[0, 0], [1, 1]])
    assert few.value.n_terms == 1
    unproved = sampled_essential(p, [[0, 0]], most_rows=10)
    assert (unproved.status, unproved.certificate) == (Status.UNDECIDED, None)


def test_a_polynomial_without_variables() -> None:
    found = sampled_essential(TropicalPolynomial.constant(3, 0), [[]])
    assert found.value.n_terms == 1
    assert found.check().accepted


def test_errors() -> None:
    p = TropicalPolynomial.from_terms({(1,): 0, (0,): 0})
    with pytest.raises(InputError, match="alone the largest"):
        sampled_essential(p, [[0]])
    with pytest.raises(ShapeError, match="another number of entries"):
        sampled_essential(p, [[0, 1]])
    network = Network.from_arrays([([[1]], [0])])
    with pytest.raises(InputError, match="no points"):
        sampled_terms(network, [])
    with pytest.raises(InputError, match="no such output"):
        sampled_terms(network, [[1]], output=1)
    with pytest.raises(ShapeError, match="another number of entries"):
        sampled_terms(network, [[1, 2]])
