"""C18: the l1 norm with three features: a Lasso over wedge products, in fractions."""

from __future__ import annotations

from fractions import Fraction

from exactnet.exact import Interval
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.wedge_lassos import compare, findings
from paper_repro.data import FIVE_IN_SPACE, SPACE, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement

VALUE = Fraction(198675567, 99123200)


def run() -> Finding:
    cases = {
        "six samples, no bias": compare(posed(SPACE, "1/2", norm="l1")),
        "five samples, free bias": compare(posed(FIVE_IN_SPACE, "1/2", norm="l1", bias="free")),
    }
    values = findings(cases)
    second = cases["five samples, free bias"]
    best = second.trained.value
    values["training, five samples, free bias"] = Interval(best.lower, best.upper)
    values["Lasso, five samples, free bias"] = second.lasso.value.interval
    del values["atoms, six samples, no bias"]
    first = cases["six samples, no bias"]
    return Finding(
        values
        | {
            "neurons, six samples, no bias": len(first.trained.value.network.neurons),
            "training and Lasso are equal, five samples": second.trained.value.is_exact
            and second.trained.value.upper == second.lasso.value.upper,
        },
        (*first.certificates, *second.certificates),
    )


STATEMENT = Statement(
    id="C18",
    title="l1 norm in space: wedge products",
    area="convex",
    paper=PAPER,
    place="closed form for the l1 norm, three features",
    statement="With three features, too, training with the l1 norm has the optimum of the Lasso over wedge "
    "products of samples and coordinate vectors, with and without biases, and samples alone give more.",
    expected=(
        Exactly("training, six samples, no bias", VALUE),
        Exactly("Lasso, six samples, no bias", VALUE),
        Digits("samples alone, six samples, no bias", "2.264198129"),
        Exactly("neurons, six samples, no bias", 6),
        Digits("training, five samples, free bias", "0.9861900253"),
        Digits("Lasso, five samples, free bias", "0.9861900253"),
        Exactly("training and Lasso are equal, five samples", True),
        Digits("samples alone, five samples, free bias", "1.4824904721"),
        Exactly("atoms, five samples, free bias", 92, Proof.EXACT),
    ),
    origin="KKT conditions in exact arithmetic and an interior-point solution of the programme over cells, "
    "both apart from this package",
    method="As for C17. The fraction of the second data set is long and was known to ten digits only; that "
    "both sides are the same fraction is proved.",
    run=run,
)
