"""T22: the average degree on the anchor networks."""

from __future__ import annotations

from exactnet.geometry import polyhedral_complex, region_task, regions
from paper_repro.anchors import ANCHORS
from paper_repro.expectation import Exactly, Proof
from paper_repro.neighbouring_regions_2606_07728 import PAPER
from paper_repro.registry import Finding, Statement


def run() -> Finding:
    n_hold = n_known = 0
    for anchor in ANCHORS:
        complex_ = polyhedral_complex(region_task(anchor.network()))
        n_facets = len(complex_.adjacency())
        n_known += n_facets == anchor.n_facets
        n_hold += 2 * n_facets <= 2 * complex_.dimension * complex_.n_cells
    proofs = tuple(regions(anchor.network(), faces=True) for anchor in ANCHORS)
    return Finding(
        {"networks": len(proofs), "with at most 2 d": n_hold, "with the known number of facets": n_known},
        proofs,
    )


STATEMENT = Statement(
    id="T22",
    title="neighbours of the regions of 25 networks",
    area="tropical",
    paper=PAPER,
    place="bound on the average degree",
    statement="The cells of a fully connected ReLU network on R^d have at most 2 d neighbours on average.",
    expected=(
        Exactly("with at most 2 d", 25, Proof.EXACT),
        Exactly("networks", 25),
        Exactly("with the known number of facets", 25, Proof.EXACT),
    ),
    origin="the theorem; the numbers of facets by an independent program",
    method="Cells and faces are recounted by the checker; the facets between two cells are counted in exact "
    "arithmetic.",
    run=run,
)
