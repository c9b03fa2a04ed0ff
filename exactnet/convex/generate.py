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

from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.polish import polish
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
    targets = np.array([float(y) for y in problem.targets])
    scale = float(np.abs(targets).max(initial=0.0)) or 1.0
    y = targets / scale
    beta = float(problem.beta) / (cells.row_scale * scale)
    v = y - y.mean() if problem.bias is Bias.FREE else y
    t = float(y.mean()) if problem.bias is Bias.FREE else 0.0
    empty = ConeSolution(np.zeros((0, problem.dimension)), t, 0.5 * float(v @ v))
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
        best.solution.z * (scale / cells.row_scale),
        best.solution.t * scale,
        best_v * scale,
        upper * scale**2,
        (upper - lower) / max(upper, np.finfo(float).tiny),
        rounds,
    )


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
        lower = _dual_value(state.v, y, min(1.0, beta / max(full.gamma, beta / 2)))
        wanted = _violators(cells, full.low, beta * (1 + 1e-12), known, problem.bias is Bias.FREE)
        upper = state.solution.approx_value
        if not wanted or upper - lower <= gap * upper:
            return state, lower, True
    return _extend(problem, cells, state, y, beta, wanted), lower, False


def _dual_value(v: Floats, y: Floats, largest: float) -> float:
    size = float(v @ v)
    if size == 0:
        return 0.0
    s = min(largest, float(v @ y) / size)
    return s * float(v @ y) - 0.5 * s * s * size


def _violators(
    cells: FloatCells, values: Floats, threshold: float, known: set[Block], intercept: bool
) -> list[Block]:
    """The most violated cells, spread out: neighbours of a chosen one wait for the next round.

    With a free output bias the cell where every sample is active is redundant: lowering the hidden bias
    until a sample reaches the wall, and raising t, gives the same function inside a neighbouring cell.
    """
    skip: NDArray[np.bool_] = np.all(cells.active, axis=1) if intercept else np.zeros(len(cells.active), bool)
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
    solution = polish(program, solve_clarabel(program))
    used = np.linalg.norm(solution.z, axis=1) > 0
    program = replace(
        program,
        blocks=tuple(b for b, keep in zip(program.blocks, used, strict=True) if keep),
        features=tuple(f for f, keep in zip(program.features, used, strict=True) if keep),
        cones=tuple(c for c, keep in zip(program.cones, used, strict=True) if keep),
    )
    solution = replace(solution, z=solution.z[used])
    if solution.residual is not None:
        return _State(program, solution, solution.residual)
    fit = sum((f @ z for f, z in zip(program.features, solution.z, strict=True)), np.zeros(len(y)))
    return _State(program, solution, y - fit - solution.t)


def _in_use(state: _State) -> list[Block]:
    assert state.program is not None
    sizes: NDArray[np.float64] = np.linalg.norm(state.solution.z, axis=1)
    large = sizes > 1e-9 * sizes.max(initial=0.0)
    return [block for block, keep in zip(state.program.blocks, large, strict=True) if keep]
