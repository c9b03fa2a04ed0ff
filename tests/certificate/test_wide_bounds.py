"""The compiled bounds are those of the plain integers, and hold at every point."""

from __future__ import annotations

import hashlib
import importlib
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import exactnet.certificate
from exactnet.certificate import _wide_bounds as loops
from exactnet.certificate import _wide_state as w
from exactnet.certificate._plain_bounds import (
    Chain,
    ChainLayer,
    Functional,
    PlainNode,
    Split,
    Unfit,
    refine,
    row_bound,
)
from exactnet.certificate._verification_exact import evaluate, exact_minimum
from exactnet.certificate._wide_tables import TooWide, demand_float32, make_tables, make_work, odd_and_twos

DENOMINATORS = (1, 1, 2, 8, 2**20, 3, 10, 12, 10**7, 2**44, 7 * 2**30)


def random_chain(rng: Random) -> Chain:
    """Layers of relu and linear units, often with zero rows, of numbers small and large."""
    widths = [rng.randint(1, 4), *(rng.randint(1, 5) for _ in range(rng.randint(1, 4)))]
    layers = []
    for k in range(len(widths) - 1):
        size, zeros = rng.choice([3, 10, 2**10, 2**40]), rng.choice([0, 0.2, 1])

        def number(size: int = size, zeros: float = zeros) -> int:
            return 0 if rng.random() < zeros else rng.randint(-size, size)

        weight = tuple(tuple(number() for _ in range(widths[k])) for _ in range(widths[k + 1]))
        bias = tuple(rng.randint(-size, size) for _ in range(widths[k + 1]))
        relu = tuple(rng.random() < (0.9 if k < len(widths) - 2 else 0.3) for _ in bias)
        layers.append(ChainLayer(weight, bias, rng.choice(DENOMINATORS), relu))
    return Chain(widths[0], tuple(layers))


class Twin:
    """A node, kept in plain integers and by the compiled loops."""

    def __init__(
        self, rng: Random, chain: Chain, lo: list[int], hi: list[int], grid: int, float32: bool
    ) -> None:
        self.rng, self.chain, self.grid, self.float32 = rng, chain, grid, float32
        self.plain = PlainNode(lo, hi)
        self.T = make_tables(chain)
        self.K = make_work(self.T)
        self.units = np.zeros((w.N_FACTS, int(self.T.first[-1])), dtype=np.int64)
        self.splits: list[tuple[int, int, bool]] = []

    @property
    def box(self) -> Any:
        return np.array([self.plain.lo, self.plain.hi], dtype=np.int64)

    def refine(self, *, root: bool = False) -> bool:
        """Whether the bounds fit; they are then compared."""
        status = loops.refine(self.T, self.units, self.box, self.K, self.grid, self.float32, root)
        if status == w.BEYOND:
            return False
        try:
            if self.float32:
                demand_float32(self.chain)
            refine(self.chain, self.plain, grid=self.grid, float32=self.float32)
        except Unfit:
            assert status == w.UNFIT
            return False
        assert status == w.FINE
        for row, table in (
            (w.LOWER, self.plain.lower),
            (w.UPPER, self.plain.upper),
            (w.NOISE, self.plain.noise),
        ):
            assert self.units[row].tolist() == [x for layer in table for x in layer]
        return True

    def split(self) -> None:
        m = self.rng.randint(1, len(self.chain.layers))
        i = self.rng.randrange(len(self.chain.layers[m - 1].bias))
        if not self.chain.layers[m - 1].relu[i]:
            return
        positive, unit = self.rng.random() < 0.5, int(self.T.first[m - 1]) + i
        table, row = (self.plain.lower, w.LOWER) if positive else (self.plain.upper, w.UPPER)
        table[m - 1][i] = max(table[m - 1][i], 0) if positive else min(table[m - 1][i], 0)
        self.units[row, unit] = table[m - 1][i]
        loops.settle(self.T, self.units, unit)
        self.splits.append((m, i, positive))

    def bisect(self) -> bool:
        i = self.rng.randrange(len(self.plain.lo))
        middle = (self.plain.lo[i] + self.plain.hi[i]) >> 1
        (self.plain.hi if self.rng.random() < 0.5 else self.plain.lo)[i] = middle
        return self.refine()

    def compare_row(self) -> bool:
        """One functional by both; whether it fits."""
        rng, layers = self.rng, self.chain.layers
        q, last = rng.choice([1, 3, 10**6, 2**30]), len(layers)
        u = [rng.choice([0, rng.randint(-1000, 1000)]) for _ in layers[-1].bias]
        direct = [rng.randint(-(10**4), 10**4) if rng.random() < 0.3 else 0 for _ in self.plain.lo]
        constant, mode = rng.randint(-(2**self.grid), 2**self.grid), rng.randint(0, 2)
        units = [(m, i) for m, layer in enumerate(layers, start=1) for i in range(len(layer.bias))]
        alphas = {place: rng.randint(0, 256) for place in units if rng.random() < 0.2}
        splits = [
            Split(*split, rng.choice([1, 7, rng.randint(1, 2**20)]), rng.randint(0, 60))
            for split in self.splits
            if rng.random() < 0.5
        ]
        f = Functional(last, tuple(u), Fraction(q), constant, tuple(Fraction(e, q) for e in direct))
        options = {"grid": self.grid, "mode": mode, "alphas": alphas, "splits": splits}
        expected = row_bound(self.chain, self.plain, f, **options)  # type: ignore[arg-type]
        self._take(alphas, splits, direct, q)
        odd, twos = odd_and_twos(q)
        numbers = (np.array(u, dtype=np.int64), constant, odd, twos, mode, self.grid)
        value, status = loops.row_bound(self.T, self.units, self.box, self.K, *numbers)
        assert status == w.BEYOND or value == expected
        return bool(status == w.FINE)

    def _take(
        self, alphas: dict[tuple[int, int], int], splits: list[Split], direct: list[int], q: int
    ) -> None:
        K, facts = self.K, self.K.facts
        facts[:] = 0
        facts[w.N_SPLITS], facts[w.HAS_ALPHAS], facts[w.HAS_DIRECT] = len(splits), 1, any(direct)
        K.alphas[:] = -1
        for (m, i), alpha in alphas.items():
            K.alphas[self.T.first[m - 1] + i] = alpha
        for k, s in enumerate(splits):
            K.splits[k] = s.unit, 1 if s.positive else -1, s.times, s.down, s.layer
        K.direct[:] = direct
        facts[w.DIRECT_ODD], facts[w.DIRECT_TWOS] = odd_and_twos(q)
        facts[w.DIRECT_BITS] = max(-(-abs(e) // q) for e in direct).bit_length()


def random_twin(seed: int) -> Twin | None:
    rng = Random(seed)
    chain, grid = random_chain(rng), rng.choice([1, 5, 20, 44, 50])
    lo = [rng.randint(-3 << grid, 3 << grid) for _ in range(chain.n_inputs)]
    # points, ordinary boxes, and empty ones
    hi = [x + rng.choice([0, 1, -1, rng.randint(0, 3 << grid), rng.randint(0, 3 << grid) >> 6]) for x in lo]
    try:
        return Twin(rng, chain, lo, hi, grid, rng.random() < 0.5)
    except TooWide:
        return None


def test_compiled_and_plain_bounds_are_the_same_integers() -> None:
    compared = 0
    for seed in range(400):
        twin = random_twin(seed)
        if twin is None or not twin.refine(root=True):
            continue
        for _ in range(twin.rng.randint(0, 5)):
            if twin.rng.random() < 0.5:
                twin.split()
            elif not twin.bisect():
                break
        else:
            compared += sum(twin.compare_row() for _ in range(3))
    assert compared > 400


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_at_the_points_of_the_node(seed: int) -> None:
    """Ground truth: exact evaluation at corners and inner points, with splits that the point obeys."""
    twin = random_twin(10_000 + seed)
    if (
        twin is None
        or any(a > b for a, b in zip(*twin.box.tolist(), strict=True))
        or not twin.refine(root=True)
    ):
        return
    one = 1 << twin.grid
    for _ in range(5):
        point = [
            twin.rng.choice([a, b, twin.rng.randint(a, b)]) for a, b in zip(*twin.box.tolist(), strict=True)
        ]
        x = [Fraction(p, one) for p in point]
        for m in range(1, len(twin.chain.layers) + 1):
            layer = twin.chain.layers[m - 1]
            linear = ChainLayer(layer.weight, layer.bias, layer.denominator, (False,) * len(layer.bias))
            z = evaluate(Chain(twin.chain.n_inputs, (*twin.chain.layers[: m - 1], linear)), x)
            for value, low, high in zip(z, twin.plain.lower[m - 1], twin.plain.upper[m - 1], strict=True):
                assert low <= value * one <= high
        y = evaluate(twin.chain, x)
        u = [twin.rng.randint(-9, 9) for _ in y]
        f = Functional(len(twin.chain.layers), tuple(u), Fraction(1), 0)
        bound = row_bound(twin.chain, twin.plain, f, grid=twin.grid, mode=twin.rng.randint(0, 2))
        assert bound <= one * sum((a * b for a, b in zip(u, y, strict=True)), Fraction(0))


def test_a_point_box_of_dyadic_numbers_is_exact() -> None:
    """No unit is open, every number is on the grid: nothing is lost."""
    chain = Chain(
        1, (ChainLayer(((1,), (-1,)), (-1, 0), 1, (True, True)), ChainLayer(((1, 1),), (0,), 2, (False,)))
    )
    twin = Twin(Random(0), chain, [3 << 10], [3 << 10], 10, False)
    assert twin.refine(root=True)
    assert twin.plain.lower == twin.plain.upper == [[2 << 10, -3 << 10], [1 << 10]]


def test_upper_lines_of_a_symmetric_unit() -> None:
    """For -1 <= z <= 1: slope 1/2, gap 1/2; relu(z) <= (z + 1)/2."""
    chain = Chain(1, (ChainLayer(((1,),), (0,), 1, (True,)), ChainLayer(((-1,),), (0,), 1, (False,))))
    twin = Twin(Random(0), chain, [-(1 << 20)], [1 << 20], 20, False)
    assert twin.refine(root=True)
    assert twin.units[:, 0].tolist() == [-(1 << 20), 1 << 20, 0, w.UNSTABLE, 1 << 19, 1 << 19]
    f = Functional(2, (1,), Fraction(1), 0)
    assert row_bound(chain, twin.plain, f, grid=20) == -(1 << 20)


def test_numbers_that_do_not_fit_are_refused() -> None:
    def layer(weight: int, denominator: int = 1) -> ChainLayer:
        return ChainLayer(((weight,),), (0,), denominator, (False,))

    with pytest.raises(TooWide):
        make_tables(Chain(1, (layer(2**62),)))
    with pytest.raises(TooWide):
        make_tables(Chain(1, (layer(1, 2**62 + 1),)))
    for weight, top, expected in ((2**40, 2**17, w.FINE), (2**40, 2**18, w.BEYOND), (2**61, 2**57, w.BEYOND)):
        twin = Twin(Random(0), Chain(1, (layer(weight),)), [0], [top], 1, False)
        assert loops.refine(twin.T, twin.units, twin.box, twin.K, 1, False, True) == expected


def test_float32_rules_need_modest_values() -> None:
    twin = Twin(Random(0), Chain(1, (ChainLayer(((1,),), (0,), 2**62, (False,)),)), [0], [2**57], 1, True)
    assert loops.refine(twin.T, twin.units, twin.box, twin.K, 1, True, True) == w.FINE
    # sum |weights| >= 2^60
    with pytest.raises(Unfit):
        demand_float32(Chain(1, (ChainLayer(((2**60,),), (0,), 1, (False,)),)))


@pytest.mark.parametrize("seed", range(20))
def test_exact_minimum_against_corners(seed: int) -> None:
    """A network without open units is affine on the box: its minimum is at a corner."""
    rng = Random(seed)
    chain = random_chain(rng)
    x = [Fraction(rng.randint(-20, 20), rng.choice([1, 3])) for _ in range(chain.n_inputs)]
    states, h = [], list(x)
    for layer in chain.layers:
        z = evaluate(
            Chain(
                len(h), (ChainLayer(layer.weight, layer.bias, layer.denominator, (False,) * len(layer.bias)),)
            ),
            h,
        )
        states.append([int(v > 0 or not relu) for v, relu in zip(z, layer.relu, strict=True)])
        h = [v if state else Fraction(0) for v, state in zip(z, states[-1], strict=True)]
    outputs = [Fraction(rng.randint(-5, 5), rng.choice([1, 2, 7])) for _ in h]
    inputs = [Fraction(rng.randint(-5, 5)) for _ in x]
    value = exact_minimum(chain, states, [(q, q) for q in x], (outputs, inputs, Fraction(1, 3)), [])
    at_point = sum((a * b for a, b in zip((*outputs, *inputs), (*h, *x), strict=True)), Fraction(1, 3))
    assert value == at_point
    wide = [(q - 1, q + 1) for q in x]
    assert exact_minimum(chain, states, wide, (outputs, inputs, Fraction(1, 3)), []) <= at_point


def test_compiled_copies_are_renewed_when_a_called_file_changes() -> None:
    folder = Path(exactnet.certificate.__file__).parent
    for name in ("_wide_integers", "_wide_backward", "_wide_bounds"):
        for called, digest in importlib.import_module(f"exactnet.certificate.{name}").COMPILED_WITH.items():
            file = folder / called if (folder / called).exists() else folder.parent / "kernels" / called
            text = file.read_bytes().replace(b"\r\n", b"\n")
            assert hashlib.sha256(text).hexdigest()[:16] == digest, (
                f"update COMPILED_WITH in {name}: {called}"
            )
