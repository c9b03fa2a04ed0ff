"""Assertions over the inputs and outputs of a network, brought to the cases of a property.

The order is fixed, so that readers that share nothing but this rule get the same property. The conjunction of
all assertions goes into disjunctive normal form: an `or` puts its parts one after the other, an `and` takes
all combinations, those of its first part varying slowest. In each disjunct the atoms stand as in the text.
An atom without variables is dropped if it is true, and drops the disjunct if it is false. An atom with one
input and nothing else is a bound of the box; a strict one stays a row, too, its coefficient scaled to 1 or
-1. All other atoms are rows as they are; equal rows are kept once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from exactnet.errors import InputError
from exactnet.model import Case, Property, Provenance, Row

__all__ = ["Conjunction", "Disjunction", "Formula", "Linear", "comparison", "n_cases", "to_property"]

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of inputs and outputs with coefficients, and a constant; zero coefficients may stand."""

    inputs: Mapping[int, Fraction]
    outputs: Mapping[int, Fraction]
    constant: Fraction = ZERO

    def __add__(self, other: Linear) -> Linear:
        return Linear(
            _sum(self.inputs, other.inputs),
            _sum(self.outputs, other.outputs),
            self.constant + other.constant,
        )

    def scaled(self, factor: Fraction) -> Linear:
        """The product with a number."""
        return Linear(
            {i: c * factor for i, c in self.inputs.items()},
            {j: c * factor for j, c in self.outputs.items()},
            self.constant * factor,
        )

    @property
    def is_constant(self) -> bool:
        """Whether no variable is named, not even with coefficient 0."""
        return not self.inputs and not self.outputs


def _sum(a: Mapping[int, Fraction], b: Mapping[int, Fraction]) -> dict[int, Fraction]:
    total = dict(a)
    for index, c in b.items():
        total[index] = total.get(index, ZERO) + c
    return total


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Some part holds."""

    parts: tuple[Formula, ...]


Formula = Row | Conjunction | Disjunction


def comparison(left: Linear, relation: str, right: Linear) -> Formula:
    """`left relation right` as rows "linear <= constant" or "linear < constant".

    Parameters
    ----------
    relation : <=, <, >=, >, = (both <= and >=, in this order) or != (< or >).

    Examples
    --------
    >>> x, one = Linear({0: Fraction(1)}, {}), Linear({}, {}, Fraction(1))
    >>> comparison(x, ">", one)
    Row(-X_0 < -1)
    >>> comparison(x, "=", one).parts
    (Row(X_0 <= 1), Row(-X_0 <= -1))
    """
    match relation:
        case "<=" | "<":
            difference = left + right.scaled(Fraction(-1))
        case ">=" | ">":
            difference = right + left.scaled(Fraction(-1))
        case "=":
            return Conjunction((comparison(left, "<=", right), comparison(left, ">=", right)))
        case "!=":
            return Disjunction((comparison(left, "<", right), comparison(left, ">", right)))
        case _:
            raise ValueError(relation)
    strict = relation in "<>"
    return Row(_sorted(difference.inputs), _sorted(difference.outputs), -difference.constant or ZERO, strict)


def _sorted(coefficients: Mapping[int, Fraction]) -> tuple[tuple[int, Fraction], ...]:
    return tuple((index, coefficients[index]) for index in sorted(coefficients) if coefficients[index])


def n_cases(formula: Formula) -> int:
    """How many disjuncts the normal form has, false ones included.

    Examples
    --------
    >>> atom = Row.from_terms({0: 1}, {}, 0)
    >>> both = Disjunction((atom, atom))
    >>> n_cases(Conjunction((both, atom, both)))
    4
    """
    match formula:
        case Conjunction(parts):
            return math.prod(n_cases(part) for part in parts)
        case Disjunction(parts):
            return sum(n_cases(part) for part in parts)
        case _:
            return 1


def to_property(
    formula: Formula,
    *,
    n_inputs: int,
    n_outputs: int,
    provenance: Provenance,
    input_name: Callable[[int], str] = "X_{}".format,
) -> Property:
    """The property whose unsafe points satisfy the formula.

    Parameters
    ----------
    input_name : how messages call an input.

    Raises
    ------
    InputError : an input without a lower or an upper bound in some case.

    Examples
    --------
    >>> row = Row.from_terms
    >>> formula = Conjunction((row({0: -2}, {}, 0), row({0: 2}, {}, 3), row({}, {0: 1}, 5)))
    >>> to_property(formula, n_inputs=1, n_outputs=1, provenance=Provenance("example")).cases
    (Case(lower=(Fraction(0, 1),), upper=(Fraction(3, 2),), rows=(Row(Y_0 <= 5),)),)
    """
    cases = []
    for number, atoms in enumerate(_disjuncts(formula)):
        if all(_may_hold(atom) for atom in atoms):
            missing = f"case {number} (from 0) of {provenance.source}"
            cases.append(_case(atoms, n_inputs, where=missing, input_name=input_name))
    return Property(n_inputs, n_outputs, tuple(cases), provenance)


def _disjuncts(formula: Formula) -> list[list[Row]]:
    """The normal form: for each disjunct its atoms."""
    match formula:
        case Conjunction(parts):
            return [[atom for part in choice for atom in part] for choice in product(*map(_disjuncts, parts))]
        case Disjunction(parts):
            return [atoms for part in parts for atoms in _disjuncts(part)]
        case _:
            return [[formula]]


def _may_hold(atom: Row) -> bool:
    """False for an atom without variables that is false."""
    if atom.inputs or atom.outputs:
        return True
    return atom.bound > 0 or (atom.bound == 0 and not atom.strict)


def _case(atoms: Iterable[Row], n_inputs: int, *, where: str, input_name: Callable[[int], str]) -> Case:
    lower: list[Fraction | None] = [None] * n_inputs
    upper: list[Fraction | None] = [None] * n_inputs
    rows: dict[Row, None] = {}  # a set in the order of arrival
    for atom in atoms:
        if len(atom.inputs) == 1 and not atom.outputs:
            ((i, c),) = atom.inputs
            bound = atom.bound / c
            if c > 0:
                upper[i] = _tighter(min, upper[i], bound)
            else:
                lower[i] = _tighter(max, lower[i], bound)
            if atom.strict:
                rows[Row(((i, c / abs(c)),), (), atom.bound / abs(c), strict=True)] = None
        elif atom.inputs or atom.outputs:
            rows[atom] = None
    return Case(
        _bounded(lower, "lower", where, input_name), _bounded(upper, "upper", where, input_name), tuple(rows)
    )


def _tighter(
    choose: Callable[[Fraction, Fraction], Fraction], known: Fraction | None, bound: Fraction
) -> Fraction:
    return bound if known is None else choose(known, bound)


def _bounded(
    bounds: Sequence[Fraction | None], side: str, where: str, input_name: Callable[[int], str]
) -> tuple[Fraction, ...]:
    for i, bound in enumerate(bounds):
        if bound is None:
            raise InputError(
                "unbounded input set",
                where=where,
                got=f"no {side} bound for {input_name(i)}",
                expected="a lower and an upper bound for every input, in every case",
                hint=f"assert {'<=' if side == 'upper' else '>='} with a number for {input_name(i)}",
            )
    return tuple(bound for bound in bounds if bound is not None)
