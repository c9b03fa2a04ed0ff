from __future__ import annotations

import pytest

from exactnet.errors import ParseError
from exactnet.io.s_expressions import Group, Source, Word, read_groups


def shape(text: str) -> object:
    """The tree as nested lists of words."""

    def plain(node: Group | Word) -> object:
        return node.text if isinstance(node, Word) else [plain(item) for item in node.items]

    return [plain(group) for group in read_groups(Source(text, "t"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ; only a comment (", []),
        ("(a)", [["a"]]),
        ("(a(b)c)(d)", [["a", ["b"], "c"], ["d"]]),
        ("( )", [[]]),
        ("(a;b)\n c)", [["a", "c"]]),
        ("(a\r\n\tb)", [["a", "b"]]),
        ('(X [0, 1] "node; name" <2.0>)', [["X", "[0, 1]", '"node; name"', "<2.0>"]]),
        ("(X[0]Y)", [["X", "[0]", "Y"]]),
        ("(<= -1e-3 +.5)", [["<=", "-1e-3", "+.5"]]),
        ("(ä)", [["ä"]]),
    ],
)
def test_trees(text: str, expected: object) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "what", "line", "column"),
    [
        ("(a\n(b)", "is not closed", 1, 1),
        ("(a)\n (b\n (c)", "is not closed", 2, 2),
        ("(a))", "never opened", 1, 4),
        ("(a)\n  b (c)", "outside all parentheses", 2, 3),
        ('(a "b)', "without a meaning", 1, 4),
        ("(a |b|)", "without a meaning", 1, 4),
        ("(a [0)", "without a meaning", 1, 4),
        ("(a 0])", "without a meaning", 1, 5),
        ("(" * 101 + ")" * 101, "too deeply nested", 1, 101),
    ],
)
def test_faults_are_pointed_at(text: str, what: str, line: int, column: int) -> None:
    with pytest.raises(ParseError, match=what) as caught:
        read_groups(Source(text, "t"))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_hundred_levels_are_read() -> None:
    assert len(read_groups(Source("(" * 100 + ")" * 100, "t"))) == 1


def test_the_caret_stands_under_the_character_and_long_lines_are_not_shown() -> None:
    error = Source("(a)\n\t(b é x)\n", "t").error("here", 10)
    shown = str(error).splitlines()
    assert shown[1].endswith("t, line 2, column 7")
    assert shown[3][: len(shown[2])].index("^") == shown[2].index("x")
    long = Source("(" + "a " * 100 + ")", "t").error("here", 3)
    assert "^" not in str(long)
    assert "line 1, column 4" in str(long)


def test_positions_are_those_of_the_text() -> None:
    text = "(a (b\n c))"
    (group,) = read_groups(Source(text, "t"))
    inner = group.items[1]
    assert isinstance(inner, Group)
    assert (inner.head, text[inner.position], text[inner.items[1].position]) == ("b", "(", "c")
    assert Source(text, "t").place(inner.items[1]) == ("t", 2, 2, " c))")
