"""A programme in Clarabel's form: min 1/2 x'Px + q'x subject to Ax + s = b, s in cones.

The variables are x = (z, t, r, bounds, loss): the blocks, the intercept if there is one, r = f - y, the
bounds of the norms, and what the loss needs: nothing (squared), e_i >= loss_i (hinge, l1), or (e, p, q) with
p + q <= 1, exp(-e) <= p, exp(-y f - e) <= q, which says e >= log(1 + exp(-y f)) (logistic).

For the losses other than squared the objective is divided by :func:`objective_scale`, so that the dual
variables of small beta are of size one, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from exactnet.convex.losses import Loss
from exactnet.convex.patterns import Floats
from exactnet.convex.program import Norm

if TYPE_CHECKING:
    from exactnet.convex.solve import ConeProgram

__all__ = ["clarabel_data", "objective_scale"]

Entry = tuple[int, int, float]


def objective_scale(program: ConeProgram) -> float:
    """What the objective is divided by."""
    return 1.0 if program.loss is Loss.SQUARED else min(1.0, program.beta)


def clarabel_data(program: ConeProgram, clarabel: Any) -> tuple[Any, Floats, Any, Floats, list[Any]]:
    """P, q, A, b and cones."""
    n, n_blocks, dimension = len(program.targets), len(program.blocks), program.dimension
    n_z = n_blocks * dimension
    first_r = n_z + int(program.intercept)
    first_bound = first_r + n
    n_bounds = n_blocks * (len(program.penalised) if program.norm is Norm.L1 else 1)
    first_loss = first_bound + n_bounds
    n_loss = {Loss.SQUARED: 0, Loss.LOGISTIC: 3 * n}.get(program.loss, n)
    n_x = first_loss + n_loss
    square = np.zeros(n_x)
    linear = np.zeros(n_x)
    scale = objective_scale(program)
    linear[first_bound:first_loss] = program.beta / scale
    if program.loss is Loss.SQUARED:
        square[first_r:first_bound] = 1.0
    else:
        linear[first_loss : first_loss + n] = 1.0 / scale
    design = [np.hstack(program.features)] + ([np.ones((n, 1))] if program.intercept else [])
    left = [sparse.csc_array(np.hstack(design)), -sparse.eye_array(n)]
    equality = sparse.hstack([*left, sparse.csc_array((n, n_x - first_bound))])
    facets = sparse.block_diag([sparse.csc_array(-cone) for cone in program.cones], format="csc")
    n_facets = facets.shape[0]
    facets = sparse.hstack([facets, sparse.csc_array((n_facets, n_x - n_z))])
    bounds, bound_cones = _norm_rows(program, first_bound, n_x, clarabel)
    losses, right, loss_cones = _loss_rows(program, first_r, first_loss, n_x, clarabel)
    matrix = sparse.vstack([equality, facets, bounds, losses]).tocsc()
    rhs = np.concatenate([program.targets, np.zeros(n_facets + bounds.shape[0]), right])
    cones = [clarabel.ZeroConeT(n), clarabel.NonnegativeConeT(n_facets), *bound_cones, *loss_cones]
    return sparse.diags_array(square).tocsc(), linear, matrix, rhs, cones


def _sparse(entries: Sequence[Entry], shape: tuple[int, int]) -> Any:
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.coo_array((values, (rows, columns)), shape=shape)


def _norm_rows(program: ConeProgram, first: int, n_x: int, clarabel: Any) -> tuple[Any, list[Any]]:
    """Rows that bound the block norms: second-order cones for l2, +-z <= bound for l1 and linf."""
    n_blocks, dimension, p = len(program.blocks), program.dimension, len(program.penalised)
    entries: list[Entry] = []
    for k in range(n_blocks):
        if program.norm is Norm.L2:
            row = k * (p + 1)
            entries.append((row, first + k, -1.0))
            entries += [(row + 1 + j, k * dimension + c, -1.0) for j, c in enumerate(program.penalised)]
            continue
        for j, coordinate in enumerate(program.penalised):
            row = 2 * (k * p + j)
            bound = first + (k * p + j if program.norm is Norm.L1 else k)
            for r, sign in ((row, 1.0), (row + 1, -1.0)):
                entries += [(r, k * dimension + coordinate, sign), (r, bound, -1.0)]
    if program.norm is Norm.L2:
        cones = [clarabel.SecondOrderConeT(p + 1) for _ in range(n_blocks)]
        return _sparse(entries, (n_blocks * (p + 1), n_x)), cones
    return _sparse(entries, (2 * n_blocks * p, n_x)), [clarabel.NonnegativeConeT(2 * n_blocks * p)]


def _loss_rows(
    program: ConeProgram, first_r: int, first: int, n_x: int, clarabel: Any
) -> tuple[Any, Floats, list[Any]]:
    """Rows, right sides and cones that bound the loss of each sample; none for the squared loss."""
    n, y = len(program.targets), program.targets
    entries: list[Entry] = []
    if program.loss is Loss.SQUARED:
        return sparse.coo_array((0, n_x)), np.zeros(0), []
    if program.loss is not Loss.LOGISTIC:
        for i in range(n):
            # hinge: e >= 0 and e >= 1 - y f = -y r; l1: e >= r and e >= -r
            slopes = (0.0, -y[i]) if program.loss is Loss.HINGE else (1.0, -1.0)
            for row, slope in zip((2 * i, 2 * i + 1), slopes, strict=True):
                entries += [(row, first_r + i, slope), (row, first + i, -1.0)]
        return _sparse(entries, (2 * n, n_x)), np.zeros(2 * n), [clarabel.NonnegativeConeT(2 * n)]
    right = np.ones(7 * n)
    for i in range(n):
        e, p, q = first + i, first + n + i, first + 2 * n + i
        entries += [(i, p, 1.0), (i, q, 1.0)]
        a, b = n + 6 * i, n + 6 * i + 3
        # (-e, 1, p) and (-y f - e, 1, q) in the exponential cone; y f = y r + 1
        entries += [
            (a, e, 1.0),
            (a + 2, p, -1.0),
            (b, first_r + i, float(y[i])),
            (b, e, 1.0),
            (b + 2, q, -1.0),
        ]
        right[[a, a + 2, b + 2]] = 0.0
        right[b] = -1.0
    cones = [clarabel.NonnegativeConeT(n), *(clarabel.ExponentialConeT() for _ in range(2 * n))]
    return _sparse(entries, (7 * n, n_x)), right, cones
