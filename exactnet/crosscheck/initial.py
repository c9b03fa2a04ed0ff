"""Starting networks: one seed, one network, whatever else runs beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from exactnet.crosscheck.scaled import Floats, Scaled

__all__ = ["default_width", "initial_weights", "minibatches"]


def default_width(n_samples: int) -> int:
    """Number of hidden neurons when the user names none: max(10, min(2n, 64), min(n, 256)).

    An optimal network never needs more than n neurons (two-layer, one output: the active features
    can be thinned out to linearly independent ones, Pilanci and Ergen 2020, Theorem 1 and its width
    bound), so a width of at least n makes the training problem have the same infimum as the convex
    programme. Twice that many leaves gradient methods room, since neurons that die in training do not
    come back; above 32 samples the room shrinks to keep a step cheap, and above 256 samples the width
    stops growing: optimal networks are then far smaller than n in practice, but that is not a theorem.
    Ten is the floor because on tiny data the chance to start in every useful cell matters most.

    Examples
    --------
    >>> [default_width(n) for n in (1, 4, 20, 50, 150, 1000)]
    [10, 10, 40, 64, 150, 256]
    """
    return max(10, min(2 * n_samples, 64), min(n_samples, 256))


def initial_weights(scaled: Scaled, *, n_neurons: int, seeds: Sequence[int]) -> Floats:
    """Starting weights, (n_seeds, m D + m + 1): per seed U by rows, then a, then t = 0.

    u is Gaussian with E||u||^2 = 1/m and |a| = ||u|| with a random sign, in normalised units: the sum of
    squares does not grow with the width, the neurons start balanced (as they are at every optimum), and
    the outputs start below the targets in size.
    """
    D = scaled.dimension
    rows = []
    for seed in seeds:
        random = np.random.default_rng([seed, 0])
        U = random.standard_normal((n_neurons, D)) / np.sqrt(n_neurons * D)
        signs = np.where(random.random(n_neurons) < 0.5, -1.0, 1.0)
        a = signs * np.sqrt((U * U * scaled.penalised).sum(axis=1))
        rows.append(np.concatenate([U.ravel(), a, [0.0]]))
    return np.array(rows)


def minibatches(
    n_samples: int, *, batch_size: int, seeds: Sequence[int]
) -> Iterator[npt.NDArray[np.int64]]:
    """Endless minibatches: (n_seeds, batch_size) sample indices a step, reshuffled every epoch.

    The order belongs to the seed alone, so both backends see the same batches. The samples that do not
    fill the last batch of an epoch are left out of that epoch.
    """
    generators = [np.random.default_rng([seed, 1]) for seed in seeds]
    while True:
        order = np.array([random.permutation(n_samples) for random in generators])
        for start in range(0, n_samples - batch_size + 1, batch_size):
            yield order[:, start : start + batch_size]
