"""The effective radius: anchors, and a grid of points that a ball must and must not reach."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import ShapeError
from exactnet.geometry import polyhedral_complex, region_task
from exactnet.model import Network
from exactnet.tropical.radius import effective_radius
from paper_repro.anchors import ANCHORS, random_integer_network


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_anchors(anchor):
    result = effective_radius(anchor.network())
    assert result.value.value == anchor.radius
    assert result.value.n_pieces == anchor.regions[4]
    assert result.check().accepted


@given(st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_a_closed_ball_of_that_radius_meets_all_pieces_and_no_smaller_one_does(seed):
    network = random_integer_network((1, 4, 1), seed)
    complex_ = polyhedral_complex(region_task(network))
    found = effective_radius(complex_).value
    nearest: dict = {}
    for cell in complex_.cells:
        ends = [v[0] for v in cell.vertices]
        rays = {ray[0] for ray in cell.rays} | ({1, -1} if cell.lineality else set())
        low = min(ends) if all(ray > 0 for ray in rays) else min(0, *ends)
        high = max(ends) if all(ray < 0 for ray in rays) else max(0, *ends)
        reach = max(0, low, -high)
        nearest[cell.affine_map] = min(reach, nearest.get(cell.affine_map, reach))
    assert found.value == max(nearest.values())


def test_another_centre():
    network = ANCHORS[0].network()
    moved = effective_radius(network, centre=["1/2", -3]).value
    distance = max(abs(Fraction(1, 2)), 3)
    assert abs(moved.value - ANCHORS[0].radius) <= distance
    assert max(abs(a - b) for a, b in zip(moved.nearest, moved.centre, strict=True)) == moved.value
    with pytest.raises(ShapeError):
        effective_radius(network, centre=[1])


def test_an_affine_function_is_everywhere():
    result = effective_radius(Network.from_arrays([([[1, 2]], [3])]))
    assert result.value.value == 0
    assert result.check().accepted


def test_lines_in_the_cells():
    """relu(x - 5) - relu(x + y) ... of one direction only: the cells contain lines."""
    strip = Network.from_arrays([([[1, 1], [1, 1]], [-6, -2]), ([[1, 1]], [0])])
    assert effective_radius(strip).value.value == 3
