"""Networks on lines and planes: the same values, the same cells, and refusals."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import rank
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.extrema import maximum
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.slices import (
    AffineSlice,
    affine_hull,
    factor_inputs,
    input_rank,
    line_through,
    plane_through,
    slice_network,
    slice_polyhedron,
    slice_task,
    slice_through,
)
from exactnet.geometry.task import arrangement_task, region_task, signs_at
from exactnet.model import AffineLayer, Network
from tests.geometry.nets import ACTIVATIONS, domains, networks, unit_box

RATIONAL = st.fractions(min_value=-3, max_value=3, max_denominator=3)


def _general_network() -> Network:
    """Skip connections from the inputs and from a layer, maxout, two outputs."""
    return Network(
        (
            AffineLayer.from_arrays([[1, 2, 0], [0, -1, 1]], [1, 0], activation="relu"),
            AffineLayer.from_arrays(
                [[1, 0], [0, 1], [1, 1], [2, -1], [1, 0], [0, 0]],
                [0, 1, 0, -1, 0, 2],
                activation="maxout",
                pieces=3,
                skips={0: [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1], [0, 2, 0]]},
            ),
            AffineLayer.from_arrays(
                [[1, -1], [0, 1]], [0, 3], skips={0: [[1, 0, 0], [0, 0, 0]], 1: [[0, 1], [1, 0]]}
            ),
        )
    )


@st.composite
def slices_of(draw: st.DrawFn, d: int) -> AffineSlice:
    k = draw(st.integers(1, d))
    vector = st.lists(st.integers(-2, 2), min_size=d, max_size=d)
    directions = draw(st.lists(vector, min_size=k, max_size=k).filter(lambda rows: rank(rows) == len(rows)))
    return AffineSlice(draw(st.lists(RATIONAL, min_size=d, max_size=d)), directions)


# -- restriction ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_same_values_and_cells(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(3, 3, 2), activations=ACTIVATIONS))
    where = data.draw(slices_of(network.n_inputs))
    domain = data.draw(domains(network.n_inputs))
    restricted = slice_network(network, where)
    task = slice_task(region_task(network, domain), where)
    part = None if domain is None else slice_polyhedron(domain, where)
    expected = {cell.signs for cell in reference_cells(region_task(restricted, part))}
    assert {cell.signs for cell in reference_cells(task)} == expected
    t = tuple(data.draw(st.lists(RATIONAL, min_size=where.dimension, max_size=where.dimension)))
    x = where.point(t)
    assert restricted(t) == network(x)
    assert where.coordinates(x) == t
    assert signs_at(task, t) == signs_at(region_task(network), x)
    if domain is not None and part is not None:
        assert part.contains(t) == domain.contains(x)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_skip_connections_and_maxout(data: st.DataObject) -> None:
    network = _general_network()
    where = data.draw(slices_of(3))
    restricted = slice_network(network, where)
    t = tuple(data.draw(st.lists(RATIONAL, min_size=where.dimension, max_size=where.dimension)))
    assert restricted(t) == network(where.point(t))
    task = slice_task(region_task(network), where)
    cells = {cell.signs for cell in reference_cells(task)}
    assert cells == {cell.signs for cell in reference_cells(region_task(restricted))}
    found = polyhedral_complex(task)
    for cell in found.cells:
        matrix, constants = cell.affine_map
        values = [a + b for a, b in zip(matrix @ cell.witness, constants, strict=True)]
        assert tuple(values) == network(where.point(cell.witness))


def test_a_network_without_switches() -> None:
    affine = Network.from_arrays([([[1, 2]], [3])])
    task = slice_task(region_task(affine), line_through([1, 1], [2, 3]))
    matrix, constants = polyhedral_complex(task).cells[0].affine_map
    assert (matrix.row(0), constants) == ((5,), (6,))


def test_lines_count_crossings() -> None:
    lines = arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1), (1, -1, 5)])
    # x + y = 1/2 is parallel to the third and meets the three others in distinct points
    through = slice_task(lines, line_through(["1/2", 0], [0, "1/2"]))
    assert polyhedral_complex(through).n_cells == 4
    # a line inside an arrangement's line: that switch is zero all along
    inside = slice_task(lines, line_through([0, 0], [0, 1]))
    assert polyhedral_complex(inside).n_cells == 4
    assert all(cell.signs[0] == -1 for cell in reference_cells(inside))


def test_whole_space_as_a_slice() -> None:
    task = arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)], unit_box(2))
    turned = slice_task(task, plane_through([0, 0], [0, 1], [1, 0]))
    assert polyhedral_complex(turned).f_vector() == polyhedral_complex(task).f_vector()


def test_a_slice_beside_the_domain_is_empty() -> None:
    task = arrangement_task([(1, 0, 0)], unit_box(2))
    assert polyhedral_complex(slice_task(task, line_through([0, 2], [1, 2]))).n_cells == 0


def test_provenance_says_slice() -> None:
    network = Network.from_arrays([([[1, 0]], [0])])
    assert "slice of dimension 1" in repr(slice_network(network, line_through([0, 0], [1, 1])))


# -- making slices -------------------------------------------------------------------------------------


def test_points() -> None:
    plane = plane_through([1, 0, 0], [0, 1, 0], [0, 0, 1])
    assert [plane.point(t) for t in ([0, 0], [1, 0], [0, 1])] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert plane.coordinates([Fraction(1, 3)] * 3) == (Fraction(1, 3), Fraction(1, 3))
    assert plane.coordinates([1, 1, 1]) is None
    assert slice_through([[0, 0], [1, 2]]) == line_through([0, 0], [1, 2])


def test_refusals() -> None:
    with pytest.raises(InputError, match="not independent"):
        line_through([1, 1], [1, 1])
    with pytest.raises(InputError, match="not independent"):
        plane_through([0, 0], [1, 1], [2, 2])
    with pytest.raises(InputError, match="points to go through"):
        slice_through([[1, 2]])
    with pytest.raises(InputError, match="no direction"):
        AffineSlice([1, 2], [])
    with pytest.raises(ShapeError, match="different length"):
        line_through([1, 2], [1])
    with pytest.raises(ShapeError, match="origin"):
        AffineSlice([1, 2], [[1]])
    line = line_through([0, 0], [1, 1])
    with pytest.raises(ShapeError, match="another space"):
        slice_task(arrangement_task([(1, 0)]), line)
    with pytest.raises(ShapeError, match="another space"):
        slice_network(Network.from_arrays([([[1]], [0])]), line)
    with pytest.raises(ShapeError, match="coordinates"):
        line.point([1, 2])
    with pytest.raises(ShapeError, match="coordinates"):
        line.coordinates([1])


def test_affine_hulls() -> None:
    side = affine_hull(Polyhedron.box([0, 1, -1], [1, 1, 2]))
    assert isinstance(side, AffineSlice)
    assert side.dimension == 2
    assert side.coordinates([7, 1, 9]) is not None
    assert side.coordinates([7, 2, 9]) is None
    ray = affine_hull(Polyhedron(((1, 0, 0), (0, 1, -2), (0, -1, 2)), 2))
    assert isinstance(ray, AffineSlice)
    assert ray.coordinates([-4, 2]) is not None
    assert ray.dimension == 1
    everything = affine_hull(Polyhedron.whole_space(2))
    assert isinstance(everything, AffineSlice)
    assert everything.dimension == 2
    assert affine_hull(Polyhedron.box([3, 4], [3, 4])) == (3, 4)
    with pytest.raises(InputError, match="empty"):
        affine_hull(Polyhedron(((0, -1),), 1))


def test_maximum_on_a_flat_domain() -> None:
    # the triangle of probabilities has no interior in R^3; max(x, y, z) is largest in its corners
    network = Network.from_arrays(
        [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0] * 3)], output_activation="maxout", pieces=3
    )
    simplex = Polyhedron(((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (1, 1, 1, -1), (-1, -1, -1, 1)), 3)
    where = affine_hull(simplex)
    assert isinstance(where, AffineSlice)
    found = polyhedral_complex(slice_task(region_task(network, simplex), where))
    top = maximum(found)
    assert top.value == 1
    assert {where.point(t) for t in top.points} == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}
    assert maximum(found, [-1]).value == Fraction(-1, 3)


# -- rank of the inputs --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(networks(largest=(3, 3, 2), activations=ACTIVATIONS), st.lists(RATIONAL, min_size=3, max_size=3))
def test_factored_inputs(network: Network, numbers: list[Fraction]) -> None:
    x = numbers[: network.n_inputs]
    reduced, E = factor_inputs(network)
    assert reduced(E @ x) == network(x)
    first = network.layers[0].weight
    assert E.shape == (max(1, rank(first)), network.n_inputs)
    task = region_task(network)
    if network.layers[0].activation != "identity":
        assert input_rank(task) == rank(first)


def test_factored_inputs_with_skips() -> None:
    reduced, E = factor_inputs(_general_network())
    assert E.shape == (3, 3)
    ridge = Network.from_arrays([([[1, 2, 0]], [0]), ([[1]], [0])], skips={(2, 0): [[0, 0, 5]]})
    reduced, E = factor_inputs(ridge)
    assert E.shape == (2, 3)
    for x in ([1, 2, 3], [-1, 0, Fraction(1, 7)]):
        assert reduced(E @ x) == ridge(x)
