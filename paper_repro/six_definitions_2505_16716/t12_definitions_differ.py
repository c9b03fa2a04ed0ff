"""T12: activation patterns, regions and affine functions of the same networks."""

from __future__ import annotations

from exactnet.geometry import polyhedral_complex, region_task, regions
from exactnet.geometry.definitions import RegionDefinition, bound_regions
from exactnet.model import Network
from paper_repro.anchors import MEDIAN
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.six_definitions_2505_16716 import PAPER
from paper_repro.six_definitions_2505_16716.g07_six_definitions import NETWORKS

# R1, R2, R4, R5, R6
COUNTS = {
    "max(-y, min(0, -x))": (7, 5, 3, 3, 3),
    "two quadrants": (11, 6, 6, 5, 5),
    "one input": (4, 4, 4, 4, 3),
    "median": (11, 6, 6, 3, 3),
}


def network_named(name: str) -> Network:
    return MEDIAN if name == "median" else Network.from_arrays(NETWORKS[name][0])


def run() -> Finding:
    values: dict[str, str | bool] = {}
    certificates = []
    for name in COUNTS:
        network = network_named(name)
        results = [regions(network, definition=definition) for definition in ("R1", "R2", "R4", "R5", "R6")]
        values[name] = " ".join(str(result.value.n_regions) for result in results)
        certificates += results
    first = polyhedral_complex(region_task(network_named("max(-y, min(0, -x))")))
    bounds = bound_regions(first, RegionDefinition.R3)
    values["R3 of the first may be 4"] = bounds.lower <= 4 <= bounds.upper
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T12",
    title="definitions that differ",
    area="tropical",
    paper=PAPER,
    place="definitions and their example",
    statement="R6 <= R5 <= R4 <= R3 <= R2 <= R1 for the six definitions of a linear region, and no two of "
    "R1, R2, R4, R5, R6 agree on all networks.",
    expected=(
        *(Exactly(name, " ".join(map(str, counts))) for name, counts in COUNTS.items()),
        Exactly("R3 of the first may be 4", True, Proof.EXACT),
    ),
    origin="the paper's table for the first function; an independent program for the others, and for R1 of "
    "the median six cones, four rays and the origin: on x = y the unit x - y is off as on one side",
    method="R1, R2, R4, R5, R6 in this order, each recounted by the checker on a complete tree. R3, the "
    "fewest polyhedra of a complex, is enclosed only; the paper's 4 lies in the enclosure.",
    run=run,
)
