"""Which engine solves a training problem."""

from __future__ import annotations

from exactnet.convex.program import Norm, TrainingProblem
from exactnet.geometry.arrangement import central_arrangement, cover_bound

__all__ = ["most_patterns", "suits_sweep"]


def most_patterns(problem: TrainingProblem) -> int:
    """Cover's bound on the number of activation patterns, attained in general position.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> most_patterns(training_problem(Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1]], [1, 2, 3]), beta=1))
    6
    """
    arrangement = central_arrangement(problem.homogenised, dimension=problem.dimension)
    return cover_bound(len(arrangement.forms), arrangement.rank)


def suits_sweep(problem: TrainingProblem) -> bool:
    """Whether the sweep engine is made for the problem: ReLU, squared loss, l2 norm, 2 or 3 coordinates.

    All coordinates must be penalised. Data on one line (rank 1) are left to the general engine.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[1, 2], [-1, 1]], [1, 2])
    >>> suits_sweep(training_problem(data, beta=1)), suits_sweep(training_problem(data, beta=1, norm="l1"))
    (True, False)
    """
    relu = problem.kappa == 0 and str(problem.loss) == "squared"
    all_penalised = len(problem.penalised) == problem.dimension
    if not (relu and problem.norm is Norm.L2 and all_penalised and problem.dimension in (2, 3)):
        return False
    rows, _ = problem.integer_rows
    first = next((row for row in rows if any(row)), None)
    return first is not None and any(not _parallel(first, row) for row in rows)


def _parallel(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    return all(a[i] * b[j] == a[j] * b[i] for i, j in pairs)
