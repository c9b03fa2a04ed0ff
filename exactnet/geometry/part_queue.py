"""Many parts of one task, one after the other or at the same time, with the same cells in the same order.

In parallel, each round takes the first open parts of a queue, works a bounded while on each of them, and puts
what is left of it in its place. Cells are handed out as soon as nothing in front of them is open, so that
the order is that of one worker; only the results behind an open part are kept in memory meanwhile.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeAlias

import numpy as np

from exactnet.geometry.engine_steps import NO_LIMIT, Engine, Step, steps
from exactnet.geometry.parts import Part, without_covered
from exactnet.geometry.task import RegionTask

__all__ = ["in_parallel", "one_by_one", "work"]

_Call: TypeAlias = tuple[RegionTask, Part, Engine, bool, int]
_Worked: TypeAlias = tuple[Step, list[Part]]

_IN_PYTHON: tuple[Engine, ...] = ("reference",)
_PARTS = 8  # a round and worker
_CELLS = 2**16  # that a part may find in a round, some ten times the cost of a new part


def one_by_one(
    task: RegionTask, parts: Sequence[Part], *, engine: Engine, is_listing: bool, limit: int = NO_LIMIT
) -> Iterator[Step]:
    """The steps of all parts; `still_open` counts those behind, too.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> task = arrangement_task([(1, 0), (1, -1)])
    >>> found = one_by_one(task, [(1, 0), (-1, 0)], engine="float64", is_listing=True)
    >>> [step.words.tolist() for step in found]
    [[[3], [1]], [[0]]]
    """
    for i, part in enumerate(parts):
        for step in steps(task, part, engine=engine, is_listing=is_listing, limit=limit):
            limit -= step.n_cells
            yield step._replace(still_open=partial(_joined, step, tuple(parts[i + 1 :])))
            if step.is_over:
                return


def _joined(step: Step, behind: tuple[Part, ...]) -> list[Part]:
    return [*step.still_open(), *behind]


# -- in parallel ---------------------------------------------------------------------------------------


@dataclass
class _Entry:
    """A part in the queue; once it has been worked on, what was found there."""

    part: Part
    found: Step | None = None
    left: list[Part] = field(default_factory=list)


def in_parallel(
    task: RegionTask,
    parts: Sequence[Part],
    *,
    jobs: int,
    engine: Engine,
    is_listing: bool,
    limit: int = NO_LIMIT,
) -> Iterator[Step]:
    """The same cells in the same order, by several workers.

    They are threads where the engine is compiled and lets go of the interpreter, otherwise processes; a
    backend set by `joblib.parallel_config`, like dask, comes before both.
    """
    queue = deque(_Entry(part) for part in parts)
    # what is done in one step is not worth a worker
    budget, n_workers = 1, 1
    while queue:
        window = list(islice((entry for entry in queue if entry.found is None), _PARTS * jobs))
        calls = [(task, entry.part, engine, is_listing, budget) for entry in window]
        results = _map(calls, n_workers, engine)
        with closing(results):
            for entry, (found, left) in zip(window, results, strict=True):
                entry.found, entry.left = found, left
                while queue and (first := queue[0].found) is not None:
                    if first.n_cells > limit:
                        rest = _parts_of(queue)
                        yield from one_by_one(task, rest, engine=engine, is_listing=is_listing, limit=limit)
                        return
                    limit -= first.n_cells
                    queue.extendleft(_Entry(part) for part in reversed(queue.popleft().left))
                    yield first._replace(still_open=partial(_parts_of, tuple(queue)))
        queue = deque(_unfolded(queue))
        budget, n_workers = _CELLS, jobs


def _unfolded(queue: Iterable[_Entry]) -> Iterator[_Entry]:
    """The queue, with what is left of its parts as parts of their own behind the cells found there."""
    for entry in queue:
        left, entry.left = entry.left, []
        yield entry
        yield from map(_Entry, left)


def _parts_of(entries: Iterable[_Entry]) -> list[Part]:
    """What has to be done if nothing that waits in the queue is kept."""
    return without_covered(entry.part for entry in entries)


def _map(calls: Sequence[_Call], n_workers: int, engine: Engine) -> Generator[_Worked, None, None]:
    """The results in order."""
    if n_workers == 1 or len(calls) == 1:
        yield from (work(*call) for call in calls)
        return
    from joblib import Parallel, delayed

    prefer = "processes" if engine in _IN_PYTHON else "threads"
    workers = Parallel(n_jobs=n_workers, prefer=prefer, return_as="generator", pre_dispatch="all")
    results = workers(delayed(work)(*call) for call in calls)
    try:
        for found in results:  # noqa: UP028 (`yield from` would close the workers on its own)
            yield found
    finally:
        with warnings.catch_warnings():  # results that nobody waits for any more are meant
            warnings.simplefilter("ignore")
            results.close()


def work(task: RegionTask, part: Part, engine: Engine, is_listing: bool, budget: int) -> _Worked:
    """At least `budget` cells of a part, or all of them, as one step; and the parts that are left of it."""
    found = list(_until(budget, steps(task, part, engine=engine, is_listing=is_listing)))
    stats = {name: sum(step.stats.get(name, 0) for step in found) for name in found[-1].stats}
    whole = found[-1]._replace(
        n_cells=sum(step.n_cells for step in found),
        n_bounded=sum(step.n_bounded for step in found),
        words=np.concatenate([step.words for step in found]),
        stats=stats,
        still_open=list,
    )
    return whole, found[-1].still_open()


def _until(budget: int, found: Iterator[Step]) -> Iterator[Step]:
    n_cells = 0
    for step in found:
        yield step
        n_cells += step.n_cells
        if n_cells >= budget:
            return
