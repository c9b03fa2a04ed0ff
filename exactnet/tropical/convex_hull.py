"""Convex hulls of rational points in exact integers: which inequalities bound them, which points lie on each.

The inequalities y . (x, 1) >= 0 that hold at all points are a cone; its extreme rays are the facets of the
hull, its lines the equations of the affine hull. The double description method finds both, and with them
the set of points on every facet.

Examples
--------
>>> found = hull([(0, 0, 1), (2, 0, 1), (0, 2, 1), (1, 1, 1)])
>>> [(facet.form, facet.points) for facet in found.facets]
[((0, 1, 0), 3), ((1, 0, 0), 5), ((-1, -1, 2), 14)]
>>> found.vertices
(0, 1, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from exactnet.exact import RationalMatrix, independent_columns, independent_rows, nullspace
from exactnet.geometry.double_description import cut, simplicial_cone
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import lift

__all__ = ["Facet", "Hull", "bits", "hull", "maximal"]


class Facet(NamedTuple):
    """A primitive integer form that is >= 0 on the hull, and the bit set of the points where it is 0."""

    form: Form
    points: int


class Hull(NamedTuple):
    """The facets of a convex hull and the equations of its affine hull.

    Attributes
    ----------
    dimension : of the hull; 0 for one point.
    facets : sorted by their bit sets. On a hull that is not full-dimensional, a facet has many forms; the one
        here has zeros outside of a basis of the coordinates.
    equations : primitive forms that vanish at all points.
    vertices : the positions of the points that no others generate, ascending.
    """

    dimension: int
    facets: tuple[Facet, ...]
    equations: tuple[Form, ...]
    vertices: tuple[int, ...]


def hull(points: Sequence[Form]) -> Hull:
    """The convex hull of different points, given as homogeneous integers (x_1..x_n, w); at least one.

    Points have w > 0; entries with w = 0 are directions, and the hull is then a polyhedron (its facets may
    include the plane at infinity).
    """
    n_columns = len(points[0])
    matrix = RationalMatrix.from_integers(points, n_columns=n_columns)
    kept = independent_columns(matrix)
    rows = [tuple([point[k] for k in kept]) for point in points]
    basis = independent_rows(rows)
    cone = simplicial_cone([rows[k] for k in basis], basis)
    chosen = set(basis)
    for k, row in enumerate(rows):
        if k not in chosen:
            cone = cut(cone, row, k)
    facets = sorted(
        (Facet(lift(ray, kept, n_columns), tight) for ray, tight in zip(cone.rays, cone.tight, strict=True)),
        key=lambda facet: (facet.points, facet.form),
    )
    if len(kept) == 1:
        facets = []  # a single point: the one ray is the plane at infinity
    equations = nullspace(matrix).numerators
    return Hull(len(kept) - 1, tuple(facets), equations, _vertices(len(points), facets))


def _vertices(n_points: int, facets: Sequence[Facet]) -> tuple[int, ...]:
    """A point is a vertex when no other point lies on all of its facets."""
    everything = (1 << n_points) - 1
    found = []
    for k in range(n_points):
        face = everything
        for facet in facets:
            if facet.points >> k & 1:
                face &= facet.points
        if face == 1 << k:
            found.append(k)
    return tuple(found)


def maximal(sets: Sequence[int]) -> list[int]:
    """The bit sets that lie in no other one, each once, ascending.

    Examples
    --------
    >>> maximal([1, 3, 3, 4])
    [3, 4]
    """
    found: list[int] = []
    for candidate in sorted(set(sets), key=lambda bits: -bits.bit_count()):
        if not any(candidate & other == candidate for other in found):
            found.append(candidate)
    return sorted(found)


def bits(members: int) -> tuple[int, ...]:
    """The positions of the ones.

    Examples
    --------
    >>> bits(11)
    (0, 1, 3)
    """
    found = []
    while members:
        lowest = members & -members
        found.append(lowest.bit_length() - 1)
        members ^= lowest
    return tuple(found)
