"""Text of nested parentheses as a tree whose every part knows where it stands, for messages with a caret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from exactnet.errors import ParseError, UnsupportedError

__all__ = ["Group", "Node", "Source", "Word", "read_groups"]

# space, a comment, a parenthesis, indices in brackets, a name in quotation marks, any other word
_TOKEN = re.compile(r"""[ \t\r\n\f\v]+|;[^\n]*|[()]|\[[^\[\]();"]*\]|"[^"\n]*"|[^\s();"|\[\]]+""")
_MOST_LEVELS = 100
_LONGEST_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without space, [..] or ".." as a whole, and its position in the text, from 0."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two parentheses, and the position of the first one."""

    items: tuple[Node, ...]
    position: int

    @property
    def head(self) -> str:
        """The word it begins with; "" if it begins with none.

        Examples
        --------
        >>> read_groups(Source("(assert (<= X_0 1))", "example"))[0].head
        'assert'
        """
        return self.items[0].text if self.items and isinstance(self.items[0], Word) else ""


Node: TypeAlias = Word | Group


@dataclass(frozen=True, slots=True)
class Source:
    """A text and how messages call it."""

    text: str
    name: str

    def error(
        self,
        what: str,
        at: Node | int,
        *,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> ParseError:
        """The error that points at a part of the text, or at a position.

        Examples
        --------
        >>> raise Source("(assert x)", "p.vnnlib").error("not a comparison", 8, got="'x'")
        Traceback (most recent call last):
            ...
        exactnet.errors.ParseError: not a comparison
          where:    p.vnnlib, line 1, column 9
                    (assert x)
                            ^
          got:      'x'
        """
        file, line, column, shown = self.place(at)
        return ParseError(
            what, file=file, line=line, column=column, text=shown, got=got, expected=expected, hint=hint
        )

    def unsupported(
        self, what: str, at: Node | int, *, got: str | None = None, expected: str | None = None
    ) -> UnsupportedError:
        """The same for a text that can be read and means something we do not handle.

        Examples
        --------
        >>> raise Source("(assert (not x))", "p.vnnlib").unsupported("negation", 8)
        Traceback (most recent call last):
            ...
        exactnet.errors.UnsupportedError: negation
          where:    p.vnnlib, line 1, column 9
                    (assert (not x))
                            ^
        """
        error = self.error(what, at)
        return UnsupportedError(what, where=error.where, got=got, expected=expected)

    def place(self, at: Node | int) -> tuple[str, int, int, str]:
        """Name of the text, line and column from 1, and the line; "" for the line if it is very long."""
        position = at if isinstance(at, int) else at.position
        start = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        line = self.text[start : len(self.text) if end < 0 else end].rstrip("\r")
        shown = line if len(line) <= _LONGEST_SHOWN else ""
        return self.name, self.text.count("\n", 0, position) + 1, position - start + 1, shown


def read_groups(source: Source) -> tuple[Group, ...]:
    """The groups of the text, one after the other; comments run from a semicolon to the end of the line.

    Raises
    ------
    ParseError : a parenthesis, bracket or quotation mark without its partner, a word outside all groups,
        a bar, more than 100 levels of nesting.

    Examples
    --------
    >>> [len(group.items) for group in read_groups(Source("(a b) ; (c)\\n(d)", "example"))]
    [2, 1]
    >>> read_groups(Source("(a (b)", "example"))
    Traceback (most recent call last):
        ...
    exactnet.errors.ParseError: a parenthesis is not closed
      where:    example, line 1, column 1
                (a (b)
                ^
      expected: ) before the end of the text
    """
    done: list[Node] = []
    open_groups: list[tuple[int, list[Node]]] = []
    items = done
    for word in _words(source):
        if word.text == "(":
            if len(open_groups) == _MOST_LEVELS:
                raise source.error("too deeply nested", word, expected=f"at most {_MOST_LEVELS} levels")
            open_groups.append((word.position, []))
            items = open_groups[-1][1]
        elif word.text == ")":
            if not open_groups:
                raise source.error("a parenthesis is closed that was never opened", word, got=")")
            position, inside = open_groups.pop()
            items = open_groups[-1][1] if open_groups else done
            items.append(Group(tuple(inside), position))
        else:
            items.append(word)
    if open_groups:
        raise source.error(
            "a parenthesis is not closed", open_groups[0][0], expected=") before the end of the text"
        )
    return tuple(item if isinstance(item, Group) else _stray(source, item) for item in done)


def _words(source: Source) -> Iterator[Word]:
    """The words and parentheses of the text."""
    position, text = 0, source.text
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise source.error("a character without a meaning here", position, got=repr(text[position]))
        token = match.group()
        if token[0] not in " \t\r\n\f\v;":
            yield Word(token, position)
        position = match.end()


def _stray(source: Source, word: Word) -> NoReturn:
    raise source.error(
        "a word outside all parentheses", word, got=repr(word.text[:60]), expected="commands in parentheses"
    )
