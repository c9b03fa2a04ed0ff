"""T24: Betti numbers of named shapes, and the sum over critical vertices."""

from __future__ import annotations

from exactnet.geometry import (
    betti_numbers,
    euler_characteristic,
    level_sets,
    morse_data,
    regions,
    sublevel_set,
)
from exactnet.geometry.morse import MorseData
from exactnet.model import Network
from paper_repro.anchors import ANCHORS, ANNULUS, OCTAHEDRON, TORUS, random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.topological_complexity_2204_06062 import PAPER

# Betti numbers of {f >= 0}, {f = 0}, {f <= 0}
SHAPES = {
    "annulus": (ANNULUS, "1 1 0; 2 2 0; 2 1 0"),
    "octahedron": (OCTAHEDRON, "1 0 0 0; 1 0 1 0; 1 0 1 0"),
    "torus": (TORUS, "1 1 0 0; 1 2 1 0; 1 1 1 0"),
}
SADDLE = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, -1]], [0])], activation="abs")

# critical vertices of index 0, 1, 2, and their alternating sum
CRITICAL = {
    "2-6-1, seed 0": (random_integer_network([2, 6, 1], 0, size=99), "2 3 1; 0"),
    "2-4-4-1, seed 2": (random_integer_network([2, 4, 4, 1], 2, size=99), "0 3 2; -1"),
    "|x| - |y|": (SADDLE, "0 1 0; -1"),
}
_N_NETWORKS = 25


def betti_text(network: Network) -> str:
    sets = level_sets(network)
    return "; ".join(
        " ".join(map(str, betti_numbers(one))) for one in (sets.at_least, sets.zero, sets.at_most)
    )


def critical_text(morse: MorseData) -> str:
    indices = [found.index for found in morse.critical]
    return f"{' '.join(str(indices.count(k)) for k in range(3))}; {morse.index_sum}"


def sum_holds(network: Network, morse: MorseData) -> bool:
    """The sum is 1 - chi({f <= t}) for t below all vertices."""
    below = min(found.value for found in morse.sets) - 1
    return morse.index_sum == 1 - euler_characteristic(sublevel_set(network, below))


def without_flat_cells() -> list[tuple[Network, MorseData]]:
    """The first random networks with two inputs that are constant on no edge and no cell."""
    found: list[tuple[Network, MorseData]] = []
    seed = 0
    while len(found) < _N_NETWORKS:
        network = random_integer_network([2, 5, 1] if seed % 2 else [2, 3, 3, 1], seed, size=99)
        morse = morse_data(network)
        if not morse.flat and morse.sets:
            found.append((network, morse))
        seed += 1
    return found


def run() -> Finding:
    values: dict[str, str | int] = {name: betti_text(network) for name, (network, _) in SHAPES.items()}
    values["networks of the table with the known Betti numbers"] = sum(
        betti_numbers(sets.at_least) == anchor.betti_above and betti_numbers(sets.zero) == anchor.betti_zero
        for anchor, sets in ((anchor, level_sets(anchor.network())) for anchor in ANCHORS)
    )
    for name, (network, _) in CRITICAL.items():
        values[name] = critical_text(morse_data(network))
    values["networks where the sum holds"] = sum(sum_holds(*pair) for pair in without_flat_cells())
    networks = [network for network, _ in (*SHAPES.values(), *CRITICAL.values())]
    return Finding(values, tuple(regions(network, faces=True) for network in networks))


STATEMENT = Statement(
    id="T24",
    title="Betti numbers and critical vertices",
    area="tropical",
    paper=PAPER,
    place="decision regions; piecewise linear Morse theory",
    statement="A network can have an annulus, an octahedron or a solid torus as decision region. Over all "
    "critical vertices the alternating sum of the indices is 1 minus the Euler characteristic of {f <= t} "
    "for t below the values of all vertices.",
    expected=(
        *(Exactly(name, text, Proof.EXACT) for name, (_, text) in SHAPES.items()),
        Exactly("networks of the table with the known Betti numbers", 25, Proof.EXACT),
        *(Exactly(name, text, Proof.EXACT) for name, (_, text) in CRITICAL.items()),
        Exactly("networks where the sum holds", _N_NETWORKS, Proof.EXACT),
    ),
    origin="topology for the shapes and |x| - |y|; an independent program for the networks",
    method="The faces of each complex are recounted by the checker. Homology over F2 and the local homology "
    "at every vertex are computed in exact arithmetic on these faces.",
    run=run,
)
