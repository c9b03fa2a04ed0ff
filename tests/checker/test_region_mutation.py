"""The mutation law for region trees: a resealed change is rejected, or all that it claims is still true."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, certificate_text, parse_certificate
from exactnet.checker import check_text
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import AffineLayer, Network
from tests.checker.region_cases import arrangement_proof, false_region_claims, proof_of
from tests.checker.test_mutation import changed_list, get, places, put
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import domains
from tests.support.sealing import Line, opened, seal_records


def _maxout() -> Network:
    first = AffineLayer.from_arrays(
        [[1, 0], [0, 1], [-1, -1], [1, 1], [0, 0], [1, -1]], [0, 0, 1, 1, 0, 0], activation="maxout", pieces=3
    )
    last = AffineLayer.from_arrays([[1, -1]], [0], activation="abs", skips={0: [[1, 0]]})
    return Network((first, last))


CERTIFICATES: list[Certificate] = [
    proof_of(Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])),
    proof_of(
        Network.from_arrays([([[1, 1], [1, -1]], [0, 0]), ([[1, 1], [1, -1]], [-1, 0]), ([[1, 1]], [0])]),
        Polyhedron.box([-1, -1], [2, 1]),
    ),
    proof_of(_maxout()),
    proof_of(Network.from_arrays([([[2, 1]], [1]), ([[1], [0]], [0, 0])], activation="hardtanh")),
    arrangement_proof([(1, 0, 0), (0, 1, 0), (1, 1, -1), (2, 2, -2), (0, 0, 0), (0, 0, 1)], 2),
    arrangement_proof([(1, 1, 0), (1, 1, -1)], 2),  # with a line in every cell
    arrangement_proof([(1, 0, 0)], 2, Polyhedron(((1, 0, -1), (-1, 0, 0)), 2)),  # an empty domain
    arrangement_proof([], 1),
]


def judge(records: list[Line], claims: list[str]) -> bool:
    """Whether the resealed certificate is accepted; then another program confirms all that it claims."""
    text = seal_records(records, claims)
    found = check_text(text)
    assert "could not follow" not in found.reason, found.line
    if found.accepted:
        assert false_region_claims(parse_certificate(text)) == [], found.line
    return found.accepted


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_every_integer_moved(certificate: Certificate) -> None:
    originals = opened(certificate)
    assert judge(originals, list(certificate.claims))
    verdicts = []
    for i, record in enumerate(originals):
        for path in places(record):
            value = get(record, path)
            if type(value) is not int or path[0] == "step":
                continue
            for other in dict.fromkeys((value + 1, value - 1, -value, 0, 2 * value)):
                if other != value:
                    records = copy.deepcopy(originals)
                    put(records[i], path, other)
                    verdicts.append(judge(records, list(certificate.claims)))
    # some steps have other valid forms (another witness, another basis), most have not
    assert verdicts.count(False) > 0.5 * len(verdicts)


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_every_weight_moved(certificate: Certificate) -> None:
    originals = opened(certificate)
    for path in places(originals[0]):
        value = get(originals[0], path)
        if isinstance(value, str) and path[0] == "layers" and value.lstrip("-").replace("/", "").isdigit():
            for step in (Fraction(1, 3), Fraction(-1), Fraction(1, 10**9)):
                records = copy.deepcopy(originals)
                put(records[0], path, str(Fraction(value) + step))
                judge(records, list(certificate.claims))


def test_words_moved() -> None:
    for certificate in CERTIFICATES:
        originals = opened(certificate)
        for k in range(len(originals[0]["layers"])):
            for word in ("relu", "abs", "leaky_relu", "hardtanh", "maxout", "identity", "none"):
                records = copy.deepcopy(originals)
                records[0]["layers"][k]["activation"] = word
                judge(records, list(certificate.claims))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.integers(1, 3), st.data())
def test_no_false_claim_after_changes_of_the_nodes(
    certificate: Certificate, n_changes: int, data: st.DataObject
) -> None:
    records = copy.deepcopy(opened(certificate))
    nodes: list[Any] = records[1]["nodes"]
    for _ in range(n_changes):
        nodes = changed_list(nodes, data)
    records[1]["nodes"] = nodes
    if data.draw(st.booleans()):
        records[1]["n_cells"] = max(0, records[1]["n_cells"] + data.draw(st.integers(-2, 2)))
    judge(records, list(certificate.claims))


@settings(max_examples=100, deadline=None)
@given(general_networks(), general_networks(), st.data())
def test_a_tree_of_another_network_or_domain(first: Network, second: Network, data: st.DataObject) -> None:
    proofs = [
        opened(proof_of(net, data.draw(domains(net.n_inputs)), faces=net.n_inputs == first.n_inputs))
        for net in (first, second)
    ]
    swapped = copy.deepcopy(proofs[0])
    key = data.draw(st.sampled_from(["network", "domain", "nodes", "n_cells"]))
    if key == "network":
        swapped[0] = proofs[1][0]
    else:
        swapped[1][key] = proofs[1][1][key]
    judge(swapped, ["cells"])


def test_the_oracle_itself_finds_lies() -> None:
    for certificate in CERTIFICATES[:5]:
        records = opened(certificate)
        records[1]["n_cells"] += 1
        records[-1]["n_bounded"] += 1
        text = seal_records(records, ["cells"])
        assert {"cells", "faces"} <= set(false_region_claims(parse_certificate(text)))
    assert all(false_region_claims(certificate) == [] for certificate in CERTIFICATES)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([certificate_text(c) for c in CERTIFICATES]), st.data())
def test_any_other_character_is_noticed(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from('0123456789-/,:[]{}" \ntrue').filter(lambda c: c != text[position]))
    assert not check_text(text[:position] + character + text[position + 1 :]).accepted
