"""How few polyhedra carry a piecewise linear function: bounds for definition R3 from a complex of cells.

R3 asks for a polyhedral complex with as few full-dimensional polyhedra as possible on which f is affine.
Every polyhedron of such a complex lies in one region of R4 (`groups` below: cells with the same affine
function, connected through facets). Everything here is decided by signs of integer forms on generators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from exactnet.geometry.cell import Cell, Point
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.layers import Form

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["coarse_partition", "convex_union", "n_polyhedra_needed"]

Indices = tuple[int, ...]


class _Part(NamedTuple):
    """A union of cells that is a polyhedron: its facets' forms, and the generators of all its cells."""

    cells: Indices
    rows: tuple[Form, ...]
    generators: frozenset[Form]


def convex_union(cells: Sequence[Cell]) -> tuple[Form, ...] | None:
    """The forms (>= 0) of the union of some cells of one complex if it is a polyhedron, None if it is not.

    The facets of one cell alone bound the union. If all cells satisfy their forms, the union is all of the
    polyhedron K that these forms define: a segment from the union to a point inside K in general position
    leaves the union through one of these facets, where it would leave K.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> quadrants = polyhedral_complex(arrangement_task([(1, 0, 0), (0, 1, 0)])).cells
    >>> convex_union(quadrants[:2]), convex_union(quadrants[:3]), convex_union(quadrants)
    (((1, 0, 0),), None, ())
    """
    facets: Counter[frozenset[Form]] = Counter()
    forms: dict[frozenset[Form], Form] = {}
    for cell in cells:
        for form, on in cell.walls:
            facet = frozenset(ray for i, ray in enumerate(cell.generators) if on >> i & 1)
            facets[facet] += 1
            forms[facet] = form
    rows = tuple(dict.fromkeys(forms[facet] for facet, n in facets.items() if n == 1))
    rays = {ray for cell in cells for ray in cell.generators}
    return rows if all(evaluate(row, ray) >= 0 for row in rows for ray in rays) else None


# -- the upper bound ------------------------------------------------------------------------------------


def coarse_partition(complex_: PolyhedralComplex, groups: Sequence[Indices]) -> list[Indices]:
    """A partition of the cells into polyhedra inside the groups that is again a polyhedral complex.

    Starts with the convex groups as a whole and the others joined greedily; a polyhedron that meets another
    one in something else than a common face is taken apart, and what is left is joined greedily as long as
    it stays a complex. The number of parts is an upper bound for R3, not always R3.
    """
    parts: list[_Part] = []
    for group in groups:
        whole = _part(complex_, group)
        parts += [whole] if whole else _joined(complex_, [_single(complex_, i) for i in group], check=False)
    while True:
        wrong = next((p for p in parts for q in parts if p is not q and not _meets_in_face(p, q)), None)
        if wrong is None:
            break
        parts = [p for p in parts if p is not wrong] + [_single(complex_, i) for i in wrong.cells]
    inside = {i: k for k, group in enumerate(groups) for i in group}
    joined = _joined(complex_, parts, check=True, inside=inside)
    return sorted(tuple(sorted(part.cells)) for part in joined)


def _single(complex_: PolyhedralComplex, i: int) -> _Part:
    cell = complex_.cells[i]
    return _Part((i,), cell.inequalities, frozenset(cell.generators))


def _part(complex_: PolyhedralComplex, indices: Indices) -> _Part | None:
    cells = [complex_.cells[i] for i in indices]
    rows = convex_union(cells)
    if rows is None:
        return None
    return _Part(indices, rows, frozenset(ray for cell in cells for ray in cell.generators))


def _joined(
    complex_: PolyhedralComplex, parts: list[_Part], *, check: bool, inside: dict[int, int] | None = None
) -> list[_Part]:
    """Two parts of the same group at a time replaced by their union while that is a polyhedron."""
    parts = list(parts)
    again = True
    while again:
        again = False
        for p, q in combinations(parts, 2):
            if inside is not None and inside[p.cells[0]] != inside[q.cells[0]]:
                continue
            both = _part(complex_, p.cells + q.cells) if p.generators & q.generators else None
            rest = [part for part in parts if part is not p and part is not q]
            if both and not (check and any(not _fit(both, part) for part in rest)):
                parts, again = [*rest, both], True
                break
    return parts


def _fit(p: _Part, q: _Part) -> bool:
    return _meets_in_face(p, q) and _meets_in_face(q, p)


def _meets_in_face(p: _Part, q: _Part) -> bool:
    """Whether p and q have no point in common, or a face of p.

    Both are unions of cells, so the generators of p that satisfy the rows of q generate what they share. The
    smallest face of p around that must not have more generators.
    """
    shared = {ray for ray in p.generators if all(evaluate(row, ray) >= 0 for row in q.rows)}
    if not any(ray[-1] for ray in shared):
        return True
    tight = [row for row in p.rows if not any(evaluate(row, ray) for ray in shared)]
    return all(ray in shared for ray in p.generators if not any(evaluate(row, ray) for row in tight))


# -- the lower bound ------------------------------------------------------------------------------------


def n_polyhedra_needed(complex_: PolyhedralComplex, group: Indices) -> int:
    """A lower bound for the number of polyhedra that fill a region: 1 if it is one, otherwise 2 or more.

    Points of the region that do not see each other inside it lie in different polyhedra; a greedy set of
    witnesses of cells is taken.
    """
    if _part(complex_, group) is not None:
        return 1
    outside = [cell for i, cell in enumerate(complex_.cells) if i not in set(group)]
    hidden: list[Point] = []
    for i in group:
        point = complex_.cells[i].witness
        if all(any(_passes_inside(cell, point, other) for cell in outside) for other in hidden):
            hidden.append(point)
    return max(2, len(hidden))


def _passes_inside(cell: Cell, start: Point, end: Point) -> bool:
    """Whether the segment between two points contains interior points of the cell."""
    low, high = Fraction(0), Fraction(1)
    for form, _ in cell.walls:
        a, b = _value(form, start), _value(form, end)
        if a <= 0 and b <= 0:
            return False
        if a < 0:
            low = max(low, a / (a - b))
        elif b < 0:
            high = min(high, a / (a - b))
    return low < high


def _value(form: Form, point: Point) -> Fraction:
    return sum(map(mul, form, point), Fraction(form[-1]))
