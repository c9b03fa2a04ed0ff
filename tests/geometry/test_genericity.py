"""Genericity: witnesses that can be checked, random networks, and the definition by all faces."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached
from exactnet.exact import rank
from exactnet.geometry.boundary import level_sets
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.genericity import (
    check_generic_layers,
    check_supertransversal,
    genericity_of,
    vertex_signs,
)
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.task import arrangement_task, region_task, signs_at
from exactnet.io import load_network
from exactnet.model import Network
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, Rows, domains, forms_in, networks, vandermonde
from tests.geometry.spaces import random_network

GENERIC = ["mlp_2-16-16-1_s0"]
# the first two by repeated and by folding units; the others are not even simple as complexes
DEGENERATE = [
    "deg_dup_2-10-10-1",
    "fold_2-4-4-4-1_p2",
    "deg_ternary_2-12-12-1",
    "deg_zerobias_3-12-12-1",
    "near_concurrent_2-5-4-1",
]


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()), st.data())
@settings(deadline=None, max_examples=60)
def test_every_face_decides_like_the_vertices(network: Network, data: st.DataObject) -> None:
    """Masden's definition: each face has dimension d minus the number of its zeros."""
    task = region_task(network, data.draw(domains(network.n_inputs)))
    found = polyhedral_complex(task)
    transversal = True
    for k in range(found.dimension + 1):
        for signs, face in zip(found.face_signs(k), found.lattice.faces[k], strict=True):
            rays = [found.lattice.generators[g] for g in face]
            walls = sum(not any(evaluate(row, ray) for ray in rays) for row in task.domain)
            transversal = transversal and signs.count(0) + walls == found.dimension - k
    assert (check_supertransversal(task) is None) == transversal


@given(networks(largest=(3, 3, 2), activations=ACTIVATIONS))
@settings(deadline=None, max_examples=30)
def test_a_special_vertex_is_one(network: Network) -> None:
    task = region_task(network)
    witness = check_supertransversal(task)
    if witness is not None:
        *x, w = witness.point
        signs = signs_at(task, _exact(x, w))
        assert tuple(j for j, sign in enumerate(signs) if sign == 0) == witness.switches
        assert len(witness.switches) != witness.n_expected
        assert witness.n_expected == task.dimension - len(reduce_task(task).lineality)
        assert "should" in str(witness)


def _exact(x: list[int], w: int) -> list[str]:
    return [f"{value}/{w}" for value in x]


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()), st.data())
@settings(deadline=None, max_examples=30)
def test_signs_of_vertices_by_evaluation(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    found = dict(vertex_signs(task))
    lattice = polyhedral_complex(task).lattice
    assert set(found) == {ray for ray in lattice.generators if ray[-1]}
    for point, signs in found.items():
        assert signs[len(task.domain) :] == signs_at(task, _exact(list(point[:-1]), point[-1]))
        assert min(signs[: len(task.domain)], default=0) >= 0


@given(forms_in(2, most=6))
def test_general_position_by_brute_force(rows: Rows) -> None:
    """In the plane: no zero row, no two parallel lines, no three through one point."""
    expected = (
        all(any(row[:-1]) for row in rows)
        and all(rank([a[:-1], b[:-1]]) == 2 for a, b in combinations(rows, 2))
        and all(rank(three) == 3 for three in combinations(rows, 3))
    )
    witness = check_generic_layers(arrangement_task(rows, dimension=2))
    assert (witness is None) == expected
    if witness is not None:
        forms = [rows[j][:-1] if witness.linear else rows[j] for j in witness.switches]
        rank_of_it = rank(forms)
        assert rank_of_it < len(forms)
        assert all(witness.relation)
        assert str(witness)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_moment_curve_is_generic(d: int) -> None:
    found = genericity_of(arrangement_task(vandermonde(d + 3, d)))
    assert found.has_generic_layers
    assert found.is_supertransversal


def test_anchor_networks_of_the_fact_sheet() -> None:
    """Weights from -97 to 97, with the sign of the output: all generic but one."""
    for widths, seed in (([2, 4, 4, 1], 1), ([2, 6, 6, 1], 0), ([3, 4, 4, 1], 0), ([2, 4, 1], 3)):
        task = level_sets(random_network(widths, seed, 97)).refined.complex.task
        assert check_supertransversal(task) is None
    task = level_sets(random_network([3, 4, 4, 1], 1, 97)).refined.complex.task
    witness = check_supertransversal(task)
    assert witness is not None
    assert len(witness.switches) > witness.n_expected == 3


def test_small_weights_are_rarely_generic() -> None:
    """The fact sheet: 7 of 8 networks 2-4-4-1 with weights from -3 to 3 fail, the output's sign counted."""
    tasks = [level_sets(random_network([2, 4, 4, 1], seed, 3)).refined.complex.task for seed in range(8)]
    assert sum(check_supertransversal(task) is not None for task in tasks) == 7


@pytest.mark.parametrize("name", GENERIC + DEGENERATE)
def test_stored_networks(data_folder: Path, name: str) -> None:
    task = region_task(load_network(data_folder / "nets" / f"{name}.npz"))
    assert (check_supertransversal(task) is None) == (name in GENERIC)


@pytest.mark.parametrize("name", [*GENERIC, *DEGENERATE])
def test_stored_counts_of_simple_complexes(data_folder: Path, name: str) -> None:
    """In the plane four edges meet at each vertex of a simple complex, and as many as cells are unbounded."""
    truth = json.loads((data_folder / "nets" / "counts.json").read_text())["truth"][name]
    if len(truth["fRd"]) == 3:
        n_vertices, n_edges, n_cells = truth["fRd"]
        simple = 4 * n_vertices == 2 * n_edges - (n_cells - truth["bounded"])
        assert simple == (name in [*GENERIC, *DEGENERATE[:2]])


def test_redundant_rows_of_a_domain_count_where_they_touch() -> None:
    rows = [(1, 0, 0), (-1, 0, 1), (0, 1, 0), (0, -1, 1)]
    square = Polyhedron(tuple(rows), 2)
    assert check_supertransversal(arrangement_task([(3, 1, -2)], square)) is None
    touched = Polyhedron((*rows, (1, 1, 0)), 2)
    witness = check_supertransversal(arrangement_task([(3, 1, -2)], touched))
    assert witness is not None
    assert witness.walls == (0, 2, 4)
    assert "domain rows [0, 2, 4]" in str(witness)


def test_too_many_subsets_are_refused() -> None:
    with pytest.raises(LimitReached, match="general position"):
        genericity_of(arrangement_task(vandermonde(9, 3)), limit=100)
