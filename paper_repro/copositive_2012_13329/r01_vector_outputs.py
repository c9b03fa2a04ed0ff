"""R01: several outputs: the copositive gauge, its nuclear lower bound, and outputs on their own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exactnet.certificate import Result
from exactnet.convex import optimum
from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.vector_output import nuclear_program, planar_program
from exactnet.exact import Interval
from paper_repro.copositive_2012_13329 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import Digits, Exactly
from paper_repro.registry import Finding, Statement

Outputs = list[list[Fraction]]
HALF = Fraction(1, 2)
OUTPUTS: Outputs = [[Fraction(x) for x in row] for row in ((1, 0), (0, 1), (-1, 1), (HALF, -1))]
# two unit samples: outputs, weight decay, nuclear lower bound
UNIT: dict[str, tuple[Outputs, str, str]] = {
    "unit outputs": (
        [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]],
        "0.1900000000",
        "0.1900000000",
    ),
    "obtuse outputs": ([[Fraction(1), -HALF], [-HALF, Fraction(1)]], "0.2136067977", "0.1900000000"),
    "acute outputs": ([[Fraction(1), HALF], [HALF, Fraction(1)]], "0.1900000000", "0.1900000000"),
}


def run() -> Finding:
    problem = posed(FOUR_POINTS, "3/10")
    square = posed(([[1, 0], [0, 1]], [0, 0]), "1/10")
    proofs: dict[str, Result[Any]] = {
        "weight decay": minimum_of(planar_program(problem, OUTPUTS)),
        "nuclear norms": minimum_of(nuclear_program(problem, OUTPUTS)),
    }
    for name, (outputs, _, _) in UNIT.items():
        proofs[f"weight decay, {name}"] = minimum_of(planar_program(square, outputs))
        proofs[f"nuclear norms, {name}"] = minimum_of(nuclear_program(square, outputs))
    values = {name: result.value.interval for name, result in proofs.items()}
    single = [
        optimum(posed((FOUR_POINTS[0], [row[k] for row in OUTPUTS]), "3/10"), gap=TWELVE_DIGITS)
        for k in (0, 1)
    ]
    apart = sum((Interval(one.value.lower, one.value.upper) for one in single), Interval(0))
    true = values["weight decay"]
    return Finding(
        {
            **values,
            "outputs on their own": apart,
            "nuclear < weight decay < outputs on their own": values["nuclear norms"].certainly_below(true)
            and true.certainly_below(apart),
        },
        (*proofs.values(), *single),
    )


STATEMENT = Statement(
    id="R01",
    title="several outputs",
    area="convex",
    paper=PAPER,
    place="copositive programme and its relaxation",
    statement="With weight decay on the rows of output weights, training with several outputs is a convex "
    "programme whose penalty is the gauge of all u g' with u in a cone; dropping the cones gives one nuclear "
    "norm a pattern, a lower bound; outputs trained on their own cost more.",
    expected=(
        Digits("weight decay", "0.6181795803"),
        Digits("nuclear norms", "0.4543292815"),
        Digits("outputs on their own", "0.7397963554"),
        Exactly("nuclear < weight decay < outputs on their own", True),
        *(Digits(f"weight decay, {name}", text) for name, (_, text, _) in UNIT.items()),
        *(Digits(f"nuclear norms, {name}", text) for name, (_, _, text) in UNIT.items()),
    ),
    origin="column generation on the planar gauge and an interior-point solution of the relaxation, apart "
    "from this package; for two unit samples by hand",
    method="Planar cones have two rays, and 2 x 2 matrices are completely positive when they are "
    "semidefinite without negative entry: so the gauge is a semidefinite programme, enclosed by a rational "
    "point and rational dual matrices whose elimination the checker repeats.",
    run=run,
)
