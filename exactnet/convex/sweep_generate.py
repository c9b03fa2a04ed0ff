"""Column generation by sweeps: price all faces in one pass, solve on the few that matter, repeat.

Every pass bounds the optimum from below: the residual, scaled into the dual feasible set, is a dual vector.
Floats only; what is claimed in the end is decided in integers elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.program import TrainingProblem
from exactnet.convex.sweep_blocks import Block, add_peaks, residual
from exactnet.convex.sweep_master import solve_master
from exactnet.convex.sweep_plan import SweepPlan
from exactnet.convex.sweep_refine import refine
from exactnet.kernels.sweep import Peaks

__all__ = ["SweepCandidate", "sweep_generation"]

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int | None], None]

_MOST_PEAKS = 48
# rounds in which the gap does not shrink to this share, nor the objective fall by much; far away, and close
_PATIENCE = (30, 8)
_PROGRESS = 0.9
_NEAR = 2.0**-7  # a relative gap from which on the master is solved to rounding level
_CLOSE = 2.0**-23  # a relative gap from which on the residual is refined in long doubles


@dataclass(frozen=True)
class SweepCandidate:
    """Neurons in scaled units (outputs divided by `target_scale`), and a dual guess in the user's units.

    `gamma` is the largest |sum v_i (z_i.u)_+| over unit u, in the user's units, for this v.
    """

    blocks: tuple[Block, ...]
    target_scale: float
    v: Floats
    gamma: float
    approx_gap: float
    n_rounds: int


@dataclass(frozen=True)
class _State:
    blocks: list[Block]
    v: NDArray[np.longdouble]
    value: float


def sweep_generation(
    problem: TrainingProblem,
    plan: SweepPlan,
    *,
    gap: float = 2.0**-50,
    max_rounds: int = 400,
    progress: Progress | None = None,
) -> SweepCandidate:
    """Solve the training problem to a float gap; ends early when rounding leaves nothing to gain."""
    y_long = _long_doubles(problem.targets)
    scale = float(np.abs(y_long).max(initial=0.0)) or 1.0
    y_long = y_long / np.longdouble(scale)
    y = y_long.astype(np.float64)
    beta = float(problem.beta) / (plan.row_scale * scale)
    state = _State([], y_long, 0.5 * float(y @ y))
    best, best_v, best_gamma, lower = state, y, np.inf, -np.inf
    rounds, progressed, width, reached = 0, 0, np.inf, np.inf
    try:
        for rounds in range(1, max_rounds + 1):
            v = state.v.astype(np.float64)
            peaks = plan.peaks(v, threshold=beta * (1 + 2.0**-43))
            bound = _dual_value(v, y, min(1.0, beta / peaks.gamma) if peaks.gamma > 0 else 1.0)
            # the best network and the best dual vector may come from different rounds
            if bound > lower:
                lower, best_v, best_gamma = bound, v, peaks.gamma
            if state.value < best.value:
                best = state
            now = best.value - lower
            if now < _PROGRESS * width or best.value < reached - (1 - _PROGRESS) / 10 * now:
                width, reached, progressed = min(now, width), best.value, rounds
            if progress:
                progress("column generation", rounds, None)
            upper = best.value
            close = upper - lower <= _CLOSE * upper
            if (
                upper - lower <= gap * upper
                or not len(peaks.values)
                or rounds - progressed > _PATIENCE[close]
            ):
                break
            near = upper - lower <= _NEAR * upper
            state = _next(plan, state, peaks, y, y_long, beta, near, close)
    except KeyboardInterrupt:
        pass
    unit = scale * plan.row_scale
    return SweepCandidate(
        tuple(best.blocks),
        scale,
        best_v * scale,
        best_gamma * unit,
        (best.value - lower) / max(best.value, np.finfo(float).tiny),
        rounds,
    )


def _long_doubles(numbers: Sequence[Fraction]) -> NDArray[np.longdouble]:
    """The numbers as the sum of a double and what it leaves over."""
    high = [x.numerator / x.denominator for x in numbers]
    low = [
        0.0 if h.as_integer_ratio() == (x.numerator, x.denominator) else float(x - Fraction(h))
        for h, x in zip(high, numbers, strict=True)
    ]
    return np.array(high, np.longdouble) + np.array(low, np.longdouble)


def _next(
    plan: SweepPlan,
    state: _State,
    peaks: Peaks,
    y: Floats,
    y_long: NDArray[np.longdouble],
    beta: float,
    near: bool,
    close: bool,
) -> _State:
    wanted = [
        (int(peaks.signs[i]), peaks.points[i], plan.tight(int(peaks.kinds[i]), peaks.places[i]))
        for i in range(min(_MOST_PEAKS, len(peaks.values)))
    ]
    blocks, starts = add_peaks(plan, state.blocks, wanted)
    blocks = solve_master(plan, blocks, starts, y, beta, near=near)
    if close:
        blocks, v = refine(plan, blocks, y_long, beta)
    else:
        v = residual(plan, blocks, y).astype(np.longdouble)
    penalty = sum(float(np.sqrt(block.u @ block.u)) for block in blocks)
    value = 0.5 * float(v @ v) + beta * penalty
    return _State(blocks, v, value)


def _dual_value(v: Floats, y: Floats, largest: float) -> float:
    size = float(v @ v)
    if size == 0:
        return 0.0
    s = min(largest, float(v @ y) / size)
    return s * float(v @ y) - 0.5 * s * s * size
