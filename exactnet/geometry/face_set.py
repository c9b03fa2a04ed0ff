"""Sets of faces of a polyhedral complex, as combinatorial objects: what homology needs, and no coordinates.

A *face set* is the union of the relative interiors of some faces. It is a closed set exactly when it has,
with each face, all facets of it (a subcomplex), and, in a complex that fills R^d, an open one exactly when it
has, with each face, all faces above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from exactnet.geometry.chains import ChainComplex, oriented
from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["FacePoset", "FaceSet", "all_faces", "poset_of"]

Indices = tuple[int, ...]
Members = tuple[Indices, ...]


@dataclass(frozen=True, repr=False)
class FacePoset:
    """All faces of a polyhedral complex by their incidences.

    Parameters
    ----------
    boundaries : boundaries[k][i] are the facets of face i of dimension k, indices into dimension k-1.
    bounded : bounded[k][i] says whether that face has no half-line beside the common lines.
    lowest : dimension of the lines that all faces contain; there are no faces of smaller dimension.
    """

    boundaries: tuple[tuple[Indices, ...], ...]
    bounded: tuple[tuple[bool, ...], ...]
    lowest: int = 0

    @property
    def dimension(self) -> int:
        """Dimension d of the space."""
        return len(self.boundaries) - 1

    @cached_property
    def chains(self) -> ChainComplex:
        """The oriented faces: plain incidence matrices, without anything at infinity."""
        return oriented(self.boundaries, self.lowest)

    @cached_property
    def cofaces(self) -> tuple[tuple[Indices, ...], ...]:
        """cofaces[k][i] are the faces of dimension k+1 that have face i of dimension k as a facet."""
        above: list[list[list[int]]] = [[[] for _ in level] for level in self.boundaries]
        for k, level in enumerate(self.boundaries):
            for i, facets in enumerate(level):
                for j in facets:
                    above[k - 1][j].append(i)
        return tuple(tuple(map(tuple, level)) for level in above)

    @cached_property
    def fills_space(self) -> bool:
        """Whether the union of all faces is R^d: there are cells, and each of their facets has two.

        Then the boundary of the union lies in faces of dimension d-2, which separate nothing.
        """
        walls = self.cofaces[self.dimension - 1] if self.dimension else ()
        return bool(self.boundaries[-1]) and all(len(cells) == 2 for cells in walls)

    def __repr__(self) -> str:
        return f"FacePoset({', '.join(str(len(level)) for level in self.boundaries)} faces)"


def poset_of(complex: PolyhedralComplex) -> FacePoset:
    """The incidences of a complex; modulo its lines, a face is bounded when it has no ray.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> poset = poset_of(polyhedral_complex(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)])))
    >>> poset, [sum(level) for level in poset.bounded]
    (FacePoset(3, 9, 7 faces), [3, 3, 1])
    """
    lattice = complex.lattice
    bounded = tuple(
        tuple(lattice.is_bounded(k, i) for i in range(len(level))) for k, level in enumerate(lattice.faces)
    )
    lowest = len(complex.cells[0].lineality) if complex.cells else 0
    return FacePoset(lattice.boundaries, bounded, lowest)


def all_faces(poset: FacePoset) -> FaceSet:
    """The set of every face."""
    return FaceSet(poset, tuple(tuple(range(len(level))) for level in poset.boundaries))


@dataclass(frozen=True, repr=False)
class FaceSet:
    """The union of the relative interiors of some faces of one complex.

    Parameters
    ----------
    poset : all faces.
    members : the faces in the set, ascending indices for each dimension 0..d.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> poset = poset_of(polyhedral_complex(arrangement_task([(1, 0), (1, -1)])))
    >>> ends = FaceSet(poset, ((0, 1), ()))
    >>> ends, ends.n_components, ends.is_closed, ends.is_bounded
    (FaceSet(dimension 0, 2 faces), 2, True, True)
    """

    poset: FacePoset = field(repr=False)
    members: Members

    @property
    def is_empty(self) -> bool:
        """Whether there is no face."""
        return not any(self.members)

    @property
    def dimension(self) -> int:
        """The largest dimension of a face, -1 if there is none."""
        return max((k for k, level in enumerate(self.members) if level), default=-1)

    def f_vector(self) -> Indices:
        """Number of faces of each dimension 0..d."""
        return tuple(map(len, self.members))

    def bounded_part(self) -> Self:
        """The bounded faces (modulo the common lines); closed if the set is."""
        return self.where(lambda k, i: self.poset.bounded[k][i])

    @property
    def is_bounded(self) -> bool:
        """Whether the set contains no half-line."""
        unbounded = self.poset.lowest > 0 or self.bounded_part().members != self.members
        return self.is_empty or not unbounded

    @cached_property
    def is_closed(self) -> bool:
        """Whether all facets of the faces belong to it."""
        return self._contains_all(-1, self.poset.boundaries)

    @cached_property
    def is_open(self) -> bool:
        """Whether it is open in R^d."""
        return self.poset.fills_space and self._contains_all(1, self.poset.cofaces)

    def maximal_faces(self) -> tuple[tuple[int, int], ...]:
        """Pairs (k, i): faces i of dimension k that are no facet of another face of the set."""
        inside = self._inside
        return tuple(
            (k, i)
            for k, level in enumerate(self.members)
            for i in level
            if k == len(self.members) - 1 or not inside[k + 1].intersection(self.poset.cofaces[k][i])
        )

    def where(self, keep: Callable[[int, int], bool]) -> Self:
        """The faces (dimension k, index i) with keep(k, i)."""
        return self._with(
            tuple(tuple(i for i in level if keep(k, i)) for k, level in enumerate(self.members))
        )

    @property
    def n_components(self) -> int:
        """Number of connected components (of a closed or open set)."""
        return len(self.components())

    def components(self) -> tuple[Self, ...]:
        """The connected components of a closed or open set, each as a set of faces.

        Two faces that meet are joined through common faces, or, in an open set, through common faces above,
        one dimension at a time, so that the pairs of a face and a facet decide.
        """
        inside, seen = self._inside, set[tuple[int, int]]()
        found = []
        for k, level in enumerate(self.members):
            for i in level:
                if (k, i) in seen:
                    continue
                seen.add((k, i))
                part, waiting = [(k, i)], [(k, i)]
                while waiting:
                    n, j = waiting.pop()
                    below = ((n - 1, f) for f in self.poset.boundaries[n][j] if n and f in inside[n - 1])
                    above = ((n + 1, f) for f in self.poset.cofaces[n][j] if f in inside[n + 1])
                    fresh = [face for face in (*below, *above) if face not in seen]
                    seen.update(fresh)
                    part += fresh
                    waiting += fresh
                found.append(self._with(self._sorted(part)))
        return tuple(found)

    @cached_property
    def _inside(self) -> tuple[frozenset[int], ...]:
        return tuple(map(frozenset, self.members))

    def _contains_all(self, step: int, neighbours: tuple[tuple[Indices, ...], ...]) -> bool:
        inside = self._inside
        return all(
            inside[k + step].issuperset(neighbours[k][i])
            for k, level in enumerate(self.members)
            for i in level
            if neighbours[k][i]
        )

    def _sorted(self, faces: Iterable[tuple[int, int]]) -> Members:
        levels: list[list[int]] = [[] for _ in self.members]
        for k, i in faces:
            levels[k].append(i)
        return tuple(tuple(sorted(level)) for level in levels)

    def _with(self, members: Members) -> Self:
        return type(self)(self.poset, members)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dimension {self.dimension}, {sum(self.f_vector())} faces)"
