"""Differences of convex functions: f = g - h with g and h convex and piecewise affine, as small as possible.

Fix the cells of f. On them the functions modulo affine ones are the balanced kinks (see
:mod:`exactnet.tropical.kinks`), and the convex ones are those without a negative kink. So the decompositions
f = g - h on these cells, modulo affine functions, are the points of the *decomposition polyhedron*

    { w balanced : w >= 0 and w >= kinks of f }       w = kinks of g,   w - kinks of f = kinks of h

(Brandenburg, Grillo and Hertrich 2024). It is pointed. Those with the fewest pieces of g and h, on these
cells, are among its vertices; the least total kink of g is attained at a vertex, too, but not always at one
with few pieces. (Where the kinks of a point vanish, those of some vertex vanish, too.) Finer cells can allow
fewer pieces still. In one dimension there is one vertex: g takes the positive kinks, h the negative ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from exactnet.certificate import Certificate, Result, SamePolynomialRecord
from exactnet.certificate.linear import minimum
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, common_denominator, format_rational, primitive
from exactnet.geometry.complex import PolyhedralComplex
from exactnet.model import Network
from exactnet.tropical.convert import tropical_form
from exactnet.tropical.equality import same_rational
from exactnet.tropical.form_proof import polynomial_record
from exactnet.tropical.kinks import Affine, KinkedComplex, kinked_complex
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.vertices import vertices_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Decomposition", "fewest_pieces", "least_kink", "vertex_decompositions"]

Source = Network | PolyhedralComplex | KinkedComplex


@dataclass(frozen=True, repr=False)
class Decomposition:
    """f = g - h with convex g and h.

    Attributes
    ----------
    g, h : tropical polynomials whose terms are all essential. Both can be changed by the same affine
        function; here 0 is the lexicographically largest term of g.
    kinks : of g, one a facet of the complex.
    """

    g: TropicalPolynomial
    h: TropicalPolynomial
    kinks: tuple[Fraction, ...] = field(compare=False)

    @property
    def n_pieces(self) -> tuple[int, int]:
        """The numbers of affine pieces of g and h."""
        return self.g.n_terms, self.h.n_terms

    @property
    def total_kink(self) -> Fraction:
        """The sum of the kinks of g."""
        return sum(self.kinks, Fraction(0))

    def __repr__(self) -> str:
        n, m = self.n_pieces
        return f"Decomposition({n} - {m} pieces, total kink {format_rational(self.total_kink)})"


def least_kink(source: Source, *, output: int = 0, proof: bool = True) -> Result[Decomposition]:
    """The decomposition f = g - h on the cells of f for which the sum of all kinks of g is least.

    Since the kinks of h are those of g minus those of f, the sum for h is least, too. The minimum is a
    certified linear program in coordinates t of the balanced kinks; g and h are then integrated over the
    cells, which verifies every equation exactly. Where several vertices attain the minimum, the one with
    few pieces is not sought: see `fewest_pieces`.

    Parameters
    ----------
    source : a network, the complete complex of its cells, or its kinks.
    output : which output is f, from 0.
    proof : for a network the certificate also shows that g - h is its output: its tropical form F - G, and
        that F + h and g + G are the same function. False leaves that out.

    Raises
    ------
    UnsupportedError : a complex of a domain that is not the whole space. InputError : no such output.

    Examples
    --------
    >>> f = Network.from_arrays([([[1], [1], [1]], [0, -1, -2]), ([[1, -2, 2]], [0])])
    >>> best = least_kink(f)
    >>> best
    PROVED: the least total kink is 3; g - h has 3 - 2 pieces
    >>> best.value.g, best.value.h
    (TropicalPolynomial(max(4 - 3*x1, 4 - 2*x1, 0)), TropicalPolynomial(max(4 - 3*x1, 2 - x1)))
    """
    kinked = _kinked(source, output)
    system, costs = _program(kinked)
    if not costs:
        system, costs = LinearSystem([[1]], ["="], [0]), [1]  # an affine function: nothing to choose
    result = minimum(system, costs)
    if result.value.point is None:
        raise InvariantError("a decomposition polyhedron without vertices", reproduction=repr(kinked))
    found = _decomposition(kinked, result.value.point[: len(kinked.balanced.numerators)])
    sentence = _sentence(found)
    certificate = result.certificate
    assert certificate is not None
    if proof and isinstance(source, Network):
        certificate = _with_equality(certificate, source, output, found)
    return Result(
        found, result.status, replace(certificate, title=sentence), sentence, result.provenance, result.stats
    )


def vertex_decompositions(
    source: Source, *, output: int = 0, max_vertices: int = 20_000
) -> tuple[Decomposition, ...]:
    """The decompositions at all vertices of the decomposition polyhedron, by total kink.

    A decomposition on the cells with the fewest pieces in g and h together is among them, and so is one for
    every pair of numbers of pieces that no other pair beats in both.

    Parameters
    ----------
    max_vertices : of the polyhedron and of everything on the way to it (double description).

    Raises
    ------
    LimitReached : more vertices.

    Examples
    --------
    >>> f = Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, 1, -1]], [0])])
    >>> vertex_decompositions(f)
    (Decomposition(4 - 2 pieces, total kink 6),)
    """
    kinked = _kinked(source, output)
    return tuple(sorted((_decomposition(kinked, t) for t in _vertices(kinked, max_vertices)), key=_order))


def fewest_pieces(
    source: Source, *, output: int = 0, max_vertices: int = 20_000
) -> tuple[Decomposition, ...]:
    """The vertices that no other one beats in both numbers of pieces, one for each pair of numbers.

    Parameters and errors are those of `vertex_decompositions`.
    """
    kinked = _kinked(source, output)
    at: dict[tuple[int, int], list[tuple[Fraction, ...]]] = {}
    for t in _vertices(kinked, max_vertices):
        at.setdefault(_n_pieces(kinked, t), []).append(t)
    pareto = [(n, m) for n, m in at if not any(a <= n and b <= m for a, b in at if (a, b) != (n, m))]
    return tuple(min((_decomposition(kinked, t) for t in at[pair]), key=_order) for pair in sorted(pareto))


def _order(one: Decomposition) -> tuple[object, ...]:
    return one.total_kink, one.n_pieces, one.g.terms


# -- the decomposition polyhedron -----------------------------------------------------------------------


def _kinked(source: Source, output: int) -> KinkedComplex:
    return source if isinstance(source, KinkedComplex) else kinked_complex(source, output)


def _columns(kinked: KinkedComplex) -> list[tuple[tuple[int, ...], Fraction]]:
    """For each facet the linear form of t that is the kink of g there, and the kink of f."""
    basis = kinked.balanced.numerators
    columns = zip(*basis, strict=True) if basis else [()] * len(kinked.facets)
    return list(zip(columns, kinked.kinks, strict=True))


def _program(kinked: KinkedComplex) -> tuple[LinearSystem, list[int]]:
    """Minimise the sum of the kinks of g; facets with the same form share the stricter row."""
    strictest: dict[tuple[int, ...], Fraction] = {}
    for column, kink in _columns(kinked):
        least = max(kink, Fraction(0))
        strictest[column] = max(least, strictest.get(column, least))
    costs = [sum(row) for row in kinked.balanced.numerators]
    rows = [tuple(-value for value in column) for column in strictest]
    return LinearSystem(
        rows, ["<="] * len(rows), [-b for b in strictest.values()], n_variables=len(costs)
    ), costs


def _vertices(kinked: KinkedComplex, limit: int) -> tuple[tuple[Fraction, ...], ...]:
    """Vertices of the decomposition polyhedron in the coordinates t."""
    forms = [primitive((*column, -max(kink, Fraction(0)))) for column, kink in _columns(kinked)]
    return vertices_of(forms, len(kinked.balanced.numerators), max_rays=limit)


# -- from kinks to functions ----------------------------------------------------------------------------


def _decomposition(kinked: KinkedComplex, t: Sequence[Fraction]) -> Decomposition:
    """g with the kinks that have the coordinates t, and h = g - f."""
    kinks = tuple(
        sum((a * b for a, b in zip(column, t, strict=True)), Fraction(0)) for column, _ in _columns(kinked)
    )
    if any(w < 0 or w < kink for w, kink in zip(kinks, kinked.kinks, strict=True)):
        raise InvariantError("a decomposition that is not convex", reproduction=repr(kinked))
    numerators, q = _integer_pieces(kinked, t)
    top = max(map(tuple, numerators))
    g = [tuple([Fraction(a - b, q) for a, b in zip(piece, top, strict=True)]) for piece in numerators]
    h = [
        tuple([a - b for a, b in zip(piece, f, strict=True)])
        for piece, f in zip(g, kinked.pieces, strict=True)
    ]
    return Decomposition(_maximum_of(g), _maximum_of(h), kinks)


def _integer_pieces(kinked: KinkedComplex, t: Sequence[Fraction]) -> tuple[NDArray[np.object_], int]:
    """The pieces of g on all cells as integers (n_cells, d + 1) over one denominator."""
    q = common_denominator(t)
    scaled = np.array([x.numerator * (q // x.denominator) for x in t], dtype=object)
    return kinked.basis_functions @ scaled if len(t) else kinked.basis_functions.sum(axis=2), q


def _n_pieces(kinked: KinkedComplex, t: Sequence[Fraction]) -> tuple[int, int]:
    """How many pieces g and h have."""
    g, q = _integer_pieces(kinked, t)
    scale = common_denominator([x for piece in kinked.pieces for x in piece])
    f = np.array([[int(x * scale) for x in piece] for piece in kinked.pieces], dtype=object)
    h = g * scale - f * q
    return len(set(map(tuple, g))), len(set(map(tuple, h)))


def _maximum_of(pieces: Sequence[Affine]) -> TropicalPolynomial:
    """The convex function with these pieces; each is its gradient's only one."""
    return TropicalPolynomial.from_terms({piece[:-1]: piece[-1] for piece in pieces})


def _with_equality(
    certificate: Certificate, network: Network, output: int, found: Decomposition
) -> Certificate:
    """More records: the tropical form F - G of the network, g and h, and F + h = g + G."""
    form = tropical_form(network, proof=True)
    f = form.value.outputs[output]
    same = same_rational(f, TropicalRational(found.g, found.h))
    if form.certificate is None or same.certificate is None or not same.value:
        raise InvariantError("a decomposition of another function", reproduction=repr(network))
    names = [letter if network.n_outputs == 1 else f"{letter}-{output}" for letter in "FG"]
    equation = same.certificate.records[-1]
    assert isinstance(equation, SamePolynomialRecord)
    records = (
        *certificate.records,
        *form.certificate.records,
        polynomial_record(found.g, "g"),
        polynomial_record(found.h, "h"),
        replace(equation, id="decomposition", left=(names[0], "h"), right=("g", names[1])),
    )
    claims = (*certificate.claims, *form.certificate.claims, "decomposition")
    return replace(certificate, records=records, claims=claims)


def _sentence(found: Decomposition) -> str:
    n, m = found.n_pieces
    return f"the least total kink is {format_rational(found.total_kink)}; g - h has {n} - {m} pieces"
