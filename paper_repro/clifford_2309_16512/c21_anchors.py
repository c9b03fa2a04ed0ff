"""C21: a free bias can be moved to a sample."""

from __future__ import annotations

from exactnet.convex import optimum
from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.wedge_l2 import anchor_program
from exactnet.exact import Interval
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import Digits, Exactly
from paper_repro.registry import Finding, Statement

CASES = {"1/10": "0.155983312563", "1/2": "0.709930567431"}


def run() -> Finding:
    problems = {beta: posed(FOUR_POINTS, beta, bias="free") for beta in CASES}
    anchored = {beta: minimum_of(anchor_program(problem)) for beta, problem in problems.items()}
    trained = {beta: optimum(problem, gap=TWELVE_DIGITS) for beta, problem in problems.items()}
    one = {beta: result.value.interval for beta, result in anchored.items()}
    other = {beta: Interval(r.value.lower, r.value.upper) for beta, r in trained.items()}
    return Finding(
        {
            **{f"anchors, beta = {beta}": interval for beta, interval in one.items()},
            **{f"training, beta = {beta}": interval for beta, interval in other.items()},
            "the enclosures meet": all(
                not one[beta].certainly_below(other[beta]) and not one[beta].certainly_above(other[beta])
                for beta in CASES
            ),
        },
        (*anchored.values(), *trained.values()),
    )


STATEMENT = Statement(
    id="C21",
    title="free biases: anchors at samples",
    area="convex",
    paper=PAPER,
    place="biases, any norm",
    statement="Training with free biases has the optimum of the programme over the cells of all data sets "
    "X - 1 x_j' without bias, together with a constant: some optimal neurons vanish at a sample.",
    expected=(
        *(Digits(f"anchors, beta = {beta}", text) for beta, text in CASES.items()),
        *(Digits(f"training, beta = {beta}", text) for beta, text in CASES.items()),
        Exactly("the enclosures meet", True),
    ),
    origin="our own: for fixed weights the dual function is piecewise linear in the bias with kinks at the "
    "samples; interior-point solutions of both programmes, apart from this package",
    method="Both programmes are enclosed on their own, each by a rational point and a rational dual vector: "
    "training over the cells of the data with a column of ones, the other over 4 times 6 cells.",
    run=run,
)
