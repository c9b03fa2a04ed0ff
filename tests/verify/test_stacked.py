"""Differences of networks, and the form with relu layers: the same values everywhere."""

import random
from fractions import Fraction

import pytest

from exactnet.errors import ShapeError
from exactnet.model import AffineLayer, Network
from exactnet.verify.stacked import difference
from tests.verify.brute import random_network


def points(n: int, seed: int) -> list[list[Fraction]]:
    rng = random.Random(seed)
    return [[Fraction(rng.randint(-20, 20), 7) for _ in range(n)] for _ in range(25)]


@pytest.mark.parametrize("seed", range(12))
def test_networks_of_different_depth(seed: int) -> None:
    rng = random.Random(seed)
    first = random_network(rng, [2, *rng.choice([[3, 3], [2], [], [4, 2, 3]]), 2])
    second = random_network(rng, [2, *rng.choice([[3], [2, 2], [], [1]]), 2])
    both = difference(first, second)
    assert all(layer.activation == "relu" for layer in both.layers[:-1])
    for x in points(2, seed):
        assert both(x) == tuple(a - b for a, b in zip(first(x), second(x), strict=True))


@pytest.mark.parametrize("activation", ["relu", "abs", "leaky_relu", "hardtanh", "identity"])
def test_other_activations_and_a_switching_output(activation: str) -> None:
    first = Network.from_arrays(
        [([[1, 2], [-1, 1]], [0, 1]), ([[1, -1]], [0])], activation=activation, slope="1/5"
    )
    second = Network.from_arrays([([[1, -3]], [1])], output_activation="relu")
    both = difference(first, second)
    for x in points(2, 1):
        assert both(x)[0] == first(x)[0] - second(x)[0]


def test_skips_and_linear_layers_between() -> None:
    linear = AffineLayer.from_arrays([[1, 1], [1, -1]], [1, 0])
    first = Network(
        (linear, AffineLayer.from_arrays([[1, 2]], [0], activation="relu"), AffineLayer.from_arrays([[2]]))
    )
    second = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], None)], skips={(2, 0): [[1, -1]]})
    both = difference(first, second)
    for x in points(2, 3):
        assert both(x)[0] == first(x)[0] - second(x)[0]


def test_sizes_have_to_agree() -> None:
    one, two = Network.from_arrays([([[1]], [0])]), Network.from_arrays([([[1, 1]], [0])])
    with pytest.raises(ShapeError, match="number of inputs"):
        difference(one, two)
    with pytest.raises(ShapeError, match="number of outputs"):
        difference(one, Network.from_arrays([([[1], [1]], [0, 0])]))
