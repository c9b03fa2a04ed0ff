"""Masden's route: all faces of a supertransversal network from the sign vectors of its vertices alone.

Theorem (Masden 2022). In a supertransversal network whose cells contain no line, every face has a vertex,
and at a vertex, where d switches vanish, all 3^d ways to replace zeros by signs are sign vectors of faces. So
the sign vectors of the vertices determine all faces; a face with z zeros has dimension d - z; and a face v
lies in the closure of a face c exactly when the product v . c (the sign of v, or of c where v is 0) is c.

Why all replacements occur: take the d switches one after the other, layer by layer. The points near v where
those taken so far vanish are a linear space V, and V lies in every face at v that they define, in both
directions. The next switch is not constant on V, otherwise v would have too many zeros; so it takes all three
signs on V, and then inside each of these faces.

Nothing of this holds without transversality: faces would be invented. So :func:`sign_complex` tests it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from exactnet.errors import ShapeError, UnsupportedError
from exactnet.geometry.face_set import FacePoset, FaceSet
from exactnet.geometry.genericity import check_supertransversal, vertex_signs
from exactnet.geometry.task import RegionTask

__all__ = ["SignComplex", "is_face_of", "sign_closure", "sign_complex", "sign_product"]

Signs = tuple[int, ...]


def sign_product(v: Sequence[int], c: Sequence[int]) -> Signs:
    """v . c: the sign of v, and where that is zero, the sign of c.

    Examples
    --------
    >>> sign_product((0, 1, -1), (-1, -1, 0))
    (-1, 1, -1)
    """
    return tuple(s or t for s, t in zip(v, c, strict=True))


def is_face_of(v: Sequence[int], c: Sequence[int]) -> bool:
    """Whether the face with signs v lies in the closure of the face with signs c.

    Examples
    --------
    >>> is_face_of((0, 1), (-1, 1)), is_face_of((0, 1), (-1, -1))
    (True, False)
    """
    return sign_product(v, c) == tuple(c)


@dataclass(frozen=True, repr=False)
class SignComplex:
    """All faces by their sign vectors.

    Attributes
    ----------
    faces : faces[k] are the sign vectors of the faces of dimension k: first the rows of the domain, then the
        switches.
    poset : their incidences, face i of dimension k being faces[k][i].
    n_walls : how many entries belong to rows of the domain.
    """

    faces: tuple[tuple[Signs, ...], ...]
    poset: FacePoset = field(repr=False)
    n_walls: int = 0

    def f_vector(self) -> tuple[int, ...]:
        """Number of faces of each dimension 0..d."""
        return tuple(map(len, self.faces))

    def bounded_f_vector(self) -> tuple[int, ...]:
        """Number of bounded faces of each dimension 0..d, modulo the common lines."""
        return tuple(map(sum, self.poset.bounded))

    @cached_property
    def cell_signs(self) -> tuple[Signs, ...]:
        """The sign vectors of the cells, without the rows of the domain."""
        return tuple(signs[self.n_walls :] for signs in self.faces[-1])

    def where(self, keep: Callable[[Signs], bool]) -> FaceSet:
        """The faces whose sign vectors satisfy the condition.

        Examples
        --------
        >>> from exactnet.geometry.task import arrangement_task
        >>> lines = sign_complex(arrangement_task([(1, 0, 0), (0, 1, 0)]))
        >>> lines.where(lambda signs: signs[1] == 0).f_vector()
        (1, 2, 0)
        """
        members = (tuple(i for i, signs in enumerate(level) if keep(signs)) for level in self.faces)
        return FaceSet(self.poset, tuple(members))

    def __repr__(self) -> str:
        return f"SignComplex({', '.join(map(str, self.f_vector()))} faces)"


def sign_complex(task: RegionTask) -> SignComplex:
    """All faces of a supertransversal task from the sign vectors of its vertices.

    Raises
    ------
    UnsupportedError : the task is not supertransversal; the witness is named.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> triangle = sign_complex(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)]))
    >>> triangle, triangle.bounded_f_vector()
    (SignComplex(3, 9, 7 faces), (3, 3, 1))
    """
    witness = check_supertransversal(task)
    if witness is not None:
        raise UnsupportedError(
            "sign vectors of vertices do not determine the faces of this network",
            where="sign_complex",
            got=str(witness),
            expected="a supertransversal network",
            hint="use polyhedral_complex, which assumes nothing",
        )
    found = (signs for _, signs in vertex_signs(task))
    return sign_closure(found, task.dimension, n_walls=len(task.domain))


def sign_closure(vertices: Iterable[Sequence[int]], dimension: int, *, n_walls: int = 0) -> SignComplex:
    """All sign vectors that arise when zeros of vertices are replaced by signs, with their incidences.

    This is the complex of a task only if the task is supertransversal. Cost: 3^d a vertex with d zeros.

    Parameters
    ----------
    vertices : their sign vectors, all with the same number of zeros: d less the dimension of common lines.
    dimension : d.
    n_walls : the first entries belong to rows of the domain, and are never negative.

    Raises
    ------
    ShapeError : vertices with different numbers of zeros, or with more than d.

    Examples
    --------
    >>> sign_closure([(0, -1), (1, 0)], 1).faces
    (((0, -1), (1, 0)), ((1, -1), (-1, -1), (1, 1)))
    """
    listed = list(dict.fromkeys(tuple(signs) for signs in vertices))
    counts = {signs.count(0) for signs in listed} or {0}
    if len(counts) > 1 or max(counts) > dimension:
        raise ShapeError(
            "vertices of a supertransversal network have one zero a dimension",
            where="vertices",
            got=f"{sorted(counts)} zeros",
            expected=f"one number, at most {dimension}",
        )
    lowest = dimension - max(counts)
    numbers: list[dict[Signs, int]] = [{} for _ in range(dimension + 1)]
    facets: list[list[set[int]]] = [[] for _ in range(dimension + 1)]
    for vertex in listed:
        _close(vertex, lowest, numbers, facets, n_walls)
    boundaries = tuple(tuple(tuple(sorted(below)) for below in level) for level in facets)
    poset = FacePoset(boundaries, _bounded(boundaries, lowest), lowest)
    return SignComplex(tuple(map(tuple, numbers)), poset, n_walls)


def _close(
    vertex: Signs, lowest: int, numbers: list[dict[Signs, int]], facets: list[list[set[int]]], n_walls: int
) -> None:
    """Add all faces at one vertex; each new sign in place of a zero makes a face one dimension higher."""
    zeros = [j for j, sign in enumerate(vertex) if not sign]
    level = [vertex]
    numbers[lowest].setdefault(vertex, len(numbers[lowest]))
    facets[lowest].append(set())
    for k in range(lowest, lowest + len(zeros)):
        above: dict[Signs, None] = {}
        for face in level:
            for j in zeros:
                for sign in (1,) if j < n_walls else (1, -1):
                    if face[j]:
                        continue
                    coface = (*face[:j], sign, *face[j + 1 :])
                    above[coface] = None
                    place = numbers[k + 1].setdefault(coface, len(numbers[k + 1]))
                    if place == len(facets[k + 1]):
                        facets[k + 1].append(set())
                    facets[k + 1][place].add(numbers[k][face])
        level = list(above)


def _bounded(boundaries: Sequence[Sequence[Sequence[int]]], lowest: int) -> tuple[tuple[bool, ...], ...]:
    """A face is bounded when all its edges have two ends: an unbounded pointed face has an unbounded edge."""
    found: list[tuple[bool, ...]] = []
    for k, level in enumerate(boundaries):
        if k <= lowest:
            found.append((True,) * len(level))
        elif k == lowest + 1:
            found.append(tuple(len(ends) == 2 for ends in level))
        else:
            found.append(tuple(all(found[k - 1][i] for i in facets) for facets in level))
    return tuple(found)
