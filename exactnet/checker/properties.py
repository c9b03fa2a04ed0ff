"""Properties: unsafe points as cases, each a box with rows (FORMAT.md section 7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import ClassVar, NamedTuple

from exactnet.checker.facts import Fact, Known
from exactnet.checker.read import as_integer, as_list, as_rational, as_rationals, one_of, reject
from exactnet.checker.words import plural

__all__ = ["Case", "PropertyData", "Row", "check_property", "property_of"]

Terms = tuple[tuple[int, Fraction], ...]
Vector = tuple[Fraction, ...]


class Row(NamedTuple):
    """inputs.x + outputs.y <= bound, or < bound if strict; pairs (index, coefficient), increasing."""

    inputs: Terms
    outputs: Terms
    bound: Fraction
    strict: bool

    def slack(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """bound - value."""
        return self.bound - sum(c * x[i] for i, c in self.inputs) - sum(c * y[j] for j, c in self.outputs)


class Case(NamedTuple):
    """A closed box, and rows that all hold."""

    lower: Vector
    upper: Vector
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the box has no point."""
        return any(a > b for a, b in zip(self.lower, self.upper, strict=True))

    @property
    def denominator(self) -> int:
        """The least common denominator of the output coefficients of all rows."""
        return lcm(*(c.denominator for row in self.rows for _, c in row.outputs))

    def contains(self, x: Sequence[Fraction]) -> bool:
        """Whether the point is in the box."""
        return all(a <= q <= b for a, q, b in zip(self.lower, x, self.upper, strict=True))


@dataclass(frozen=True)
class PropertyData(Fact):
    """A property."""

    rule: ClassVar[str] = "property"
    n_inputs: int
    n_outputs: int
    cases: tuple[Case, ...]
    fingerprint: str

    def about(self) -> str:
        """Describe the property, with the fingerprint of its numbers."""
        return (
            f"{self.id} is the property with {plural(self.n_inputs, 'input')}, "
            f"{plural(self.n_outputs, 'output')} and {plural(len(self.cases), 'case')}, "
            f"fingerprint {self.fingerprint}"
        )


def property_of(name: str, n_inputs: int, n_outputs: int, cases: tuple[Case, ...]) -> PropertyData:
    """A property with its fingerprint."""
    written = [
        [_texts(case.lower), _texts(case.upper), [_written(row) for row in case.rows]] for case in cases
    ]
    text = json.dumps([n_inputs, n_outputs, written], separators=(",", ":"))
    return PropertyData(name, n_inputs, n_outputs, cases, hashlib.sha256(text.encode()).hexdigest())


def _texts(values: Sequence[Fraction]) -> list[str]:
    return [str(q) for q in values]


def _written(row: Row) -> list[object]:
    parts = [[[i, str(c)] for i, c in terms] for terms in (row.inputs, row.outputs)]
    return [*parts, str(row.bound), "<" if row.strict else "<="]


# --------------------------------------------------------------------------------------------- record


def check_property(record: dict[str, object], name: str, known: Known) -> PropertyData:
    """Rule `property`."""
    n_inputs = as_integer(record["n_inputs"], "n_inputs", least=1)
    n_outputs = as_integer(record["n_outputs"], "n_outputs", least=1)
    values = as_list(record["cases"], "cases")
    cases = tuple(_read_case(value, f"cases[{k}]", n_inputs, n_outputs) for k, value in enumerate(values))
    return property_of(name, n_inputs, n_outputs, cases)


def _read_case(value: object, where: str, n_inputs: int, n_outputs: int) -> Case:
    lower, upper, rows = as_list(value, where, length=3)
    return Case(
        as_rationals(lower, f"{where}[0]", length=n_inputs),
        as_rationals(upper, f"{where}[1]", length=n_inputs),
        tuple(
            _read_row(row, f"{where}[2][{r}]", n_inputs, n_outputs)
            for r, row in enumerate(as_list(rows, f"{where}[2]"))
        ),
    )


def _read_row(value: object, where: str, n_inputs: int, n_outputs: int) -> Row:
    inputs, outputs, bound, relation = as_list(value, where, length=4)
    return Row(
        tuple(_read_terms(inputs, f"{where}[0]", n_inputs)),
        tuple(_read_terms(outputs, f"{where}[1]", n_outputs)),
        as_rational(bound, f"{where}[2]"),
        one_of(relation, ("<=", "<"), f"{where}[3]") == "<",
    )


def _read_terms(value: object, where: str, n: int) -> Iterator[tuple[int, Fraction]]:
    last = -1
    for k, pair in enumerate(as_list(value, where)):
        index, coefficient = as_list(pair, f"{where}[{k}]", length=2)
        i, c = as_integer(index, f"{where}[{k}][0]"), as_rational(coefficient, f"{where}[{k}][1]")
        if not last < i < n or c == 0:
            reject(f"{where} must have increasing indices from 0 to {n - 1}, and no coefficient 0")
        last = i
        yield i, c
