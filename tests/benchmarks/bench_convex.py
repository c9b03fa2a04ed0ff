"""How fast optima are certified: python -m tests.benchmarks.bench_convex [--quick].

The sweep engine against the plain convex programme over all activation patterns (Pilanci and Ergen 2020,
equation (P)), written in CVXPY with matrices and solved by Clarabel. CPU seconds of one process, after the
compiled loops have been loaded; the plain programme is given its patterns for nothing. *solve* is the float
engine with its data structures, *proof* everything: rational bounds, the checker's own sweep, the
certificate. Gaps are those of the exact bounds. Verdict lines end the table; the exit code is 1 if a gap or
a certificate is not as stated (ratios depend on the machine and are only printed).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Status
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.program import TrainingProblem, training_problem
from exactnet.convex.sweep import sweep_optimum
from exactnet.convex.sweep_generate import sweep_generation
from exactnet.convex.sweep_plan import sweep_plan
from exactnet.model import Dataset
from tests.benchmarks.convex_more import four_coordinates, memory, multi_start, other_packages, real_data
from tests.benchmarks.timing import cpu_seconds, seconds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One data set and what is asked of it: largest relative gap, least ratio over the plain programme."""

    n: int
    d: int
    beta: float = 0.5
    kind: str = "planted"
    gap: Fraction = Fraction(1, 10**9)
    ratio: float | None = None

    @property
    def name(self) -> str:
        """Size, kind of labels, beta."""
        return f"({self.n}, {self.d}) {self.kind} beta {self.beta:g}"


QUICK = (
    Case(20, 2, ratio=1),
    Case(100, 2, ratio=60),
    Case(100, 2, kind="rounded"),
    Case(20, 3, ratio=1),
    Case(40, 3, ratio=10),
    Case(60, 3, kind="rounded"),
    Case(1000, 2, gap=Fraction(1, 10**12)),
)
FULL = (
    Case(20, 2, ratio=1),
    Case(100, 2, ratio=60),
    Case(400, 2, ratio=300),
    Case(20, 3, ratio=1),
    Case(40, 3, ratio=10),
    Case(100, 2, kind="rounded"),
    Case(400, 2, kind="duplicated"),
    Case(100, 3, kind="rounded"),
    Case(100, 2, beta=1e-4),
    Case(1000, 2, beta=0.01, kind="noise"),
    Case(10_000, 2, gap=Fraction(1, 10**12)),
    Case(1000, 3, beta=5.0),
    Case(100, 3, ratio=60),  # minutes and 2 GB for the plain programme
)


def data(case: Case, seed: int = 0) -> tuple[Floats, Floats]:
    """Gaussian samples; labels of three planted neurons with noise 0.3, or noise alone."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((case.n, case.d))
    if case.kind == "rounded":
        rows = np.round(rows, 1)
    if case.kind == "duplicated":
        rows = np.repeat(rows[: (case.n + 1) // 2], 2, axis=0)[: case.n]
    if case.kind == "noise":
        return rows, random.standard_normal(case.n)
    hidden, output = random.standard_normal((case.d, 3)), random.standard_normal(3)
    y = np.maximum(rows @ hidden, 0) @ output + 0.3 * random.standard_normal(case.n)
    return rows, np.round(y, 1) if case.kind == "rounded" else y


def problem_of(case: Case) -> TrainingProblem:
    """The training problem; rounded data are the decimal fractions that they look like."""
    rows, y = data(case)
    if case.kind == "rounded":
        texts = [[f"{x:.1f}" for x in row] for row in rows]
        return training_problem(
            Dataset.from_arrays(texts, [f"{x:.1f}" for x in y]), beta=Fraction(str(case.beta))
        )
    return training_problem(Dataset.from_arrays(rows.tolist(), y.tolist()), beta=Fraction(str(case.beta)))


def plain_program(rows: Floats, y: Floats, beta: float, active: NDArray[np.bool_]) -> float:
    """Equation (P) over all patterns, as one writes it in CVXPY with matrices."""
    import cvxpy as cp

    signs, masks = 2.0 * active.T - 1.0, active.T.astype(float)
    v, w = (cp.Variable((rows.shape[1], len(active))) for _ in range(2))
    fit = cp.sum(cp.multiply(masks, rows @ (v - w)), axis=1)
    penalty = cp.sum(cp.norm(v, 2, axis=0)) + cp.sum(cp.norm(w, 2, axis=0))
    limits = [cp.multiply(signs, rows @ v) >= 0, cp.multiply(signs, rows @ w) >= 0]
    task = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(fit - y) + beta * penalty), limits)
    task.solve(solver=cp.CLARABEL)
    return float(task.value)


def run(case: Case) -> tuple[str, list[str], bool]:
    """A line of the table, verdict lines, and whether the proved part is as stated."""
    task = problem_of(case)
    _, solve_time = seconds(lambda: sweep_generation(task, sweep_plan(task), gap=float(case.gap) / 1024))
    result, proof_time = seconds(lambda: sweep_optimum(task, gap=case.gap))
    value = result.value
    gap = (value.primal_value - value.dual_value) / value.primal_value
    accepted = result.check().accepted
    fine = accepted and gap <= case.gap and result.status is Status.PROVED
    verdicts = [
        f"{_word(fine)}  {case.name}: certified relative gap {float(gap):.1e}"
        f" (asked {float(case.gap):.0e}), certificate {'accepted' if accepted else 'REJECTED'}"
    ]
    ratio_text, plain_text = "", ""
    if case.ratio is not None:
        rows, y = data(case)
        cells = float_cells(task, activation_cells(task))
        start = cpu_seconds()
        plain = plain_program(rows, y, case.beta, cells.active)
        plain_time = cpu_seconds() - start
        agrees = abs(plain - float(value.upper)) <= 1e-5 * plain
        fine = fine and agrees
        ratio = plain_time / solve_time
        ratio_text, plain_text = f"{ratio:.0f}", f"{plain_time:.3f}"
        verdicts.append(
            f"{_word(ratio >= case.ratio)}  {case.name}: solve {ratio:.0f} times, solve and proof "
            f"{plain_time / proof_time:.0f} times as fast as the plain programme (asked {case.ratio:g}); "
            f"values {'agree' if agrees else 'DIFFER'}"
        )
    line = (
        f"{case.name:36} {value.n_patterns:>9} {solve_time:>9.4f} {proof_time:>9.4f} {plain_text:>9} "
        f"{ratio_text:>7} {float(gap):>9.1e} {len(value.network.neurons):>8}"
    )
    return line, verdicts, fine


def _word(holds: bool) -> str:
    return "reached" if holds else "MISSED "


def main() -> None:
    """Print the table and the verdicts."""
    cases = QUICK if "--quick" in sys.argv else FULL
    for d in (2, 3):
        warm = problem_of(Case(12, d))
        sweep_optimum(warm)
    plain_program(
        *data(Case(6, 2)), 0.5, float_cells(w := problem_of(Case(6, 2)), activation_cells(w)).active
    )
    head = ("data", "cells", "solve s", "proof s", "plain s", "ratio", "gap", "neurons")
    print("{:36} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9} {:>8}".format(*head), flush=True)
    verdicts: list[str] = []
    fine = True
    for case in cases:
        line, found, holds = run(case)
        print(line, flush=True)
        verdicts += found
        fine = fine and holds
    print("", *verdicts, sep="\n")
    quick = "--quick" in sys.argv
    fine = four_coordinates(plain_program, quick=quick) and fine
    fine = real_data(plain_program) and fine
    fine = multi_start() and fine
    other_packages()
    if not quick:
        memory()
    if not fine:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
