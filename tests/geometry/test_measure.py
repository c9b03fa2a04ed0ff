"""Largest balls with known radii, and affine radii against distances to all other cells."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import Interval, LinearSystem, independent_rows, inverse, norm_enclosure, solve_lp
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.definitions import RegionDefinition
from exactnet.geometry.measure import affine_radius, largest_ball
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, domains, forms_in, networks, unit_box

NORMS = ("l1", "l2", "linf")
Point = tuple[Fraction, ...]


# -- largest balls -------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_boxes_and_cross_polytopes(d: int) -> None:
    box = Polyhedron.box([0] * d, [2 + k for k in range(d)])
    for norm in NORMS:
        ball = largest_ball(box, norm)
        assert ball is not None
        assert ball.radius == Interval(1)
        assert all(1 <= c <= 1 + k for k, c in enumerate(ball.centre))
    cross = Polyhedron(tuple((*signs, 1) for signs in product((1, -1), repeat=d)), d)
    radii = [largest_ball(cross, norm) for norm in NORMS]
    assert all(ball is not None and ball.centre == (0,) * d for ball in radii)
    r1, r2, r_max = (ball.radius for ball in radii if ball is not None)
    assert (r1, r_max) == (Interval(1), Interval(Fraction(1, d)))
    assert r2.lower**2 <= Fraction(1, d) <= r2.upper**2
    assert r2.width < Fraction(1, 10**25)


def test_triangles() -> None:
    right = Polyhedron.from_inequalities([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])
    ball = largest_ball(right, digits=40)
    assert ball is not None
    # r = 1 - 1/sqrt(2): (1 - r)^2 = 1/2
    assert (1 - ball.radius.upper) ** 2 <= Fraction(1, 2) <= (1 - ball.radius.lower) ** 2
    assert ball.radius.width < Fraction(1, 10**35)
    pythagorean = largest_ball(Polyhedron.from_inequalities([[-1, 0], [0, -1], [3, 4]], [0, 0, 12]))
    assert pythagorean is not None
    assert (pythagorean.centre, pythagorean.radius) == ((1, 1), Interval(1))


def test_unbounded_flat_and_empty() -> None:
    for norm in NORMS:
        assert largest_ball(Polyhedron.whole_space(2), norm) is None
        assert largest_ball(Polyhedron(((1, 0, 0), (1, 1, 0)), 2), norm) is None
        strip = largest_ball(Polyhedron(((1, 0, 0), (-1, 0, 3)), 2), norm)
        flat = largest_ball(Polyhedron.box([0, 1], [1, 1]), norm)
        assert strip is not None
        assert flat is not None
        assert (strip.radius, flat.radius) == (Interval(Fraction(3, 2)), Interval(0))
        with pytest.raises(InputError, match="empty"):
            largest_ball(Polyhedron(((1, 0), (-1, -1)), 1), norm)
    with pytest.raises(InputError, match="unknown norm"):
        largest_ball(unit_box(1), "l3")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_balls_fit_and_are_ordered(data: st.DataObject) -> None:
    d = data.draw(st.integers(1, 3))
    body = Polyhedron((*unit_box(d).rows, *map(tuple, data.draw(forms_in(d, most=4)))), d)
    if body.is_empty:
        with pytest.raises(InputError, match="empty"):
            largest_ball(body)
        return
    found = {norm: largest_ball(body, norm) for norm in NORMS}
    for norm, dual in (("l1", "linf"), ("l2", "l2"), ("linf", "l1")):
        ball = found[norm]
        assert ball is not None
        for row in body.rows:
            slack = sum((a * c for a, c in zip(row, ball.centre, strict=False)), Fraction(row[-1]))
            assert slack >= ball.radius.lower * norm_enclosure(row[:-1], norm=dual).upper
    l1, l2, linf = (ball.radius for ball in found.values() if ball is not None)
    assert linf.lower <= l2.upper
    assert l2.lower <= l1.upper
    assert (l1.lower > 0) == (body.affine_dimension == d)


def test_balls_in_cells() -> None:
    found = polyhedral_complex(arrangement_task([(1, 0), (1, -3)]))
    balls = [largest_ball(cell, "linf") for cell in found.cells]
    assert [ball and ball.radius for ball in balls] == [None, Interval(Fraction(3, 2)), None]


# -- affine radii --------------------------------------------------------------------------------------


def _distance_by_program(cell: Polyhedron, x: Point, norm: str) -> Fraction:
    """The distance from x to a polyhedron in l1 or linf; y - x = p - q with p, q >= 0."""
    d = len(x)
    rows: list[list[int]] = []
    rhs: list[Fraction] = []
    for row in cell.rows:
        rows.append([*[-a for a in row[:-1]], *row[:-1], 0])
        rhs.append(sum((a * v for a, v in zip(row, x, strict=False)), Fraction(row[-1])))
    for i in range(2 * d):
        rows.append([-int(i == j) for j in range(2 * d)] + [0])
        rhs.append(Fraction(0))
    if norm == "l1":
        rows.append([1] * (2 * d) + [-1])
        rhs.append(Fraction(0))
    for i in range(d):
        rows.append([int(j in (i, d + i)) for j in range(2 * d)] + [-1])
        rhs.append(Fraction(0))
    outcome = solve_lp(LinearSystem(rows, ["<="] * len(rows), rhs), [0] * (2 * d) + [1])
    assert outcome.value is not None
    return outcome.value


def _squared_distance(cell: Polyhedron, x: Point) -> Fraction:
    """The squared distance in l2: the projections to all intersections of up to d planes, if in the cell."""
    d = len(x)
    best: list[Fraction] = [Fraction(0)] if cell.contains(x) else []
    for size in range(1, d + 1):
        for rows in combinations(cell.rows, size):
            linear = [[Fraction(a) for a in row[:-1]] for row in rows]
            if len(independent_rows(linear)) < size:
                continue
            values = [sum((a * v for a, v in zip(row, x, strict=False)), Fraction(row[-1])) for row in rows]
            gram = [[sum(a * b for a, b in zip(r, s, strict=True)) for s in linear] for r in linear]
            weights = inverse(gram) @ values
            move = [sum(w * r[i] for w, r in zip(weights, linear, strict=True)) for i in range(d)]
            if cell.contains([a - b for a, b in zip(x, move, strict=True)]):
                best.append(sum((m * m for m in move), Fraction(0)))
    return min(best)


def _others(found: PolyhedralComplex, x: Point) -> list[Polyhedron]:
    """Cells with another affine function than that around x; all cells with a rival if x is on a kink."""
    around = [cell.affine_map for cell in found.cells if cell.polyhedron.contains(x)]
    return [cell.polyhedron for cell in found.cells if any(cell.affine_map != own for own in around)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_against_the_distances_to_other_cells(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(2, 3, 2), activations=ACTIVATIONS))
    d = network.n_inputs
    found = polyhedral_complex(region_task(network, data.draw(domains(d))))
    coordinate = st.fractions(min_value=-3, max_value=3, max_denominator=3)
    x = tuple(data.draw(st.lists(coordinate, min_size=d, max_size=d)))
    if not any(cell.polyhedron.contains(x) for cell in found.cells):
        with pytest.raises(InputError, match="outside"):
            affine_radius(found, x)
        return
    others = _others(found, x)
    for norm in NORMS:
        radius = affine_radius(found, x, norm)
        if not others:
            assert radius is None
            continue
        assert radius is not None
        if norm == "l2":
            assert radius.squared == min(_squared_distance(cell, x) for cell in others)
        else:
            assert radius.radius == Interval(min(_distance_by_program(cell, x, norm) for cell in others))
        assert radius.radius.lower**2 <= radius.squared <= radius.radius.upper**2
        way = [a - b for a, b in zip(x, radius.nearest, strict=True)]
        length = norm_enclosure(way, norm=norm)
        assert length.lower**2 <= radius.squared <= length.upper**2
        assert len({c.affine_map for c in found.cells if c.polyhedron.contains(radius.nearest)}) > 1
        switching = affine_radius(found, x, norm, definition=RegionDefinition.R2)
        assert switching is not None
        assert switching.squared <= radius.squared


def test_three_inputs() -> None:
    # f = max(0, 1 - |x| - |y| - |z|) far outside: the nearest point of the octahedron
    units = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    found = polyhedral_complex(
        region_task(Network.from_arrays([(units, [0] * 6), ([[-1] * 6], [1]), ([[1]], [0])]))
    )
    for x, nearest in (
        ((5, 0, 0), (1, 0, 0)),
        ((3, 3, 0), (Fraction(1, 2), Fraction(1, 2), 0)),
        ((2, 2, 2), (Fraction(1, 3),) * 3),
        ((4, 3, -9), (0, 0, -1)),
    ):
        radius = affine_radius(found, x)
        assert radius is not None
        assert radius.nearest == nearest
        assert radius.squared == sum((a - b) ** 2 for a, b in zip(x, nearest, strict=True))
        taxicab = affine_radius(found, x, "l1")
        assert taxicab is not None
        assert taxicab.radius == Interval(sum(map(abs, x)) - 1)


def test_lines_in_the_cells() -> None:
    found = polyhedral_complex(region_task(Network.from_arrays([([[1, 1, 0]], [0]), ([[1]], [0])])))
    radius = affine_radius(found, [1, 2, 7])
    assert radius is not None
    assert (radius.squared, radius.nearest) == (Fraction(9, 2), (Fraction(-1, 2), Fraction(1, 2), 7))


def test_affine_functions_and_refusals() -> None:
    affine = polyhedral_complex(region_task(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, -1]], [0])])))
    assert affine_radius(affine, [3]) is None
    switching = affine_radius(affine, [3], definition=RegionDefinition.R2)
    assert switching is not None
    assert switching.radius == Interval(3)
    with pytest.raises(UnsupportedError, match="radius"):
        affine_radius(affine, [3], definition=RegionDefinition.R5)
    with pytest.raises(InputError, match="unknown norm"):
        affine_radius(affine, [3], "l3")
    with pytest.raises(InputError, match="outside"):
        affine_radius(affine, [3, 4])
