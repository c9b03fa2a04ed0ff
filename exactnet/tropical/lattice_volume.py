"""Normalized volumes: k! times the volume of a k-dimensional polytope, in units of the lattice of its span.

A lattice simplex without other lattice points in the parallelepiped of its edges has normalized volume 1,
and a lattice polytope a positive integer. For a segment it is the lattice length, for a point 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from exactnet.exact import common_denominator, determinant, independent_columns
from exactnet.geometry.smith import dense_columns, invariant_factors
from exactnet.tropical.polytope import Polytope

__all__ = ["normalized_volume", "triangulation"]

Simplex = tuple[int, ...]


def triangulation(polytope: Polytope) -> tuple[Simplex, ...]:
    """Simplices, as indices of vertices, that fill the polytope and overlap in no interior point.

    Every face is cut into the pyramids from its first vertex over the facets that miss it (pulling
    triangulation; De Loera, Rambau and Santos, Triangulations, section 4.3.2).

    Examples
    --------
    >>> square = Polytope.from_points([(0, 0), (1, 0), (0, 1), (1, 1)])
    >>> triangulation(square)
    ((0, 1, 3), (0, 2, 3))
    """
    levels = [[set(face) for face in level] for level in polytope.faces]
    known: dict[tuple[int, ...], tuple[Simplex, ...]] = {}

    def simplices(k: int, face: set[int]) -> tuple[Simplex, ...]:
        key = tuple(sorted(face))
        if k == 0:
            return (key,)
        if key not in known:
            apex = key[0]
            walls = [wall for wall in levels[k - 1] if wall < face and apex not in wall]
            known[key] = tuple((apex, *simplex) for wall in walls for simplex in simplices(k - 1, wall))
        return known[key]

    (everything,) = levels[-1]
    return tuple(sorted(simplices(polytope.dimension, everything)))


def normalized_volume(polytope: Polytope) -> Fraction:
    """k! times the k-dimensional volume in units of the lattice of integer points of the span, k = dimension.

    Examples
    --------
    >>> cube = Polytope.from_points([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    >>> normalized_volume(cube), normalized_volume(Polytope.from_points([(0, 0), (2, 4)]))
    (Fraction(6, 1), Fraction(2, 1))
    """
    k = polytope.dimension
    if k == 0:
        return Fraction(1)
    den = common_denominator(v for vertex in polytope.vertices for v in vertex)
    points = [[v.numerator * (den // v.denominator) for v in vertex] for vertex in polytope.vertices]
    found = triangulation(polytope)
    first = _edges(points, found[0])
    kept = independent_columns(first)
    if len(kept) < len(points[0]):
        # what one cell of the lattice of the span measures in the coordinates that are kept
        index = prod(invariant_factors(dense_columns(first)))
        unit = abs(_minor(first, kept)) / index
    else:
        unit = Fraction(1)
    total: Fraction = sum((abs(_minor(_edges(points, simplex), kept)) for simplex in found), Fraction(0))
    return Fraction(total / unit / den**k)


def _edges(points: Sequence[Sequence[int]], simplex: Simplex) -> list[list[int]]:
    apex = points[simplex[0]]
    return [[a - b for a, b in zip(points[v], apex, strict=True)] for v in simplex[1:]]


def _minor(rows: Sequence[Sequence[int]], columns: Sequence[int]) -> Fraction:
    return determinant([[row[k] for k in columns] for row in rows])
