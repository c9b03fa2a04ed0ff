"""Slow exact linear algebra over Fractions, for producers and oracles of tests."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

Vector = Sequence[Fraction | int]
Integers = tuple[int, ...]


def dot(a: Vector, b: Vector) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(a, b, strict=True)), Fraction(0))


def solve(matrix: Sequence[Vector], rhs: Vector) -> list[Fraction] | None:
    """One solution of matrix.x = rhs (free variables zero), or None."""
    n_columns = len(matrix[0]) if matrix else 0
    rows = [[Fraction(x) for x in row] + [Fraction(b)] for row, b in zip(matrix, rhs, strict=True)]
    pivots: list[int] = []
    for column in range(n_columns):
        done = len(pivots)
        pivot = next((r for r in range(done, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [x / rows[done][column] for x in rows[done]]
        for r in range(len(rows)):
            if r != done and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[done], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    solution = [Fraction(0)] * n_columns
    for r, column in enumerate(pivots):
        solution[column] = rows[r][-1]
    return solution


def primitive(vector: Vector) -> Integers:
    """The positive multiple with coprime integer entries."""
    scale = lcm(*(Fraction(x).denominator for x in vector))
    numbers = [int(x * scale) for x in vector]
    divisor = gcd(*numbers) or 1
    return tuple(x // divisor for x in numbers)


def determinant(rows: Sequence[Vector]) -> Fraction:
    """Laplace expansion along the first row."""
    if not rows:
        return Fraction(1)
    return sum(
        (
            (-1) ** k * x * determinant([[*row[:k], *row[k + 1 :]] for row in rows[1:]])
            for k, x in enumerate(rows[0])
        ),
        Fraction(0),
    )


def ray_pairs(forms: Sequence[Integers], dimension: int) -> list[Integers]:
    """Both directions of every line that D-1 independent members of forms and axes cut out."""
    axes = [tuple(int(p == q) for q in range(dimension)) for p in range(dimension)]
    found = set()
    for rows in combinations([*forms, *axes], dimension - 1):
        ray = [(-1) ** p * determinant([[*row[:p], *row[p + 1 :]] for row in rows]) for p in range(dimension)]
        if any(ray):
            found |= {primitive(ray), primitive([-x for x in ray])}
    return sorted(found)
