"""The second checker says what the first one says, on valid certificates and on those with a lie."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exactnet.certificate
from exactnet.certificate import _fast_forms, _fast_walk
from exactnet.certificate._fast_count import central_cells
from exactnet.certificate._fast_exact import is_combination
from exactnet.certificate.fast_check import fast_check
from exactnet.checker import check_text
from exactnet.geometry.patterns import winner_pattern
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import partial_tree
from exactnet.geometry.task import region_task
from exactnet.model import Activation, AffineLayer, Network
from tests.checker.region_cases import arrangement_proof, proof_of
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import domains, forms_in, networks
from tests.support.region_stream import solve
from tests.support.sealing import Line, opened, seal_records

# factors of single units: exact in 64 bits, not exact in floats, far outside them
FACTORS = (Fraction(1), Fraction(1, 3), Fraction(10**20, 7), Fraction(10**300), Fraction(1, 10**300))


def records_of(network: Network, domain: Polyhedron | None = None) -> list[Line]:
    """The network and its tree."""
    found = opened(proof_of(network, domain, faces=False))
    return [record for record in found if record["rule"] in ("network", "region_tree")]


def with_nodes(records: Sequence[Line], nodes: Sequence[Any], **more: Any) -> str:
    tree = {**records[1], "nodes": list(nodes), **more}
    return seal_records([records[0], tree], [tree["id"]])


def same_verdict(text: str) -> bool:
    """Whether both accept; the lines agree then, too."""
    first, second = check_text(text), fast_check(text)
    assert second.accepted == first.accepted, (first.line, second.line)
    assert not second.accepted or second.line == first.line
    assert not second.handed_on
    assert "could not follow" not in second.reason
    return second.accepted


def scaled(network: Network, random: Random) -> Network:
    """The units of every layer multiplied by positive numbers, without skips."""
    layers = []
    for layer in network.layers:
        factors = [random.choice(FACTORS) for _ in range(layer.n_outputs) for _ in range(layer.pieces)]
        if layer.activation is Activation.MAXOUT:
            factors = [factors[0]] * len(factors)
        rows = [[f * x for x in row] for f, row in zip(factors, layer.weight.rows(), strict=True)]
        layers.append(
            AffineLayer.from_arrays(
                rows,
                [f * b for f, b in zip(factors, layer.bias, strict=True)],
                activation=str(layer.activation),
                slope=layer.slope,
                pieces=layer.pieces,
            )
        )
    return Network(tuple(layers))


def lies(nodes: Sequence[int], random: Random, n: int) -> Iterator[list[int]]:
    """Lists that differ a little from this one."""
    starts = [*range(len(nodes)), len(nodes)]
    for _ in range(n):
        found, at, way = list(nodes), random.randrange(len(nodes)), random.randrange(7)
        if way == 0:
            found[at] += random.choice((-1, 1))
        elif way == 1:
            found[at] = -found[at]
        elif way == 2:
            found[at] = random.choice((0, 1, 2, 3, 4, 2**63, -(2**63), 2**80))
        elif way == 3:
            del found[at : at + random.randint(1, 4)]
        elif way == 4:
            found[at:at] = found[at : at + random.randint(1, 4)]
        elif way == 5:
            other = random.choice(starts[:-1])
            found[at], found[other] = found[other], found[at]
        else:
            # the other sign of a switch, where there is one
            places = [i for i, x in enumerate(found) if x in (1, 2)]
            if places:
                at = random.choice(places)
                found[at] = 3 - found[at]
        yield found


@settings(deadline=None, max_examples=25)
@given(st.data(), st.integers(0, 2**32))
def test_general_networks_and_lies_about_them(data: st.DataObject, seed: int) -> None:
    network = data.draw(general_networks())
    records = records_of(network, data.draw(domains(network.n_inputs)))
    nodes = records[1]["nodes"]
    assert same_verdict(with_nodes(records, nodes))
    random = Random(seed)
    for changed in lies(nodes, random, 12):
        same_verdict(with_nodes(records, changed))
    assert not same_verdict(with_nodes(records, nodes, n_cells=records[1]["n_cells"] + 1))


@settings(deadline=None, max_examples=25)
@given(st.data(), st.integers(0, 2**32))
def test_numbers_that_are_no_floats(data: st.DataObject, seed: int) -> None:
    kinds = ("relu", "leaky_relu", "abs", "hardtanh")
    random = Random(seed)
    network = scaled(data.draw(networks(largest=(2, 3, 3), activations=kinds)), random)
    records = records_of(network, data.draw(domains(network.n_inputs)))
    nodes = records[1]["nodes"]
    assert same_verdict(with_nodes(records, nodes))
    for changed in lies(nodes, random, 12):
        same_verdict(with_nodes(records, changed))
    # other weights under the same tree: far off, or by about as much as floats can see
    for _ in range(8):
        changed_records = json.loads(json.dumps(records))
        layer = random.choice(changed_records[0]["layers"])
        row = random.choice([*layer["weight"], layer["bias"]])
        at = random.randrange(len(row))
        nearly = Fraction(row[at]) * (1 + random.choice((-1, 1)) * Fraction(1, 2 ** random.randint(44, 62)))
        row[at] = random.choice(("0", "1", "-1", "1/3", *[str(nearly)] * 8))
        same_verdict(with_nodes(changed_records, nodes))


def test_what_floats_cannot_see_is_decided_exactly() -> None:
    # x/3, y/3 and x/3 + y/3 + eps: the lines meet in one point exactly if eps = 0
    third, eps = Fraction(1, 3), Fraction(1, 10**40)
    network = Network.from_arrays([([[third, 0], [0, third], [third, third]], [0, 0, 0]), ([[1, 1, 1]], [0])])
    records = records_of(network)
    found = fast_check(with_nodes(records, records[1]["nodes"]))
    assert (found.accepted, found.n_leaves) == (True, 6)
    records[0]["layers"][0]["weight"][2][0] = str(third + eps)
    records[0]["layers"][0]["bias"][2] = str(eps)
    assert not same_verdict(with_nodes(records, records[1]["nodes"]))


def _layer(weight: list[list[str]], bias: list[str], activation: str) -> Line:
    more = {"activation": activation, "slope": "0", "pieces": 1, "skips": []}
    return {"weight": weight, "bias": bias, **more}


def test_a_switch_of_hardtanh_need_not_be_an_output() -> None:
    # z_1 = x - 1 passes for 0 < x < 2, with the switches x and x - 2, no outputs; z_2 = q (x + y) passes,
    # too, and is the only output without a constant. So z_2 is no multiple of x, though both have none.
    q = f"1/{3**40}"
    layers = [_layer([["1", "0"], [q, q]], ["-1", "0"], "hardtanh"), _layer([["0", "1"]], ["0"], "relu")]
    network: Line = {"rule": "network", "id": "network", "n_inputs": 2, "layers": layers}
    box = [[1, 0, 0], [-1, 0, 2], [0, 1, 1], [0, -1, 1]]
    tree: Line = {"rule": "region_tree", "id": "cells", "network": "network", "domain": box}
    first = [1, 0, 1, 1, 2, 1, 1, 2, 1, 2, 3, 0, 1, 3, 2, 3, 3, 0, 2, 4]
    lie = [*first, 1, 4, 1, 5, 3, 2, 1, 2]
    truth = [*first, 0, 4, 3, 2, 1, 2, 3, 1, -4, 8]
    assert not same_verdict(with_nodes([network, tree], lie, n_cells=1))
    assert same_verdict(with_nodes([network, tree], truth, n_cells=2))


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(0, 2**32))
def test_hardtanh_whose_constants_cancel(data: st.DataObject, seed: int) -> None:
    random = Random(seed)
    entries = st.sampled_from([Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 3**30)])
    network = data.draw(networks(largest=(2, 2, 2), entries=entries, activations=("hardtanh",)))
    records = records_of(network, data.draw(domains(network.n_inputs)))
    assert same_verdict(with_nodes(records, records[1]["nodes"]))
    for changed in lies(records[1]["nodes"], random, 20):
        same_verdict(with_nodes(records, changed))


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(0, 2**32))
def test_partial_trees(data: st.DataObject, seed: int) -> None:
    random = Random(seed)
    network = data.draw(general_networks())
    task = region_task(network, data.draw(domains(network.n_inputs)))
    some = [cell.signs for cell in reference_cells(task) if random.random() < 0.5]
    tree = partial_tree(task, some, pattern=lambda signs: winner_pattern(network, signs))
    records = opened(region_certificate(network, task, tree))
    nodes = records[1]["nodes"]
    assert same_verdict(with_nodes(records, nodes))
    for changed in lies(nodes, random, 12):
        same_verdict(with_nodes(records, changed))
    assert not same_verdict(with_nodes(records, [*nodes, 5]))


def test_a_partial_tree_cannot_be_counted() -> None:
    records = records_of(Network.from_arrays([([[1], [2]], [0, 0])]))
    records[1] |= {"nodes": [5], "n_cells": 0}
    assert same_verdict(seal_records(records, [records[1]["id"]]))
    count: Line = {"rule": "count", "id": "count", "cells": records[1]["id"]}
    assert not same_verdict(seal_records([*records, count], ["count"]))


def test_a_unit_that_is_zero_by_cancellation() -> None:
    # relu(a x) - (a/b) relu(b x) is zero everywhere, and a, b are too long for 64 bits
    a, b = Fraction(1, 10**20 + 39), Fraction(1, 10**20 + 129)
    network = Network.from_arrays([([[a], [b]], [0, 0]), ([[1, -a / b], [1, 0]], [0, -1]), ([[1, 1]], [0])])
    records = records_of(network)
    text = with_nodes(records, records[1]["nodes"])
    assert same_verdict(text)
    assert fast_check(text).n_exact > 0


def test_long_integers_in_the_tree() -> None:
    network = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    records = records_of(network)
    nodes: list[int] = records[1]["nodes"]
    assert nodes == [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 2, 3, -1, 1] or nodes[-3] == 3
    for x, w in ((-(2**63), 1), (-(2**70), 2**65), (-(2**70), -1), (2**70, 1), (-1, 2**63), (-1, -(2**63))):
        valid = x < 0 < w
        assert same_verdict(with_nodes(records, [*nodes[:-2], x, w])) == valid


@pytest.mark.parametrize(
    "edit",
    [
        {"n_cells": True},
        {"n_cells": "3"},
        {"n_cells": -1},
        {"nodes": [0.0]},
        {"nodes": [True]},
        {"nodes": {}},
        {"nodes": []},
        {"domain": [[0]]},
        {"domain": None},
        {"network": "other"},
        {"extra": 1},
    ],
    ids=json.dumps,
)
def test_wrong_types_and_keys(edit: Line) -> None:
    records = records_of(Network.from_arrays([([[1]], [0]), ([[1]], [0])]))
    assert not same_verdict(with_nodes(records, **{"nodes": records[1]["nodes"], **edit}))


@pytest.mark.parametrize(
    "edit",
    [
        {"weight": [["1", "2"]]},
        {"weight": [["2/2"]]},
        {"weight": [[1]]},
        {"weight": []},
        {"bias": ["0", "0"]},
        {"bias": ["-0"]},
        {"bias": ["1.5"]},
        {"activation": "tanh"},
        {"slope": "1/2"},
        {"slope": 0},
        {"pieces": 2},
        {"pieces": True},
        {"skips": [[0, [["1"]]]]},
        {"skips": None},
        {"more": 1},
    ],
    ids=json.dumps,
)
def test_wrong_layers(edit: Line) -> None:
    records = records_of(Network.from_arrays([([[1]], [0]), ([[1]], [0])]))
    records[0]["layers"][0] |= edit
    assert not same_verdict(with_nodes(records, records[1]["nodes"]))


def test_damaged_files() -> None:
    records = records_of(Network.from_arrays([([[1]], [0]), ([[1]], [0])]))
    text = with_nodes(records, records[1]["nodes"])
    assert same_verdict(text)
    assert fast_check(gzip.compress(text.encode())).accepted
    assert not fast_check(gzip.compress(text.encode())[:-9]).accepted
    lines = text.split("\n")
    for changed in (
        text[:-1],
        text + "\n",
        text.replace('"a test"', '"another"'),
        text.replace('"version": 1', '"version": 2'),
        "\n".join(lines[:2] + lines[3:]),
        "",
        "\ufeff" + text,
        text.replace('"claims"', '"claim"'),
    ):
        assert not same_verdict(changed)
    for changed in (
        seal_records([records[0], records[1]], ["network"]),
        seal_records([records[0], records[1], records[1]], [records[1]["id"]]),
        seal_records([records[1], records[0]], [records[1]["id"]]),
        seal_records([records[0], records[1]], ["none"]),
        seal_records([records[0], records[1]], []),
    ):
        assert not same_verdict(changed)


def test_other_records_are_handed_on() -> None:
    proof = opened(proof_of(Network.from_arrays([([[1]], [0]), ([[1]], [0])])))
    text = seal_records(proof, [proof[-1]["id"]])
    found = fast_check(text)
    assert (found.accepted, found.handed_on, found.line) == (True, True, check_text(text).line)
    proof[-1]["n_bounded"] = 1
    assert not fast_check(seal_records(proof, [proof[-1]["id"]])).accepted


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3).flatmap(lambda d: forms_in(d, most=6)))
def test_counts_by_deletion_and_restriction(forms: list[list[int]]) -> None:
    dimension = len(forms[0]) - 1 if forms else 2
    records = opened(arrangement_proof(forms, dimension))
    network, tree = (next(r for r in records if r["rule"] == rule) for rule in ("network", "region_tree"))
    count = {"rule": "count", "id": "again", "cells": tree["id"]}
    assert same_verdict(seal_records([network, tree, count], ["again", tree["id"]]))
    assert not same_verdict(
        seal_records([network, {**tree, "domain": [[1] * (dimension + 1)]}, count], ["again"])
    )


def test_counts_that_are_not_allowed() -> None:
    records = records_of(Network.from_arrays([([[1]], [0]), ([[1]], [-1])], output_activation="relu"))
    count = {"rule": "count", "id": "again", "cells": records[1]["id"]}
    assert not same_verdict(seal_records([*records, count], ["again"]))
    assert central_cells([(1, 0, 0), (0, 1, 0), (0, 0, 1)], most=7) is None
    assert central_cells([(1, 0, 0), (0, 1, 0), (0, 0, 1)], most=8) == 8


@given(st.data())
def test_combinations(data: st.DataObject) -> None:
    d, k = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    entry = st.integers(-3, 3)
    vector = st.lists(entry, min_size=d, max_size=d)
    forms, target = [data.draw(vector) for _ in range(k)], data.draw(vector)
    fractions = [[Fraction(x) for x in form] for form in forms]
    m = solve(fractions, [Fraction(x) for x in target])
    for strict in (False, True):
        expected = m is not None and min(m) >= 0 and not (strict and 0 in m)
        assert is_combination(forms, [1] * k, tuple(target), strict=strict) == expected


def test_compiled_copies_are_renewed_when_a_called_file_changes() -> None:
    folder = Path(exactnet.certificate.__file__).parent
    for module in (_fast_forms, _fast_walk):
        for name, digest in module.COMPILED_WITH.items():
            text = (folder / name).read_bytes().replace(b"\r\n", b"\n")
            assert hashlib.sha256(text).hexdigest()[:16] == digest, (
                f"update COMPILED_WITH in {module.__name__}"
            )
