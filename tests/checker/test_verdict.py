from __future__ import annotations

import gzip
import hashlib
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import certificate_text
from exactnet.checker import check_bytes, check_text, verdict
from exactnet.checker.read import Rejection, parse_line
from exactnet.checker.rules import RULES
from tests.support.sealing import HEADER, opened, seal_lines, seal_records
from tests.support.tiny import tiny

TEXT = certificate_text(tiny("one"))


def with_header(**edits: Any) -> str:
    header = {key: value for key, value in {**HEADER, **edits}.items() if value is not ...}
    return seal_records(opened(tiny("one")), ["cells"], header)


def test_one_line_of_words() -> None:
    found = check_text(TEXT)
    assert found.accepted
    assert (found.step, found.rule, found.reason) == (None, None, "")
    assert found.line.isascii()
    assert found.line.isprintable()
    assert "; problem has exactly 2 activation patterns off the walls (complete split tree); " in found.line


def test_only_the_claims_are_stated() -> None:
    records = opened(tiny("one"))
    line = check_text(seal_records(records, ["cells"])).line
    assert line.count(";") == 1
    assert "optimum" not in line


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ({"format": "other"}, "format must be one of exactnet-certificate"),
        ({"version": 2}, "version is 2, and this checker knows version 1"),
        ({"version": True}, "version must be an integer, got true"),
        ({"version": "1"}, "version must be an integer"),
        ({"title": None}, "title must be a string, got null"),
        ({"title": "\ud800"}, "title is not a Unicode text"),
        ({"provenance": []}, "provenance must be an object"),
        ({"stats": {"n": 1}}, "stats['n'] must be a string"),
        ({"stats": ...}, "the header has no key 'stats'"),
        ({"date": "x"}, "the header has the unknown key 'date'"),
        ({"rule": "problem"}, "rule must be one of header"),
        ({"step": 1}, "step is 1 on line 0"),
        ({"step": False}, "step must be an integer, got false"),
    ],
)
def test_wrong_headers(edits: dict[str, Any], reason: str) -> None:
    found = check_text(with_header(**edits))
    assert (found.accepted, found.step, found.rule) == (False, 0, "header")
    assert reason in found.reason


def test_people_may_write_what_they_like_in_the_header() -> None:
    notes = {"β": "1/2\n; the optimum is 0"}
    found = check_text(with_header(title="ACCEPTED: 0 = 1\n", provenance=notes, stats=notes))
    assert found.accepted
    assert "optimum" not in found.line


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ([], "claims must name at least one record"),
        (["cells", "cells"], "and none twice"),
        (["nothing"], "claims names nothing, and no record has this id"),
        (["problem"], "claims names problem, of rule problem, which has no conclusion"),
        ([1], "claims[0] must be an identifier"),
        ([["cells"]], "claims[0] must be an identifier"),
        (["cells\nproblem"], "claims[0] must be an identifier"),
        (["\ud800"], "claims[0] must be an identifier"),
    ],
)
def test_wrong_claims(claims: list[Any], reason: str) -> None:
    found = check_text(seal_records(opened(tiny("one")), claims))
    assert (found.accepted, found.step, found.rule) == (False, 10, "end")
    assert reason in found.reason


def test_records_in_order_with_their_own_ids() -> None:
    records = opened(tiny("one"))
    backwards = check_text(seal_records(records[::-1], ["gap"]))
    assert (backwards.step, backwards.rule) == (1, "gap")
    twice = check_text(seal_records([*records, records[-1]], ["gap"]))
    assert (twice.step, twice.reason) == (10, "the id gap is used twice")
    itself = check_text(
        seal_records([{**records[0]}, {**records[1], "problem": "arrangement"}], ["arrangement"])
    )
    assert itself.reason == "problem names 'arrangement', and no record above has this id"


@pytest.mark.parametrize("rule", ["header", "end", "lemma", None, 3, ["problem"], {}])
def test_unknown_rules(rule: Any) -> None:
    records = opened(tiny("one"))
    records[2]["rule"] = rule
    found = check_text(seal_records(records, ["gap"]))
    assert (found.accepted, found.step, found.rule) == (False, 3, "unreadable")


def test_steps_are_line_numbers() -> None:
    lines = TEXT.split("\n")[:-2]
    lines[2] = lines[2].replace('"step":2', '"step":3')
    assert (
        check_text(seal_lines(lines, ["cells"])).line == "REJECTED step 2 (arrangement): step is 3 on line 2"
    )


# ------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    "text", ["", "\n", "\n\n", "{}", "{}\n", "{}\n{}\n", "hello\n", "[]\n[]\n", "\x00\n\x00\n"]
)
def test_other_texts(text: str) -> None:
    found = check_text(text)
    assert not found.accepted
    assert found.step is not None
    assert "could not follow" not in found.reason


def test_a_file_that_is_cut_off_anywhere() -> None:
    for length in range(0, len(TEXT), 7):
        found = check_text(TEXT[:length])
        assert not found.accepted
        assert found.rule == ("end" if length else "header"), found.line


def test_blank_and_additional_lines() -> None:
    for edited in (
        TEXT + "x",
        TEXT + " ",
        TEXT + "\n",
        "\n" + TEXT,
        TEXT + "{}\n",
        TEXT + TEXT,
        "\n".join((TEXT, TEXT)),
    ):
        assert not check_text(edited).accepted


def test_an_accidental_change_names_the_line() -> None:
    lines = TEXT.split("\n")
    for step in range(len(lines) - 2):
        edited = [*lines]
        edited[step] = (
            edited[step].replace('"id"', '"Id"', 1) if step else edited[step].replace("tiny", "tony")
        )
        found = check_text("\n".join(edited))
        assert found.step == step
        assert found.rule == json.loads(lines[step])["rule"]
        assert "changed after it was written" in found.reason
        broken = [*lines]
        broken[step] = broken[step][:-1]
        found = check_text("\n".join(broken))
        assert (found.step, found.rule) == (step, "unreadable")


def test_a_rule_from_the_file_is_not_quoted_unless_it_is_known() -> None:
    lines = TEXT.split("\n")
    lines[1] = '{"step":1,"rule":"x): fine. ACCEPTED","id":"problem"}'
    assert check_text("\n".join(lines)).line.startswith(
        "REJECTED step 1 (unreadable): the line does not have"
    )


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda end: end["digests"].pop(), "digests must have length"),
        (lambda end: end["digests"].append("0" * 16), "digests must have length"),
        (lambda end: end["digests"].__setitem__(0, 0), "does not have the digest"),
        (lambda end: end["digests"].__setitem__(0, end["digests"][0].upper()), "does not have the digest"),
        (lambda end: end["digests"].reverse(), "does not have the digest"),
        (lambda end: end.__setitem__("seal", end["seal"].upper()), "the seal does not match"),
        (lambda end: end.__setitem__("seal", None), "the seal does not match"),
        (lambda end: end.__setitem__("claims", ["cells"]), "the seal does not match"),
        (lambda end: end.__setitem__("step", 0), "step is 0 on line"),
        (lambda end: end.__setitem__("id", "end"), "the end has the unknown key 'id'"),
        (lambda end: end.pop("seal"), "the end has no key 'seal'"),
        (lambda end: end.__setitem__("rule", "header"), "the last line must have the rule end"),
    ],
)
def test_wrong_ends(edit: Any, reason: str) -> None:
    lines = TEXT.split("\n")
    end = json.loads(lines[-2])
    edit(end)
    found = check_text("\n".join([*lines[:-2], json.dumps(end), ""]))
    assert not found.accepted
    assert reason in found.reason


def test_compression_is_recognised_by_the_contents() -> None:
    data = gzip.compress(TEXT.encode())
    assert check_bytes(data) == check_bytes(TEXT.encode()) == check_text(TEXT)
    for damaged in (data[:-1], data[:30], data[:2], data + b"x", data[:40] + b"\x00" + data[41:]):
        found = check_bytes(damaged)
        assert (found.accepted, found.step) == (False, 0)
        assert "could not follow" not in found.reason


def test_bytes_that_are_no_text() -> None:
    lines = TEXT.encode().split(b"\n")
    lines[3] = b'{"step":3,"rule":"\xff"}'
    digests = [hashlib.sha256(line).hexdigest()[:16] for line in lines[:-2]]
    seal = hashlib.sha256(("gap\n" + "\n".join(digests)).encode()).hexdigest()[:32]
    end = {"step": len(digests), "rule": "end", "claims": ["gap"], "digests": digests, "seal": seal}
    found = check_bytes(b"\n".join([*lines[:-2], json.dumps(end).encode(), b""]))
    assert found.line == "REJECTED step 3 (unreadable): not UTF-8 at byte 18 of the line"
    assert not check_bytes(b"\xef\xbb\xbf" + TEXT.encode()).accepted
    assert not check_text("\udcff" + TEXT).accepted


# -------------------------------------------------------------------------------------- it never breaks

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["0", "1/2", "problem"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(RULES)), st.data())
def test_any_values_in_any_rule(rule: str, data: st.DataObject) -> None:
    record = {"id": "x", "rule": rule, **{key: data.draw(json_values, label=key) for key in RULES[rule].keys}}
    for name in ("problem", "arrangement", "cells", "dual", "primal", "evaluation", "optimum", "system"):
        if name in record and data.draw(st.booleans()):
            record[name] = {"evaluation": "network"}.get(name, name)
    found = check_text(seal_records([*opened(tiny("one")), record], ["x"]))
    assert "could not follow" not in found.reason, found.line
    if rule not in ("linear_system", "count"):
        assert not found.accepted


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text() | json_values.map(json.dumps), max_size=4), st.lists(json_values, max_size=2))
def test_any_lines_with_good_seals(lines: list[str], claims: list[Any]) -> None:
    lines = [line.replace("\n", "") for line in lines]
    found = check_text(seal_lines(lines, claims))
    assert not found.accepted
    assert "could not follow" not in found.reason


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    for found in (check_bytes(data), check_bytes(b"\x1f\x8b" + data)):
        assert not found.accepted
        assert found.line.isascii()
        assert "could not follow" not in found.reason


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), ZeroDivisionError("x")])
def test_trouble_inside_is_a_rejection(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def trouble(*_: object) -> None:
        raise error

    monkeypatch.setattr(verdict, "_check_record", trouble)
    found = check_text(TEXT)
    assert not found.accepted
    assert found.step == 1
    assert type(error).__name__ in found.reason


def test_numbers_of_any_length() -> None:
    limit = sys.get_int_max_str_digits()
    size = 10**5000 + 1
    assert size.bit_length() > 16000
    try:
        sys.set_int_max_str_digits(0)
        digits = str(size)
    finally:
        sys.set_int_max_str_digits(limit)
    system = {
        "rule": "linear_system",
        "id": "s",
        "n_variables": 1,
        "rows": [["1"]],
        "relations": ["<="],
        "rhs": [digits],
    }
    point = {"rule": "witness", "id": "w", "system": "s", "point": [digits]}
    assert check_text(seal_records([system, point], ["w"])).accepted
    above = {**point, "point": [digits[:-1] + "2"]}
    found = check_text(seal_records([system, above], ["w"]))
    assert found.reason == "the point breaks relation 0 of s: about 1e5000 <= about 1e5000 is false"
    assert sys.get_int_max_str_digits() == limit


def test_a_hostile_line_is_refused_before_the_work() -> None:
    """Long numbers and repeated keys take quadratic time if they are read; here both are one glance."""
    with pytest.raises(Rejection, match="100000 digits"):
        parse_line('{"step":' + "1" * 200_001 + "}")
    keys = ",".join(f'"{i}":0' for i in range(200_000))
    with pytest.raises(Rejection, match="given twice"):
        parse_line("{" + keys + ',"199999":0}')
