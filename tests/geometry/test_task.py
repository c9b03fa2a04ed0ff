"""Tasks: what is read from networks and arrangements, and the exact composition."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import RationalMatrix, primitive
from exactnet.geometry.layers import TaskLayer, identity_map, post_activation, pre_activation, switch_forms
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import (
    RegionTask,
    affine_map,
    arrangement_task,
    compose,
    composed_map,
    region_task,
    signs_at,
)
from exactnet.model import Activation, Network
from tests.geometry.nets import ACTIVATIONS, SMALL, networks

POINTS = st.fractions(-3, 3, max_denominator=8)


def _at(rows: RationalMatrix, x: list[Fraction]) -> tuple[Fraction, ...]:
    return rows @ [*x, Fraction(1)]


@settings(max_examples=150, deadline=None)
@given(networks(largest=(3, 3, 3), entries=SMALL, activations=ACTIVATIONS), st.data())
def test_composition_is_the_network_on_the_cell_of_a_point(network: Network, data: st.DataObject) -> None:
    x = [data.draw(POINTS) for _ in range(network.n_inputs)]
    task = region_task(network)
    # on a breakpoint both neighbouring pieces give the same value
    signs = [sign or data.draw(st.sampled_from([1, -1])) for sign in signs_at(task, x)]
    matrix, vector = affine_map(task, signs)
    assert tuple(y + b for y, b in zip(matrix @ x, vector, strict=True)) == network(x)
    values = [z for z, layer in zip(network.pre_activations(x), network.layers, strict=True)]
    if network.layers[0].activation is not Activation.IDENTITY:
        for k in range(len(task.layers)):
            assert _at(composed_map(task, k, signs), x) == values[k]


@settings(deadline=None)
@given(networks(largest=(2, 3, 3), entries=SMALL, activations=("relu", "leaky_relu", "abs")), st.data())
def test_signs_at_a_point_are_the_pattern_of_the_network(network: Network, data: st.DataObject) -> None:
    x = [data.draw(POINTS) for _ in range(network.n_inputs)]
    assert signs_at(region_task(network), x) == sum(network.activation_pattern(x), ())


@settings(deadline=None)
@given(networks(largest=(2, 2, 2), entries=SMALL, activations=("hardtanh",)), st.data())
def test_hardtanh_has_two_switches_a_unit(network: Network, data: st.DataObject) -> None:
    x = [data.draw(POINTS) for _ in range(network.n_inputs)]
    signs = signs_at(region_task(network), x)
    pieces = tuple(low + high for low, high in zip(signs[::2], signs[1::2], strict=True))
    assert pieces == sum(network.activation_pattern(x), ())


@settings(deadline=None)
@given(networks(largest=(3, 3, 3), entries=SMALL), st.data())
def test_forms_are_primitive_positive_multiples(network: Network, data: st.DataObject) -> None:
    task = region_task(network)
    signs = tuple(data.draw(st.sampled_from([1, -1])) for _ in range(task.n_switches))
    for k in range(len(task.layers)):
        exact = composed_map(task, k, signs)
        for form, row in zip(compose(task, k, signs), exact.rows(), strict=True):
            assert form == primitive(row)
            assert gcd(*form) in (0, 1)


def test_the_output_layer_counts_only_if_it_switches() -> None:
    layers = [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [-1])]
    plain = region_task(Network.from_arrays(layers))
    switching = region_task(Network.from_arrays(layers, output_activation="relu"))
    assert (len(plain.layers), plain.n_switches, plain.readout is None) == (1, 2, False)
    assert (len(switching.layers), switching.n_switches, switching.readout) == (2, 3, None)
    assert affine_map(switching, (1, 1, 1)) == affine_map(plain, (1, 1))
    assert affine_map(switching, (1, 1, -1)) == (RationalMatrix.from_rows([[0, 0]]), (Fraction(0),))


def test_identity_layers_are_merged_into_the_next_one() -> None:
    first = Network.from_arrays([([[1, 1], [2, -1]], [1, "1/2"]), ([[1, 3]], [-1])], activation="identity")
    task = region_task(first)
    assert task.layers == ()
    assert task.offsets == (0,)
    assert affine_map(task, ()) == (RationalMatrix.from_rows([[7, -2]]), (Fraction(3, 2),))
    mixed = Network(
        (
            first.layers[0],
            *Network.from_arrays([([[1, 3]], [-1])], output_activation="abs").layers,
        )
    )
    assert compose(region_task(mixed), 0, ()) == ((14, -4, 3),)


def test_a_network_without_hidden_layers_has_no_switches() -> None:
    task = region_task(Network.from_arrays([([[1, 2], [3, 4]], [5, 6])]))
    assert (task.layers, task.n_switches) == ((), 0)
    assert affine_map(task, ()) == (RationalMatrix.from_rows([[1, 2], [3, 4]]), (5, 6))


def test_the_domain_is_kept_without_rows_that_always_hold() -> None:
    network = Network.from_arrays([([[1, 1]], [0]), ([[1]], [0])])
    domain = Polyhedron(((2, 0, 2), (1, 0, 1), (0, 0, 5), (0, 0, 0)), 2)
    assert region_task(network, domain).domain == ((1, 0, 1),)
    assert region_task(network, Polyhedron(((0, 0, -3),), 2)).domain == ((0, 0, -1),)
    with pytest.raises(ShapeError, match="domain does not fit"):
        region_task(network, Polyhedron.box([0], [1]))


def test_an_arrangement_is_one_layer() -> None:
    task = arrangement_task([("1/2", 0, "1/3"), (0, 0, 0), (0, 0, -4)])
    assert (task.dimension, task.n_switches, len(task.layers)) == (2, 3, 1)
    assert compose(task, 0, ()) == ((3, 0, 2), (0, 0, 0), (0, 0, -1))
    assert arrangement_task([], dimension=3).dimension == 3
    assert arrangement_task([], Polyhedron.box([0], [1])).dimension == 1
    with pytest.raises(InputError, match="not known"):
        arrangement_task([])
    with pytest.raises(ShapeError, match="do not fit the space"):
        arrangement_task([(1, 2)], dimension=3)
    with pytest.raises(ShapeError, match="different length"):
        arrangement_task([(1, 2), (1, 2, 3)])


def test_sizes_are_checked_at_once() -> None:
    layer = TaskLayer(RationalMatrix.identity(2), (Fraction(0),) * 2, Activation.RELU)
    with pytest.raises(ShapeError, match="two layers do not fit"):
        RegionTask(3, (), (layer,))
    with pytest.raises(ShapeError, match="domain does not fit"):
        RegionTask(2, ((1, 2),), (layer,))
    with pytest.raises(ShapeError, match="too few signs"):
        affine_map(RegionTask(2, (), (layer,)), (1,))
    with pytest.raises(ShapeError, match="wrong number of coordinates"):
        signs_at(RegionTask(2, (), (layer,)), [1])


def test_other_activations_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="cells are not defined"):
        TaskLayer(RationalMatrix.identity(1), (Fraction(0),), "maxout")  # type: ignore[arg-type]


@settings(deadline=None)
@given(networks(largest=(2, 3, 2), entries=SMALL, activations=ACTIVATIONS))
def test_tasks_travel_and_compare(network: Network) -> None:
    task = region_task(network, Polyhedron.box([-1] * network.n_inputs, [1] * network.n_inputs))
    copy = pickle.loads(pickle.dumps(task))
    assert (copy, hash(copy)) == (task, hash(task))


def test_pieces_agree_at_the_breakpoints() -> None:
    for kind in (kind for kind in Activation if kind is not Activation.MAXOUT):
        layer = TaskLayer(
            RationalMatrix.identity(1), (Fraction(0),), kind, Fraction(1, 3) * (kind == "leaky_relu")
        )
        pre = pre_activation(layer, identity_map(1))
        for point in kind.breakpoints:
            sides = [(1, -1), (-1, -1)] if point == -1 else [(1, -1), (1, 1)]
            if len(kind.breakpoints) == 1:
                sides = [(1,), (-1,)]
            values = {_at(post_activation(layer, pre, signs), [Fraction(point)]) for signs in sides}
            assert values == {(kind.apply(Fraction(point), slope=layer.slope),)}
        assert len(switch_forms(layer, pre)) == len(kind.breakpoints) == layer.n_switches
