"""The walk over a tree of a verification certificate; the bounds are computed in compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import _wide_bounds as bounds
from exactnet.certificate import _wide_state as w
from exactnet.certificate._fast_read import Refused
from exactnet.certificate._plain_bounds import Chain, Unfit
from exactnet.certificate._verification_exact import exact_minimum
from exactnet.certificate._verification_proofs import (
    CaseRows,
    Exact,
    Multipliers,
    Nodes,
    RowProof,
    Sum,
    read_proof,
)
from exactnet.certificate._wide_tables import (
    TooWide,
    demand_float32,
    make_tables,
    make_work,
    odd_and_twos,
    words,
)
from exactnet.model.property import Case

__all__ = ["Bounder", "TreeFacts", "check_tree"]

Ints = NDArray[np.int64]

_BISECTION, _RELU, _REFINE, _CLOSED, _SOME, _EMPTY, _OPEN = range(7)
# nodes that wait for their turn, and the bytes of their tables
_MOST_PENDING, _MOST_BYTES = 4000, 2**31


class Split(NamedTuple):
    """z >= 0 of a unit (sign 1), or z <= 0 (-1); `unit` counts in its layer, layers from 1."""

    layer: int
    unit: int
    sign: int


@dataclass
class Node:
    """A node: the ends of its box and the table of its units on the grid, and what is open."""

    box: Ints
    units: Ints
    splits: tuple[Split, ...]
    open: tuple[int, ...]

    def copy(self) -> Node:
        """An independent copy."""
        return Node(self.box.copy(), self.units.copy(), self.splits, self.open)


@dataclass
class TreeFacts:
    """What a tree shows.

    Attributes
    ----------
    n_leaves, n_open : leaves in all, and those of code 6.
    open_share : of the volume of the box, as the format counts it.
    """

    n_leaves: int = 0
    n_open: int = 0
    open_share: Fraction = Fraction(0)
    n_proofs: int = field(default=0, compare=False)


class Bounder:
    """The compiled bounds of one network on one grid.

    Raises
    ------
    TooWide : a number does not fit. Refused : float32 has no rules for such weights.
    """

    def __init__(self, chain: Chain, grid: int, *, float32: bool) -> None:
        self.chain, self.grid, self.float32 = chain, grid, float32
        if float32:
            try:
                demand_float32(chain)
            except Unfit as error:
                raise Refused(str(error)) from error
        self.tables = make_tables(chain)
        self.work = make_work(self.tables)
        self.n_units = int(self.tables.first[-1])

    def root(self, lower: Sequence[Fraction], upper: Sequence[Fraction], cases: tuple[int, ...]) -> Node:
        """The node of a box, refined."""
        lo = [(x.numerator << self.grid) // x.denominator for x in lower]
        hi = [-(-(x.numerator << self.grid) // x.denominator) for x in upper]
        box = np.stack([words(lo, w.BOUND), words(hi, w.BOUND)])
        node = Node(box, np.zeros((w.N_FACTS, self.n_units), dtype=np.int64), (), cases)
        self.refine(node, root=True)
        return node

    def refine(self, node: Node, *, root: bool = False) -> None:
        """Refine a node in place.

        Raises
        ------
        Refused : the noise has no bound.
        """
        arrays = (self.tables, node.units, node.box, self.work)
        status = bounds.refine(*arrays, self.grid, self.float32, root)
        self._demand(status)

    def split(self, node: Node, split: Split) -> None:
        """Take the sign of a unit over into its bounds."""
        unit = int(self.tables.first[split.layer - 1]) + split.unit
        row = w.LOWER if split.sign > 0 else w.UPPER
        value = int(node.units[row, unit])
        node.units[row, unit] = max(value, 0) if split.sign > 0 else min(value, 0)
        bounds.settle(self.tables, node.units, unit)
        node.splits = (*node.splits, split)

    def bound(self, node: Node, row: Sum, mode: int, proof: Multipliers | None = None) -> int:
        """The lower bound of a sum of rows at a node, by the backward pass."""
        K, facts = self.work, self.work.facts
        facts[:] = 0
        if proof is not None:
            self._take_multipliers(node, proof)
        if any(row.direct):
            odd, twos = odd_and_twos(row.e)
            K.direct[:] = words(row.direct, 2**62)
            facts[w.HAS_DIRECT] = 1
            facts[w.DIRECT_ODD], facts[w.DIRECT_TWOS] = words([odd], 2**62)[0], twos
            facts[w.DIRECT_BITS] = row.direct_bits
        odd, twos = odd_and_twos(row.q)
        u, constant = words(row.u, 2**62), words([row.constant(self.grid), odd], 2**62)
        value, status = bounds.row_bound(
            self.tables, node.units, node.box, K, u, constant[0], constant[1], twos, mode, self.grid
        )
        self._demand(status)
        return int(value)

    def _take_multipliers(self, node: Node, proof: Multipliers) -> None:
        K, facts = self.work, self.work.facts
        if proof.alphas:
            facts[w.HAS_ALPHAS] = 1
            K.alphas[:] = -1
            for unit, alpha in proof.alphas:
                K.alphas[unit] = alpha
        if len(proof.betas) > len(K.splits):
            raise TooWide("too many splits")
        facts[w.N_SPLITS] = len(proof.betas)
        for k, (position, times) in enumerate(proof.betas):
            split = node.splits[position]
            K.splits[k] = split.unit, split.sign, times, proof.down, split.layer

    def _demand(self, status: int) -> None:
        if status == w.UNFIT:
            raise Refused("values that are too large for the rounding bound of float32")
        if status != w.FINE:
            raise TooWide("a bound does not fit")

    def states(self, node: Node) -> list[list[int]]:
        """Whether the units are dead, active or unstable, layer by layer."""
        first = self.tables.first.tolist()
        flat = node.units[w.STATE].tolist()
        return [flat[a:b] for a, b in pairwise(first)]


@dataclass
class _Frame:
    """A node with children that are not done: its box, and the share of the open volume under it."""

    box: Ints
    left: int = 2
    share: Fraction = Fraction(0)


class _Walk:
    def __init__(self, bounder: Bounder, cases: Sequence[Case], names: Sequence[int], nodes: Nodes) -> None:
        self.bounder, self.nodes = bounder, nodes
        self.names = tuple(names)
        n_outputs = bounder.tables.widths[-1]
        self.rows = {k: CaseRows(cases[k], int(n_outputs)) for k in names}
        self.box = cases[names[0]]
        self.facts = TreeFacts()
        self.pending: list[tuple[Node, int, int]] = []
        self.frames: list[_Frame] = []

    def run(self) -> TreeFacts:
        node = self.bounder.root(self.box.lower, self.box.upper, self.names)
        size = node.box.nbytes + node.units.nbytes
        while True:
            following = self._node(node)
            if following is not None:
                node = following
                if len(self.pending) > _MOST_PENDING or len(self.pending) * size > _MOST_BYTES:
                    raise TooWide("the tree is too deep")
                continue
            if not self.pending:
                break
            node, kind, what = self.pending.pop()
            self._enter(node, kind, what, second=True)
        if self.nodes.at != len(self.nodes.entries):
            raise Refused("the list of nodes goes on behind the last leaf")
        return self.facts

    def _node(self, node: Node) -> Node | None:
        """Read the node up to its children or its end; its first child, None at a leaf."""
        nodes = self.nodes
        while True:
            code = nodes.next()
            if code == _BISECTION:
                return self._children(node, code, nodes.below(node.box.shape[1], "an input"))
            if code == _RELU:
                return self._children(node, code, self._relu_unit())
            if code == _REFINE:
                self.bounder.refine(node)
            elif code == _SOME:
                self._close_some(node)
            elif code == _CLOSED:
                for case in node.open:
                    self._close(node, case)
                self._leaf(node, is_open=False)
                return None
            elif code == _EMPTY:
                if not self._is_empty(node):
                    raise Refused(f"nodes[{nodes.at - 1}]: the node is not seen to be empty")
                self._leaf(node, is_open=False)
                return None
            elif code == _OPEN:
                self._leaf(node, is_open=True)
                return None
            else:
                raise Refused(f"nodes[{nodes.at - 1}]: there is no such code")

    def _relu_unit(self) -> int:
        """Read layer and unit; the flat number."""
        T = self.bounder.tables
        layer = self.nodes.below(len(T.widths), "a layer")
        if layer == 0:
            raise Refused(f"nodes[{self.nodes.at - 1}]: layers are counted from 1")
        unit = int(T.first[layer - 1]) + self.nodes.below(int(T.widths[layer]), "a unit")
        if not T.relu[unit]:
            raise Refused(f"nodes[{self.nodes.at - 1}]: only relu units are split")
        return unit

    def _children(self, node: Node, kind: int, what: int) -> Node:
        self.frames.append(_Frame(node.box.copy()))
        self.pending.append((node.copy(), kind, what))
        self._enter(node, kind, what, second=False)
        return node

    def _enter(self, node: Node, kind: int, what: int, *, second: bool) -> None:
        """Make the first or second child out of a copy of its parent."""
        if kind == _BISECTION:
            middle = (int(node.box[0, what]) + int(node.box[1, what])) >> 1
            node.box[0 if second else 1, what] = middle
            self.bounder.refine(node)
            return
        first = self.bounder.tables.first
        layer = int(np.searchsorted(first, what, side="right"))
        self.bounder.split(node, Split(layer, what - int(first[layer - 1]), -1 if second else 1))

    def _leaf(self, node: Node, *, is_open: bool) -> None:
        self.facts.n_leaves += 1
        share = Fraction(0)
        if is_open:
            self.facts.n_open += 1
            share = self._share(node.box)
        while self.frames:
            frame = self.frames[-1]
            frame.left -= 1
            frame.share += share
            if frame.left:
                return
            self.frames.pop()
            share = min(frame.share, self._share(frame.box)) if frame.share else frame.share
        self.facts.open_share = share

    def _share(self, box: Ints) -> Fraction:
        """The volume of an exact box, that of the cases being 1; inputs that are fixed there do not count."""
        share = Fraction(1)
        for (low, high), first, last in zip(self._ends(box), self.box.lower, self.box.upper, strict=True):
            if low > high:
                return Fraction(0)
            if first < last:
                share *= (high - low) / (last - first)
        return share

    def _ends(self, box: Ints) -> list[tuple[Fraction, Fraction]]:
        """The exact box of a node: that of the cases, cut at grid points."""
        one = 1 << self.bounder.grid
        return [
            (max(low, Fraction(a, one)), min(high, Fraction(b, one)))
            for low, high, a, b in zip(self.box.lower, self.box.upper, *box.tolist(), strict=True)
        ]

    def _is_empty(self, node: Node) -> bool:
        if bool((node.units[w.LOWER] > node.units[w.UPPER]).any()):
            return True
        return any(low > high for low, high in self._ends(node.box))

    def _close_some(self, node: Node) -> None:
        where = self.nodes.at - 1
        count = self.nodes.next()
        if not 1 <= count < len(node.open):
            raise Refused(f"nodes[{where}]: some of the open cases are closed, not all")
        listed = list(self.nodes.ascending(count, max(self.names) + 1, "a case"))
        if not set(listed) <= set(node.open):
            raise Refused(f"nodes[{where}]: a case is closed that is not open")
        for case in listed:
            self._close(node, case)
        node.open = tuple(case for case in node.open if case not in listed)

    def _close(self, node: Node, case: int) -> None:
        """Read and check a proof."""
        rows, where = self.rows[case], self.nodes.at
        proof = read_proof(self.nodes, n_rows=rows.n, n_units=self.bounder.n_units, n_splits=len(node.splits))
        self.facts.n_proofs += 1
        value: Fraction | int
        if isinstance(proof, RowProof):
            total = rows.single[proof.row]
            value = self.bounder.bound(node, total, proof.mode)
        elif isinstance(proof, Multipliers):
            total = rows.sum(proof.rows)
            value = self.bounder.bound(node, total, proof.mode, proof)
        else:
            total = rows.sum(proof.rows)
            value = self._exact_value(node, total, proof, where)
        if value < 0 or (value == 0 and not total.strict):
            raise Refused(f"nodes[{where}]: the proof does not show that case {case} is impossible")

    def _exact_value(self, node: Node, total: Sum, proof: Exact, where: int) -> Fraction:
        if self.bounder.float32:
            raise Refused(f"nodes[{where}]: exact proofs are for real arithmetic")
        states = self.bounder.states(node)
        if any(w.UNSTABLE in row for row in states):
            raise Refused(f"nodes[{where}]: a unit is unstable")
        outputs = [Fraction(x, total.q) for x in total.u]
        inputs = [Fraction(x, total.e) for x in total.direct]
        forces = [
            (split.layer, split.unit, -split.sign * times)
            for position, times in proof.betas
            for split in (node.splits[position],)
        ]
        functional = (outputs, inputs, -total.bound)
        return exact_minimum(self.bounder.chain, states, self._ends(node.box), functional, forces)


def check_tree(
    bounder: Bounder, cases: Sequence[Case], names: Sequence[int], nodes: Sequence[int]
) -> TreeFacts:
    """Walk through a tree for the cases of these numbers.

    Raises
    ------
    Refused : some node or proof is wrong. TooWide : some number does not fit into the compiled loops.
    """
    return _Walk(bounder, cases, names, Nodes(nodes)).run()
