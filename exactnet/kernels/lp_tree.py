"""All cells of a ReLU-type network with many inputs, by a sign tree and small linear programs in float64.

A node of the tree is a region: the cone {v : g.v >= 0 for its rows g} in D homogeneous coordinates, where the
rows are the signed forms that have split the regions above it, and the domain with infinity. It is given with
a *witness*, a float64 point where all rows are proved to be positive. For the next open unit the witness
lies on one side; whether there is something on the other side is a linear program in D variables. Its answer
is a point or a positive combination, and both are proved below. What is not proved is handed out as a
question, and answered in exact arithmetic by the caller. So nothing is ever assumed. Vertices are never
computed: a cell has 2^d of them and more, but few rows [Rada and Cerny 2018, a new algorithm
for enumeration of cells of hyperplane arrangements].

The bounds
----------
The words, the network and its balanced weights are those of :mod:`exactnet.kernels.float_cells`; e = 2^-52,
UP = 1 + 2^-30 covers the rounding of a bound itself, FLOOR = 2^-900 what underflows.

1. *What is stored.* For each form f* a float vector F and E(f) with |f*_k - F_k| <= E(f): see steps [1], [2]
   and [6] there. A row is a form times a power of two and a sign, which are exact; E is scaled with it.
   Witnesses are exact: a float vector v *is* the point, so there is nothing else it could be wrong about.
2. *A point.* |v_k| <= 1 by construction. The computed value X of a row g differs from g*.v by at most
   A = (D + 4) e sum |G_k| + D E + FLOOR, by step [3] there with r = 0. X > A proves g*.v > 0.
3. *The program.* Is there v with g_j.v > 0 for all rows and t.v < 0, when the witness p has g_j.p > 0 and
   t.p > 0? Project t on the cone of the rows: t = sum lambda_j g_j + rest, lambda >= 0, by the active-set
   method of Lawson and Hanson (1974), with the rows of the active set orthonormalised. In the end g_j.rest
   <= 0. If rest is not zero, t decreases along p - s rest, and every g_j grows; already before the end the
   ray often passes t = 0 before it leaves the region, and a point behind is tried at once with [2]. If rest
   is zero, t is implied by the active set, at most D rows. All of this is a guess.
4. *A combination.* Let G* have the D rows of the active set as columns, R be any matrix, lambda any vector.
   If alpha >= |I - R G*|_oo and alpha <= 1/2, then G* is regular; for lambda* with G* lambda* = t*,
       lambda - lambda* = R (G* lambda - t*) + (I - R G*)(lambda - lambda*),
   so |lambda - lambda*|_oo <= m = max_i (|R| rho)_i / (1 - alpha) for rho_k >= |(G* lambda - t*)_k|, and
       |lambda - lambda*|_i <= (|R| rho)_i + alpha_i m.
   rho_k is the computed remainder plus (D + 4) e (sum |lambda_j| + 2) + sum |lambda_j| E_j + E(t), as all
   entries are at most 1, those of t in [8] at most 2. alpha_i is the computed sum of row i of |I - R G|
   plus (D (D + 4) e + sum E_j) (1 + sum_k |R_ik|). If lambda_i exceeds the bound for all i, then t* is a
   positive combination of independent rows of the region: positive inside, by Farkas' lemma.
5. *Boundedness.* A cell with w > 0 is bounded exactly if w vanishes nowhere else on its cone. Apply [3] to
   t = w and all rows but infinity. A point with w < 0: on the segment from the witness to it lies a point
   with w = 0 inside all rows, a direction in the interior of the recession cone: unbounded. A combination
   [4]: the linear parts of D independent rows span R^d and have a positive relation, hence no direction is
   non-negative on all of them but 0: bounded.
6. *Without arithmetic.* If no form has a constant, the last coordinate and infinity are left out: otherwise
   every combination would lie in a proper subspace, where [4] has nothing to say. Copies, and units that are
   zero or constant because nothing enters, are settled by their names; so are exact forms that come out zero.
7. *Spans.* With n' < D - 1 active units in a layer, all forms behind it are combinations of these n' and
   infinity, and on an unbounded cell they may vanish on whole faces: then [4] cannot have D rows. But these
   combinations are known: they are the weights, composed from that layer on by step [1] as if its active
   units were the inputs. If n' + 1 rows of the active set are in this span, [4] is applied to their
   coordinates; the equation between coordinates carries over to the forms. `inner` keeps the coordinates of
   all units with respect to the narrowest layer in front. A row of an active unit of that layer is a unit
   vector, exactly; a weight times a slope is off by at most 4e of itself.
8. *Ample combinations.* A target may be implied by fewer than D rows. Then t - sum s_j g_j with small unequal
   s_j > 0 over all rows, which is inside the cone if t is, needs D of them, and [4] applies: t is a positive
   combination, of all rows. For t = w this is [5] again: a direction with g_j.v >= 0 and w = 0 has g_j.v = 0
   for all rows, D of which are independent, so it is 0. E(t) grows by sum s_j E_j + 3 (n + 2) e. For a proof
   tree, which has to name independent rows, such targets are left to the caller.

Memory is that of one path of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels import _lp_layout as layout
from exactnet.kernels.float_cells import FloatNetwork

__all__ = ["LpStatus", "LpTree", "Region"]

Floats = NDArray[np.float64]


class LpStatus(IntEnum):
    """Why `LpTree.advance` has come back."""

    DONE = 0
    PAUSED = 1
    ASK = 2
    BLOCK_FULL = 3
    LIMIT = 4
    BY_HAND = 5


class Region(NamedTuple):
    """The region at hand.

    Attributes
    ----------
    layer : the one whose switches are being decided.
    signs : of all switches up to the end of this layer, 0 for those that are open.
    rows : names of the forms that bound the region: 0 is infinity, then the domain, then all switches.
    witness : a point inside, in the coordinates of the network; None if only the caller has one.
    number : names the region for as long as it is on the stack.
    """

    layer: int
    signs: tuple[int, ...]
    rows: tuple[int, ...]
    witness: Floats | None
    number: int


class LpTree:
    """A walk over all cells of a network inside its domain; it can stop and go on anywhere.

    Parameters
    ----------
    is_homogeneous : no form of the network and the domain has a constant.
    is_compact : the domain is bounded.
    block : cells that `take` returns at most; 0 if they are only counted.
    is_proving : whether to note the tree.
    modules : the twin to use, (arithmetic, walk); by default the compiled one if numba can be imported.

    Examples
    --------
    The sides of x = 1 and y = 1 in the plane:

    >>> from exactnet.kernels.float_cells import FloatLayer
    >>> enters = np.array([[1, 0, 1], [0, 1, 1]], dtype=bool)
    >>> layer = FloatLayer(np.eye(2) / 2, np.array([-0.5, -0.5]), enters, 0.0, (1, 1))
    >>> tree = LpTree(FloatNetwork(3, np.array([[0.0, 0, 1]]), (0,), (layer,)), block=8)
    >>> tree.open([0.0, 0.0, 1.0]), tree.advance(100).name
    (True, 'DONE')
    >>> tree.counts["n_cells"], tree.counts["n_bounded"], tree.take().ravel().tolist()
    (4, 0, [3, 1, 2, 0])
    """

    def __init__(
        self,
        network: FloatNetwork,
        *,
        is_homogeneous: bool = False,
        is_compact: bool = False,
        block: int = 0,
        is_proving: bool = False,
        modules: tuple[ModuleType, ModuleType] | None = None,
    ) -> None:
        if modules is None:
            from exactnet.kernels import _lp_loops, _lp_walk

            modules = _lp_loops, _lp_walk
        from exactnet.kernels._lp_state import new_plan, new_state

        self._loops, self._walk = modules
        self._plan: Any = new_plan(
            self._loops,
            network,
            is_homogeneous=is_homogeneous,
            is_compact=is_compact,
            is_listing=block > 0,
            is_proving=is_proving,
        )
        self._state: Any = new_state(self._loops, network, self._plan, block)

    def open(
        self,
        witness: Sequence[float],
        rows: Sequence[int] = (),
        signs: Sequence[int] = (),
        first: Sequence[int] = (),
        zeros: Sequence[int] = (),
    ) -> bool:
        """Begin at the whole domain, or at a region inside; False if the witness is not proved to lie there.

        Parameters
        ----------
        witness : D coordinates; w is left out if the task is homogeneous.
        rows : names of the forms that bound the region, without infinity and the domain.
        signs : of all switches up to the end of the layer that is being decided, 0 for those that are open.
        first : switches of the first layer that are decided before the others.
        zeros : the decided switches whose forms are zero on the whole region; their copies are, too.
        """
        loops, plan, state = self._loops, self._plan, self._state
        frame = state.frames[0]
        frame[layout.LAST], frame[layout.IS_NEW], n = -1, 1, int(frame[layout.N_ROWS])
        names = {name - plan.n_rows for name in rows}
        units = np.flatnonzero(plan.units[layout.SWITCH] >= 0)
        layer = 0
        while plan.layers[layer + 1, layout.OFFSET] < plan.units.shape[1] and self._ends(layer) < len(signs):
            layer += 1
        for k in range(layer + 1):
            if k:
                self._walk.compose_layer(plan, state, 0, k)
            self._walk.enter_layer(plan, state, 0, k)
            for switch in range(self._ends(k - 1), min(self._ends(k), len(signs))):
                unit = units[switch]
                if switch in names:
                    error, tolerance = loops.set_target(plan, state, unit, float(signs[switch]))
                    loops.put_row(state, plan.dimension, n, plan.n_rows + switch, error, tolerance, 1.0)
                    n += 1
                if signs[switch]:
                    self._walk.close_unit(state, 0, unit, signs[switch])
                if switch in zeros:
                    state.unit_ints[layout.ZERO, unit] = 1
        frame[layout.N_ROWS] = n
        n_open = int(frame[layout.N_OPEN])
        early = set(units[list(first)].tolist())
        state.opens[0, :n_open] = sorted(state.opens[0, :n_open].tolist(), key=lambda unit: unit not in early)
        state.vectors[layout.POINT, : plan.dimension] = witness
        if not loops.is_inside(state, plan.dimension, 0, n, state.vectors[layout.POINT]):
            return False
        state.witness[0] = state.vectors[layout.POINT, : plan.dimension]
        state.counts[layout.N_FRAMES] = 1
        return True

    def _ends(self, layer: int) -> int:
        """How many switches there are up to the end of a layer."""
        end = self._plan.layers[layer + 1, layout.OFFSET]
        return int((self._plan.units[layout.KIND_OF, :end] != layout.PASSED).sum())

    def advance(self, budget: int, *, limit: int = 2**62) -> LpStatus:
        """Decide up to `budget` units.

        Returns
        -------
        DONE : all is finished. PAUSED : the budget is spent. ASK : answer the question. BLOCK_FULL : see
        `take` and `take_nodes`. LIMIT : there are more than `limit` cells; those found so far are no more.
        BY_HAND : the region at hand is for the caller, who ends it with `drop`.
        """
        return LpStatus(int(self._walk.advance(self._plan, self._state, budget, limit)))

    @property
    def counts(self) -> dict[str, int]:
        """Cells and bounded ones so far; programs solved, answers proved by [2] or [4], by structure [6]."""
        names = ("n_cells", "n_bounded", "n_lp", "n_float", "n_structure")
        return {name: int(self._state.counts[getattr(layout, name.upper())]) for name in names}

    def take(self) -> NDArray[np.uint64]:
        """The patterns found since the last call: bit j % 64 of word j // 64 is 1 for a positive switch j."""
        n_out = int(self._state.counts[layout.N_OUT])
        self._state.counts[layout.N_OUT] = 0
        found: NDArray[np.uint64] = self._state.out[:n_out].view(np.uint64).copy()
        return found

    def take_nodes(self) -> NDArray[np.int64]:
        """The nodes of the tree noted since the last call; witnesses in the coordinates of the network."""
        n_nodes = int(self._state.counts[layout.N_NODES])
        self._state.counts[layout.N_NODES] = 0
        found: NDArray[np.int64] = self._state.nodes[:n_nodes].copy()
        return found

    # -- the region at hand ----------------------------------------------------------------------------

    def question(self) -> int:
        """The switch that is asked about; -1 if it is whether the cell at hand is bounded."""
        counts = self._state.counts
        return (
            -1
            if counts[layout.KIND] == layout.RECESSION
            else int(self._plan.units[layout.SWITCH, counts[layout.UNIT]])
        )

    def guess(self) -> tuple[int, ...]:
        """Names of rows of which the other side of the question may be a negative combination."""
        state = self._state
        return tuple(
            state.row_ints[layout.NAME, state.lists[layout.SUPPORT, : state.counts[layout.N_BASIS]]].tolist()
        )

    def region(self) -> Region:
        """The region at hand."""
        plan, state, frame = self._plan, self._state, self._top
        if state.frames[frame, layout.IS_NEW]:
            self._walk.begin_frame(plan, state, frame)
        return Region(
            layer=int(state.frames[frame, layout.LAYER]),
            signs=self._signs(frame),
            rows=tuple(state.row_ints[layout.NAME, : state.frames[frame, layout.N_ROWS]].tolist()),
            witness=None
            if state.frames[frame, layout.IS_BY_HAND] == layout.NO_WITNESS
            else state.witness[frame],
            number=frame,
        )

    def _signs(self, frame: int) -> tuple[int, ...]:
        """The signs up to the end of the layer being decided; copies in it wait for their originals.

        A copy that bounds the region, because the region was opened so, keeps its sign: rows need one.
        """
        plan, state = self._plan, self._state
        layer = int(state.frames[frame, layout.LAYER])
        start, end = plan.layers[layer : layer + 2, layout.OFFSET].tolist()
        signs = state.signs[frame, :end].copy()
        signs[state.opens[frame, : state.frames[frame, layout.N_OPEN]]] = 0
        names = state.row_ints[layout.NAME, : state.frames[frame, layout.N_ROWS]]
        is_row = np.isin(plan.n_rows + plan.units[layout.SWITCH, start:end], names)
        waits = (plan.units[layout.KIND_OF, start:end] == layout.COPY) & ~is_row
        signs[start + np.flatnonzero(waits)] = 0
        return tuple(signs[plan.units[layout.KIND_OF, :end] != layout.PASSED].tolist())

    @property
    def _top(self) -> int:
        return int(self._state.counts[layout.N_FRAMES]) - 1

    def answer_zero(self) -> None:
        """The unit is zero on the region."""
        unit = int(self._state.counts[layout.UNIT])
        self._state.unit_ints[layout.ZERO, unit] = 1
        self._walk.close_unit(self._state, self._top, unit, -1)

    def answer_implied(self, sign: int, names: Sequence[int]) -> None:
        """The unit has this sign on the region, as a combination of rows with these names."""
        state = self._state
        unit = int(state.counts[layout.UNIT])
        where = {int(name): j for j, name in enumerate(self.region().rows)}
        if self._plan.is_proving:
            state.counts[layout.N_BASIS] = len(names)
            state.lists[layout.SUPPORT, : len(names)] = [where[name] for name in names]
            self._walk.note_implied(self._plan, state, unit, sign)
        self._walk.close_unit(state, self._top, unit, sign)

    def answer_cut(
        self, positive: Sequence[float], negative: Sequence[float]
    ) -> tuple[int | None, int | None]:
        """The unit takes both signs; one point on either side.

        Returns
        -------
        For either side None if its point is proved, otherwise the number of the region left to the caller.
        """
        state = self._state
        unit, frame = int(state.counts[layout.UNIT]), self._top
        proved = [self._is_witness(point, unit, sign) for point, sign in ((positive, 1), (negative, -1))]
        self._walk.split_frame(self._plan, state, unit, 1)
        numbers: list[int | None] = []
        for number, point, is_proved in ((frame + 1, positive, proved[0]), (frame, negative, proved[1])):
            state.witness[number] = point
            state.frames[number, layout.IS_BY_HAND] = 0 if is_proved else layout.NO_WITNESS
            numbers.append(None if is_proved else number)
        return numbers[0], numbers[1]

    def _is_witness(self, point: Sequence[float], unit: int, sign: int) -> bool:
        """Whether a point is proved to lie inside all rows, and on this side of the unit."""
        loops, plan, state = self._loops, self._plan, self._state
        n = int(state.frames[self._top, layout.N_ROWS])
        error, tolerance = loops.set_target(plan, state, unit, float(sign))
        loops.put_row(state, plan.dimension, n, -1, error, tolerance, 1.0)
        state.vectors[layout.POINT, : plan.dimension] = point
        return bool(loops.is_inside(state, plan.dimension, 0, n + 1, state.vectors[layout.POINT]))

    def answer_bounded(self, is_bounded: bool) -> None:
        """The answer to the question whether the cell is bounded."""
        self._state.frames[self._top, layout.IS_BOUNDED] = 1 if is_bounded else -1

    def parts(self) -> list[tuple[int, ...]]:
        """The signs known on each region of the stack, the one at hand first; 0 where nothing is decided."""
        return [self._signs(frame) for frame in range(self._top, -1, -1)]

    def drop(self) -> None:
        """The caller has done the region at hand."""
        self._state.counts[layout.N_FRAMES] -= 1
