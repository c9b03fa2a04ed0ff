"""Convex programmes with norms and semidefinite blocks: enclosures of their minima (FORMAT.md section 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, TypeVar

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.read import (
    as_integer,
    as_list,
    as_object,
    as_rational,
    as_rationals,
    reject,
    require_keys,
    show,
)
from exactnet.checker.words import at_least, at_most, brief, equals, plural

__all__ = [
    "OPTIMUM_KEYS",
    "PROGRAM_KEYS",
    "GroupProgram",
    "ProgramOptimum",
    "check_group_program",
    "check_program_optimum",
]

T = TypeVar("T")
Row = tuple[tuple[int, Fraction], ...]
Vector = tuple[Fraction, ...]

PROGRAM_KEYS = (
    "n_variables",
    "fit",
    "target",
    "cost",
    "norms",
    "at_least",
    "least",
    "equal",
    "level",
    "semidefinite",
)
OPTIMUM_KEYS = (
    "program",
    "point",
    "lengths",
    "v",
    "multipliers",
    "free",
    "pulls",
    "matrices",
    "lower",
    "upper",
)
_LARGEST_BLOCK = 60
_MOST_WORK = 10**9


@dataclass(frozen=True)
class GroupProgram(Fact):
    """Minimise 1/2 |fit z - target|^2 + cost.z + sum_k w_k |rows_k z| under the constraints of the format."""

    rule: ClassVar[str] = "group_program"
    n_variables: int
    fit: tuple[Row, ...]
    target: Vector
    cost: Row
    norms: tuple[tuple[Fraction, tuple[Row, ...]], ...]
    at_least: tuple[Row, ...]
    least: Vector
    equal: tuple[Row, ...]
    level: Vector
    semidefinite: tuple[tuple[Row, ...], ...]
    fingerprint: str

    def about(self) -> str:
        """Describe the programme, with the fingerprint of its data."""
        parts = [plural(self.n_variables, "variable"), f"{plural(len(self.fit), 'row')} to fit"]
        parts += [plural(len(self.norms), "norm"), plural(len(self.at_least), "inequality", "inequalities")]
        parts += [plural(len(self.equal), "equation")]
        parts += [plural(len(self.semidefinite), "semidefinite block")]
        return f"{self.id} is the convex programme with {', '.join(parts)}, fingerprint {self.fingerprint}"


@dataclass(frozen=True)
class ProgramOptimum(Fact):
    """lower <= minimum <= upper."""

    rule: ClassVar[str] = "program_optimum"
    program: GroupProgram
    lower: Fraction
    upper: Fraction

    def conclusion(self) -> str:
        """State the interval, or the value."""
        if self.lower == self.upper:
            return f"the minimum of {self.program.id} is {equals(self.lower)}"
        low, high = at_least(self.lower), at_most(self.upper)
        return f"the minimum of {self.program.id} is at least {low} and at most {high}"

    def about(self) -> str:
        """Describe the programme."""
        return self.program.about()


def check_group_program(record: dict[str, object], name: str, known: Known) -> GroupProgram:
    """Rule `group_program`."""
    n = as_integer(record["n_variables"], "n_variables", least=1)
    fit = _rows(record["fit"], "fit", n)
    at_least = _rows(record["at_least"], "at_least", n)
    equal = _rows(record["equal"], "equal", n)
    content = [record[key] for key in PROGRAM_KEYS]
    return GroupProgram(
        id=name,
        n_variables=n,
        fit=fit,
        target=as_rationals(record["target"], "target", length=len(fit)),
        cost=_row(record["cost"], "cost", n),
        norms=_each(record["norms"], "norms", lambda value, where: _norm(value, where, n)),
        at_least=at_least,
        least=as_rationals(record["least"], "least", length=len(at_least)),
        equal=equal,
        level=as_rationals(record["level"], "level", length=len(equal)),
        semidefinite=_each(
            record["semidefinite"], "semidefinite", lambda value, where: _block(value, where, n)
        ),
        fingerprint=hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest(),
    )


def check_program_optimum(record: dict[str, object], name: str, known: Known) -> ProgramOptimum:
    """Rule `program_optimum`."""
    program = look_up(known, record, "program", GroupProgram)
    lower, upper = as_rational(record["lower"], "lower"), as_rational(record["upper"], "upper")
    reached, proved = _primal_value(record, program), _dual_value(record, program)
    if upper < reached:
        reject(f"upper is {brief(upper)}, and the point proves only {brief(reached)}")
    if lower > proved:
        reject(f"lower is {brief(lower)}, and the dual vectors prove only {brief(proved)}")
    return ProgramOptimum(name, program, lower, upper)


# --------------------------------------------------------------------------------------- reading


def _each(value: object, where: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    return tuple(read(entry, f"{where}[{i}]") for i, entry in enumerate(as_list(value, where)))


def _row(value: object, where: str, n: int) -> Row:
    """[[j, "p/q"], ...] with increasing variables and no zero."""
    entries = []
    last = -1
    for i, pair in enumerate(as_list(value, where)):
        j, text = as_list(pair, f"{where}[{i}]", length=2)
        if type(j) is not int or not last < j < n:
            reject(f"{where}[{i}]: variable {show(j)} does not exist or is not in increasing order")
        x = as_rational(text, f"{where}[{i}]")
        if x == 0:
            reject(f"{where}[{i}]: a coefficient 0 is not written")
        entries.append((j, x))
        last = j
    return tuple(entries)


def _rows(value: object, where: str, n: int) -> tuple[Row, ...]:
    return _each(value, where, lambda entry, place: _row(entry, place, n))


def _norm(value: object, where: str, n: int) -> tuple[Fraction, tuple[Row, ...]]:
    norm = as_object(value, where)
    require_keys(norm, ("weight", "rows"), where)
    weight = as_rational(norm["weight"], f"{where}.weight")
    if weight < 0:
        reject(f"{where}.weight is {brief(weight)}, and must not be negative")
    return weight, _rows(norm["rows"], f"{where}.rows", n)


def _block(value: object, where: str, n: int) -> tuple[Row, ...]:
    rows = _rows(value, where, n)
    _order(len(rows), where)
    return rows


def _order(n_entries: int, where: str) -> int:
    """The order k of a symmetric matrix whose upper triangle has k(k+1)/2 entries."""
    k = 1
    while k * (k + 1) // 2 < n_entries:
        k += 1
        if k > _LARGEST_BLOCK:
            reject(f"{where} is a matrix of order above {_LARGEST_BLOCK}")
    if k * (k + 1) // 2 != n_entries:
        reject(f"{where} has {n_entries} entries, which is no upper triangle")
    return k


# ---------------------------------------------------------------------------------------- bounds


def _value(row: Row, z: Sequence[Fraction]) -> Fraction:
    return sum((x * z[j] for j, x in row), Fraction(0))


def _square(vector: Sequence[Fraction]) -> Fraction:
    return sum((x * x for x in vector), Fraction(0))


def _primal_value(record: dict[str, object], program: GroupProgram) -> Fraction:
    """The objective of `point`, which must be feasible, with the norms replaced by `lengths`."""
    z = as_rationals(record["point"], "point", length=program.n_variables)
    lengths = as_rationals(record["lengths"], "lengths", length=len(program.norms))
    for i, (row, b) in enumerate(zip(program.at_least, program.least, strict=True)):
        if _value(row, z) < b:
            reject(f"the point breaks at_least[{i}]: {brief(_value(row, z))} >= {brief(b)} is false")
    for i, (row, b) in enumerate(zip(program.equal, program.level, strict=True)):
        if _value(row, z) != b:
            reject(f"the point breaks equal[{i}]: {brief(_value(row, z))} = {brief(b)} is false")
    for i, block in enumerate(program.semidefinite):
        if not _is_semidefinite([_value(row, z) for row in block]):
            reject(f"semidefinite[{i}] is not positive semidefinite at the point")
    total = _value(program.cost, z)
    total += _square([_value(row, z) - b for row, b in zip(program.fit, program.target, strict=True)]) / 2
    for i, ((weight, rows), length) in enumerate(zip(program.norms, lengths, strict=True)):
        if length < 0 or length * length < _square([_value(row, z) for row in rows]):
            reject(f"lengths[{i}] is {brief(length)}, and the norm at the point is larger")
        total += weight * length
    return total


def _dual_value(record: dict[str, object], program: GroupProgram) -> Fraction:
    """The lower bound of the dual vectors, which must be feasible."""
    v = as_rationals(record["v"], "v", length=len(program.fit))
    multipliers = as_rationals(record["multipliers"], "multipliers", length=len(program.at_least))
    free = as_rationals(record["free"], "free", length=len(program.equal))
    pulls = as_list(record["pulls"], "pulls", length=len(program.norms))
    matrices = as_list(record["matrices"], "matrices", length=len(program.semidefinite))
    # cost - fit'v - at_least'multipliers - equal'free + sum_k G_k'p_k - S'(Q) must vanish
    rest = [Fraction(0)] * program.n_variables
    _add(rest, [program.cost], [Fraction(1)])
    _add(rest, program.fit, [-x for x in v])
    for i, m in enumerate(multipliers):
        if m < 0:
            reject(f"multipliers[{i}] is {brief(m)}, and must not be negative")
    _add(rest, program.at_least, [-x for x in multipliers])
    _add(rest, program.equal, [-x for x in free])
    for i, (weight, rows) in enumerate(program.norms):
        pull = as_rationals(pulls[i], f"pulls[{i}]", length=len(rows))
        if _square(pull) > weight * weight:
            reject(f"pulls[{i}] is longer than the weight {brief(weight)}")
        _add(rest, rows, pull)
    for i, block in enumerate(program.semidefinite):
        matrix = as_rationals(matrices[i], f"matrices[{i}]", length=len(block))
        if not _is_semidefinite(matrix):
            reject(f"matrices[{i}] is not positive semidefinite")
        _add(rest, block, [-x * c for x, c in zip(matrix, _weights(len(block)), strict=True)])
    for j, x in enumerate(rest):
        if x != 0:
            reject(f"the dual vectors leave {brief(x)} at variable {j}, not 0")
    value = _dot(v, program.target) - _square(v) / 2
    return value + _dot(multipliers, program.least) + _dot(free, program.level)


def _add(total: list[Fraction], rows: Sequence[Row], factors: Sequence[Fraction]) -> None:
    """Add the combination of the rows to `total`."""
    for row, factor in zip(rows, factors, strict=True):
        if factor:
            for j, x in row:
                total[j] += factor * x


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _weights(n_entries: int) -> list[int]:
    """1 on the diagonal and 2 off it, over an upper triangle: the inner product of symmetric matrices."""
    k = _order(n_entries, "a matrix")
    return [1 if i == j else 2 for i in range(k) for j in range(i, k)]


def _is_semidefinite(triangle: Sequence[Fraction]) -> bool:
    """Whether the symmetric matrix with this upper triangle, row after row, is positive semidefinite.

    Elimination from the first diagonal entry on: a negative one refutes, and so does a zero one with a
    non-zero entry in its row; else the Schur complement decides.

    Examples
    --------
    >>> one = Fraction(1)
    >>> _is_semidefinite([one, one, one]), _is_semidefinite([one, 2 * one, one])
    (True, False)
    """
    k = _order(len(triangle), "a matrix")
    bits = max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in triangle)
    if k**3 * bits > _MOST_WORK:
        reject(f"a matrix of order {k} has numbers of {bits} bits, too long to eliminate")
    entries = iter(triangle)
    rows = [[next(entries) for _ in range(i, k)] for i in range(k)]
    for i in range(k):
        pivot, *rest = rows[i]
        if pivot < 0 or (pivot == 0 and any(rest)):
            return False
        if pivot:
            for a, x in enumerate(rest):
                if x:
                    below, factor = rows[i + 1 + a], x / pivot
                    rows[i + 1 + a] = [y - factor * z for y, z in zip(below, rest[a:], strict=True)]
    return True
