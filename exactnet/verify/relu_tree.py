"""The tree of a search by ReLU splits, and its node stream in the codes of FORMAT.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from exactnet.verify.relu_ascent import Guess
from exactnet.verify.relu_float import LiveNetwork
from exactnet.verify.relu_leaf import Proof, SplitUnit
from exactnet.verify.relu_units import Array, Bounds

if TYPE_CHECKING:
    from exactnet.certificate._verification_walk import Node as Known

__all__ = ["Node", "stream"]

_BISECT, _SPLIT, _REFINE, _CLOSE, _CLOSE_SOME, _EMPTY, _OPEN = range(7)


@dataclass(eq=False)
class Node:
    """A node of a search: what is known about the units, and what has become of the cases.

    Attributes
    ----------
    bounds : of the units; None once the node needs them no more.
    splits : the path, in order.
    open : cases that are not closed yet.
    seen : the bounds of the units in the integers of the checkers, where they are known.
    guesses : multipliers to start from, for each open case.
    before, after : proofs of cases that were closed before and after the refinement of this node.
    refined : whether the node has a code 2; empty : whether it has no point.
    split : layer and live unit of its two children, both from 0.
    waiting : splits on its path since the last refinement that a refinement could make use of.
    """

    bounds: Bounds | None
    splits: tuple[SplitUnit, ...]
    open: tuple[int, ...]
    seen: Known | None = None
    guesses: dict[int, Guess] = field(default_factory=dict)
    before: dict[int, Proof] = field(default_factory=dict)
    after: dict[int, Proof] = field(default_factory=dict)
    refined: bool = False
    empty: bool = False
    split: tuple[int, int] | None = None
    children: tuple[Node, ...] = ()
    waiting: int = 0

    @property
    def known(self) -> Bounds:
        """The bounds of a node that is not finished."""
        assert self.bounds is not None
        return self.bounds

    def signs(self, net: LiveNetwork) -> tuple[Array, ...]:
        """One array a layer: the signs of the split units, 0 for the others."""
        signs = tuple(np.zeros(len(layer.bias)) for layer in net.layers)
        for layer, unit, sign in self.splits:
            signs[layer][unit] = sign
        return signs

    def close(self, proofs: dict[int, Proof]) -> None:
        """Take cases out of the open ones."""
        (self.after if self.refined else self.before).update(proofs)
        self.open = tuple(case for case in self.open if case not in proofs)

    def divide(self, split: tuple[int, int], known: Sequence[Known | None], *, is_early: bool) -> None:
        """Split a unit: the children z >= 0 and z <= 0.

        Parameters
        ----------
        split : layer and live unit, both from 0.
        known : what the checkers see at the children.
        is_early : whether a refinement of the children may gain by this split.
        """
        waiting = (0 if self.refined else self.waiting) + is_early
        self.split = split
        self.children = tuple(
            Node(
                self.known.split(*split, sign),
                (*self.splits, (*split, sign)),
                self.open,
                seen,
                dict(self.guesses),
                waiting=waiting,
            )
            for sign, seen in zip((1, -1), known, strict=True)
        )

    def finish(self) -> None:
        """Forget what only a node that is still to be visited needs."""
        self.bounds, self.seen, self.guesses = None, None, {}


def stream(root: Node, cases: Iterable[int], net: LiveNetwork) -> tuple[tuple[int, ...], int, bool]:
    """The node stream for some cases of a search, its number of leaves, and whether none is open.

    A node at which all of these cases are closed is a leaf, whatever the search did below it for others.
    """
    out: list[int] = []
    n_leaves, is_complete = 0, True
    todo = [(root, tuple(sorted(cases)))]
    while todo:
        node, left = todo.pop()
        left = _closed(out, node.before, left)
        if left and node.refined:
            out.append(_REFINE)
            if node.empty:
                out.append(_EMPTY)
                left = ()
            left = _closed(out, node.after, left)
        elif left and node.empty:
            out.append(_EMPTY)
            left = ()
        if left and node.split is not None:
            layer, unit = node.split
            out += [_SPLIT, layer + 1, int(net.layers[layer].units[unit])]
            todo += [(child, left) for child in reversed(node.children)]
            continue
        n_leaves += 1
        if left:
            out.append(_OPEN)
            is_complete = False
    return tuple(out), n_leaves, is_complete


def _closed(out: list[int], proofs: dict[int, Proof], left: tuple[int, ...]) -> tuple[int, ...]:
    """Write the proofs of the cases that are closed here; returns those that are left."""
    here = tuple(case for case in left if case in proofs)
    if not here:
        return left
    rest = tuple(case for case in left if case not in proofs)
    out += [_CLOSE_SOME, len(here), *here] if rest else [_CLOSE]
    for case in here:
        out += proofs[case]
    return rest
