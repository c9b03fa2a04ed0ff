"""T23: the sign vectors of the vertices give all faces of a generic network, and too many of another one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from exactnet.geometry import genericity_of, polyhedral_complex, region_task, regions
from exactnet.geometry.sign_vectors import sign_complex
from exactnet.model import Activation, Network
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.sign_vectors_2207_07696 import PAPER

# shape and seed, and the faces of every dimension, cut along the zero set of the output
GENERIC = {
    ((2, 4, 4, 1), 1): (38, 85, 48),
    ((2, 6, 6, 1), 0): (66, 145, 80),
    ((3, 4, 4, 1), 0): (100, 330, 369, 140),
    ((2, 4, 1), 3): (13, 31, 19),
}
SPECIAL = ((3, 4, 4, 1), 1)


def cut_at_zero(widths: tuple[int, ...], seed: int) -> Network:
    """The random network with a ReLU behind its output, whose switch is the sign of the output."""
    network = random_integer_network(widths, seed, size=97)
    last = replace(network.layers[-1], activation=Activation.RELU)
    return Network((*network.layers[:-1], last))


def n_false_faces(network: Network) -> int:
    """Sign vectors that arise when zeros of vertices are replaced, but belong to no face."""
    complex_ = polyhedral_complex(region_task(network))
    faces = {signs for k in range(complex_.dimension + 1) for signs in complex_.face_signs(k)}
    closure = {
        signs
        for vertex in complex_.face_signs(0)
        for signs in product(*[(s,) if s else (-1, 0, 1) for s in vertex])
    }
    return len(closure - faces)


def name(widths: tuple[int, ...], seed: int) -> str:
    return f"{'-'.join(map(str, widths))}, seed {seed}"


def run() -> Finding:
    values: dict[str, str | int | bool] = {"closure of the vertices equals the faces": True}
    certificates = []
    for key in GENERIC:
        network = cut_at_zero(*key)
        proved = regions(network, faces=True)
        found = sign_complex(region_task(network)).f_vector()
        values["closure of the vertices equals the faces"] &= found == proved.value.f_vector  # type: ignore[operator]
        values[name(*key)] = " ".join(map(str, found))
        certificates.append(proved)
    special = cut_at_zero(*SPECIAL)
    values[f"{name(*SPECIAL)}, is generic"] = genericity_of(region_task(special)).is_supertransversal
    values[f"{name(*SPECIAL)}, false faces"] = n_false_faces(special)
    return Finding(values, (*certificates, regions(special, faces=True)))


STATEMENT = Statement(
    id="T23",
    title="faces from the sign vectors of vertices",
    area="tropical",
    paper=PAPER,
    place="theorem on the face poset",
    statement="In a supertransversal network the faces are exactly the sign vectors that arise when zeros in "
    "the sign vectors of vertices are replaced by signs. Without that assumption there can be more of these.",
    expected=(
        Exactly("closure of the vertices equals the faces", True),
        *(Exactly(name(*key), " ".join(map(str, faces))) for key, faces in GENERIC.items()),
        Exactly(f"{name(*SPECIAL)}, is generic", False, Proof.EXACT),
        Exactly(f"{name(*SPECIAL)}, false faces", 88, Proof.EXACT),
    ),
    origin="an independent program that splits cells in three ways",
    method="Random integer networks with weights up to 97. The checker recounts the faces of every "
    "dimension; they are compared with the closure of the vertices.",
    run=run,
)
