"""Maxout and skip connections as chains of task layers: the same function, the same activation regions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import certificate_text, check_text
from exactnet.errors import ShapeError
from exactnet.exact import RationalMatrix
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.float_network import fits_floats
from exactnet.geometry.layers import TaskLayer
from exactnet.geometry.lowering import lowered
from exactnet.geometry.network_cells import network_cells
from exactnet.geometry.patterns import activation_regions, has_tournaments, winner_pattern
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import reference_tree
from exactnet.geometry.task import affine_map, compose, composed_map, region_task, signs_at
from exactnet.model import Activation, Network
from tests.geometry.general_nets import brute_force_patterns, general_networks
from tests.geometry.nets import brute_force_cells, check_facets, domains, networks

POINTS = st.fractions(-3, 3, max_denominator=8)
BENT = ("relu", "leaky_relu", "abs", "hardtanh", "maxout")


# -- the same function ---------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(general_networks(n_inputs=3, depth=4, width=3), st.data())
def test_the_chain_is_the_network_at_every_point(network: Network, data: st.DataObject) -> None:
    x = [data.draw(POINTS) for _ in range(network.n_inputs)]
    task = region_task(network)
    # on a boundary all neighbouring pieces give the same value
    signs = [sign or data.draw(st.sampled_from([1, -1])) for sign in signs_at(task, x)]
    matrix, vector = affine_map(task, signs)
    assert tuple(y + b for y, b in zip(matrix @ x, vector, strict=True)) == network(x)


@settings(max_examples=100, deadline=None)
@given(general_networks(depth=4, width=3, kinds=("relu", "abs", "maxout")), st.data())
def test_resolved_ties_give_the_pattern_of_the_network(network: Network, data: st.DataObject) -> None:
    x = [data.draw(POINTS) for _ in range(network.n_inputs)]
    signs = [sign or -1 for sign in signs_at(region_task(network), x)]
    # the network says 0 on the breakpoint of relu and abs
    pattern = tuple(
        here if layer.activation is Activation.MAXOUT else tuple(sign or -1 for sign in here)
        for layer, here in zip(network.layers, network.activation_pattern(x), strict=True)
    )
    assert winner_pattern(network, signs) == pattern


@settings(max_examples=60, deadline=None)
@given(networks(largest=(2, 3, 2), activations=(*BENT[:4], "identity")))
def test_plain_networks_pass_nothing(network: Network) -> None:
    layers, readout = lowered(network)
    bent = [layer for layer in network.layers if layer.activation is not Activation.IDENTITY]
    assert [layer.n_passed for layer in layers] == [0] * len(layers)
    if len(bent) == len(network.layers) - 1:  # only the output layer is affine
        for layer, exact in zip((*layers, readout), network.layers, strict=True):
            assert isinstance(layer, TaskLayer)
            assert (layer.weight, layer.bias) == (exact.weight, exact.bias)
            assert (layer.activation, layer.slope) == (exact.activation, exact.slope)


# -- the same regions ----------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(general_networks())
def test_activation_regions_are_those_of_brute_force(network: Network) -> None:
    task = region_task(network)
    cells = [cell.signs for cell in reference_cells(task)]
    assert len(set(cells)) == len(cells)
    patterns = [winner_pattern(network, signs) for signs in cells]
    assert set(patterns) == brute_force_patterns(network)
    regions = activation_regions(network, cells)
    assert len(regions) == len(set(patterns))
    assert sorted(i for region in regions for i in region) == list(range(len(cells)))
    assert all(len({patterns[i] for i in region}) == 1 for region in regions)
    if not has_tournaments(network):
        assert len(regions) == len(cells)


@settings(max_examples=60, deadline=None)
@given(general_networks(depth=2), st.data())
def test_regions_in_a_domain(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    task = region_task(network, domain)
    cells = {cell.signs for cell in reference_cells(task)}
    assert {winner_pattern(network, signs) for signs in cells} == brute_force_patterns(network, domain)
    assert cells == brute_force_cells(task)


@settings(max_examples=60, deadline=None)
@given(general_networks(n_inputs=3, depth=3, kinds=BENT))
def test_complexes_with_passed_units(network: Network) -> None:
    found = polyhedral_complex(region_task(network))
    lineality = len(reduce_task(found.task).lineality)
    assert found.euler_characteristic() == (-1) ** found.dimension
    assert all(len(cell.lineality) == lineality for cell in found.cells)
    check_facets(found)
    for cell in found.cells:
        matrix, vector = cell.affine_map
        image = tuple(y + b for y, b in zip(matrix @ cell.witness, vector, strict=True))
        assert image == network(cell.witness)
        for line in cell.lineality:  # nothing changes along a line, but the output may
            assert signs_at(found.task, [x + 5 * y for x, y in zip(cell.witness, line, strict=True)]) == (
                signs_at(found.task, cell.witness)
            )
        pattern = tuple(
            tuple(-1 if not sign and layer.activation is not Activation.MAXOUT else sign for sign in here)
            for layer, here in zip(network.layers, network.activation_pattern(cell.witness), strict=True)
        )
        if not any(layer.activation is Activation.HARDTANH for layer in network.layers):
            assert winner_pattern(network, cell.signs) == pattern


@settings(max_examples=40, deadline=None)
@given(general_networks(depth=2))
def test_the_fast_engine_finds_the_same(network: Network) -> None:
    task = region_task(network)
    expected = {cell.signs for cell in reference_cells(task)}
    engines: tuple[Engine | None, ...] = (None, "float64", "lp", "reference")
    for engine in engines:
        found = network_cells(task, engine=engine)
        assert {tuple(row) for row in found.signs.unpack().tolist()} == expected
        assert found.lineality == len(reduce_task(task).lineality)


@settings(max_examples=30, deadline=None)
@given(general_networks(n_inputs=3), st.data())
def test_the_checker_reads_the_same_switches_in_the_same_order(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    task = region_task(network, domain)
    tree = reference_tree(task, pattern=lambda signs: winner_pattern(network, signs))
    assert tree.n_cells == len(brute_force_patterns(network, domain))
    assert check_text(certificate_text(region_certificate(network, task, tree))).accepted


def test_a_later_layer_sees_what_the_first_does_not() -> None:
    # h = relu(x1), then relu(h + x2): the first cells are half-planes, the second line is bent
    network = Network.from_arrays(
        [([[1, 0]], None), ([[1]], None)], output_activation="relu", skips={(2, 0): [[0, 1]]}
    )
    task = region_task(network)
    assert reduce_task(task).reduced == task
    found = polyhedral_complex(task)
    assert {cell.signs for cell in found.cells} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    assert found.f_vector() == (1, 4, 4)
    for cell in found.cells:
        assert [other.signs for other in reference_cells(task, only=[cell.signs])] == [cell.signs]
    # in three dimensions there is a line along x3, and dead first units leave the plane whole
    wide = Network.from_arrays(
        [([[1, 0, 0]], None), ([[1]], None)], output_activation="relu", skips={(2, 0): [[0, 1, 0]]}
    )
    assert reduce_task(region_task(wide)).lineality == ((0, 0, 1),)
    assert polyhedral_complex(region_task(wide)).f_vector() == (0, 1, 4, 4)
    dead = Network.from_arrays(
        [([[0, 0]], [1]), ([[1], [0]], None)], output_activation="relu", skips={(2, 0): [[1, 0], [0, 1]]}
    )
    assert {cell.signs for cell in reference_cells(region_task(dead))} == {
        (1, 1, 1),
        (1, 1, -1),
        (1, -1, 1),
        (1, -1, -1),
    }


def test_what_the_output_passes_is_no_reason_to_be_slow() -> None:
    network = Network.from_arrays([([[1], [-1]], [0, 1]), ([[1, 1]], None)], skips={(2, 0): [[1]]})
    task = region_task(network)
    assert (task.layers[0].n_passed, fits_floats(task)) == (1, False)
    reduced = reduce_task(task).reduced
    assert (reduced.layers[0].n_passed, fits_floats(reduced)) == (0, True)
    assert affine_map(task, (1, 1)) == (RationalMatrix.from_rows([[1]]), (Fraction(1),))


# -- maxout --------------------------------------------------------------------------------------------


def _maxout(pieces: int, *rows: tuple[object, ...]) -> Network:
    weight = [row[:-1] for row in rows]
    return Network.from_arrays(
        [(weight, [row[-1] for row in rows])], output_activation="maxout", pieces=pieces
    )


def _n_regions(network: Network) -> int:
    return len(activation_regions(network, [c.signs for c in reference_cells(region_task(network))]))


def _largest_number(n_inputs: int, ranks: tuple[int, ...]) -> int:
    """The bound of Montufar, Ren and Zhang (2021) for a layer of maxout units with biases."""
    return sum(
        prod(ranks[i] - 1 for i in chosen)
        for j in range(n_inputs + 1)
        for chosen in combinations(range(len(ranks)), j)
    )


def test_numbers_of_regions_of_a_maxout_layer_are_attained() -> None:
    assert [_largest_number(*case) for case in ((1, (3, 3, 3)), (2, (3, 3)), (2, (3, 3, 3)))] == [7, 9, 19]
    line = _maxout(3, (0, 0), (1, 0), (2, -1), (0, 0), (1, -2), (2, -5), (0, 0), (1, -4), (2, -9))
    assert _n_regions(line) == 7
    # found by hill climbing; a unit with a repeated piece has one rank less
    two = _maxout(3, (3, 4, -8), (-1, 7, 6), (-3, 8, 6), (-7, 3, 1), (-2, 0, -4), (-9, 6, 1))
    assert _n_regions(two) == _largest_number(2, (3, 3)) == 9
    mixed = (8, -9, -7), (-1, 7, 6), (3, 0, 6), (2, 9, -3), (7, -5, 0), (-5, -6, -1), (1, -3, 8), (1, -3, 8)
    assert _n_regions(_maxout(4, *mixed)) == _largest_number(2, (4, 3)) == 12
    three = (
        (3, 4, -8),
        (-1, -5, 7),
        (-2, -2, 5),
        (9, -6, 3),
        (7, -5, 0),
        (4, -4, -8),
        (-3, -1, 2),
        (9, -4, -3),
    )
    assert _n_regions(_maxout(3, *three, (-9, -8, 6))) == _largest_number(2, (3, 3, 3)) == 19


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_maxout_layer_never_has_more_regions(data: st.DataObject) -> None:
    d, n_units, pieces = data.draw(st.sampled_from([(1, 3, 3), (2, 2, 3), (2, 3, 2), (2, 2, 4)]))
    row = st.tuples(*[st.integers(-4, 4)] * (d + 1))
    network = _maxout(pieces, *[data.draw(row) for _ in range(n_units * pieces)])
    assert 1 <= _n_regions(network) <= _largest_number(d, (pieces,) * n_units)


def test_equal_and_dead_pieces() -> None:
    same = _maxout(3, (1, 0), (1, 0), (1, 0))
    assert [cell.signs for cell in reference_cells(region_task(same))] == [(-1, -1)]
    assert winner_pattern(same, (-1, -1)) == ((0,),)
    # the piece in the middle is never the largest: two regions, one boundary
    idle = _maxout(3, (1, 0), (0, -1), (-1, 0))
    cells = [cell.signs for cell in reference_cells(region_task(idle))]
    assert {winner_pattern(idle, signs) for signs in cells} == {((0,),), ((2,),)}
    assert _n_regions(idle) == 2
    # the second of two equal pieces never takes over
    twins = _maxout(3, (0, 0), (1, 0), (1, 0))
    assert {winner_pattern(twins, c.signs) for c in reference_cells(region_task(twins))} == {((0,),), ((1,),)}
    constant = _maxout(2, (0, 0), (0, 5))
    assert [cell.signs for cell in reference_cells(region_task(constant))] == [(1,)]


def test_two_pieces_are_one_layer_of_switches() -> None:
    # max(0, z) is relu, max(-z, z) is abs
    rows = [(1, 2, -1), (3, -1, 0), (-1, 0, 2)]
    for first, kind in ((0, "relu"), (-1, "abs")):
        doubled = [tuple(factor * x for x in row) for row in rows for factor in (first, 1)]
        plain = Network.from_arrays(
            [([row[:-1] for row in rows], [row[-1] for row in rows])], output_activation=kind
        )
        maxout = _maxout(2, *doubled)
        assert compose(region_task(plain), 0, ()) == compose(region_task(maxout), 0, ())
        for cell in reference_cells(region_task(plain)):
            assert affine_map(region_task(plain), cell.signs) == affine_map(region_task(maxout), cell.signs)


# -- task layers with passed units ---------------------------------------------------------------------


def test_passed_units_stay_as_they_are() -> None:
    weight = RationalMatrix.from_rows([[1], [2]])
    for kind, slope in (("relu", 0), ("leaky_relu", "1/3"), ("abs", 0), ("hardtanh", 0)):
        layer = TaskLayer(weight, (Fraction(0), Fraction(7)), Activation(kind), Fraction(slope), n_passed=1)
        assert (layer.n_switching, layer.n_switches) == (1, 2 if kind == "hardtanh" else 1)
        network = Network.from_arrays([([[1]], None), ([[1]], None)], activation=kind, slope=slope)
        task = region_task(network)
        chain = type(task)(1, (), (layer,))
        for signs in ((1, 1), (1, -1), (-1, -1)):
            here = signs[: layer.n_switches]
            bent, kept = affine_map(chain, here)[0].rows()
            assert kept == (2,)
            assert bent == affine_map(task, here)[0].row(0)
        assert composed_map(chain, 0, ()).row(1) == (2, 7)
        assert len(compose(chain, 0, ())) == layer.n_switches
    for n_passed in (-1, 3):
        with pytest.raises(ShapeError, match="more passed units"):
            TaskLayer(weight, (Fraction(0),) * 2, Activation.RELU, n_passed=n_passed)


def test_patterns_need_one_sign_a_switch() -> None:
    with pytest.raises(ShapeError, match="signs do not fit the network"):
        winner_pattern(_maxout(2, (0, 0), (1, 0)), (1, 1))
    assert activation_regions(_maxout(2, (0, 0), (1, 0)), []) == ()


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(general_networks(n_inputs=3, depth=4, width=2), st.data())
def test_deep_networks_against_brute_force(network: Network, data: st.DataObject) -> None:
    domain = data.draw(
        st.sampled_from([None, Polyhedron.box([-2] * network.n_inputs, [3] * network.n_inputs)])
    )
    cells = [cell.signs for cell in reference_cells(region_task(network, domain))]
    assert {winner_pattern(network, signs) for signs in cells} == brute_force_patterns(network, domain)
