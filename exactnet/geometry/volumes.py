"""Exact volumes of bounded polyhedra, through triangulations without new vertices.

A polytope is the union of the pyramids over its facets that miss one of its vertices; done again in each
facet this gives simplices (pulling triangulation; De Loera, Rambau and Santos, Triangulations, section
4.3.2). d! times the volume of a simplex is a determinant, so volumes of rational polytopes are rational. With
vertices v_0..v_d and affine functions g, h on a simplex S

    integral of g   = vol(S) / (d+1) sum_i g(v_i),
    integral of g h = vol(S) / ((d+1)(d+2)) (sum_i g(v_i) sum_i h(v_i) + sum_i g(v_i) h(v_i))

(Lasserre and Avrachenkov 2001, degrees 1 and 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import factorial, lcm
from operator import mul

from exactnet.errors import InputError
from exactnet.exact import RationalMatrix, determinant
from exactnet.geometry.cell import Cell, Point
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Polyhedron

__all__ = [
    "Body",
    "Simplex",
    "centroid",
    "dimension_of",
    "first_moments",
    "second_moments",
    "triangulation",
    "volume",
]

Body = Cell | Polyhedron
Simplex = tuple[Form, ...]


def volume(body: Body) -> Fraction:
    """The d-dimensional volume of a bounded cell or polyhedron; 0 if it has no interior.

    Cost: one determinant a simplex of the triangulation.

    Raises
    ------
    InputError : the body is unbounded.

    Examples
    --------
    >>> volume(Polyhedron.box([0, 0], [2, "1/2"])), volume(Polyhedron.box([0, 1], [1, 1]))
    (Fraction(1, 1), Fraction(0, 1))
    """
    weighted, w = _weighted(body)
    d = dimension_of(body)
    return Fraction(sum(size for size, _ in weighted), factorial(d) * w**d)


def centroid(body: Body) -> Point:
    """The centre of mass of a bounded cell or polyhedron with interior.

    Raises
    ------
    InputError : the body is unbounded, or has no interior.

    Examples
    --------
    >>> centroid(Polyhedron.from_inequalities([[-1, 0], [0, -1], [1, 1]], [0, 0, 1]))
    (Fraction(1, 3), Fraction(1, 3))
    """
    total, moments = first_moments(body)
    if not total:
        raise InputError(
            "a set without interior has no centre of mass", where="centroid", expected="volume > 0"
        )
    return tuple(moment / total for moment in moments)


def first_moments(body: Body) -> tuple[Fraction, Point]:
    """The volume, and the integral of every coordinate.

    Raises
    ------
    InputError : the body is unbounded.

    Examples
    --------
    >>> first_moments(Polyhedron.box([0, 0], [2, 1]))
    (Fraction(2, 1), (Fraction(2, 1), Fraction(1, 1)))
    """
    weighted, w = _weighted(body)
    d = dimension_of(body)
    sums = [0] * d
    for size, corners in weighted:
        for i, column in enumerate(zip(*corners, strict=True)):
            sums[i] += size * sum(column)
    scale = factorial(d) * w**d
    total = Fraction(sum(size for size, _ in weighted), scale)
    return total, tuple(Fraction(value, scale * (d + 1) * w) for value in sums)


def second_moments(body: Body) -> RationalMatrix:
    """The integrals of all products of two of the functions x_1, .., x_d, 1: (d+1 x d+1).

    Raises
    ------
    InputError : the body is unbounded.

    Examples
    --------
    >>> second_moments(Polyhedron.box([0], [1]))
    RationalMatrix([[1/3, 1/2], [1/2, 1]])
    """
    weighted, w = _weighted(body)
    d = dimension_of(body)
    sums = [[0] * (d + 1) for _ in range(d + 1)]
    for size, corners in weighted:
        columns = [*zip(*corners, strict=True), (w,) * (d + 1)]
        totals = list(map(sum, columns))
        for i, first in enumerate(columns):
            for j, second in enumerate(columns[: i + 1]):
                sums[i][j] += size * (totals[i] * totals[j] + sum(map(mul, first, second)))
    rows = [[sums[max(i, j)][min(i, j)] for j in range(d + 1)] for i in range(d + 1)]
    return RationalMatrix.from_integers(rows, factorial(d + 2) * w ** (d + 2), n_columns=d + 1)


def dimension_of(body: Body) -> int:
    """The dimension of the space around a cell or a polyhedron."""
    return body.task.dimension if isinstance(body, Cell) else body.dimension


def triangulation(body: Body) -> tuple[Simplex, ...]:
    """Simplices on the vertices of a bounded body that fill it without overlap; none without interior.

    Returns
    -------
    Tuples of d+1 vertices, each as primitive homogeneous integers (x_1..x_d, w).

    Raises
    ------
    InputError : the body is unbounded.

    Examples
    --------
    >>> len(triangulation(Polyhedron.box([0] * 3, [1] * 3)))
    6
    """
    if not body.is_bounded:
        raise InputError(
            "the set is unbounded",
            where="volume or integral",
            got=f"{len(body.lineality)} lines and {len(body.rays)} rays",
            expected="a bounded polyhedron",
            hint="give the task a bounded domain, such as Polyhedron.box(lower, upper)",
        )
    (vertices, faces), dimension = _incidences(body), dimension_of(body)
    everything = (1 << len(vertices)) - 1
    if len(vertices) <= dimension or everything in faces:
        return ()
    return tuple(tuple([vertices[i] for i in corners]) for corners in _pyramids(everything, dimension, faces))


def _weighted(body: Body) -> tuple[list[tuple[int, list[Form]]], int]:
    """The simplices over one denominator w: |det| = d! w^d vol, and the d+1 corners times w."""
    simplices = triangulation(body)
    w = lcm(*{vertex[-1] for simplex in simplices for vertex in simplex})
    found = []
    for simplex in simplices:
        corners = [tuple([x * (w // vertex[-1]) for x in vertex[:-1]]) for vertex in simplex]
        edges = [[x - y for x, y in zip(corner, corners[0], strict=True)] for corner in corners[1:]]
        matrix = RationalMatrix.from_integers(edges, n_columns=len(edges))
        found.append((abs(int(determinant(matrix))), corners))
    return found, w


def _incidences(body: Body) -> tuple[Sequence[Form], tuple[int, ...]]:
    """The vertices of a bounded body, and the faces cut out by each form as bit sets of them."""
    if isinstance(body, Cell):
        return body.generators, tuple(on for _, on in body.walls)
    if body.is_empty:
        return (), ()
    cone = body.generators.cone
    masks = (
        sum(1 << i for i, tight in enumerate(cone.tight) if tight >> (k + 1) & 1)
        for k, row in enumerate(body.rows)
        if any(row[:-1])
    )
    return cone.rays, tuple(dict.fromkeys(masks))


def _pyramids(polytope: int, dimension: int, faces: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The simplices, by the numbers of their vertices."""

    @cache
    def pulled(face: int, k: int) -> tuple[tuple[int, ...], ...]:
        if face.bit_count() == k + 1:
            return (tuple(i for i in range(face.bit_length()) if face >> i & 1),)
        apex = face & -face
        proper = {face & other for other in faces} - {face}
        # the largest proper faces; those that miss the apex are the bases of the pyramids
        bases = [p for p in proper if not p & apex and not any(p & q == p != q for q in proper)]
        return tuple((apex.bit_length() - 1, *rest) for base in bases for rest in pulled(base, k - 1))

    return pulled(polytope, dimension)
