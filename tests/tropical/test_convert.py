"""Networks as F - G: the table of anchors, the recursion as the second way, the checker as the judge."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.errors import InputError, LimitReached
from exactnet.geometry import polyhedral_complex, region_task
from exactnet.model import AffineLayer, Network
from exactnet.tropical import TropicalForm, part_of, recursion, tropical_form
from exactnet.tropical.cell_forms import forms_on_cells
from exactnet.tropical.normal_form import essential_terms_by_lp
from paper_repro.anchors import ANCHORS, random_integer_network
from tests.geometry.general_nets import general_networks


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_the_table_of_anchors(anchor) -> None:
    network = anchor.network()
    result = tropical_form(network)
    f = result.value.rational
    assert (f.numerator.n_terms, f.denominator.n_terms) == anchor.n_essential
    assert recursion(network) == (f,)
    (naive,) = recursion(network, prune=False)
    assert (naive.numerator.n_terms, naive.denominator.n_terms) == anchor.n_naive
    assert result.status is Status.PROVED
    assert result.check().accepted


@settings(max_examples=60, deadline=None)
@given(general_networks())
def test_every_kind_of_layer(network) -> None:
    result = tropical_form(network)
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert recursion(network) == result.value.outputs
    r = random.Random(0)
    for _ in range(5):
        x = [Fraction(r.randint(-9, 9), r.randint(1, 4)) for _ in range(network.n_inputs)]
        assert tuple(f(x) for f in result.value.outputs) == network(x)


@settings(max_examples=25, deadline=None)
@given(general_networks(depth=2))
def test_the_naive_recursion_pruned_by_linear_programmes(network) -> None:
    for naive, f in zip(recursion(network, prune=False), tropical_form(network).value.outputs, strict=True):
        assert essential_terms_by_lp(naive.numerator) == f.numerator
        assert essential_terms_by_lp(naive.denominator) == f.denominator


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_float_and_rational_weights(seed) -> None:
    """Long binary fractions leave float64 for integers of any size; zero and equal units occur."""
    r = random.Random(seed)

    def layer(n_in: int, n_out: int) -> tuple[list[list[object]], list[object]]:
        numbers: list[object] = [0, 1, Fraction(-2, 3), r.gauss(0, 1), np.float32(r.gauss(0, 1)), 1e-20]
        rows = [[r.choice(numbers) for _ in range(n_in)] for _ in range(n_out)]
        return [*rows, rows[0]], [*[r.choice(numbers) for _ in range(n_out)], 0]

    network = Network.from_arrays([layer(2, 3), layer(4, 2), layer(3, 1)])
    result = tropical_form(network)
    assert result.check().accepted
    assert recursion(network) == result.value.outputs


@pytest.mark.parametrize("bits", [5, 9, 12, 15, 17, 20, 25, 40, 400])
def test_float64_and_integers_give_the_same_terms(bits) -> None:
    """The same network with weights times a power of two: any layer may cross the bound on float64."""
    network = random_integer_network([2, 8, 8, 1], 0)
    factor = 2**bits
    scaled = Network.from_arrays(
        [
            ([[factor * w for w in row] for row in layer.weight.rows()], [factor**k * b for b in layer.bias])
            for k, layer in enumerate(network.layers, start=1)
        ]
    )
    small, large = (tropical_form(net, proof=False).value.rational for net in (network, scaled))
    assert small.numerator**factor**3 == large.numerator
    assert small.denominator**factor**3 == large.denominator


def test_zero_weights_in_front_of_large_ones() -> None:
    network = Network.from_arrays([([[0]], [0]), ([[10**400]], [1]), ([[2**60]], [0])])
    assert tropical_form(network).value.rational([5]) == 2**60


def test_blocks_of_cells_make_no_difference(monkeypatch) -> None:
    network = random_integer_network([2, 6, 6, 2], 5)
    whole = tropical_form(network, proof=False).value
    monkeypatch.setattr("exactnet.tropical.cell_forms._BLOCK", 100)
    assert tropical_form(network, proof=False).value.outputs == whole.outputs


@settings(max_examples=20, deadline=None)
@given(general_networks())
def test_f_is_the_difference_on_every_cell(network) -> None:
    for cell in polyhedral_complex(region_task(network)).cells:
        signs = np.array([cell.signs], dtype=np.int8).reshape(1, len(cell.signs))
        (block,) = forms_on_cells(network, signs)
        matrix, vector = cell.affine_map
        for o in range(network.n_outputs):
            difference = block.numerator[0, o] - block.denominator[0, o]
            found = [Fraction(int(v), block.scale) for v in difference]
            assert found == [*matrix.row(o), vector[o]]


def test_layers_and_units() -> None:
    network = random_integer_network([2, 4, 3, 1], 2)
    layers = [recursion(network, layer=k) for k in (1, 2, 3)]
    for k, expected in enumerate(layers, start=1):
        assert tropical_form(part_of(network, k)).value.outputs == expected
        for unit, f in enumerate(expected):
            assert tropical_form(part_of(network, k, unit=unit)).value.rational == f
    before = part_of(network, 2, unit=1, before=True)
    x = [Fraction(1, 3), Fraction(-2)]
    assert before(x)[0] == network.pre_activations(x)[1][1]
    largest = Network.from_arrays([([[1], [2]], None)], output_activation="maxout", pieces=2)
    assert part_of(largest, 1, before=True)([3]) == (3, 6)
    for wrong in ({"layer": 4}, {"layer": 0}, {"layer": 2, "unit": 3}):
        with pytest.raises(InputError, match="no such"):
            part_of(network, **wrong)


def test_region_counts_stand_beside_the_form() -> None:
    result = tropical_form(random_integer_network([2, 8, 1], 4), regions=True)
    counts = {str(c.definition): c.value for c in result.value.regions}
    assert {name: counts[name] for name in ("R1", "R2", "R4", "R5", "R6")} == {
        "R1": 29,
        "R2": 29,
        "R4": 29,
        "R5": 27,
        "R6": 27,
    }
    assert {"form", "cells", "count-R1", "count-R4", "count-R5", "count-R6"} <= set(result.certificate.claims)
    assert result.check().accepted


def test_a_limit_leaves_a_lower_bound() -> None:
    network = random_integer_network([2, 8, 8, 1], 0)
    with pytest.raises(LimitReached) as stopped:
        tropical_form(network, max_cells=30)
    partial = stopped.value.partial
    assert isinstance(partial, TropicalForm)
    assert not partial.is_complete
    whole = tropical_form(network, proof=False).value
    for few, all_ in zip(partial.outputs, whole.outputs, strict=True):
        assert 0 < few.numerator.n_terms < all_.numerator.n_terms
        assert set(few.numerator.as_fractions()) <= set(all_.numerator.as_fractions())
        assert set(few.denominator.as_fractions()) <= set(all_.denominator.as_fractions())


def test_limits_on_bits_and_on_terms() -> None:
    network = random_integer_network([2, 8, 8, 1], 0)
    with pytest.raises(LimitReached, match="longer than allowed"):
        tropical_form(network, max_bits=10)
    assert tropical_form(network, max_bits=100, proof=False).value.n_cells == 116
    with pytest.raises(LimitReached, match="more terms than allowed"):
        recursion(network, prune=False, max_terms=1000)
    assert recursion(network, max_terms=10_000) == tropical_form(network, proof=False).value.outputs
    with pytest.raises(InputError, match="no such layer"):
        recursion(network, layer=4)


def test_networks_without_switches_and_several_outputs() -> None:
    affine = Network.from_arrays([([[1, -2], [0, 0]], [3, "1/2"])])
    form = tropical_form(affine)
    assert form.check().accepted
    assert [repr(f) for f in form.value.outputs] == [
        "TropicalRational(max(3 + x1) - max(2*x2))",
        "TropicalRational(max(1/2) - max(0))",
    ]
    with pytest.raises(InputError, match="several"):
        _ = form.value.rational
    dead = Network.from_arrays([([[0], [0]], [0, -1]), ([[1, 1]], [0])])
    assert repr(tropical_form(dead).value.rational) == "TropicalRational(max(0) - max(0))"


def test_stated_speeds() -> None:
    """The sizes of the plan, with room for a slow machine: 5,793 and 42,953 cells."""
    for widths, n_cells in (((2, 64, 64, 1), 5793), ((3, 32, 32, 1), 42953)):
        form = tropical_form(random_integer_network(widths, 0), proof=False).value
        assert form.n_cells == n_cells
        x = [Fraction(k, 3) for k in range(widths[0])]
        assert form.rational(x) == random_integer_network(widths, 0)(x)[0]


def test_a_slope_of_every_size() -> None:
    for slope in (-3, "-1/2", 0, "1/3", 1, 5):
        layers = (
            AffineLayer.from_arrays([[1, 1], [1, -1]], [0, 1], activation="leaky_relu", slope=slope),
            AffineLayer.from_arrays([[1, -2], [-1, 1]], [1, 0], activation="leaky_relu", slope=slope),
            AffineLayer.from_arrays([[1, -1]], [0]),
        )
        result = tropical_form(Network(layers))
        assert result.check().accepted
        assert recursion(Network(layers)) == result.value.outputs
