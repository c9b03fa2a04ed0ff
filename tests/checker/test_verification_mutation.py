"""The mutation law for verification: a resealed change is rejected, or all that it claims is still true."""

from __future__ import annotations

import copy
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NetworkRecord,
    NoCounterexampleRecord,
    PropertyRecord,
    parse_certificate,
)
from exactnet.checker import check_text
from tests.checker.test_mutation import changed, changed_list, get, places, put
from tests.checker.verification_cases import (
    ABSOLUTE,
    case,
    chain,
    layer,
    point_certificate,
    prop,
    prove,
    random_chain,
    random_property,
    row,
)
from tests.support.sealing import Line, opened, seal_records
from tests.support.verification_oracle import satisfiable

DEEP = chain(
    layer([[1, 1], [1, -1]], [0, "1/2"]), layer([[1, -1], [-1, 1]], [0, 0]), layer([[1, 1]], [0], "identity")
)
TWO = prop(1, case([-1, -1], [1, 1], row({0: -1}, -4)), case([-1, -1], [1, 1], row({0: 1}, "-1/8")))
TIE = prop(1, case([-1], [1], row({0: -1}, -1, "<")), case([-1], [1], row({0: 1}, 0, "<")))
CROSSED = prop(1, case([-1], [1], row({0: 2}, "-1/10", "<=", {0: 1})))
CERTIFICATES: list[Certificate] = [
    prove(ABSOLUTE, TIE),
    prove(ABSOLUTE, CROSSED, random=Random(3)),
    prove(DEEP, TWO, random=Random(4)),
    prove(DEEP, TWO, semantics="float32", random=Random(5)),
    prove(ABSOLUTE, prop(1, case([-1], [1], row({0: -1}, "-3/4"))), depth=3),
    point_certificate(ABSOLUTE, prop(1, case([-1], [1], row({0: -1}, -1))), [-1]),
    point_certificate(
        DEEP, prop(1, case([-1, -1], [1, 1], row({0: -1}, "-1/4"))), [1, "1/2"], semantics="float32"
    ),
]


@cache
def is_satisfiable(network: NetworkRecord, unsafe: PropertyRecord) -> bool:
    return satisfiable(network, unsafe)


def false_claims(certificate: Certificate, line: str) -> list[str]:
    """The claims that the oracle denies."""
    records = {record.id: record for record in certificate.records}
    denied = []
    for name in certificate.claims:
        claim = records[name]
        assert isinstance(claim, NoCounterexampleRecord | CounterexampleRecord)
        network, unsafe = records[claim.network], records[claim.property]
        assert isinstance(network, NetworkRecord)
        assert isinstance(unsafe, PropertyRecord)
        if isinstance(claim, CounterexampleRecord):
            wrong = not is_satisfiable(network, unsafe)
        else:
            wrong = f"{name} is partial" not in line and is_satisfiable(network, unsafe)
        denied += [name] if wrong else []
    return denied


def judge(records: list[Line], claims: list[str]) -> bool:
    """Whether the resealed certificate is accepted; then the oracle confirms all that it claims."""
    text = seal_records(records, claims)
    found = check_text(text)
    assert "could not follow" not in found.reason, found.line
    if found.accepted:
        assert false_claims(parse_certificate(text), found.line) == [], found.line
    return found.accepted


@pytest.mark.parametrize("number", range(len(CERTIFICATES)))
def test_every_integer_moved(number: int) -> None:
    certificate = CERTIFICATES[number]
    originals = opened(certificate)
    assert judge(originals, list(certificate.claims))
    for i, record in enumerate(originals):
        for path in places(record):
            value = get(record, path)
            if type(value) is not int or path[0] == "step":
                continue
            for other in dict.fromkeys((value + 1, value - 1, -value, 0, 3 * value)):
                if other != value:
                    records = copy.deepcopy(originals)
                    put(records[i], path, other)
                    judge(records, list(certificate.claims))


@pytest.mark.parametrize("number", range(len(CERTIFICATES)))
def test_every_number_of_network_and_property_moved(number: int) -> None:
    # weights, biases, bounds, rows, points: a tree of 30 binary digits must not prove a false neighbour
    certificate = CERTIFICATES[number]
    originals = opened(certificate)
    verdicts = []
    for i, record in enumerate(originals):
        for path in places(record):
            value = get(record, path)
            if not isinstance(value, str) or not value.lstrip("-").replace("/", "").isdigit():
                continue
            for other in ("0", "1", "-1", "1/2", "1/3", "-2"):
                if other != value and path[-1] not in ("slope",):
                    records = copy.deepcopy(originals)
                    put(records[i], path, other)
                    verdicts.append(judge(records, list(certificate.claims)))
    assert verdicts.count(False) > 5


@pytest.mark.parametrize("number", range(len(CERTIFICATES)))
def test_every_node_dropped_and_doubled(number: int) -> None:
    certificate = CERTIFICATES[number]
    originals = opened(certificate)
    for tree in range(len(originals[-1].get("trees", []))):
        nodes = originals[-1]["trees"][tree]["nodes"]
        for k in range(len(nodes)):
            for other in (nodes[:k] + nodes[k + 1 :], nodes[:k], nodes[: k + 1] + nodes[k:]):
                records = copy.deepcopy(originals)
                records[-1]["trees"][tree]["nodes"] = other
                # every integer of these lists has its place: with one more or less they do not end well
                judge(records, list(certificate.claims))


def test_a_swapped_network_is_noticed() -> None:
    certificate = prove(ABSOLUTE, CROSSED, random=Random(3))
    other = chain(layer([[1], [-1]], [0, "-1/4"]), layer([[1, 1]], [0], "identity"))
    records = opened(certificate)
    assert judge(records, ["c"])
    records[0] = opened(prove(other, CROSSED, depth=0))[0]
    assert not judge(records, ["c"])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.data())
def test_anything_changed(certificate: Certificate, data: st.DataObject) -> None:
    records = copy.deepcopy(opened(certificate))
    for _ in range(data.draw(st.integers(1, 3))):
        record = data.draw(st.sampled_from(records))
        paths = [path for path in places(record) if path[0] not in ("step", "rule", "id")]
        path = data.draw(st.sampled_from(paths))
        value = get(record, path)
        ids = [str(r["id"]) for r in records]
        other: Any = changed_list(value, data) if isinstance(value, list) else changed(value, data, ids)
        put(record, path, other)
    judge(records, list(certificate.claims))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_random_trees(seed: int) -> None:
    # integers that mostly look like codes, over random networks: what is accepted is true
    random = Random(seed)
    network = random_chain(random, binary=True)
    unsafe = random_property(random, network, n_cases=1)
    certificate = prove(network, unsafe, depth=random.randint(0, 3), random=random)
    records = opened(certificate)
    nodes = records[-1]["trees"][0]["nodes"]
    for _ in range(random.randint(1, 3)):
        kind, k = random.randrange(3), random.randrange(len(nodes) + 1)
        piece = random.choice(
            [[0, 0], [1, 1, 0], [2], [3, 0], [3, 1], [5], [3, -1, 1, 1, 0, 0], [3, -2, 1, 0]]
        )
        if kind == 0:
            nodes[k:k] = piece
        elif kind == 1:
            nodes[k : k + len(piece)] = piece
        else:
            nodes[:] = [5 if x == 6 else x for x in nodes]
    judge(records, ["c"])
