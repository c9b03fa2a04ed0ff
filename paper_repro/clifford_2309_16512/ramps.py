"""The ramps of one-dimensional data."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem

__all__ = ["ramps"]


def ramps(problem: TrainingProblem) -> list[list[Fraction]]:
    """The columns (x_i - x_j)_+ for every j, then the columns (x_j - x_i)_+.

    Examples
    --------
    >>> from paper_repro.data import posed
    >>> [[int(x) for x in column] for column in ramps(posed(([[0], [3]], [1, 2]), 1, bias="free"))]
    [[0, 3], [0, 0], [0, 0], [3, 0]]
    """
    samples = [row[0] for row in problem.features.rows()]
    rising = [[max(x - kink, Fraction(0)) for x in samples] for kink in samples]
    falling = [[max(kink - x, Fraction(0)) for x in samples] for kink in samples]
    return rising + falling
