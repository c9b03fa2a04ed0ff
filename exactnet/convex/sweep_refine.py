"""The last digits of a master solution: Newton steps with residuals in long doubles.

For small beta the residual y - f is a small difference of large numbers, and it is the dual vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.sweep_blocks import Block, features
from exactnet.convex.sweep_plan import SweepPlan

__all__ = ["refine"]

Floats = NDArray[np.float64]
LongFloats = NDArray[np.longdouble]

_RIDGE = 2.0**-50


def refine(
    plan: SweepPlan, blocks: Sequence[Block], y: LongFloats, beta: float, *, n_steps: int = 8
) -> tuple[list[Block], LongFloats]:
    """Newton steps with long double residuals on fixed faces; the blocks and y - f.

    The best iterate is the one with the smallest slope; steps that leave a face are not taken.
    """
    if not blocks:
        return [], y
    wide = [features(plan, block) for block in blocks]
    whole = np.hstack(wide)
    exact = whole.astype(np.longdouble)
    xs = [(block.basis.T @ block.u).astype(np.longdouble) for block in blocks]
    best, best_slope = list(blocks), np.inf
    best_left = y - exact @ np.concatenate(xs)
    for _ in range(n_steps):
        left = y - exact @ np.concatenate(xs)
        gradient = -(exact.T @ left)
        curvature = np.zeros((whole.shape[1], whole.shape[1]))
        at = 0
        for x in xs:
            size = np.sqrt(x @ x)
            unit = x / size
            here = slice(at, at + len(x))
            gradient[here] += np.longdouble(beta) * unit
            if len(x) > 1:
                u = unit.astype(np.float64)
                curvature[here, here] = beta / float(size) * (np.eye(len(x)) - np.outer(u, u))
            at += len(x)
        slope = float(np.abs(gradient).max())
        if not slope < 0.9 * best_slope:
            break
        best = [replace(b, u=b.basis @ x.astype(np.float64)) for b, x in zip(blocks, xs, strict=True)]
        best_slope, best_left = slope, left
        step = _factored_step(whole, curvature, -gradient.astype(np.float64))
        xs = [x + s for x, s in zip(xs, np.split(step, np.cumsum([len(x) for x in xs])[:-1]), strict=True)]
        if not all(_stays(plan, block, x) for block, x in zip(blocks, xs, strict=True)):
            break
    return best, best_left


def _factored_step(whole: Floats, curvature: Floats, rhs: Floats) -> Floats:
    """Solve (whole'whole + curvature) s = rhs without forming whole'whole (seminormal equations)."""
    values, vectors = np.linalg.eigh(curvature)
    root = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    r: Floats = np.asarray(np.linalg.qr(np.vstack([whole, root[values > 0]]), mode="r"))
    scale = np.abs(np.diag(r)).max(initial=0.0)
    if r.shape[0] < r.shape[1] or np.abs(np.diag(r)).min(initial=np.inf) <= _RIDGE * scale:
        return np.asarray(np.linalg.lstsq(whole.T @ whole + curvature, rhs, rcond=None)[0], dtype=np.float64)
    from scipy.linalg import solve_triangular

    half = solve_triangular(r, rhs, trans="T")
    refined: Floats = solve_triangular(r, half)
    return refined


def _stays(plan: SweepPlan, block: Block, x: LongFloats) -> bool:
    if not np.isfinite(x).all() or not x.any():
        return False
    if len(x) == 1:
        return bool(x[0] > 0)
    heights = block.signs * (plan.forms @ (block.basis @ x.astype(np.float64)))
    return bool((heights >= 0).all())
