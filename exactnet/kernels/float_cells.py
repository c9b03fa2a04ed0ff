"""All cells of a ReLU-type network by depth-first double description in float64 with proved error bounds.

A cell is kept as the cone over it, {v : f.v >= 0 for its forms f} in D homogeneous coordinates, by its
extreme rays; for each ray the set of forms that vanish on it ("tight") and the signs of all units of the
current layer are known *exactly*. Floats serve to decide signs, and a sign is believed only outside a bound
that is derived here. What they cannot decide is handed out as a `Question` and answered in exact arithmetic
by the caller; the walk stands still meanwhile. So nothing is ever assumed.

The bounds
----------
e = 2^-52 bounds the relative error of one operation in every rounding mode; t = 2^-1000 bounds what underflow
does, also when subnormal numbers are flushed. All this holds for every order of summation, with or without
fused multiply-adds. g_n = n e / (1 - n e) <= n e (1 + 2^-30) is Higham's gamma, for n <= 2^20. Capitals are
stored float64 numbers, a star marks exact ones. Computed bounds are sums of at most 2^20 non-negative terms
and products of few factors; each is multiplied by UP = 1 + 2^-30, which exceeds (1 + e)^(2^21), so their own
rounding errors are covered; FLOOR = 2^-900 is added where terms could underflow.

1. *What is stored.* Forms f* have |f*_k - F_k| <= E(f) for every k, rays v* (of which any positive multiple
   may be meant) |v*_k - V_k| <= r(v), where |F_k|, |V_k| <= 1 + 2^-20 and <= 1, and |V_k| >= 1/2 for some k.
   Given forms and rays are correctly rounded, so E = r = e will do; 0 if they are exact.
2. *Composition.* A unit of the next layer is f*_j = sum_i w*_ji s*_i f*_i + b*_j (0,..,0,1) over the n units
   of the layer before, s*_i = 1 or the slope below, |s*_i| <= 2^60. Weights, slopes and bias are correctly
   rounded: |w* - W| <= e|W| + t, and so on; t is multiplied by at most 2^61 on the way. Let
   m_i = max_k |F_ik|. Then U_ik = S_i F_ik, computed, differs from s*_i f*_ik by at most
   q_i = |S_i| E_i + 3e|S_i| m_i + t, up to e|S_i| E_i, for which Q_i below has room, and the computed sum, of
   n + 1 terms that pass through at most n + 2 roundings, from f*_jk by at most
       sum_i |W_ji| q_i + (e + g_(n+2)) sum_i |W_ji| (|S_i| m_i + q_i) + (e + g_(n+2)) |B_j| + (4n + 4) 2^61 t
       <= sum_i |W_ji| Q_i + (n + 6) e |B_j| + FLOOR,   Q_i = q_i + (n + 6) e (|S_i| m_i + q_i).
   This is E_j. Weights are balanced by the caller so that sum_i |W_ji| max(1, |S_i|) + |B_j| <= 1; hence
   |f*_jk| <= 1, and the F_jk stay below 1 + 2^-20.
3. *Value.* Let X be the computed sum of F_k V_k. |X - sum F_k V_k| <= g_D sum |F_k||V_k| + 2Dt, and
   |sum F_k V_k - f*.v*| <= sum |F_k| r + E sum |v*_k| <= r sum |F_k| + D E (1 + r), so with N = sum |F_k|
       |X - f*.v*| <= A + r B,   A = (D + 4) e N + D E + FLOOR,   B = N + D E.
   |X| > A + r B proves the sign; nothing else is concluded from X alone.
4. *Cut.* Let f* be positive on p* and negative on q*, a* = f*.p* and b* = -f*.q*. By [3] a* lies within
   A + r(p) B of X(p); if that proves a* > 0, let a = X(p) and da be the bound. If not (its sign is known
   otherwise) a* lies in [0, X(p) + bound], and a = da = half of that length, rounded up, will do. Likewise b.
   The new ray is v* = (b* p* + a* q*)/(a* + b*). Let x = a/(a + b), x* = a*/(a* + b*). Then
   x - x* = (a (b* - b) + b (a - a*)) / ((a + b)(a* + b*)), so |x - x*| <= (x db + (1 - x) da)/(a* + b*), and
   v* - ((1 - x) p + x q) = (x* - x)(q* - p*) + (1 - x)(p* - p) + x (q* - q). The stored V, computed from the
   rounded weights 1 - x and x, is within 5e + 4t of (1 - x) p + x q. Together, with M = max |P_k - Q_k|,
       r(v) = (x db + (1 - x) da)/L * (M + r(p) + r(q)) + (1 - x) r(p) + x r(q) + 6e,
   L = (a + b) - (da + db) - 8e (a + b) <= a* + b*. If L <= 2^-950 nothing is known: r = 2, which holds for
   every V, since v* may be scaled to largest entry 1. For L > 2^-950 the underflow of the first factor, whose
   da and db are FLOOR at least, is 2^-99 of it and inside UP. Scaling by a power of two brings the largest
   entry into [1/2, 1], and r with it.
   This bound does not explode: on an edge only the position is uncertain, and errors of ends are averaged.
5. *Anchor.* A ray with r < 1/4 can be recomputed from D - 1 of its tight forms. Let |V_m| be largest; scale
   v* so that v*_m = V_m (v*_m has the same sign, as |V_m| >= 1/2 > r). Let y be the other coordinates, G* the
   tight rows without column m, c* that column, R any matrix. From G* y* = -c* V_m follows
   y - y* = R (G* y + c* V_m) + (I - R G*)(y - y*), hence with alpha >= |I - R G*|_oo, alpha <= 1/2,
       |y - y*|_oo <= |R rho|_oo / (1 - alpha),   rho_k = f*_k.v,  |rho_k| <= |X_k| + 2 A_k  (as |V_k| <= 2).
   In particular the rows are independent, and any D - 1 of them will do. Row i of I - R G* has the norm
   sum_j |(I - R G)_ij|, computed with an error of at most (D + 4) e + D sum_k |R_ik| 2 (D + 4) e, plus
   sum_k |R_ik| D E_k. R is a computed inverse of G, and V is improved by one Newton step beforehand.
6. *Lattice.* A form all of whose possible entries are multiples of 2^-p up to 1, p <= 53, is composed without
   any rounding: E = 0. Ray entries that are multiples of 2^-s up to 1 give values that are multiples of
   2^-(p+s) up to D, so if p + s + 4 <= 53 and D <= 16 the sum X is exact, and X = 0 proves a zero. Likewise
   b p + a q has entries that are multiples of 2^-(p+s+s') up to 2D; if p + s + s' + 5 <= 53 they are exact,
   and divided by their greatest common divisor they are the new ray, with r = 0. So networks with small
   integer weights are done without any error and without questions.
7. *Signs without arithmetic.* On the edge from p* to q* a form is a convex combination of its values at the
   ends: where both have one sign, or one of them is zero, the sign of the new ray follows, zeros included;
   only forms that cross the edge are evaluated. And w* f*.v* of a unit is zero if each unit with non-zero
   weight before it is inactive or zero on v*, and its bias is zero or v* lies at infinity: with fewer than d
   active units in a layer this happens on some ray of every unbounded cell, where [3] could never decide.
8. *Edges.* Rays p*, q* of a pointed cone span an edge exactly if no third ray has all their common tight
   forms (Fukuda and Prodon 1996, proposition 7); D - 2 common ones are necessary. If one of them has D - 1
   tight forms in all, these are independent, so D - 2 common ones are sufficient.

A cell without units that take both signs is handed to the next layer or is finished; if in the last layer one
unit takes both signs, both of its sides are cells, and no new rays are needed to count or to list them.
Memory is that of one path of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPSILON", "INEXACT", "FloatLayer", "FloatNetwork", "FloatWalk", "Question", "StartCell", "Status"]

EPSILON = 2.0**-52
INEXACT = 2**20  # the grid of what is not exact

Floats = NDArray[np.float64]
_WORD = 63


@dataclass(frozen=True)
class FloatLayer:
    """One layer of units in float64, balanced as in [2]; each unit has slope 1 above its breakpoint.

    Attributes
    ----------
    weight, bias : (n_units, n_inputs) and (n_units,); of the first layer together the forms themselves.
    enters : (n_units, n_inputs + 1) which exact weights and bias are not zero.
    slope : below the breakpoint.
    grids : for each unit a p as in [6], or INEXACT.
    copies : (unit, original, flipped): multiples of an earlier unit, negative ones if flipped.
    silent : units that are zero everywhere.
    """

    weight: Floats
    bias: Floats
    enters: NDArray[np.bool_]
    slope: float
    grids: tuple[int, ...]
    copies: tuple[tuple[int, int, bool], ...] = ()
    silent: tuple[int, ...] = ()


@dataclass(frozen=True)
class FloatNetwork:
    """Forms of the domain, the plane at infinity first, and at least one layer; the last coordinate is w."""

    dimension: int
    rows: Floats
    row_grids: tuple[int, ...]
    layers: tuple[FloatLayer, ...]


class StartCell(NamedTuple):
    """A pointed cone with interior to start from.

    Attributes
    ----------
    rays, errors, grids : (n_rays, D) with largest entry in [1/2, 1]; r as in [1]; s as in [6] or INEXACT.
    at_infinity : whether w = 0.
    tight : for each ray a bit set over `slots`.
    slots : (form, sign) of the forms that bound the cone; forms are numbered rows first, then all units.
    signs : (n_rays, units of the first layer) exact signs, 0 for copies and silent units.
    """

    rays: Floats
    errors: Floats
    grids: Sequence[int]
    at_infinity: Sequence[bool]
    tight: Sequence[int]
    slots: Sequence[tuple[int, int]]
    signs: NDArray[np.int8]


class Question(NamedTuple):
    """A sign that floats cannot decide: that of `form` on a ray.

    Attributes
    ----------
    ray, form : numbers, for the answer.
    tight : the forms that bound the cell and vanish on the ray; they determine it up to its orientation.
    others : (form, sign) of those that bound the cell and do not: their signs on the ray.
    """

    ray: int
    form: int
    tight: tuple[int, ...]
    others: tuple[tuple[int, int], ...]


class Status(IntEnum):
    """Why `FloatWalk.advance` has come back."""

    DONE = 0
    PAUSED = 1
    ASK = 3
    BLOCK_FULL = 4
    LIMIT = 5
    PROVE = 6  # exactnet.kernels.float_proof


class FloatWalk:
    """A walk over all cells that start cells contain; it can stop and go on anywhere.

    Parameters
    ----------
    block : cells that `take` returns at most; 0 if they are only counted.
    modules : the twin to use, (arithmetic, walk); by default the compiled one if numba can be imported.

    Examples
    --------
    The two sides of x = 1 on the line, from the cone x >= 0, w >= 0:

    >>> layer = FloatLayer(np.array([[0.5]]), np.array([-0.5]), np.ones((1, 2), bool), 0.0, (1,))
    >>> walk = FloatWalk(FloatNetwork(2, np.eye(2)[::-1], (0, 0), (layer,)), block=8)
    >>> walk.open(StartCell(np.eye(2), np.zeros(2), (0, 0), (True, False), (1, 2), ((0, 1), (1, 1)),
    ...                     np.array([[1], [-1]], dtype=np.int8)))
    >>> walk.advance(100).name, walk.counts["n_cells"], walk.counts["n_bounded"], walk.take().tolist()
    ('DONE', 2, 1, [[1], [0]])
    """

    def __init__(
        self, network: FloatNetwork, *, block: int = 0, modules: tuple[ModuleType, ModuleType] | None = None
    ) -> None:
        if modules is None:
            from exactnet.kernels import _float_loops, _float_walk

            modules = _float_loops, _float_walk
        from exactnet.kernels._float_state import new_plan, new_state

        self._loops, self._walk = modules
        self._plan: Any = new_plan(self._loops, network, is_listing=block > 0)
        self._state: Any = new_state(self._loops, network, self._plan, block)

    def open(self, cell: StartCell) -> None:
        """Begin with a start cell; the one before must be done."""
        from exactnet.kernels._float_state import write_start_cell

        while len(cell.rays) > len(self._state.rays):
            self._grow()
        write_start_cell(self._loops, self._plan, self._state, cell)

    def advance(self, budget: int, *, limit: int = 2**62) -> Status:
        """Up to `budget` splits.

        Returns
        -------
        DONE : the start cell is finished. PAUSED : the budget is spent. ASK : see `questions`. BLOCK_FULL :
        see `take`. LIMIT : there are more than `limit` cells; those found so far are no more than that.
        """
        while True:
            code = int(self._walk.advance(self._plan, self._state, budget, limit))
            if code != self._loops.GROW:
                return Status(code)
            self._grow()

    @property
    def counts(self) -> dict[str, int]:
        """Cells so far and bounded ones; signs decided by [3], [6], [7] and [5]; rays made."""
        loops, counts = self._loops, self._state.counts
        names = ("n_cells", "n_bounded", "n_float", "n_lattice", "n_structure", "n_anchored", "n_rays")
        return {name: int(counts[getattr(loops, name.upper())]) for name in names}

    def take(self) -> NDArray[np.uint64]:
        """The patterns found since the last call: bit j % 64 of word j // 64 says that unit j is positive."""
        n_out = int(self._state.counts[self._loops.N_OUT])
        self._state.counts[self._loops.N_OUT] = 0
        found: NDArray[np.uint64] = self._state.out[:n_out].view(np.uint64).copy()
        return found

    def open_cells(self) -> Callable[[], list[tuple[tuple[int, int], ...]]]:
        """The cells on the stack, the next one first: for each one (form, sign) of all forms it lies between.

        That is what this walk has split it by on the way, from the bounds of the start cell on; a walk over
        these parts alone, in this order, goes on where this one stands. The answer is a function, because it
        costs little to keep and more to write out; it stays true when the walk moves on.
        """
        loops, n_frames = self._loops, int(self._state.counts[self._loops.N_FRAMES])
        frames, slots = self._state.frames[:n_frames].copy(), self._state.slots.copy()

        def written_out() -> list[tuple[tuple[int, int], ...]]:
            found = []
            for frame in frames[::-1].tolist():
                path = [(form, sign) for form, sign in slots[: frame[loops.N_SLOTS]].tolist()]
                if frame[loops.SIGN]:  # of the two sides of a cell, only the one on top has its sign in place
                    path[-1] = path[-1][0], frame[loops.SIGN]
                found.append(tuple(path))
            return found

        return written_out

    def questions(self) -> list[Question]:
        """The open questions; all of them are answered before the walk goes on."""
        loops, state = self._loops, self._state
        slots = state.slots[: self._frame[loops.N_SLOTS]].tolist()
        found = []
        for ray, form in state.questions[: state.counts[loops.N_ASKED]].tolist():
            words = state.ray_ints[ray, loops.TIGHT : loops.TIGHT + self._plan.tight_words].tolist()
            bits = sum(word << (_WORD * w) for w, word in enumerate(words))
            tight = tuple(f for k, (f, _) in enumerate(slots) if bits >> k & 1)
            others = tuple((f, sign) for k, (f, sign) in enumerate(slots) if not bits >> k & 1)
            found.append(Question(ray, form, tight, others))
        return found

    def pattern(self) -> tuple[int, ...]:
        """Signs (1, -1) of all units in the layers before the one that the questions are about."""
        loops, plan = self._loops, self._plan
        signs: list[int] = []
        for layer in range(self._frame[loops.LAYER]):
            words = self._state.pattern[layer].tolist()
            size = int(plan.layers[layer, loops.SIZE])
            signs += [1 if words[j // _WORD] >> (j % _WORD) & 1 else -1 for j in range(size)]
        return tuple(signs)

    def answer(self, question: Question, sign: int) -> None:
        """Note the sign of a question: 1, -1, or 0."""
        loops, plan = self._loops, self._plan
        unit = question.form - plan.n_rows - int(plan.layers[self._frame[loops.LAYER], loops.OFFSET])
        column = loops.TIGHT + plan.tight_words + unit // _WORD + (plan.unit_words if sign < 0 else 0)
        if sign:
            self._state.ray_ints[question.ray, column] |= 1 << (unit % _WORD)

    def replace_ray(self, ray: int, coordinates: Sequence[float], error: float, grid: int) -> None:
        """Better coordinates for a ray that was asked about, as in `StartCell`."""
        d = self._plan.dimension
        self._state.rays[ray, :d] = coordinates
        self._state.rays[ray, d] = error
        self._state.ray_ints[ray, self._loops.GRID] = grid

    def go_on(self) -> None:
        """All questions have been answered."""
        self._state.counts[self._loops.N_ASKED] = 0

    @property
    def _frame(self) -> list[int]:
        """The cell at hand. After a split this is one of its two sides; they share what a question needs."""
        frame: list[int] = self._state.frames[self._state.counts[self._loops.N_FRAMES] - 1].tolist()
        return frame

    def _grow(self) -> None:
        grown = {}
        for name in ("rays", "ray_ints", "members", "sides", "pairs", "questions"):
            array = getattr(self._state, name)
            grown[name] = np.concatenate([array, np.zeros_like(array)])
        self._state = self._state._replace(**grown)
