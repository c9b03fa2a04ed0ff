"""The small data sets that the statements are tried on, with exact numbers."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, training_problem
from exactnet.model import Dataset

__all__ = [
    "BOTH_SIDES",
    "BOUNCE",
    "DATA_SETS",
    "DUPLICATES",
    "FIVE_IN_SPACE",
    "FOUR_POINTS",
    "SPACE",
    "STAIRS",
    "TWELVE_DIGITS",
    "XOR",
    "ZIGZAG",
    "ZSHAPE",
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
FIVE_IN_SPACE: Data = (
    [[-1, 0, 2], [4, -4, 4], [0, -1, 2], [1, -2, -2], [2, 1, 0]],
    [-1, 3, -2, -2, 1],
)
# one feature
ZIGZAG: Data = ([[-1], [0], [1], [2]], [0, 1, 0, 1])
BOTH_SIDES: Data = ([[-2], [-1], [0], [1], [2]], [1, -1, 1, 1, -1])
# one feature, the examples of the library of mirrors
ZSHAPE: Data = ([[0], [2], [6], [7]], [0, 0, 3, 3])
BOUNCE: Data = ([[0], [2], [6], [7]], [0, 0, 3, 7])
STAIRS: Data = ([[0], [4], [5], [7], [10], [11]], [0, 0, 0, 2, 3, 3])

DATA_SETS: dict[str, Data] = {
    "four points": FOUR_POINTS,
    "XOR": XOR,
    "repeated and zero rows": DUPLICATES,
    "three features": SPACE,
    "three features, five samples": FIVE_IN_SPACE,
    "zigzag": ZIGZAG,
    "both sides": BOTH_SIDES,
    "z shape": ZSHAPE,
    "bounce": BOUNCE,
    "stairs": STAIRS,
}


def posed(
    data: Data,
    beta: str | Fraction | int,
    *,
    norm: str = "l2",
    bias: str = "none",
    loss: str = "squared",
) -> TrainingProblem:
    """The training problem of a data set.

    Examples
    --------
    >>> posed(ZIGZAG, "1/20", bias="free").describe()
    '1/2 sum_i ( sum_j a_j (x_i.w_j + b_j)_+ + t - y_i )^2 + (1/20)/2 sum_j ( ||w_j||_2^2 + a_j^2 )'
    """
    return training_problem(Dataset.from_arrays(*data), beta=beta, norm=norm, bias=bias, loss=loss)
