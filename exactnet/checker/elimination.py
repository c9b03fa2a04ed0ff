"""One vector as a combination of others, in integers without fractions (FORMAT.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["combination"]

Vector = Sequence[int]


def combination(vectors: Sequence[Vector], target: Vector) -> tuple[int, list[int]] | None:
    """Solve c target = sum_j m_j vectors[j] for linearly independent vectors.

    Elimination after Bareiss: all divisions are exact, and no number is longer than a minor of the system.

    Returns
    -------
    (c, [m_j]) with c > 0; None when the vectors are dependent, or the target is not in their span.

    Examples
    --------
    >>> combination([(1, 0, 0), (1, 2, 0)], (3, 1, 0))
    (2, [5, 1])
    >>> combination([(1, 0, 0), (2, 0, 0)], (3, 0, 0)) is None
    True
    """
    # an equation a coordinate; eliminated unknowns are cut off, so that the first entry is the next pivot's
    waiting: list[list[int]] = [list(row) for row in zip(*vectors, target, strict=True)]
    done: list[list[int]] = []
    previous = 1
    for _ in vectors:
        at = next((i for i, row in enumerate(waiting) if row[0]), None)
        if at is None:
            return None
        top = waiting.pop(at)
        pivot, tail = top[0], top[1:]
        done.append(top)
        if pivot == previous == 1:
            waiting = [
                [a - row[0] * b for a, b in zip(row[1:], tail, strict=True)] if row[0] else row[1:]
                for row in waiting
            ]
        else:
            waiting = [
                [(pivot * a - row[0] * b) // previous for a, b in zip(row[1:], tail, strict=True)]
                for row in waiting
            ]
        previous = pivot
    if any(row[0] for row in waiting):
        return None
    # by Cramer's rule the last pivot is a common denominator of the solution
    solution: list[int] = []
    for row in reversed(done):
        total = previous * row[-1]
        for a, m in zip(row[-2:0:-1], solution, strict=True):
            total -= a * m
        solution.append(total // row[0])
    solution.reverse()
    return (previous, solution) if previous > 0 else (-previous, [-m for m in solution])
