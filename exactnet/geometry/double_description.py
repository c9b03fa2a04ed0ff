"""Pointed polyhedral cones by their extreme rays, and what a plane does to them: plain integers throughout.

A cone {v : f_k.v >= 0} in D dimensions is kept as its extreme rays (primitive integer vectors) and, for each
ray, the set of forms that vanish on it, as a bit set. A plane splits the rays by sign and adds one ray on
every edge that it cuts (Motzkin, Raiffa, Thompson and Thrall 1953). Two extreme rays span an edge exactly
when no third ray has all their common tight forms (Fukuda and Prodon 1996, proposition 7); at least D-2
common forms are necessary. This engine is slow and stays: the fast ones are compared with it.

Examples
--------
>>> quadrant = simplicial_cone([(1, 0), (0, 1)], (0, 1))
>>> positive, negative = split(quadrant, (1, -1), 2)
>>> positive.rays, negative.rays
(((1, 0), (1, 1)), ((0, 1), (1, 1)))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from operator import mul
from typing import NamedTuple

from exactnet.exact import inverse, primitive
from exactnet.geometry.layers import Form

__all__ = ["Cone", "are_adjacent", "cut", "evaluate", "ray_values", "side", "simplicial_cone", "split"]


class Cone(NamedTuple):
    """A pointed cone in D dimensions; without rays it is the origin alone.

    Attributes
    ----------
    dimension : D, the number of coordinates.
    rays : extreme rays, primitive.
    tight : for each ray the names of the forms that vanish on it: bit k is set for the form named k. All
        forms that bound the cone have names; a form that only touches it may be missing.
    """

    dimension: int
    rays: tuple[Form, ...]
    tight: tuple[int, ...]


def simplicial_cone(forms: Sequence[Form], names: Sequence[int], signs: Sequence[int] = ()) -> Cone:
    """The cone where D independent forms have the given signs (all positive if none are given).

    Ray j is the solution of f_j.v = +-1, f_k.v = 0 for all other k: a column of the inverse matrix.

    Raises
    ------
    InputError : the forms are not independent; ShapeError : not D of them.

    Examples
    --------
    >>> simplicial_cone([(1, 1), (0, 1)], (0, 1), (1, -1))
    Cone(dimension=2, rays=((1, 0), (1, -1)), tight=(2, 1))
    """
    everything = sum(1 << name for name in names)
    columns = inverse(forms).transpose().numerators
    signs = signs or (1,) * len(forms)
    rays = tuple(primitive([s * value for value in ray]) for s, ray in zip(signs, columns, strict=True))
    return Cone(len(forms), rays, tuple(everything ^ (1 << name) for name in names))


def evaluate(form: Form, ray: Form) -> int:
    """form . ray."""
    return sum(map(mul, form, ray))


def ray_values(cone: Cone, form: Form) -> list[int]:
    """The value of the form on every ray."""
    return [sum(map(mul, form, ray)) for ray in cone.rays]


def side(cone: Cone, form: Form) -> int:
    """The sign of the form inside a full-dimensional cone: +1, -1 (also for the zero form), or 0 if it cuts.

    Examples
    --------
    >>> quadrant = simplicial_cone([(1, 0), (0, 1)], (0, 1))
    >>> side(quadrant, (1, 0)), side(quadrant, (-1, -1)), side(quadrant, (1, -1)), side(quadrant, (0, 0))
    (1, -1, 0, -1)
    """
    found = 0
    for ray in cone.rays:
        value = sum(map(mul, form, ray))
        if value:
            sign = 1 if value > 0 else -1
            if found == -sign:
                return 0
            found = sign
    return found or -1


def are_adjacent(cone: Cone, i: int, j: int) -> bool:
    """Whether rays i and j span an edge (a two-dimensional face).

    Examples
    --------
    >>> corner = simplicial_cone([(1, 0, 0), (0, 1, 0), (0, 0, 1)], (0, 1, 2))
    >>> square = split(corner, (1, 1, -1), 3)[0]
    >>> square.rays
    ((1, 0, 0), (0, 1, 0), (1, 0, 1), (0, 1, 1))
    >>> are_adjacent(square, 0, 1), are_adjacent(square, 0, 3)
    (True, False)
    """
    common = cone.tight[i] & cone.tight[j]
    needed = cone.dimension - 2
    if common.bit_count() < needed:
        return False
    # D-1 forms tight on a ray are independent, hence D-2 of them leave a two-dimensional face
    if needed + 1 in (cone.tight[i].bit_count(), cone.tight[j].bit_count()):
        return True
    return not any(common & tight == common for k, tight in enumerate(cone.tight) if k not in (i, j))


def split(
    cone: Cone, form: Form, name: int, values: Sequence[int] | None = None
) -> tuple[Cone | None, Cone | None]:
    """The parts of a full-dimensional cone where the form is positive and where it is negative.

    Parameters
    ----------
    name : what the form is called in the tight sets.
    values : of the form on the rays, if known already.

    Returns
    -------
    Both parts, closed; a part without interior is None. A form that does not take both signs leaves the
    cone as it is on one side; the zero form leaves it on the negative one.

    Examples
    --------
    >>> half_line = simplicial_cone([(1, -2), (0, 1)], (0, 1))
    >>> split(half_line, (1, -1), 2)[1] is None, split(half_line, (0, 0), 2)[0] is None
    (True, True)
    """
    values = ray_values(cone, form) if values is None else values
    if not any(value > 0 for value in values):
        return None, cone
    if not any(value < 0 for value in values):
        return cone, None
    positive, negative, wall = _parts(cone, values, 1 << name)
    return (
        Cone(cone.dimension, *_join(positive, wall)),
        Cone(cone.dimension, *_join(negative, wall)),
    )


def cut(cone: Cone, form: Form, name: int) -> Cone:
    """The closed part where the form is >= 0; it may lose dimensions, down to the origin (no rays).

    Examples
    --------
    >>> quadrant = simplicial_cone([(1, 0), (0, 1)], (0, 1))
    >>> cut(quadrant, (-1, 1), 2).rays, cut(quadrant, (-1, 0), 2).rays, cut(quadrant, (-1, -1), 2).rays
    (((0, 1), (1, 1)), ((0, 1),), ())
    """
    positive, _, wall = _parts(cone, ray_values(cone, form), 1 << name)
    return Cone(cone.dimension, *_join(positive, wall))


_Rays = list[tuple[Form, int]]


def _parts(cone: Cone, values: Sequence[int], bit: int) -> tuple[_Rays, _Rays, _Rays]:
    """Rays (each with its tight set) where the form is positive, negative, and zero; cut edges give zeros."""
    above, below = [], []
    wall: _Rays = []
    for k, value in enumerate(values):
        if value > 0:
            above.append(k)
        elif value < 0:
            below.append(k)
        else:
            wall.append((cone.rays[k], cone.tight[k] | bit))
    for i, j in _edges(cone, above, below):
        ray = _between(cone.rays[i], values[i], cone.rays[j], -values[j])
        wall.append((ray, cone.tight[i] & cone.tight[j] | bit))
    positive = [(cone.rays[k], cone.tight[k]) for k in above]
    negative = [(cone.rays[k], cone.tight[k]) for k in below]
    return positive, negative, wall


def _edges(cone: Cone, above: list[int], below: list[int]) -> Iterator[tuple[int, int]]:
    """All adjacent pairs of a ray above and a ray below."""
    tight = cone.tight
    simple = all(tight[k].bit_count() == cone.dimension - 1 for k in (*above, *below))
    if not simple or len(above) * len(below) <= 4 * cone.dimension:
        yield from ((i, j) for i in above for j in below if are_adjacent(cone, i, j))
        return
    # every D-2 of the D-1 forms tight on a ray name one of its edges, and an edge has one other end
    ends = {edge: j for j in below for edge in _without_one(tight[j])}
    for i in above:
        for edge in _without_one(tight[i]):
            if edge in ends:
                yield i, ends[edge]


def _without_one(bits: int) -> Iterator[int]:
    rest = bits
    while rest:
        lowest = rest & -rest
        yield bits ^ lowest
        rest ^= lowest


def _between(p: Form, above: int, q: Form, below: int) -> Form:
    """The primitive ray below * p + above * q, on which a form with values above > 0 and -below vanishes."""
    entries = [below * x + above * y for x, y in zip(p, q, strict=True)]
    divisor = gcd(*entries)
    return tuple(entries) if divisor < 2 else tuple([value // divisor for value in entries])


def _join(side: _Rays, wall: _Rays) -> tuple[tuple[Form, ...], tuple[int, ...]]:
    together = side + wall
    return tuple([ray for ray, _ in together]), tuple([tight for _, tight in together])
