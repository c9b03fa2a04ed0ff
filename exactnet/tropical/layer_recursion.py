"""The Zhang-Naitzat-Lim recursion itself, in tropical polynomials: the second way to F and G.

The formulas are those of :mod:`exactnet.tropical.cell_forms`. Without pruning the number of terms is a
product over the units; with pruning every polynomial is reduced to its essential terms, by one convex hull,
as soon as it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from exactnet.errors import InputError, LimitReached
from exactnet.model import Activation, AffineLayer, Network
from exactnet.tropical.normal_form import essential_terms
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

__all__ = ["recursion"]

Reduce = Callable[[TropicalPolynomial], TropicalPolynomial]


def recursion(
    network: Network,
    *,
    prune: bool = True,
    layer: int | None = None,
    max_terms: int | None = None,
    reduce: Reduce = essential_terms,
) -> tuple[TropicalRational, ...]:
    """F and G of every output, by the recursion of Zhang, Naitzat and Lim.

    Parameters
    ----------
    prune : False merges equal exponents only; the number of terms grows like the product of all widths.
    layer : stop behind this layer, counted from 1.
    max_terms : stop before a product of polynomials with more pairs of terms.
    reduce : how to prune; by default one convex hull.

    Raises
    ------
    LimitReached : a product with more than `max_terms` pairs. InputError : there is no such layer.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> recursion(hat, prune=False)
    (TropicalRational(max(0, x1, 2*x1) - max(x1)),)
    >>> recursion(hat), recursion(hat, layer=1)[1]
    ((TropicalRational(max(0, 2*x1) - max(x1)),), TropicalRational(max(0, x1) - max(x1)))
    """
    d = network.n_inputs
    if layer is not None and not 1 <= layer <= len(network.layers):
        raise InputError(
            "no such layer", where="layer", got=f"{layer}", expected=f"1 to {len(network.layers)}"
        )
    work = _Work(d, reduce if prune else None, max_terms)
    one = TropicalPolynomial.constant(0, d)
    values = {0: [TropicalRational(TropicalPolynomial.variable(i, d), one) for i in range(d)]}
    end = len(network.layers) if layer is None else layer
    for k, here in enumerate(network.layers[:end], start=1):
        rows = [(values[k - 1], here.weight.rows())]
        rows += [(values[skip.source], skip.weight.rows()) for skip in here.skips]
        z = []
        for i, b in enumerate(here.bias):
            terms = [pair for units, weight in rows for pair in zip(units, weight[i], strict=True)]
            z.append(work.affine(terms, b))
        values[k] = work.activated(here, z)
    return tuple(values[end])


class _Work:
    """Sums and maxima, pruned or not."""

    def __init__(self, n_variables: int, reduce: Reduce | None, max_terms: int | None) -> None:
        self.n_variables = n_variables
        self.reduce = reduce
        self.max_terms = max_terms

    def affine(self, terms: Sequence[tuple[TropicalRational, Fraction]], b: Fraction) -> TropicalRational:
        """H and K of one unit: sum of w (F - G), plus b."""
        H = [(u.numerator if w > 0 else u.denominator, abs(w)) for u, w in terms if w]
        K = [(u.denominator if w > 0 else u.numerator, abs(w)) for u, w in terms if w]
        constant = TropicalPolynomial.constant(b, self.n_variables)
        return TropicalRational(self.total([*H, (constant, Fraction(1))]), self.total(K))

    def total(self, parts: Sequence[tuple[TropicalPolynomial, Fraction | int]]) -> TropicalPolynomial:
        """The sum of non-negative multiples of functions: a tropical product of powers."""
        found = TropicalPolynomial.constant(0, self.n_variables)
        # small factors first: products stay small as long as possible
        for p, w in sorted(parts, key=lambda part: part[0].n_terms):
            if w:
                self._require_few(found.n_terms * p.n_terms)
                product = found * p**w
                is_sum = found.n_terms > 1 and p.n_terms > 1
                found = self.reduced(product) if is_sum else product
        return found

    def _require_few(self, n_pairs: int) -> None:
        if self.max_terms is not None and n_pairs > self.max_terms:
            raise LimitReached(
                "a polynomial of the recursion has more terms than allowed",
                where="recursion",
                got=f"a product of {n_pairs:,} pairs of terms",
                expected=f"at most {self.max_terms:,}",
                hint="leave out prune=False, or take tropical_form, which expands nothing",
            )

    def reduced(self, p: TropicalPolynomial) -> TropicalPolynomial:
        """The essential terms, when pruning."""
        return self.reduce(p) if self.reduce is not None else p

    def largest(self, *parts: TropicalPolynomial) -> TropicalPolynomial:
        """The maximum."""
        found = parts[0]
        for p in parts[1:]:
            found = found + p
        return self.reduced(found)

    def activated(self, layer: AffineLayer, z: list[TropicalRational]) -> list[TropicalRational]:
        """Every unit behind the activation."""
        kind = layer.activation
        if kind is Activation.IDENTITY:
            return z
        if kind is Activation.MAXOUT:
            return [self._maxout(z[i : i + layer.pieces]) for i in range(0, len(z), layer.pieces)]
        if kind is Activation.HARDTANH:
            return [self._hardtanh(unit) for unit in z]
        slope = Fraction(-1) if kind is Activation.ABS else layer.slope
        return [self._leaky(unit, slope) for unit in z]

    def _leaky(self, unit: TropicalRational, s: Fraction) -> TropicalRational:
        H, K = unit.numerator, unit.denominator
        M = self.largest(H, K)
        if s <= 0:
            return TropicalRational(M ** (1 - s), self.total([(K, 1), (H, -s)]))
        if s <= 1:
            return TropicalRational(self.total([(H, s), (M, 1 - s)]), K)
        return TropicalRational(self.total([(H, s), (K, s - 1)]), self.total([(K, s), (M, s - 1)]))

    def _hardtanh(self, unit: TropicalRational) -> TropicalRational:
        H, K = unit.numerator, unit.denominator
        up, down = (TropicalPolynomial.constant(c, self.n_variables) for c in (1, -1))
        return TropicalRational(self.largest(H * up, K) * down, self.largest(H * down, K))

    def _maxout(self, pieces: list[TropicalRational]) -> TropicalRational:
        whole = self.total([(piece.denominator, 1) for piece in pieces])
        tops = [
            self.total([(p.numerator, 1), *((q.denominator, 1) for q in pieces[:t] + pieces[t + 1 :])])
            for t, p in enumerate(pieces)
        ]
        return TropicalRational(self.largest(*tops), whole)
