"""Volumes and integrals: closed formulas, sums over cells, Qhull in floats."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import comb, factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.integral import inner_products, integrate, integrate_quadratic, mean_outputs
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.geometry.volumes import centroid, first_moments, triangulation, volume
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, forms_in, networks, unit_box

DIMENSIONS = range(1, 6)


def simplex(d: int) -> Polyhedron:
    """x >= 0, sum x <= 1."""
    rows = [[int(i == j) for j in range(d)] + [0] for i in range(d)]
    return Polyhedron((*map(tuple, rows), (*[-1] * d, 1)), d)


def cross_polytope(d: int) -> Polyhedron:
    """|x|_1 <= 1."""
    return Polyhedron(tuple((*signs, 1) for signs in product((1, -1), repeat=d)), d)


# -- volumes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", DIMENSIONS)
def test_closed_formulas(d: int) -> None:
    assert volume(simplex(d)) == Fraction(1, factorial(d))
    assert volume(cross_polytope(d)) == Fraction(2**d, factorial(d))
    sides = [Fraction(k + 1, k + 2) for k in range(d)]
    assert volume(Polyhedron.box([-1] * d, [s - 1 for s in sides])) == prod(sides)


@pytest.mark.parametrize("d", range(1, 6))
def test_slabs_of_the_cube_are_eulerian(d: int) -> None:
    # Laplace: d! times the volume of {k <= sum x <= k+1} in the unit cube is an Eulerian number
    rows = [(*[1] * d, -k) for k in range(1, d)]
    found = polyhedral_complex(arrangement_task(rows, Polyhedron.box([0] * d, [1] * d), dimension=d))
    eulerian = [sum((-1) ** j * comb(d + 1, j) * (k + 1 - j) ** d for j in range(k + 1)) for k in range(d)]
    assert sorted(factorial(d) * cell.volume for cell in found.cells) == sorted(eulerian)


@pytest.mark.parametrize("n", [3, 4])
def test_chambers_of_the_cube(n: int) -> None:
    # x_1 < .. < x_n and its permutations divide the cube into n! simplices of equal volume
    rows = []
    for i in range(n):
        for j in range(i):
            row = [0] * (n + 1)
            row[i], row[j] = 1, -1
            rows.append(row)
    found = polyhedral_complex(arrangement_task(rows, Polyhedron.box([0] * n, [1] * n)))
    assert [cell.volume for cell in found.cells] == [Fraction(1, factorial(n))] * factorial(n)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_cells_fill_the_box(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(3, 3, 2), activations=ACTIVATIONS))
    found = polyhedral_complex(region_task(network, unit_box(network.n_inputs)))
    assert sum(cell.volume for cell in found.cells) == 2**network.n_inputs
    assert all(cell.volume == volume(cell.polyhedron) > 0 for cell in found.cells)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_against_qhull_and_under_maps(data: st.DataObject) -> None:
    d = data.draw(st.integers(2, 3))
    cut = Polyhedron((*unit_box(d).rows, *map(tuple, data.draw(forms_in(d, most=4, size=3)))), d)
    size = volume(cut)
    assert (size > 0) == (cut.affine_dimension == d)
    corners = cut.vertices
    if size:
        assert ConvexHull(np.array(corners, dtype=float)).volume == pytest.approx(float(size))
    # x -> 3 S x + t with det S = 1 multiplies volumes by 3^d
    t = data.draw(st.lists(st.integers(-3, 3), min_size=d, max_size=d))
    rows = []
    for a in cut.rows:
        sheared = [*a[:-1]]
        sheared[1] -= 2 * sheared[0]  # a.x with x_0 replaced by x_0 - 2 x_1
        rows.append((*sheared, 3 * a[-1] - sum(p * q for p, q in zip(sheared, t, strict=True))))
    assert volume(Polyhedron(tuple(rows), d)) == 3**d * size


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_lattice_polytopes_have_integer_normalised_volume(data: st.DataObject) -> None:
    d = data.draw(st.integers(1, 4))
    # alcoved polytopes have integer vertices: differences of coordinates between integers
    rows: list[tuple[int, ...]] = list(Polyhedron.box([0] * d, [2] * d).rows)
    for i in range(d):
        for j in range(i):
            row = [0] * d
            row[i], row[j] = 1, -1
            c = data.draw(st.integers(0, 2))
            rows.append((*row, c))
    alcoved = Polyhedron(tuple(rows), d)
    assert all(x.denominator == 1 for vertex in alcoved.vertices for x in vertex)
    assert (factorial(d) * volume(alcoved)).denominator == 1


def test_flat_empty_and_unbounded() -> None:
    assert volume(Polyhedron.box([0, 0], [1, 0])) == 0
    assert volume(Polyhedron(((1, -1), (-1, 0)), 1)) == 0
    assert volume(Polyhedron(((0, 0, -1),), 2)) == 0
    assert triangulation(Polyhedron.box([2], [2])) == ()
    for unbounded in (Polyhedron.whole_space(2), Polyhedron(((1, 0, 0), (0, 1, 0)), 2)):
        with pytest.raises(InputError, match="unbounded"):
            volume(unbounded)
    half_line = polyhedral_complex(arrangement_task([(1, 0)])).cells[0]
    with pytest.raises(InputError, match="bounded domain"):
        _ = half_line.volume
    assert half_line.recession_cone.rays == half_line.rays


def test_repeated_rows_change_nothing() -> None:
    rows = unit_box(2).rows
    assert volume(Polyhedron((*rows, *rows, (1, 1, 2), (0, 0, 1)), 2)) == 4


@pytest.mark.parametrize("d", DIMENSIONS)
def test_centroids(d: int) -> None:
    assert centroid(simplex(d)) == (Fraction(1, d + 1),) * d
    assert centroid(cross_polytope(d)) == (0,) * d
    with pytest.raises(InputError, match="without interior"):
        centroid(Polyhedron.box([0] * d, [0] * d))


# -- integrals -----------------------------------------------------------------------------------------


def _box_integrals(network: Network, low: object, high: object) -> tuple[Fraction, ...]:
    box = Polyhedron.box([low] * network.n_inputs, [high] * network.n_inputs)
    return integrate(polyhedral_complex(region_task(network, box)))


def test_integrals_by_hand() -> None:
    relu = Network.from_arrays([([[1]], [0])], output_activation="relu")
    assert _box_integrals(relu, -1, 1) == (Fraction(1, 2),)
    # |x + y| for uniform x, y in (-1, 1) has mean 2/3
    ridge = Network.from_arrays([([[1, 1]], [0])], output_activation="relu")
    assert _box_integrals(ridge, -1, 1) == (Fraction(4, 3),)
    largest = Network.from_arrays([([[1, -1]], [0]), ([[1]], [0])], skips={(2, 0): [[0, 1]]})
    # the larger of two uniform numbers has mean 2/3
    assert _box_integrals(largest, 0, 1) == (Fraction(2, 3),)
    found = polyhedral_complex(region_task(ridge, unit_box(2)))
    assert mean_outputs(found) == (Fraction(1, 3),)


@settings(max_examples=60, deadline=None)
@given(networks(largest=(1, 4, 3), activations=ACTIVATIONS))
def test_integrals_on_a_line(network: Network) -> None:
    # the trapezoidal rule is exact between neighbouring breakpoints
    found = polyhedral_complex(region_task(network, Polyhedron.box([-2], [3])))
    ends = sorted({vertex[0] for cell in found.cells for vertex in cell.vertices})
    rule = Fraction(0)
    for a, b in pairwise(ends):
        rule += (b - a) * (network([a])[0] + network([b])[0]) / 2
    assert integrate(found) == (rule,)
    assert mean_outputs(found) == (rule / 5,)


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS))
def test_integrals_add_up(network: Network) -> None:
    d = network.n_inputs
    halves = [Polyhedron.box([-1] + [0] * (d - 1), [0] + [1] * (d - 1)), Polyhedron.box([0] * d, [1] * d)]
    parts = [polyhedral_complex(region_task(network, half)) for half in halves]
    whole = polyhedral_complex(region_task(network, Polyhedron.box([-1] + [0] * (d - 1), [1] * d)))
    assert integrate(whole)[0] == sum(integrate(part)[0] for part in parts)
    products = [inner_products(part) for part in parts]
    assert inner_products(whole) == products[0] + products[1]
    # the square of the mean is at most the mean of the square
    assert integrate(whole)[0] ** 2 <= inner_products(whole).row(0)[0] * sum(
        (cell.volume for cell in whole.cells), Fraction(0)
    )


def test_products_of_outputs() -> None:
    # relu(x), relu(-x), x on (-1, 1)
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 0], [0, 1], [1, -1]], [0, 0, 0])])
    found = polyhedral_complex(region_task(network, unit_box(1)))
    third = Fraction(1, 3)
    expected = [[third, 0, third], [0, third, -third], [third, -third, 2 * third]]
    assert inner_products(found) == RationalMatrix.from_rows(expected)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_quadratic_polynomials(d: int) -> None:
    # Dirichlet: the integral of x_i x_j over the simplex is (1 + [i = j]) / (d+2)!
    for i, j in product(range(d), repeat=2):
        q = [[int((k, m) == (i, j)) for m in range(d)] for k in range(d)]
        assert integrate_quadratic(simplex(d), q) == Fraction(1 + (i == j), factorial(d + 2))
        box = Polyhedron.box([0] * d, [2] * d)
        assert integrate_quadratic(box, q) == 2**d * (Fraction(4, 3) if i == j else 1)
    assert integrate_quadratic(simplex(d), None, [1] * d, "1/2") == Fraction(d, factorial(d + 1)) + Fraction(
        1, 2 * factorial(d)
    )
    with pytest.raises(ShapeError, match="polynomial"):
        integrate_quadratic(simplex(d), None, [1] * (d + 1))


def test_moments_of_a_cell() -> None:
    found = polyhedral_complex(arrangement_task([(1, 0)], Polyhedron.box([-1], [2])))
    assert [first_moments(cell) for cell in found.cells] == [(2, (2,)), (1, (Fraction(-1, 2),))]


def test_integrals_need_a_bounded_domain_with_interior() -> None:
    relu = Network.from_arrays([([[1]], [0])], output_activation="relu")
    for function in (integrate, inner_products, mean_outputs):
        with pytest.raises(InputError, match="unbounded"):
            function(polyhedral_complex(region_task(relu)))
    flat = polyhedral_complex(region_task(relu, Polyhedron.box([1], [1])))
    assert integrate(flat) == (0,)
    assert inner_products(flat) == RationalMatrix.from_rows([[0]])
    with pytest.raises(InputError, match="mean"):
        mean_outputs(flat)
