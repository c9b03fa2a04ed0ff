"""VNN-LIB 1.0: `(declare-const X_i Real)`, `(declare-const Y_j Real)` and assertions over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from exactnet.errors import ExactnetError
from exactnet.io.assertions import Formula, Linear
from exactnet.io.s_expressions import Group, Source, Word
from exactnet.io.vnnlib_terms import Interface, Reader

__all__ = ["read_commands"]

_VARIABLE = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})")
_RELATIONS = {relation: relation for relation in ("<=", ">=", "<", ">", "=")}


def read_commands(source: Source, commands: Sequence[Group]) -> tuple[Interface, list[Formula]]:
    """The variables and the assertions, in their order.

    Raises
    ------
    ParseError : text that is no VNN-LIB 1.0, variables that leave out a number. UnsupportedError : commands
        of SMT-LIB that have no place in it.

    Examples
    --------
    >>> from exactnet.io.s_expressions import read_groups
    >>> text = Source("(declare-const X_0 Real) (declare-const Y_0 Real) (assert (< X_0 1))", "example")
    >>> read_commands(text, read_groups(text))[1]
    [Row(X_0 < 1)]
    """
    variables: dict[str, Linear] = {}
    reader = Reader(source, lambda word: variables.get(word.text), _RELATIONS, _hint)
    assertions: list[Formula] = []
    for command in commands:
        match command.head:
            case "declare-const":
                name, variable = _declared(source, command, variables)
                variables[name] = variable
            case "assert":
                assertions.append(reader.assertion(command))
            case _:
                raise _unknown(source, command)
    n_inputs, n_outputs = (_count(source, variables, letter) for letter in "XY")
    return Interface(n_inputs, n_outputs, "X_{}".format), assertions


def _hint(name: str) -> str | None:
    if not _VARIABLE.fullmatch(name):
        return None
    return f"a variable is declared before it is used: (declare-const {name} Real)"


def _declared(source: Source, command: Group, known: dict[str, Linear]) -> tuple[str, Linear]:
    words = [item.text if isinstance(item, Word) else "(...)" for item in command.items[1:]]
    expected = "(declare-const X_0 Real) for an input, (declare-const Y_0 Real) for an output"
    if len(words) != 2:
        raise source.error("not a declaration", command, got=" ".join(words), expected=expected)
    name, kind = words
    parts = _VARIABLE.fullmatch(name)
    if parts is None:
        raise source.error(
            "not the name of an input or output", command.items[1], got=name, expected=expected
        )
    if kind != "Real":
        raise source.unsupported("a type that is not supported", command.items[2], got=kind, expected="Real")
    if name in known:
        raise source.error("a variable is declared twice", command.items[1], got=name)
    index = {int(parts[2]): Fraction(1)}
    return name, Linear(index, {}) if parts[1] == "X" else Linear({}, index)


def _count(source: Source, variables: dict[str, Linear], letter: str) -> int:
    """How many inputs or outputs there are; their numbers leave out none."""
    n = sum(name[0] == letter for name in variables)
    what = "inputs" if letter == "X" else "outputs"
    if n == 0:
        raise source.error(f"no {what} are declared", 0, expected=f"(declare-const {letter}_0 Real)")
    missing = next((k for k in range(n) if f"{letter}_{k}" not in variables), None)
    if missing is not None:
        raise source.error(
            f"the {what} are not numbered from 0 without a gap",
            0,
            got=f"{n} {what}, but no {letter}_{missing}",
            expected=f"{letter}_0 to {letter}_{n - 1}",
        )
    return n


def _unknown(source: Source, command: Group) -> ExactnetError:
    known = "declare-const and assert; (vnnlib-version <2.0>) at the beginning for version 2.0"
    if command.head.startswith(("declare-network", "vnnlib-version")):
        return source.error(
            "a declaration of version 2.0 in a text of version 1.0",
            command,
            got=command.head,
            expected="(vnnlib-version <2.0>) as the first command",
        )
    if command.head:
        return source.unsupported(
            "a command that is not supported", command, got=command.head[:60], expected=known
        )
    return source.error("not a command", command, expected=known)
