"""Float solvers of the finite convex programme; what they return is a guess until it is certified.

    minimise  1/2 || sum_k F_k z_k + t 1 - y ||^2 + beta sum_k || z_k ||     subject to  A_k z_k >= 0

One block k is one activation cell with one output sign: F_k = +-D_k Z and A_k the inward facet normals of
the cell (Pilanci and Ergen 2020, equation (P); v-blocks have sign +, w-blocks sign -). The norm runs over
the penalised coordinates; t exists only for a free bias. CVXPY is the readable reference, Clarabel called
directly is the fast twin, and `polish` is a Newton method on the smooth problem that remains once the
faces of the blocks are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

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

    @property
    def dimension(self) -> int:
        """Length of one block."""
        return int(self.features[0].shape[1])


@dataclass(frozen=True)
class ConeSolution:
    """Blocks z (K x D), intercept t, and the objective they reach (float).

    `residual` is y - f where it is known more accurately than z gives it.
    """

    z: Floats
    t: float
    approx_value: float
    residual: Floats | None = None


def block_program(
    problem: TrainingProblem, cells: FloatCells, targets: Floats, beta: float, blocks: Sequence[Block]
) -> ConeProgram:
    """The programme restricted to some blocks, in the scaled units of `cells`."""
    features = tuple(sign * cells.active[cell][:, None] * cells.rows for cell, sign in blocks)
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
    )


def full_program(problem: TrainingProblem, cells: FloatCells) -> ConeProgram:
    """The complete programme (P) over all cells and both signs, in the user's own units."""
    targets = np.array([float(y) for y in problem.targets])
    blocks = [(cell, sign) for cell in range(len(cells.active)) for sign in (1, -1)]
    scaled = block_program(problem, cells, targets, float(problem.beta), blocks)
    features = tuple(f * cells.row_scale for f in scaled.features)
    return ConeProgram(
        scaled.blocks,
        features,
        scaled.cones,
        targets,
        scaled.beta,
        scaled.penalised,
        scaled.norm,
        scaled.intercept,
    )


def block_objective(program: ConeProgram, z: Floats, t: float) -> float:
    """Objective of given blocks."""
    residual = -program.targets + t
    penalty = 0.0
    order = 1 if program.norm is Norm.L1 else 2
    for feature, block in zip(program.features, z, strict=True):
        residual = residual + feature @ block
        penalty += float(np.linalg.norm(block[list(program.penalised)], order))
    return 0.5 * float(residual @ residual) + program.beta * penalty


def solve_cvxpy(program: ConeProgram) -> ConeSolution:
    """The programme as one reads it, through CVXPY with Clarabel."""
    import cvxpy as cp

    n_blocks, dimension = len(program.blocks), program.dimension
    z = cp.Variable((n_blocks, dimension))
    t = cp.Variable() if program.intercept else cp.Constant(0.0)
    fit = sum(feature @ z[k] for k, feature in enumerate(program.features)) + t
    order = 1 if program.norm is Norm.L1 else 2
    penalty = sum(cp.norm(z[k][list(program.penalised)], order) for k in range(n_blocks))
    constraints = [cone @ z[k] >= 0 for k, cone in enumerate(program.cones) if len(cone)]
    task = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(fit - program.targets) + program.beta * penalty), constraints
    )
    task.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10, max_iter=200)
    intercept = float(t.value) if program.intercept else 0.0
    blocks = np.asarray(z.value, dtype=np.float64)
    return ConeSolution(blocks, intercept, block_objective(program, blocks, intercept))


def solve_clarabel(program: ConeProgram) -> ConeSolution:
    """The same programme handed to Clarabel directly: variables (z, t, residual r, norm bounds s)."""
    import clarabel

    n, n_blocks, dimension = len(program.targets), len(program.blocks), program.dimension
    n_z = n_blocks * dimension
    rest = n_z + int(program.intercept)
    cost, linear, matrix, rhs, cones = _clarabel_data(program, n, n_blocks, dimension, rest, clarabel)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-13
    settings.tol_ktratio = 1e-9
    settings.max_iter = 200
    solution = clarabel.DefaultSolver(cost, linear, matrix, rhs, cones, settings).solve()
    x = np.array(solution.x)
    z = x[:n_z].reshape(n_blocks, dimension)
    t = float(x[n_z]) if program.intercept else 0.0
    return ConeSolution(z, t, block_objective(program, z, t))


def _clarabel_data(
    program: ConeProgram, n: int, n_blocks: int, dimension: int, rest: int, clarabel: Any
) -> tuple[Any, Floats, Any, Floats, list[Any]]:
    """P, q, A, b and cones of Clarabel's form min 1/2 x'Px + q'x, Ax + s = b, s in cones."""
    polyhedral = program.norm is Norm.L1
    penalised = list(program.penalised)
    n_bounds = n_blocks * (len(penalised) if polyhedral else 1)
    n_x = rest + n + n_bounds
    cost = sparse.diags_array(np.concatenate([np.zeros(rest), np.ones(n), np.zeros(n_bounds)])).tocsc()
    linear = np.concatenate([np.zeros(rest + n), np.full(n_bounds, program.beta)])
    design = [np.hstack(program.features)] + ([np.ones((n, 1))] if program.intercept else [])
    equality = sparse.hstack(
        [sparse.csc_array(np.hstack(design)), -sparse.eye_array(n), sparse.csc_array((n, n_bounds))]
    )
    facets = sparse.block_diag([sparse.csc_array(-cone) for cone in program.cones], format="csc")
    n_facets = facets.shape[0]
    facets = sparse.hstack([facets, sparse.csc_array((n_facets, n_x - n_blocks * dimension))])
    bounds, bound_cones = _norm_rows(program, n_blocks, dimension, rest + n, n_x, clarabel)
    matrix = sparse.vstack([equality, facets, bounds]).tocsc()
    rhs = np.concatenate([program.targets, np.zeros(n_facets + bounds.shape[0])])
    cones = [clarabel.ZeroConeT(n), clarabel.NonnegativeConeT(n_facets), *bound_cones]
    return cost, linear, matrix, rhs, cones


def _norm_rows(
    program: ConeProgram, n_blocks: int, dimension: int, first: int, n_x: int, clarabel: Any
) -> tuple[Any, list[Any]]:
    """Rows that bound the block norms: second-order cones for l2, +-z <= s for l1."""
    penalised = np.array(program.penalised)
    p = len(penalised)
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    if program.norm is Norm.L1:
        for k in range(n_blocks):
            for j, coordinate in enumerate(penalised):
                row = 2 * (k * p + j)
                rows += [row, row, row + 1, row + 1]
                columns += [k * dimension + int(coordinate), first + k * p + j] * 2
                values += [1.0, -1.0, -1.0, -1.0]
        shape = (2 * n_blocks * p, n_x)
        cones = [clarabel.NonnegativeConeT(shape[0])]
    else:
        for k in range(n_blocks):
            row = k * (p + 1)
            rows += [row, *range(row + 1, row + 1 + p)]
            columns += [first + k, *(k * dimension + penalised).tolist()]
            values += [-1.0] * (p + 1)
        shape = (n_blocks * (p + 1), n_x)
        cones = [clarabel.SecondOrderConeT(p + 1) for _ in range(n_blocks)]
    return sparse.coo_array((values, (rows, columns)), shape=shape), cones
