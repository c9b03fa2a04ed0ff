"""C16: wedge products of samples alone are not enough."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import optimum
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from paper_repro.certificates import lasso_minimum
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

SAMPLES_ONLY, VALUE = Fraction(6737, 4900), Fraction(2161, 1575)


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2", norm="l1")
    atoms = wedge_dictionary(problem, axes=False)
    columns = feature_columns(problem, atoms)
    lasso = lasso_minimum(
        [columns.column(k) for k in range(len(atoms))], problem.targets, beta=problem.beta, intercept=False
    )
    trained = optimum(problem)
    complete = lasso.value.value == trained.value.upper
    return Finding(
        {
            "wedge products of samples alone": lasso.value.value,
            "optimum of training": trained.value.upper,
            "dictionary of samples alone": "complete" if complete else "incomplete dictionary",
            "atoms of samples alone": len(atoms),
        },
        (trained, lasso),
    )


STATEMENT = Statement(
    id="C16",
    title="coordinate vectors are needed",
    area="convex",
    paper=PAPER,
    place="closed form for the l1 norm, completed",
    statement="For the l1 norm the wedge products of samples alone give a Lasso with a larger minimum: the "
    "coordinate vectors belong to the dictionary.",
    expected=(
        Exactly("wedge products of samples alone", SAMPLES_ONLY, Proof.EXACT),
        Exactly("optimum of training", VALUE),
        Exactly("dictionary of samples alone", "incomplete dictionary", Proof.EXACT),
        Exactly("atoms of samples alone", 8, Proof.EXACT),
    ),
    origin="our own: the vertices of {u in a cell, ||u||_1 <= 1} are orthogonal to samples and coordinate "
    "vectors; both values by KKT conditions in exact arithmetic apart from this package. Whether the paper's "
    "theorem adds the coordinate vectors we could not confirm",
    method="Four points, beta = 1/2. The optimum of training is certified with a network that reaches it; a "
    "linear programme that the checker accepts shows that the Lasso solution over 8 atoms is a minimiser.",
    run=run,
)
