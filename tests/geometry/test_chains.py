"""Chain complexes: what is refused, duals, restrictions, and orientations of bounded and unbounded faces."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.geometry.chains import ChainComplex, oriented, simplicial_chains
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.face_set import poset_of
from exactnet.geometry.homology import chain_betti_numbers
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, Rows, domains, forms_in, networks


def test_a_boundary_with_a_boundary_is_refused() -> None:
    with pytest.raises(InputError, match="boundary of a boundary"):
        ChainComplex.from_matrices([[[1], [-1]], [[1]]])
    with pytest.raises(ShapeError, match="does not exist"):
        ChainComplex((((),), (((1, 1),),)))
    with pytest.raises(ShapeError, match="at least one matrix"):
        ChainComplex.from_matrices([])
    with pytest.raises(ShapeError, match="with rows"):
        ChainComplex.from_matrices([[[1]], []])


def test_a_simplex_and_its_boundary() -> None:
    simplex = simplicial_chains([range(5)])
    assert simplex.ranks == (5, 10, 10, 5, 1)
    assert simplex.top == 4
    sphere = simplicial_chains(combinations(range(5), 4))
    assert chain_betti_numbers(sphere) == (1, 0, 0, 1)
    assert sphere.euler_characteristic() == 0
    assert simplicial_chains([]).top == -1
    # relative to its boundary, a simplex has one class
    relative = simplex.restricted([(), (), (), (), (0,)])
    assert chain_betti_numbers(relative) == (0, 0, 0, 0, 1)


def test_the_dual_of_the_dual_is_the_complex() -> None:
    sphere = simplicial_chains(combinations(range(4), 3))
    assert sphere.dual().dual() == sphere
    assert ChainComplex(()).dual() == ChainComplex(())


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_cubes_are_balls(d: int) -> None:
    cube = poset_of(polyhedral_complex(arrangement_task([], Polyhedron.box([0] * d, [1] * d))))
    assert cube.chains.ranks == tuple(
        2 ** (d - k) * len(list(combinations(range(d), k))) for k in range(d + 1)
    )
    assert chain_betti_numbers(cube.chains, 0) == (1,) + (0,) * d


@given(networks(largest=(3, 3, 2), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=40)
def test_faces_of_networks_can_be_oriented(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    poset = poset_of(polyhedral_complex(region_task(network, domain)))
    # the constructor tests that the boundary of a boundary is zero
    for k, level in enumerate(poset.chains.boundaries):
        for facets, column in zip(poset.boundaries[k], level, strict=True):
            assert sorted(facet for facet, _ in column) == list(facets)
            assert all(value in (1, -1) for _, value in column)


@given(forms_in(3, most=5))
@settings(deadline=None, max_examples=30)
def test_closed_supports_see_the_whole_space_as_one_class(rows: Rows) -> None:
    poset = poset_of(polyhedral_complex(arrangement_task(rows, dimension=3)))
    for field in (0, 2):
        assert chain_betti_numbers(poset.chains, field) == (0, 0, 0, 1)


def test_incidences_of_no_complex_are_refused() -> None:
    with pytest.raises(InvariantError, match="ridges"):
        oriented([[()] * 4, [(0, 1), (2, 3)], [(0, 1)]])
