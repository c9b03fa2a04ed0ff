"""C25: empirical risk minimisation of k neurons, by all choices of cells and signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from exactnet.certificate import Certificate, Record, Result, Status
from exactnet.convex import TrainingProblem, activation_patterns
from exactnet.convex.variants import ProgramMinimum, certified, group_program, minimum_of
from exactnet.convex.variants.exact_dual import DualVectors
from exactnet.convex.variants.vector_output import extreme_rays
from exactnet.errors import InvariantError
from exactnet.exact import solve
from paper_repro.data import Data, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.understanding_depth_1611_01491 import PAPER

WAVE: Data = ([[-2], [-1], [0], [1], [2]], [1, 0, 1, 0, 1])
VALUES = {1: Fraction(6, 5), 2: Fraction(4, 5), 3: Fraction(2, 3), 4: Fraction(0)}
Column = tuple[Fraction, ...]
Unit = tuple[Column, ...]  # the features of the rays of a cell, with the output sign


def run() -> Finding:
    problem = posed(WAVE, 1, bias="penalised")  # only its cells are used
    units = [
        tuple(tuple(sign * x for x in _feature(problem, ray)) for ray in extreme_rays(problem, pattern))
        for pattern in activation_patterns(problem)
        for sign in (1, -1)
    ]
    results = {k: risk(units, problem.targets, k) for k in (1, 2, 3)}
    results[4] = reached(units, problem.targets, 4)
    n_cells = len(units) // 2
    return Finding(
        {
            **{f"k = {k}": result.value for k, result in results.items()},
            **{f"subproblems, k = {k}": 2**k * comb(n_cells + k - 1, k) for k in VALUES},
        },
        tuple(results.values()),
    )


def _feature(problem: TrainingProblem, ray: Sequence[int]) -> Column:
    heights = (sum(x * u for x, u in zip(row, ray, strict=True)) for row in problem.homogenised)
    return tuple(max(Fraction(h), Fraction(0)) for h in heights)


def risk(units: Sequence[Unit], targets: Column, k: int) -> Result[Fraction]:
    """The least sum of squares of k neurons: the smallest of all subproblems, each with its proof."""
    records: list[Record] = []
    claims: list[str] = []
    best: Fraction | None = None
    for columns in _choices(units, k):
        part = _least_squares(columns, targets)
        if part.certificate is None or not part.value.is_exact:
            raise InvariantError("a subproblem is not solved exactly", reproduction=repr(columns))
        value = 2 * part.value.upper
        best = value if best is None else min(best, value)
        records += _renamed(part.certificate.records, str(len(claims)))
        claims.append(records[-1].id)
    assert best is not None
    sentence = f"the least of {len(claims)} subproblems is {best}"
    return Result(best, Status.PROVED, Certificate(sentence, tuple(records), tuple(claims)), sentence)


def reached(units: Sequence[Unit], targets: Column, k: int) -> Result[Fraction]:
    """A choice that fits the targets: no sum of squares is smaller than zero."""
    for columns in _choices(units, k):
        if nnls(_floats(columns), [float(y) for y in targets])[1] < 2.0**-30:
            part = _least_squares(columns, targets)
            if part.value.upper == 0:
                return Result(Fraction(0), Status.PROVED, part.certificate, part.sentence)
    raise InvariantError("no choice fits", reproduction=f"k = {k}")


def _choices(units: Sequence[Unit], k: int) -> Iterator[tuple[Column, ...]]:
    """The distinct columns of every choice of k units; choices with the same columns come once."""
    seen = set()
    for chosen in combinations_with_replacement(units, k):
        columns = tuple(sorted({column for unit in chosen for column in unit if any(column)}))
        if columns and columns not in seen:
            seen.add(columns)
            yield columns


def _floats(columns: Sequence[Column]) -> NDArray[np.float64]:
    return np.array([[float(x) for x in column] for column in columns]).T


def _least_squares(columns: Sequence[Column], targets: Column) -> Result[ProgramMinimum]:
    """min 1/2 |sum_j c_j k_j - y|^2 over c >= 0, exactly: floats name the support, rationals prove it."""
    p = len(columns)
    rows = [{j: column[i] for j, column in enumerate(columns)} for i in range(len(targets))]
    program = group_program(p, fit=rows, target=targets, at_least=[{j: 1} for j in range(p)])
    weights = nnls(_floats(columns), [float(y) for y in targets])[0]
    support = [j for j in range(p) if weights[j] > 2.0**-30]
    gram = [[_dot(columns[i], columns[j]) for j in support] for i in support]
    solved = solve(gram, [_dot(columns[i], targets) for i in support]) if support else ()
    point = [Fraction(0)] * p
    for j, x in zip(support, solved or (), strict=True):
        point[j] = x
    fit = [_dot(row, point) for row in zip(*columns, strict=True)]
    v = tuple(y - f for y, f in zip(targets, fit, strict=True))
    multipliers = tuple(-_dot(column, v) for column in columns)
    if min(multipliers) < 0 or min(point) < 0:
        return minimum_of(program)
    return certified(program, tuple(point), DualVectors(v, multipliers, (), (), ()))


def _renamed(records: Sequence[Record], suffix: str) -> list[Record]:
    """Copies of a programme and its optimum under other ids."""
    program, optimum = records
    return [
        replace(program, id=f"programme-{suffix}"),
        replace(optimum, id=f"minimum-{suffix}", program=f"programme-{suffix}"),  # type: ignore[call-arg]
    ]


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


STATEMENT = Statement(
    id="C25",
    title="empirical risk minimisation by enumeration",
    area="convex",
    paper=PAPER,
    place="training a two-layer network to global optimality",
    statement="For a fixed number k of neurons the least sum of squares is the smallest of finitely many "
    "convex problems, one for each choice of k cells and output signs: polynomially many in n for fixed k "
    "and dimension.",
    expected=(
        *(Exactly(f"k = {k}", value) for k, value in VALUES.items()),
        *(
            Exactly(f"subproblems, k = {k}", n, Proof.EXACT)
            for k, n in {1: 20, 2: 220, 3: 1760, 4: 11440}.items()
        ),
    ),
    origin="least squares over the cone of rays of each cell, apart from this package, and training from "
    "many starts for k <= 3",
    method="Samples -2, .., 2 with targets 1, 0, 1, 0, 1, hidden biases, no output bias. A cell in the "
    "plane is spanned by two rays, so that each subproblem is a least-squares problem with non-negative "
    "weights; the certificate proves the minimum of each as a fraction. For k = 4 one subproblem that fits "
    "is enough. That the subproblems are all, rests on the exact list of the ten cells, by no certificate.",
    run=run,
)
