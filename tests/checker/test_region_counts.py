"""Counts and f-vectors of stored networks, from an independent enumerator, as the checker finds them."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path
from typing import Any

import pytest

from exactnet.certificate import CountRecord, certificate_text
from exactnet.checker import check_text
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import reference_tree
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.io import load_network
from tests.checker.region_cases import arrangement_proof
from tests.geometry.nets import differences, unit_box, vandermonde
from tests.support.sealing import opened, rejects, seal_records

SMALL_NETS = [
    "deg_dup_2-10-10-1",
    "deg_ternary_2-12-12-1",
    "deg_zerobias_3-12-12-1",
    "fold_2-4-4-4-1_p2",
    "mlp_2-16-16-1_s0",
    "near_concurrent_2-5-4-1",
]
LARGE_NETS = ["mlp_2-32-32-1_s0", "mlp_3-16-16-1_s0", "mlp_2-64-64-1_s0"]


def _check_stored(folder: Path, name: str) -> None:
    truth = json.loads((folder / "nets" / "counts.json").read_text())["truth"][name]
    network = load_network(folder / "nets" / f"{name}.npz")
    for domain, n_cells, f_vector, n_bounded in (
        (None, truth["Rd"], truth.get("fRd"), truth["bounded"]),
        (unit_box(network.n_inputs), truth["box"], truth.get("fbox"), truth["box"]),
    ):
        task = region_task(network, domain)
        tree = reference_tree(task)
        assert tree.n_cells == tree.n_leaves == n_cells
        faces = (f_vector, n_bounded) if f_vector else None
        proof = region_certificate(network, task, tree, faces=faces)
        found = check_text(certificate_text(proof))
        assert found.accepted, found.line
        assert f"network has exactly {n_cells} activation regions" in found.line
        if f_vector:
            assert (
                f"has f-vector ({', '.join(map(str, f_vector))}), {n_bounded} of its {n_cells} " in found.line
            )


@pytest.mark.parametrize("name", SMALL_NETS)
def test_stored_networks(data_folder: Path, name: str) -> None:
    _check_stored(data_folder, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE_NETS)
def test_larger_stored_networks(data_folder: Path, name: str) -> None:
    _check_stored(data_folder, name)


# -- counts of arrangements ----------------------------------------------------------------------------


def test_formulas_by_deletion_and_restriction() -> None:
    # general position (Buck 1943), and the braid, Shi and Linial arrangements (Stanley 2007)
    cases: list[tuple[Any, int, int]] = [
        (vandermonde(n, d), d, sum(comb(n, k) for k in range(d + 1))) for n, d in ((7, 1), (6, 2), (5, 3))
    ]
    cases += [
        (differences(3, (0,)), 3, 6),
        (differences(3, (0, 1)), 3, 16),
        (differences(3, (1,)), 3, 7),
        ([[1, 0], [-2, 0], [0, 5], [0, 0], [1, 3]], 1, 3),
        ([[0, 0, 1]], 2, 1),
        ([], 2, 1),
    ]
    for forms, d, n_cells in cases:
        proof = arrangement_proof(forms, d)
        assert isinstance(proof.records[2], CountRecord)
        line = check_text(certificate_text(proof)).line
        noun = "activation region" if n_cells == 1 else "activation regions"
        assert f"network has exactly {n_cells} {noun} (deletion and restriction)" in line
        assert rejects(proof, "cells", lambda line: line.update(n_cells=line["n_cells"] + 1), "n_cells")


def test_a_count_needs_no_tree_and_finds_a_wrong_one() -> None:
    # a sample does not count the leaves of a maxout tree; deletion and restriction would
    proof = opened(arrangement_proof([(1, 0), (1, -1)], 1))
    for n_cells in (2, 4):
        proof[1]["n_cells"] = n_cells
        assert not check_text(seal_records(proof, ["count"]), sample=1).sampled


def test_counts_are_of_one_arrangement_of_the_whole_space(data_folder: Path) -> None:
    network = load_network(data_folder / "nets" / "near_concurrent_2-5-4-1.npz")
    task = region_task(network)
    records = opened(region_certificate(network, task, reference_tree(task)))
    records.append({"rule": "count", "id": "count", "cells": "cells"})
    assert "at most one stage of switches" in check_text(seal_records(records, ["count"])).reason
    forms = [(1, 0, 0)]
    task = arrangement_task(forms, unit_box(2))
    records = opened(region_certificate(forms, task, reference_tree(task)))
    records.append({"rule": "count", "id": "count", "cells": "cells"})
    assert "and no domain" in check_text(seal_records(records, ["count"])).reason
    records[-1]["cells"] = "network"
    assert "which is of rule network" in check_text(seal_records(records, ["cells"])).reason
