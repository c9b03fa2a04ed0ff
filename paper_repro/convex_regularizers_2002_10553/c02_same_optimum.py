"""C02: the convex programme and the training problem have the same optimum."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import activation_cells, optimum
from exactnet.convex.patterns import float_cells
from exactnet.convex.solve import full_program, solve_cvxpy
from exactnet.exact import Interval
from paper_repro.certificates import with_gap
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import AtMost, Digits, Exactly, Near, Proof
from paper_repro.programme import blocks_of, programme_value
from paper_repro.registry import Finding, Statement
from paper_repro.training import best_trained

VALUE = "1.073770178483"


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    best = optimum(problem, gap=TWELVE_DIGITS)
    lower, upper = best.value.lower, best.value.upper
    programme = programme_value(problem, blocks_of(problem, best.value.network))
    trained, reached = best_trained(problem, n_neurons=8)
    above = with_gap(best, trained)
    solved = solve_cvxpy(full_program(problem, float_cells(problem, activation_cells(problem))))
    return Finding(
        {
            "optimum of training": Interval(lower, upper),
            "optimum of the programme": Interval(lower, programme.upper),
            "distance of the best trained network": above.value,
            "no trained network under the proved bound": reached >= lower,
            "programme by an interior-point method": solved.approx_value,
        },
        (best, above),
    )


STATEMENT = Statement(
    id="C02",
    title="training equals a convex programme",
    area="convex",
    paper=PAPER,
    place="main theorem, scalar output",
    statement="The optimum of two-layer training with weight decay (squared loss, enough neurons) is the "
    "optimum of a convex programme with one pair of vectors for each activation pattern.",
    expected=(
        Digits("optimum of training", VALUE),
        Digits("optimum of the programme", VALUE, Proof.EXACT),
        AtMost("distance of the best trained network", Fraction(1, 10**9)),
        Exactly("no trained network under the proved bound", True, Proof.EXACT),
        Near("programme by an interior-point method", "1.0737702"),
    ),
    origin="an interior-point solution of the programme to 13 digits, a cutting-plane dual and training from "
    "400 starts, all done before and apart from this package",
    method="Four points, beta = 1/2. One rational vector is feasible for the dual of both problems (on every "
    "cell of a complete split tree), which gives the lower end of both enclosures; a network gives the upper "
    "end of one and its image in the programme the upper end of the other. A network of 8 neurons, trained "
    "by L-BFGS from 20 starts, reaches the enclosure.",
    run=run,
)
