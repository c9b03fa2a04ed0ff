"""R03: polynomial activations of degree two: a semidefinite programme."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex.variants.polynomial import polynomial_program
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import AtMost, Digits
from paper_repro.registry import Finding, Statement
from paper_repro.spectrahedra_2101_02429 import PAPER
from paper_repro.variants import intervals, minima, width

CASES = {
    ("1", "0", "0"): "1.0545770146",
    ("9/100", "1/2", "47/100"): "1.7654698324",
    ("1", "1", "1"): "0.3354204126",
}


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    results = minima({_name(abc): polynomial_program(problem, abc) for abc in CASES})
    return Finding(
        {**intervals(results), "widest enclosure": width(results)},
        tuple(results.values()),
    )


def _name(abc: tuple[str, str, str]) -> str:
    return "{} t^2 + {} t + {}".format(*abc)


STATEMENT = Statement(
    id="R03",
    title="polynomial activations",
    area="convex",
    paper=PAPER,
    place="semidefinite programme of degree two",
    statement="With the activation a t^2 + b t + c, unit first-layer weights and the l1 norm of the output "
    "weights as penalty, training is a semidefinite programme in two matrices of order d + 1 with one trace "
    "equation each.",
    expected=(
        *(Digits(_name(abc), text) for abc, text in CASES.items()),
        AtMost("widest enclosure", Fraction(1, 10**10)),
    ),
    origin="an interior-point solution, for t^2 also the programme with the nuclear norm of one symmetric "
    "matrix; both apart from this package",
    method="Four points, beta = 1/2. Rational semidefinite matrices on both sides, whose elimination the "
    "checker repeats; the enclosure ends where floats end, near twelve digits.",
    run=run,
)
