"""The essential terms of a tropical polynomial, by one convex hull.

A term is essential when it is the only largest one on an open set; equivalently (e, c) is a vertex of the
convex hull of all (e_i, c_i) together with the ray downwards. The list of essential terms is the same for
equal functions: it is the normal form.

Dual picture: the cone C = {(x0, x, t) : x0 >= 0, t - <e, x> - c x0 >= 0 for all terms} over the epigraph. C
is built up term by term from its extreme rays (double description). A ray on which some term is negative
shows that this term is missing; of the terms that are smallest on that ray the one with the
lexicographically largest exponents is taken in. It is a vertex of the face that the ray supports, hence of
the hull: *only essential terms are ever taken in*, and once no ray is violated all the others are redundant.
So the work follows the result, not the number of terms, and no linear programme is solved.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import LimitReached
from exactnet.exact import LinearSystem, LpStatus, independent_columns, nullspace, primitive, solve_lp
from exactnet.geometry.double_description import simplicial_cone
from exactnet.tropical.polynomial import TropicalPolynomial

__all__ = [
    "HullRay",
    "UpperHull",
    "essential_terms",
    "essential_terms_by_lp",
    "is_essential_by_lp",
    "upper_hull",
]

_INT64 = 1 << 62
Ray = tuple[int, ...]


@dataclass(frozen=True)
class HullRay:
    """An extreme ray of the cone over the epigraph: a vertex (x0 > 0) or a direction (x0 = 0) of the pieces.

    Attributes
    ----------
    x0, x : the point x / x0, or the direction x; integers without a common factor with t.
    t : the largest value of <e, x> + c x0 over the terms, where terms are counted in integers.
    terms : indices of the essential terms that are largest there, ascending.
    """

    x0: int
    x: tuple[int, ...]
    t: int
    terms: tuple[int, ...]


@dataclass(frozen=True)
class UpperHull:
    """The essential terms of p, and the rays of the cone over its epigraph.

    Attributes
    ----------
    polynomial : p.
    essential : indices of the essential terms among those of p, ascending.
    columns : r variables on which the exponents depend one-to-one, up to affine maps; the rays have x = 0 in
        all others. r is the dimension of the Newton polytope.
    rays : all extreme rays; sorted.
    """

    polynomial: TropicalPolynomial
    essential: tuple[int, ...]
    columns: tuple[int, ...]
    rays: tuple[HullRay, ...]

    @property
    def normal_form(self) -> TropicalPolynomial:
        """The polynomial of the essential terms."""
        p = self.polynomial
        terms = dict(p.terms[k] for k in self.essential)
        return TropicalPolynomial.from_integers(terms, n_variables=p.n_variables, denominator=p.denominator)

    def witnesses(self) -> dict[int, tuple[Fraction, ...]]:
        """For every essential term a point where it is larger than every other one.

        The sum of the rays on which the term is largest lies in the interior of that facet.

        Examples
        --------
        >>> upper_hull(TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): -2})).witnesses()
        {0: (Fraction(-1, 1),), 1: (Fraction(1, 1),), 2: (Fraction(3, 1),)}
        """
        n = self.polynomial.n_variables
        sums = {k: [0] * (n + 1) for k in self.essential}
        for ray in self.rays:
            entries = (ray.x0, *ray.x)
            for k in ray.terms:
                sums[k] = [u + v for u, v in zip(sums[k], entries, strict=True)]
        return {k: tuple(Fraction(v, total[0]) for v in total[1:]) for k, total in sums.items()}


def essential_terms(p: TropicalPolynomial) -> TropicalPolynomial:
    """The polynomial of the essential terms: the normal form of p.

    Examples
    --------
    >>> corners = {(0, 0): 0, (1, 0): 0, (0, 1): 0, (1, 1): 0}
    >>> essential_terms(TropicalPolynomial.from_terms(corners | {("1/2", "1/2"): 0})).n_terms
    4
    """
    return upper_hull(p).normal_form


def essential_terms_by_lp(p: TropicalPolynomial) -> TropicalPolynomial:
    """The same by one exact linear programme a term: the slow reference.

    Term k is essential when some x and s > 0 have <e_k - e_i, x> + c_k - c_i >= s for all other i.

    Examples
    --------
    >>> essential_terms_by_lp(TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0}))
    TropicalPolynomial(max(0, 2*x1))
    """
    kept = dict(term for k, term in enumerate(p.terms) if is_essential_by_lp(p, k))
    return TropicalPolynomial.from_integers(kept, n_variables=p.n_variables, denominator=p.denominator)


def is_essential_by_lp(p: TropicalPolynomial, k: int) -> bool:
    """Whether term k is essential, by one exact linear programme with a row for every other term.

    Examples
    --------
    >>> is_essential_by_lp(TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0}), 1)
    False
    """
    e, c = p.terms[k]
    others = [term for i, term in enumerate(p.terms) if i != k]
    rows = [[*(v - u for u, v in zip(e, f, strict=True)), 1] for f, _ in others]
    rows.append([0] * p.n_variables + [1])
    system = LinearSystem(rows, ["<="] * len(rows), [*(c - d for _, d in others), 1])
    outcome = solve_lp(system, [0] * p.n_variables + [-1])
    return outcome.status is LpStatus.OPTIMAL and outcome.value is not None and outcome.value < 0


def upper_hull(p: TropicalPolynomial, *, max_rays: int | None = None) -> UpperHull:
    """The upper hull of the lifted exponents of p, by double description.

    Parameters
    ----------
    max_rays : stop when the cone has more extreme rays.

    Raises
    ------
    LimitReached : more rays than allowed; `partial` is the tuple of the essential terms found so far.

    Examples
    --------
    >>> hull = upper_hull(TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 1): 0}))
    >>> hull.essential, [(ray.x0, ray.x, ray.terms) for ray in hull.rays]
    ((0, 1, 2), [(0, (-1, 0), (0, 1)), (0, (0, -1), (0, 2)), (0, (1, 1), (1, 2)), (1, (0, 0), (0, 1, 2))])
    """
    forms = _Forms(p)
    start = _independent_terms(forms)
    if len(start) == 1:
        point = HullRay(1, (0,) * p.n_variables, p.terms[0][1], (0,))
        return UpperHull(p, (0,), (), (point,))
    first = forms.exponents(start[0])
    differences = [[v - u for u, v in zip(first, forms.exponents(k), strict=True)] for k in start[1:]]
    columns = tuple(independent_columns(differences))
    forms.keep(columns)
    cone = _GrowingCone(forms, start, max_rays)
    cone.close()
    return UpperHull(
        p, tuple(sorted(cone.taken)), columns, tuple(sorted(_rays(p, columns, cone), key=_order))
    )


def _order(ray: HullRay) -> tuple[object, ...]:
    return ray.x0, ray.x, ray.t


def _rays(p: TropicalPolynomial, columns: tuple[int, ...], cone: _GrowingCone) -> list[HullRay]:
    infinity = p.n_terms
    found = []
    for vector, tight in cone.rays.values():
        x = [0] * p.n_variables
        for column, value in zip(columns, vector[1:-1], strict=True):
            x[column] = value
        terms = tuple(sorted(tight - {infinity}))
        found.append(HullRay(vector[0], tuple(x), vector[-1], terms))
    return found


class _Forms:
    """The terms as forms (-c, -e, 1) over (x0, x, t), evaluated on one ray at a time, exactly."""

    def __init__(self, p: TropicalPolynomial) -> None:
        self.rows: list[Ray] = [(-c, *(-v for v in e), 1) for e, c in p.terms]
        self._prepare()

    def keep(self, columns: tuple[int, ...]) -> None:
        """Drop all other variables."""
        self.rows = [(row[0], *(row[1 + k] for k in columns), 1) for row in self.rows]
        self._prepare()

    def _prepare(self) -> None:
        self.size = max(abs(v) for row in self.rows for v in row)
        self.width = len(self.rows[0])
        fits = self.size < _INT64
        self.table = np.array(self.rows, dtype=np.int64 if fits else object)
        self.floats = _unit_floats(self.rows, self.size)

    def exponents(self, k: int) -> Ray:
        """The exponents of term k."""
        return tuple(-v for v in self.rows[k][1:-1])

    def values(self, ray: Ray) -> NDArray[np.generic]:
        """The exact value of every form on a ray, as int64 or as integers of any size."""
        largest = max(map(abs, ray))
        if self.table.dtype != object and largest * self.size * self.width < _INT64:
            return np.asarray(self.table @ np.array(ray, dtype=np.int64))
        return np.asarray(self.table.astype(object) @ np.array(ray, dtype=object))

    def lowest(self, ray: Ray) -> tuple[int, int]:
        """The last of the forms that are smallest on a ray, and its value.

        Long integers are compared in floats first: |float - exact| <= error for entries of size at most 1,
        whose D products and sums are each rounded once, after one rounding of each factor.
        """
        largest = max(map(abs, ray))
        if self.table.dtype != object and largest * self.size * self.width < _INT64:
            values = self.table @ np.array(ray, dtype=np.int64)
            best = len(values) - 1 - int(np.argmin(values[::-1]))
            return best, int(values[best])
        guess = self.floats @ _unit_floats([ray], largest)[0]
        error = (self.width + 4) * self.width * 2.0**-52
        near = np.flatnonzero(guess <= guess.min() + 2 * error)
        exact = [(sum(map(mul, self.rows[k], ray)), -k) for k in near.tolist()]
        value, index = min(exact)
        return -index, value


def _unit_floats(rows: list[Ray], size: int) -> NDArray[np.float64]:
    """Each entry divided by the largest size, rounded once (int / int is correctly rounded)."""
    return np.array([[v / size for v in row] for row in rows])


def _independent_terms(forms: _Forms) -> list[int]:
    """Terms whose exponents are vertices of the Newton polytope and affinely span all exponents."""
    chosen = [len(forms.rows) - 1]
    first = forms.exponents(chosen[0])
    n = len(first)
    differences: list[list[int]] = []
    directions = [[int(i == k) for i in range(n)] for k in range(n)]
    while directions:
        for direction in directions:
            across = forms.values((0, *(-v for v in direction), 0))
            level = across[chosen[0]]
            # the last of the largest: the lexicographically largest exponents of that face
            sign = 1 if across.max() > level else -1
            if across.max() == across.min():
                continue
            signed = sign * across
            k = len(signed) - 1 - int(np.argmax(signed[::-1]))
            break
        else:
            return chosen
        chosen.append(k)
        differences.append([v - u for u, v in zip(first, forms.exponents(k), strict=True)])
        directions = [list(primitive(row)) for row in nullspace(differences).numerators]
    return chosen


class _GrowingCone:
    """A pointed cone by its extreme rays and their tight forms, cut by one form after the other.

    Two rays span an edge exactly when no third ray has all their common tight forms (Fukuda and Prodon
    1996, proposition 7). Only rays that share forms with a removed ray are looked at.
    """

    def __init__(self, forms: _Forms, start: list[int], max_rays: int | None) -> None:
        infinity = len(forms.rows)
        self.forms, self.max_rays = forms, max_rays
        self.dimension = forms.width
        self.taken = set(start)
        at_infinity = (1, *(0,) * (self.dimension - 1))
        names = [infinity, *start]
        simplex = simplicial_cone([at_infinity, *(forms.rows[k] for k in start)], range(len(names)))
        self.rays: dict[int, tuple[Ray, frozenset[int]]] = {}
        self.through: dict[int, set[int]] = {name: set() for name in names}
        self.n_made = 0
        self.queue: list[int] = []
        for ray, bits in zip(simplex.rays, simplex.tight, strict=True):
            self._add(ray, frozenset(name for i, name in enumerate(names) if bits >> i & 1))

    def close(self) -> None:
        """Take in forms until every form is non-negative on every ray."""
        while self.queue:
            ray = self.queue.pop()
            if ray not in self.rays:
                continue
            k, value = self.forms.lowest(self.rays[ray][0])
            if value < 0:
                self._take(k, ray)
                if ray in self.rays:
                    self.queue.append(ray)

    def _take(self, k: int, violated: int) -> None:
        self.taken.add(k)
        self.through[k] = set()
        values, fresh = self._across(k, violated)
        for i, value in values.items():
            ray, tight = self.rays[i]
            if value == 0:
                self.rays[i] = (ray, tight | {k})
                self.through[k].add(i)
            elif value < 0:
                for name in tight:
                    self.through[name].discard(i)
                del self.rays[i]
        for ray, tight in fresh:
            self._add(ray, tight)
        if self.max_rays is not None and len(self.rays) > self.max_rays:
            raise LimitReached(
                "the hull has more extreme rays than allowed",
                where="upper_hull",
                got=f"more than {self.max_rays} rays with {len(self.taken)} essential terms so far",
                expected=f"at most {self.max_rays}",
                hint="raise max_rays; the terms found so far are essential: a lower bound",
                partial=tuple(sorted(self.taken)),
            )

    def _across(self, k: int, violated: int) -> tuple[dict[int, int], list[tuple[Ray, frozenset[int]]]]:
        """The values of form k on the rays around the cut, and the new rays on the edges that it cuts.

        The rays below are connected by edges, and every ray at 0 has one of them as its neighbour (from a
        vertex that is not a minimum some edge descends), so nobody needs to look at all rays.
        """
        form = self.forms.rows[k]
        values = {violated: sum(map(mul, form, self.rays[violated][0]))}
        below, fresh = [violated], []
        for i in below:
            ray, tight = self.rays[i]
            shared = Counter(j for name in tight for j in self.through[name])
            for j, n_common in shared.items():
                if n_common < self.dimension - 2:
                    continue
                if j not in values:
                    values[j] = sum(map(mul, form, self.rays[j][0]))
                    if values[j] < 0:
                        below.append(j)
                if values[j] > 0 and self._is_edge(i, j):
                    other, others = self.rays[j]
                    fresh.append((_between(ray, values[i], other, values[j]), (tight & others) | {k}))
        return values, fresh

    def _is_edge(self, i: int, j: int) -> bool:
        # one form at least: with one variable the dimension is 3 already
        common = sorted(self.rays[i][1] & self.rays[j][1], key=lambda name: len(self.through[name]))
        third = set(self.through[common[0]])
        for name in common[1:]:
            if len(third) == 2:
                return True
            third &= self.through[name]
        return len(third) == 2

    def _add(self, ray: Ray, tight: frozenset[int]) -> None:
        self.rays[self.n_made] = (ray, tight)
        for name in tight:
            self.through[name].add(self.n_made)
        self.queue.append(self.n_made)
        self.n_made += 1


def _between(p: Ray, below: int, q: Ray, above: int) -> Ray:
    """The primitive ray above * p - below * q, on which the form with these values vanishes."""
    entries = [above * x - below * y for x, y in zip(p, q, strict=True)]
    divisor = gcd(*entries)
    return tuple(entries) if divisor < 2 else tuple([value // divisor for value in entries])
