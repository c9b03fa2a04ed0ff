"""Trees with open nodes: what they claim, what they cannot carry, and their producer."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, certificate_text
from exactnet.checker import check_text
from exactnet.errors import InputError
from exactnet.geometry.patterns import winner_pattern
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import RegionTree, partial_tree, reference_tree
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.checker.region_cases import n_open_nodes, proof_of
from tests.checker.test_mutation import changed_list
from tests.checker.test_region_mutation import judge
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, domains, networks
from tests.support.region_stream import leaves
from tests.support.sealing import Line, opened, seal_records

NETWORK = Network.from_arrays(
    [([[1, 2], [2, -1], [1, 1]], [0, 1, -1]), ([[1, -1, 1], [1, 1, -2]], [0, -1]), ([[1, 1]], [0])]
)
TASK = region_task(NETWORK)
SIGNS = [cell.signs for cell in reference_cells(TASK)]
SOME = region_certificate(NETWORK, TASK, partial_tree(TASK, SIGNS[::3]))
LINES = [(1, 0, 0), (0, 1, 0), (1, 1, -1)]


def cut_off(task: RegionTask, tree: RegionTree, n_kept: int) -> list[int]:
    """The nodes of a tree with all leaves behind the first few replaced by open nodes."""
    nodes, found, at, n = list(map(int, tree.nodes)), [], 0, 0
    while at < len(nodes):
        code = nodes[at]
        size = {0: 2, 3: task.dimension + 2}.get(code) or 3 + nodes[at + 2]
        n += code == 3
        found += [5] if code == 3 and n > n_kept else nodes[at : at + size]
        at += size
    return found


# -- the producer --------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(general_networks(), networks(largest=(2, 3, 2), activations=ACTIVATIONS)),
    st.data(),
)
def test_some_cells(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    cells = [cell.signs for cell in reference_cells(task)]
    some = [signs for signs in cells if data.draw(st.booleans())]

    def pattern(signs: tuple[int, ...]) -> object:
        return winner_pattern(network, signs)

    tree = partial_tree(task, some, pattern=pattern)
    proof = region_certificate(network, task, tree)
    assert (tree.n_leaves, tree.n_cells) == (len(some), len({pattern(signs) for signs in some}))
    assert sorted(leaves(network, task.domain, tree.nodes, partial=True)) == sorted(some)
    assert n_open_nodes(tree.nodes, task.dimension) == tree.n_open
    # nothing is open only if nothing is missing; and a tree without cells says nothing at all
    assert (tree.n_open == 0) == (len(some) == len(cells) > 0)
    verdict = check_text(certificate_text(proof))
    assert verdict.accepted, verdict.line
    assert ("at least" in verdict.line) == (tree.n_open > 0)
    if tree.n_open == 0:
        assert tree.nodes == reference_tree(task).nodes


def test_what_is_not_a_cell() -> None:
    with pytest.raises(InputError, match="no cell has this sign vector"):
        partial_tree(arrangement_task([(1, 0), (1, -1)]), [(-1, 1)])


def test_a_partial_certificate_carries_nothing_else() -> None:
    tree = partial_tree(arrangement_task(LINES), [(1, 1, 1)])
    proof = region_certificate(LINES, arrangement_task(LINES), tree)
    assert [record.rule for record in proof.records] == ["network", "region_tree"]
    for more in ({"faces": ((3, 9, 7), 1)}, {"counts": {"R1": 7}}):
        with pytest.raises(InputError, match="need all cells"):
            region_certificate(LINES, arrangement_task(LINES), tree, **more)


# -- the checker ---------------------------------------------------------------------------------------


def test_the_conclusion() -> None:
    n = len(SIGNS[::3])
    assert f"network has at least {n} activation regions (partial region tree)" in accepted_line(SOME)
    nothing = region_certificate(NETWORK, TASK, partial_tree(TASK, []))
    assert "at least 0 activation regions" in accepted_line(nothing)


def accepted_line(proof: Certificate) -> str:
    verdict = check_text(certificate_text(proof))
    assert verdict.accepted, verdict.line
    return verdict.line


@pytest.mark.parametrize(
    "more",
    [
        {"rule": "count"},
        {"rule": "faces", "f_vector": [3, 9, 7], "n_bounded": 1},
        *({"rule": "region_count", "definition": d, "n_regions": 7} for d in ("R1", "R4", "R5", "R6")),
    ],
)
def test_what_is_said_about_all_regions_needs_all(more: Line) -> None:
    task = arrangement_task(LINES)
    whole = opened(region_certificate(LINES, task, reference_tree(task)))[:2]
    part = opened(region_certificate(LINES, task, partial_tree(task, [(1, 1, 1), (1, 1, -1)])))
    record = {**more, "id": "more", "cells": "cells"}
    assert check_text(seal_records([*whole, record], ["more"])).accepted
    for sample in (None, 2):
        verdict = check_text(seal_records([*part, record], ["more"]), sample=sample)
        assert (verdict.accepted, verdict.rule) == (False, more["rule"])
        assert "nothing is known about all regions" in verdict.reason


def test_a_tree_cut_off_anywhere() -> None:
    tree = reference_tree(TASK)
    originals = opened(proof_of(NETWORK, faces=False))
    for n_kept in range(0, tree.n_leaves, 3):
        nodes = cut_off(TASK, tree, n_kept)
        for n_cells in (n_kept, n_kept + 1, n_kept - 1, tree.n_cells):
            records = copy.deepcopy(originals)
            records[1].update(nodes=nodes, n_cells=n_cells)
            assert judge(records, ["cells"]) == (n_cells == n_kept)


@pytest.mark.parametrize(
    ("nodes", "match"),
    [
        ([5, 5], "comes after the end"),
        ([0, 0, 5], "before its last leaf"),
        ([6], "no node has the code 6"),
        ([0, 0, 5, 5, 5], "comes after the end"),
    ],
)
def test_wrong_open_nodes(nodes: list[int], match: str) -> None:
    records = opened(SOME)
    records[1].update(nodes=nodes, n_cells=0)
    assert match in check_text(seal_records(records, ["cells"])).reason
    assert not check_text(seal_records(records, ["cells"]), sample=2).sampled


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 3), st.integers(-2, 2), st.data())
def test_no_false_claim_after_changes(n_changes: int, step: int, data: st.DataObject) -> None:
    records = copy.deepcopy(opened(SOME))
    nodes = records[1]["nodes"]
    for _ in range(n_changes):
        nodes = changed_list(nodes, data)
    records[1].update(nodes=nodes, n_cells=max(0, records[1]["n_cells"] + step))
    judge(records, ["cells"])


def test_a_sample_of_a_partial_tree() -> None:
    n_leaves = len(SIGNS[::3]) + n_open_nodes(opened(SOME)[1]["nodes"], 2)
    # no node of this tree is empty: its leaves are cells or open
    line = check_text(certificate_text(SOME), sample=3).line
    assert line.startswith(f"SAMPLED 2 steps: looked at 3 of {n_leaves} leaves of cells;")
