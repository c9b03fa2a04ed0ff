"""C04: how many neurons it takes to reach the optimum of the programme."""

from __future__ import annotations

from exactnet.convex import optimum
from exactnet.exact import Interval
from paper_repro.certificates import evaluated
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import Digits, Exactly, Near, Proof
from paper_repro.fixed_width import optimum_of_width
from paper_repro.registry import Finding, Statement
from paper_repro.training import best_trained

ONE, TWO, ENOUGH = "1.676556583", "1.375163381", "1.073770178483"
TRAINED = {1: "1.676557", 2: "1.375163", 3: "1.073770", 4: "1.073770"}


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    best = optimum(problem, gap=TWELVE_DIGITS)
    one, two = optimum_of_width(problem, 1), optimum_of_width(problem, 2)
    narrow = evaluated(problem, {"one": one.network, "two": two.network})
    trained = {m: float(best_trained(problem, n_neurons=m)[1]) for m in TRAINED}
    return Finding(
        {
            "any number of neurons": Interval(best.value.lower, best.value.upper),
            "neurons that reach it": len(best.value.network.neurons),
            "one neuron": Interval(one.lower, one.upper),
            "two neurons": Interval(two.lower, two.upper),
            "best network of two neurons that was found": Interval(narrow.value["two"]),
            "two neurons are not enough": two.lower > best.value.upper,
            **{f"trained, m = {m}": value for m, value in trained.items()},
        },
        (best, narrow),
    )


STATEMENT = Statement(
    id="C04",
    title="the width that is enough",
    area="convex",
    paper=PAPER,
    place="main theorem, the width it needs",
    statement="There is a width m* from which on training has the optimum of the programme; narrower "
    "networks do not reach it. For the four points and beta = 1/2 it is 3.",
    expected=(
        Digits("any number of neurons", ENOUGH),
        Exactly("neurons that reach it", 3),
        Digits("one neuron", ONE, Proof.EXACT),
        Digits("two neurons", TWO, Proof.EXACT),
        Digits("best network of two neurons that was found", TWO),
        Exactly("two neurons are not enough", True, Proof.EXACT),
        *(Near(f"trained, m = {m}", value) for m, value in TRAINED.items()),
    ),
    origin="the smallest of many trainings of m = 1, 2, 3, 4 neurons, apart from this package",
    method="A network of three neurons and a lower bound for any width are certified. For one and two "
    "neurons all 16 and 120 choices of cells and output signs get a dual bound in exact arithmetic: that is "
    "proved here, but by no certificate, since the format has no rule for a fixed width. The networks of one "
    "and two neurons are evaluated by the checker. Training from 20 starts finds the same minima in floats.",
    run=run,
)
