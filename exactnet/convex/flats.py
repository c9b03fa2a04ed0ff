"""Flats and rays of a central arrangement, each found once, in plain integers of any size.

A flat of dimension k (all members of a family of vectors in a k-dimensional subspace that they span) is
named by its lexicographically first basis; the search extends such bases one member at a time. Among
the members outside the span of a basis S, two lie in the same larger flat exactly when their images in
the quotient by span S are parallel, hence S + j is again a first basis exactly when j comes after S and
is the first of its class of parallel images: nothing is found twice, whatever the degeneracy. A flat of
dimension D-1 is the normal space of a line: its two directions are rays of the arrangement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from operator import mul

__all__ = ["Flat", "first_basis", "flats", "pair_vector", "unit_vector"]

IntVector = tuple[int, ...]
Flat = tuple[IntVector, list[IntVector]]


def flats(members: Sequence[IntVector], dimension: int) -> Iterator[Flat]:
    """All flats of dimension at most D-1, each once, in the lexicographic order of their first bases.

    Some flats without a ray above them in that order are left out; the rays themselves are complete.

    Parameters
    ----------
    members : integer vectors of length D = `dimension`; zero and parallel ones are allowed.

    Returns
    -------
    An iterator of (first basis as indices, basis of the orthogonal complement as primitive integer rows
    b_1..b_m), oriented such that det[b_1..b_m, basis] > 0. A single row is a ray r, with
    r . cross(basis) > 0, because det[r, basis] is that inner product.

    Examples
    --------
    >>> [(basis, rows[0]) for basis, rows in flats([(1, 2), (0, 0), (-2, -4), (0, 1)], 2) if len(rows) == 1]
    [((0,), (2, -1)), ((3,), (1, 0))]
    """
    yield from _extend((), [unit_vector(k, dimension) for k in range(dimension)], members)


def _extend(basis: IntVector, complement: list[IntVector], members: Sequence[IntVector]) -> Iterator[Flat]:
    """The flats whose first basis begins with `basis`, given the oriented complement."""
    yield basis, complement
    missing = len(complement) - 1
    if missing == 0:
        return
    for j, image in _first_of_classes(basis, complement, members):
        if len(members) - j < missing:
            return  # too few members left for a whole basis
        yield from _extend((*basis, j), _eliminate(complement, image), members)


def _first_of_classes(
    basis: IntVector, complement: list[IntVector], members: Sequence[IntVector]
) -> Iterator[tuple[int, IntVector]]:
    """The members after `basis` that are first of their class, with their images (b_i . member)_i."""
    last = basis[-1] if basis else -1
    seen: set[IntVector] = set()
    for j, member in enumerate(members):  # also the earlier ones: they may be the first of a class
        image = tuple(sum(map(mul, row, member)) for row in complement)
        if not any(image):
            continue
        line = _line(image)
        if line not in seen:
            seen.add(line)
            if j > last:
                yield j, image


def _line(vector: IntVector) -> IntVector:
    """One name for all non-zero multiples of a non-zero integer vector."""
    divisor = gcd(*vector)
    if next(x for x in vector if x) < 0:
        divisor = -divisor
    return tuple(x // divisor for x in vector)


def _eliminate(complement: list[IntVector], image: IntVector) -> list[IntVector]:
    """Complement of one more member g, given the images b_i . g; oriented as in :func:`flats`.

    The rows |c_p| b_i - sgn(c_p) c_i b_p (i != p) are orthogonal to g. With the projection of g on
    span(b) put in place p, their determinant has the sign of c_p times the old one; moving g from
    place p to the end passes D-1-p rows.
    """
    # the smallest non-zero pivot keeps the integers short
    p = min((i for i, c in enumerate(image) if c), key=lambda i: abs(image[i]))
    flip = 1 if image[p] > 0 else -1
    pivot = abs(image[p])
    rows = [
        _reduced(tuple(pivot * x - flip * c * y for x, y in zip(b, complement[p], strict=True)))
        for i, (b, c) in enumerate(zip(complement, image, strict=True))
        if i != p
    ]
    dimension = len(complement[0])
    if flip * (-1) ** (dimension - 1 - p) < 0:
        rows[0] = tuple(-x for x in rows[0])
    return rows


def _reduced(vector: IntVector) -> IntVector:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector)


def first_basis(vectors: Sequence[IntVector], dimension: int) -> tuple[IntVector, list[IntVector]]:
    """Lexicographically first maximal independent subset, and an oriented basis of its complement.

    Examples
    --------
    >>> first_basis([(0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 1, 0)], 3)
    ((1, 3), [(0, 0, 1)])
    """
    basis: IntVector = ()
    complement = [unit_vector(k, dimension) for k in range(dimension)]
    for j, vector in enumerate(vectors):
        image = tuple(sum(map(mul, row, vector)) for row in complement)
        if any(image):
            basis = (*basis, j)
            if len(complement) == 1:
                return basis, []
            complement = _eliminate(complement, image)
    return basis, complement


def unit_vector(k: int, dimension: int) -> IntVector:
    """e_k, 0-based.

    Examples
    --------
    >>> unit_vector(1, 3)
    (0, 1, 0)
    """
    return tuple(int(i == k) for i in range(dimension))


def pair_vector(pair: tuple[int, int, int], dimension: int) -> IntVector:
    """e_k + s e_l for the pair (k, l, s), 0-based.

    Examples
    --------
    >>> pair_vector((0, 2, -1), 3)
    (1, 0, -1)
    """
    k, m, sign = pair
    return tuple(int(i == k) + sign * int(i == m) for i in range(dimension))
