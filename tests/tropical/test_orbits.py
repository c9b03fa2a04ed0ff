"""Orbits of pairs of edge sets: brute force over all renamings, and counts of ordered pairs known before."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations, product

import pytest

from exactnet.tropical.orbits import pairs_of_edge_sets


def renamed(one, renaming):
    return tuple(sorted(tuple(sorted((renaming[i], renaming[j]))) for i, j in one))


def canonical(pair, n, ordered):
    images = []
    for renaming in permutations(range(n)):
        first, second = (renamed(one, renaming) for one in pair)
        images.append((first, second) if ordered else tuple(sorted((first, second))))
    return min(images)


@pytest.mark.parametrize(("n", "k", "loops"), [(3, 1, True), (4, 1, False), (4, 2, False), (3, 2, True)])
def test_one_pair_an_orbit(n, k, loops):
    edges = [(i, j) for i in range(n) for j in range(i if loops else i + 1, n)]
    sets = list(combinations_with_replacement(edges, k))
    expected = {canonical(pair, n, False) for pair in product(sets, repeat=2) if pair[0] != pair[1]}
    found = [canonical(pair, n, False) for pair in pairs_of_edge_sets(n, k, loops=loops)]
    assert len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize(("n", "k", "loops", "n_ordered"), [(5, 1, True, 7), (5, 2, False, 43)])
def test_ordered_pairs_as_counted_elsewhere(n, k, loops, n_ordered):
    """An independent program listed ordered pairs: one that is not its own reverse counts twice."""
    pairs = pairs_of_edge_sets(n, k, loops=loops)
    own = sum(canonical(pair, n, True) == canonical(pair[::-1], n, True) for pair in pairs)
    assert 2 * len(pairs) - own == n_ordered
