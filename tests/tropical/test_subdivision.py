"""Dual subdivisions and hypersurfaces against definitions, volumes, duality, balance, published examples."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings

from exactnet.errors import ShapeError
from exactnet.tropical import (
    TropicalPolynomial,
    dual_subdivision,
    lifted_newton_polytope,
    newton_polytope,
    normalized_volume,
    tropical_curve,
    tropical_hypersurface,
    upper_vertices,
)
from exactnet.tropical.hypersurface import largest_terms
from tests.tropical.polynomials import fractions, polynomials

# facts A1.7: cross-checked there with polymake
CONIC = TropicalPolynomial.from_terms({(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2})


def inner(cell) -> tuple[Fraction, ...]:
    """A relative interior point of the face that a cell is dual to."""
    corner = [sum(column, Fraction(0)) / len(cell.vertices) for column in zip(*cell.vertices, strict=True)]
    return tuple(x + sum(ray[k] for ray in cell.rays) for k, x in enumerate(corner))


@settings(max_examples=80, deadline=None)
@given(polynomials())
def test_cells_are_the_sets_of_terms_that_are_largest_together(p) -> None:
    found = dual_subdivision(p)
    assert sum((-1) ** k * n for k, n in enumerate(found.n_cells)) == 1
    seen = set()
    for k, level in enumerate(found.cells):
        for cell in level:
            assert cell.dimension == k
            assert found.polytope(cell).dimension == k
            assert largest_terms(p, inner(cell)) == cell.terms
            assert set(cell.corners) <= set(cell.terms)
            # the corners are the vertices of the hull of all tied exponents
            hull = newton_polytope(TropicalPolynomial(p.n_variables, tuple(p.terms[i] for i in cell.terms)))
            own = TropicalPolynomial(p.n_variables, tuple(p.terms[i] for i in cell.corners))
            assert newton_polytope(own) == hull
            assert len(hull.vertices) == len(cell.corners)
            seen.add(cell.terms)
    # every tie at a grid point is a cell
    for x in product([-1, 0, Fraction(1, 2)], repeat=p.n_variables):
        assert largest_terms(p, x) in seen


@settings(max_examples=80, deadline=None)
@given(polynomials())
def test_the_largest_cells_fill_the_newton_polytope(p) -> None:
    found = dual_subdivision(p)
    newton = newton_polytope(p)
    assert found.dimension == newton.dimension
    # the lattice of a lower-dimensional Newton polytope is that of its span, for cells as for the whole
    assert found.total_volume == normalized_volume(newton)
    assert {found.exponents(cell.corners)[0] for cell in found.cells[0]} == {
        e for e, _ in p.normal_form().as_fractions()
    }


@settings(max_examples=40, deadline=None)
@given(polynomials(n_variables=2, exponents=fractions, coefficients=fractions))
def test_curves_balance_with_rational_exponents(p) -> None:
    curve = tropical_curve(p)
    assert curve.is_balanced
    assert sum(curve.multiplicities) == (normalized_volume(newton_polytope(p)) if curve.vertices else 0)
    assert len(curve.edges) + len(curve.rays) + len(curve.lines) == (
        curve.subdivision.n_cells[1] if curve.subdivision.dimension else 0
    )
    # rays leave through the sides of the Newton polygon: weights add up to the lattice lengths
    if curve.vertices:
        newton = newton_polytope(p)
        around = sum(
            normalized_volume(type(newton)(tuple(newton.vertices[v] for v in side)))
            for side in newton.faces[1]
        )
        assert sum(ray.weight for ray in curve.rays) == around


@settings(max_examples=40, deadline=None)
@given(polynomials(n_variables=3, most_terms=6))
def test_hypersurfaces_in_space_balance_along_every_edge(p) -> None:
    """Around a cell of dimension n-2 the weighted jumps of the gradient add up to zero."""
    found = dual_subdivision(p)
    if found.dimension < 2:
        return
    edges = {frozenset(cell.corners) for cell in found.cells[1]}
    for polygon in found.cells[2]:
        sides = [edge for edge in edges if edge <= set(polygon.corners)]
        assert len(sides) == len(polygon.corners)
        count = {i: sum(i in side for side in sides) for i in polygon.corners}
        assert set(count.values()) == {2}


def test_the_conic_of_the_fact_sheet() -> None:
    found = dual_subdivision(CONIC)
    assert found.n_cells == (6, 8, 3)
    polygons = {frozenset(found.exponents(cell.corners)) for cell in found.cells[2]}
    assert polygons == {
        frozenset({(0, 0), (0, 1), (1, 0), (1, 1)}),
        frozenset({(1, 0), (1, 1), (2, 0)}),
        frozenset({(0, 1), (0, 2), (1, 1)}),
    }
    curve = tropical_curve(CONIC)
    assert curve.vertices == ((0, 0), (0, 1), (1, 0))
    assert len(curve.edges) == 2
    assert len(curve.rays) == 6
    assert {part.weight for part in (*curve.edges, *curve.rays)} == {1}
    assert not found.is_triangulation


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
def test_honeycombs_are_smooth_and_have_the_genus_of_their_degree(degree) -> None:
    terms = {(i, j): -(i * i + i * j + j * j) for i in range(degree + 1) for j in range(degree + 1 - i)}
    curve = tropical_curve(TropicalPolynomial.from_terms(terms))
    assert curve.subdivision.is_unimodular
    assert curve.genus == (degree - 1) * (degree - 2) // 2
    assert len(curve.vertices) == degree**2
    assert sorted(ray.direction for ray in curve.rays) == sorted([(-1, 0), (0, -1), (1, 1)] * degree)


def test_weights_of_a_curve_with_long_edges() -> None:
    curve = tropical_curve(TropicalPolynomial.from_terms({(0, 0): 0, (3, 0): 0, (0, 3): 0, (1, 1): -1}))
    assert [ray.weight for ray in curve.rays] == [3, 3, 3]
    assert curve.multiplicities == (9,)
    # the term (1, 1) lies below and is no corner, and is not tied
    assert curve.subdivision.cells[2][0].terms == curve.subdivision.cells[2][0].corners
    raised = tropical_curve(TropicalPolynomial.from_terms({(0, 0): 0, (3, 0): 0, (0, 3): 0, (1, 1): 0}))
    assert len(raised.subdivision.cells[2][0].terms) == 4
    assert len(raised.subdivision.cells[2][0].corners) == 3


def test_points_of_a_polynomial_in_one_variable_have_the_slopes_as_weights() -> None:
    p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (4,): -6})
    found = tropical_hypersurface(p)
    assert [(cell.vertices[0][0], cell.weight) for cell in found.cells[0]] == [(0, 1), (2, 3)]


def test_lines_when_the_newton_polygon_is_a_segment_and_nothing_for_one_term() -> None:
    p = TropicalPolynomial.from_terms({(0, 0): 0, (1, 2): 0, (2, 4): -1})
    curve = tropical_curve(p)
    assert [line.direction for line in curve.lines] == [(-2, 1)] * 2
    assert (curve.vertices, curve.rays, curve.edges, curve.genus) == ((), (), (), 0)
    single = tropical_curve(TropicalPolynomial.affine([1, 2], 3))
    assert (single.lines, single.subdivision.n_cells) == ((), (1,))
    assert tropical_hypersurface(TropicalPolynomial.affine([1, 2, 3])).n_cells == (0, 0, 0)


def test_terms_below_the_hull_change_nothing() -> None:
    below = CONIC + TropicalPolynomial.affine([1, 1], -7) + TropicalPolynomial.affine(["1/2", "1/2"], -5)
    assert tropical_curve(below).vertices == tropical_curve(CONIC).vertices
    assert upper_vertices(below) == upper_vertices(CONIC)
    assert set(upper_vertices(below)) <= set(lifted_newton_polytope(below).vertices)


def test_long_numbers_are_handled_exactly() -> None:
    big = 10**40
    p = TropicalPolynomial.from_terms({(2 * big, 0): big, (0, 2 * big): big, (big, big): 1, (0, 0): -big})
    curve = tropical_curve(p)
    assert curve.is_balanced
    assert {ray.weight for ray in curve.rays} == {2 * big}


def test_errors() -> None:
    with pytest.raises(ShapeError, match="two variables"):
        tropical_curve(TropicalPolynomial.affine([1]))
