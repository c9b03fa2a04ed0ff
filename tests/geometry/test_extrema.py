"""Maxima and minima of networks against linear programs over cells found by brute force."""

from __future__ import annotations

from fractions import Fraction
from operator import mul

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import LinearSystem, LpStatus, solve_lp
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.extrema import maximum, minimum
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import RegionTask, affine_map, compose, region_task
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, brute_force_cells, domains, networks, unit_box


def _maximum_by_programs(task: RegionTask) -> Fraction | None:
    """The largest value of the first output, one linear program a cell; None if it is unbounded."""
    best: Fraction | None = None
    for signs in brute_force_cells(task):
        forms = [form for k in range(len(task.layers)) for form in compose(task, k, signs)]
        rows = [*task.domain, *([s * x for x in form] for s, form in zip(signs, forms, strict=True))]
        system = LinearSystem(
            [[-x for x in row[:-1]] for row in rows],
            ["<="] * len(rows),
            [row[-1] for row in rows],
            n_variables=task.dimension,
        )
        matrix, constants = affine_map(task, signs)
        outcome = solve_lp(system, [-x for x in matrix.row(0)])
        if outcome.status is LpStatus.UNBOUNDED:
            return None
        assert outcome.value is not None
        best = max(best if best is not None else -outcome.value + constants[0], -outcome.value + constants[0])
    return best


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_against_linear_programs(data: st.DataObject) -> None:
    network = data.draw(networks(largest=(2, 3, 2), activations=ACTIVATIONS))
    domain = data.draw(domains(network.n_inputs))
    task = region_task(network, domain)
    found = polyhedral_complex(task)
    if not found.cells:
        with pytest.raises(InputError, match="no cell"):
            maximum(found)
        return
    top = maximum(found)
    assert top.value == _maximum_by_programs(task)
    for point in top.points:
        assert network(point)[0] == top.value
    if top.value is None:
        assert top.direction is not None
        cell = found.cells[top.cells[0]]
        farther = tuple(a + b for a, b in zip(cell.witness, top.direction, strict=True))
        assert cell.has_inside(farther)
        assert network(farther)[0] > network(cell.witness)[0]
    bottom = minimum(found, [1])
    opposite = maximum(found, [-1])
    assert (bottom.points, bottom.cells, bottom.direction) == (
        opposite.points,
        opposite.cells,
        opposite.direction,
    )
    assert bottom.value == (None if opposite.value is None else -opposite.value)


def test_maximisers_are_vertices_of_all_their_cells() -> None:
    # 1 - |x| - |y| on a box: the top is the origin, the bottom are the corners
    pyramid = Network.from_arrays([([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4), ([[-1] * 4], [1])])
    found = polyhedral_complex(region_task(pyramid, unit_box(2)))
    top, bottom = maximum(found), minimum(found)
    assert (top.value, top.points, top.cells) == (1, ((0, 0),), (0, 1, 2, 3))
    assert (bottom.value, len(bottom.points), bottom.cells) == (-1, 4, (0, 1, 2, 3))
    everywhere = polyhedral_complex(region_task(pyramid))
    assert maximum(everywhere).value == 1
    assert minimum(everywhere).value is None


def test_combinations_of_outputs() -> None:
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 0], [0, 1]], [0, 2])])
    found = polyhedral_complex(region_task(network, Polyhedron.box([-1], [3])))
    assert (maximum(found).value, maximum(found, [0, 1]).value) == (3, 3)
    assert minimum(found, [1, -1]).value == -3
    assert maximum(found, ["1/2", 1]).value == Fraction(7, 2)
    with pytest.raises(ShapeError, match="weights"):
        maximum(found, [1, 1, 1])


def test_lines() -> None:
    # a residual connection lets the function grow along the lines of the cells
    ridge = [([[1, 0]], [0]), ([[1]], [0])]
    plain = polyhedral_complex(region_task(Network.from_arrays(ridge)))
    assert (minimum(plain).value, maximum(plain).value) == (0, None)
    tilted = polyhedral_complex(region_task(Network.from_arrays(ridge, skips={(2, 0): [[0, 1]]})))
    low = minimum(tilted)
    assert low.value is None
    assert low.direction is not None
    assert sum(map(mul, (0, 1), low.direction)) < 0
    affine = polyhedral_complex(region_task(Network.from_arrays([([[1, 2]], [3])])))
    assert maximum(affine).value is None
    constant = polyhedral_complex(region_task(Network.from_arrays([([[0, 0]], [3])])))
    assert maximum(constant).value == 3
