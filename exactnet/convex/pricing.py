"""The pricing problem: how much does a residual v violate the dual constraint, and in which cells?

On one closed cell with active rows D and g = Z'Dv the maximum of s v'(Zu)_+ over ||u|| <= 1 equals, by
duality, min over lambda >= 0 of || s g + sum_j lambda_j normal_j || (over the penalised coordinates, the
others being zero). Any admissible lambda is a proof of an upper bound, so the float lambda found here are
what :mod:`exactnet.convex.certify` rounds to rationals and checks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.program import TrainingProblem
from exactnet.kernels.cone import project_cones

__all__ = ["Prices", "cell_gradients", "price"]


@dataclass(frozen=True)
class Prices:
    """Values of cells: `low <= max <= high` as floats, per (cell, sign) with sign column 0 = +, 1 = -.

    `tasks` lists the (cell, column) pairs that were projected, `multipliers` their lambda in facet order.
    """

    low: Floats
    high: Floats
    tasks: NDArray[np.int64]
    multipliers: Floats

    @property
    def gamma(self) -> float:
        """Largest upper estimate: v * beta / gamma is dual feasible up to rounding."""
        return float(self.high.max(initial=0.0))


def cell_gradients(cells: FloatCells, v: Floats) -> Floats:
    """g = Z'Dv of every cell (n_cells x D), in the scaled units of `cells`; D has the slopes 1 and kappa."""
    weighted = v[:, None] * cells.rows
    gradients: Floats = cells.active @ weighted
    if cells.kappa:
        gradients = (1.0 - cells.kappa) * gradients + cells.kappa * weighted.sum(axis=0)
    return gradients


def price(
    problem: TrainingProblem, cells: FloatCells, v: Floats, *, threshold: float, budget: int | None = None
) -> Prices:
    """Lower and upper estimates of every cell's value.

    Cells whose plain bound ||g|| stays under `threshold` are left at that bound. At most `budget` of the
    others (all of them when None) get the exact projection; the rest keep a wide bracket.
    """
    p = len(problem.penalised)
    gradients = cell_gradients(cells, v)
    norms = np.linalg.norm(gradients[:, :p], axis=1)
    low = np.zeros((len(gradients), 2))
    high = np.repeat(norms[:, None], 2, axis=1)
    products = gradients @ cells.normals.T * cells.signs
    if p == problem.dimension:
        for column, sign in ((0, 1.0), (1, -1.0)):
            inside = (sign * products >= 0).all(axis=1)
            low[inside, column] = norms[inside]
        tasks = np.argwhere((high > threshold) & (low < high))
    else:
        # the plain bound is a bound only where the unpenalised coordinates of g vanish
        high[:] = np.inf
        tasks = np.argwhere(np.isinf(high))
    if budget is not None and len(tasks) > budget:
        tasks = tasks[np.argsort(-_facing(gradients, products, tasks))[:budget]]
    signs = np.where(tasks[:, 1] == 0, 1.0, -1.0)
    lam, rest = project_cones(
        cells.normals,
        cells.starts,
        cells.members,
        cells.signs,
        tasks[:, 0],
        gradients[tasks[:, 0]] * signs[:, None],
        p,
    )
    values = np.linalg.norm(rest[:, :p], axis=1)
    low[tasks[:, 0], tasks[:, 1]] = values
    high[tasks[:, 0], tasks[:, 1]] = values
    return Prices(low, high, tasks, lam)


def _facing(gradients: Floats, products: Floats, tasks: NDArray[np.int64]) -> Floats:
    """A cheap guess of which cells have a large value: long gradients that leave the cell by little."""
    signs = np.where(tasks[:, 1] == 0, 1.0, -1.0)
    chosen = products[tasks[:, 0]] * signs[:, None]
    outside = np.clip(-chosen, 0.0, None).max(axis=1, initial=0.0)
    score: Floats = np.linalg.norm(gradients[tasks[:, 0]], axis=1) ** 2 - outside**2
    return score
