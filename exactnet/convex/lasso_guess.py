"""A float guess for the exact Lasso: the same active set in float64. It may be wrong without harm."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

__all__ = ["approx_lasso"]


def approx_lasso(
    numerators: Sequence[Sequence[int]],
    denominators: Sequence[int],
    targets: Sequence[Fraction],
    beta: Fraction,
    *,
    intercept: bool,
) -> dict[int, Fraction]:
    """Approximate minimiser of 1/2 ||Kz + t 1 - y||^2 + beta ||z||_1 by a float active set.

    Parameters
    ----------
    numerators, denominators : the p columns k_j = numerators[j] / denominators[j] of length n.
    targets, beta, intercept : as in :func:`exactnet.convex.lasso.solve_lasso`.

    Returns
    -------
    The non-zero coefficients, as the exact values of the floats. Empty when numbers overflow float64.

    Examples
    --------
    >>> y = [Fraction(3), Fraction(0)]
    >>> guess = approx_lasso([(1, 0), (0, 1)], [1, 2], y, Fraction(1), intercept=False)
    >>> list(guess), round(float(guess[0]))
    ([0], 2)
    """
    import numpy as np

    if not numerators:
        return {}
    try:
        y = np.array([float(x) for x in targets])
        K = np.array(numerators, dtype=np.float64) / np.array(denominators, dtype=np.float64)[:, None]
        strength = float(beta)
    except OverflowError:
        return {}
    if intercept:
        y = y - y.mean()
        K = K - K.mean(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        z = _active_set(K, y, strength)
    return {j: Fraction(value) for j, value in z.items() if value and np.isfinite(value)}


def _active_set(K: Floats, y: Floats, beta: float) -> dict[int, float]:
    """Rows of K are the columns of the Lasso. Ties may make floats cycle, hence the cap on pivots."""
    import numpy as np

    active: list[int] = []
    z: Floats = np.zeros(0)
    signs: Floats = np.zeros(0)
    try:
        for _ in range(100 + 20 * len(y)):
            active, z, signs = _descend(K, y, beta, active, z, signs)
            entered = _enter(K, y, beta, active, z, signs)
            if entered is None:
                break
            active, z, signs = entered
    except np.linalg.LinAlgError:
        pass  # what there is may still help
    return dict(zip(active, map(float, z), strict=True))


def _enter(
    K: Floats, y: Floats, beta: float, active: list[int], z: Floats, signs: Floats
) -> tuple[list[int], Floats, Floats] | None:
    """Add the most violated column, exchanging it for another when it seems to depend on the active ones."""
    import numpy as np

    slack = float(np.sqrt(np.finfo(np.float64).eps))
    prices = K @ (y - z @ K[active])
    prices[active] = 0.0
    j = int(np.argmax(np.abs(prices)))
    if not abs(prices[j]) > beta * (1 + slack):
        return None
    sign = float(np.sign(prices[j]))
    A = K[active]
    combination = np.linalg.lstsq(A.T, K[j], rcond=None)[0] if active else np.zeros(0)
    rest = K[j] - combination @ A
    value = 0.0
    if rest @ rest <= slack * (K[j] @ K[j]):
        rates = -sign * combination
        shrinking = rates * signs < 0
        if not shrinking.any():
            return None
        value = float(np.min(-z[shrinking] / rates[shrinking]))
        active, z, signs = _move(active, z, signs, z + value * rates)
    return [*active, j], np.append(z, sign * value), np.append(signs, sign)


def _descend(
    K: Floats, y: Floats, beta: float, active: list[int], z: Floats, signs: Floats
) -> tuple[list[int], Floats, Floats]:
    """Minimise over the active columns and signs; coefficients that reach zero leave."""
    import numpy as np

    while active:
        A = K[active]
        goal: Floats = np.linalg.solve(A @ A.T, A @ y - beta * signs)
        blocking = goal * signs <= 0
        if not blocking.any():
            return active, goal, signs
        step = float(np.min(z[blocking] / (z[blocking] - goal[blocking])))
        active, z, signs = _move(active, z, signs, z + step * (goal - z), forced=int(np.argmax(blocking)))
    return active, z, signs


def _move(
    active: list[int], z: Floats, signs: Floats, moved: Floats, *, forced: int | None = None
) -> tuple[list[int], Floats, Floats]:
    """Drop the coefficients that changed sign or are as good as zero."""
    import numpy as np

    slack = float(np.finfo(np.float64).eps) * 16
    keep = moved * signs > slack * np.abs(z)
    if keep.all():
        # rounding must not stop the coefficient that blocked from leaving
        keep[int(np.argmin(moved * signs)) if forced is None else forced] = False
    return [q for q, k in zip(active, keep, strict=True) if k], moved[keep], signs[keep]
