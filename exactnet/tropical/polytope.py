"""Polytopes by their vertices, with rational coordinates: Newton polytopes, zonotopes, and their sums.

Every question (facets, faces, volumes, membership) is answered from the exact facets of
:mod:`exactnet.tropical.convex_hull`. A polytope may have any dimension in its space, down to a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import mul

from exactnet.errors import InputError, ShapeError
from exactnet.exact import common_denominator, primitive, to_fraction, to_fractions
from exactnet.geometry.layers import Form
from exactnet.tropical.convex_hull import Hull, bits, hull, maximal

__all__ = ["Point", "Polytope", "zonotope"]

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class Polytope:
    """conv of its vertices; make one with `from_points`, which leaves out the points that are none.

    Parameters
    ----------
    vertices : different rational points, ascending, none in the hull of the others; at least one.

    Examples
    --------
    >>> square = Polytope.from_points([(0, 0), (1, 0), (0, 1), (1, 1), ("1/2", "1/2")])
    >>> square, square.n_faces, [facet for facet in square.facets]
    (Polytope(4 vertices, dimension 2), (4, 4, 1), [(1, 0, 0), (0, 1, 0), (0, -1, 1), (-1, 0, 1)])
    """

    vertices: tuple[Point, ...]

    @classmethod
    def from_points(cls, points: Iterable[Iterable[object]]) -> Polytope:
        """The convex hull of points with rational coordinates.

        Raises
        ------
        InputError : no points; ShapeError : points of different lengths.
        """
        listed = sorted({to_fractions(point, where=f"point {k}") for k, point in enumerate(points)})
        if not listed:
            raise InputError("the hull of no points", where="points", got="none", expected="at least one")
        n = len(listed[0])
        for point in listed:
            if len(point) != n:
                raise ShapeError(
                    "points of different lengths",
                    where="points",
                    got=f"{len(point)} coordinates",
                    expected=f"{n}",
                )
        return cls(tuple(listed[k] for k in hull([_homogeneous(point) for point in listed]).vertices))

    # -- shape ----------------------------------------------------------------------------------------

    @property
    def n_coordinates(self) -> int:
        """The dimension of the space around it."""
        return len(self.vertices[0])

    @property
    def dimension(self) -> int:
        """The dimension of its affine hull; 0 for a point."""
        return self._hull.dimension

    @property
    def facets(self) -> tuple[Form, ...]:
        """Primitive integer forms (a, b) with a.x + b >= 0 on the polytope, one a facet."""
        return tuple(facet.form for facet in self._hull.facets)

    @property
    def equations(self) -> tuple[Form, ...]:
        """Primitive integer forms (a, b) with a.x + b = 0 on the polytope."""
        return self._hull.equations

    @property
    def n_faces(self) -> tuple[int, ...]:
        """The number of faces of every dimension, the polytope itself included.

        Examples
        --------
        >>> Polytope.from_points([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]).n_faces
        (4, 6, 4, 1)
        """
        return tuple(len(level) for level in self.faces)

    @cached_property
    def faces(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For k = 0..dimension the faces of dimension k, each as the indices of its vertices."""
        return tuple(tuple(bits(face) for face in level) for level in self._lattice)

    @cached_property
    def _hull(self) -> Hull:
        return hull([_homogeneous(vertex) for vertex in self.vertices])

    @cached_property
    def _lattice(self) -> tuple[tuple[int, ...], ...]:
        """Faces by dimension as bit sets; the facets of a face are its largest cuts with other facets."""
        walls = [facet.points for facet in self._hull.facets]
        levels: list[tuple[int, ...]] = [((1 << len(self.vertices)) - 1,)]
        for _ in range(self.dimension):
            below: set[int] = set()
            for face in levels[-1]:
                below.update(maximal([face & wall for wall in walls if face & wall != face]))
            levels.append(tuple(sorted(below)))
        return tuple(levels[::-1])

    # -- questions ------------------------------------------------------------------------------------

    def contains(self, x: Iterable[object]) -> bool:
        """Whether the point satisfies every equation and every facet.

        Raises
        ------
        ShapeError : another number of coordinates.
        """
        point = to_fractions(x, where="x")
        self._same_space(len(point), "x")
        homogeneous = _homogeneous(point)
        return all(sum(map(mul, form, homogeneous)) >= 0 for form in self.facets) and not any(
            sum(map(mul, form, homogeneous)) for form in self.equations
        )

    def support(self, direction: Iterable[object]) -> Fraction:
        """max <direction, v> over the polytope.

        Examples
        --------
        >>> Polytope.from_points([(0, 0), (1, 2)]).support([1, "-1/4"])
        Fraction(1, 2)
        """
        u = to_fractions(direction, where="direction")
        self._same_space(len(u), "direction")
        return max(sum(map(mul, u, vertex), Fraction(0)) for vertex in self.vertices)

    def __repr__(self) -> str:
        n = len(self.vertices)
        return f"Polytope({n} {'vertex' if n == 1 else 'vertices'}, dimension {self.dimension})"

    # -- arithmetic -----------------------------------------------------------------------------------

    def __add__(self, other: Polytope) -> Polytope:
        """The Minkowski sum {x + y}.

        Examples
        --------
        >>> edge, other = Polytope.from_points([(0, 0), (1, 0)]), Polytope.from_points([(0, 0), (0, 1)])
        >>> (edge + other).vertices == ((0, 0), (0, 1), (1, 0), (1, 1))
        True
        """
        if not isinstance(other, Polytope):
            return NotImplemented
        self._same_space(other.n_coordinates, "second polytope")
        return Polytope.from_points(
            tuple(a + b for a, b in zip(v, w, strict=True)) for v in self.vertices for w in other.vertices
        )

    def __mul__(self, factor: object) -> Polytope:
        """{factor x}, for any rational factor."""
        k = to_fraction(factor, where="factor")
        if k == 0:
            return Polytope(((Fraction(0),) * self.n_coordinates,))
        return Polytope(tuple(sorted(tuple(k * v for v in vertex) for vertex in self.vertices)))

    __rmul__ = __mul__

    def shifted(self, by: Iterable[object]) -> Polytope:
        """{x + by}."""
        shift = to_fractions(by, where="shift")
        self._same_space(len(shift), "shift")
        return Polytope(tuple(tuple(a + b for a, b in zip(v, shift, strict=True)) for v in self.vertices))

    def join(self, *others: Polytope) -> Polytope:
        """conv of the union."""
        return Polytope.from_points(v for part in (self, *others) for v in part.vertices)

    def _same_space(self, size: int, where: str) -> None:
        if size != self.n_coordinates:
            raise ShapeError(
                "not in the space of the polytope",
                where=where,
                got=f"{size} coordinates",
                expected=f"{self.n_coordinates}",
            )


def zonotope(
    segments: Iterable[tuple[Iterable[object], Iterable[object]]], shift: Iterable[object]
) -> Polytope:
    """shift + the Minkowski sum of the segments [u, v].

    Raises
    ------
    ShapeError : end points of different lengths.

    Examples
    --------
    >>> zonotope([((0, 0), (1, 0)), ((0, 0), (0, 1)), ((0, 0), (1, 1))], (0, 0)).n_faces
    (6, 6, 1)
    """
    total = Polytope.from_points([shift])
    for u, v in segments:
        total = total + Polytope.from_points([u, v])
    return total


def _homogeneous(point: Sequence[Fraction]) -> Form:
    """Primitive integers (x_1..x_n, w) with w > 0."""
    den = common_denominator(point)
    return primitive((*(v.numerator * (den // v.denominator) for v in point), den))
