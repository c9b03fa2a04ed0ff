"""Exact maxima and minima of the outputs of a network over the domain of its complex.

An affine function on a polyhedron takes its maximum at a vertex, or grows along a ray or a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError, ShapeError
from exactnet.exact import to_fractions
from exactnet.geometry.cell import Cell, Point
from exactnet.geometry.layers import Form

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["Extremum", "maximum", "minimum"]


@dataclass(frozen=True)
class Extremum:
    """The largest or smallest value of a combination of outputs, and where it is taken.

    Attributes
    ----------
    value : None if there is none, because the function is unbounded in this direction.
    points : all vertices of the complex where it is taken, in ascending order (with lines in the domain one
        point of each minimal face). In each cell of `cells` their convex hull, plus the rays along which
        the function is constant, is where it is taken.
    cells : all cells that contain one of these points; with value None one cell with `direction`.
    direction : with value None, a direction in which the function grows (falls) without bound from any
        point of the cell; otherwise None.
    """

    value: Fraction | None
    points: tuple[Point, ...]
    cells: tuple[int, ...]
    direction: Form | None = None


def maximum(complex_: PolyhedralComplex, weights: Sequence[object] = (1,)) -> Extremum:
    """The maximum of weights . f over the domain of a complete complex.

    Parameters
    ----------
    weights : one number an output; further outputs have weight 0. (1,) is the first output, (0, 1) the
        second one, (1, -1) the margin between both.

    Raises
    ------
    InputError : no cell (empty or flat domain); ShapeError : more weights than outputs.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> line = polyhedral_complex(region_task(Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])))
    >>> maximum(line).value, maximum(line).points, minimum(line).direction
    (Fraction(2, 1), ((Fraction(1, 1),),), (1,))
    """
    return _extremum(complex_, weights, 1)


def minimum(complex_: PolyhedralComplex, weights: Sequence[object] = (1,)) -> Extremum:
    """The minimum of weights . f over the domain of a complete complex; arguments as for `maximum`."""
    return _extremum(complex_, weights, -1)


def _extremum(complex_: PolyhedralComplex, weights: Sequence[object], sign: int) -> Extremum:
    if not complex_.cells:
        raise InputError(
            "there is no cell to take an extremum on",
            where="domain",
            got="a domain without interior",
            expected="a full-dimensional domain",
            hint="restrict the network to the affine hull of the domain: geometry.slices",
        )
    best: Fraction | None = None
    found: dict[Point, set[int]] = {}
    for i, cell in enumerate(complex_.cells):
        linear, constant = _combined(cell, weights, sign)
        for direction in _directions(cell):
            if sum(map(mul, linear, direction)) > 0:
                return Extremum(None, (), (i,), direction)
        for vertex in cell.vertices:
            value = sum(map(mul, linear, vertex), constant)
            if best is None or value > best:
                best, found = value, {}
            if value == best:
                found.setdefault(vertex, set()).add(i)
    owners = tuple(sorted(set().union(*found.values())))
    return Extremum(None if best is None else sign * best, tuple(sorted(found)), owners)


def _combined(cell: Cell, weights: Sequence[object], sign: int) -> tuple[tuple[Fraction, ...], Fraction]:
    """sign * weights . f on the cell: its gradient and its constant."""
    matrix, constants = cell.affine_map
    given = to_fractions(weights, where="weights")
    if len(given) > len(constants):
        raise ShapeError(
            "more weights than outputs",
            where="weights",
            got=f"{len(given)} numbers",
            expected=f"at most {len(constants)}",
        )
    factors = [sign * w for w in given] + [Fraction(0)] * (len(constants) - len(given))
    return matrix.transpose() @ factors, sum(map(mul, factors, constants), Fraction(0))


def _directions(cell: Cell) -> list[Form]:
    """Rays, and both directions of every line."""
    lines = [tuple([s * x for x in line]) for line in cell.lineality for s in (1, -1)]
    return [*cell.rays, *lines]
