"""T06: two zonotopes hold the decision boundary of a two-class network."""

from __future__ import annotations

from typing import Any

from exactnet.certificate import Result
from exactnet.model import Network
from exactnet.tropical.alfarra import boundary_zonotopes, two_class_forms
from exactnet.tropical.convert import tropical_form
from exactnet.tropical.newton import newton_polytope
from paper_repro.anchors import random_integer_network
from paper_repro.decision_boundaries_2002_08838 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement


def without_biases(seed: int) -> Network:
    """A random network 2-4-2."""
    layers = random_integer_network([2, 4, 2], seed).layers
    return Network.from_arrays([(layer.weight.rows(), None) for layer in layers])


def run() -> Finding:
    n_formula = n_hull = 0
    certificates: list[Result[Any]] = []
    for seed in range(5):
        network = without_biases(seed)
        form = tropical_form(network, proof=True)
        left, right, whole = two_class_forms(*form.value.outputs)
        zonotopes = boundary_zonotopes(network)
        same = [p.equals(zonotopes.polynomial(k)) for k, p in enumerate((left, right))]
        n_formula += all(result.value for result in same)
        n_hull += newton_polytope(whole) == zonotopes.hull()
        certificates += [form, *same]
    return Finding(
        {
            "networks where the products are zonotopes": n_formula,
            "Newton polytopes that are the hull": n_hull,
        },
        tuple(certificates),
    )


STATEMENT = Statement(
    id="T06",
    title="decision boundaries by zonotopes",
    area="tropical",
    paper=PAPER,
    place="theorem on two-class networks",
    statement="For x -> B max(A x, 0) with outputs H_k - Q_k the tropical products H_1 Q_2 and H_2 Q_1 have "
    "zonotopes as Newton polytopes, with the segments (B_1j+ + B_2j-) [A_j+, A_j-] and their mirror images; "
    "the polynomial that holds the decision boundary has the hull of both.",
    expected=(
        Exactly("networks where the products are zonotopes", 5),
        Exactly("Newton polytopes that are the hull", 5, Proof.EXACT),
    ),
    origin="the theorem",
    method="Five random networks 2-4-2: the products from the tropical forms, which have certificates, equal "
    "the tropical products of the segments, term by term, which the checker verifies.",
    run=run,
)
