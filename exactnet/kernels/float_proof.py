"""The walk of :mod:`exactnet.kernels.float_cells` with a proof that no cell is missing, node after node.

The nodes are those of the record `region_tree` (checker/FORMAT.md): one for every unit on every cell that it
does not cut, with the forms that prove it; one for every split; one with a point inside for every cell. What
floats cannot decide is handed out as a `Doubt` and answered exactly by the caller.

Why a vertex gives the proof
----------------------------
[9] *Basis.* Let v be a vertex (w > 0) of a cell, d = D - 1 forms f*_1..f*_d tight there, G* their linear
parts, R any matrix, and alpha >= |I - R G*|_oo as in [5], alpha <= 1/2. Then G* is invertible, so the f*_j
and infinity are a basis. Let r*_j be column j of the inverse of G*, with w = 0: f*_i(r*_j) is 1 if i = j and
else 0. A form F* and the combination sum_j F*(r*_j) f*_j + F*(v)/w(v) infinity agree on v and all r*_j, so
they are equal: the multipliers of F* are its values there. The one of infinity has the sign of F* on v, which
the walk knows; the others are evaluated as in [3], with w = 0 and |r*_j - R_j|_oo <= alpha/(1 - alpha)
|R_j|_oo, because r*_j - R_j = (I - R G*) r*_j. R_j is scaled to entries up to 1 by a power of two. If F*
is smallest over w on v, and v is simple, they all are positive or zero: the optimal basis of a linear
program. Where more than d forms are tight, criss-cross steps look for that basis. Only proved signs count. A
sign that [3] leaves open: let another ray q of the cell lie on all forms of the basis but f*_j. Then q* =
a v* + b r*_j with a = w(q)/w(v) >= 0, and b has the sign of f*_j on the cell. So if F* is not negative there,
and q is at infinity or F* vanishes on v, the multiplier has the right sign or is zero; otherwise it has the
sign of b (F*(q) w(v) - F*(v) w(q)), which is exact if the grids of [6] have p + s + s' + 5 <= 53. And if
the linear parts of F* and some f*_i, i != j, are parallel, or if only m lines (classes of parallel units) of
a layer are alive, so that the linear parts of all later forms lie in a space of dimension m, and m of the
f*_i, i != j, have theirs in that space and so span it, then F* is constant along r*_j.

[10] *Point.* A cone given by all forms that bound it (the slots) is strictly inside every other form that is
not negative on it and not zero. So a point is strictly inside if it is for the slots. The integer point
(x, w) in the coordinates of the walk differs from the stored one, which is scaled to entries up to 1 by a
power of two, by underflow alone: [3] with r = FLOOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels.float_cells import FloatNetwork, FloatWalk, StartCell, Status

__all__ = ["Doubt", "Frame", "ProofLayout", "ProofWalk"]

Ints = NDArray[np.int64]

_BLOCK = 2**18
_WORD = 63


@dataclass(frozen=True)
class ProofLayout:
    """How the nodes name things.

    Attributes
    ----------
    n_inputs : coordinates of a leaf.
    places : which of them each coordinate of the walk is; the others are 0.
    exponents : coordinate k of a form has been multiplied by 2^exponents[k]; w is the last one.
    numbers : the form number of each form of the walk, rows first.
    lines : for each unit the first unit of its layer whose weights (without bias) are parallel to its own.
    partners : for each unit the other switch of the same hardtanh unit, -1 if it is none.
    """

    n_inputs: int
    places: tuple[int, ...]
    exponents: tuple[int, ...]
    numbers: tuple[int, ...]
    lines: tuple[int, ...]
    partners: tuple[int, ...]


class Doubt(NamedTuple):
    """A node that is missing: a unit that has the sign `side` on the cell (then `place` is -1), or a leaf.

    Attributes
    ----------
    place : where the node of the leaf stands in the stream.
    form, side : the unit; of a leaf the unit that splits it last, or form -1.
    """

    place: int
    form: int
    side: int


class Frame(NamedTuple):
    """The cell at hand.

    Attributes
    ----------
    slots : (form, sign) of all forms that bound it.
    tight : for each ray the bit set of those that vanish there.
    """

    slots: list[tuple[int, int]]
    tight: list[int]


class ProofWalk(FloatWalk):
    """A walk that writes down why it has found all cells.

    Examples
    --------
    The two sides of x = 1 on the half-line x >= 0; form 0 is infinity, form 1 the domain, form 2 the unit:

    >>> from exactnet.kernels.float_cells import FloatLayer
    >>> layer = FloatLayer(np.array([[0.5]]), np.array([-0.5]), np.ones((1, 2), bool), 0.0, (1,))
    >>> network = FloatNetwork(2, np.eye(2)[::-1], (0, 0), (layer,))
    >>> walk = ProofWalk(network, ProofLayout(1, (0,), (0, 0), (0, 1, 2), (0,), (-1,)))
    >>> walk.open(StartCell(np.eye(2), np.zeros(2), (0, 0), (True, False), (1, 2), ((0, 1), (1, 1)),
    ...                     np.array([[1], [-1]], dtype=np.int8)))
    >>> walk.advance(100).name, walk.nodes().tolist()
    ('DONE', [0, 0, 3, 2, 1, 3, 1, 2])
    """

    def __init__(
        self, network: FloatNetwork, layout: ProofLayout, *, modules: Sequence[ModuleType] | None = None
    ) -> None:
        if modules is None:
            from exactnet.kernels import _float_loops, _float_proof, _float_walk

            modules = _float_loops, _float_walk, _float_proof
        super().__init__(network, modules=(modules[0], modules[1]))
        self._prove = modules[2]
        self._proof: Any = _new_proof(self._prove, network, layout, self._plan, self._state)

    def open(self, cell: StartCell) -> None:
        """Begin with a start cell; units that bound it have their nodes already."""
        super().open(cell)
        proof, loops = self._proof, self._loops
        n_rays = len(cell.rays)
        proof.homes[:n_rays] = np.arange(n_rays)
        proof.births[:n_rays] = len(cell.slots)
        proof.bases[:n_rays, 0] = 0
        proof.stages[0] = 0
        size = int(self._plan.layers[0, loops.SIZE])
        given = sum(1 << (form - self._plan.n_rows) for form, _ in cell.slots if form >= self._plan.n_rows)
        for w in range(self._plan.unit_words):
            every = ((1 << size) - 1 ^ given) >> (_WORD * w) & (2**_WORD - 1)
            proof.unsettled[0, w] = every & ~int(self._plan.hidden[0, w])

    def advance(self, budget: int, *, limit: int = 2**62) -> Status:
        """Like the plain walk; BLOCK_FULL: see `nodes`. PROVE: see `doubts`."""
        while True:
            code = int(self._prove.advance_proving(self._plan, self._state, self._proof, budget, limit))
            if code != self._loops.GROW:
                return Status(code)
            self._grow()

    def nodes(self) -> Ints:
        """The numbers written since the last call."""
        n = int(self._proof.counts[self._prove.N_STREAM])
        self._proof.counts[self._prove.N_STREAM] = 0
        found: Ints = self._proof.stream[:n].copy()
        return found

    @property
    def n_leaves(self) -> int:
        """Leaves so far."""
        return int(self._proof.counts[self._prove.N_LEAVES])

    def doubts(self) -> list[Doubt]:
        """The nodes that are missing; the list is empty afterwards.

        Units are appended to the stream before the walk goes on, in any order; leaves are filled in.
        """
        n = int(self._proof.counts[self._prove.N_DOUBTS])
        self._proof.counts[self._prove.N_DOUBTS] = 0
        return [Doubt(*numbers) for numbers in self._proof.doubts[:n].tolist()]

    def fill_leaf(self, place: int, point: Sequence[int]) -> bool:
        """Write down the point (x_1..x_d, w) of a doubtful leaf; False if it does not fit."""
        if max(map(abs, point)) >= 2**63:
            return False
        self._proof.stream[place + 1 : place + 1 + len(point)] = point
        return True

    def frame(self) -> Frame:
        """The cell that the doubts are about."""
        loops, plan, state = self._loops, self._plan, self._state
        frame = self._frame
        n_slots = frame[loops.N_SLOTS]
        slots = [(form, sign) for form, sign in state.slots[:n_slots].tolist()]
        members = state.members[frame[loops.START] : frame[loops.START] + frame[loops.COUNT]]
        words = state.ray_ints[members, loops.TIGHT : loops.TIGHT + plan.tight_words].tolist()
        mask = (1 << n_slots) - 1
        return Frame(slots, [sum(word << (_WORD * w) for w, word in enumerate(row)) & mask for row in words])

    def _grow(self) -> None:
        super()._grow()
        grown = {}
        for name in ("homes", "births", "bases", "duals", "values"):
            array = getattr(self._proof, name)
            grown[name] = np.concatenate([array, np.zeros_like(array)])
        self._proof = self._proof._replace(**grown)


def _new_proof(prove: Any, network: FloatNetwork, layout: ProofLayout, plan: Any, state: Any) -> Any:
    """The `Proof` of the loops."""
    d, room = network.dimension - 1, len(state.rays) + 1
    widest = int(plan.layers[:, 0].max())
    n_frames, n_words = len(state.frames), plan.unit_words
    constants = np.zeros(len(plan.bias), dtype=np.int64)
    first = network.layers[0]
    constants[: len(first.weight)] = ~first.enters[:, :-1].any(axis=1)
    last = layout.exponents[-1]
    need = widest * (d + 12) + 2 * layout.n_inputs + 6
    return prove.Proof(
        n_inputs=layout.n_inputs,
        places=np.array(layout.places, dtype=np.int64),
        widths=np.array([2.0 ** (last - e) for e in layout.exponents[:-1]]),
        numbers=np.array(layout.numbers, dtype=np.int64),
        constants=constants,
        lines=np.array(layout.lines, dtype=np.int64),
        partners=_without_copies(layout.partners, network),
        marks=np.zeros(len(plan.bias), dtype=np.int64),
        stream=np.zeros(max(_BLOCK, need), dtype=np.int64),
        counts=np.zeros(3, dtype=np.int64),
        stages=np.zeros(n_frames, dtype=np.int64),
        unsettled=np.zeros((n_frames, n_words), dtype=np.int64),
        homes=np.zeros(room, dtype=np.int64),
        births=np.zeros(room, dtype=np.int64),
        bases=np.zeros((room, d + 1), dtype=np.int64),
        duals=np.zeros((room, d, d + 1)),
        values=np.zeros(room),
        points=np.zeros((5, d + 1)),
        needed=np.zeros(plan.tight_words, dtype=np.int64),
        doubts=np.zeros((widest + 2, 3), dtype=np.int64),
    )


def _without_copies(partners: Sequence[int], network: FloatNetwork) -> Ints:
    """The pairs both of whose units stand for themselves alone."""
    alone = np.array(partners, dtype=np.int64)
    first = 0
    for layer in network.layers:
        for copy, original, _ in layer.copies:
            for unit in (first + copy, first + original):
                if alone[unit] >= 0:
                    alone[[unit, alone[unit]]] = -1
        first += len(layer.weight)
    return alone
