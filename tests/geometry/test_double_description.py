"""Cones cut by planes against brute force over all candidate rays and against ranks."""

from __future__ import annotations

from itertools import combinations, product
from math import gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import ExactnetError
from exactnet.exact import rank
from exactnet.geometry.double_description import (
    Cone,
    _edges,
    are_adjacent,
    cut,
    evaluate,
    ray_values,
    side,
    simplicial_cone,
    split,
)
from tests.support.algebra import Integers, ray_pairs

UNIT = {d: tuple(tuple(int(i == j) for j in range(d)) for i in range(d)) for d in range(1, 7)}


@st.composite
def form_lists(draw: st.DrawFn, *, size: int = 2) -> tuple[int, list[Integers]]:
    d = draw(st.integers(2, 4))
    form = st.tuples(*[st.integers(-size, size)] * d)
    return d, draw(st.lists(form, max_size=5))


def _extreme_rays(forms: list[Integers], d: int) -> set[Integers]:
    """All rays that satisfy every form and on which forms of rank d-1 vanish (axes are among the forms)."""
    found = set()
    for ray in ray_pairs(forms, d):
        values = [evaluate(form, ray) for form in forms]
        tight = [form for form, value in zip(forms, values, strict=True) if value == 0]
        if min(values) >= 0 and rank(tight) == d - 1:
            found.add(ray)
    return found


def _check(cone: Cone, forms: list[Integers]) -> None:
    """The rays are those of brute force, primitive, with true tight sets, and edges are found by rank."""
    assert len(set(cone.rays)) == len(cone.rays)
    assert set(cone.rays) == _extreme_rays(forms, cone.dimension)
    for ray, tight in zip(cone.rays, cone.tight, strict=True):
        assert gcd(*ray) == 1
        assert all(evaluate(form, ray) == 0 for k, form in enumerate(forms) if tight >> k & 1)
    for i, j in combinations(range(len(cone.rays)), 2):
        both = [f for f in forms if evaluate(f, cone.rays[i]) == evaluate(f, cone.rays[j]) == 0]
        on_edge = rank(both) == cone.dimension - 2 if both else cone.dimension == 2
        assert are_adjacent(cone, i, j) == are_adjacent(cone, j, i) == on_edge


@settings(max_examples=60, deadline=None)
@given(form_lists(), st.data())
def test_a_chain_of_splits_is_the_cone_of_its_forms(
    case: tuple[int, list[Integers]], data: st.DataObject
) -> None:
    d, forms = case
    used = list(UNIT[d])
    cone = simplicial_cone(used, range(d))
    for form in forms:
        name = len(used)
        values = ray_values(cone, form)
        parts = split(cone, form, name)
        assert [part is not None for part in parts] == (
            [max(values) > 0, min(values) < 0] if any(form) else [False, True]
        )
        assert side(cone, form) == (0 if all(parts) else 1 if parts[0] else -1)
        sign, part = data.draw(st.sampled_from([(s, p) for s, p in zip((1, -1), parts, strict=True) if p]))
        cone = part
        used.append(tuple(sign * x for x in form))
    _check(cone, used)


@settings(max_examples=60, deadline=None)
@given(form_lists())
def test_closed_cuts_may_lose_dimensions(case: tuple[int, list[Integers]]) -> None:
    d, forms = case
    cone = simplicial_cone(UNIT[d], range(d))
    for k, form in enumerate(forms):
        cone = cut(cone, form, d + k)
    _check(cone, [*UNIT[d], *forms])


def test_opposite_cuts_leave_a_face() -> None:
    cone = simplicial_cone(UNIT[3], range(3))
    flat = cut(cut(cone, (1, -1, 0), 3), (-1, 1, 0), 4)
    assert set(flat.rays) == {(1, 1, 0), (0, 0, 1)}
    assert are_adjacent(flat, 0, 1)
    assert cut(flat, (-1, 0, 0), 5).rays == ((0, 0, 1),)
    assert cut(cut(flat, (-1, 0, 0), 5), (0, 0, -1), 6).rays == ()


@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_simplicial_cones_solve_their_forms(signs: tuple[int, ...]) -> None:
    forms = [(2, 1, 0), (0, 3, 1), (1, 0, 1)]
    cone = simplicial_cone(forms, (4, 0, 7), signs)
    for j, (ray, tight) in enumerate(zip(cone.rays, cone.tight, strict=True)):
        values = [evaluate(form, ray) for form in forms]
        assert [(v > 0) - (v < 0) for v in values] == [signs[j] * int(i == j) for i in range(3)]
        assert tight == sum(1 << name for i, name in enumerate((4, 0, 7)) if i != j)


def test_dependent_forms_span_no_cone() -> None:
    with pytest.raises(ExactnetError):
        simplicial_cone([(1, 1), (2, 2)], (0, 1))
    with pytest.raises(ExactnetError):
        simplicial_cone([(1, 1)], (0,))


def test_one_dimension() -> None:
    cone = simplicial_cone([(3,)], (0,))
    assert cone == Cone(1, ((1,),), (0,))
    assert split(cone, (2,), 1) == (cone, None)
    assert cut(cone, (-2,), 1).rays == ()


def _cross_polytope(d: int) -> Cone:
    """The cone over the d-dimensional cross polytope: every vertex lies on 2^(d-1) facets."""
    axes = [(*unit, 1) for unit in UNIT[d]] + [(*[-x for x in unit], 1) for unit in UNIT[d]]
    facets = list(product((1, -1), repeat=d))
    tight = tuple(
        sum(1 << k for k, facet in enumerate(facets) if evaluate(facet, axis[:-1]) == 1) for axis in axes
    )
    return Cone(d + 1, tuple(axes), tight)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_vertices_on_many_facets(d: int) -> None:
    cone = _cross_polytope(d)
    for i, j in combinations(range(2 * d), 2):
        assert are_adjacent(cone, i, j) == (j != i + d or d == 1)
    # the equator of the cross polytope is the one of one dimension less, and no new vertex is needed
    top, bottom = split(cone, (1, *[0] * d), 99)
    assert top is not None
    assert bottom is not None
    assert (len(top.rays), len(bottom.rays)) == (2 * d - 1, 2 * d - 1)
    # between the top and its neighbours
    top, bottom = split(cone, (2, *[0] * (d - 1), -1), 99)
    assert top is not None
    assert bottom is not None
    assert (len(top.rays), len(bottom.rays)) == (1 + 2 * (d - 1), 2 * d - 1 + 2 * (d - 1))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 6), min_size=1, max_size=6))
def test_both_ways_to_find_the_edges_agree(forms: list[Integers]) -> None:
    cone = simplicial_cone(UNIT[6], range(6))
    for k, form in enumerate(forms):
        values = ray_values(cone, form)
        above = [i for i, value in enumerate(values) if value > 0]
        below = [i for i, value in enumerate(values) if value < 0]
        pairs = {(i, j) for i in above for j in below if are_adjacent(cone, i, j)}
        found = list(_edges(cone, above, below))
        assert len(found) == len(set(found))
        assert set(found) == pairs
        positive, negative = split(cone, form, 6 + k, values)
        cone = max((part for part in (positive, negative) if part), key=lambda part: len(part.rays))


def test_a_cube_has_its_edges() -> None:
    cone = simplicial_cone([*((*unit, 0) for unit in UNIT[5]), (0,) * 5 + (1,)], range(6))
    for k, unit in enumerate(UNIT[5]):
        cone = cut(cone, (*[-x for x in unit], 1), 6 + k)
    assert set(cone.rays) == {(*corner, 1) for corner in product((0, 1), repeat=5)}
    edges = sum(are_adjacent(cone, i, j) for i, j in combinations(range(32), 2))
    assert edges == 80
    # the hypersimplex: cut between the levels 2 and 3 of the cube
    level = [i for i, ray in enumerate(cone.rays) if sum(ray[:-1]) <= 2]
    others = [i for i in range(32) if i not in level]
    assert len(list(_edges(cone, level, others))) == 30
