"""Ranges, radii, equality and slopes, against enumeration of the cells and closed forms."""

import random
from fractions import Fraction

import pytest

from exactnet.certificate import Status
from exactnet.errors import InputError, ShapeError
from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.extrema import maximum, minimum
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import region_task
from exactnet.model import Network
from exactnet.verify import certified_radius, equivalent, local_lipschitz, output_range
from exactnet.verify.lowered import lowered
from exactnet.verify.region_lp import best_of_region
from tests.verify.brute import random_network

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])


@pytest.mark.parametrize("seed", range(12))
def test_the_range_is_that_of_the_vertices_of_all_cells(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng, rng.choice([[1, 4, 1], [2, 4, 2], [2, 3, 3, 1]]))
    n, m = network.n_inputs, network.n_outputs
    weights = [1] if m == 1 else [1, rng.choice([-1, 0, 2])]
    cells = polyhedral_complex(region_task(network, Polyhedron.box([-1] * n, [2] * n)))
    result = output_range(network, [-1] * n, [2] * n, output=weights)
    assert result.status is Status.PROVED
    assert result.value.minimum.upper == minimum(cells, weights).value
    assert result.value.maximum.lower == maximum(cells, weights).value
    for x, value in (
        (result.value.at_minimum, result.value.minimum.upper),
        (result.value.at_maximum, result.value.maximum.lower),
    ):
        assert sum(w * y for w, y in zip(weights, network(x), strict=True)) == value
    assert result.check().accepted


def test_a_range_without_time_is_an_enclosure() -> None:
    result = output_range(SIZE, [-1], [2], timeout=0)
    found = result.value
    assert found.minimum.lower <= 0 <= found.minimum.upper
    assert found.maximum.lower <= 2 <= found.maximum.upper
    assert result.check().accepted
    assert result.status is Status.UNDECIDED


def test_a_point_box_and_bad_boxes() -> None:
    point = output_range(SIZE, ["1/3"], ["1/3"]).value
    assert point.minimum == point.maximum
    assert point.minimum.lower == Fraction(1, 3)
    with pytest.raises(InputError, match="empty"):
        output_range(SIZE, [1], [0])
    with pytest.raises(ShapeError, match="box"):
        output_range(SIZE, [1, 2], [2, 3])
    with pytest.raises(InputError, match="no such output"):
        output_range(SIZE, [0], [1], output=1)
    with pytest.raises(ShapeError, match="weights"):
        output_range(SIZE, [0], [1], output=[0])


def test_the_radius_of_a_linear_classifier() -> None:
    # y_0 - y_1 = 2 a - b: from (1, 1/2) it falls to 0 at distance (2 - 1/2) / 3
    net = Network.from_arrays([([[2, 0], [0, 1]], [0, 0])])
    result = certified_radius(net, [1, "1/2"], gap="1/1000")
    found = result.value
    assert result.status is Status.PROVED
    assert found.label == 0
    assert found.certified < Fraction(1, 2) <= found.violated <= found.certified * Fraction(1001, 1000)
    y = net(found.adversarial)
    assert y[1] >= y[0]
    assert result.check().accepted


def test_a_radius_that_is_never_reached_and_one_of_zero() -> None:
    net = Network.from_arrays([([[0], [0]], [1, 0])])
    safe = certified_radius(net, [0], most=3)
    assert (safe.value.certified, safe.value.violated, safe.status) == (3, None, Status.PROVED)
    wrong = certified_radius(net, [0], label=1)
    assert (wrong.value.certified, wrong.value.violated) == (0, 0)
    assert wrong.check().accepted


def test_bounds_of_the_inputs_cut_the_ball() -> None:
    net = Network.from_arrays([([[1], [-1]], [0, 0])])
    assert certified_radius(net, ["1/2"], lower=0, upper=1, most=2, gap="1/50").value.violated >= Fraction(
        1, 2
    )
    assert certified_radius(net, ["1/2"], lower="1/4", most=2).value.violated is None


def test_networks_that_are_equal_and_that_are_not() -> None:
    absolute = Network.from_arrays([([[1]], [0])], output_activation="abs")
    assert equivalent(SIZE, absolute, [-3], [5]).status is Status.PROVED
    shifted = Network.from_arrays([([[1], [-1]], [0, "1/1000"]), ([[1, 1]], [0])])
    result = equivalent(SIZE, shifted, [-1], [1])
    assert result.status is Status.REFUTED
    (x,) = result.value.witness.point
    assert SIZE([x]) != shifted([x])
    assert equivalent(SIZE, shifted, [-1], [1], tolerance="1/1000").status is Status.PROVED
    assert equivalent(SIZE, shifted, [-1], [1], tolerance="1/1001").status is Status.REFUTED
    # to the right of 1/1000 they agree
    assert equivalent(SIZE, shifted, ["1/1000"], [1]).status is Status.PROVED


@pytest.mark.parametrize("seed", range(4))
def test_scaling_and_order_of_units_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng, [2, 3, 2])
    first, last = network.layers
    order = rng.sample(range(3), 3)
    scale = [Fraction(rng.randint(1, 5), 3) for _ in range(3)]
    moved = Network.from_arrays(
        [
            (
                [[scale[i] * a for a in first.weight.rows()[i]] for i in order],
                [scale[i] * first.bias[i] for i in order],
            ),
            ([[row[i] / scale[i] for i in order] for row in last.weight.rows()], list(last.bias)),
        ]
    )
    assert equivalent(network, moved, [-2, -2], [2, 2]).status is Status.PROVED


def test_slopes_on_a_box() -> None:
    steep = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    values = [local_lipschitz(steep, [a], [b]).value.upper for a, b in ((-1, 0), (0, 1), (1, 2), (-5, 5))]
    assert values == [0, 2, 2, 2]


@pytest.mark.parametrize("seed", range(10))
def test_the_best_point_of_a_region_is_in_the_box_and_not_worse(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng, [2, 4, 3, 1])
    x = (Fraction(rng.randint(-8, 8), 8), Fraction(rng.randint(-8, 8), 8))
    one = Fraction(1)
    point, value = best_of_region(lowered(network), (one,), (-one, -one), (one, one), x)
    assert all(-1 <= q <= 1 for q in point)
    assert network(point)[0] == value <= network(x)[0]
