"""C09: the optimum of XOR in closed form."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import optimum
from exactnet.exact import Interval, sqrt_enclosure
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import TWELVE_DIGITS, XOR, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement

CASES = {"1/10": "0.2728427125", "1/2": "1.1642135624", "7/5": "1.99979797"}


def run() -> Finding:
    results = {beta: optimum(posed(XOR, beta), gap=TWELVE_DIGITS) for beta in CASES}
    found = {beta: Interval(r.value.lower, r.value.upper) for beta, r in results.items()}
    return Finding(
        {
            **{f"beta = {beta}": interval for beta, interval in found.items()},
            "the closed form lies in every enclosure": all(
                _meets(found[beta], closed_form(Fraction(beta))) for beta in CASES
            ),
            "neurons": len(results["1/2"].value.network.neurons),
        },
        tuple(results.values()),
    )


def closed_form(beta: Fraction) -> Interval:
    """2 sqrt(2) beta - beta^2."""
    return sqrt_enclosure(8 * beta * beta) - beta * beta


def _meets(a: Interval, b: Interval) -> bool:
    return not a.certainly_below(b) and not a.certainly_above(b)


STATEMENT = Statement(
    id="C09",
    title="XOR in closed form",
    area="convex",
    paper=PAPER,
    place="main theorem, applied to two opposite pairs",
    statement="Without biases the optimum of XOR is 2 sqrt(2) beta - beta^2 for beta <= sqrt(2), reached by "
    "one neuron for each sample.",
    expected=(
        *(Digits(f"beta = {beta}", value) for beta, value in CASES.items()),
        Exactly("the closed form lies in every enclosure", True, Proof.EXACT),
        Exactly("neurons", 4),
    ),
    origin="by hand: the four cells see one sample each, which has norm sqrt(2), so that the problem falls "
    "apart into four of one variable",
    method="A rational dual vector, feasible on every cell, and a rational network enclose each optimum; the "
    "closed form meets the enclosure.",
    run=run,
)
