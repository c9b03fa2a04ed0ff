"""The mutation law: a changed file is rejected; a resealed one is rejected, or its claims are still true."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, certificate_text, parse_certificate
from exactnet.checker import check_text
from tests.checker.test_linear import EXAMPLES
from tests.support.oracles import false_claims
from tests.support.sealing import HEADER, Line, opened, seal_records
from tests.support.tiny import tiny

CERTIFICATES: list[Certificate] = [
    tiny("one"),
    tiny("nothing"),
    tiny("plain"),
    tiny("plain", norm="l1", mirror=False),
    tiny("plain", norm="l1", by="rays"),
    tiny("degenerate", mirror=False),
    tiny("rank one", norm="l1"),
    tiny("line", norm="l1", bias="free", by="rays"),
    tiny("line", bias="free"),
    tiny("line", bias="penalised"),
    tiny("plain", norm="linf", by="rays", kappa="-1"),
    tiny("plain", by="sweep"),
    tiny("degenerate", bias="free", by="sweep"),
    tiny("line", bias="penalised", by="sweep", kappa="-1"),
    tiny("plain", norm="linf", bias="free", kappa="1/3", loss="l1"),
    tiny("plain", loss="hinge"),
    tiny("line", bias="penalised", loss="logistic", kappa="-1"),
    EXAMPLES,
]
TEXTS = [certificate_text(certificate) for certificate in CERTIFICATES]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_any_other_character_is_noticed(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text) - 1))
    near = st.sampled_from('0123456789-/,:[]{}" \n\ttrue.eEabcdf')
    character = data.draw((near | st.characters()).filter(lambda c: c != text[position]))
    found = check_text(text[:position] + character + text[position + 1 :])
    assert not found.accepted
    assert found.step is not None
    assert found.line.startswith(f"REJECTED step {found.step} (")
    assert "could not follow" not in found.reason


def test_every_single_character_counts() -> None:
    # all positions of the smallest certificate; a digit becomes the next digit, anything else a zero
    text = TEXTS[0]
    steps = set()
    for position, character in enumerate(text):
        other = str((int(character) + 1) % 10) if character.isdigit() else "0"
        found = check_text(text[:position] + other + text[position + 1 :])
        assert not found.accepted
        steps.add(found.step)
    assert steps == set(range(text.count("\n")))


# --------------------------------------------------------------------------------- resealed by an adversary


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values inside a record."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, entry in value.items():
            found += places(entry, (*path, key))
    if isinstance(value, list):
        for i, entry in enumerate(value):
            found += places(entry, (*path, i))
    return found


def changed(value: Any, data: st.DataObject, ids: list[str]) -> Any:
    """Another value that looks like it belongs here."""
    if isinstance(value, list):
        return changed_list(value, data)
    if isinstance(value, dict):
        key = data.draw(st.sampled_from(sorted(value)))
        return {k: v for k, v in value.items() if k != key}
    if isinstance(value, int):
        return data.draw(
            st.sampled_from([value + 1, value - 1, -value, 0, 1, 2 * value, bool(value), str(value), None])
        )
    if value is None:
        return data.draw(st.sampled_from(["cells", [], 0, [0, "1"]]))
    if value in ids:
        return data.draw(st.sampled_from([*ids, "none"]))
    words = [
        "l1",
        "l2",
        "linf",
        "squared",
        "hinge",
        "logistic",
        "none",
        "penalised",
        "free",
        "leaves",
        "rays",
        "sweep",
        "<",
        "<=",
        "=",
        "split",
        "farkas",
        "cell",
        "mirror",
    ]
    if value in words:
        return data.draw(st.sampled_from(words))
    try:
        q = Fraction(value)
    except (ValueError, ZeroDivisionError):
        return data.draw(st.sampled_from(["", "x", 0]))
    tiny_step = Fraction(1, 10**9)
    options = [
        q + 1,
        q - 1,
        -q,
        2 * q,
        q / 2,
        q + tiny_step,
        q - tiny_step,
        Fraction(0),
        1 / q if q else q + 1,
    ]
    return str(data.draw(st.sampled_from(options)))


def changed_list(value: list[Any], data: st.DataObject) -> list[Any]:
    how = data.draw(st.sampled_from(["drop", "repeat", "swap", "append", "empty", "reverse"]))
    if not value or how == "empty":
        return [] if value else [0]
    i, j = (data.draw(st.integers(0, len(value) - 1)) for _ in range(2))
    other = list(value)
    if how == "drop":
        del other[i]
    elif how == "repeat":
        other.insert(j, other[i])
    elif how == "swap":
        other[i], other[j] = other[j], other[i]
    elif how == "append":
        other.append(data.draw(st.sampled_from([0, "0", None, other[i]])))
    else:
        other.reverse()
    return other


def put(record: Line, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value


def get(record: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        record = record[key]
    return record


def judge(records: list[Line], claims: list[str]) -> str:
    """Check a resealed certificate; if it is accepted, have another program confirm all that it claims."""
    text = seal_records(records, claims, HEADER)
    found = check_text(text)
    assert "could not follow" not in found.reason, found.line
    if not found.accepted:
        assert found.step is not None
        return "rejected"
    assert false_claims(parse_certificate(text)) == [], found.line
    return "accepted"


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.integers(1, 3), st.data())
def test_no_false_claim_after_any_change(
    certificate: Certificate, n_changes: int, data: st.DataObject
) -> None:
    records = copy.deepcopy(opened(certificate))
    ids = [record["id"] for record in records]
    for _ in range(n_changes):
        record = data.draw(st.sampled_from(records))
        paths = [path for path in places(record) if path[0] not in ("step", "rule")]
        if paths:
            path = data.draw(st.sampled_from(paths))
            put(record, path, changed(get(record, path), data, ids))
    judge(records, list(certificate.claims))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.data())
def test_records_dropped_moved_or_renamed(certificate: Certificate, data: st.DataObject) -> None:
    records = changed_list(copy.deepcopy(opened(certificate)), data)
    judge([record for record in records if isinstance(record, dict)], list(certificate.claims))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.sampled_from(CERTIFICATES), st.data())
def test_records_taken_from_another_certificate(
    first: Certificate, second: Certificate, data: st.DataObject
) -> None:
    records = copy.deepcopy(opened(first))
    others = {record["id"]: record for record in opened(second)}
    for i, record in enumerate(records):
        if record["id"] in others and data.draw(st.booleans()):
            records[i] = copy.deepcopy(others[record["id"]])
    judge(records, list(first.claims))


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_every_number_moved_by_one_in_both_directions(certificate: Certificate) -> None:
    # the smallest possible lies, all of them for a small certificate and a sample of a large one
    originals = opened(certificate)
    paths = [
        (i, path)
        for i, record in enumerate(originals)
        for path in places(record)
        if path[0] not in ("step", "rule", "id")
    ]
    verdicts = []
    for i, path in paths[:: max(1, len(paths) // 60)]:
        value = get(originals[i], path)
        moved: list[Any] = []
        if isinstance(value, int):
            moved = [value + 1, value - 1, -value]
        elif isinstance(value, str) and value.lstrip("-").replace("/", "").isdigit():
            moved = [str(Fraction(value) + d) for d in (1, -1)]
        for other in moved:
            records = copy.deepcopy(originals)
            put(records[i], path, other)
            verdicts.append(judge(records, list(certificate.claims)))
    assert "rejected" in verdicts


def test_the_oracle_itself_finds_lies() -> None:
    # a law whose judge accepts everything would prove nothing
    for name, key, lie in (
        ("cells", "n_cells", 6),
        ("dual", "value", Fraction(100)),
        ("dual", "v", (Fraction(50),) * 4),
        ("primal", "value", Fraction(0)),
        ("network", "objective", Fraction(1, 7)),
        ("optimum", "lower", Fraction(100)),
        ("gap", "upper", Fraction(0)),
    ):
        certificate = tiny("plain")
        records = [
            type(record)(**{**vars(record), key: lie}) if record.id == name else record
            for record in certificate.records
        ]
        lying = Certificate("a lie", tuple(records), certificate.claims)
        assert name in false_claims(lying)
        assert not check_text(certificate_text(lying)).accepted


def test_floats_and_booleans_are_never_numbers() -> None:
    for certificate in CERTIFICATES:
        originals = opened(certificate)
        for i, record in enumerate(originals):
            for path in places(record):
                if type(get(record, path)) is int and path != ("step",):
                    for other in (float(get(record, path)), get(record, path) == 1):
                        records = copy.deepcopy(originals)
                        put(records[i], path, other)
                        assert not check_text(seal_records(records, list(certificate.claims))).accepted
