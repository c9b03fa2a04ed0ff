"""Decompositions: exact identities, known minimal forms, and all vertices against the linear program."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached
from exactnet.model import Network
from exactnet.tropical.dc import fewest_pieces, least_kink, vertex_decompositions
from exactnet.tropical.kinks import kinked_complex
from exactnet.tropical.polynomial import TropicalPolynomial
from paper_repro.anchors import ANCHORS, MEDIAN, random_integer_network


def points(d):
    values = [Fraction(k, 2) for k in (-7, -2, 0, 1, 5)]
    return [[values[(i * (j + 2)) % 5] + j for j in range(d)] for i in range(8)]


@given(st.integers(0, 500), st.sampled_from([(1, 3, 3, 1), (2, 3, 2, 1), (2, 2, 2, 2, 1), (3, 2, 2, 1)]))
@settings(max_examples=40, deadline=None)
def test_g_minus_h_is_the_network_and_both_are_irredundant(seed, widths):
    network = random_integer_network(widths, seed, size=2)
    result = least_kink(network)
    g, h = result.value.g, result.value.h
    assert result.check().accepted
    assert all(g(x) - h(x) == network(x)[0] for x in points(widths[0]))
    assert g.normal_form() == g
    assert h.normal_form() == h


@given(st.integers(0, 300), st.sampled_from([(2, 3, 2, 1), (2, 2, 2, 1), (1, 3, 2, 1)]))
@settings(max_examples=25, deadline=None)
def test_every_vertex_is_a_decomposition_and_none_has_less_kink(seed, widths):
    network = random_integer_network(widths, seed, size=2)
    vertices = vertex_decompositions(network)
    best = least_kink(network).value.total_kink
    assert min(one.total_kink for one in vertices) == best
    for one in vertices:
        assert all(one.g(x) - one.h(x) == network(x)[0] for x in points(widths[0]))
    pairs = {one.n_pieces for one in vertices}
    for one in fewest_pieces(network):
        assert not any(
            p != one.n_pieces and p[0] <= one.n_pieces[0] and p[1] <= one.n_pieces[1] for p in pairs
        )


def test_median_is_three_minus_three():
    best = least_kink(MEDIAN).value
    zero = {(0, 0): 0, (-1, 0): 0, (0, -1): 0}
    assert best.g == TropicalPolynomial.from_terms(zero)
    assert best.h == TropicalPolynomial.from_terms({(-1, 0): 0, (0, -1): 0, (-1, -1): 0})
    assert [one.n_pieces for one in fewest_pieces(MEDIAN)] == [(3, 3)]


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_anchors(anchor):
    kinked = kinked_complex(anchor.network())
    assert len(kinked.facets) == anchor.n_facets
    assert least_kink(kinked).value.n_pieces == anchor.n_convex


@pytest.mark.parametrize("seed", range(20))
def test_in_one_dimension_the_kinks_are_sorted_by_sign(seed):
    kinked = kinked_complex(random_integer_network((1, 4, 3, 1), seed))
    (only,) = vertex_decompositions(kinked)
    assert only.kinks == tuple(max(kink, 0) for kink in kinked.kinks)
    assert only.n_pieces == (
        1 + sum(kink > 0 for kink in kinked.kinks),
        1 + sum(kink < 0 for kink in kinked.kinks),
    )


def test_a_convex_function_is_its_own():
    p = Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 1, 2]), ([[1, 2, 1]], [0])])
    best = least_kink(p).value
    assert best.n_pieces[1] == 1


def test_an_affine_function():
    best = least_kink(Network.from_arrays([([["1/2", 2]], [3])]))
    assert best.value.n_pieces == (1, 1)
    assert best.check().accepted
    assert len(vertex_decompositions(Network.from_arrays([([[1]], [0])]))) == 1


def test_least_kink_need_not_have_the_fewest_pieces():
    """A polyhedron with several vertices, on a small network found by search."""
    several = (random_integer_network((2, 4, 4, 1), seed) for seed in range(40))
    found = [vertex_decompositions(network) for network in several if len(vertex_decompositions(network)) > 1]
    assert found
    assert any(v[0].n_pieces != w.n_pieces for v in found for w in v)


def test_a_limit_on_the_vertices():
    with pytest.raises(LimitReached, match="too many vertices"):
        vertex_decompositions(ANCHORS[16].network(), max_vertices=5)


def test_several_outputs_maxout_and_skips_are_proved_to_be_the_network():
    two = Network.from_arrays([([[1, 2], [0, 1], [1, 1]], [0, 1, 2]), ([[1, -1, 1], [2, 1, 0]], [0, 1])])
    largest = ([[1, 0], [0, 1], [0, 0], [2, 1], [1, 1], [0, 3]], None)
    maxout = Network.from_arrays([largest, ([[1, -1]], [0])], activation="maxout", pieces=3)
    residual = Network.from_arrays(
        [([[1, 2], [0, 1]], [0, 1]), ([[1, -1], [2, 1]], [0, 1]), ([[1, -2]], [0])],
        skips={(2, 0): [[1, 0], [0, 1]], (3, 1): [[1, 1]]},
    )
    for network, output in ((two, 0), (two, 1), (maxout, 0), (residual, 0)):
        result = least_kink(network, output=output)
        verdict = result.check()
        assert verdict.accepted
        assert "g and" in verdict.line
        assert "are the same function" in verdict.line
        assert all(
            result.value.g(x) - result.value.h(x) == network(x)[output] for x in points(network.n_inputs)
        )


def test_without_proof_only_the_minimum_is_certified():
    result = least_kink(MEDIAN, proof=False)
    assert "same function" not in result.check().line
    assert result.check().accepted
