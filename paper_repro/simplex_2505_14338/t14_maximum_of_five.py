"""T14: the maximum of five numbers has two hidden layers."""

from __future__ import annotations

from exactnet.geometry import regions
from exactnet.tropical.depth import chamber_system, maximum_in_two_layers
from exactnet.tropical.maxima import maximum_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.simplex_2505_14338 import PAPER


def run() -> Finding:
    system, formula = chamber_system(5, 2), maximum_in_two_layers(5, 2)
    network = maximum_network(5)
    cells = regions(network, definition="R6")
    found = formula.value
    n_functions = cells.value.n_regions
    return Finding(
        {
            "terms of a formula": 0 if found is None else len(found.terms),
            "rank of the system": system.augmented_rank,
            "different inner maxima": 0 if found is None else found.n_atoms,
            "widths of the network": "-".join(map(str, network.widths)),
            "activation regions": cells.value.n_cells,
            "affine functions": -1 if n_functions is None else n_functions,
        },
        (formula, cells),
    )


STATEMENT = Statement(
    id="T14",
    title="the maximum of five numbers",
    area="tropical",
    paper=PAPER,
    place="main theorem",
    statement="max(x_1, .., x_5) is computed by a ReLU network with two hidden layers; the pairwise tree "
    "needs three.",
    expected=(
        Exactly("terms of a formula", 4),
        Exactly("activation regions", 600),
        Exactly("affine functions", 5),
        Exactly("rank of the system", 8, Proof.EXACT),
        Exactly("different inner maxima", 195, Proof.EXACT),
        Exactly("widths of the network", "4-18-207-1", Proof.EXACT),
    ),
    origin="the theorem; the numbers by an independent derivation",
    method="A linear system for symmetric formulas, compared on one chamber, with its solution as "
    "certificate; and a network made from it (x_5 = 0), whose regions and affine functions the checker "
    "counts.",
    run=run,
)
