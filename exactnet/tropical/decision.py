"""Decision boundaries inside tropical hypersurfaces (Zhang, Naitzat, Lim 2018, proposition 6.1).

Where f = F - G is c, the functions F and G + c agree, so the maximum of their tropical sum is attained
twice: the set {f = c} lies in the hypersurface of F (+) c (.) G. On each component of {f > c} the largest
terms come from F, so there are at most as many components as regions of the tropical sum that belong to F
alone; likewise {f < c} and G. A piece of full dimension, where f = c on an open set, need not lie in the
hypersurface: there the largest terms of F and of G + c may be one and the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import (
    Certificate,
    LinearSystemRecord,
    Record,
    Result,
    Status,
    WitnessRecord,
)
from exactnet.errors import InputError, ShapeError
from exactnet.exact import rational_text, to_fraction
from exactnet.geometry.boundary import PolyhedralSet, level_sets
from exactnet.geometry.cell import Point
from exactnet.model import Network
from exactnet.tropical.hypersurface import largest_terms
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

__all__ = ["BoundaryContainment", "boundary_containment", "decision_boundary_polynomial", "region_shares"]


@dataclass(frozen=True)
class BoundaryContainment:
    """What was found at one relative interior point of every piece of {f = c}.

    Attributes
    ----------
    points : one for each face of dimension d-1 of {f = c}, in the complex of the network cut along it;
        sides of flat cells are left out. At each of them F = G + c, and two terms of the tropical sum are
        largest.
    n_flat : cells of full dimension on which f = c; nothing is claimed about them.
    components : the numbers of connected components of {f > c} and of {f < c}.
    shares : the numbers of regions of the tropical sum that belong to F alone and to G alone: bounds on
        `components`.
    """

    points: tuple[Point, ...]
    n_flat: int
    components: tuple[int, int]
    shares: tuple[int, int]

    @property
    def n_pieces(self) -> int:
        """The number of pieces."""
        return len(self.points)


def decision_boundary_polynomial(f: TropicalRational, c: object = 0) -> TropicalPolynomial:
    """F (+) c (.) G: the maximum of F and G + c.

    Examples
    --------
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> decision_boundary_polynomial(TropicalRational(x ** 2 + zero, x), 1)
    TropicalPolynomial(max(0, 1 + x1, 2*x1))
    """
    level = TropicalPolynomial.constant(to_fraction(c, where="c"), f.n_variables)
    return f.numerator + level * f.denominator


def region_shares(f: TropicalRational, c: object = 0) -> tuple[int, int]:
    """How many regions of F (+) c (.) G belong to F, and how many to G.

    A term that F and c (.) G share counts for neither: where it is the largest one, f = c.

    Examples
    --------
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> region_shares(TropicalRational(x ** 2 + zero, x), 1)
    (2, 1)
    """
    level = TropicalPolynomial.constant(to_fraction(c, where="c"), f.n_variables)
    normal = set(decision_boundary_polynomial(f, c).normal_form().as_fractions())
    own = set(f.numerator.as_fractions())
    others = set((level * f.denominator).as_fractions())
    return len((normal & own) - others), len((normal & others) - own)


def boundary_containment(
    network: Network, f: TropicalRational, c: object = 0, *, output: int = 0
) -> Result[BoundaryContainment]:
    """The containment for a network output that equals f, at a point inside every piece of its level set.

    Parameters
    ----------
    f : F and G with F - G equal to the output.
    c : the level.

    Returns
    -------
    Result
        PROVED: the certificate has for each piece the point, two terms that are equal there, and that no
        other is larger. UNDECIDED and without a certificate if {f = c} has no piece.

    Raises
    ------
    ShapeError : f has another number of variables than the network has inputs.
    InputError : f is not the output; the error names a point.

    Examples
    --------
    >>> absolute = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> found = boundary_containment(absolute, TropicalRational(x ** 2 + zero, x), 1)
    >>> found
    PROVED: 2 pieces of {f = 1} lie in the tropical hypersurface of F (+) 1 (.) G
    >>> found.value.n_pieces, found.value.components, found.value.shares
    (2, (2, 1), (2, 1))
    """
    if f.n_variables != network.n_inputs:
        raise ShapeError(
            "the tropical function does not fit the network",
            where="f",
            got=f"{f.n_variables} variables",
            expected=f"{network.n_inputs}, one an input",
        )
    level = to_fraction(c, where="c")
    sets = level_sets(network, level, output=output)
    zero, combined = sets.zero, decision_boundary_polynomial(f, level)
    k = network.n_inputs - 1
    points = [_inner_point(zero, k, i) for i in zero.members[k] if not _is_side_of_flat(zero, k, i)]
    records = [record for i, x in enumerate(points) for record in _tie(f, combined, level, x, i)]
    components = sets.above.n_components, sets.below.n_components
    value = BoundaryContainment(tuple(points), len(zero.flat_cells), components, region_shares(f, level))
    if any(found > most for found, most in zip(value.components, value.shares, strict=True)):
        raise InputError(
            "f is not the output of the network",
            where="components of {f > c} and of {f < c}",
            got=f"{components}",
            expected=f"at most {value.shares}, the regions of F and of G",
        )
    if not points:
        sentence = f"{{f = {level}}} has no piece of dimension {k}"
        return Result(value, Status.UNDECIDED, None, sentence)
    noun, verb = ("piece", "lies") if len(points) == 1 else ("pieces", "lie")
    sum_ = f"F (+) {level} (.) G"
    sentence = f"{len(points)} {noun} of {{f = {level}}} {verb} in the tropical hypersurface of {sum_}"
    claims = tuple(record.id for record in records if isinstance(record, WitnessRecord))
    return Result(value, Status.PROVED, Certificate(sentence, tuple(records), claims), sentence)


def _tie(
    f: TropicalRational, combined: TropicalPolynomial, level: Fraction, x: Point, i: int
) -> tuple[Record, Record]:
    """The system "two terms are equal and no other is larger", and x as its solution."""
    terms = combined.terms
    tied = largest_terms(combined, x)
    if f.numerator(x) != f.denominator(x) + level or len(tied) < 2:
        raise InputError(
            "f is not the output of the network",
            where=f"x = ({', '.join(map(rational_text, x))})",
            got=f"f(x) = {rational_text(f(x))}, {len(tied)} terms of the tropical sum largest",
            expected=f"f(x) = {rational_text(level)}, two or more",
        )
    first, second = tied[:2]
    # integers: the common denominator of all terms changes no comparison
    (e, c), rows, rhs = terms[first], [], []
    for d, b in (terms[second], *(term for k, term in enumerate(terms) if k not in (first, second))):
        rows.append(tuple([Fraction(u - v) for u, v in zip(d, e, strict=True)]))
        rhs.append(Fraction(c - b))
    relations = ("=", *["<="] * (len(rows) - 1))
    name = f"piece{i}"
    system = LinearSystemRecord(f"{name}-terms", len(x), tuple(rows), relations, tuple(rhs))
    return system, WitnessRecord(name, system.id, x)


def _is_side_of_flat(zero: PolyhedralSet, k: int, i: int) -> bool:
    """Whether a piece is only the side of a cell on which f = c."""
    return not set(zero.flat_cells).isdisjoint(zero.poset.cofaces[k][i])


def _inner_point(zero: PolyhedralSet, k: int, i: int) -> Point:
    """A point of the relative interior: the mean of the vertices plus the sum of the rays."""
    rays = zero.generators(k, i)
    corners = [[Fraction(v, ray[-1]) for v in ray[:-1]] for ray in rays if ray[-1]]
    total = [sum(column, Fraction(0)) / len(corners) for column in zip(*corners, strict=True)]
    for ray in rays:
        if not ray[-1]:
            total = [a + b for a, b in zip(total, ray[:-1], strict=True)]
    return tuple(total)
