"""Regions by other definitions, counted again from a tree that has been checked (FORMAT.md section 6).

The names R1 to R6 are those of Stargalla, Hertrich and Reichman (2025). The tree itself proves R2, the
full-dimensional activation regions; R3 asks for a smallest complex, and no rule counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from exactnet.checker.cone import Cone, Vector, cut
from exactnet.checker.faces import Complex, closed_regions
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.network import AffineMap
from exactnet.checker.read import as_integer, one_of, reject, show
from exactnet.checker.regions import RegionTree, Walk, has_tournaments, pattern_of
from exactnet.checker.words import plural

__all__ = ["RegionCount", "check_region_count"]

# a hostile file could fill the memory with affine maps, patterns and points
_MOST_BITS = 2**33
_MOST_POINTS = 20_000_000


@dataclass(frozen=True)
class RegionCount(Fact):
    """The number of regions by the definition R1, R4, R5 or R6; unknown to a sample."""

    rule: ClassVar[str] = "region_count"
    cells: RegionTree
    definition: str
    n_regions: int

    def conclusion(self) -> str:
        """State the count and what it counts."""
        tree = self.cells
        one, many = _WORDS[self.definition]
        where = f" in the domain of {tree.id}" if tree.domain else ""
        what = one if self.n_regions == 1 else many
        return f"{tree.network.id} has exactly {self.n_regions} {what}{where} ({self.definition})"

    def about(self) -> str:
        """Describe the network and the domain."""
        return self.cells.about()


_WORDS = {
    "R1": ("activation pattern of points", "activation patterns of points"),
    "R4": (
        "maximal open connected set on which it is affine",
        "maximal open connected sets on which it is affine",
    ),
    "R5": (
        "maximal closed connected set with interior on which it is affine",
        "maximal closed connected sets with interior on which it is affine",
    ),
    "R6": (
        "affine function that it equals on an open set",
        "affine functions that it equals on open sets",
    ),
}


def check_region_count(
    record: dict[str, object], name: str, known: Known, *, unseen: bool = False
) -> RegionCount:
    """Rule `region_count`; `unseen` reads the record only."""
    tree = look_up(known, record, "cells", RegionTree)
    tree.require_complete()
    definition = one_of(record["definition"], tuple(_WORDS), "definition")
    stated = as_integer(record["n_regions"], "n_regions", least=0)
    if not unseen:
        found = _COUNTS[definition](tree)
        if found != stated:
            reject(
                f"n_regions is {show(stated)}, and {tree.id} has {plural(found, 'region')} by {definition}"
            )
    return RegionCount(name, tree, definition, stated)


# -- R1 ------------------------------------------------------------------------------------------------


def _patterns(tree: RegionTree) -> int:
    """R1: the patterns inside the faces of all cells, of every dimension."""
    if not tree.n_cells:
        return _none_in_an_empty_domain(tree)
    network = tree.network
    complex_ = Complex(network.n_inputs)
    found: set[int] = set()
    for walk, cone in closed_regions(tree):
        on = _switched_on(walk, cone)
        for face in complex_.add(cone):
            pattern = 0
            for i, switches in enumerate(on):
                if face >> i & 1:
                    pattern |= switches
            found.add(pattern)
        if len(found) * network.n_switches > _MOST_BITS:
            reject(f"patterns of more than {_MOST_BITS} bits in all")
    if not has_tournaments(network):
        return len(found)
    numbers = range(network.n_switches)
    return len({pattern_of(network, [1 if seen >> i & 1 else -1 for i in numbers]) for seen in found})


def _none_in_an_empty_domain(tree: RegionTree) -> int:
    """A domain without interior: a relation with a positive multiple of infinity shows that it is empty."""
    # the whole tree is one node 4 k j_1 .. j_k, already checked, and j_1 = 0 is infinity
    if tree.nodes[0] == 4 and tree.nodes[2] == 0:
        return 0
    reject("the patterns of a domain without interior, which the tree does not show to be empty")


def _switched_on(walk: Walk, cone: Cone) -> list[int]:
    """For each vertex and ray of a cell the switches that are positive there, as a bit set."""
    positive: list[tuple[int, Vector]] = []
    for i, sign in enumerate(walk.sigma):
        form = walk.signed[walk.first + i]
        if sign > 0 and form is not None:
            positive.append((1 << i, form))
    walk.spend(len(cone.rays) * len(positive) * (walk.network.n_inputs + 1))
    return [sum([bit for bit, form in positive if _value(form, ray)]) for ray in cone.rays]


def _value(form: Vector, point: Vector) -> int:
    return sum([a * x for a, x in zip(form, point, strict=True)])


# -- R4, R5 and R6 -------------------------------------------------------------------------------------


class _Maps:
    """The affine functions of the cells, numbered in the order of their first cells."""

    def __init__(self) -> None:
        self.numbers: dict[AffineMap, int] = {}
        self._n_bits = 0

    def number(self, walk: Walk) -> int:
        """The number of the function of the cell at which the walk stands."""
        found = walk.output()
        n_known = len(self.numbers)
        number = self.numbers.setdefault(found, n_known)
        if number == n_known:
            self._n_bits += sum([max(32, x.bit_length()) for row in found.rows for x in row])
            if self._n_bits > _MOST_BITS:
                reject(f"affine functions of more than {_MOST_BITS} bits in all")
        return number


def _functions(tree: RegionTree) -> int:
    """R6: the different affine functions of the cells."""
    maps = _Maps()
    walk = Walk(tree.network, tree.domain, tree.nodes, trusted=True)
    for _ in walk.leaves():
        maps.number(walk)
    return len(maps.numbers)


def _open_sets(tree: RegionTree) -> int:
    """R4: cells with one function, joined across common facets."""
    owners, sets = _joined(tree, _Maps())
    return len({sets.root(i) for i in range(len(owners))})


def _joined(tree: RegionTree, maps: _Maps) -> tuple[list[int], _Sets]:
    """The number of each cell's function, and the cells joined for R4."""
    complex_ = Complex(tree.network.n_inputs)
    owners: list[int] = []
    sets = _Sets()
    # a facet lies in two cells, or on the border of the domain
    waiting: dict[tuple[int, ...], int] = {}
    for walk, cone in closed_regions(tree):
        i = len(owners)
        owners.append(maps.number(walk))
        for facet in complex_.facets(cone):
            j = waiting.pop(facet, None)
            if j is None:
                waiting[facet] = i
            elif owners[i] == owners[j]:
                sets.join(i, j)
        if len(waiting) > _MOST_POINTS:
            reject(f"more than {_MOST_POINTS} facets")
    return owners, sets


def _closed_sets(tree: RegionTree) -> int:
    """R5: cells with one function g, joined across all common points of the sets {f = g} in the cells."""
    maps = _Maps()
    owners, sets = _joined(tree, maps)
    n_places = Counter(owners[i] for i in {sets.root(i) for i in range(len(owners))})
    scattered = [(g, k) for k, g in enumerate(maps.numbers) if n_places[k] > 1]
    total = len(n_places) - len(scattered)
    if not scattered:
        return total
    complex_ = Complex(tree.network.n_inputs)
    # nodes (function k, cell i) are numbered k * n + i
    n, joined = len(owners), _Sets()
    at_vertex: dict[tuple[int, Vector], int] = {}
    for i, (walk, cone) in enumerate(closed_regions(tree)):
        own = walk.output()
        for g, k in scattered:
            for vertex in _where_equal(walk, cone, (own, g), complex_):
                joined.join(at_vertex.setdefault((k, vertex), k * n + i), k * n + i)
        if len(at_vertex) > _MOST_POINTS:
            reject(f"more than {_MOST_POINTS} vertices of sets where two functions agree")
    wanted = {k for _, k in scattered}
    return total + len({joined.root(k * n + i) for i, k in enumerate(owners) if k in wanted})


def _where_equal(
    walk: Walk, cone: Cone, maps: tuple[AffineMap, AffineMap], complex_: Complex
) -> Iterable[Vector]:
    """The vertices of the part of a cell where two affine functions agree."""
    (A, a), (B, b) = maps
    for first, second in zip(A, B, strict=True):
        form = tuple([b * x - a * y for x, y in zip(first, second, strict=True)])
        if any(form):
            cone = cut(cut(cone, form, spend=walk.spend), tuple([-x for x in form]), spend=walk.spend)
    return [ray for ray in complex_.rays(cone) if ray[-1]]


class _Sets:
    """Disjoint sets of numbers that can be joined; a number that was never joined is a set of its own."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def root(self, i: int) -> int:
        """The number that stands for the set of i."""
        while (above := self._above.get(i)) is not None:
            if (higher := self._above.get(above)) is not None:
                self._above[i] = higher
            i = above
        return i

    def join(self, i: int, j: int) -> None:
        """Unite the sets of i and j."""
        i, j = self.root(i), self.root(j)
        if i != j:
            self._above[j] = i


_COUNTS: dict[str, Callable[[RegionTree], int]] = {
    "R1": _patterns,
    "R4": _open_sets,
    "R5": _closed_sets,
    "R6": _functions,
}
