"""Balancing and rounding: nothing is lost, nothing overflows, and the start cells cover the domain."""

from __future__ import annotations

from fractions import Fraction
from operator import mul

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.geometry.float_network import FloatTask, fits_floats, float_task, ray_floats, start_cells
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.task import arrangement_task, compose, region_task
from exactnet.kernels.float_cells import EPSILON, INEXACT
from exactnet.model import Activation, Network
from tests.geometry.nets import ACTIVATIONS, SMALL, domains, networks, unit_box

WILD = st.one_of(SMALL, st.floats(-1e300, 1e300), st.sampled_from([1e-300, 5e-324, 1e300, 2.0**-60]))


def prepared(network: Network, domain: Polyhedron | None = None) -> FloatTask:
    return float_task(reduce_task(region_task(network, domain)).reduced)


def is_multiple(exact: list[Fraction], floats: list[float], error: Fraction) -> bool:
    """Whether the floats are a positive multiple of the vector, up to a relative error and underflow."""
    k = max(range(len(exact)), key=lambda i: abs(floats[i]))
    if floats[k] == 0:
        return not any(exact)
    factor = Fraction(floats[k]) / exact[k]
    return factor > 0 and all(
        abs(Fraction(x) - factor * y) <= 2 * error * abs(factor * y) + Fraction(1, 2**1000)
        for x, y in zip(floats, exact, strict=True)
    )


@given(networks(largest=(2, 4, 3, 2), entries=WILD, activations=ACTIVATIONS[:4]), st.data())
@settings(deadline=None, max_examples=100)
def test_forms_and_weights_are_rounded_correctly_and_balanced(network: Network, data: st.DataObject) -> None:
    image = prepared(network, data.draw(domains(network.n_inputs)))
    scale = [Fraction(2) ** e for e in image.exponents]
    known = [*image.rows, *compose(image.task, 0, ())]
    first = image.network.layers[0]
    table = [*image.network.rows.tolist(), *np.column_stack([first.weight, first.bias]).tolist()]
    grids = [*image.network.row_grids, *first.grids]
    for form, floats, grid in zip(known, table, grids, strict=True):
        exact = [x * s for x, s in zip(form, scale, strict=True)]
        assert is_multiple(exact, floats, Fraction(EPSILON) if grid == INEXACT else Fraction(0))
        assert not any(form) or 0.5 <= max(map(abs, floats)) <= 1
        assert grid == INEXACT or all((Fraction(x) * 2**grid).denominator == 1 for x in floats)
    slope = Fraction(first.slope)
    for layer in image.network.layers[1:]:
        for weights, bias in zip(layer.weight.tolist(), layer.bias.tolist(), strict=True):
            total = sum(map(abs, map(Fraction, weights))) * max(1, abs(slope)) + abs(Fraction(bias))
            assert total <= 1 + Fraction(EPSILON) * 8
        slope = Fraction(layer.slope)


@given(networks(largest=(2, 3, 3, 2), entries=SMALL, activations=ACTIVATIONS[:4]), st.data())
@settings(deadline=None, max_examples=100)
def test_the_balanced_network_composes_to_multiples_of_the_exact_forms(
    network: Network, data: st.DataObject
) -> None:
    """Small numbers round nowhere where the grid says so; there the float weights are exact weights."""
    image = prepared(network)
    signs: list[int] = data.draw(st.lists(st.sampled_from([1, -1]), min_size=20, max_size=20))
    if network.layers[0].activation is Activation.HARDTANH:  # who is above 1 is above -1
        signs[::2] = [max(pair) for pair in zip(signs[::2], signs[1::2], strict=True)]
    scale = [Fraction(2) ** e for e in image.exponents]
    rows = [[x * s for x, s in zip(form, scale, strict=True)] for form in compose(image.task, 0, ())]
    first = image.network.layers[0]
    composed = np.column_stack([first.weight, first.bias]).tolist()
    composed = [list(map(Fraction, row)) for row in composed]
    for k, layer in enumerate(image.network.layers):
        if k:
            before = image.network.layers[k - 1]
            pattern = signs[image.task.offsets[k - 1] : image.task.offsets[k]]
            slopes = [Fraction(1) if s > 0 else Fraction(before.slope) for s in pattern]
            parts = [[slope * x for x in row] for slope, row in zip(slopes, composed, strict=True)]
            composed = [
                [sum(map(mul, map(Fraction, weights), column)) for column in zip(*parts, strict=True)]
                for weights in layer.weight.tolist()
            ]
            for row, bias in zip(composed, layer.bias.tolist(), strict=True):
                row[-1] += Fraction(bias)
            rows = [
                [x * s for x, s in zip(form, scale, strict=True)] for form in compose(image.task, k, signs)
            ]
        for exact, row, grid in zip(rows, composed, layer.grids, strict=True):
            assert all(abs(x) <= 1 + Fraction(EPSILON) * 50 for x in row)
            if grid != INEXACT:
                assert is_multiple(exact, list(map(float, row)), Fraction(0))
                assert all((x * 2**grid).denominator == 1 for x in row)


def test_copies_and_silent_units_are_seen() -> None:
    first = [(1, 2, 3), (0, 0, 0), (2, 4, 6), (-3, -6, -9), (1, 2, 4)]
    layer = float_task(arrangement_task(first)).network.layers[0]
    assert layer.copies == ((2, 0, False), (3, 0, True))
    assert layer.silent == (1,)
    network = Network.from_arrays(
        [([[1, 0], [0, 1]], [0, 0]), ([[1, "1/3"], [-3, -1], [0, 0]], [1, -3, 0])], output_activation="relu"
    )
    second = prepared(network).network.layers[1]
    assert (second.copies, second.silent) == (((1, 0, True),), (2,))
    assert second.enters.tolist() == [[True] * 3] * 2 + [[False] * 3]


def test_a_weight_that_underflows_still_enters() -> None:
    network = Network.from_arrays(
        [([[1], [-1]], [0, 1]), ([[1, Fraction(1, 10**400)]], [0])], output_activation="relu"
    )
    layer = prepared(network).network.layers[1]
    assert layer.weight[0, 1] == 0
    assert layer.enters.tolist() == [[True, True, False]]


@pytest.mark.parametrize("slope", [0, 1, -1, "1/10", Fraction(2) ** 59])
def test_slopes_in_range(slope: object) -> None:
    network = Network.from_arrays(
        [([[1]], [0]), ([[1]], [0])], activation="leaky_relu", slope=slope, output_activation="relu"
    )
    assert fits_floats(region_task(network))


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=4).filter(any), st.data())
def test_rays_are_rounded_with_their_error(ray: list[int], data: st.DataObject) -> None:
    exponents = data.draw(st.lists(st.integers(-90, 90), min_size=len(ray), max_size=len(ray)))
    floats, error, grid = ray_floats(tuple(ray), exponents)
    exact = [x * Fraction(2) ** -e for x, e in zip(ray, exponents, strict=True)]
    assert 0.5 <= max(map(abs, floats)) <= 1
    assert (error == 0) == (grid != INEXACT)
    assert is_multiple(exact, floats, Fraction(error))


@given(networks(largest=(3, 4), entries=SMALL), st.data())
@settings(deadline=None, max_examples=100)
def test_start_cells_are_cones_of_the_given_forms(network: Network, data: st.DataObject) -> None:
    """Every ray obeys every slot with its sign, is tight where it says so, and has the signs of the units."""
    image = prepared(network, data.draw(domains(network.n_inputs)))
    forms = [*image.rows, *compose(image.task, 0, ())]
    cells = list(start_cells(image))
    assert len({cell.slots[len(image.rows) :].__repr__() for cell in cells}) == len(cells)
    for cell in cells:
        assert np.linalg.matrix_rank(cell.rays) == image.task.dimension + 1
        for r, floats in enumerate(cell.rays.tolist()):
            if cell.grids[r] == INEXACT:
                continue
            point = [Fraction(x) * Fraction(2) ** e for x, e in zip(floats, image.exponents, strict=True)]
            assert cell.at_infinity[r] == (point[-1] == 0)
            for k, (number, sign) in enumerate(cell.slots):
                value = sum(map(mul, forms[number], point)) * sign
                assert value >= 0
                assert (value == 0) == bool(cell.tight[r] >> k & 1)
            hidden = [*image.network.layers[0].silent, *(c for c, _, _ in image.network.layers[0].copies)]
            for j, form in enumerate(forms[len(image.rows) :]):
                value = 0 if j in hidden else sum(map(mul, form, point))
                assert cell.signs[r, j] == (value > 0) - (value < 0)


def test_an_empty_or_flat_domain_has_no_start_cell() -> None:
    lines = [(1, 0, 0), (0, 1, 0)]
    for domain in (Polyhedron.box([0, 0], [0, 1]), Polyhedron.from_inequalities([[1, 0], [-1, 0]], [0, -1])):
        assert list(start_cells(float_task(arrangement_task(lines, domain)))) == []
    assert len(list(start_cells(float_task(arrangement_task(lines, unit_box(2)))))) == 1
    assert len(list(start_cells(float_task(arrangement_task(lines))))) == 4
