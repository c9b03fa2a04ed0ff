"""The bounds in floats against the same in plain integers, and against samples of the network."""

from __future__ import annotations

import random

import numpy as np
import pytest

from exactnet.certificate._plain_bounds import UNSTABLE, state_of
from tests.verify.relu_nets import GRID, random_walker


@pytest.mark.parametrize("float32", [False, True])
@pytest.mark.parametrize("dyadic", [False, True])
def test_bounds_are_a_little_weaker_than_the_integers(dyadic: bool, float32: bool) -> None:
    n_sure = 0
    for seed in range(120):
        walker = random_walker(random.Random(seed), float32=float32, dyadic=dyadic)
        layers = walker.node.known.layers
        # where a bound is nearly 0, the checkers may go another way, and the slopes of 20 bits show
        is_sure = not any((u.doubtful | (u.is_open & ~u.lines().unstable)).any() for u in layers)
        n_sure += is_sure
        for m, (layer, units) in enumerate(zip(walker.task.net.layers, layers, strict=True)):
            for i, j in enumerate(layer.units.tolist()):
                lower, upper = walker.plain.lower[m][j] / 2**GRID, walker.plain.upper[m][j] / 2**GRID
                little = (1 + abs(lower) + abs(upper)) / 2**16
                assert units.lower[i] <= lower + (0 if is_sure else little)
                assert units.upper[i] >= upper - (0 if is_sure else little)
                if is_sure:
                    assert units.lower[i] >= lower - little
                    assert units.upper[i] <= upper + little
                if float32:
                    assert units.noise[i] >= walker.plain.noise[m][j] / 2**GRID * (1 - 1 / 2**16)
    assert n_sure > 30


def test_a_unit_that_is_decided_is_decided_in_integers() -> None:
    for seed in range(300):
        walker = random_walker(random.Random(1000 + seed), dyadic=seed % 2 == 0)
        for m, (layer, units) in enumerate(
            zip(walker.task.net.layers, walker.node.known.layers, strict=True)
        ):
            live = dict(zip(layer.units.tolist(), units.is_open.tolist(), strict=True))
            for j in range(walker.net.layers[m].n_units):
                if state_of(walker.plain, walker.chain.layers[m], m + 1, j) == UNSTABLE:
                    assert live[j]


def test_the_values_of_points_lie_within_the_bounds() -> None:
    rng = np.random.default_rng(5)
    for seed in range(60):
        walker = random_walker(random.Random(2000 + seed))
        x = rng.uniform(walker.task.net.lo, walker.task.net.hi, size=(200, walker.net.n_inputs))
        inside = np.ones(len(x), dtype=bool)
        zs, h = [], x
        for layer in walker.net.floats:
            zs.append(h @ layer.weight.T + layer.bias)
            h = np.where(layer.is_relu, np.maximum(zs[-1], 0.0), zs[-1])
        for m, i, sign in walker.node.splits:
            inside &= sign * zs[m][:, walker.task.net.layers[m].units[i]] >= 0
        for layer, units, z in zip(walker.task.net.layers, walker.node.known.layers, zs, strict=True):
            assert (z[inside][:, layer.units] >= units.lower).all()
            assert (z[inside][:, layer.units] <= units.upper).all()
