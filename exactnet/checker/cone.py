"""Rays of cones in plain integers, one half-space after another (FORMAT.md section 6).

A cone is a linear space, given by a basis, plus the cone of some extreme rays. Cutting with a half-space
first turns a line into a ray, as long as the form is not constant on the lines; then it keeps the rays on
its side and adds one on each edge that it cuts (Motzkin, Raiffa, Thompson and Thrall 1953).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from operator import mul
from typing import NamedTuple

from exactnet.checker.read import reject

__all__ = ["Cone", "canonical", "cut", "everything"]

Vector = tuple[int, ...]

_MOST_RAYS = 100_000


class Cone(NamedTuple):
    """The cone where the forms that have cut it are >= 0.

    Attributes
    ----------
    lines : a basis of the lines in the cone; all forms vanish on them.
    rays : extreme rays, modulo the lines.
    tight : for each ray the forms that vanish on it: bit k for the k-th form that has cut.
    n_forms : how many forms have cut.
    """

    lines: tuple[Vector, ...]
    rays: tuple[Vector, ...]
    tight: tuple[int, ...]
    n_forms: int


def everything(dimension: int) -> Cone:
    """The whole space."""
    lines = tuple(tuple([int(i == j) for j in range(dimension)]) for i in range(dimension))
    return Cone(lines, (), (), 0)


def cut(cone: Cone, form: Vector, *, spend: Callable[[int], None] = lambda _: None) -> Cone:
    """The part where the form is >= 0; it must have interior points.

    Parameters
    ----------
    spend : is told of work before it is done, in multiplications or comparisons, and may reject it.

    Examples
    --------
    >>> quadrant = cut(cut(everything(2), (1, 0)), (0, 1))
    >>> cut(quadrant, (1, -1)).rays
    ((1, 0), (1, 1))
    """
    bit = 1 << cone.n_forms
    spend((len(cone.lines) + len(cone.rays)) * len(form))
    values = [sum(map(mul, form, line)) for line in cone.lines]
    k = next((k for k, value in enumerate(values) if value), None)
    if k is not None:
        return _open_line(cone, form, values, k)
    values = [sum(map(mul, form, ray)) for ray in cone.rays]
    rays = [ray for ray, value in zip(cone.rays, values, strict=True) if value >= 0]
    tight = [t if v else t | bit for t, v in zip(cone.tight, values, strict=True) if v >= 0]
    below = [j for j, value in enumerate(values) if value < 0]
    if below:
        above = [i for i, value in enumerate(values) if value > 0]
        needed = len(form) - len(cone.lines) - 2
        spend(len(above) * len(below))
        for i in above:
            for j in below:
                common = cone.tight[i] & cone.tight[j]
                if common.bit_count() < needed:
                    continue
                spend(len(cone.tight))
                if _is_edge(cone.tight, common):
                    p, q = values[i], -values[j]
                    ray = [q * x + p * y for x, y in zip(cone.rays[i], cone.rays[j], strict=True)]
                    rays.append(_coprime(ray))
                    tight.append(common | bit)
        if len(rays) > _MOST_RAYS:
            reject(f"a region with more than {_MOST_RAYS} vertices and rays")
    return Cone(cone.lines, tuple(rays), tuple(tight), cone.n_forms + 1)


def _is_edge(tight: Sequence[int], common: int) -> bool:
    """Whether two rays with these common forms span an edge: no third one has them all."""
    seen = 0
    for other in tight:
        if other & common == common:
            seen += 1
            if seen > 2:
                return False
    return True


def _open_line(cone: Cone, form: Vector, values: Sequence[int], k: int) -> Cone:
    """Line k, on which the form is not constant, becomes a ray; all others move along it into the wall."""
    value = abs(values[k])
    line = cone.lines[k] if values[k] > 0 else tuple([-x for x in cone.lines[k]])

    def into_wall(vector: Vector) -> Vector:
        height = sum(map(mul, form, vector))
        return _coprime([value * x - height * y for x, y in zip(vector, line, strict=True)])

    lines = tuple(into_wall(other) for j, other in enumerate(cone.lines) if j != k)
    bit = 1 << cone.n_forms
    return Cone(
        lines,
        (*map(into_wall, cone.rays), _coprime(line)),
        (*[t | bit for t in cone.tight], bit - 1),
        cone.n_forms + 1,
    )


def _coprime(vector: Sequence[int]) -> Vector:
    divisor = gcd(*vector)
    return tuple([x // divisor for x in vector]) if divisor > 1 else tuple(vector)


def canonical(lines: Sequence[Vector]) -> tuple[tuple[int, Vector], ...]:
    """The one basis in reduced echelon form: pairs (pivot position, coprime vector, zero at other pivots).

    Examples
    --------
    >>> canonical([(1, 1, 0), (1, 3, 2)])
    ((0, (1, 0, -1)), (1, (0, 1, 1)))
    """
    basis: list[tuple[int, Vector]] = []
    for line in lines:
        line = modulo(line, basis)
        p = next(p for p, x in enumerate(line) if x)
        line = line if line[p] > 0 else tuple([-x for x in line])
        basis = [(q, modulo(other, [(p, line)])) for q, other in basis] + [(p, line)]
    return tuple(sorted(basis))


def modulo(vector: Vector, basis: Sequence[tuple[int, Vector]]) -> Vector:
    """The positive multiple of vector + lines that is zero at the pivots of a canonical basis, coprime."""
    for p, line in basis:
        if vector[p]:
            a, b = line[p], vector[p]
            vector = tuple([a * x - b * y for x, y in zip(vector, line, strict=True)])
    return _coprime(vector)
