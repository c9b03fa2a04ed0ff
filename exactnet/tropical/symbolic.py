"""Tropical polynomials and rational functions as sympy expressions, out and in.

sympy is for display and for exchange: everything is computed here, in integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

from exactnet.errors import InputError
from exactnet.tropical.piecewise import Condition, Piece, maximum_of_pieces
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.subdivision import dual_subdivision
from exactnet.tropical.text import Tropical, variable_list

if TYPE_CHECKING:
    import sympy

__all__ = ["from_sympy", "to_piecewise", "to_sympy"]


def to_sympy(f: Tropical, *, variables: Sequence[str] | None = None) -> sympy.Expr:
    """`Max` of the terms; a rational function is a difference of two.

    sympy is kept from comparing the terms with one another, which would take very long.

    Examples
    --------
    >>> to_sympy(TropicalPolynomial.from_terms({(2,): 0, (0,): "1/2"}))
    Max(1/2, 2*x1)
    """
    import sympy

    symbols = [sympy.Symbol(name, real=True) for name in variable_list(f.n_variables, variables)]
    if isinstance(f, TropicalPolynomial):
        terms = _terms(f, symbols)
        return sympy.Max(*terms, evaluate=False) if len(terms) > 1 else terms[0]
    if f.denominator == TropicalPolynomial.constant(0, f.n_variables):
        return to_sympy(f.numerator, variables=variables)
    top, bottom = (to_sympy(part, variables=variables) for part in (f.numerator, f.denominator))
    return sympy.Add(top, sympy.Mul(-1, bottom, evaluate=False), evaluate=False)


def to_piecewise(p: TropicalPolynomial, *, variables: Sequence[str] | None = None) -> sympy.Expr:
    """`Piecewise` with one piece a region; its condition has one inequality for each neighbouring region.

    Examples
    --------
    >>> f = to_piecewise(TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0, (3,): -4}))
    >>> [str(value) for value, _ in f.args], [f.subs(x, t) for x in f.free_symbols for t in (-1, 1, 5)]
    (['0', '2*x1', '3*x1 - 4'], [0, 2, 11])
    """
    import sympy

    symbols = [sympy.Symbol(name, real=True) for name in variable_list(p.n_variables, variables)]
    normal = p.normal_form()
    terms = _terms(normal, symbols)
    subdivision = dual_subdivision(normal)
    neighbours: list[list[int]] = [[] for _ in terms]
    for cell in subdivision.cells[1] if subdivision.dimension else ():
        i, j = cell.corners
        neighbours[i].append(j)
        neighbours[j].append(i)
    pieces = []
    for i, others in enumerate(neighbours):
        rows = [_at_least(normal, i, j, symbols) for j in sorted(others)]
        pieces.append((terms[i], sympy.And(*rows)))
    return sympy.Piecewise(*pieces)


def from_sympy(expression: object, *, variables: Sequence[str] | None = None) -> Tropical:
    """Read `Max`, `Abs`, `Piecewise`, sums, and multiples by rational numbers.

    A `Piecewise` has to be the maximum of its pieces, which is checked exactly, up to points on the sides of
    the pieces; its conditions are `And`s of linear inequalities.

    Parameters
    ----------
    variables : the names in their order; by default as in :func:`exactnet.tropical.text.from_text`.

    Raises
    ------
    InputError : `Min`, floats, products of variables, other functions, a `Piecewise` that is no maximum.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y", real=True)
    >>> from_sympy(sympy.Max(0, 2 * x, evaluate=False) - sympy.Abs(y))
    TropicalRational(max(0, 2*x1) - max(-x2, x2))
    >>> from_sympy(sympy.Piecewise((x / 2, x > 0), (0, True)))
    TropicalPolynomial(max(0, 1/2*x1))
    """
    import sympy

    from exactnet.tropical.expression import variable_names

    if isinstance(expression, str):
        # sympy would run the text as a program
        _refuse(expression, "text is not read here", "use exactnet.tropical.from_text")
    whole = sympy.sympify(expression)
    names = variable_names(sorted(symbol.name for symbol in whole.free_symbols), variables)
    reader = _Reader({name: k for k, name in enumerate(names)})
    found = reader.function(whole)
    zero = TropicalPolynomial.constant(0, len(names))
    return found.numerator if found.denominator == zero else found


# -- writing ------------------------------------------------------------------------------------------------


def _terms(p: TropicalPolynomial, symbols: Sequence[Any]) -> list[Any]:
    return [_affine(e, c, symbols) for e, c in p.as_fractions()]


def _affine(exponents: Sequence[Fraction], coefficient: Fraction, symbols: Sequence[Any]) -> Any:
    import sympy

    numbers = [sympy.Rational(v.numerator, v.denominator) for v in (*exponents, coefficient)]
    products = [number * symbol for number, symbol in zip(numbers[:-1], symbols, strict=True)]
    return sympy.Add(*products, numbers[-1])


def _at_least(p: TropicalPolynomial, i: int, j: int, symbols: Sequence[Any]) -> Any:
    """Term i >= term j; with one variable solved for it."""
    import sympy

    (e, c), (f, d) = p.as_fractions()[i], p.as_fractions()[j]
    slopes = [a - b for a, b in zip(e, f, strict=True)]
    if len(slopes) == 1:
        end = (d - c) / slopes[0]
        bound = sympy.Rational(end.numerator, end.denominator)
        return sympy.Ge(symbols[0], bound) if slopes[0] > 0 else sympy.Le(symbols[0], bound)
    return sympy.Ge(_affine(slopes, c - d, symbols), 0)


# -- reading ------------------------------------------------------------------------------------------------


class _Reader:
    """From expressions to functions of the named variables."""

    def __init__(self, places: dict[str, int]) -> None:
        self.places = places

    def function(self, node: Any) -> TropicalRational:
        """Any formula as F - G."""
        import sympy

        if not node.has(sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise):
            return self._affine_function(*self.affine(node))
        if isinstance(node, sympy.Max):
            parts = [self.function(argument) for argument in node.args]
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            return total
        if isinstance(node, sympy.Abs):
            inside = self.function(node.args[0])
            top, bottom = inside.numerator, inside.denominator
            if top.n_terms == bottom.n_terms == 1:
                slopes, constant = self.affine(node.args[0])
                negated = TropicalPolynomial.affine([-v for v in slopes], -constant)
                return TropicalRational.of(TropicalPolynomial.affine(slopes, constant) + negated)
            return inside + inside**-1
        if node.is_Add:
            total = self.function(node.args[0])
            for argument in node.args[1:]:
                total = total * self.function(argument)
            return total
        if node.is_Mul:
            number, rest = node.as_coeff_Mul()
            if rest.is_Mul:
                _refuse(node, "a product of two functions is not piecewise linear")
            return self.function(rest) ** self._number(number)
        if isinstance(node, sympy.Piecewise):
            return self._piecewise(node)
        if isinstance(node, sympy.Min):
            _refuse(node, "a minimum in a max-plus formula", "write Min(a, b) as -Max(-a, -b)")
        _refuse(node, "no maximum of affine functions")

    def affine(self, node: Any) -> tuple[tuple[Fraction, ...], Fraction]:
        """Coefficients and constant of an affine expression."""
        slopes, constant = [Fraction(0)] * len(self.places), Fraction(0)
        for term in node.expand().as_ordered_terms():
            number, rest = term.as_coeff_Mul()
            if rest == 1:
                constant += self._number(number)
            elif rest.is_Symbol and rest.name in self.places:
                slopes[self.places[rest.name]] += self._number(number)
            elif rest.is_Symbol:
                _refuse(rest, "an unknown variable", "name it in `variables`")
            else:
                _refuse(node, "an expression that is not affine")
        return tuple(slopes), constant

    def _affine_function(self, slopes: tuple[Fraction, ...], constant: Fraction) -> TropicalRational:
        return TropicalRational.of(TropicalPolynomial.affine(slopes, constant))

    def _number(self, number: Any) -> Fraction:
        if not number.is_Rational:
            _refuse(number, "a number that is not rational", "use sympy.Rational instead of floats")
        return Fraction(int(number.p), int(number.q))

    def _piecewise(self, node: Any) -> TropicalRational:
        pieces = [Piece(*self.affine(value), self._conditions(condition)) for value, condition in node.args]
        return TropicalRational.of(maximum_of_pieces(pieces, where=str(node)[:80]))

    def _conditions(self, condition: Any) -> tuple[Condition, ...]:
        """Rows a.x + b >= 0 of a conjunction; strict inequalities count as closed ones."""
        import sympy

        if condition == sympy.true:
            return ()
        rows = []
        for relation in condition.args if isinstance(condition, sympy.And) else (condition,):
            if isinstance(relation, sympy.Ge | sympy.Gt):
                difference = relation.lhs - relation.rhs
            elif isinstance(relation, sympy.Le | sympy.Lt):
                difference = relation.rhs - relation.lhs
            else:
                _refuse(condition, "a condition that is no conjunction of inequalities")
            slopes, constant = self.affine(difference)
            rows.append((*slopes, constant))
        return tuple(rows)


def _refuse(node: object, what: str, hint: str | None = None) -> NoReturn:
    raise InputError(
        what,
        where="sympy expression",
        got=str(node)[:80],
        expected="Max, Abs, Piecewise, sums, and multiples by rational numbers",
        hint=hint,
    )
