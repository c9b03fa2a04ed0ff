"""Gradient methods on many seeds at once, in NumPy: gd, sgd, adam, muon (lbfgs has its own file).

Every method takes the packed starting weights (n_seeds, P) and returns, for every seed, the best network
it visited, with its objective. Learning rates are in the units of :mod:`exactnet.crosscheck.scaled`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exactnet.crosscheck.initial import default_batch_size, minibatches
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import Floats
from exactnet.crosscheck.steps import EVALUATE_EVERY, BestSoFar, Report, cosine

__all__ = ["adam", "gd", "muon", "newton_schulz", "sgd"]

MOMENTUM = 0.9
MUON_MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
_TINY = 1e-8  # keeps 0/0 out of Adam's step
_SMALLEST_NORM = 1e-30


def gd(
    objective: Objective, theta: Floats, *, n_steps: int, learning_rate: float, report: Report
) -> tuple[Floats, Floats]:
    """Plain full-batch gradient descent.

    The step is learning_rate / (1 + beta), shrinking along a cosine. A step after which the objective of a
    seed is more than half above its best is undone, and the seed goes on with half the step: no divergence.
    """
    losses, gradient = objective.value_and_gradient(theta)
    best = BestSoFar(theta, losses, spike=1.5)
    at_best = gradient
    size = np.full((len(theta), 1), learning_rate / (1.0 + objective.scaled.beta))
    for step in range(n_steps):
        theta = theta - cosine(step, n_steps) * size * gradient
        losses, gradient = objective.value_and_gradient(theta)
        improved = (losses < best.losses)[:, None]
        at_best = np.where(improved, gradient, at_best)
        spiked = best.update(theta, losses)[:, None]
        theta = np.where(spiked, best.theta, theta)
        gradient = np.where(spiked, at_best, gradient)
        size = np.where(spiked, size / 2, size)
        report(step + 1)
    return best.theta, best.losses


def sgd(
    objective: Objective,
    theta: Floats,
    *,
    n_steps: int,
    learning_rate: float,
    seeds: Sequence[int],
    report: Report,
) -> tuple[Floats, Floats]:
    """Minibatch gradient descent with momentum 0.9 and steps shrinking along a cosine.

    Batches of a quarter of the samples (at most 32). The objective is looked at every tenth step; a seed
    that has diverged goes back to its best network and goes on with half the step.
    """
    best = BestSoFar(theta, objective.value(theta))
    n_samples = objective.scaled.n_samples
    batches = minibatches(n_samples, batch_size=default_batch_size(n_samples), seeds=seeds)
    velocity = np.zeros_like(theta)
    size = np.full((len(theta), 1), learning_rate / (1.0 + objective.scaled.beta))
    for step in range(n_steps):
        velocity = MOMENTUM * velocity + objective.minibatch_gradient(theta, next(batches))
        theta = theta - cosine(step, n_steps) * size * velocity
        if (step + 1) % EVALUATE_EVERY == 0 or step + 1 == n_steps:
            spiked = best.update(theta, objective.value(theta))[:, None]
            theta = np.where(spiked, best.theta, theta)
            velocity = np.where(spiked, 0.0, velocity)
            size = np.where(spiked, size / 2, size)
        report(step + 1)
    return best.theta, best.losses


def adam(
    objective: Objective, theta: Floats, *, n_steps: int, learning_rate: float, report: Report
) -> tuple[Floats, Floats]:
    """Full-batch Adam (Kingma and Ba 2015, arXiv 1412.6980), steps shrinking along a cosine."""
    losses, gradient = objective.value_and_gradient(theta)
    best = BestSoFar(theta, losses)
    moments = _Moments(theta)
    for step in range(n_steps):
        theta = theta - learning_rate * cosine(step, n_steps) * moments.direction(gradient)
        losses, gradient = objective.value_and_gradient(theta)
        best.update(theta, losses)
        report(step + 1)
    return best.theta, best.losses


def muon(
    objective: Objective, theta: Floats, *, n_steps: int, learning_rate: float, report: Report
) -> tuple[Floats, Floats]:
    """Muon on the hidden weight matrix U, Adam on the output weights, steps shrinking along a cosine.

    Momentum 0.95 with Nesterov's look-ahead, five Newton-Schulz steps, update scaled by
    sqrt(max(1, m/D)): the conventions of `torch.optim.Muon` with weight decay 0 (the decay is already in
    the objective; a decoupled one would change it).
    """
    losses, gradient = objective.value_and_gradient(theta)
    best = BestSoFar(theta, losses)
    n_hidden, D = objective.n_hidden, objective.scaled.dimension
    shape = (len(theta), objective.n_neurons, D)
    buffer = np.zeros(shape)
    moments = _Moments(theta[:, n_hidden:])
    stretch = np.sqrt(max(1.0, objective.n_neurons / D))
    for step in range(n_steps):
        rate = learning_rate * cosine(step, n_steps)
        hidden = gradient[:, :n_hidden].reshape(shape)
        buffer = MUON_MOMENTUM * buffer + (1.0 - MUON_MOMENTUM) * hidden
        ahead = (1.0 - MUON_MOMENTUM) * hidden + MUON_MOMENTUM * buffer
        theta = theta.copy()
        theta[:, :n_hidden] -= rate * stretch * newton_schulz(ahead).reshape(len(theta), n_hidden)
        theta[:, n_hidden:] -= rate * moments.direction(gradient[:, n_hidden:])
        losses, gradient = objective.value_and_gradient(theta)
        best.update(theta, losses)
        report(step + 1)
    return best.theta, best.losses


def newton_schulz(matrices: Floats, *, n_steps: int = 5) -> Floats:
    """Approximate polar factors of a stack of matrices, (n, rows, columns).

    After division by the Frobenius norm, each step maps every singular value s to a s + b s^3 + c s^5 with
    Muon's coefficients, which drives all of them into about [0.68, 1.2], not to one. Zero stays zero.

    Examples
    --------
    >>> newton_schulz(np.diag([3.0, 1.0])[None]).round(6)[0].tolist()
    [[0.753033, 0.0], [0.0, 1.133706]]
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[1] > matrices.shape[2]
    X = matrices.transpose(0, 2, 1) if tall else matrices
    X = X / np.maximum(np.sqrt((X * X).sum(axis=(1, 2), keepdims=True)), _SMALLEST_NORM)
    for _ in range(n_steps):
        gram = X @ X.transpose(0, 2, 1)
        X = a * X + (b * gram + c * (gram @ gram)) @ X
    return np.asarray(X.transpose(0, 2, 1) if tall else X)


class _Moments:
    """Adam's running moments."""

    def __init__(self, like: Floats) -> None:
        self.first, self.second, self.n_steps = np.zeros_like(like), np.zeros_like(like), 0

    def direction(self, gradient: Floats) -> Floats:
        """The bias-corrected first moment over the root of the second."""
        self.n_steps += 1
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.999 * self.second + 0.001 * gradient * gradient
        first = self.first / (1.0 - 0.9**self.n_steps)
        second = self.second / (1.0 - 0.999**self.n_steps)
        return np.asarray(first / (np.sqrt(second) + _TINY))
