"""The semi-infinite dual of weight decay in the plane by cutting planes, in floats and in NumPy alone.

    maximise  v.y - 1/2 ||v||^2   subject to  |v'(Xu)_+| <= beta  for all unit vectors u

An independent second opinion, no proof: nothing here is shared with the certified solver. The maximiser is
the projection of y on the feasible set. A finite set of cuts gives a least-distance problem, which
non-negative least squares solves (Lawson and Hanson 1974, chapter 23); the worst violated cut of every
angle, known in closed form, joins the set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["semi_infinite_dual"]

Floats = NDArray[np.float64]


def semi_infinite_dual(
    X: Sequence[Sequence[float]], y: Sequence[float], *, beta: float, max_rounds: int = 60
) -> tuple[float, float]:
    """Lower and upper float bounds of the dual value for n samples in the plane, no zero row.

    Examples
    --------
    >>> low, high = semi_infinite_dual([[1, 0], [0, 1]], [1, -2], beta=0.1)
    >>> round(low, 9), round(high, 9)
    (0.29, 0.29)
    """
    rows, targets = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
    cuts = np.zeros((0, len(targets)))
    low, high = -np.inf, np.inf
    for _ in range(max_rounds):
        v = _project(targets, cuts, beta)
        high = min(high, _value(v, targets))
        extreme = _extreme_cuts(rows, v)
        values = extreme @ v
        worst = float(values.max(initial=0.0))
        low = max(low, _value(v * min(1.0, beta / worst) if worst > 0 else v, targets))
        violated = extreme[values > beta]
        if not len(violated) or high - low <= 1e-13 * high:
            break
        cuts = np.concatenate([cuts, violated])
    return low, high


def _value(v: Floats, targets: Floats) -> float:
    return float(v @ targets - 0.5 * v @ v)


def _project(targets: Floats, cuts: Floats, beta: float) -> Floats:
    """The point of {v : cuts v <= beta} nearest to y."""
    from scipy.optimize import nnls

    if not len(cuts):
        return targets
    # with x = y - v: smallest x with cuts x >= cuts y - beta
    E = np.vstack([cuts.T, cuts @ targets - beta])
    f = np.zeros(len(E))
    f[-1] = 1.0
    r = E @ nnls(E, f)[0] - f
    projected: Floats = targets + r[:-1] / r[-1]
    return projected


def _extreme_cuts(rows: Floats, v: Floats) -> Floats:
    """For every angle and sign the row a = +-(Xu)_+ of its largest a.v."""
    walls = np.arctan2(rows[:, 0], -rows[:, 1])
    ends = np.unique(np.concatenate([walls, walls + np.pi]) % (2 * np.pi))
    found = []
    for start, end in zip(ends, np.append(ends[1:], ends[0] + 2 * np.pi), strict=True):
        middle = (start + end) / 2
        gradient = v[rows @ _unit(middle) > 0] @ rows[rows @ _unit(middle) > 0]
        for sign in (1.0, -1.0):
            top = np.arctan2(sign * gradient[1], sign * gradient[0])
            away = (top - middle + np.pi) % (2 * np.pi) - np.pi
            best = middle + np.clip(away, (start - end) / 2, (end - start) / 2)
            found.append(sign * np.maximum(rows @ _unit(float(best)), 0.0))
    return np.array(found)


def _unit(angle: float) -> Floats:
    return np.array([np.cos(angle), np.sin(angle)])
