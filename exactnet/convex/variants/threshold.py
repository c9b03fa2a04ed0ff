"""Threshold activations with trainable amplitude (Ergen, Gulluk, Lacotte and Pilanci 2023, arXiv 2303.03382).

f = sum_j a_j s_j 1[X u_j >= 0] with the penalty beta/2 sum (s_j^2 + a_j^2) equals the Lasso over all
attainable 0/1 patterns; when a deeper network attains every pattern, the dictionary is all of {0,1}^n, and
the penalty on the fit w is beta (max of the positive part + max of the negative part of w).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from exactnet.convex.program import TrainingProblem
from exactnet.convex.variants.group_program import GroupProgram, group_program, weighted_norm
from exactnet.errors import LimitReached
from exactnet.exact import LinearSystem, feasible

__all__ = ["column_lasso", "shattered_program", "threshold_patterns"]


def threshold_patterns(problem: TrainingProblem, *, max_samples: int = 12) -> tuple[str, ...]:
    """All patterns 1[z_i.u >= 0] but the zero one, ties and u = 0 included, by 2^n exact linear systems.

    Raises
    ------
    LimitReached : more samples than `max_samples`.

    Examples
    --------
    >>> from exactnet.convex import training_problem
    >>> from exactnet.model import Dataset
    >>> threshold_patterns(training_problem(Dataset.from_arrays([[1], [-1]], [0, 0]), beta=1))
    ('01', '10', '11')
    """
    n = problem.n_samples
    if n > max_samples:
        raise LimitReached("too many samples for all patterns", got=str(n), expected=f"at most {max_samples}")
    found = []
    for bits in product("01", repeat=n):
        if "1" not in bits:
            continue
        rows = [
            [-x if bit == "1" else x for x in row] for bit, row in zip(bits, problem.homogenised, strict=True)
        ]
        relations = ["<=" if bit == "1" else "<" for bit in bits]
        if feasible(LinearSystem(rows, relations, [0] * n)).point is not None:
            found.append("".join(bits))
    return tuple(found)


def column_lasso(
    columns: Sequence[Sequence[Fraction | int]],
    targets: Sequence[Fraction],
    *,
    beta: Fraction,
    intercept: bool = False,
) -> GroupProgram:
    """The Lasso over columns: 1/2 |K z + t 1 - y|^2 + beta |z|_1; with an intercept, t is the last variable.

    Examples
    --------
    >>> from exactnet.convex.variants.minimum import minimum_of
    >>> minimum_of(column_lasso([[1, 0]], [Fraction(2), Fraction(1)], beta=Fraction(1)))
    PROVED: the minimum is 2
    """
    n_columns = len(columns)
    fit: list[dict[int, object]] = [
        {j: column[i] for j, column in enumerate(columns)} for i in range(len(targets))
    ]
    if intercept:
        for row in fit:
            row[n_columns] = 1
    norms = [weighted_norm(beta, [{j: 1}]) for j in range(n_columns)]
    return group_program(n_columns + intercept, fit=fit, target=targets, norms=norms)


def shattered_program(targets: Sequence[Fraction], *, beta: Fraction) -> GroupProgram:
    """1/2 |w - y|^2 + beta (max(w, 0) + max(-w, 0)), written with w = p - q and two bounds."""
    n = len(targets)
    high, low = 2 * n, 2 * n + 1
    rows: list[dict[int, object]] = [{j: 1} for j in range(2 * n)]
    for j in range(n):
        rows += [{high: 1, j: -1}, {low: 1, n + j: -1}]
    return group_program(
        2 * n + 2,
        fit=[{j: 1, n + j: -1} for j in range(n)],
        target=targets,
        cost={high: beta, low: beta},
        at_least=rows,
    )
