"""Chain complexes of free abelian groups, and the orientation of the faces of a polyhedral complex.

A chain complex is kept by the boundary of each generator. The faces of a polyhedral complex generate one once
every pair of a face and its facet has an incidence number +-1, such that the boundary of a boundary is zero.
These numbers are unique up to the orientation of the faces (Massey, A Basic Course in Algebraic Topology,
1991, IX.7), and they follow from the incidences alone: see :func:`oriented`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.geometry.smith import Column, dense_columns

__all__ = ["ChainComplex", "oriented", "simplicial_chains"]

Indices = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class ChainComplex:
    """Free abelian groups C_0, C_1, .. with boundary maps whose composition is zero.

    Parameters
    ----------
    boundaries : boundaries[k][j] is the boundary of generator j of C_k as pairs (generator of C_(k-1),
        coefficient); those of degree 0 are empty.

    Raises
    ------
    InputError : a boundary that has a boundary; ShapeError : a generator that does not exist.

    Examples
    --------
    The projective plane with one cell of each dimension:

    >>> ChainComplex.from_matrices([[[0]], [[2]]])
    ChainComplex(ranks 1, 1, 1)
    """

    boundaries: tuple[tuple[Column, ...], ...]

    def __post_init__(self) -> None:
        for k, columns in enumerate(self.boundaries):
            n_below = len(self.boundaries[k - 1]) if k else 0
            for j, column in enumerate(columns):
                if any(not 0 <= row < n_below for row, _ in column):
                    raise ShapeError(
                        "a boundary names a generator that does not exist",
                        where=f"generator {j} of degree {k}",
                        got=str([row for row, _ in column]),
                        expected=f"indices below {n_below}, the rank of degree {k - 1}",
                    )
                if k > 1 and any(self._boundary_of(k - 1, column).values()):
                    raise InputError(
                        "the boundary of a boundary is not zero",
                        where=f"generator {j} of degree {k}",
                        got=f"boundary {column}",
                        expected="boundary maps whose composition is zero",
                    )

    @classmethod
    def from_matrices(cls, matrices: Sequence[Sequence[Sequence[int]]]) -> ChainComplex:
        """The complex with these matrices of d_1, d_2, ..; d_k has rank C_(k-1) rows and rank C_k columns.

        Raises
        ------
        ShapeError : no matrix, or a matrix without rows.
        """
        if not matrices or not all(matrices):
            raise ShapeError(
                "a chain complex needs matrices with rows",
                where="matrices",
                got=f"{len(matrices)} matrices",
                expected="at least one matrix, and one row a generator",
            )
        return cls((((),) * len(matrices[0]), *(dense_columns(matrix) for matrix in matrices)))

    @property
    def ranks(self) -> Indices:
        """Number of generators in degree 0, 1, .."""
        return tuple(map(len, self.boundaries))

    def euler_characteristic(self) -> int:
        """The alternating sum of the ranks."""
        return sum((-1) ** k * n for k, n in enumerate(self.ranks))

    def restricted(self, members: Sequence[Iterable[int]]) -> ChainComplex:
        """The generators in `members` (ascending, a list for each degree), all others set to zero.

        This is a chain complex if the members are a difference of two sets that are closed under boundaries.
        """
        columns: list[tuple[Column, ...]] = []
        place: dict[int, int] = {}
        for k, chosen in enumerate(members):
            listed = tuple(chosen)
            columns.append(
                tuple(
                    tuple((place[row], value) for row, value in self.boundaries[k][j] if row in place)
                    for j in listed
                )
            )
            place = {j: n for n, j in enumerate(listed)}
        return ChainComplex(tuple(columns))

    def dual(self) -> ChainComplex:
        """The cochains: C^k in degree n-k for the top degree n, with the transposed maps.

        Examples
        --------
        >>> ChainComplex.from_matrices([[[0]], [[2]]]).dual().boundaries
        (((),), (((0, 2),),), ((),))
        """
        rows: list[tuple[Column, ...]] = [((),) * len(level) for level in self.boundaries[-1:]]
        for k in range(len(self.boundaries) - 1, 0, -1):
            cofaces: list[list[tuple[int, int]]] = [[] for _ in self.boundaries[k - 1]]
            for j, column in enumerate(self.boundaries[k]):
                for row, value in column:
                    cofaces[row].append((j, value))
            rows.append(tuple(map(tuple, cofaces)))
        return ChainComplex(tuple(rows))

    @cached_property
    def top(self) -> int:
        """The largest degree with a generator, -1 if there is none."""
        return max((k for k, columns in enumerate(self.boundaries) if columns), default=-1)

    def _boundary_of(self, k: int, chain: Column) -> dict[int, int]:
        total: dict[int, int] = {}
        for j, factor in chain:
            for row, value in self.boundaries[k][j]:
                total[row] = total.get(row, 0) + factor * value
        return total

    def __repr__(self) -> str:
        return f"ChainComplex(ranks {', '.join(map(str, self.ranks))})"


def simplicial_chains(simplices: Iterable[Collection[int]]) -> ChainComplex:
    """The chains of the simplicial complex spanned by these simplices, oriented by ascending vertices.

    Examples
    --------
    >>> simplicial_chains([(0, 1), (1, 2), (0, 2)])
    ChainComplex(ranks 3, 3)
    """
    faces = {
        face
        for simplex in simplices
        for size in range(1, len(set(simplex)) + 1)
        for face in combinations(sorted(set(simplex)), size)
    }
    levels: list[dict[Indices, int]] = [{} for _ in range(max(map(len, faces), default=0))]
    for face in sorted(faces):
        levels[len(face) - 1][face] = len(levels[len(face) - 1])
    return ChainComplex(
        tuple(
            tuple(
                tuple(sorted((levels[k - 1][(*face[:i], *face[i + 1 :])], (-1) ** i) for i in range(k + 1)))
                if k
                else ()
                for face in level
            )
            for k, level in enumerate(levels)
        )
    )


def oriented(boundaries: Sequence[Sequence[Indices]], lowest: int = 0) -> ChainComplex:
    """The chains of all faces of a polyhedral complex, each face with some orientation.

    Parameters
    ----------
    boundaries : boundaries[k][i] are the facets of face i of dimension k, indices into dimension k-1.
    lowest : the dimension of the smallest faces: that of the lines all faces contain.

    Notes
    -----
    An edge is its second end minus its first one. From dimension 2 on, two facets that share a ridge must
    cancel there, so the sign of one facet gives those of all: any two facets of a pointed polyhedron P are
    joined by facets that share ridges. For that is so in the polytope that P becomes when its face at
    infinity is added, and the graph of the facets of a k-polytope stays connected when one facet or one
    ridge is lost, k >= 2 (Balinski 1961, for the polar polytope). Cost: the number of pairs of ridge and
    face.

    Raises
    ------
    InvariantError : the incidences are not those of a polyhedral complex.

    Examples
    --------
    >>> square = [[()] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)], [(0, 1, 2, 3)]]
    >>> oriented(square).boundaries[2]
    (((0, 1), (1, 1), (2, 1), (3, -1)),)
    """
    signed: list[tuple[Column, ...]] = []
    for k, faces in enumerate(boundaries):
        if k <= lowest:
            signed.append(((),) * len(faces))
        elif k == lowest + 1:
            signed.append(tuple(tuple(zip(ends, (-1, 1), strict=False)) for ends in faces))
        else:
            signed.append(tuple(_signed_facets(facets, signed[k - 1]) for facets in faces))
    return ChainComplex(tuple(signed))


def _signed_facets(facets: Indices, below: Sequence[Column]) -> Column:
    """Signs for the facets of one face, +1 for the first, so that their boundaries cancel."""
    at_ridge: dict[int, list[tuple[int, int]]] = {}
    for facet in facets:
        for ridge, value in below[facet]:
            at_ridge.setdefault(ridge, []).append((facet, value))
    signs = {facets[0]: 1} if facets else {}
    waiting = list(signs)
    while waiting:
        facet = waiting.pop()
        for ridge, value in below[facet]:
            for other, other_value in at_ridge[ridge]:
                if other not in signs:
                    signs[other] = -signs[facet] * value * other_value
                    waiting.append(other)
    if len(signs) != len(facets):
        raise InvariantError("the facets of a face are not joined by ridges", reproduction=repr(facets))
    return tuple((facet, signs[facet]) for facet in facets)
