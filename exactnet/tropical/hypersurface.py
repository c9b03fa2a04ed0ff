"""Tropical hypersurfaces: where the maximum of a tropical polynomial is attained at least twice.

The hypersurface is a polyhedral complex of dimension n-1. The weight of a cell of that dimension is the
lattice length of its dual edge: the size of the jump of the gradient across the cell, in units of the
primitive vector across it. With these weights the hypersurface is balanced around every cell of dimension
n-2. Exponents may be rational; the weights are then rational.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from exactnet.errors import ShapeError
from exactnet.exact import common_denominator, primitive, to_fractions
from exactnet.geometry.layers import Form
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point
from exactnet.tropical.subdivision import DualSubdivision, dual_subdivision

__all__ = [
    "CurveEdge",
    "CurveLine",
    "CurveRay",
    "HypersurfaceCell",
    "TropicalCurve",
    "TropicalHypersurface",
    "largest_terms",
    "tropical_curve",
    "tropical_hypersurface",
]


class HypersurfaceCell(NamedTuple):
    """One closed cell; `terms` are the positions of all terms that are tied on it.

    The weight is that of a cell of dimension n-1; on cells of lower dimension it is 0. Vertices and rays
    are those of :class:`exactnet.tropical.subdivision.DualCell`.
    """

    dimension: int
    terms: tuple[int, ...]
    weight: Fraction
    vertices: tuple[Point, ...]
    rays: tuple[Form, ...]


@dataclass(frozen=True)
class TropicalHypersurface:
    """All cells of {x : the maximum is attained at least twice}.

    Attributes
    ----------
    subdivision : the dual subdivision it comes from.
    cells : `cells[k]` are those of dimension k = 0..n-1. There are none below the dimension of the lines.

    Examples
    --------
    >>> plane = TropicalPolynomial.from_terms({(1, 0, 0): 0, (0, 1, 0): 0, (0, 0, 1): 0, (0, 0, 0): 0})
    >>> found = tropical_hypersurface(plane)
    >>> found.n_cells, {cell.weight for cell in found.cells[2]}
    ((1, 4, 6), {Fraction(1, 1)})
    """

    subdivision: DualSubdivision
    cells: tuple[tuple[HypersurfaceCell, ...], ...]

    @property
    def n_cells(self) -> tuple[int, ...]:
        """The number of cells of every dimension 0..n-1."""
        return tuple(len(level) for level in self.cells)

    @property
    def lineality(self) -> tuple[Form, ...]:
        """A basis of the directions of the lines that all cells contain."""
        return self.subdivision.lineality

    def contains(self, x: Sequence[object]) -> bool:
        """Whether at least two terms attain the maximum at x.

        Examples
        --------
        >>> tropical_hypersurface(TropicalPolynomial.from_terms({(1,): 0, (0,): 0})).contains([0])
        True
        """
        return len(largest_terms(self.subdivision.polynomial, x)) > 1


def largest_terms(p: TropicalPolynomial, x: Sequence[object]) -> tuple[int, ...]:
    """The positions in `p.terms` of the terms that attain the maximum at x.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(1,): 0, (0,): 0, (2,): "-1"})
    >>> largest_terms(p, [0]), largest_terms(p, [1]), largest_terms(p, [5])
    ((0, 1), (1, 2), (2,))
    """
    point = to_fractions(x, where="x")
    q = common_denominator(point)
    top = (p(point) * (p.denominator * q)).numerator  # an integer
    scaled = [v.numerator * (q // v.denominator) for v in point]
    return tuple(k for k, (e, c) in enumerate(p.terms) if sum(map(mul, e, scaled)) + c * q == top)


def tropical_hypersurface(p: TropicalPolynomial) -> TropicalHypersurface:
    """The hypersurface of p, dual to the cells of positive dimension; costs what `dual_subdivision` does."""
    subdivision = dual_subdivision(p)
    n = p.n_variables
    levels: list[tuple[HypersurfaceCell, ...]] = [() for _ in range(n)]
    for k in range(1, subdivision.dimension + 1):
        levels[n - k] = tuple(
            HypersurfaceCell(
                n - k,
                cell.terms,
                subdivision.volume(cell) if k == 1 else Fraction(0),
                cell.vertices,
                cell.rays,
            )
            for cell in subdivision.cells[k]
        )
    return TropicalHypersurface(subdivision, tuple(levels))


# -- the plane ---------------------------------------------------------------------------------------------


class CurveEdge(NamedTuple):
    """A bounded edge between two vertices, by their positions."""

    ends: tuple[int, int]
    weight: Fraction
    terms: tuple[int, ...]


class CurveRay(NamedTuple):
    """A half-line from a vertex, with its primitive direction."""

    start: int
    direction: tuple[int, int]
    weight: Fraction
    terms: tuple[int, ...]


class CurveLine(NamedTuple):
    """A whole line; these occur only when the Newton polygon is a segment."""

    point: Point
    direction: tuple[int, int]
    weight: Fraction
    terms: tuple[int, ...]


@dataclass(frozen=True)
class TropicalCurve:
    """A tropical curve in the plane, by its vertices, bounded edges, rays and lines, with weights.

    Attributes
    ----------
    vertices : ascending.
    multiplicities : of the vertices: the normalized areas of their dual polygons.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms(
    ...     {(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2}
    ... )
    >>> conic = tropical_curve(p)
    >>> [tuple(map(str, vertex)) for vertex in conic.vertices], conic.multiplicities == (2, 1, 1)
    ([('0', '0'), ('0', '1'), ('1', '0')], True)
    >>> [edge.ends for edge in conic.edges], sorted(ray.direction for ray in conic.rays)
    ([(0, 1), (0, 2)], [(-1, 0), (-1, 0), (0, -1), (0, -1), (1, 1), (1, 1)])
    >>> conic.genus, conic.is_balanced
    (0, True)
    """

    subdivision: DualSubdivision
    vertices: tuple[Point, ...]
    multiplicities: tuple[Fraction, ...]
    edges: tuple[CurveEdge, ...]
    rays: tuple[CurveRay, ...]
    lines: tuple[CurveLine, ...]

    @property
    def genus(self) -> int:
        """The number of independent cycles; a bounded curve with vertices is connected."""
        return len(self.edges) - len(self.vertices) + 1 if self.vertices else 0

    @property
    def is_balanced(self) -> bool:
        """Whether at every vertex the weighted primitive directions of its edges add up to zero."""
        return not any(any(total) for total in self._sums().values())

    def _sums(self) -> dict[int, tuple[Fraction, Fraction]]:
        sums: dict[int, tuple[Fraction, Fraction]] = defaultdict(lambda: (Fraction(0), Fraction(0)))

        def add(vertex: int, direction: Sequence[int], weight: Fraction) -> None:
            x, y = sums[vertex]
            sums[vertex] = (x + weight * direction[0], y + weight * direction[1])

        for edge in self.edges:
            i, j = edge.ends
            along = primitive([b - a for a, b in zip(self.vertices[i], self.vertices[j], strict=True)])
            add(i, along, edge.weight)
            add(j, [-v for v in along], edge.weight)
        for ray in self.rays:
            add(ray.start, ray.direction, ray.weight)
        return sums


def tropical_curve(p: TropicalPolynomial) -> TropicalCurve:
    """The curve of a tropical polynomial in two variables.

    Raises
    ------
    ShapeError : another number of variables.

    Examples
    --------
    >>> double = tropical_curve(TropicalPolynomial.from_terms({(0, 0): 0, (2, 4): 6}))
    >>> [(line.direction, line.weight) for line in double.lines], double.vertices
    ([((-2, 1), Fraction(2, 1))], ())
    """
    if p.n_variables != 2:
        raise ShapeError(
            "a plane curve needs two variables",
            where="polynomial",
            got=f"{p.n_variables} variables",
            expected="2",
            hint="use tropical_hypersurface",
        )
    subdivision = dual_subdivision(p)
    polygons = subdivision.cells[2] if subdivision.dimension == 2 else ()
    polygons = tuple(sorted(polygons, key=lambda cell: cell.vertices))
    vertices = tuple(cell.vertices[0] for cell in polygons)
    place = {vertex: k for k, vertex in enumerate(vertices)}
    edges, rays, lines = [], [], []
    for cell in subdivision.cells[1] if subdivision.dimension else ():
        weight = subdivision.volume(cell)
        if subdivision.lineality:
            x, y = subdivision.lineality[0]
            lines.append(CurveLine(cell.vertices[0], (x, y), weight, cell.terms))
        elif cell.rays:
            x, y = cell.rays[0]
            rays.append(CurveRay(place[cell.vertices[0]], (x, y), weight, cell.terms))
        else:
            i, j = sorted(place[vertex] for vertex in cell.vertices)
            edges.append(CurveEdge((i, j), weight, cell.terms))
    multiplicities = tuple(subdivision.volume(cell) for cell in polygons)
    return TropicalCurve(
        subdivision, vertices, multiplicities, tuple(sorted(edges)), tuple(sorted(rays)), tuple(sorted(lines))
    )
