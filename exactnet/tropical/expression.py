r"""Formulas of maxima in plain text or LaTeX, read as tropical polynomials and rational functions.

Plain: `max(1/2, 2*x1 - x2) + 3*max(0, x2)`. LaTeX: `\max\left\{\frac{1}{2},\ 2x_{1}-x_{2}\right\}`, and in
tropical notation `\tfrac{1}{2} \oplus x_{1}^{\odot 2} \odot x_{2}^{\odot -1}`, where \oplus is the maximum
and \odot the sum.

A sum is a tropical product, a multiple a tropical power. A difference of maxima is a tropical rational
function. Minima are refused: a text that means min-plus must not be read as max-plus by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from exactnet.errors import InputError
from exactnet.exact import parse_rational
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.tokens import Token, fail_at, tokenized

__all__ = ["parse_polynomial", "parse_rational_function", "variable_names"]

_INDEXED = re.compile(r"([A-Za-z]+)_?([0-9]+)")


def parse_polynomial(text: str, *, variables: Sequence[str] | None = None) -> TropicalPolynomial:
    """A maximum of affine functions, or a sum of such maxima with coefficients >= 0.

    Parameters
    ----------
    variables : the names in their order. By default the names x1..xn, up to the largest number that occurs,
        or else the names that occur, in alphabetical order.

    Raises
    ------
    ParseError : text that is no such formula, products of variables, a minimum, an unknown name.
    InputError : a formula that is not convex as it stands: read it with `parse_rational_function`.

    Examples
    --------
    >>> parse_polynomial("max(1+2*x, 1+2*y, 2+x+y, 2)")
    TropicalPolynomial(max(2, 1 + 2*x2, 2 + x1 + x2, 1 + 2*x1))
    >>> parse_polynomial("min(x, y)")
    Traceback (most recent call last):
        ...
    exactnet.errors.ParseError: a minimum in a max-plus formula
      where:    text, line 1, column 1
                min(x, y)
                ^
      got:      min
      expected: max
      do:       write min(a, b) as -max(-a, -b); a min-plus polynomial p(x) is -q(-x) for a max-plus q
    """
    found = parse_rational_function(text, variables=variables)
    if found.denominator != TropicalPolynomial.constant(0, found.n_variables):
        raise InputError(
            "the formula subtracts a maximum",
            where=f"text of {len(text)} characters",
            expected="a sum of maxima with coefficients >= 0",
            hint="use parse_rational_function",
        )
    return found.numerator


def parse_rational_function(text: str, *, variables: Sequence[str] | None = None) -> TropicalRational:
    """Any formula of sums, multiples and maxima; arguments and errors as for `parse_polynomial`.

    Examples
    --------
    >>> parse_rational_function("max(0, 2*x) - max(x, 1)")
    TropicalRational(max(0, 2*x1) - max(1, x1))
    >>> parse_rational_function(r"\\max\\{0, \\tfrac12 x_1\\}")
    TropicalRational(max(0, 1/2*x1) - max(0))
    """
    listed = tokenized(text)
    names = variable_names([t.text for t in listed if t.kind == "name"], variables)
    parser = _Parser(text, listed, {name: k for k, name in enumerate(names)})
    try:
        return parser.whole()
    except RecursionError:
        fail_at(text, 0, "a formula nested too deeply to be read")


def variable_names(found: Sequence[str], variables: Sequence[str] | None = None) -> tuple[str, ...]:
    """The names of the variables in their order.

    Examples
    --------
    >>> variable_names(["x3", "x1"]), variable_names(["y", "x"]), variable_names(["x"], ["x", "t"])
    (('x1', 'x2', 'x3'), ('x', 'y'), ('x', 't'))
    """
    if variables is not None:
        return tuple(variables)
    indexed = [_INDEXED.fullmatch(name) for name in found]
    letters = {match[1] for match in indexed if match}
    numbers = [int(match[2]) for match in indexed if match]
    if numbers and len(letters) == 1 and all(indexed) and min(numbers) > 0:
        (letter,) = letters
        return tuple(f"{letter}{k}" for k in range(1, max(numbers) + 1))
    return tuple(sorted(set(found)))


@dataclass(frozen=True)
class _Affine:
    """An affine function by its coefficients, before it is part of a maximum."""

    slopes: tuple[Fraction, ...]
    constant: Fraction

    def plus(self, other: _Affine) -> _Affine:
        slopes = tuple(a + b for a, b in zip(self.slopes, other.slopes, strict=True))
        return _Affine(slopes, self.constant + other.constant)

    def times(self, k: Fraction) -> _Affine:
        return _Affine(tuple(k * v for v in self.slopes), k * self.constant)


_Value = _Affine | TropicalRational


class _Parser:
    """Recursive descent; from loose to tight: oplus, sums and odot, products, signs, powers, atoms."""

    def __init__(self, text: str, listed: Sequence[Token], places: dict[str, int]) -> None:
        self.text, self.tokens, self.places, self.at = text, listed, places, 0

    def whole(self) -> TropicalRational:
        value = self._maximum_signs()
        if self._now.kind != "end":
            self._fail("text behind the end of the formula", expected="an operator, or the end")
        return _rational(value)

    # -- the grammar ----------------------------------------------------------------------------------

    def _maximum_signs(self) -> _Value:
        return self._chain("oplus", self._sum, _largest)

    def _chain(
        self, operator: str, part: Callable[[], _Value], join: Callable[[Sequence[_Value]], _Value]
    ) -> _Value:
        parts = [part()]
        while self._take(operator):
            parts.append(part())
        return join(parts) if len(parts) > 1 else parts[0]

    def _sum(self) -> _Value:
        value = self._product()
        while True:
            if self._take("+") or self._take("odot"):
                value = _added(value, self._product())
            elif self._take("-"):
                value = _added(value, _scaled(self._product(), Fraction(-1)))
            else:
                return value

    def _product(self) -> _Value:
        value = self._signed()
        while True:
            start = self._now
            if self._take("*") or start.kind in ("name", "max", "("):
                value = self._times(value, self._signed(), start)
            elif self._take("/"):
                divisor = self._number(self._signed(), start)
                value = _scaled(value, self._quotient(Fraction(1), divisor, start))
            else:
                return value

    def _signed(self) -> _Value:
        if self._take("-"):
            return _scaled(self._signed(), Fraction(-1))
        if self._take("+"):
            return self._signed()
        return self._power()

    def _power(self) -> _Value:
        value = self._atom()
        start = self._now
        if not self._take("^"):
            return value
        closing = ")" if self._take("(") else None
        if not self._take("odot"):
            self._fail(
                "an ordinary power is not piecewise linear",
                at=start,
                hint=r"write 2*x for the tropical square, or x^{\odot 2}",
            )
        exponent = self._number(self._signed() if closing is None else self._product(), start)
        if closing:
            self._need(closing)
        return _scaled(value, exponent)

    def _atom(self) -> _Value:
        token = self._now
        if self._take("number"):
            return self._constant(parse_rational(token.text))
        if self._take("frac"):
            self._need("(")
            top = self._number(self._sum(), token)
            self._need(")")
            self._need("(")
            bottom = self._number(self._sum(), token)
            self._need(")")
            return self._constant(self._quotient(top, bottom, token))
        if self._take("name"):
            if token.text not in self.places:
                self._fail("an unknown variable", at=token, expected="one of " + ", ".join(self.places))
            unit = [Fraction(int(k == self.places[token.text])) for k in range(len(self.places))]
            return _Affine(tuple(unit), Fraction(0))
        if self._take("max"):
            self._need("(")
            value = self._chain(",", self._maximum_signs, _largest)
            self._need(")")
            return value
        if self._take("("):
            value = self._maximum_signs()
            self._need(")")
            return value
        self._fail(
            "no number, variable or maximum", expected="a number, a variable, max(..) or a parenthesis"
        )

    # -- small steps ----------------------------------------------------------------------------------

    @property
    def _now(self) -> Token:
        return self.tokens[self.at]

    def _take(self, kind: str) -> bool:
        found = self._now.kind == kind
        self.at += found
        return found

    def _need(self, kind: str) -> None:
        if not self._take(kind):
            self._fail("an unfinished formula", expected=f'"{kind}"')

    def _constant(self, value: Fraction) -> _Affine:
        return _Affine((Fraction(0),) * len(self.places), value)

    def _number(self, value: _Value, at: Token) -> Fraction:
        if not isinstance(value, _Affine) or any(value.slopes):
            self._fail("a number was expected here", at=at)
        return value.constant

    def _times(self, left: _Value, right: _Value, at: Token) -> _Value:
        for factor, other in ((left, right), (right, left)):
            if isinstance(factor, _Affine) and not any(factor.slopes):
                return _scaled(other, factor.constant)
        self._fail("a product of two functions is not piecewise linear", at=at, expected="number * function")

    def _quotient(self, top: Fraction, bottom: Fraction, at: Token) -> Fraction:
        if bottom == 0:
            self._fail("division by zero", at=at)
        return top / bottom

    def _fail(
        self, what: str, *, at: Token | None = None, expected: str | None = None, hint: str | None = None
    ) -> NoReturn:
        token = at or self._now
        fail_at(
            self.text,
            token.position,
            what,
            got=token.text or "the end of the text",
            expected=expected,
            hint=hint,
        )


def _rational(value: _Value) -> TropicalRational:
    if isinstance(value, TropicalRational):
        return value
    return TropicalRational.of(TropicalPolynomial.affine(value.slopes, value.constant))


def _added(left: _Value, right: _Value) -> _Value:
    if isinstance(left, _Affine) and isinstance(right, _Affine):
        return left.plus(right)
    return _rational(left) * _rational(right)


def _scaled(value: _Value, k: Fraction) -> _Value:
    return value.times(k) if isinstance(value, _Affine) else value**k


def _largest(parts: Sequence[_Value]) -> _Value:
    """The maximum; affine parts are collected first, all at once."""
    largest: dict[tuple[Fraction, ...], Fraction] = {}
    for part in parts:
        if isinstance(part, _Affine):
            largest[part.slopes] = max(part.constant, largest.get(part.slopes, part.constant))
    terms: dict[Sequence[object], object] = dict(largest.items())
    others = [part for part in parts if isinstance(part, TropicalRational)]
    if terms:
        others.insert(0, TropicalRational.of(TropicalPolynomial.from_terms(terms)))
    total = others[0]
    for other in others[1:]:
        total = total + other
    return total
