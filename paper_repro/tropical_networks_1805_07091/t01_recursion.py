"""T01: the recursion of tropical polynomials computes the network."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from exactnet.tropical.convert import tropical_form
from exactnet.tropical.layer_recursion import recursion
from paper_repro.anchors import ANCHORS, Anchor
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER

_N_POINTS = 50


def agrees(anchor: Anchor) -> bool:
    """Whether F - G of the recursion, with all of its terms, is the network at random rational points."""
    network = anchor.network()
    (f,) = recursion(network, prune=False)
    if (f.numerator.n_terms, f.denominator.n_terms) != anchor.n_naive:
        return False
    random = Random(anchor.seed)
    points = [
        [Fraction(random.randint(-99, 99), random.randint(1, 9)) for _ in range(network.n_inputs)]
        for _ in range(_N_POINTS)
    ]
    values = zip(f.numerator.values(points), f.denominator.values(points), strict=True)
    return all(network(x)[0] == F - G for x, (F, G) in zip(points, values, strict=True))


def run() -> Finding:
    n_agree = sum(map(agrees, ANCHORS))
    forms = tuple(tropical_form(anchor.network(), proof=True) for anchor in ANCHORS)
    return Finding({"networks": len(forms), "networks where the recursion agrees": n_agree}, forms)


STATEMENT = Statement(
    id="T01",
    title="networks are tropical rational functions",
    area="tropical",
    paper=PAPER,
    place="recursion for the layers",
    statement="With H = A+ F + A- G + b, G' = A+ G + A- F and F' = max(H, G') from layer to layer, a ReLU "
    "network is F - G for two tropical polynomials F and G.",
    expected=(
        Exactly("networks", 25),
        Exactly("networks where the recursion agrees", 25, Proof.EXACT),
    ),
    origin="the numbers of terms before pruning and the agreement at points, by an independent program",
    method="25 random integer networks of five shapes. The checker proves, region after region, that the "
    "network is F - G for the essential terms; the recursion with all terms is compared at 50 random "
    "rational points each.",
    run=run,
)
