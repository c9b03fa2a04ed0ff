"""Numbers for the compiled walk: weights balanced in exact arithmetic and rounded once, and integers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

import numpy as np

from exactnet.certificate._fast_forms import Tables, Work
from exactnet.certificate._fast_loops import Scratch
from exactnet.certificate._fast_read import Layer, Network, Tree
from exactnet.certificate._fast_rows import (
    LARGEST,
    Rows,
    integer_layers,
    n_switches_of,
    slope_below,
    switching_layers,
)

__all__ = ["make_tables", "make_work"]

_CODES = ("relu", "leaky_relu", "abs", "hardtanh", "maxout", "identity")
_BUFFER = 4096
_ONE = Fraction(1)


def make_tables(network: Network, n_domain: int) -> Tables:
    """Everything about a network that the walk needs."""
    layers, rows = switching_layers(network)
    scales = _Scales(network.n_inputs, layers, rows)
    integers, n_small = integer_layers(network.n_inputs, layers, rows)
    small = integers[:n_small]
    shape, stages, switches = _numbering(network.n_inputs, layers, rows)
    flat = [w for table in rows for column in zip(*table.weight, strict=True) for w in column]
    sizes = [len(table.weight) * len(table.weight[0]) for table in rows]
    n_without_skips = int(all(not layer.skips for layer in layers))
    three = int(any(layer.pieces > 2 for layer in layers))
    first_unit = [0, *(entry[2] for entry in shape)]
    width = [network.n_inputs, *(entry[3] for entry in shape)]
    return Tables(
        _table(shape, 9),
        _ints(
            u for table in rows for s in table.sources for u in range(first_unit[s], first_unit[s] + width[s])
        ),
        _ints(np.cumsum([0, *sizes])[:-1]),
        np.array(scales.weights, dtype=np.float64),
        _ints(w != 0 for w in flat),
        _filled(
            [w for layer in small for column in zip(*layer.weight, strict=True) for w in column], len(flat)
        ),
        np.array(scales.bias, dtype=np.float64),
        _ints(b != 0 for table in rows for b in table.bias),
        _filled([b for layer in small for b in layer.bias], len(scales.bias)),
        _classes(rows),
        np.array(scales.slopes, dtype=np.float64).reshape(-1, 2),
        _table([layer.slopes for layer in small] + [(0, 0)] * (len(layers) - n_small), 2),
        _ints(
            layer.slope != 0 or layer.activation in ("abs", "identity", "hardtanh", "maxout")
            for layer in layers
        ),
        np.array(scales.caps, dtype=np.float64),
        _filled([layer.cap for layer in small], len(layers)),
        _table([(*stage, _effort(network, *stage)) for stage in stages], 4),
        _table(switches, 3),
        _ints([network.n_inputs + 1, 1 + n_domain, len(switches), n_small, n_without_skips, three]),
    )


def make_work(T: Tables, tree: Tree) -> Work:
    """Room for the walk; infinity and the rows of the domain are filled in, and resolved."""
    D, base, n_switches = int(T.facts[0]), int(T.facts[1]), int(T.facts[2])
    n_rows, n_units, n_layers, n = len(T.B), len(T.caps), len(T.layers), base + n_switches
    fixed = [(0,) * (D - 1) + (1,), *tree.domain]
    F, F_int = np.zeros((n, D)), np.zeros((n, D), dtype=np.int64)
    E = np.zeros(n)
    for j, row in enumerate(fixed):
        scale = Fraction(1, 2 ** max(max(map(abs, row)).bit_length(), 1))
        F[j] = [float(x * scale) for x in row]
        E[j] = 0.0 if max(map(abs, row)) < LARGEST else 2.0**-52
        if max(map(abs, row)) < LARGEST:
            F_int[j] = row
    layer_of = [T.stages[stage, 0] for stage in T.switches[:, 0]]
    D0 = D - 1
    H = np.zeros((n_units, D))
    H[:D0, :D0] = np.eye(D0)
    on_path = [int(all(x == 0 for x in row)) for row in fixed]
    return Work(
        np.zeros((n_rows, D)),
        np.zeros(n_rows),
        _zeros(n_rows),
        np.zeros((n_rows, D), dtype=np.int64),
        H,
        np.zeros(n_units),
        np.ones(n_units),
        _ints([*(1 << k for k in range(D0)), *[0] * (n_units - D0)]),
        H.astype(np.int64),
        np.full(n_units, -1, dtype=np.int64),
        F,
        E,
        _ints([*(sum(1 << k for k, x in enumerate(row) if x) for row in fixed), *[0] * n_switches]),
        F_int,
        _ints([*(max(map(abs, row)) < LARGEST for row in fixed), *(k < T.facts[3] for k in layer_of)]),
        _ints([*[1] * base, *[0] * n_switches]),
        _ints([*on_path, *[0] * n_switches]),
        _ints([n_layers + 1, *[0] * (base - 1), *layer_of]),
        np.full((n_layers + 1, 2), D, dtype=np.int64),
        _zeros(2 * n_rows + 1),
        _zeros(max([0, *T.layers[:, 1]])),
        np.zeros((D + 2, max([0, *T.layers[:, 1]]))),
        _zeros(n_switches + 1),
        _zeros(n_switches + 1),
        np.zeros((n_switches + 1, 4), dtype=np.int64),
        np.zeros((_BUFFER if T.facts[5] else 1, n_switches), dtype=np.int8),
        Scratch(
            np.zeros((D + 1, D)),
            np.zeros((D + 1, D + 1)),
            np.zeros((4, D + 1)),
            np.zeros((D, D + 2), dtype=np.int64),
            _zeros(D + 1),
            _zeros(D),
            _zeros(D + 1),
        ),
    )


# -- parts ---------------------------------------------------------------------------------------------


class _Scales:
    """Powers of two for all units such that |weights| + |bias| add up to at most 1 in every row."""

    def __init__(self, n_inputs: int, layers: Sequence[Layer], rows: Sequence[Rows]) -> None:
        self.weights: list[float] = []  # column after column
        self.bias: list[float] = []
        self.slopes: list[tuple[float, float]] = []
        self.caps: list[float] = [1.0] * n_inputs
        # exponents by which the outputs of each layer are scaled
        outputs: list[list[int]] = [[0] * n_inputs]
        for layer, table in zip(layers, rows, strict=True):
            columns = [e for source in table.sources for e in outputs[source]]
            below = slope_below(layer)
            down = _exponent(abs(below.numerator), below.denominator) if abs(below) > 1 else 0
            self.slopes.append((float(below / 2**down), _scaled(1, 1, -down)))
            found = _balance(table, columns)
            outputs.append([e - down for e in found[:: table.per_unit]])
            # of use for hardtanh only, where e <= 0
            self.caps += [_scaled(1, 1, min(e, 0)) for e in found[:: table.per_unit]]
            self.bias += [_scaled(b, table.denominator, e) for b, e in zip(table.bias, found, strict=True)]
            for column, entries in zip(columns, zip(*table.weight, strict=True), strict=True):
                self.weights += [
                    _scaled(w, table.denominator, e - column) for w, e in zip(entries, found, strict=True)
                ]


def _balance(table: Rows, columns: Sequence[int]) -> list[int]:
    """For each row the exponent of its unit; the columns are scaled already, by their exponents."""
    most = max(0, *columns)
    rises = [most - e for e in columns]
    sizes = [
        sum([abs(w) << rise for w, rise in zip(row, rises, strict=True)]) + (abs(b) << most)
        for row, b in zip(table.weight, table.bias, strict=True)
    ]
    found: list[int] = []
    for first in range(0, len(sizes), table.per_unit):
        size = max(sizes[first : first + table.per_unit])
        # z + 1 or z - 1 of hardtanh is at least 1, so its caps are at most 1
        found += [-_exponent(size, table.denominator << most) if size else 0] * table.per_unit
    return found


def _exponent(p: int, q: int) -> int:
    """Some e, at most one too large, with p/q <= 2^e."""
    return p.bit_length() - q.bit_length() + 1


def _scaled(p: int, q: int, e: int) -> float:
    """2^e p/q, rounded once, correctly."""
    return (p << e) / q if e >= 0 else p / (q << -e)


def _numbering(
    n_inputs: int, layers: Sequence[Layer], rows: Sequence[Rows]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The entries of `Tables.layers`, `stages` and `switches`."""
    shape: list[tuple[int, ...]] = []
    stages: list[tuple[int, ...]] = []
    switches: list[tuple[int, ...]] = []
    row, unit, column = 0, n_inputs, 0
    for k, (layer, table) in enumerate(zip(layers, rows, strict=True)):
        n_rows, n_units, n_columns = len(table.weight), layer.n_units, len(table.weight[0])
        kind = _CODES.index(layer.activation)
        shape.append((row, n_rows, unit, n_units, kind, layer.pieces, column, n_columns, len(switches)))
        if layer.activation == "maxout":
            for t in range(1, layer.pieces):
                stages.append((k, len(switches), n_units))
                switches += [(len(stages) - 1, v, t) for v in range(n_units)]
        elif layer.activation == "hardtanh":
            stages.append((k, len(switches), 2 * n_units))
            switches += [(len(stages) - 1, row + 3 * v + side, 0) for v in range(n_units) for side in (1, 2)]
        elif layer.activation != "identity":
            stages.append((k, len(switches), n_units))
            switches += [(len(stages) - 1, row + v, 0) for v in range(n_units)]
        row, unit, column = row + n_rows, unit + n_units, column + n_columns
    return shape, stages, switches


def _effort(network: Network, k: int, first: int, n_switches: int) -> int:
    """How many multiplications it takes to enter this stage of layer k, through those in front of it."""
    layers, D = network.layers, network.n_inputs + 1
    passed = sum(n_switches_of(layer) for layer in layers[:k])
    if first > passed:
        return n_switches * D
    begin = k
    while begin and not n_switches_of(layers[begin - 1]):
        begin -= 1
    sizes = [
        len(layer.weight) * sum(len(matrix[0]) for matrix in (layer.weight, *(m for _, m in layer.skips)))
        for layer in layers[begin : k + 1]
    ]
    return min(D * sum(sizes), 2**40)


def _classes(rows: Sequence[Rows]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """For each row a number that rows of its layer share exactly if they are multiples of it."""
    numbers: dict[object, int] = {}
    found: list[tuple[int, ...]] = []
    for k, table in enumerate(rows):
        for row, b in zip(table.weight, table.bias, strict=True):
            whole, sign = _direction((*row, b))
            linear, _ = _direction(row)
            found.append(
                (
                    numbers.setdefault((k, True, whole), len(numbers)),
                    sign,
                    numbers.setdefault((k, False, linear), len(numbers)),
                )
            )
    return _table(found, 3)


def _direction(row: Sequence[int]) -> tuple[tuple[int, ...], int]:
    first = next((x for x in row if x), 1)
    divisor = gcd(*row) if first > 0 else -gcd(*row)
    return tuple([x // divisor for x in row]) if divisor else tuple(row), 1 if first > 0 else -1


def _ints(values: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array([int(x) for x in values], dtype=np.int64)  # type: ignore[attr-defined]


def _filled(values: Sequence[int], n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return _ints([*values, *[0] * (n - len(values))])


def _table(values: Sequence[Sequence[int]], width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64).reshape(-1, width)


def _zeros(n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.zeros(n, dtype=np.int64)
