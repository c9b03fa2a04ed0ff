"""Tropical rational functions: differences f = F - G of tropical polynomials.

These are exactly the functions of ReLU networks with rational weights (Zhang, Naitzat, Lim 2018, theorem
5.4). The pair is not unique: any convex piecewise-linear function may be added to both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from exactnet.errors import ShapeError
from exactnet.exact import to_fraction
from exactnet.tropical.polynomial import TropicalPolynomial

if TYPE_CHECKING:
    from exactnet.certificate import Result

__all__ = ["TropicalRational"]


@dataclass(frozen=True, repr=False)
class TropicalRational:
    """f = numerator - denominator as functions, a tropical quotient.

    `f + g` is the tropical sum (the maximum), `f * g` the tropical product (the sum), `f / g` the quotient
    (the difference), `f ** k` the power (k times f, any rational k). `f == g` compares the pairs;
    `f.equals(g)` the functions.

    Parameters
    ----------
    numerator, denominator : F and G, in the same variables.

    Raises
    ------
    ShapeError : another number of variables.

    Examples
    --------
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> absolute = TropicalRational(x ** 2 + zero, x)
    >>> absolute, absolute([-3]), (absolute ** -1)([2])
    (TropicalRational(max(0, 2*x1) - max(x1)), Fraction(3, 1), Fraction(-2, 1))
    """

    numerator: TropicalPolynomial
    denominator: TropicalPolynomial

    def __post_init__(self) -> None:
        if self.numerator.n_variables != self.denominator.n_variables:
            raise ShapeError(
                "numerator and denominator have different variables",
                where="denominator",
                got=f"{self.denominator.n_variables} variables",
                expected=f"{self.numerator.n_variables}, those of the numerator",
            )

    @classmethod
    def of(cls, p: TropicalPolynomial) -> TropicalRational:
        """The convex function p over the tropical one."""
        return cls(p, TropicalPolynomial.constant(0, p.n_variables))

    @property
    def n_variables(self) -> int:
        """The number of entries of x."""
        return self.numerator.n_variables

    def __call__(self, x: Sequence[object]) -> Fraction:
        """The exact value F(x) - G(x)."""
        return self.numerator(x) - self.denominator(x)

    def __add__(self, other: TropicalRational) -> TropicalRational:
        """The maximum: max(F1 - G1, F2 - G2) = max(F1 + G2, F2 + G1) - (G1 + G2)."""
        if not isinstance(other, TropicalRational):
            return NotImplemented
        if self.denominator == other.denominator:
            return TropicalRational(self.numerator + other.numerator, self.denominator)
        numerator = self.numerator * other.denominator + other.numerator * self.denominator
        return TropicalRational(numerator, self.denominator * other.denominator)

    def __mul__(self, other: TropicalRational) -> TropicalRational:
        """The sum of the functions."""
        if not isinstance(other, TropicalRational):
            return NotImplemented
        return TropicalRational(self.numerator * other.numerator, self.denominator * other.denominator)

    def __truediv__(self, other: TropicalRational) -> TropicalRational:
        """The difference of the functions."""
        if not isinstance(other, TropicalRational):
            return NotImplemented
        return TropicalRational(self.numerator * other.denominator, self.denominator * other.numerator)

    def __pow__(self, k: object) -> TropicalRational:
        """k times the function, for any rational k."""
        power = to_fraction(k, where="power")
        if power < 0:
            return TropicalRational(self.denominator**-power, self.numerator**-power)
        return TropicalRational(self.numerator**power, self.denominator**power)

    def compose(self, matrix: Sequence[Sequence[object]], offset: Sequence[object]) -> TropicalRational:
        """The function x -> f(matrix x + offset)."""
        return TropicalRational(
            self.numerator.compose(matrix, offset), self.denominator.compose(matrix, offset)
        )

    def simplify(self) -> TropicalRational:
        """Essential terms only, and without the factors that are seen at once.

        Equal numerator and denominator cancel; a denominator with one term goes into the numerator; otherwise
        the common monomial factor is divided out, so that the smallest exponent of every variable is 0 in one
        of the two and not negative in both, and the first coefficient of the denominator is 0. (Finding all
        common factors is NP-hard.)

        Examples
        --------
        >>> p = TropicalPolynomial.from_terms({(3,): 1, (2,): 0, (1,): 1})
        >>> TropicalRational(p, TropicalPolynomial.affine([1], 1)).simplify()
        TropicalRational(max(0, 2*x1) - max(0))
        """
        top, bottom = self.numerator.normal_form(), self.denominator.normal_form()
        if top == bottom:
            return TropicalRational.of(TropicalPolynomial.constant(0, self.n_variables))
        terms = (bottom.as_fractions(), top.as_fractions())
        first_exponents, first = terms[0][0]
        if bottom.n_terms == 1:
            shift = first_exponents
        else:
            shift = tuple(min(e[i] for part in terms for e, _ in part) for i in range(self.n_variables))
        inverse = TropicalPolynomial.affine([-v for v in shift], -first)
        return TropicalRational(top * inverse, bottom * inverse)

    def equals(self, other: TropicalRational) -> Result[bool]:
        """Whether both are the same function: F1 + G2 = F2 + G1, proved term by term, or refuted by a point.

        Examples
        --------
        >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
        >>> relu = TropicalRational.of(x + zero)
        >>> relu.equals(TropicalRational(x + x ** 2, x))
        PROVED: the two tropical rational functions are the same function
        """
        from exactnet.tropical.equality import same_rational

        return same_rational(self, other)

    def __repr__(self) -> str:
        top, bottom = (
            repr(part).removeprefix("TropicalPolynomial(").removesuffix(")")
            for part in (self.numerator, self.denominator)
        )
        return f"TropicalRational({top} - {bottom})"
