"""Assertions of VNN-LIB, of either version: a tree of words becomes a formula over inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from exactnet.errors import InputError
from exactnet.exact import parse_rational
from exactnet.io.assertions import Conjunction, Disjunction, Formula, Linear, comparison
from exactnet.io.s_expressions import Group, Node, Source, Word

__all__ = ["Interface", "Reader", "constant"]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LOGIC_WE_DO_NOT_READ = ("not", "=>", "xor", "ite", "let", "forall", "exists", "distinct", "true", "false")
_ARITHMETIC_WE_DO_NOT_READ = ("/", "div", "mod", "abs", "^", "exp", "max", "min", "ite", "to_real")


def constant(value: Fraction) -> Linear:
    """A number as a linear term.

    Examples
    --------
    >>> constant(Fraction(2)).is_constant
    True
    """
    return Linear({}, {}, value)


@dataclass(frozen=True)
class Interface:
    """What a text declares: the numbers of inputs and outputs, and how messages call input i."""

    n_inputs: int
    n_outputs: int
    input_name: Callable[[int], str]


@dataclass(frozen=True)
class Reader:
    """Reads the assertions of one text.

    Parameters
    ----------
    source : the text, for messages.
    variable : the linear term of a word that names a declared variable, None for any other word.
    relations : for every comparison that may stand, its meaning for `assertions.comparison`.
    hint : what to say about a name that is not declared.
    """

    source: Source
    variable: Callable[[Word], Linear | None]
    relations: dict[str, str]
    hint: Callable[[str], str | None]

    def assertion(self, command: Group) -> Formula:
        """The formula of an `(assert F)`.

        Raises
        ------
        ParseError : text that is no formula. UnsupportedError : logic or arithmetic that is not linear.
        """
        if len(command.items) != 2:
            raise self.source.error(
                "an assertion is one formula",
                command,
                got=f"{len(command.items) - 1} parts behind assert",
                expected="(assert (<= a b)), (assert (and ...)) or (assert (or ...))",
            )
        return self._formula(command.items[1])

    def _formula(self, node: Node) -> Formula:
        head = node.text if isinstance(node, Word) else node.head
        if head in _LOGIC_WE_DO_NOT_READ:
            raise self.source.unsupported(
                "a part of logic that is not supported", node, got=head, expected=self._known_formulas
            )
        if isinstance(node, Word) or not (head in ("and", "or") or head in self.relations):
            raise self.source.error("not a formula", node, got=_shown(node), expected=self._known_formulas)
        operands = node.items[1:]
        if head in self.relations:
            if len(operands) != 2:
                raise self.source.error(
                    "a comparison has two sides", node, got=f"{len(operands)}", expected=f"({head} a b)"
                )
            left, right = (self._linear(operand) for operand in operands)
            return comparison(left, self.relations[head], right)
        if not operands:
            raise self.source.error(f"an empty ({head})", node, expected=f"({head} F ...)")
        parts = tuple(self._formula(operand) for operand in operands)
        return Conjunction(parts) if head == "and" else Disjunction(parts)

    @property
    def _known_formulas(self) -> str:
        return "and, or, and the comparisons " + " ".join(self.relations)

    def _linear(self, node: Node) -> Linear:
        if isinstance(node, Word):
            return self._atom(node)
        if node.head not in ("+", "-", "*"):
            expected = "a number, a variable, or a sum, difference or product with + - *"
            if node.head in _ARITHMETIC_WE_DO_NOT_READ:
                raise self.source.unsupported(
                    "arithmetic that is not supported", node, got=node.head, expected=expected
                )
            raise self.source.error("not a term", node, got=_shown(node), expected=expected)
        operands = [self._linear(operand) for operand in node.items[1:]]
        if not operands:
            raise self.source.error("a sum or product of nothing", node, expected=f"({node.head} a b)")
        match node.head:
            case "+":
                return reduce(Linear.__add__, operands)
            case "-" if len(operands) == 1:
                return operands[0].scaled(Fraction(-1))
            case "-":
                return reduce(Linear.__add__, [operands[0], *(q.scaled(Fraction(-1)) for q in operands[1:])])
            case _:
                return self._product(node, operands)

    def _product(self, node: Group, operands: list[Linear]) -> Linear:
        factors = [operand for operand in operands if not operand.is_constant]
        if len(factors) > 1:
            raise self.source.unsupported(
                "a product of two terms with variables",
                node,
                got="a comparison that is not linear",
                expected="at most one factor with variables",
            )
        number = Fraction(1)
        for operand in operands:
            if operand.is_constant:
                number *= operand.constant
        return factors[0].scaled(number) if factors else constant(number)

    def _atom(self, word: Word) -> Linear:
        if _NUMBER.fullmatch(word.text):
            try:
                return constant(parse_rational(word.text))
            except InputError as error:
                raise self.source.error(error.what, word, got=error.got, expected=error.expected) from None
        found = self.variable(word)
        if found is None:
            raise self.source.error(
                "neither a number nor a declared variable",
                word,
                got=_shown(word),
                hint=self.hint(word.text) or "numbers look like -1.5 or 2e-3",
            )
        return found


def _shown(node: Node) -> str:
    if isinstance(node, Word):
        return repr(node.text if len(node.text) <= 60 else node.text[:57] + "...")
    return f"({node.head} ...)" if node.head else "a group that begins with no word"
