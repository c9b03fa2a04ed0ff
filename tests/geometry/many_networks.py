"""The fast engines against the reference on many random small tasks, most of them degenerate.

Run `python -m tests.geometry.many_networks 10000` for a long comparison with progress and a verdict; a
further argument is the first seed. Every task belongs to its seed alone.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise

from exactnet.errors import LimitReached
from exactnet.exact import RationalMatrix, rank
from exactnet.geometry.layers import TaskLayer
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.stream import count_cells, stream_cells
from exactnet.geometry.task import RegionTask, arrangement_task, compose, region_task
from exactnet.model import Network

Rows = list[list[int]]

# relu most often; hardtanh and maxout have two switches a unit
_ACTIVATIONS = ("relu",) * 7 + ("leaky_relu", "abs", "hardtanh", "maxout")


# -- random tasks ----------------------------------------------------------------------------------------


def random_task(seed: int) -> RegionTask:
    """A network of depth 1 to 3, some with skips, or an arrangement; 1 to 4 inputs, any kind of domain."""
    rng = random.Random(seed)
    d = rng.choice((1, 2, 2, 3, 3, 3, 4))
    domain = _domain(rng, d)
    if rng.random() < 0.3:
        return arrangement_task(_degenerate_rows(rng, rng.randint(1, 8), d), domain)
    activation = rng.choice(_ACTIVATIONS)
    pieces = rng.choice((2, 3)) if activation == "maxout" else 1
    # four inputs and three layers of six units take the reference minutes
    depth = rng.randint(1, 3 if d < 4 else 2)
    widest = 3 if activation in ("hardtanh", "maxout") else 6 if depth < 3 or d < 3 else 4
    widths = [d, *(max(rng.randint(1, widest), rng.randint(1, widest)) for _ in range(depth))]
    layers = []
    for n_in, n_out in pairwise(widths):
        rows = _degenerate_rows(rng, n_out * pieces, n_in)
        layers.append(([row[:-1] for row in rows], [row[-1] for row in rows]))
    skips = {}
    if depth > 1 and rng.random() < 0.1:
        skips[depth, 0] = [row[:-1] for row in _degenerate_rows(rng, widths[-1] * pieces, d)]
    network = Network.from_arrays(
        layers,
        activation=activation,
        output_activation=activation,
        slope=rng.choice(("1/2", -1, 0, 3, "1/3")),
        pieces=pieces,
        skips=skips,
    )
    return region_task(network, domain)


def _degenerate_rows(rng: random.Random, n_rows: int, n_columns: int) -> Rows:
    """Rows (a, b) with zero, repeated, parallel, opposite, dead and ternary ones among them."""
    size = rng.choice((1, 1, 2, 3, 5))
    zero_bias = rng.random() < 0.2
    rows: Rows = []
    for _ in range(n_rows):
        row = [rng.randint(-size, size) for _ in range(n_columns + 1)]
        other = rng.choice(rows) if rows else row
        change = rng.random()
        if change < 0.04:
            row = [0] * (n_columns + 1)
        elif change < 0.07:
            row = [0] * n_columns + [rng.choice((-1, 1))]
        elif change < 0.13:
            row = list(other)
        elif change < 0.19:
            row = [*other[:-1], rng.randint(-size, size)]
        elif change < 0.25:
            row = [rng.choice((-1, -2)) * x for x in other]
        elif change < 0.29:
            row = [-abs(x) for x in row]
        if zero_bias:
            row[-1] = 0
        rows.append(row)
    return rows


def _domain(rng: random.Random, d: int) -> Polyhedron | None:
    """None, a box, a flat one, an empty set, or any polyhedron."""
    kind = rng.random()
    if kind < 0.45:
        return None
    low = [rng.randint(-2, 1) for _ in range(d)]
    if kind < 0.7:
        return Polyhedron.box(low, [x + rng.randint(1, 3) for x in low])
    if kind < 0.75:
        return Polyhedron.box(low, [x + rng.randint(0, 1) for x in low])
    if kind < 0.79:
        row = [rng.randint(-2, 2) for _ in range(d)]
        return Polyhedron(((*row, -1), (*[-x for x in row], 0)), d)
    n_rows = rng.randint(1, d + 3)
    rows = tuple((*(rng.randint(-2, 2) for _ in range(d)), rng.randint(0, 6)) for _ in range(n_rows))
    return Polyhedron(rows, d)


def is_degenerate(task: RegionTask) -> bool:
    """Constant or parallel first forms, a layer without biases, repeated weights, lines, or no interior."""
    forms = compose(task, 0, ())
    parallel = any(rank([f[:-1], g[:-1]]) < 2 for f, g in combinations(forms, 2)) if task.dimension else True
    repeated = any(
        rank([[*f, b], [*g, c]]) < 2
        for layer in task.layers
        for (f, b), (g, c) in combinations(zip(layer.weight.numerators, layer.bias, strict=True), 2)
    )
    unbiased = any(not any(layer.bias) for layer in task.layers)
    flat = next(reference_cells(replace(task, layers=(), readout=None)), None) is None
    lines = reduce_task(task).reduced.dimension < task.dimension
    return parallel or repeated or unbiased or flat or lines


# -- the comparison --------------------------------------------------------------------------------------


def disagreement(task: RegionTask) -> str | None:
    """What a fast engine, one that goes on from a limit, or the stream of arrangements finds differently."""
    cells = list(reference_cells(task))
    expected = [cell.signs for cell in cells]
    n_bounded = sum(all(ray[-1] for ray in cell.rays) for cell in cells)
    found = network_cells(task, engine="float64")
    wrong = _difference(found, expected, n_bounded)
    if wrong:
        return "all at once: " + wrong
    by_programs = network_cells(task, engine="lp")
    wrong = _difference(by_programs, expected, n_bounded)
    if wrong:
        return "by linear programs: " + wrong
    wrong = _difference(_in_two_goes(task, len(cells) // 2), expected, n_bounded)
    if wrong:
        return "in two goes: " + wrong
    counted = network_cells(task, engine="float64", count_only=True)
    if (counted.n_cells, counted.n_relatively_bounded) != (len(cells), n_bounded):
        return f"counted {counted.n_cells} and {counted.n_relatively_bounded}"
    if len(task.layers) == 1:
        listed: list[tuple[int, ...]] = []
        stream_cells(task, lambda table: listed.extend(map(tuple, table.unpack().tolist())))
        if sorted(listed) != sorted(expected):
            return f"the stream lists {len(listed)} cells, expected {len(expected)}"
        if count_cells(task).n_bounded != found.n_bounded:
            return "the stream counts other bounded cells"
    return None


def _in_two_goes(task: RegionTask, max_cells: int) -> NetworkCells:
    try:
        return network_cells(task, engine="float64", max_cells=max_cells)
    except LimitReached as stopped:
        partial = stopped.partial
        assert isinstance(partial, NetworkCells)
        assert partial.n_cells <= max_cells
        return network_cells(task, engine="float64", resume=partial)


def _difference(found: NetworkCells, expected: list[tuple[int, ...]], n_bounded: int) -> str:
    listed = list(map(tuple, found.signs.unpack().tolist()))
    if len(listed) != found.n_cells or len(set(listed)) != len(listed):
        return f"{found.n_cells} cells, {len(listed)} rows, {len(set(listed))} of them distinct"
    if set(listed) != set(expected):
        return f"too many {set(listed) - set(expected)}, missing {set(expected) - set(listed)}"
    if listed != expected:
        return f"another order: {listed}, expected {expected}"
    if found.n_relatively_bounded != n_bounded:
        return f"{found.n_relatively_bounded} bounded cells, expected {n_bounded}"
    return ""


# -- making a failure small --------------------------------------------------------------------------------


def minimised(task: RegionTask) -> RegionTask:
    """A task with fewer and smaller numbers on which something still differs."""
    while True:
        for smaller in _simpler(task):
            try:
                fails = disagreement(smaller) is not None
            except Exception:
                fails = True
            if fails:
                task = smaller
                break
        else:
            return task


def _simpler(task: RegionTask) -> Iterator[RegionTask]:
    if len(task.layers) > 1:
        yield replace(task, layers=task.layers[:-1], readout=None)
    for k in range(len(task.domain)):
        yield replace(task, domain=task.domain[:k] + task.domain[k + 1 :])
    last = task.layers[-1]
    for j in range(last.n_units) if last.n_units > 1 and not last.n_passed else ():
        rows = last.weight.numerators
        weight = RationalMatrix.from_integers(
            [*rows[:j], *rows[j + 1 :]], last.weight.denominator, n_columns=last.n_inputs
        )
        layer = replace(last, weight=weight, bias=last.bias[:j] + last.bias[j + 1 :])
        yield replace(task, layers=(*task.layers[:-1], layer), readout=None)
    for k, layer in enumerate(task.layers):
        for smaller in _with_a_zero(layer):
            yield replace(task, layers=(*task.layers[:k], smaller, *task.layers[k + 1 :]))


def _with_a_zero(layer: TaskLayer) -> Iterator[TaskLayer]:
    for i, row in enumerate(layer.weight.numerators):
        for j, value in enumerate(row):
            if value:
                rows = [list(r) for r in layer.weight.numerators]
                rows[i][j] = 0
                weight = RationalMatrix.from_integers(
                    rows, layer.weight.denominator, n_columns=layer.n_inputs
                )
                yield replace(layer, weight=weight)
    for i, value in enumerate(layer.bias):
        if value:
            yield replace(layer, bias=(*layer.bias[:i], Fraction(0), *layer.bias[i + 1 :]))


def main(n_tasks: int, first: int = 0) -> int:
    """Compare, print progress and the verdict; 1 if something differs."""
    start = time.perf_counter()
    n_degenerate = n_cells = n_different = 0
    for seed in range(first, first + n_tasks):
        task = random_task(seed)
        n_degenerate += is_degenerate(task)
        try:
            wrong = disagreement(task)
        except Exception as error:
            wrong = repr(error)
        n_cells += network_cells(task, engine="float64", count_only=True).n_cells if wrong is None else 0
        if wrong is not None:
            n_different += 1
            print(f"seed {seed}: {wrong}\n  smaller: {minimised(task)!r}", flush=True)
        if (seed - first + 1) % 500 == 0:
            passed = time.perf_counter() - start
            done = seed - first + 1
            print(f"{done} tasks, {n_degenerate} degenerate, {n_cells} cells, {passed:.0f} s", flush=True)
    verdict = "equal" if n_different == 0 else f"DIFFERENT in {n_different}"
    print(f"{n_tasks} tasks from seed {first}, {n_degenerate} degenerate, {n_cells} cells: {verdict}")
    return int(n_different > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
