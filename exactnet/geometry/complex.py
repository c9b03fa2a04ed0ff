"""The polyhedral complex of a task: all its cells, their faces, and which cells are neighbours.

The definition of a region here is R2 of Stargalla, Hertrich and Reichman (2025): full-dimensional activation
regions. Cells that carry the same affine map are not merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from typing import Any

from exactnet.errors import InvariantError, MissingExtraError
from exactnet.geometry.cell import Cell, cell_of
from exactnet.geometry.faces import FaceLattice, face_lattice
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask, signs_at
from exactnet.model import Network

__all__ = ["PolyhedralComplex", "polyhedral_complex"]


@dataclass(frozen=True, repr=False)
class PolyhedralComplex:
    """Cells of one task, with everything that follows from them.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> triangle = polyhedral_complex(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)]))
    >>> triangle
    PolyhedralComplex(7 cells in R^2, 1 bounded)
    >>> triangle.f_vector(), triangle.bounded_f_vector(), triangle.euler_characteristic()
    ((3, 9, 7), (3, 3, 1), 1)
    >>> len(triangle.adjacency())
    9
    """

    task: RegionTask = field(repr=False)
    cells: tuple[Cell, ...]

    @property
    def dimension(self) -> int:
        """Dimension d of the space."""
        return self.task.dimension

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cells)

    @property
    def n_bounded(self) -> int:
        """Number of bounded cells."""
        return sum(cell.is_bounded for cell in self.cells)

    @cached_property
    def lattice(self) -> FaceLattice:
        """All faces and their incidences."""
        return face_lattice(self.cells, self.dimension)

    def f_vector(self) -> tuple[int, ...]:
        """Number of faces of each dimension 0..d; the last is the number of cells."""
        return self.lattice.f_vector()

    def bounded_f_vector(self) -> tuple[int, ...]:
        """Number of bounded faces of each dimension 0..d."""
        lattice = self.lattice
        if self.cells and self.cells[0].lineality:
            return (0,) * (self.dimension + 1)
        return tuple(
            sum(lattice.is_bounded(k, i) for i in range(n)) for k, n in enumerate(lattice.f_vector())
        )

    def euler_characteristic(self) -> int:
        """The alternating sum of the f-vector: (-1)^d on the whole of R^d, 1 on a box."""
        return sum((-1) ** k * n for k, n in enumerate(self.f_vector()))

    def adjacency(self) -> tuple[tuple[int, int, int], ...]:
        """Triples (i, j, k): cells i < j share the facet k of `lattice.faces[d-1]`.

        Raises
        ------
        InvariantError : more than two cells at one facet.
        """
        if self.dimension == 0:
            return ()
        found = []
        for k, owners in enumerate(self.lattice.owners(self.dimension - 1)):
            if len(owners) > 2:
                raise InvariantError("a facet with more than two cells", reproduction=repr(self.task))
            if len(owners) == 2:
                found.append((owners[0], owners[1], k))
        return tuple(sorted(found))

    def count(self, definition: str, *, network: Network | None = None) -> int:
        """The number of linear regions by one of the definitions "R1" to "R6", for a complete complex.

        Parameters, errors and costs: :func:`exactnet.geometry.definitions.count_regions`.

        Examples
        --------
        >>> from exactnet.geometry.task import arrangement_task
        >>> opposite = polyhedral_complex(arrangement_task([(1, 0), (-1, 0)]))
        >>> opposite.count("R1"), opposite.count("R2")
        (3, 2)
        """
        from exactnet.geometry.definitions import RegionDefinition, count_regions

        return count_regions(self, RegionDefinition(definition), network=network)

    def face_signs(self, k: int) -> tuple[tuple[int, ...], ...]:
        """For each face of dimension k the sign (-1, 0, +1) of every switch on its relative interior.

        A switch that is identically zero on a cell has sign 0 here, and -1 in `Cell.signs`.

        Examples
        --------
        >>> from exactnet.geometry.task import arrangement_task
        >>> polyhedral_complex(arrangement_task([(1, 0), (1, -1)])).face_signs(0)
        ((1, 0), (0, -1))
        """
        generators = self.lattice.generators
        inside = (
            [sum(column) for column in zip(*[generators[g] for g in face], strict=True)]
            for face in self.lattice.faces[k]
        )
        return tuple(signs_at(self.task, [Fraction(x, point[-1]) for x in point[:-1]]) for point in inside)

    def to_networkx(self) -> Any:
        """The dual graph as a `networkx.Graph`: a node a cell (signs, bounded), an edge a shared facet.

        Raises
        ------
        MissingExtraError : networkx is not installed.
        """
        try:
            networkx = import_module("networkx")
        except ModuleNotFoundError:
            raise MissingExtraError("networkx", extra="graphs", purpose="the dual graph") from None
        graph = networkx.Graph()
        for i, cell in enumerate(self.cells):
            graph.add_node(i, signs=cell.signs, bounded=cell.is_bounded)
        for i, j, k in self.adjacency():
            graph.add_edge(i, j, facet=k)
        return graph

    def __repr__(self) -> str:
        return f"PolyhedralComplex({self.n_cells} cells in R^{self.dimension}, {self.n_bounded} bounded)"


def polyhedral_complex(task: RegionTask, signs: Iterable[Iterable[int]] | None = None) -> PolyhedralComplex:
    """The complex of all cells of a task, or of the cells with the given sign vectors.

    Parameters
    ----------
    signs : one sign vector (+1, -1) a cell, from any engine, also as an int8 table; the cells keep this
        order, and repetitions count once. None: all cells, found by the reference engine.

    Raises
    ------
    InputError : a sign vector without a cell.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> polyhedral_complex(arrangement_task([(1, 0), (1, -1)]), [(1, -1), (1, 1)]).f_vector()
    (2, 2)
    """
    wanted = None if signs is None else [tuple(int(s) for s in row) for row in signs]
    lineality = reduce_task(task).lineality
    found = {cell.signs: cell_of(task, cell, lineality) for cell in reference_cells(task, only=wanted)}
    ordered = found if wanted is None else dict.fromkeys(wanted)
    return PolyhedralComplex(task, tuple(found[row] for row in ordered))
