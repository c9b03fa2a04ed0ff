"""The questions that floats leave open, decided in integers of any size (plain Python)."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate._fast_read import Network, Tree
from exactnet.certificate._fast_rows import integer_layers, n_switches_of, switching_layers

__all__ = ["ExactForms", "is_combination"]

Vector = tuple[int, ...]
Signs = NDArray[np.int64]


class ExactForms:
    """The forms of all switches where those of the layers before have signs, up to a positive factor.

    Rows and outputs are worked out when they are asked for, and kept until a sign before them changes.
    """

    def __init__(self, network: Network, tree: Tree) -> None:
        self.network = network
        self.D = network.n_inputs + 1
        self.fixed = ((0,) * network.n_inputs + (1,), *tree.domain)
        self.layers, self.rows = switching_layers(network)
        self.integers, _ = integer_layers(network.n_inputs, self.layers, self.rows)
        self.first = [0]  # switch of each layer, and the end
        self.where: list[tuple[int, int, int]] = []  # layer, row or unit, piece (0: a row)
        for k, layer in enumerate(self.layers):
            self.first.append(self.first[-1] + n_switches_of(layer))
            self.where += _places(k, layer.activation, layer.n_units, layer.pieces)
        n = len(self.layers)
        self.keys: list[bytes] = [b""] * (n + 1)
        self._rows: list[dict[int, Vector]] = [{} for _ in range(n)]
        self._units: list[dict[int, Vector]] = [{} for _ in range(n + 1)]  # of the layer before
        self.signs: Signs = np.zeros(0, dtype=np.int64)

    def at(self, signs: Signs) -> ExactForms:
        """Speak about the region with these signs of all switches (0: not resolved)."""
        self.signs = signs
        for k in range(len(self.layers) + 1):
            key = signs[: self.first[k]].tobytes()
            if key != self.keys[k]:
                self.keys[k] = key
                self._units[k].clear()
                if k < len(self.layers):
                    self._rows[k].clear()
        return self

    def form(self, j: int) -> Vector:
        """The form with this number (0: infinity, then the domain, then the switches), primitive."""
        if j < len(self.fixed):
            return _primitive(self.fixed[j])
        k, r, piece = self.where[j - len(self.fixed)]
        if not piece:
            return _primitive(self._row(k, r))
        first = r * self.layers[k].pieces
        p, q = self._row(k, first + piece), self._row(k, first + self._winner(k, r, piece))
        return _primitive([x - y for x, y in zip(p, q, strict=True)])

    def _row(self, k: int, r: int) -> Vector:
        found = self._rows[k].get(r)
        if found is None:
            weight = self.integers[k].weight[r]
            total = [0] * self.D
            total[-1] = self.integers[k].bias[r]
            column = 0
            for source in self.rows[k].sources:
                n_units = self.layers[source - 1].n_units if source else self.D - 1
                for v in range(n_units):
                    w = weight[column + v]
                    if w:
                        total = [x + w * h for x, h in zip(total, self._unit(source, v), strict=True)]
                column += n_units
            found = self._rows[k][r] = tuple(total)
        return found

    def _unit(self, number: int, v: int) -> Vector:
        """Output v of the layer with this number from 1; 0 is the inputs."""
        if number == 0:
            return tuple([int(k == v) for k in range(self.D)])
        found = self._units[number].get(v)
        if found is None:
            found = self._units[number][v] = self._output(number - 1, v)
        return found

    def _output(self, k: int, v: int) -> Vector:
        activation, first = self.layers[k].activation, self.first[k]
        below, above = self.integers[k].slopes
        if activation == "identity":
            return self._row(k, v)
        if activation == "maxout":
            pieces = self.layers[k].pieces
            return self._row(k, v * pieces + self._winner(k, v, pieces))
        if activation == "hardtanh":
            low, high = int(self.signs[first + 2 * v]), int(self.signs[first + 2 * v + 1])
            if low != high:
                return self._row(k, 3 * v)
            return (*[0] * (self.D - 1), low * self.integers[k].cap)
        slope = below if self.signs[first + v] < 0 else above
        return tuple([slope * x for x in self._row(k, v)]) if slope else (0,) * self.D

    def _winner(self, k: int, v: int, before: int) -> int:
        """The largest of the first `before` pieces of a maxout unit."""
        n_units = self.layers[k].n_units
        won = [t for t in range(1, before) if self.signs[self.first[k] + (t - 1) * n_units + v] > 0]
        return won[-1] if won else 0


def is_combination(forms: Sequence[Vector], signs: Sequence[int], target: Vector, *, strict: bool) -> bool:
    """Whether target = sum m_j signs_j forms_j with independent forms and all m_j >= 0 (> 0 if strict).

    Examples
    --------
    >>> is_combination([(1, 0), (0, 1)], [1, -1], (3, 0), strict=False)
    True
    >>> is_combination([(1, 0), (0, 1)], [1, -1], (3, 2), strict=False)
    False
    """
    k = len(forms)
    table = [[*column, x] for column, x in zip(zip(*forms, strict=True), target, strict=True)]
    before = 1
    for s in range(k):
        at = next((c for c in range(s, len(table)) if table[c][s]), None)
        if at is None:
            return False
        table[s], table[at] = table[at], table[s]
        chosen = table[s]
        pivot = chosen[s]
        # fraction-free (Bareiss 1968): every entry stays a minor, so the quotients are exact
        for c, row in enumerate(table):
            if c != s:
                factor = row[s]
                table[c] = [(pivot * x - factor * y) // before for x, y in zip(row, chosen, strict=True)]
        before = pivot
    if any(row[k] for row in table[k:]):
        return False
    m = [table[b][k] * before * signs[b] for b in range(k)]
    return all(x > 0 if strict else x >= 0 for x in m)


def _places(k: int, activation: str, n_units: int, pieces: int) -> list[tuple[int, int, int]]:
    if activation == "maxout":
        return [(k, v, t) for t in range(1, pieces) for v in range(n_units)]
    if activation == "hardtanh":
        return [(k, 3 * v + side, 0) for v in range(n_units) for side in (1, 2)]
    return [(k, v, 0) for v in range(n_units)] if activation != "identity" else []


def _primitive(vector: Sequence[int]) -> Vector:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector) if divisor > 1 else tuple(vector)
