"""Distances of tropical polynomials against evaluation at all candidate points; promises of compression."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.errors import InputError, ShapeError
from exactnet.geometry import Polyhedron
from exactnet.tropical import (
    Polytope,
    TropicalPolynomial,
    compress,
    compress_difference,
    hausdorff_bound,
    hausdorff_distance,
    lifted_newton_polytope,
    newton_polytope,
    recursion,
    sup_distance,
    to_network,
)
from exactnet.tropical.gaps import support_gap, support_system
from paper_repro.anchors import random_integer_network
from tests.tropical.polynomials import polynomials

radii = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(2), Fraction(5)])


def brute_sup(p, q, radius) -> Fraction:
    """The difference is affine on the common refinement of both: look at all its vertices in the box."""
    n = p.n_variables
    box = Polyhedron.box([-radius] * n, [radius] * n).rows
    largest = Fraction(0)
    for (e, c), (f, d) in product(p.as_fractions(), q.as_fractions()):
        rows = [(*(a - b for a, b in zip(e, g, strict=True)), c - h) for g, h in p.as_fractions()]
        rows += [(*(a - b for a, b in zip(f, g, strict=True)), d - h) for g, h in q.as_fractions()]
        for x in Polyhedron((*rows, *box), n).vertices:
            largest = max(largest, abs(p(x) - q(x)))
    return largest


two = st.integers(1, 2).flatmap(
    lambda n: st.tuples(
        polynomials(n_variables=n, most_terms=4), polynomials(n_variables=n, most_terms=4), radii
    )
)


@settings(max_examples=40, deadline=None)
@given(two)
def test_sup_distance_is_the_largest_difference_at_all_vertices(case) -> None:
    p, q, radius = case
    found = sup_distance(p, q, radius)
    assert found.value.value == brute_sup(p, q, radius)
    assert abs(p(found.value.x) - q(found.value.x)) == found.value.value
    assert all(abs(v) <= radius for v in found.value.x)
    assert found.check().accepted


@settings(max_examples=40, deadline=None)
@given(two)
def test_the_hausdorff_bound_is_never_exceeded(case) -> None:
    p, q, radius = case
    bound = hausdorff_bound(p, q, radius)
    assert sup_distance(p, q, radius).value.value <= bound.value
    assert bound.check().accepted


def test_hausdorff_distance_of_segments_and_of_a_polytope_to_itself() -> None:
    first = Polytope.from_points([(0, 0), (4, 0)])
    second = Polytope.from_points([(0, 1), (1, 1)])
    # the end (4, 0) is 3 + 1 away from (1, 1)
    assert hausdorff_distance(first, second).value == 4
    assert hausdorff_distance(second, first).value == 4
    assert hausdorff_distance(first, first).value == 0
    with pytest.raises(ShapeError, match="different spaces"):
        hausdorff_distance(first, Polytope.from_points([(0,)]))


@settings(max_examples=30, deadline=None)
@given(polynomials(most_terms=5), st.randoms(use_true_random=False))
def test_hausdorff_distance_bounds_the_support_functions(p, random) -> None:
    P = lifted_newton_polytope(p)
    Q = P.shifted([random.randint(-1, 1) for _ in range(P.n_coordinates)]) * Fraction(random.randint(1, 4), 2)
    distance = hausdorff_distance(P, Q).value
    for _ in range(10):
        u = [Fraction(random.randint(-4, 4), 4) for _ in range(P.n_coordinates)]
        assert abs(P.support(u) - Q.support(u)) <= distance * max(map(abs, u))


@settings(max_examples=30, deadline=None)
@given(polynomials(most_terms=7), st.integers(1, 5), radii)
def test_compression_keeps_its_promise(p, n_terms, radius) -> None:
    found = compress(p, n_terms, radius=radius)
    q = found.value.polynomial
    assert found.status is Status.PROVED
    assert q.n_terms <= n_terms or q == p.normal_form()
    assert q.n_terms + found.value.n_dropped == p.normal_form().n_terms
    if found.value.n_dropped:
        assert found.value.error >= sup_distance(p, q, radius).value.value
    assert found.check().accepted


def test_the_error_of_a_compression_is_attained() -> None:
    p = TropicalPolynomial.from_terms({(k,): -k * k for k in range(-5, 6)})
    for n_terms in range(1, 11):
        found = compress(p, n_terms, radius=10).value
        assert found.polynomial.n_terms == n_terms
        assert found.error == sup_distance(p, found.polynomial, 10).value.value


def test_more_terms_never_make_it_worse() -> None:
    terms = {(i, j): -(i**2) - 2 * j**2 + i * j for i in range(-2, 3) for j in range(-2, 3)}
    p = TropicalPolynomial.from_terms(terms)
    errors = [compress(p, n, radius=4).value.error for n in (4, 9, 16, 25)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0


def test_everywhere_the_vertices_of_the_newton_polytope_have_to_stay() -> None:
    p = TropicalPolynomial.from_terms({(i, j): -(i**2) - j**2 for i in range(3) for j in range(3)})
    found = compress(p, 4, radius=None)
    assert newton_polytope(found.value.polynomial) == newton_polytope(p)
    assert found.check().accepted
    # the error is that on a box around all vertices of both
    assert found.value.error == sup_distance(p, found.value.polynomial, 100).value.value
    with pytest.raises(InputError, match="grows without end"):
        compress(p, 3, radius=None)


@pytest.mark.parametrize("n_terms", [2, 4, 8])
@pytest.mark.parametrize("seed", range(3))
def test_compressed_networks_stay_within_the_error(n_terms, seed) -> None:
    network = random_integer_network((2, 4, 3, 1), seed)
    (f,) = recursion(network)
    found = compress_difference(f, n_terms, radius=3)
    assert found.status is Status.PROVED
    assert found.check().accepted
    small = found.value.function
    assert max(small.numerator.n_terms, small.denominator.n_terms) <= n_terms
    for x in product(range(-3, 4), repeat=2):
        assert abs(small(x) - network(x)[0]) <= found.value.error
    rebuilt = to_network(small)
    assert all(rebuilt(x)[0] == small(x) for x in product([-2, 0, Fraction(1, 2)], repeat=2))


def test_a_gap_without_a_maximum() -> None:
    system = support_system([(Fraction(0),)], [(None, None)])
    assert support_gap((Fraction(1),), system).value is None


def test_errors() -> None:
    p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0})
    with pytest.raises(InputError, match="needs terms"):
        compress(p, 0, radius=1)
    with pytest.raises(InputError, match="negative size"):
        sup_distance(p, p, -1)
    with pytest.raises(ShapeError, match="different spaces"):
        sup_distance(p, TropicalPolynomial.constant(0, 2), 1)
