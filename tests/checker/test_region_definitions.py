"""The rule region_count: published counts, comparison with another implementation, mutation, limits."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, RegionCountRecord, certificate_text
from exactnet.checker import check_text, faces, region_count, regions
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.region_proof import COUNTED, region_certificate
from exactnet.geometry.region_tree import reference_tree
from exactnet.geometry.task import region_task
from exactnet.model import AffineLayer, Network
from tests.checker.region_cases import proof_of
from tests.checker.test_mutation import get, places, put
from tests.checker.test_region_mutation import judge
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, domains, networks
from tests.geometry.test_definitions import MEDIAN, SIX_VALUES, TABLE, TOUCHING, TRAPEZOID, random_layers
from tests.support.sealing import Line, opened, rejects, seal_records


def claim(network: Network, counts: dict[str, int], domain: Polyhedron | None = None) -> Certificate:
    """A certificate with these counts, right or wrong."""
    task = region_task(network, domain)
    return region_certificate(network, task, reference_tree(task), counts=counts)


def accepted(network: Network, counts: dict[str, int], domain: Polyhedron | None = None) -> bool:
    """Accepted as it is, and rejected at the first count when one is changed."""
    right = check_text(certificate_text(claim(network, counts, domain)))
    for name in counts:
        for step in (1, -1):
            wrong = check_text(certificate_text(claim(network, counts | {name: counts[name] + step}, domain)))
            assert wrong.rule == "region_count", wrong.line
    assert right.accepted, right.line
    return True


# -- published values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "numbers"),
    [
        (SIX_VALUES, {"R1": 7, "R4": 3, "R5": 3, "R6": 3}),
        (TOUCHING, {"R1": 11, "R4": 6, "R5": 5, "R6": 5}),  # two quadrants that touch in a point
        (TRAPEZOID, {"R1": 4, "R4": 4, "R5": 4, "R6": 3}),
        (MEDIAN, {"R4": 6, "R5": 3, "R6": 3}),
    ],
)
def test_anchors(layers: Any, numbers: dict[str, int]) -> None:
    assert accepted(Network.from_arrays(layers), numbers)


@pytest.mark.parametrize(("widths", "seed"), [(w, s) for w in TABLE for s in range(5)])
def test_table_of_random_networks(widths: tuple[int, ...], seed: int) -> None:
    r1, _, r4, r5, r6 = TABLE[widths][seed]
    network = Network.from_arrays(random_layers(widths, seed))
    proof = claim(network, {"R1": r1, "R4": r4, "R5": r5, "R6": r6})
    assert check_text(certificate_text(proof)).accepted


def test_the_words_of_the_conclusions() -> None:
    network, box = Network.from_arrays(TRAPEZOID), Polyhedron.box([1], [3])
    line = check_text(certificate_text(claim(network, {"R1": 3, "R4": 2, "R5": 2, "R6": 2}, box))).line
    for text in (
        "network has exactly 3 activation patterns of points in the domain of cells (R1)",
        "2 maximal open connected sets on which it is affine in the domain of cells (R4)",
        "2 maximal closed connected sets with interior on which it is affine in the domain of cells (R5)",
        "2 affine functions that it equals on open sets in the domain of cells (R6)",
    ):
        assert text in line


# -- another implementation ----------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(
    st.one_of(general_networks(), general_networks(n_inputs=3), networks(activations=ACTIVATIONS)), st.data()
)
def test_counts_of_degenerate_networks_and_domains(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    proof = proof_of(network, domain, faces=False, counts=True)
    found = {record.definition for record in proof.records if isinstance(record, RegionCountRecord)}
    # nothing is counted in a flat domain, and patterns not at all
    flat = domain is not None and domain.affine_dimension in range(network.n_inputs)
    assert found == set(COUNTED) - ({"R1"} if flat else set())
    assert check_text(certificate_text(proof)).accepted


def test_lines_and_no_layers() -> None:
    # a strip and two half-planes in the plane, the outer ones with the same function
    strip = Network.from_arrays([([[1, 1], [1, 1]], [0, -1]), ([[1, -1], [0, 0]], [0, 0]), ([[1, 1]], [0])])
    assert accepted(strip, {"R1": 3, "R4": 3, "R5": 3, "R6": 3})
    hill = Network.from_arrays([([[1, 1]] * 3, [0, -1, -2]), ([[1, -2, 1]], [0])])
    assert accepted(hill, {"R1": 4, "R4": 4, "R5": 4, "R6": 3})
    identity = [{"id": "n", "rule": "network", "n_inputs": 2, "layers": []}]
    tree = {"rule": "region_tree", "id": "cells", "network": "n", "domain": [], "n_cells": 1}
    for definition in COUNTED:
        count = {"rule": "region_count", "id": "c", "cells": "cells", "definition": definition}
        records = [*identity, {**tree, "nodes": [3, 0, 0, 1]}, {**count, "n_regions": 1}]
        assert check_text(seal_records(records, ["c"])).accepted


def test_domains_without_interior() -> None:
    network = Network.from_arrays(TRAPEZOID)
    none = {"R4": 0, "R5": 0, "R6": 0}
    empty = Polyhedron(((1, -1), (-1, 0)), 1)
    assert check_text(certificate_text(claim(network, none | {"R1": 0}, empty))).accepted
    flat = claim(network, none | {"R1": 0}, Polyhedron.box([1], [1]))
    assert "R1" not in [r.definition for r in flat.records if isinstance(r, RegionCountRecord)]
    assert check_text(certificate_text(flat)).accepted
    assert rejects(flat, "count-R4", lambda line: line.update(definition="R1"), "does not show to be empty")


# -- mutation ------------------------------------------------------------------------------------------

_MAXOUT = AffineLayer.from_arrays(
    [[1, 0], [0, 1], [-1, -1], [1, 1], [0, 0], [1, -1]], [0, 0, 1, 1, 0, 0], activation="maxout", pieces=3
)
PROOFS = [
    proof_of(Network.from_arrays(TOUCHING), faces=False, counts=True),
    proof_of(Network.from_arrays(TRAPEZOID), Polyhedron.box([-1], [2]), faces=False, counts=True),
    proof_of(Network((_MAXOUT, AffineLayer.from_arrays([[1, -1]], [0]))), faces=False, counts=True),
    proof_of(
        Network.from_arrays([([[2, 1]], [1]), ([[1], [0]], [0, 0])], activation="hardtanh"),
        faces=False,
        counts=True,
    ),
]


@pytest.mark.parametrize("proof", PROOFS)
def test_every_field_moved(proof: Certificate) -> None:
    originals = opened(proof)
    assert judge(originals, list(proof.claims))
    for i, record in enumerate(originals):
        if record["rule"] != "region_count":
            continue
        for definition in ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "", None, 1):
            for n in {record["n_regions"] + step for step in range(-3, 4)} | {None, True, "3"}:
                records = copy.deepcopy(originals)
                records[i].update(definition=definition, n_regions=n)
                verdict = judge(records, list(proof.claims))
                assert not verdict or definition in COUNTED
        for name in ("network", "count-R6", "none", 0):
            records = copy.deepcopy(originals)
            records[i]["cells"] = name
            assert not judge(records, list(proof.claims))


@pytest.mark.parametrize("proof", PROOFS)
def test_every_weight_moved(proof: Certificate) -> None:
    originals = opened(proof)
    for path in places(originals[0]):
        value = get(originals[0], path)
        if path[0] == "layers" and value in ("-2", "-1", "0", "1", "2"):
            for other in ("0", "1", "-1", "1/2"):
                records: list[Line] = copy.deepcopy(originals)
                put(records[0], path, other)
                judge(records, list(proof.claims))


@settings(max_examples=60, deadline=None)
@given(general_networks(), general_networks())
def test_counts_of_another_network(first: Network, second: Network) -> None:
    proofs = [opened(proof_of(net, faces=False, counts=True)) for net in (first, second)]
    claims = [f"count-{name}" for name in COUNTED]
    judge([*proofs[0][:2], *proofs[1][-4:]], claims)
    judge([proofs[1][0], proofs[0][1], *proofs[0][-4:]], claims)


# -- limits and samples --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "limit", "value", "definition", "match"),
    [
        (region_count, "_MOST_BITS", 1, "R1", "patterns of more than 1 bits"),
        (region_count, "_MOST_BITS", 1, "R6", "affine functions of more than 1 bits"),
        (region_count, "_MOST_POINTS", 1, "R4", "more than 1 facets"),
        (faces, "_MOST_FACES", 2, "R4", "more than 2 vertices and rays"),
        (faces, "_MOST_FACES", 2, "R1", "more than 2"),
        (faces, "_MOST_DIMENSIONS", 1, "R5", "in more than 1 dimensions"),
        (faces, "_MOST_LOOKS", 1, "R1", "more than 1 looks"),
        (faces, "_MOST_LOOKS", 1, "R4", "more than 1 looks"),
    ],
)
def test_limits(
    monkeypatch: pytest.MonkeyPatch, module: Any, limit: str, value: int, definition: str, match: str
) -> None:
    numbers = {"R1": 11, "R4": 6, "R5": 5, "R6": 5}
    text = certificate_text(claim(Network.from_arrays(TOUCHING), {definition: numbers[definition]}))
    assert check_text(text).accepted
    monkeypatch.setattr(module, limit, value)
    verdict = check_text(text)
    assert (verdict.rule, match in verdict.reason) == ("region_count", True), verdict.line


def test_the_outputs_of_a_network_without_layers() -> None:
    # the identity of R^d as an affine map has d (d + 1) numbers, from a file with d of them
    for d, accepted in ((3, True), (4000, False)):
        network = {"rule": "network", "id": "network", "n_inputs": d, "layers": []}
        tree = {"rule": "region_tree", "id": "cells", "network": "network", "domain": [], "n_cells": 1}
        count = {"rule": "region_count", "id": "count", "cells": "cells", "definition": "R6", "n_regions": 1}
        text = seal_records([network, {**tree, "nodes": [3, *[0] * d, 1]}, count], ["count"])
        assert check_text(text).accepted == accepted


def test_the_limit_on_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    # a small tree, and many outputs
    network = Network.from_arrays([([[1]], [0]), ([[1]] * 50, [0] * 50)])
    text = certificate_text(claim(network, {"R6": 2}))
    assert check_text(text).accepted
    monkeypatch.setattr(regions, "_MOST_WORK", 100)
    verdict = check_text(text)
    assert verdict.rule == "region_count", verdict.line
    assert "more than 100 multiplications" in verdict.reason


def test_the_limit_on_vertices(monkeypatch: pytest.MonkeyPatch) -> None:
    # teeth: zero on two half-lines and at points between them
    teeth = [([[2], [2]], [0, -1]), *[([[2, -4], [2, -4]], [0, -1])] * 3, ([[1, -2]], [0])]
    text = certificate_text(claim(Network.from_arrays(teeth), {"R5": 18}))
    reasons = []
    for limit in range(9):
        monkeypatch.setattr(region_count, "_MOST_POINTS", limit)
        reasons.append(check_text(text).reason)
    assert reasons[0] == "more than 0 facets"
    assert "more than 7 vertices of sets where two functions agree" in reasons


def test_a_sample_counts_nothing() -> None:
    proof = claim(Network.from_arrays(TOUCHING), {"R4": 100})
    assert not check_text(certificate_text(proof)).accepted
    line = check_text(certificate_text(proof), sample=2).line
    assert "not at count-R4; no fault found, nothing proved" in line
