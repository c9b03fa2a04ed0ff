"""Level sets and decision boundaries against the values of the network at points, and known shapes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.geometry.boundary import (
    PolyhedralSet,
    decision_boundary,
    decision_region,
    level_set,
    level_sets,
    refined_complex,
    sublevel_set,
    superlevel_set,
)
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Network
from tests.geometry.general_nets import general_networks
from tests.geometry.nets import ACTIVATIONS, SMALL, domains, networks, unit_box
from tests.geometry.spaces import annulus, maximum, median, sum_of_moduli

Point = tuple[Fraction, ...]


def _pieces(found: PolyhedralSet) -> list[Polyhedron]:
    return [found.polyhedron(k, i) for k, i in found.maximal_faces()]


def _grid(d: int) -> Iterator[Point]:
    return product([Fraction(n, 2) for n in range(-5, 6)], repeat=d)


# -- one output ----------------------------------------------------------------------------------------


@given(st.one_of(networks(largest=(2, 3, 2), activations=ACTIVATIONS), general_networks()), st.data())
@settings(deadline=None, max_examples=50)
def test_every_face_has_one_sign(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    c = data.draw(SMALL)
    sets = level_sets(network, c, domain=domain)
    found = sets.refined.complex
    for k, level in enumerate(sets.refined.signs):
        for i, (sign,) in enumerate(level):
            face = sets.refined.where(lambda _: True).polyhedron(k, i)
            assert face.affine_dimension == k
            assert face.witness is not None
            value = network(face.witness)[0] - c
            assert (value > 0) - (value < 0) == sign
    whole = (-1) ** network.n_inputs
    if domain is None:
        parts = (sets.zero, sets.above, sets.below)
        sizes = [sum((-1) ** k * n for k, n in enumerate(part.f_vector())) for part in parts]
        assert sum(sizes) == whole == found.euler_characteristic()


@given(st.one_of(networks(largest=(2, 3, 2), activations=ACTIVATIONS), general_networks()), st.data())
@settings(deadline=None, max_examples=30)
def test_points_lie_in_the_level_set_by_their_value(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    c = data.draw(SMALL)
    sets = level_sets(network, c, domain=domain)
    solid = bool(sets.refined.complex.cells)  # a flat domain has no cells, and then no faces
    zero, at_most, at_least = map(_pieces, (sets.zero, sets.at_most, sets.at_least))
    for x in _grid(network.n_inputs):
        inside = solid and (domain is None or domain.contains(x))
        value = network(x)[0]
        assert any(piece.contains(x) for piece in zero) == (inside and value == c)
        assert any(piece.contains(x) for piece in at_most) == (inside and value <= c)
        assert any(piece.contains(x) for piece in at_least) == (inside and value >= c)


def test_a_square() -> None:
    found = level_set(sum_of_moduli(-1, -1, constant=1))
    assert {(int(x), int(y)) for x, y in found.vertices} == {(1, 0), (-1, 0), (0, 1), (0, -1)}
    assert all(x.denominator == 1 for point in found.vertices for x in point)
    assert found.f_vector() == (4, 4, 0)
    assert (found.is_closed, found.is_bounded, found.n_components) == (True, True, 1)
    assert found.flat_cells == ()


def test_an_annulus_has_two_boundaries() -> None:
    found = level_set(annulus())
    assert found.f_vector() == (8, 8, 0)
    assert found.n_components == 2
    sizes = {max(abs(x) + abs(y) for x, y in part.vertices) for part in found.components()}
    assert sizes == {1, 3}


def test_a_flat_piece_is_part_of_the_level_set() -> None:
    relu = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    quadrant = level_set(relu)
    assert len(quadrant.flat_cells) == 1
    assert quadrant.f_vector() == (1, 2, 1)
    assert sublevel_set(relu).members == quadrant.members
    assert superlevel_set(relu).f_vector()[2] == 4
    assert level_set(relu, -1).is_empty
    ramp = level_set(relu, 1)
    assert (ramp.f_vector(), ramp.flat_cells) == ((2, 3, 0), ())


def test_median_and_maximum() -> None:
    zero = level_set(median())
    for x, y in product(range(-2, 3), repeat=2):
        assert any(piece.contains((x, y)) for piece in _pieces(zero)) == (x * y <= 0)
    corner = level_set(maximum(), 3)
    assert corner.n_components == 1
    for x, y in product(range(-1, 6), repeat=2):
        assert any(piece.contains((x, y)) for piece in _pieces(corner)) == (max(x, y) == 3)


def test_a_switching_output_layer() -> None:
    """relu(|x| - 1): its zeros are an interval, inside and all."""
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-1])], output_activation="relu")
    zero = level_set(network)
    assert zero.f_vector()[1] == len(zero.flat_cells) == 2
    ends = [x for (x,) in zero.vertices]
    assert [min(ends), max(ends)] == [-1, 1]


@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_constant_network(d: int) -> None:
    constant = Network.from_arrays([([[0] * d], [1]), ([[2]], [0])])
    everything = level_set(constant, 2)
    assert everything.f_vector() == (0,) * d + (1,)
    assert everything.flat_cells == (0,)
    assert level_set(constant).is_empty
    assert level_set(constant, 2, domain=unit_box(d)).f_vector()[d] == 1


def test_an_affine_network_without_hidden_layers() -> None:
    line = level_set(Network.from_arrays([([[2, 1]], [-4])]))
    assert line.f_vector() == (0, 1, 0)
    assert not line.is_bounded
    piece = line.polyhedron(1, line.members[1][0])
    assert piece.contains((1, 2))
    assert not piece.contains((1, 1))


def test_a_domain_cuts_the_level_set() -> None:
    cross = sum_of_moduli(1, -1)
    inside = level_set(cross, domain=unit_box(2))
    assert inside.f_vector() == (5, 4, 0)
    assert inside.is_bounded
    whole = level_set(cross)
    assert (whole.f_vector(), whole.is_bounded) == ((1, 4, 0), False)
    assert level_set(cross, domain=Polyhedron.box([0, 0], [0, 1])).is_empty


def test_bad_requests() -> None:
    network = sum_of_moduli(1, 1)
    with pytest.raises(InputError, match="no such output"):
        level_set(network, output=1)
    with pytest.raises(ShapeError, match="no function"):
        refined_complex(network, [])
    with pytest.raises(ShapeError):
        refined_complex(network, [(1,)])
    with pytest.raises(ShapeError, match="superlevel_set"):
        decision_region(network, 0)
    two = Network.from_arrays([([[1], [2]], [0, 0])])
    with pytest.raises(InputError, match="two classes"):
        decision_boundary(two, classes=(1, 1))
    with pytest.raises(InputError, match="no such output"):
        decision_boundary(two, classes=(0, 2))
    with pytest.raises(InputError, match="no such output"):
        decision_region(two, -1)


# -- classifiers ---------------------------------------------------------------------------------------


@st.composite
def _classifiers(draw: st.DrawFn) -> Network:
    d, width, n = (draw(st.integers(1, most)) for most in (2, 3, 3))
    entry = st.integers(-2, 2)
    layers = [
        ([[draw(entry) for _ in range(a)] for _ in range(b)], [draw(entry) for _ in range(b)])
        for a, b in ((d, width), (width, n + 1))
    ]
    return Network.from_arrays(layers)


@given(_classifiers())
@settings(deadline=None, max_examples=30)
def test_classifiers_at_points(network: Network) -> None:
    n = network.n_outputs
    boundary = _pieces(decision_boundary(network))
    pairs = {pair: _pieces(decision_boundary(network, classes=pair)) for pair in combinations(range(n), 2)}
    regions = [_pieces(decision_region(network, label)) for label in range(n)]
    for x in _grid(network.n_inputs):
        f = network(x)
        winners = {k for k in range(n) if f[k] == max(f)}
        assert any(piece.contains(x) for piece in boundary) == (len(winners) > 1)
        for pair, pieces in pairs.items():
            assert any(piece.contains(x) for piece in pieces) == (set(pair) <= winners)
        for label, pieces in enumerate(regions):
            assert any(piece.contains(x) for piece in pieces) == (label in winners)


@given(_classifiers())
@settings(deadline=None, max_examples=20)
def test_boundaries_of_classifiers_are_closed(network: Network) -> None:
    assert decision_boundary(network).is_closed
    assert decision_boundary(network, classes=(1, 0)).is_closed
    assert decision_region(network, 1).is_closed


def test_one_output_decides_by_its_sign() -> None:
    assert decision_boundary(annulus()).members == level_set(annulus()).members


def test_equal_outputs_tie_everywhere() -> None:
    twin = Network.from_arrays([([[1, 1], [1, 1]], [0, 0])])
    assert decision_boundary(twin).flat_cells == (0,)
    assert decision_region(twin, 0).flat_cells == (0,)
