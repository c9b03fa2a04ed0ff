"""A network as a tropical rational function, from a tree that has been checked (FORMAT.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import ClassVar, NamedTuple

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.network import Layer, NetworkData
from exactnet.checker.read import as_list, reject
from exactnet.checker.regions import RegionTree, Walk
from exactnet.checker.tropical import Polynomial
from exactnet.checker.words import plural

__all__ = ["TropicalForm", "check_tropical_form"]

Row = tuple[int, ...]
Rows = list[Row]

# what a hostile file could blow up: the length of the numbers, and the number of different terms
_MOST_BITS = 200_000
_MOST_BITS_IN_ALL = 2**33


class Pair(NamedTuple):
    """Units as F - G on a cell: integer rows (a_1..a_d, b) over one scale."""

    F: Rows
    G: Rows
    scale: int


@dataclass(frozen=True)
class TropicalForm(Fact):
    """Each output of the network is F - G, with exactly these essential terms; unknown to a sample."""

    rule: ClassVar[str] = "tropical_form"
    cells: RegionTree
    numerators: tuple[Polynomial, ...]
    denominators: tuple[Polynomial, ...]

    def conclusion(self) -> str:
        """State it."""
        name = self.cells.network.id
        several = len(self.numerators) > 1
        parts = [
            f"{f'output {o} of ' if several else ''}{name} is {F.id} - {G.id} on the whole space, of "
            f"{plural(len(F.terms), 'term')} and {plural(len(G.terms), 'term')}, all of them essential"
            for o, (F, G) in enumerate(zip(self.numerators, self.denominators, strict=True))
        ]
        return "; ".join(parts)

    def about(self) -> str:
        """Describe the network and the polynomials."""
        parts = [self.cells.about(), *(p.about() for p in (*self.numerators, *self.denominators))]
        return "; ".join(dict.fromkeys(parts))


def check_tropical_form(
    record: dict[str, object], name: str, known: Known, *, unseen: bool = False
) -> TropicalForm:
    """Rule `tropical_form`; `unseen` reads the record only."""
    tree = look_up(known, record, "cells", RegionTree)
    tree.require_complete()
    if any(map(any, tree.domain)):
        reject(f"the domain of {tree.id} is not the whole space")
    network = tree.network
    n_outputs = network.layers[-1].n_units if network.layers else network.n_inputs
    numerators, denominators = (
        _polynomials(record, key, known, n_outputs, network.n_inputs)
        for key in ("numerators", "denominators")
    )
    if not unseen:
        seen = _collect(tree, n_outputs)
        for key, stated, found in (
            ("numerators", numerators, seen.F),
            ("denominators", denominators, seen.G),
        ):
            for o, p in enumerate(stated):
                _require_equal(p, found[o], seen.scale, f"{key}[{o}]")
    return TropicalForm(name, tree, numerators, denominators)


def _polynomials(
    record: dict[str, object], key: str, known: Known, n_outputs: int, n_inputs: int
) -> tuple[Polynomial, ...]:
    names = as_list(record[key], key, length=n_outputs)
    found = tuple(look_up(known, {key: entry}, key, Polynomial) for entry in names)
    for p in found:
        if p.n_variables != n_inputs:
            reject(f"{p.id} has {plural(p.n_variables, 'variable')}, the network has {n_inputs}")
    return found


def _require_equal(p: Polynomial, rows: set[Row], scale: int, where: str) -> None:
    """The terms of p, and no others, are the rows over the scale."""
    stated = {tuple([scale * x for x in (*e, c)]) for e, c in p.terms}
    found = {tuple([p.denominator * x for x in row]) for row in rows}
    if stated != found:
        missing, extra = len(found - stated), len(stated - found)
        reject(
            f"{where}: {p.id} lacks {plural(missing, 'term')} of the cells, "
            f"and has {plural(extra, 'term')} that no cell has"
        )


class _Seen:
    """The different terms on all cells, for every output."""

    def __init__(self, n_outputs: int) -> None:
        self.F: list[set[Row]] = [set() for _ in range(n_outputs)]
        self.G: list[set[Row]] = [set() for _ in range(n_outputs)]
        self.scale = 1
        self._n_bits = 0

    def add(self, pair: Pair) -> None:
        """Add the terms of one cell."""
        self.scale = pair.scale
        for seen, rows in ((self.F, pair.F), (self.G, pair.G)):
            for known, row in zip(seen, rows, strict=True):
                if row not in known:
                    known.add(row)
                    self._n_bits += sum([max(32, x.bit_length()) for x in row])
        if self._n_bits > _MOST_BITS_IN_ALL:
            reject(f"terms of more than {_MOST_BITS_IN_ALL} bits in all")


def _collect(tree: RegionTree, n_outputs: int) -> _Seen:
    network = tree.network
    walk = Walk(network, tree.domain, tree.nodes, trusted=True)
    push, seen = _Push(network, walk), _Seen(n_outputs)
    for i in walk.leaves():
        pair = push.outputs()
        (rows, one), scale = walk.output(), pair.scale
        for F, G, row in zip(pair.F, pair.G, rows, strict=True):
            if any((x - y) * one != z * scale for x, y, z in zip(F, G, row, strict=True)):
                reject(f"at the leaf nodes[{i}] F - G is not the function of the network")
        seen.add(pair)
    return seen


class _Push:
    """F and G of every layer on the cell at which a walk stands; what has not changed is kept."""

    def __init__(self, network: NetworkData, walk: Walk) -> None:
        self.network, self.walk = network, walk
        d = network.n_inputs
        inputs = [tuple([int(p == q) for q in range(d + 1)]) for p in range(d)]
        self.values = [Pair(inputs, [(0,) * (d + 1)] * d, 1)]
        self.before: list[Pair] = []  # H and K of every layer
        self.signs: list[int] = []  # of the last cell
        self.first = [0] * len(network.layers)  # the first switch of every layer
        self.end = [0] * len(network.layers)
        at = 0
        for k in range(len(network.layers)):
            self.first[k] = at
            at += sum(stage.n_switches for stage in network.stages if stage.layer == k)
            self.end[k] = at

    def outputs(self) -> Pair:
        """F and G of the last layer on the present cell."""
        signs = list(self.walk.sigma)
        k = self._kept(signs)
        del self.values[k + 1 :], self.before[k + 1 :]
        self.signs = signs
        while len(self.values) <= len(self.network.layers):
            k = len(self.values) - 1
            layer = self.network.layers[k]
            if len(self.before) == k:
                self.before.append(self._pre_activation(layer))
            here = signs[self.first[k] : self.end[k]]
            self.values.append(_activated(layer, self.before[k], here))
        return self.values[-1]

    def _kept(self, signs: list[int]) -> int:
        """How many layers have the same signs as on the last cell."""
        if not self.signs:
            return 0
        for k, (first, end) in enumerate(zip(self.first, self.end, strict=True)):
            if signs[first:end] != self.signs[first:end]:
                return k
        return len(self.first)

    def _pre_activation(self, layer: Layer) -> Pair:
        """H and K: weight F - G of everything that enters, its positive and its negative part apart."""
        d = self.network.n_inputs
        inner = lcm(*(self.values[k].scale for k, _ in layer.sources))
        _require_modest(inner * layer.denominator)
        self.walk.spend(2 * (d + 1) * sum(len(m) * len(m[0]) for _, m in layer.sources))
        H = [[0] * d + [inner * b] for b in layer.bias]
        K = [[0] * (d + 1) for _ in layer.bias]
        for k, matrix in layer.sources:
            value = self.values[k]
            factor = inner // value.scale
            for i, row in enumerate(matrix):
                for w, F, G in zip(row, value.F, value.G, strict=True):
                    if w:
                        up, down = (F, G) if w > 0 else (G, F)
                        size = factor * abs(w)
                        H[i] = [x + size * y for x, y in zip(H[i], up, strict=True)]
                        K[i] = [x + size * y for x, y in zip(K[i], down, strict=True)]
        _require_modest(max(max(map(abs, row)) for row in (*H, *K)))
        return Pair(list(map(tuple, H)), list(map(tuple, K)), inner * layer.denominator)


def _require_modest(number: int) -> None:
    if number.bit_length() > _MOST_BITS:
        reject(f"a term with numbers of more than {_MOST_BITS} bits")


def _combined(*parts: tuple[int, Row]) -> Row:
    """The sum of multiples of rows."""
    return tuple(
        [
            sum([m * x for (m, _), x in zip(parts, column, strict=True)])
            for column in zip(*[row for _, row in parts], strict=True)
        ]
    )


def _activated(layer: Layer, before: Pair, signs: Sequence[int]) -> Pair:
    """F and G behind the activation, by the table of FORMAT.md, given the signs of the layer's switches."""
    H, K, scale = before
    match layer.activation:
        case "identity":
            return before
        case "hardtanh":
            return _hardtanh(before, signs)
        case "maxout":
            return _maxout(layer, before, signs)
    M = [h if s > 0 else k for h, k, s in zip(H, K, signs, strict=True)]
    if layer.activation == "relu":
        return Pair(M, K, scale)
    p, q = (-1, 1) if layer.activation == "abs" else layer.slope.as_integer_ratio()
    triples = list(zip(H, K, M, strict=True))
    if p <= 0:
        F = [_combined((q - p, m)) for _, _, m in triples]
        G = [_combined((q, k), (-p, h)) for h, k, _ in triples]
    elif p <= q:
        F = [_combined((p, h), (q - p, m)) for h, _, m in triples]
        G = [_combined((q, k)) for k in K]
    else:
        F = [_combined((p, h), (p - q, k)) for h, k, _ in triples]
        G = [_combined((p, k), (p - q, m)) for _, k, m in triples]
    return Pair(F, G, scale * q)


def _hardtanh(before: Pair, signs: Sequence[int]) -> Pair:
    H, K, scale = before
    one = (*(0,) * (len(H[0]) - 1), scale)
    F, G = [], []
    for h, k, low, high in zip(H, K, signs[::2], signs[1::2], strict=True):
        F.append(h if low > 0 else _combined((1, k), (-1, one)))
        G.append(_combined((1, h), (-1, one)) if high > 0 else k)
    return Pair(F, G, scale)


def _maxout(layer: Layer, before: Pair, signs: Sequence[int]) -> Pair:
    H, K, scale = before
    n_units = layer.n_units
    F, G = [], []
    for u in range(n_units):
        winner = 0
        for t in range(1, layer.pieces):
            if signs[(t - 1) * n_units + u] > 0:
                winner = t
        pieces = K[u * layer.pieces : (u + 1) * layer.pieces]
        whole = _combined(*((1, row) for row in pieces))
        F.append(_combined((1, whole), (1, H[u * layer.pieces + winner]), (-1, pieces[winner])))
        G.append(whole)
    return Pair(F, G, scale)
