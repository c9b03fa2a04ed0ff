"""The proof that a list of cells is complete, at the speed of the certified walk.

:mod:`exactnet.kernels.float_proof` writes the nodes while it walks; what floats cannot decide is answered
here in integers. Small tasks, and those that floats do not do, are left to
:func:`exactnet.geometry.region_tree.reference_tree`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import comb, prod
from operator import mul
from typing import Literal

import numpy as np

from exactnet.errors import InvariantError, LimitReached
from exactnet.exact import primitive
from exactnet.geometry.exact_signs import ExactSigns, answer_questions
from exactnet.geometry.float_network import FloatTask, fits_floats, float_task, start_cells
from exactnet.geometry.hyperplanes import oriented
from exactnet.geometry.layers import Form
from exactnet.geometry.reduction import Reduction, reduce_task
from exactnet.geometry.region_tree import RegionTree, conic_basis, reference_tree
from exactnet.geometry.task import RegionTask
from exactnet.kernels.float_cells import Question, StartCell, Status
from exactnet.kernels.float_proof import Doubt, Frame, Ints, ProofLayout, ProofWalk
from exactnet.model import Activation

__all__ = ["network_tree"]

Progress = Callable[[str, int, int | None], None]

_BUDGET = 2**14  # steps between two looks at the keyboard
_FEW_CELLS = 100  # the reference is faster than loading the compiled loops
_LARGEST_EXPONENT = 500  # differences of two stay in the range of float64
_SPLIT, _POSITIVE, _NEGATIVE = range(3)  # codes of nodes


def network_tree(
    task: RegionTask,
    *,
    max_cells: int | None = None,
    progress: Progress | None = None,
    engine: Literal["float64", "reference"] | None = None,
) -> RegionTree:
    """A proof that the cells of a task are these and no others: the nodes of a record `region_tree`.

    Parameters
    ----------
    max_cells : stop before there are more.
    progress : called with ("cells", found so far, None).
    engine : "float64" for the certified walk (where it can do the task), "reference" for plain integers; by
        default it depends on the size.

    Returns
    -------
    RegionTree
        A split for every cell but one, a basis for every switch on every part that it does not cut, a point
        for every cell. Cost: a few times that of counting the cells.

    Raises
    ------
    LimitReached : there are more than `max_cells` cells.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> network_tree(arrangement_task([(1, 0), (1, -1)]), engine="float64").nodes.tolist()
    [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1]
    """
    reduction = reduce_task(task)
    reduced = reduction.reduced
    if engine is None:
        engine = "float64" if _most_cells(reduced) > _FEW_CELLS else "reference"
    if engine == "float64" and reduced.dimension and reduced.n_switches and fits_floats(reduced):
        prepared = float_task(reduced)
        if max(map(abs, prepared.exponents)) <= _LARGEST_EXPONENT:
            tree = _Producer(reduction, prepared).tree(max_cells, progress)
            if tree is not None:
                return tree
    tree = reference_tree(task)
    if max_cells is not None and tree.n_cells > max_cells:
        raise _too_many(max_cells)
    return tree


def _most_cells(task: RegionTask) -> int:
    """A bound on the number of cells: each layer is an arrangement on each cell of the layers before."""
    sums = [sum(comb(layer.n_switches, k) for k in range(task.dimension + 1)) for layer in task.layers]
    return prod(sums)


def _too_many(max_cells: int) -> LimitReached:
    return LimitReached(
        "the limit on the number of cells was reached",
        where="network_tree",
        expected=f"at most {max_cells} cells",
        hint="raise max_cells, or take a smaller domain; a part of a proof is worth nothing",
    )


class _Producer:
    """The stream of nodes of one task, and the exact answers on the way."""

    def __init__(self, reduction: Reduction, prepared: FloatTask) -> None:
        task = prepared.task
        self._reduction = reduction
        self._prepared = prepared
        self._n_rows = len(prepared.rows)
        self._exact = ExactSigns(task, prepared.rows)
        self._pieces: list[Ints] = []
        self._n_before = 0
        self._large: dict[int, Form] = {}
        layout = ProofLayout(
            n_inputs=reduction.task.dimension,
            places=reduction.kept,
            exponents=prepared.exponents,
            numbers=tuple(range(self._n_rows + task.n_switches)),
            lines=_lines(task),
            partners=_partners(task),
        )
        self._walk = ProofWalk(prepared.network, layout)

    def tree(self, max_cells: int | None, progress: Progress | None) -> RegionTree | None:
        """All nodes; None for a domain without interior."""
        walk, limit = self._walk, 2**62 if max_cells is None else max_cells
        is_empty = True
        for k, cell in enumerate(start_cells(self._prepared)):
            is_empty = False
            self._write(self._start_splits(cell, k))
            walk.open(cell)
            while (status := walk.advance(_BUDGET, limit=limit)) is not Status.DONE:
                match status:
                    case Status.ASK:
                        answer_questions(walk, self._exact, self._prepared.exponents)
                    case Status.PROVE:
                        self._settle_doubts()
                    case Status.BLOCK_FULL:
                        self._flush()
                    case Status.LIMIT:
                        raise _too_many(limit)
                if progress is not None:
                    progress("cells", walk.n_leaves, None)
        if is_empty:
            return None
        self._flush()
        nodes = np.concatenate(self._pieces)
        return RegionTree(self._with_large(nodes) if self._large else nodes, walk.n_leaves, walk.n_leaves)

    # -- the stream ------------------------------------------------------------------------------------

    def _write(self, numbers: Sequence[int]) -> None:
        self._flush()
        self._append(np.array(numbers, dtype=np.int64))

    def _flush(self) -> None:
        self._append(self._walk.nodes())

    def _append(self, piece: Ints) -> None:
        self._pieces.append(piece)
        self._n_before += len(piece)

    def _start_splits(self, cell: StartCell, k: int) -> list[int]:
        """The splits between the start cell before and this one, number k: it is a complete binary tree."""
        chosen = [form - self._n_rows for form, _ in cell.slots[self._n_rows :]]
        n_new = len(chosen) if k == 0 else (k & -k).bit_length() - 1
        return [x for j in chosen[len(chosen) - n_new :] for x in (_SPLIT, j)]

    def _with_large(self, nodes: Ints) -> tuple[int, ...]:
        numbers: list[int] = nodes.tolist()
        for place, point in self._large.items():
            numbers[place : place + len(point)] = point
        return tuple(numbers)

    # -- exact answers ---------------------------------------------------------------------------------

    def _settle_doubts(self) -> None:
        frame, pattern = self._walk.frame(), self._walk.pattern()
        signed = {
            number: tuple([sign * x for x in self._exact.form(number, pattern)])
            for number, sign in frame.slots
        }
        added: list[int] = []
        for doubt in self._walk.doubts():
            if doubt.place < 0:
                added += self._basis(doubt, pattern, signed)
            else:
                point = self._leaf(doubt, pattern, frame, signed)
                if not self._walk.fill_leaf(doubt.place, point):
                    self._large[self._n_before + doubt.place + 1] = point
        self._write(added)

    def _basis(self, doubt: Doubt, pattern: Sequence[int], signed: dict[int, Form]) -> tuple[int, ...]:
        """The node of a unit that does not cut the cell."""
        target = tuple([doubt.side * x for x in self._exact.form(doubt.form, pattern)])
        names = conic_basis([(number, form) for number, form in signed.items() if any(form)], target)
        if names is None:
            raise InvariantError("a unit cuts a cell", reproduction=f"{doubt!r}, {signed!r}, {pattern!r}")
        code = _POSITIVE if doubt.side > 0 else _NEGATIVE
        return code, doubt.form - self._n_rows, len(names), *names

    def _leaf(
        self, doubt: Doubt, pattern: Sequence[int], frame: Frame, signed: dict[int, Form]
    ) -> tuple[int, ...]:
        """A point inside a cell, or inside the side of it on which a unit has the sign of the doubt."""
        rays = list(self._rays(frame, pattern))
        bounds = [form for number, form in signed.items() if number and any(form)]
        middle = _sum_of(rays)
        if doubt.form >= 0:
            target = tuple([doubt.side * x for x in self._exact.form(doubt.form, pattern)])
            bounds.append(target)
            near = _sum_of([ray for ray in rays if _value(target, ray) > 0])
            rest = _sum_of([ray for ray in rays if _value(target, ray) <= 0])
            ahead, behind = _value(target, near), -_value(target, rest)
            share = min(Fraction(1), ahead / (2 * behind)) if behind else Fraction(1)
            middle = [x + share * y for x, y in zip(near, rest, strict=True)]
        return self._reduction.lift(_rounded([x / middle[-1] for x in middle[:-1]], bounds))

    def _rays(self, frame: Frame, pattern: Sequence[int]) -> Iterator[Form]:
        for bits in frame.tight:
            tight = tuple(f for k, (f, _) in enumerate(frame.slots) if bits >> k & 1)
            others = tuple((f, s) for k, (f, s) in enumerate(frame.slots) if not bits >> k & 1)
            yield self._exact.ray(Question(-1, -1, tight, others), pattern)


def _lines(task: RegionTask) -> tuple[int, ...]:
    """For each switch the first one of its layer with parallel weights; zeros are parallel to nothing."""
    lines: list[int] = []
    for layer in task.layers:
        first: dict[Form, int] = {}
        for row in layer.weight.numerators[: layer.n_switching]:
            key = oriented(primitive(row))
            for _ in layer.activation.breakpoints:
                lines.append(first.setdefault(key, len(lines)) if any(row) else len(lines))
    return tuple(lines)


def _partners(task: RegionTask) -> tuple[int, ...]:
    """For each switch of a hardtanh unit the other one; -1 for other units."""
    return tuple(
        offset + (j ^ 1) if layer.activation is Activation.HARDTANH else -1
        for offset, layer in zip(task.offsets, task.layers, strict=False)
        for j in range(layer.n_switches)
    )


def _sum_of(rays: Sequence[Form]) -> list[Fraction]:
    """The sum of the rays, each scaled to largest entry 1."""
    sizes = [max(map(abs, ray)) for ray in rays]
    return [
        sum((Fraction(x, size) for x, size in zip(column, sizes, strict=True)), Fraction(0))
        for column in zip(*rays, strict=True)
    ]


def _value(form: Form, point: Sequence[Fraction | int]) -> Fraction:
    return Fraction(sum(map(mul, form, point)))


def _rounded(point: Sequence[Fraction], bounds: Sequence[Form]) -> Form:
    """The point (x, w) on the coarsest grid of a power of two that lies strictly inside all forms."""
    w = 1
    while True:
        rounded = (*[round(x * w) for x in point], w)
        if all(_value(form, rounded) > 0 for form in bounds):
            return rounded
        w *= 2
