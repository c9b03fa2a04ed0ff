"""The six definitions of a linear region: published values, brute force, and what must not change them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached, UnsupportedError
from exactnet.geometry.coarsening import convex_union
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.definitions import (
    RegionCount,
    RegionDefinition,
    bound_regions,
    count_regions,
    regions_of,
)
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import RegionTask, affine_map, arrangement_task, compose, region_task, signs_at
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, brute_force_cells, domains, networks, unit_box, vandermonde
from tests.support.oracles import feasible

R1, R2, R3, R4, R5, R6 = RegionDefinition
Layers = list[tuple[list[list[int]], list[int]]]

# Stargalla, Hertrich and Reichman (2025): the values of R1 to R6 of max(-y, min(0, -x))
SIX_VALUES: Layers = [
    ([[1, 0], [0, 1], [0, -1]], [0, 0, 0]),
    ([[1, -1, 1], [1, 0, 0]], [0, 0]),
    ([[1, -1]], [0]),
]
# max(0, min(x, y)) + max(0, min(-x, -y)): it is zero on two quadrants that touch in the origin
TOUCHING: Layers = [
    ([[1, 0], [-1, 0], [1, -1], [-1, 1]], [0, 0, 0, 0]),
    ([[1, -1, -1, 0], [-1, 1, 0, -1]], [0, 0]),
    ([[1, 1]], [0]),
]
TRAPEZOID: Layers = [([[1], [1], [1]], [0, -2, -1]), ([[1, 1, -2]], [0])]
MEDIAN: Layers = [
    ([[1, 0], [-1, 0], [0, 1], [0, -1], [1, -1]], [0] * 5),
    ([[0, 0, -1, 1, -1], [1, -1, 0, 0, -1], [-1, 1, 0, 0, 1]], [0, 0, 0]),
    ([[1, 1, -1], [1, 0, 0]], [0, 0]),
    ([[1, -1]], [0]),
]

# R1, R2, R4, R5, R6 of random networks: a table computed by an independent program, in rational arithmetic
TABLE = {
    (2, 4, 1): [(8, 8, 6, 6, 6), (10, 10, 6, 6, 6), (10,) * 5, (11, 11, 7, 7, 7), (7,) * 5],
    (2, 8, 1): [
        (32,) * 5,
        (29, 29, 22, 22, 22),
        (33, 33, 27, 27, 27),
        (34, 32, 26, 26, 26),
        (29, 29, 29, 27, 27),
    ],
    (3, 6, 1): [(42,) * 5, (41, 40, 26, 26, 26), (37,) * 5, (42, 42, 26, 26, 26), (41,) * 5],
    (2, 4, 4, 1): [
        (22, 22, 20, 20, 20),
        (33, 32, 29, 29, 29),
        (23,) * 5,
        (49, 48, 29, 29, 29),
        (14,) * 5,
    ],
    (3, 4, 4, 1): [
        (62, 61, 42, 42, 42),
        (76, 76, 64, 64, 64),
        (58, 58, 27, 27, 27),
        (57, 56, 53, 53, 53),
        (65,) * 5,
    ],
}


def random_layers(widths: Sequence[int], seed: int) -> Layers:
    """The generator of the table."""
    draw = random.Random(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        weight = [[draw.randint(-3, 3) for _ in range(n_in)] for _ in range(n_out)]
        layers.append((weight, [draw.randint(-3, 3) for _ in range(n_out)]))
    return layers


def _complex(layers: Layers, domain: Polyhedron | None = None) -> PolyhedralComplex:
    return polyhedral_complex(region_task(Network.from_arrays(layers), domain))


def _all(found: PolyhedralComplex) -> list[int | None]:
    return [bound_regions(found, definition).value for definition in RegionDefinition]


# -- published values ----------------------------------------------------------------------------------


def test_the_example_of_all_six_definitions() -> None:
    assert _all(_complex(SIX_VALUES)) == [7, 5, 4, 3, 3, 3]


def test_quadrants_that_touch_in_a_point() -> None:
    counts = _all(_complex(TOUCHING))
    assert counts == [11, 6, 6, 6, 5, 5]
    merged = [region.cells for region in regions_of(_complex(TOUCHING), R5) if len(region.cells) == 2]
    assert len(merged) == 1


def test_one_dimension_with_a_function_in_two_places() -> None:
    assert _all(_complex(TRAPEZOID)) == [4, 4, 4, 4, 4, 3]


def test_the_median() -> None:
    assert _all(_complex(MEDIAN))[1:] == [6, 6, 6, 3, 3]


@pytest.mark.parametrize(("widths", "seed"), [(w, s) for w in TABLE for s in range(5)])
def test_table_of_random_networks(widths: tuple[int, ...], seed: int) -> None:
    found = _complex(random_layers(widths, seed))
    assert tuple(count_regions(found, d) for d in (R1, R2, R4, R5, R6)) == TABLE[widths][seed]
    bounds = bound_regions(found, R3)
    assert TABLE[widths][seed][2] <= bounds.lower <= bounds.upper <= found.n_cells
    if bounds.value is None:
        with pytest.raises(LimitReached, match="within bounds") as caught:
            count_regions(found, R3)
        assert caught.value.partial == bounds
    else:
        assert count_regions(found, R3) == bounds.value


@pytest.mark.parametrize("depth", range(1, 6))
def test_sawtooth(depth: int) -> None:
    # Telgarsky: 2^L teeth; the two outer rays are constant
    fold: Layers = [([[2, -4], [2, -4]], [0, -1])] * (depth - 1)
    found = _complex([([[2], [2]], [0, -1]), *fold, ([[1, -2]], [0])])
    r1 = [3, 6, 11, 21, 41][depth - 1]
    r2, r6 = (3, 3) if depth == 1 else (2**depth + 2, 2**depth + 1)
    assert _all(found) == [r1, r2, r2, r2, r2, r6]


@pytest.mark.parametrize(
    ("generators", "r2", "r4"),
    [
        ([[1, 0], [0, 1], [1, 2]], 18, 13),
        ([[1, 0], [0, 1], [1, 2], [2, -1]], 24, 17),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 3]], 42, 29),
    ],
)
def test_zonotopes_of_arora_and_others(generators: list[list[int]], r2: int, r4: int) -> None:
    m = len(generators)
    both = generators + [[-x for x in row] for row in generators]
    support = _complex([(both, [0] * (2 * m)), ([[1] * (2 * m)], [0])])
    assert (count_regions(support, R2), count_regions(support, R4)) == (r2 // 3, r2 // 3)
    folded = _complex([(both, [0] * (2 * m)), ([[1] * (2 * m)] * 2, [-1, -2]), ([[1, -2]], [0])])
    # three times as many; the pieces where the function is zero are one region
    assert (count_regions(folded, R2), count_regions(folded, R4)) == (r2, r4)


# -- brute force ---------------------------------------------------------------------------------------


def _patterns_by_elimination(task: RegionTask) -> int:
    """Patterns whose system of strict and weak inequalities has a solution (Fourier-Motzkin)."""
    closed = [([-x for x in row[:-1]], "<=", row[-1]) for row in task.domain]
    found: dict[tuple[int, ...], list[tuple[list[int], str, int]]] = {(): closed}
    for k, layer in enumerate(task.layers):
        longer = {}
        for signs, rows in found.items():
            forms = compose(task, k, signs)
            for choice in product((1, -1), repeat=layer.n_switches):
                more = [
                    ([-s * x for x in form[:-1]], "<" if s > 0 else "<=", s * form[-1])
                    for s, form in zip(choice, forms, strict=True)
                ]
                system = rows + more
                zero = [[0] * task.dimension]
                if feasible(
                    [r for r, _, _ in system] or zero, [q for _, q, _ in system], [b for *_, b in system]
                ):
                    longer[(*signs, *choice)] = system
        found = longer
    return len(found)


@settings(max_examples=60, deadline=None)
@given(networks(largest=(2, 3, 2), activations=("relu", "abs", "leaky_relu")), st.booleans())
def test_patterns_against_elimination(network: Network, in_box: bool) -> None:
    task = region_task(network, unit_box(network.n_inputs) if in_box else None)
    found = polyhedral_complex(task)
    assert count_regions(found, R1) == _patterns_by_elimination(task)


@settings(max_examples=60, deadline=None)
@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS))
def test_cells_and_functions_against_brute_force(network: Network) -> None:
    task = region_task(network)
    found = polyhedral_complex(task)
    cells = brute_force_cells(task)
    assert count_regions(found, R2) == len(cells)
    assert count_regions(found, R6) == len({affine_map(task, signs) for signs in cells})


def _components(members: list[Polyhedron], least_dimension: int) -> list[set[int]]:
    """Members joined where two of them meet in a set of at least this dimension."""
    parts = [{i} for i in range(len(members))]
    for i, j in combinations(range(len(members)), 2):
        common = Polyhedron((*members[i].rows, *members[j].rows), members[i].dimension)
        if common.affine_dimension >= least_dimension:
            first = next(part for part in parts if i in part)
            second = next(part for part in parts if j in part)
            if first is not second:
                first |= second
                parts.remove(second)
    return parts


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_connected_regions_against_intersections(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(2, 3, 2), activations=("relu", "abs", "hardtanh")))
    task = region_task(network, data.draw(domains(network.n_inputs)))
    found = polyhedral_complex(task)
    d, cells = found.dimension, [cell.polyhedron for cell in found.cells]
    maps = [cell.affine_map for cell in found.cells]
    n_open, n_closed = 0, 0
    for matrix, constants in set(maps):
        own = [cells[i] for i, other in enumerate(maps) if other == (matrix, constants)]
        n_open += len(_components(own, d - 1))
        # where a cell's function is the same, also where that is not a full cell
        places = []
        for cell, (A, b) in zip(cells, maps, strict=True):
            rows = [(*(p - q for p, q in zip(A.row(0), matrix.row(0), strict=True)), b[0] - constants[0])]
            rows += [tuple(-x for x in row) for row in rows]
            places.append(Polyhedron((*cell.rows, *rows), d))
        n_closed += sum(any(maps[i] == (matrix, constants) for i in part) for part in _components(places, 0))
    assert (count_regions(found, R4), count_regions(found, R5)) == (n_open, n_closed)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_chain_of_inequalities(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(2, 3, 3), activations=ACTIVATIONS))
    domain = data.draw(domains(network.n_inputs))
    found = polyhedral_complex(region_task(network, domain))
    if not found.cells:
        return
    bounds = [bound_regions(found, definition) for definition in RegionDefinition]
    for larger, smaller in pairwise(bounds):
        assert 1 <= smaller.lower <= smaller.upper
        assert smaller.upper <= larger.upper
        assert smaller.lower <= larger.lower
    for definition in RegionDefinition:
        cells = [i for region in regions_of(found, definition) for i in region.cells]
        assert sorted(cells) == list(range(found.n_cells))


@settings(max_examples=60, deadline=None)
@given(networks(largest=(1, 4, 3), activations=ACTIVATIONS))
def test_on_a_line(network: Network) -> None:
    # the regions are intervals, and f has a kink between two of them: count kinks by evaluation
    found = polyhedral_complex(region_task(network))
    ends = sorted({vertex[0] for cell in found.cells for vertex in cell.vertices})
    grid = [ends[0] - 1, *ends, ends[-1] + 1] if ends else []
    if found.cells[0].lineality:
        return
    kinks = 0
    for before, here, after in zip(grid, grid[1:], grid[2:], strict=False):
        left, middle, right = (network([x])[0] for x in (before, here, after))
        kinks += (middle - left) * (after - here) != (right - middle) * (here - before)
    assert [bound_regions(found, d).value for d in (R3, R4, R5)] == [kinks + 1] * 3


# -- what does not change a count ----------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 3, 2)), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
def test_inputs_that_do_nothing(network: Network, mixed: list[int]) -> None:
    # f(x) and f(x + y v) have the same regions times a line
    first, *rest = network.layers
    wider = [[*row, sum(a * v for a, v in zip(row, mixed, strict=False))] for row in first.weight.rows()]
    layers = [(wider, first.bias), *((layer.weight, layer.bias) for layer in rest)]
    longer = Network.from_arrays(layers)
    assert _bounds(region_task(longer)) == _bounds(region_task(network))


def _bounds(task: RegionTask) -> list[RegionCount]:
    found = polyhedral_complex(task)
    return [bound_regions(found, definition) for definition in RegionDefinition]


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 3, 1)), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
def test_units_that_cancel(network: Network, unit: list[int]) -> None:
    # R4, R5 and R6 belong to the function
    first, second = network.layers[0], network.layers[1]
    row = unit[: network.n_inputs]
    more = [*first.weight.rows(), row, row]
    fed = [[*old, Fraction(1), Fraction(-1)] for old in second.weight.rows()]
    rest = [(layer.weight, layer.bias) for layer in network.layers[2:]]
    other = Network.from_arrays([(more, [*first.bias, unit[-1], unit[-1]]), (fed, second.bias), *rest])
    before, after = _bounds(region_task(network)), _bounds(region_task(other))
    assert before[3:] == after[3:]
    assert before[2].lower <= after[2].upper
    assert after[2].lower <= before[2].upper
    assert before[1].lower <= after[1].lower


def test_all_outputs_count() -> None:
    first: tuple[list[list[int]], list[int]] = ([[1], [1]], [0, -1])
    one = _complex([first, ([[1, 0]], [0])])
    both = _complex([first, ([[1, 0], [0, 1]], [0, 0])])
    twice = _complex([first, ([[1, 0], [1, 0]], [0, 0])])
    assert [count_regions(found, R4) for found in (one, both, twice)] == [2, 3, 2]
    assert [count_regions(found, R2) for found in (one, both, twice)] == [3, 3, 3]
    # two outputs that agree with the same affine functions in different places: a saddle stays connected
    doubled = _complex([*TOUCHING[:-1], ([[1, 1], [2, 2]], [0, 0])])
    assert _all(doubled) == [11, 6, 6, 6, 5, 5]
    apart = _complex([*TOUCHING[:-1], ([[1, 0], [0, 1]], [0, 0])])
    assert _all(apart) == [11, 6, 6, 6, 5, 5]


def test_arrangements() -> None:
    # x -> (max(0, form))_i is another function in every cell of a simple arrangement
    found = polyhedral_complex(arrangement_task(vandermonde(5, 2)))
    assert _all(found)[1:] == [16] * 5
    # points on planes have the pattern of a neighbour
    assert _all(found)[0] == 16


# -- a few kinds of networks and domains ---------------------------------------------------------------


def test_maxout_counts_winners() -> None:
    largest = Network.from_arrays(
        [([[1, 0], [0, 1], [0, 0]], [0, 0, 0])], output_activation="maxout", pieces=3
    )
    found = polyhedral_complex(region_task(largest))
    for definition in RegionDefinition:
        assert bound_regions(found, definition, network=largest).value == 3
    patterns = regions_of(found, R1, network=largest)
    assert sorted(i for region in patterns for i in region.cells) == list(range(found.n_cells))
    # the network changes nothing without tournaments
    network = Network.from_arrays(SIX_VALUES)
    assert [bound_regions(_complex(SIX_VALUES), d, network=network).value for d in RegionDefinition] == [
        7,
        5,
        4,
        3,
        3,
        3,
    ]


def test_maxout_patterns_against_evaluation() -> None:
    # ties of the three pieces 0, x, 2x - 1 at 0 and 1 go to the lowest piece, so the winners are 0, 1, 2
    layers: Layers = [([[0], [1], [2], [1], [0], [-1]], [0, 0, -1, 0, 0, 0]), ([[1, 1]], [0])]
    network = Network.from_arrays(layers, activation="maxout", pieces=3)
    found = polyhedral_complex(region_task(network))
    seen = {network.activation_pattern([Fraction(k, 4)]) for k in range(-8, 12)}
    assert count_regions(found, R1, network=network) == len(seen)


def test_domains() -> None:
    box = Polyhedron.box([1, 3], [2, 4])  # here f = -x
    assert _all(_complex(SIX_VALUES, box)) == [1] * 6
    empty = _complex(SIX_VALUES, Polyhedron(((0, 0, -1),), 2))
    assert _all(empty) == [0] * 6
    flat = _complex(SIX_VALUES, Polyhedron.box([0, -1], [0, 1]))
    with pytest.raises(UnsupportedError, match="full-dimensional"):
        count_regions(flat, R1)


def test_patterns_know_their_faces() -> None:
    found = _complex(SIX_VALUES)
    lattice = found.lattice
    regions = regions_of(found, R1)
    for region in regions:
        patterns = set()
        for k, i in region.faces:
            rays = [lattice.generators[g] for g in lattice.faces[k][i]]
            centre = [sum(column) for column in zip(*rays, strict=True)]
            signs = signs_at(found.task, [Fraction(x, centre[-1]) for x in centre[:-1]])
            patterns.add(tuple(sign > 0 for sign in signs))
        assert len(patterns) == 1
    assert sum(len(region.faces) for region in regions) == sum(found.f_vector())


def test_every_definition_has_a_sentence() -> None:
    texts = {definition.text for definition in RegionDefinition}
    assert len(texts) == 6
    assert all(text.endswith(".") for text in texts)


# -- R3 ------------------------------------------------------------------------------------------------


def _pieces(found: PolyhedralComplex) -> list[Polyhedron]:
    pieces = []
    for region in regions_of(found, R3):
        rows = convex_union([found.cells[i] for i in region.cells])
        assert rows is not None
        pieces.append(Polyhedron(rows, found.dimension))
    return pieces


@settings(max_examples=25, deadline=None)
@given(networks(largest=(2, 4, 2)))
def test_the_polyhedra_of_r3_are_a_complex(network: Network) -> None:
    found = polyhedral_complex(region_task(network, unit_box(network.n_inputs)))
    pieces = _pieces(found)
    assert len(pieces) == len(regions_of(found, R3)) <= found.n_cells
    for p, q in combinations(pieces, 2):
        common = Polyhedron((*p.rows, *q.rows), found.dimension)
        if common.is_empty:
            continue
        for whole in (p, q):
            tight = [row for row in whole.rows if all(_value(row, v) == 0 for v in common.vertices)]
            negated = [tuple(-x for x in row) for row in tight]
            face = Polyhedron((*whole.rows, *negated), found.dimension)
            assert set(face.vertices) == set(common.vertices)


def _value(row: Sequence[int], vertex: Sequence[Fraction]) -> Fraction:
    return sum((a * x for a, x in zip(row, vertex, strict=False)), Fraction(row[-1]))


def test_bounds_without_search() -> None:
    bounds = bound_regions(_complex(SIX_VALUES), R3, max_cells=0)
    assert (bounds.lower, bounds.upper, bounds.value) == (3, 5, None)


def test_outside_of_a_pyramid() -> None:
    # max(0, 1 - |x| - |y|): no convex set outside touches two sides, and the quadrants are a complex: R3 = 8
    pyramid: Layers = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[-1] * 4], [1]), ([[1]], [0])]
    found = _complex(pyramid)
    bounds = bound_regions(found, R3)
    assert 4 + 2 <= bounds.lower <= 8 == bounds.upper
    assert [count_regions(found, definition) for definition in (R2, R4, R5, R6)] == [8, 5, 5, 5]


def test_unions_of_cells() -> None:
    strips = polyhedral_complex(arrangement_task([(1, 0, 0), (1, 0, -1)])).cells
    assert convex_union(strips) == ()
    rows = convex_union(strips[1:])
    assert rows is not None
    assert len(rows) == 1
    assert convex_union([strips[0], strips[2]]) is None
    assert all(evaluate(rows[0], ray) >= 0 for cell in strips[1:] for ray in cell.generators)
