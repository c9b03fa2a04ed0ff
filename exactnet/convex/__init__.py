"""Two-layer ReLU training as a convex programme, solved to a certified global optimum.

Start with :func:`optimum`. `program` states the problem, `patterns` its activation cells, `solve` and
`generate` the float solvers, `clifford` and `lasso` the exact polyhedral case, `certify` the rational
bounds, `recover` the way back to a network.
"""

from exactnet.convex.clifford import wedge_dictionary
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.patterns import activation_cells, activation_patterns
from exactnet.convex.program import (
    Bias,
    Norm,
    TrainingProblem,
    TwoLayer,
    from_network,
    objective,
    path_objective,
    predictions,
    to_network,
    training_problem,
)

__all__ = [
    "Bias",
    "Norm",
    "Optimum",
    "TrainingProblem",
    "TwoLayer",
    "activation_cells",
    "activation_patterns",
    "from_network",
    "objective",
    "optimum",
    "path_objective",
    "predictions",
    "solve_lasso",
    "to_network",
    "training_problem",
    "wedge_dictionary",
]
