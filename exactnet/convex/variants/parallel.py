"""Three-layer parallel networks with the path penalty, tiny data (Ergen and Pilanci 2021, arXiv 2110.05518).

K sub-networks ((X W_k)_+ w_k)_+ a_k, each W_k with m_1 columns; the penalty beta sum_k |a_k| sqrt(sum_j
w_kj^2 |W_kj|^2). One group for each choice of m_1 first-layer patterns with signs s_j and of a second-layer
pattern D:

    prediction +-D h,  h = sum_j s_j D_j X u_j,  (2 D_j - I) X u_j >= 0,  (2 D - I) h >= 0,
    penalty beta |(u_1, .., u_m)|, one norm for the whole group.

A group counts once for each multiset of signed patterns; groups whose cone has no interior are left out, as
their points lie in the closures of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, product

from exactnet.convex.patterns import activation_patterns
from exactnet.convex.program import TrainingProblem
from exactnet.convex.variants.builder import Entries, ProgramBuilder
from exactnet.convex.variants.group_program import GroupProgram
from exactnet.errors import LimitReached
from exactnet.exact import LinearSystem, feasible

__all__ = ["three_layer_program"]

Member = tuple[str, int]  # pattern and sign of one first-layer unit
_ONE = Fraction(1)


def three_layer_program(
    problem: TrainingProblem, *, n_units: int = 2, max_groups: int = 5000
) -> tuple[GroupProgram, int]:
    """The programme, and its number of groups (both output signs counted).

    Parameters
    ----------
    problem : few samples, l2 norm, no bias.
    n_units : m_1, the first-layer units of a sub-network.

    Raises
    ------
    LimitReached : more groups than `max_groups`.
    """
    builder = ProgramBuilder(problem.targets)
    n_groups = 0
    for members, second in _groups(problem, n_units):
        for sign in (1, -1):
            n_groups += 1
            if n_groups > max_groups:
                raise LimitReached("too many groups", got=str(n_groups), expected=f"at most {max_groups}")
            _add_group(builder, problem, members, second, sign)
    return builder.build(), n_groups


def _groups(problem: TrainingProblem, n_units: int) -> Iterator[tuple[tuple[Member, ...], str]]:
    signed = [(pattern, s) for pattern in activation_patterns(problem) if "1" in pattern for s in (1, -1)]
    n, D = problem.n_samples, problem.dimension
    for members in combinations_with_replacement(signed, n_units):
        first = [row for k, (pattern, _) in enumerate(members) for row in _cone(problem, pattern, k * D)]
        for second in product("01", repeat=n):
            if "1" not in second:
                continue
            heights = _heights(problem, members)
            # an output that is zero on the whole cone is on either side of a closed half-space
            rows = first + [
                {j: x if bit == "1" else -x for j, x in height.items()}
                for bit, height in zip(second, heights, strict=True)
                if height
            ]
            idle = any(bit == "1" and not height for bit, height in zip(second, heights, strict=True))
            if not idle and _has_interior(rows, n_units * D):
                yield members, "".join(second)


def _cone(problem: TrainingProblem, pattern: str, start: int) -> list[Entries]:
    """The rows (2D - I) X u of one unit, its variables counted from `start`."""
    return [
        {start + j: x if bit == "1" else -x for j, x in enumerate(row) if x}
        for row, bit in zip(problem.homogenised, pattern, strict=True)
        if any(row)
    ]


def _heights(problem: TrainingProblem, members: tuple[Member, ...]) -> list[Entries]:
    """h_i = sum_j s_j D_j x_i.u_j for every sample."""
    D = problem.dimension
    heights: list[Entries] = []
    for i, row in enumerate(problem.homogenised):
        height: Entries = {}
        for k, (pattern, s) in enumerate(members):
            if pattern[i] == "1":
                height |= {k * D + j: s * x for j, x in enumerate(row) if x}
        heights.append(height)
    return heights


def _has_interior(rows: list[Entries], n: int) -> bool:
    dense = [[-row.get(j, Fraction(0)) for j in range(n)] for row in rows]
    return feasible(LinearSystem(dense, ["<"] * len(dense), [0] * len(dense))).point is not None


def _add_group(
    builder: ProgramBuilder, problem: TrainingProblem, members: tuple[Member, ...], second: str, sign: int
) -> None:
    D = problem.dimension
    z = builder.variables(D * len(members))
    rows = [row for k, (pattern, _) in enumerate(members) for row in _cone(problem, pattern, k * D)]
    for i, (height, bit) in enumerate(zip(_heights(problem, members), second, strict=True)):
        rows.append({j: x if bit == "1" else -x for j, x in height.items()})
        if bit == "1":
            builder.predict(i, {z[j]: sign * x for j, x in height.items()})
    for row in rows:
        if row:
            builder.require({z[j]: x for j, x in row.items()})
    builder.penalise(problem.beta, [{j: _ONE} for j in z])
