"""Networks on lines, planes and other affine subspaces, as exact networks in fewer inputs.

On x = p + Q t the first layer W x + b becomes (W Q) t + (W p + b), and so does every skip connection from
the inputs; nothing else changes. So every engine works on slices of any dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, primitive, rank, row_echelon, solve, to_fractions
from exactnet.geometry.layers import TaskLayer
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.task import Form, RegionTask
from exactnet.model import AffineLayer, Network

__all__ = [
    "AffineSlice",
    "affine_hull",
    "factor_inputs",
    "input_rank",
    "line_through",
    "plane_through",
    "slice_network",
    "slice_polyhedron",
    "slice_task",
    "slice_through",
]

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class AffineSlice:
    """The affine subspace {p + Q t : t in R^k} of R^d, with t as its coordinates.

    Parameters
    ----------
    origin : p, d numbers.
    directions : Q by its columns: k independent vectors (k x d), 1 <= k <= d.

    Raises
    ------
    ShapeError : directions of another length than the origin. InputError : no direction, or dependent ones.

    Examples
    --------
    >>> diagonal = AffineSlice([0, 1], [[1, 1]])
    >>> diagonal.point(["1/2"]), diagonal.coordinates([2, 3]), diagonal.coordinates([2, 2])
    ((Fraction(1, 2), Fraction(3, 2)), (Fraction(2, 1),), None)
    """

    origin: Point
    directions: RationalMatrix

    def __init__(self, origin: Sequence[object], directions: object) -> None:
        point = to_fractions(origin, where="origin")
        rows = RationalMatrix.from_rows(directions, where="directions")
        if rows.numerators and rows.n_columns != len(point):
            raise ShapeError(
                "the directions of a slice do not fit its origin",
                where="directions",
                got=f"{rows.n_columns} entries",
                expected=f"{len(point)}",
            )
        if not rows.numerators or rank(rows) < len(rows.numerators):
            raise InputError(
                "the directions of a slice are not independent" if rows.numerators else "no direction",
                where="directions",
                got=f"{len(rows.numerators)} vectors" + (f" of rank {rank(rows)}" if rows.numerators else ""),
                expected="at least one vector, all of them linearly independent",
                hint="give points in general position: distinct, not all on one line, ...",
            )
        object.__setattr__(self, "origin", point)
        object.__setattr__(self, "directions", rows)

    @property
    def dimension(self) -> int:
        """k, the number of coordinates t."""
        return len(self.directions.numerators)

    def point(self, t: Sequence[object]) -> Point:
        """p + Q t. ShapeError: not k numbers."""
        given = to_fractions(t, where="t")
        if len(given) != self.dimension:
            raise ShapeError(
                "wrong number of coordinates", where="t", got=f"{len(given)}", expected=f"{self.dimension}"
            )
        return _plus(self.directions.transpose() @ given, self.origin)

    def coordinates(self, x: Sequence[object]) -> Point | None:
        """The t with p + Q t = x, None if x is not in the slice."""
        given = to_fractions(x, where="x")
        if len(given) != len(self.origin):
            raise ShapeError(
                "wrong number of coordinates", where="x", got=f"{len(given)}", expected=f"{len(self.origin)}"
            )
        return solve(self.directions.transpose(), [a - b for a, b in zip(given, self.origin, strict=True)])


def slice_through(points: Sequence[Sequence[object]]) -> AffineSlice:
    """The affine subspace through some points: t = 0 is the first, the unit vectors are the others.

    Raises
    ------
    ShapeError : points of different length.
    InputError : fewer than two points, or points that are affinely dependent.

    Examples
    --------
    >>> plane = slice_through([[0, 0, 1], [1, 0, 1], [0, 2, 1]])
    >>> plane.point([0, 1]), plane.dimension
    ((Fraction(0, 1), Fraction(2, 1), Fraction(1, 1)), 2)
    """
    rows = RationalMatrix.from_rows(points, where="points").rows()
    if len(rows) < 2:
        raise InputError(
            "a slice needs points to go through", where="points", got=f"{len(rows)}", expected="at least 2"
        )
    directions = [[a - b for a, b in zip(row, rows[0], strict=True)] for row in rows[1:]]
    return AffineSlice(rows[0], directions)


def line_through(first: Sequence[object], second: Sequence[object]) -> AffineSlice:
    """The line through two points, t = 0 at the first and t = 1 at the second; errors as `slice_through`.

    Examples
    --------
    >>> line_through([1, 1], [3, 2]).point(["1/2"])
    (Fraction(2, 1), Fraction(3, 2))
    """
    return slice_through([first, second])


def plane_through(first: Sequence[object], second: Sequence[object], third: Sequence[object]) -> AffineSlice:
    """The plane through three points, t = (0, 0), (1, 0) and (0, 1) there; errors as `slice_through`."""
    return slice_through([first, second, third])


def affine_hull(polyhedron: Polyhedron) -> AffineSlice | Point:
    """The affine hull of a non-empty polyhedron; if that is one point, the point.

    With it a network can be restricted to a domain without interior.

    Raises
    ------
    InputError : the polyhedron is empty.

    Examples
    --------
    >>> side = affine_hull(Polyhedron.box([0, 3], [2, 3]))
    >>> side
    AffineSlice(origin=(Fraction(0, 1), Fraction(3, 1)), directions=RationalMatrix([[2, 0]]))
    >>> affine_hull(Polyhedron.box([1], [1]))
    (Fraction(1, 1),)
    """
    if polyhedron.is_empty:
        raise InputError("the empty set has no affine hull", where="affine_hull", expected="a point")
    origin, *others = polyhedron.vertices
    directions: list[Sequence[Fraction | int]] = [
        [a - b for a, b in zip(other, origin, strict=True)] for other in others
    ]
    directions += [*polyhedron.rays, *polyhedron.lineality]
    table = RationalMatrix.from_rows(directions, n_columns=polyhedron.dimension)
    if not any(map(any, table.numerators)):
        return origin
    chosen = row_echelon(table.transpose())[1]
    return AffineSlice(origin, [table.row(i) for i in chosen])


# -- restriction ----------------------------------------------------------------------------------------


def slice_network(network: Network, where: AffineSlice) -> Network:
    """The network t -> f(p + Q t).

    Raises
    ------
    ShapeError : the slice lies in another space than the inputs.

    Examples
    --------
    >>> network = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, -1]], [0])])
    >>> along = slice_network(network, line_through([-1, 1], [1, 1]))
    >>> along
    Network(1 -> 2 relu -> 1, from a slice of dimension 1 of arrays in memory)
    >>> along([1]) == network([1, 1]), along([0]) == network([-1, 1])
    (True, True)
    """
    _require_space(where, network.n_inputs)
    layers = [_sliced_layer(network.layers[0], where), *network.layers[1:]]
    source = f"a slice of dimension {where.dimension} of {network.provenance.source}"
    return Network(
        tuple(_sliced_skips(layer, where) for layer in layers), replace(network.provenance, source=source)
    )


def slice_task(task: RegionTask, where: AffineSlice) -> RegionTask:
    """The task in the coordinates t of a slice: the same switches, and the part of the domain in the slice.

    Raises
    ------
    ShapeError : the slice lies in another space than the task.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> lines = arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)], Polyhedron.box([0, 0], [4, 2]))
    >>> restricted = slice_task(lines, line_through([1, 1], [2, 1]))
    >>> restricted.dimension, restricted.domain, restricted.n_switches
    (1, ((1, 1), (-1, 3)), 3)
    """
    _require_space(where, task.dimension)
    domain = tuple(row for row in _sliced_rows(task.domain, where) if any(row[:-1]) or row[-1] < 0)
    layers, readout = task.layers, task.readout
    if layers:
        layers = (_sliced_task_layer(layers[0], where), *layers[1:])
    elif readout is not None:
        readout = _sliced_task_layer(readout, where)
    return RegionTask(where.dimension, tuple(dict.fromkeys(domain)), layers, readout)


def slice_polyhedron(polyhedron: Polyhedron, where: AffineSlice) -> Polyhedron:
    """The part of a polyhedron in a slice, in the coordinates t.

    Examples
    --------
    >>> slice_polyhedron(Polyhedron.box([0, 0], [1, 1]), line_through([0, 0], [1, 2])).vertices
    ((Fraction(0, 1),), (Fraction(1, 2),))
    """
    _require_space(where, polyhedron.dimension)
    return Polyhedron(tuple(_sliced_rows(polyhedron.rows, where)), where.dimension)


def _require_space(where: AffineSlice, dimension: int) -> None:
    if len(where.origin) != dimension:
        raise ShapeError(
            "the slice lies in another space",
            where="slice",
            got=f"points with {len(where.origin)} coordinates",
            expected=f"{dimension}",
        )


def _sliced_rows(rows: Sequence[Form], where: AffineSlice) -> list[Form]:
    table = RationalMatrix.from_integers([row[:-1] for row in rows], n_columns=len(where.origin))
    linear = (table @ where.directions.transpose()).rows()
    constants = _plus(table @ where.origin, tuple(Fraction(row[-1]) for row in rows))
    return [primitive((*a, b)) for a, b in zip(linear, constants, strict=True)]


def _sliced_task_layer(layer: TaskLayer, where: AffineSlice) -> TaskLayer:
    bias = _plus(layer.weight @ where.origin, layer.bias)
    return replace(layer, weight=layer.weight @ where.directions.transpose(), bias=bias)


def _sliced_layer(layer: AffineLayer, where: AffineSlice) -> AffineLayer:
    bias = _plus(layer.weight @ where.origin, layer.bias)
    return replace(layer, weight=layer.weight @ where.directions.transpose(), bias=bias)


def _sliced_skips(layer: AffineLayer, where: AffineSlice) -> AffineLayer:
    """The layer with its skip connections from the inputs restricted."""
    bias = layer.bias
    skips = []
    for skip in layer.skips:
        if skip.source == 0:
            bias = _plus(skip.weight @ where.origin, bias)
            skip = replace(skip, weight=skip.weight @ where.directions.transpose())
        skips.append(skip)
    return replace(layer, bias=bias, skips=tuple(skips))


def _plus(first: Sequence[Fraction], second: Sequence[Fraction]) -> Point:
    return tuple([a + b for a, b in zip(first, second, strict=True)])


# -- rank of the inputs ---------------------------------------------------------------------------------


def input_rank(task: RegionTask) -> int:
    """The dimension r of the space that the cells really live in: every cell contains the same d - r lines.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> input_rank(arrangement_task([(1, 1, 0, 0), (2, 2, 0, 1)]))
    1
    """
    return len(reduce_task(task).kept)


def factor_inputs(network: Network) -> tuple[Network, RationalMatrix]:
    """g and E with f(x) = g(E x), where E (r x d) has as few rows as the weights on the inputs allow.

    r is the rank of the first weight and of the skip connections from the inputs together, but at least 1; E
    is in reduced row echelon form, so g takes r of the coordinates.

    Examples
    --------
    >>> ridge = Network.from_arrays([([[1, 2], [-2, -4]], [0, 1]), ([[1, 1]], [0])])
    >>> reduced, E = factor_inputs(ridge)
    >>> reduced.widths, E, reduced(E @ [5, -1]) == ridge([5, -1])
    ((1, 2, 1), RationalMatrix([[1, 2]]), True)
    """
    weights = [network.layers[0].weight]
    weights += [skip.weight for layer in network.layers for skip in layer.skips if skip.source == 0]
    rows = [row for weight in weights for row in weight.numerators]
    extension, kept = row_echelon(RationalMatrix.from_integers(rows, n_columns=network.n_inputs))
    if not kept:
        first = (1,) + (0,) * (network.n_inputs - 1)
        extension, kept = RationalMatrix.from_integers([first], n_columns=network.n_inputs), (0,)
    origin = (Fraction(0),) * network.n_inputs
    units = [[int(i == k) for i in range(network.n_inputs)] for k in kept]
    return slice_network(network, AffineSlice(origin, units)), extension
