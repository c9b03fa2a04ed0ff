"""Count, list or prove all cells of a network with many inputs, fast and exactly, by small linear programs.

The walk of :mod:`exactnet.kernels.lp_tree` goes over the sign tree in certified float64; what it cannot
decide is answered by exact linear programs, one switch at a time, and regions that no float64 point can be
proved to lie in are walked in integers altogether. So the set of cells is that of
:func:`exactnet.geometry.reference.reference_cells`. With few inputs :mod:`exactnet.geometry.network_cells`
is faster; from about seven on this is, because a cell has 2^d vertices and more, but needs few programs.

Examples
--------
>>> from exactnet.geometry.task import region_task
>>> from exactnet.model import Network
>>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
>>> found = lp_cells(region_task(tent))
>>> found.n_cells, found.n_bounded, sorted(found.signs.unpack().tolist())
(3, 1, [[-1, -1], [1, -1], [1, 1]])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.lp_steps import LpWalk, prefers_lp, with_points
from exactnet.geometry.network_cells import NetworkCells
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.region_tree import RegionTree
from exactnet.geometry.stream import sign_table
from exactnet.geometry.task import RegionTask

__all__ = ["lp_cells", "lp_tree_proof", "prefers_lp"]

Progress = Callable[[str, int, int | None], None]
Words = NDArray[np.uint64]

_NO_LIMIT = 2**62


def lp_cells(
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
    compiled : False for exact linear programs throughout, in plain Python.

    Raises
    ------
    LimitReached : there are more than `max_cells` cells, or Ctrl-C; `partial` is what was found so far.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> sizes = []
    >>> found = lp_cells(arrangement_task([(1, 0, 0)]), callback=lambda table: sizes.append(len(table)))
    >>> found.n_cells, found.lineality, sizes
    (2, 1, [2])
    """
    reduced = reduce_task(task).reduced
    is_listing = callback is not None or not count_only
    found = NetworkCells(0, 0, task.dimension - reduced.dimension)
    tables: list[Words] = []
    stats: dict[str, int] = {}
    stopped = ""
    walk = LpWalk(reduced, is_listing=is_listing, compiled=compiled is not False)
    try:
        for step in walk.steps((), _NO_LIMIT if max_cells is None else max_cells):
            if callback is not None and len(step.words):
                callback(sign_table(step.words, task.n_switches))
            elif is_listing:
                tables.append(step.words)
            stats = {name: stats.get(name, 0) + value for name, value in step.stats.items()}
            found = replace(
                found,
                n_cells=found.n_cells + step.n_cells,
                n_relatively_bounded=found.n_relatively_bounded + step.n_bounded,
                stats={"engine": step.engine, **stats},
            )
            if progress is not None:
                progress("cells", found.n_cells, None)
            if step.is_over:
                stopped = "the limit on the number of cells was reached"
    except KeyboardInterrupt:
        stopped = "interrupted"
    if callback is None and is_listing:
        nothing = np.zeros((0, -(-task.n_switches // 64)), dtype=np.uint64)
        found = replace(found, table=sign_table(np.concatenate([nothing, *tables]), task.n_switches))
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


def lp_tree_proof(
    task: RegionTask, *, compiled: bool | None = None, n_patterns: Callable[[SignTable], int] | None = None
) -> RegionTree:
    """The proof that the cells are all: the nodes of a region tree, whose bases the programs have found.

    Parameters
    ----------
    compiled : as for `lp_cells`.
    n_patterns : how many activation regions the cells with these signs make; only maxout units with three or
        more pieces need it.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> tree = lp_tree_proof(arrangement_task([(1, 0), (1, -1)]), compiled=False)
    >>> tree.n_cells, tuple(map(int, tree.nodes))
    (3, (0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1))
    """
    reduction = reduce_task(task)
    reduced = reduction.reduced
    walk = LpWalk(reduced, is_listing=n_patterns is not None, is_proving=True, compiled=compiled is not False)
    n_leaves, words = 0, []
    for step in walk.steps((), _NO_LIMIT):
        n_leaves += step.n_cells
        words.append(step.words)
    chunks = walk.nodes
    if reduced.dimension < task.dimension:
        chunks = [with_points(chunk, reduced.dimension + 1, reduction.lift) for chunk in chunks]
    n_cells = n_leaves
    if n_patterns is not None:
        n_cells = n_patterns(sign_table(np.concatenate(words), task.n_switches))
    return RegionTree(_joined(chunks), n_leaves, n_cells)


def _joined(chunks: Sequence[Sequence[int] | NDArray[np.int64]]) -> tuple[int, ...] | NDArray[np.int64]:
    """One array of int64, or a tuple if some integers do not fit."""
    largest = max(
        (max(map(abs, chunk)) for chunk in chunks if isinstance(chunk, (list, tuple)) if chunk), default=0
    )
    if largest >= 2**63:
        return tuple(int(x) for chunk in chunks for x in chunk)
    return np.concatenate([np.asarray(chunk, dtype=np.int64) for chunk in chunks])
