"""The end of a search: the few undecided units of a box are split one by one, and exact programmes decide.

In each part of the box where every unit is dead or active the network is one affine map, and the question
whether a case can hold there is a linear programme over the rationals. Its answer is a proof (code -2 of
FORMAT.md), which tells strict from non-strict, or a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from exactnet.model.property import Case
from exactnet.verify.exact_leaf import exact_leaf
from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.proofs import Limits

__all__ = ["MOST_UNDECIDED", "Decided", "ExactNode", "exact_tree"]

Point = tuple[Fraction, ...]
# the checker rounds bounds outward: a unit whose bound is so near to 0 may be unstable there
_NEAR = 2.0**-24
MOST_UNDECIDED = 8


@dataclass(frozen=True)
class ExactNode:
    """A box with what is known about it.

    Parameters
    ----------
    net : the network.
    numbers, cases : the cases that are still open.
    box : its lower and upper corner.
    lower, upper : float bounds of the pre-activations of all units.
    """

    net: ReluNetwork
    numbers: tuple[int, ...]
    cases: tuple[Case, ...]
    box: tuple[Point, Point]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True)
class Decided:
    """The nodes of the subtree and its leaves; or a point that satisfies a case."""

    nodes: tuple[int, ...]
    n_leaves: int
    is_complete: bool
    witness: Point | None


def exact_tree(node: ExactNode, limits: Limits) -> Decided:
    """Decide the open cases of a box by splits of units and exact linear programmes.

    Cost: up to 2^k programmes for k units that may be unstable; with more than 8 of them the box stays an
    open leaf, and so do parts that `limits` does not reach.
    """
    states: list[int | None] = []
    units: list[tuple[int, int]] = []
    k = 0
    for number, layer in enumerate(node.net.layers, start=1):
        for j in range(layer.n_units):
            low, high = node.lower[k], node.upper[k]
            if not layer.is_relu[j] or low > _NEAR:
                states.append(1)
            elif high < -_NEAR:
                states.append(0)
            else:
                states.append(None)
            units.append((number, j))
            k += 1
    if states.count(None) > MOST_UNDECIDED:
        return Decided((6,), 1, False, None)
    return _Walk(node, limits, units).visit(states, [])


class _Walk:
    """The recursion over the undecided units, first layers first."""

    def __init__(self, node: ExactNode, limits: Limits, units: list[tuple[int, int]]) -> None:
        self.node, self.limits, self.units = node, limits, units

    def visit(self, states: list[int | None], splits: list[tuple[int, int, int]]) -> Decided:
        if self.limits.is_over:
            return Decided((6,), 1, False, None)
        undecided = next((k for k, state in enumerate(states) if state is None), None)
        if undecided is None:
            return self.leaf([state == 1 for state in states], splits)
        layer, j = self.units[undecided]
        nodes: list[int] = [1, layer, j]
        n_leaves, complete = 0, True
        for state, sign in ((1, 1), (0, -1)):
            states[undecided] = state
            part = self.visit(states, [*splits, (layer, j, sign)])
            if part.witness is not None:
                return part
            nodes += part.nodes
            n_leaves += part.n_leaves
            complete = complete and part.is_complete
        states[undecided] = None
        return Decided(tuple(nodes), n_leaves, complete, None)

    def leaf(self, states: list[bool], splits: list[tuple[int, int, int]]) -> Decided:
        rest = iter(states)
        active = [list(islice(rest, layer.n_units)) for layer in self.node.net.layers]
        nodes: list[int] = [3]
        for case in self.node.cases:
            found = exact_leaf(self.node.net, active, splits, case, self.node.box)
            if found.point is not None:
                return Decided((), 0, False, found.point)
            if found.proof is None:
                return Decided((6,), 1, False, None)
            nodes += found.proof
        return Decided(tuple(nodes), 1, True, None)
