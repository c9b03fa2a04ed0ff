"""The engines that enumerate the cells of a part of a task, behind one interface: steps that can be left off.

All of them go depth first, through the layers in order, at each cell by the first switch that cuts it, the
positive side first, and begin with the switches that cut the lines of the domain, if it contains any. So the
order of the cells is one and the same, also when parts are walked one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exactnet.exact import pack_signs
from exactnet.geometry.exact_signs import ExactSigns, answer_questions
from exactnet.geometry.float_network import (
    FloatTask,
    fits_floats,
    float_task,
    narrowed,
    start_cells,
)
from exactnet.geometry.parts import Part, part_of_path, restricted
from exactnet.geometry.reference import Node, reference_cells
from exactnet.geometry.task import RegionTask
from exactnet.kernels.float_cells import FloatWalk, Status

__all__ = ["NO_LIMIT", "Engine", "Step", "steps"]

Engine: TypeAlias = Literal["float64", "lp", "reference"]
Words: TypeAlias = NDArray[np.uint64]

NO_LIMIT = 2**62

_BLOCK = 2**14  # cells a block
_BUDGET = 2**13  # splits between two looks at the keyboard
_MANY_QUESTIONS = 5000
_REFERENCE_BLOCK = 512
_RUNGS = ("n_float", "n_lattice", "n_structure", "n_anchored")


class Step(NamedTuple):
    """What has been found since the step before, and what is left of the part.

    Attributes
    ----------
    n_cells, n_bounded : new cells.
    words : their patterns, one row a cell, bit j % 64 of word j // 64 for switch j; no rows when counting.
    stats : signs decided since the step before, by the rung that has decided them.
    engine : which one has worked.
    still_open : the parts that are left, in the order in which they will come.
    is_over : the limit is reached, and at least one cell is left.
    """

    n_cells: int
    n_bounded: int
    words: Words
    stats: dict[str, int]
    engine: Engine
    still_open: Callable[[], list[Part]]
    is_over: bool = False


def steps(
    task: RegionTask, part: Part, *, engine: Engine, is_listing: bool, limit: int = NO_LIMIT
) -> Iterator[Step]:
    """The cells of one part of a task of full rank; floats that decide next to nothing leave it to integers.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> task = arrangement_task([(1, 0), (1, -1), (1, -2)])
    >>> first, = steps(task, (0, 0, 0), engine="reference", is_listing=True, limit=2)
    >>> first.words.tolist(), first.is_over, first.still_open()
    ([[7], [3]], True, [(1, -1, -1), (-1, 0, 0)])
    """
    if engine == "lp":
        yield from _lp_steps(task, part, is_listing, limit)
        return
    if engine == "float64" and task.n_switches and fits_floats(task):
        is_done = yield from _float_steps(task, part, is_listing, limit)
        if is_done:
            return
    yield from _reference_steps(restricted(task, part), is_listing, limit)


# -- certified floats ----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _shared_image(task: RegionTask) -> FloatTask:
    """Parts differ in their domains only, so they share the image of the layers."""
    return float_task(task)


def _float_steps(task: RegionTask, part: Part, is_listing: bool, limit: int) -> Generator[Step, None, bool]:
    """By the certified walk; returns False, before any pattern is handed out, if floats decide too little."""
    is_part = any(part)
    prepared = narrowed(_shared_image(task), restricted(task, part)) if is_part else float_task(task)
    walk = FloatWalk(prepared.network, block=_BLOCK if is_listing else 0)
    exact = ExactSigns(prepared.task, prepared.rows)
    before = walk.counts
    n_exact = n_exact_before = 0

    def step(start: int, *, is_over: bool = False) -> Step:
        nonlocal before, n_exact_before
        counts = walk.counts
        new = {name: counts[name] - before[name] for name in ("n_cells", "n_bounded", *_RUNGS)}
        stats = {name: new[name] for name in _RUNGS} | {"n_exact": n_exact - n_exact_before}
        before, n_exact_before = counts, n_exact
        on_stack = walk.open_cells()

        def still_open() -> list[Part]:
            later = [cell.slots for cell in islice(start_cells(prepared), start + 1, None)]
            return [_part(path, prepared, part) for path in (*on_stack(), *later)]

        return Step(new["n_cells"], new["n_bounded"], walk.take(), stats, "float64", still_open, is_over)

    start = -1
    for start, cell in enumerate(start_cells(prepared)):
        walk.open(cell)
        while (status := walk.advance(_BUDGET, limit=limit)) is not Status.DONE:
            if status is Status.ASK:
                n_exact += answer_questions(walk, exact, prepared.exponents)
                is_new = not (is_listing and before["n_cells"])
                if is_new and n_exact > _MANY_QUESTIONS and 2 * n_exact > walk.counts["n_float"]:
                    return False
                continue
            yield step(start, is_over=status is Status.LIMIT)
            if status is Status.LIMIT:
                return True
    yield step(start)
    return True


def _part(path: object, prepared: FloatTask, part: Part) -> Part:
    """The signs of a path, and those of the part it began in."""
    found = part_of_path(path, n_rows=len(prepared.rows), n_switches=len(part))  # type: ignore[arg-type]
    return tuple(sign or given for sign, given in zip(found, part, strict=True))


# -- linear programs -----------------------------------------------------------------------------------


def _lp_steps(task: RegionTask, part: Part, is_listing: bool, limit: int) -> Iterator[Step]:
    """By the tree of small linear programs."""
    from exactnet.geometry.lp_steps import lp_steps

    for step in lp_steps(task, part, is_listing=is_listing, limit=limit):
        yield Step(*step)


# -- plain integers ------------------------------------------------------------------------------------


def _reference_steps(task: RegionTask, is_listing: bool, limit: int) -> Iterator[Step]:
    """By the plain-Python integer engine."""
    n_cells = n_bounded = 0
    signs: list[Part] = []
    nodes: list[Node] = []

    def step(*, left: Part = (), is_over: bool = False) -> Step:
        nonlocal n_cells, n_bounded
        rows = np.array(signs, dtype=np.int8).reshape(len(signs), task.n_switches)
        there = list(nodes)

        def still_open() -> list[Part]:
            found = [left] if is_over else []
            return found + [_padded(node.signs, task.n_switches) for node in reversed(there)]

        words = pack_signs(rows).positive
        found = Step(n_cells, n_bounded, words, {}, "reference", still_open, is_over)
        signs.clear()
        n_cells = n_bounded = 0
        return found

    for n_found, cell in enumerate(reference_cells(task, still_open=nodes)):
        if n_found == limit:
            yield step(left=cell.signs, is_over=True)
            return
        n_cells += 1
        n_bounded += all(ray[-1] for ray in cell.rays)
        if is_listing:
            signs.append(cell.signs)
        if n_cells == _REFERENCE_BLOCK:
            yield step()
    yield step()


def _padded(signs: Part, n: int) -> Part:
    return signs + (0,) * (n - len(signs))
