"""The objective of many networks at once, with its gradient, in NumPy.

One network is a row of `theta`, shape (n_seeds, m D + m + 1): U by rows, then a, then t. Each seed is
computed by the same BLAS calls whatever the number of seeds, hence its numbers do not depend on it.

Where the objective has a kink, the value returned as gradient is the one autograd libraries use: the
derivative of (z)_+ at 0 and of |w| at 0 is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exactnet.crosscheck.scaled import Floats, Scaled

__all__ = ["Objective", "split"]


def split(theta: Floats, *, n_neurons: int, dimension: int) -> tuple[Floats, Floats, Floats]:
    """Views U (n_seeds, m, D), a (n_seeds, m), t (n_seeds,) of the packed weights."""
    end = n_neurons * dimension
    U = theta[:, :end].reshape(len(theta), n_neurons, dimension)
    return U, theta[:, end : end + n_neurons], theta[:, -1]


@dataclass(frozen=True, eq=False)
class Objective:
    """1/2 sum_i (f(z_i) - y_i)^2 + beta/2 sum_j (||u_j||^2 + a_j^2) of a normalised problem."""

    scaled: Scaled
    n_neurons: int

    def value(self, theta: Floats) -> Floats:
        """Objective of each network, (n_seeds,)."""
        U, a, t = self._split(theta)
        H = np.maximum(self.scaled.Z @ U.transpose(0, 2, 1), 0.0)
        residual = (H @ a[:, :, None])[:, :, 0] + self.scaled.tau * t[:, None] - self.scaled.y
        return 0.5 * (residual**2).sum(axis=1) + self._penalty(U, a)

    def value_and_gradient(self, theta: Floats) -> tuple[Floats, Floats]:
        """Objective (n_seeds,) and gradient, of the shape of theta."""
        losses, gradient = self._fit(theta, self.scaled.Z, self.scaled.y)
        U, a, _ = self._split(theta)
        self._add_penalty_gradient(gradient, U, a)
        return losses + self._penalty(U, a), gradient

    def minibatch_gradient(self, theta: Floats, chosen: npt.NDArray[np.int64]) -> Floats:
        """Unbiased estimate of the gradient from the samples `chosen`, (n_seeds, batch) indices."""
        _, gradient = self._fit(theta, self.scaled.Z[chosen], self.scaled.y[chosen])
        gradient *= self.scaled.n_samples / chosen.shape[1]
        U, a, _ = self._split(theta)
        self._add_penalty_gradient(gradient, U, a)
        return gradient

    def _split(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        return split(theta, n_neurons=self.n_neurons, dimension=self.scaled.dimension)

    def _fit(self, theta: Floats, Z: Floats, y: Floats) -> tuple[Floats, Floats]:
        U, a, t = self._split(theta)
        H = np.maximum(Z @ U.transpose(0, 2, 1), 0.0)  # (n_seeds, n, m)
        residual = (H @ a[:, :, None])[:, :, 0] + self.scaled.tau * t[:, None] - y
        gradient = np.empty_like(theta)
        gU, ga, gt = self._split(gradient)
        into_hidden = residual[:, :, None] * a[:, None, :] * (H > 0)
        gU[:] = into_hidden.transpose(0, 2, 1) @ Z
        ga[:] = (H.transpose(0, 2, 1) @ residual[:, :, None])[:, :, 0]
        gt[:] = self.scaled.tau * residual.sum(axis=1)
        return 0.5 * (residual**2).sum(axis=1), gradient

    def _penalty(self, U: Floats, a: Floats) -> Floats:
        return 0.5 * self.scaled.beta * (self._squared_norms(U).sum(axis=1) + (a * a).sum(axis=1))

    def _squared_norms(self, U: Floats) -> Floats:
        if self.scaled.l1:
            return np.asarray((np.abs(U) * self.scaled.penalised).sum(axis=2) ** 2)
        return np.asarray((U * U * self.scaled.penalised).sum(axis=2))

    def _add_penalty_gradient(self, gradient: Floats, U: Floats, a: Floats) -> None:
        gU, ga, _ = self._split(gradient)
        if self.scaled.l1:
            norms = (np.abs(U) * self.scaled.penalised).sum(axis=2, keepdims=True)
            gU += self.scaled.beta * norms * np.sign(U) * self.scaled.penalised
        else:
            gU += self.scaled.beta * U * self.scaled.penalised
        ga += self.scaled.beta * a
