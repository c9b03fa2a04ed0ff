"""Counterexamples as text: what is read, what is refused, and the way back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError, ParseError, ShapeError
from exactnet.verify.witness_text import competition_text, decimal, load_witness, parse_witness

POINT = (Fraction(1, 2), Fraction(-1, 5))


@pytest.mark.parametrize(
    "text",
    [
        "sat\n((X_0 0.5)\n(X_1 -0.2))",
        "((X_0 0.5) (X_1 -2e-1))",
        "(X_1 -0.2)\n(X_0 .5)\n",
        "sat (((X_0 0.5)) ((X_1 -0.2)))",
        "violated\n0.5 -0.2",
        "1/2, -1/5",
        "0.5\n-0.2\n",
        "[0.5, -0.2]",
        '["1/2", "-1/5"]',
        '{"status": "REFUTED", "witness": ["1/2", "-0.2"]}',
    ],
)
def test_the_same_point_in_many_forms(text: str) -> None:
    assert parse_witness(text).inputs == POINT


def test_decimals_are_what_they_say_and_not_floats() -> None:
    assert parse_witness("0.1").inputs == (Fraction(1, 10),)
    assert parse_witness("[0.1]").inputs == (Fraction(1, 10),)
    assert parse_witness("((X_0 0.1) (Y_0 1e-20))").outputs == (Fraction(1, 10**20),)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("unsat", InputError, "no counterexample"),
        ("timeout\n", InputError, "no counterexample"),
        ("", ParseError, "no number"),
        ("((X_0 0.5) (X_0 0.5))", ParseError, "two values"),
        ("((X_0 0.5) (X_2 0.5))", ShapeError, "X_1"),
        ("((Y_0 0.5))", ShapeError, "X_0"),
        ("((X_0 nan))", ParseError, "line 1, column 7"),
        ("((X_0 0.5)", ParseError, "not closed"),
        ("((Z_0 0.5))", ParseError, "not a variable"),
        ("0.5 abc", ParseError, "line 1, column 5"),
        ("[0.5", ParseError, "JSON"),
        ("{}", InputError, "no counterexample"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_witness(text, name="w.txt")


def test_a_file(tmp_path) -> None:
    file = tmp_path / "w.txt"
    file.write_text("sat\n((X_0 0.5))")
    assert load_witness(file).inputs == (Fraction(1, 2),)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text"):
        load_witness(file)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=4))
def test_every_binary32_number_comes_back_exactly(values: list[float]) -> None:
    point = tuple(map(Fraction, values))
    assert parse_witness(f"sat\n{competition_text(point, point)}").inputs == point


@given(st.fractions())
def test_a_decimal_is_exact_where_it_can_be(q: Fraction) -> None:
    rest = q.denominator
    for p in (2, 5):
        while rest % p == 0:
            rest //= p
    if rest == 1:
        assert Fraction(decimal(q)) == q
    else:
        assert abs(Fraction(decimal(q)) - q) <= abs(q) / 10**16
