"""Starting networks: one seed, one network, whatever else runs beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from exactnet.crosscheck.scaled import Floats, Scaled

__all__ = ["default_batch_size", "default_width", "initial_weights", "minibatches"]


def default_width(n_samples: int) -> int:
    """Number of hidden neurons when the user names none: min(max(10, 2n), 64).

    An optimal network never needs more than n neurons: active features can be thinned out until they are
    linearly independent (Pilanci and Ergen 2020, arXiv 2002.10553), so from width n on the training problem
    has the infimum of the convex programme. Twice that many leave gradient methods room, because a neuron
    that dies in training does not come back; ten is the floor because on tiny data the chance to start in
    every useful cell matters most. Above 64 only the cost grows in practice, but the theorem then asks for
    more: with more than 64 samples, name a width of n to be sure that the width is not what costs the gap.

    Examples
    --------
    >>> [default_width(n) for n in (1, 4, 20, 150)]
    [10, 10, 40, 64]
    """
    return min(max(10, 2 * n_samples), 64)


def initial_weights(scaled: Scaled, *, n_neurons: int, seeds: Sequence[int]) -> Floats:
    """Starting weights, (n_seeds, m D + m + 1): per seed U by rows, then a, then t = 0.

    u is Gaussian with E||u||^2 = 2/m and |a| = ||u|| with a random sign, in normalised units: the sum of
    squares does not grow with the width, the neurons start balanced (as they are at every optimum), and
    the outputs start below the targets in size.
    """
    D = scaled.dimension
    rows = []
    for seed in seeds:
        random = np.random.default_rng([seed, 0])
        U = random.standard_normal((n_neurons, D)) * np.sqrt(2.0 / (n_neurons * D))
        signs = np.where(random.random(n_neurons) < 0.5, -1.0, 1.0)
        a = signs * np.sqrt((U * U * scaled.penalised).sum(axis=1))
        rows.append(np.concatenate([U.ravel(), a, [0.0]]))
    return np.array(rows)


def default_batch_size(n_samples: int) -> int:
    """A quarter of the samples, at least 1, at most 32."""
    return max(1, min(n_samples // 4, 32))


def minibatches(n_samples: int, *, batch_size: int, seeds: Sequence[int]) -> Iterator[npt.NDArray[np.int64]]:
    """Endless minibatches: (n_seeds, batch_size) sample indices a step, reshuffled every epoch.

    The order belongs to the seed alone, so both backends see the same batches. The samples that do not
    fill the last batch of an epoch are left out of that epoch.
    """
    generators = [np.random.default_rng([seed, 1]) for seed in seeds]
    while True:
        order = np.array([random.permutation(n_samples) for random in generators])
        for start in range(0, n_samples - batch_size + 1, batch_size):
            yield order[:, start : start + batch_size]
