"""Column generation: the programme over all cells, solved on the few cells that matter.

Start with no neuron; price all cells with the residual v = y - f; add the cells that violate the dual
constraint most; solve the small master programme; repeat. At every step v scaled into the dual feasible
set bounds the optimum from below, so the loop stops on a gap, not on hope. Everything here is float; the
certificate is made, and the bounds are proved, in :mod:`exactnet.convex.certify`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.float_losses import approx_dual, approx_loss, approx_slope, dual_box
from exactnet.convex.losses import Loss, constant_fit
from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.polish import polish
from exactnet.convex.polish_kinks import polish_kinks
from exactnet.convex.pricing import price
from exactnet.convex.program import Bias, TrainingProblem
from exactnet.convex.solve import Block, ConeProgram, ConeSolution, block_program, solve_clarabel

__all__ = ["Candidate", "column_generation"]

Progress = Callable[[str, int, int | None], None]
_MOST_CELLS_A_ROUND = 16
_BUDGET = 3000
_PATIENCE = 12  # rounds without progress of either bound: the rounding level is reached


@dataclass(frozen=True)
class Candidate:
    """What the float solver proposes, in the user's units.

    `blocks[k]` is the cell and output sign of the vector `z[k]`; `t` the intercept; `v` the dual guess;
    `approx_gap` the relative gap the floats believe in.
    """

    blocks: tuple[Block, ...]
    z: Floats
    t: float
    v: Floats
    approx_value: float
    approx_gap: float
    n_rounds: int


@dataclass(frozen=True)
class _State:
    """Current master solution in scaled units."""

    program: ConeProgram | None
    solution: ConeSolution
    v: Floats


def column_generation(
    problem: TrainingProblem,
    cells: FloatCells,
    *,
    gap: float = 1e-10,
    max_rounds: int = 200,
    progress: Progress | None = None,
) -> Candidate:
    """Solve the l2 training programme over all cells to a float gap.

    A keyboard interrupt ends the loop early with the best candidate so far: it can still be certified.
    """
    units = _units(problem)
    y = np.array([float(y) for y in problem.targets]) / units.y
    beta = float(problem.beta) / (cells.row_scale * units.v)
    constant, slopes = constant_fit(problem.loss, problem.targets, intercept=problem.bias is Bias.FREE)
    t, v = float(constant) / units.y, np.array([float(x) for x in slopes]) / units.v
    empty = ConeSolution(
        np.zeros((0, problem.dimension)), t, approx_loss(problem.loss, np.full(len(y), t), y)
    )
    state = _State(None, empty, v)
    # the best network and the best dual vector may come from different rounds
    best, best_v, lower, rounds, progressed = state, v, -np.inf, 0, 0
    try:
        for rounds in range(1, max_rounds + 1):
            priced = state.v
            state, bound, finished = _round(problem, cells, state, y, beta, gap)
            if bound > lower:
                lower, best_v = bound, priced
            if state.solution.approx_value < best.solution.approx_value:
                best = state
            if progress:
                progress("column generation", rounds, None)
            progressed = rounds if state is best or bound >= lower else progressed
            if finished or rounds - progressed > _PATIENCE:
                break
    except KeyboardInterrupt:
        pass
    upper = best.solution.approx_value
    return Candidate(
        best.program.blocks if best.program else (),
        best.solution.z * (units.y / cells.row_scale),
        best.solution.t * units.y,
        best_v * units.v,
        upper * units.y * units.v,
        (upper - lower) / max(upper, np.finfo(float).tiny),
        rounds,
    )


@dataclass(frozen=True)
class _Units:
    """What targets and dual vectors are measured in; rows are in units of `row_scale`."""

    y: float
    v: float


def _units(problem: TrainingProblem) -> _Units:
    """Targets of size one; the margins of hinge and logistic are in fixed units."""
    largest = float(max(map(abs, problem.targets))) or 1.0
    if problem.loss is Loss.SQUARED:
        return _Units(largest, largest)
    return _Units(largest if problem.loss is Loss.L1 else 1.0, 1.0)


def _round(
    problem: TrainingProblem, cells: FloatCells, state: _State, y: Floats, beta: float, gap: float
) -> tuple[_State, float, bool]:
    """Price, bound, extend, solve. Returns the new state, a float lower bound, and whether to stop."""
    known = set(state.program.blocks) if state.program else set()
    wanted: list[Block] = []
    thorough = len(cells.active) * 2 <= _BUDGET * 8
    if not thorough:
        quick = price(problem, cells, state.v, threshold=beta, budget=_BUDGET // 4)
        wanted = _violators(cells, quick.low, beta * (1 + 1e-7), known, problem.bias is Bias.FREE)
    lower = -np.inf
    if thorough or not wanted:
        full = price(problem, cells, state.v, threshold=beta)
        lower = _dual_value(problem.loss, state.v, y, min(1.0, beta / max(full.gamma, beta / 2)))
        wanted = _violators(cells, full.low, beta * (1 + 1e-12), known, problem.bias is Bias.FREE)
        upper = state.solution.approx_value
        if not wanted or upper - lower <= gap * upper:
            return state, lower, True
    return _extend(problem, cells, state, y, beta, wanted), lower, False


def _dual_value(loss: Loss, v: Floats, y: Floats, largest: float) -> float:
    if loss is not Loss.SQUARED:
        return approx_dual(loss, largest * v, y)
    size = float(v @ v)
    if size == 0:
        return 0.0
    s = min(largest, float(v @ y) / size)
    return s * float(v @ y) - 0.5 * s * s * size


def _violators(
    cells: FloatCells, values: Floats, threshold: float, known: set[Block], intercept: bool
) -> list[Block]:
    """The most violated cells, spread out: neighbours of a chosen one wait for the next round.

    With a free output bias the cells where all samples are active, or none, are redundant: moving the
    hidden bias until a sample reaches the wall, and t, gives the same function inside a neighbouring cell.
    """
    skip: NDArray[np.bool_] = np.zeros(len(cells.active), bool)
    if intercept:
        skip = np.asarray(cells.active.all(axis=1) | ~cells.active.any(axis=1))
    picked: list[Block] = []
    order = np.argsort(-values, axis=None)
    near = max(1, cells.active.shape[1] // 25)
    for flat in order:
        cell, column = int(flat) // 2, int(flat) % 2
        if skip[cell]:
            continue
        if values[cell, column] <= threshold or len(picked) >= _MOST_CELLS_A_ROUND:
            break
        block = (cell, 1 if column == 0 else -1)
        if block in known or any(_close(cells, block, other, near) for other in picked):
            continue
        picked.append(block)
    return picked


def _close(cells: FloatCells, one: Block, other: Block, near: int) -> bool:
    same = one[1] == other[1]
    return same and int((cells.active[one[0]] != cells.active[other[0]]).sum()) <= near


def _extend(
    problem: TrainingProblem, cells: FloatCells, state: _State, y: Floats, beta: float, wanted: list[Block]
) -> _State:
    """Solve the master on the blocks still in use plus the wanted ones, and polish it."""
    blocks = [*(_in_use(state) if state.program else []), *wanted]
    program = block_program(problem, cells, y, beta, blocks)
    solution = polish_kinks(program, polish(program, solve_clarabel(program)))
    # where the dual vector is not unique, unused blocks are its constraints: without them it wanders
    used = (np.linalg.norm(solution.z, axis=1) > 0) | problem.loss.is_piecewise_linear
    program = replace(
        program,
        blocks=tuple(b for b, keep in zip(program.blocks, used, strict=True) if keep),
        features=tuple(f for f, keep in zip(program.features, used, strict=True) if keep),
        cones=tuple(c for c, keep in zip(program.cones, used, strict=True) if keep),
    )
    solution = replace(solution, z=solution.z[used])
    v = solution.residual
    if v is None:
        fits = np.full(len(y), solution.t)
        for f, z in zip(program.features, solution.z, strict=True):
            fits = fits + f @ z
        v = np.asarray(approx_slope(problem.loss, fits, y), dtype=np.float64)
    return _State(program, solution, _inside(problem, v, y))


def _inside(problem: TrainingProblem, v: Floats, y: Floats) -> Floats:
    """v in the domain of the dual; with an intercept of a bounded loss, its sum 0 as well as floats can."""
    if problem.loss is Loss.SQUARED:
        return v
    low, high = dual_box(problem.loss, y)
    v = np.clip(v, low, high)
    for _ in range(3 if problem.bias is Bias.FREE else 0):
        excess = float(v.sum())
        room = v - low if excess > 0 else high - v
        total = float(room.sum())
        if total > 0:
            v = np.clip(v - excess * room / total, low, high)
    return v


def _in_use(state: _State) -> list[Block]:
    assert state.program is not None
    if state.program.loss.is_piecewise_linear:
        return list(state.program.blocks)
    sizes: NDArray[np.float64] = np.linalg.norm(state.solution.z, axis=1)
    large = sizes > 1e-9 * sizes.max(initial=0.0)
    return [block for block, keep in zip(state.program.blocks, large, strict=True) if keep]
