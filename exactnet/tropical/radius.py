"""The exact effective radius: the smallest ball around a point that meets every linear piece of a network.

The pieces are those of R6: affine functions that f equals on an open set. A piece is met as soon as one of
its closed cells is, so the radius is the largest, over the pieces, of the least distance to a cell. In the
sup norm that distance is a linear program. Vertices give upper bounds, and pieces that cannot be the farthest
any more are not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Certificate, LinearSystemRecord, Record, Result, Status, WitnessRecord
from exactnet.errors import ShapeError
from exactnet.exact import LinearSystem, format_rational, to_fractions
from exactnet.geometry.cell import Cell
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.task import region_task
from exactnet.model import Network
from exactnet.tropical.sup_norm import box_rows, proved_minimum

__all__ = ["EffectiveRadius", "effective_radius"]

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class EffectiveRadius:
    """The largest distance to a linear piece.

    Attributes
    ----------
    value : the radius in the sup norm.
    centre : of the ball.
    nearest : the point of the farthest piece that is nearest to the centre.
    cell : the index of the cell it lies in.
    n_pieces : the number of pieces.
    """

    value: Fraction
    centre: Point
    nearest: Point
    cell: int
    n_pieces: int


def effective_radius(
    source: Network | PolyhedralComplex, *, centre: Sequence[object] | None = None
) -> Result[EffectiveRadius]:
    """The smallest sup-norm radius around a point (the origin) with which a ball meets all linear pieces.

    The certificate has the least distance to every cell of the farthest piece, as linear programs, and for
    each other piece a point in a cell that is not farther away.

    Parameters
    ----------
    source : a network on R^d, or the complete complex of its cells.
    centre : d numbers.

    Raises
    ------
    ShapeError : a centre of another dimension.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> effective_radius(tent), effective_radius(tent, centre=["1/2"]).value.value
    (PROVED: the effective radius is 1, of 3 pieces, Fraction(1, 2))
    """
    complex_ = polyhedral_complex(region_task(source)) if isinstance(source, Network) else source
    point = to_fractions(centre or (0,) * complex_.dimension, where="centre")
    if len(point) != complex_.dimension:
        raise ShapeError(
            "the centre lies in another space",
            where="centre",
            got=f"{len(point)} coordinates",
            expected=f"{complex_.dimension}",
        )
    pieces: dict[object, list[int]] = defaultdict(list)
    for i, cell in enumerate(complex_.cells):
        pieces[cell.affine_map].append(i)
    near = [_nearest_vertex(complex_.cells, piece, point) for piece in pieces.values()]
    order = sorted(zip(near, pieces.values(), strict=True), key=lambda item: -item[0][0])
    best: tuple[Fraction, int, Point, list[Record]] | None = None
    points: list[tuple[int, Point]] = []
    for (bound, i, vertex), piece in order:
        if best is not None and bound <= best[0]:
            points.append((i, vertex))
            continue
        value, i, nearest, records = _distance(complex_.cells, piece, point)
        if best is None or value > best[0]:
            if best is not None:
                points.append((best[1], best[2]))
            best = (value, i, nearest, records)
        else:
            points.append((i, nearest))
    assert best is not None
    value, i, nearest, records = best
    found = EffectiveRadius(value, point, nearest, i, len(pieces))
    sentence = f"the effective radius is {format_rational(value)}, of {len(pieces)} pieces"
    witnesses = [_seen(complex_.cells[j], j, x, point, value) for j, x in points]
    steps = (*records, *(record for pair in witnesses for record in pair))
    claims = tuple(record.id for record in steps if not isinstance(record, LinearSystemRecord))
    return Result(found, Status.PROVED, Certificate(sentence, steps, claims), sentence)


def _nearest_vertex(
    cells: Sequence[Cell], piece: Sequence[int], centre: Point
) -> tuple[Fraction, int, Point]:
    """The vertex of the cells of a piece that is nearest to the centre, and its distance."""
    return min((_sup(vertex, centre), i, vertex) for i in piece for vertex in cells[i].vertices)


def _sup(x: Point, centre: Point) -> Fraction:
    return max((abs(a - b) for a, b in zip(x, centre, strict=True)), default=Fraction(0))


def _distance(
    cells: Sequence[Cell], piece: Sequence[int], centre: Point
) -> tuple[Fraction, int, Point, list[Record]]:
    """The least distance from the centre to the cells of a piece, with the programs of all of them."""
    found: list[tuple[Fraction, int, Point]] = []
    records: list[Record] = []
    for i in piece:
        system = LinearSystem(*_rows(cells[i], centre))
        objective = [Fraction(0)] * len(centre) + [Fraction(1)]
        value, nearest, proof = proved_minimum(f"cell-{i}", system, objective)
        records += proof
        found.append((value, i, nearest[:-1]))
    value, i, nearest = min(found)
    return value, i, nearest, records


def _rows(cell: Cell, centre: Point) -> tuple[list[tuple[Fraction, ...]], list[str], list[Fraction]]:
    """x in the closed cell, |x - centre| <= t."""
    rows = [(*[Fraction(-a) for a in form[:-1]], Fraction(0)) for form in cell.inequalities]
    right = [Fraction(form[-1]) for form in cell.inequalities]
    rows += box_rows(len(centre))
    right += [sign * c for c in centre for sign in (1, -1)]
    return rows, ["<="] * len(rows), right


def _seen(cell: Cell, i: int, x: Point, centre: Point, radius: Fraction) -> tuple[Record, Record]:
    """The point x lies in the closed cell and in the ball."""
    rows, relations, right = _rows(cell, centre)
    rows.append((*[Fraction(0)] * len(centre), Fraction(1)))
    system = LinearSystemRecord(
        f"ball-{i}.system", len(centre) + 1, tuple(rows), (*relations, "<="), (*right, radius)
    )
    return system, WitnessRecord(f"ball-{i}", system.id, (*x, radius))
