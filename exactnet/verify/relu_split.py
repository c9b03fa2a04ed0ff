"""Refute cases of a property by splitting ReLUs: the engine for networks with many inputs.

Branch and bound (Bunel et al. 2020) with the multipliers of beta-CROWN (Wang et al. 2021) in float64. It
hands over trees in the codes of FORMAT.md, about which the checkers decide; nothing is believed here.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from exactnet.model.property import Property
from exactnet.verify.exact_leaf import Leaf, exact_leaf
from exactnet.verify.input_split import confirmed
from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.proofs import Limits, Search, Tree
from exactnet.verify.relu_ascent import case_rows
from exactnet.verify.relu_exact import ExactBounds
from exactnet.verify.relu_float import root_task
from exactnet.verify.relu_search import ReluSearch, Setting
from exactnet.verify.relu_tree import Node, stream
from exactnet.verify.relu_units import Array

__all__ = ["prove_by_relu_splitting"]

# all cases stay together while it looks as if so many nodes suffice; else each gets a tree of its own
_MOST_TOGETHER = 4000
_TURN = 200


def prove_by_relu_splitting(
    net: ReluNetwork,
    prop: Property,
    cases: tuple[int, ...],
    *,
    float32: bool,
    grid: int,
    limits: Limits,
) -> Search:
    """Search a tree, or several, that refute these cases.

    All cases begin in one tree; those that are still open after some hundred nodes get a tree each, and the
    work goes round among these. Ties are decided by exact programmes in real arithmetic; in float32
    semantics they stay open, because every bound has its noise.

    Parameters
    ----------
    net, prop : the lowered network and the property.
    cases : numbers of cases with the same box, which is not empty.
    float32 : whether the bounds allow for the rounding of binary32.
    grid : binary digits of the bounds.
    limits : time and nodes.

    Returns
    -------
    Search : `tree` and `more` are complete and for different cases; what they leave out is not refuted.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.model.property import Case, Row
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([
    ...     ([[1], [-1], [1], [-1]], ["-1/2", "1/2", "1/2", "-1/2"]),
    ...     ([[1, 1, -1, -1]], [0]),                                               # |x - 1/2| - |x + 1/2|
    ... ]))
    >>> def search(bound):
    ...     case = Case((Fraction(-1),), (Fraction(1),), (Row.from_terms({}, {0: -1}, bound),))
    ...     prop = Property(1, 1, (case,))
    ...     return prove_by_relu_splitting(net, prop, (0,), float32=False, grid=44, limits=Limits(5))
    >>> search("-9/8").tree.is_complete                                            # is it ever 9/8 or more?
    True
    >>> search(-1).witness
    (Fraction(-1, 1),)
    """
    work = _Work(net, prop, cases, float32, grid, limits)
    work.run()
    return work.result()


class _Work:
    """One call of the engine."""

    def __init__(
        self,
        net: ReluNetwork,
        prop: Property,
        cases: tuple[int, ...],
        float32: bool,
        grid: int,
        limits: Limits,
    ) -> None:
        self.net, self.prop, self.cases, self.float32 = net, prop, cases, float32
        box = prop.cases[cases[0]]
        self.box = box.lower, box.upper
        self.task = root_task(net, *self.box, float32=float32, grid=grid)
        rows = {c: case_rows(prop.cases[c], net.n_inputs, net.n_outputs) for c in cases}
        exact = ExactBounds(net, prop, cases, float32=float32, grid=grid)
        n_units = tuple(layer.n_units for layer in net.layers)
        self.setting = Setting(self.task, exact, n_units, rows, limits, self.decide, self.seems)
        self.seen = exact.root()
        self.limits = limits
        self.witness: tuple[Fraction, ...] | None = None
        self.searches = [self._search(cases)]
        self.done: list[tuple[ReluSearch, tuple[int, ...]]] = []

    def _search(self, cases: tuple[int, ...]) -> ReluSearch:
        root = Node(self.task.bounds, (), cases, None if self.seen is None else self.seen.copy())
        return ReluSearch(self.setting, root, [root])

    def run(self) -> None:
        """All cases together for a while, then each that is left on its own, in turns.

        A part that stays open for good ends it all.
        """
        first = self.searches[0]
        while not first.is_over and not self._is_out():
            first.advance(min(_TURN, self._nodes_left()))
            if len(self.cases) > 1 and self._total("n_nodes") > _MOST_TOGETHER * first.progress:
                break
        left = first.left
        closed = tuple(c for c in self.cases if c not in left)
        if closed and self.witness is None:
            self.done.append((first, closed))
        if first.stuck or len(self.cases) == 1:
            return
        turns = deque((self._search((c,)), c) for c in sorted(left))
        self.searches += [search for search, _ in turns]
        while turns and self.witness is None and not self._is_out():
            search, case = turns.popleft()
            search.advance(min(_TURN, self._nodes_left()))
            if search.stuck:
                return
            if search.left:
                turns.append((search, case))
            else:
                self.done.append((search, (case,)))

    def _is_out(self) -> bool:
        return self.limits.is_over or self._nodes_left() <= 0

    def _nodes_left(self) -> int:
        return self.limits.max_nodes - self._total("n_nodes")

    def _total(self, name: str) -> int:
        return sum(search.counts.get(name, 0) for search in self.searches)

    def decide(self, node: Node, case: int, active: list[list[bool]]) -> Leaf:
        """An exact programme, where its answer counts."""
        if self.float32:
            return Leaf()
        layers = self.task.net.layers
        splits = [(layer + 1, int(layers[layer].units[unit]), sign) for layer, unit, sign in node.splits]
        found = exact_leaf(self.net, active, splits, self.prop.cases[case], self.box)
        if found.point is not None:
            self.witness = found.point
        return found

    def seems(self, x: Array, case: int) -> bool:
        """Is this point, moved into the exact box, a counterexample?"""
        self.witness = confirmed(self.net, [self.prop.cases[case]], x, float32=self.float32)
        return self.witness is not None

    def result(self) -> Search:
        """The trees of the refuted cases, or the point."""
        trees = []
        for search, cases in self.done:
            nodes, n_leaves, is_complete = stream(search.root, cases, self.task.net)
            trees.append(Tree(cases, nodes, n_leaves, is_complete))
        stats = {name: self._total(name) for name in ("n_nodes", "n_refined", "n_exact", "n_refused")}
        return Search(trees[0] if trees else None, self.witness, self._reason(), stats, tuple(trees[1:]))

    def _reason(self) -> str:
        if self.witness is not None:
            return "a point satisfies a case"
        if sum(len(cases) for _, cases in self.done) == len(self.cases):
            return "refuted"
        if any(search.stuck for search in self.searches):
            return "a part without open units is within the rounding noise"
        return "out of time" if self.limits.is_over else "out of nodes"
