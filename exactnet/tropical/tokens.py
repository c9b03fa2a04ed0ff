"""The words of formulas of maxima: numbers, names, operators, and what LaTeX writes for them."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from exactnet.errors import ParseError

__all__ = ["Token", "fail_at", "tokenized"]


class Token(NamedTuple):
    """One word: its kind ("number", "name", "end", or the operator itself), its text, and where it begins."""

    kind: str
    text: str
    position: int


# LaTeX commands: kind of token, or "" for those that only take space
_COMMANDS = {
    "max": "max",
    "oplus": "oplus",
    "odot": "odot",
    "cdot": "*",
    "times": "*",
    "frac": "frac",
    "tfrac": "frac",
    "dfrac": "frac",
    "{": "(",
    "}": ")",
    **dict.fromkeys(
        [
            "left",
            "right",
            "bigl",
            "bigr",
            "big",
            "quad",
            "qquad",
            "displaystyle",
            ",",
            ";",
            ":",
            "!",
            " ",
            "\\",
        ],
        "",
    ),
}
_BRACKETS = {"{": "(", "}": ")", "[": "(", "]": ")"}
_MINIMA = ("min", "Min")
_MAXIMA = ("max", "Max")

_WORD = re.compile(
    r"(?P<space>[\s&$]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|\\(?P<command>[A-Za-z]+|.)"
    r"|(?P<name>[A-Za-z]+[0-9]*(?:_(?:\{[A-Za-z0-9]+\}|[A-Za-z0-9]+))?)"
    r"|(?P<operator>[-+*/(),^{}\[\]])"
)


def tokenized(text: str) -> list[Token]:
    """All words of a text, and one of kind "end".

    Raises
    ------
    ParseError : a character or a LaTeX command without meaning here, or a minimum.

    Examples
    --------
    >>> [token.kind for token in tokenized(r"\\max\\{2 x_{1}, 0\\}")]
    ['max', '(', 'number', 'name', ',', 'number', ')', 'end']
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            fail_at(text, position, "a character without meaning in a formula", got=repr(text[position]))
        kind = match.lastgroup or ""
        word, start, position = match[kind], match.start(), match.end()
        if kind == "command":
            position = _command(text, word, start, position, found)
        elif kind == "name":
            _name(text, word, start, found)
        elif kind == "operator":
            found.append(Token(_BRACKETS.get(word, word), word, start))
        elif kind == "number":
            found.append(Token(kind, word, start))
    found.append(Token("end", "", len(text)))
    return found


def _name(text: str, word: str, start: int, found: list[Token]) -> None:
    if word in _MINIMA:
        _refuse_minimum(text, start)
    if word in _MAXIMA:
        found.append(Token("max", word, start))
        return
    # x_1, x_{1} and x1 are one variable
    plain = re.sub(r"_\{?([0-9]+)\}?$", r"\1", word).replace("{", "").replace("}", "")
    found.append(Token("name", plain, start))


def _command(text: str, word: str, start: int, position: int, found: list[Token]) -> int:
    """Append what a LaTeX command means; returns where to read on."""
    if word == "min":
        _refuse_minimum(text, start)
    if word not in _COMMANDS:
        fail_at(text, start, "a LaTeX command without meaning in a formula", got="\\" + word)
    kind = _COMMANDS[word]
    if kind:
        found.append(Token(kind, "\\" + word, start))
    if kind == "frac":
        # \frac12 means \frac{1}{2}
        digits = re.compile(r"\s*([0-9])\s*([0-9])").match(text, position)
        if digits:
            for digit in digits.groups():
                found += [
                    Token("(", "", position),
                    Token("number", digit, position),
                    Token(")", "", position),
                ]
            return digits.end()
    return position


def _refuse_minimum(text: str, start: int) -> NoReturn:
    fail_at(
        text,
        start,
        "a minimum in a max-plus formula",
        got="min",
        expected="max",
        hint="write min(a, b) as -max(-a, -b); a min-plus polynomial p(x) is -q(-x) for a max-plus q",
    )


def fail_at(
    text: str,
    position: int,
    what: str,
    *,
    got: str | None = None,
    expected: str | None = None,
    hint: str | None = None,
) -> NoReturn:
    """Raise the error of a position of a text."""
    before = text[:position].split("\n")
    raise ParseError(
        what,
        file="text",
        line=len(before),
        column=len(before[-1]) + 1,
        text=text.split("\n")[len(before) - 1],
        got=got,
        expected=expected,
        hint=hint,
    )
