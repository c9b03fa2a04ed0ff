"""All faces from the vertices: equal to the plain complex when generic, wrong or refused when not."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exactnet.errors import ShapeError, UnsupportedError
from exactnet.geometry.boundary import level_sets
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.face_set import poset_of
from exactnet.geometry.genericity import check_supertransversal, vertex_signs
from exactnet.geometry.sign_vectors import SignComplex, is_face_of, sign_closure, sign_complex, sign_product
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.geometry.topology import betti_numbers
from exactnet.io import load_network
from exactnet.model import Network
from tests.geometry.nets import domains, unit_box, vandermonde
from tests.geometry.spaces import random_network


def _compare(task: RegionTask) -> tuple[PolyhedralComplex, SignComplex]:
    """Same faces, incidences and bounded faces by both routes."""
    plain, found = polyhedral_complex(task), sign_complex(task)
    assert found.f_vector() == plain.f_vector()
    poset = poset_of(plain)
    names = []
    for k in range(plain.dimension + 1):
        signs = plain.face_signs(k)
        names.append(dict(enumerate(signs)))
        assert sorted(signs) == sorted(one[found.n_walls :] for one in found.faces[k])
    if not found.n_walls:  # then the sign vectors are those of the plain complex, and name its faces
        for k, level in enumerate(found.poset.boundaries):
            mine = {
                found.faces[k][i]: {found.faces[k - 1][j] for j in facets} for i, facets in enumerate(level)
            }
            theirs = {
                names[k][i]: {names[k - 1][j] for j in facets} for i, facets in enumerate(poset.boundaries[k])
            }
            assert mine == theirs
            assert dict(zip(found.faces[k], found.poset.bounded[k], strict=True)) == {
                names[k][i]: flag for i, flag in enumerate(poset.bounded[k])
            }
    assert sorted(map(len, found.poset.boundaries[-1])) == sorted(map(len, poset.boundaries[-1]))
    assert found.bounded_f_vector() == tuple(map(sum, poset.bounded))
    return plain, found


# f-vectors in the fact sheet, weights from -97 to 97, with the sign of the output
ANCHORS = [
    ([2, 4, 4, 1], 1, (38, 85, 48)),
    ([2, 6, 6, 1], 0, (66, 145, 80)),
    ([3, 4, 4, 1], 0, (100, 330, 369, 140)),
    ([2, 4, 1], 3, (13, 31, 19)),
]


@pytest.mark.parametrize(("widths", "seed", "expected"), ANCHORS)
def test_anchors(widths: list[int], seed: int, expected: tuple[int, ...]) -> None:
    sets = level_sets(random_network(widths, seed, 97))
    _, found = _compare(sets.refined.complex.task)
    assert found.f_vector() == expected
    boundary = found.where(lambda signs: signs[-1] == 0)
    for kind in ("ordinary", "compactified", "borel_moore"):
        assert betti_numbers(boundary, kind=kind) == betti_numbers(sets.zero, kind=kind)


def test_without_transversality_faces_are_invented() -> None:
    """The fact sheet: 88 false faces on one network; the route refuses it."""
    task = level_sets(random_network([3, 4, 4, 1], 1, 97)).refined.complex.task
    vertices = [signs for _, signs in vertex_signs(task)]
    closure = {
        filled
        for signs in vertices
        for filled in product(*[(sign,) if sign else (-1, 0, 1) for sign in signs])
    }
    plain = polyhedral_complex(task)
    true = {signs for k in range(4) for signs in plain.face_signs(k)}
    assert true < closure
    assert len(closure - true) == 88
    with pytest.raises(UnsupportedError, match="vanish at"):
        sign_complex(task)
    with pytest.raises(ShapeError, match="one zero a dimension"):
        sign_closure(vertices, 3)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (5, 1), (2, 2), (6, 2), (3, 3), (6, 3), (1, 2), (2, 3)])
def test_planes_in_general_position(n: int, d: int) -> None:
    _compare(arrangement_task(vandermonde(n, d)))


@given(st.lists(st.lists(st.integers(-9, 9), min_size=12, max_size=12), min_size=3, max_size=3), st.data())
@settings(deadline=None, max_examples=40)
def test_random_networks(numbers: list[list[int]], data: st.DataObject) -> None:
    first, second, third = numbers
    network = Network.from_arrays(
        [
            ([first[:2], first[2:4], first[4:6]], first[6:9]),
            ([second[:3], second[3:6]], second[6:8]),
            ([third[:2]], third[2:3]),
        ]
    )
    task = region_task(network, data.draw(domains(2)))
    assume(check_supertransversal(task) is None)
    _compare(task)


def test_products_decide_faces() -> None:
    assert sign_product((0, 1, -1), (1, -1, 0)) == (1, 1, -1)
    _, found = _compare(level_sets(random_network([2, 4, 1], 3, 97)).refined.complex.task)
    for k in (1, 2):
        for i, facets in enumerate(found.poset.boundaries[k]):
            below = {found.faces[k - 1][j] for j in facets}
            assert below == {v for v in found.faces[k - 1] if is_face_of(v, found.faces[k][i])}


def test_cells_are_named_without_the_domain() -> None:
    task = arrangement_task([(3, 1, -1)], unit_box(2))
    found = sign_complex(task)
    assert found.n_walls == 4
    assert sorted(found.cell_signs) == [(-1,), (1,)]
    assert repr(found) == "SignComplex(6, 7, 2 faces)"
    assert betti_numbers(found.poset) == (1, 0, 0)


def _stored(folder: Path, name: str) -> None:
    truth = json.loads((folder / "nets" / "counts.json").read_text())["truth"][name]
    network = load_network(folder / "nets" / f"{name}.npz")
    found = sign_complex(region_task(network))
    assert list(found.f_vector()) == truth["fRd"]
    assert found.bounded_f_vector()[-1] == truth["bounded"]
    inside = sign_complex(region_task(network, unit_box(network.n_inputs)))
    assert list(inside.f_vector()) == truth["fbox"]


def test_a_stored_network(data_folder: Path) -> None:
    _stored(data_folder, "mlp_2-16-16-1_s0")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp_2-32-32-1_s0", "mlp_3-16-16-1_s0"])
def test_larger_stored_networks(data_folder: Path, name: str) -> None:
    _stored(data_folder, name)
    sets = level_sets(load_network(data_folder / "nets" / f"{name}.npz"))
    boundary = sign_complex(sets.refined.complex.task).where(lambda signs: signs[-1] == 0)
    assert betti_numbers(boundary) == betti_numbers(sets.zero)


@pytest.mark.parametrize(
    "name",
    [
        "deg_dup_2-10-10-1",
        "deg_ternary_2-12-12-1",
        "deg_zerobias_3-12-12-1",
        "fold_2-4-4-4-1_p2",
        "near_concurrent_2-5-4-1",
    ],
)
def test_degenerate_stored_networks_are_refused(data_folder: Path, name: str) -> None:
    with pytest.raises(UnsupportedError, match="polyhedral_complex"):
        sign_complex(region_task(load_network(data_folder / "nets" / f"{name}.npz")))
