"""The standing data sets of the fact sheets, and random problems with ties."""

from fractions import Fraction

from hypothesis import strategies as st

from exactnet.convex import training_problem
from exactnet.model import Dataset

A = ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, Fraction(1, 2)])
XOR = ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1])
B = (
    [[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]],
    [-3, -3, -3, 1, 0, 1],
)
Q = ([[-1], [0], [1], [2]], [0, 1, 0, 1])
PE = ([[-2], [-1], [0], [1], [2]], [1, -1, 1, 1, -1])
DUP = ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2]], [1, 2, 1, 3, -1])
RANK1 = ([[1, 2], [-1, -2], [2, 4], [-3, -6]], A[1])


def problem(data, beta, norm="l2", bias="none"):
    return training_problem(Dataset.from_arrays(*data), beta=beta, norm=norm, bias=bias)


@st.composite
def tied_problems(draw, *, max_samples=5, max_features=2, norms=("l1", "l2")):
    """Small integer data: duplicates, zero rows, parallel rows and ties are the rule."""
    d = draw(st.integers(1, max_features))
    n = draw(st.integers(1, max_samples))
    rows = draw(st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=n, max_size=n))
    targets = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n))
    beta = draw(st.sampled_from(["1/10", "1/2", "2"]))
    return problem(
        (rows, targets),
        beta,
        draw(st.sampled_from(norms)),
        draw(st.sampled_from(["none", "penalised", "free"])),
    )
