"""The rest of the convex benchmark: four coordinates, real data, memory, multi-start training, peers.

Called by :mod:`tests.benchmarks.bench_convex`; each part prints its lines and returns whether what is proved
is as stated. Ratios depend on the machine and are only printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Result
from exactnet.convex import Optimum, TrainingProblem, optimum, training_problem
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.crosscheck import compare, train
from exactnet.io import load_dataset
from exactnet.model import Dataset
from tests.benchmarks.timing import cpu_seconds

Floats = NDArray[np.float64]
Plain = Callable[[Floats, Floats, float, NDArray[np.bool_]], float]

REAL = ("iris", "wine", "breast_cancer", "diabetes")
OTHERS = ("adelie", "scnn")


def posed(rows: Floats, y: Floats, beta: float) -> TrainingProblem:
    """The training problem of float data, each float by its exact value."""
    return training_problem(Dataset.from_arrays(rows.tolist(), y.tolist()), beta=Fraction(str(beta)))


def against_plain(name: str, rows: Floats, y: Floats, beta: float, plain: Plain, asked: float) -> bool:
    """The certified optimum and the plain programme on the same data; prints one line."""
    problem = posed(rows, y, beta)
    start = cpu_seconds()
    result = optimum(problem)
    ours = cpu_seconds() - start
    active = float_cells(problem, activation_cells(problem)).active
    start = cpu_seconds()
    value = plain(rows, y, beta, active)
    theirs = cpu_seconds() - start
    agrees = abs(value - float(result.value.upper)) <= 1e-5 * value
    fine = _certified(result, Fraction(1, 10**9)) and agrees
    word = "reached" if fine and theirs / ours >= asked else "MISSED "
    print(
        f"{word}  {name}: {len(active)} cells, proof {ours:.2f} s, plain programme {theirs:.2f} s, "
        f"{theirs / ours:.0f} times as fast (asked {asked:g}); values {'agree' if agrees else 'DIFFER'}",
        flush=True,
    )
    return fine


def four_coordinates(plain: Plain, *, quick: bool) -> bool:
    """(24, 4) against the plain programme, and (60, 4) certified."""
    random = np.random.default_rng(0)

    def planted(n: int) -> tuple[Floats, Floats]:
        rows = random.standard_normal((n, 4))
        y = np.maximum(rows @ random.standard_normal((4, 3)), 0) @ random.standard_normal(3)
        return rows, y + 0.3 * random.standard_normal(n)

    fine = against_plain("(24, 4) planted", *planted(24), 0.5, plain, 8)
    if quick:
        return fine
    start = cpu_seconds()
    result = optimum(posed(*planted(60), 0.5))
    certified = _certified(result, Fraction(1, 10**9))
    print(
        f"{'reached' if certified else 'MISSED '}  (60, 4) planted: {result.value.n_patterns} cells, "
        f"certified relative gap {float(_gap(result)):.1e} (asked 1e-09) in {cpu_seconds() - start:.1f} s",
        flush=True,
    )
    return fine and certified


def real_data(plain: Plain) -> bool:
    """Standardised columns, d - 1 principal components and a column of ones; (60, 2) and (40, 3)."""
    fine = True
    for name in REAL:
        dataset = load_dataset(name)
        features = np.array([[float(x) for x in row] for row in dataset.features.rows()])
        features = (features - features.mean(0)) / np.where(features.std(0) > 0, features.std(0), 1)
        y = np.array([float(t) for t in dataset.targets])
        y = (y - y.mean()) / y.std()
        turned = features @ np.linalg.svd(features, full_matrices=False)[2].T
        for n, d in ((60, 2), (40, 3)):
            chosen = np.linspace(0, len(y) - 1, n).astype(int)
            rows = np.column_stack([turned[chosen, : d - 1], np.ones(n)])
            fine = against_plain(f"{name} ({n}, {d})", rows, y[chosen], 0.5, plain, 1) and fine
    return fine


def multi_start() -> bool:
    """How far the best of twenty trainings stays above the proved optimum."""
    random = np.random.default_rng(3)
    rows = random.standard_normal((100, 2))
    y = np.maximum(rows @ random.standard_normal((2, 3)), 0) @ random.standard_normal(3)
    best = optimum(posed(rows, y + 0.3 * random.standard_normal(100), 0.5))
    for optimizer in ("adam", "lbfgs"):
        start = cpu_seconds()
        result = compare(train(best.value.problem, n_seeds=20, optimizer=optimizer), best)
        gap = min(report.gap_upper for report in result.value.reports) / best.value.upper
        print(
            f"         {optimizer}, 20 starts at (100, 2): {cpu_seconds() - start:.1f} s, the best is at "
            f"most {float(gap):.1e} above the optimum, proved; training alone proves nothing",
            flush=True,
        )
    return _certified(best, Fraction(1, 10**9))


def memory() -> None:
    """Peak memory of both ways at (100, 3), each in a process of its own, above that of the imports."""
    used = {kind: _child(kind) for kind in ("nothing", "ours", "plain")}
    ours, theirs = used["ours"] - used["nothing"], used["plain"] - used["nothing"]
    word = "reached" if theirs >= 20 * ours else "MISSED "
    print(
        f"{word}  memory at (100, 3): {ours / 1024:.0f} MB against {theirs / 1024:.0f} MB of the plain "
        f"programme, {theirs / max(ours, 1):.0f} times less (asked 20)",
        flush=True,
    )


def other_packages() -> None:
    """Packages that solve the same programme, where they are installed."""
    for name in OTHERS:
        known = "installed, but nothing here knows how to call it" if find_spec(name) else "not installed"
        print(f"         {name}: {known}")


def _child(kind: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.convex_more", kind],
        capture_output=True,
        text=True,
        check=True,
    )
    kilobytes: int = json.loads(done.stdout)
    return kilobytes


def _alone(kind: str) -> None:
    """One way to solve (100, 3) in this process; prints its peak memory in kB."""
    import resource

    from exactnet.convex.sweep import sweep_optimum
    from tests.benchmarks.bench_convex import Case, data, plain_program, problem_of

    case = Case(100, 3)
    rows, y = data(case)
    active = float_cells(problem_of(case), activation_cells(problem_of(case))).active
    plain_program(rows[:6], y[:6], 0.5, active[:4, :6])
    sweep_optimum(problem_of(Case(12, 3)))
    if kind == "ours":
        sweep_optimum(problem_of(case))
    if kind == "plain":
        plain_program(rows, y, case.beta, active)
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def _gap(result: Result[Optimum]) -> Fraction:
    return (result.value.primal_value - result.value.dual_value) / result.value.primal_value


def _certified(result: Result[Optimum], gap: Fraction) -> bool:
    return result.check().accepted and _gap(result) <= gap


if __name__ == "__main__":
    _alone(sys.argv[1])
