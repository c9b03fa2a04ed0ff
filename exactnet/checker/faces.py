"""The faces of all regions of a tree, counted by dimension (FORMAT.md section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from exactnet.checker.cone import Cone, Vector, canonical, cut, everything, modulo
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.read import as_integer, as_list, reject
from exactnet.checker.regions import RegionTree, Walk

__all__ = ["Complex", "Faces", "check_faces", "closed_regions"]

_MOST_FACES = 20_000_000
_MOST_DIMENSIONS = 100
_MOST_ENTRIES = 200_000_000
_MOST_LOOKS = 10**10


@dataclass(frozen=True)
class Faces(Fact):
    """The face counts of the complex of all leaves; unknown to a sample."""

    rule: ClassVar[str] = "faces"
    cells: RegionTree
    f_vector: tuple[int, ...]
    n_bounded: int

    def conclusion(self) -> str:
        """State the f-vector."""
        numbers = ", ".join(map(str, self.f_vector))
        return (
            f"the polyhedral complex of {self.cells.id} has f-vector ({numbers}), "
            f"{self.n_bounded} of its {self.f_vector[-1]} cells bounded"
        )

    def about(self) -> str:
        """Describe the network and the domain."""
        return self.cells.about()


def check_faces(record: dict[str, object], name: str, known: Known, *, unseen: bool = False) -> Faces:
    """Rule `faces`; `unseen` reads the record only."""
    tree = look_up(known, record, "cells", RegionTree)
    tree.require_complete()
    length = tree.network.n_inputs + 1
    entries = as_list(record["f_vector"], "f_vector", length=length)
    stated = tuple(as_integer(x, f"f_vector[{k}]", least=0) for k, x in enumerate(entries))
    n_bounded = as_integer(record["n_bounded"], "n_bounded", least=0)
    if unseen:
        return Faces(name, tree, stated, n_bounded)
    collected = Complex(tree.network.n_inputs)
    for _, cone in closed_regions(tree):
        collected.add(cone)
    found = collected.f_vector()
    for k, (left, right) in enumerate(zip(stated, found, strict=True)):
        if left != right:
            reject(f"f_vector[{k}] is {left}, and the leaves have {right} faces of dimension {k}")
    if n_bounded != collected.n_bounded:
        reject(f"n_bounded is {n_bounded}, and {collected.n_bounded} of the leaves are bounded")
    _require_euler(tree, found, n_bounded=n_bounded)
    return Faces(name, tree, found, n_bounded)


def closed_regions(tree: RegionTree) -> Iterator[tuple[Walk, Cone]]:
    """Walk through a tree that has been checked, and stop at every cell with the cone of its closure."""
    length = tree.network.n_inputs + 1
    if length - 1 > _MOST_DIMENSIONS:
        reject(f"faces in more than {_MOST_DIMENSIONS} dimensions")
    cones: list[Cone] = []
    walk = Walk(tree.network, tree.domain, tree.nodes, trusted=True)
    for _ in walk.leaves():
        del cones[walk.kept :]
        for form in walk.path[len(cones) :]:
            cones.append(cut(cones[-1] if cones else everything(length), form, spend=walk.spend))
        yield walk, cones[-1]


def _require_euler(tree: RegionTree, f_vector: Sequence[int], *, n_bounded: int) -> None:
    """The relation of Euler on the whole space and on a compact domain: a test of the faces by themselves."""
    total = sum((-1) ** k * n for k, n in enumerate(f_vector))
    if not any(map(any, (row[:-1] for row in tree.domain))) and f_vector[-1]:
        expected = (-1) ** tree.network.n_inputs
    elif f_vector[-1] and n_bounded == f_vector[-1]:
        expected = 1
    else:
        return
    if total != expected:
        reject(f"the alternating sum of the faces is {total}, not {expected} as Euler's relation demands")


class Complex:
    """Collects the faces of one region after another; a face is known by its vertices and rays."""

    def __init__(self, dimension: int) -> None:
        if dimension > _MOST_DIMENSIONS:
            reject(f"faces in more than {_MOST_DIMENSIONS} dimensions")
        self.dimension = dimension
        self.n_bounded = 0
        self._lines: tuple[tuple[int, Vector], ...] | None = None
        self._numbers: dict[Vector, int] = {}
        self._faces: list[set[tuple[int, ...]]] = [set() for _ in range(dimension + 1)]
        self._n_faces = 0
        self._n_entries = 0
        self._n_looks = 0

    def f_vector(self) -> tuple[int, ...]:
        """The number of faces of each dimension."""
        return tuple(map(len, self._faces))

    def add(self, cone: Cone) -> list[int]:
        """Add all faces of the region with this cone; returns the new ones, as bit sets of its rays."""
        rays = self.rays(cone)
        place = self._places(rays)
        finite = sum(1 << i for i, ray in enumerate(rays) if ray[-1])
        self.n_bounded += not cone.lines and finite == (1 << len(rays)) - 1
        self._look(min(cone.n_forms, 4 * len(rays)) * len(rays))
        walls = _zero_sets(cone)
        level = self._new([(1 << len(rays)) - 1], self.dimension, place)
        found = list(level)
        # the faces of a face that is known are known
        for k in range(self.dimension, len(cone.lines), -1):
            self._look(len(level) * len(walls) ** 2)
            # one face after the other: all facets of all of them would fill the memory
            level = [new for face in level for new in self._new(_facets(face, walls, finite), k - 1, place)]
            found += level
        return found

    def facets(self, cone: Cone) -> list[tuple[int, ...]]:
        """The facets of the region with this cone, whether known or not, each by its vertices and rays."""
        if len(cone.lines) == self.dimension:
            return []
        rays = self.rays(cone)
        place = self._places(rays)
        if len(self._numbers) > _MOST_FACES:
            reject(f"more than {_MOST_FACES} vertices and rays")
        finite = sum(1 << i for i, ray in enumerate(rays) if ray[-1])
        self._look(min(cone.n_forms, 4 * len(rays)) * len(rays))
        found = _facets((1 << len(rays)) - 1, _zero_sets(cone), finite)
        return [_key(facet, place) for facet in found]

    def _places(self, rays: Sequence[Vector]) -> list[int]:
        return [self._numbers.setdefault(ray, len(self._numbers)) for ray in rays]

    def rays(self, cone: Cone) -> list[Vector]:
        """The rays of a cone, in their order, each the one vector that stands for it modulo the lines."""
        if not cone.lines and not self._lines:
            self._lines = ()
            return list(cone.rays)
        lines = canonical(cone.lines)
        if self._lines is None:
            self._lines = lines
        if lines != self._lines:
            reject("two regions contain different lines")
        return [modulo(ray, lines) for ray in cone.rays]

    def _new(self, faces: Sequence[int], k: int, place: Sequence[int]) -> list[int]:
        """Those of the faces of dimension k that no region before had; all are known from now on."""
        known = self._faces[k]
        found = []
        self._look(len(faces) * len(place))
        for face in faces:
            key = _key(face, place)
            if key not in known:
                known.add(key)
                found.append(face)
                self._n_entries += len(key)
                if self._n_entries > _MOST_ENTRIES:
                    reject(f"more than {_MOST_ENTRIES} vertices and rays of faces")
        self._n_faces += len(found)
        if self._n_faces > _MOST_FACES:
            reject(f"more than {_MOST_FACES} faces")
        return found

    def _look(self, n_times: int) -> None:
        """Count work that is about to be done, and reject what would take for ever."""
        self._n_looks += n_times
        if self._n_looks > _MOST_LOOKS:
            reject(f"more than {_MOST_LOOKS} looks at vertices and rays of faces")


def _key(face: int, place: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted([n for i, n in enumerate(place) if face >> i & 1]))


def _zero_sets(cone: Cone) -> list[int]:
    """For each form the rays on which it vanishes; the faces are the intersections of these sets."""
    sets = [0] * cone.n_forms
    for i, tight in enumerate(cone.tight):
        while tight:
            low = tight & -tight
            sets[low.bit_length() - 1] |= 1 << i
            tight ^= low
    whole = (1 << len(cone.rays)) - 1
    distinct = set(sets) - {whole, 0}
    return [rays for rays in distinct if not any(rays & other == rays != other for other in distinct)]


def _facets(face: int, walls: Sequence[int], finite: int) -> list[int]:
    """The largest proper faces of a face; those without a vertex are at infinity and do not count."""
    parts = {face & wall for wall in walls}
    parts.discard(face)
    meeting = [part for part in parts if part & finite]
    return [part for part in meeting if not any(part & other == part != other for other in meeting)]
