"""What all step-by-step optimizers share: the step-size schedule, and keeping the best network."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi

import numpy as np
import numpy.typing as npt

from exactnet.crosscheck.scaled import Floats

__all__ = ["EVALUATE_EVERY", "BestSoFar", "Report", "cosine"]

Report = Callable[[int], None]

# a minibatch step is cheaper than an objective value, so sgd looks at the objective this often only
EVALUATE_EVERY = 10


def cosine(step: int, n_steps: int) -> float:
    """Step-size factor: 1 at the start, down to 0 along a half cosine.

    The objective has kinks at its minima, where a constant step orbits for ever; the decay to zero is
    what lets the networks settle.

    Examples
    --------
    >>> cosine(0, 10), round(cosine(5, 10), 12), cosine(10, 10)
    (1.0, 0.5, 0.0)
    """
    return 0.5 * (1.0 + cos(pi * step / n_steps))


class BestSoFar:
    """The best network each seed has visited. Only finite networks count, so the result always is finite.

    Parameters
    ----------
    theta : (n_seeds, P) start; losses : (n_seeds,) its finite objective.
    spike : a seed whose objective exceeds `spike` times its best, or is not a number, has diverged.
    """

    def __init__(self, theta: Floats, losses: Floats, *, spike: float = 10.0) -> None:
        self.theta, self.losses, self.spike = theta.copy(), losses.copy(), spike

    def update(self, theta: Floats, losses: Floats) -> npt.NDArray[np.bool_]:
        """Take over improvements; returns which seeds have diverged, (n_seeds,)."""
        better = losses < self.losses  # False for NaN
        self.losses = np.where(better, losses, self.losses)
        self.theta = np.where(better[:, None], theta, self.theta)
        return ~(losses <= self.spike * self.losses)
