"""Branch and bound over ReLU splits for cases with one box, in batches of nodes; can be continued at will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exactnet.verify.exact_leaf import Leaf
from exactnet.verify.proofs import Limits
from exactnet.verify.relu_ascent import Ascent, Batch, CaseRows, ascend
from exactnet.verify.relu_branch import chosen_splits, is_refined_next
from exactnet.verify.relu_exact import ExactBounds
from exactnet.verify.relu_float import FloatTask, refined
from exactnet.verify.relu_leaf import Proof, proofs_of, quick_proofs
from exactnet.verify.relu_tree import Node
from exactnet.verify.relu_units import Array

__all__ = ["ReluSearch", "Setting"]

_BATCH = 16
_STEPS = 20
_LAST_STEPS = 100
_MANY_INPUTS = 100


@dataclass(frozen=True)
class Setting:
    """What all searches on a box share.

    Parameters
    ----------
    task : the root.
    exact : the same in integers.
    n_units : of each layer of the whole network.
    rows : of every case, under its number.
    limits : of the whole work.
    decide : asked about a case at a node without open units, with those that are active; (None, None)
        leaves it open.
    seems : asked about points of the box at which the rows of a case seem to hold; true ends the search.
    """

    task: FloatTask
    exact: ExactBounds
    n_units: tuple[int, ...]
    rows: dict[int, CaseRows]
    limits: Limits
    decide: Callable[[Node, int, list[list[bool]]], Leaf]
    seems: Callable[[Array, int], bool]


@dataclass
class _Left:
    """Pairs of a node and a case that an attempt has not closed."""

    pairs: list[tuple[Node, int]]
    batch: Batch
    ascent: Ascent

    def hardest(self, nodes: list[Node]) -> _Left:
        """For each of these nodes the pair with the lowest bound."""
        lowest: dict[int, int] = {}
        for p, (node, _) in enumerate(self.pairs):
            value = self.ascent.value[p]
            if id(node) not in lowest or value < self.ascent.value[lowest[id(node)]]:
                lowest[id(node)] = p
        return self.take(np.array([lowest[id(node)] for node in nodes], dtype=np.int64))

    def take(self, which: NDArray[np.int64]) -> _Left:
        """Some of the pairs."""
        return _Left([self.pairs[p] for p in which], self.batch.take(which), self.ascent.take(which))


@dataclass
class ReluSearch:
    """A search for some cases; `advance` works on it.

    Attributes
    ----------
    setting : see there.
    root : the tree so far.
    stack : nodes still to be visited, the next one last.
    stuck : cases that some leaf leaves open for good, in float32 semantics.
    point : whether `seems` has said yes; then nothing goes on.
    counts : nodes, refinements, exact programmes.
    """

    setting: Setting
    root: Node
    stack: list[Node] = field(default_factory=list)
    stuck: set[int] = field(default_factory=set)
    point: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> set[int]:
        """The cases that are not refuted yet, those that are stuck included."""
        return self.stuck.union(*(node.open for node in self.stack))

    @property
    def progress(self) -> float:
        """Share of the tree that is done, if both halves of every node are alike."""
        return 1.0 - sum(2.0 ** -len(node.splits) for node in self.stack)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do, or no use in doing it."""
        return not self.stack or self.point or bool(self.stuck)

    def advance(self, n_nodes: int) -> None:
        """Visit about so many nodes, unless the work ends before or the limits are met."""
        end = self.counts.get("n_nodes", 0) + n_nodes
        while not self.is_over and self.counts.get("n_nodes", 0) < end and not self.setting.limits.is_over:
            taken = [self.stack.pop() for _ in range(min(_BATCH, len(self.stack)))]
            self._count("n_nodes", len(taken))
            self._visit(taken)

    def _count(self, name: str, n: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + n

    def _visit(self, nodes: list[Node]) -> None:
        left = self._attempt(nodes)
        again = []
        for node in nodes:
            if node.open and not self.point and is_refined_next(node):
                self._refine(node)
                again.append(node)
        if left is not None:
            self._branch(left, [node for node in nodes if node.open and node not in again])
        left = self._attempt([node for node in again if node.open])
        if left is not None:
            self._branch(left, [node for node in again if node.open])
        for node in nodes:
            node.finish()

    def _refine(self, node: Node) -> None:
        node.bounds = refined(self.setting.task.net, node.known)
        node.seen = self.setting.exact.refine(node.seen)
        node.refined = True
        self._count("n_refined")
        if node.bounds.is_empty:
            node.empty = True
            node.open = ()

    def _batch(self, pairs: list[tuple[Node, int]]) -> Batch:
        net = self.setting.task.net
        return Batch(
            net,
            [node.known for node, _ in pairs],
            [node.signs(net) for node, _ in pairs],
            [self.setting.rows[case] for _, case in pairs],
        )

    def _attempt(self, nodes: list[Node]) -> _Left | None:
        """Close what can be closed; what is left, with the multipliers reached, stays with the nodes."""
        pairs = [(node, case) for node in nodes for case in node.open]
        if not pairs or self.point:
            return None
        batch = self._batch(pairs)
        still = self._close(pairs, quick_proofs(batch))
        if not still:
            return None
        pairs, batch = [pairs[p] for p in still], batch.take(np.array(still))
        return self._climb(pairs, batch, _STEPS)

    def _climb(self, pairs: list[tuple[Node, int]], batch: Batch, n_steps: int) -> _Left | None:
        found = ascend(batch, batch.resumed([node.guesses.get(case) for node, case in pairs]), n_steps)
        proofs = proofs_of(batch, found.guess, [node.splits for node, _ in pairs])
        still = self._close(pairs, proofs)
        if not still:
            return None
        left = _Left(pairs, batch, found).take(np.array(still))
        for p, (node, case) in enumerate(left.pairs):
            node.guesses[case] = left.ascent.guess.take(np.array([p]))
        self._look(left)
        return left

    def _look(self, left: _Left) -> None:
        """Do the minimisers of the bounds satisfy the rows?"""
        h = left.ascent.points
        for layer in self.setting.task.net.layers:
            h = h @ layer.weight.T + layer.bias
            h = np.where(layer.is_relu, np.maximum(h, 0.0), h)
        rows = np.einsum("prk,pk->pr", left.batch.outputs, h) - left.batch.bound
        if left.batch.inputs is not None:
            rows = rows + np.einsum("prk,pk->pr", left.batch.inputs, left.ascent.points)
        worst = np.max(np.where(left.batch.has_row, rows, -np.inf), axis=1, initial=-np.inf)
        for p in np.flatnonzero(worst <= 0):
            if self.setting.seems(left.ascent.points[p], left.pairs[p][1]):
                self.point = True
                return

    def _branch(self, left: _Left, nodes: list[Node]) -> None:
        if not nodes or self.point:
            return
        hard = left.hardest(nodes)
        rows = [self.setting.rows[case] for _, case in hard.pairs]
        splits = chosen_splits(self.setting.task.net, nodes, rows, hard.batch, hard.ascent)
        for node, split in zip(nodes, splits, strict=True):
            if split is None:
                self._decide(node)
            else:
                self._divide(node, split)

    def _divide(self, node: Node, split: tuple[int, int]) -> None:
        layers, exact = self.setting.task.net.layers, self.setting.exact
        layer, unit = split[0], int(layers[split[0]].units[split[1]])
        seen = [exact.split(node.seen, layer, unit, sign) for sign in (1, -1)]
        is_early = any(bool(later.is_relu.any()) for later in layers[layer + 1 :])
        node.divide(split, seen, is_early=is_early)
        self.stack += reversed(node.children)

    def _decide(self, node: Node) -> None:
        """Nothing is unstable in floats: units near 0 are split, and exact programmes decide the parts."""
        active, unit = self._states(node)
        if unit is not None:
            self._divide(node, unit)
            return
        net = self.setting.task.net
        if not self.point and (net.float32 or len(net.lo) > _MANY_INPUTS):
            pairs = [(node, case) for case in node.open]
            self._climb(pairs, self._batch(pairs), _LAST_STEPS)
        for case in node.open:
            if self.point:
                return
            self._count("n_exact")
            found = self.setting.decide(node, case, active)
            if found.proof is not None:
                node.close({case: found.proof})
            elif found.point is not None:
                self.point = True
        self.stuck.update(node.open)

    def _states(self, node: Node) -> tuple[list[list[bool]], tuple[int, int] | None]:
        """Which units are active, layer by layer; and a live unit that is open for the checkers, if any."""
        states = self.setting.exact.states(node.seen)
        active = []
        for m, (layer, units) in enumerate(zip(self.setting.task.net.layers, node.known.layers, strict=True)):
            if states is None:
                unclear = np.flatnonzero(units.is_open)
                on = ~units.is_relu | (units.lower >= 0) & (units.upper > 0)
            else:
                seen = [states[m][u] for u in layer.units]
                unclear = np.flatnonzero([state is None for state in seen])
                on = np.array([state == 1 for state in seen], dtype=np.bool_)
            if len(unclear):
                return [], (m, int(unclear[0]))
            whole = [False] * self.setting.n_units[m]
            for u in layer.units[on].tolist():
                whole[u] = True
            active.append(whole)
        return active, None

    def _close(self, pairs: list[tuple[Node, int]], proofs: list[Proof | None]) -> list[int]:
        """Close with the proofs that the integers confirm; the places of the pairs that stay open."""
        still = []
        for p, ((node, case), proof) in enumerate(zip(pairs, proofs, strict=True)):
            if proof is not None and self.setting.exact.accepts(node.seen, case, proof):
                node.close({case: proof})
            else:
                self._count("n_refused", proof is not None)
                still.append(p)
        return still
