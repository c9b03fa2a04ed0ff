"""The losses in floats, for the solvers: values, slopes, curvatures, dual values; guesses only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.losses import Loss

__all__ = ["approx_curvature", "approx_dual", "approx_loss", "approx_slope", "dual_box"]

Array = NDArray[np.floating[Any]]


def approx_loss(loss: Loss, fits: Array, targets: Array) -> float:
    """The loss of predictions."""
    if loss is Loss.SQUARED:
        return float((fits - targets) @ (fits - targets) / 2)
    if loss is Loss.L1:
        return float(np.abs(fits - targets).sum())
    if loss is Loss.HINGE:
        return float(np.maximum(0.0, 1.0 - targets * fits).sum())
    return float(np.logaddexp(0.0, -targets * fits).sum())


def approx_slope(loss: Loss, fits: Array, targets: Array) -> Array:
    """v, minus the derivative of the loss at each prediction; at a kink the half way."""
    if loss is Loss.SQUARED:
        return targets - fits
    if loss is Loss.L1:
        return np.sign(targets - fits)
    margins = targets * fits
    if loss is Loss.HINGE:
        return targets * (1.0 + np.sign(1.0 - margins)) / 2
    small = np.exp(-np.abs(margins))
    return np.asarray(targets * np.where(margins > 0, small, 1.0) / (1.0 + small))


def approx_curvature(loss: Loss, fits: Array, targets: Array) -> Array:
    """Second derivative of a smooth loss at each prediction."""
    if loss is Loss.SQUARED:
        return np.ones_like(fits)
    small = np.exp(-np.abs(targets * fits))
    return np.asarray(small / (1.0 + small) ** 2)


def dual_box(loss: Loss, targets: Array) -> tuple[Array, Array]:
    """Smallest and largest v_i with a finite dual value."""
    if loss is Loss.SQUARED:
        return np.full_like(targets, -np.inf), np.full_like(targets, np.inf)
    if loss is Loss.L1:
        return np.full_like(targets, -1.0), np.ones_like(targets)
    return np.minimum(targets, 0.0), np.maximum(targets, 0.0)


def approx_dual(loss: Loss, v: Array, targets: Array) -> float:
    """The dual value of v inside the box."""
    shares = v * targets
    if loss is Loss.SQUARED:
        return float(shares.sum() - v @ v / 2)
    if loss is not Loss.LOGISTIC:
        return float(shares.sum())
    s = np.clip(shares, 0.0, 1.0)
    with np.errstate(all="ignore"):
        terms = np.where(s > 0, -s * np.log(s), 0.0) + np.where(s < 1, -(1 - s) * np.log1p(-s), 0.0)
    return float(terms.sum())
