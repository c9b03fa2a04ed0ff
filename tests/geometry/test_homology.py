"""Homology of known spaces, with torsion, over all kinds of coefficients."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact import rank
from exactnet.geometry.chains import ChainComplex, simplicial_chains
from exactnet.geometry.homology import HomologyGroup, chain_betti_numbers, integer_homology
from tests.geometry.spaces import PROJECTIVE_PLANE, SEVEN_VERTEX_TORUS, Triangles, glued_grid

Z, ZERO = HomologyGroup(1), HomologyGroup(0)
KLEIN_BOTTLE = (Z, HomologyGroup(1, (2,)), ZERO)
TORUS = (Z, HomologyGroup(2), Z)


@pytest.mark.parametrize(
    ("triangles", "expected"),
    [
        (list(combinations(range(4), 3)), (Z, ZERO, Z)),
        (PROJECTIVE_PLANE, (Z, HomologyGroup(0, (2,)), ZERO)),
        (SEVEN_VERTEX_TORUS, TORUS),
        (glued_grid(4, flipped=False), TORUS),
        (glued_grid(4, flipped=True), KLEIN_BOTTLE),
        (glued_grid(6, flipped=True), KLEIN_BOTTLE),
    ],
)
def test_triangulated_surfaces(triangles: Triangles, expected: tuple[HomologyGroup, ...]) -> None:
    chains = simplicial_chains(triangles)
    assert len(chains.boundaries[1]) * 2 == len(triangles) * 3  # closed surfaces
    assert integer_homology(chains) == expected
    _compare_coefficients(chains)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 12])
def test_lens_spaces(n: int) -> None:
    """Cells e0..e3 with boundaries 0, n, 0: H = Z, Z/n, 0, Z (Hatcher, example 2.43)."""
    lens = ChainComplex.from_matrices([[[0]], [[n]], [[0]]])
    assert integer_homology(lens) == (Z, HomologyGroup(0, (n,) if n > 1 else ()), ZERO, Z)
    _compare_coefficients(lens)


def test_real_projective_spaces() -> None:
    """One cell a dimension, boundaries 0, 2, 0, 2 (Hatcher, example 2.42)."""
    space = ChainComplex.from_matrices([[[0]], [[2]], [[0]], [[2]]])
    half = HomologyGroup(0, (2,))
    assert integer_homology(space) == (Z, half, ZERO, half, ZERO)
    assert chain_betti_numbers(space) == (1, 1, 1, 1, 1)
    assert chain_betti_numbers(space, 0) == (1, 0, 0, 0, 0)


@given(st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=4), max_size=8))
def test_random_simplicial_complexes(simplices: list[set[int]]) -> None:
    _compare_coefficients(simplicial_chains(simplices))


def _compare_coefficients(chains: ChainComplex) -> None:
    """Universal coefficients, ranks by exact elimination, and the Euler characteristic."""
    groups = integer_homology(chains)
    for field in (0, 2, 3, 5):
        betti = chain_betti_numbers(chains, field)
        divisible = [sum(1 for t in group.torsion if field and t % field == 0) for group in groups]
        expected = [
            group.rank + divisible[k] + (divisible[k - 1] if k else 0) for k, group in enumerate(groups)
        ]
        assert list(betti) == expected
        assert sum((-1) ** k * b for k, b in enumerate(betti)) == chains.euler_characteristic()
    ranks = [_rational_rank(chains, k) for k in range(len(chains.boundaries))] + [0]
    assert [group.rank for group in groups] == [
        n - ranks[k] - ranks[k + 1] for k, n in enumerate(chains.ranks)
    ]


def _rational_rank(chains: ChainComplex, k: int) -> int:
    rows = [[0] * (len(chains.boundaries[k - 1]) if k else 0) for _ in chains.boundaries[k]]
    for row, column in zip(rows, chains.boundaries[k], strict=True):
        for i, value in column:
            row[i] = value
    return rank(rows) if rows and rows[0] else 0


@pytest.mark.parametrize("field", [1, 4, -2, 9])
def test_only_fields_have_betti_numbers(field: int) -> None:
    with pytest.raises(InputError, match="no field"):
        chain_betti_numbers(simplicial_chains([(0, 1)]), field)
