"""C10: gated networks are cheaper than ReLU networks, by no more than a cone decomposition costs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from exactnet.certificate import Result
from exactnet.convex import TrainingProblem, activation_patterns
from exactnet.convex.variants import ProgramMinimum, minimum_of
from exactnet.convex.variants.cells import decomposition_program, gated_program, relu_program
from exactnet.exact import Interval, norm_enclosure, sqrt_enclosure
from paper_repro.data import FOUR_POINTS, Data, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.fast_convex_2202_01331 import PAPER
from paper_repro.registry import Finding, Statement
from paper_repro.variants import intervals, minima

# as many samples as features
SQUARE: Data = ([[1, Fraction(1, 5)], [Fraction(-3, 10), 1]], [1, -2])  # type: ignore[list-item]
CASES: dict[str, tuple[Data, str, str, str]] = {
    "four points, beta = 1/10": (FOUR_POINTS, "1/10", "0.1826501555", "0.2389674775"),
    "four points, beta = 1/2": (FOUR_POINTS, "1/2", "0.8442383281", "1.0737701785"),
    "two points, beta = 1/5": (SQUARE, "1/5", "0.3982305111", "0.5416672561"),
}


def run() -> Finding:
    problems = {name: posed(data, beta) for name, (data, beta, _, _) in CASES.items()}
    gated = minima({name: gated_program(problem) for name, problem in problems.items()})
    relu = minima({name: relu_program(problem) for name, problem in problems.items()})
    proofs: list[Result[Any]] = [*gated.values(), *relu.values()]
    bounds = {}
    for name, problem in problems.items():
        bounds[name], parts = decomposition_bound(problem, gated[name].value)
        proofs += parts
    low, high = intervals(gated), intervals(relu)
    names = list(CASES)
    return Finding(
        {
            **{f"gated, {name}": low[name] for name in names},
            **{f"ReLU, {name}": high[name] for name in names},
            "gated is below ReLU": all(low[name].certainly_below(high[name]) for name in names),
            "ReLU is below gated plus decomposition": all(
                high[name].certainly_below(bounds[name]) for name in names
            ),
            "decomposition is below the condition number": bounds[names[2]]
            <= condition_bound(problems[names[2]], gated[names[2]].value),
        },
        tuple(proofs),
    )


def _vectors(problem: TrainingProblem, best: ProgramMinimum) -> dict[str, tuple[Fraction, ...]]:
    """The vector of each pattern of a gated solution."""
    D = problem.dimension
    return {
        pattern: best.point[k * D : (k + 1) * D] for k, pattern in enumerate(activation_patterns(problem))
    }


def decomposition_bound(
    problem: TrainingProblem, best: ProgramMinimum
) -> tuple[Fraction, list[Result[ProgramMinimum]]]:
    """The cost of the gated solution with every vector u replaced by the cheapest v - w of its cone."""
    total, proofs = best.upper, []
    for pattern, u in _vectors(problem, best).items():
        if any(u):
            parts = minimum_of(decomposition_program(problem, pattern, u))
            total += problem.beta * (parts.value.upper - norm_enclosure(u, norm="l2").lower)
            proofs.append(parts)
    return total, proofs


def condition_bound(problem: TrainingProblem, best: ProgramMinimum) -> Fraction:
    """gated + 2 beta kappa(X) sum |u|, from below, for two independent rows of length two."""
    norms = sum((norm_enclosure(u, norm="l2").lower for u in _vectors(problem, best).values()), Fraction(0))
    return best.lower + 2 * problem.beta * _condition(problem.homogenised).lower * norms


def _condition(rows: Sequence[Sequence[Fraction]]) -> Interval:
    """The condition number of a 2 x 2 matrix: (trace + root) / (2 |det|) with root^2 = trace^2 - 4 det^2."""
    (a, b), (c, d) = rows
    trace, det = a * a + b * b + c * c + d * d, abs(a * d - b * c)
    root = sqrt_enclosure(trace * trace - 4 * det * det)
    return (root + trace) * (1 / (2 * det))


STATEMENT = Statement(
    id="C10",
    title="gated networks below, cone decompositions above",
    area="convex",
    paper=PAPER,
    place="equivalence of the model classes, positive regularisation",
    statement="The optimum of the gated programme is at most that of the ReLU programme, which is at most "
    "the gated one plus beta times what it costs to write each gated vector as a difference of vectors of "
    "its cone; for n <= d independent samples that is at most 2 beta kappa(X) times the sum of the norms.",
    expected=(
        *(Digits(f"gated, {name}", value) for name, (_, _, value, _) in CASES.items()),
        *(Digits(f"ReLU, {name}", value) for name, (_, _, _, value) in CASES.items()),
        Exactly("gated is below ReLU", True),
        Exactly("ReLU is below gated plus decomposition", True),
        Exactly("decomposition is below the condition number", True, Proof.EXACT),
    ),
    origin="interior-point solutions of both programmes to 13 digits, apart from this package; the chain of "
    "inequalities from the theorem, its last link by our own derivation (the paper uses a subset of rows)",
    method="Each programme has a rational feasible point and a rational dual vector that the checker tests; "
    "so has the cheapest decomposition of every vector of the gated solution that was found. The gated "
    "solution is not unique, so that the value of the upper bound is not part of the statement.",
    run=run,
)
