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
    """1/2 sum_i (f(z_i) - y_i)^2 + beta/2 sum_j (||u_j||^2 + a_j^2) of a normalised problem.

    With `rounding` = delta > 0 the kinks are rounded off: (z)_+ becomes (z + sqrt(z^2 + delta^2)) / 2 and
    |w| becomes sqrt(w^2 + delta^2).
    """

    scaled: Scaled
    n_neurons: int
    rounding: float = 0.0

    @property
    def n_hidden(self) -> int:
        """How many of the packed weights of a network are first-layer weights: m D."""
        return self.n_neurons * self.scaled.dimension

    def split(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Views U (n_seeds, m, D), a (n_seeds, m), t (n_seeds,)."""
        return split(theta, n_neurons=self.n_neurons, dimension=self.scaled.dimension)

    def value(self, theta: Floats) -> Floats:
        """Objective of each network, (n_seeds,)."""
        return self.value_and_gradient(theta)[0]

    def value_and_gradient(self, theta: Floats) -> tuple[Floats, Floats]:
        """Objective (n_seeds,) and gradient, of the shape of theta."""
        losses, gradient = self._fit(theta, self.scaled.Z, self.scaled.y)
        return losses + self._add_penalty(theta, gradient), gradient

    def minibatch_gradient(self, theta: Floats, chosen: npt.NDArray[np.int64]) -> Floats:
        """Unbiased estimate of the gradient from the samples `chosen`, (n_seeds, batch) indices."""
        _, gradient = self._fit(theta, self.scaled.Z[chosen], self.scaled.y[chosen])
        gradient *= self.scaled.n_samples / chosen.shape[1]
        self._add_penalty(theta, gradient)
        return gradient

    def _fit(self, theta: Floats, Z: Floats, y: Floats) -> tuple[Floats, Floats]:
        U, a, t = self.split(theta)
        H, slope = self._rectified(Z @ U.transpose(0, 2, 1))  # (n_seeds, n, m)
        residual = (H @ a[:, :, None])[:, :, 0] + self.scaled.tau * t[:, None] - y
        gradient = np.empty_like(theta)
        gU, ga, gt = self.split(gradient)
        into_hidden = residual[:, :, None] * a[:, None, :] * slope
        gU[:] = into_hidden.transpose(0, 2, 1) @ Z
        ga[:] = (H.transpose(0, 2, 1) @ residual[:, :, None])[:, :, 0]
        gt[:] = self.scaled.tau * residual.sum(axis=1)
        return 0.5 * (residual**2).sum(axis=1), gradient

    def _rectified(self, pre: Floats) -> tuple[Floats, npt.NDArray[np.float64 | np.bool_]]:
        if not self.rounding:
            return np.maximum(pre, 0.0), pre > 0
        root = np.sqrt(pre * pre + self.rounding**2)
        return 0.5 * (pre + root), 0.5 * (1.0 + pre / root)

    def _add_penalty(self, theta: Floats, gradient: Floats) -> Floats:
        """Add the gradient of the penalty in place; return the penalty, (n_seeds,)."""
        beta, mask = self.scaled.beta, self.scaled.penalised
        U, a, _ = self.split(theta)
        gU, ga, _ = self.split(gradient)
        if self.scaled.l1:
            sizes = np.sqrt(U * U + self.rounding**2) if self.rounding else np.abs(U)
            norms = (sizes * mask).sum(axis=2)
            slopes = U / sizes if self.rounding else np.sign(U)
            gU += beta * norms[:, :, None] * slopes * mask
            squares = norms * norms
        else:
            weighted = U * mask
            gU += beta * weighted
            squares = (U * weighted).sum(axis=2)
        ga += beta * a
        return np.asarray(0.5 * beta * (squares.sum(axis=1) + (a * a).sum(axis=1)))
