"""L-BFGS on many seeds at once, with a line search that is made for kinks.

The objective has kinks exactly where its minima are: optimal neurons vanish on samples, and with the l1
norm many weights are zero. Two measures, neither of which touches the objective that is minimised in the
end:

* the step length is found by bisection for the weak Wolfe conditions (Lewis and Overton 2013, "Nonsmooth
  optimization via quasi-Newton methods"), which a function with kinks still allows;
* after a first run, all kinks are rounded off and sharpened again step by step, each run starting from
  the one before; the last run is on the stated objective, and the best network counts.

Every evaluation is one batch: seeds search their lines side by side, none waits for another. (SciPy's
L-BFGS-B takes one seed at a time, and through it OpenBLAS threads are started for tiny triangular
systems; on a busy machine that made it more than ten times slower.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import Floats
from exactnet.crosscheck.steps import BestSoFar, Report

__all__ = ["lbfgs"]

# in units of the typical size of a pre-activation, 1/sqrt(n)
ROUNDINGS = (0.0, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 0.0)
MEMORY = 20
MOST_TRIALS = 30  # of one line search
_ARMIJO, _WOLFE = 1e-4, 0.9
_GRADIENT_TOLERANCE = 1e-10
# a seed stops when WINDOW iterations together lower its objective by less than this share of it; the
# rounded runs need not be finished
WINDOW = 10
_STALL, _STALL_ROUNDED = 1e-13, 1e-10
_CURVATURE = 1e-14

Indices = npt.NDArray[np.int64]


def lbfgs(
    objective: Objective, theta: Floats, *, n_steps: int, report: Report
) -> tuple[Floats, Floats, tuple[int, ...]]:
    """The best network of each seed, its objective, and the iterations used.

    Parameters
    ----------
    theta : (n_seeds, P) starting weights.
    n_steps : most iterations for one seed, over all runs.
    report : called with the share of n_steps that is done.
    """
    unit = objective.scaled.n_samples**-0.5
    best = BestSoFar(theta, objective.value(theta))
    used = np.zeros(len(theta), dtype=np.int64)
    for i, rounding in enumerate(ROUNDINGS):
        shares = (n_steps - used) // (len(ROUNDINGS) - i)
        run = _Run(Objective(objective.scaled, objective.n_neurons, rounding * unit), theta, shares)
        while run.active.size:
            run.evaluate()
        theta = run.theta
        used += run.n_steps
        best.update(theta, objective.value(theta))
        report(n_steps * (i + 1) // len(ROUNDINGS))
    return best.theta, best.losses, tuple(used.tolist())


class _Run:
    """One L-BFGS run of all seeds on one (possibly rounded) objective; mutable, lives inside `lbfgs` only."""

    def __init__(self, objective: Objective, theta: Floats, shares: Indices) -> None:
        n_seeds, n_weights = theta.shape
        self.objective, self.shares = objective, shares
        self.theta = theta.copy()
        self.losses, self.gradient = objective.value_and_gradient(theta)
        self.n_steps = np.zeros(n_seeds, dtype=np.int64)
        self.marks = self.losses.copy()  # every WINDOW iterations
        self.moves = np.zeros((MEMORY, n_seeds, n_weights))
        self.turns = np.zeros((MEMORY, n_seeds, n_weights))
        self.curvatures = np.zeros((MEMORY, n_seeds))  # 0: empty slot
        self.n_kept = np.zeros(n_seeds, dtype=np.int64)
        self.direction = np.zeros_like(theta)
        self.slope = np.zeros(n_seeds)
        self.low, self.high, self.length = (np.zeros(n_seeds) for _ in range(3))
        self.n_trials = np.zeros(n_seeds, dtype=np.int64)
        self.active: Indices = np.arange(n_seeds)
        self._drop(self._converged(self.active) | (shares <= 0))
        self._aim(self.active)

    def evaluate(self) -> None:
        """One evaluation for every active seed: a trial step, accepted or not."""
        rows = self.active
        trial = self.theta[rows] + self.length[rows, None] * self.direction[rows]
        losses, gradient = self.objective.value_and_gradient(trial)
        length, slope = self.length[rows], self.slope[rows]
        too_high = ~(losses <= self.losses[rows] + _ARMIJO * length * slope)  # also for NaN
        too_steep = ~too_high & (_dot(gradient, self.direction[rows]) < _WOLFE * slope)
        self.high[rows[too_high]] = length[too_high]
        self.low[rows[too_steep]] = length[too_steep]
        self.n_trials[rows] += 1
        # a step that only fails the second condition is progress enough when the trials are used up
        out_of_trials = self.n_trials[rows] >= MOST_TRIALS
        accepted = ~too_high & (~too_steep | out_of_trials)
        failed = too_high & out_of_trials
        self._bisect(rows[~accepted & ~failed])
        done = np.zeros(len(rows), dtype=np.bool_)
        done[accepted] = self._accept(rows[accepted], trial[accepted], losses[accepted], gradient[accepted])
        done[failed] = self._restart(rows[failed])
        self._drop(done)

    def _bisect(self, rows: Indices) -> None:
        low, high = self.low[rows], self.high[rows]
        self.length[rows] = np.where(np.isinf(high), 2.0 * low, 0.5 * (low + high))

    def _accept(
        self, rows: Indices, theta: Floats, losses: Floats, gradient: Floats
    ) -> npt.NDArray[np.bool_]:
        """Move to the trial points; returns which seeds are done."""
        if not rows.size:
            return np.zeros(0, dtype=np.bool_)
        move, turn = theta - self.theta[rows], gradient - self.gradient[rows]
        curvature = _dot(move, turn)
        keep = curvature > _CURVATURE * np.sqrt(_dot(move, move) * _dot(turn, turn))
        self._remember(rows[keep], move[keep], turn[keep], curvature[keep])
        self.theta[rows], self.losses[rows], self.gradient[rows] = theta, losses, gradient
        self.n_steps[rows] += 1
        done = self._converged(rows) | (self.n_steps[rows] >= self.shares[rows]) | self._stalled(rows)
        self._aim(rows[~done])
        return done

    def _remember(self, rows: Indices, move: Floats, turn: Floats, curvature: Floats) -> None:
        slots = self.n_kept[rows] % MEMORY
        self.moves[slots, rows], self.turns[slots, rows] = move, turn
        self.curvatures[slots, rows] = curvature
        self.n_kept[rows] += 1

    def _restart(self, rows: Indices) -> npt.NDArray[np.bool_]:
        """Forget the curvature after a failed line search; a seed with nothing to forget is done."""
        nothing_kept = self.n_kept[rows] == 0
        self.curvatures[:, rows] = 0.0
        self.n_kept[rows] = 0
        self._aim(rows[~nothing_kept])
        return np.asarray(nothing_kept)

    def _aim(self, rows: Indices) -> None:
        """New directions by the two-loop recursion, and fresh line searches."""
        if not rows.size:
            return
        direction = -self.gradient[rows]
        kept = self.n_kept[rows]
        depth = int(min(kept.max(), MEMORY))
        weights = np.zeros((depth, len(rows)))
        for back in range(depth):  # newest first
            slots = (kept - 1 - back) % MEMORY
            curvature = self.curvatures[slots, rows]
            filled = (back < kept) & (curvature > 0)
            weights[back] = np.where(
                filled, _dot(self.moves[slots, rows], direction) / np.where(filled, curvature, 1.0), 0.0
            )
            direction -= weights[back][:, None] * self.turns[slots, rows]
        newest = (kept - 1) % MEMORY
        turn = self.turns[newest, rows]
        squared = _dot(turn, turn)
        usable = (kept > 0) & (squared > 0)
        scale = np.where(usable, self.curvatures[newest, rows] / np.where(usable, squared, 1.0), 1.0)
        direction *= scale[:, None]
        for back in reversed(range(depth)):  # oldest first
            slots = (kept - 1 - back) % MEMORY
            curvature = self.curvatures[slots, rows]
            filled = (back < kept) & (curvature > 0)
            other = _dot(self.turns[slots, rows], direction) / np.where(filled, curvature, 1.0)
            direction += np.where(filled, weights[back] - other, 0.0)[:, None] * self.moves[slots, rows]
        slope = _dot(direction, self.gradient[rows])
        uphill = ~(slope < 0)
        direction[uphill] = -self.gradient[rows[uphill]]
        self.direction[rows] = direction
        self.slope[rows] = _dot(direction, self.gradient[rows])
        self.low[rows], self.high[rows], self.n_trials[rows] = 0.0, np.inf, 0
        first = 1.0 / np.maximum(1.0, np.sqrt(_dot(direction, direction)))
        self.length[rows] = np.where((kept > 0) & ~uphill, 1.0, first)

    def _converged(self, rows: Indices) -> npt.NDArray[np.bool_]:
        return np.asarray(np.abs(self.gradient[rows]).max(axis=1) <= _GRADIENT_TOLERANCE)

    def _stalled(self, rows: Indices) -> npt.NDArray[np.bool_]:
        at_mark = self.n_steps[rows] % WINDOW == 0
        losses = self.losses[rows]
        tolerance = _STALL_ROUNDED if self.objective.rounding else _STALL
        stalled = at_mark & (self.marks[rows] - losses <= tolerance * losses)
        self.marks[rows[at_mark]] = losses[at_mark]
        return np.asarray(stalled)

    def _drop(self, done: npt.NDArray[np.bool_]) -> None:
        self.active = self.active[~done]


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(axis=1))
