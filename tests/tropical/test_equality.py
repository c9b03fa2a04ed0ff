"""Functional equality: proofs and separating points, both through the checker."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.tropical import TropicalPolynomial, TropicalRational
from exactnet.tropical.normal_form import essential_terms_by_lp
from tests.tropical.polynomials import fractions, polynomials

many = settings(max_examples=60, deadline=None)


@many
@given(polynomials(n_variables=2, most_terms=5), polynomials(n_variables=2, most_terms=5))
def test_equal_functions_have_equal_essential_terms(p, q) -> None:
    result = p.equals(q)
    assert result.value == (essential_terms_by_lp(p) == essential_terms_by_lp(q))
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert p.equals(p.normal_form()).check().accepted


@many
@given(
    polynomials(n_variables=2, most_terms=7, exponents=fractions, coefficients=fractions),
    st.integers(0, 99),
    st.sampled_from([Fraction(1, 7), Fraction(-1, 1000), Fraction(5)]),
)
def test_a_small_change_is_separated(p, k, change) -> None:
    terms = dict(p.normal_form().as_fractions())
    moved = list(terms)[k % len(terms)]
    terms[moved] += change
    q = TropicalPolynomial.from_terms(terms, 2)
    result = p.equals(q)
    assert not result.value
    x = result.certificate.records[-1].point
    assert p(x) != q(x)
    assert result.check().accepted


@many
@given(
    polynomials(n_variables=2, most_terms=4),
    polynomials(n_variables=2, most_terms=4),
    polynomials(n_variables=2, most_terms=3),
)
def test_a_common_factor_changes_no_function(p, q, w) -> None:
    f = TropicalRational(p, q)
    longer = TropicalRational(p * w, (q * w).normal_form())
    result = f.equals(longer)
    assert result.value
    assert result.check().accepted
    other = TropicalRational(p * w, q * w + TropicalPolynomial.affine([9, 9], 9))
    result = f.equals(other)
    assert not result.value
    assert f(result.certificate.records[-1].point) != other(result.certificate.records[-1].point)
    assert result.check().accepted


def test_values_may_agree_where_one_term_is_alone() -> None:
    # |x| and x: the only point where 2x meets 0 is found by a step to the side
    p = TropicalPolynomial.from_terms({(0,): 0})
    q = TropicalPolynomial.from_terms({(0,): 0, (1,): 0})
    for one, other in ((p, q), (q, p)):
        result = one.equals(other)
        assert not result.value
        assert result.check().accepted
