"""Bounds of rows and their ascent: against samples, differences, linear programs and the integers."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from exactnet.exact import LinearSystem, solve_lp
from exactnet.model import Network
from exactnet.model.property import Case, Row
from exactnet.verify.lowered import lowered
from exactnet.verify.relu_ascent import Batch, Guess, ascend, case_rows, slopes, sweep
from exactnet.verify.relu_float import root_task
from exactnet.verify.relu_tree import Node
from tests.verify.relu_nets import random_walker


def _random_guess(batch: Batch, seed: int) -> Guess:
    rng = np.random.default_rng(seed)
    lam = rng.uniform(0.1, 1, batch.has_row.shape) * batch.has_row
    alpha = tuple(rng.uniform(0, 1, units.lower.shape) for units in batch.units)
    beta = tuple(rng.uniform(0, 0.3, sign.shape) * (sign != 0) for sign in batch.signs)
    return Guess(lam / lam.sum(), alpha, beta)


@pytest.mark.parametrize("seed", range(60))
def test_any_multipliers_give_a_bound(seed: int) -> None:
    walker = random_walker(random.Random(seed), n_rows=2)
    batch = walker.batch()
    guess = _random_guess(batch, seed)
    swept = sweep(batch, guess)
    rng = np.random.default_rng(seed)
    x = rng.uniform(walker.task.net.lo, walker.task.net.hi, size=(300, walker.net.n_inputs))
    inside, h = np.ones(len(x), dtype=bool), x
    for m, layer in enumerate(walker.net.floats):
        z = h @ layer.weight.T + layer.bias
        for k, i, sign in walker.node.splits:
            if k == m:
                inside &= sign * z[:, walker.task.net.layers[m].units[i]] >= 0
        h = np.where(layer.is_relu, np.maximum(z, 0.0), z)
    rows = batch.rows[0]
    values = (x @ rows.inputs.T + h @ rows.outputs.T - rows.bound) @ guess.lam[0]
    assert (values[inside] >= swept.value[0] - swept.slack[0]).all()


@pytest.mark.parametrize("float32", [False, True])
def test_the_gradient_is_that_of_differences(float32: bool) -> None:
    step = 1 / 2**20
    for seed in range(40):
        walker = random_walker(random.Random(100 + seed), float32=float32, n_rows=2)
        batch = walker.batch()
        guess = _random_guess(batch, seed)
        swept = sweep(batch, guess)
        if any((kept < b).any() for kept, b in zip(swept.beta, guess.beta, strict=True)):
            continue  # lowered multipliers have no slope of their own
        found = slopes(batch, guess, swept)
        rng = np.random.default_rng(seed)
        alpha = tuple(rng.normal(size=a.shape) for a in guess.alpha)
        beta = tuple(rng.normal(size=b.shape) * (b > 0) for b in guess.beta)
        lam = rng.normal(size=guess.lam.shape)

        def moved(t, guess=guess, lam=lam, alpha=alpha, beta=beta):
            return Guess(
                guess.lam + t * lam,
                tuple(a + t * d for a, d in zip(guess.alpha, alpha, strict=True)),
                tuple(b + t * d for b, d in zip(guess.beta, beta, strict=True)),
            )

        along = float(np.sum(found.lam * lam))
        along += sum(float(np.sum(g * d)) for g, d in zip(found.alpha, alpha, strict=True))
        along += sum(float(np.sum(g * d)) for g, d in zip(found.beta, beta, strict=True))
        plus, minus = (float(sweep(batch, moved(s * step)).value[0]) for s in (1, -1))
        left, right = (float(swept.value[0]) - minus) / step, (plus - float(swept.value[0])) / step
        if abs(left - right) <= abs(along) / 1000 + 1 / 1000:  # no kink in between
            assert along == pytest.approx(right, rel=1 / 500, abs=1 / 500)


def test_an_ascent_never_ends_lower() -> None:
    for seed in range(40):
        batch = random_walker(random.Random(200 + seed), n_rows=3).batch()
        start = _random_guess(batch, seed)
        before = sweep(batch, start).value
        found = ascend(batch, start, 15)
        assert (found.value >= before).all()
        assert sweep(batch, found.guess).value == pytest.approx(found.value)
        assert all(((a >= 0) & (a <= 1)).all() for a in found.guess.alpha)
        assert all((b >= 0).all() for b in found.guess.beta)


@pytest.mark.parametrize("seed", range(12))
def test_the_ascent_comes_near_the_triangle_program(seed: int) -> None:
    # one hidden layer: the best slopes attain the linear program with z+ >= z, z+ >= 0, z+ <= upper line
    # (strong duality), here minus the value of the network
    rng = random.Random(seed)
    n, k = 3, 5
    weight = [[Fraction(rng.randint(-4, 4), 2) for _ in range(n)] for _ in range(k)]
    bias = [Fraction(rng.randint(-2, 2), 2) for _ in range(k)]
    out = [Fraction(rng.choice([-3, -1, 1, 2, 3])) for _ in range(k)]
    net = lowered(Network.from_arrays([(weight, bias), ([out], [0])]))
    case = Case((Fraction(-1),) * n, (Fraction(1),) * n, (Row.from_terms({}, {0: 1}, 0),))
    rows, rhs = [], []

    def at_most(x_part, h_part, bound):
        rows.append([*x_part, *h_part])
        rhs.append(bound)

    for i in range(n):
        unit = [Fraction(int(i == q)) for q in range(n)]
        at_most(unit, [0] * k, 1)
        at_most([-v for v in unit], [0] * k, 1)
    for j in range(k):
        unit = [Fraction(int(j == q)) for q in range(k)]
        reach = sum(map(abs, weight[j]))
        low, high = bias[j] - reach, bias[j] + reach
        slope = Fraction(1) if low >= 0 else Fraction(0) if high <= 0 else high / (high - low)
        start = -slope * low if low < 0 < high else Fraction(0)
        at_most([-slope * a for a in weight[j]], unit, slope * bias[j] + start)
        at_most([0] * n, [-v for v in unit], 0)
        if high > 0:
            at_most(weight[j], [-v for v in unit], -bias[j])
    best = float(solve_lp(LinearSystem(rows, ["<="] * len(rows), rhs), [0] * n + out).value)
    task = root_task(net, case.lower, case.upper, float32=False, grid=44)
    node = Node(task.bounds, (), (0,))
    batch = Batch(task.net, [node.known], [node.signs(task.net)], [case_rows(case, n, 1)])
    bound = replace(case_rows(case, n, 1), bound=np.array([1e6]))  # far from zero: it does not stop early
    batch = Batch(task.net, [node.known], [node.signs(task.net)], [bound])
    found = float(ascend(batch, batch.first_guess(), 200).value[0]) + 1e6
    assert found <= best + 1 / 10**4
    assert found >= best - abs(best) / 50 - 1 / 50


def test_multipliers_of_splits_stay_in_proportion() -> None:
    for seed in range(40):
        batch = random_walker(random.Random(300 + seed)).batch()
        guess = _random_guess(batch, seed)
        large = replace(guess, beta=tuple(10**6 * b for b in guess.beta))
        swept = sweep(batch, large)
        for beta, multipliers in zip(swept.beta, swept.multipliers, strict=True):
            assert (beta <= 2 * np.abs(multipliers).max(axis=1, initial=0, keepdims=True)).all()
