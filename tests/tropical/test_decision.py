"""Decision boundaries in tropical hypersurfaces, on random networks and on hand-made degenerate ones."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.errors import InputError, ShapeError
from exactnet.model import Network
from exactnet.tropical import (
    TropicalPolynomial,
    TropicalRational,
    boundary_containment,
    boundary_zonotopes,
    newton_polytope,
    recursion,
    tropical_hypersurface,
)
from exactnet.tropical.alfarra import two_class_forms
from exactnet.tropical.decision import decision_boundary_polynomial, region_shares
from paper_repro.anchors import random_integer_network


@pytest.mark.parametrize(
    ("widths", "seed", "n_pieces"), [((2, 4, 4, 1), 0, 7), ((2, 4, 4, 1), 1, 5), ((3, 4, 4, 1), 0, 24)]
)
def test_the_pieces_of_the_fact_sheet(widths, seed, n_pieces) -> None:
    network = random_integer_network(widths, seed)
    found = boundary_containment(network, recursion(network)[0])
    assert found.status is Status.PROVED
    assert found.value.n_pieces == n_pieces
    assert found.check().accepted


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(1, 3, 1), (2, 3, 1), (2, 3, 3, 1)]), st.integers(-2, 2))
def test_every_level_of_random_networks(seed, widths, level) -> None:
    network = random_integer_network(widths, seed, size=2)
    f = recursion(network)[0]
    found = boundary_containment(network, f, level)
    hypersurface = tropical_hypersurface(decision_boundary_polynomial(f, level))
    for x in found.value.points:
        assert network(x)[0] == level
        assert hypersurface.contains(x)
    assert all(n <= m for n, m in zip(found.value.components, found.value.shares, strict=True))


def test_a_flat_cell_is_counted_and_its_sides_are_left_out() -> None:
    relu = Network.from_arrays([([[1]], [0]), ([[1]], [0])])
    found = boundary_containment(relu, recursion(relu)[0])
    assert (found.value.n_pieces, found.value.n_flat) == (0, 1)
    assert found.status is Status.UNDECIDED
    assert found.certificate is None


def test_shares_leave_out_common_terms() -> None:
    x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    assert region_shares(TropicalRational(x + zero, zero)) == (1, 0)


def test_another_function_is_noticed() -> None:
    absolute = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-1])])
    zero = TropicalPolynomial.constant(0, 1)
    with pytest.raises(InputError, match="not the output"):
        boundary_containment(absolute, TropicalRational(TropicalPolynomial.variable(0, 1), zero))
    with pytest.raises(ShapeError, match="does not fit"):
        boundary_containment(absolute, TropicalRational.of(TropicalPolynomial.constant(0, 2)))


# -- two classes without biases ----------------------------------------------------------------------------


def without_biases(widths, seed) -> Network:
    network = random_integer_network(widths, seed)
    layers = [(layer.weight.rows(), [0] * layer.n_outputs) for layer in network.layers]
    return Network.from_arrays(layers)


@pytest.mark.parametrize("widths", [(2, 4, 2), (3, 3, 2), (1, 3, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_zonotopes_give_the_products_of_the_recursion(widths, seed) -> None:
    network = without_biases(widths, seed)
    found = boundary_zonotopes(network)
    left, right, both = two_class_forms(*recursion(network))
    assert found.polynomial(0) == left
    assert found.polynomial(1) == right
    assert found.hull() == newton_polytope(both)
    assert newton_polytope(left) == found.zonotope(0)


@pytest.mark.parametrize("seed", range(5))
def test_the_boundary_lies_in_the_hypersurface_of_both(seed) -> None:
    network = without_biases((2, 4, 2), seed)
    _, _, both = two_class_forms(*recursion(network))
    hypersurface = tropical_hypersurface(both)
    # the boundary is a fan: follow the sign of f1 - f2 around the square and solve on the edges
    corners = [(8, k) for k in range(-8, 8)] + [(-k, 8) for k in range(-8, 8)]
    corners += [(-8, -k) for k in range(-8, 8)] + [(k, -8) for k in range(-8, 8)]

    def gap(x):
        first, second = network(x)
        return first - second

    for x, y in pairwise([*corners, corners[0]]):
        a, b = gap(x), gap(y)
        if a * b < 0:
            z = tuple(u + (v - u) * a / (a - b) for u, v in zip(x, y, strict=True))
            if gap(z) == 0:  # one piece between both
                assert hypersurface.contains(z)


def test_networks_of_another_form_are_refused() -> None:
    with pytest.raises(ShapeError, match="one hidden layer and two outputs"):
        boundary_zonotopes(random_integer_network((2, 3, 1), 0))
    with pytest.raises(InputError, match="without biases"):
        boundary_zonotopes(Network.from_arrays([([[1, 0]], [1]), ([[1], [2]], [0, 0])]))
    with pytest.raises(InputError, match="a relu layer"):
        boundary_zonotopes(Network.from_arrays([([[1, 0]], [0]), ([[1], [2]], [0, 0])], activation="abs"))
