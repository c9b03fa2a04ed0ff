"""R06: hidden units divided by their norm."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex.variants.cells import normalised_program, two_piece_program
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import AtMost, Digits
from paper_repro.registry import Finding, Statement
from paper_repro.simplest_models_2209_15265 import PAPER
from paper_repro.variants import intervals, minima, width

SLOPES = {
    "leaky ReLU, slope 1/10": (Fraction(1, 10), "1.1595086751"),
    "absolute value": (Fraction(-1), "1.4417464895"),
    "linear": (Fraction(1), "2.5374642316"),
}


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    programs = {"normalised units": normalised_program(problem)}
    programs |= {name: two_piece_program(problem, kappa=kappa) for name, (kappa, _) in SLOPES.items()}
    results = minima(programs)
    return Finding({**intervals(results), "widest enclosure": width(results)}, tuple(results.values()))


STATEMENT = Statement(
    id="R06",
    title="normalised units and other activations",
    area="convex",
    paper=PAPER,
    place="normalisation layer",
    statement="With hidden units (Xu)_+ / |(Xu)_+| the norm of a block becomes |D_i X v_i|; with the "
    "activation t for t >= 0 and kappa t for t < 0, D_i becomes D_i + kappa (I - D_i). The cones stay as "
    "they are.",
    expected=(
        Digits("normalised units", "1.665222914"),
        *(Digits(name, text) for name, (_, text) in SLOPES.items()),
        AtMost("widest enclosure", Fraction(1, 10**10)),
    ),
    origin="interior-point solutions, apart from this package (the one for normalised units, printed as "
    "1.6652229143, is off by one in its last digit: the enclosure is around 1.66522291420); the activations "
    "are a remark of the literature, tried on the same data",
    method="Four points, beta = 1/2. Each programme is enclosed by a rational point and a rational dual "
    "vector.",
    run=run,
)
