"""Complexes: stored counts and f-vectors, neighbours, cells from the signs of any engine, the dual graph."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pytest

from exactnet.errors import InputError, InvariantError, MissingExtraError
from exactnet.geometry import complex as complex_module
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.io import load_network
from exactnet.model import Network
from tests.geometry.nets import (
    check_facets,
    unit_box,
    vandermonde,
    zigzag,
)

SMALL_NETS = [
    "deg_dup_2-10-10-1",
    "deg_ternary_2-12-12-1",
    "deg_zerobias_3-12-12-1",
    "fold_2-4-4-4-1_p2",
    "mlp_2-16-16-1_s0",
    "near_concurrent_2-5-4-1",
]
LARGE_NETS = ["mlp_2-32-32-1_s0", "mlp_3-16-16-1_s0"]
COUNTED_NETS = ["mlp_2-64-64-1_s0", "mlp_4-16-16-1_s0"]


def _stored(folder: Path, name: str) -> tuple[Network, dict[str, object]]:
    truth = json.loads((folder / "nets" / "counts.json").read_text())["truth"][name]
    return load_network(folder / "nets" / f"{name}.npz"), truth


def _compare_with_stored(folder: Path, name: str) -> None:
    network, truth = _stored(folder, name)
    d = network.n_inputs
    space = polyhedral_complex(region_task(network))
    assert (space.n_cells, space.n_bounded) == (truth["Rd"], truth["bounded"])
    assert list(space.f_vector()) == truth["fRd"]
    assert space.euler_characteristic() == (-1) ** d
    box = polyhedral_complex(region_task(network, unit_box(d)))
    assert (box.n_cells, box.n_bounded) == (truth["box"], truth["box"])
    assert list(box.f_vector()) == truth["fbox"]
    assert box.euler_characteristic() == 1
    for found in (space, box):
        check_facets(found)


@pytest.mark.parametrize("name", SMALL_NETS)
def test_stored_networks(data_folder: Path, name: str) -> None:
    _compare_with_stored(data_folder, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE_NETS)
def test_larger_stored_networks(data_folder: Path, name: str) -> None:
    _compare_with_stored(data_folder, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTED_NETS)
def test_counts_of_large_stored_networks(data_folder: Path, name: str) -> None:
    network, truth = _stored(data_folder, name)
    bounded = Counter(all(ray[-1] for ray in cell.rays) for cell in reference_cells(region_task(network)))
    assert (bounded.total(), bounded[True]) == (truth["Rd"], truth["bounded"])
    in_box = reference_cells(region_task(network, unit_box(network.n_inputs)))
    assert sum(1 for _ in in_box) == truth["box"]


@pytest.mark.slow
def test_eight_inputs(data_folder: Path) -> None:
    network, truth = _stored(data_folder, "mlp_8-16-1_s0")
    assert truth["Rd"] == sum(comb(16, i) for i in range(9))
    bounded = Counter(all(ray[-1] for ray in cell.rays) for cell in reference_cells(region_task(network)))
    assert (bounded.total(), bounded[True]) == (truth["Rd"], comb(15, 8))


@cache
def _example() -> tuple[RegionTask, PolyhedralComplex]:
    task = region_task(
        Network.from_arrays([([[1, 2], [-1, 1], [3, 1]], [0, 1, -1]), ([[1, -1, 2]], [-1]), ([[1]], [0])])
    )
    return task, polyhedral_complex(task)


def test_a_complex_from_sign_vectors_keeps_their_order() -> None:
    task, found = _example()
    table = np.array([cell.signs for cell in found.cells], dtype=np.int8)[::-1]
    again = polyhedral_complex(task, table)
    assert again.cells == found.cells[::-1]
    assert again.f_vector() == found.f_vector()
    part = polyhedral_complex(task, [table[2], table[2], table[0]])
    assert [cell.signs for cell in part.cells] == [tuple(table[2]), tuple(table[0])]
    with pytest.raises(InputError, match="no cell"):
        polyhedral_complex(task, [(1, 1, 1, 1), (-1, -1, -1, 1)])
    assert polyhedral_complex(task, []).f_vector() == (0, 0, 0)


def test_adjacent_cells_of_a_simple_arrangement_differ_in_one_switch() -> None:
    found = polyhedral_complex(arrangement_task(vandermonde(5, 2)))
    expected = {
        (i, j)
        for i, j in combinations(range(found.n_cells), 2)
        if sum(s != t for s, t in zip(found.cells[i].signs, found.cells[j].signs, strict=True)) == 1
    }
    assert [(i, j) for i, j, _ in found.adjacency()] == sorted(expected)


def test_a_complex_travels() -> None:
    _, found = _example()
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert (
        repr(copy)
        == repr(found)
        == f"PolyhedralComplex({found.n_cells} cells in R^2, {found.n_bounded} bounded)"
    )


def test_more_than_two_cells_at_a_facet_is_our_bug() -> None:
    task, found = _example()
    doubled = PolyhedralComplex(task, (*found.cells, found.cells[0]))
    with pytest.raises(InvariantError, match="more than two cells"):
        doubled.adjacency()


def test_one_cell() -> None:
    found = polyhedral_complex(arrangement_task([], dimension=2))
    assert (found.f_vector(), found.n_bounded, found.adjacency()) == ((0, 0, 1), 0, ())
    assert (found.cells[0].walls, found.cells[0].witness) == ((), (0, 0))
    assert found.euler_characteristic() == 1
    square = polyhedral_complex(arrangement_task([], unit_box(2)))
    assert (square.f_vector(), square.n_bounded) == ((4, 4, 1), 1)


def test_cells_that_contain_lines() -> None:
    found = polyhedral_complex(arrangement_task([(1, 1, 0, 0), (1, 1, 0, -1), (2, 2, 0, 1)]))
    assert found.f_vector() == (0, 0, 3, 4)
    assert found.bounded_f_vector() == (0, 0, 0, 0)
    assert (found.n_bounded, found.euler_characteristic()) == (0, -1)
    assert len(found.adjacency()) == 3
    assert all(cell.lineality == ((-1, 1, 0), (0, 0, 1)) for cell in found.cells)


def test_a_line() -> None:
    found = polyhedral_complex(region_task(zigzag(2, 2)))
    assert found.f_vector() == (5, 6)
    assert found.n_bounded == 4
    assert len(found.adjacency()) == 5
    ends = sorted({vertex for cell in found.cells for vertex in cell.vertices})
    assert ends == [(Fraction(k, 4),) for k in range(5)]


def test_the_dual_graph() -> None:
    networkx = pytest.importorskip("networkx")
    _, found = _example()
    graph = found.to_networkx()
    assert graph.number_of_nodes() == found.n_cells
    assert {tuple(sorted(edge)) for edge in graph.edges} == {(i, j) for i, j, _ in found.adjacency()}
    assert networkx.is_connected(graph)
    assert graph.nodes[0] == {"signs": found.cells[0].signs, "bounded": found.cells[0].is_bounded}


def test_the_dual_graph_needs_networkx(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(complex_module, "import_module", missing)
    with pytest.raises(MissingExtraError, match="networkx"):
        _example()[1].to_networkx()
