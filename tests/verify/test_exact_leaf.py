"""Exact leaves against the linear program over all inputs at once, and by their definition."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from exactnet.exact import LinearSystem, feasible
from exactnet.model import Network
from exactnet.model.property import Case, Row
from exactnet.verify.exact_leaf import exact_leaf
from exactnet.verify.lowered import lowered


def _forward(net, active, splits, x):
    """Outputs and split units at x on the piece with these states."""
    h, zs = list(x), []
    for layer, on in zip(net.layers, active, strict=True):
        z = [
            Fraction(sum(a * v for a, v in zip(row, h, strict=True)) + b, 1) / layer.denominator
            for row, b in zip(layer.weight, layer.bias, strict=True)
        ]
        zs.append(z)
        h = [value if alive else Fraction(0) for value, alive in zip(z, on, strict=True)]
    return h, [zs[layer - 1][unit] for layer, unit, _ in splits]


def _conditions(net, active, splits, case, x):
    """The values that have to be at most zero, rows first, and whether each has to be below zero."""
    y, z = _forward(net, active, splits, x)
    rows = [(-row.slack(x, y), row.strict) for row in case.rows]
    return rows + [(-sign * value, False) for (_, _, sign), value in zip(splits, z, strict=True)]


def _as_system(net, active, splits, case, box):
    n = net.n_inputs
    origin = [Fraction(0)] * n
    base = _conditions(net, active, splits, case, origin)
    columns = []
    for i in range(n):
        unit = [Fraction(int(i == k)) for k in range(n)]
        columns.append(
            [v - d for (v, _), (d, _) in zip(_conditions(net, active, splits, case, unit), base, strict=True)]
        )
    rows = [[column[k] for column in columns] for k in range(len(base))]
    rhs, relations = [-d for d, _ in base], ["<" if strict else "<=" for _, strict in base]
    for i in range(n):
        unit = [Fraction(int(i == k)) for k in range(n)]
        rows += [unit, [-v for v in unit]]
        rhs += [box[1][i], -box[0][i]]
        relations += ["<=", "<="]
    return LinearSystem(rows, relations, rhs, n_variables=n)


def _proves(net, active, splits, case, box, proof):
    """The check of code -2 by its definition: the minimum of the weighted sum over the box."""
    n_rows = len(case.rows)
    assert proof[0] == -2
    weights = list(proof[1 : 1 + n_rows]) + [0] * len(splits)
    pairs = proof[2 + n_rows :]
    assert len(pairs) == 2 * proof[1 + n_rows]
    for position, b in zip(pairs[::2], pairs[1::2], strict=True):
        weights[n_rows + position] = b
    assert min(weights) >= 0

    def total(x):
        parts = _conditions(net, active, splits, case, x)
        return sum((w * v for w, (v, _) in zip(weights, parts, strict=True)), Fraction(0))

    least = d = total([Fraction(0)] * net.n_inputs)
    for i in range(net.n_inputs):
        slope = total([Fraction(int(i == k)) for k in range(net.n_inputs)]) - d
        least += min(slope * box[0][i], slope * box[1][i])
    strict = any(w > 0 and row.strict for w, row in zip(weights, case.rows, strict=False))
    return least > 0 or (least == 0 and strict)


def _question(rng):
    n = rng.choice([1, 2, 3, 12])
    widths = [n, *[rng.randint(1, 4) for _ in range(rng.randint(0, 2))], rng.randint(1, 2)]
    layers = [
        ([[rng.randint(-2, 2) for _ in range(a)] for _ in range(b)], [rng.randint(-2, 2) for _ in range(b)])
        for a, b in pairwise(widths)
    ]
    net = lowered(Network.from_arrays(layers))
    active = [[not relu or rng.random() < 0.7 for relu in layer.is_relu] for layer in net.layers]
    units = [(m + 1, j, 1 if on else -1) for m, layer in enumerate(active[:-1]) for j, on in enumerate(layer)]
    splits = rng.sample(units, rng.randint(0, len(units)))
    low = [Fraction(rng.randint(-3, 1), rng.choice([1, 3])) for _ in range(n)]
    box = tuple(low), tuple(a + rng.choice([0, 1, Fraction(5, 2)]) for a in low)
    x = [rng.choice([a, b, (a + b) / 2]) for a, b in zip(*box, strict=True)]
    y, _ = _forward(net, active, splits, x)
    rows = []
    for _ in range(rng.randint(1, 3)):
        row = Row.from_terms(
            {i: rng.choice([0, 0, 1, -1]) for i in range(n)},
            {j: rng.randint(-2, 2) for j in range(net.n_outputs)},
            0,
            strict=rng.random() < 0.5,
        )
        rows.append(Row(row.inputs, row.outputs, rng.choice([0, 0, -1, 2]) - row.slack(x, y), row.strict))
    return net, active, splits, Case(*box, tuple(rows)), box


@pytest.mark.parametrize("seed", range(150))
def test_it_agrees_with_the_program_over_all_inputs(seed: int) -> None:
    net, active, splits, case, box = _question(random.Random(seed))
    found = exact_leaf(net, active, splits, case, box)
    expected = feasible(_as_system(net, active, splits, case, box)).point
    assert (found.point is not None) == (expected is not None)
    if found.point is None:
        assert _proves(net, active, splits, case, box, found.proof)
    else:
        assert all(lo <= x <= hi for lo, x, hi in zip(box[0], found.point, box[1], strict=True))
        parts = _conditions(net, active, splits, case, found.point)
        assert all(v < 0 if strict else v <= 0 for v, strict in parts)


def test_many_inputs_take_few_columns() -> None:
    # the sum of 300 inputs of [0, 1/300] is at most 1: above 1 there is no point, at 1 exactly one
    n = 300
    net = lowered(Network.from_arrays([([[1] * n], [0])]))
    box = (Fraction(0),) * n, (Fraction(1, n),) * n
    for bound, strict, has_point in (
        (-1, False, True),
        (-1, True, False),
        (Fraction(-301, 300), False, False),
    ):
        case = Case(*box, (Row.from_terms({}, {0: -1}, bound, strict=strict),))
        found = exact_leaf(net, [[True]], (), case, box)
        assert (found.point is not None) == has_point
        assert has_point or _proves(net, [[True]], (), case, box, found.proof)


def test_a_case_without_rows_holds_where_the_signs_do() -> None:
    net = lowered(Network.from_arrays([([[1]], [0]), ([[1]], [0])]))
    box = (Fraction(-2),), (Fraction(-1),)
    case = Case(*box, ())
    assert exact_leaf(net, [[False], [True]], [(1, 0, -1)], case, box).point is not None
    assert exact_leaf(net, [[True], [True]], [(1, 0, 1)], case, box).proof == (-2, 1, 0, 1)


def test_multipliers_are_short_unless_only_long_ones_prove() -> None:
    # two lines that meet in the box at the boundary of a third one: the weights are in the ratio 10^9 : 1
    net = lowered(Network.from_arrays([([[1, 0], [0, 1]], [0, 0])]))
    box = (Fraction(-1), Fraction(-1)), (Fraction(1), Fraction(1))
    rows = (
        Row.from_terms({}, {0: 1, 1: Fraction(1, 10**9)}, 0, strict=True),
        Row.from_terms({}, {0: -1, 1: Fraction(-1, 10**9)}, 0),
    )
    proof = exact_leaf(net, [[True, True]], (), Case(*box, rows), box).proof
    assert proof == (-2, 1, 1, 0)
    rows = (rows[0], Row.from_terms({}, {0: -(10**12) - 1, 1: Fraction(-(10**12) - 1, 10**9)}, 0))
    proof = exact_leaf(net, [[True, True]], (), Case(*box, rows), box).proof
    assert proof == (-2, 10**12 + 1, 1, 0)
