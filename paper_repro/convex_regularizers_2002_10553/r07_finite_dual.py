"""R07: the finite dual: two multiplier vectors for each pattern prove the bound."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem
from exactnet.convex.variants.cells import relu_program
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import DUPLICATES, FOUR_POINTS, Data, posed
from paper_repro.expectation import AtMost, Digits
from paper_repro.registry import Finding, Statement
from paper_repro.variants import intervals, minima, width

# the samples (1, 2) t for t = 1, -1, 2, -3, and the one feature sqrt(5) t
ONE_LINE: Data = ([[1, 2], [-1, -2], [2, 4], [-3, -6]], FOUR_POINTS[1])
CASES: dict[str, tuple[TrainingProblem, str]] = {
    **{
        f"four points, beta = {beta}": (posed(FOUR_POINTS, beta), text)
        for beta, text in {
            "1/100": "0.0245267478",
            "1/20": "0.1212337388",
            "1/10": "0.238967477525",
            "1/4": "0.5713428441",
            "1/2": "1.073770178483",
            "1": "1.893614632839",
            "2": "2.818306315",
            "3": "3.076118812",
        }.items()
    },
    "repeated and zero rows, beta = 3/10": (posed(DUPLICATES, "3/10"), "5.7302603544"),
    "samples on a line, beta = 3/10": (posed(ONE_LINE, "3/10"), "0.7506722826"),
}


def run() -> Finding:
    results = minima({name: relu_program(problem) for name, (problem, _) in CASES.items()})
    return Finding({**intervals(results), "widest enclosure": width(results)}, tuple(results.values()))


STATEMENT = Statement(
    id="R07",
    title="the finite dual",
    area="convex",
    paper=PAPER,
    place="dual of the convex programme",
    statement="A vector v bounds the optimum by v.y - 1/2 ||v||^2 when for every pattern and both signs "
    "there is lambda >= 0 with ||X'D v + X'(2D - I) lambda|| <= beta (with -v for the other sign); the best "
    "such bound is the optimum.",
    expected=(
        *(Digits(name, text) for name, (_, text) in CASES.items()),
        AtMost("widest enclosure", Fraction(1, 10**10)),
    ),
    origin="interior-point solutions of the programme and cutting planes on its semi-infinite dual, apart "
    "from this package",
    method="The certificate is the finite dual itself: v, the multipliers of every cone, and a vector of "
    "length at most beta for every norm, next to a rational point of the programme. It does without split "
    "trees and takes the list of patterns from exact enumeration.",
    run=run,
)
