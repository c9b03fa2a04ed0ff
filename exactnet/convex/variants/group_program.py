"""Convex programmes with norms as exact data.

    minimise over z:   1/2 |fit z - target|^2 + cost.z + sum_k weight_k |rows_k z|
    subject to         at_least z >= least,   equal z = level,   every S_k(z) positive semidefinite

This is the record `group_program` of the certificate format: every variant of the training problem in this
package is written as one, so that one solver, one repair and one rule of the checker serve them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exactnet.certificate.types import GroupProgramRecord, Row, WeightedNorm
from exactnet.errors import ShapeError
from exactnet.exact import Interval, sqrt_enclosure, to_fraction

__all__ = [
    "Entries",
    "GroupProgram",
    "group_program",
    "order_of",
    "program_value",
    "row_value",
    "triangle",
    "weighted_norm",
]

GroupProgram = GroupProgramRecord
Entries = Mapping[int, object]  # variable -> coefficient
Vector = tuple[Fraction, ...]


def group_program(
    n_variables: int,
    *,
    fit: Sequence[Entries] = (),
    target: Sequence[object] = (),
    cost: Entries | None = None,
    norms: Iterable[WeightedNorm] = (),
    at_least: Sequence[Entries] = (),
    least: Sequence[object] | None = None,
    equal: Sequence[Entries] = (),
    level: Sequence[object] | None = None,
    semidefinite: Iterable[Sequence[Entries]] = (),
    name: str = "programme",
) -> GroupProgram:
    """A programme from rows given as {variable: coefficient}; `least` and `level` are 0 by default.

    Raises
    ------
    ShapeError : a right side of another length than its rows, or a variable that does not exist.

    Examples
    --------
    >>> program = group_program(1, fit=[{0: 1}], target=[2], norms=[weighted_norm("1/2", [{0: 1}])])
    >>> program_value(program, (Fraction(3, 2),))
    Interval(7/8, 7/8)
    """
    zero = Fraction(0)
    least = [zero] * len(at_least) if least is None else least
    level = [zero] * len(equal) if level is None else level
    program = GroupProgramRecord(
        name,
        n_variables,
        tuple(map(_row, fit)),
        tuple(to_fraction(x, where="target") for x in target),
        _row(cost or {}),
        tuple(norms),
        tuple(map(_row, at_least)),
        tuple(to_fraction(x, where="least") for x in least),
        tuple(map(_row, equal)),
        tuple(to_fraction(x, where="level") for x in level),
        tuple(tuple(map(_row, block)) for block in semidefinite),
    )
    _require_shapes(program)
    return program


def weighted_norm(weight: object, rows: Sequence[Entries]) -> WeightedNorm:
    """The penalty weight |rows z|."""
    return WeightedNorm(to_fraction(weight, where="weight"), tuple(map(_row, rows)))


def _row(entries: Entries) -> Row:
    exact = ((j, to_fraction(x, where=f"variable {j}")) for j, x in sorted(entries.items()))
    return tuple((j, x) for j, x in exact if x)


def _require_shapes(program: GroupProgram) -> None:
    right_sides = (("target", program.fit), ("least", program.at_least), ("level", program.equal))
    for name, left in right_sides:
        if len(getattr(program, name)) != len(left):
            raise ShapeError(
                "a right side has another length than its rows",
                where=name,
                got=str(len(getattr(program, name))),
                expected=str(len(left)),
            )
    rows: list[Row] = [program.cost, *program.fit, *program.at_least, *program.equal]
    rows += [row for norm in program.norms for row in norm.rows]
    rows += [row for block in program.semidefinite for row in block]
    wrong = [j for row in rows for j, _ in row if not 0 <= j < program.n_variables]
    if wrong:
        raise ShapeError(
            "a row names a variable that does not exist",
            where=program.id,
            got=str(wrong[0]),
            expected=f"0 to {program.n_variables - 1}",
        )


def row_value(row: Row, z: Sequence[Fraction]) -> Fraction:
    """The value of a sparse row at a point.

    Examples
    --------
    >>> row_value(((1, Fraction(2)),), (Fraction(5), Fraction(3)))
    Fraction(6, 1)
    """
    return sum((x * z[j] for j, x in row), Fraction(0))


def program_value(program: GroupProgram, z: Sequence[Fraction], *, digits: int = 40) -> Interval:
    """The objective at a point, whether it is feasible or not; only the norms may be irrational."""
    fit = [row_value(row, z) - b for row, b in zip(program.fit, program.target, strict=True)]
    total = Interval(row_value(program.cost, z) + sum((x * x for x in fit), Fraction(0)) / 2)
    for norm in program.norms:
        square = sum((row_value(row, z) ** 2 for row in norm.rows), Fraction(0))
        total += sqrt_enclosure(square, digits=digits) * norm.weight
    return total


def order_of(block: Sequence[object]) -> int:
    """The order of a symmetric matrix, from the entries of its upper triangle."""
    k = 0
    while k * (k + 1) // 2 < len(block):
        k += 1
    return k


def triangle(k: int) -> list[tuple[int, int]]:
    """The places (i, j), i <= j, of an upper triangle in the order of the format, row after row.

    Examples
    --------
    >>> triangle(2)
    [(0, 0), (0, 1), (1, 1)]
    """
    return [(i, j) for i in range(k) for j in range(i, k)]
