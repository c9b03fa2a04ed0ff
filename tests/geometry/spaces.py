"""Triangulated surfaces, networks with known topology, and homology by order complexes, for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from random import Random

from exactnet.geometry.chains import ChainComplex, simplicial_chains
from exactnet.geometry.face_set import FaceSet
from exactnet.geometry.homology import chain_betti_numbers
from exactnet.model import Network

Triangles = list[tuple[int, int, int]]

PROJECTIVE_PLANE: Triangles = [
    *[(1, 2, 5), (1, 2, 6), (1, 3, 4), (1, 3, 6), (1, 4, 5)],
    *[(2, 3, 4), (2, 3, 5), (2, 4, 6), (3, 5, 6), (4, 5, 6)],
]
"""The projective plane with six vertices."""

SEVEN_VERTEX_TORUS: Triangles = [
    triangle for i in range(7) for triangle in ((i, (i + 1) % 7, (i + 3) % 7), (i, (i + 2) % 7, (i + 3) % 7))
]
"""Moebius' torus."""


def glued_grid(n: int, *, flipped: bool) -> Triangles:
    """An n x n grid with opposite sides glued: a torus, or, flipped, a Klein bottle (n >= 4)."""

    def vertex(i: int, j: int) -> int:
        turns, j = divmod(j, n)
        i = -i if flipped and turns % 2 else i
        return (i % n) * n + j

    squares = product(range(n), repeat=2)
    return [
        triangle
        for i, j in squares
        for triangle in (
            (vertex(i, j), vertex(i + 1, j), vertex(i + 1, j + 1)),
            (vertex(i, j), vertex(i, j + 1), vertex(i + 1, j + 1)),
        )
    ]


def random_network(widths: list[int], seed: int, size: int) -> Network:
    """Weights and biases from -size to size, by the generator of the fact sheet's anchors."""
    random = Random(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        weight = [[random.randint(-size, size) for _ in range(n_in)] for _ in range(n_out)]
        layers.append((weight, [random.randint(-size, size) for _ in range(n_out)]))
    return Network.from_arrays(layers)


def sum_of_moduli(*weights: int, constant: int = 0) -> Network:
    """constant + sum of w_i |x_i|."""
    d = len(weights)
    unit = [[int(i == j) for j in range(d)] for i in range(d)]
    return Network.from_arrays([(unit, [0] * d), ([list(weights)], [constant])], activation="abs")


def annulus() -> Network:
    """1 - ||x| + |y| - 2|, positive between two squares."""
    return Network.from_arrays(
        [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [-2]), ([[-1]], [1])],
        activation="abs",
    )


def solid_torus() -> Network:
    """1 - ||x| + |y| - 3| - |z|, positive inside a torus."""
    return Network.from_arrays(
        [
            ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0]),
            ([[1, 1, 0], [0, 0, 1]], [-3, 0]),
            ([[-1, -1]], [1]),
        ],
        activation="abs",
    )


def median() -> Network:
    """median(0, x, y)."""
    return Network.from_arrays(
        [
            ([[1, 0], [-1, 0], [0, 1], [0, -1], [1, -1]], [0] * 5),
            ([[0, 0, -1, 1, -1], [1, -1, 0, 0, -1], [-1, 1, 0, 0, 1]], [0] * 3),
            ([[1, 1, -1], [1, 0, 0]], [0, 0]),
            ([[1, -1]], [0]),
        ]
    )


def maximum() -> Network:
    """max(x, y)."""
    return Network.from_arrays([([[1, -1], [0, 1], [0, -1]], [0] * 3), ([[1, 1, -1]], [0])])


def order_complex(faces: FaceSet) -> ChainComplex:
    """The chains A < B < .. of faces of a set: homotopy equivalent to the set, if it is closed or open."""
    poset = faces.poset
    inside = [(k, i) for k, level in enumerate(faces.members) for i in level]
    name = {face: n for n, face in enumerate(inside)}
    above: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for k, i in reversed(inside):
        above[k, i] = set()
        for j in poset.cofaces[k][i]:
            if (k + 1, j) in name:
                above[k, i] |= {(k + 1, j)} | above[k + 1, j]

    def chains(face: tuple[int, int]) -> Iterator[list[int]]:
        yield [name[face]]
        for larger in above[face]:
            for chain in chains(larger):
                yield [name[face], *chain]

    return simplicial_chains(chain for face in inside for chain in chains(face))


def order_betti_numbers(faces: FaceSet) -> tuple[int, ...]:
    """Ordinary Betti numbers over F_2 by the order complex: no orientation, no duality, no retraction."""
    found = chain_betti_numbers(order_complex(faces))
    return found + (0,) * (faces.poset.dimension + 1 - len(found))
