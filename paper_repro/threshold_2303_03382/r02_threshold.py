"""R02: threshold activations: a Lasso over patterns."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.threshold import column_lasso, shattered_program, threshold_patterns
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.threshold_2303_03382 import PAPER

# beta: two layers, and layers enough for every pattern
CASES = {"1/10": (Fraction(9, 20), Fraction(29, 100)), "1/2": (Fraction(3, 2), Fraction(5, 4))}


def run() -> Finding:
    problem = posed(FOUR_POINTS, 1)
    attainable = [[int(bit) for bit in pattern] for pattern in threshold_patterns(problem)]
    every = [list(bits) for bits in product((0, 1), repeat=problem.n_samples) if any(bits)]
    proofs = {}
    for beta in CASES:
        strength = Fraction(beta)
        proofs[f"two layers, beta = {beta}"] = minimum_of(
            column_lasso(attainable, problem.targets, beta=strength)
        )
        proofs[f"every pattern, beta = {beta}"] = minimum_of(
            column_lasso(every, problem.targets, beta=strength)
        )
        proofs[f"two maxima, beta = {beta}"] = minimum_of(shattered_program(problem.targets, beta=strength))
    return Finding(
        {
            **{name: result.value.upper for name, result in proofs.items()},
            "attainable patterns": len(attainable),
            "all of them exactly": all(result.value.is_exact for result in proofs.values()),
        },
        tuple(proofs.values()),
    )


STATEMENT = Statement(
    id="R02",
    title="threshold activations",
    area="convex",
    paper=PAPER,
    place="two-layer Lasso, and deeper networks that shatter the data",
    statement="With threshold activations of trainable amplitude, training is a Lasso over the attainable "
    "0/1 patterns; when every pattern is attainable it is 1/2 |w - y|^2 + beta (max w_+ + max (-w)_+).",
    expected=(
        *(Exactly(f"two layers, beta = {beta}", value) for beta, (value, _) in CASES.items()),
        *(Exactly(f"every pattern, beta = {beta}", value) for beta, (_, value) in CASES.items()),
        *(Exactly(f"two maxima, beta = {beta}", value) for beta, (_, value) in CASES.items()),
        Exactly("attainable patterns", 9, Proof.EXACT),
        Exactly("all of them exactly", True),
    ),
    origin="KKT conditions in exact arithmetic, apart from this package; 9 = 8 cells and u = 0, where every "
    "sample is active",
    method="Every minimum is certified by a point and dual vectors of one value.",
    run=run,
)
