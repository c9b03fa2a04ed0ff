"""Float solvers of the finite convex programme; what they return is a guess until it is certified.

    minimise  loss( sum_k F_k z_k + t 1, y ) + beta sum_k || z_k ||     subject to  A_k z_k >= 0

One block k is one activation cell with one output sign: F_k = +-D_k Z, D_k the slopes 1 and kappa of the
activation, and A_k the inward facet normals of the cell (Pilanci and Ergen 2020, equation (P); v-blocks
have sign +, w-blocks sign -). The norm runs over
the penalised coordinates; t exists only for a free bias. CVXPY is the readable reference, Clarabel called
directly is the fast twin, and `polish` is a Newton method on the smooth problem that remains once the
faces of the blocks are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from exactnet.convex.float_losses import approx_loss
from exactnet.convex.losses import Loss
from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.program import Bias, Norm, TrainingProblem

__all__ = [
    "Block",
    "ConeProgram",
    "ConeSolution",
    "block_objective",
    "block_program",
    "full_program",
    "solve_clarabel",
    "solve_cvxpy",
]

Block = tuple[int, int]  # (cell, sign)

_ORDERS = {Norm.L1: 1, Norm.L2: 2, Norm.LINF: np.inf}


@dataclass(frozen=True)
class ConeProgram:
    """The programme as data; `blocks` names what `features[k]` (n x D) and `cones[k]` (f_k x D) belong to."""

    blocks: tuple[Block, ...]
    features: tuple[Floats, ...]
    cones: tuple[Floats, ...]
    targets: Floats
    beta: float
    penalised: tuple[int, ...]
    norm: Norm
    intercept: bool
    loss: Loss = Loss.SQUARED

    @property
    def dimension(self) -> int:
        """Length of one block."""
        return int(self.features[0].shape[1])


@dataclass(frozen=True)
class ConeSolution:
    """Blocks z (K x D), intercept t, and the objective they reach (float).

    `residual` is the dual vector v, minus a slope of the loss, where it is known better than z gives it.
    """

    z: Floats
    t: float
    approx_value: float
    residual: Floats | None = None


def block_program(
    problem: TrainingProblem, cells: FloatCells, targets: Floats, beta: float, blocks: Sequence[Block]
) -> ConeProgram:
    """The programme restricted to some blocks, in the scaled units of `cells`."""
    features = tuple(sign * cells.slopes(cell)[:, None] * cells.rows for cell, sign in blocks)
    cones = tuple(cells.cone(cell) for cell, _ in blocks)
    return ConeProgram(
        tuple(blocks),
        features,
        cones,
        targets,
        beta,
        problem.penalised,
        problem.norm,
        problem.bias is Bias.FREE,
        problem.loss,
    )


def full_program(problem: TrainingProblem, cells: FloatCells) -> ConeProgram:
    """The complete programme (P) over all cells and both signs, in the user's own units."""
    targets = np.array([float(y) for y in problem.targets])
    blocks = [(cell, sign) for cell in range(len(cells.active)) for sign in (1, -1)]
    scaled = block_program(problem, cells, targets, float(problem.beta), blocks)
    return replace(scaled, features=tuple(f * cells.row_scale for f in scaled.features))


def block_objective(program: ConeProgram, z: Floats, t: float) -> float:
    """Objective of given blocks."""
    fits = np.full(len(program.targets), t)
    penalty = 0.0
    for feature, block in zip(program.features, z, strict=True):
        fits = fits + feature @ block
        penalty += float(np.linalg.norm(block[list(program.penalised)], _ORDERS[program.norm]))
    return approx_loss(program.loss, fits, program.targets) + program.beta * penalty


def solve_cvxpy(program: ConeProgram) -> ConeSolution:
    """The programme as one reads it, through CVXPY with Clarabel."""
    import cvxpy as cp

    n_blocks, dimension = len(program.blocks), program.dimension
    z = cp.Variable((n_blocks, dimension))
    t = cp.Variable() if program.intercept else cp.Constant(0.0)
    fit = sum(feature @ z[k] for k, feature in enumerate(program.features)) + t
    order = "inf" if program.norm is Norm.LINF else _ORDERS[program.norm]
    penalty = sum(cp.norm(z[k][list(program.penalised)], order) for k in range(n_blocks))
    y = program.targets
    loss = {
        Loss.SQUARED: lambda: 0.5 * cp.sum_squares(fit - y),
        Loss.L1: lambda: cp.sum(cp.abs(fit - y)),
        Loss.HINGE: lambda: cp.sum(cp.pos(1 - cp.multiply(y, fit))),
        Loss.LOGISTIC: lambda: cp.sum(cp.logistic(-cp.multiply(y, fit))),
    }[program.loss]()
    constraints = [cone @ z[k] >= 0 for k, cone in enumerate(program.cones) if len(cone)]
    task = cp.Problem(cp.Minimize(loss + program.beta * penalty), constraints)
    tol = 1e-8 if program.loss is Loss.LOGISTIC else 1e-10  # exponential cones give no more digits
    task.solve(solver=cp.CLARABEL, tol_gap_abs=tol, tol_gap_rel=tol, tol_feas=tol, max_iter=200)
    intercept = float(t.value) if program.intercept else 0.0
    blocks = np.asarray(z.value, dtype=np.float64)
    return ConeSolution(blocks, intercept, block_objective(program, blocks, intercept))


def solve_clarabel(program: ConeProgram) -> ConeSolution:
    """The same programme handed to Clarabel directly: variables (z, t, r = f - y, norm bounds, loss)."""
    import clarabel

    from exactnet.convex.clarabel_data import clarabel_data, objective_scale

    n, n_blocks, dimension = len(program.targets), len(program.blocks), program.dimension
    n_z = n_blocks * dimension
    cost, linear, matrix, rhs, cones = clarabel_data(program, clarabel)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-13
    settings.tol_ktratio = 1e-9
    settings.max_iter = 200
    solution = clarabel.DefaultSolver(cost, linear, matrix, rhs, cones, settings).solve()
    x = np.array(solution.x)
    z = x[:n_z].reshape(n_blocks, dimension)
    t = float(x[n_z]) if program.intercept else 0.0
    slopes: Floats | None = None
    if program.loss.is_piecewise_linear:
        # the multipliers of F z + t - r = y are the slopes of the loss
        slopes = -objective_scale(program) * np.array(solution.z)[:n]
    return ConeSolution(z, t, block_objective(program, z, t), slopes)
