"""The set of optima under weight decay, in floating point, with a proved radius for the dual vector.

With the l2 norm each pair of a cell and an output sign has at most one tight direction, the projection of
s Z'Dv* on the cone (Mishkin and Pilanci 2023, arXiv 2306.00119), and the optimal amounts of the tight
directions form a polytope. The directions are irrational, so that ties cannot be decided in floats. What is
proved is how far the dual vector v at hand can be from the true one: the dual objective is strongly concave,
|v - v*|^2 <= 2 (optimum - value of v). Every pair whose price stays below beta by more than that allows
belongs to no optimal network (up to the rounding of the price).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Result
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.patterns import FloatCells, activation_cells, float_cells
from exactnet.convex.pricing import cell_gradients, price
from exactnet.convex.program import Activation, Bias, Loss, TrainingProblem, predictions
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import sqrt_enclosure

__all__ = ["ApproxOptimalSet", "approx_optimal_set"]

Floats = NDArray[np.float64]

_SAME = 2.0**-30  # 1 - cosine of directions that count as one
_RANK = 2.0**-24  # share of the largest singular value that counts as zero
_FIT = 2.0**-17  # residual of a fit, as a share of the fit, that counts as zero
_MOST_SUBSETS = 50_000


@dataclass(frozen=True)
class ApproxOptimalSet:
    """What optimal networks look like; numbers named `approx_` come from floats.

    Attributes
    ----------
    result : the certified enclosure of the optimum.
    radius : |v - v*| is at most this, proved.
    n_pairs, n_open : pairs of an activation cell and an output sign, and those of them that the radius
        does not exclude from every optimal network.
    approx_directions : unit vectors (K x D) of the open pairs, equal ones listed once; `signs` of their
        outputs; `approx_prices` their values divided by beta, 1 for a tight direction.
    approx_vertices : amounts (V x K) of the vertices of the polytope of optima.
    approx_dimension : of that polytope.
    """

    result: Result[Optimum]
    radius: Fraction
    n_pairs: int
    n_open: int
    approx_directions: Floats
    signs: tuple[int, ...]
    approx_prices: Floats
    approx_vertices: Floats
    approx_dimension: int

    @property
    def approx_minimal_width(self) -> int:
        """m*: the smallest number of neurons of an optimal network."""
        return int((self.approx_vertices > 0).sum(axis=1).min())

    @property
    def approx_largest_width(self) -> int:
        """M*: the largest number of neurons of an optimal network that cannot be pruned.

        Kim, Mishkin and Pilanci 2024 (arXiv 2411.07729): at width M* there is still an isolated optimum, at
        M* + 1 there is none, and from min(m* + M*, n + 1) on the optima are connected.
        """
        return int((self.approx_vertices > 0).sum(axis=1).max())

    @property
    def approx_connected_width(self) -> int:
        """min(m* + M*, n + 1), the width from which on the set of optima is connected."""
        n = self.result.value.problem.n_samples
        return min(self.approx_minimal_width + self.approx_largest_width, n + 1)


def approx_optimal_set(
    problem: TrainingProblem, *, gap: object = "1e-12", max_cells: int = 20_000
) -> ApproxOptimalSet:
    """The optimal networks of a weight-decay problem, as far as floats can tell them apart.

    Parameters
    ----------
    problem : l2 norm, squared loss, ReLU, bias none or penalised.
    gap : relative width of the enclosure of the optimum; the radius is of the order of its root.

    Raises
    ------
    UnsupportedError : another problem. LimitReached : too many cells, or too many subsets of directions.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> found = approx_optimal_set(training_problem(data, beta="1/2"))
    >>> found.approx_minimal_width, found.approx_dimension, found.n_open, found.n_pairs
    (3, 0, 5, 16)
    """
    _require_scope(problem)
    result = optimum(problem, gap=gap, max_cells=max_cells)
    best = result.value
    # |v - v*|^2 / 2 <= optimum - value of v, and the optimum is at most the objective of the network
    radius = sqrt_enclosure(2 * max(Fraction(0), best.primal_value - best.dual_value)).upper
    cells = float_cells(problem, activation_cells(problem, max_cells=max_cells))
    directions, signs, prices, n_open = _open_directions(problem, cells, best, float(radius))
    outputs = np.maximum(cells.rows * cells.row_scale @ directions.T, 0.0) * signs
    fit = np.array([float(f) for f in predictions(problem, best.network)])
    vertices = _vertices(outputs, fit)
    used = outputs[:, (vertices > 0).any(axis=0)]
    dimension = used.shape[1] - (_rank(used) if used.size else 0)
    return ApproxOptimalSet(
        result,
        radius,
        2 * len(cells.active),
        n_open,
        directions,
        tuple(int(s) for s in signs),
        prices,
        vertices,
        dimension,
    )


def _require_scope(problem: TrainingProblem) -> None:
    relu = problem.loss is Loss.SQUARED and problem.activation is Activation.RELU
    if not relu or problem.is_polyhedral or problem.bias is Bias.FREE:
        raise UnsupportedError(
            "this set of optima is for weight decay",
            got=f"norm {problem.norm}, bias {problem.bias}, loss {problem.loss}, {problem.activation}",
            expected="norm l2 of two coordinates or more, bias none or penalised, squared loss, relu",
            hint="exactnet.convex.optimal_set is exact for the l1 and linf norm",
        )


def _open_directions(
    problem: TrainingProblem, cells: FloatCells, best: Optimum, radius: float
) -> tuple[Floats, Floats, Floats, int]:
    """Unit directions of the (cell, sign) pairs that may be tight, each once; signs, prices / beta; pairs."""
    beta = float(problem.beta)
    v = np.array([float(x) for x in best.dual]) * cells.row_scale
    # a unit neuron changes v.(Zu)_+ by at most radius times the length of (Zu)_+
    reach = radius * cells.row_scale * float(np.linalg.norm(cells.rows, ord=2))
    threshold = beta - reach - _SAME * beta
    prices = price(problem, cells, v, threshold=threshold)
    gradients = cell_gradients(cells, v)
    task_of = {(int(c), int(k)): i for i, (c, k) in enumerate(prices.tasks)}
    directions: list[Floats] = []
    signs: list[float] = []
    values: list[float] = []
    pairs = np.argwhere(prices.low >= threshold)
    for cell, column in pairs:
        sign = 1.0 if column == 0 else -1.0
        z = sign * gradients[cell]
        task = task_of.get((int(cell), int(column)))
        if task is not None:
            facets = cells.facets(int(cell))
            z = z + prices.multipliers[task][: len(facets)] @ cells.cone(int(cell))
        size = float(np.linalg.norm(z))
        if size == 0 or not (cells.rows @ z > 0).any():
            continue
        unit = z / size
        if not any(s == sign and float(unit @ d) > 1 - _SAME for d, s in zip(directions, signs, strict=True)):
            directions.append(unit)
            signs.append(sign)
            values.append(float(prices.low[cell, column]) / beta)
    table = np.array(directions).reshape(-1, problem.dimension)
    return table, np.array(signs), np.array(values), len(pairs)


def _rank(matrix: Floats) -> int:
    sizes = np.linalg.svd(matrix / np.linalg.norm(matrix, axis=0), compute_uv=False)
    return int((sizes > _RANK * sizes[0]).sum())


def _vertices(outputs: Floats, fit: Floats) -> Floats:
    """All c >= 0 with outputs c = fit whose support has independent columns (V x K)."""
    n_columns = outputs.shape[1]
    size = float(np.linalg.norm(fit))
    if size == 0 or n_columns == 0:
        return np.zeros((1, n_columns))
    rank = _rank(outputs)
    n_subsets = 1 if rank == n_columns else sum(comb(n_columns, k) for k in range(1, rank + 1))
    if n_subsets > _MOST_SUBSETS:
        raise LimitReached(
            "too many subsets of tight directions",
            got=f"{n_columns} directions of rank {rank}: {n_subsets:,} subsets",
            expected=f"at most {_MOST_SUBSETS:,}",
            hint="the optimum itself is in reach; only the list of all vertices is not",
        )
    found = []
    sizes = [n_columns] if n_subsets == 1 else range(1, rank + 1)
    for width in sizes:
        for chosen in combinations(range(n_columns), width):
            columns = outputs[:, chosen]
            if width > 1 and _rank(columns) < width:
                continue
            amounts = np.linalg.lstsq(columns, fit, rcond=None)[0]
            off = np.linalg.norm(columns @ amounts - fit) > _FIT * size
            floor = _FIT * np.abs(amounts).max()
            # zeros are left to the smaller subset, unless there is only this one
            if off or (amounts < -floor).any() or (n_subsets > 1 and (amounts <= floor).any()):
                continue
            vertex = np.zeros(n_columns)
            vertex[list(chosen)] = np.where(amounts > floor, amounts, 0.0)
            found.append(vertex)
    return np.array(found).reshape(-1, n_columns)
