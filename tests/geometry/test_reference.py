"""All cells by the reference engine: formulas, brute force, degenerate networks and domains."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact import LinearSystem, feasible
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import ReferenceCell, reference_cells
from exactnet.geometry.task import RegionTask, arrangement_task, compose, region_task, signs_at
from exactnet.model import Network
from tests.geometry.nets import (
    ACTIVATIONS,
    brute_force_cells,
    differences,
    domains,
    forms_in,
    networks,
    vandermonde,
    zigzag,
)

Rows = Sequence[Sequence[int]]


def _cells(task: RegionTask) -> list[ReferenceCell]:
    cells = list(reference_cells(task))
    assert len({cell.signs for cell in cells}) == len(cells)
    return cells


def _counts(rows: Rows, dimension: int | None = None) -> tuple[int, int]:
    """Cells and bounded cells of an arrangement in R^d (bounded modulo the lineality space)."""
    cells = _cells(arrangement_task(rows, dimension=dimension))
    return len(cells), sum(all(ray[-1] for ray in cell.rays) for cell in cells)


def _central(rows: Rows) -> list[list[int]]:
    return [[*row, 0] for row in rows]


# -- formulas ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(0, 1), (1, 1), (5, 1), (1, 2), (7, 2), (2, 3), (7, 3), (6, 4), (6, 5)])
def test_planes_in_general_position(n: int, d: int) -> None:
    expected = sum(comb(n, i) for i in range(d + 1)), comb(n - 1, d) if n else 0
    if n >= d:
        assert _counts(vandermonde(n, d), d) == expected
    else:
        assert _counts(vandermonde(n, d), d)[0] == expected[0]


@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 1), (5, 2), (6, 3), (6, 4)])
def test_central_planes_in_general_position(n: int, d: int) -> None:
    rows = _central(vandermonde(n, d - 1))
    assert _counts(rows) == (2 * sum(comb(n - 1, i) for i in range(d)), 0)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_families_with_known_counts(n: int) -> None:
    catalan = comb(2 * n, n) // (n + 1)
    # bounded cells exist only modulo the line (1, .., 1), which all these families share
    assert _counts(differences(n, [0]))[0] == factorial(n)
    assert _counts(differences(n, [0, 1])) == ((n + 1) ** (n - 1), (n - 1) ** (n - 1))
    assert _counts(differences(n, [-1, 0, 1]))[0] == factorial(n) * catalan
    assert _counts(differences(n, [-1, 1])) == {2: (3, 1), 3: (19, 7), 4: (183, 61)}[n]
    assert _counts(differences(n, [1])) == {2: (2, 0), 3: (7, 1), 4: (36, 4)}[n]


@pytest.mark.parametrize(("n", "b", "d"), [(2, 8, 4), (3, 48, 24), (4, 384, 192)])
def test_reflection_groups(n: int, b: int, d: int) -> None:
    axes = [[int(i == j) for j in range(n)] for i in range(n)]
    pairs = [
        [(i == k) + s * (j == k) for k in range(n)] for i, j in combinations(range(n), 2) for s in (1, -1)
    ]
    assert _counts(_central(axes + pairs))[0] == b
    assert _counts(_central(pairs))[0] == d


@pytest.mark.parametrize(
    ("n", "resonance", "threshold"), [(1, 2, 4), (2, 6, 14), (3, 32, 104), (4, 370, 1882)]
)
def test_zero_one_normals(n: int, resonance: int, threshold: int) -> None:
    cube = list(product((0, 1), repeat=n))
    assert _counts(_central([row for row in cube if any(row)]))[0] == resonance
    assert _counts(_central([(1, *row) for row in cube]))[0] == threshold


@pytest.mark.parametrize(("pieces", "depth"), [(2, 2), (2, 4), (4, 2), (6, 2), (4, 3)])
def test_folding_on_a_line(pieces: int, depth: int) -> None:
    for domain, expected in (
        (None, pieces**depth + 2),
        (Polyhedron.box([-1], [1]), pieces**depth + 1),
        (Polyhedron.box([0], [1]), pieces**depth),
    ):
        cells = _cells(region_task(zigzag(pieces, depth), domain))
        assert len(cells) == expected
        # along the line each cell ends where the next one begins
        ends = sorted(Fraction(x, w) for cell in cells for x, w in cell.rays if w)
        inner = ends if domain is None else ends[1:-1]
        assert inner[::2] == inner[1::2]


# -- brute force ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS), st.data())
def test_tiny_ternary_networks_by_elimination(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    assert {cell.signs for cell in _cells(task)} == brute_force_cells(task)


@settings(max_examples=25, deadline=None)
@given(networks(largest=(3, 3, 2)))
def test_tiny_ternary_networks_by_linear_programs(network: Network) -> None:
    task = region_task(network)
    found = {cell.signs for cell in _cells(task)}
    for signs in product((1, -1), repeat=task.n_switches):
        forms = [form for k in range(len(task.layers)) for form in compose(task, k, signs)]
        dead_but_on = any(s > 0 and not any(form) for s, form in zip(signs, forms, strict=True))
        rows = [[-s * x for x in form] for s, form in zip(signs, forms, strict=True) if any(form)]
        system = LinearSystem(
            [row[:-1] for row in rows],
            ["<"] * len(rows),
            [-row[-1] for row in rows],
            n_variables=task.dimension,
        )
        assert (signs in found) == (not dead_but_on and feasible(system).point is not None)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.data())
def test_arrangements_with_ties(d: int, data: st.DataObject) -> None:
    rows = data.draw(forms_in(d, most=5))
    task = arrangement_task(rows, data.draw(domains(d)), dimension=d)
    assert {cell.signs for cell in _cells(task)} == brute_force_cells(task)


@settings(max_examples=100, deadline=None)
@given(networks(largest=(3, 4, 3), activations=ACTIVATIONS), st.data())
def test_what_a_cell_says_about_itself(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    lineality = reduce_task(task).lineality
    for cell in reference_cells(task):
        assert cell.forms == tuple(compose(task, k, cell.signs) for k in range(len(task.layers)))
        forms = [form for layer in cell.forms for form in layer]
        # the sum of the rays, moved along the lines, is an interior point
        inside = [sum(column) for column in zip(*cell.rays, strict=True)]
        shift = [data.draw(st.integers(-3, 3)) for _ in lineality]
        for factor, line in zip(shift, lineality, strict=True):
            inside = [x + factor * step for x, step in zip(inside, (*line, 0), strict=True)]
        x = [Fraction(value, inside[-1]) for value in inside[:-1]]
        assert all(evaluate(row, tuple(inside)) > 0 for row in task.domain)
        for here, sign, form in zip(signs_at(task, x), cell.signs, forms, strict=True):
            assert here == (sign if any(form) else 0)
        names = [(0,) * task.dimension + (1,), *task.domain, *forms]
        for ray, tight in zip(cell.rays, cell.tight, strict=True):
            assert ray[-1] >= 0
            assert all(s * evaluate(form, ray) >= 0 for s, form in zip(cell.signs, forms, strict=True))
            assert all(evaluate(form, ray) == 0 for k, form in enumerate(names) if tight >> k & 1)


@settings(max_examples=50, deadline=None)
@given(networks(largest=(2, 4, 3)), st.data())
def test_every_generic_point_lies_in_a_cell(network: Network, data: st.DataObject) -> None:
    task = region_task(network)
    found = {cell.signs for cell in reference_cells(task)}
    point = [data.draw(st.fractions(-4, 4, max_denominator=97)) for _ in range(task.dimension)]
    signs = signs_at(task, point)
    if 0 not in signs:
        assert signs in found


# -- domains -------------------------------------------------------------------------------------------

CROSS = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])


@pytest.mark.parametrize(
    ("domain", "n_cells"),
    [
        (None, 4),
        (Polyhedron.box([-1, -1], [1, 1]), 4),
        (Polyhedron.box([0, -1], [1, 1]), 2),  # its side lies on a breakpoint
        (Polyhedron.box([0, 0], [1, 1]), 1),
        (Polyhedron.box([1, 1], [2, 2]), 1),
        (Polyhedron.box([0, 0], [0, 1]), 0),  # flat
        (Polyhedron.box([0, 0], [0, 0]), 0),
        (Polyhedron(((1, 0, 0), (-1, 0, 0)), 2), 0),  # a line
        (Polyhedron(((1, 0, -1), (-1, 0, 0)), 2), 0),  # empty
        (Polyhedron(((0, 0, -1),), 2), 0),
        (Polyhedron(((0, 0, 1), (0, 0, 0)), 2), 4),  # rows that always hold
        (Polyhedron(((1, 1, 0),), 2), 3),
        (Polyhedron(((1, 1, 0), (2, 2, 0), (1, 1, 5)), 2), 3),  # repeated and redundant rows
        (Polyhedron(((1, 0, 1), (-1, 0, 1)), 2), 4),  # an unbounded strip
    ],
)
def test_domains_of_every_kind(domain: Polyhedron | None, n_cells: int) -> None:
    assert len(_cells(region_task(CROSS, domain))) == n_cells


def test_a_domain_with_interior_has_a_cell_even_without_switches() -> None:
    constant = Network.from_arrays([([[1, 2]], [3])])
    assert [cell.signs for cell in _cells(region_task(constant))] == [()]
    assert len(_cells(region_task(constant, Polyhedron.box([0, 0], [1, 1])))) == 1
    assert _cells(region_task(constant, Polyhedron.box([0, 0], [1, 0]))) == []


def test_a_domain_row_without_content_is_harmless() -> None:
    task = RegionTask(1, ((0, 0), (1, 0), (0, 7)), arrangement_task([(1, -1)]).layers)
    assert [cell.signs for cell in reference_cells(task)] == [(1,), (-1,)]


# -- degenerate networks -------------------------------------------------------------------------------


def test_width_one() -> None:
    network = Network.from_arrays([([[1]], [0]), ([[-1]], [1]), ([[1]], [0])])
    assert {cell.signs for cell in _cells(region_task(network))} == {(-1, 1), (1, 1), (1, -1)}


def test_dead_and_repeated_units() -> None:
    dead = Network.from_arrays([([[0, 0], [0, 0]], [0, -1]), ([[1, 1]], [1])], output_activation="relu")
    assert [cell.signs for cell in _cells(region_task(dead))] == [(-1, -1, 1)]
    same = Network.from_arrays([([[1, 1], [2, 2], [-1, -1], [1, 1]], [1, 2, -1, 5]), ([[1, 1, 1, 1]], [0])])
    assert {cell.signs for cell in _cells(region_task(same))} == {
        (1, 1, -1, 1),
        (-1, -1, 1, 1),
        (-1, -1, 1, -1),
    }


def test_a_unit_that_is_zero_on_a_cell_is_inactive_there() -> None:
    # the second layer is relu(relu(x)): zero on the left, x on the right
    network = Network.from_arrays([([[1]], [0]), ([[1]], [0]), ([[1]], [0])])
    assert {cell.signs for cell in _cells(region_task(network))} == {(-1, -1), (1, 1)}


@pytest.mark.parametrize("kind", ["relu", "leaky_relu", "abs", "hardtanh"])
def test_one_unit_on_a_line(kind: str) -> None:
    network = Network.from_arrays([([[2]], [1]), ([[1]], [0])], activation=kind, slope="1/2")
    cells = _cells(region_task(network))
    ends = sorted({Fraction(x, w) for cell in cells for x, w in cell.rays if w})
    assert ends == ([Fraction(-1), Fraction(0)] if kind == "hardtanh" else [Fraction(-1, 2)])
    assert len(cells) == len(ends) + 1


def test_a_first_layer_of_low_rank() -> None:
    task = arrangement_task([(1, -1, 2, 0), (2, -2, 4, -2), (1, -1, 2, 5)])
    cells = _cells(task)
    assert len(cells) == 4
    assert reduce_task(task).lineality == ((1, 1, 0), (-2, 0, 1))
    assert {ray for cell in cells for ray in cell.rays if ray[-1]} == {
        (0, 0, 0, 1),
        (1, 0, 0, 1),
        (-5, 0, 0, 1),
    }
    # a domain may add the missing rank
    assert reduce_task(arrangement_task([(1, 1, 0)], Polyhedron.box([0, 0], [1, 1]))).kept == (0, 1)
    # nothing switches at all
    assert [cell.rays for cell in _cells(arrangement_task([(0, 0, 1)]))] == [((0, 0, 1),)]


@settings(max_examples=40, deadline=None)
@given(forms_in(2, most=4), st.tuples(*[st.integers(-2, 2)] * 4))
def test_extra_inputs_change_nothing(rows: Rows, mix: tuple[int, ...]) -> None:
    plain = {cell.signs for cell in _cells(arrangement_task(rows, dimension=2))}
    # the same two linear functions of four variables
    p, q = (1, 0, mix[0], mix[1]), (0, 1, mix[2], mix[3])
    wide = [[a * x + b * y for x, y in zip(p, q, strict=True)] + [c] for a, b, c in rows]
    assert {cell.signs for cell in _cells(arrangement_task(wide, dimension=4))} == plain


# -- given signs ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 4, 3)), st.data())
def test_cells_can_be_found_again_from_their_signs(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    cells = {cell.signs: cell for cell in reference_cells(task)}
    some = data.draw(st.lists(st.sampled_from(sorted(cells)), max_size=4)) if cells else []
    again = {cell.signs: cell for cell in reference_cells(task, only=some)}
    assert again == {signs: cells[signs] for signs in some}


@pytest.mark.parametrize("signs", [(1, 1), (1, 1, -1), (-1, -1, 1), (1, 0, 1), (1, 1, 1, 1), ()])
def test_signs_without_a_cell_are_an_error(signs: tuple[int, ...]) -> None:
    task = arrangement_task([(1, 0), (-1, 0), (1, -1)])
    with pytest.raises(InputError, match="no cell has this sign vector"):
        list(reference_cells(task, only=[(-1, 1, -1), signs]))
