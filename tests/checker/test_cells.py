from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, SplitTreeRecord, certificate_text, check_text
from tests.support.oracles import cell_signs
from tests.support.sealing import Line, check_edited, opened, rejects, seal_records
from tests.support.small_certificates import arrangement_record, cell_records, problem_record
from tests.support.tiny import tiny

rows = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(1, 3), st.sampled_from(["none", "penalised", "free"]), st.booleans())
def test_brute_force_trees_are_accepted_and_count_right(
    matrix: list[list[int]], width: int, bias: str, mirror: bool
) -> None:
    width = width if bias == "none" else min(width, 2)
    problem = problem_record([row[:width] for row in matrix], [1] * len(matrix), "1", "l2", bias)
    records, _ = cell_records(problem, mirror=mirror)
    certificate = Certificate("cells", (problem, *records), ("arrangement", "cells", "count"))
    verdict = check_text(certificate_text(certificate))
    assert verdict.accepted, verdict.line
    n_cells = len(cell_signs(arrangement_record(problem).forms))
    noun = "activation pattern" if n_cells == 1 else "activation patterns"
    assert f"problem has exactly {n_cells} {noun} off the walls (complete split tree)" in verdict.line
    assert f"problem has exactly {n_cells} {noun} off the walls (deletion and restriction)" in verdict.line


# ---------------------------------------------------------------------------------------- arrangement

FORMS = [[2, 1], [-1, 2], [-1, -1]]
ROWS = [[0, "1"], [1, "1"], [2, "1"]]
REPEATED = [[0, "1"], [0, "1"], [0, "2"]]
ARRANGEMENTS: list[tuple[str, dict[str, Any], str]] = [
    # forms of "plain": (2, 1), (-1, 2), (-1, -1), (1, -3), each a row itself
    ("plain", {"forms": []}, "names form 0 of 0"),
    ("plain", {"forms": [*FORMS, [0, 0]]}, "forms[3] is zero"),
    ("plain", {"forms": [*FORMS, [-4, -2]]}, "forms[0] and forms[3] are parallel"),
    ("plain", {"forms": [*FORMS, [1, -3, 0]]}, "forms[3] must have length 2"),
    ("plain", {"forms": [*FORMS, [1, "-3"]]}, "forms[3][1] must be an integer"),
    ("plain", {"forms": [*FORMS, [True, -3]]}, "forms[3][0] must be an integer, got true"),
    ("plain", {"forms": [*FORMS, [1, -3], [1, 0]]}, "forms[4] belongs to no row"),
    ("plain", {"forms": [*FORMS, [1, -4]]}, "row 3 of the data is not 1 times forms[3]"),
    ("plain", {"rows": ROWS}, "rows must have length 4"),
    ("plain", {"rows": [*ROWS, [3, "2"]]}, "row 3 of the data is not 2 times forms[3]"),
    ("plain", {"rows": [*ROWS, [3, "-1"]]}, "row 3 of the data is not -1 times forms[3]"),
    ("plain", {"rows": [*ROWS, [3, "0"]]}, "row 3 of the data is not 0 times forms[3]"),
    ("plain", {"rows": [*ROWS, [-1, "1"]]}, "rows[3][0] must be at least 0"),
    ("plain", {"rows": [*ROWS, [4, "1"]]}, "rows[3] names form 4 of 4"),
    ("plain", {"rows": [*ROWS, None]}, "rows[3] is null, and row 3 of the data is not zero"),
    ("plain", {"rows": [*ROWS, [3]]}, "rows[3] must have length 2"),
    ("plain", {"problem": "cells"}, "no record above has this id"),
    ("plain", {"problem": None}, "problem must be an identifier"),
    ("degenerate", {"rows": [*REPEATED, [0, "0"], [1, "1"], [0, "-1"]]}, "row 3 of the data"),
    ("degenerate", {"rows": [*REPEATED, None, [1, "1"], [0, "1"]]}, "row 5 of the data"),
    ("degenerate", {"rows": [*REPEATED[:2], None, None, [1, "1"], [0, "-1"]]}, "rows[2] is null"),
]


@pytest.mark.parametrize(("data", "edit", "reason"), ARRANGEMENTS)
def test_arrangements_that_are_none(data: str, edit: dict[str, Any], reason: str) -> None:
    assert rejects(tiny(data), "arrangement", lambda record: record.update(edit), reason)


def test_forms_need_not_be_coprime() -> None:
    def double(record: Line) -> None:
        record["forms"][3] = [2, -6]
        record["rows"][3] = [3, "1/2"]

    records = opened(tiny("plain"))[:2]
    double(records[1])
    assert check_text(seal_records(records, ["arrangement"])).accepted


# ---------------------------------------------------------------------------------------------- trees


def tree(name: str = "plain", *, mirror: bool = False, bias: str = "none") -> Certificate:
    """The certificate up to the split tree."""
    whole = tiny(name, mirror=mirror, bias=bias)
    return Certificate("tree", whole.records[:3], ("cells",))


def nodes_of(certificate: Certificate) -> list[Any]:
    record = certificate.records[2]
    assert isinstance(record, SplitTreeRecord)
    return json.loads(json.dumps(record.nodes))  # type: ignore[no-any-return]


def with_nodes(nodes: list[Any], n_cells: int | None = None) -> Any:
    def edit(record: Line) -> None:
        record["nodes"] = nodes
        record["n_cells"] = record["n_cells"] if n_cells is None else n_cells

    return edit


def test_the_number_of_cells_is_compared() -> None:
    for wrong in (0, 6, 9, 16, -8, True, "8"):

        def edit(record: Line, wrong: object = wrong) -> None:
            record["n_cells"] = wrong

        assert rejects(tree(), "cells", edit, "n_cells")


@pytest.mark.parametrize("position", range(22))
def test_no_node_can_be_dropped(position: int) -> None:
    nodes = nodes_of(tree())
    if position < len(nodes):
        del nodes[position]
    else:
        nodes.append(nodes[-1])
    for n_cells in range(1, 10):
        assert not check_edited(tree(), "cells", with_nodes(nodes, n_cells)).accepted


def test_leaves_cannot_be_repeated_or_moved() -> None:
    nodes = nodes_of(tree())
    cells = [i for i, node in enumerate(nodes) if node[0] == "cell"]
    for i in cells:
        assert not check_edited(tree(), "cells", with_nodes(nodes[: i + 1] + nodes[i:], 9)).accepted
        for j in cells:
            if i < j:
                moved = list(nodes)
                moved[i], moved[j] = moved[j], moved[i]
                assert rejects(tree(), "cells", with_nodes(moved), "the point is not in the cell")


FARKAS = [
    (lambda node: node.__setitem__(1, 9), "no form has the number 9"),
    (lambda node: node.__setitem__(1, -1), "no form has the number -1"),
    (lambda node: node.__setitem__(1, True), "no form has the number true"),
    (lambda node: node.__setitem__(1, 0), "already resolved"),
    (lambda node: node.__setitem__(2, 0), "the sign must be 1 or -1, got 0"),
    (lambda node: node.__setitem__(2, True), "the sign must be 1 or -1, got true"),
    (lambda node: node.__setitem__(2, -node[2]), "do not combine"),
    (lambda node: node.__setitem__(3, 0), "c must be a positive integer, got 0"),
    (lambda node: node.__setitem__(3, -node[3]), "c must be a positive integer"),
    (lambda node: node.__setitem__(3, node[3] + 1), "do not combine"),
    (lambda node: node.__setitem__(3, True), "c must be a positive integer, got true"),
    (lambda node: node.__setitem__(4, []), "do not combine"),
    (lambda node: node.__setitem__(4, None), "the multipliers must be a list"),
    (lambda node: node.append(1), "no node of kind 'farkas' has 6 entries"),
    (lambda node: node.pop(), "no node of kind 'farkas' has 4 entries"),
    (lambda node: node[4].reverse(), "increasing order"),
    (lambda node: node[4].append([3, 1]), "not a resolved form"),
    (lambda node: node[4].append([4, 1]), "not a resolved form"),
    (lambda node: node[4].insert(0, [-4, 1]), "not a resolved form"),
    (lambda node: node[4].append(list(node[4][-1])), "increasing order"),
    (lambda node: node[4].__setitem__(0, [0]), "not a pair"),
    (lambda node: node[4][0].__setitem__(1, 0), "must be a positive integer, got 0"),
    (lambda node: node[4][0].__setitem__(1, -node[4][0][1]), "must be a positive integer"),
    (lambda node: node[4][0].__setitem__(1, node[4][0][1] + 1), "do not combine"),
    (lambda node: node[4][0].__setitem__(1, "1"), "must be a positive integer"),
    (lambda node: node.__setitem__(0, "split"), "no node of kind 'split' has 5 entries"),
    (lambda node: node.__setitem__(0, "lemma"), "no node of kind 'lemma' has 5 entries"),
    (lambda node: node.clear(), "not a node"),
    (lambda node: node.__setitem__(0, 1), "not a node"),
]


@pytest.mark.parametrize(("edit", "reason"), FARKAS)
def test_wrong_farkas_nodes(edit: Any, reason: str) -> None:
    nodes = nodes_of(tree())
    node = next(node for node in nodes if node[0] == "farkas" and len(node[4]) == 2)
    edit(node)
    assert rejects(tree(), "cells", with_nodes(nodes), reason)


def test_a_false_farkas_node_can_not_hide_a_cell() -> None:
    # whatever the multipliers, the branch that a split keeps is not empty
    nodes = nodes_of(tree())
    split = next(i for i, node in enumerate(nodes) if node[0] == "split" and i > 0)
    for s in (1, -1):
        for c in (1, 2):
            for pairs in ([], [[0, 1]], [[0, 1], [1, 1]], [[0, 2]]):
                forged = [*nodes[:split], ["farkas", nodes[split][1], s, c, pairs], *nodes[split + 1 :]]
                assert not check_edited(tree(), "cells", with_nodes(forged)).accepted


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (["cell", [1]], "the point must be a list of 2 integers"),
        (["cell", [1, 2, 3]], "the point must be a list of 2 integers"),
        (["cell", None], "the point must be a list of 2 integers, got null"),
        (["cell", [True, 1]], "the point must be integers, got true"),
        (["cell", ["1", 1]], "the point must be integers, got '1'"),
        (["cell", [0, 0]], "the point is not in the cell: form 0 is 0 there, not positive"),
        (["cell"], "no node of kind 'cell' has 1 entry"),
        (["mirror"], "a mirror may only be the second child"),
        (["split", 0], "form 0 is already resolved"),
        ("cell", "not a node: 'cell'"),
        (None, "not a node: null"),
        ({}, "not a node: an object of length 0"),
    ],
)
def test_wrong_leaves(node: Any, reason: str) -> None:
    nodes = nodes_of(tree())
    nodes[next(i for i, node in enumerate(nodes) if node[0] == "cell")] = node
    assert rejects(tree(), "cells", with_nodes(nodes), reason)


def test_a_cell_needs_all_forms_resolved() -> None:
    assert rejects(tree(), "cells", with_nodes([["cell", [1, 1]]], 1), "4 forms unresolved at a cell")
    assert rejects(tree(), "cells", with_nodes([], 1), "the tree ends before its last leaf")
    assert rejects(tree(), "cells", with_nodes(nodes_of(tree())[:-1]), "the tree ends before its last leaf")
    assert rejects(tree(), "cells", with_nodes([*nodes_of(tree()), ["mirror"]]), "after the end of the tree")


def test_a_point_on_a_wall_is_in_no_cell() -> None:
    nodes = nodes_of(tree("one"))
    assert nodes == [["split", 0], ["cell", [1]], ["cell", [-1]]]
    nodes[1] = ["cell", [0]]
    assert rejects(tree("one"), "cells", with_nodes(nodes), "form 0 is 0 there, not positive")


def test_a_mirror_stands_for_the_second_half_of_the_root_only() -> None:
    mirrored = tree(mirror=True)
    assert nodes_of(mirrored)[-1] == ["mirror"]
    assert check_text(certificate_text(mirrored)).accepted
    assert rejects(mirrored, "cells", lambda record: record.update(n_cells=4), "the tree has 8 cells")
    # as the first child, below the root, or twice
    whole = nodes_of(tree())
    assert rejects(tree(), "cells", with_nodes([["mirror"]]), "a mirror may only")
    assert rejects(tree(), "cells", with_nodes([["split", 0], ["mirror"], ["mirror"]]), "a mirror may only")
    second = next(i for i, node in enumerate(whole) if node[0] == "cell") + 1
    assert rejects(
        tree(), "cells", with_nodes([*whole[:second], ["mirror"], *whole[second:]]), "a mirror may only"
    )


def test_a_mirror_needs_a_split_at_the_root() -> None:
    # otherwise the first half, whose negatives are claimed, would never have been shown
    for nodes in ([["farkas", 0, -1, 1, []], ["mirror"]], [["mirror"]]):
        assert not check_edited(tree("one"), "cells", with_nodes(nodes, 2)).accepted


def test_no_forms_one_cell() -> None:
    nothing = tree("nothing")
    assert nodes_of(nothing) == [["cell", [0, 0]]]
    for nodes, n_cells in (
        ([["mirror"]], 2),
        ([["split", 0], ["cell", [0, 0]], ["cell", [0, 0]]], 2),
        ([], 1),
    ):
        assert not check_edited(nothing, "cells", with_nodes(nodes, n_cells)).accepted


def test_a_deep_tree_needs_no_recursion() -> None:
    # 3000 lines in the plane, and a path through all of them
    n = 3000
    forms = [[-k, 1] for k in range(n)]
    features = [[str(x) for x in form] for form in forms]
    problem = {"rule": "problem", "id": "p", "features": features, "targets": ["0"] * n, "beta": "1",
               "norm": "l2", "bias": "none", "loss": "squared", "kappa": "0"}  # fmt: skip
    arrangement = {
        "rule": "arrangement",
        "id": "a",
        "problem": "p",
        "forms": forms,
        "rows": [[k, "1"] for k in range(n)],
    }
    nodes: list[Any] = [["split", k] for k in range(n)]
    chain = {
        "rule": "split_tree",
        "id": "t",
        "arrangement": "a",
        "n_cells": 1,
        "nodes": [*nodes, ["cell", [0, 1]]],
    }
    verdict = check_text(seal_records([problem, arrangement, chain], ["t"]))
    assert verdict.reason == "the tree ends before its last leaf"


def test_cells_of_another_arrangement_do_not_count() -> None:
    other = opened(tiny("degenerate"))[:2]
    for record in other:
        record["id"] = f"other-{record['id']}"
    other[1]["problem"] = "other-problem"
    records = opened(tiny("plain"))[:3]
    records[2]["arrangement"] = "other-arrangement"
    verdict = check_text(seal_records([*other, *records], ["cells"]))
    assert (verdict.accepted, verdict.step, verdict.rule) == (False, 5, "split_tree")
