"""T30: the formula for five numbers bends off the braid arrangement, and the bends cancel."""

from __future__ import annotations

from fractions import Fraction

from exactnet.tropical.depth import chamber_system, maximum_in_two_layers
from paper_repro.braid_arrangement_2502_09324 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement


def run() -> Finding:
    system, result = chamber_system(5, 2), maximum_in_two_layers(5, 2)
    terms = {} if result.value is None else {pair: factor for factor, pair in result.value.terms}
    used = [
        (terms.get(pair, Fraction(0)), column)
        for pair, column in zip(system.pairs, system.columns, strict=True)
    ]
    left = [
        sum((factor * column[system.n + h] for factor, column in used), Fraction(0))
        for h in range(len(system.hinges))
    ]
    return Finding(
        {
            "classes of hinges inside the chamber": len(system.hinges),
            "hinges that do not cancel": sum(value != 0 for value in left),
        },
        (result,),
    )


STATEMENT = Statement(
    id="T30",
    title="bends off the braid arrangement",
    area="tropical",
    paper=PAPER,
    place="networks whose units bend on x_i = x_j only",
    statement="Networks that bend along the braid arrangement only need more layers for large maxima. The "
    "formulas with two hidden layers for five numbers bend elsewhere: inside the chamber of sorted numbers "
    "their second layers have hinges of five classes, which all cancel in the output.",
    expected=(
        Exactly("hinges that do not cancel", 0),
        Exactly("classes of hinges inside the chamber", 5, Proof.EXACT),
    ),
    origin="an independent derivation of the formula",
    method="The certificate of the formula is a linear system with one equation a hinge. A class of hinges "
    "is a direction up to permutations, represented inside the chamber.",
    run=run,
)
