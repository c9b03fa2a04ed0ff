"""The cells of a task by linear programs, step by step: certified floats first, exact programs for the rest.

See :mod:`exactnet.kernels.lp_tree` for the walk and :mod:`exactnet.geometry.lp_exact` for the exact part.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.exact import pack_signs
from exactnet.geometry.float_network import fits_floats, float_task, ray_floats
from exactnet.geometry.layers import Form
from exactnet.geometry.lp_exact import ExactRegion, ExactRegions, exact_point, positively_spans
from exactnet.geometry.task import RegionTask
from exactnet.kernels.lp_tree import LpStatus, LpTree
from exactnet.model import Activation

__all__ = ["LpStep", "LpWalk", "is_compact", "is_homogeneous", "lp_steps", "prefers_lp", "with_points"]

Words = NDArray[np.uint64]
Part = tuple[int, ...]

_BLOCK = 2**14  # cells a block
_BUDGET = 2**15  # units decided between two looks at the keyboard
_NO_LIMIT = 2**62
_EXACT_BLOCK = 512
_FEWEST_INPUTS = 8
_MOST_SWITCHES = 32
_CELL = 3
_NAMES = ("n_lp", "n_float", "n_structure", "n_exact")


class LpStep(NamedTuple):
    """What has been found since the step before, and what is left.

    Attributes
    ----------
    n_cells, n_bounded : new cells.
    words : their patterns, one row a cell, bit j % 64 of word j // 64 for switch j; no rows when counting.
    stats : programs solved in floats (n_lp); questions answered by a float64 bound (n_float), by structure
        (n_structure), by exact arithmetic (n_exact).
    engine : "lp".
    still_open : the parts that are left, in the order in which they will come.
    is_over : the limit is reached, and at least one cell is left.
    """

    n_cells: int
    n_bounded: int
    words: Words
    stats: dict[str, int]
    engine: Literal["lp"]
    still_open: Callable[[], list[Part]]
    is_over: bool = False


def lp_steps(
    task: RegionTask, part: Sequence[int] = (), *, is_listing: bool, limit: int = _NO_LIMIT
) -> Iterator[LpStep]:
    """The cells of one part of a task of full rank; the whole task if the part is empty or zero.

    Raises
    ------
    InputError : a part that cannot come from a walk over this task.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> task = arrangement_task([(1, 0), (1, -1), (1, -2)])
    >>> first, = lp_steps(task, is_listing=True, limit=2)
    >>> first.words.tolist(), first.is_over, first.still_open()
    ([[7], [3]], True, [(1, -1, -1), (-1, 0, 0)])
    """
    yield from LpWalk(task, is_listing=is_listing).steps(part, limit)


class LpWalk:
    """The walk over one task of full rank; `nodes` are those of its tree as far as it has come.

    Parameters
    ----------
    is_listing : whether steps have words.
    compiled : False for exact programs throughout.
    is_proving : whether to note the tree; a list of flat lists, witnesses in the coordinates of the task.
    """

    def __init__(
        self, task: RegionTask, *, is_listing: bool, is_proving: bool = False, compiled: bool = True
    ) -> None:
        self.task = task
        self.exact = ExactRegions(task)
        self.nodes: list[Sequence[int] | NDArray[np.int64]] = []
        self._is_listing, self._is_proving = is_listing, is_proving
        self._is_compiled = compiled
        self._is_homogeneous = is_homogeneous(task)
        self._exponents: tuple[int, ...] = ()
        self._by_hand: dict[int, Form] = {}
        self._stack: list[ExactRegion] = []
        self._n_cells = self._n_bounded = self._n_exact = 0
        self._words: list[Words] = []
        self._told: dict[str, int] = {}

    # -- the walk --------------------------------------------------------------------------------------

    def steps(self, part: Sequence[int], limit: int) -> Iterator[LpStep]:
        """See `lp_steps`."""
        root = self.exact.part(part) if any(part) else self.exact.root()
        if root is None:
            self.nodes.append(self.exact.empty_root())
            yield self._step(None, [])
            return
        tree = self._tree(root)
        if tree is None:
            self._stack.append(root)
            left = yield from self._exact_steps(None, limit)
            yield self._step(None, left)
            return
        while True:
            status = tree.advance(_BUDGET, limit=limit - self._n_cells)
            if status is LpStatus.ASK:
                self._answer(tree)
                continue
            self._collect(tree)
            if status is LpStatus.BY_HAND:
                self._stack.append(self._region(tree))
                tree.drop()
                left = yield from self._exact_steps(tree, limit)
                if not left:
                    continue
                yield self._step(tree, left)
                return
            yield self._step(tree, [], is_over=status is LpStatus.LIMIT)
            if status in (LpStatus.DONE, LpStatus.LIMIT):
                return

    def _tree(self, root: ExactRegion) -> LpTree | None:
        """The certified walk at this region, if it can begin there."""
        task = self.task
        if not self._is_compiled or not task.n_switches or task.dimension == 0 or not fits_floats(task):
            return None
        prepared = float_task(task)
        self._exponents = prepared.exponents
        tree = LpTree(
            prepared.network,
            is_homogeneous=self._is_homogeneous,
            is_compact=is_compact(task),
            block=_BLOCK if self._is_listing else 0,
            is_proving=self._is_proving,
        )
        rows = [name for name in root.rows if name > len(task.domain)]
        witness = self._floats(root.point)
        if not any(witness):  # homogeneous without a domain: any point will do
            witness = [1.0] * len(witness)
        zeros = self.exact.zeros(root)
        return tree if tree.open(witness, rows, root.signs, self.exact.first, zeros) else None

    def _collect(self, tree: LpTree) -> None:
        """Take over what the certified walk has found, before anything else is found."""
        if self._is_listing:
            self._words.append(tree.take())
        if self._is_proving:
            nodes = tree.take_nodes()
            if len(set(self._exponents)) > 1:
                self.nodes.append(with_points(nodes, self.task.dimension + 1, self._unscaled))
            else:
                self.nodes.append(nodes)

    def _step(self, tree: LpTree | None, left: list[Part], *, is_over: bool = False) -> LpStep:
        """What is new. `left` are open parts in front of those of the tree."""
        counts = {"n_cells": 0, "n_bounded": 0, "n_lp": 0, "n_float": 0, "n_structure": 0}
        counts |= tree.counts if tree is not None else {}
        counts["n_cells"] += self._n_cells
        counts["n_bounded"] += self._n_bounded
        counts["n_exact"] = self._n_exact
        new = {name: value - self._told.get(name, 0) for name, value in counts.items()}
        self._told = counts
        words = np.concatenate([np.zeros((0, -(-self.task.n_switches // 64)), dtype=np.uint64), *self._words])
        self._words.clear()
        parts = left + (tree.parts() if tree is not None else [])
        padded = [part + (0,) * (self.task.n_switches - len(part)) for part in parts]
        stats = {name: new[name] for name in _NAMES}
        is_over = is_over or bool(left)
        return LpStep(new["n_cells"], new["n_bounded"], words, stats, "lp", lambda: padded, is_over)

    # -- exact answers ---------------------------------------------------------------------------------

    def _exact_steps(self, tree: LpTree | None, limit: int) -> Generator[LpStep, None, list[Part]]:
        """Walk the regions on the exact stack; returns what is open in them when the limit is reached."""
        n_before = tree.counts["n_cells"] if tree is not None else 0
        nodes: list[int] = []
        found: list[Part] = []
        left: list[Part] = []
        for leaf in self.exact.leaves(self._stack, nodes):
            if n_before + self._n_cells == limit:
                left = [leaf.signs, *(region.signs for region in reversed(self._stack))]
                break
            self._n_cells += 1
            self._n_bounded += leaf.is_bounded
            found.append(leaf.signs)
            if len(found) == _EXACT_BLOCK:
                self._put(found)
                still = [region.signs for region in reversed(self._stack)]
                yield self._step(tree, still)._replace(is_over=False)
        self._n_exact += self.exact.take_count()
        self._put(found)
        self.nodes.append(nodes)
        return left

    def _put(self, found: list[Part]) -> None:
        """The signs as words."""
        if self._is_listing:
            rows = np.array(found, dtype=np.int8).reshape(len(found), self.task.n_switches)
            self._words.append(pack_signs(rows).positive)
        found.clear()

    def _answer(self, tree: LpTree) -> None:
        """Answer the question of the certified walk."""
        region, switch = self._region(tree), tree.question()
        if switch < 0:
            tree.answer_bounded(self.exact.is_bounded(region, guess=tree.guess()))
        else:
            decision = self.exact.decide(region, switch, guess=tree.guess())
            if decision.points:
                points = decision.points
                numbers = tree.answer_cut(self._floats(points[0]), self._floats(points[1]))
                for number, point in zip(numbers, points, strict=True):
                    if number is not None:
                        self._by_hand[number] = point
            elif decision.names:
                tree.answer_implied(decision.sign, decision.names)
            else:
                tree.answer_zero()
        self._n_exact += self.exact.take_count()

    def _region(self, tree: LpTree) -> ExactRegion:
        """The region at hand, exactly."""
        found = tree.region()
        if found.witness is None:
            point = self._by_hand.pop(found.number)
        else:
            witness = found.witness.tolist() + [1.0] * self._is_homogeneous
            point = exact_point(witness, self._exponents)
        rows = (0, *found.rows) if self._is_homogeneous else found.rows
        return ExactRegion(found.layer, found.signs, rows, point)

    def _floats(self, point: Form) -> list[float]:
        values = ray_floats(point, self._exponents)[0]
        return values[:-1] if self._is_homogeneous else values

    def _unscaled(self, point: Sequence[int]) -> Sequence[int]:
        """A point in the coordinates of the network as one in those of the task."""
        lowest = min(self._exponents)
        return [int(x) << (e - lowest) for x, e in zip(point, self._exponents, strict=True)]


# -- helpers -------------------------------------------------------------------------------------------


def with_points(
    nodes: Sequence[int] | NDArray[np.int64], size: int, change: Callable[[Sequence[int]], Sequence[int]]
) -> list[int]:
    """The nodes of a tree with all points of `size` entries changed.

    Examples
    --------
    >>> with_points([0, 0, 3, 1, 1, 3, -1, 1], 2, lambda point: [*point, 7])
    [0, 0, 3, 1, 1, 7, 3, -1, 1, 7]
    """
    given, changed, at = list(map(int, nodes)), [], 0
    while at < len(given):
        code = given[at]
        if code == _CELL:
            end = at + 1 + size
            changed += [code, *change(given[at + 1 : end])]
        else:
            end = at + 2 if code == 0 else at + 3 + given[at + 2] if code < _CELL else at + 2 + given[at + 1]
            changed += given[at:end]
        at = end
    return changed


def is_homogeneous(task: RegionTask) -> bool:
    """Whether no form has a constant, on no cell.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> is_homogeneous(arrangement_task([(1, 2, 0)])), is_homogeneous(arrangement_task([(1, 2, 1)]))
    (True, False)
    """
    has_points = any(layer.activation is Activation.HARDTANH or any(layer.bias) for layer in task.layers)
    return not has_points and not any(row[-1] for row in task.domain)


def is_compact(task: RegionTask) -> bool:
    """Whether the domain is bounded; it must have an interior.

    Examples
    --------
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> from exactnet.geometry.task import arrangement_task
    >>> interval, line = Polyhedron.box([0], [1]), None
    >>> [is_compact(arrangement_task([(1, 0)], domain)) for domain in (interval, line)]
    [True, False]
    """
    return positively_spans([row[:-1] for row in task.domain], task.dimension)


def prefers_lp(task: RegionTask) -> bool:
    """Whether linear programs are expected to be faster than vertices (:mod:`exactnet.kernels.float_cells`).

    Measured in essential dimensions (:func:`exactnet.geometry.reduction.reduce_task`) with Gaussian weights,
    in thousands of cells a second, programs against vertices. 6 inputs 45 : 100. 7 inputs 40-130 : 20-140,
    with a box 50-125 : 28-42, but with 40 switches 36 : 45. 8 inputs 30-155 : 13-132, with a box
    43-165 : 9-11. 10 inputs 107 : 43, with a box 113 : 0.5. Degenerate questions cost exact programs, so
    networks with small integers are for vertices longer.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> prefers_lp(arrangement_task([(1, 2, 0)]))
    False
    """
    return task.dimension >= _FEWEST_INPUTS or (
        task.dimension == _FEWEST_INPUTS - 1 and task.n_switches <= _MOST_SWITCHES
    )
