"""Bounds hold at every point, for every evaluation: against exact values and simulated binary32."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest

from exactnet.certificate import NetworkRecord
from exactnet.checker.read import Rejection
from exactnet.checker.relu_bounds import Bounds, Functional, Multipliers, Propagation, Split
from exactnet.checker.verification import grid_box
from tests.checker.verification_cases import chain, layer, random_chain, relu_network
from tests.support.verification_oracle import evaluated, rounded, values_at

Point = Sequence[Fraction]
# z of every layer at a point, by one evaluation
Values = list[list[Fraction]]


def pre_activations(network: NetworkRecord, x: Point) -> Values:
    """z of every layer over the rationals."""
    found = []
    for made, h in zip(network.layers, values_at(network, x), strict=False):
        rows = zip(made.weight, made.bias, strict=True)
        found.append([sum((a * q for a, q in zip(row, h, strict=True)), b) for row, b in rows])
    return found


def sample(random: Random, lower: Point, upper: Point, *, binary: bool) -> list[Fraction]:
    """A point of the box, often a corner; or binary32 numbers in it, if there are any near."""
    found = []
    for a, b in zip(lower, upper, strict=True):
        q = random.choice([a, b, a + (b - a) * Fraction(random.randint(0, 64), 64)])
        if binary:
            q = rounded(q)
            q = (
                q
                if a <= q <= b
                else next((r for r in (rounded(a), rounded(b), Fraction(0)) if a <= r <= b), q)
            )
        found.append(q)
    return found


def agrees(values: Values, splits: Sequence[Split]) -> bool:
    return all(split.sign * values[split.layer - 1][split.unit] >= 0 for split in splits)


def inside(bounds: Bounds, values: Values, grid: int) -> bool:
    """Whether every z is within its bounds."""
    one = 1 << grid
    return all(
        a <= one * q <= b
        for low, high, z in zip(bounds.low, bounds.high, values, strict=True)
        for a, b, q in zip(low, high, z, strict=True)
    )


def outputs(network: NetworkRecord, values: Values) -> list[Fraction]:
    last = values[-1]
    return [max(q, Fraction(0)) for q in last] if network.layers[-1].activation == "relu" else last


class Walk:
    """A random path from a root: bisections, splits and refinements."""

    def __init__(self, seed: int, *, float32: bool) -> None:
        self.random = random = Random(seed)
        self.network = random_chain(random, binary=float32)
        self.grid = random.choice([1, 4, 20, 44, 60])
        self.float32 = float32
        scale = random.choice([Fraction(1), Fraction(1, 2**20), Fraction(2**12)])
        self.lower = [scale * Fraction(random.randint(-8, 4), random.choice([1, 3])) for _ in range(self.d)]
        self.upper = [a + scale * Fraction(random.choice([0, 1, 5]), 3) for a in self.lower]
        self.propagation = Propagation(relu_network(self.network), self.grid, float32=float32)
        lo, hi = grid_box(tuple(self.lower), tuple(self.upper), self.grid)
        self.bounds = self.propagation.root(lo, hi)
        self.splits: list[Split] = []

    @property
    def d(self) -> int:
        return self.network.n_inputs

    def step(self) -> None:
        random, bounds = self.random, self.bounds
        lo, hi = list(bounds.lo), list(bounds.hi)
        kind = random.randrange(3)
        units = [
            (m, u)
            for m, made in enumerate(self.network.layers, start=1)
            if made.activation == "relu"
            for u in range(len(made.bias))
        ]
        if kind == 0 and units:
            m, u = random.choice(units)
            self.splits.append(Split(m, u, random.choice([-1, 1])))
            self.bounds = self.propagation.split(bounds, self.splits[-1])
            return
        if kind == 1:
            i = random.randrange(self.d)
            middle = (lo[i] + hi[i]) >> 1
            cut = Fraction(middle, 1 << self.grid)
            if random.random() < 0.5:
                hi[i], self.upper[i] = middle, min(self.upper[i], cut)
            else:
                lo[i], self.lower[i] = middle, max(self.lower[i], cut)
        self.bounds = self.propagation.refined(bounds, lo, hi)

    def points(self, n: int) -> list[tuple[list[Fraction], Values]]:
        """Points of the node, with the z of one evaluation each."""
        if any(a > b for a, b in zip(self.lower, self.upper, strict=True)):
            return []
        found = []
        for _ in range(n):
            x = sample(self.random, self.lower, self.upper, binary=self.float32)
            if not all(a <= q <= b for a, q, b in zip(self.lower, x, self.upper, strict=True)):
                continue
            values = (
                evaluated(self.network, x, self.random) if self.float32 else pre_activations(self.network, x)
            )
            if agrees(values, self.splits):
                found.append((x, values))
        return found

    def functional(self) -> tuple[Functional, Multipliers]:
        random = self.random
        network = self.propagation.network
        u = [random.randint(-3, 3) for _ in range(network.n_outputs)]
        direct = [Fraction(random.randint(-2, 2), random.choice([1, 3])) for _ in range(self.d)]
        n = network.first_units[-1]
        alphas = {k: random.randint(0, 256) for k in range(n) if random.random() < 0.5}
        betas = [(split, random.randint(1, 20)) for split in self.splits if random.random() < 0.6]
        choices = Multipliers(random.randrange(3), alphas, betas, random.randint(0, 6))
        c = random.randint(-5, 5)
        return Functional(u, random.randint(1, 6), c, direct if random.random() < 0.5 else None), choices


@pytest.mark.parametrize("float32", [False, True])
@pytest.mark.parametrize("block", range(10))
def test_nothing_is_outside_of_its_bounds(float32: bool, block: int) -> None:
    seen = 0
    for seed in range(30 * block, 30 * block + 30):
        walk = Walk(seed, float32=float32)
        for _ in range(4):
            points = walk.points(6)
            seen += len(points)
            functional, choices = walk.functional()
            least = walk.propagation.least(walk.bounds, functional, choices)
            for x, values in points:
                assert inside(walk.bounds, values, walk.grid), (seed, x)
                y = outputs(walk.network, values)
                total = sum((u * q for u, q in zip(functional.u, y, strict=True)), Fraction(0)) / functional.q
                if functional.direct is not None:
                    total += sum((e * q for e, q in zip(functional.direct, x, strict=True)), Fraction(0))
                assert least <= total * 2**walk.grid + functional.c, (seed, x)
            walk.step()
    assert seen > 100


def test_bounds_without_slack_are_exact() -> None:
    # x in [-1, 2] through relu(2x - 1) and a sum: whole numbers, no unstable unit after the split
    network = chain(layer([[2], [1]], [-1, 3], "relu"), layer([[1, 1]], [0], "identity"))
    walk = Propagation(relu_network(network), 8, float32=False)
    root = walk.root([-256], [512])
    assert (root.low, root.high) == ([[-768, 512], [512]], [[768, 1280], [2048]])
    side = walk.split(root, Split(1, 0, -1))
    assert side.high[0][0] == 0
    # on that side the first unit is 0, the outputs are x + 3, but the box is still the whole one
    assert walk.least(side, Functional([1], 1, 0, None), Multipliers()) == 512


def test_a_split_helps_by_its_multiplier() -> None:
    # min of x over z = x >= 0 is 0, which the box alone does not say: F = x - 1 * z
    network = chain(layer([[1]], [0], "relu"), layer([[1]], [0], "identity"))
    walk = Propagation(relu_network(network), 8, float32=False)
    side = walk.split(walk.root([-256], [256]), Split(1, 0, 1))
    x = Functional([0], 1, 0, [Fraction(1)])
    assert walk.least(side, x, Multipliers()) == -256
    assert walk.least(side, x, Multipliers(0, {}, [(Split(1, 0, 1), 1)], 0)) == 0
    other = walk.split(walk.root([-256], [256]), Split(1, 0, -1))
    minus = Functional([0], 1, 0, [Fraction(-1)])
    # the unit is dead on that side, its multiplier still counts
    assert walk.least(other, minus, Multipliers(0, {}, [(Split(1, 0, -1), 1)], 0)) == 0


def test_noise_of_one_unit() -> None:
    # z = 3/2 x + 1/2, |x| <= 2: gamma_3 (3 + 1/2) rounded up, and one unit more
    network = chain(layer([["3/2"]], ["1/2"], "identity"))
    bounds = Propagation(relu_network(network), 20, float32=True).root([-(2**21)], [2**21])
    exact = Fraction(3, 2**24 - 3) * Fraction(7, 2) * 2**20
    assert bounds.noise == [[-(-exact.numerator // exact.denominator) + 1]]


def test_noise_of_dead_units_with_a_multiplier() -> None:
    # F = -x, plus z on the side z <= 0: 0 for the reals, minus the noise of z for binary32
    network = chain(layer([[1]], [0], "relu"), layer([[1]], [0], "identity"))
    walk = Propagation(relu_network(network), 30, float32=True)
    split = Split(1, 0, -1)
    side = walk.split(walk.root([-(2**30)], [2**30]), split)
    assert side.high[0] == [0]
    minus = Functional([0], 1, 0, [Fraction(-1)])
    assert walk.least(side, minus, Multipliers(0, {}, [(split, 1)], 0)) == -side.noise[0][0]


def test_noise_in_unit_bounds() -> None:
    # active units in front: the passes find z = (x + 1)/1024 - 1/2048 exactly, and take away all the noise
    front = layer([[1], [1], [1]], [2, 2, 2])
    network = chain(front, layer([[1, -1, "1/1024"]], ["-2049/1048576"]), layer([[1]], [0], "identity"))
    real, noisy = (
        Propagation(relu_network(network), 40, float32=f).root([-(2**40)], [2**40]) for f in (False, True)
    )
    first, second = noisy.noise[0], noisy.noise[1][0]
    assert first[0] > 2**16 < second
    through = first[0] + first[1] + first[2] // 1024
    for less, more in ((noisy.low, real.low), (real.high, noisy.high)):
        assert abs(more[1][0] - less[1][0] - through - second) <= 8


def test_subnormal_weights_may_be_flushed() -> None:
    # the noise covers a weight that disappears, as long as the inputs are below 2^60 in all
    tiny = Fraction(1, 2**149)
    network = chain(layer([[str(tiny)]], [0], "identity"))
    walk = Propagation(relu_network(network), 60, float32=True)
    with pytest.raises(Rejection, match="less than 2\\^60"):
        walk.root([0], [2**120])
    bounds = walk.root([0], [2**119])
    assert bounds.low[0][0] <= 0


def test_widths_and_sizes_that_float32_does_not_provide_for() -> None:
    large = chain(layer([[2**59, 2**59]], [1], "identity"))
    with pytest.raises(Rejection, match="2\\^60"):
        Propagation(relu_network(large), 44, float32=True)


def test_one_grid_unit_below_zero_is_unstable() -> None:
    # z = x in [-1/2, 1], grid 1: x - relu(x) is -1/2 at the left end
    network = chain(layer([[1]], [0], "relu"), layer([[1]], [0], "identity"))
    walk = Propagation(relu_network(network), 1, float32=False)
    difference = Functional([-1], 1, 0, [Fraction(1)])
    assert -2 <= walk.least(walk.root([-1], [2]), difference, Multipliers()) <= -1


def test_multipliers_above_a_power_of_two() -> None:
    # weights of 2^70: the multipliers are rounded to multiples of 2^31
    network = chain(layer([[1]], [3], "relu"), layer([[2**70]], [1], "identity"))
    walk = Propagation(relu_network(network), 5, float32=False)
    bounds = walk.root([32], [64])
    assert walk.least(bounds, Functional([1], 1, 0, None), Multipliers()) == 32 * (4 * 2**70 + 1)
    assert walk.least(bounds, Functional([-1], 3, 0, None), Multipliers()) <= Fraction(
        -32 * (5 * 2**70 + 1), 3
    )


def test_units_of_width_one_dead_and_equal() -> None:
    # a dead unit in front of everything: the rest is constant, and no pass divides by zero
    dead = chain(layer([[0]], [-1]), layer([[5], [5]], [1, 1]), layer([[1, -1]], [0], "identity"))
    for float32 in (False, True):
        walk = Propagation(relu_network(dead), 10, float32=float32)
        bounds = walk.root([-1024], [1024])
        assert bounds.high[0] == [-1024 + bounds.noise[0][0]]
        assert walk.least(bounds, Functional([0], 1, 7, None), Multipliers()) <= 7
