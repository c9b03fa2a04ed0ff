"""A look at a sample: what it sees, what it skips, and that it never accepts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from exactnet.certificate import Certificate, certificate_text
from exactnet.checker import check_text
from exactnet.checker.__main__ import main
from exactnet.checker.sampling import Sample, Shape
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Network
from tests.checker.region_cases import arrangement_proof, proof_of
from tests.support.sealing import opened, seal_records
from tests.support.tiny import tiny

NETWORK = Network.from_arrays(
    [([[1, 2], [2, -1], [1, 1]], [0, 1, -1]), ([[1, -1, 1], [1, 1, -2]], [0, -1]), ([[1, 1]], [0])]
)
PROOF = proof_of(NETWORK)
TEXT = certificate_text(PROOF)
N_LEAVES = PROOF.records[1].n_cells


def leaf_positions(nodes: list[int], n_inputs: int) -> Iterator[int]:
    """Where the nodes of code 3 begin, by reading the stream."""
    at = 0
    while at < len(nodes):
        code = nodes[at]
        if code == 3:
            yield at
        size = {0: 2, 3: n_inputs + 2}.get(code)
        at += size if size is not None else 3 + nodes[at + 2] if code != 4 else 2 + nodes[at + 1]


def test_the_line_of_a_sample() -> None:
    found = check_text(TEXT, sample=5, seed=1)
    assert (found.accepted, found.sampled, found.step) == (False, True, None)
    assert found.line == (
        f"SAMPLED 3 steps: looked at 5 of {N_LEAVES} leaves of cells, not at faces; "
        "no fault found, nothing proved"
    )
    everything = check_text(TEXT, sample=10**9)
    assert f"looked at {N_LEAVES} of {N_LEAVES} leaves" in everything.line
    assert "no region tree to look at" in check_text(certificate_text(tiny("one")), sample=3).line


def test_a_fault_is_found_where_one_looks() -> None:
    records = opened(PROOF)
    nodes = records[1]["nodes"]
    positions = list(leaf_positions(nodes, 2))
    assert len(positions) == N_LEAVES
    for number in (0, len(positions) // 2, len(positions) - 1):
        spoiled = [dict(record) for record in records]
        spoiled[1]["nodes"] = [*nodes]
        spoiled[1]["nodes"][positions[number] + 3] = -1  # w
        text = seal_records(spoiled, ["cells"])
        assert not check_text(text).accepted
        for seed in range(5):
            wanted = Random(seed).sample(range(N_LEAVES), 3)
            found = check_text(text, sample=3, seed=seed)
            assert found.sampled == (number not in wanted)
            assert found.sampled or (found.step, found.rule) == (2, "region_tree")


def test_the_shape_of_the_whole_tree_is_read() -> None:
    records = opened(PROOF)
    nodes = records[1]["nodes"]
    for wrong in (nodes[:-1], [*nodes, 3, 0, 0, 1], [*nodes[:-4], 7, *nodes[-3:]], [], [0], [1, 0], [4]):
        spoiled = [dict(record) for record in records]
        spoiled[1]["nodes"] = wrong
        assert check_text(seal_records(spoiled, ["cells"]), sample=1).rule == "region_tree"
    for n_cells in (N_LEAVES - 1, N_LEAVES + 1):
        spoiled = [dict(record) for record in records]
        spoiled[1]["n_cells"] = n_cells
        assert not check_text(seal_records(spoiled, ["cells"]), sample=1).sampled


def test_leaves_without_a_cell_count_as_leaves() -> None:
    flat = arrangement_proof([(1, 1, 0)], 2, Polyhedron.box([0, 0], [1, 0]))
    assert "looked at 1 of 1 leaves" in check_text(certificate_text(flat), sample=4).line


def test_patterns_of_maxout_are_not_counted_by_a_sample() -> None:
    layers = [([[1, 0], [0, 1], [0, 0]], None)]
    proof = proof_of(Network.from_arrays(layers, output_activation="maxout", pieces=3))
    records = opened(proof)
    assert records[1]["n_cells"] == 3
    assert check_text(certificate_text(proof), sample=2).sampled
    for n_cells, sampled in ((4, True), (5, False)):
        records[1]["n_cells"] = n_cells
        text = seal_records(records, ["cells"])
        assert not check_text(text).accepted
        assert check_text(text, sample=2).sampled == sampled


def test_shape_knows_the_branches() -> None:
    nodes = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1]
    shape = Shape(nodes, 1, Sample(1, seed=0))
    assert (shape.n_leaves, shape.n_cells) == (3, 3)
    wanted = Random(0).sample(range(3), 1)[0]
    ends = {2: 10, 4: 7, 7: 10, 10: 18}  # where each branch ends
    leaves = {2: range(2), 4: range(1), 7: range(1, 2), 10: range(2, 3)}
    for at in range(len(nodes)):
        expected = ends[at] if at in ends and wanted not in leaves[at] else None
        assert shape.skip(at) == expected


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ([], 0, "ACCEPTED"),
        (["--sample", "4"], 3, "SAMPLED"),
        (["--sample", "4", "--seed", "9"], 3, "SAMPLED"),
        (["--sample", "0"], 2, ""),
        (["--sample", "x"], 2, ""),
        (["--samples"], 2, ""),
    ],
)
def test_the_command_line(tmp_path, capsys, arguments: list[str], code: int, word: str) -> None:
    path = tmp_path / "proof.jsonl"
    path.write_text(TEXT, encoding="utf-8")
    assert main([str(path), *arguments]) == code
    out, err = capsys.readouterr()
    assert out.startswith(word)
    assert out.count("\n") == (code != 2)
    assert bool(err) == (code == 2)


def test_a_sample_is_never_a_proof() -> None:
    certificate = Certificate(PROOF.title, PROOF.records, PROOF.claims)
    assert not check_text(certificate_text(certificate), sample=N_LEAVES).accepted
