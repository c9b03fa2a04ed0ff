from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    LinearSystemRecord,
    ProblemRecord,
    Record,
    WitnessRecord,
    certificate_text,
    check_text,
    parse_certificate,
    problem_fingerprint,
    write_certificate,
)
from exactnet.certificate.encode import ENCODERS
from exactnet.certificate.parse import DECODERS
from exactnet.certificate.types import RECORDS
from exactnet.checker.rules import RULES
from exactnet.errors import InputError
from tests.support.tiny import DATA, SETTINGS, tiny

SYSTEM = LinearSystemRecord("s", 1, ((Fraction(1),),), ("<=",), (Fraction(2),))
WITNESS = WitnessRecord("w", "s", (Fraction(3, 2),))
CERTIFICATE = Certificate("a title", (SYSTEM, WITNESS), ("w",), {"source": "x.csv"}, {"n_cells": "3"})


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_round_trip(data: str, norm: str, bias: str) -> None:
    certificate = tiny(data, norm=norm, bias=bias)
    text = certificate_text(certificate)
    again = parse_certificate(text)
    assert again == certificate
    assert certificate_text(again) == text
    assert [type(record) for record in again.records] == [type(record) for record in certificate.records]


rationals = st.fractions()


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.just("β\n"), max_size=2),
    st.lists(rationals, min_size=1, max_size=3),
    rationals,
)
def test_round_trip_of_any_text_and_number(
    title: str, notes: dict[str, str], point: list[Fraction], b: Fraction
) -> None:
    system = LinearSystemRecord("s", len(point), (tuple(point),), ("=",), (b,))
    certificate = Certificate(title, (system, WitnessRecord("w", "s", tuple(point))), ("w",), notes, notes)
    text = certificate_text(certificate)
    assert parse_certificate(text) == certificate
    assert check_text(text).accepted == (sum(x * x for x in point) == b)


def test_the_text_is_the_one_of_the_format() -> None:
    lines = certificate_text(CERTIFICATE).split("\n")
    assert lines[0] == (
        '{"step":0,"rule":"header","format":"exactnet-certificate","version":1,"title":"a title",'
        '"provenance":{"source":"x.csv"},"stats":{"n_cells":"3"}}'
    )
    assert lines[2] == '{"step":2,"rule":"witness","id":"w","system":"s","point":["3/2"]}'
    digests = [hashlib.sha256(line.encode()).hexdigest()[:16] for line in lines[:3]]
    end = json.loads(lines[3])
    assert (end["step"], end["rule"], end["claims"], end["digests"]) == (3, "end", ["w"], digests)
    assert end["seal"] == hashlib.sha256("\n".join(["w", *digests]).encode()).hexdigest()[:32]
    assert lines[4:] == [""]


def test_records_rules_and_keys_are_those_of_the_checker() -> None:
    # two programs, one page: the names must not drift apart
    assert set(RECORDS) == set(RULES)
    for rule, record in RECORDS.items():
        names = tuple(field.name for field in dataclasses.fields(record))
        assert names == ("id", *RULES[rule].keys)
    types = {str(field.type) for record in RECORDS.values() for field in dataclasses.fields(record)}
    assert types == set(ENCODERS) == set(DECODERS)


def edited(record: Record, **edits: Any) -> Certificate:
    changed = dataclasses.replace(record, **edits)
    return dataclasses.replace(
        CERTIFICATE, records=tuple(changed if r is record else r for r in CERTIFICATE.records)
    )


@pytest.mark.parametrize(
    ("certificate", "message"),
    [
        (edited(WITNESS, point=(0.5,)), "record 'w', point[0]"),
        (edited(WITNESS, point=(True,)), "record 'w', point[0]"),
        (edited(WITNESS, point=("1/2",)), "record 'w', point[0]"),
        (edited(WITNESS, point=[Fraction(1)]), "record 'w', point"),
        (edited(WITNESS, system=None), "record 'w', system"),
        (edited(SYSTEM, n_variables=Fraction(1)), "record 's', n_variables"),
        (edited(SYSTEM, n_variables=True), "record 's', n_variables"),
        (edited(SYSTEM, rows=(1,)), "record 's', rows[0]"),
        (edited(WITNESS, id="a b"), "the id of a record"),
        (edited(WITNESS, id=""), "the id of a record"),
        (edited(WITNESS, id="-w"), "the id of a record"),
        (edited(WITNESS, id="é"), "the id of a record"),
        (edited(WITNESS, id="s"), "two records have the id 's'"),
        (dataclasses.replace(CERTIFICATE, claims=()), "claims must name at least one record"),
        (dataclasses.replace(CERTIFICATE, claims=("w", "w")), "and none twice"),
        (dataclasses.replace(CERTIFICATE, claims=("x",)), "claims names 'x', and no record has this id"),
        (dataclasses.replace(CERTIFICATE, title="\udc00"), "UTF-8"),
        (Certificate("x", CERTIFICATE.records, ("w",), {}, {"n": 3}), "stats['n']"),  # type: ignore[dict-item]
    ],
)
def test_wrong_fields_are_found_when_they_are_written(certificate: Certificate, message: str) -> None:
    with pytest.raises(InputError) as caught:
        certificate_text(certificate)
    assert message in str(caught.value)


def test_numbers_of_other_libraries_do_not_slip_in() -> None:
    class Number:
        numerator, denominator = 1, 2

    certificate = tiny("one")
    tree = certificate.records[2]
    broken = dataclasses.replace(tree, nodes=(("split", Number()),))  # type: ignore[call-arg]
    records = tuple(broken if record is tree else record for record in certificate.records)
    with pytest.raises(InputError, match="strings, integers and rationals only"):
        certificate_text(dataclasses.replace(certificate, records=records))


def test_integers_stand_for_rationals_and_come_back_equal() -> None:
    certificate = edited(WITNESS, point=(1,))
    assert '"point":["1"]' in certificate_text(certificate)
    assert parse_certificate(certificate_text(certificate)) == certificate


def test_numbers_of_any_length() -> None:
    certificate = edited(WITNESS, point=(Fraction(1, 7**6000),))
    text = certificate_text(certificate)
    assert check_text(text).accepted
    assert parse_certificate(text) == certificate


def test_files_plain_and_compressed(tmp_path: Path) -> None:
    plain = write_certificate(CERTIFICATE, tmp_path / "a.jsonl")
    packed = write_certificate(CERTIFICATE, str(tmp_path / "a.jsonl.gz"))
    assert plain.read_bytes() == certificate_text(CERTIFICATE).encode()
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    again = write_certificate(CERTIFICATE, tmp_path / "b.gz")
    assert again.read_bytes() == packed.read_bytes()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_certificate(CERTIFICATE, tmp_path / "none" / "a.jsonl")
    assert str(caught.value) == (
        "the certificate cannot be written\n"
        f"  where:    {tmp_path}/none/a.jsonl\n"
        "  got:      No such file or directory\n"
        "  do:       choose a file in an existing folder that you may write to"
    )


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_the_fingerprint_is_the_one_the_checker_prints(norm: str, bias: str) -> None:
    certificate = tiny("degenerate", norm=norm, bias=bias)
    problem = certificate.records[0]
    assert isinstance(problem, ProblemRecord)
    line = check_text(certificate_text(certificate)).line
    assert line.endswith(f"fingerprint {problem_fingerprint(problem)}")
    assert problem_fingerprint(problem) == problem_fingerprint(dataclasses.replace(problem, id="other"))
    assert problem_fingerprint(problem) != problem_fingerprint(
        dataclasses.replace(problem, beta=Fraction(1, 3))
    )
