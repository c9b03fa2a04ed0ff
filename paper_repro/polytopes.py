"""Random lattice polytopes, and certificates that add up the volumes of their simplices."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from exactnet.certificate import Result
from exactnet.certificate.linear import decide_system
from exactnet.exact import Feasibility, LinearSystem, determinant
from exactnet.tropical.lattice_volume import normalized_volume, triangulation
from exactnet.tropical.polytope import Polytope, zonotope

__all__ = [
    "added_up",
    "random_join",
    "random_polytope",
    "random_zonotope",
    "unit_simplex",
    "whole_volume",
]


def unit_simplex(d: int, size: int = 1) -> Polytope:
    """The hull of 0 and the unit vectors, times a whole number.

    Examples
    --------
    >>> unit_simplex(2).vertices == Polytope.from_points([(0, 0), (0, 1), (1, 0)]).vertices
    True
    """
    return Polytope.from_points([[size * int(i == j) for j in range(d)] for i in range(d + 1)])


def random_zonotope(random: Random, d: int, n_segments: int) -> Polytope:
    """The sum of random lattice segments."""

    def draw() -> list[int]:
        return [random.randint(-2, 2) for _ in range(d)]

    return zonotope([(draw(), draw()) for _ in range(n_segments)], [0] * d)


def random_join(random: Random, d: int) -> Polytope:
    """The hull of two random zonotopes."""
    return random_zonotope(random, d, 2).join(random_zonotope(random, d, 2))


def random_polytope(random: Random, d: int) -> Polytope:
    """The hull of d + 2 random lattice points."""
    return Polytope.from_points([[random.randint(-2, 2) for _ in range(d)] for _ in range(d + 2)])


def whole_volume(polytope: Polytope) -> int:
    """d! times the volume in the whole space, 0 for a flat polytope.

    Examples
    --------
    >>> whole_volume(unit_simplex(3, 2)), whole_volume(Polytope.from_points([(0, 0), (1, 1)]))
    (8, 0)
    """
    return int(normalized_volume(polytope)) if polytope.dimension == polytope.n_coordinates else 0


def added_up(polytope: Polytope, p: int) -> Result[Feasibility]:
    """A certificate of volume = p * quotient + remainder: v_k = |det_k| for the simplices k, and their sum.

    Variables are the v_k, the volume, the quotient and the remainder, which lies from 0 to p - 1.

    Examples
    --------
    >>> added_up(unit_simplex(2, 3), 2).check().accepted
    True
    """
    vertices = polytope.vertices
    volumes = []
    for apex, *others in triangulation(polytope):
        edges = [[a - b for a, b in zip(vertices[k], vertices[apex], strict=True)] for k in others]
        volumes.append(abs(determinant(edges)))
    n = len(volumes)
    total = sum(volumes, Fraction(0))
    rows = [[int(i == k) for i in range(n + 3)] for k in range(n)]
    rows.append([*[1] * n, -1, 0, 0])
    rows.append([*[0] * n, 1, -p, -1])
    rows.append([*[0] * n, 0, 1, 0])
    system = LinearSystem(rows, ["="] * len(rows), [*volumes, 0, 0, int(total) // p])
    return decide_system(system)
