"""The nodes of a tree as the compiled checker sees them: is a proof accepted there, which units are decided?

Floats find the proofs of a tree; before one is believed, it is tried in the integers of the format. A proof
that is refused costs a further split, and no tree is handed over in vain. A bound that does not fit into the
compiled loops is computed in Python's integers; where already the units of a node do not fit, nothing is
known, and the proof is left to the other checker.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from exactnet.certificate._fast_read import Refused
from exactnet.certificate._plain_bounds import Chain, ChainLayer, Functional, PlainNode, row_bound
from exactnet.certificate._plain_bounds import Split as PlainSplit
from exactnet.certificate._verification_proofs import (
    CaseRows,
    Exact,
    Multipliers,
    Nodes,
    RowProof,
    Sum,
    read_proof,
)
from exactnet.model.property import Property
from exactnet.verify.lowered import ReluNetwork

if TYPE_CHECKING:
    from exactnet.certificate._verification_walk import Bounder
    from exactnet.certificate._verification_walk import Node as Known

__all__ = ["ExactBounds"]


class ExactBounds:
    """Bounds of the units at the nodes of a tree, in the integers of the format.

    Parameters
    ----------
    net, prop : the lowered network and the property.
    cases : numbers of cases with one box.
    float32, grid : of the certificate.
    """

    def __init__(
        self, net: ReluNetwork, prop: Property, cases: tuple[int, ...], *, float32: bool, grid: int
    ) -> None:
        self.rows = {case: CaseRows(prop.cases[case], net.n_outputs) for case in cases}
        self.box: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]
        self.box = prop.cases[cases[0]].lower, prop.cases[cases[0]].upper
        layers = tuple(
            ChainLayer(layer.weight, layer.bias, layer.denominator, layer.is_relu) for layer in net.layers
        )
        self.bounder: Bounder | None = None
        try:
            from exactnet.certificate._verification_walk import Bounder
            from exactnet.certificate._wide_tables import TooWide
        except ImportError:  # no numba
            return
        self.too_wide = TooWide
        with suppress(TooWide):
            self.bounder = Bounder(Chain(net.n_inputs, layers), grid, float32=float32)

    def root(self) -> Known | None:
        """The refined root; None where nothing is known."""
        if self.bounder is None:
            return None
        try:
            return self.bounder.root(*self.box, ())
        except (self.too_wide, Refused):
            return None

    def refine(self, known: Known | None) -> Known | None:
        """Refine a node, in place."""
        if known is None or self.bounder is None:
            return None
        try:
            self.bounder.refine(known)
        except (self.too_wide, Refused):
            return None
        return known

    def split(self, known: Known | None, layer: int, unit: int, sign: int) -> Known | None:
        """A child; layer and unit count from 0, the unit among all of its layer."""
        if known is None or self.bounder is None:
            return None
        from exactnet.certificate._verification_walk import Split

        child = known.copy()
        self.bounder.split(child, Split(layer + 1, unit, sign))
        return child

    def accepts(self, known: Known | None, case: int, proof: tuple[int, ...]) -> bool:
        """Whether a proof closes a case there; true where nothing is known, and for exact proofs."""
        if known is None or self.bounder is None:
            return True
        rows = self.rows[case]
        read = read_proof(
            Nodes(proof), n_rows=rows.n, n_units=self.bounder.n_units, n_splits=len(known.splits)
        )
        if isinstance(read, Exact):
            return True
        total = rows.single[read.row] if isinstance(read, RowProof) else rows.sum(read.rows)
        multipliers = read if isinstance(read, Multipliers) else None
        try:
            value = self.bounder.bound(known, total, read.mode, multipliers)
        except self.too_wide:
            value = self._plain_bound(self.bounder, known, total, read.mode, multipliers)
        return value > 0 or (value == 0 and total.strict)

    def _plain_bound(
        self, bounder: Bounder, known: Known, total: Sum, mode: int, proof: Multipliers | None
    ) -> int:
        """The same bound in integers of any size."""
        from exactnet.certificate import _wide_state as w

        first = bounder.tables.first.tolist()
        tables = [
            [row[a:b] for a, b in pairwise(first)]
            for row in (known.units[k].tolist() for k in (w.LOWER, w.UPPER, w.NOISE))
        ]
        alphas, splits = {}, []
        if proof is not None:
            for unit, alpha in proof.alphas:
                layer = bisect_right(first, unit)
                alphas[layer, unit - first[layer - 1]] = alpha
            for position, times in proof.betas:
                at = known.splits[position]
                splits.append(PlainSplit(at.layer, at.unit, at.sign > 0, times, proof.down))
        direct = tuple(Fraction(x, total.e) for x in total.direct)
        f = Functional(len(first) - 1, total.u, Fraction(total.q), total.constant(bounder.grid), direct)
        node = PlainNode(*known.box.tolist(), *tables)
        return row_bound(bounder.chain, node, f, grid=bounder.grid, mode=mode, alphas=alphas, splits=splits)

    def states(self, known: Known | None) -> list[list[int | None]] | None:
        """For each unit 1 if it is active, 0 if dead, None if unstable; None if nothing is known at all."""
        if known is None or self.bounder is None:
            return None
        from exactnet.certificate import _wide_state as w

        names = {w.DEAD: 0, w.ACTIVE: 1}
        return [[names.get(state) for state in layer] for layer in self.bounder.states(known)]
