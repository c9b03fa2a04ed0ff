"""Training problems for the tests of the cross-check, the degenerate ones among them."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from hypothesis import strategies as st

from exactnet.convex import TrainingProblem, training_problem
from exactnet.crosscheck import TrainedNetwork, train
from exactnet.crosscheck.methods import METHODS
from exactnet.model import Dataset

A = ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])

# p*(A, beta = 1/2, l2, no bias) = 1.073770178483 rounded; every network is above the lower number
OPTIMUM_A, BELOW_OPTIMUM_A = 1.073770178483, Fraction("1.073770178482")
OPTIMUM_A_L1 = Fraction(2161, 1575)

DEGENERATE = {
    "a zero row and copies": ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2]], [1, 2, 1, 3, -1]),
    "opposite rows": ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1]),
    "one sample": ([[1, -2]], [3]),
    "one feature": ([[-1], [0], [1], [2]], [0, 1, 0, 1]),
    "one number": ([[3]], [-2]),
    "constant targets": ([[1, 0], [0, 1], [-1, 1]], [2, 2, 2]),
    "zero targets": ([[1, 0], [0, 1], [-1, 1]], [0, 0, 0]),
    "zero features": ([[0, 0], [0, 0]], [1, -1]),
    "zero everything": ([[0]], [0]),
    "a column of zeros": ([[1, 0], [2, 0], [-1, 0]], [1, -1, 1]),
    "rank one": ([[1, 2], [-1, -2], [2, 4], [-3, -6]], [1, -1, 2, "1/2"]),
    "huge": ([["1e200"], ["-2e200"]], ["1e150", "2e150"]),
    "beyond floats": ([["1e400"], ["-1e400"]], ["1e-400", "2e-400"]),
    "sizes far apart": ([["1e-30", 1], [1, "1e-30"]], [1, "1e30"]),
}

SETTINGS = [(norm, bias) for norm in ("l2", "l1") for bias in ("none", "penalised", "free")]
WAYS = [(name, backend) for name, method in METHODS.items() for backend in method.backends]


def problem(data=A, beta="1/2", norm="l2", bias="none") -> TrainingProblem:
    return training_problem(Dataset.from_arrays(*data), beta=beta, norm=norm, bias=bias)


@cache
def trained_on_a(optimizer, backend="numpy", norm="l2") -> tuple[TrainedNetwork, ...]:
    """Networks trained on A with the defaults; torch is the slower one here: fewer steps, fewer seeds."""
    less = {"n_seeds": 6, "n_steps": 200 if optimizer == "lbfgs" else 1200} if backend == "torch" else {}
    return train(problem(norm=norm), optimizer=optimizer, backend=backend, **less)


@st.composite
def problems(draw) -> TrainingProblem:
    """Small integer data: zero rows, copies and ties are the rule."""
    d, n = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(st.integers(-3, 3), min_size=d, max_size=d), min_size=n, max_size=n))
    targets = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n))
    norm, bias = draw(st.sampled_from(SETTINGS))
    return problem((rows, targets), draw(st.sampled_from(["1/10", "1/2", "2"])), norm, bias)
