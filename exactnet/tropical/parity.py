"""Volumes modulo a prime: why integer weights need depth.

For a network without biases the output is h_P - h_Q with support functions of Newton polytopes. N_0 are the
points, N_(k+1) the Minkowski sums of polytopes conv(A u B) with A, B in N_k; k hidden layers with integer
weights give lattice polytopes P, Q in N_k (Hertrich, Basu, Di Summa and Skutella 2021). Normalized volumes of
lattice polytopes, k! times the volume, are integers, and in dimension p^t, p a prime,

* Vol(A + B) = Vol(A) + Vol(B) modulo p: the mixed terms come with multinomial coefficients that p divides;
* Vol(P) = 0 modulo p for P in N_t: in particular every face of dimension 2 or more of a lattice zonotope has
  even volume, and every face of dimension 4 or more of a polytope in N_2.

So if h_R = h_P - h_Q, then P = Q + R, and R has volume 0 modulo p as well (Haase, Hertrich and Loho 2023
for p = 2; Averkov, Hojny and Merkert 2025). A lattice polytope R of another volume needs more than t hidden
layers, as long as p divides no denominator of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from exactnet.errors import InputError
from exactnet.exact import rational_text
from exactnet.tropical.lattice_volume import normalized_volume
from exactnet.tropical.polytope import Polytope

__all__ = ["DepthObstruction", "face_volumes", "first_face_not_divisible", "integer_depth_bound"]


def face_volumes(polytope: Polytope) -> tuple[tuple[int, ...], ...]:
    """The normalized volume of every face, by dimension, each in the lattice of its own span.

    Raises
    ------
    InputError : a vertex that is no lattice point.

    Examples
    --------
    >>> face_volumes(Polytope.from_points([(0, 0), (2, 0), (0, 1), (2, 1)]))
    ((1, 1, 1, 1), (1, 2, 2, 1), (4,))
    """
    _require_lattice(polytope)
    return tuple(
        tuple(int(normalized_volume(_face(polytope, face))) for face in level) for level in polytope.faces
    )


def first_face_not_divisible(
    polytope: Polytope, *, dimension: int, p: int = 2
) -> tuple[tuple[int, ...], int] | None:
    """A face of at least this dimension whose volume p does not divide: its vertices and volume, or None.

    Examples
    --------
    >>> first_face_not_divisible(Polytope.from_points([(0, 0), (1, 0), (0, 1)]), dimension=2)
    ((0, 1, 2), 1)
    >>> first_face_not_divisible(Polytope.from_points([(0, 0), (1, 0), (0, 1), (1, 1)]), dimension=2) is None
    True
    """
    _require_lattice(polytope)
    for level in polytope.faces[dimension:]:
        for face in level:
            volume = int(normalized_volume(_face(polytope, face)))
            if volume % p:
                return face, volume
    return None


@dataclass(frozen=True)
class DepthObstruction:
    """A lower bound for the depth of a support function over weights whose denominators p does not divide.

    Attributes
    ----------
    prime, dimension : p and the dimension p^t of the space.
    volume : the normalized volume, not divisible by p.
    n_hidden_layers : t + 1, which are needed at least.
    """

    prime: int
    dimension: int
    volume: int
    n_hidden_layers: int


def integer_depth_bound(polytope: Polytope, *, p: int = 2) -> DepthObstruction | None:
    """How many hidden layers the support function of a lattice polytope needs at least, by volume modulo p.

    Parameters
    ----------
    polytope : a lattice polytope in a space of dimension p^t, t >= 0. For a function of more variables take
        the projection that restricts it to p^t of them.
    p : a prime; for integer weights, and rational ones whose denominators it does not divide.

    Returns
    -------
    DepthObstruction, or None if p divides the volume, and nothing follows.

    Raises
    ------
    InputError : no lattice polytope, or a space of another dimension.

    Examples
    --------
    The maximum of 0, x_1, .., x_4 needs three hidden layers over the integers, that of the doubled numbers
    does not by this argument:

    >>> simplex = Polytope.from_points([[int(i == j) for j in range(4)] for i in range(5)])
    >>> integer_depth_bound(simplex)
    DepthObstruction(prime=2, dimension=4, volume=1, n_hidden_layers=3)
    >>> integer_depth_bound(simplex * 2) is None
    True
    """
    _require_lattice(polytope)
    d, t = polytope.n_coordinates, 0
    is_prime = p >= 2 and all(p % q for q in range(2, isqrt(p) + 1))
    while is_prime and p**t < d:
        t += 1
    if not is_prime or p**t != d:
        raise InputError(
            "volumes modulo p say something in dimensions p^t only",
            where="integer_depth_bound",
            got=f"p = {p} in dimension {d}",
            expected="a prime p, and a power of it as dimension",
            hint="project to fewer coordinates: set some variables to zero",
        )
    volume = int(normalized_volume(polytope)) if polytope.dimension == d else 0
    return DepthObstruction(p, d, volume, t + 1) if volume % p else None


def _face(polytope: Polytope, face: tuple[int, ...]) -> Polytope:
    return Polytope(tuple(polytope.vertices[v] for v in face))


def _require_lattice(polytope: Polytope) -> None:
    for vertex in polytope.vertices:
        if any(Fraction(value).denominator != 1 for value in vertex):
            raise InputError(
                "not a lattice polytope",
                where="vertices",
                got="(" + ", ".join(map(rational_text, vertex)) + ")",
                expected="integer coordinates",
                hint="scale it: the statement is about the lattice of its vertices",
            )
