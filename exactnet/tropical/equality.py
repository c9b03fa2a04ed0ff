"""Equality of functions, proved term by term or refuted by a point.

Two tropical polynomials are the same function exactly when their essential terms agree. The certificate shows
the rest: every term that the other side does not have lies under a convex combination of terms of that side.
For tropical rational functions F1 - G1 = F2 - G2 is F1 G2 = F2 G1, in tropical products.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from operator import mul

from exactnet.certificate import (
    Certificate,
    DifferentPolynomialsRecord,
    EssentialTermsRecord,
    Record,
    Result,
    SamePolynomialRecord,
    Status,
)
from exactnet.errors import InvariantError, ShapeError
from exactnet.tropical.combinations import Under
from exactnet.tropical.form_proof import polynomial_record
from exactnet.tropical.normal_form import UpperHull, upper_hull
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

__all__ = ["prove_normal_form", "same_polynomial", "same_rational", "separating_point"]

Point = tuple[Fraction, ...]


def same_polynomial(p: TropicalPolynomial, q: TropicalPolynomial) -> Result[bool]:
    """Whether p and q are the same function.

    Raises
    ------
    ShapeError : other variables.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0})
    >>> different = same_polynomial(p, TropicalPolynomial.from_terms({(0,): 0, (1,): 1, (2,): 0}))
    >>> different
    REFUTED: the two tropical polynomials differ at a point
    >>> different.certificate.records[-1].point, different.check().accepted
    ((Fraction(0, 1),), True)
    """
    return _decide([("p", p)], [("q", q)], "the two tropical polynomials")


def same_rational(f: TropicalRational, g: TropicalRational) -> Result[bool]:
    """Whether f and g are the same function; cost: the hulls of two tropical products.

    Raises
    ------
    ShapeError : other variables.

    Examples
    --------
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> absolute = TropicalRational(x ** 2 + zero, x)
    >>> same_rational(absolute, absolute ** -1)
    REFUTED: the two tropical rational functions differ at a point
    """
    left = [("F1", f.numerator), ("G2", g.denominator)]
    right = [("F2", g.numerator), ("G1", f.denominator)]
    return _decide(left, right, "the two tropical rational functions")


def prove_normal_form(p: TropicalPolynomial) -> Result[TropicalPolynomial]:
    """The essential terms with a proof: a point for each of them, a convex combination for every other term.

    Examples
    --------
    >>> result = prove_normal_form(TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0}))
    >>> result, result.value, result.check().accepted
    (PROVED: 2 of 3 terms are essential, TropicalPolynomial(max(0, 2*x1)), True)
    """
    hull = upper_hull(p)
    points = hull.witnesses()
    place = {k: i for i, k in enumerate(hull.essential)}
    under = Under(hull, hull.normal_form)
    listed = [(k, under.combination(*p.terms[k])) for k in range(p.n_terms) if k not in place]
    essential = tuple((k, points[k]) for k in hull.essential)
    record = EssentialTermsRecord("normal-form", "p", essential, tuple(listed))
    n = len(hull.essential)
    sentence = f"{n:,} of {p.n_terms:,} terms {'is' if n == 1 else 'are'} essential"
    certificate = Certificate(sentence, (polynomial_record(p, "p"), record), ("normal-form",))
    return Result(hull.normal_form, Status.PROVED, certificate, sentence)


# -- both sides ----------------------------------------------------------------------------------------

_Side = Sequence[tuple[str, TropicalPolynomial]]


def _decide(left: _Side, right: _Side, what: str) -> Result[bool]:
    if left[0][1].n_variables != right[0][1].n_variables:
        raise ShapeError(
            "functions of different variables",
            where="equals",
            got=f"{right[0][1].n_variables} variables",
            expected=f"{left[0][1].n_variables}",
        )
    records: list[Record] = [polynomial_record(p, name) for name, p in (*left, *right)]
    names = tuple(name for name, _ in left), tuple(name for name, _ in right)
    p, q = _product(left), _product(right)
    hulls = upper_hull(p), upper_hull(q)
    answer: Record
    if hulls[0].normal_form == hulls[1].normal_form:
        answer = SamePolynomialRecord("same", *names, _all_under(p, q, hulls[1]), _all_under(q, p, hulls[0]))
        sentence, status = f"{what} are the same function", Status.PROVED
    else:
        answer = DifferentPolynomialsRecord("different", *names, separating_point(p, q))
        sentence, status = f"{what} differ at a point", Status.REFUTED
    certificate = Certificate(sentence, (*records, answer), (answer.id,))
    return Result(status is Status.PROVED, status, certificate, sentence)


def _product(factors: _Side) -> TropicalPolynomial:
    product = factors[0][1]
    for _, p in factors[1:]:
        product = product * p
    return product


def _all_under(
    p: TropicalPolynomial, q: TropicalPolynomial, hull: UpperHull
) -> tuple[tuple[int, tuple[tuple[int, Fraction], ...]], ...]:
    """For the terms of p that no term of q covers: multipliers of terms of q, by their numbers in q."""
    den = lcm(p.denominator, q.denominator)
    one, other = den // p.denominator, den // q.denominator
    covered = {tuple(other * v for v in e): other * c for e, c in q.terms}
    under: Under | None = None
    found = []
    for k, (e, c) in enumerate(p.terms):
        known = covered.get(tuple(one * v for v in e))
        if known is not None and known >= one * c:
            continue
        under = under or Under(hull, q, scale=Fraction(one, other))
        found.append((k, under.combination(e, c)))
    return tuple(found)


# -- a point where they differ -------------------------------------------------------------------------


def separating_point(p: TropicalPolynomial, q: TropicalPolynomial) -> Point:
    """A point with p(x) != q(x), from an essential term of one that the other does not have.

    At a point where only this term is largest either the values differ, or some largest term of the other
    polynomial has other exponents, and a small step along the difference of the exponents separates them.

    Raises
    ------
    InvariantError : they are the same function.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0})
    >>> separating_point(p, p ** 2)
    (Fraction(1, 1),)
    """
    hulls = upper_hull(p), upper_hull(q)
    forms = [set(hull.normal_form.as_fractions()) for hull in hulls]
    for one, hull, other, theirs in ((p, hulls[0], q, forms[1]), (q, hulls[1], p, forms[0])):
        points = hull.witnesses()
        for k in hull.essential:
            e, c = one.terms[k]
            term = (tuple(Fraction(v, one.denominator) for v in e), Fraction(c, one.denominator))
            if term not in theirs:
                return _near(one, other, term[0], points[k])
    raise InvariantError("the same function has no separating point", reproduction=f"{p!r}, {q!r}")


def _near(p: TropicalPolynomial, q: TropicalPolynomial, exponents: Sequence[Fraction], x: Point) -> Point:
    value = p(x)
    if value != q(x):
        return x
    steeper = next(
        f for f, d in q.as_fractions() if f != tuple(exponents) and sum(map(mul, f, x), d) == value
    )
    direction = [v - u for u, v in zip(exponents, steeper, strict=True)]
    step = Fraction(1)
    while True:
        y = tuple(v + step * w for v, w in zip(x, direction, strict=True))
        if p(y) != q(y):
            return y
        step /= 2
