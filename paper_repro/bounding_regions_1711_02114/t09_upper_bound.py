"""T09: the best upper bound on random networks of several shapes."""

from __future__ import annotations

from exactnet.geometry import regions, serra_upper_bound
from paper_repro.anchors import random_integer_network
from paper_repro.bounding_regions_1711_02114 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

# widths without the output, and the bound
BOUNDS = {
    (2, 4): 11,
    (2, 8): 37,
    (3, 6): 42,
    (2, 4, 4): 121,
    (3, 4, 4): 161,
    (1, 2, 2): 9,
    (1, 3, 3): 16,
    (2, 6, 6): 484,
    (2, 2, 2, 2): 30,
    (4, 2, 4): 22,
    (3, 1, 5): 7,
}
_N_NETWORKS = 8


def name(widths: tuple[int, ...]) -> str:
    return "-".join(map(str, widths))


def run() -> Finding:
    values: dict[str, int | bool] = {"never exceeded": True}
    certificates = []
    for widths in BOUNDS:
        bound = serra_upper_bound(widths)
        values[name(widths)] = bound
        counted = [
            regions(random_integer_network([*widths, 1], seed, size=20), proof=False)
            for seed in range(_N_NETWORKS)
        ]
        best = max(range(_N_NETWORKS), key=lambda seed: counted[seed].value.n_cells)
        proved = regions(random_integer_network([*widths, 1], best, size=20))
        values["never exceeded"] &= proved.value.n_cells <= bound
        certificates.append(proved)
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T09",
    title="an upper bound for many shapes",
    area="tropical",
    paper=PAPER,
    place="upper bound for deep networks",
    statement="The number of activation regions is at most the sum, over all dimensions j_l that the layers "
    "can still have, of the products of C(n_l, j_l).",
    expected=(
        Exactly("never exceeded", True),
        *(Exactly(name(widths), bound, Proof.EXACT) for widths, bound in BOUNDS.items()),
    ),
    origin="the formula, evaluated by an independent program",
    method="Eight random networks a shape; the one with the most regions has a complete tree.",
    run=run,
)
