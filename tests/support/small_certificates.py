"""Whole certificates of tiny training problems, by brute force over Fractions.

Nothing here is fast and nothing is shared with an engine: cells come from all rays of the arrangement,
multipliers from all small sets of forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import isqrt, lcm

from exactnet.certificate import (
    ArrangementRecord,
    Bound,
    Certificate,
    CountRecord,
    DualBoundRecord,
    EnclosureRecord,
    EvaluationRecord,
    GapRecord,
    Neuron,
    Node,
    PrimalBoundRecord,
    ProblemRecord,
    Record,
    SplitTreeRecord,
)
from tests.support.algebra import Integers, Vector, dot, primitive, ray_pairs, solve

Rows = Sequence[Sequence[int | Fraction | str]]
Signs = dict[int, int]
Weights = dict[int, Fraction]


def problem_record(
    features: Rows, targets: Sequence[int | str], beta: str, norm: str, bias: str
) -> ProblemRecord:
    rows = tuple(tuple(Fraction(x) for x in row) for row in features)
    return ProblemRecord("problem", rows, tuple(Fraction(y) for y in targets), Fraction(beta), norm, bias)


def homogenised(problem: ProblemRecord) -> list[tuple[Fraction, ...]]:
    one = () if problem.bias == "none" else (Fraction(1),)
    return [row + one for row in problem.features]


def n_penalised(problem: ProblemRecord) -> int:
    return len(problem.features[0]) + (problem.bias == "penalised")


def polyhedral(problem: ProblemRecord) -> bool:
    """Is the norm the l1 norm, by name or because one coordinate has only one norm?"""
    return problem.norm == "l1" or n_penalised(problem) == 1


# --------------------------------------------------------------------------------------------- cells


def arrangement_record(problem: ProblemRecord) -> ArrangementRecord:
    """Merge parallel rows; the scales are whatever makes the forms coprime integers."""
    forms: list[Integers] = []
    rows: list[tuple[int, Fraction] | None] = []
    for row in homogenised(problem):
        if not any(row):
            rows.append(None)
            continue
        form = primitive(row)
        opposite = tuple(-x for x in form)
        if form not in forms and opposite not in forms:
            forms.append(form)
        k = forms.index(form) if form in forms else forms.index(opposite)
        p = next(p for p, x in enumerate(forms[k]) if x)
        rows.append((k, row[p] / forms[k][p]))
    return ArrangementRecord("arrangement", "problem", tuple(forms), tuple(rows))


def interior_point(forms: Sequence[Integers], rays: Sequence[Integers], signs: Signs) -> Integers | None:
    """A point with these signs, or None: the sum of all rays of the closed cone is inside if anything is."""
    dimension = len(rays[0])
    inside = [r for r in rays if all(s * dot(forms[k], r) >= 0 for k, s in signs.items())]
    point = tuple(sum(r[p] for r in inside) for p in range(dimension))
    return point if all(s * dot(forms[k], point) > 0 for k, s in signs.items()) else None


def farkas_node(forms: Sequence[Integers], signs: Signs, k: int, s: int) -> Node:
    """c s forms[k] as a positive combination of signed forms, over all independent sets of them."""
    target = [s * x for x in forms[k]]
    for size in range(1, len(target) + 1):
        for chosen in combinations(sorted(signs), size):
            columns = [[signs[j] * x for x in forms[j]] for j in chosen]
            weights = solve(list(zip(*columns, strict=True)), target)
            if weights is not None and all(w > 0 for w in weights):
                c = lcm(*(w.denominator for w in weights))
                return (
                    "farkas",
                    k,
                    s,
                    c,
                    tuple((j, int(c * w)) for j, w in zip(chosen, weights, strict=True)),
                )
    raise AssertionError("the cell is not empty")


def split_tree(
    forms: Sequence[Integers], dimension: int, *, mirror: bool
) -> tuple[tuple[Node, ...], list[Signs]]:
    """Split on the forms in their order; returns the nodes and the signs of the leaves, unmirrored."""
    rays = ray_pairs(forms, dimension)
    nodes: list[Node] = []
    leaves: list[Signs] = []

    def visit(signs: Signs) -> None:
        k = len(signs)
        if k == len(forms):
            point = interior_point(forms, rays, signs)
            assert point is not None
            nodes.append(("cell", point))
            leaves.append(signs)
            return
        branches = [s for s in (1, -1) if interior_point(forms, rays, {**signs, k: s}) is not None]
        if len(branches) == 1:
            nodes.append(farkas_node(forms, signs, k, branches[0]))
            visit({**signs, k: branches[0]})
            return
        nodes.append(("split", k))
        visit({**signs, k: 1})
        if k == 0 and mirror:
            nodes.append(("mirror",))
        else:
            visit({**signs, k: -1})

    visit({})
    return tuple(nodes), leaves


# -------------------------------------------------------------------------------------------- bounds


def shortest(
    problem: ProblemRecord, forms: Sequence[Integers], signs: Signs, g: Vector
) -> tuple[Fraction, Weights]:
    """The least |h|^2 over the penalised coordinates, h = g + sum lambda_j sigma_j forms[j], lambda >= 0.

    Unpenalised coordinates of h must vanish. Brute force over the supports: on each one the conditions of
    Karush, Kuhn and Tucker are a linear system.
    """
    n, dimension = n_penalised(problem), len(g)
    best: tuple[Fraction, Weights] | None = None
    for size in range(dimension + 1):
        for support in combinations(range(len(forms)), size):
            vectors = [[signs[j] * x for x in forms[j]] for j in support]
            unpenalised = range(n, dimension)
            matrix = [
                [dot(a[:n], b[:n]) for b in vectors] + [Fraction(a[p]) for p in unpenalised] for a in vectors
            ]
            matrix += [
                [Fraction(b[p]) for b in vectors] + [Fraction(0)] * (dimension - n) for p in unpenalised
            ]
            rhs = [-dot(a[:n], g[:n]) for a in vectors] + [-Fraction(g[p]) for p in unpenalised]
            found = solve(matrix, rhs)
            if found is None or any(x < 0 for x in found[:size]):
                continue
            weights = dict(zip(support, found[:size], strict=True))
            h = [Fraction(x) for x in g]
            for w, vector in zip(weights.values(), vectors, strict=True):
                h = [x + w * y for x, y in zip(h, vector, strict=True)]
            if any(h[n:]):
                continue
            length = dot(h[:n], h[:n])
            if best is None or length < best[0]:
                best = length, {j: w for j, w in weights.items() if w}
    assert best is not None, "an unpenalised coordinate can not be cancelled: v does not add up to 0"
    return best


def gradient(
    problem: ProblemRecord, arrangement: ArrangementRecord, signs: Signs, v: Vector
) -> list[Fraction]:
    """The sum of v_i z_i over the rows that are active on the cell."""
    g = [Fraction(0)] * len(homogenised(problem)[0])
    for row, entry, v_i in zip(homogenised(problem), arrangement.rows, v, strict=True):
        if entry is not None and entry[1] * signs[entry[0]] > 0:
            g = [x + v_i * z for x, z in zip(g, row, strict=True)]
    return g


def dual_record(
    problem: ProblemRecord,
    arrangement: ArrangementRecord,
    leaves: Sequence[Signs],
    *,
    mirror: bool,
    v: Vector,
) -> DualBoundRecord:
    """The best multiple of v that is dual feasible, with multipliers for every leaf and sign."""
    proofs: list[list[tuple[Fraction, Weights]]] = []
    for signs in leaves:
        opposite = {k: -s for k, s in signs.items()}
        entry = []
        for cell in (signs, opposite) if mirror else (signs,):
            g = gradient(problem, arrangement, cell, v)
            for s in (1, -1):
                entry.append(shortest(problem, arrangement.forms, cell, [s * x for x in g]))
        proofs.append(entry)
    longest = max(length for entry in proofs for length, _ in entry)
    size = dot(v, v)
    factor = dot(v, problem.targets) / size if size else Fraction(0)
    if longest * factor * factor > problem.beta**2:
        # a rational a little below beta / sqrt(longest); the l1 bound asks for less than the l2 bound
        factor = Fraction(isqrt(int(problem.beta**2 / longest * 10**12)), 10**6) * (1 if factor > 0 else -1)
    if factor <= 0:
        # the multipliers are for +v; the zero vector is always feasible
        factor = Fraction(0)
    scaled = tuple(factor * x for x in v)
    bounds = tuple(tuple(_bound(weights, factor) for _, weights in entry) for entry in proofs)
    return DualBoundRecord("dual", "problem", scaled, "leaves", "cells", bounds, dual_value(problem, scaled))


def _bound(weights: Weights, factor: Fraction) -> Bound:
    used = {j: factor * w for j, w in sorted(weights.items()) if factor * w}
    if not used:
        return 0
    den = lcm(*(w.denominator for w in used.values()))
    return (den, *(x for j, w in used.items() for x in (j, int(w * den))))


def dual_value(problem: ProblemRecord, v: Vector) -> Fraction:
    return dot(v, problem.targets) - dot(v, v) / 2


def objective(problem: ProblemRecord, neurons: Sequence[Neuron], t: Fraction, *, product: bool) -> Fraction:
    """The objective of a network; `product` charges beta |u|_1 |a| a neuron."""
    n = n_penalised(problem)
    total = Fraction(0)
    for row, y in zip(homogenised(problem), problem.targets, strict=True):
        output = t + sum((neuron.a * max(Fraction(0), dot(row, neuron.u)) for neuron in neurons), Fraction(0))
        total += (output - y) ** 2 / 2
    for neuron in neurons:
        l1 = sum((abs(x) for x in neuron.u[:n]), Fraction(0))
        square = l1 * l1 if problem.norm == "l1" else dot(neuron.u[:n], neuron.u[:n])
        total += problem.beta * (l1 * abs(neuron.a) if product else (square + neuron.a**2) / 2)
    return total


def cell_records(problem: ProblemRecord, *, mirror: bool) -> tuple[list[Record], list[Signs]]:
    """Arrangement, split tree and count of a problem, and the signs of the leaves."""
    arrangement = arrangement_record(problem)
    mirror = mirror and bool(arrangement.forms)
    nodes, leaves = split_tree(arrangement.forms, len(homogenised(problem)[0]), mirror=mirror)
    n_cells = len(leaves) * (2 if mirror else 1)
    return [
        arrangement,
        SplitTreeRecord("cells", "arrangement", n_cells, nodes),
        CountRecord("count", "cells"),
    ], leaves


def whole_certificate(
    features: Rows,
    targets: Sequence[int | str],
    *,
    beta: str = "1/2",
    norm: str = "l2",
    bias: str = "none",
    mirror: bool = True,
    by: str = "leaves",
    neurons: Sequence[Neuron] = (),
) -> Certificate:
    """Cells, count, dual bound, primal bound, enclosure, evaluation and gap of a tiny training problem."""
    problem = problem_record(features, targets, beta, norm, bias)
    cells, leaves = cell_records(problem, mirror=mirror)
    arrangement = cells[0]
    assert isinstance(arrangement, ArrangementRecord)
    mean = sum(problem.targets, Fraction(0)) / len(problem.targets) if bias == "free" else Fraction(0)
    residual = [y - mean for y in problem.targets]
    dual = dual_record(problem, arrangement, leaves, mirror=mirror and bool(arrangement.forms), v=residual)
    if by == "rays":
        dual = DualBoundRecord("dual", "problem", dual.v, "rays", None, None, dual.value)
    t = mean
    reached = objective(problem, neurons, t, product=polyhedral(problem))
    value = objective(problem, neurons, t, product=False)
    lower, upper = dual.value - Fraction(1, 100), reached + Fraction(1, 100)
    records: list[Record] = [
        problem,
        *cells,
        dual,
        PrimalBoundRecord("primal", "problem", tuple(neurons), t, reached),
        EnclosureRecord("optimum", "problem", "dual", "primal", lower, upper),
        EvaluationRecord("network", "problem", tuple(neurons), t, value),
        GapRecord("gap", "network", "optimum", max(Fraction(0), value - upper), value - lower),
    ]
    claims = ("arrangement", "cells", "count", "dual", "primal", "optimum", "network", "gap")
    return Certificate("a tiny training problem", tuple(records), claims, {"source": "tests"}, {"n": "1"})


def neuron(u: Sequence[int | str], a: int | str) -> Neuron:
    return Neuron(tuple(Fraction(x) for x in u), Fraction(a))
