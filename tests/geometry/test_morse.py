"""Critical sets: known functions, relative homology of sublevel sets, and the sum of the indices."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, UnsupportedError
from exactnet.geometry.boundary import RefinedComplex, level_sets, refined_complex, sublevel_set
from exactnet.geometry.face_set import FaceSet
from exactnet.geometry.homology import chain_betti_numbers
from exactnet.geometry.morse import CriticalSet, MorseData, morse_data
from exactnet.geometry.topology import betti_numbers, euler_characteristic
from exactnet.model import AffineLayer, Network
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, networks
from tests.geometry.spaces import (
    annulus,
    maximum,
    median,
    order_betti_numbers,
    random_network,
    solid_torus,
    sum_of_moduli,
)


def _indices(found: MorseData) -> Counter[int | None]:
    return Counter(one.index for one in found.critical)


def _state(found: CriticalSet) -> tuple[bool, int | None, str]:
    return found.is_flat, found.index, str(found.value)


def _below(found: MorseData) -> Fraction:
    return min((one.value for one in found.sets), default=Fraction(0)) - 1


# -- known functions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signs", [(1,), (-1,), (1, 1), (1, -1), (-1, -1), (1, 1, 1), (1, 1, -1), (1, -1, -1), (-1, -1, -1)]
)
def test_sums_of_moduli_are_the_models_of_every_index(signs: tuple[int, ...]) -> None:
    found = morse_data(sum_of_moduli(*signs))
    (origin,) = found.sets
    assert origin.index == signs.count(-1)
    assert found.is_morse
    assert origin.index_sum == (-1) ** signs.count(-1) == found.index_sum


def test_anchors_of_the_fact_sheet() -> None:
    first = morse_data(random_network([2, 6, 1], 0, 99))
    assert _indices(first) == {0: 2, 1: 3, 2: 1}
    second = morse_data(random_network([2, 4, 4, 1], 2, 99))
    assert _indices(second) == {1: 3, 2: 2}
    assert (first.index_sum, second.index_sum) == (0, -1)
    assert first.is_morse
    assert second.is_morse


def test_a_monkey_saddle_is_degenerate() -> None:
    """Three valleys and three ridges: two cells of dimension 1 are attached at once."""
    found = morse_data(_alternating_sectors())
    (origin,) = found.critical
    assert origin.local_homology == (0, 2, 0)
    assert (origin.index, origin.index_sum) == (None, -2)
    assert origin.is_flat  # the line x + y = 0, on which f = 0, is an edge of this network
    assert not found.is_morse
    assert repr(origin).endswith("degenerate)")


def _alternating_sectors() -> Network:
    """median(x, y, -x - y), positive on three sectors and negative on three, in turn.

    It is -(max + min), with max(a, b, c) = c + relu(a - c + relu(b - a)) and a + b + c = 0.
    """
    return Network.from_arrays(
        [
            ([[-1, 1], [1, -1], [2, 1], [-2, -1], [1, 1], [-1, -1]], [0] * 6),
            ([[1, 0, 1, -1, 0, 0], [0, 1, -1, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]], [0] * 4),
            ([[-1, 1, 2, -2]], [0]),
        ]
    )


def test_the_alternating_function_is_a_median() -> None:
    network = _alternating_sectors()
    for x in range(-3, 4):
        for y in range(-3, 4):
            (value,) = network([x, y])
            assert value == sorted([x, y, -x - y])[1]


def test_flat_minima_and_maxima() -> None:
    relu = Network.from_arrays([([[1]], [0]), ([[1]], [0])])
    (half_line,) = morse_data(relu).sets
    assert _state(half_line) == (True, 0, "0")
    plateau = Network.from_arrays([([[1], [1]], [0, -1]), ([[1, -1]], [0])])  # 0, a ramp, 1
    low, high = morse_data(plateau).sets
    assert _state(low) == (True, 0, "0")
    assert high.is_regular
    assert _state(high) == (True, None, "1")
    hill = morse_data(annulus())  # 1 on a square, lower inside and outside: one summit circle
    (bottom,) = (one for one in hill.sets if not one.is_flat)
    assert _state(bottom) == (False, 0, "-1")
    (ridge,) = (one for one in hill.sets if one.is_flat)
    assert ridge.value == 1
    assert betti_numbers(ridge.faces) == (1, 1, 0)
    assert ridge.local_homology == (0, 1, 1)
    assert not hill.is_morse


def test_a_ridge_around_a_torus() -> None:
    found = morse_data(solid_torus())
    # the maximum is a circle in space: it attaches a cell of dimension 2 and one of dimension 3
    (ridge,) = (one for one in found.sets if one.value == 1)
    assert ridge.local_homology == (0, 0, 1, 1)
    assert found.index_sum == 1 - euler_characteristic(sublevel_set(solid_torus(), _below(found)))


def test_maximum_and_median_have_no_critical_point() -> None:
    assert morse_data(maximum()).critical == ()
    found = morse_data(median())
    assert found.index_sum == 1 - euler_characteristic(sublevel_set(median(), _below(found)))


def test_affine_and_constant_functions() -> None:
    assert morse_data(Network.from_arrays([([[1, 2]], [3])])).sets == ()
    (everything,) = morse_data(Network.from_arrays([([[0, 0]], [3])])).sets
    assert _state(everything) == (False, 0, "3")
    (strips,) = morse_data(Network.from_arrays([([[1, 1]], [0]), ([[-1]], [0])], activation="abs")).sets
    assert strips.local_homology == (0, 1, 0)  # -|x + y|: the top of a ridge without end


def test_maxout_and_skip_connections() -> None:
    modulus = AffineLayer.from_arrays([[1], [-1]], [0, 0], activation="maxout", pieces=2)
    (origin,) = morse_data(Network((modulus,))).sets
    assert _state(origin) == (False, 0, "0")
    ramp = AffineLayer.from_arrays([[1, 0]], [0], activation="relu")
    slide = AffineLayer.from_arrays([[1]], [0], skips={0: [[0, 1]]})
    assert morse_data(Network((ramp, slide))).sets == ()  # relu(x) + y: no edge but x = 0, and that slopes


def test_representation_and_errors() -> None:
    found = morse_data(sum_of_moduli(1, -1))
    assert repr(found) == "MorseData(1 sets, 1 critical, 0 flat)"
    assert repr(found.sets[0]) == "CriticalSet(('0', '0'), value 0, index 1)"
    assert found.sets[0].lower_link_betti_numbers == (2, 0)
    with pytest.raises(UnsupportedError, match="local_homology"):
        assert morse_data(annulus()).flat[0].lower_link_betti_numbers
    with pytest.raises(InputError, match="no such output"):
        morse_data(sum_of_moduli(1), output=1)
    with pytest.raises(InputError, match="no field"):
        morse_data(sum_of_moduli(1), field=4)


# -- theorems ------------------------------------------------------------------------------------------


@given(st.one_of(networks(largest=(3, 4, 2), activations=ACTIVATIONS), general_networks()))
@settings(deadline=None, max_examples=60)
def test_indices_sum_to_the_euler_characteristic(network: Network) -> None:
    found = morse_data(network)
    assert found.index_sum == 1 - euler_characteristic(sublevel_set(network, _below(found)))
    assert found.index_sum == morse_data(network, field=0).index_sum


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()))
@settings(deadline=None, max_examples=40)
def test_local_homology_is_that_of_sublevel_sets(network: Network) -> None:
    """H({f <= a}, {f <= a - e}), with no value of a vertex in between, for every value a."""
    found = morse_data(network)
    vertices = (network(point)[0] for cell in found.complex.cells for point in cell.vertices)
    values = sorted({one.value for one in found.sets} | set(vertices))
    for n, value in enumerate(values):
        before = (values[n - 1] + value) / 2 if n else value - 1
        here = [one for one in found.sets if one.value == value]
        assert _sum(here, network.n_inputs) == _relative_betti_numbers(network, value, before)


@given(st.one_of(networks(largest=(3, 3, 2), activations=ACTIVATIONS), general_networks()))
@settings(deadline=None, max_examples=40)
def test_lower_links_by_order_complexes(network: Network) -> None:
    """The faces of {f < a} above a vertex, as a partially ordered set: no orientation, no duality."""
    found = morse_data(network)
    vertices = [one for one in found.sets if not one.is_flat and one.faces.members[0]]
    for one in vertices[:3]:
        refined = level_sets(network, one.value).refined
        lower = _lower_star(refined, refined.where(lambda _: True).vertices.index(one.faces.vertices[0]))
        assert one.lower_link_betti_numbers == order_betti_numbers(lower)[: network.n_inputs]


def _lower_star(refined: RefinedComplex, vertex: int) -> FaceSet:
    star, waiting = set[tuple[int, int]](), [(0, vertex)]
    while waiting:
        k, i = waiting.pop()
        above = [(k + 1, j) for j in refined.poset.cofaces[k][i]]
        waiting += above
        star.update(above)
    return refined.where(lambda signs: signs[0] < 0).where(lambda k, i: (k, i) in star)


@pytest.mark.parametrize("seed", range(8))
def test_morse_inequalities(seed: int) -> None:
    """The weak inequalities between {f <= t} for small t and the plane."""
    network = random_network([2, 5, 3, 1], seed, 9)
    found = morse_data(network)
    low = betti_numbers(sublevel_set(network, _below(found)))
    total = _sum(list(found.sets), 2)
    contractible = (1, 0, 0)
    for j in range(3):
        assert contractible[j] <= low[j] + total[j]
        assert low[j] <= contractible[j] + (total[j + 1] if j < 2 else 0)


def _sum(sets: list[CriticalSet], d: int) -> list[int]:
    return [sum(one.local_homology[j] for one in sets) for j in range(d + 1)]


def _relative_betti_numbers(network: Network, high: Fraction, low: Fraction) -> list[int]:
    others = [0] * (network.n_outputs - 1)
    refined = refined_complex(network, [(1, *others, -high), (1, *others, -low)])
    between = refined.where(lambda signs: signs[0] <= 0 < signs[1]).bounded_part()
    poset = refined.poset
    found = list(chain_betti_numbers(poset.chains.restricted(between.members)))[poset.lowest :]
    return found + [0] * poset.lowest
