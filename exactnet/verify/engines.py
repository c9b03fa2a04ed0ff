"""Which engine proves what: inputs are halved where there are few, units are split where there are many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import InputError
from exactnet.model.property import Property
from exactnet.verify.input_split import MOST_INPUTS, TIE, prove_by_input_splitting
from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.open_boxes import open_boxes
from exactnet.verify.proofs import Limits, Search, Tree, grid_for
from exactnet.verify.relu_split import prove_by_relu_splitting

__all__ = ["ENGINES", "Engine", "Proof", "engine_for", "groups", "prove"]

Engine = Callable[..., Search]

ENGINES = ("auto", "inputs", "units")


@dataclass(frozen=True)
class Proof:
    """What the engines have reached.

    Attributes
    ----------
    grid : binary digits of the bounds in the trees.
    trees : of each box at least one where something is done, with open leaves where it is not.
    witness : a point that satisfies some case, found on the way.
    reason : why the search has ended, in a few words.
    n_nodes : how many were searched.
    """

    grid: int
    trees: tuple[Tree, ...]
    witness: tuple[Fraction, ...] | None
    reason: str
    n_nodes: int

    def is_complete(self, prop: Property) -> bool:
        """Whether all cases are refuted: by the nodes themselves, not by what an engine says of them."""
        closed = {
            case
            for tree in self.trees
            if tree.is_complete and not open_boxes(prop, tree, self.grid)
            for case in tree.cases
        }
        return len(closed) == len(prop.cases)

    @property
    def n_leaves(self) -> int:
        """Leaves of all trees."""
        return sum(tree.n_leaves for tree in self.trees)


def engine_for(net: ReluNetwork, name: str = "auto") -> Engine:
    """The engine of that name; "auto" is the one for a network of this size.

    Raises
    ------
    InputError : there is none; lists those that exist.
    """
    if name not in ENGINES:
        raise InputError("unknown engine", where="engine", got=repr(name), expected=", ".join(ENGINES))
    few = net.n_inputs <= MOST_INPUTS
    return (
        prove_by_input_splitting if name == "inputs" or (few and name == "auto") else prove_by_relu_splitting
    )


def groups(prop: Property) -> list[tuple[int, ...]]:
    """The numbers of the cases that share a box, in the order of their first ones.

    Examples
    --------
    >>> from exactnet.model.property import Case
    >>> zero, one = Fraction(0), Fraction(1)
    >>> boxes = [((zero,), (one,)), ((zero,), (zero,)), ((zero,), (one,))]
    >>> groups(Property(1, 1, tuple(Case(low, high, ()) for low, high in boxes)))
    [(0, 2), (1,)]
    """
    found: dict[object, list[int]] = {}
    for i, case in enumerate(prop.cases):
        found.setdefault((case.lower, case.upper), []).append(i)
    return [tuple(cases) for cases in found.values()]


def _closed(found: Search) -> set[int]:
    """The cases that a search has refuted."""
    trees = (tree for tree in (found.tree, *found.more) if tree is not None)
    return {case for tree in trees if tree.is_complete for case in tree.cases}


def prove(net: ReluNetwork, prop: Property, *, float32: bool, limits: Limits, engine: str = "auto") -> Proof:
    """Refute every case of a property, box by box, until a witness turns up or a limit is met.

    The empty boxes take no time; the first box that stays open does not end the search on the others.
    """
    trees: list[Tree] = []
    reasons: list[str] = []
    n_nodes = 0
    grid = grid_for(net, prop) if prop.cases else 1
    for cases in groups(prop):
        if prop.cases[cases[0]].is_empty:
            trees.append(Tree(cases, (5,), 1, True))
            continue
        found = engine_for(net, engine)(net, prop, cases, float32=float32, grid=grid, limits=limits)
        n_nodes += int(found.stats.get("n_nodes", 0))
        if engine == "auto" and found.reason == TIE:
            # the kinks around a tie are fewer on the pieces of the whole box than on a tiny box around it
            other = prove_by_relu_splitting(net, prop, cases, float32=float32, grid=grid, limits=limits)
            n_nodes += int(other.stats.get("n_nodes", 0))
            if other.witness is not None or _closed(other).issuperset(cases):
                found = other
        new = [tree for tree in (found.tree, *found.more) if tree is not None]
        trees += new
        if found.witness is not None:
            return Proof(grid, tuple(trees), found.witness, found.reason, n_nodes)
        if not _closed(found).issuperset(cases):
            reasons.append(found.reason)
    return Proof(grid, tuple(trees), None, reasons[0] if reasons else "refuted", n_nodes)
