"""Polyhedra: both representations, degenerate ones included, against linear programs and brute force."""

from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import LinearSystem, LpStatus, feasible, rank, solve_lp, solve_unique
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.polyhedron import Polyhedron, cone_over
from tests.geometry.nets import forms_in

F = Fraction


def _system(P: Polyhedron) -> LinearSystem:
    return LinearSystem(
        [[-a for a in row[:-1]] for row in P.rows],
        ["<="] * len(P.rows),
        [row[-1] for row in P.rows],
        n_variables=P.dimension,
    )


@st.composite
def polyhedra(draw: st.DrawFn) -> Polyhedron:
    d = draw(st.integers(1, 3))
    rows = draw(forms_in(d, most=6))
    return Polyhedron(tuple(map(tuple, rows)), d)


@settings(max_examples=60, deadline=None)
@given(polyhedra())
def test_emptiness_and_boundedness_are_those_of_linear_programs(P: Polyhedron) -> None:
    system = _system(P)
    assert P.is_empty == (feasible(system).point is None)
    if P.is_empty:
        assert (P.vertices, P.rays, P.lineality, P.witness, P.affine_dimension) == ((), (), (), None, -1)
        assert P.is_bounded
        return
    bounded = True
    for i, sign in product(range(P.dimension), (1, -1)):
        objective = [sign * int(i == j) for j in range(P.dimension)]
        outcome = solve_lp(system, objective)
        bounded &= outcome.status is LpStatus.OPTIMAL
        if outcome.status is LpStatus.OPTIMAL:
            assert outcome.value == min(evaluate(tuple(objective), vertex) for vertex in P.vertices)
    assert P.is_bounded == bounded


@settings(max_examples=100, deadline=None)
@given(polyhedra())
def test_the_generators_are_right(P: Polyhedron) -> None:
    linear = [row[:-1] for row in P.rows]
    for vertex in P.vertices:
        assert P.contains(vertex)
        tight = [row[:-1] for row in P.rows if evaluate(row, (*vertex, 1)) == 0]
        assert rank(tight or [[0] * P.dimension]) == rank(linear or [[0] * P.dimension])
    for ray in P.rays:
        assert any(ray)
        assert all(evaluate(row, ray) >= 0 for row in linear)
    for line in P.lineality:
        assert all(evaluate(row, line) == 0 for row in linear)
    if not P.is_empty:
        assert len(P.lineality) == P.dimension - rank(linear or [[0] * P.dimension])


@settings(max_examples=100, deadline=None)
@given(polyhedra())
def test_the_vertices_of_a_pointed_polyhedron_are_all(P: Polyhedron) -> None:
    if P.lineality or P.is_empty:
        return
    expected = set()
    for rows in combinations(set(P.rows), P.dimension):
        normals = [row[:-1] for row in rows]
        if rank(normals) == P.dimension:
            point = solve_unique(normals, [-row[-1] for row in rows])
            if P.contains(point):
                expected.add(point)
    assert set(P.vertices) == expected
    assert len(P.vertices) == len(expected)


@settings(max_examples=60, deadline=None)
@given(polyhedra())
def test_the_witness_lies_in_the_relative_interior(P: Polyhedron) -> None:
    if P.is_empty:
        return
    assert P.witness is not None
    assert P.contains(P.witness)
    for row in P.rows:
        if evaluate(row, (*P.witness, 1)) == 0:
            # a row that is tight there is tight everywhere
            flipped = Polyhedron((*P.rows, tuple(-x for x in row)), P.dimension)
            assert flipped.vertices == P.vertices
            assert solve_lp(_system(P), [-a for a in row[:-1]]).value == row[-1]


@settings(deadline=None)
@given(polyhedra(), st.data())
def test_order_and_repetition_of_rows_do_not_matter(P: Polyhedron, data: st.DataObject) -> None:
    rows = data.draw(st.permutations([*P.rows, *P.rows[:2]]))
    scaled = tuple(tuple(3 * x for x in row) for row in rows)
    Q = Polyhedron(scaled, P.dimension)
    assert set(Q.vertices) == set(P.vertices)
    assert set(Q.rays) == set(P.rays)
    assert (Q.lineality, Q.affine_dimension) == (P.lineality, P.affine_dimension)


def test_well_known_polytopes() -> None:
    cube = Polyhedron.box([0] * 3, [1] * 3)
    assert set(cube.vertices) == set(product((F(0), F(1)), repeat=3))
    assert cube.witness == (F(1, 2),) * 3
    octahedron = Polyhedron(tuple((*signs, 1) for signs in product((1, -1), repeat=3)), 3)
    assert {sum(map(abs, vertex)) for vertex in octahedron.vertices} == {1}
    assert len(octahedron.vertices) == 6
    simplex = Polyhedron.from_inequalities([[-1, 0], [0, -1], ["1/2", "1/3"]], [0, 0, 1])
    assert set(simplex.vertices) == {(0, 0), (2, 0), (0, 3)}
    assert cube.contains(["0.5", "1", 0])
    assert not cube.contains(["0.5", "1.01", 0])


def test_unbounded_ones() -> None:
    space = Polyhedron.whole_space(2)
    assert (space.vertices, space.rays, len(space.lineality)) == (((0, 0),), (), 2)
    assert (space.is_bounded, space.is_empty, space.affine_dimension) == (False, False, 2)
    half = Polyhedron(((1, 1, -2),), 2)
    assert (half.lineality, len(half.rays), half.affine_dimension) == (((-1, 1),), 1, 2)
    strip = Polyhedron(((1, 0, 0), (-1, 0, 1)), 2)
    assert (strip.vertices, strip.rays, strip.lineality) == (((0, 0), (1, 0)), (), ((0, 1),))
    assert not strip.is_bounded
    wedge = Polyhedron(((1, 0, 0), (-1, 1, 0)), 2)
    assert (set(wedge.rays), wedge.vertices) == ({(1, 1), (0, 1)}, ((0, 0),))


def test_small_and_empty_ones() -> None:
    point = Polyhedron.box(["1/3", 2], ["1/3", 2])
    assert (point.vertices, point.affine_dimension, point.is_bounded) == (((F(1, 3), 2),), 0, True)
    edge = Polyhedron.box([0, 1], [5, 1])
    assert (set(edge.vertices), edge.affine_dimension) == ({(0, 1), (5, 1)}, 1)
    nothing = Polyhedron(((1, -2), (-1, 1)), 1)
    assert nothing.is_empty
    assert nothing.generators.cone.rays == ()
    assert Polyhedron(((0, 0, -1),), 2).is_empty
    assert not Polyhedron(((0, 0, 1), (0, 0, 0)), 2).is_empty
    # empty although it has directions: two half-planes that face away from each other
    apart = Polyhedron(((1, 0, -1), (-1, 0, 0)), 2)
    assert (apart.is_empty, apart.is_bounded, apart.rays, apart.lineality) == (True, True, (), ())


def test_dimension_zero() -> None:
    dot = Polyhedron.whole_space(0)
    assert (dot.vertices, dot.affine_dimension, dot.is_bounded, dot.witness) == (((),), 0, True, ())
    assert Polyhedron(((-1,),), 0).is_empty
    assert cone_over([], 0).cone.rays == ((1,),)


def test_recession_cones() -> None:
    P = Polyhedron(((1, 0, -3), (0, 1, -4), (-1, 2, 7)), 2)
    C = P.recession_cone()
    assert C.vertices == ((0, 0),)
    assert set(C.rays) == set(P.rays) == {(2, 1), (0, 1)}


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InputError, match="lower bound exceeds"):
        Polyhedron.box([0, 2], [1, 1])
    with pytest.raises(ShapeError, match="differ in length"):
        Polyhedron.box([0], [1, 1])
    with pytest.raises(ShapeError, match="do not fit the space"):
        Polyhedron(((1, 2),), 2)
    with pytest.raises(ShapeError, match="one a row"):
        Polyhedron.from_inequalities([[1]], [1, 2])
    with pytest.raises(InputError):
        Polyhedron.box([float("nan")], [1])


def test_rows_become_primitive_integers() -> None:
    P = Polyhedron(((F(1, 2), F(1, 3)), (4, 6)), 1)  # type: ignore[arg-type]
    assert P.rows == ((3, 2), (2, 3))
    assert Polyhedron.from_inequalities([], [], dimension=2) == Polyhedron.whole_space(2)
    assert pickle.loads(pickle.dumps(P)) == P
