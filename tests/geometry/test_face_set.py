"""Sets of faces: open and closed ones, parts, components, maximal faces."""

from __future__ import annotations

from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.face_set import FacePoset, FaceSet, all_faces, poset_of
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task
from tests.geometry.nets import unit_box, vandermonde


def _crossing_lines(domain: Polyhedron | None = None) -> FacePoset:
    return poset_of(polyhedral_complex(arrangement_task([(1, 0, 0), (0, 1, 0)], domain)))


def test_open_closed_and_neither() -> None:
    poset = _crossing_lines()
    everything = all_faces(poset)
    assert poset.fills_space
    assert everything.is_open
    assert everything.is_closed
    cells = everything.where(lambda k, i: k == 2)
    assert (cells.is_open, cells.is_closed, cells.n_components) == (True, False, 4)
    without_origin = everything.where(lambda k, i: k > 0)
    assert (without_origin.is_open, without_origin.n_components) == (True, 1)
    axes = everything.where(lambda k, i: k < 2)
    assert (axes.is_open, axes.is_closed, axes.is_bounded, axes.n_components) == (False, True, False, 1)
    assert axes.bounded_part().f_vector() == (1, 0, 0)
    half_lines = everything.where(lambda k, i: k == 1)
    assert (half_lines.is_open, half_lines.is_closed) == (False, False)


def test_a_set_in_a_box_is_not_open() -> None:
    poset = _crossing_lines(unit_box(2))
    assert not poset.fills_space
    assert not all_faces(poset).is_open
    assert all_faces(poset).is_bounded


def test_a_part_of_the_cells_does_not_fill_the_space() -> None:
    task = arrangement_task([(1, 0), (1, -1)])
    assert not poset_of(polyhedral_complex(task, [(1, -1), (1, 1)])).fills_space
    assert not poset_of(polyhedral_complex(task, [])).fills_space


def test_the_empty_set() -> None:
    empty = all_faces(_crossing_lines()).where(lambda k, i: False)
    assert empty.is_empty
    assert (empty.is_open, empty.is_closed, empty.is_bounded) == (True, True, True)
    assert (empty.dimension, empty.n_components, empty.maximal_faces()) == (-1, 0, ())


def test_components_partition_the_set() -> None:
    poset = poset_of(polyhedral_complex(arrangement_task(vandermonde(5, 2))))
    points = all_faces(poset).where(lambda k, i: k == 0)
    assert points.n_components == 10
    parts = points.components()
    assert sorted(i for part in parts for i in part.members[0]) == list(range(10))
    assert all_faces(poset).n_components == 1


def test_maximal_faces() -> None:
    poset = _crossing_lines()
    everything = all_faces(poset)
    assert [k for k, _ in everything.maximal_faces()] == [2] * 4
    edge = poset.cofaces[0][0][0]
    mixed = FaceSet(poset, ((0,), (edge,), ()))
    assert mixed.maximal_faces() == ((1, edge),)


def test_lines_count_as_unbounded() -> None:
    strips = poset_of(polyhedral_complex(arrangement_task([(1, 1, 0), (1, 1, -1)])))
    assert strips.lowest == 1
    assert strips.fills_space
    line = all_faces(strips).where(lambda k, i: (k, i) == (1, 0))
    assert not line.is_bounded
    assert line.bounded_part().members == line.members
