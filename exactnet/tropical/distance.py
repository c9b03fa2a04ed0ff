"""How far apart two tropical polynomials are: the Hausdorff bound in its exact form, and the exact distance.

p and q are the support functions of their lifted Newton polytopes P and Q at (x, 1). With the dual pair of
the largest entry and the sum of the entries, for all x in the box of radius r

    |p(x) - q(x)|  <=  max(1, r) Haus_1(P, Q)

(after Misiakos, Smyrnis, Retsinas and Maragos 2022, who use the Euclidean norm; here every number is
rational).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from exactnet.certificate import Certificate, Record, Result, Status
from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.exact import LpStats, format_rational, rational_text, to_fraction
from exactnet.tropical.gaps import (
    Interval,
    SupportGap,
    support_gap,
    support_system,
    system_record,
)
from exactnet.tropical.newton import lifted_newton_polytope
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point, Polytope

T = TypeVar("T")

__all__ = ["SupDistance", "checked_radius", "hausdorff_bound", "hausdorff_distance", "sup_distance", "x_box"]


@dataclass(frozen=True)
class SupDistance:
    """The largest |p(x) - q(x)| on a box, and a point where it is attained."""

    value: Fraction
    x: Point


def hausdorff_distance(P: Polytope, Q: Polytope) -> Result[Fraction]:
    """The Hausdorff distance of two polytopes in the L1 norm: two systems, one linear optimum a vertex.

    Raises
    ------
    ShapeError : polytopes in different spaces.

    Examples
    --------
    >>> square = Polytope.from_points([(0, 0), (1, 0), (0, 1), (1, 1)])
    >>> found = hausdorff_distance(square, Polytope.from_points([(0, 0), (1, 0), (0, 1)]))
    >>> found
    PROVED: the L1 Hausdorff distance is 1
    >>> found.check().accepted
    True
    """
    _same_space(P.n_coordinates, Q.n_coordinates)
    box = [(Fraction(-1), Fraction(1))] * P.n_coordinates
    gaps, records, stats = _both_ways(P.vertices, Q.vertices, box)
    value = max(_finite(gap) for gap in gaps)
    sentence = f"the L1 Hausdorff distance is {format_rational(value)}"
    return _result(value, sentence, records, stats)


def hausdorff_bound(p: TropicalPolynomial, q: TropicalPolynomial, radius: object) -> Result[Fraction]:
    """max(1, r) Haus_1(P, Q) >= |p(x) - q(x)| for all x with entries of size at most r.

    Raises
    ------
    ShapeError : other variables; InputError : a negative radius.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): -1})
    >>> hausdorff_bound(p, TropicalPolynomial.from_terms({(0,): 0, (2,): -1}), 3)
    PROVED: |p - q| <= 3/2 on the box of radius 3
    """
    r = checked_radius(radius)
    found = hausdorff_distance(lifted_newton_polytope(p), lifted_newton_polytope(q))
    value = max(Fraction(1), r) * found.value
    sentence = f"|p - q| <= {rational_text(value)} on the box of radius {rational_text(r)}"
    return Result(value, found.status, found.certificate, sentence, {}, found.stats)


def sup_distance(p: TropicalPolynomial, q: TropicalPolynomial, radius: object) -> Result[SupDistance]:
    """The largest |p(x) - q(x)| over the x with entries of size at most r; one linear optimum a term.

    Raises
    ------
    ShapeError : other variables; InputError : a negative radius.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): -1})
    >>> found = sup_distance(p, TropicalPolynomial.from_terms({(0,): 0, (2,): -1}), 3)
    >>> found, found.value.x, found.check().accepted
    (PROVED: the largest |p - q| on the box of radius 3 is 1/2 (= 0.5), (Fraction(1, 2),), True)
    """
    _same_space(p.n_variables, q.n_variables)
    r = checked_radius(radius)
    gaps, records, stats = _both_ways(_points(p), _points(q), x_box(p.n_variables, r))
    best = max(gaps, key=_finite)
    value = SupDistance(_finite(best), best.direction[:-1])
    sentence = (
        f"the largest |p - q| on the box of radius {rational_text(r)} is {format_rational(value.value)}"
    )
    return _result(value, sentence, records, stats)


def x_box(n_variables: int, radius: Fraction | None) -> list[Interval]:
    """The directions (x, 1) with |x| <= radius in every entry; None is no limit."""
    ends: Interval = (None, None) if radius is None else (-radius, radius)
    return [ends] * n_variables + [(Fraction(1), Fraction(1))]


def _points(p: TropicalPolynomial) -> list[Point]:
    """(exponents, coefficient) of the essential terms."""
    return [(*e, c) for e, c in p.normal_form().as_fractions()]


def _both_ways(
    P: Sequence[Point], Q: Sequence[Point], box: Sequence[Interval]
) -> tuple[list[SupportGap], list[Record], LpStats]:
    stats, gaps, records = LpStats(), [], []
    for name, own, other in (("p", P, Q), ("q", Q, P)):
        system = support_system(other, box)
        records.append(system_record(f"over-{name}", system))
        for k, u in enumerate(own):
            gap = support_gap(u, system, ids=(f"{name}{k}", f"over-{name}"), stats=stats)
            gaps.append(gap)
            if gap.record is not None:
                records.append(gap.record)
    return gaps, records, stats


def _finite(gap: SupportGap) -> Fraction:
    if gap.value is None:
        raise InvariantError("a difference over a bounded box has a maximum", reproduction=repr(gap))
    return gap.value


def _result(value: T, sentence: str, records: Sequence[Record], stats: LpStats) -> Result[T]:
    claims = tuple(record.id for record in records if record.rule == "linear_optimum")
    counts = {"n_guessed": stats.n_guessed, "n_fallback": stats.n_fallback}
    certificate = Certificate(
        sentence, tuple(records), claims, stats={name: str(count) for name, count in counts.items()}
    )
    return Result(value, Status.PROVED, certificate, sentence, {}, counts)


def _same_space(left: int, right: int) -> None:
    if left != right:
        raise ShapeError(
            "two objects in different spaces",
            where="second argument",
            got=f"dimension {right}",
            expected=f"{left}, as in the first",
        )


def checked_radius(radius: object) -> Fraction:
    """The half side of a box, exactly; InputError if it is negative."""
    r = to_fraction(radius, where="radius")
    if r < 0:
        raise InputError("a box of negative size", where="radius", got=rational_text(r), expected="0 or more")
    return r
