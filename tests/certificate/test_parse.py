from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import certificate_text, parse_certificate
from exactnet.errors import ParseError
from tests.support.sealing import HEADER, opened, seal_records
from tests.support.tiny import tiny

TEXT = certificate_text(tiny("one"))


def test_a_changed_line_is_named() -> None:
    with pytest.raises(ParseError) as caught:
        parse_certificate(TEXT.replace('"beta":"1/2"', '"beta":"1/3"'), file="a.jsonl")
    assert (caught.value.file, caught.value.line) == ("a.jsonl", 2)
    assert "this line was changed after it was written: its digest does not fit" in str(caught.value)


def test_a_broken_line_shows_the_place() -> None:
    with pytest.raises(ParseError) as caught:
        parse_certificate('{"step":0,\n{}\n', file="a.jsonl")
    assert str(caught.value).split("\n")[:4] == [
        "not a line of a certificate: Expecting property name enclosed in double quotes",
        "  where:    a.jsonl, line 1, column 11",
        '            {"step":0,',
        "                      ^",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a line of a certificate"),
        ("{}\n", "this is not the header of a certificate"),
        ("[]\n{}\n", "an object is needed, got a list"),
        (TEXT[:-1], "cut off: its last line has no end"),
        (TEXT[: TEXT.index("\n", len(TEXT) // 2) + 1], "cut off: its last line is not the end"),
        ("[" * 10**5 + "\n{}\n", "nested too deeply"),
        (
            seal_records([], ["x"], {**HEADER, "version": 2}),
            "the certificate has version 2, this exactnet reads 1",
        ),
        (seal_records([], ["x"], {**HEADER, "title": 1}), "a string is needed, got a int"),
        (seal_records([{"rule": "lemma"}], ["x"]), "no record has the rule 'lemma'"),
        (seal_records([{"rule": []}], ["x"]), "no record has the rule []"),
        (seal_records([{"rule": "count", "id": "c"}], ["x"]), "the record has no key 'cells'"),
        (
            seal_records([{"rule": "count", "id": "c", "cells": 1}], ["x"]),
            "cells: a string is needed, got a int",
        ),
    ],
)
def test_other_texts(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_certificate(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [1, None, "1.5", "a", "1/0", "", {}, [], True])
def test_rationals_are_strings(value: Any) -> None:
    records = opened(tiny("one"))
    records[0]["beta"] = value
    with pytest.raises(ParseError, match="beta: a "):
        parse_certificate(seal_records(records, ["gap"]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("1/2"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.data())
def test_wrong_fields_are_parse_errors(data: st.DataObject) -> None:
    records = opened(tiny("one"))
    record = data.draw(st.sampled_from(records))
    key = data.draw(st.sampled_from(sorted(set(record) - {"step"})))
    record[key] = data.draw(json_values)
    parsed, error = None, None
    try:
        parsed = parse_certificate(seal_records(records, ["gap"]))
    except ParseError as caught:
        error = caught
    number = records.index(record)
    if error is not None:
        assert error.line == number + 2
    if parsed is not None:
        assert parsed.records[number].id == record["id"]
