"""Tropical polynomials, max-plus: finite maxima of affine functions with rational entries.

    p(x) = max over terms (e, c) of  <e, x> + c

The tropical sum of two numbers is their maximum, the tropical product their sum; minus infinity is the
tropical zero and has no polynomial here. Exponents are any rationals, negative ones included ("signomials").
Two notions of equality are kept apart: `p == q` compares the lists of terms, `p.equals(q)` the functions.
Reference: Zhang, Naitzat, Lim 2018 (arXiv 1805.07091).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError, ShapeError
from exactnet.exact import common_denominator, rational_text, to_fraction, to_fractions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from exactnet.certificate import Result

__all__ = ["Exponent", "IntegerTerm", "TropicalPolynomial"]

Exponent = tuple[int, ...]
IntegerTerm = tuple[Exponent, int]

# a longer polynomial is shown by its size
_TERMS_SHOWN = 6


@dataclass(frozen=True, repr=False)
class TropicalPolynomial:
    """p(x) = max over terms of (<e, x> + c) / denominator, all numbers integers; make one with `from_terms`.

    `p + q` is the tropical sum (the maximum), `p * q` the tropical product (the sum of the functions),
    `p ** k` the tropical power (k times the function, rational k >= 0). `p == q` is equality of the terms.

    Parameters
    ----------
    n_variables : the number of entries of x; 0 is allowed.
    terms : pairs (exponents, coefficient) of integers, with different exponents, in ascending order.
    denominator : positive, and without a common factor of all integers of the terms; so polynomials with the
        same terms have the same fields.

    Raises
    ------
    InputError : no term.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(2,): 0, (0,): "1/2", (1,): 0})
    >>> p
    TropicalPolynomial(max(1/2, x1, 2*x1))
    >>> p([1]), (p * p)([1]), (p ** "1/2")([1]), (p + TropicalPolynomial.constant(7, 1))([1])
    (Fraction(2, 1), Fraction(4, 1), Fraction(1, 1), Fraction(7, 1))
    """

    n_variables: int
    terms: tuple[IntegerTerm, ...]
    denominator: int = 1

    def __post_init__(self) -> None:
        if not self.terms:
            raise InputError(
                "a tropical polynomial without terms",
                where="terms",
                got="no term",
                expected="at least one: minus infinity, the tropical zero, is not a rational number",
            )

    # -- making ---------------------------------------------------------------------------------------

    @classmethod
    def from_terms(
        cls, terms: Mapping[Sequence[object], object], n_variables: int | None = None
    ) -> TropicalPolynomial:
        """Read rational exponents and coefficients exactly (floats by their binary value, text as decimals).

        Parameters
        ----------
        terms : the coefficient of each tuple of exponents; where two tuples are equal as numbers, the larger
            coefficient is kept.
        n_variables : checked against the tuples.

        Raises
        ------
        InputError : no terms, or an entry that is not a number.
        ShapeError : tuples of different lengths.

        Examples
        --------
        >>> TropicalPolynomial.from_terms({(1, 0): 0, (0, "1/2"): -1})
        TropicalPolynomial(max(-1 + 1/2*x2, x1))
        >>> TropicalPolynomial.from_terms({(1, 0): 0, (0,): -1})
        Traceback (most recent call last):
            ...
        exactnet.errors.ShapeError: a term with another number of exponents
          where:    exponents (0,)
          got:      1
          expected: 2 variables
        """
        exact: dict[tuple[Fraction, ...], Fraction] = {}
        for exponents, coefficient in terms.items():
            e, c = _read(exponents, coefficient)
            n_variables = len(e) if n_variables is None else n_variables
            if len(e) != n_variables:
                raise ShapeError(
                    "a term with another number of exponents",
                    where=f"exponents {exponents!r}",
                    got=f"{len(e)}",
                    expected=f"{n_variables} variable{'s' * (n_variables != 1)}",
                )
            exact[e] = max(c, exact.get(e, c))
        den = common_denominator(v for e, c in exact.items() for v in (*e, c))
        integers = {
            tuple(v.numerator * (den // v.denominator) for v in e): c.numerator * (den // c.denominator)
            for e, c in exact.items()
        }
        return cls.from_integers(integers, denominator=den, n_variables=n_variables or 0)

    @classmethod
    def from_integers(
        cls, terms: Mapping[Exponent, int], *, n_variables: int, denominator: int = 1
    ) -> TropicalPolynomial:
        """From integers over one positive denominator, brought to lowest terms; nothing else is checked.

        Examples
        --------
        >>> TropicalPolynomial.from_integers({(2, 0): 4, (0, 6): 0}, n_variables=2, denominator=4)
        TropicalPolynomial(max(3/2*x2, 1 + 1/2*x1))
        """
        common = denominator
        for e, c in terms.items():
            if common == 1:
                break
            common = math.gcd(common, c, *e)
        if common == 1:
            return cls(n_variables, tuple(sorted(terms.items())), denominator)
        reduced = sorted((tuple(v // common for v in e), c // common) for e, c in terms.items())
        return cls(n_variables, tuple(reduced), denominator // common)

    @classmethod
    def affine(cls, a: Sequence[object], b: object = 0) -> TropicalPolynomial:
        """The single term <a, x> + b.

        Examples
        --------
        >>> TropicalPolynomial.affine([1, -1], "1/2")
        TropicalPolynomial(max(1/2 + x1 - x2))
        """
        return cls.from_terms({tuple(a): b})

    @classmethod
    def constant(cls, c: object, n_variables: int) -> TropicalPolynomial:
        """The constant c; `constant(0, n)` is the tropical one."""
        return cls.affine((0,) * n_variables, c)

    @classmethod
    def variable(cls, i: int, n_variables: int) -> TropicalPolynomial:
        """The coordinate x_i, counted from 0.

        Raises
        ------
        InputError : there is no such coordinate.
        """
        if not 0 <= i < n_variables:
            raise InputError("no such variable", where="i", got=f"{i}", expected=f"0 to {n_variables - 1}")
        return cls.affine([int(k == i) for k in range(n_variables)])

    # -- reading --------------------------------------------------------------------------------------

    @property
    def n_terms(self) -> int:
        """The number of terms, essential or not."""
        return len(self.terms)

    def as_fractions(self) -> tuple[tuple[tuple[Fraction, ...], Fraction], ...]:
        """The terms (exponents, coefficient) as fractions, in the order of `terms`.

        Examples
        --------
        >>> TropicalPolynomial.affine(["1/2"], 3).as_fractions()
        (((Fraction(1, 2),), Fraction(3, 1)),)
        """
        den = self.denominator
        return tuple((tuple(Fraction(v, den) for v in e), Fraction(c, den)) for e, c in self.terms)

    def __call__(self, x: Sequence[object]) -> Fraction:
        """The exact value at x.

        Raises
        ------
        ShapeError : another number of entries than variables.
        """
        point = to_fractions(x, where="x")
        self._same_size(len(point), "x")
        q = common_denominator(point)
        scaled = [v.numerator * (q // v.denominator) for v in point]
        return Fraction(max(sum(map(mul, e, scaled)) + c * q for e, c in self.terms), q * self.denominator)

    def values(self, points: Iterable[Sequence[object]]) -> tuple[Fraction, ...]:
        """The exact values at many points, in bulk.

        Examples
        --------
        >>> TropicalPolynomial.from_terms({(1,): 0, (0,): 0}).values([[-1], ["1/2"]])
        (Fraction(0, 1), Fraction(1, 2))
        """
        from exactnet.tropical.bulk import exact_values

        return exact_values(self, points)

    def approx_values(self, points: ArrayLike) -> NDArray[np.float64]:
        """The values at the rows of an (N x n_variables) array, in float64: rounded, and proving nothing."""
        from exactnet.tropical.bulk import approx_values

        return approx_values(self, points)

    # -- arithmetic -----------------------------------------------------------------------------------

    def __add__(self, other: TropicalPolynomial) -> TropicalPolynomial:
        """The tropical sum: the maximum of the two functions."""
        if not isinstance(other, TropicalPolynomial):
            return NotImplemented
        left, right, den = self._over_one_denominator(other)
        merged = dict(left)
        for e, c in right:
            merged[e] = max(c, merged.get(e, c))
        return TropicalPolynomial.from_integers(merged, n_variables=self.n_variables, denominator=den)

    def __mul__(self, other: TropicalPolynomial) -> TropicalPolynomial:
        """The tropical product: the sum of the two functions; the exponents make a Minkowski sum."""
        if not isinstance(other, TropicalPolynomial):
            return NotImplemented
        left, right, den = self._over_one_denominator(other)
        product: dict[Exponent, int] = {}
        for e, c in left:
            for f, d in right:
                sum_of_both = tuple([u + v for u, v in zip(e, f, strict=True)])
                known = product.get(sum_of_both)
                if known is None or known < c + d:
                    product[sum_of_both] = c + d
        return TropicalPolynomial.from_integers(product, n_variables=self.n_variables, denominator=den)

    def __pow__(self, k: object) -> TropicalPolynomial:
        """The tropical power: k times the function.

        As a tropical product of k factors it would have more terms; the ones left out are never needed.

        Raises
        ------
        InputError : k is negative; the function -p is concave, see `TropicalRational`.
        """
        power = to_fraction(k, where="power")
        if power < 0:
            raise InputError(
                "a tropical polynomial to a negative power is not convex",
                where="power",
                got=rational_text(power),
                expected="0 or more",
                hint="use a TropicalRational",
            )
        if power == 0:
            return TropicalPolynomial(self.n_variables, (((0,) * self.n_variables, 0),))
        scaled = {tuple(power.numerator * v for v in e): power.numerator * c for e, c in self.terms}
        den = self.denominator * power.denominator
        return TropicalPolynomial.from_integers(scaled, n_variables=self.n_variables, denominator=den)

    def compose(self, matrix: Sequence[Sequence[object]], offset: Sequence[object]) -> TropicalPolynomial:
        """The polynomial x -> p(matrix x + offset).

        Parameters
        ----------
        matrix : n_variables rows, a column for each new variable.
        offset : n_variables numbers.

        Raises
        ------
        ShapeError : another number of rows, or rows of different lengths.

        Examples
        --------
        >>> TropicalPolynomial.from_terms({(1,): 0, (0,): 0}).compose([[1, -1]], [3])
        TropicalPolynomial(max(0, 3 + x1 - x2))
        """
        rows = [to_fractions(row, where=f"row {i} of the matrix") for i, row in enumerate(matrix)]
        shift = to_fractions(offset, where="offset")
        self._same_size(len(rows), "rows of the matrix")
        self._same_size(len(shift), "offset")
        n_new = len(rows[0]) if rows else 0
        for i, row in enumerate(rows):
            if len(row) != n_new:
                raise ShapeError(
                    "rows of different lengths",
                    where=f"row {i} of the matrix",
                    got=f"{len(row)} entries",
                    expected=f"{n_new}",
                )
        q = common_denominator(v for row in (*rows, shift) for v in row)
        columns = [[row[k].numerator * (q // row[k].denominator) for row in rows] for k in range(n_new)]
        ends = [v.numerator * (q // v.denominator) for v in shift]
        composed: dict[Exponent, int] = {}
        for e, c in self.terms:
            exponents = tuple(sum(map(mul, e, column)) for column in columns)
            coefficient = sum(map(mul, e, ends)) + c * q
            composed[exponents] = max(coefficient, composed.get(exponents, coefficient))
        return TropicalPolynomial.from_integers(composed, n_variables=n_new, denominator=q * self.denominator)

    # -- as a function --------------------------------------------------------------------------------

    def normal_form(self) -> TropicalPolynomial:
        """The essential terms: each is the only largest one on an open set. Equal functions have the same.

        Examples
        --------
        >>> TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0}).normal_form()
        TropicalPolynomial(max(0, 2*x1))
        """
        from exactnet.tropical.normal_form import essential_terms

        return essential_terms(self)

    @property
    def is_normal(self) -> bool:
        """Whether every term is essential."""
        return self.normal_form().n_terms == self.n_terms

    def equals(self, other: TropicalPolynomial) -> Result[bool]:
        """Whether both are the same function: proved term by term, or refuted by a point.

        Examples
        --------
        >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0})
        >>> p.equals(TropicalPolynomial.from_terms({(0,): 0, (2,): 0}))
        PROVED: the two tropical polynomials are the same function
        """
        from exactnet.tropical.equality import same_polynomial

        return same_polynomial(self, other)

    # -- inside ---------------------------------------------------------------------------------------

    def _over_one_denominator(
        self, other: TropicalPolynomial
    ) -> tuple[tuple[IntegerTerm, ...], tuple[IntegerTerm, ...], int]:
        self._same_size(other.n_variables, "second polynomial", unit="variables")
        den = math.lcm(self.denominator, other.denominator)
        return _scaled(self, den), _scaled(other, den), den

    def _same_size(self, size: int, where: str, *, unit: str = "entries") -> None:
        if size != self.n_variables:
            raise ShapeError(
                "sizes that do not fit the polynomial",
                where=where,
                got=f"{size} {unit}",
                expected=f"{self.n_variables}, the number of variables",
            )

    def __repr__(self) -> str:
        if self.n_terms > _TERMS_SHOWN:
            return f"TropicalPolynomial({self.n_terms} terms in {self.n_variables} variables)"
        return f"TropicalPolynomial(max({', '.join(_term_text(e, c) for e, c in self.as_fractions())}))"


def _read(exponents: Sequence[object], coefficient: object) -> tuple[tuple[Fraction, ...], Fraction]:
    """Exact numbers; the place is put into words only if something is wrong."""
    try:
        return to_fractions(exponents), to_fraction(coefficient)
    except InputError:
        where = f"exponents {exponents!r}"
        return to_fractions(exponents, where=where), to_fraction(coefficient, where=f"coefficient of {where}")


def _scaled(p: TropicalPolynomial, den: int) -> tuple[IntegerTerm, ...]:
    factor = den // p.denominator
    if factor == 1:
        return p.terms
    return tuple((tuple(factor * v for v in e), factor * c) for e, c in p.terms)


def _term_text(exponents: Sequence[Fraction], coefficient: Fraction) -> str:
    """One affine function in plain text, as in 1/2 + x1 - 3*x2."""
    text = "" if coefficient == 0 else rational_text(coefficient)
    for i, v in enumerate(exponents, start=1):
        if v == 0:
            continue
        size = "" if abs(v) == 1 else f"{rational_text(abs(v))}*"
        sign = (" - " if v < 0 else " + ") if text else ("-" if v < 0 else "")
        text += f"{sign}{size}x{i}"
    return text or "0"
