"""The optimum of a fixed width by brute force: one convex programme for each tuple of cells and signs."""

from itertools import combinations

import cvxpy as cp
import numpy as np

from exactnet.convex.patterns import activation_cells, float_cells


def best_of_width(task, width):
    """The smallest objective with at most one neuron in each of `width` (cell, sign) blocks, by CVXPY."""
    table = activation_cells(task)
    cells = float_cells(task, table)
    rows = np.array([[float(x) for x in row] for row in task.homogenised])
    y = np.array([float(t) for t in task.targets])
    order = {"l1": 1, "l2": 2, "linf": "inf"}[str(task.norm)]
    blocks = [(cell, sign) for cell in range(len(cells.active)) for sign in (1.0, -1.0)]
    best = np.inf
    for chosen in combinations(blocks, width):
        fit, cost, constraints = 0, 0, []
        for cell, sign in chosen:
            z = cp.Variable(task.dimension)
            fit = fit + sign * (cells.active[cell][:, None] * rows) @ z
            cost = cost + cp.norm(z[list(task.penalised)], order)
            constraints.append(cells.cone(cell) @ z >= 0)
        if str(task.bias) == "free":
            fit = fit + cp.Variable()
        objective = cp.sum_squares(fit - y) / 2 + float(task.beta) * cost
        value = cp.Problem(cp.Minimize(objective), constraints).solve(solver=cp.CLARABEL)
        best = min(best, value)
    return best
