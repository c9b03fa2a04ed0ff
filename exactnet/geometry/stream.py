"""Count or list all cells of an arrangement, in any number of threads, with the memory of one path.

The walk is a list of open cells. Each round takes some of them off its end, advances each by a bounded
amount of work (:mod:`exactnet.kernels.integer_cells`) and puts back what is still open, in the same order.
What a round does depends on nothing but the list: any number of workers gives the same cells in the same
order. A round also ends a limit or an interruption: what is open then is a list of partial sign vectors,
and with the cells found so far it covers everything, so the count is a certified lower bound.

A cell here is a full-dimensional region; its sign vector has one sign per form given, +1 or -1, in the
order of the input. A form that is zero everywhere counts as inactive, -1.

Examples
--------
>>> count_cells([(1, 0, 0), (0, 1, 0), (1, 1, -1)]).n_cells
7
>>> tables = []
>>> _ = stream_cells([(1, 0), (-2, 1)], lambda table: tables.append(table.unpack().tolist()))
>>> sorted(tables[0])
[[-1, 1], [1, -1], [1, 1]]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.start import Signs, Source, Walk, prepare
from exactnet.kernels.integer_cells import Advance, advance, as_open_cell

if TYPE_CHECKING:
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["CellCount", "count_cells", "sign_table", "stream_cells"]

Progress = Callable[[str, int, int | None], None]

_STARTS = 4096  # simplicial cones that are kept at once
_TASKS = 128  # open cells that a round advances
_CELLS = 2**17  # what each may find in a round when only counting,
_ROWS = 2**14  # and when the signs are wanted


@dataclass(frozen=True)
class CellCount:
    """How many cells there are, or how many have been found so far.

    Attributes
    ----------
    n_cells : exact if `is_complete`, else a lower bound.
    n_relatively_bounded : those that are bounded up to the lineality space; of a cone only the point itself.
    lineality : dimension of the largest linear space L with cell + L = cell for all cells.
    open : the rest, as sign vectors with 0 for signs not decided yet. If `is_mirrored`, each stands for
        itself and its opposite.
    n_plain : how many splits the compiled twin left to big integers (values of more than 62 bits, or more
        than 60 facets).
    fingerprint : of the arrangement and the domain.
    """

    n_cells: int
    n_relatively_bounded: int
    lineality: int
    open: tuple[Signs, ...]
    is_mirrored: bool
    n_plain: int
    fingerprint: str

    @property
    def is_complete(self) -> bool:
        """Whether nothing is open."""
        return not self.open

    @property
    def n_bounded(self) -> int:
        """The number of bounded cells."""
        return 0 if self.lineality else self.n_relatively_bounded


def count_cells(
    source: Source,
    *,
    domain: Polyhedron | None = None,
    jobs: int = 1,
    max_cells: int | None = None,
    resume: CellCount | None = None,
    progress: Progress | None = None,
    compiled: bool | None = None,
) -> CellCount:
    """The number of cells of an arrangement, all of them or those inside a domain, by enumeration.

    Parameters
    ----------
    source : an `Arrangement`, forms (a_1..a_d, b), or a task of one layer.
    domain : a polyhedron; if it has no interior there are no cells.
    jobs : threads; the result does not depend on it.
    max_cells : stop soon after so many cells (a round is always finished).
    resume : a partial result of the same arrangement, to be finished.
    compiled : force the plain or the compiled twin.

    Raises
    ------
    LimitReached : at `max_cells`, or on Ctrl-C; `partial` is a `CellCount` for `resume`.

    Examples
    --------
    >>> from exactnet.geometry.named import braid, shi
    >>> count_cells(braid(4)).n_cells, count_cells(shi(3)).n_relatively_bounded
    (24, 4)
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> count_cells(braid(3), domain=Polyhedron.box([0, 0, 2], [1, 1, 3])).n_cells
    2
    """
    walk = prepare(source, domain)
    return _run(walk, None, jobs, max_cells, resume, progress, compiled)


def stream_cells(
    source: Source,
    consume: Callable[[SignTable], object],
    *,
    domain: Polyhedron | None = None,
    jobs: int = 1,
    max_cells: int | None = None,
    resume: CellCount | None = None,
    progress: Progress | None = None,
    compiled: bool | None = None,
) -> CellCount:
    """Hand the sign vectors of all cells to `consume`, block after block, each cell once.

    Parameters
    ----------
    consume : called with packed tables (n_cells x n_forms) in a fixed order, from this thread. A table during
        which it is interrupted is not counted, and comes again after a resumption.
    others : as for `count_cells`.

    Raises
    ------
    LimitReached : as for `count_cells`; `consume` has seen exactly the cells that `partial` counts.

    Examples
    --------
    >>> sizes = []
    >>> found = stream_cells([(1, 0), (1, -1), (0, 5)], lambda table: sizes.append(len(table)))
    >>> sum(sizes), found.n_cells, found.n_bounded
    (3, 3, 1)
    """
    walk = prepare(source, domain)
    return _run(walk, consume, jobs, max_cells, resume, progress, compiled)


# -- the rounds ----------------------------------------------------------------------------------------


def _run(
    walk: Walk,
    consume: Callable[[SignTable], object] | None,
    jobs: int,
    max_cells: int | None,
    resume: CellCount | None,
    progress: Progress | None,
    compiled: bool | None,
) -> CellCount:
    if jobs < 1:
        raise InputError("not a number of workers", where="jobs", got=str(jobs), expected="at least 1")
    if resume is not None and resume.fingerprint != walk.fingerprint:
        raise InputError(
            "the partial result belongs to another arrangement or domain",
            where="resume",
            got=resume.fingerprint[:12],
            expected=walk.fingerprint[:12],
        )
    nothing = CellCount(0, 0, walk.lineality, (), walk.mirrored, 0, walk.fingerprint)
    so_far = nothing if resume is None else replace(resume, open=())
    fresh = walk.start() if resume is None else walk.reopen(resume.open)
    stack: list[Any] = []
    while True:
        first = not stack
        if first:
            stack = list(islice(fresh, _STARTS))
            if not stack:
                return so_far
        if max_cells is not None and so_far.n_cells >= max_cells:
            what = "the limit on the number of cells was reached"
            raise _stopped(what, walk, so_far, chain(stack, fresh), max_cells)
        # new cells are one task, the only one for small arrangements; afterwards one task an open cell
        batch = [stack] if first else [[item] for item in stack[-_TASKS:]]
        stack = [] if first else stack[:-_TASKS]
        budget = _CELLS if consume is None else _ROWS
        if max_cells is not None:
            budget = min(budget, 1 + (max_cells - so_far.n_cells) // _TASKS)
        left: list[Any] = []
        done = 0
        try:
            for found in _map(partial(_advance, walk, consume is not None, compiled, budget), batch, jobs):
                counted = _added(walk, so_far, found)
                if consume is not None and found.n_cells:
                    consume(_table(walk, found))
                so_far = counted
                left += found.open
                done += 1
                if progress:
                    progress("cells", so_far.n_cells, None)
        except KeyboardInterrupt:
            rest = [item for task in batch[done:] for item in task]
            raise _stopped("interrupted", walk, so_far, chain(stack, left, rest, fresh), max_cells) from None
        stack += left
        if compiled is None:  # what one task did not finish is worth the compiled twin
            compiled = True


def _advance(walk: Walk, with_signs: bool, compiled: bool | None, budget: int, items: list[Any]) -> Advance:
    return advance(
        items,
        dimension=walk.dimension,
        n_forms=walk.n_names,
        budget=budget,
        with_signs=with_signs,
        infinity=walk.infinity,
        compiled=compiled,
    )


def _map(step: Callable[[list[Any]], Advance], batch: list[list[Any]], jobs: int) -> Iterable[Advance]:
    """The results in the order of the batch; the kernel lets go of the interpreter, so threads do."""
    if jobs == 1 or len(batch) == 1:
        return map(step, batch)
    from joblib import Parallel, delayed

    workers = Parallel(n_jobs=jobs, backend="threading", return_as="generator", pre_dispatch="all")
    results: Iterator[Advance] = workers(delayed(step)(task) for task in batch)
    return results


def _added(walk: Walk, so_far: CellCount, found: Advance) -> CellCount:
    if walk.mirrored:
        bounded = 0
    else:
        # without infinity and without a mirror there is no form at all, and the only cell is a point of L
        bounded = found.n_cells - found.n_unbounded
    return replace(
        so_far,
        n_cells=so_far.n_cells + found.n_cells * (2 if walk.mirrored else 1),
        n_relatively_bounded=so_far.n_relatively_bounded + bounded,
        n_plain=so_far.n_plain + found.n_plain,
    )


def _stopped(
    what: str, walk: Walk, so_far: CellCount, items: Iterable[Any], max_cells: int | None
) -> LimitReached:
    signs = tuple(walk.signs_of(as_open_cell(item, walk.n_names)) for item in items)
    partial_count = replace(so_far, open=signs)
    return LimitReached(
        what,
        where=f"{walk.n_columns} forms in {walk.dimension} homogeneous coordinates",
        got=f"{so_far.n_cells} cells found, {len(signs)} parts still open",
        expected=None if max_cells is None else f"at most {max_cells} cells",
        hint="go on with resume=error.partial, and a higher limit if there is one",
        partial=partial_count,
    )


# -- tables --------------------------------------------------------------------------------------------


def _table(walk: Walk, found: Advance) -> SignTable:
    """The signs of the columns: those of the names, with repeated and constant columns filled in."""
    assert found.signs is not None
    words = np.concatenate([found.signs, ~found.signs]) if walk.mirrored else found.signs
    n = walk.n_columns
    n_words = -(-n // 64)
    positive = words[:, :n_words].copy()
    if positive.shape[1] < n_words:  # trailing columns without a form of their own
        positive = np.pad(positive, ((0, 0), (0, n_words - positive.shape[1])))
    for column, (name, factor) in enumerate(walk.columns):
        if name == column:
            continue
        if name < 0:
            bits = np.full(len(words), 1 if factor > 0 else 0, dtype=np.uint64)
        else:
            bits = words[:, name >> 6] >> np.uint64(name & 63) & np.uint64(1)
            bits = bits if factor > 0 else bits ^ np.uint64(1)
        place = np.uint64(column & 63)
        positive[:, column >> 6] &= ~(np.uint64(1) << place)
        positive[:, column >> 6] |= bits << place
    return sign_table(positive, n)


def sign_table(positive: NDArray[np.uint64], n_columns: int) -> SignTable:
    """The table without zeros that has these words (n_rows x n_words) as its positive plane.

    Examples
    --------
    >>> sign_table(np.array([[2]], dtype=np.uint64), 3).unpack().tolist()
    [[-1, 1, -1]]
    """
    mask = _mask(n_columns)
    positive = positive & mask
    negative = ~positive & mask
    positive.flags.writeable = False
    negative.flags.writeable = False
    return SignTable(positive, negative, n_columns)


def _mask(n_columns: int) -> NDArray[np.uint64]:
    """The bits in use, word by word."""
    full, rest = divmod(n_columns, 64)
    words = [2**64 - 1] * full + ([2**rest - 1] if rest else [])
    return np.array(words, dtype=np.uint64)
