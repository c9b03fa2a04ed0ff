"""Tropical polynomials, and when two of them are the same function (FORMAT.md section 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod
from typing import ClassVar

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.read import as_integer, as_list, as_rational, as_rationals, reject, show
from exactnet.checker.words import plural

__all__ = [
    "DifferentPolynomials",
    "EssentialTerms",
    "Polynomial",
    "SamePolynomial",
    "check_different_polynomials",
    "check_essential_terms",
    "check_same_polynomial",
    "check_tropical_polynomial",
]

Exponents = tuple[int, ...]
Terms = list[tuple[Exponents, int]]

# a hostile file could multiply long polynomials, or compare all pairs of terms, for ever
_MOST_TERMS = 5_000_000
_MOST_WORK = 10**10
_MOST_BITS = 2**33
_WORD = 512  # bits; shorter numbers take as long as this


@dataclass(frozen=True)
class Polynomial(Fact):
    """x -> max over terms of (<e, x> + c) / denominator."""

    rule: ClassVar[str] = "tropical_polynomial"
    n_variables: int
    denominator: int
    terms: tuple[tuple[Exponents, int], ...]

    def about(self) -> str:
        """Describe it, with the fingerprint of its numbers."""
        rows = [[*e, c] for e, c in self.terms]
        text = json.dumps([self.n_variables, self.denominator, rows], separators=(",", ":"))
        return (
            f"{self.id} is the tropical polynomial with {plural(self.n_variables, 'variable')} and "
            f"{plural(len(self.terms), 'term')}, fingerprint {hashlib.sha256(text.encode()).hexdigest()}"
        )


@dataclass(frozen=True)
class SamePolynomial(Fact):
    """Two tropical products are the same function."""

    rule: ClassVar[str] = "same_polynomial"
    left: tuple[Polynomial, ...]
    right: tuple[Polynomial, ...]

    def conclusion(self) -> str:
        """State it."""
        return f"{_name(self.left)} and {_name(self.right)} are the same function"

    def about(self) -> str:
        """Describe the polynomials."""
        return _about((*self.left, *self.right))


@dataclass(frozen=True)
class DifferentPolynomials(Fact):
    """Two tropical products have different values at a point."""

    rule: ClassVar[str] = "different_polynomials"
    left: tuple[Polynomial, ...]
    right: tuple[Polynomial, ...]

    def conclusion(self) -> str:
        """State it."""
        return f"{_name(self.left)} and {_name(self.right)} differ at the point of {self.id}"

    def about(self) -> str:
        """Describe the polynomials."""
        return _about((*self.left, *self.right))


@dataclass(frozen=True)
class EssentialTerms(Fact):
    """How many terms of a polynomial are essential."""

    rule: ClassVar[str] = "essential_terms"
    polynomial: Polynomial
    n_essential: int

    def conclusion(self) -> str:
        """State the number."""
        return f"{self.polynomial.id} has exactly {plural(self.n_essential, 'essential term')}"

    def about(self) -> str:
        """Describe the polynomial."""
        return self.polynomial.about()


def _name(factors: Sequence[Polynomial]) -> str:
    names = " and ".join(p.id for p in factors)
    return names if len(factors) == 1 else f"the tropical product of {names}"


def _about(polynomials: Sequence[Polynomial]) -> str:
    return "; ".join(dict.fromkeys(p.about() for p in polynomials))


# --------------------------------------------------------------------------------------------- records


def check_tropical_polynomial(record: dict[str, object], name: str, known: Known) -> Polynomial:
    """Rule `tropical_polynomial`."""
    n = as_integer(record["n_variables"], "n_variables", least=0)
    denominator = as_integer(record["denominator"], "denominator", least=1)
    terms: Terms = []
    for k, row in enumerate(as_list(record["terms"], "terms")):
        entries = as_list(row, f"terms[{k}]", length=n + 1)
        numbers = [as_integer(x, f"terms[{k}]") for x in entries]
        exponents = tuple(numbers[:-1])
        if terms and exponents <= terms[-1][0]:
            reject(f"the exponents of terms[{k}] do not come after those of terms[{k - 1}]")
        terms.append((exponents, numbers[-1]))
    if not terms:
        reject("a tropical polynomial has at least one term")
    return Polynomial(name, n, denominator, tuple(terms))


def check_same_polynomial(record: dict[str, object], name: str, known: Known) -> SamePolynomial:
    """Rule `same_polynomial`."""
    left, right = _sides(record, known)
    den = lcm(*(p.denominator for p in (*left, *right)))
    _require_modest(den, sum(len(p.terms) * (p.n_variables + 1) for p in (*left, *right)))
    one, other = _product(left, den), _product(right, den)
    _require_under(record["left_under"], "left_under", one, other)
    _require_under(record["right_under"], "right_under", other, one)
    return SamePolynomial(name, left, right)


def check_different_polynomials(record: dict[str, object], name: str, known: Known) -> DifferentPolynomials:
    """Rule `different_polynomials`."""
    left, right = _sides(record, known)
    point = as_rationals(record["point"], "point", length=left[0].n_variables)
    if sum(_value(p, point) for p in left) == sum(_value(p, point) for p in right):
        reject("both sides have the same value at the point")
    return DifferentPolynomials(name, left, right)


def check_essential_terms(record: dict[str, object], name: str, known: Known) -> EssentialTerms:
    """Rule `essential_terms`."""
    p = look_up(known, record, "polynomial", Polynomial)
    essential: list[int] = []
    pairs = as_list(record["essential"], "essential")
    columns = [sum(map(_words, column)) for column in zip(*[(*e, c) for e, c in p.terms], strict=True)]
    work = 0
    for i, pair in enumerate(pairs):
        number, entries = as_list(pair, f"essential[{i}]", length=2)
        k = _index(number, f"essential[{i}]", essential, len(p.terms))
        point = as_rationals(entries, f"essential[{i}][1]", length=p.n_variables)
        # words times words; over their common denominator the entries grow by at most all denominators
        longer = 1 + sum(x.denominator.bit_length() for x in point) // _WORD
        entries_words = [*(longer + x.numerator.bit_length() // _WORD for x in point), longer]
        work += sum(a * b for a, b in zip(columns, entries_words, strict=True))
        if work > _MOST_WORK:
            reject(f"more than {_MOST_WORK} products at the points of essential terms")
        _require_largest(p, k, point, i)
    chosen = dict(p.terms[k] for k in essential)
    listed = [k for k, (e, _) in enumerate(p.terms) if e not in chosen]
    # what is listed must be all the others, and no term lies under itself
    found = _require_under(record["under"], "under", list(p.terms), list(chosen.items()), matching=False)
    if found != listed:
        reject("essential and under do not name every term once")
    return EssentialTerms(name, p, len(essential))


def _sides(record: dict[str, object], known: Known) -> tuple[tuple[Polynomial, ...], tuple[Polynomial, ...]]:
    sides = []
    for key in ("left", "right"):
        factors = tuple(look_up(known, {key: name}, key, Polynomial) for name in as_list(record[key], key))
        if not factors:
            reject(f"{key} names no polynomial")
        sides.append(factors)
    n = sides[0][0].n_variables
    if any(p.n_variables != n for side in sides for p in side):
        reject("polynomials with different variables")
    return sides[0], sides[1]


# ------------------------------------------------------------------------------------------ arithmetic


def _require_modest(den: int, n_numbers: int) -> None:
    if den.bit_length() * n_numbers > _MOST_BITS:
        reject(f"more than {_MOST_BITS} bits over a common denominator")


def _product(factors: Sequence[Polynomial], den: int) -> Terms:
    """The terms of the tropical product over a common denominator, exponents ascending."""
    n_terms = prod(len(p.terms) for p in factors)
    if n_terms * (factors[0].n_variables + 1) > _MOST_TERMS:
        reject(f"a tropical product with more than {_MOST_TERMS} numbers")
    product: dict[Exponents, int] = {(0,) * factors[0].n_variables: 0}
    for p in factors:
        scale = den // p.denominator
        longer: dict[Exponents, int] = {}
        for e, c in p.terms:
            scaled, constant = tuple([scale * x for x in e]), scale * c
            for f, d in product.items():
                exponents = tuple([x + y for x, y in zip(scaled, f, strict=True)])
                value = constant + d
                if value > longer.get(exponents, value - 1):
                    longer[exponents] = value
        product = longer
    return sorted(product.items())


def _require_under(
    value: object, where: str, terms: Terms, above: Terms, *, matching: bool = True
) -> list[int]:
    """Reject unless every term lies under a convex combination of the terms `above`.

    With `matching`, a term may also lie under the one of `above` with its own exponents, and is then not
    listed. Returns the numbers of the terms that are listed.
    """
    listed: list[int] = []
    for i, entry in enumerate(as_list(value, where)):
        number, combination = as_list(entry, f"{where}[{i}]", length=2)
        k = _index(number, f"{where}[{i}]", listed, len(terms))
        _require_combination(combination, f"{where}[{i}][1]", terms[k], above)
    if matching:
        same = dict(above)
        rest = set(listed)
        for k, (e, c) in enumerate(terms):
            if k not in rest and (e not in same or same[e] < c):
                reject(f"{where} does not list term {k}, and no term of the other side has its exponents")
    return listed


def _require_combination(value: object, where: str, term: tuple[Exponents, int], above: Terms) -> None:
    e, c = term
    total = [Fraction(0)] * len(e)
    height = weight = Fraction(0)
    names: list[int] = []
    for i, pair in enumerate(as_list(value, where)):
        number, text = as_list(pair, f"{where}[{i}]", length=2)
        j = _index(number, f"{where}[{i}]", names, len(above))
        m = as_rational(text, f"{where}[{i}][1]")
        if m <= 0:
            reject(f"{where}[{i}]: a multiplier is not positive")
        f, d = above[j]
        total = [x + m * y for x, y in zip(total, f, strict=True)]
        height += m * d
        weight += m
    if weight != 1 or any(x != y for x, y in zip(total, e, strict=True)):
        reject(f"{where}: the multipliers do not combine to the exponents of the term, or their sum is not 1")
    if height < c:
        reject(f"{where}: the term lies above the combination")


def _index(value: object, where: str, before: list[int], end: int) -> int:
    """A number of a term, larger than the ones before; it is added to them."""
    k = as_integer(value, where, least=0)
    if k >= end or (before and k <= before[-1]):
        reject(f"{where}: {show(k)} is not the number of a term, or not in increasing order")
    before.append(k)
    return k


def _value(p: Polynomial, point: Sequence[Fraction]) -> Fraction:
    best = max(sum((x * y for x, y in zip(e, point, strict=True)), Fraction(c)) for e, c in p.terms)
    return best / p.denominator


def _words(x: int) -> int:
    return 1 + x.bit_length() // _WORD


def _require_largest(p: Polynomial, k: int, point: Sequence[Fraction], i: int) -> None:
    scale = lcm(*(x.denominator for x in point))
    whole = [int(x * scale) for x in point]
    values = [sum([x * y for x, y in zip(e, whole, strict=True)]) + scale * c for e, c in p.terms]
    if any(value >= values[k] for j, value in enumerate(values) if j != k):
        reject(f"essential[{i}]: at the point another term is as large as term {k}")
