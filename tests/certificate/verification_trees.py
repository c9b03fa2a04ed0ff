"""Random verification certificates that are right, and ways to damage them.

The makers search with the compiled bounds; what they find is judged by the standard-library checker.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyRecord,
    network_record,
)
from exactnet.certificate._verification_exact import exact_minimum
from exactnet.certificate._verification_network import facts_of_network
from exactnet.certificate._verification_proofs import CaseRows, Multipliers
from exactnet.certificate._verification_walk import Bounder, Node, Split
from exactnet.exact import RationalMatrix
from exactnet.model import AffineLayer, Network, Property, Skip
from exactnet.model.property import Case, Row
from tests.support.sealing import Line

ACTIVATIONS = ("relu", "abs", "leaky_relu", "hardtanh", "maxout", "identity")


def random_number(rng: Random, *, float32: bool) -> Fraction:
    if float32:
        return Fraction(rng.randint(-16, 16), 2 ** rng.choice([0, 1, 3, 6]))
    usual = Fraction(rng.randint(-20, 20), rng.choice([1, 2, 3, 7, 10, 64]))
    return rng.choice([Fraction(rng.randint(-3, 3)), usual, Fraction(0)])


def random_network(rng: Random, *, float32: bool = False) -> Network:
    """Chains of relu layers and, if not for float32, all activations and skips; often with zero weights."""
    widths = [rng.randint(1, 3), *(rng.randint(1, 4) for _ in range(rng.randint(1, 3)))]
    general = not float32 and rng.random() < 0.3
    layers = []
    for k in range(len(widths) - 1):
        last = k == len(widths) - 2
        activation = (
            rng.choice(["identity", "identity", "relu"]) if last else rng.choice(["relu"] * 9 + ["identity"])
        )
        if general:
            activation = rng.choice(ACTIVATIONS)
        pieces = rng.choice([2, 3]) if activation == "maxout" else 1
        slope = rng.choice([Fraction(1, 10), Fraction(-1, 2)]) if activation == "leaky_relu" else Fraction(0)
        n_rows = widths[k + 1] * pieces
        sources = [s for s in range(k) if general and rng.random() < 0.2]
        matrices = [
            RationalMatrix.from_rows(
                [[random_number(rng, float32=float32) for _ in range(widths[s])] for _ in range(n_rows)]
            )
            for s in (k, *sources)
        ]
        skips = tuple(Skip(s, matrix) for s, matrix in zip(sources, matrices[1:], strict=True))
        bias = tuple(random_number(rng, float32=float32) for _ in range(n_rows))
        layers.append(AffineLayer(matrices[0], bias, activation, slope, pieces, skips))
    return Network(tuple(layers))


def random_property(rng: Random, network: Network) -> Property:
    """Cases over one or two boxes, some empty or points; bounds at and around values of the network."""
    d, m = network.n_inputs, network.n_outputs
    boxes = []
    for _ in range(rng.randint(1, 2)):
        low = [Fraction(rng.randint(-6, 6), rng.choice([1, 2, 3, 10])) for _ in range(d)]
        widths = [rng.choice([Fraction(0), Fraction(rng.randint(-1, 8), rng.choice([1, 3, 7]))]) for _ in low]
        boxes.append((tuple(low), tuple(a + w for a, w in zip(low, widths, strict=True))))
    cases = []
    for _ in range(rng.choice([0, 1, 1, 2, 3, 4])):
        low, high = rng.choice(boxes)
        points = [
            [a + (b - a) * Fraction(rng.randint(0, 4), 4) for a, b in zip(low, high, strict=True)]
            for _ in range(6)
        ]
        rows = tuple(_random_row(rng, network, m, points) for _ in range(rng.choice([0, 1, 1, 2])))
        cases.append(Case(low, high, rows))
    return Property(d, m, tuple(cases))


def _random_row(rng: Random, network: Network, m: int, points: Sequence[Sequence[Fraction]]) -> Row:
    inputs = {i: random_number(rng, float32=False) for i in range(len(points[0])) if rng.random() < 0.2}
    outputs = {j: random_number(rng, float32=False) for j in range(m) if rng.random() < 0.8}
    free = Row.from_terms(inputs, outputs, 0)
    values = [-free.slack(x, network(x)) for x in points]
    least = min(values)
    bound = rng.choice([least, least - 1, least - Fraction(1, 5), least - rng.randint(0, 5), max(values)])
    return Row.from_terms(inputs, outputs, bound, strict=rng.random() < 0.5)


def property_record(prop: Property) -> PropertyRecord:
    cases = tuple(
        (
            case.lower,
            case.upper,
            tuple((r.inputs, r.outputs, r.bound, "<" if r.strict else "<=") for r in case.rows),
        )
        for case in prop.cases
    )
    return PropertyRecord("p", prop.n_inputs, prop.n_outputs, cases)


class TreeMaker:
    """Grows a tree at random: proofs where some are found, splits of all kinds, open leaves in the end."""

    def __init__(self, rng: Random, bounder: Bounder, prop: Property, cases: tuple[int, ...]) -> None:
        self.rng, self.bounder, self.prop, self.cases = rng, bounder, prop, cases
        self.rows = {k: CaseRows(prop.cases[k], prop.n_outputs) for k in cases}
        self.nodes: list[int] = []
        self.budget = rng.choice([3, 10, 40])

    def grow(self) -> ProofTree:
        box = self.prop.cases[self.cases[0]]
        self._node(self.bounder.root(box.lower, box.upper, self.cases), 0)
        return ProofTree(self.cases, tuple(self.nodes))

    def _node(self, node: Node, depth: int) -> None:
        rng = self.rng
        self.budget -= 1
        if (node.units[0] > node.units[1]).any() and rng.random() < 0.8:
            self.nodes.append(5)
            return
        if rng.random() < 0.1:
            self.bounder.refine(node)
            self.nodes.append(2)
        proofs = {case: self._proof(node, case) for case in node.open}
        closed = [case for case in node.open if proofs[case] is not None]
        if len(closed) == len(node.open):
            self.nodes += [3, *(x for case in closed for x in proofs[case] or ())]
            return
        if closed and rng.random() < 0.7:
            self.nodes += [4, len(closed), *closed, *(x for case in closed for x in proofs[case] or ())]
            node.open = tuple(case for case in node.open if case not in closed)
        if depth > 7 or self.budget < 0:
            self.nodes.append(6)
        else:
            self._children(node, depth)

    def _children(self, node: Node, depth: int) -> None:
        rng, tables = self.rng, self.bounder.tables
        units = [unit for unit in range(self.bounder.n_units) if tables.relu[unit]]
        unstable = [unit for unit in units if node.units[3, unit] == 2]
        if units and rng.random() < 0.5:
            unit = rng.choice(unstable if unstable and rng.random() < 0.9 else units)
            layer = int(np.searchsorted(tables.first, unit, side="right"))
            place = unit - int(tables.first[layer - 1])
            self.nodes += [1, layer, place]
            for sign in (1, -1):
                child = node.copy()
                self.bounder.split(child, Split(layer, place, sign))
                self._node(child, depth + 1)
            return
        i = rng.randrange(node.box.shape[1])
        self.nodes += [0, i]
        middle = (int(node.box[0, i]) + int(node.box[1, i])) >> 1
        for side in (1, 0):
            child = node.copy()
            child.box[side, i] = middle
            self.bounder.refine(child)
            self._node(child, depth + 1)

    def _proof(self, node: Node, case: int) -> list[int] | None:
        rows, rng = self.rows[case], self.rng
        codes = [(row, mode) for row in range(rows.n) for mode in range(3)]
        rng.shuffle(codes)
        for row, mode in codes:
            value = self.bounder.bound(node, rows.single[row], mode)
            if value > 0 or (value == 0 and rows.single[row].strict):
                return [3 * row + mode]
        for _ in range(3):
            found = self._multipliers(node, rows)
            if found is None and not self.bounder.float32:
                found = self._exact(node, rows)
            if found is not None:
                return found
        return None

    def _multipliers(self, node: Node, rows: CaseRows) -> list[int] | None:
        rng, n_units = self.rng, self.bounder.n_units
        weights = tuple(rng.randint(0, 3) for _ in range(rows.n))
        alphas = tuple((unit, rng.randint(0, 256)) for unit in range(n_units) if rng.random() < 0.3)
        betas = tuple((k, rng.randint(1, 50)) for k in range(len(node.splits)) if rng.random() < 0.5)
        down, mode = rng.randint(0, 6) if betas else 0, rng.randint(0, 2)
        total = rows.sum(weights)
        value = self.bounder.bound(node, total, mode, Multipliers(weights, mode, alphas, betas, down))
        if value < 0 or (value == 0 and not total.strict):
            return None
        flat = [x for pair in alphas for x in pair]
        exponent = [down] if betas else []
        return [-1, *weights, mode, len(alphas), *flat, len(betas), *exponent, *(x for b in betas for x in b)]

    def _exact(self, node: Node, rows: CaseRows) -> list[int] | None:
        states = self.bounder.states(node)
        if any(2 in row for row in states):
            return None
        rng, box, one = self.rng, self.prop.cases[self.cases[0]], 1 << self.bounder.grid
        weights = tuple(rng.randint(0, 3) for _ in range(rows.n))
        betas = tuple((k, rng.randint(0, 5)) for k in range(len(node.splits)) if rng.random() < 0.5)
        total = rows.sum(weights)
        ends = [
            (max(low, Fraction(a, one)), min(high, Fraction(b, one)))
            for low, high, a, b in zip(box.lower, box.upper, *node.box.tolist(), strict=True)
        ]
        forces = [(node.splits[k].layer, node.splits[k].unit, -node.splits[k].sign * b) for k, b in betas]
        outputs, inputs = (
            [Fraction(x, total.q) for x in total.u],
            [Fraction(x, total.e) for x in total.direct],
        )
        value = exact_minimum(self.bounder.chain, states, ends, (outputs, inputs, -total.bound), forces)
        if value < 0 or (value == 0 and not total.strict):
            return None
        return [-2, *weights, len(betas), *(x for pair in betas for x in pair)]


def random_certificate(rng: Random) -> Certificate:
    """A tree certificate that both checkers have to accept, complete or partial.

    Raises
    ------
    TooWide : the numbers do not fit into the compiled loops.
    """
    dyadic = rng.random() < 0.4
    network = random_network(rng, float32=dyadic)
    prop = random_property(rng, network)
    semantics = "float32" if dyadic and rng.random() < 0.8 else "real"
    grid = rng.choice([1, 3, 10, 30, 44, 44])
    bounder = Bounder(facts_of_network(network).chain, grid, float32=semantics == "float32")
    boxes: dict[Any, list[int]] = {}
    for k, case in enumerate(prop.cases):
        boxes.setdefault((case.lower, case.upper), []).append(k)
    parts = [
        part for names in boxes.values() for part in ([names] if rng.random() < 0.7 else [[k] for k in names])
    ]
    if rng.random() < 0.1:
        parts = parts[1:]
    trees = tuple(TreeMaker(rng, bounder, prop, tuple(part)).grow() for part in parts)
    claim = NoCounterexampleRecord("c", "n", "p", semantics, grid, trees)
    return Certificate("random", (network_record(network, name="n"), property_record(prop), claim), ("c",))


def random_point(rng: Random) -> Certificate:
    """A counterexample that is right or not."""
    dyadic = rng.random() < 0.5
    network = random_network(rng, float32=dyadic)
    prop = random_property(rng, network)
    box = (
        rng.choice(prop.cases)
        if prop.cases
        else Case((Fraction(0),) * prop.n_inputs, (Fraction(1),) * prop.n_inputs, ())
    )
    point = tuple(
        a + (b - a) * Fraction(rng.randint(0, 4), 4) for a, b in zip(box.lower, box.upper, strict=True)
    )
    if dyadic and rng.random() < 0.8:
        point = tuple(Fraction(round(x * 64), 64) for x in point)
    claim = CounterexampleRecord("c", "n", "p", "float32" if dyadic else "real", point)
    return Certificate("random", (network_record(network, name="n"), property_record(prop), claim), ("c",))


def damaged(rng: Random, records: Sequence[Line]) -> list[Line]:
    """The records with one or two changes, anywhere; the result may still be right."""
    changed = copy.deepcopy(list(records))
    claim = changed[-1]
    kind = rng.random()
    if kind < 0.75 and claim.get("trees"):
        for _ in range(rng.choice([1, 1, 2])):
            _damage_nodes(rng, rng.choice(claim["trees"])["nodes"])
    elif kind < 0.85 and "trees" in claim:
        key = rng.choice(["grid", "semantics", "cases"])
        if key == "cases" and claim["trees"]:
            claim["trees"][0]["cases"] = rng.choice([[], [0], [0, 1], [1], [1, 0]])
        elif key == "semantics":
            claim["semantics"] = rng.choice(["real", "float32", "exact"])
        else:
            claim["grid"] = rng.choice([0, 1, 5, 20, 60, 61, claim["grid"] - 1])
    else:
        _damage_number(rng, changed, rng.randrange(len(changed) - 1))
    return changed


def _damage_nodes(rng: Random, nodes: list[int]) -> None:
    if not nodes:
        return
    k, kind = rng.randrange(len(nodes)), rng.random()
    if kind < 0.5:
        nodes[k] += rng.choice([-1, 1, 2, -2, 3])
    elif kind < 0.6:
        nodes[k] = rng.choice([-1, -2, 0, 1, 3, 5, 6, 256, 257, 2**16, 2**62, -3, 10**30])
    elif kind < 0.75:
        del nodes[k]
    elif kind < 0.85:
        nodes.insert(k, rng.choice([0, 1, 2, 3, 4, 5, 6, -1]))
    elif kind < 0.9:
        del nodes[k:]
    else:
        i = rng.randrange(len(nodes))
        nodes[k], nodes[i] = nodes[i], nodes[k]


def _damage_number(rng: Random, records: list[Line], k: int) -> None:
    text = json.dumps(records[k])
    numbers = list(re.finditer(r'"(-?\d+)(/\d+)?"', text))
    if numbers:
        number = rng.choice(numbers)
        moved = f'"{int(number[1]) + rng.choice([-1, 1])}"'
        records[k] = json.loads(text[: number.start()] + moved + text[number.end() :])
