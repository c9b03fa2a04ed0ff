"""G09: a region has at most 2 d neighbours on average."""

from __future__ import annotations

from fractions import Fraction

from exactnet.geometry import polyhedral_complex, region_task, regions
from exactnet.model import Network
from paper_repro.expectation import AtMost, Exactly, Proof
from paper_repro.neighbouring_regions_2606_07728 import PAPER
from paper_repro.region_counts import random_network, sawtooth
from paper_repro.registry import Finding, Statement

NETWORKS = {
    "2-8": random_network([2, 8], 1),
    "2-6-6": random_network([2, 6, 6], 2),
    "3-6-4": random_network([3, 6, 4], 3),
    "4-6": random_network([4, 6], 4),
    "sawtooth": sawtooth(5),
}


def average_degree(network: Network) -> Fraction:
    """Twice the facets between two cells, over the cells."""
    complex_ = polyhedral_complex(region_task(network))
    return Fraction(2 * len(complex_.adjacency()), complex_.n_cells)


def run() -> Finding:
    results = {name: regions(network, faces=True) for name, network in NETWORKS.items()}
    degrees = {name: average_degree(network) for name, network in NETWORKS.items()}
    return Finding(
        {
            "at most 2 d everywhere": all(
                degrees[name] <= 2 * network.n_inputs for name, network in NETWORKS.items()
            ),
            **{f"average degree of {name}": degree for name, degree in degrees.items()},
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="G09",
    title="the average number of neighbours",
    area="geometry",
    paper=PAPER,
    place="bound on the average degree",
    statement="The cells of a fully connected ReLU network on R^d have at most 2 d neighbours on average.",
    expected=(
        Exactly("at most 2 d everywhere", True, Proof.EXACT),
        *(
            AtMost(f"average degree of {name}", Fraction(2 * network.n_inputs), Proof.EXACT)
            for name, network in NETWORKS.items()
        ),
    ),
    origin="the theorem",
    method="Random integer networks; the cells have complete split trees and recounted faces, and the facets "
    "between two cells are counted in exact arithmetic.",
    run=run,
)
