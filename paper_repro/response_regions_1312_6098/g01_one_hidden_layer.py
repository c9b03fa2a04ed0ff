"""G01: how many regions a network with one hidden layer has."""

from __future__ import annotations

from exactnet.geometry import regions
from exactnet.geometry.bounds import zaslavsky_bound
from exactnet.geometry.named import cyclic
from exactnet.model import Network
from paper_repro.expectation import Exactly, Proof
from paper_repro.region_counts import counts
from paper_repro.registry import Finding, Statement
from paper_repro.response_regions_1312_6098 import PAPER

# (units, inputs): regions and bounded ones, sum_{i <= d} C(n, i) and C(n - 1, d)
GENERAL = {(5, 1): (6, 4), (6, 2): (22, 10), (6, 3): (42, 10), (7, 4): (99, 15)}


def network(n: int, d: int) -> Network:
    """n units in general position: rows of a Vandermonde matrix."""
    rows = cyclic(n, d).forms
    return Network.from_arrays([([row[:-1] for row in rows], [row[-1] for row in rows]), ([[1] * n], [0])])


def run() -> Finding:
    results = {f"n = {n}, d = {d}": regions(network(n, d)) for n, d in GENERAL}
    parallel = regions(Network.from_arrays([([[1, 1], [2, 2], [1, 0]], [0, 1, 0]), ([[1, 1, 1]], [0])]))
    bounded = {f"{name}, bounded": result.value.n_bounded for name, result in results.items()}
    return Finding(
        {
            **counts(results),
            **bounded,
            "two of three units parallel": parallel.value.n_cells,
            "the formula for three units": zaslavsky_bound(2, 3),
        },
        (*results.values(), parallel),
    )


STATEMENT = Statement(
    id="G01",
    title="one hidden layer",
    area="geometry",
    paper=PAPER,
    place="one hidden layer, from Zaslavsky 1975",
    statement="n rectifiers on R^d have at most C(n,0) + ... + C(n,d) regions, and exactly so many, "
    "C(n-1,d) of them bounded, in general position.",
    expected=(
        *(Exactly(f"n = {n}, d = {d}", count) for (n, d), (count, _) in GENERAL.items()),
        *(Exactly(f"n = {n}, d = {d}, bounded", few, Proof.EXACT) for (n, d), (_, few) in GENERAL.items()),
        Exactly("two of three units parallel", 6),
        Exactly("the formula for three units", 7, Proof.EXACT),
    ),
    origin="Zaslavsky's formula; two parallel lines and a third by hand",
    method="Each count has a complete split tree, with a point of every cell and a Farkas basis for every "
    "missing one, and the checker counts again by deletion and restriction.",
    run=run,
)
