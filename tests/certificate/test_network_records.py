"""Networks and region trees as records: text and back, arrays, fingerprints."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from exactnet.certificate import (
    Certificate,
    FacesRecord,
    LayerRecord,
    NetworkRecord,
    RegionCountRecord,
    RegionTreeRecord,
    arrangement_network_record,
    certificate_text,
    check_text,
    network_fingerprint,
    network_record,
    parse_certificate,
)
from exactnet.errors import InputError, ParseError
from exactnet.model import Network
from tests.geometry.general_nets import general_networks
from tests.support.sealing import seal_records

LAYER = LayerRecord(((Fraction(1), Fraction(1, 2)),), (Fraction(3),), "relu")
NETWORK = NetworkRecord("net", 2, (LAYER,))
TREE = RegionTreeRecord("cells", "net", ((1, 0, 1),), 1, (3, 0, 0, 1))
FACES = FacesRecord("faces", "cells", (0, 1, 1), 0)
COUNT = RegionCountRecord("patterns", "cells", "R1", 2)


def certificate(tree: RegionTreeRecord = TREE, network: NetworkRecord = NETWORK) -> Certificate:
    return Certificate("regions", (network, tree, FACES, COUNT), ("cells",))


@settings(max_examples=60, deadline=None)
@given(general_networks())
def test_round_trip(network: Network) -> None:
    found = certificate(network=network_record(network, name="net"))
    text = certificate_text(found)
    assert parse_certificate(text) == found
    assert certificate_text(parse_certificate(text)) == text


def test_arrays_and_tuples_are_the_same_text() -> None:
    as_array = dataclasses.replace(TREE, nodes=np.array(TREE.nodes, dtype=np.int64))
    assert as_array == TREE
    assert hash(as_array) == hash(TREE)
    assert dataclasses.replace(TREE, nodes=(3, 0, 0, 2)) != TREE
    assert dataclasses.replace(TREE, n_cells=2) != TREE
    assert TREE != FACES
    assert certificate_text(certificate(as_array)) == certificate_text(certificate())
    assert '"nodes":[3,0,0,1]' in certificate_text(certificate())


@pytest.mark.parametrize(
    ("tree", "network", "message"),
    [
        (dataclasses.replace(TREE, nodes=[3, 0]), NETWORK, "'cells', nodes"),
        (dataclasses.replace(TREE, nodes=(3, True)), NETWORK, "bool, int"),
        (dataclasses.replace(TREE, nodes=np.zeros(3)), NETWORK, "'cells', nodes"),
        (dataclasses.replace(TREE, nodes=np.zeros((2, 2), dtype=np.int64)), NETWORK, "'cells', nodes"),
        (dataclasses.replace(TREE, domain=((1, 0.5),)), NETWORK, "'cells', domain[0][1]"),
        (TREE, dataclasses.replace(NETWORK, layers=(1,)), "'net', layers[0]"),
        (
            TREE,
            dataclasses.replace(NETWORK, layers=(dataclasses.replace(LAYER, slope=0.5),)),
            "layers[0].slope",
        ),
        (
            TREE,
            dataclasses.replace(NETWORK, layers=(dataclasses.replace(LAYER, skips=(1,)),)),
            "layers[0].skips[0]",
        ),
    ],
)
def test_wrong_fields_are_found(tree: RegionTreeRecord, network: NetworkRecord, message: str) -> None:
    with pytest.raises(InputError) as caught:
        certificate_text(certificate(tree, network))
    assert message in str(caught.value)


def test_wrong_lines_are_not_parsed() -> None:
    line = {
        "rule": "region_tree",
        "id": "t",
        "network": "n",
        "domain": [],
        "n_cells": 1,
        "nodes": [3, "0", 1],
    }
    with pytest.raises(ParseError, match="nodes: a list of integers is needed"):
        parse_certificate(seal_records([line], ["t"]))
    network = {"rule": "network", "id": "n", "n_inputs": 1, "layers": [{"weight": [], "bias": []}]}
    with pytest.raises(ParseError, match="layers: a string is needed"):
        parse_certificate(seal_records([network], ["t"]))


def test_an_arrangement_is_one_layer() -> None:
    record = arrangement_network_record([(1, "1/2", 3)], 2, name="net")
    assert record == NETWORK
    assert arrangement_network_record([], 4).layers == ()


@settings(max_examples=20, deadline=None)
@given(general_networks())
def test_the_fingerprint_is_the_one_the_checker_prints(network: Network) -> None:
    from tests.checker.region_cases import proof_of

    proof = proof_of(network, faces=False)
    record = network_record(network)
    line = check_text(certificate_text(proof)).line
    assert line.endswith(f"fingerprint {network_fingerprint(record)}")
    assert network_fingerprint(record) == network_fingerprint(dataclasses.replace(record, id="other"))
    assert network_fingerprint(record) != network_fingerprint(dataclasses.replace(record, n_inputs=77))
