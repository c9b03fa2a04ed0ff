"""Proofs by halving the inputs: for networks with up to about a dozen of them.

The search itself is :mod:`exactnet.kernels.crown`, in floats. Where it meets a point that seems unsafe, the
point is evaluated exactly; where all that is left is a tie, or no unit is unstable any more, the units are
split one by one and exact linear programmes decide. So strict and non-strict boundaries are told apart, and a
tie is never halved for ever. What comes out is a tree in the codes of FORMAT.md; nobody has to believe it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from exactnet.kernels.crown import CrownSearch, Stop
from exactnet.model.property import Case, Property
from exactnet.verify.exact_tree import ExactNode, exact_tree
from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.proofs import Limits, Search, Tree

__all__ = ["MOST_INPUTS", "TIE", "prove_by_input_splitting"]

MOST_INPUTS = 12
_BATCH = 2000
TIE = "a tie in which many units take part"
LOST = "a point is closer to a violation than the rounding noise of float32"

Point = tuple[Fraction, ...]


def prove_by_input_splitting(
    net: ReluNetwork,
    prop: Property,
    cases: tuple[int, ...],
    *,
    float32: bool,
    grid: int,
    limits: Limits,
    margin: float = 2.0**-30,
) -> Search:
    """Refute some cases of a property, all with the same box, by a tree of bisections.

    Parameters
    ----------
    cases : their numbers.
    float32 : add the rounding noise of float32 execution to all bounds.
    grid : binary digits of the grid on which boxes are halved.
    margin : how far above 0 a float bound must be to be written down.

    Returns
    -------
    Search
        A complete tree, or a point that satisfies a case in exact arithmetic, or an open tree and the reason.
    """
    found = [prop.cases[c] for c in cases]
    box = _grid_box(found[0], grid)
    if any(low > high for low, high in zip(*box, strict=True)) or _is_empty(found[0]):
        return Search(Tree(cases, (5,), 1, True), None, "the box is empty")
    search = _search(net, found, cases, box, float32=float32, grid=grid, margin=margin)
    open_leaves = 0
    while True:
        stop = search.run(min(int(search.counters[3]) + _BATCH, limits.max_nodes))
        if stop is Stop.FINISHED:
            complete = open_leaves == 0
            reason = "refuted" if complete else "some boxes stay open"
            return _result(search, cases, complete, None, reason)
        if limits.is_over or search.counters[3] >= limits.max_nodes:
            return _open(search, cases, "the limit is reached")
        if stop is Stop.CANDIDATE:
            witness = confirmed(net, found, search.candidate, float32=float32)
            if witness is not None:
                return _result(search, cases, False, witness, "a counterexample")
        if stop in (Stop.CANDIDATE, Stop.HOPELESS):
            if float32 and is_lost_in_noise(net, found, search.candidate):
                return _open(search, cases, LOST)
            search.look_away()
        if stop is Stop.EXACT:
            if float32:
                search.settle((6,), 1)
                open_leaves += 1
                continue
            decided = exact_tree(_exact_node(net, search, prop, cases, grid), limits)
            if decided.witness is not None:
                return _result(search, cases, False, decided.witness, "a counterexample")
            if not decided.is_complete:
                return _open(search, cases, TIE)
            search.settle(decided.nodes, decided.n_leaves)


def _search(
    net: ReluNetwork,
    cases: Sequence[Case],
    numbers: Sequence[int],
    box: tuple[list[int], list[int]],
    *,
    float32: bool,
    grid: int,
    margin: float,
) -> CrownSearch:
    layers = net.floats
    rows, rows_x, bounds = [], [], []
    for case in cases:
        outputs = np.zeros((len(case.rows), net.n_outputs))
        inputs = np.zeros((len(case.rows), net.n_inputs))
        for r, row in enumerate(case.rows):
            for j, c in row.outputs:
                outputs[r, j] = float(c)
            for i, a in row.inputs:
                inputs[r, i] = float(a)
        rows.append(outputs)
        rows_x.append(inputs)
        bounds.append(np.array([float(row.bound) for row in case.rows]))
    return CrownSearch(
        [layer.weight for layer in layers],
        [layer.bias for layer in layers],
        [layer.is_relu for layer in layers],
        rows,
        rows_x,
        bounds,
        np.array(box[0], dtype=np.int64),
        np.array(box[1], dtype=np.int64),
        unit=2.0**-grid,
        numbers=numbers,
        margin=margin,
        noisy=float32,
    )


def _grid_box(case: Case, grid: int) -> tuple[list[int], list[int]]:
    scale = 2**grid
    return [math.floor(x * scale) for x in case.lower], [math.ceil(x * scale) for x in case.upper]


def _is_empty(case: Case) -> bool:
    return any(low > high for low, high in zip(case.lower, case.upper, strict=True))


def confirmed(net: ReluNetwork, cases: Sequence[Case], x: np.ndarray, *, float32: bool) -> Point | None:
    """The point moved into the box of the cases, if it satisfies one of them in exact arithmetic.

    Its float32 neighbour inside the box is tried first.
    """
    for case in cases:
        near = [float(np.float32(value)) for value in x]
        for values in (near, [float(value) for value in x]):
            point = tuple(
                min(max(Fraction(value), low), high)
                for value, low, high in zip(values, case.lower, case.upper, strict=True)
            )
            if holds(case, point, net.values(point)):
                return point
    return None


def is_lost_in_noise(net: ReluNetwork, cases: Sequence[Case], x: np.ndarray) -> bool:
    """Whether some case is nearer to holding at x than the rounding noise there; in floats."""
    unit = 2.0**-24
    h, maps, noises = np.asarray(x, dtype=np.float64), [], []
    for layer in net.floats:
        terms = np.count_nonzero(layer.weight, axis=1) + 3
        noises.append(terms * unit * (np.abs(layer.weight) @ np.abs(h) + np.abs(layer.bias)))
        z = layer.weight @ h + layer.bias
        on = np.where(layer.is_relu, z > 0, True)
        maps.append(on)
        h = np.where(on, z, 0.0)
    for case in cases:
        lost = True
        for row in case.rows:
            v = np.zeros(net.n_outputs)
            for j, c in row.outputs:
                v[j] = float(c)
            value = v @ h + sum(float(a) * x[i] for i, a in row.inputs) - float(row.bound)
            noise = 0.0
            for layer, on, rho in zip(reversed(net.floats), reversed(maps), reversed(noises), strict=True):
                v = np.where(on, v, 0.0)
                noise += float(np.abs(v) @ rho)
                v = v @ layer.weight
            lost = lost and value <= noise
        if lost:
            return True
    return False


def holds(case: Case, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
    """Whether all rows of the case hold at x with the outputs y."""
    for row in case.rows:
        total = sum((a * x[i] for i, a in row.inputs), Fraction(0))
        total += sum((c * y[j] for j, c in row.outputs), Fraction(0))
        if total > row.bound or (row.strict and total == row.bound):
            return False
    return True


def _exact_node(
    net: ReluNetwork, search: CrownSearch, prop: Property, cases: tuple[int, ...], grid: int
) -> ExactNode:
    low, high = search.box
    lower, upper = search.unit_bounds
    first = prop.cases[cases[0]]
    unit = Fraction(1, 2**grid)
    exact_low = tuple(max(a, int(b) * unit) for a, b in zip(first.lower, low, strict=True))
    exact_high = tuple(min(a, int(b) * unit) for a, b in zip(first.upper, high, strict=True))
    return ExactNode(
        net,
        tuple(cases[c] for c in search.open_cases),
        tuple(prop.cases[cases[c]] for c in search.open_cases),
        (exact_low, exact_high),
        tuple(lower.tolist()),
        tuple(upper.tolist()),
    )


def _open(search: CrownSearch, cases: tuple[int, ...], reason: str) -> Search:
    while search.counters[0] > 0:
        search.settle((6,), 1)
    return _result(search, cases, False, None, reason)


def _result(
    search: CrownSearch, cases: tuple[int, ...], complete: bool, witness: Point | None, reason: str
) -> Search:
    n_leaves = int(search.counters[2])
    tree = None if witness is not None else Tree(cases, tuple(search.nodes.tolist()), n_leaves, complete)
    stats = {"n_nodes": int(search.counters[3]), "n_leaves": n_leaves, "depth": int(search.counters[5])}
    return Search(tree, witness, reason, stats)
