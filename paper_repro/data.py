"""The small data sets that the statements are tried on, with exact numbers."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, training_problem
from exactnet.model import Dataset

__all__ = [
    "BOTH_SIDES",
    "DATA_SETS",
    "DUPLICATES",
    "FOUR_POINTS",
    "SPACE",
    "TWELVE_DIGITS",
    "XOR",
    "ZIGZAG",
    "Data",
    "posed",
]

Data = tuple[list[list[int]], list[int | Fraction]]

# the relative width to ask for where the fact sheets print twelve digits
TWELVE_DIGITS = Fraction(1, 10**12)

# samples in general position
FOUR_POINTS: Data = ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, Fraction(1, 2)])
# two opposite pairs
XOR: Data = ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1])
# repeated, collinear and zero rows
DUPLICATES: Data = ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2]], [1, 2, 1, 3, -1])
# three features
SPACE: Data = (
    [[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]],
    [-3, -3, -3, 1, 0, 1],
)
# one feature
ZIGZAG: Data = ([[-1], [0], [1], [2]], [0, 1, 0, 1])
BOTH_SIDES: Data = ([[-2], [-1], [0], [1], [2]], [1, -1, 1, 1, -1])

DATA_SETS: dict[str, Data] = {
    "four points": FOUR_POINTS,
    "XOR": XOR,
    "repeated and zero rows": DUPLICATES,
    "three features": SPACE,
    "zigzag": ZIGZAG,
    "both sides": BOTH_SIDES,
}


def posed(data: Data, beta: str | Fraction | int, *, norm: str = "l2", bias: str = "none") -> TrainingProblem:
    """The training problem of a data set.

    Examples
    --------
    >>> posed(ZIGZAG, "1/20", bias="free").describe()
    '1/2 sum_i ( sum_j a_j (x_i.w_j + b_j)_+ + t - y_i )^2 + (1/20)/2 sum_j ( ||w_j||_2^2 + a_j^2 )'
    """
    return training_problem(Dataset.from_arrays(*data), beta=beta, norm=norm, bias=bias)
