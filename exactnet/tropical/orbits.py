"""Pairs of edge sets on n points, up to renaming the points: terms of symmetric formulas for the maximum.

An edge is a pair (i, j) with i < j, a loop (i, i); an edge set has k of them and may repeat one. A pair
{A, B} has no order, and A and B differ. One representative of every orbit of the symmetric group is listed,
always the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, permutations
from typing import TypeAlias

__all__ = ["Edge", "EdgeSet", "Pair", "pairs_of_edge_sets"]

Edge: TypeAlias = tuple[int, int]
EdgeSet: TypeAlias = tuple[Edge, ...]
Pair: TypeAlias = tuple[EdgeSet, EdgeSet]
Renaming: TypeAlias = tuple[int, ...]


def pairs_of_edge_sets(n: int, k: int, *, loops: bool = False) -> tuple[Pair, ...]:
    """One pair {A, B} of edge sets of size k on n points from every orbit.

    Examples
    --------
    >>> pairs_of_edge_sets(4, 1)
    ((((0, 1),), ((0, 2),)), (((0, 1),), ((2, 3),)))
    >>> [len(pairs_of_edge_sets(n, 2)) for n in (5, 6, 7)], len(pairs_of_edge_sets(5, 1, loops=True))
    ([27, 34, 36], 5)
    """
    renamings = list(permutations(range(n)))
    sets = list(combinations_with_replacement(_edges(n, loops), k))
    kinds = _kinds(sets, renamings)
    firsts = list(dict.fromkeys(first for first, _ in kinds.values()))
    found = []
    for first in firsts:
        fixing = [r for r in renamings if _renamed(first, r) == first]
        seen = {first}
        for second in sets:
            kind, to_first = kinds[second]
            if second in seen or firsts.index(kind) < firsts.index(first):
                continue
            found.append((first, second))
            seen.update(_orbit(second, fixing))
            if kind == first:  # the same pair the other way round
                seen.update(_orbit(_renamed(first, to_first), fixing))
    return tuple(found)


def _edges(n: int, loops: bool) -> list[Edge]:
    return list(combinations_with_replacement(range(n), 2) if loops else combinations(range(n), 2))


def _kinds(sets: Sequence[EdgeSet], renamings: Sequence[Renaming]) -> dict[EdgeSet, tuple[EdgeSet, Renaming]]:
    """For every edge set the first one of its orbit, and a renaming that leads there."""
    kinds: dict[EdgeSet, tuple[EdgeSet, Renaming]] = {}
    for one in sets:
        if one not in kinds:
            for renaming in renamings:
                image = _renamed(one, renaming)
                if image not in kinds:
                    back = tuple(sorted(range(len(renaming)), key=renaming.__getitem__))
                    kinds[image] = (one, back)
    return kinds


def _orbit(one: EdgeSet, renamings: Sequence[Renaming]) -> Iterator[EdgeSet]:
    return (_renamed(one, renaming) for renaming in renamings)


def _renamed(one: EdgeSet, renaming: Renaming) -> EdgeSet:
    return tuple(
        sorted(
            [
                (renaming[i], renaming[j]) if renaming[i] <= renaming[j] else (renaming[j], renaming[i])
                for i, j in one
            ]
        )
    )
