"""T04: the decision boundary lies in a tropical hypersurface."""

from __future__ import annotations

from typing import Any

from exactnet.certificate import Result
from exactnet.tropical.convert import tropical_form
from exactnet.tropical.decision import boundary_containment
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER

# shape and seed, and the pieces of the boundary
NETWORKS = {((2, 4, 4, 1), 0): 7, ((2, 4, 4, 1), 1): 5, ((3, 4, 4, 1), 0): 24}


def name(widths: tuple[int, ...], seed: int) -> str:
    return f"{'-'.join(map(str, widths))}, seed {seed}"


def run() -> Finding:
    values: dict[str, int | bool] = {"bounds on the components hold": True}
    certificates: list[Result[Any]] = []
    for widths, seed in NETWORKS:
        network = random_integer_network(widths, seed)
        form = tropical_form(network, proof=True)
        contained = boundary_containment(network, form.value.rational)
        found = contained.value
        values[f"pieces of {name(widths, seed)}"] = found.n_pieces
        bounds = zip(found.components, found.shares, strict=True)
        values["bounds on the components hold"] &= all(n <= most for n, most in bounds)
        certificates += [form, contained]
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T04",
    title="decision boundaries in tropical hypersurfaces",
    area="tropical",
    paper=PAPER,
    place="proposition on decision boundaries",
    statement="For f = F - G the set {f = c} lies in the hypersurface of the tropical sum of F and c + G, "
    "and {f > c} has at most as many components as that sum has regions from F.",
    expected=(
        *(Exactly(f"pieces of {name(*key)}", n) for key, n in NETWORKS.items()),
        Exactly("bounds on the components hold", True, Proof.EXACT),
    ),
    origin="the theorem, and the numbers of pieces by an independent program",
    method="The tropical forms of the networks have certificates; for each piece of the boundary the checker "
    "gets a point of its relative interior, two terms of the sum that are equal there, and that no other one "
    "is larger. The components are counted in exact arithmetic.",
    run=run,
)
