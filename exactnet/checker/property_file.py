"""VNN-LIB 1.0 texts as the cases of a property (FORMAT.md section 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import NamedTuple, TypeAlias

from exactnet.checker.properties import Case, Row
from exactnet.checker.read import reject, show

__all__ = ["read_cases"]

_TOKEN = re.compile(r"[ \t\r\n\f\v]+|;[^\n]*|[()]|[^ \t\r\n\f\v;()]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?0*[0-9]{1,4}))?", re.ASCII)
_NAME = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})", re.ASCII)
_MOST_CASES = 10_000
_MOST_LEVELS = 100
_MOST_DIGITS = 5_000

# a word, or what stands between two parentheses
Node: TypeAlias = "str | list[Node]"


class _Linear(NamedTuple):
    """Coefficients of the names, with those that became 0, and a constant."""

    terms: dict[str, Fraction]
    constant: Fraction

    def plus(self, other: _Linear, factor: int = 1) -> _Linear:
        terms = dict(self.terms)
        for name, c in other.terms.items():
            terms[name] = terms.get(name, Fraction(0)) + factor * c
        return _Linear(terms, self.constant + factor * other.constant)

    def times(self, factor: Fraction) -> _Linear:
        return _Linear({name: factor * c for name, c in self.terms.items()}, factor * self.constant)


# a row, or ("and" or "or", parts)
Formula: TypeAlias = "Row | tuple[str, list[Formula]]"


def read_cases(data: bytes) -> tuple[int, int, tuple[Case, ...]]:
    """The numbers of inputs and outputs, and the cases.

    Raises
    ------
    Rejection
        Not a text in VNN-LIB 1.0, more than 10000 disjuncts, or an input without bounds in a case.

    Examples
    --------
    >>> text = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (and (<= 0 X_0) (<= X_0 .5)))"
    >>> read_cases((text + "(assert (> Y_0 X_0))").encode())[2][0].rows
    (Row(inputs=((0, Fraction(1, 1)),), outputs=((0, Fraction(-1, 1)),), bound=Fraction(0, 1), strict=True),)
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        reject("the property file is not UTF-8")
    names: set[str] = set()
    parts: list[Formula] = []
    for command in _nodes(text):
        match command:
            case ["declare-const", str(name), "Real"] if _NAME.fullmatch(name) and name not in names:
                names.add(name)
            case ["assert", formula]:
                parts.append(_formula(formula, names))
            case _:
                reject(f"the property file has the command {_shown(command)}, which is not provided for")
    n_inputs, n_outputs = (_count(names, letter) for letter in "XY")
    whole: Formula = ("and", parts)
    if _n_disjuncts(whole) > _MOST_CASES:
        reject(f"the property file has more than {_MOST_CASES} cases")
    rows = [atoms for atoms in _disjuncts(whole) if all(_may_hold(atom) for atom in atoms)]
    return n_inputs, n_outputs, tuple(_case(atoms, n_inputs) for atoms in rows)


def _count(names: set[str], letter: str) -> int:
    n = sum(name.startswith(letter) for name in names)
    if n == 0 or not all(f"{letter}_{i}" in names for i in range(n)):
        reject(f"the names {letter}_i in the property file are not numbered from 0 without a gap")
    return n


# ------------------------------------------------------------------------------------------------ text


def _nodes(text: str) -> list[Node]:
    """The groups of the text."""
    done: list[Node] = []
    stack = [done]
    for token in _tokens(text):
        if token == "(":
            if len(stack) > _MOST_LEVELS:
                reject(f"the property file has more than {_MOST_LEVELS} levels of parentheses")
            group: list[Node] = []
            stack[-1].append(group)
            stack.append(group)
        elif token == ")":
            if len(stack) == 1:
                reject("the property file closes a parenthesis that was never opened")
            stack.pop()
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        reject("the property file does not close a parenthesis")
    return done


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None  # every character begins some token
        if text[position] not in " \t\r\n\f\v;":
            yield match.group()
        position = match.end()


def _shown(node: Node) -> str:
    return show(node if isinstance(node, str) else " ".join(["(", *(x for x in node if isinstance(x, str))]))


# -------------------------------------------------------------------------------------------- formulas


def _formula(node: Node, names: set[str]) -> Formula:
    match node:
        case ["and" | "or" as word, _, *_]:
            return word, [_formula(part, names) for part in node[1:]]
        case ["=", left, right]:
            s, t = _term(left, names), _term(right, names)
            both: list[Formula] = [_atom(s, t, strict=False), _atom(t, s, strict=False)]
            return "and", both
        case ["<=" | "<" as word, left, right] | [">=" | ">" as word, right, left]:
            return _atom(_term(left, names), _term(right, names), strict=word in "<>")
        case _:
            reject(f"the property file has the formula {_shown(node)}, which is not provided for")


def _atom(smaller: _Linear, greater: _Linear, *, strict: bool) -> Row:
    """smaller <= greater, or <, with the names on the left and the constant on the right."""
    difference = smaller.plus(greater, -1)
    inputs, outputs = (
        tuple(sorted((int(name[2:]), c) for name, c in difference.terms.items() if name[0] == letter and c))
        for letter in "XY"
    )
    return Row(inputs, outputs, -difference.constant, strict)


def _term(node: Node, names: set[str]) -> _Linear:
    if isinstance(node, str):
        if node in names:
            return _Linear({node: Fraction(1)}, Fraction(0))
        return _Linear({}, _number(node))
    match node:
        case ["+" | "-" | "*" as operator, _, *_]:
            operands = [_term(part, names) for part in node[1:]]
        case _:
            reject(f"the property file has the term {_shown(node)}, which is not provided for")
    if operator == "*":
        return _product(operands)
    first, *others = operands
    if operator == "-" and not others:
        return first.times(Fraction(-1))
    for other in others:
        first = first.plus(other, 1 if operator == "+" else -1)
    return first


def _product(operands: list[_Linear]) -> _Linear:
    with_names = [operand for operand in operands if operand.terms]
    if len(with_names) > 1:
        reject("the property file has a product of two terms with names")
    factor = prod((operand.constant for operand in operands if not operand.terms), start=Fraction(1))
    return with_names[0].times(factor) if with_names else _Linear({}, factor)


def _number(text: str) -> Fraction:
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > _MOST_DIGITS:
        reject(f"the property file has {show(text)}, neither a number nor a declared name")
    return Fraction(text)


# ----------------------------------------------------------------------------------------- normal form


def _n_disjuncts(formula: Formula) -> int:
    match formula:
        case Row():
            return 1
        case ("and", parts):
            return prod(map(_n_disjuncts, parts))
        case (_, parts):
            return sum(map(_n_disjuncts, parts))


def _disjuncts(formula: Formula) -> list[list[Row]]:
    match formula:
        case Row():
            return [[formula]]
        case ("and", parts):
            choices = product(*map(_disjuncts, parts))
            return [[atom for part in choice for atom in part] for choice in choices]
        case (_, parts):
            return [atoms for part in parts for atoms in _disjuncts(part)]


def _may_hold(atom: Row) -> bool:
    """False for an atom without variables that is false."""
    if atom.inputs or atom.outputs:
        return True
    return atom.bound > 0 or (atom.bound == 0 and not atom.strict)


def _case(atoms: list[Row], n_inputs: int) -> Case:
    lower: dict[int, Fraction] = {}
    upper: dict[int, Fraction] = {}
    rows: dict[Row, None] = {}
    for atom in atoms:
        if len(atom.inputs) != 1 or atom.outputs:
            if atom.inputs or atom.outputs:
                rows[atom] = None
            continue
        ((i, c),) = atom.inputs
        scaled = atom.bound / abs(c)
        if c > 0:
            upper[i] = min(scaled, upper.get(i, scaled))
        else:
            lower[i] = max(-scaled, lower.get(i, -scaled))
        if atom.strict:
            rows[Row(((i, c / abs(c)),), (), scaled, strict=True)] = None
    for bounds, side in ((lower, "lower"), (upper, "upper")):
        if len(bounds) < n_inputs:
            missing = next(i for i in range(n_inputs) if i not in bounds)
            reject(f"the property file gives no {side} bound for X_{missing} in some case")
    return Case(
        tuple(lower[i] for i in range(n_inputs)), tuple(upper[i] for i in range(n_inputs)), tuple(rows)
    )
