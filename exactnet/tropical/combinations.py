"""Why a term is never needed: convex multipliers of terms that cover it.

A term (e, c) lies under the upper hull of q exactly when max_x (<e, x> + c - q(x)) <= 0. The maximum is
reached at a vertex of the epigraph of q; e is then a convex combination of the exponents of the terms that
are largest at that vertex, and at the vertex their common value is at least that of the term.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from exactnet.errors import InvariantError
from exactnet.exact import conic_combination
from exactnet.tropical.normal_form import HullRay, UpperHull
from exactnet.tropical.polynomial import Exponent, TropicalPolynomial

__all__ = ["Under"]

Combination = tuple[tuple[int, Fraction], ...]
_INT64 = 1 << 62


class Under:
    """Finds multipliers for terms under one hull.

    Parameters
    ----------
    hull : of some polynomial with the same essential terms as `q`, up to a common factor of the integers.
    q : whose term numbers the multipliers are given for.
    scale : what the integers of a term are multiplied by to be comparable with those of the hull.
    """

    def __init__(self, hull: UpperHull, q: TropicalPolynomial, *, scale: Fraction | None = None) -> None:
        self.terms = hull.polynomial.terms
        self.vertices = [ray for ray in hull.rays if ray.x0]
        number = {e: k for k, (e, _) in enumerate(q.terms)}
        factor = Fraction(q.denominator, hull.polynomial.denominator)
        self.numbers = {k: number[tuple(int(v * factor) for v in self.terms[k][0])] for k in hull.essential}
        self.scale = Fraction(1) if scale is None else scale
        rows = [(*ray.x, ray.x0, -ray.t) for ray in self.vertices]
        self.size = max(abs(v) for row in rows for v in row)
        fits = self.size < _INT64
        self.rows = np.array(rows, dtype=np.int64 if fits else object)

    def combination(self, e: Exponent, c: int) -> Combination:
        """Multipliers (number, m) with sum m = 1, sum m e_j = e, sum m c_j >= c.

        Raises
        ------
        InvariantError : the term does not lie under the hull.

        Examples
        --------
        >>> from exactnet.tropical.normal_form import upper_hull
        >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (3,): 0})
        >>> Under(upper_hull(p), p).combination((1,), 0)
        ((0, Fraction(2, 3)), (2, Fraction(1, 3)))
        """
        vertex = self._highest(e, c)
        up, down = self.scale.numerator, self.scale.denominator
        generators = [(*(down * v for v in self.terms[k][0]), 1) for k in vertex.terms]
        found = conic_combination(generators, (*(up * v for v in e), 1))
        if found is None:
            raise InvariantError("a term does not lie under the hull", reproduction=f"{e}, {c}")
        total, multipliers = found
        named = [(self.numbers[vertex.terms[i]], Fraction(m, total)) for i, m in multipliers.items()]
        return tuple(sorted(named))

    def _highest(self, e: Exponent, c: int) -> HullRay:
        """The vertex where the term comes nearest to the maximum."""
        up, down = self.scale.numerator, self.scale.denominator
        term = [*(up * v for v in e), up * c, down]
        fits = self.rows.dtype != object and max(map(abs, term)) * self.size * len(term) < _INT64
        table = self.rows if fits else self.rows.astype(object)
        values = (table @ np.array(term, dtype=np.int64 if fits else object)).tolist()
        best = max(range(len(values)), key=lambda i: Fraction(values[i], self.vertices[i].x0))
        return self.vertices[best]
