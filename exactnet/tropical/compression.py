"""Fewer terms, with a proved error: drop the terms that matter least on a box, and raise the rest by half.

If q has some of the terms of p, then q <= p, and p - q is at most the largest gap of a dropped term over q.
Raising q by half of that gap halves the error. Which terms to drop is chosen greedily; the error of the
outcome is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heapify, heappop, heappush

from exactnet.certificate import Certificate, LinearOptimumRecord, Record, Result, Status
from exactnet.errors import InputError
from exactnet.exact import LpStats, format_rational, rational_text
from exactnet.tropical.distance import checked_radius, x_box
from exactnet.tropical.gaps import support_gap, support_system, system_record
from exactnet.tropical.newton import newton_polytope
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point
from exactnet.tropical.rational import TropicalRational

__all__ = ["Compression", "RationalCompression", "compress", "compress_difference"]


@dataclass(frozen=True)
class Compression:
    """A polynomial with fewer terms.

    Attributes
    ----------
    polynomial : q.
    error : the largest |p(x) - q(x)| over the box; attained.
    n_dropped : essential terms of p that q does not have.
    """

    polynomial: TropicalPolynomial
    error: Fraction
    n_dropped: int


@dataclass(frozen=True)
class RationalCompression:
    """A difference of two polynomials with fewer terms, and a bound of |f - f'| over the box."""

    function: TropicalRational
    error: Fraction


def compress(p: TropicalPolynomial, n_terms: int, *, radius: object | None) -> Result[Compression]:
    """A polynomial with at most `n_terms` terms near p, with its exact error on a box.

    Parameters
    ----------
    n_terms : at least 1.
    radius : of the box |x_i| <= radius; None is all of R^n, where the vertices of the Newton polytope have
        to stay.

    Raises
    ------
    InputError : n_terms below 1, or too few for all of R^n; a negative radius.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(k,): -k * k for k in range(-3, 4)})
    >>> found = compress(p, 4, radius=4)
    >>> found
    PROVED: 4 of 7 terms, error 1/2 (= 0.5) on the box of radius 4
    >>> found.value.polynomial.n_terms, found.check().accepted
    (4, True)
    """
    r = None if radius is None else checked_radius(radius)
    normal = p.normal_form()
    _require_terms(normal, n_terms, r)
    if normal.n_terms <= n_terms:
        same = p.equals(normal)
        return Result(
            Compression(normal, Fraction(0), 0), same.status, same.certificate, "no term is dropped"
        )
    points = [(*e, c) for e, c in normal.as_fractions()]
    kept = _greedy(points, n_terms, r)
    system = support_system([points[k] for k in kept], x_box(p.n_variables, r))
    stats, records, error = LpStats(), [], Fraction(0)
    for k in sorted(set(range(len(points))) - set(kept)):
        gap = support_gap(points[k], system, ids=(f"dropped{k}", "kept"), stats=stats)
        if gap.value is None or gap.record is None:
            raise _unbounded(normal, n_terms)
        records.append(gap.record)
        error = max(error, gap.value / 2)
    terms: dict[Sequence[object], object] = {points[k][:-1]: points[k][-1] + error for k in kept}
    sentence = f"{len(kept)} of {len(points)} terms, error {format_rational(error)} {_box_text(r)}"
    claims = tuple(record.id for record in records)
    certificate = Certificate(sentence, (system_record("kept", system), *records), claims)
    value = Compression(TropicalPolynomial.from_terms(terms), error, len(records))
    counts = {"n_guessed": stats.n_guessed, "n_fallback": stats.n_fallback}
    return Result(value, Status.PROVED, certificate, sentence, {}, counts)


def compress_difference(
    f: TropicalRational, n_terms: int, *, radius: object | None
) -> Result[RationalCompression]:
    """F and G of f = F - G compressed to at most `n_terms` terms each, with the sum of both errors.

    Since |f - f'| <= |F - F'| + |G - G'|, the sum is a proved bound; it need not be attained.
    Parameters and errors are those of `compress`.

    Examples
    --------
    >>> F = TropicalPolynomial.from_terms({(k,): -k * k for k in range(-3, 4)})
    >>> found = compress_difference(TropicalRational(F, F * F), 3, radius=4)
    >>> found
    PROVED: 3 and 3 terms instead of 7 and 7, error at most 3/2 (= 1.5) on the box of radius 4
    >>> found.check().accepted
    True
    """
    top, bottom = (compress(part, n_terms, radius=radius) for part in (f.numerator, f.denominator))
    small = TropicalRational(top.value.polynomial, bottom.value.polynomial)
    value = RationalCompression(small, top.value.error + bottom.value.error)
    sizes = [part.value.polynomial.n_terms for part in (top, bottom)]
    full = [n + part.value.n_dropped for n, part in zip(sizes, (top, bottom), strict=True)]
    sentence = (
        f"{sizes[0]} and {sizes[1]} terms instead of {full[0]} and {full[1]}, error at most "
        f"{format_rational(value.error)} {_box_text(radius)}"
    )
    parts = [
        _renamed(part.certificate, name)
        for name, part in (("F", top), ("G", bottom))
        if part.value.n_dropped and part.certificate is not None
    ]
    if not parts:
        same = f.equals(small)
        return Result(value, same.status, same.certificate, sentence)
    records = tuple(record for part in parts for record in part.records)
    claims = tuple(claim for part in parts for claim in part.claims)
    return Result(value, Status.PROVED, Certificate(sentence, records, claims), sentence)


def _renamed(certificate: Certificate, prefix: str) -> Certificate:
    """The certificate with a prefix before all names, so that two can be joined."""
    records: list[Record] = []
    for record in certificate.records:
        if isinstance(record, LinearOptimumRecord):
            record = replace(record, id=f"{prefix}-{record.id}", system=f"{prefix}-{record.system}")
        else:
            record = replace(record, id=f"{prefix}-{record.id}")
        records.append(record)
    claims = tuple(f"{prefix}-{claim}" for claim in certificate.claims)
    return replace(certificate, records=tuple(records), claims=claims)


def _box_text(radius: object | None) -> str:
    if radius is None:
        return "everywhere"
    return f"on the box of radius {rational_text(checked_radius(radius))}"


def _greedy(points: Sequence[Point], n_terms: int, radius: Fraction | None) -> list[int]:
    """Drop the term with the smallest gap over the others, again and again.

    Gaps only grow while terms leave, so an old value is a lower bound: only the smallest has to be computed
    anew.
    """
    box = x_box(len(points[0]) - 1, radius)
    kept = set(range(len(points)))

    def gap(k: int) -> Fraction | None:
        system = support_system([points[i] for i in sorted(kept - {k})], box)
        return support_gap(points[k], system).value

    # (has no maximum, value, term, size of the set it was computed for)
    heap: list[tuple[bool, Fraction, int, int]] = [(False, Fraction(0), k, 0) for k in kept]
    heapify(heap)
    while len(kept) > n_terms:
        endless, _, k, size = heappop(heap)
        if size == len(kept):
            if endless:
                break
            kept.remove(k)
            continue
        found = gap(k)
        heappush(heap, (found is None, found or Fraction(0), k, len(kept)))
    return sorted(kept)


def _require_terms(normal: TropicalPolynomial, n_terms: int, radius: Fraction | None) -> None:
    if n_terms < 1:
        raise InputError("a polynomial needs terms", where="n_terms", got=f"{n_terms}", expected="at least 1")
    if radius is None and n_terms < len(newton_polytope(normal).vertices):
        raise _unbounded(normal, n_terms)


def _unbounded(normal: TropicalPolynomial, n_terms: int) -> InputError:
    n_needed = len(newton_polytope(normal).vertices)
    return InputError(
        "with so few terms the error grows without end",
        where="n_terms",
        got=f"{n_terms}",
        expected=f"at least {n_needed}, the vertices of the Newton polytope",
        hint="give a radius",
    )
