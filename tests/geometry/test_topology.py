"""Betti numbers: known shapes, order complexes, large boxes, Alexander duality, theorems on networks."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, UnsupportedError
from exactnet.geometry.boundary import (
    LevelSets,
    decision_boundary,
    decision_region,
    level_set,
    level_sets,
)
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.face_set import FaceSet, all_faces, poset_of
from exactnet.geometry.homology import HomologyGroup
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.geometry.topology import Kind, betti_numbers, euler_characteristic, homology_groups
from exactnet.model import Network
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, SMALL, domains, forms_in, networks, unit_box
from tests.geometry.spaces import (
    annulus,
    median,
    order_betti_numbers,
    random_network,
    solid_torus,
    sum_of_moduli,
)

Z, ZERO = HomologyGroup(1), HomologyGroup(0)


def _closed_sets(sets: LevelSets) -> list[FaceSet]:
    return [sets.zero, sets.at_most, sets.at_least]


# -- known shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "at_least", "zero", "at_most"),
    [
        (annulus(), (1, 1, 0), (2, 2, 0), (2, 1, 0)),
        (sum_of_moduli(-1, constant=1), (1, 0), (2, 0), (2, 0)),
        (sum_of_moduli(-1, -1, constant=1), (1, 0, 0), (1, 1, 0), (1, 1, 0)),
        (sum_of_moduli(-1, -1, -1, constant=1), (1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0)),
        (solid_torus(), (1, 1, 0, 0), (1, 2, 1, 0), (1, 1, 1, 0)),
        (sum_of_moduli(1, -1), (1, 0, 0), (1, 0, 0), (1, 0, 0)),
        (sum_of_moduli(1, 1), (1, 0, 0), (1, 0, 0), (1, 0, 0)),
        (median(), (1, 0, 0), (1, 0, 0), (1, 0, 0)),
    ],
)
def test_known_shapes(
    network: Network, at_least: tuple[int, ...], zero: tuple[int, ...], at_most: tuple[int, ...]
) -> None:
    sets = level_sets(network)
    assert betti_numbers(sets.at_least) == at_least
    assert betti_numbers(sets.zero) == zero
    assert betti_numbers(sets.at_most) == at_most
    assert homology_groups(sets.zero) == tuple(HomologyGroup(b) for b in zero)
    assert euler_characteristic(sets.zero) == sum((-1) ** k * b for k, b in enumerate(zero))


# Betti numbers of {f >= 0} and {f = 0} in the fact sheet's anchor table, weights from -3 to 3
Betti = tuple[int, ...]
ANCHORS: dict[tuple[int, ...], list[tuple[Betti, Betti]]] = {
    (2, 4, 1): [((1, 0, 0), (1, 0, 0)), ((2, 0, 0), (2, 0, 0)), *[((1, 0, 0), (1, 0, 0))] * 3],
    (2, 8, 1): [*[((1, 0, 0), (1, 0, 0))] * 2, ((1, 0, 0), (0, 0, 0)), *[((1, 0, 0), (1, 0, 0))] * 2],
    (2, 4, 4, 1): [
        ((1, 0, 0), (1, 0, 0)),
        ((2, 0, 0), (2, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        *[((1, 0, 0), (1, 0, 0))] * 2,
    ],
    (3, 6, 1): [((1, 0, 0, 0), (1, 0, 0, 0))] * 5,
    (3, 4, 4, 1): [
        *[((1, 0, 0, 0), (1, 0, 0, 0))] * 2,
        ((0, 0, 0, 0), (0, 0, 0, 0)),
        *[((1, 0, 0, 0), (1, 0, 0, 0))] * 2,
    ],
}


@pytest.mark.parametrize("widths", ANCHORS)
def test_anchor_networks(widths: tuple[int, ...]) -> None:
    for seed, expected in enumerate(ANCHORS[widths]):
        sets = level_sets(random_network(list(widths), seed, 3))
        assert (betti_numbers(sets.at_least), betti_numbers(sets.zero)) == expected


def test_the_kinds_on_crossing_and_parallel_lines() -> None:
    cross = level_set(sum_of_moduli(1, -1))
    assert betti_numbers(cross) == (1, 0, 0)
    assert betti_numbers(cross, kind="borel_moore") == (0, 3, 0)
    assert betti_numbers(cross, kind="compactified") == (1, 3, 0)
    # | x + y - 1 | - 1/2, which separates the corners of a square as exclusive or does
    exclusive_or = Network.from_arrays([([[1, 1]], [-1]), ([[1]], ["-1/2"])], activation="abs")
    strips = level_sets(exclusive_or)
    assert betti_numbers(strips.zero) == (2, 0, 0)
    assert betti_numbers(strips.zero, kind="compactified") == (1, 2, 0)
    assert betti_numbers(strips.zero, kind="borel_moore") == (0, 2, 0)
    assert betti_numbers(strips.above) == (2, 0, 0)
    assert betti_numbers(strips.below) == (1, 0, 0)
    assert homology_groups(strips.zero, kind="compactified") == (Z, HomologyGroup(2), ZERO)


def test_a_bounded_set_is_compact_already() -> None:
    for found in (level_set(annulus()), level_set(solid_torus())):
        assert betti_numbers(found, kind="compactified") == betti_numbers(found)
        assert betti_numbers(found, kind="borel_moore") == betti_numbers(found)


@given(forms_in(2, most=5))
@settings(deadline=None, max_examples=25)
def test_the_plane_and_the_sphere(rows: list[list[int]]) -> None:
    plane = polyhedral_complex(arrangement_task(rows, dimension=2))
    assert homology_groups(plane) == (Z, ZERO, ZERO)
    assert homology_groups(plane, kind="compactified") == (Z, ZERO, Z)
    assert homology_groups(plane, kind="borel_moore") == (ZERO, ZERO, Z)
    kinds: tuple[Kind, ...] = ("ordinary", "compactified", "borel_moore")
    assert [euler_characteristic(plane, kind=kind) for kind in kinds] == [1, 2, 1]
    box = polyhedral_complex(arrangement_task(rows, unit_box(2)))
    assert homology_groups(box, kind="compactified") == (Z, ZERO, ZERO)


def test_empty_sets_have_no_homology() -> None:
    empty = level_set(annulus(), 5)
    for kind in ("ordinary", "compactified", "borel_moore"):
        assert betti_numbers(empty, kind=kind) == (0, 0, 0)
        assert euler_characteristic(empty, kind=kind) == 0
    flat = polyhedral_complex(region_task(annulus(), Polyhedron.box([0, 0], [0, 1])))
    assert betti_numbers(flat) == (0, 0, 0)


def test_three_classes_that_meet_in_a_point() -> None:
    three = Network.from_arrays([([[1, 0], [0, 1], [-1, -1]], [0, 0, 0])])
    boundary = decision_boundary(three)
    assert betti_numbers(boundary) == (1, 0, 0)
    assert betti_numbers(boundary, kind="compactified") == (1, 2, 0)
    assert betti_numbers(decision_region(three, 0)) == (1, 0, 0)


def test_half_open_sets_have_closed_supports_only() -> None:
    half_open = level_sets(annulus(), domain=unit_box(2)).above
    for kind in ("ordinary", "compactified"):
        with pytest.raises(UnsupportedError, match="borel_moore"):
            betti_numbers(half_open, kind=kind)
    assert betti_numbers(half_open, kind="borel_moore")
    with pytest.raises(InputError, match="no field"):
        betti_numbers(level_set(annulus()), field=6)


# -- other routes to the same numbers ------------------------------------------------------------------


@given(st.one_of(networks(largest=(2, 3, 2), activations=ACTIVATIONS), general_networks()), SMALL)
@settings(deadline=None, max_examples=40)
def test_order_complexes_agree(network: Network, c: int) -> None:
    sets = level_sets(network, c)
    for found in (*_closed_sets(sets), sets.above, sets.below):
        betti = betti_numbers(found)
        assert betti == order_betti_numbers(found)
        assert betti[0] == found.n_components
        assert betti == betti_numbers(found, field=0)


@given(st.one_of(networks(largest=(2, 3, 2), activations=ACTIVATIONS), general_networks()), SMALL, st.data())
@settings(deadline=None, max_examples=40)
def test_order_complexes_agree_on_domains(network: Network, c: int, data: st.DataObject) -> None:
    """Bounded and unbounded domains."""
    for found in _closed_sets(level_sets(network, c, domain=data.draw(domains(network.n_inputs)))):
        assert betti_numbers(found) == order_betti_numbers(found)
        assert found.is_closed


@given(networks(largest=(3, 3), activations=("relu", "abs")), SMALL)
@settings(deadline=None, max_examples=12)
def test_order_complexes_agree_in_space(network: Network, c: int) -> None:
    sets = level_sets(network, c)
    for found in (sets.zero, sets.above, sets.at_most):
        assert betti_numbers(found) == order_betti_numbers(found)


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()), SMALL)
@settings(deadline=None, max_examples=30)
def test_a_large_box_keeps_the_homology(network: Network, c: int) -> None:
    d = network.n_inputs
    sets = level_sets(network, c)
    points = [x for found in sets.refined.complex.cells for point in found.vertices for x in point]
    size = 2 + max(map(abs, points), default=0) * 2
    inside = level_sets(network, c, domain=Polyhedron.box([-size] * d, [size] * d))
    for found, cut in zip(_closed_sets(sets), _closed_sets(inside), strict=True):
        assert cut.is_bounded
        if not sets.refined.poset.lowest:
            assert betti_numbers(found) == betti_numbers(cut)


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()), SMALL)
@settings(deadline=None, max_examples=40)
def test_alexander_duality(network: Network, c: int) -> None:
    """Reduced H_i(R^d - X) = H_c^(d-i-1)(X) for closed X."""
    sets = level_sets(network, c)
    d = network.n_inputs
    outside = [a + b for a, b in zip(betti_numbers(sets.above), betti_numbers(sets.below), strict=True)]
    closed = betti_numbers(sets.zero, kind="borel_moore")
    if sets.above.is_empty and sets.below.is_empty:
        assert closed == (0,) * d + (1,)
        return
    outside[0] -= 1
    assert outside[:d] == list(closed[:d][::-1])
    assert outside[d] == closed[d] == 0


@given(networks(largest=(2, 3), activations=("relu",)), SMALL)
@settings(deadline=None, max_examples=20)
def test_an_unused_input_multiplies_by_a_line(network: Network, c: int) -> None:
    first, *rest = network.layers
    wider = Network.from_arrays(
        [
            ([[*row, 0] for row in first.weight.rows()], first.bias),
            *((layer.weight.rows(), layer.bias) for layer in rest),
        ]
    )
    before, after = level_set(network, c), level_set(wider, c)
    assert betti_numbers(after) == (*betti_numbers(before), 0)
    closed = betti_numbers(before, kind="borel_moore")
    assert betti_numbers(after, kind="borel_moore") == (0, *closed)


# -- theorems ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "n_networks"), [(1, 20), (2, 20), (3, 4)])
def test_at_most_one_bounded_component(n: int, n_networks: int) -> None:
    """Grigsby and Lindsey 2022: generic networks of shape n, n + 1, 1."""
    for seed in range(n_networks):
        sets = level_sets(random_network([n, n + 1, 1], seed, 97))
        for region in (sets.above, sets.below):
            assert sum(part.is_bounded for part in region.components()) <= 1


def test_a_complex_and_its_poset_are_spaces() -> None:
    found = polyhedral_complex(region_task(solid_torus()))
    poset = poset_of(found)
    assert betti_numbers(found) == betti_numbers(poset) == betti_numbers(all_faces(poset)) == (1, 0, 0, 0)


def test_simplices_of_an_arrangement() -> None:
    """The bounded cells of lines in general position: a contractible set (Dong 2008)."""
    rows = [[1, t, t * t] for t in range(1, 6)]
    plane = polyhedral_complex(arrangement_task(rows))
    bounded = all_faces(poset_of(plane)).bounded_part()
    assert len(list(combinations(range(5), 2))) == bounded.f_vector()[0]
    assert betti_numbers(bounded) == (1, 0, 0)
