"""The activation patterns of a training problem: its exact cells, and a float view of them for the solvers.

Patterns are those of full-dimensional cells of {u : z_i.u = 0}. The optimum over closed cones needs no
others: a neuron on a lower face lies in the closure of a full-dimensional cell, where it computes the
same function (facts: Pilanci and Ergen 2020, Theorem 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from exactnet.convex.program import TrainingProblem
from exactnet.exact import sign_matrix
from exactnet.geometry.arrangement import CellTable, central_arrangement, enumerate_cells

__all__ = ["FloatCells", "activation_cells", "activation_patterns", "float_cells"]

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int | None], None]


def activation_cells(
    problem: TrainingProblem, *, max_cells: int = 200_000, progress: Progress | None = None
) -> CellTable:
    """All activation cells of the data, exactly; ties, duplicate, parallel and zero rows included.

    Raises
    ------
    LimitReached : more cells than `max_cells` are possible.
    """
    arrangement = central_arrangement(problem.homogenised, dimension=problem.dimension)
    return enumerate_cells(arrangement, max_cells=max_cells, progress=progress)


def activation_patterns(problem: TrainingProblem, *, max_cells: int = 200_000) -> tuple[str, ...]:
    """The distinct activation patterns as sorted bit strings, bit i = sample i active (zero rows print 0).

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> from exactnet.convex.program import training_problem
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> " ".join(activation_patterns(training_problem(data, beta="1/2")))
    '0011 0100 0110 0111 1000 1001 1011 1100'
    """
    table = activation_cells(problem, max_cells=max_cells)
    listed = table.activity()
    patterns = {"".join("01"[bit] for bit in row) for row in listed.astype(int)}
    if table.has_mirror:
        nonzero = np.array([place is not None for place in table.arrangement.rows])
        patterns |= {"".join("01"[bit] for bit in row) for row in (~listed & nonzero).astype(int)}
    return tuple(sorted(patterns))


@dataclass(frozen=True)
class FloatCells:
    """Float view of all cells, for guesses only; cells `n_listed + c` is the mirror of cell c.

    `rows` (n x D) scaled by `row_scale`; `active` (n_cells x n), inactive rows count with weight `kappa`;
    `normals` (n_forms x D) unit normals; `signs` (n_cells x n_forms); listed cell c is bounded by the forms
    `members[starts[c]:starts[c + 1]]` (a superset of its facets is harmless).
    """

    rows: Floats
    row_scale: float
    active: NDArray[np.bool_]
    normals: Floats
    signs: NDArray[np.int8]
    starts: NDArray[np.int64]
    members: NDArray[np.int64]
    kappa: float = 0.0

    @property
    def n_listed(self) -> int:
        """Number of listed cells; with mirrors there are twice as many."""
        return len(self.starts) - 1

    def slopes(self, cell: int) -> Floats:
        """Slope of the activation at every row on a cell: 1 or kappa (n)."""
        found: Floats = np.where(self.active[cell], 1.0, self.kappa)
        return found

    def facets(self, cell: int) -> NDArray[np.int64]:
        """Forms that bound a cell."""
        listed = cell % self.n_listed
        return self.members[self.starts[listed] : self.starts[listed + 1]]

    def cone(self, cell: int) -> Floats:
        """Inward facet normals of a cell (n_facets x D)."""
        chosen = self.facets(cell)
        inward: Floats = self.normals[chosen] * self.signs[cell, chosen][:, None]
        return inward


def float_cells(problem: TrainingProblem, table: CellTable) -> FloatCells:
    """Round a cell table to floats; every later use is checked exactly."""
    scale = max((abs(x) for row in problem.homogenised for x in row), default=Fraction(0)) or Fraction(1)
    rows = np.array([[float(x / scale) for x in row] for row in problem.homogenised]).reshape(
        problem.n_samples, problem.dimension
    )
    forms = table.arrangement.forms
    starts, members = _facets(table)
    listed = table.activity()
    nonzero = np.array([place is not None for place in table.arrangement.rows], dtype=bool)
    mirrored = table.has_mirror
    return FloatCells(
        rows,
        float(scale),
        np.concatenate([listed, ~listed & nonzero]) if mirrored else listed,
        _unit(forms, problem.dimension),
        np.concatenate([table.signs, -table.signs]) if mirrored else table.signs,
        starts,
        members,
        float(problem.kappa),
    )


def _unit(vectors: tuple[tuple[int, ...], ...], dimension: int) -> Floats:
    scaled = []
    for vector in vectors:
        top = max(map(abs, vector))
        scaled.append([x / top for x in vector])
    array = np.array(scaled, dtype=np.float64).reshape(len(vectors), dimension)
    unit: Floats = array / np.linalg.norm(array, axis=1, keepdims=True)
    return unit


def _facets(table: CellTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Forms that vanish on at least r - 1 extreme rays of a cell: all facets, perhaps a few more on ties."""
    forms, n_listed = table.arrangement.forms, len(table.signs)
    if not forms:
        return np.zeros(n_listed + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    zero = csr_array((sign_matrix(forms, table.rays) == 0).astype(np.int32))
    cell, ray = table.incidence[:, 0], table.incidence[:, 1]
    shape = (n_listed, len(table.rays))
    incidence = csr_array((np.ones(len(cell), dtype=np.int32), (cell, ray)), shape=shape)
    bounding = (incidence @ zero).toarray() >= table.arrangement.rank - 1
    starts = np.concatenate([[0], np.cumsum(bounding.sum(axis=1))]).astype(np.int64)
    return starts, np.nonzero(bounding)[1].astype(np.int64)
