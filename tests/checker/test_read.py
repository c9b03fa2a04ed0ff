from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.checker.read import (
    Rejection,
    as_id,
    as_integer,
    as_list,
    as_object,
    as_rational,
    as_text,
    as_text_map,
    one_of,
    parse_line,
    require_keys,
    show,
)


@given(st.fractions())
def test_a_rational_is_read_back(q: Fraction) -> None:
    assert as_rational(str(q), "x") == q


@pytest.mark.parametrize(
    "text",
    [
        "", "+1", "-0", "01", "-01", "1.0", "1e3", " 1", "1 ", "1\n", "1/1", "2/4", "0/5", "0/1", "1/0",
        "1/-2", "-1/-2", "--1", "1/02", "/2", "1/", "1/2/3", "١", "1_000", "0x1", "inf", "nan", "½", "−1",
    ],
)  # fmt: skip
def test_there_is_one_way_to_write_a_rational(text: str) -> None:
    with pytest.raises(Rejection, match="rational"):
        as_rational(text, "x")


@pytest.mark.parametrize("value", [1, 0, True, None, ["1"], {"p": 1}])
def test_a_rational_is_a_string(value: object) -> None:
    with pytest.raises(Rejection, match="must be a rational"):
        as_rational(value, "x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not JSON"),
        ("[1]", "must be an object"),
        ("1", "must be an object"),
        ('{"a":1,"a":1}', "the key 'a' is given twice"),
        ('{"x":{"a":1,"b":2,"a":3}}', "the key 'a' is given twice"),
        ('{"b":1,"a":1,"a":2}', "the key 'a' is given twice"),
        ('{"a":1.0}', "JSON float"),
        ('{"a":1e2}', "JSON float"),
        ('{"a":-0.5}', "JSON float"),
        ('{"a":NaN}', "JSON float"),
        ('{"a":[Infinity]}', "JSON float"),
        ('{"a":-Infinity}', "JSON float"),
        ('{"a":1}{"b":2}', "not JSON"),
        ('{"a":1,}', "not JSON"),
        ("{'a':1}", "not JSON"),
        ('{"a":01}', "not JSON"),
        ('{"a":"\t"}', "not JSON"),
        ("\ufeff{}", "not JSON"),
        ("[" * 10**5, "too deeply"),
        ('{"a":' * 10**5, "too deeply"),
    ],
)
def test_a_line_is_one_plain_object(line: str, reason: str) -> None:
    with pytest.raises(Rejection, match=reason):
        parse_line(line)


def test_a_good_line_is_read() -> None:
    assert parse_line('{"a":[1,-2,null,"x"],"b":{}}') == {"a": [1, -2, None, "x"], "b": {}}


@pytest.mark.parametrize("value", [True, False, "1", None, [1], 1.0])
def test_booleans_and_texts_are_no_integers(value: object) -> None:
    with pytest.raises(Rejection, match="must be an integer"):
        as_integer(value, "x")


def test_integers_respect_their_least_value() -> None:
    assert as_integer(3, "x", least=3) == 3
    with pytest.raises(Rejection, match="x must be at least 3, got 2"):
        as_integer(2, "x", least=3)


def test_lists_and_objects_are_told_apart() -> None:
    with pytest.raises(Rejection, match="x must be a list, got an object of length 1"):
        as_list({"a": 1}, "x")
    with pytest.raises(Rejection, match="x must have length 2, got 1"):
        as_list([1], "x", length=2)
    with pytest.raises(Rejection, match="x must be an object, got a list of length 0"):
        as_object([], "x")


@pytest.mark.parametrize("value", ["", " ", "a b", "a\n", "é", "-a", "_a", "a;b", "a" * 101, 1, None])
def test_ids_cannot_imitate_a_verdict(value: object) -> None:
    with pytest.raises(Rejection, match="identifier"):
        as_id(value, "id")


def test_ids_are_plain_words() -> None:
    assert [as_id(x, "id") for x in ("a", "network-3", "A.b:c_1", "0")] == ["a", "network-3", "A.b:c_1", "0"]


def test_texts_are_unicode() -> None:
    assert as_text("βeta", "title") == "βeta"
    with pytest.raises(Rejection, match="not a Unicode text"):
        as_text("\ud800", "title")
    with pytest.raises(Rejection, match="must be a string"):
        as_text_map({"a": 1}, "stats")


def test_keys_are_exactly_the_known_ones() -> None:
    require_keys({"a": 1, "b": 2}, ("a", "b"), "it")
    with pytest.raises(Rejection, match="it has no key 'b'"):
        require_keys({"a": 1}, ("a", "b"), "it")
    with pytest.raises(Rejection, match="it has the unknown key 'c'"):
        require_keys({"a": 1, "b": 2, "c": 3}, ("a", "b"), "it")


def test_one_of_takes_no_other_word() -> None:
    values: tuple[object, ...] = ("l3", None, ["l1"], {})
    for value in values:
        with pytest.raises(Rejection, match="norm must be one of l1, l2"):
            one_of(value, ("l1", "l2"), "norm")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_values_are_shown_on_one_short_line_of_ascii(value: object) -> None:
    shown = show(value)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) < 100
