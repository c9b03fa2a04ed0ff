"""The best of many trained networks, with its exact objective."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, TwoLayer, objective
from exactnet.crosscheck.training import train

__all__ = ["best_trained"]


def best_trained(
    problem: TrainingProblem, *, n_neurons: int, n_seeds: int = 20, seed: int = 0
) -> tuple[TwoLayer, Fraction]:
    """Train from `n_seeds` starts by L-BFGS; a guess from above, evaluated exactly.

    Examples
    --------
    >>> from paper_repro.data import FOUR_POINTS, posed
    >>> _, value = best_trained(posed(FOUR_POINTS, "1/2"), n_neurons=1)
    >>> round(float(value), 6)
    1.676557
    """
    trained = train(problem, n_neurons=n_neurons, n_seeds=n_seeds, seed=seed, n_steps=500)
    found = [(objective(problem, one.network), one.network) for one in trained]
    value, network = min(found, key=lambda pair: pair[0])
    return network, value
