"""Faces: f-vectors, Euler's relation, patterns of all dimensions, and what must not change them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.exact import rank
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.nets import (
    ACTIVATIONS,
    check_facets,
    domains,
    forms_in,
    networks,
    unit_box,
    vandermonde,
    zigzag,
)


@pytest.mark.parametrize(("n", "d"), [(4, 1), (7, 2), (3, 3), (6, 3), (5, 4)])
def test_f_vectors_in_general_position(n: int, d: int) -> None:
    found = polyhedral_complex(arrangement_task(vandermonde(n, d)))
    assert found.f_vector() == tuple(
        comb(n, d - k) * sum(comb(n - d + k, i) for i in range(k + 1)) for k in range(d + 1)
    )
    assert found.bounded_f_vector() == tuple(
        comb(n, d - k) * (comb(n - d + k - 1, k) if n > d - k else int(k == 0)) for k in range(d + 1)
    )
    # simple: every face of dimension k lies in 2^(d-k) cells
    for k in range(d):
        assert set(_n_cells_around(found, k).values()) == {2 ** (d - k)}
    assert sum(len(cell.walls) for cell in found.cells) <= 2 * d * found.n_cells


@pytest.mark.parametrize("d", [1, 2, 3])
def test_folded_grids(d: int) -> None:
    """Each coordinate folded on its own: the product of d lines."""
    line = zigzag(2, 2)
    layers = []
    for layer in line.layers:
        n_out, n_in = layer.weight.shape
        rows = [
            [int(i == j) * x for j in range(d) for x in layer.weight.row(u)]
            for i in range(d)
            for u in range(n_out)
        ]
        assert len(rows[0]) == d * n_in
        layers.append((rows, layer.bias * d))
    found = polyhedral_complex(region_task(Network.from_arrays(layers)))
    assert found.f_vector() == tuple(comb(d, k) * 5 ** (d - k) * 6**k for k in range(d + 1))
    assert found.n_bounded == 4**d


def test_the_boolean_arrangement_in_a_cube() -> None:
    found = polyhedral_complex(arrangement_task([(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)], unit_box(3)))
    assert found.f_vector() == (27, 54, 36, 8)
    assert found.bounded_f_vector() == found.f_vector()
    assert len(found.adjacency()) == 12


R1_ANCHORS = [
    # layers, number of activation patterns with lower-dimensional ones (R1), of full dimension (R2)
    ([([[1, 0], [0, 1], [0, -1]], [0, 0, 0]), ([[1, -1, 1], [1, 0, 0]], [0, 0]), ([[1, -1]], [0])], 7, 5),
    (
        [
            ([[1, 0], [-1, 0], [1, -1], [-1, 1]], [0, 0, 0, 0]),
            ([[1, -1, -1, 0], [-1, 1, 0, -1]], [0, 0]),
            ([[1, 1]], [0]),
        ],
        11,
        6,
    ),
    ([([[1], [1], [1]], [0, -2, -1]), ([[1, 1, -2]], [0])], 4, 4),
]


# (widths, seed): R1 and R2 of the network of `_random_network`, from independent computations
R1_RANDOM = {
    (2, 4, 1): [(8, 8), (10, 10), (10, 10), (11, 11), (7, 7)],
    (2, 8, 1): [(32, 32), (29, 29), (33, 33), (34, 32), (29, 29)],
    (3, 6, 1): [(42, 42), (41, 40), (37, 37), (42, 42), (41, 41)],
    (2, 4, 4, 1): [(22, 22), (33, 32), (23, 23), (49, 48), (14, 14)],
    (3, 4, 4, 1): [(62, 61), (76, 76), (58, 58), (57, 56), (65, 65)],
}


def _random_network(widths: tuple[int, ...], seed: int) -> Network:
    source = Random(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        weight = [[source.randint(-3, 3) for _ in range(n_in)] for _ in range(n_out)]
        layers.append((weight, [source.randint(-3, 3) for _ in range(n_out)]))
    return Network.from_arrays(layers)


def _patterns(found: PolyhedralComplex) -> set[tuple[bool, ...]]:
    """The activation patterns (on or not on) of the faces of all dimensions."""
    levels = range(found.dimension + 1)
    return {tuple(sign > 0 for sign in signs) for k in levels for signs in found.face_signs(k)}


@pytest.mark.parametrize("widths", list(R1_RANDOM))
def test_patterns_of_small_integer_networks(widths: tuple[int, ...]) -> None:
    for seed, expected in enumerate(R1_RANDOM[widths]):
        found = polyhedral_complex(region_task(_random_network(widths, seed)))
        assert (len(_patterns(found)), found.n_cells) == expected


@pytest.mark.parametrize(("layers", "n_patterns", "n_cells"), R1_ANCHORS)
def test_patterns_of_all_dimensions(layers: object, n_patterns: int, n_cells: int) -> None:
    """Definitions R1 and R2 of Stargalla, Hertrich and Reichman (2025) on their examples."""
    found = polyhedral_complex(region_task(Network.from_arrays(layers)))  # type: ignore[arg-type]
    assert (len(_patterns(found)), found.n_cells) == (n_patterns, n_cells)


def _n_cells_around(found: PolyhedralComplex, k: int) -> Counter[int]:
    """For each face of dimension k the number of cells it belongs to."""
    around: Counter[int] = Counter()
    lattice = found.lattice
    for i in range(found.n_cells):
        faces = {i}
        for level in range(found.dimension, k, -1):
            faces = {below for face in faces for below in lattice.boundaries[level][face]}
        around.update(faces)
    return around


def _euler_of_domain(domain: Polyhedron | None, d: int) -> int:
    """Faces of a closed polyhedron with signs: 1 if bounded, else 0 if pointed, times (-1)^lines."""
    if domain is None:
        return (-1) ** d
    return 0 if domain.rays else (-1) ** len(domain.lineality)


@settings(max_examples=100, deadline=None)
@given(networks(largest=(3, 4, 3), activations=ACTIVATIONS), st.data())
def test_euler_relation_and_facets(network: Network, data: st.DataObject) -> None:
    d = network.n_inputs
    domain = data.draw(domains(d))
    found = polyhedral_complex(region_task(network, domain))
    if domain is not None and domain.affine_dimension < d:
        assert (found.n_cells, found.f_vector()) == (0, (0,) * (d + 1))
        return
    assert found.euler_characteristic() == _euler_of_domain(domain, d)
    check_facets(found)
    for k in range(1, d + 1):
        for face, boundary in zip(found.lattice.faces[k], found.lattice.boundaries[k], strict=True):
            assert list(boundary) == sorted(set(boundary))
            assert all(set(found.lattice.faces[k - 1][facet]) < set(face) for facet in boundary)
    for k, faces in enumerate(found.lattice.faces):
        assert len(set(faces)) == len(faces)
        n_lines = len(found.cells[0].lineality)
        for face in faces:
            assert rank([found.lattice.generators[g] for g in face]) == k + 1 - n_lines


@settings(max_examples=60, deadline=None)
@given(forms_in(3, most=5, size=1))
def test_faces_of_arrangements_are_their_sign_vectors(rows: list[list[int]]) -> None:
    """Faces of an arrangement correspond to the covectors: distinct signs, none missing by symmetry."""
    found = polyhedral_complex(arrangement_task(rows, dimension=3))
    signs = [s for k in range(4) for s in found.face_signs(k)]
    assert len(set(signs)) == len(signs) == sum(found.f_vector())
    central = polyhedral_complex(arrangement_task([[*row[:-1], 0] for row in rows], dimension=3))
    signs = [s for k in range(4) for s in central.face_signs(k)]
    assert {tuple(-x for x in s) for s in signs} == set(signs)


@settings(max_examples=30, deadline=None)
@given(networks(largest=(2, 4, 3)), st.permutations(range(4)), st.fractions("1/9", 9))
def test_what_does_not_change_the_complex(network: Network, order: list[int], scale: Fraction) -> None:
    first, *others = network.layers
    f_vector = polyhedral_complex(region_task(network)).f_vector()
    picked = [k for k in order if k < first.n_outputs]
    rows = [[scale * w for w in first.weight.row(k)] for k in picked]
    behind = [[row[k] / scale for k in picked] for row in others[0].weight.rows()]
    rest = [(behind, others[0].bias), *((layer.weight, layer.bias) for layer in others[1:])]
    same = Network.from_arrays([(rows, [scale * first.bias[k] for k in picked]), *rest])
    assert polyhedral_complex(region_task(same)).f_vector() == f_vector
    # another coordinate system: x = T y + t with an invertible T
    t = [Fraction(1, 3), Fraction(-2)][: network.n_inputs]
    T = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]]
    T = [row[: network.n_inputs] for row in T[: network.n_inputs]]
    moved = (
        [[sum(row[i] * T[i][j] for i in range(len(t))) for j in range(len(t))] for row in rows],
        [
            scale * first.bias[k] + sum(a * b for a, b in zip(row, t, strict=True))
            for k, row in zip(picked, rows, strict=True)
        ],
    )
    assert polyhedral_complex(region_task(Network.from_arrays([moved, *rest]))).f_vector() == f_vector
