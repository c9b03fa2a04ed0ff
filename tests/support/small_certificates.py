"""Whole certificates of tiny training problems, by brute force over Fractions.

Nothing here is fast and nothing is shared with an engine: cells come from all rays of the arrangement,
multipliers from all small sets of forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import isqrt, lcm

import mpmath

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

# how far the number of an evaluation may be from a logistic objective
NEAR = Fraction(1, 2**60)

Rows = Sequence[Sequence[int | Fraction | str]]
Signs = dict[int, int]
Weights = dict[int, Fraction]


def problem_record(
    features: Rows,
    targets: Sequence[int | str],
    beta: str,
    norm: str,
    bias: str,
    loss: str = "squared",
    kappa: str = "0",
) -> ProblemRecord:
    rows = tuple(tuple(Fraction(x) for x in row) for row in features)
    values = tuple(Fraction(y) for y in targets)
    return ProblemRecord("problem", rows, values, Fraction(beta), norm, bias, loss, Fraction(kappa))


def homogenised(problem: ProblemRecord) -> list[tuple[Fraction, ...]]:
    one = () if problem.bias == "none" else (Fraction(1),)
    return [row + one for row in problem.features]


def n_penalised(problem: ProblemRecord) -> int:
    return len(problem.features[0]) + (problem.bias == "penalised")


def polyhedral(problem: ProblemRecord) -> bool:
    """Is the norm piecewise linear, by name or because one coordinate has only one norm?"""
    return problem.norm in ("l1", "linf") or n_penalised(problem) == 1


def rational_norm(problem: ProblemRecord, u: Vector) -> Fraction:
    """The l1 or linf norm of the penalised coordinates."""
    sizes = [abs(Fraction(x)) for x in u[: n_penalised(problem)]]
    return max(sizes) if problem.norm == "linf" else sum(sizes, Fraction(0))


def phi(problem: ProblemRecord, height: Fraction) -> Fraction:
    """The activation."""
    return height if height > 0 else problem.kappa * height


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
    """The gradient of sum v_i phi(z_i.u) on the cell."""
    g = [Fraction(0)] * len(homogenised(problem)[0])
    for row, entry, v_i in zip(homogenised(problem), arrangement.rows, v, strict=True):
        if entry is not None:
            slope = 1 if entry[1] * signs[entry[0]] > 0 else problem.kappa
            g = [x + slope * v_i * z for x, z in zip(g, row, strict=True)]
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
    if problem.loss != "squared":
        factor = min(factor, Fraction(1))
    if longest * factor * factor > problem.beta**2:
        # a rational a little below beta / sqrt(longest); the l1 bound asks for less than the l2 bound
        factor = Fraction(isqrt(int(problem.beta**2 / longest * 10**12)), 10**6) * (1 if factor > 0 else -1)
    if problem.norm == "linf":
        factor /= n_penalised(problem)  # the l1 norm of h is at most this often its l2 norm
    if factor <= 0:
        # the multipliers are for +v; the zero vector is always feasible
        factor = Fraction(0)
    scaled = tuple(factor * x for x in v)
    bounds = tuple(tuple(_bound(weights, factor) for _, weights in entry) for entry in proofs)
    value = dual_value(problem, scaled)
    assert value is not None
    if problem.loss == "logistic":
        value = Fraction(int(value * 10**30) - 1, 10**30)
    return DualBoundRecord("dual", "problem", scaled, "leaves", "cells", bounds, value)


def _bound(weights: Weights, factor: Fraction) -> Bound:
    used = {j: factor * w for j, w in sorted(weights.items()) if factor * w}
    if not used:
        return 0
    den = lcm(*(w.denominator for w in used.values()))
    return (den, *(x for j, w in used.items() for x in (j, int(w * den))))


def dual_value(problem: ProblemRecord, v: Vector) -> Fraction | None:
    """The sum of min over f of l_i(f) + v_i f; None where it is minus infinity; 50 digits if logistic."""
    if problem.loss == "squared":
        return dot(v, problem.targets) - dot(v, v) / 2
    shares = [a * y for a, y in zip(v, problem.targets, strict=True)]
    if problem.loss == "l1":
        return sum(shares, Fraction(0)) if all(abs(a) <= 1 for a in v) else None
    if not all(0 <= s <= 1 for s in shares):
        return None
    if problem.loss == "hinge":
        return sum(shares, Fraction(0))
    return sum((_entropy(s) for s in shares), Fraction(0))


def _entropy(s: Fraction) -> Fraction:
    with mpmath.workdps(60):
        parts = [mpmath.mpf(p.numerator) / p.denominator for p in (s, 1 - s) if p]
        return Fraction(str(-sum((p * mpmath.log(p) for p in parts), mpmath.mpf(0))))


def loss(problem: ProblemRecord, f: Fraction, y: Fraction) -> Fraction:
    """The loss of one prediction, to 50 digits if it is logistic."""
    if problem.loss == "squared":
        return (f - y) ** 2 / 2
    if problem.loss == "l1":
        return abs(f - y)
    if problem.loss == "hinge":
        return max(Fraction(0), 1 - y * f)
    with mpmath.workdps(60):
        return Fraction(str(mpmath.log1p(mpmath.exp(-mpmath.mpf(int(y) * f.numerator) / f.denominator))))


def objective(problem: ProblemRecord, neurons: Sequence[Neuron], t: Fraction, *, product: bool) -> Fraction:
    """The objective of a network; `product` charges beta |u| |a| a neuron."""
    n = n_penalised(problem)
    total = Fraction(0)
    for row, y in zip(homogenised(problem), problem.targets, strict=True):
        output = t + sum((n.a * phi(problem, dot(row, n.u)) for n in neurons), Fraction(0))
        total += loss(problem, output, y)
    for neuron in neurons:
        size = rational_norm(problem, neuron.u)
        square = dot(neuron.u[:n], neuron.u[:n]) if problem.norm == "l2" else size * size
        total += problem.beta * (size * abs(neuron.a) if product else (square + neuron.a**2) / 2)
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
    loss: str = "squared",
    kappa: str = "0",
) -> Certificate:
    """Cells, count, dual bound, primal bound, enclosure, evaluation and gap of a tiny training problem."""
    problem = problem_record(features, targets, beta, norm, bias, loss, kappa)
    cells, leaves = cell_records(problem, mirror=mirror)
    arrangement = cells[0]
    assert isinstance(arrangement, ArrangementRecord)
    mean = sum(problem.targets, Fraction(0)) / len(problem.targets) if bias == "free" else Fraction(0)
    # for losses with a bounded slope, a vector that is inside the domain with every smaller multiple
    size = 1 if loss == "squared" else 2 * max(1, *map(abs, problem.targets))
    residual = [(y - mean) / size for y in problem.targets]
    dual = dual_record(problem, arrangement, leaves, mirror=mirror and bool(arrangement.forms), v=residual)
    if by != "leaves":
        dual = DualBoundRecord("dual", "problem", dual.v, by, None, None, dual.value)
    t = mean
    reached = objective(problem, neurons, t, product=polyhedral(problem))
    value = objective(problem, neurons, t, product=False)
    if loss == "logistic":  # numbers that can be written
        reached, value = (Fraction(int(x * 10**30) + 1, 10**30) for x in (reached, value))
    lower, upper = dual.value - Fraction(1, 100), reached + Fraction(1, 100)
    near = NEAR if loss == "logistic" else Fraction(0)
    records: list[Record] = [
        problem,
        *cells,
        dual,
        PrimalBoundRecord("primal", "problem", tuple(neurons), t, reached),
        EnclosureRecord("optimum", "problem", "dual", "primal", lower, upper),
        EvaluationRecord("network", "problem", tuple(neurons), t, value),
        GapRecord("gap", "network", "optimum", max(Fraction(0), value - upper - near), value - lower + near),
    ]
    claims = ("arrangement", "cells", "count", "dual", "primal", "optimum", "network", "gap")
    return Certificate("a tiny training problem", tuple(records), claims, {"source": "tests"}, {"n": "1"})


def neuron(u: Sequence[int | str], a: int | str) -> Neuron:
    return Neuron(tuple(Fraction(x) for x in u), Fraction(a))
