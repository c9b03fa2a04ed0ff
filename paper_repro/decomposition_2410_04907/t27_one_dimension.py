"""T27: on the line the minimal decomposition is unique."""

from __future__ import annotations

from exactnet.model import Network
from exactnet.tropical.dc import least_kink, vertex_decompositions
from exactnet.tropical.kinks import kinked_complex
from paper_repro.anchors import random_integer_network
from paper_repro.decomposition_2410_04907 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

# relu(x) - 2 relu(x - 1) + 2 relu(x - 2)
EXAMPLE = Network.from_arrays([([[1], [1], [1]], [0, -1, -2]), ([[1, -2, 2]], [0])])
_N_NETWORKS = 20


def is_split_by_sign(network: Network) -> bool:
    """Whether the only vertex gives g the positive and h the negative kinks."""
    kinked = kinked_complex(network)
    vertices = vertex_decompositions(kinked)
    return [one.kinks for one in vertices] == [tuple(max(kink, kink - kink) for kink in kinked.kinks)]


def run() -> Finding:
    best = least_kink(EXAMPLE)
    networks = [random_integer_network([1, 4, 3, 1], seed) for seed in range(_N_NETWORKS)]
    return Finding(
        {
            "pieces of g and h": "{} - {}".format(*best.value.n_pieces),
            "networks": _N_NETWORKS,
            "networks where the kinks split by sign": sum(map(is_split_by_sign, networks)),
        },
        (best,),
    )


STATEMENT = Statement(
    id="T27",
    title="minimal decompositions on the line",
    area="tropical",
    paper=PAPER,
    place="one dimension",
    statement="In one dimension f = g - h has one minimal decomposition: g takes the positive kinks of f, "
    "and h the negative ones.",
    expected=(
        Exactly("pieces of g and h", "3 - 2"),
        Exactly("networks", _N_NETWORKS, Proof.EXACT),
        Exactly("networks where the kinks split by sign", _N_NETWORKS, Proof.EXACT),
    ),
    origin="by hand: the example has the kinks 1, -2, 2",
    method="The example has a certificate; for 20 random deep networks the vertices of the decomposition "
    "polyhedron are listed in exact arithmetic.",
    run=run,
)
