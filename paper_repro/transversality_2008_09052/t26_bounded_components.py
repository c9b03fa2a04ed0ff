"""T26: one hidden layer of n + 1 units has at most one bounded component of a decision region."""

from __future__ import annotations

from fractions import Fraction

from exactnet.geometry import level_sets, regions
from exactnet.model import Network
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import AtMost, Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.transversality_2008_09052 import PAPER

# widths, and how many random networks
SHAPES = {(1, 2, 1): 60, (2, 3, 1): 120, (3, 4, 1): 15}


def n_bounded(network: Network) -> int:
    """The larger number of bounded components of {f > 0} and {f < 0}."""
    sets = level_sets(network)
    return max(sum(part.is_bounded for part in side.components()) for side in (sets.above, sets.below))


def name(widths: tuple[int, ...]) -> str:
    return "-".join(map(str, widths))


def run() -> Finding:
    values: dict[str, int] = {}
    shown = []
    for widths, n_networks in SHAPES.items():
        networks = [random_integer_network(widths, seed, size=99) for seed in range(n_networks)]
        counted = [n_bounded(network) for network in networks]
        values[name(widths)] = max(counted)
        shown.append(networks[counted.index(max(counted))])
    values["some have one"] = int(max(values[name(widths)] for widths in SHAPES))
    return Finding(values, tuple(regions(network, faces=True) for network in shown))


STATEMENT = Statement(
    id="T26",
    title="bounded components of decision regions",
    area="tropical",
    paper=PAPER,
    place="theorem on one hidden layer of n + 1 units",
    statement="A generic transversal network n-(n+1)-1 has at most one bounded component of each decision "
    "region.",
    expected=(
        Exactly("some have one", 1, Proof.EXACT),
        *(AtMost(name(widths), Fraction(1), Proof.EXACT) for widths in SHAPES),
    ),
    origin="the theorem",
    method="195 random integer networks; components of {f > 0} and {f < 0} in exact arithmetic on the faces, "
    "which the checker recounts for one network a shape.",
    run=run,
)
