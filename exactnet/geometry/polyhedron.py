"""Polyhedra {x : a.x + b >= 0} in R^d with rational data: domains of networks, cells, recession cones.

The H-representation is a list of primitive integer forms; the V-representation (vertices, rays, lineality
space) comes from the cone over the polyhedron, by the double description method in exact integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from exactnet.errors import InputError, ShapeError
from exactnet.exact import (
    RationalMatrix,
    independent_columns,
    independent_rows,
    nullspace,
    primitive,
    rank,
    rational_text,
    to_fractions,
)
from exactnet.geometry.double_description import Cone, cut, evaluate, simplicial_cone
from exactnet.geometry.layers import Form

__all__ = ["Generators", "Polyhedron", "cone_over"]

Point = tuple[Fraction, ...]


class Generators(NamedTuple):
    """The cone over a polyhedron: homogeneous integer rays (x, w), their tight forms, and all lines in it.

    `cone.tight` has bit 0 for the plane at infinity and bit k+1 for form k.
    """

    cone: Cone
    lineality: tuple[Form, ...]


def cone_over(forms: Sequence[Form], dimension: int) -> Generators:
    """Extreme rays of {(x, w) : w >= 0, form.(x, w) >= 0 for all forms}, modulo the lines it contains.

    With lines, the rays are those on the coordinate plane where all but a basis of the columns are zero.

    Examples
    --------
    >>> cone_over([(1, 0, 0)], 2)
    Generators(cone=Cone(dimension=2, rays=((0, 0, 1), (1, 0, 0)), tight=(2, 1)), lineality=((0, 1),))
    """
    linear = RationalMatrix.from_integers([form[:-1] for form in forms], n_columns=dimension)
    pivots = independent_columns(linear)
    kept = (*pivots, dimension)
    rows = [(0,) * len(pivots) + (1,), *(tuple(form[p] for p in kept) for form in forms)]
    basis = independent_rows(rows)
    cone = simplicial_cone([rows[k] for k in basis], basis)
    for k, row in enumerate(rows):
        if k not in basis:
            cone = cut(cone, row, k)
    lifted = tuple(lift(ray, kept, dimension + 1) for ray in cone.rays)
    lines = nullspace(linear).numerators
    return Generators(Cone(cone.dimension, lifted, cone.tight), lines)


def lift(reduced: Sequence[int], kept: Sequence[int], n_columns: int) -> Form:
    """The vector with these entries at the kept positions and zeros elsewhere."""
    full = [0] * n_columns
    for position, value in zip(kept, reduced, strict=True):
        full[position] = value
    return tuple(full)


@dataclass(frozen=True)
class Polyhedron:
    """A closed convex polyhedron, possibly empty, unbounded, or of lower dimension.

    Parameters
    ----------
    rows : forms (a_1..a_d, b) with a.x + b >= 0 on the polyhedron; made primitive.
    dimension : d.

    Raises
    ------
    ShapeError : a row without d+1 entries.

    Examples
    --------
    >>> triangle = Polyhedron.from_inequalities([[-1, 0], [0, -1], [2, 3]], [0, 0, 6])
    >>> triangle.rows
    ((1, 0, 0), (0, 1, 0), (-2, -3, 6))
    >>> [tuple(map(str, vertex)) for vertex in triangle.vertices], triangle.is_bounded
    ([('0', '0'), ('3', '0'), ('0', '2')], True)
    """

    rows: tuple[Form, ...]
    dimension: int

    def __post_init__(self) -> None:
        rows = RationalMatrix.from_rows(self.rows, where="rows of a polyhedron", n_columns=None)
        if rows.numerators and rows.n_columns != self.dimension + 1:
            raise ShapeError(
                "the forms do not fit the space",
                where="rows of a polyhedron",
                got=f"{rows.n_columns} entries a row",
                expected=f"{self.dimension + 1}: {self.dimension} coefficients and the constant",
            )
        object.__setattr__(self, "rows", tuple(primitive(row) for row in rows.numerators))

    # -- making ----------------------------------------------------------------------------------------

    @classmethod
    def whole_space(cls, dimension: int) -> Polyhedron:
        """R^d."""
        return cls((), dimension)

    @classmethod
    def box(cls, lower: Iterable[object], upper: Iterable[object]) -> Polyhedron:
        """{x : lower <= x <= upper}; equal bounds are allowed and make it lower-dimensional.

        Raises
        ------
        ShapeError : bounds of different length; InputError : lower > upper.

        Examples
        --------
        >>> Polyhedron.box([0], ["1/2"]).rows
        ((1, 0), (-2, 1))
        """
        low, high = to_fractions(lower, where="lower"), to_fractions(upper, where="upper")
        if len(low) != len(high):
            raise ShapeError(
                "the bounds of a box differ in length",
                where="box",
                got=f"{len(low)} lower and {len(high)} upper bounds",
                expected="one of each a coordinate",
            )
        d = len(low)
        rows: list[Form] = []
        for i, (l_i, u_i) in enumerate(zip(low, high, strict=True)):
            if l_i > u_i:
                raise InputError(
                    "a lower bound exceeds the upper one",
                    where=f"coordinate {i} (from 0)",
                    got=f"{rational_text(l_i)} > {rational_text(u_i)}",
                    expected="lower <= upper",
                    hint="exchange the two bounds",
                )
            unit = [int(i == j) for j in range(d)]
            rows.append(primitive((*unit, -l_i)))
            rows.append(primitive((*[-value for value in unit], u_i)))
        return cls(tuple(rows), d)

    @classmethod
    def from_inequalities(cls, A: object, b: Iterable[object], *, dimension: int | None = None) -> Polyhedron:
        """{x : A x <= b}; `dimension` is needed if there are no rows.

        Raises
        ------
        ShapeError : not one right-hand side a row.
        """
        matrix = RationalMatrix.from_rows(A, where="A", n_columns=dimension)
        right = to_fractions(b, where="b")
        if len(right) != matrix.shape[0]:
            raise ShapeError(
                "the right-hand side does not fit the matrix",
                where="b",
                got=f"{len(right)} entries",
                expected=f"{matrix.shape[0]}, one a row",
            )
        rows = tuple(
            primitive((*[-a for a in row], b_i)) for row, b_i in zip(matrix.rows(), right, strict=True)
        )
        return cls(rows, matrix.n_columns)

    # -- the V-representation --------------------------------------------------------------------------

    @cached_property
    def generators(self) -> Generators:
        """The cone over the polyhedron; its rays with w > 0 are vertices, those with w = 0 directions."""
        return cone_over(self.rows, self.dimension)

    @property
    def vertices(self) -> tuple[Point, ...]:
        """The vertices; if the polyhedron contains lines, one point of each minimal face."""
        return tuple(
            tuple([Fraction(x, ray[-1]) for x in ray[:-1]]) for ray in self.generators.cone.rays if ray[-1]
        )

    @property
    def rays(self) -> tuple[Form, ...]:
        """Primitive directions of the unbounded edges (none if empty), modulo the lineality space."""
        if self.is_empty:
            return ()
        return tuple(ray[:-1] for ray in self.generators.cone.rays if not ray[-1])

    @property
    def lineality(self) -> tuple[Form, ...]:
        """A basis of the directions of all lines in the polyhedron (none if empty)."""
        return () if self.is_empty else self.generators.lineality

    @property
    def is_empty(self) -> bool:
        """Whether there is no point at all."""
        return not any(ray[-1] for ray in self.generators.cone.rays)

    @property
    def is_bounded(self) -> bool:
        """Whether it contains no half-line; the empty set is bounded."""
        return not self.rays and not self.lineality

    @property
    def affine_dimension(self) -> int:
        """Dimension of the affine hull, -1 for the empty set.

        Examples
        --------
        >>> Polyhedron.box([0, 1], [1, 1]).affine_dimension
        1
        """
        if self.is_empty:
            return -1
        lines = [(*line, 0) for line in self.lineality]
        return rank([*self.generators.cone.rays, *lines]) - 1

    @cached_property
    def witness(self) -> Point | None:
        """A point of the relative interior: the mean of the vertices plus the sum of the rays; None if empty.

        Examples
        --------
        >>> Polyhedron(((1, 0),), 1).witness
        (Fraction(1, 1),)
        """
        if self.is_empty:
            return None
        vertices, rays = self.vertices, self.rays
        centre = [sum(column, Fraction(0)) / len(vertices) for column in zip(*vertices, strict=True)]
        return tuple(x + sum(ray[i] for ray in rays) for i, x in enumerate(centre))

    def contains(self, x: Iterable[object]) -> bool:
        """Whether the point satisfies every row."""
        point = primitive((*to_fractions(x, where="x"), 1))
        return all(evaluate(row, point) >= 0 for row in self.rows)

    def recession_cone(self) -> Polyhedron:
        """The directions of all half-lines of a non-empty polyhedron: {x : a.x >= 0}.

        Examples
        --------
        >>> Polyhedron.box([0], [1]).recession_cone().vertices
        ((Fraction(0, 1),),)
        """
        return Polyhedron(tuple((*row[:-1], 0) for row in self.rows), self.dimension)
