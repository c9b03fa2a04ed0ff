"""Lowering keeps the function exactly, and plain chains layer by layer."""

import random
from fractions import Fraction

import pytest

from exactnet.model import Network
from exactnet.verify.lowered import lowered


def matrix(r: random.Random, m: int, n: int) -> list[list[int]]:
    return [[r.randint(-3, 3) for _ in range(m)] for _ in range(n)]


def points(r: random.Random, n: int) -> list[tuple[Fraction, ...]]:
    return [tuple(Fraction(r.randint(-20, 20), r.choice([1, 3, 7])) for _ in range(n)) for _ in range(15)]


@pytest.mark.parametrize(
    ("activation", "options"),
    [("relu", {}), ("abs", {}), ("leaky_relu", {"slope": "1/10"}), ("hardtanh", {})],
)
@pytest.mark.parametrize("skips", [False, True])
def test_same_function(activation: str, options: dict[str, str], skips: bool) -> None:
    for seed in range(6):
        r = random.Random(seed)
        network = Network.from_arrays(
            [(matrix(r, 2, 4), [1, 0, -2, 0]), (matrix(r, 4, 3), [1, 0, -1]), (matrix(r, 3, 2), ["1/3", 1])],
            activation=activation,
            skips={(3, 0): matrix(r, 2, 2)} if skips else None,
            **options,
        )
        net = lowered(network)
        for x in points(r, 2):
            assert net.values(x) == tuple(network(x))


def test_maxout() -> None:
    r = random.Random(0)
    network = Network.from_arrays(
        [(matrix(r, 2, 6), None), (matrix(r, 2, 3), [1, 2, 3])],
        activation="maxout", pieces=3, output_activation="maxout",
    )  # fmt: skip
    net = lowered(network)
    for x in points(r, 2):
        assert net.values(x) == tuple(network(x))


def test_chains_keep_their_layers() -> None:
    network = Network.from_arrays([([["1/2"]], [0]), ([[3], [0]], ["1/3", 0]), ([[1, 1]], [0])])
    net = lowered(network)
    assert [layer.denominator for layer in net.layers] == [2, 3, 1]
    assert [layer.is_relu for layer in net.layers] == [(True,), (True, True), (False,)]
    assert net.n_units == 4


def test_output_relu_stays() -> None:
    network = Network.from_arrays([([["1/2"]], [0])], output_activation="relu")
    assert lowered(network).layers[-1].is_relu == (True,)
