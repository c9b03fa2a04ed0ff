"""Networks and nodes for the tests of the ReLU-splitting engine, and the plain integers of the format."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np

from exactnet.certificate._plain_bounds import Chain, ChainLayer, Functional, PlainNode, refine, row_bound
from exactnet.certificate._plain_bounds import Split as PlainSplit
from exactnet.model import Network
from exactnet.model.property import Case, Row
from exactnet.verify.lowered import ReluNetwork, lowered
from exactnet.verify.relu_ascent import Batch, case_rows
from exactnet.verify.relu_float import FloatTask, refined, root_task
from exactnet.verify.relu_tree import Node

GRID = 44


def random_net(rng: random.Random, widths: list[int], *, dyadic: bool = True) -> ReluNetwork:
    """Weights in multiples of 1/64, so that all of them are binary32 numbers; or small integers."""

    def number() -> Fraction:
        return Fraction(round(rng.gauss(0, 1) * 64), 64) if dyadic else Fraction(rng.randint(-2, 2))

    return lowered(
        Network.from_arrays(
            [
                ([[number() for _ in range(a)] for _ in range(b)], [number() for _ in range(b)])
                for a, b in pairwise(widths)
            ]
        )
    )


def random_case(rng: random.Random, net: ReluNetwork, n_rows: int = 1) -> Case:
    """A box of sides 0 to 2 and rows over outputs, sometimes over an input."""
    low = tuple(Fraction(rng.randint(-6, 3), rng.choice([2, 3])) for _ in range(net.n_inputs))
    high = tuple(a + Fraction(rng.choice([0, 1, 2, 3, 4]), 2) for a in low)
    rows = tuple(
        Row.from_terms(
            {rng.randrange(net.n_inputs): rng.choice([0, 0, 1])},
            {j: rng.randint(-2, 2) for j in range(net.n_outputs - 1)} | {net.n_outputs - 1: 1},
            Fraction(rng.randint(-30, 5), 7),
        )
        for _ in range(n_rows)
    )
    return Case(low, high, rows)


class Walker:
    """A node in floats and in plain integers, side by side."""

    def __init__(self, net: ReluNetwork, case: Case, *, float32: bool) -> None:
        self.net, self.case, self.float32 = net, case, float32
        self.task: FloatTask = root_task(net, case.lower, case.upper, float32=float32, grid=GRID)
        self.node = Node(self.task.bounds, (), (0,))
        layers = (ChainLayer(x.weight, x.bias, x.denominator, x.is_relu) for x in net.layers)
        self.chain = Chain(net.n_inputs, tuple(layers))
        lo = [math.floor(v * 2**GRID) for v in case.lower]
        hi = [math.ceil(v * 2**GRID) for v in case.upper]
        self.plain = PlainNode(lo, hi)
        refine(self.chain, self.plain, grid=GRID, float32=float32)

    def split(self, layer: int, unit: int, sign: int) -> None:
        """Split a live unit; layer and unit from 0."""
        self.node = Node(
            self.node.known.split(layer, unit, sign), (*self.node.splits, (layer, unit, sign)), (0,)
        )
        j = int(self.task.net.layers[layer].units[unit])
        if sign > 0:
            self.plain.lower[layer][j] = max(self.plain.lower[layer][j], 0)
        else:
            self.plain.upper[layer][j] = min(self.plain.upper[layer][j], 0)

    def refine(self) -> None:
        """Code 2."""
        self.node.bounds = refined(self.task.net, self.node.known)
        refine(self.chain, self.plain, grid=GRID, float32=self.float32)

    def open_units(self) -> list[tuple[int, int]]:
        """Live units that are open in floats."""
        layers = enumerate(self.node.known.layers)
        return [(m, int(i)) for m, units in layers for i in np.flatnonzero(units.is_open)]

    def batch(self) -> Batch:
        """This node and the case."""
        rows = case_rows(self.case, self.net.n_inputs, self.net.n_outputs)
        return Batch(self.task.net, [self.node.known], [self.node.signs(self.task.net)], [rows])

    def bound(self, proof: tuple[int, ...]) -> float:
        """The bound of a proof of the format (p >= 0 or -1) in plain integers, by the sum of the weights."""
        weights = [0] * len(self.case.rows)
        mode, alphas, splits = 0, {}, []
        if proof[0] >= 0:
            weights[proof[0] // 3], mode = 1, proof[0] % 3
        else:
            n = len(weights)
            weights, mode, count = list(proof[1 : 1 + n]), proof[1 + n], proof[2 + n]
            at = 3 + n + 2 * count
            for unit, alpha in zip(proof[3 + n : at : 2], proof[4 + n : at : 2], strict=True):
                alphas[self._place(unit)] = alpha
            if proof[at]:
                pairs = proof[at + 2 :]
                assert len(pairs) == 2 * proof[at]
                for position, times in zip(pairs[::2], pairs[1::2], strict=True):
                    layer, unit, sign = self.node.splits[position]
                    j = int(self.task.net.layers[layer].units[unit])
                    splits.append(PlainSplit(layer + 1, j, sign > 0, times, proof[at + 1]))
        return self._row_bound(weights, mode, alphas, splits) / 2**GRID / sum(weights)

    def _place(self, unit: int) -> tuple[int, int]:
        for m, layer in enumerate(self.net.layers):
            if unit < layer.n_units:
                return m + 1, unit
            unit -= layer.n_units
        raise AssertionError

    def _row_bound(self, weights, mode, alphas, splits) -> int:
        u = [Fraction(0)] * self.net.n_outputs
        direct = [Fraction(0)] * self.net.n_inputs
        constant = Fraction(0)
        for w, row in zip(weights, self.case.rows, strict=True):
            for j, c in row.outputs:
                u[j] += w * c
            for i, c in row.inputs:
                direct[i] += w * c
            constant -= w * row.bound
        whole = tuple(int(x) for x in u)
        f = Functional(
            len(self.net.layers), whole, Fraction(1), math.floor(constant * 2**GRID), tuple(direct)
        )
        return row_bound(self.chain, self.plain, f, grid=GRID, mode=mode, alphas=alphas, splits=splits)


def random_walker(
    rng: random.Random, *, float32: bool = False, dyadic: bool = True, n_rows: int = 1
) -> Walker:
    """A node after a few splits and refinements."""
    widths = [
        rng.choice([1, 2, 5]),
        *[rng.randint(1, 6) for _ in range(rng.randint(1, 3))],
        rng.randint(1, 3),
    ]
    net = random_net(rng, widths, dyadic=dyadic)
    walker = Walker(net, random_case(rng, net, n_rows), float32=float32)
    for _ in range(rng.randint(0, 3)):
        units = walker.open_units()
        if units:
            walker.split(*rng.choice(units), rng.choice([1, -1]))
        if rng.random() < 0.5:
            walker.refine()
    return walker
