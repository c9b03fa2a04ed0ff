"""C12: one feature and free biases: ramps at the samples are all the neurons one needs."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, optimum, wedge_dictionary
from paper_repro.certificates import lasso_minimum
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.ramps import ramps
from paper_repro.data import BOTH_SIDES, ZIGZAG, Data, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

CASES: dict[str, tuple[Data, str, Fraction]] = {
    "zigzag, beta = 1/20": (ZIGZAG, "1/20", Fraction(7, 40)),
    "zigzag, beta = 1/10": (ZIGZAG, "1/10", Fraction(3, 10)),
    "both sides, beta = 1/10": (BOTH_SIDES, "1/10", Fraction(18, 25)),
    "both sides, beta = 1/1000": (BOTH_SIDES, "1/1000", Fraction(999, 125000)),
}


def run() -> Finding:
    problems = {name: posed(data, beta, bias="free") for name, (data, beta, _) in CASES.items()}
    trained = {name: optimum(problem) for name, problem in problems.items()}
    lassos = {
        name: lasso_minimum(ramps(problem), problem.targets, beta=problem.beta, intercept=True)
        for name, problem in problems.items()
    }
    return Finding(
        {
            **{f"training, {name}": result.value.upper for name, result in trained.items()},
            **{f"Lasso, {name}": result.value.value for name, result in lassos.items()},
            "every optimum is exact": all(result.value.is_exact for result in trained.values()),
            "the wedge dictionary consists of the ramps": all(map(_is_ramps, problems.values())),
        },
        (*trained.values(), *lassos.values()),
    )


def _is_ramps(problem: TrainingProblem) -> bool:
    """2n atoms, each of slope +-1 with its kink at a sample."""
    samples = {row[0] for row in problem.homogenised}
    kinks = {
        (atom.direction[0] > 0, Fraction(-atom.direction[1], atom.direction[0]))
        for atom in wedge_dictionary(problem)
    }
    return kinks == {(rising, x) for rising in (True, False) for x in samples}


STATEMENT = Statement(
    id="C12",
    title="one feature: a Lasso over ramps",
    area="convex",
    paper=PAPER,
    place="one-dimensional data",
    statement="With one feature and unpenalised biases, training has the optimum of a Lasso over the 2n "
    "ramps (x - x_j)_+ and (x_j - x)_+ and a constant.",
    expected=(
        *(Exactly(f"training, {name}", value) for name, (_, _, value) in CASES.items()),
        *(Exactly(f"Lasso, {name}", value, Proof.EXACT) for name, (_, _, value) in CASES.items()),
        Exactly("every optimum is exact", True, Proof.EXACT),
        Exactly("the wedge dictionary consists of the ramps", True, Proof.EXACT),
    ),
    origin="KKT conditions of the Lasso in exact arithmetic, apart from this package, and training from many "
    "starts",
    method="The certificate proves each optimum of training as a fraction, by a dual vector tested on all "
    "rays. The Lasso is built from the ramps, apart from the dictionary of the package; a linear programme "
    "in its certificate proves that its solution is a minimiser.",
    run=run,
)
