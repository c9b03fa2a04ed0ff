"""Count or list all cells of a network, fast and exactly.

The walk of :mod:`exactnet.kernels.float_cells` goes over the cells depth first in certified float64; what it
cannot decide is answered in integers, one sign at a time, and the exact ray goes back into the walk. So the
set of cells is that of :func:`exactnet.geometry.reference.reference_cells`, and the counts in `stats` say
which rung of the ladder has decided how many signs. Small tasks, and tasks where floats decide next to
nothing, are left to the reference altogether.

Examples
--------
>>> from exactnet.geometry.task import region_task
>>> from exactnet.model import Network
>>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
>>> found = network_cells(region_task(tent))
>>> found.n_cells, found.n_bounded, sorted(found.signs.unpack().tolist())
(3, 1, [[-1, -1], [1, -1], [1, 1]])
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from math import comb, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable, pack_signs
from exactnet.geometry.exact_signs import ExactSigns
from exactnet.geometry.float_network import FloatTask, fits_floats, float_task, ray_floats, start_cells
from exactnet.geometry.layers import Form
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask
from exactnet.kernels.float_cells import FloatWalk, Status

__all__ = ["NetworkCells", "network_cells"]

Progress = Callable[[str, int, int | None], None]
Words = NDArray[np.uint64]

_BLOCK = 2**14  # cells a block
_BUDGET = 2**16  # splits between two looks at the keyboard
_FEW_CELLS = 500  # the reference has listed so many before the compiled loops are loaded
_MANY_QUESTIONS = 5000
_REFERENCE_BLOCK = 512


@dataclass(frozen=True)
class NetworkCells:
    """How many cells there are, and their signs if they were asked for.

    Attributes
    ----------
    n_cells : full-dimensional activation regions (R2 of Stargalla, Hertrich and Reichman 2025).
    n_relatively_bounded : those that are bounded up to the lineality space.
    lineality : dimension of the largest linear space L with cell + L = cell for all cells.
    stats : signs decided by a float64 bound (n_float), in exact small integers (n_lattice), because
        everything that enters is zero (n_structure), after recomputing the ray (n_anchored), by big integers
        (n_exact); `engine` is "float64" or "reference".
    table : the packed signs, one row a cell, or None.
    """

    n_cells: int
    n_relatively_bounded: int
    lineality: int
    stats: dict[str, int | str] = field(default_factory=dict)
    table: SignTable | None = field(default=None, repr=False)

    @property
    def n_bounded(self) -> int:
        """The number of bounded cells."""
        return 0 if self.lineality else self.n_relatively_bounded

    @property
    def signs(self) -> SignTable:
        """The packed signs of all cells, unless they were only counted or handed to a callback."""
        if self.table is None:
            raise InputError(
                "there is no sign table",
                where="NetworkCells.signs",
                got="cells that were counted, or handed to a callback",
                hint="call network_cells without count_only and callback",
            )
        return self.table


def network_cells(
    task: RegionTask,
    *,
    count_only: bool = False,
    callback: Callable[[SignTable], object] | None = None,
    max_cells: int | None = None,
    progress: Progress | None = None,
    compiled: bool | None = None,
) -> NetworkCells:
    """All cells of a task, each once.

    Parameters
    ----------
    count_only : no sign table; memory does not grow with the number of cells.
    callback : called with packed tables (n_cells x n_switches), block after block, instead of one table.
    max_cells : stop before there are more.
    compiled : True for the float64 walk, False for the reference; by default it depends on the size.

    Raises
    ------
    LimitReached : there are more than `max_cells` cells, or Ctrl-C; `partial` is what was found so far.

    Examples
    --------
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> from exactnet.geometry.task import arrangement_task
    >>> square = Polyhedron.box([0, 0], [1, 1])
    >>> network_cells(arrangement_task([(1, -1, 0), (1, 1, -1)], square), count_only=True).n_cells
    4
    >>> sizes = []
    >>> network_cells(arrangement_task([(1, 0, 0)]), callback=lambda table: sizes.append(len(table)))
    NetworkCells(n_cells=2, n_relatively_bounded=0, lineality=1, stats={'engine': 'reference'})
    >>> sizes
    [2]
    """
    reduced = reduce_task(task).reduced
    is_listing = callback is not None or not count_only
    found = NetworkCells(0, 0, task.dimension - reduced.dimension)
    tables: list[Words] = []
    stopped = ""
    try:
        for step in _steps(reduced, is_listing=is_listing, max_cells=max_cells, compiled=compiled):
            if callback is not None and len(step.words):
                callback(_table(step.words, task.n_switches))
            elif is_listing:
                tables.append(step.words)
            found = replace(
                found, n_cells=step.n_cells, n_relatively_bounded=step.n_bounded, stats=step.stats
            )
            if progress is not None:
                progress("cells", step.n_cells, None)
            if step.is_over:
                stopped = "the limit on the number of cells was reached"
    except KeyboardInterrupt:
        stopped = "interrupted"
    if callback is None and is_listing:
        nothing = np.zeros((0, _n_words(task.n_switches)), dtype=np.uint64)
        found = replace(found, table=_table(np.concatenate([nothing, *tables]), task.n_switches))
    if stopped:
        raise LimitReached(
            stopped,
            where=f"{task.n_switches} switches in {task.dimension} dimensions",
            got=f"{found.n_cells} cells found",
            expected=None if max_cells is None else f"at most {max_cells} cells",
            hint="what was found is in error.partial; raise max_cells, or take a smaller domain",
            partial=found,
        )
    return found


# -- the two engines -----------------------------------------------------------------------------------


class _Step(NamedTuple):
    """Totals so far, and the patterns found since the step before (one row a cell; no rows when counting)."""

    n_cells: int
    n_bounded: int
    words: Words
    stats: dict[str, int | str]
    is_over: bool = False


def _steps(
    task: RegionTask, *, is_listing: bool, max_cells: int | None, compiled: bool | None
) -> Iterator[_Step]:
    """The steps of the engine that suits the task; both know it in its essential coordinates only."""
    limit = 2**62 if max_cells is None else max_cells
    if compiled is None:
        compiled = _most_cells(task) > _FEW_CELLS
    if compiled and task.n_switches and fits_floats(task):
        is_done = yield from _float_steps(float_task(task), is_listing, limit)
        if is_done:
            return
    yield from _reference_steps(task, is_listing, limit)


def _most_cells(task: RegionTask) -> int:
    """A bound on the number of cells: each layer is an arrangement on each cell of the layers before."""
    sums = [sum(comb(layer.n_switches, k) for k in range(task.dimension + 1)) for layer in task.layers]
    return prod(sums)


def _float_steps(prepared: FloatTask, is_listing: bool, limit: int) -> Generator[_Step, None, bool]:
    """By the certified walk; returns False, before any pattern is handed out, if floats decide too little."""
    walk = FloatWalk(prepared.network, block=_BLOCK if is_listing else 0)
    exact = ExactSigns(prepared.task, prepared.rows)
    n_exact = n_listed = 0

    def step(*, is_over: bool = False) -> _Step:
        counts = walk.counts
        names = ("n_float", "n_lattice", "n_structure", "n_anchored")
        stats: dict[str, int | str] = {"engine": "float64", **{name: counts[name] for name in names}}
        stats["n_exact"] = n_exact
        return _Step(counts["n_cells"], counts["n_bounded"], walk.take(), stats, is_over)

    for cell in start_cells(prepared):
        walk.open(cell)
        while (status := walk.advance(_BUDGET, limit=limit)) is not Status.DONE:
            if status is Status.ASK:
                n_exact += _answer(walk, exact, prepared)
                if not n_listed and n_exact > _MANY_QUESTIONS and 2 * n_exact > walk.counts["n_float"]:
                    return False
                continue
            yield step(is_over=status is Status.LIMIT)
            n_listed = walk.counts["n_cells"] if is_listing else 0
            if status is Status.LIMIT:
                return True
    yield step()
    return True


def _answer(walk: FloatWalk, exact: ExactSigns, prepared: FloatTask) -> int:
    """Answer all open questions; the exact rays go back into the walk. Returns how many there were."""
    questions, pattern = walk.questions(), walk.pattern()
    rays: dict[int, Form] = {}
    for question in questions:
        if question.ray not in rays:
            ray = rays[question.ray] = exact.ray(question, pattern)
            walk.replace_ray(question.ray, *ray_floats(ray, prepared.exponents))
        walk.answer(question, exact.sign(question.form, pattern, rays[question.ray]))
    walk.go_on()
    return len(questions)


def _reference_steps(task: RegionTask, is_listing: bool, limit: int) -> Iterator[_Step]:
    """By the plain-Python integer engine."""
    n_cells = n_bounded = 0
    signs: list[tuple[int, ...]] = []

    def step(*, is_over: bool = False) -> _Step:
        rows = np.array(signs, dtype=np.int8).reshape(len(signs), task.n_switches)
        signs.clear()
        return _Step(n_cells, n_bounded, pack_signs(rows).positive, {"engine": "reference"}, is_over)

    for cell in reference_cells(task):
        if n_cells == limit:
            yield step(is_over=True)
            return
        n_cells += 1
        n_bounded += all(ray[-1] for ray in cell.rays)
        if is_listing:
            signs.append(cell.signs)
        if n_cells % _REFERENCE_BLOCK == 0:
            yield step()
    yield step()


# -- tables --------------------------------------------------------------------------------------------


def _n_words(n_columns: int) -> int:
    return -(-n_columns // 64)


def _table(positive: Words, n_columns: int) -> SignTable:
    """The table whose other signs are negative."""
    full = np.full(_n_words(n_columns), 2**64 - 1, dtype=np.uint64)
    if n_columns % 64:
        full[-1] = 2 ** (n_columns % 64) - 1
    negative = ~positive & full
    positive.flags.writeable = False
    negative.flags.writeable = False
    return SignTable(positive, negative, n_columns)
