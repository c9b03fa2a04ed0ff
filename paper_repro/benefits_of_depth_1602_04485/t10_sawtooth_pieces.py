"""T10: the affine pieces of the sawtooth, by two definitions."""

from __future__ import annotations

from exactnet.geometry import regions
from paper_repro.benefits_of_depth_1602_04485 import PAPER
from paper_repro.expectation import Exactly
from paper_repro.region_counts import sawtooth
from paper_repro.registry import Finding, Statement

R2 = (3, 6, 10, 18, 34)
R6 = (3, 5, 9, 17, 33)


def run() -> Finding:
    results = [regions(sawtooth(depth), definition="R6") for depth in range(1, 6)]
    return Finding(
        {
            "regions (R2), depth 1 to 5": " ".join(str(result.value.n_cells) for result in results),
            "affine functions (R6), depth 1 to 5": " ".join(
                str(result.value.n_regions) for result in results
            ),
        },
        tuple(results),
    )


STATEMENT = Statement(
    id="T10",
    title="pieces of the sawtooth",
    area="tropical",
    paper=PAPER,
    place="the tent map",
    statement="The L-fold composition of the tent map T(x) = 2 relu(x) - 4 relu(x - 1/2) has 2^L + 1 affine "
    "functions, and from L = 2 on 2^L + 2 activation regions: both outer rays are constant zero.",
    expected=(
        Exactly("regions (R2), depth 1 to 5", " ".join(map(str, R2))),
        Exactly("affine functions (R6), depth 1 to 5", " ".join(map(str, R6))),
    ),
    origin="the formulas",
    method="A complete tree for each depth, from which the checker counts the affine functions.",
    run=run,
)
