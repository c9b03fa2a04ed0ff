"""All faces of the cells of a polyhedral complex, each once, with their incidences.

A face of a cell is the set of its generators on which some of the facets' forms vanish, so the faces are the
intersections of the facets' zero sets. From a face of dimension k, the largest proper intersections are its
facets, of dimension k-1; that needs no ranks and no general position. Faces without a vertex are at infinity
and do not count.

Cells of a task meet face to face, because every unit is a continuous function that is affine on each cell. So
two faces are the same exactly when they have the same vertices and rays, and these are exact integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exactnet.geometry.cell import Cell
from exactnet.geometry.layers import Form

__all__ = ["FaceLattice", "face_lattice"]

Indices = tuple[int, ...]


@dataclass(frozen=True)
class FaceLattice:
    """The faces of all dimensions 0..d; those of dimension d are the cells, in their order.

    Attributes
    ----------
    generators : all vertices and rays, primitive homogeneous integers (x_1..x_d, w).
    faces : faces[k] lists the faces of dimension k, each by the ascending indices of its generators. If all
        cells contain the same lines, the faces of dimension k have generators modulo these lines, and there
        are none of dimension below that of the lineality space.
    boundaries : boundaries[k][i] are the indices in faces[k-1] of the facets of face i.
    """

    generators: tuple[Form, ...]
    faces: tuple[tuple[Indices, ...], ...]
    boundaries: tuple[tuple[Indices, ...], ...]

    def f_vector(self) -> Indices:
        """Number of faces of each dimension 0..d."""
        return tuple(map(len, self.faces))

    def is_bounded(self, k: int, i: int) -> bool:
        """Whether face i of dimension k is bounded (for a complex whose cells contain no line)."""
        return all(self.generators[g][-1] for g in self.faces[k][i])

    def owners(self, k: int) -> tuple[Indices, ...]:
        """For each face of dimension k the faces of dimension k+1 that it bounds."""
        above: list[list[int]] = [[] for _ in self.faces[k]]
        for i, facets in enumerate(self.boundaries[k + 1]):
            for j in facets:
                above[j].append(i)
        return tuple(map(tuple, above))


def face_lattice(cells: Sequence[Cell], dimension: int) -> FaceLattice:
    """The faces of all cells together; a face shared by several cells is listed once."""
    lowest = len(cells[0].lineality) if cells else 0
    index: dict[Form, int] = {}
    numbers: list[dict[Indices, int]] = [{} for _ in range(dimension + 1)]
    boundaries: list[list[Indices]] = [[] for _ in range(dimension + 1)]
    for cell in cells:
        place = [index.setdefault(ray, len(index)) for ray in cell.generators]
        finite = sum(1 << i for i, ray in enumerate(cell.generators) if ray[-1])
        walls = [rays for _, rays in cell.walls]
        level = [(1 << len(place)) - 1]
        numbers[dimension][_key(level[0], place)] = len(numbers[dimension])
        for k in range(dimension, lowest - 1, -1):
            # the boundary of every face of this level, in the order the faces were numbered
            below: list[int] = []
            for face in level:
                facets = _facets(face, walls, finite) if k > lowest else []
                boundary = []
                for facet in facets:
                    key = _key(facet, place)
                    if key not in numbers[k - 1]:
                        numbers[k - 1][key] = len(numbers[k - 1])
                        below.append(facet)
                    boundary.append(numbers[k - 1][key])
                boundaries[k].append(tuple(sorted(boundary)))
            level = below
    return FaceLattice(tuple(index), tuple(map(tuple, numbers)), tuple(map(tuple, boundaries)))


def _facets(face: int, walls: Sequence[int], finite: int) -> list[int]:
    """The largest proper faces of a face that have a vertex."""
    proper = {face & wall for wall in walls} - {face}
    meeting = [part for part in proper if part & finite]
    return [part for part in meeting if not any(part & other == part != other for other in meeting)]


def _key(face: int, place: Sequence[int]) -> Indices:
    return tuple(sorted(place[i] for i in _bits(face)))


def _bits(bits: int) -> Iterator[int]:
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1
