"""Count or list all cells of a network, fast and exactly.

The walk of :mod:`exactnet.kernels.float_cells` goes over the cells depth first in certified float64; what it
cannot decide is answered in integers, one sign at a time, and the exact ray goes back into the walk. So the
set of cells is that of :func:`exactnet.geometry.reference.reference_cells`, and the counts in `stats` say
which rung of the ladder has decided how many signs. Tasks with many inputs go to linear programs; small ones,
and those where floats decide next to nothing, are left to the reference altogether.

The cells come in one order, whatever the number of workers. A limit or an interruption leaves a result whose
count is a certified lower bound and whose open parts, partial sign vectors, say what is left:

>>> from exactnet.geometry.task import arrangement_task
>>> lines = arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)])
>>> try:
...     network_cells(lines, max_cells=5)
... except LimitReached as stopped:
...     some = stopped.partial
>>> some.n_cells, some.open, network_cells(lines, resume=some).n_cells
(5, ((-1, 1, -1), (-1, -1, 0)), 7)

Workers are joblib's: threads for the compiled walk, processes for plain Python. A cluster comes in through
joblib as well, with the extra `dask`::

    from dask.distributed import Client
    client = Client("scheduler:8786")
    with joblib.parallel_config(backend="dask"):
        network_cells(task, jobs=32)

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

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from math import comb, prod

import numpy as np

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.engine_steps import NO_LIMIT, Engine, Step
from exactnet.geometry.float_network import fits_floats
from exactnet.geometry.part_queue import in_parallel, one_by_one
from exactnet.geometry.parts import Part, fingerprint, require_fingerprint
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.stream import sign_table
from exactnet.geometry.task import RegionTask

__all__ = ["NetworkCells", "network_cells"]

Progress = Callable[[str, int, int | None], None]

_FEW_CELLS = 500  # the reference has listed so many before the compiled loops are loaded


@dataclass(frozen=True)
class NetworkCells:
    """How many cells there are or have been found so far, and their signs if they were asked for.

    Attributes
    ----------
    n_cells : full-dimensional activation regions (R2 of Stargalla, Hertrich and Reichman 2025); a lower bound
        unless `is_complete`.
    n_relatively_bounded : those that are bounded up to the lineality space.
    lineality : dimension of the largest linear space L with cell + L = cell for all cells.
    stats : signs decided by a float64 bound (n_float), in exact small integers (n_lattice), because
        everything that enters is zero (n_structure), after recomputing the ray (n_anchored), by big integers
        (n_exact); linear programs that were solved in floats (n_lp). `engine` is the one that has worked
        ("float64", "lp", "reference", or several).
    table : the packed signs, one row a cell, or None.
    open : what is left, as partial sign vectors with 0 for switches that are not decided: all cells that
        agree with one of them. No cell belongs to two of them, or to one and the table.
    fingerprint : of the layers and the domain.
    """

    n_cells: int
    n_relatively_bounded: int
    lineality: int
    stats: dict[str, int | str] = field(default_factory=dict, compare=False)
    table: SignTable | None = field(default=None, repr=False)
    open: tuple[Part, ...] = field(default=(), repr=False)
    fingerprint: str = field(default="", repr=False)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is open."""
        return not self.open

    @property
    def n_bounded(self) -> int:
        """The number of bounded cells."""
        return 0 if self.lineality else self.n_relatively_bounded

    @property
    def shares(self) -> dict[str, Fraction]:
        """The part of all signs that each rung in `stats` has decided; empty if no sign was counted."""
        counts = {k: n for k, n in self.stats.items() if isinstance(n, int) and k != "n_lp"}
        total = sum(counts.values())
        return {name: Fraction(value, total) for name, value in counts.items()} if total else {}

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
    jobs: int = 1,
    max_cells: int | None = None,
    resume: NetworkCells | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> NetworkCells:
    """All cells of a task, each once, in an order that depends on nothing but the task and the engine.

    Parameters
    ----------
    count_only : no sign table; memory does not grow with the number of cells.
    callback : called with packed tables (n_cells x n_switches), block after block, instead of one table. A
        table during which it is interrupted is not counted, and comes again after a resumption.
    jobs : workers; the cells and their order do not depend on it.
    max_cells : stop before there are more; those found before a resumption count.
    resume : a partial result of the same task, to be finished; its table is continued.
    progress : called with ("cells", found so far, None).
    engine : "float64" for the certified walk, "lp" for linear programs, "reference" for plain integers; by
        default it depends on the dimension and the size.

    Raises
    ------
    LimitReached : there are more than `max_cells` cells, or Ctrl-C; `partial` is what `resume` goes on from.
    InputError : no workers; a partial result of another task, or one without the table that is wanted.

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
    keeps_table = callback is None and not count_only
    so_far = _begun(task, resume, jobs, keeps_table=keeps_table)
    if resume is not None and resume.is_complete:
        return resume
    tables = [] if so_far.table is None else [so_far.table.positive]
    still_open: Callable[[], list[Part]] = partial(list, so_far.open)
    limit = NO_LIMIT if max_cells is None else max(0, max_cells - so_far.n_cells)
    stopped = ""
    try:
        is_listing = callback is not None or keeps_table
        with closing(_steps(task, so_far.open, jobs, engine, is_listing, limit)) as found:
            for step in found:
                if callback is not None and len(step.words):
                    callback(sign_table(step.words, task.n_switches))
                tables += [step.words] * keeps_table
                so_far, still_open = _added(so_far, step), step.still_open
                if progress is not None:
                    progress("cells", so_far.n_cells, None)
                if step.is_over:
                    stopped = "the limit on the number of cells was reached"
    except KeyboardInterrupt:
        stopped = "interrupted"
    so_far = replace(so_far, open=tuple(still_open()))
    if keeps_table:
        words = np.concatenate(tables)[: so_far.n_cells]  # no more, if the last step was interrupted
        so_far = replace(so_far, table=sign_table(words, task.n_switches))
    if stopped:
        raise _limit(stopped, task, so_far, max_cells)
    return so_far


def _begun(task: RegionTask, resume: NetworkCells | None, jobs: int, *, keeps_table: bool) -> NetworkCells:
    """What there is to begin with: nothing, or a partial result of this task."""
    if jobs < 1:
        raise InputError("not a number of workers", where="jobs", got=str(jobs), expected="at least 1")
    n_words = -(-task.n_switches // 64)
    empty = sign_table(np.zeros((0, n_words), dtype=np.uint64), task.n_switches) if keeps_table else None
    if resume is None:
        lineality = task.dimension - reduce_task(task).reduced.dimension
        everything = ((0,) * task.n_switches,)
        return NetworkCells(0, 0, lineality, {}, empty, everything, fingerprint(task))
    require_fingerprint(resume.fingerprint, task, where="resume")
    if keeps_table and resume.table is None and resume.n_cells:
        raise InputError(
            "the partial result has no signs of the cells found so far",
            where="resume",
            got="cells that were counted, or handed to a callback",
            expected="a result with a table",
            hint="go on in the way it was begun: with count_only=True, or with a callback",
        )
    return replace(resume, table=(resume.table or empty) if keeps_table else None)


def _steps(
    task: RegionTask, parts: tuple[Part, ...], jobs: int, engine: Engine | None, is_listing: bool, limit: int
) -> Generator[Step, None, None]:
    """The steps of the engine that suits the task; all of them know it in its essential coordinates only."""
    reduced = reduce_task(task).reduced
    engine = engine or _suitable(reduced)
    if jobs == 1:
        yield from one_by_one(reduced, parts, engine=engine, is_listing=is_listing, limit=limit)
    else:
        yield from in_parallel(reduced, parts, jobs=jobs, engine=engine, is_listing=is_listing, limit=limit)


def _suitable(task: RegionTask) -> Engine:
    """Each layer is an arrangement on each cell of the layers before, which bounds the number of cells."""
    sums = [sum(comb(layer.n_switches, k) for k in range(task.dimension + 1)) for layer in task.layers]
    if prod(sums) <= _FEW_CELLS or not fits_floats(task):
        return "reference"
    from exactnet.geometry.lp_steps import prefers_lp

    return "lp" if prefers_lp(task) else "float64"


def _added(so_far: NetworkCells, step: Step) -> NetworkCells:
    stats = dict(so_far.stats)
    for name, value in step.stats.items():
        stats[name] = int(stats.get(name, 0)) + value
    engines = str(stats.pop("engine", step.engine)).split(", ")
    names = engines if step.engine in engines else [*engines, step.engine]
    return replace(
        so_far,
        n_cells=so_far.n_cells + step.n_cells,
        n_relatively_bounded=so_far.n_relatively_bounded + step.n_bounded,
        stats={"engine": ", ".join(names), **stats},
    )


def _limit(what: str, task: RegionTask, so_far: NetworkCells, max_cells: int | None) -> LimitReached:
    return LimitReached(
        what,
        where=f"{task.n_switches} switches in {task.dimension} dimensions",
        got=f"{so_far.n_cells} cells found, {len(so_far.open)} parts still open",
        expected=None if max_cells is None else f"at most {max_cells} cells",
        hint="go on with resume=error.partial and a higher max_cells, or take a smaller domain",
        partial=so_far,
    )
