"""Exact optima of programmes whose norms are absolute values: guess the face, solve it, prove it.

On a face (which inequalities are equations, which absolute values vanish, and the signs of the others) the
objective is a quadratic, whose minimiser solves a linear system. The multipliers of the face solve a linear
system of inequalities. Both are decided in rationals; a wrong guess of the face fails there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from exactnet.certificate.types import Row
from exactnet.convex.lasso import LassoSolution, solve_lasso
from exactnet.convex.variants.conic_guess import ConicGuess, Floats
from exactnet.convex.variants.exact_dual import DualVectors, missing
from exactnet.convex.variants.exact_point import blocks_of_variables, project
from exactnet.convex.variants.group_program import GroupProgram, row_value
from exactnet.exact import LinearSystem, RationalMatrix, feasible, nullspace

__all__ = ["exact_optimum"]

Vector = tuple[Fraction, ...]
_CORRECTIONS = 4
# of the size of the point: what is smaller counts as zero, in one guess after the other
_LIMITS = (2.0**-22, 2.0**-16, 2.0**-28, 2.0**-11)


def exact_optimum(program: GroupProgram, guess: ConicGuess) -> tuple[Vector, DualVectors] | None:
    """An optimal point and optimal dual vectors, or None when no guessed face is the right one."""
    intercept, is_lasso = _lasso_intercept(program)
    if is_lasso:
        return _exact_lasso(program, intercept)
    for limit in _LIMITS:
        point = _face_minimum(program, guess, limit)
        if point is None or not _is_feasible(program, point):
            continue
        dual = _dual_of(program, point)
        if dual is not None:
            return point, dual
    return None


def _face_minimum(program: GroupProgram, guess: ConicGuess, limit: float) -> Vector | None:
    """Minimise over the guessed face, exactly."""
    z = guess.z
    size = max(1.0, float(np.abs(z).max()))
    n = program.n_variables
    rows, rhs = list(program.equal), list(program.level)
    for row, b in zip(program.at_least, program.least, strict=True):
        if _float_value(row, z) - float(b) <= limit * size:
            rows.append(row)
            rhs.append(b)
    linear = [Fraction(0)] * n
    for j, x in program.cost:
        linear[j] += x
    for norm in program.norms:
        for row in norm.rows:
            value = _float_value(row, z)
            if abs(value) <= limit * size:
                rows.append(row)
                rhs.append(Fraction(0))
            else:
                for j, x in row:
                    linear[j] += norm.weight * x * (1 if value > 0 else -1)
    point = _stationary(program, rows, rhs, linear, z)
    for _ in range(_CORRECTIONS):
        # what the minimiser breaks was tight after all
        broken = [
            (row, b)
            for row, b in zip(program.at_least, program.least, strict=True)
            if point is not None and row_value(row, point) < b
        ]
        if not broken:
            break
        rows += [row for row, _ in broken]
        rhs += [b for _, b in broken]
        point = _stationary(program, rows, rhs, linear, z)
    return point


def _stationary(
    program: GroupProgram,
    rows: Sequence[Row],
    rhs: Sequence[Fraction],
    linear: Sequence[Fraction],
    z: Floats,
) -> Vector | None:
    """The minimiser of 1/2 |fit z - target|^2 + linear.z over rows z = rhs nearest to z; None without one."""
    n = program.n_variables
    basis = nullspace([_dense(row, n) for row in rows]) if rows else RationalMatrix.identity(n)
    rows, rhs = list(rows), list(rhs)
    for d in basis.rows():
        # the derivative in the direction d vanishes
        image = [row_value(row, d) for row in program.fit]
        gradient = [Fraction(0)] * n
        for row, x in zip(program.fit, image, strict=True):
            for j, y in row if x else ():
                gradient[j] += x * y
        rows.append(tuple((j, x) for j, x in enumerate(gradient) if x))
        rhs.append(_dot(image, program.target) - _dot(linear, d))
    return project(n, rows, rhs, z)


def _is_feasible(program: GroupProgram, z: Vector) -> bool:
    return all(
        row_value(row, z) >= b for row, b in zip(program.at_least, program.least, strict=True)
    ) and all(row_value(row, z) == b for row, b in zip(program.equal, program.level, strict=True))


def _dual_of(program: GroupProgram, point: Vector) -> DualVectors | None:
    """Dual vectors that prove the point optimal: v is its residual, the rest one linear system a block."""
    zero = Fraction(0)
    v = tuple(b - row_value(row, point) for row, b in zip(program.fit, program.target, strict=True))
    multipliers, free = [zero] * len(program.at_least), [zero] * len(program.equal)
    pulls = [[zero] * len(norm.rows) for norm in program.norms]
    unknown: list[tuple[Row, list[Fraction], int, Fraction | None]] = []  # row, where, index, bound
    for i, (row, b) in enumerate(zip(program.at_least, program.least, strict=True)):
        if row_value(row, point) == b:
            unknown.append((_negated(row), multipliers, i, None))
    unknown += [(_negated(row), free, i, Fraction(-1)) for i, row in enumerate(program.equal)]
    for k, norm in enumerate(program.norms):
        for row in norm.rows:
            value = row_value(row, point)
            if value:
                pulls[k][0] = norm.weight if value > 0 else -norm.weight
            else:
                unknown.append((row, pulls[k], 0, norm.weight))
    start = DualVectors(v, tuple(multipliers), tuple(free), tuple(map(tuple, pulls)), ())
    rest = missing(program, start)
    for block in blocks_of_variables(program):
        inside = set(block)
        here = [u for u in unknown if any(j in inside for j, _ in u[0])]
        if not _solve_block(block, here, rest):
            return None
    return DualVectors(v, tuple(multipliers), tuple(free), tuple(map(tuple, pulls)), ())


def _solve_block(
    block: Sequence[int],
    unknown: Sequence[tuple[Row, list[Fraction], int, Fraction | None]],
    rest: Sequence[Fraction],
) -> bool:
    """Find the unknown dual numbers of one block, and write them to their places."""
    if not any(rest[j] for j in block):
        return True
    if not unknown:
        return False
    entries = [dict(row) for row, *_ in unknown]
    rows = [[entry.get(j, Fraction(0)) for entry in entries] for j in block]
    rhs = [-rest[j] for j in block]
    relations = ["="] * len(block)
    for k, (_, _, _, bound) in enumerate(unknown):
        unit = [Fraction(i == k) for i in range(len(unknown))]
        signs = {None: (-1,), Fraction(-1): ()}.get(bound, (1, -1))
        for sign in signs:
            rows.append([sign * x for x in unit])
            rhs.append(Fraction(0) if bound is None else bound)
            relations.append("<=")
    found = feasible(LinearSystem(rows, relations, rhs))
    if found.point is None:
        return False
    for (_, place, index, _), x in zip(unknown, found.point, strict=True):
        place[index] = x
    return True


def _lasso_intercept(program: GroupProgram) -> tuple[int | None, bool]:
    """The intercept of a Lasso, if there is one, and whether the programme is a Lasso at all.

    In a Lasso every variable has its own absolute value, except one whose column in the fit is constant 1.
    """
    charged = [norm.rows[0] for norm in program.norms if len(norm.rows) == 1 and norm.weight]
    single = {row[0][0] for row in charged if len(row) == 1}
    plain = len(single) == len(charged) == len(program.norms) and bool(program.fit)
    rest = set(range(program.n_variables)) - single
    if not plain or program.cost or program.at_least or program.equal or len(rest) > 1:
        return None, False
    if not rest:
        return None, True
    (t,) = rest
    return t, all((t, Fraction(1)) in row for row in program.fit)


def _exact_lasso(program: GroupProgram, intercept: int | None) -> tuple[Vector, DualVectors]:
    """The optimum of a Lasso by the exact active set."""
    columns = [[Fraction(0)] * len(program.fit) for _ in range(program.n_variables)]
    for i, row in enumerate(program.fit):
        for j, x in row:
            columns[j][i] = x
    scales = [(norm.rows[0][0][0], abs(norm.rows[0][0][1]) * norm.weight) for norm in program.norms]
    scaled = [[x / scale for x in columns[j]] for j, scale in scales]
    solution: LassoSolution = solve_lasso(scaled, program.target, beta=1, intercept=intercept is not None)
    point = [Fraction(0)] * program.n_variables
    for k, z in zip(solution.support, solution.coefficients, strict=True):
        j, scale = scales[k]
        point[j] = z / scale
    if intercept is not None:
        point[intercept] = solution.intercept
    # one pull an absolute value: the price of its column
    pulls = tuple(
        (_dot(columns[norm.rows[0][0][0]], solution.residual) / norm.rows[0][0][1],) for norm in program.norms
    )
    return tuple(point), DualVectors(solution.residual, (), (), pulls, ())


def _float_value(row: Row, z: Floats) -> float:
    return float(sum(float(x) * z[j] for j, x in row))


def _dense(row: Row, n: int) -> list[Fraction]:
    entries = dict(row)
    return [entries.get(j, Fraction(0)) for j in range(n)]


def _negated(row: Row) -> Row:
    return tuple((j, -x) for j, x in row)


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
