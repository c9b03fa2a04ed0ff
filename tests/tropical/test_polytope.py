"""Polytopes against definitions, Euler's relation, Qhull, and counting formulas."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from exactnet.errors import InputError, ShapeError
from exactnet.exact import LinearSystem, feasible
from exactnet.tropical import Polytope, normalized_volume, zonotope
from exactnet.tropical.convex_hull import hull
from exactnet.tropical.lattice_volume import triangulation

point_lists = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.tuples(*[st.integers(-2, 2)] * n), min_size=1, max_size=9)
)


def in_hull(point, others) -> bool:
    """By an exact linear system: the point as a convex combination."""
    rows = [[q[k] for q in others] for k in range(len(point))]
    rows.append([1] * len(others))
    signs = [[-int(i == j) for i in range(len(others))] for j in range(len(others))]
    system = LinearSystem(
        rows + signs, ["="] * len(rows) + ["<="] * len(others), [*point, 1] + [0] * len(others)
    )
    return feasible(system).point is not None


@settings(max_examples=60, deadline=None)
@given(point_lists)
def test_vertices_are_the_points_that_no_others_generate(points) -> None:
    found = Polytope.from_points(points)
    distinct = sorted(set(points))
    expected = [p for p in distinct if not (rest := [q for q in distinct if q != p]) or not in_hull(p, rest)]
    assert list(found.vertices) == [tuple(map(Fraction, p)) for p in expected]
    for p in distinct:
        assert found.contains(p)


@settings(max_examples=60, deadline=None)
@given(point_lists)
def test_faces_satisfy_euler_and_come_from_supporting_forms(points) -> None:
    found = Polytope.from_points(points)
    assert len(found.faces) == found.dimension + 1
    assert sum((-1) ** k * n for k, n in enumerate(found.n_faces)) == 1
    assert len(found.facets) == (found.n_faces[-2] if found.dimension else 0)
    for k, level in enumerate(found.faces):
        for face in level:
            part = Polytope(tuple(found.vertices[i] for i in face))
            assert part.dimension == k
            # a face has all vertices on the facets through it
            through = [
                form
                for form in found.facets
                if all(sum(a * v for a, v in zip(form, (*p, 1), strict=True)) == 0 for p in part.vertices)
            ]
            on_all = [
                i
                for i, p in enumerate(found.vertices)
                if all(sum(a * v for a, v in zip(form, (*p, 1), strict=True)) == 0 for form in through)
            ]
            assert tuple(on_all) == face


@settings(max_examples=60, deadline=None)
@given(point_lists, st.randoms(use_true_random=False))
def test_contains_is_membership_in_the_hull(points, random) -> None:
    found = Polytope.from_points(points)
    x = [Fraction(random.randint(-4, 4), 2) for _ in points[0]]
    assert found.contains(x) == in_hull(x, sorted(set(points)))


@pytest.mark.parametrize(("n", "seed"), list(product([2, 3, 4], range(4))))
def test_volume_and_vertices_agree_with_qhull(n, seed) -> None:
    random = Random(10 * n + seed)
    points = [[random.randint(-20, 20) for _ in range(n)] for _ in range(3 * n + 4)]
    found, oracle = Polytope.from_points(points), ConvexHull(points)
    assert float(normalized_volume(found)) / factorial(n) == pytest.approx(oracle.volume)
    assert len(found.vertices) == len(oracle.vertices)


@settings(max_examples=40, deadline=None)
@given(point_lists, st.integers(1, 3))
def test_normalized_volume_scales_and_survives_a_change_of_lattice_basis(points, factor) -> None:
    found = Polytope.from_points(points)
    volume = normalized_volume(found)
    assert volume == int(volume) > 0
    assert normalized_volume(found * factor) == factor**found.dimension * volume
    assert normalized_volume(found * Fraction(-1, factor)) == volume / factor**found.dimension
    # the shear x_1 += 2 x_n, and one more coordinate that depends on the others
    sheared = [(p[0] + 2 * p[-1] * (len(p) > 1), *p[1:], 3 * p[0] - 1) for p in points]
    assert normalized_volume(Polytope.from_points(sheared)) == volume


def test_lattice_lengths_and_areas_below_full_dimension() -> None:
    assert normalized_volume(Polytope.from_points([(0, 0, 0), (4, 6, 2)])) == 2
    # the triangle of the unit points: its plane has the lattice x + y + z = 0
    assert normalized_volume(Polytope.from_points([(1, 0, 0), (0, 1, 0), (0, 0, 1)])) == 1
    assert normalized_volume(Polytope.from_points([(3,)])) == 1


def test_triangulations_use_every_vertex_and_no_other_point() -> None:
    cube = Polytope.from_points(product([0, 1], repeat=3))
    simplices = triangulation(cube)
    assert len(simplices) == 6
    assert {v for simplex in simplices for v in simplex} == set(range(8))


@settings(max_examples=40, deadline=None)
@given(point_lists, st.randoms(use_true_random=False))
def test_support_functions_add_up(points, random) -> None:
    n = len(points[0])
    first = Polytope.from_points(points)
    second = Polytope.from_points([[random.randint(-2, 2) for _ in range(n)] for _ in range(3)])
    for _ in range(5):
        u = [random.randint(-3, 3) for _ in range(n)]
        assert (first + second).support(u) == first.support(u) + second.support(u)
        assert first.join(second).support(u) == max(first.support(u), second.support(u))
        assert (first * 2).support(u) == 2 * first.support(u)
        moved = first.shifted([1] * n)
        assert moved.support(u) == first.support(u) + sum(u)


@pytest.mark.parametrize(("n", "m"), [(2, 3), (2, 5), (3, 4), (3, 6), (4, 5)])
def test_generic_zonotopes_have_as_many_vertices_as_regions(n, m) -> None:
    segments = [([0] * n, [(i + 2) ** k for k in range(n)]) for i in range(m)]
    assert len(zonotope(segments, [0] * n).vertices) == 2 * sum(comb(m - 1, j) for j in range(n))


def test_zonotopes_of_parallel_and_zero_segments() -> None:
    found = zonotope([((0, 0), (1, 1)), ((0, 0), (2, 2)), ((5, 5), (5, 5))], (1, 0))
    assert found.vertices == ((6, 5), (9, 8))
    assert zonotope([], (1, 2)).vertices == ((1, 2),)


def test_hull_of_points_at_infinity() -> None:
    # the positive quadrant from (1, 1)
    found = hull([(1, 1, 1), (1, 0, 0), (0, 1, 0)])
    assert {facet.form for facet in found.facets} == {(1, 0, -1), (0, 1, -1), (0, 0, 1)}


def test_simplex_faces() -> None:
    n = 4
    simplex = Polytope.from_points([[int(i == k) for k in range(n)] for i in range(n + 1)])
    assert simplex.n_faces == tuple(comb(n + 1, k + 1) for k in range(n + 1))
    assert all(face in simplex.faces[1] for face in combinations(range(n + 1), 2))


def test_errors() -> None:
    with pytest.raises(InputError, match="no points"):
        Polytope.from_points([])
    with pytest.raises(ShapeError, match="different lengths"):
        Polytope.from_points([(0, 1), (1,)])
    square = Polytope.from_points(product([0, 1], repeat=2))
    with pytest.raises(ShapeError, match="space of the polytope"):
        square.contains([1])
    with pytest.raises(ShapeError, match="space of the polytope"):
        _ = square + Polytope.from_points([(0,)])


def test_a_polytope_times_zero_is_a_point() -> None:
    assert (Polytope.from_points([(0, 1), (1, 2)]) * 0).vertices == ((0, 0),)


def test_float_entries_enter_by_their_exact_value() -> None:
    points = np.array([[0.5, 0.25], [0.1, 0.0]])
    found = Polytope.from_points(points)
    assert found.vertices[0][0] == Fraction(0.1)
