"""C17: the l1 norm in the plane with free biases: a Lasso over wedge products, in fractions."""

from __future__ import annotations

from fractions import Fraction

from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.wedge_lassos import compare, findings
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement

# beta: the optimum, and the Lasso over samples alone
CASES = {
    "1/10": (Fraction(6557, 32400), "0.233302469136"),
    "1/2": (Fraction(1157, 1296), "0.999228395062"),
}
PENALISED = Fraction(2161, 1575)


def run() -> Finding:
    free = {f"beta = {beta}": compare(posed(FOUR_POINTS, beta, norm="l1", bias="free")) for beta in CASES}
    penalised = compare(posed(FOUR_POINTS, "1/2", norm="l1", bias="penalised"))
    return Finding(
        findings(free)
        | {
            "training, penalised bias, beta = 1/2": penalised.trained.value.upper,
            "Lasso, penalised bias, beta = 1/2": penalised.lasso.value.upper,
        },
        (
            *(proof for one in free.values() for proof in one.certificates),
            penalised.trained,
            penalised.lasso,
        ),
    )


STATEMENT = Statement(
    id="C17",
    title="l1 norm in the plane with biases: wedge products",
    area="convex",
    paper=PAPER,
    place="closed form for the l1 norm, two features with bias",
    statement="With the l1 norm of the first-layer weights and free biases, training has the optimum of a "
    "Lasso with a constant, whose columns are wedge products of samples and coordinate vectors; samples "
    "alone are not enough. A bias that is penalised is one coordinate more, and here it stays unused.",
    expected=(
        *(Exactly(f"training, beta = {beta}", value) for beta, (value, _) in CASES.items()),
        *(Exactly(f"Lasso, beta = {beta}", value) for beta, (value, _) in CASES.items()),
        *(Digits(f"samples alone, beta = {beta}", text) for beta, (_, text) in CASES.items()),
        *(Exactly(f"atoms, beta = {beta}", 24, Proof.EXACT) for beta in CASES),
        Exactly("training, penalised bias, beta = 1/2", PENALISED),
        Exactly("Lasso, penalised bias, beta = 1/2", PENALISED),
    ),
    origin="KKT conditions in exact arithmetic and an interior-point solution of the programme over cells, "
    "both apart from this package; that the coordinate vectors belong to the dictionary is our reading",
    method="The optimum of training is certified by a dual vector that the checker tests on all rays; each "
    "Lasso by a point and a dual vector of the same value.",
    run=run,
)
