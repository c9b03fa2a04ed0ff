"""The compiled checker of verification certificates says what the first checker says, word for word."""

from __future__ import annotations

import gzip
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, Record, certificate_text, network_record
from exactnet.certificate._fast_read import fingerprint
from exactnet.certificate._verification_exact import evaluate
from exactnet.certificate._verification_network import chain_of, facts_of_network, facts_of_record
from exactnet.certificate._wide_tables import TooWide
from exactnet.certificate.fast_verification import ACCEPTED, BEYOND, REJECTED, second_check
from exactnet.checker import check_text
from exactnet.model import Network, Property
from exactnet.model.property import Row
from tests.certificate.verification_trees import (
    damaged,
    property_record,
    random_certificate,
    random_network,
    random_point,
)
from tests.support.sealing import Line, opened, seal_records

SEEDS = st.integers(0, 2**32)


def same_verdict(text: str) -> str:
    """The status; where the second checker has an opinion it is that of the first one, in the same words."""
    second, first = second_check(text), check_text(text)
    if second.status == BEYOND:
        return BEYOND
    assert (second.status == ACCEPTED) == first.accepted, (first.line, second.line)
    assert not second.accepted or second.line == first.line
    assert "could not" not in second.line
    assert "could not" not in first.line
    return second.status


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_random_trees_and_their_mutations(seed: int) -> None:
    rng = Random(seed)
    try:
        certificate = random_certificate(rng)
    except TooWide:
        return
    assert same_verdict(certificate_text(certificate)) == ACCEPTED
    records = opened(certificate)
    for _ in range(8):
        same_verdict(seal_records(damaged(rng, records), ["c"]))


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_random_points(seed: int) -> None:
    same_verdict(certificate_text(random_point(Random(seed))))


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_lowered_networks_compute_the_same_function(seed: int) -> None:
    rng = Random(seed)
    network = random_network(rng)
    facts = facts_of_network(network)
    x = [Fraction(rng.randint(-9, 9), rng.choice([1, 2, 3])) for _ in range(network.n_inputs)]
    assert tuple(evaluate(facts.chain, x)) == network(x)


# -- one network by hand: y = |x| as relu(x) + relu(-x), on [-1, 1] --------------------------------------


def absolute(*rows: Row, semantics: str = "real", nodes: list[int] | None = None, **more: Any) -> list[Line]:
    """The records of a claim that y = |x| satisfies no row on [-1, 1]."""
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    prop = Property.from_box([-1], [1], [rows])
    claim: Line = {
        "rule": "no_counterexample",
        "id": "c",
        "network": "n",
        "property": "p",
        "semantics": semantics,
        "grid": 20,
        "trees": [{"cases": [0], "nodes": nodes or []}],
    }
    data = Certificate("x", (network_record_of(network), property_record(prop)), ("p",))
    return [*opened(data), {**claim, **more}]


def network_record_of(network: Network) -> Record:
    return network_record(network, name="n")


BELOW = Row.from_terms({}, {0: 1}, 0, strict=True)  # y < 0
AT_MOST = Row.from_terms({}, {0: 1}, 0)  # y <= 0
ABOVE = Row.from_terms({}, {0: -1}, -1, strict=True)  # y > 1
EDGE = Row.from_terms({}, {0: -1}, -1)  # y >= 1


def status(records: list[Line]) -> str:
    return same_verdict(seal_records(records, ["c"]))


def test_ties_depend_on_strictness() -> None:
    # relu >= 0 with slopes 0: the bound of y is exactly 0
    assert status(absolute(BELOW, nodes=[3, 2])) == ACCEPTED
    assert status(absolute(AT_MOST, nodes=[3, 2])) == REJECTED
    # y <= 1: both halves are needed, and are exact
    assert status(absolute(ABOVE, nodes=[0, 0, 3, 0, 3, 0])) == ACCEPTED
    assert status(absolute(EDGE, nodes=[0, 0, 3, 0, 3, 0])) == REJECTED
    assert status(absolute(ABOVE, nodes=[3, 0])) == ACCEPTED  # the upper lines meet at y = 1
    # the noise of float32 takes the tie away
    assert status(absolute(ABOVE, nodes=[0, 0, 3, 0, 3, 0], semantics="float32")) == REJECTED


LEAF = [3, -2, 1, 0]  # lambda = 1, no split
FORCED = [3, -2, 1, 1, 0, 1]  # and the first split with multiplier 1


def test_relu_splits_and_exact_proofs() -> None:
    # z_0 = x, z_1 = -x: where both are >= 0 or both <= 0, y = 0; else y = x or y = -x
    first, second = [1, 1, 0], [1, 1, 1]
    assert status(absolute(ABOVE, nodes=[*first, *second, *LEAF, *LEAF, *second, *LEAF, *LEAF])) == ACCEPTED
    assert (
        status(absolute(BELOW, nodes=[*first, *second, *LEAF, *FORCED, *second, *FORCED, *LEAF])) == ACCEPTED
    )
    assert status(absolute(BELOW, nodes=[*first, *second, *LEAF, *LEAF, *second, *FORCED, *LEAF])) == REJECTED
    halves = [0, 0, *LEAF, *LEAF]
    assert status(absolute(ABOVE, nodes=halves)) == ACCEPTED
    assert status(absolute(EDGE, nodes=halves)) == REJECTED
    assert status(absolute(ABOVE, nodes=halves, semantics="float32")) == REJECTED
    # a unit that is unstable is not exact, and a split that is not there has no multiplier
    assert status(absolute(ABOVE, nodes=LEAF)) == REJECTED
    assert status(absolute(ABOVE, nodes=[0, 0, *LEAF, *FORCED])) == REJECTED


def test_multipliers() -> None:
    half = Row.from_terms({}, {0: -1}, "-1/2")  # y >= 1/2
    few = Row.from_terms({0: 1}, {}, "1/4")  # x <= 1/4
    both = absolute(half, few, nodes=[0, 0, 6, 0, 0, 3, -1, 1, 2, 0, 0, 0, 6])
    # on [0, 1/2]: lambda = (1, 2) proves 1/2 - y + 2 x - 1/2 = x >= 0, which is not enough
    assert status(both) == REJECTED
    both[-1]["trees"][0]["nodes"][6:9] = [-1, 1, 1]  # 1/2 - y + x - 1/4 = 1/4 > 0
    assert status(both) == ACCEPTED
    for place, wrong in ((7, -1), (7, 2**16), (9, 3), (10, 1), (11, 1)):
        changed = absolute(half, few, nodes=[0, 0, 6, 0, 0, 3, -1, 1, 1, 0, 0, 0, 6])
        changed[-1]["trees"][0]["nodes"][place] = wrong
        assert status(changed) == REJECTED


def test_partial_trees_and_their_shares() -> None:
    verdict = second_check(seal_records(absolute(ABOVE, nodes=[0, 0, 6, 3, 0]), ["c"]))
    (conclusion,) = verdict.conclusions
    assert (verdict.status, verdict.is_complete, conclusion.open_shares) == (
        ACCEPTED,
        False,
        (Fraction(1, 2),),
    )
    # both sides of a relu split are open: all of the box, not twice of it
    assert status(absolute(ABOVE, nodes=[0, 0, 1, 1, 0, 6, 6, 3, 0])) == ACCEPTED
    verdict = second_check(seal_records(absolute(ABOVE, nodes=[0, 0, 1, 1, 0, 6, 6, 3, 0]), ["c"]))
    assert verdict.conclusions[0].open_shares == (Fraction(1, 2),)
    assert status(absolute(ABOVE, nodes=[6])) == ACCEPTED
    assert status(absolute(ABOVE, nodes=[], trees=[])) == ACCEPTED
    assert not second_check(seal_records(absolute(ABOVE, trees=[]), ["c"])).is_complete


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        [7],
        [-1],
        [0],
        [0, 1],
        [0, 0, 3, 0],
        [3],
        [3, 0, 3],
        [1, 0, 0],
        [1, 2, 0],
        [1, 3, 0],
        [1, 1, 2],
        [4, 1, 0],
        [5],
        [2],
        [3, 3],
        [3, -3],
        [3, -1],
        [3, -1, 1, 0, 1, 3, 0, 0],
        [3, -1, 1, 0, 1, 0, 257, 0],
        [3, -2, 1, 1, 0, 1],
    ],
)
def test_nodes_that_are_none(nodes: list[int]) -> None:
    assert status(absolute(ABOVE, nodes=nodes)) == REJECTED


@pytest.mark.parametrize(
    "change",
    [
        {"grid": 0},
        {"grid": 61},
        {"grid": "20"},
        {"semantics": "exact"},
        {"network": "p"},
        {"property": "n"},
        {"property": None},
        {"trees": None},
        {"trees": [[]]},
        {"trees": [{"cases": [0]}]},
        {"more": 1},
        {"trees": [{"cases": [], "nodes": [6]}]},
        {"trees": [{"cases": [1], "nodes": [6]}]},
        {"trees": [{"cases": [0], "nodes": [6]}] * 2},
        {"trees": [{"cases": [0], "nodes": ["6"]}]},
    ],
)
def test_claims_that_are_none(change: dict[str, Any]) -> None:
    assert status(absolute(ABOVE, nodes=[3, 0], **change)) == REJECTED


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("n_inputs", 0),
        ("n_outputs", 2),
        ("cases", None),
        ("cases", [[["0"], ["1"]]]),
        ("cases", [[["2/4"], ["1"], []]]),
        ("cases", [[["0"], ["1"], [[[], [[0, "0"]], "0", "<="]]]]),
        ("cases", [[["0"], ["1"], [[[[1, "1"]], [], "0", "<"]]]]),
        ("cases", [[["0"], ["1"], [[[], [[0, "1"], [0, "1"]], "0", "<"]]]]),
        ("cases", [[["0"], ["1"], [[[], [], "0", "="]]]]),
    ],
)
def test_properties_that_are_none(place: str, value: object) -> None:
    records = absolute(ABOVE, nodes=[3, 0])
    records[1][place] = value
    assert status(records) == REJECTED


def test_empty_boxes_and_properties_without_cases() -> None:
    records = absolute(ABOVE, nodes=[5])
    records[1]["cases"][0][:2] = ["1"], ["1/2"]
    assert status(records) == ACCEPTED
    assert "vacuously" in second_check(seal_records(records, ["c"])).line
    records[1]["cases"][0][:2] = ["1/2"], ["1/2"]
    assert status(records) == REJECTED
    # the exact box is empty, the one on the grid is not
    records[1]["cases"][0][:2] = ["1/3"], [str(Fraction(1, 3) - Fraction(1, 10**9))]
    assert status(records) == ACCEPTED
    records[1]["cases"] = []
    records[2]["trees"] = []
    assert status(records) == ACCEPTED


def test_points_of_the_absolute_value() -> None:
    def point(x: object, semantics: str, *rows: Row) -> str:
        records = absolute(*rows)
        records[2] = {"rule": "counterexample", "id": "c", "network": "n", "property": "p"}
        records[2] |= {"semantics": semantics, "point": [str(x)]}
        return status(records)

    assert point(1, "real", EDGE) == ACCEPTED
    assert point(1, "real", ABOVE) == REJECTED
    assert point(2, "real", ABOVE) == REJECTED  # outside
    assert point("1/3", "real", AT_MOST) == REJECTED
    assert point(0, "real", AT_MOST) == ACCEPTED
    assert point(1, "float32", EDGE) == REJECTED  # lost in the noise
    near = Row.from_terms({}, {0: -1}, "-0.9")
    assert point(1, "float32", near) == ACCEPTED
    assert point("9999/10000", "float32", near) == REJECTED  # no number of binary32
    assert point("0.5", "real", near) == REJECTED  # not written as p/q


# -- what is not decided here, and files ---------------------------------------------------------------


def test_what_does_not_fit_is_said_to_be_beyond() -> None:
    big = Network.from_arrays([([[2**70]], [0])])
    records = absolute(ABOVE, nodes=[6])
    records[0] = opened(
        Certificate("x", (network_record_of(big), property_record(Property(1, 1, ()))), ("p",))
    )[0]
    verdict = second_check(seal_records(records, ["c"]))
    assert (verdict.status, verdict.accepted, verdict.is_complete) == (BEYOND, False, False)
    assert check_text(seal_records(records, ["c"])).accepted
    other = [*absolute(ABOVE, nodes=[3, 0]), {"rule": "linear_system", "id": "s"}]
    assert second_check(seal_records(other, ["c"])).status == BEYOND


def test_weights_that_are_too_large_for_float32() -> None:
    for weight, expected in ((2**59, ACCEPTED), (2**60, REJECTED)):
        large = Network.from_arrays([([[weight]], [0])])
        records = absolute(ABOVE, nodes=[6], semantics="float32", grid=1)
        small = property_record(Property.from_box([0], [0], [[BELOW]]))
        records[:2] = opened(Certificate("x", (network_record_of(large), small), ("p",)))
        assert status(records) == expected


def test_lies_about_the_file() -> None:
    text = seal_records(absolute(ABOVE, nodes=[3, 0]), ["c"])
    assert second_check(gzip.compress(text.encode())).accepted
    assert second_check(text[:-2]).status == REJECTED
    assert second_check(text.replace('"c"', '"d"')).status == REJECTED
    assert second_check("").status == REJECTED
    assert same_verdict(seal_records(absolute(ABOVE, nodes=[3, 0]), ["n"])) == REJECTED  # no conclusion
    swapped = absolute(ABOVE, nodes=[3, 0])
    assert same_verdict(seal_records([swapped[0], swapped[2], swapped[1]], ["c"])) == REJECTED


def test_fingerprints_of_networks_agree() -> None:
    network = random_network(Random(5))
    record = opened(
        Certificate("x", (network_record_of(network), property_record(Property(1, 1, ()))), ("p",))
    )[0]
    assert facts_of_record({**record, "step": 1}).fingerprint == facts_of_network(network).fingerprint
    assert fingerprint([1, []]) != facts_of_network(network).fingerprint
    assert chain_of(2, ()).layers == ()
