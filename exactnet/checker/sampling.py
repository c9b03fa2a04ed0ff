"""A look at some leaves of a tree only: which part of the list of nodes has to be walked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from exactnet.checker.read import reject, show

__all__ = ["Sample", "Shape"]


@dataclass(frozen=True)
class Sample:
    """How many leaves of each tree to look at, and the seed of their choice."""

    n_leaves: int
    seed: int


class Shape:
    """The shape of a tree, which the codes alone determine, and a random choice of its leaves.

    Attributes
    ----------
    n_leaves : number of all leaves.
    n_cells : number of those that are cells.
    n_open : number of those that claim nothing.
    """

    def __init__(self, nodes: Sequence[int], n_inputs: int, sample: Sample) -> None:
        self.n_leaves = self.n_cells = self.n_open = 0
        # for the first node of each child of a split: its end, and the numbers of its leaves
        self._branches: dict[int, tuple[int, int, int]] = {}
        self._read(nodes, n_inputs)
        everything = range(self.n_leaves)
        self._wanted = sorted(Random(sample.seed).sample(everything, min(sample.n_leaves, self.n_leaves)))

    def looked_at(self, name: str) -> str:
        """Say how much of the tree was seen."""
        return f"{len(self._wanted)} of {self.n_leaves} leaves of {name}"

    def skip(self, at: int) -> int | None:
        """The end of the branch that begins here, if none of its leaves is wanted; else None."""
        branch = self._branches.get(at)
        if branch is None:
            return None
        end, first, last = branch
        position = bisect_left(self._wanted, first)
        return end if position == len(self._wanted) or self._wanted[position] >= last else None

    def _read(self, nodes: Sequence[int], n_inputs: int) -> None:
        """Follow the codes from the first node to the last."""
        # a branch that is not complete: its first node, its first leaf, whether a sibling follows
        branches: list[tuple[int, int, bool]] = [(0, 0, False)]
        at = 0
        while branches:
            code = nodes[at] if at < len(nodes) else None
            if code is None:
                reject("the tree ends before its last leaf")
            start, at = at, at + _length(nodes, at, n_inputs)
            if code == 0:
                branches.append((at, self.n_leaves, True))
            elif code in (3, 4, 5):
                self.n_leaves += 1
                self.n_cells += code == 3
                self.n_open += code == 5
                self._finish(branches, at)
            elif code not in (1, 2):
                reject(f"nodes[{start}]: no node has the code {show(code)}")
        if at != len(nodes):
            reject("the list of nodes does not end with the tree")

    def _finish(self, branches: list[tuple[int, int, bool]], at: int) -> None:
        """Close the branches that end with this leaf, and open the sibling of the last one."""
        while branches:
            first_node, first_leaf, sibling_follows = branches.pop()
            self._branches[first_node] = (at, first_leaf, self.n_leaves)
            if sibling_follows:
                branches.append((at, self.n_leaves, False))
                return


def _length(nodes: Sequence[int], at: int, n_inputs: int) -> int:
    """The number of integers of the node at this position."""
    code = nodes[at]
    if code == 0:
        return 2
    if code == 3:
        return n_inputs + 2
    if code == 5:
        return 1
    count = at + (1 if code == 4 else 2)
    return count - at + 1 + max(0, nodes[count] if count < len(nodes) else 0)
