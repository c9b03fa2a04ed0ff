"""Vertices against the double description of the geometry package, on degenerate polyhedra too."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached
from exactnet.geometry import Polyhedron
from exactnet.tropical.vertices import vertices_of


@st.composite
def polyhedra(draw):
    """Forms in one to four dimensions, with the axes among them, so that there is no line."""
    d = draw(st.integers(1, 4))
    axes = [(*tuple(int(i == j) for j in range(d)), draw(st.integers(0, 3))) for i in range(d)]
    row = st.tuples(*[st.integers(-2, 2)] * d, st.integers(-2, 4))
    return axes + draw(st.lists(row, max_size=7)), d


@given(polyhedra())
@settings(max_examples=150, deadline=None)
def test_as_the_other_engine(case):
    forms, d = case
    found = vertices_of(forms, d, max_rays=1000)
    assert len(set(found)) == len(found)
    assert set(found) == set(Polyhedron(tuple(forms), d).vertices)


def test_cross_polytope_and_cube():
    cross = [(*signs, 1) for signs in product((1, -1), repeat=4)]
    assert len(vertices_of(cross, 4, max_rays=100)) == 8
    cube = [(*[s * int(i == j) for j in range(4)], 1) for i in range(4) for s in (1, -1)]
    assert len(vertices_of(cube, 4, max_rays=100)) == 16


def test_a_point_and_a_limit():
    assert vertices_of([], 0, max_rays=1) == ((),)
    cube = [(*[s * int(i == j) for j in range(4)], 1) for i in range(4) for s in (1, -1)]
    with pytest.raises(LimitReached, match="too many vertices"):
        vertices_of(cube, 4, max_rays=6)
