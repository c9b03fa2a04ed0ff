"""C13: the Lasso over ramps needs the constant, and ramps in both directions."""

from __future__ import annotations

from fractions import Fraction

from exactnet.certificate import Neuron
from exactnet.convex import TrainingProblem, TwoLayer, optimum
from paper_repro.certificates import lasso_minimum, with_gap
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.ramps import ramps
from paper_repro.data import ZIGZAG, posed
from paper_repro.expectation import AtMost, Exactly, Proof
from paper_repro.programme import blocks_of, network_of
from paper_repro.registry import Finding, Statement

VALUE = Fraction(7, 40)
WITHOUT_CONSTANT = Fraction("0.1784375")
ONE_DIRECTION = Fraction("0.2125")
LARGE = Fraction(10**6)


def run() -> Finding:
    problem = posed(ZIGZAG, "1/20", bias="free")
    columns, targets = ramps(problem), problem.targets
    trained = optimum(problem)
    without = lasso_minimum(columns, targets, beta=problem.beta, intercept=False)
    rising = lasso_minimum(columns[: len(targets)], targets, beta=problem.beta, intercept=True)
    near = with_gap(trained, without_output_bias(problem, trained.value.network))
    return Finding(
        {
            "without the constant": without.value.value,
            "optimum of training": trained.value.upper,
            "rising ramps only": rising.value.value,
            "distance of a network without output bias": near.value,
            "both are larger than the optimum": min(without.value.value, rising.value.value)
            > trained.value.upper,
        },
        (trained, without, rising, near),
    )


def without_output_bias(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """The same function with t = 0: a neuron without weights and a large hidden bias takes its place."""
    balanced = network_of(problem, blocks_of(problem, network))
    return TwoLayer((*balanced.neurons, Neuron((Fraction(0), LARGE), network.t / LARGE)))


STATEMENT = Statement(
    id="C13",
    title="the constant belongs to the dictionary",
    area="convex",
    paper=PAPER,
    place="one-dimensional data, the role of the output bias",
    statement="Without the constant (the output bias) the Lasso over ramps has a larger minimum than "
    "training has; so it has with ramps of one direction only.",
    expected=(
        Exactly("without the constant", WITHOUT_CONSTANT, Proof.EXACT),
        Exactly("optimum of training", VALUE),
        Exactly("rising ramps only", ONE_DIRECTION, Proof.EXACT),
        AtMost("distance of a network without output bias", Fraction(1, 10**9)),
        Exactly("both are larger than the optimum", True, Proof.EXACT),
    ),
    origin="our own remark on the theorem; KKT conditions in exact arithmetic, apart from this package: "
    "0.1784375 = 571/3200, 0.2125 = 17/80",
    method="Zigzag, beta = 1/20. The optimum of training is certified. That each Lasso solution is a "
    "minimiser is a linear programme that the checker accepts; its value follows in one line of exact "
    "arithmetic. The statement is about the dictionary: a network without output bias comes as near to 7/40 "
    "as one likes, with a neuron of weight 0 and a large hidden bias.",
    run=run,
)
