"""Linear systems, the answers about them, and the exact checks that make an answer believable.

The sign conventions are those of `exactnet/checker/FORMAT.md`, section 5; every `is_...` function below is
one of its checks, in integers.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from exactnet.errors import InputError, ShapeError
from exactnet.exact.matrix import RationalMatrix
from exactnet.exact.rational import common_denominator, to_fractions

__all__ = [
    "Feasibility",
    "LinearSystem",
    "LpOutcome",
    "LpStats",
    "LpStatus",
    "is_farkas",
    "is_optimum",
    "is_ray",
    "is_solution",
]

Vector = Sequence[Fraction | int]
Rationals = tuple[Fraction, ...]

_RELATIONS = ("<=", "<", "=")


class _IntegerRow(NamedTuple):
    """The row a . x (relation) b, multiplied by `scale` > 0."""

    a: tuple[int, ...]
    b: int
    scale: int


@dataclass(frozen=True, init=False)
class LinearSystem:
    """The system rows[i] . x (relations[i]) rhs[i]; the variables are free.

    Attributes
    ----------
    rows, relations, rhs : one entry a row; a relation is "<=", "<" or "=".
    n_variables : to be given if there are no rows.
    integer_rows : each row multiplied by its common denominator.

    Examples
    --------
    >>> system = LinearSystem([[1, 1], [-1, 0]], ["<=", "<"], ["1/2", 0])
    >>> is_solution(system, [Fraction(1, 4), 0]), is_solution(system, [0, 0])
    (True, False)
    """

    rows: tuple[Rationals, ...]
    relations: tuple[str, ...]
    rhs: Rationals
    n_variables: int
    integer_rows: tuple[_IntegerRow, ...] = field(repr=False, compare=False)

    def __init__(
        self,
        rows: RationalMatrix | Sequence[Vector],
        relations: Iterable[str],
        rhs: Iterable[object],
        *,
        n_variables: int | None = None,
    ) -> None:
        matrix = RationalMatrix.from_rows(rows, where="linear system", n_columns=n_variables)
        relation_texts, right = tuple(relations), to_fractions(rhs, where="right-hand side")
        if not len(matrix.numerators) == len(relation_texts) == len(right):
            raise ShapeError(
                "the parts of a linear system differ in length",
                where="LinearSystem",
                got=f"{matrix.shape[0]} rows, {len(relation_texts)} relations, {len(right)} right-hand sides",
                expected="one relation and one right-hand side a row",
            )
        for i, relation in enumerate(relation_texts):
            if relation not in _RELATIONS:
                raise InputError(
                    "unknown relation",
                    where=f"row {i} (from 0)",
                    got=repr(relation),
                    expected='"<=", "<" or "="',
                    hint='turn ">=" into "<=" by negating the row',
                )
        fractions = matrix.rows()
        object.__setattr__(self, "rows", fractions)
        object.__setattr__(self, "relations", relation_texts)
        object.__setattr__(self, "rhs", right)
        object.__setattr__(self, "n_variables", matrix.n_columns)
        scaled = tuple(_integer_row(a, b) for a, b in zip(fractions, right, strict=True))
        object.__setattr__(self, "integer_rows", scaled)


def _integer_row(a: Rationals, b: Fraction) -> _IntegerRow:
    scale = common_denominator((*a, b))
    integers = tuple([value.numerator * (scale // value.denominator) for value in a])
    return _IntegerRow(integers, b.numerator * (scale // b.denominator), scale)


class LpStatus(enum.Enum):
    """How a linear program ended."""

    OPTIMAL = "the minimum is attained"
    INFEASIBLE = "the system has no solution"
    UNBOUNDED = "the objective has no lower bound on the system"


@dataclass(frozen=True)
class LpOutcome:
    """The proved answer of `solve_lp`; what does not belong to the status is None.

    Attributes
    ----------
    status : OPTIMAL (point, multipliers, value), INFEASIBLE (multipliers), UNBOUNDED (point, ray).
    point : a solution of the system; for OPTIMAL a minimiser.
    multipliers : one a row, m_i >= 0 on "<=" rows. OPTIMAL: objective + sum m_i a_i = 0 and
        -sum m_i b_i = value. INFEASIBLE: sum m_i a_i = 0 and sum m_i b_i < 0.
    value : the minimum.
    ray : a direction that stays in the system from any solution and lowers the objective.
    """

    status: LpStatus
    point: Rationals | None = None
    multipliers: Rationals | None = None
    value: Fraction | None = None
    ray: Rationals | None = None


@dataclass(frozen=True)
class Feasibility:
    """The proved answer of `feasible`: a point or Farkas multipliers, the other is None. True if a point."""

    point: Rationals | None = None
    multipliers: Rationals | None = None

    def __bool__(self) -> bool:
        return self.point is not None


@dataclass
class LpStats:
    """How linear programs were decided; hand it to several calls to add up.

    n_guessed : the float guess passed the exact check; n_fallback : exact simplex had to decide.
    """

    n_guessed: int = 0
    n_fallback: int = 0


# -- exact checks -----------------------------------------------------------------------------------------


def is_solution(system: LinearSystem, point: Vector) -> bool:
    """Does the point satisfy every relation (rule `witness`)?"""
    q = common_denominator(point)
    x = [value.numerator * (q // value.denominator) for value in point]
    for (a, b, _), relation in zip(system.integer_rows, system.relations, strict=True):
        slack = b * q - _dot(a, x)
        if slack < 0 or (slack > 0 and relation == "=") or (slack == 0 and relation == "<"):
            return False
    return len(x) == system.n_variables


def is_farkas(system: LinearSystem, multipliers: Vector) -> bool:
    """Do the multipliers prove that the system has no solution (rule `farkas`)?

    Examples
    --------
    >>> system = LinearSystem([[1], [-1]], ["<", "<="], [0, 0])
    >>> is_farkas(system, [1, 1]), is_farkas(system, [1, 0])
    (True, False)
    """
    combined = _combination(system, multipliers)
    if combined is None or any(combined[0]):
        return False
    strict = any(m > 0 for m, relation in zip(multipliers, system.relations, strict=True) if relation == "<")
    return combined[1] < 0 or (combined[1] == 0 and strict)


def is_optimum(system: LinearSystem, objective: Vector, point: Vector, multipliers: Vector) -> bool:
    """Do point and multipliers prove a minimum (rule `linear_optimum`)?

    Examples
    --------
    >>> is_optimum(LinearSystem([[-1]], ["<="], [-3]), [2], [3], [2])
    True
    """
    combined = _combination(system, multipliers)
    if combined is None or "<" in system.relations or not is_solution(system, point):
        return False
    stationary = all(c + m == 0 for c, m in zip(objective, combined[0], strict=True))
    return stationary and sum(c * x for c, x in zip(objective, point, strict=True)) == -combined[1]


def is_ray(system: LinearSystem, objective: Vector, ray: Vector) -> bool:
    """Does the direction keep every solution a solution, and lower the objective?

    Examples
    --------
    >>> is_ray(LinearSystem([[1, 0]], ["<="], [4]), [1, 1], [0, -1])
    True
    """
    products = [(sum(a * r for a, r in zip(row, ray, strict=True))) for row in system.rows]
    stays = all(
        value <= 0 if relation != "=" else value == 0
        for value, relation in zip(products, system.relations, strict=True)
    )
    return stays and sum(c * r for c, r in zip(objective, ray, strict=True)) < 0


def _combination(system: LinearSystem, multipliers: Vector) -> tuple[list[Fraction], Fraction] | None:
    """(sum m_i a_i, sum m_i b_i); None if a multiplier is missing or has the wrong sign."""
    if len(multipliers) != len(system.rows):
        return None
    left, right = [Fraction(0)] * system.n_variables, Fraction(0)
    for m, a, b, relation in zip(multipliers, system.rows, system.rhs, system.relations, strict=True):
        if m == 0:
            continue
        if m < 0 and relation != "=":
            return None
        left = [value + m * entry for value, entry in zip(left, a, strict=True)]
        right += m * b
    return left, right


def _dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum([a * b for a, b in zip(left, right, strict=True)])
