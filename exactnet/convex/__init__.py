"""Two-layer training as a convex programme, solved to a certified global optimum.

Start with :func:`optimum`. `program` states the problem, `patterns` its activation cells, `solve` and
`generate` the float solvers, `clifford`, `lasso` and `column_program` the exact polyhedral cases, `certify`
the rational bounds, `recover` the way back to a network; :func:`interpolation` is the limit of beta to 0.
"""

from exactnet.convex.architecture import from_network, to_network
from exactnet.convex.clifford import wedge_dictionary
from exactnet.convex.estimator import ExactReLUClassifier, ExactReLURegressor
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.interpolate import Interpolation, interpolation
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.network_audit import Audit, audit
from exactnet.convex.optima import OptimalSet, optimal_set
from exactnet.convex.optima_l2 import ApproxOptimalSet, approx_optimal_set
from exactnet.convex.patterns import activation_cells, activation_patterns
from exactnet.convex.program import (
    Activation,
    Bias,
    Loss,
    Norm,
    TrainingProblem,
    TwoLayer,
    objective,
    objective_enclosure,
    path_objective,
    predictions,
    training_problem,
)
from exactnet.convex.pruning import pruned
from exactnet.convex.regularisation_path import path
from exactnet.convex.stationary import RestrictedOptimum, restricted_optimum
from exactnet.convex.wedge_polish import polished_to_wedges

__all__ = [
    "Activation",
    "ApproxOptimalSet",
    "Audit",
    "Bias",
    "ExactReLUClassifier",
    "ExactReLURegressor",
    "Interpolation",
    "Loss",
    "Norm",
    "OptimalSet",
    "Optimum",
    "RestrictedOptimum",
    "TrainingProblem",
    "TwoLayer",
    "activation_cells",
    "activation_patterns",
    "approx_optimal_set",
    "audit",
    "from_network",
    "interpolation",
    "objective",
    "objective_enclosure",
    "optimal_set",
    "optimum",
    "path",
    "path_objective",
    "polished_to_wedges",
    "predictions",
    "pruned",
    "restricted_optimum",
    "solve_lasso",
    "to_network",
    "training_problem",
    "wedge_dictionary",
]
