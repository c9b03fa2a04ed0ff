"""Essential terms by the hull, against one exact linear programme a term and against the definition."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached
from exactnet.tropical import TropicalPolynomial, essential_terms, prove_normal_form, upper_hull
from exactnet.tropical.normal_form import essential_terms_by_lp
from tests.tropical.polynomials import fractions, polynomials


@settings(max_examples=150, deadline=None)
@given(polynomials(most_terms=12))
def test_the_hull_agrees_with_linear_programmes(p) -> None:
    assert essential_terms(p) == essential_terms_by_lp(p)


@settings(max_examples=50, deadline=None)
@given(
    polynomials(n_variables=2, exponents=fractions, coefficients=fractions),
    st.lists(st.integers(-2, 2), min_size=6, max_size=6),
)
def test_exponents_in_a_plane_of_a_larger_space(p, entries) -> None:
    # x -> p(A x) has exponents in the row space of A
    flat = p.compose([entries[:3], entries[3:]], [1, -1])
    assert essential_terms(flat) == essential_terms_by_lp(flat)


@settings(max_examples=50, deadline=None)
@given(polynomials(most_terms=10))
def test_numbers_beyond_64_bits(p) -> None:
    big = TropicalPolynomial.from_integers(
        {tuple(3**60 * v for v in e): 3**60 * c + i for i, (e, c) in enumerate(p.terms)},
        n_variables=p.n_variables,
    )
    assert essential_terms(big) == essential_terms_by_lp(big)


@settings(max_examples=80, deadline=None)
@given(polynomials())
def test_witnesses_and_rays(p) -> None:
    hull = upper_hull(p)
    for k, x in hull.witnesses().items():
        values = [sum(a * b for a, b in zip(e, x, strict=True)) + c for e, c in p.terms]
        assert all(value < values[k] for j, value in enumerate(values) if j != k)
    for ray in hull.rays:
        values = [sum(a * b for a, b in zip(e, ray.x, strict=True)) + c * ray.x0 for e, c in p.terms]
        assert max(values) == ray.t
        assert set(ray.terms) == {k for k in hull.essential if values[k] == ray.t}


@settings(max_examples=80, deadline=None)
@given(polynomials(most_terms=12))
def test_the_proof_is_accepted(p) -> None:
    result = prove_normal_form(p)
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert result.value == essential_terms(p)


def test_ties_are_not_essential() -> None:
    corners = {(x, y): 0 for x in (0, 4) for y in (0, 4)}
    lattice = {(x, y): 0 for x in range(5) for y in range(5)}
    assert essential_terms(TropicalPolynomial.from_terms(lattice)) == TropicalPolynomial.from_terms(corners)


def test_one_term_and_no_variables() -> None:
    for p in (TropicalPolynomial.constant(3, 0), TropicalPolynomial.affine([1, 2], -1)):
        assert p.normal_form() == p
        assert prove_normal_form(p).check().accepted
    assert upper_hull(TropicalPolynomial.constant(3, 0)).witnesses() == {0: ()}


def test_all_points_of_a_paraboloid_are_essential() -> None:
    r = random.Random(0)
    terms = {e: -sum(v * v for v in e) for e in {tuple(r.choices(range(-30, 31), k=3)) for _ in range(300)}}
    p = TropicalPolynomial.from_integers(terms, n_variables=3)
    assert p.normal_form() == p


def test_a_limit_leaves_a_lower_bound() -> None:
    terms = {(x, y): -x * x - y * y for x in range(6) for y in range(6)}
    p = TropicalPolynomial.from_integers(terms, n_variables=2)
    with pytest.raises(LimitReached, match="lower bound") as stopped:
        upper_hull(p, max_rays=20)
    assert set(stopped.value.partial) < set(upper_hull(p).essential)


def test_thousands_of_terms_take_no_linear_programme() -> None:
    # the sum of 12 generic segments: 2^12 formal terms; as many essential ones as 12 lines make regions
    r = random.Random(1)
    p = TropicalPolynomial.constant(0, 2)
    for _ in range(12):
        ends = [(r.randint(-9999, 9999), r.randint(-9999, 9999)) for _ in range(2)]
        segment = {end: r.randint(-9999, 9999) for end in ends}
        p = p * TropicalPolynomial.from_integers(segment, n_variables=2)
    assert p.n_terms == 2**12
    assert p.normal_form().n_terms == 1 + 12 + 66


def test_a_fraction_changes_nothing() -> None:
    p = TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 1): 0, (1, 1): -1, (2, 2): -5})
    assert (p ** Fraction(1, 7)).normal_form() == p.normal_form() ** Fraction(1, 7)
