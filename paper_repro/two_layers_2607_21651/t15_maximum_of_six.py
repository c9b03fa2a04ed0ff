"""T15: six numbers in two hidden layers, and families that are too small."""

from __future__ import annotations

from exactnet.certificate import Result, Status
from exactnet.tropical.depth import MaximumFormula, chamber_system, maximum_in_two_layers
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.two_layers_2607_21651 import PAPER


def decided(result: Result[MaximumFormula | None]) -> Result[MaximumFormula | None]:
    """A refuted existence, stated as the proved claim that there is none."""
    return Result(result.value, Status.PROVED, result.certificate, result.sentence)


def run() -> Finding:
    six = maximum_in_two_layers(6, 2)
    five, seven = maximum_in_two_layers(5, 1, loops=True), maximum_in_two_layers(7, 2)
    systems = {"max of 6, 2 edges": chamber_system(6, 2), "max of 7, 2 edges": chamber_system(7, 2)}
    return Finding(
        {
            "max of 6 with 2 edges a side": bool(six),
            "max of 5 with 1 edge a side": five.value is not None,
            "max of 7 with 2 edges a side": seven.value is not None,
            "terms for the max of 6": len(six.value.terms) if six.value else 0,
            **{f"rank, {name}": system.augmented_rank for name, system in systems.items()},
            **{f"hinges, {name}": len(system.hinges) for name, system in systems.items()},
        },
        tuple(map(decided, (six, five, seven))),
    )


STATEMENT = Statement(
    id="T15",
    title="the maximum of six numbers, and what one and two edges cannot do",
    area="tropical",
    paper=PAPER,
    place="pairwise formulas, and the necessary number of edges",
    statement="max(x_1, .., x_6) is a symmetric sum of maxima of two sums of two pairwise maxima. For the "
    "maximum of n numbers such sums need at least (n - 1)/2 pairs, rounded down: one is too few for 5 and "
    "two are too few for 7.",
    expected=(
        Exactly("max of 6 with 2 edges a side", True),
        Exactly("max of 5 with 1 edge a side", False),
        Exactly("max of 7 with 2 edges a side", False),
        Exactly("terms for the max of 6", 7),
        Exactly("rank, max of 6, 2 edges", 13, Proof.EXACT),
        Exactly("hinges, max of 6, 2 edges", 15, Proof.EXACT),
        Exactly("rank, max of 7, 2 edges", 16, Proof.EXACT),
        Exactly("hinges, max of 7, 2 edges", 35, Proof.EXACT),
    ),
    origin="the papers; ranks and hinges by an independent derivation",
    method="Linear systems on one chamber: a solution for 6, Farkas multipliers for 5 and 7. That the "
    "systems say what they should is exact arithmetic of the script.",
    run=run,
)
