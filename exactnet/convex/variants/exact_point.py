"""From a float point of a programme to an exactly feasible one nearby.

The variables fall into blocks that the constraints couple (the fit and the cost couple nothing here). In each
block the constraints that look tight are made equations, and the float point is projected on them in
rationals; if another constraint breaks, or for a semidefinite block, the point is mixed with an interior
point of the block, as little as is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from exactnet.certificate.types import Row
from exactnet.convex.variants.conic_guess import Floats, approx_minimum
from exactnet.convex.variants.group_program import GroupProgram, row_value, triangle
from exactnet.errors import InvariantError
from exactnet.exact import RationalMatrix, nullspace, solve

__all__ = ["blocks_of_variables", "dyadic", "feasible_point", "is_semidefinite", "project", "sub_program"]

Vector = tuple[Fraction, ...]

# of the size of a block: below, a constraint counts as tight (a guess; feasibility is tested exactly)
_TIGHT = 2.0**-20
_MIXTURES = (Fraction(0), *(Fraction(1, 2**k) for k in range(56, 3, -1)))


def dyadic(x: float, *, bits: int = 60) -> Fraction:
    """A float on the grid of multiples of 2^-bits, so that fractions stay small.

    Examples
    --------
    >>> dyadic(0.3, bits=2)
    Fraction(1, 4)
    """
    return Fraction(round(Fraction(float(x)) * 2**bits), 2**bits)


def blocks_of_variables(program: GroupProgram) -> list[list[int]]:
    """The classes of variables that norms and constraints couple, sorted."""
    parent = list(range(program.n_variables))

    def root(j: int) -> int:
        while parent[j] != j:
            parent[j] = parent[parent[j]]
            j = parent[j]
        return j

    for rows in _couplings(program):
        variables = [j for row in rows for j, _ in row]
        for j in variables[1:]:
            parent[root(j)] = root(variables[0])
    classes: dict[int, list[int]] = {}
    for j in range(program.n_variables):
        classes.setdefault(root(j), []).append(j)
    return list(classes.values())


def _couplings(program: GroupProgram) -> list[tuple[Row, ...]]:
    single = [(row,) for row in (*program.at_least, *program.equal)]
    return [*(norm.rows for norm in program.norms), *single, *program.semidefinite]


def sub_program(program: GroupProgram, block: Sequence[int]) -> GroupProgram:
    """The constraints and norms of one block, over its variables renumbered; no fit and no cost."""
    index = {j: i for i, j in enumerate(block)}

    def here(rows: Sequence[Row]) -> bool:
        return any(j in index for row in rows for j, _ in row)

    def renumbered(row: Row) -> Row:
        return tuple((index[j], x) for j, x in row)

    lower = [(row, b) for row, b in zip(program.at_least, program.least, strict=True) if here([row])]
    even = [(row, b) for row, b in zip(program.equal, program.level, strict=True) if here([row])]
    return replace(
        program,
        n_variables=len(block),
        fit=(),
        target=(),
        cost=(),
        norms=tuple(
            replace(norm, rows=tuple(map(renumbered, norm.rows))) for norm in program.norms if here(norm.rows)
        ),
        at_least=tuple(renumbered(row) for row, _ in lower),
        least=tuple(b for _, b in lower),
        equal=tuple(renumbered(row) for row, _ in even),
        level=tuple(b for _, b in even),
        semidefinite=tuple(tuple(map(renumbered, rows)) for rows in program.semidefinite if here(rows)),
    )


def feasible_point(program: GroupProgram, z: Floats) -> Vector:
    """An exactly feasible point near z.

    Raises
    ------
    InvariantError : none was found; the programme may have no interior in a block.
    """
    scale = max(1.0, float(np.abs(z).max()))
    point = [Fraction(0)] * program.n_variables
    for block in blocks_of_variables(program):
        part = sub_program(program, block)
        for j, x in zip(block, _feasible_block(part, z[block], scale), strict=True):
            point[j] = x
    return tuple(point)


def _feasible_block(part: GroupProgram, z: Floats, scale: float) -> Vector:
    zero = (Fraction(0),) * part.n_variables
    if float(np.abs(z).max()) < 2.0**-26 * scale and _holds(part, zero):
        return zero
    near = _projected(part, z)
    if _holds(part, near):
        return near
    near = _low_rank(part, z) or _on_equations(part, z)
    inside = _interior_point(part)
    for share in _MIXTURES:
        mixed = tuple((1 - share) * x + share * y for x, y in zip(near, inside, strict=True))
        if _holds(part, mixed):
            return mixed
    raise InvariantError("no exactly feasible point was found", reproduction=f"{part!r}, {z!r}")


def _holds(part: GroupProgram, z: Vector) -> bool:
    """Whether a point is feasible, exactly."""
    return (
        all(row_value(row, z) >= b for row, b in zip(part.at_least, part.least, strict=True))
        and all(row_value(row, z) == b for row, b in zip(part.equal, part.level, strict=True))
        and all(is_semidefinite([row_value(row, z) for row in block]) for block in part.semidefinite)
    )


def _projected(part: GroupProgram, z: Floats) -> Vector:
    """Make tight what looks tight, and project."""
    size = float(np.abs(z).max())
    rows, rhs = list(part.equal), list(part.level)
    for row, b in zip(part.at_least, part.least, strict=True):
        reach = max((abs(float(x)) for _, x in row), default=0.0) * size + abs(float(b))
        if sum(float(x) * z[j] for j, x in row) - float(b) <= _TIGHT * reach:
            rows.append(row)
            rhs.append(b)
    return project(part.n_variables, rows, rhs, z) or _rounded(z)


def _low_rank(part: GroupProgram, z: Floats) -> Vector | None:
    """Semidefinite matrices rebuilt from their large eigenvalues, where each entry is a variable of its own.

    Equations are met by raising diagonal entries, which keeps the matrices semidefinite; None if that fails.
    """
    point = [dyadic(x) for x in z]
    diagonal = set()
    for block in part.semidefinite:
        if any(len(row) != 1 or row[0][1] != 1 for row in block):
            return None
        k = _order(block)
        matrix = np.zeros((k, k))
        for (i, j), row in zip(triangle(k), block, strict=True):
            matrix[i, j] = matrix[j, i] = z[row[0][0]]
        values, vectors = np.linalg.eigh(matrix)
        kept = np.maximum(values, 0) * (values > _TIGHT * max(float(values[-1]), _TIGHT))
        factor = [[dyadic(x) for x in row] for row in vectors * np.sqrt(kept)]
        for (i, j), row in zip(triangle(k), block, strict=True):
            point[row[0][0]] = sum((a * b for a, b in zip(factor[i], factor[j], strict=True)), Fraction(0))
            if i == j:
                diagonal.add(row[0][0])
    for row, b in zip(part.equal, part.level, strict=True):
        gap = b - row_value(row, point)
        chosen = [(j, x) for j, x in row if j in diagonal and x * gap > 0]
        if gap and not chosen:
            return None
        if gap:
            point[chosen[0][0]] += gap / chosen[0][1]
    even = all(row_value(row, point) == b for row, b in zip(part.equal, part.level, strict=True))
    return tuple(point) if part.semidefinite and even else None


def _on_equations(part: GroupProgram, z: Floats) -> Vector:
    return project(part.n_variables, part.equal, part.level, z) or _rounded(z)


def _rounded(z: Floats) -> Vector:
    return tuple(dyadic(x) for x in z)


def project(n: int, rows: Sequence[Row], rhs: Sequence[Fraction], z: Floats) -> Vector | None:
    """The point of {rows z = rhs} nearest to z, up to rounding within that space; None if it is empty."""
    if not rows:
        return _rounded(z)
    dense = [_dense(row, n) for row in rows]
    start = solve(dense, rhs)
    if start is None:
        return None
    basis = nullspace(dense)
    if basis.shape[0] == 0:
        return start
    floats = basis.approx_array()
    away = z - np.array([float(x) for x in start])
    weights = [dyadic(x) for x in np.linalg.lstsq(floats.T, away, rcond=None)[0]]
    moved = RationalMatrix.from_rows([weights]) @ basis
    return tuple(x + y for x, y in zip(start, moved.row(0), strict=True))


def _dense(row: Row, n: int) -> list[Fraction]:
    entries = dict(row)
    return [entries.get(j, Fraction(0)) for j in range(n)]


def _interior_point(part: GroupProgram) -> Vector:
    """A point on the equations with room to every inequality and semidefinite block, as much as 1."""
    n = part.n_variables
    slack: Row = ((n, Fraction(-1)),)
    diagonal = [
        [
            (*row, *slack) if i == j else row
            for (i, j), row in zip(triangle(_order(block)), block, strict=True)
        ]
        for block in part.semidefinite
    ]
    roomy = replace(
        part,
        n_variables=n + 1,
        fit=tuple(((j, Fraction(1, 2**10)),) for j in range(n)),
        target=(Fraction(0),) * n,
        cost=((n, Fraction(-1)),),
        norms=(),
        at_least=(*((*row, *slack) for row in part.at_least), slack),
        least=(*part.least, Fraction(-1)),
        equal=part.equal,
        semidefinite=tuple(map(tuple, diagonal)),
    )
    return _on_equations(part, approx_minimum(roomy).z[:n])


def _order(block: Sequence[object]) -> int:
    return int((8 * len(block) + 1) ** 0.5 - 1) // 2


def is_semidefinite(entries: Sequence[Fraction]) -> bool:
    """Whether the symmetric matrix with this upper triangle is positive semidefinite (elimination, exact).

    Examples
    --------
    >>> zero, one = Fraction(0), Fraction(1)
    >>> is_semidefinite([one, one, one]), is_semidefinite([zero, one, one])
    (True, False)
    """
    k = _order(entries)
    matrix = [[Fraction(0)] * k for _ in range(k)]
    for (i, j), x in zip(triangle(k), entries, strict=True):
        matrix[i][j] = matrix[j][i] = x
    for i in range(k):
        pivot = matrix[i][i]
        if pivot < 0 or (pivot == 0 and any(matrix[i][i:])):
            return False
        for a in range(i + 1, k) if pivot else ():
            factor = matrix[a][i] / pivot
            matrix[a] = [x - factor * y for x, y in zip(matrix[a], matrix[i], strict=True)]
    return True
