"""C06: a solution of the programme becomes a network of the same objective."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import optimum
from exactnet.exact import Interval
from paper_repro.certificates import evaluated
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import AtMost, Digits, Exactly, Proof
from paper_repro.programme import Block, blocks_of, network_of, programme_value
from paper_repro.registry import Finding, Statement

VALUE = "1.073770178483"
# both norms are 1/4, the square of 1/2: the square roots of the map are rational
RATIONAL_BLOCKS = (
    Block("1100", 1, (Fraction(3, 20), Fraction(4, 20))),
    Block("0011", -1, (Fraction(-4, 20), Fraction(-3, 20))),
)


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    best = optimum(problem, gap=TWELVE_DIGITS)
    blocks = blocks_of(problem, best.value.network)
    networks = {"optimal": network_of(problem, blocks), "rational": network_of(problem, RATIONAL_BLOCKS)}
    objectives = evaluated(problem, networks)
    optimal, rational = objectives.value["optimal"], objectives.value["rational"]
    programme, simple = programme_value(problem, blocks), programme_value(problem, RATIONAL_BLOCKS)
    return Finding(
        {
            "mapped optimal network": Interval(optimal),
            "optimal blocks in the programme": programme,
            "difference of the two": optimal - programme.lower,
            "both inside the enclosure of the optimum": best.value.lower
            <= programme.lower
            <= optimal
            <= best.value.upper,
            "mapped rational network": rational,
            "rational blocks in the programme": simple.lower,
            "rational blocks have rational norms": simple.width == 0,
        },
        (best, objectives),
    )


STATEMENT = Statement(
    id="C06",
    title="from the programme to a network",
    area="convex",
    paper=PAPER,
    place="map behind the main theorem",
    statement="A non-zero vector v of the programme is the neuron u = v / sqrt(||v||) with output weight "
    "sqrt(||v||), a vector w the same with the opposite sign; the objectives of both are equal.",
    expected=(
        Digits("mapped optimal network", VALUE),
        Digits("optimal blocks in the programme", VALUE, Proof.EXACT),
        AtMost("difference of the two", Fraction(1, 10**30), Proof.EXACT),
        Exactly("both inside the enclosure of the optimum", True, Proof.EXACT),
        Exactly("mapped rational network", Fraction(3359, 800)),
        Exactly("rational blocks in the programme", Fraction(3359, 800), Proof.EXACT),
        Exactly("rational blocks have rational norms", True, Proof.EXACT),
    ),
    origin="the value of the programme on the four points at beta = 1/2 (see C02); 3359/800 by hand",
    method="The checker evaluates both mapped networks; the programme is evaluated in exact arithmetic with "
    "square roots enclosed to 40 digits, its cone constraints tested exactly. Where the norms are rational "
    "the two objectives are the same fraction.",
    run=run,
)
