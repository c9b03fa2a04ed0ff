"""G03: resonance and threshold arrangements and their Betti numbers."""

from __future__ import annotations

from exactnet.geometry import characteristic_polynomial, regions
from exactnet.geometry.named import resonance, threshold
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.symmetries_2105_14542 import PAPER

CERTIFIED = {
    "resonance, n = 2": (resonance(2), 6),
    "resonance, n = 3": (resonance(3), 32),
    "resonance, n = 4": (resonance(4), 370),
    "threshold, n = 2": (threshold(2), 14),
    "threshold, n = 3": (threshold(3), 104),
    "threshold, n = 4": (threshold(4), 1882),
}
BETTI = {
    "Betti numbers of resonance, n = 5": (resonance(5), "1 31 375 2130 5270 3485"),
    "Betti numbers of resonance, n = 6": (resonance(6), "1 63 1652 22435 159460 510524 371909"),
    "Betti numbers of threshold, n = 5": (threshold(5), "1 32 496 4240 19660 43014 27129"),
}


def run() -> Finding:
    results = {name: regions(source) for name, (source, _) in CERTIFIED.items()}
    rows = {name: characteristic_polynomial(source).betti for name, (source, _) in BETTI.items()}
    return Finding(
        {
            **{name: result.value.n_cells for name, result in results.items()},
            **{name: " ".join(map(str, row)) for name, row in rows.items()},
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="G03",
    title="resonance and threshold arrangements",
    area="geometry",
    paper=PAPER,
    place="tables of Betti numbers",
    statement="The resonance arrangement (all subset sums) has 2, 6, 32, 370, 11292, ... regions, the "
    "threshold arrangement 2, 4, 14, 104, 1882, ...; the Betti numbers of the complements add up to them.",
    expected=(
        *(Exactly(name, count) for name, (_, count) in CERTIFIED.items()),
        *(Exactly(name, row, Proof.EXACT) for name, (_, row) in BETTI.items()),
    ),
    origin="OEIS A034997, A000609, A344494",
    method="The counts have complete split trees; the Betti numbers come from deletion and restriction, "
    "without certificate.",
    run=run,
)
