"""Cones that contain lines, as they occur in front of skip connections.

The first layer of a network may switch along a few directions only, and a later one, which reads the inputs
once more, along the others. Until then a cone is a pointed cone plus the span of its lines: the rays are
representatives modulo the lines, and every form met so far vanishes on all lines. A form that does not
vanish on one of them cuts the cone into two, whatever its rays are; that line becomes a ray of both parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from exactnet.exact import independent_rows, primitive
from exactnet.geometry.double_description import Cone, evaluate, simplicial_cone
from exactnet.geometry.layers import Form

__all__ = ["Lines", "cone_with_lines", "split_by_line", "vanishes_on"]

Lines: TypeAlias = tuple[Form, ...]


def cone_with_lines(forms: Sequence[Form], names: Sequence[int], signs: Sequence[int]) -> tuple[Cone, Lines]:
    """The cone where at most D independent forms in D dimensions have the given signs.

    Returns
    -------
    The simplicial cone modulo the lines (its `dimension` is the number of forms), and a basis of the lines.

    Raises
    ------
    InputError : the forms are not independent.

    Examples
    --------
    >>> cone_with_lines([(0, 0, 1), (1, 1, 0)], (0, 1), (1, -1))
    (Cone(dimension=2, rays=((0, 0, 1), (0, -1, 0)), tight=(2, 1)), ((1, -1, 0),))
    """
    size = len(forms[0])
    units = [tuple(int(i == k) for i in range(size)) for k in range(size)]
    n_forms = len(forms)
    free = [k for k in independent_rows([*forms, *units]) if k >= n_forms]
    # names beyond all others, for the unit forms that stand in for the missing ones
    first = max(names) + 1
    dummies = range(first, first + len(free))
    whole = simplicial_cone(
        [*forms, *(units[k - n_forms] for k in free)], [*names, *dummies], (*signs, *[1] * len(free))
    )
    known = (1 << first) - 1
    cone = Cone(n_forms, whole.rays[:n_forms], tuple(tight & known for tight in whole.tight[:n_forms]))
    return cone, whole.rays[n_forms:]


def vanishes_on(lines: Lines, form: Form) -> bool:
    """Whether the form is zero on all lines.

    Examples
    --------
    >>> vanishes_on(((-1, 1, 0),), (1, 1, 5)), vanishes_on(((-1, 1, 0),), (1, 0, 5)), vanishes_on((), (1, 0))
    (True, False, True)
    """
    return not any(evaluate(form, line) for line in lines)


def split_by_line(cone: Cone, lines: Lines, form: Form, name: int) -> tuple[Cone, Cone, Lines]:
    """The parts where a form that does not vanish on all lines is positive and negative, and their lines.

    Parameters
    ----------
    name : what the form is called in the tight sets; bit 0 is the form of the plane at infinity.

    Examples
    --------
    >>> half_plane = Cone(2, ((0, 0, 1), (1, 0, 0)), (2, 1))
    >>> positive, negative, left = split_by_line(half_plane, ((0, 1, 0),), (0, 2, 1), 2)
    >>> positive
    Cone(dimension=3, rays=((0, -1, 2), (1, 0, 0), (0, 1, 0)), tight=(6, 5, 3))
    >>> negative.rays[2], left
    ((0, -1, 0), ())
    """
    chosen = next(k for k, line in enumerate(lines) if evaluate(form, line))
    line = lines[chosen]
    value = evaluate(form, line)
    if value < 0:
        line, value = tuple([-x for x in line]), -value

    def moved(vector: Form) -> Form:
        """Along the line, until the form vanishes."""
        step = evaluate(form, vector)
        return primitive([value * x - step * y for x, y in zip(vector, line, strict=True)])

    rays = tuple(moved(ray) for ray in cone.rays)
    # every form that bounds the cone vanishes on the line; a facet without rays can only be that at infinity
    on_line = 1
    for tight in cone.tight:
        on_line |= tight
    tights = (*(tight | 1 << name for tight in cone.tight), on_line)
    opposite = tuple([-x for x in line])
    left = tuple(moved(other) for k, other in enumerate(lines) if k != chosen)
    positive = Cone(cone.dimension + 1, (*rays, line), tights)
    return positive, Cone(cone.dimension + 1, (*rays, opposite), tights), left
