"""Branch and bound by halving inputs, with CROWN bounds: the hot loop of verification, plain and compiled.

A box is refuted for a case (a conjunction of rows c.y + a.x <= bound) when a weighted sum of its rows is
positive on the whole box. Bounds of the units are inherited from the parent box and tightened; single rows
with three choices of slopes come first, then some steps of ascent on slopes and weights, and if nothing
helps the input is halved that should close most of the relaxation gaps. Floats only, and so only guesses:
what is written down are splits and integers of eight bits, and the checkers recompute everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from exactnet.kernels._crown_state import Scratch, Stack

__all__ = ["CrownSearch", "Stop"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Stop(IntEnum):
    """Why :meth:`CrownSearch.run` has returned."""

    FINISHED = 0
    NODES = 1
    ROOM = 2
    CANDIDATE = 3
    EXACT = 4
    HOPELESS = 5


class CrownSearch:
    """One search over one box; `run` goes on until it needs somebody, `nodes` is what it has written.

    Parameters
    ----------
    weights, biases, is_relu : one (n_l x n_(l-1)) matrix, one vector and one truth vector a layer.
    rows, rows_x, bounds : for each case its rows, (m x n_K), (m x n_0) and (m,).
    lo, hi : the box in grid units.
    unit : the length of a grid unit.
    numbers : how the nodes call the cases; by default 0, 1, ..
    margin : how far above 0 a bound must be to be believed.
    noisy : add the rounding noise of float32 execution.
    max_steps : of ascent in a box.
    deepest, few, tie : boxes with at most `few` unstable units are left to exact methods when they are so
        deep, or when all that misses of a proof is at most `tie`.

    Examples
    --------
    >>> import numpy as np
    >>> search = CrownSearch(
    ...     [np.array([[1.0], [-1.0]]), np.array([[1.0, 1.0]])], [np.zeros(2), np.zeros(1)],
    ...     [np.array([True, True]), np.array([False])], [np.array([[-1.0]])], [np.zeros((1, 1))],
    ...     [np.array([-2.5])], np.array([-2]), np.array([2]), unit=1.0)      # |x| >= 5/2 on [-2, 2]
    >>> search.run(100), search.nodes.tolist()
    (<Stop.FINISHED: 0>, [3, 0])
    """

    def __init__(
        self,
        weights: Sequence[Floats],
        biases: Sequence[Floats],
        is_relu: Sequence[NDArray[np.bool_]],
        rows: Sequence[Floats],
        rows_x: Sequence[Floats],
        bounds: Sequence[Floats],
        lo: Ints,
        hi: Ints,
        *,
        unit: float,
        numbers: Sequence[int] | None = None,
        margin: float = 2.0**-30,
        noisy: bool = False,
        max_steps: int = 20,
        deepest: int = 80,
        few: int = 10,
        tie: float = 2.0**-32,
    ) -> None:
        from exactnet.kernels import _crown_search as loops
        from exactnet.kernels import _crown_state as state

        self._loops, self._state = loops, state
        sizes = np.array([weights[0].shape[1], *(len(b) for b in biases)], dtype=np.int64)
        ends = np.cumsum(sizes[1:] * sizes[:-1])
        self._net = state.Net(
            sizes,
            np.concatenate([[0], ends]).astype(np.int64),
            np.concatenate([[0], np.cumsum(sizes[1:])]).astype(np.int64),
            np.concatenate([w.ravel() for w in weights]).astype(np.float64),
            np.concatenate(list(biases)).astype(np.float64),
            np.concatenate(list(is_relu)).astype(np.uint8),
        )
        n_rows = [len(bound) for bound in bounds]
        self._cases = state.Cases(
            np.array(range(len(rows)) if numbers is None else numbers, dtype=np.int64),
            np.concatenate([[0], np.cumsum(n_rows)]).astype(np.int64),
            np.concatenate([np.reshape(r, (-1, sizes[-1])) for r in rows]).astype(np.float64),
            np.concatenate([np.reshape(r, (-1, sizes[0])) for r in rows_x]).astype(np.float64),
            np.concatenate(list(bounds)).astype(np.float64),
        )
        self._n_cases, self._most_rows = len(rows), max(n_rows)
        self._settings = (unit, margin, noisy, max_steps, deepest)
        self._rest = (few, tie)
        self._stack = self._new_stack(64, lo, hi)
        self._scratch = self._new_scratch(sizes)
        n_units = len(self._net.b)
        self._proofs = np.zeros((self._n_cases, 4 + self._most_rows + 2 * n_units), dtype=np.int64)
        self._lengths = np.zeros(self._n_cases, dtype=np.int64)
        self._nodes = np.zeros(2 * self._proofs.size + 4096, dtype=np.int64)
        self.counters = np.zeros(8, dtype=np.int64)
        self.counters[loops.TOP] = 1

    def _new_stack(self, depth: int, lo: Ints, hi: Ints) -> Stack:
        n_inputs, n_units = len(lo), len(self._net.b)
        stack = self._state.Stack(
            np.zeros((depth, n_inputs), dtype=np.int64),
            np.zeros((depth, n_inputs), dtype=np.int64),
            np.full((depth, n_units), -np.inf),
            np.full((depth, n_units), np.inf),
            np.ones((depth, self._n_cases), dtype=np.uint8),
            np.zeros(depth, dtype=np.int64),
        )
        stack.lo[0], stack.hi[0] = lo, hi
        return stack

    def _new_scratch(self, sizes: Ints) -> Scratch:
        n_inputs, n_layers, most = int(sizes[0]), len(sizes) - 1, int(sizes.max())
        n_units, rows = len(self._net.b), max(self._most_rows, 1)

        def units() -> Floats:
            return np.zeros(n_units)

        def inputs() -> Floats:
            return np.zeros(n_inputs)

        return self._state.Scratch(
            lo=inputs(), hi=inputs(), lower=units(), upper=units(),
            live=np.zeros((n_layers + 1, most), dtype=np.int64),
            n_live=np.zeros(n_layers + 1, dtype=np.int64),
            state=np.zeros(n_units, dtype=np.uint8),
            block=np.zeros((n_layers + 1, most, most)), shift=np.zeros((n_layers + 1, most)),
            total=np.zeros(n_layers + 1),
            slope=units(), intercept=units(), rho=units(), work=np.zeros((7, most)),
            reach=np.zeros((n_units, n_inputs)), alpha=units(), best_alpha=units(), v=units(),
            best_v=units(), x_slope=inputs(), x=inputs(), z=units(), h=np.zeros((3, most)),
            weights=np.zeros(rows), best_weights=np.zeros(rows), row=np.zeros(sizes[-1]), row_x=inputs(),
            first=units(), second=units(), score=np.zeros(max(n_inputs, rows)), found=inputs(),
        )  # fmt: skip

    def run(self, max_nodes: int) -> Stop:
        """Go on until something has to be decided elsewhere, at most `max_nodes` boxes in all."""
        loops = self._loops
        while True:
            options = self._state.Options(*self._settings, max_nodes, *self._rest)
            code = loops.search(
                self._net, self._cases, self._stack, options, self._scratch, self._nodes, self._proofs,
                self._lengths, self.counters,
            )  # fmt: skip
            if code == loops.ROOM:
                self._make_room()
            else:
                return Stop(code)

    def _make_room(self) -> None:
        loops = self._loops
        if self.counters[loops.TOP] >= len(self._stack.depth):
            self._stack = self._state.Stack(*(np.concatenate([part, part]) for part in self._stack))
        else:
            self._nodes = np.concatenate([self._nodes, np.zeros_like(self._nodes)])

    @property
    def nodes(self) -> Ints:
        """The nodes written so far."""
        return self._nodes[: self.counters[self._loops.WRITTEN]]

    @property
    def candidate(self) -> Floats:
        """The point that seems to satisfy a case, after :attr:`Stop.CANDIDATE`."""
        found: Floats = self._scratch.found
        return found.copy()

    @property
    def box(self) -> tuple[Ints, Ints]:
        """The box on top of the stack, in grid units."""
        top = self.counters[self._loops.TOP] - 1
        return self._stack.lo[top].copy(), self._stack.hi[top].copy()

    @property
    def open_cases(self) -> list[int]:
        """The cases that are not refuted on the box on top of the stack."""
        top = self.counters[self._loops.TOP] - 1
        return [int(c) for c in np.flatnonzero(self._stack.is_open[top])]

    @property
    def unit_bounds(self) -> tuple[Floats, Floats]:
        """Bounds of all units on the box that was looked at last."""
        return self._scratch.lower.copy(), self._scratch.upper.copy()

    def look_away(self) -> None:
        """Go on although the last candidate (or hopeless point) was none."""
        self.counters[self._loops.SKIP] = 1

    def settle(self, nodes: Sequence[int], n_leaves: int) -> None:
        """Write these nodes for the box on top of the stack, and take it off."""
        loops = self._loops
        while len(self._nodes) < self.counters[loops.WRITTEN] + len(nodes):
            self._nodes = np.concatenate([self._nodes, np.zeros_like(self._nodes)])
        start = self.counters[loops.WRITTEN]
        self._nodes[start : start + len(nodes)] = nodes
        self.counters[loops.WRITTEN] += len(nodes)
        self.counters[loops.LEAVES] += n_leaves
        self.counters[loops.TOP] -= 1
