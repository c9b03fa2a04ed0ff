"""Exact distances: the largest ball inside a polyhedron, and the largest one on which a network is affine.

The ball of radius r around c satisfies a.x + b >= 0 exactly when a.c + b >= r ||a||*, with the dual norm; the
largest r is a linear program. For l1 and linf it is rational. For l2 the norms ||a|| are square roots: with
upper bounds for them the program gives a ball that fits, with lower bounds a radius that none exceeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError, InvariantError, UnsupportedError
from exactnet.exact import (
    Interval,
    LinearSystem,
    LpStatus,
    RationalMatrix,
    independent_rows,
    norm_enclosure,
    rational_text,
    solve_lp,
    solve_unique,
    sqrt_enclosure,
    to_fractions,
)
from exactnet.geometry.cell import Cell, Point
from exactnet.geometry.definitions import RegionDefinition
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.layers import Form
from exactnet.geometry.volumes import Body, dimension_of

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["AffineRadius", "Ball", "affine_radius", "largest_ball"]

_DUAL = {"l1": "linf", "linf": "l1", "l2": "l2"}


@dataclass(frozen=True)
class Ball:
    """A largest ball inside a polyhedron.

    Attributes
    ----------
    centre : a Chebyshev centre. For l2 with an enclosure, the ball of radius `radius.lower` fits around it.
    radius : the inradius; a point for l1 and linf, and for l2 if all norms in question are rational.
    """

    norm: str
    centre: Point
    radius: Interval


def largest_ball(body: Body, norm: str = "l2", *, digits: int = 30) -> Ball | None:
    """Inradius and Chebyshev centre of a cell or polyhedron; None if balls of every radius fit.

    Cost: one linear program in d+1 variables, two for l2.

    Parameters
    ----------
    norm : "l1", "l2" or "linf".
    digits : of the norms of the facets' normals, for l2.

    Raises
    ------
    InputError : the polyhedron is empty; another norm.

    Examples
    --------
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> triangle = Polyhedron.from_inequalities([[-1, 0], [0, -1], [3, 4]], [0, 0, 12])
    >>> largest_ball(triangle), largest_ball(triangle, "linf").radius
    (Ball(norm='l2', centre=(Fraction(1, 1), Fraction(1, 1)), radius=Interval(1, 1)), Interval(6/7, 6/7))
    >>> largest_ball(Polyhedron(((1, 0),), 1)) is None
    True
    """
    rows = body.inequalities if isinstance(body, Cell) else body.rows
    norms = [norm_enclosure(row[:-1], norm=_dual(norm), digits=digits) for row in rows]
    found = _best_radius(rows, [size.upper for size in norms], dimension_of(body))
    if found is None:
        return None
    lower, centre = found
    upper = lower
    if any(size.width for size in norms):
        # the ball scales with the norms, so this one is bounded too
        bound = _best_radius(rows, [size.lower for size in norms], dimension_of(body))
        upper = lower if bound is None else bound[0]
    return Ball(norm, centre, Interval(lower, upper))


def _dual(norm: str) -> str:
    if norm not in _DUAL:
        raise InputError("unknown norm", where="norm", got=repr(norm), expected='"l1", "l2" or "linf"')
    return _DUAL[norm]


def _best_radius(
    rows: Sequence[Form], sizes: Sequence[Fraction], dimension: int
) -> tuple[Fraction, Point] | None:
    """max r >= 0 with a.c + b >= r * size for every row, and such a c; None if unbounded."""
    left: list[Sequence[Fraction | int]] = [
        (*[-a for a in row[:-1]], size) for row, size in zip(rows, sizes, strict=True)
    ]
    last = (0,) * dimension + (-1,)
    system = LinearSystem([*left, last], ["<="] * (len(rows) + 1), [*(row[-1] for row in rows), 0])
    outcome = solve_lp(system, last)
    if outcome.status is LpStatus.INFEASIBLE:
        raise InputError(
            "an empty set contains no ball", where="largest_ball", expected="a non-empty polyhedron"
        )
    if outcome.point is None or outcome.status is LpStatus.UNBOUNDED:
        return None
    return outcome.point[-1], outcome.point[:-1]


# -- how far a network stays affine ---------------------------------------------------------------------


@dataclass(frozen=True)
class AffineRadius:
    """The distance from a point to the nearest point where the affine function changes.

    Attributes
    ----------
    squared : its square.
    radius : the distance; a point for l1 and linf, an enclosure for l2 if the root is irrational.
    nearest : a point at that distance; inside the ball (as far as it lies in the domain) nothing changes.
    facet : the face `lattice.faces[d-1][facet]` that `nearest` lies on.
    """

    norm: str
    squared: Fraction
    radius: Interval
    nearest: Point
    facet: int


def affine_radius(
    complex_: PolyhedralComplex,
    x: Sequence[object],
    norm: str = "l2",
    *,
    definition: RegionDefinition = RegionDefinition.R4,
    digits: int = 30,
) -> AffineRadius | None:
    """The radius of the largest ball around x inside which f is affine; None if f is affine on the domain.

    Only the part of the ball in the domain of the complete complex counts.

    Cost: the facets are tried in the order of the distances of their hyperplanes, until these are larger
    than the distance found; each takes one linear program, for l2 a projection to each of its faces.

    Parameters
    ----------
    norm : "l1", "l2" or "linf".
    definition : R4, f stays one affine function; or R2, no switch changes its sign.

    Raises
    ------
    InputError : x outside the domain, another norm. UnsupportedError : another definition.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> cross = Network.from_arrays([([[1, 0], [1, 2]], [0, 0]), ([[1, 1]], [0])])
    >>> found = affine_radius(polyhedral_complex(region_task(cross)), [2, 1])
    >>> found.squared, found.nearest
    (Fraction(16, 5), (Fraction(6, 5), Fraction(-3, 5)))
    """
    point = to_fractions(x, where="x")
    _dual(norm)
    if not any(_contains(cell, point) for cell in complex_.cells):
        raise InputError(
            "the point lies outside the cells",
            where="x",
            got="(" + ", ".join(map(rational_text, point)) + ")",
            expected=f"{complex_.dimension} coordinates of a point in the domain",
        )
    facets = sorted(
        (_value(wall, point) ** 2 / _squared_dual_norm(wall, norm), k, wall, cell.inequalities)
        for cell, wall, k in _kinks(complex_, definition)
    )
    best: tuple[Fraction, Point, int] | None = None
    for bound, k, wall, rows in facets:
        if best is not None and bound >= best[0]:
            break
        if norm == "l2":
            squared, y = _projection(complex_, k, rows, point)
        else:
            squared, y = _nearest_by_lp(wall, rows, point, norm)
        if best is None or squared < best[0]:
            best = squared, y, k
    if best is None:
        return None
    return AffineRadius(norm, best[0], sqrt_enclosure(best[0], digits=digits), best[1], best[2])


def _contains(cell: Cell, point: Point) -> bool:
    return len(point) == cell.task.dimension and all(_value(row, point) >= 0 for row in cell.inequalities)


def _value(form: Form, point: Point) -> Fraction:
    return sum(map(mul, form, point), Fraction(form[-1]))


def _squared_dual_norm(wall: Form, norm: str) -> Fraction:
    """The square of the norm that measures a hyperplane's distance: |a.x + b| / ||a||*."""
    if norm == "l2":
        return sum((Fraction(a * a) for a in wall[:-1]), Fraction(0))
    return norm_enclosure(wall[:-1], norm=_DUAL[norm]).lower ** 2


def _kinks(complex_: PolyhedralComplex, definition: RegionDefinition) -> Iterator[tuple[Cell, Form, int]]:
    """The facets between regions: a cell beside it, its form, its number."""
    if definition not in (RegionDefinition.R2, RegionDefinition.R4):
        raise UnsupportedError(
            "no radius is defined for this kind of region",
            where="definition",
            got=str(definition),
            expected="R4 (f stays affine) or R2 (no switch changes)",
        )
    lattice = complex_.lattice
    for i, j, k in complex_.adjacency():
        first, second = complex_.cells[i], complex_.cells[j]
        if definition is RegionDefinition.R2 or first.affine_map != second.affine_map:
            rays = [lattice.generators[g] for g in lattice.faces[complex_.dimension - 1][k]]
            wall = next(w for w in first.inequalities if not any(evaluate(w, ray) for ray in rays))
            yield first, wall, k


def _nearest_by_lp(wall: Form, rows: Sequence[Form], x: Point, norm: str) -> tuple[Fraction, Point]:
    """The squared distance in l1 or linf from x to {y : wall.y = 0, rows.y >= 0}, and a nearest point.

    Minimise the sum of t over |y_i - x_i| <= t_i, with one common t for linf.
    """
    d = len(x)
    n_bounds = d if norm == "l1" else 1
    left: list[tuple[int, ...]] = [(*wall[:-1], *[0] * n_bounds)]
    right: list[Fraction | int] = [-wall[-1]]
    for row in rows:
        left.append((*[-a for a in row[:-1]], *[0] * n_bounds))
        right.append(row[-1])
    for i in range(d):
        bound = [-int(t == (i if norm == "l1" else 0)) for t in range(n_bounds)]
        for sign in (1, -1):
            left.append((*[sign * int(i == j) for j in range(d)], *bound))
            right.append(sign * x[i])
    system = LinearSystem(left, ["=", *["<="] * (len(left) - 1)], right)
    outcome = solve_lp(system, [0] * d + [1] * n_bounds)
    if outcome.value is None or outcome.point is None:
        raise InvariantError("a facet without a nearest point", reproduction=f"{wall!r}, {rows!r}, {x!r}")
    return outcome.value**2, outcome.point[:d]


def _projection(
    complex_: PolyhedralComplex, k: int, rows: Sequence[Form], x: Point
) -> tuple[Fraction, Point]:
    """The squared distance in l2 from x to facet k of the complex, and the nearest point.

    That point is the projection of x to the affine hull of the face that has it in its relative interior.
    The projections that lie in the facet all count; those of the faces of a face that contains its own are
    farther away.
    """
    best: tuple[Fraction, Point] | None = None
    level = {k}
    for dimension in range(complex_.dimension - 1, -1, -1):
        below: set[int] = set()
        for face in level:
            y = _projected(complex_, complex_.lattice.faces[dimension][face], x)
            if all(_value(row, y) >= 0 for row in rows):
                squared = sum(((a - b) ** 2 for a, b in zip(x, y, strict=True)), Fraction(0))
                if best is None or squared < best[0]:
                    best = squared, y
            else:
                below.update(complex_.lattice.boundaries[dimension][face])
        level = below
    if best is None:
        raise InvariantError("a facet without a nearest point", reproduction=f"{complex_.task!r}, {k}, {x!r}")
    return best


def _projected(complex_: PolyhedralComplex, face: tuple[int, ...], x: Point) -> Point:
    """The orthogonal projection of x to the affine hull of a face."""
    rays = [complex_.lattice.generators[g] for g in face]
    lines = [(*line, 0) for line in complex_.cells[0].lineality]
    base, *others = sorted([*rays, *lines], key=lambda ray: -ray[-1])
    start = tuple([Fraction(value, base[-1]) for value in base[:-1]])
    # every generator minus its multiple of the base is a direction of the affine hull
    directions = [
        [base[-1] * v - ray[-1] * b for v, b in zip(ray[:-1], base[:-1], strict=True)] for ray in others
    ]
    chosen = RationalMatrix.from_integers(directions, n_columns=len(x))
    basis = RationalMatrix.from_integers([directions[i] for i in independent_rows(chosen)], n_columns=len(x))
    if not basis.numerators:
        return start
    offset = [a - b for a, b in zip(x, start, strict=True)]
    steps = basis.transpose() @ solve_unique(basis @ basis.transpose(), basis @ offset)
    return tuple(a + b for a, b in zip(start, steps, strict=True))
