"""T31: seven numbers in two hidden layers, with three pairs a side."""

from __future__ import annotations

from exactnet.tropical.depth import chamber_system, maximum_in_two_layers
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.two_layers_2607_21651 import PAPER


def run() -> Finding:
    system, result = chamber_system(7, 3), maximum_in_two_layers(7, 3)
    return Finding(
        {
            "terms of a formula": len(result.value.terms) if result.value else 0,
            "rank": system.augmented_rank,
            "hinges": len(system.hinges),
            "distinct columns": len(system.distinct),
        },
        (result,),
    )


STATEMENT = Statement(
    id="T31",
    title="the maximum of seven numbers",
    area="tropical",
    paper=PAPER,
    place="main theorem, n = 7",
    statement="max(x_1, .., x_7) is a symmetric sum of maxima of two sums of three pairwise maxima, so it "
    "has two hidden layers.",
    expected=(
        Exactly("terms of a formula", 52),
        Exactly("rank", 119, Proof.EXACT),
        Exactly("hinges", 245, Proof.EXACT),
        Exactly("distinct columns", 444, Proof.EXACT),
    ),
    origin="the theorem; the numbers by an independent derivation",
    method="A linear system with 252 equations on one chamber, with its solution as certificate.",
    run=run,
)
