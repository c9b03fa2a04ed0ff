"""Networks, properties and certificates of verification for tests, and a slow prover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    LayerRecord,
    NetworkRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyCase,
    PropertyRecord,
    PropertyRow,
    certificate_text,
)
from exactnet.certificate.encode import record_object
from exactnet.checker import Verdict, check_text
from exactnet.checker.network import check_network
from exactnet.checker.properties import check_property
from exactnet.checker.read import Rejection
from exactnet.checker.relu_bounds import Propagation, Split
from exactnet.checker.relu_network import ReluNetwork, lowered
from exactnet.checker.relu_proofs import CaseProofs, Stream
from exactnet.checker.verification import _Node, _Tree

Numbers = Sequence[object]


def vector(values: Numbers) -> tuple[Fraction, ...]:
    return tuple(Fraction(str(v)) for v in values)


def layer(weight: Sequence[Numbers], bias: Numbers, activation: str = "relu") -> LayerRecord:
    return LayerRecord(tuple(map(vector, weight)), vector(bias), activation)


def chain(*layers: LayerRecord) -> NetworkRecord:
    return NetworkRecord("n", len(layers[0].weight[0]), layers)


def row(
    outputs: dict[int, object], bound: object, relation: str = "<=", inputs: dict[int, object] | None = None
) -> PropertyRow:
    terms = [
        tuple((k, Fraction(str(c))) for k, c in sorted(part.items())) for part in (inputs or {}, outputs)
    ]
    return terms[0], terms[1], Fraction(str(bound)), relation


def case(lower: Numbers, upper: Numbers, *rows: PropertyRow) -> PropertyCase:
    return vector(lower), vector(upper), rows


def prop(n_outputs: int, *cases: PropertyCase, n_inputs: int | None = None) -> PropertyRecord:
    return PropertyRecord("p", n_inputs or len(cases[0][0]), n_outputs, cases)


# |x|, by two units
ABSOLUTE = chain(layer([[1], [-1]], [0, 0]), layer([[1, 1]], [0], "identity"))


def certificate(
    network: NetworkRecord,
    unsafe: PropertyRecord,
    *trees: Sequence[int] | ProofTree,
    semantics: str = "real",
    grid: int = 30,
) -> Certificate:
    """A claim; a plain list of nodes is a tree for all cases."""
    everything = tuple(range(len(unsafe.cases)))
    made = tuple(t if isinstance(t, ProofTree) else ProofTree(everything, tuple(t)) for t in trees)
    claim = NoCounterexampleRecord("c", network.id, unsafe.id, semantics, grid, made)
    return Certificate("a test", (network, unsafe, claim), ("c",))


def verdict(
    network: NetworkRecord,
    unsafe: PropertyRecord,
    *trees: Sequence[int] | ProofTree,
    semantics: str = "real",
    grid: int = 30,
) -> Verdict:
    return check_text(certificate_text(certificate(network, unsafe, *trees, semantics=semantics, grid=grid)))


def point_certificate(
    network: NetworkRecord, unsafe: PropertyRecord, point: Numbers, semantics: str = "real"
) -> Certificate:
    claim = CounterexampleRecord("x", network.id, unsafe.id, semantics, vector(point))
    return Certificate("a test", (network, unsafe, claim), ("x",))


def point_verdict(
    network: NetworkRecord, unsafe: PropertyRecord, point: Numbers, semantics: str = "real"
) -> Verdict:
    return check_text(certificate_text(point_certificate(network, unsafe, point, semantics)))


def relu_network(network: NetworkRecord) -> ReluNetwork:
    return lowered(check_network(record_object(network, 0), network.id, {}))


# ---------------------------------------------------------------------------------------------- random


def random_chain(random: Random, *, n_inputs: int = 2, width: int = 3, binary: bool = False) -> NetworkRecord:
    """One to three layers; zero, equal and dead units occur often; with `binary`, binary32 numbers."""
    widths = [random.randint(1, n_inputs)]
    layers = []
    for _ in range(random.randint(1, 3)):
        widths.append(random.randint(1, width))
        dens = [1, 2, 8, 2**20] if binary else [1, 1, 2, 3, 5]
        den = random.choice(dens)

        def number(den: int = den) -> Fraction:
            return Fraction(random.randint(-2 * den, 2 * den), den) * (random.random() < 0.8)

        weight = [[number() for _ in range(widths[-2])] for _ in range(widths[-1])]
        bias = [number() for _ in range(widths[-1])]
        layers.append(layer(weight, bias, random.choice(["relu", "relu", "identity"])))
    return chain(*layers)


def random_property(random: Random, network: NetworkRecord, *, n_cases: int = 2) -> PropertyRecord:
    """Cases of one box, or of several; bounds that are often attained."""
    d, m = network.n_inputs, len(network.layers[-1].bias)
    cases: list[PropertyCase] = []
    for _ in range(random.randint(1, n_cases)):
        if not cases or random.random() < 0.3:
            lower = [Fraction(random.randint(-4, 2), random.choice([1, 2, 3])) for _ in range(d)]
            upper = [a + Fraction(random.randint(0, 4), random.choice([1, 2, 3])) for a in lower]
        rows = [
            row(
                {j: c for j in range(m) if (c := random.randint(-2, 2))},
                Fraction(random.randint(-6, 6), random.choice([1, 1, 2])),
                random.choice(["<=", "<"]),
                {i: c for i in range(d) if (c := random.choice([0, 0, 0, 1, -1]))},
            )
            for _ in range(random.randint(1, 2))
        ]
        cases.append(case(lower, upper, *rows))
    return prop(m, *cases)


# ---------------------------------------------------------------------------------------------- prover


def prove(
    network: NetworkRecord,
    unsafe: PropertyRecord,
    *,
    semantics: str = "real",
    grid: int = 30,
    depth: int = 6,
    random: Random | None = None,
) -> Certificate:
    """A certificate by trying all short proofs at every node; open leaves where the depth is reached."""
    chosen = random or Random(0)
    facts = check_property(record_object(unsafe, 0), unsafe.id, {})
    propagation = Propagation(relu_network(network), grid, float32=semantics == "float32")
    boxes: dict[tuple[object, ...], list[int]] = {}
    for k, found in enumerate(facts.cases):
        boxes.setdefault(found[:2], []).append(k)
    trees = []
    for cases in boxes.values():
        tree = _Tree(propagation, facts, tuple(cases), [])
        nodes = _prove(tree, tree._root(), depth, chosen)
        trees.append(ProofTree(tuple(cases), tuple(nodes)))
    return certificate(network, unsafe, *trees, semantics=semantics, grid=grid)


def _prove(tree: _Tree, node: _Node, depth: int, random: Random) -> list[int]:
    if node.is_empty:
        return [5]
    found = {c: _proof(tree.proofs[c], node, random) for c in node.cases}
    closed = {c: proof for c, proof in found.items() if proof is not None}
    if len(closed) == len(node.cases):
        return [3, *(x for proof in closed.values() for x in proof)]
    if depth == 0:
        return [6]
    head: list[int] = []
    if closed:
        head = [4, len(closed), *closed, *(x for proof in closed.values() for x in proof)]
        node = replace(node, cases=tuple(c for c in node.cases if c not in closed))
    network = tree.propagation.network
    unstable = [
        (m, u)
        for m, layer in enumerate(network.layers, start=1)
        for u, relu in enumerate(layer.is_relu)
        if relu and node.bounds.low[m - 1][u] < 0 < node.bounds.high[m - 1][u]
    ]
    if unstable and random.random() < 0.6:
        m, u = random.choice(unstable)
        sides = [tree._side(node, split) for split in _splits(m, u)]
        if random.random() < 0.5:
            sides = [_refined(tree, side) for side in sides]
            below = [x for side in sides for x in (2, *_prove(tree, side, depth - 1, random))]
            return [*head, 1, m, u, *below]
        return [*head, 1, m, u, *(x for side in sides for x in _prove(tree, side, depth - 1, random))]
    i = random.randrange(len(node.lower))
    halves = [tree._half(node, i, upper=upper) for upper in (False, True)]
    return [*head, 0, i, *(x for half in halves for x in _prove(tree, half, depth - 1, random))]


def _splits(m: int, u: int) -> tuple[Split, Split]:
    return Split(m, u, 1), Split(m, u, -1)


def _refined(tree: _Tree, node: _Node) -> _Node:
    return replace(node, bounds=tree.propagation.refined(node.bounds, node.bounds.lo, node.bounds.hi))


def _proof(proofs: CaseProofs, node: _Node, random: Random) -> list[int] | None:
    n = len(proofs.case.rows)
    tries = [[p] for p in range(3 * n)]
    tries += [[-1, *([1] * n), 0, 0, 0], [-1, *(random.randint(0, 3) for _ in range(n)), 2, 0, 0]]
    if node.splits:
        k = random.randrange(len(node.splits))
        tries += [[-1, *([1] * n), 0, 0, 1, 2, k, random.randint(1, 8)], [-1, *([0] * n), 0, 0, 1, 0, k, 1]]
    tries += [[-2, *([1] * n), 0], *([-2, *(int(r == s) for r in range(n)), 0] for s in range(n))]
    if node.splits:
        tries += [[-2, *([1] * n), len(node.splits), *(x for k in range(len(node.splits)) for x in (k, 1))]]
    for attempt in tries:
        try:
            proofs.check(Stream(attempt), node)
        except Rejection:
            continue
        return attempt
    return None
