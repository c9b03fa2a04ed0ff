"""Several outputs, and weight decay on the rows of output weights (Sahiner et al. 2020, arXiv 2012.13329).

    minimise 1/2 |sum_j (X u_j)_+ g_j' - Y|^2 + beta/2 sum_j (|u_j|^2 + |g_j|^2)

equals the minimum of 1/2 |sum_i D_i X V_i - Y|^2 + beta sum_i (gauge of V_i), the gauge being that of the
convex hull of all u g' with u in the cone K_i, |u| <= 1, |g| <= 1. Without the cones the gauge is the nuclear
norm, which gives a lower bound. For planar data K_i has two rays, the columns of R; then the gauge is

    min 1/2 <R'R, C> + 1/2 tr W   over   [[C, B], [B', W]] semidefinite,  C_12 >= 0,  V = R B,

since a 2 x 2 matrix is completely positive exactly when it is semidefinite and has no negative entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.patterns import activation_patterns
from exactnet.convex.program import TrainingProblem
from exactnet.convex.variants.builder import ProgramBuilder
from exactnet.convex.variants.group_program import GroupProgram, triangle
from exactnet.errors import UnsupportedError
from exactnet.exact import primitive

__all__ = ["extreme_rays", "nuclear_program", "planar_program"]

Targets = Sequence[Sequence[Fraction]]
_ONE = Fraction(1)


def nuclear_program(problem: TrainingProblem, targets: Targets) -> GroupProgram:
    """The lower bound with one nuclear norm a pattern; `targets` has one row of outputs a sample.

    The targets and the norm of `problem` are not looked at.
    """
    builder, n_outputs = _start(targets)
    for pattern in activation_patterns(problem):
        if "1" in pattern:
            identity = [
                [Fraction(i == j) for j in range(problem.dimension)] for i in range(problem.dimension)
            ]
            _factored(builder, problem, pattern, identity, n_outputs)
    return builder.build()


def planar_program(problem: TrainingProblem, targets: Targets) -> GroupProgram:
    """The programme of planar data, exactly.

    Raises
    ------
    UnsupportedError : the data are not planar, or lie on a line through the origin.
    """
    builder, n_outputs = _start(targets)
    for pattern in activation_patterns(problem):
        rays = extreme_rays(problem, pattern)
        if "1" in pattern:
            c = _factored(
                builder, problem, pattern, [list(row) for row in zip(*rays, strict=True)], n_outputs
            )
            builder.require({c: _ONE})
    return builder.build()


def extreme_rays(problem: TrainingProblem, pattern: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two rays of a planar cone, as primitive integer vectors.

    Examples
    --------
    >>> from exactnet.convex import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 2]], [1, 1]), beta=1)
    >>> extreme_rays(problem, "11")
    ((0, 1), (1, 0))
    """
    if problem.dimension != 2:
        raise UnsupportedError("planar data are needed", where="data", got=f"dimension {problem.dimension}")
    rays = set()
    for x, y in problem.homogenised:
        for ray in ((-y, x), (y, -x)) if x or y else ():
            heights = (a * ray[0] + b * ray[1] for a, b in problem.homogenised)
            fits = (h >= 0 if bit == "1" else h <= 0 for h, bit in zip(heights, pattern, strict=True))
            if all(fits):
                rays.add(primitive(ray))
    ordered = sorted(rays)
    if len(ordered) != 2 or ordered[0][0] * ordered[1][1] == ordered[0][1] * ordered[1][0]:
        raise UnsupportedError("a cell is not a cone with two rays", where=f"pattern {pattern}")
    return ordered[0], ordered[1]


def _start(targets: Targets) -> tuple[ProgramBuilder, int]:
    return ProgramBuilder([Fraction(y) for row in targets for y in row]), len(targets[0])


def _factored(
    builder: ProgramBuilder,
    problem: TrainingProblem,
    pattern: str,
    generators: Sequence[Sequence[Fraction | int]],
    n_outputs: int,
) -> int:
    """Add V = R B and its cost; returns the variable C_12 (or C_11 for a single generator)."""
    r = len(generators[0])
    k = r + n_outputs
    places = triangle(k)
    variable = dict(zip(places, builder.variables(len(places)), strict=True))
    builder.semidefinite([{variable[place]: _ONE} for place in places])
    half = problem.beta / 2
    for i, j in triangle(r):
        inner = sum((Fraction(row[i]) * row[j] for row in generators), Fraction(0))
        builder.charge({variable[i, j]: half * inner * (1 if i == j else 2)})
    builder.charge({variable[j, j]: half for j in range(r, k)})
    for i, (row, bit) in enumerate(zip(problem.homogenised, pattern, strict=True)):
        if bit == "1":
            heights = [
                sum((x * g[p] for x, g in zip(row, generators, strict=True)), Fraction(0)) for p in range(r)
            ]
            for output in range(n_outputs):
                entries = {variable[p, r + output]: height for p, height in enumerate(heights)}
                builder.predict(i * n_outputs + output, entries)
    return variable[0, min(1, r - 1)]
