"""Linear systems over the rationals: solvable, not solvable, or optimised (FORMAT.md section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.read import as_integer, as_list, as_rational, as_rationals, one_of, reject
from exactnet.checker.words import brief, equals, plural

__all__ = [
    "LinearOptimum",
    "LinearSystem",
    "NoSolution",
    "Solution",
    "check_farkas",
    "check_linear_optimum",
    "check_linear_system",
    "check_witness",
]


@dataclass(frozen=True)
class LinearSystem(Fact):
    """rows[i].x (relations[i]) rhs[i]."""

    rule: ClassVar[str] = "linear_system"
    n_variables: int
    rows: tuple[tuple[Fraction, ...], ...]
    relations: tuple[str, ...]
    rhs: tuple[Fraction, ...]

    def about(self) -> str:
        """Describe the system."""
        size = f"{plural(len(self.rows), 'relation')} and {plural(self.n_variables, 'variable')}"
        return f"{self.id} is the linear system with {size}"


@dataclass(frozen=True)
class Solution(Fact):
    """The system has a solution."""

    rule: ClassVar[str] = "witness"
    system: LinearSystem

    def conclusion(self) -> str:
        """State it."""
        return f"{self.system.id} has a solution"

    def about(self) -> str:
        """Describe the system."""
        return self.system.about()


@dataclass(frozen=True)
class NoSolution(Fact):
    """The system has no solution."""

    rule: ClassVar[str] = "farkas"
    system: LinearSystem

    def conclusion(self) -> str:
        """State it."""
        return f"{self.system.id} has no solution"

    def about(self) -> str:
        """Describe the system."""
        return self.system.about()


@dataclass(frozen=True)
class LinearOptimum(Fact):
    """The minimum of an objective over the system."""

    rule: ClassVar[str] = "linear_optimum"
    system: LinearSystem
    value: Fraction

    def conclusion(self) -> str:
        """State it."""
        return f"the minimum of objective {self.id} over {self.system.id} is {equals(self.value)}"

    def about(self) -> str:
        """Describe the system."""
        return self.system.about()


def check_linear_system(record: dict[str, object], name: str, known: Known) -> LinearSystem:
    """Rule `linear_system`."""
    n_variables = as_integer(record["n_variables"], "n_variables", least=1)
    entries = as_list(record["rows"], "rows")
    rows = tuple(as_rationals(row, f"rows[{i}]", length=n_variables) for i, row in enumerate(entries))
    words = as_list(record["relations"], "relations", length=len(rows))
    relations = tuple(one_of(word, ("<=", "<", "="), f"relations[{i}]") for i, word in enumerate(words))
    rhs = as_rationals(record["rhs"], "rhs", length=len(rows))
    return LinearSystem(name, n_variables, rows, relations, rhs)


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _read_point(record: dict[str, object], system: LinearSystem) -> tuple[Fraction, ...]:
    """The key `point`, checked against every relation."""
    point = as_rationals(record["point"], "point", length=system.n_variables)
    for i, (row, relation, b) in enumerate(zip(system.rows, system.relations, system.rhs, strict=True)):
        left = _dot(row, point)
        if left > b or (relation == "=" and left < b) or (relation == "<" and left == b):
            reject(
                f"the point breaks relation {i} of {system.id}: {brief(left)} {relation} {brief(b)} is false"
            )
    return point


def _read_multipliers(record: dict[str, object], system: LinearSystem) -> tuple[Fraction, ...]:
    """The key `multipliers`, non-negative on inequalities."""
    multipliers = as_rationals(record["multipliers"], "multipliers", length=len(system.rows))
    for i, (m, relation) in enumerate(zip(multipliers, system.relations, strict=True)):
        if m < 0 and relation != "=":
            reject(f"multipliers[{i}] is {brief(m)}, and relation {i} is an inequality")
    return multipliers


def _require_zero(
    start: Sequence[Fraction], multipliers: Sequence[Fraction], system: LinearSystem, what: str
) -> None:
    """Reject unless start + sum_i m_i a_i = 0."""
    total = list(start)
    for m, row in zip(multipliers, system.rows, strict=True):
        if m:
            total = [x + m * a for x, a in zip(total, row, strict=True)]
    for p, x in enumerate(total):
        if x != 0:
            reject(f"{what} is {brief(x)} at variable {p}, not 0")


def check_witness(record: dict[str, object], name: str, known: Known) -> Solution:
    """Rule `witness`."""
    system = look_up(known, record, "system", LinearSystem)
    _read_point(record, system)
    return Solution(name, system)


def check_farkas(record: dict[str, object], name: str, known: Known) -> NoSolution:
    """Rule `farkas`."""
    system = look_up(known, record, "system", LinearSystem)
    multipliers = _read_multipliers(record, system)
    level = _dot(multipliers, system.rhs)
    strict = any(m > 0 and relation == "<" for m, relation in zip(multipliers, system.relations, strict=True))
    if level > 0 or (level == 0 and not strict):
        reject(f"the multipliers give 0 <= {brief(level)}, which is no contradiction")
    # some multiplier is not zero here, so there is a row and n_variables is no larger than the file
    _require_zero([Fraction(0)] * system.n_variables, multipliers, system, "the combination of the rows")
    return NoSolution(name, system)


def check_linear_optimum(record: dict[str, object], name: str, known: Known) -> LinearOptimum:
    """Rule `linear_optimum`."""
    system = look_up(known, record, "system", LinearSystem)
    if "<" in system.relations:
        reject(f"{system.id} has strict relations, and an optimum needs a closed system")
    objective = as_rationals(record["objective"], "objective", length=system.n_variables)
    point = _read_point(record, system)
    multipliers = _read_multipliers(record, system)
    value = as_rational(record["value"], "value")
    primal, dual = _dot(objective, point), -_dot(multipliers, system.rhs)
    if not primal == dual == value:
        reject(
            f"value is {brief(value)}, the point gives {brief(primal)} and the multipliers give {brief(dual)}"
        )
    _require_zero(objective, multipliers, system, "objective plus combination of the rows")
    return LinearOptimum(name, system, value)
