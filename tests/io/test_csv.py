from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError, LimitReached, ParseError
from exactnet.exact import rational_text
from exactnet.io import load_dataset
from exactnet.io.csv import parse_csv
from exactnet.io.files import FileBytes
from exactnet.model import Dataset


def read(text: str | bytes) -> Dataset:
    return parse_csv(FileBytes("d.csv", text.encode() if isinstance(text, str) else text))


# -- what is read -----------------------------------------------------------------------------------------


def test_decimal_text_is_exact() -> None:
    data = read("x1,x2,y\n0.1,1/3,-2.50\n1e-3,+4,.5\n-1E+2,5.,0\n")
    assert data.features.rows() == (
        (Fraction(1, 10), Fraction(1, 3)),
        (Fraction(1, 1000), Fraction(4)),
        (Fraction(-100), Fraction(5)),
    )
    assert data.targets == (Fraction(-5, 2), Fraction(1, 2), 0)
    assert (data.feature_names, data.target_name) == (("x1", "x2"), "y")


def test_the_target_is_y_or_the_last_column() -> None:
    data = read("a,y,b\n1,2,3\n")
    assert (data.feature_names, data.target_name, data.targets) == (("a", "b"), "y", (2,))
    data = read("a,b,c\n1,2,3\n")
    assert (data.feature_names, data.target_name, data.targets) == (("a", "b"), "c", (3,))
    assert read("a,Y,b\n1,2,3\n").target_name == "b"


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1,2\n3,4\n",
        "x,y\n1,2\n3,4",
        "x,y\r\n1,2\r\n3,4\r\n",
        "x,y\r1,2\r3,4\r",
        "\ufeffx,y\n1,2\n3,4\n",
        "x,y\n1,2\n3,4\n\n  \n\t\n",
        '"x","y"\n"1",2\n 3 , "4" \n',
        "x , y\n 1,2\t\n3.0,4e0\n",
    ],
)
def test_one_table_in_many_spellings(text: str) -> None:
    assert read(text) == Dataset.from_arrays([[1], [3]], [2, 4], feature_names=["x"])


def test_quoted_names() -> None:
    data = read('"height, in cm","the ""y""",y\n1,2,3\n')
    assert data.feature_names == ("height, in cm", 'the "y"')


def test_unusual_characters_do_not_end_a_line() -> None:
    assert read("größe\u2028\x0b1,y\n1,2\n").feature_names == ("größe\u2028\x0b1",)


rationals = st.fractions(max_denominator=10**6)


@given(st.lists(st.tuples(rationals, rationals, rationals), min_size=1, max_size=5))
def test_round_trip_of_quotients(rows: list[tuple[Fraction, ...]]) -> None:
    text = "a,b,y\n" + "\n".join(",".join(rational_text(q) for q in row) for row in rows)
    data = read(text)
    assert data.features.rows() == tuple(row[:2] for row in rows)
    assert data.targets == tuple(row[2] for row in rows)


def test_provenance(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"x,y\n1,2\n")
    provenance = load_dataset(path).provenance
    assert provenance.source == str(path)
    assert provenance.sha256 == hashlib.sha256(b"x,y\n1,2\n").hexdigest()
    assert provenance.stored_dtype == "decimal text"


# -- what is refused, and where the caret stands ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "the file is empty"),
        (" \n\n", 1, 1, "the file is empty"),
        ("\ufeff", 1, 1, "the file is empty"),
        ("x,y", 1, 1, "a header but no rows"),
        ("x,y\n\n", 1, 1, "a header but no rows"),
        ("x\n1\n", 1, 1, "one column"),
        ("x;y\n1;2\n", 1, 1, "replace the separator ';'"),
        ("x\ty\n1\t2\n", 1, 1, r"replace the separator '\\t'"),
        ("1,2\n3,4\n", 1, 1, "the first line must name the columns"),
        ("0.5\n1\n", 1, 1, "the first line must name the columns"),
        ("x,x,y\n1,2,3\n", 1, 3, "two columns have the same name"),
        ("x,,y\n1,2,3\n", 1, 3, "a column has no name"),
        ("x,y,\n1,2,3\n", 1, 5, "a column has no name"),
        ("\nx,y\n1,2\n", 1, 1, "a blank line inside"),
        ("x,y\n1,2\n\n3,4\n", 3, 1, "a blank line inside"),
        ("x,y\n1\n", 2, 2, "a row of another length"),
        ("x,y\n1,2\n3,4,5\n", 3, 5, "a row of another length"),
        ("x,y\n1,5,2,5\n", 2, 5, "write decimals with a point"),
        ("x,y\n1,two\n", 2, 3, "an entry is not a number"),
        ("x,y\n1, two\n", 2, 4, "an entry is not a number"),
        ('x,y\n1,"two"\n', 2, 4, "an entry is not a number"),
        ("x,y\n1,\n", 2, 3, "nothing in column 'y'"),
        ("x,y\nnan,1\n", 2, 1, "an entry is not a finite number"),
        ("x,y\n1,-Inf\n", 2, 3, "an entry is not a finite number"),
        ("x,y\nNA,1\n", 2, 1, "fill in the missing value"),
        ("x,y\n1,1/0\n", 2, 3, "the denominator is zero"),
        ("x,y\n1,1e999999999\n", 2, 3, "the exponent is too large"),
        ("x,y\n1,0x10\n", 2, 3, "an entry is not a number"),
        ("x,y\n1,1_000\n", 2, 3, "an entry is not a number"),
        ("x,y\n1,True\n", 2, 3, "an entry is not a number"),
        ("x,y\n# a comment, here\n", 2, 1, "remove the comment line"),
        ("x,y\n1;2,3\n", 2, 1, "separate the columns by commas"),
        ('x,y\n1,"2\n', 2, 3, "a quote is opened and not closed"),
        ('x,y\n"1"2,3\n', 2, 4, "text behind a closing quote"),
        ("größe,y\n1,zwölf\n", 2, 3, "an entry is not a number"),
    ],
)
def test_errors_point_at_the_character(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read(text)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("d.csv", line, column)
    if caught.value.text:
        assert str(caught.value).split("\n")[3] == " " * (12 + column - 1) + "^"
    assert caught.value.exit_code == 2


def test_the_whole_message() -> None:
    with pytest.raises(ParseError) as caught:
        read("x1,x2,y\n1,2,3\n4,5\n")
    assert str(caught.value) == (
        "a row of another length than the header\n"
        "  where:    d.csv, line 3, column 4\n"
        "            4,5\n"
        "               ^\n"
        "  got:      2 values\n"
        "  expected: 3 values: x1, x2, y"
    )


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"x,y\n1,\xff\n", 2, 3, "not UTF-8"),
        ("größe,y\n1,2\n".encode("latin-1"), 1, 3, "0xf6"),
        ("ä,y\r\n1,ä".encode() + b"\xe4", 2, 4, "0xe4"),
        ("x,y\n1,2\n".encode("utf-16"), 1, 1, "this is UTF-16"),
    ],
)
def test_wrong_encodings(content: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read(content)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_nul_bytes_are_no_numbers() -> None:
    with pytest.raises(ParseError, match="not a number"):
        read(b"x,y\n1,\x002\n")


@given(st.binary(max_size=60))
def test_any_bytes_give_data_or_a_stated_error(content: bytes) -> None:
    try:
        data = read(content)
    except InputError:
        return
    assert data.n_samples > 0


@given(st.text(alphabet='x,y"\n 1/.e-+#', max_size=40))
def test_any_text_gives_data_or_a_stated_error(text: str) -> None:
    try:
        data = read("a,b\n" + text)
    except InputError:
        return
    assert data.n_features == 1


def test_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("x,y\n1,2\n")
    assert load_dataset(path, max_bytes=8).n_samples == 1
    with pytest.raises(LimitReached, match="8 bytes"):
        load_dataset(path, max_bytes=7)
