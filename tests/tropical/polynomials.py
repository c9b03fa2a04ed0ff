"""Random tropical polynomials for tests: few terms, many ties, all dimensions."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from exactnet.tropical import TropicalPolynomial

small = st.integers(-3, 3)
fractions = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))


@st.composite
def polynomials(
    draw: st.DrawFn,
    *,
    n_variables: int | None = None,
    most_terms: int = 8,
    exponents: st.SearchStrategy = small,
    coefficients: st.SearchStrategy = small,
) -> TropicalPolynomial:
    n = draw(st.integers(1, 3)) if n_variables is None else n_variables
    terms = draw(st.dictionaries(st.tuples(*[exponents] * n), coefficients, min_size=1, max_size=most_terms))
    return TropicalPolynomial.from_terms(terms, n)
