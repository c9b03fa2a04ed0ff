"""The rule region_tree: certificates made by hand, and every way to lie about them."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest

from exactnet.certificate import certificate_text, parse_certificate
from exactnet.checker import Verdict, check_text, regions
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Network
from tests.checker.region_cases import arrangement_proof, false_region_claims, proof_of
from tests.support.sealing import Line, opened, seal_records

Nodes = list[Any]


def layer(weight: list[list[Any]], bias: list[Any], kind: str = "relu", **more: Any) -> Line:
    rows = [[str(x) for x in row] for row in weight]
    entry = {"weight": rows, "bias": [str(x) for x in bias], "activation": kind}
    return {**entry, "slope": "0", "pieces": 1, "skips": [], **more}


def check(layers: list[Line], nodes: Nodes, n_cells: Any, domain: Any = (), n_inputs: Any = 1) -> Verdict:
    network = {"rule": "network", "id": "net", "n_inputs": n_inputs, "layers": layers}
    tree = {"rule": "region_tree", "id": "cells", "network": "net", "domain": list(domain)}
    found = check_text(seal_records([network, {**tree, "n_cells": n_cells, "nodes": nodes}], ["cells"]))
    assert "could not follow" not in found.reason, found.line
    return found


def rejected(found: Verdict, match: str) -> bool:
    assert (found.accepted, found.rule) == (False, "region_tree"), found.line
    assert match in found.reason, found.line
    return True


# switches x and x - 1; by form numbers infinity 0, x 1, x - 1 2
TENT = [layer([[1], [1]], [0, -1]), layer([[2, -4]], [0], "identity")]
TENT_NODES = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1]


def test_the_tent_by_hand() -> None:
    found = check(TENT, TENT_NODES, 3)
    assert found.line.startswith(
        "ACCEPTED 2 steps: net has exactly 3 activation regions (complete region tree); "
        "net is the network with 1 input and layers 2 relu, 1 identity, fingerprint "
    )


def test_the_fingerprints_are_those_of_the_format() -> None:
    import hashlib

    text = '[1,[[[["1"]],["1/2"],"leaky_relu","-1/3",1,[]],[[["2"]],["0"],"identity","0",1,[[0,[["5"]]]]]]]'
    layers = [layer([[1]], ["1/2"], "leaky_relu", slope="-1/3")]
    layers.append(layer([[2]], [0], "identity", skips=[[0, [["5"]]]]))
    found = check(layers, [0, 0, 3, 1, 1, 3, -1, 1], 2, domain=[[0, 7], [1, 9]])
    assert f"fingerprint {hashlib.sha256(text.encode()).hexdigest()}" in found.line
    domain = hashlib.sha256(b"[[0,7],[1,9]]").hexdigest()
    assert found.line.endswith(f"the domain of cells has 2 rows, fingerprint {domain}")


@pytest.mark.parametrize(
    ("nodes", "n_cells", "match"),
    [
        # missing and extra leaves
        (TENT_NODES[:-3], 2, "ends before its last leaf"),
        (TENT_NODES[:10], 2, "ends before its last leaf"),
        ([1, 0, 1, 0, *TENT_NODES[2:10]], 2, "do not combine"),  # half of the line denied
        (TENT_NODES, 2, "n_cells is 2, and the tree has 3 cells"),
        (TENT_NODES, 4, "n_cells is 4"),
        ([*TENT_NODES, 3, -1, 1], 3, "after the end"),
        ([], 0, "ends before"),
        ([0], 0, "ends before"),
        # splits
        ([0, 0, 0, 0, *TENT_NODES[4:]], 3, "not an open switch"),
        ([0, 2, *TENT_NODES[2:]], 3, "switch 2 is not an open"),
        ([0, -2, *TENT_NODES[2:]], 3, "switch -2 is not an open"),
        # witnesses
        ([*TENT_NODES[:-2], 1, 1], 3, "switch 0 with the sign -1 is not positive"),
        ([*TENT_NODES[:-2], 0, 1], 3, "switch 0"),  # on the wall
        ([*TENT_NODES[:-2], -1, 0], 3, "w must be positive"),
        ([*TENT_NODES[:-2], 1, -1], 3, "w must be positive"),  # the point -1 written as 1/-1
        ([0, 0, 3, 2, 1, *TENT_NODES[10:]], 2, "1 switch of the stage open at a cell"),
        (TENT_NODES[:-1], 3, "ends before"),
        # implied switches
        ([*TENT_NODES[:10], 1, *TENT_NODES[11:]], 3, "a multiplier is negative"),
        ([*TENT_NODES[:10], 2, 1, 1, 0, 3, -1, 1], 3, "do not combine"),
        ([*TENT_NODES[:10], 2, 1, 1, 1, 3, -1, 1], 3, "do not combine"),
        ([*TENT_NODES[:10], 2, 1, 0, 3, -1, 1], 3, "no forms are named"),
        ([*TENT_NODES[:10], 2, 1, -1, 3, -1, 1], 3, "no forms are named"),
        ([*TENT_NODES[:10], 2, 1, 2, 1, 0, 3, -1, 1], 3, "not in increasing order"),
        ([*TENT_NODES[:10], 2, 1, 2, 1, 1, 3, -1, 1], 3, "not in increasing order"),
        ([*TENT_NODES[:10], 2, 1, 2, 0, 2, 3, -1, 1], 3, "form 2 is not resolved"),  # itself
        ([*TENT_NODES[:10], 2, 1, 2, 0, 3, 3, -1, 1], 3, "form 3 is not resolved"),
        ([*TENT_NODES[:10], 2, 1, 2, -3, 1, 3, -1, 1], 3, "form -3 is not resolved"),
        ([*TENT_NODES[:10], 2, 1, 10**30, 0, 1, 3, -1, 1], 3, "ends before"),
        ([*TENT_NODES[:10], 2, 0, 2, 0, 1, 3, -1, 1], 3, "switch 0 is not an open"),
        # empty regions
        ([*TENT_NODES[:10], 4, 2, 0, 1], 2, "no single relation"),
        ([*TENT_NODES[:10], 4, 1, 0], 2, "no single relation"),
        ([*TENT_NODES[:10], 4, 0], 2, "no forms are named"),
        ([4, 1, 0], 0, "no single relation"),
        # codes
        ([6, 0], 0, "no node has the code 6"),
        ([-1, 0], 0, "no node has the code -1"),
        ([True, *TENT_NODES[1:]], 3, "nodes[0] must be an integer, got true"),
        ([*TENT_NODES[:-1], "1"], 3, "nodes[17] must be an integer"),
        ([*TENT_NODES[:-1], None], 3, "nodes[17] must be an integer"),
        ([TENT_NODES], 3, "nodes[0] must be an integer"),
    ],
)
def test_lies_about_the_tent(nodes: Nodes, n_cells: int, match: str) -> None:
    assert rejected(check(TENT, nodes, n_cells), match)


# -- empty regions -------------------------------------------------------------------------------------

# x and x + 1: a split of x > 0 by x + 1 has an empty side
SHIFTED = [layer([[1], [1]], [0, 1])]


def test_a_split_may_have_an_empty_side() -> None:
    nodes = [0, 0, 0, 1, 3, 1, 1, 4, 3, 0, 1, 2, 0, 1, 3, -1, 2, 3, -2, 1]
    assert check(SHIFTED, nodes, 3).accepted
    for names in ([0, 1], [0, 2], [1, 2]):
        assert rejected(check(SHIFTED, [*nodes[:7], 4, 2, *names, *nodes[12:]], 3), "no single relation")


def test_an_empty_side_needs_one_relation_only() -> None:
    # x, x + 1, x + 1: on x > 0 > x + 1 there are two relations
    layers = [layer([[1], [1], [1]], [0, 1, 1])]
    side = [4, 3, 0, 1, 2]
    nodes = [0, 0, 1, 1, 2, 0, 1, 0, 2, 3, 1, 1, 4, 2, 2, 3]
    rest = [0, 1, 1, 2, 1, 2, 3, -1, 2, 2, 2, 1, 2, 3, -2, 1]
    assert check(layers, [*nodes, *rest], 3).accepted
    assert not check(layers, [*nodes[:12], *side, *rest], 3).accepted
    assert rejected(check(layers, [*nodes[:12], 4, 4, 0, 1, 2, 3, *rest], 3), "no single relation")


@pytest.mark.parametrize(
    ("domain", "nodes", "valid"),
    [
        ([[1, 0], [-1, 0]], [4, 2, 1, 2], True),  # flat
        ([[1, 0], [-1, -1]], [4, 3, 0, 1, 2], True),  # empty
        ([[0, -1]], [4, 2, 0, 1], True),
        ([[0, -1], [0, 0]], [4, 2, 0, 1], True),
        ([[0, -1], [0, 0]], [4, 2, 0, 2], False),
        ([[0, 0]], [4, 1, 1], False),  # a zero row proves nothing
        ([[0, 0]], [4, 2, 0, 1], False),
        ([[1, 0], [-1, 1]], [4, 3, 0, 1, 2], False),  # (0, 1)
        ([[1, 0], [-1, 1]], [4, 2, 1, 2], False),
        ([[1, 0], [-1, 0], [2, 0]], [4, 2, 2, 3], True),
        ([[1, 0], [-1, 0], [2, 0]], [4, 3, 1, 2, 3], False),  # two relations
    ],
)
def test_domains_without_interior(domain: list[list[int]], nodes: Nodes, valid: bool) -> None:
    found = check(TENT, nodes, 0, domain)
    assert found.accepted == valid, found.line
    assert not check(TENT, nodes, 1, domain).accepted


# -- domains -------------------------------------------------------------------------------------------


def test_the_tent_on_an_interval() -> None:
    # 0 <= x <= 1/2: both switches are implied; forms 1, 2 are the domain, 3 and 4 the switches
    domain = [[1, 0], [-2, 1]]
    nodes = [1, 0, 1, 1, 2, 1, 2, 0, 2, 3, 1, 4]
    assert check(TENT, nodes, 1, domain).accepted
    assert rejected(check(TENT, [*nodes[:-2], 1, 2], 1, domain), "row 1 of the domain")
    assert rejected(check(TENT, [*nodes[:-2], 0, 1], 1, domain), "row 0 of the domain")
    assert not check(TENT, nodes, 1, [[1, 1], [-2, 1]]).accepted
    assert not check(TENT, nodes, 1, [[1, 0], [-2, 5]]).accepted
    assert not check(TENT, nodes, 1, domain[:1]).accepted
    assert not check(TENT, nodes, 1, []).accepted
    for wrong in ([[1]], [[1, 0, 0]], [1, 0], [[1, "0"]], [[1, True]], None):
        assert not check(TENT, nodes, 1, wrong or [wrong]).accepted


def test_rows_that_say_nothing() -> None:
    nodes = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 3, 3, -1, 1]
    assert check(TENT, nodes, 3, [[0, 0], [0, 5]]).accepted
    assert not check(TENT, nodes, 3, [[0, 0], [0, -5]]).accepted


# -- stages and zero forms -----------------------------------------------------------------------------

# relu(x), then relu(h - 1) and relu(h): forms 1, 2, 3
DEEP = [layer([[1]], [0]), layer([[1], [1]], [-1, 0])]
DEEP_NODES = [0, 0, 1, 2, 1, 1, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 1, 0, 3, -1, 1]


def test_later_stages_follow_from_the_signs() -> None:
    # on x < 0: h = 0, the switch h - 1 is -1, and h is zero and has no node
    assert check(DEEP, DEEP_NODES, 3).accepted


@pytest.mark.parametrize(
    ("nodes", "n_cells", "match"),
    [
        ([0, 1, 3, 2, 1, 3, -1, 1], 2, "switch 1 is not an open switch of the current stage"),
        ([*DEEP_NODES[:-3], 1, 2, 1, 1, 3, -1, 1], 3, "switch 2 is not an open"),  # a zero form
        ([*DEEP_NODES[:-3], 0, 2, 3, -1, 1, 3, -1, 1], 4, "switch 2 is not an open"),
        ([*DEEP_NODES[:14], 2, 1, 1, 3, 3, -1, 1], 3, "form 3 is not resolved, is zero"),
        ([*DEEP_NODES[:14], 3, -1, 1], 3, "1 switch of the stage open"),
        ([0, 0, 3, 1, 1, 3, -1, 1], 2, "2 switches of the stage open"),
    ],
)
def test_lies_about_stages(nodes: Nodes, n_cells: int, match: str) -> None:
    assert rejected(check(DEEP, nodes, n_cells), match)


def test_dependent_forms_are_rejected() -> None:
    # x, x, 2x: the third is twice the first, and half the sum of both
    layers = [layer([[1], [1], [2]], [0, 0, 0])]
    for names, valid in (([1], True), ([2], True), ([1, 2], False), ([0, 1], True)):
        sides = [[1, 1, 1, 1, 1, 2, len(names), *names, 3, 1, 1], [2, 1, 1, 1, 2, 2, 1, 2, 3, -1, 1]]
        found = check(layers, [0, 0, *sides[0], *sides[1]], 2)
        assert found.accepted == valid, found.line
        assert valid or rejected(found, "the forms are dependent")


def test_maxout_by_hand() -> None:
    # max(0, x, 2x - 1): switches x, then 2x - 1 - x on x > 0 and 2x - 1 on x < 0
    unit = layer([[0], [1], [2]], [0, 0, -1], "maxout", pieces=3)
    nodes = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1]
    assert check([unit], nodes, 3).accepted
    assert not check([{**unit, "pieces": 1}], nodes, 3).accepted
    # max(-1, x, 2x + 3): the pieces -1 and x change places where 2x + 3 has long won
    unit = layer([[0], [1], [2]], [-1, 0, 3], "maxout", pieces=3)
    nodes = [0, 0, 1, 1, 2, 0, 1, 3, 0, 1, 0, 1, 3, -3, 2, 3, -3, 1]
    found = check([unit], nodes, 2)
    assert found.accepted, found.line
    assert rejected(check([unit], nodes, 3), "n_cells is 3, and the tree has 2 cells")


def test_hardtanh_by_hand() -> None:
    # switches x + 1 and x - 1, then the outputs are constant outside
    layers = [layer([[1]], [0], "hardtanh"), layer([[1]], [1])]
    inside = [1, 2, 1, 1]  # x + 1 > 0
    right, left = [1, 2, 1, 0], []  # 2 > 0, and 0 is no node
    nodes = [0, 0, 0, 1, *right, 3, 2, 1, *inside, 3, 0, 1, 2, 1, 2, 0, 1, *left, 3, -2, 1]
    assert check(layers, nodes, 3).accepted
    assert rejected(check([layer([[1]], [0]), layer([[1]], [1])], nodes, 3), "")


# -- size ----------------------------------------------------------------------------------------------


def test_depth_needs_no_recursion() -> None:
    n = 5000
    layers = [layer([[1]] * n, [0] * n)]
    nodes = [0, 0]
    for code, x in ((1, 1), (2, -1)):
        for i in range(1, n):
            nodes += [code, i, 1, i]
        nodes += [3, x, 1]
    assert check(layers, nodes, 2).accepted
    # splits in splits
    grid = arrangement_proof([(1, -k) for k in range(60)], 1)
    assert check_text(certificate_text(grid)).accepted
    # a thousand layers
    chain = [layer([[1]], [0])] * 1000
    nodes = [0, 0, *(x for i in range(1, 1000) for x in (1, i, 1, i)), 3, 1, 1, 3, -1, 1]
    assert check(chain, nodes, 2).accepted


def test_huge_numbers_are_no_problem() -> None:
    big = 10**3000
    layers = [layer([[big], [big]], [0, -big - 1])]
    nodes = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2 * big, 2, 1, 2, 0, 1, 3, -1, big]
    assert check(layers, nodes, 3).accepted
    # 1 + 1/big is the wall, and this point is on the wrong side of it
    assert not check(layers, [*nodes[:5], big + 1, big, *nodes[7:]], 3).accepted
    assert check(layers, [*nodes[:5], big + 2, big, *nodes[7:]], 3).accepted


def test_files_that_would_take_for_ever_are_rejected_soon() -> None:
    begin = time.monotonic()
    assert "more than 10000000 numbers" in check([], [3, 0, 1], 1, n_inputs=10**9).reason
    digits = "7" * 25_000
    deep = [layer([[digits]], [1])] * 20
    nodes = [0, 0, *(x for i in range(1, 20) for x in (1, i, 2, 0, i)), 3, 1, 1, 4, 2, 0, 1]
    assert "numbers of more than 200000 bits" in check(deep, nodes, 1).reason
    different = [[f"1/{10**600 + k}" for k in range(400)]]
    wide = [layer(different, [0])]
    assert "over a common denominator" in check(wide, [3, *[0] * 400, 1], 1, n_inputs=400).reason
    assert time.monotonic() - begin < 20


# -- mistakes in the records that it names -------------------------------------------------------------


def test_the_network_must_be_a_network() -> None:
    proof = opened(proof_of(Network.from_arrays([([[1]], [0]), ([[1]], [0])])))
    for name in ("cells", "none", 3, None):
        records = [dict(record) for record in proof]
        records[1]["network"] = name
        assert not check_text(seal_records(records, ["cells"])).accepted
    assert check_text(seal_records(proof, ["cells"])).accepted


def test_a_tree_does_not_fit_another_network() -> None:
    nets = [
        Network.from_arrays([([[a, b], [b, c]], [1, c]), ([[a, 1]], [b]), ([[1]], [0])])
        for a, b, c in product((1, -2), (0, 3), (1, 2))
    ]
    proofs = [opened(proof_of(net, Polyhedron.box([-2, -2], [2, 3]))) for net in nets]
    verdicts = []
    for i, j in product(range(len(nets)), repeat=2):
        text = seal_records([proofs[i][0], *proofs[j][1:]], ["cells", "faces"])
        verdicts.append(check_text(text).accepted)
        # some pairs have the same complex
        assert not verdicts[-1] or false_region_claims(parse_certificate(text)) == []
        assert verdicts[-1] or i != j
    assert verdicts.count(False) > len(verdicts) / 2


def test_work_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    # composing the one stage costs 2 rows x 1 input x 2 columns, the one combination 2^2 x 2, the cells
    # 3, 3 and 2 forms (infinity and the splits) x 2 coordinates
    for limit, accepted in ((28, True), (27, False), (3, False)):
        monkeypatch.setattr(regions, "_MOST_WORK", limit)
        found = check(TENT, TENT_NODES, 3)
        assert found.accepted == accepted
        assert accepted or rejected(found, f"more than {limit} multiplications")
