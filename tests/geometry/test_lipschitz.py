"""Lipschitz constants and operator norms: matrices with known norms, brute force over cells, inequalities."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact import Interval, RationalMatrix, norm_enclosure
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.lipschitz import lipschitz_constant, operator_norm
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import affine_map, region_task
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, brute_force_cells, networks, unit_box

NORMS = ("l1", "l2", "linf")
MATRICES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(
            st.fractions(min_value=-5, max_value=5, max_denominator=6), min_size=shape[1], max_size=shape[1]
        ),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@pytest.mark.parametrize(
    ("rows", "l1", "l2", "linf"),
    [
        ([[3, 4], [-4, 3]], 7, 5, 7),
        ([[3, 4]], 4, 5, 7),
        ([[3], [4]], 7, 5, 4),
        ([[0, 0], [0, 0]], 0, 0, 0),
        ([["1/2", 0], [0, "1/3"]], "1/2", "1/2", "1/2"),
        ([[1, 1], [1, 1]], 2, 2, 2),
        ([[1, 2, 2], [2, 1, -2], [2, -2, 1]], 5, 3, 5),
    ],
)
def test_norms_that_are_rational(rows: list[list[object]], l1: object, l2: object, linf: object) -> None:
    matrix = RationalMatrix.from_rows(rows)
    assert [operator_norm(matrix, norm) for norm in NORMS] == [Interval(l1), Interval(l2), Interval(linf)]


def test_the_golden_ratio() -> None:
    # the largest singular value of [[1, 1], [0, 1]] is the positive root of x^2 - x - 1
    for digits in (1, 5, 30, 60):
        found = operator_norm(RationalMatrix.from_rows([[1, 1], [0, 1]]), digits=digits)
        assert found.lower**2 - found.lower - 1 < 0 < found.upper**2 - found.upper - 1
        assert found.width < Fraction(100, 10**digits)


@settings(max_examples=100, deadline=None)
@given(MATRICES)
def test_norms_against_floats(rows: list[list[Fraction]]) -> None:
    matrix = RationalMatrix.from_rows(rows)
    table = np.array(rows, dtype=float)
    for norm, order in (("l1", 1), ("l2", 2), ("linf", np.inf)):
        found = operator_norm(matrix, norm)
        assert float(found.midpoint) == pytest.approx(float(np.linalg.norm(table, order)), abs=10.0**-9)
        # ||A|| of the transpose: l1 and linf change places, l2 stays
        dual = {"l1": "linf", "linf": "l1", "l2": "l2"}[norm]
        assert operator_norm(matrix.transpose(), dual) == found


@settings(max_examples=60, deadline=None)
@given(networks(largest=(3, 3, 2), activations=ACTIVATIONS), st.booleans())
def test_against_brute_force(network: Network, in_box: bool) -> None:
    task = region_task(network, unit_box(network.n_inputs) if in_box else None)
    found = polyhedral_complex(task)
    gradients = [affine_map(task, signs)[0].row(0) for signs in brute_force_cells(task)]
    # one output: the norm of the gradient dual to that of the inputs
    assert lipschitz_constant(found, "l1").value == Interval(max(max(map(abs, g)) for g in gradients))
    assert lipschitz_constant(found, "linf").value == Interval(max(sum(map(abs, g)) for g in gradients))
    largest = max(sum(x * x for x in g) for g in gradients)
    euclidean = lipschitz_constant(found)
    assert euclidean.squared == Interval(largest)
    assert euclidean.value.lower**2 <= largest <= euclidean.value.upper**2
    cell = found.cells[euclidean.cell]
    assert cell.has_inside(euclidean.witness)
    assert sum(x * x for x in cell.affine_map[0].row(0)) == largest


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 3, 2)), st.lists(st.integers(-6, 6), min_size=8, max_size=8))
def test_several_outputs(network: Network, numbers: list[int]) -> None:
    *front, last = network.layers
    weight = [[*last.weight.row(0)], [Fraction(n) for n in (numbers * 2)[: last.n_inputs]]]
    layers = [(layer.weight, layer.bias) for layer in front]
    double = Network.from_arrays([*layers, (weight, [0, 1])])
    found = polyhedral_complex(region_task(double))
    d = double.n_inputs
    points = [tuple(Fraction(n, 2) for n in numbers[i : i + d]) for i in range(0, 6, 2)]
    for norm in NORMS:
        constant = lipschitz_constant(found, norm)
        norms = [operator_norm(cell.affine_map[0], norm) for cell in found.cells]
        assert max(n.lower for n in norms) <= constant.value.upper
        assert constant.value.lower <= max(n.upper for n in norms)
        assert constant.value.width <= max(n.width for n in norms) + Fraction(1, 10**20)
        for x in points:
            for y in points:
                moved = [a - b for a, b in zip(double(x), double(y), strict=True)]
                way = [a - b for a, b in zip(x, y, strict=True)]
                size, length = norm_enclosure(moved, norm=norm), norm_enclosure(way, norm=norm)
                assert size.lower <= constant.value.upper * length.upper


def test_the_domain_matters() -> None:
    relu = Network.from_arrays([([[3, 4]], [0])], output_activation="relu")
    off = polyhedral_complex(region_task(relu, Polyhedron.box([-2, -2], [-1, -1])))
    assert [lipschitz_constant(off, norm).value for norm in NORMS] == [Interval(0)] * 3
    assert lipschitz_constant(polyhedral_complex(region_task(relu))).value == Interval(5)


def test_refusals() -> None:
    relu = Network.from_arrays([([[1]], [0])], output_activation="relu")
    with pytest.raises(InputError, match="no cell"):
        lipschitz_constant(polyhedral_complex(region_task(relu, Polyhedron.box([1], [1]))))
    with pytest.raises(InputError, match="unknown norm"):
        lipschitz_constant(polyhedral_complex(region_task(relu)), "l3")
