"""The regions of a tropical polynomial with all their faces, and the dual subdivision of its Newton polytope.

Where a set of terms of p attains the maximum together is a polyhedron; these polyhedra make a complex that
covers R^n. To each face belongs the hull of the exponents of its terms. These hulls subdivide the Newton
polytope, and inclusions turn around: a region is dual to a point, a vertex of the complex to a cell of full
dimension. (Maclagan and Sturmfels, Introduction to Tropical Geometry, section 3.1; here with maxima.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import gcd
from typing import NamedTuple

import numpy as np

from exactnet.exact import RationalMatrix, nullspace
from exactnet.geometry.layers import Form
from exactnet.tropical.convex_hull import bits, maximal
from exactnet.tropical.lattice_volume import normalized_volume
from exactnet.tropical.normal_form import HullRay, upper_hull
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point, Polytope

__all__ = ["DualCell", "DualSubdivision", "dual_subdivision"]

_INT64 = 1 << 62


class DualCell(NamedTuple):
    """One cell of the dual subdivision together with the face of the complex of regions that it is dual to.

    Attributes
    ----------
    dimension : of the cell; the face has dimension n - dimension.
    terms : all terms, as positions in `polynomial.terms`, that attain the maximum on the whole face.
    corners : those of them that are essential; their exponents are the vertices of the cell.
    vertices : the vertices of the face; if all faces contain lines, one point of each smallest face.
    rays : primitive directions of the unbounded edges of the face, modulo the lines.
    """

    dimension: int
    terms: tuple[int, ...]
    corners: tuple[int, ...]
    vertices: tuple[Point, ...]
    rays: tuple[Form, ...]


@dataclass(frozen=True)
class DualSubdivision:
    """The cells of every dimension of a regular subdivision, with the dual complex.

    Parameters
    ----------
    polynomial : p.
    cells : `cells[k]` are those of dimension k = 0..r; r is the dimension of the Newton polytope.
    lineality : a basis of the directions along which all differences of terms are constant.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms(
    ...     {(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2}
    ... )
    >>> subdivision = dual_subdivision(p)
    >>> subdivision.n_cells
    (6, 8, 3)
    >>> [(len(cell.corners), *map(str, cell.vertices[0])) for cell in subdivision.cells[2]]
    [(4, '0', '0'), (3, '0', '1'), (3, '1', '0')]
    """

    polynomial: TropicalPolynomial
    cells: tuple[tuple[DualCell, ...], ...]
    lineality: tuple[Form, ...]

    @property
    def n_cells(self) -> tuple[int, ...]:
        """The number of cells of every dimension."""
        return tuple(len(level) for level in self.cells)

    @property
    def dimension(self) -> int:
        """The dimension of the Newton polytope."""
        return len(self.cells) - 1

    def exponents(self, terms: Sequence[int]) -> tuple[Point, ...]:
        """The exponents of these terms."""
        den = self.polynomial.denominator
        return tuple(tuple(Fraction(v, den) for v in self.polynomial.terms[k][0]) for k in terms)

    def polytope(self, cell: DualCell) -> Polytope:
        """The cell as a polytope in the space of exponents."""
        return Polytope(tuple(sorted(self.exponents(cell.corners))))

    def volume(self, cell: DualCell) -> Fraction:
        """Normalized volume: lattice length of an edge, twice the area of a polygon, and so on."""
        terms, den = self.polynomial.terms, self.polynomial.denominator
        if cell.dimension == 1:
            (first, _), (last, _) = (terms[k] for k in cell.corners)
            return Fraction(gcd(*(a - b for a, b in zip(first, last, strict=True))), den)
        if cell.dimension == self.polynomial.n_variables == 2:
            return Fraction(_twice_area([terms[k][0] for k in cell.corners]), den**2)
        return normalized_volume(self.polytope(cell))

    @cached_property
    def total_volume(self) -> Fraction:
        """The normalized volume of the Newton polytope, as the sum over the largest cells."""
        return sum((self.volume(cell) for cell in self.cells[-1]), Fraction(0))

    @property
    def is_triangulation(self) -> bool:
        """Whether every cell is a simplex without further terms: true for nearly all coefficients."""
        return all(len(cell.terms) == cell.dimension + 1 for cell in self.cells[-1])

    @property
    def is_unimodular(self) -> bool:
        """Whether every largest cell is a simplex of normalized volume 1: the hypersurface is smooth."""
        return self.is_triangulation and all(self.volume(cell) == 1 for cell in self.cells[-1])


def dual_subdivision(p: TropicalPolynomial, *, max_rays: int | None = None) -> DualSubdivision:
    """All cells of the subdivision of the Newton polytope by the upper faces of the lifted one.

    Cost: the double description of `upper_hull`, and the intersections of neighbouring regions.

    Parameters
    ----------
    max_rays : stop when there are more vertices and unbounded edges.

    Raises
    ------
    LimitReached : more than `max_rays`; `partial` are positions of essential terms.
    """
    upper = upper_hull(p, max_rays=max_rays)
    # the direction straight up belongs to no region
    rays = [ray for ray in upper.rays if ray.terms]
    tied = _tied_terms(p, rays)
    cells = tuple(
        tuple(sorted(_cell(k, face, rays, tied, p.n_variables) for face in level))
        for k, level in enumerate(_levels(rays, upper.essential))
    )
    first = p.terms[0][0]
    slopes = [tuple([a - b for a, b in zip(e, first, strict=True)]) for e, _ in p.terms[1:]]
    lines = nullspace(RationalMatrix.from_integers(slopes, n_columns=p.n_variables)).numerators
    return DualSubdivision(p, cells, lines)


def _twice_area(corners: Sequence[tuple[int, ...]]) -> int:
    """Twice the area of a convex polygon: triangles of its first corner, the others sorted by slope."""
    (x0, y0), *others = sorted(corners)
    edges = [(x - x0, y - y0) for x, y in others]
    # the first corner is leftmost and lowest there: straight up comes last
    edges.sort(key=lambda edge: (edge[0] == 0, Fraction(edge[1], edge[0]) if edge[0] else 0))
    return sum(a * d - b * c for (a, b), (c, d) in pairwise(edges))


def _levels(rays: Sequence[HullRay], essential: Sequence[int]) -> list[list[int]]:
    """Faces with a vertex, as bit sets of rays: first the regions, then their facets, and so on."""
    regions = dict.fromkeys(essential, 0)
    for g, ray in enumerate(rays):
        for k in ray.terms:
            regions[k] |= 1 << g
    finite = sum(1 << g for g, ray in enumerate(rays) if ray.x0)
    levels = [list(regions.values())]
    while True:
        below: set[int] = set()
        for face in levels[-1]:
            neighbours = {k for g in bits(face) for k in rays[g].terms}
            cuts = (face & regions[k] for k in neighbours)
            below.update(maximal([part for part in cuts if part != face and part & finite]))
        if not below:
            return levels
        levels.append(list(below))


def _tied_terms(p: TropicalPolynomial, rays: Sequence[HullRay]) -> list[frozenset[int]]:
    """For each ray the terms of p, essential or not, that are largest there."""
    largest = max(abs(v) for e, c in p.terms for v in (*e, c))
    longest = max(abs(v) for ray in rays for v in (ray.x0, *ray.x, ray.t))
    fits = largest * longest * (p.n_variables + 1) < _INT64
    forms = np.array([(*e, c) for e, c in p.terms], dtype=np.int64 if fits else object)
    return [
        frozenset(np.flatnonzero(forms @ np.array((*ray.x, ray.x0), dtype=forms.dtype) == ray.t).tolist())
        for ray in rays
    ]


def _cell(k: int, face: int, rays: Sequence[HullRay], tied: Sequence[frozenset[int]], n: int) -> DualCell:
    members = bits(face)
    corners = frozenset.intersection(*(frozenset(rays[g].terms) for g in members))
    terms = frozenset.intersection(*(tied[g] for g in members))
    return DualCell(
        k,
        tuple(sorted(terms)),
        tuple(sorted(corners)),
        tuple(sorted(tuple(Fraction(v, rays[g].x0) for v in rays[g].x) for g in members if rays[g].x0)),
        tuple(sorted(rays[g].x for g in members if not rays[g].x0)),
    )
