"""C08: strong duality for the hinge and the logistic loss."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, optimum
from exactnet.exact import Interval
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import BOTH_SIDES, FOUR_POINTS, TWELVE_DIGITS, Data, posed
from paper_repro.expectation import AtMost, Digits
from paper_repro.registry import Finding, Statement

SIGNS: Data = (FOUR_POINTS[0], [1, -1, 1, 1])
PROBLEMS: dict[str, tuple[TrainingProblem, str]] = {
    "hinge, four points, beta = 3/10": (posed(SIGNS, "3/10", loss="hinge"), "0.4804601917"),
    "logistic, four points, beta = 3/10": (posed(SIGNS, "3/10", loss="logistic"), "1.3842254457"),
    "hinge, both sides, penalised bias, beta = 1/10": (
        posed(BOTH_SIDES, "1/10", bias="penalised", loss="hinge"),
        "1.0128990204",
    ),
    "hinge, both sides, penalised bias, beta = 1/1000": (
        posed(BOTH_SIDES, "1/1000", bias="penalised", loss="hinge"),
        "0.0101289902",
    ),
}


def run() -> Finding:
    results = {name: optimum(problem, gap=TWELVE_DIGITS) for name, (problem, _) in PROBLEMS.items()}
    return Finding(
        {
            **{name: Interval(result.value.lower, result.value.upper) for name, result in results.items()},
            "largest relative distance of dual and primal": max(
                result.value.relative_gap for result in results.values()
            ),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="C08",
    title="hinge and logistic loss",
    area="convex",
    paper=PAPER,
    place="main theorem, any convex loss",
    statement="For targets +-1 the optimum with the hinge loss is the maximum of sum_i y_i v_i over v with "
    "0 <= y_i v_i <= 1 and |v.(Xu)_+| <= beta ||u|| for every u; with the logistic loss the sum is that of "
    "the entropies H(y_i v_i).",
    expected=(
        *(Digits(name, value) for name, (_, value) in PROBLEMS.items()),
        AtMost("largest relative distance of dual and primal", Fraction(1, 10**9)),
    ),
    origin="interior-point solutions and a cutting-plane dual that agree to ten digits, apart from this "
    "package",
    method="Each enclosure ends in a rational dual vector, feasible on every cell, and in a rational "
    "network; for the logistic loss the checker encloses the logarithms itself.",
    run=run,
)
