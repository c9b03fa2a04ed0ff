"""Topology of sets of faces: which chain complex, its homology, Betti numbers and Euler characteristics.

A polyhedral complex with unbounded faces has more than one homology, so the kind is always named.

``ordinary``
    The singular homology of the set. For a closed set X it is computed on the bounded faces B: X deformation
    retracts onto B. Proof: let F be an unbounded face of the largest dimension, pointed (modulo the common
    lines). Closing F in projective space gives a polytope Q with a face E at infinity, F = Q - E. So F is
    convex, and its boundary, the sphere of the boundary of Q without the closed cell E, is contractible too.
    Hence the boundary of F is a deformation retract of F (both contractible, and the pair has the homotopy
    extension property). No face above F is left, so F can be removed; repeat. For an open set U of R^d it is
    computed by Poincare duality (Hatcher, Algebraic Topology, theorem 3.35), H_i(U) = H_c^(d-i)(U), from
    the cochains of the faces in U.
``borel_moore``
    Closed supports: what the plain incidence matrices of all faces compute, with nothing at infinity. It is
    the homology of the one-point compactification relative to the point at infinity, and defined for any
    difference of closed sets. R^d has the Betti numbers 0, .., 0, 1.
``compactified``
    The homology of the set together with one point at infinity, to which all unbounded faces close up. A
    bounded closed set is compact already and stays as it is. R^d becomes the sphere S^d.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

from exactnet.errors import UnsupportedError
from exactnet.geometry.chains import ChainComplex
from exactnet.geometry.complex import PolyhedralComplex
from exactnet.geometry.face_set import FacePoset, FaceSet, all_faces, poset_of
from exactnet.geometry.homology import HomologyGroup, chain_betti_numbers, integer_homology

__all__ = ["Kind", "betti_numbers", "cellular_chains", "euler_characteristic", "homology_groups"]

Kind: TypeAlias = Literal["ordinary", "compactified", "borel_moore"]
T = TypeVar("T")
Space: TypeAlias = PolyhedralComplex | FacePoset | FaceSet


def betti_numbers(space: Space, *, kind: Kind = "ordinary", field: int = 2) -> tuple[int, ...]:
    """Dimensions of H_0, .., H_d over a field.

    Parameters
    ----------
    space : a whole complex, or a set of its faces.
    kind : see the module.
    field : its characteristic: a prime p for F_p, 0 for Q.

    Raises
    ------
    UnsupportedError : ordinary or compactified homology of a set that is neither closed nor open in R^d.
    InputError : no field has this characteristic.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> plane = polyhedral_complex(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)]))
    >>> betti_numbers(plane), betti_numbers(plane, kind="compactified")
    ((1, 0, 0), (1, 0, 1))
    """
    faces = _face_set(space)
    return _of_length(faces, chain_betti_numbers(cellular_chains(faces, kind=kind), field), 0)


def homology_groups(space: Space, *, kind: Kind = "ordinary") -> tuple[HomologyGroup, ...]:
    """H_0, .., H_d over the integers, with torsion; arguments and errors as for `betti_numbers`.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> homology_groups(polyhedral_complex(arrangement_task([(1, 0), (1, -1)])), kind="compactified")
    (Z, Z)
    """
    faces = _face_set(space)
    return _of_length(faces, integer_homology(cellular_chains(faces, kind=kind)), HomologyGroup(0))


def euler_characteristic(space: Space, *, kind: Kind = "ordinary") -> int:
    """The alternating sum of the Betti numbers; for borel_moore that of the f-vector.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> line = polyhedral_complex(arrangement_task([(1, 0), (1, -1)]))
    >>> [euler_characteristic(line, kind=kind) for kind in ("ordinary", "compactified", "borel_moore")]
    [1, 0, -1]
    """
    return cellular_chains(space, kind=kind).euler_characteristic()


def cellular_chains(space: Space, *, kind: Kind = "ordinary") -> ChainComplex:
    """A chain complex with the homology of the given kind, in degrees 0..d at most.

    Raises
    ------
    UnsupportedError : as for `betti_numbers`.
    """
    faces = _face_set(space)
    poset = faces.poset
    if kind == "borel_moore":
        return poset.chains.restricted(faces.members)
    if kind == "compactified":
        if not (faces.is_closed or faces.is_open):
            raise _neither()
        chains = poset.chains.restricted(faces.members)
        return chains if faces.is_closed and faces.is_bounded else _with_infinity(chains)
    if faces.is_closed:
        bounded = poset.chains.restricted(faces.bounded_part().members)
        return ChainComplex(bounded.boundaries[poset.lowest :])  # modulo the common lines
    if faces.is_open:
        return poset.chains.restricted(faces.members).dual()
    raise _neither()


def _with_infinity(chains: ChainComplex) -> ChainComplex:
    """One more vertex, last in degree 0, that completes the boundary of every edge to sum zero."""
    infinity = len(chains.boundaries[0])
    edges = []
    for column in chains.boundaries[1] if len(chains.boundaries) > 1 else ():
        missing = -sum(value for _, value in column)
        edges.append((*column, (infinity, missing)) if missing else column)
    points = (*chains.boundaries[0], ())
    return ChainComplex(
        (points, *((tuple(edges), *chains.boundaries[2:]) if len(chains.boundaries) > 1 else ()))
    )


def _face_set(space: Space) -> FaceSet:
    if isinstance(space, FaceSet):
        return space
    return all_faces(space if isinstance(space, FacePoset) else poset_of(space))


def _of_length(faces: FaceSet, groups: tuple[T, ...], nothing: T) -> tuple[T, ...]:
    """One entry for each degree 0..d."""
    return groups + (nothing,) * (faces.poset.dimension + 1 - len(groups))


def _neither() -> UnsupportedError:
    return UnsupportedError(
        "this homology is not defined by the faces alone",
        where="homology of a set of faces",
        got="a set that is neither closed nor open in R^d",
        expected="a closed set of faces, or an open one of a complex that fills R^d",
        hint='use kind="borel_moore", or the closure of the set',
    )
