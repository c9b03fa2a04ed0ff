"""Counterexamples as text: the competition's form, plain lists of numbers, JSON.

The competition writes `sat` and then `((X_0 0.5) (X_1 -2) (Y_0 1.25))`. Decimals are read as the rational
numbers that they say.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from exactnet.errors import InputError, ParseError, ShapeError
from exactnet.exact import decimal_text, parse_rational, rational_text, to_fractions
from exactnet.io.files import PathName, read_bytes
from exactnet.io.s_expressions import Group, Node, Source, Word, read_groups

__all__ = ["PrintedWitness", "competition_text", "decimal", "load_witness", "parse_witness"]

_ANSWERS = ("sat", "unsat", "unknown", "timeout", "error", "violated", "holds")
_VARIABLE = re.compile(r"([XY])_(0|[1-9][0-9]*)")
_WORD = re.compile(r"[^\s,;\[\]()]+")
_DIGITS = 17


@dataclass(frozen=True)
class PrintedWitness:
    """The numbers of a counterexample as somebody has written them.

    Attributes
    ----------
    inputs : the point.
    outputs : what its author says that the network gives there; () if nothing is said.
    """

    inputs: tuple[Fraction, ...]
    outputs: tuple[Fraction, ...] = ()


def load_witness(path: PathName) -> PrintedWitness:
    """Read a counterexample from a file; errors as for :func:`parse_witness`."""
    file = read_bytes(path, what="witness")
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "the witness file is not a text",
            where=f"{file.name}, byte {error.start} (from 0)",
            expected="UTF-8",
        ) from None
    return parse_witness(text, name=file.name)


def parse_witness(text: str, *, name: str = "text in memory") -> PrintedWitness:
    """Read a counterexample.

    Parameters
    ----------
    text : the competition's form, numbers with spaces or commas between them, or JSON: a list of numbers,
        or an object with the list under "witness".
    name : what messages call it.

    Raises
    ------
    InputError : the text says that there is no counterexample. ParseError : it cannot be read.

    Examples
    --------
    >>> parse_witness("sat\\n((X_0 0.5)\\n(X_1 -2e-1)\\n(Y_0 1.25))").inputs
    (Fraction(1, 2), Fraction(-1, 5))
    >>> parse_witness("1/3, 2").inputs, parse_witness('{"witness": ["1/3", 2.50]}').inputs
    ((Fraction(1, 3), Fraction(2, 1)), (Fraction(1, 3), Fraction(5, 2)))
    """
    source = Source(text, name)
    stripped = text.lstrip()
    if stripped[:1] in ("[", "{"):
        return PrintedWitness(_from_json(source))
    start = len(text) - len(stripped)
    first = _WORD.match(text, start)
    if first is not None and first.group().lower() in _ANSWERS:
        source = Source(" " * first.end() + text[first.end() :], name)
        if source.text.isspace():
            raise InputError(
                "there is no counterexample in this file",
                where=name,
                got=f"only the answer {first.group()!r}",
                expected="an answer sat, and the point behind it",
            )
    if "(" in source.text:
        return _from_pairs(source)
    numbers = tuple(_number(source, Word(match.group(), match.start())) for match in _words(source))
    if not numbers:
        raise source.error("there is no number in this file", 0, expected="the inputs of the network")
    return PrintedWitness(numbers)


def _words(source: Source) -> list[re.Match[str]]:
    return list(_WORD.finditer(source.text))


def _number(source: Source, word: Word) -> Fraction:
    try:
        return parse_rational(word.text)
    except InputError as error:
        raise source.error(
            error.what, word, got=repr(word.text[:60]), expected="a finite decimal or a quotient p/q"
        ) from None


def _from_json(source: Source) -> tuple[Fraction, ...]:
    try:
        value = json.loads(source.text, parse_float=str)
    except json.JSONDecodeError as error:
        raise source.error(f"this is not JSON: {error.msg}", error.pos) from None
    if isinstance(value, dict):
        value = value.get("witness")
    if not isinstance(value, list) or not value:
        raise InputError(
            "there is no counterexample in this file",
            where=source.name,
            expected='a list of numbers, or an object that has one under "witness"',
        )
    return to_fractions(value, where=source.name)


def _from_pairs(source: Source) -> PrintedWitness:
    found: dict[str, dict[int, Fraction]] = {"X": {}, "Y": {}}
    for pair in _pairs(source, read_groups(source)):
        name, value = pair.items
        match = _VARIABLE.fullmatch(name.text) if isinstance(name, Word) else None
        if match is None or not isinstance(value, Word):
            raise _no_pair(source, pair)
        values, index = found[match[1]], int(match[2])
        if index in values:
            raise source.error("a variable has two values", pair, got=match[0])
        values[index] = _number(source, value)
    return PrintedWitness(_listed(source, "X", found["X"]), _listed(source, "Y", found["Y"]))


def _pairs(source: Source, groups: tuple[Node, ...]) -> list[Group]:
    """The innermost groups, whatever parentheses stand around them."""
    found: list[Group] = []
    for node in groups:
        if isinstance(node, Group) and node.items and all(isinstance(item, Group) for item in node.items):
            found += _pairs(source, node.items)
        elif isinstance(node, Group) and len(node.items) == 2:
            found.append(node)
        else:
            raise _no_pair(source, node)
    return found


def _no_pair(source: Source, node: Node) -> ParseError:
    return source.error("not a variable and its value", node, expected="(X_0 0.5) or (Y_0 0.5)")


def _listed(source: Source, letter: str, values: dict[int, Fraction]) -> tuple[Fraction, ...]:
    indices = sorted(values)
    missing = next((i + 1 for i, j in pairwise([-1, *indices]) if j != i + 1), None)
    if missing is not None or (letter == "X" and not values):
        raise ShapeError(
            "an input of the counterexample is missing",
            where=source.name,
            got=f"{len(values)} values of {letter}",
            expected=f"a value of {letter}_{missing or 0}",
        )
    return tuple(values[i] for i in indices)


def decimal(q: Fraction) -> str:
    """All digits where the decimal ends, as it does for every float; 17 of them otherwise.

    Examples
    --------
    >>> decimal(Fraction(-3, 8)), decimal(Fraction(7)), decimal(Fraction(1, 3))
    ('-0.375', '7', '0.33333333333333333')
    """
    rest, twos, fives = q.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return decimal_text(q, digits=_DIGITS)
    places = max(twos, fives)
    digits = rational_text(abs(q) * 10**places).rjust(places + 1, "0")
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return f"-{text}" if q < 0 else text


def competition_text(inputs: tuple[Fraction, ...], outputs: tuple[Fraction, ...]) -> str:
    """The body of a competition file: inputs with all their digits, outputs to 17 digits.

    Examples
    --------
    >>> print(competition_text((Fraction(1, 2), Fraction(0)), (Fraction(2, 3),)))
    ((X_0 0.5)
    (X_1 0)
    (Y_0 0.66666666666666666))
    """
    pairs = [f"(X_{i} {decimal(q)})" for i, q in enumerate(inputs)]
    pairs += [f"(Y_{j} {_rounded(q)})" for j, q in enumerate(outputs)]
    return "(" + "\n".join(pairs) + ")"


def _rounded(q: Fraction) -> str:
    text = decimal(q)
    return text if len(text) <= _DIGITS + 2 else decimal_text(q, digits=_DIGITS)
