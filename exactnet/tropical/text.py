"""Tropical polynomials and rational functions as plain text and as LaTeX, out and in.

Everything here is max-plus. The readers are those of :mod:`exactnet.tropical.expression`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from exactnet.errors import InputError, ShapeError
from exactnet.exact import rational_text
from exactnet.tropical.expression import parse_rational_function
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

__all__ = ["from_latex", "from_text", "to_latex", "to_text", "variable_list"]

Tropical = TropicalPolynomial | TropicalRational


def variable_list(n: int, variables: Sequence[str] | None, default: str = "x{}") -> tuple[str, ...]:
    """The given names, or x1..xn.

    Raises
    ------
    ShapeError : another number of names than variables.
    """
    if variables is None:
        return tuple(default.format(k) for k in range(1, n + 1))
    if len(variables) != n:
        raise ShapeError(
            "names that do not fit the polynomial",
            where="variables",
            got=f"{len(variables)} names",
            expected=f"{n}",
        )
    return tuple(variables)


def to_text(f: Tropical, *, variables: Sequence[str] | None = None) -> str:
    """A formula such as `max(1/2, 2*x1 - x2)`; a rational function is a difference of two.

    Examples
    --------
    >>> to_text(TropicalPolynomial.from_terms({(2, -1): 0, (0, 0): "1/2"}))
    'max(1/2, 2*x1 - x2)'
    """
    names = variable_list(f.n_variables, variables)

    def polynomial(p: TropicalPolynomial) -> str:
        return "max(" + ", ".join(_sum(e, c, names, _plain_product) for e, c in p.as_fractions()) + ")"

    return _difference(f, polynomial)


def from_text(
    text: str, *, variables: Sequence[str] | None = None, n_variables: int | None = None
) -> Tropical:
    """Read a formula: a polynomial if nothing is subtracted from a maximum, else a rational function.

    Parameters
    ----------
    variables : names in their order; by default x1..xn, or the names that occur, in alphabetical order.
    n_variables : with names x1.., how many there are, when the last ones do not occur.

    Raises
    ------
    ParseError : no such formula, or a minimum.

    Examples
    --------
    >>> from_text("max(1/2, 2*x1 - x2)"), from_text("max(0, x1) - max(0, -x1)")
    (TropicalPolynomial(max(1/2, 2*x1 - x2)), TropicalRational(max(0, x1) - max(-x1, 0)))
    >>> from_text("max(0, x1)", n_variables=3).n_variables
    3
    """
    if variables is None and n_variables is not None:
        variables = variable_list(n_variables, None)
    found = parse_rational_function(text, variables=variables)
    if found.denominator == TropicalPolynomial.constant(0, found.n_variables):
        return found.numerator
    return found


def to_latex(f: Tropical, *, variables: Sequence[str] | None = None, notation: str = "max") -> str:
    r"""LaTeX for mathematics mode.

    Parameters
    ----------
    notation : "max" writes \max\{..\}, "tropical" writes \oplus and \odot (polynomials only).

    Raises
    ------
    InputError : another notation, or a rational function in tropical notation.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(2, -1): 0, (0, 0): "1/2"})
    >>> print(to_latex(p))
    \max\left\{\tfrac{1}{2},\ 2x_{1}-x_{2}\right\}
    >>> print(to_latex(p, notation="tropical"))
    \tfrac{1}{2} \oplus x_{1}^{\odot 2} \odot x_{2}^{\odot (-1)}
    """
    names = variable_list(f.n_variables, variables, "x_{{{}}}")
    if notation == "tropical" and isinstance(f, TropicalPolynomial):
        return r" \oplus ".join(_tropical_term(e, c, names) for e, c in f.as_fractions())
    if notation != "max":
        raise InputError(
            "no such notation for this",
            where="notation",
            got=f"{notation!r} for a {type(f).__name__}",
            expected='"max", or "tropical" for a polynomial',
        )

    def polynomial(p: TropicalPolynomial) -> str:
        terms = (_sum(e, c, names, _latex_product, space="") for e, c in p.as_fractions())
        return r"\max\left\{" + r",\ ".join(terms) + r"\right\}"

    return _difference(f, polynomial)


def from_latex(
    text: str, *, variables: Sequence[str] | None = None, n_variables: int | None = None
) -> Tropical:
    r"""Read what `to_latex` writes, in both notations; arguments and errors as for `from_text`.

    Examples
    --------
    >>> from_latex(r"\max\left\{\tfrac{1}{2},\ 2x_{1}-x_{2}\right\}")
    TropicalPolynomial(max(1/2, 2*x1 - x2))
    >>> from_latex(r"3 \odot x \oplus y^{\odot 2}")
    TropicalPolynomial(max(2*x2, 3 + x1))
    """
    return from_text(text, variables=variables, n_variables=n_variables)


# -- terms -------------------------------------------------------------------------------------------------


def _difference(f: Tropical, polynomial: Callable[[TropicalPolynomial], str]) -> str:
    if isinstance(f, TropicalPolynomial):
        return polynomial(f)
    if f.denominator == TropicalPolynomial.constant(0, f.n_variables):
        return polynomial(f.numerator)
    return f"{polynomial(f.numerator)} - {polynomial(f.denominator)}"


def _sum(
    exponents: Sequence[Fraction],
    coefficient: Fraction,
    names: Sequence[str],
    product: Callable[[Fraction, str], str],
    *,
    space: str = " ",
) -> str:
    """An affine function: the constant first, then the variables that occur."""
    text = product(coefficient, "") if coefficient else ""
    for value, name in zip(exponents, names, strict=True):
        if value:
            size = product(abs(value), name)
            if text:
                text += f"{space}{'-' if value < 0 else '+'}{space}{size}"
            else:
                text = f"-{size}" if value < 0 else size
    return text or "0"


def _plain_product(value: Fraction, name: str) -> str:
    if not name:
        return rational_text(value)
    return name if value == 1 else f"{rational_text(value)}*{name}"


def _latex_product(value: Fraction, name: str) -> str:
    return name if name and value == 1 else latex_number(value) + name


def latex_number(value: Fraction) -> str:
    """A fraction in LaTeX."""
    if value.denominator == 1:
        return rational_text(value)
    sign = "-" if value < 0 else ""
    top, bottom = rational_text(abs(value)).split("/")
    return rf"{sign}\tfrac{{{top}}}{{{bottom}}}"


def _tropical_term(exponents: Sequence[Fraction], coefficient: Fraction, names: Sequence[str]) -> str:
    powers = [_tropical_power(name, v) for v, name in zip(exponents, names, strict=True) if v]
    if coefficient or not powers:
        number = latex_number(coefficient)
        powers.insert(0, f"({number})" if coefficient < 0 else number)
    return r" \odot ".join(powers)


def _tropical_power(name: str, value: Fraction) -> str:
    if value == 1:
        return name
    number = latex_number(value)
    return rf"{name}^{{\odot {f'({number})' if value < 0 else number}}}"
