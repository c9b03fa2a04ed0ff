"""T13: closed regions are joined through lower-dimensional slices of other cells."""

from __future__ import annotations

from collections import defaultdict

from exactnet.geometry import PolyhedralComplex, polyhedral_complex, region_task, regions
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.six_definitions_2505_16716 import PAPER


def joined_by_touching(complex_: PolyhedralComplex) -> int:
    """Cells with the same affine function, joined when they have a vertex in common, and not otherwise."""
    groups: dict[object, list[set[object]]] = defaultdict(list)
    for cell in complex_.cells:
        vertices: set[object] = set(cell.vertices)
        own = groups[cell.affine_map]
        meeting = [group for group in own if group & vertices]
        groups[cell.affine_map] = [group for group in own if not group & vertices]
        groups[cell.affine_map].append(vertices.union(*meeting))
    return sum(map(len, groups.values()))


def run() -> Finding:
    network = random_integer_network([2, 8, 1], 4)
    results = {definition: regions(network, definition=definition) for definition in ("R4", "R5", "R6")}
    values: dict[str, int] = {}
    for definition, result in results.items():
        n = result.value.n_regions
        values[definition] = -1 if n is None else n
    values["joined by touching only"] = joined_by_touching(polyhedral_complex(region_task(network)))
    return Finding(values, tuple(results.values()))


STATEMENT = Statement(
    id="T13",
    title="closed regions need lower-dimensional slices",
    area="tropical",
    paper=PAPER,
    place="definition of closed connected regions",
    statement="Maximal closed connected sets on which f is affine can hang together through slices {f = g} "
    "of lower dimension inside cells where f is another function; joining cells that touch does not find "
    "them.",
    expected=(
        Exactly("R4", 29),
        Exactly("R5", 27),
        Exactly("R6", 27),
        Exactly("joined by touching only", 29, Proof.EXACT),
    ),
    origin="an independent program",
    method="One random network 2-8-1. The checker recounts each definition on a complete tree.",
    run=run,
)
