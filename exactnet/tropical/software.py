"""Texts for polymake, gfan and OSCAR, out and in; all of them max-plus.

These programs want exponents that are integers >= 0. So what is exported is q(x) = k p(x) + <s, x> with the
least integer k > 0 and exponents s that make it so: it has the regions of p. The first line says k and s in
a comment, which the readers undo; without it they read what stands there. gfan has no comments: for it the
text and (k, s) are separate.

polymake wants homogeneous polynomials, in one variable more; OSCAR means min-plus unless it is told max.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple, NoReturn

from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import parse_rational, rational_text
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.text import variable_list
from exactnet.tropical.tokens import fail_at

__all__ = [
    "GfanText",
    "Rescaling",
    "from_gfan",
    "from_oscar",
    "from_polymake",
    "integral_form",
    "to_gfan",
    "to_oscar",
    "to_polymake",
]

_COMMENT = re.compile(r"# exactnet: scale ([0-9]+), shift((?: -?[0-9]+)*)")
_ROW = re.compile(r"\[([^\[\]]*)\]")


class Rescaling(NamedTuple):
    """q(x) = scale p(x) + <shift, x>."""

    scale: int
    shift: tuple[int, ...]

    def undo(self, q: TropicalPolynomial) -> TropicalPolynomial:
        """p for a given q."""
        return (q * TropicalPolynomial.affine([-v for v in self.shift])) ** Fraction(1, self.scale)


class GfanText(NamedTuple):
    """What gfan reads, and how it differs from the polynomial."""

    text: str
    rescaling: Rescaling


def integral_form(p: TropicalPolynomial) -> tuple[TropicalPolynomial, Rescaling]:
    """q(x) = k p(x) + <s, x> with integer exponents, the smallest of each variable 0; coefficients k c.

    Examples
    --------
    >>> integral_form(TropicalPolynomial.from_terms({("1/2", -1): "1/3", (0, 0): 0}))
    (TropicalPolynomial(max(2*x2, 2/3 + x1)), Rescaling(scale=2, shift=(0, 2)))
    """
    scale = lcm(*(v.denominator for e, _ in p.as_fractions() for v in e))
    lows = [min(e[k] for e, _ in p.terms) for k in range(p.n_variables)]
    shift = tuple(-low * scale // p.denominator for low in lows)
    return p**scale * TropicalPolynomial.affine(shift), Rescaling(scale, shift)


def _comment(rescaling: Rescaling) -> str:
    return (
        f"# exactnet: scale {rational_text(rescaling.scale)}, shift"
        + "".join(f" {rational_text(v)}" for v in rescaling.shift)
        + "\n"
    )


def _undone(q: TropicalPolynomial, text: str) -> TropicalPolynomial:
    match = _COMMENT.search(text)
    if match is None:
        return q
    scale = int(parse_rational(match[1]))
    shift = tuple(int(parse_rational(word)) for word in match[2].split())
    if len(shift) != q.n_variables or not scale:
        fail_at(text, match.start(), "a comment of exactnet that does not fit the polynomial", got=match[0])
    return Rescaling(scale, shift).undo(q)


# -- polymake ----------------------------------------------------------------------------------------------


def to_polymake(p: TropicalPolynomial) -> str:
    """A script that defines the hypersurface `$H` of p; polymake's variable 0 makes it homogeneous.

    Examples
    --------
    >>> print(to_polymake(TropicalPolynomial.from_terms({(1,): 2, (0,): "1/2"})))
    # exactnet: scale 1, shift 0
    use application "tropical";
    my $H = new Hypersurface<Max>(MONOMIALS=>[[1,0],[0,1]], COEFFICIENTS=>["1/2",2]);
    """
    q, rescaling = integral_form(p)
    terms = [(tuple(int(v) for v in e), c) for e, c in q.as_fractions()]
    degree = max(sum(e) for e, _ in terms)
    rows = ",".join(f"[{','.join(map(rational_text, (degree - sum(e), *e)))}]" for e, _ in terms)
    numbers = ",".join(_perl_number(c) for _, c in terms)
    return (
        _comment(rescaling) + 'use application "tropical";\n'
        f"my $H = new Hypersurface<Max>(MONOMIALS=>[{rows}], COEFFICIENTS=>[{numbers}]);"
    )


def from_polymake(text: str) -> TropicalPolynomial:
    """Read MONOMIALS and COEFFICIENTS of a `Hypersurface<Max>`; the first column is the homogenizing one.

    Raises
    ------
    ParseError : min-plus, no such lists, lists that do not fit, exponents that are no integers.

    Examples
    --------
    >>> from_polymake("Hypersurface<Max>(MONOMIALS=>[[1,0],[0,1]], COEFFICIENTS=>['1/2',2])")
    TropicalPolynomial(max(1/2, 2 + x1))
    """
    minimum = re.search(r"Hypersurface\s*<\s*Min", text)
    if minimum:
        _refuse_min_plus(text, minimum.start())
    found = re.search(r"MONOMIALS\s*=>\s*\[(.*?)\]\s*,\s*COEFFICIENTS\s*=>\s*\[([^\]]*)\]", text, re.DOTALL)
    if found is None:
        fail_at(
            text, 0, "no tropical hypersurface of polymake", expected="MONOMIALS=>[..], COEFFICIENTS=>[..]"
        )
    # the last row has lost its bracket to the outer one
    rows = [_integers(text, row[1], found.start(1) + row.start(1)) for row in _ROW.finditer(found[1] + "]")]
    numbers = [_rational(text, word, found.start(2)) for word in found[2].split(",")]
    if len(rows) != len(numbers) or len({len(row) for row in rows}) != 1 or not rows[0]:
        fail_at(
            text,
            found.start(),
            "lists that do not fit",
            got=f"{len(rows)} monomials, {len(numbers)} coefficients",
            expected="one coefficient a monomial, monomials of one length",
        )
    if len({sum(row) for row in rows}) > 1:
        fail_at(text, found.start(1), "a polynomial that is not homogeneous", expected="equal degrees")
    terms: dict[Sequence[object], object] = {}
    for row, number in zip(rows, numbers, strict=True):
        terms[tuple(row[1:])] = number
    return _undone(TropicalPolynomial.from_terms(terms), text)


def _perl_number(value: Fraction) -> str:
    """Perl would divide 1/2 in floats: text stays exact."""
    return rational_text(value) if value.denominator == 1 else f'"{rational_text(value)}"'


# -- gfan --------------------------------------------------------------------------------------------------


def to_gfan(p: TropicalPolynomial, *, syntax: str = "exponents", lifted: bool = False) -> GfanText:
    """The exponents for `gfan_tropicalfunction --exponents`, or a polynomial for `gfan_tropicalhypersurface`.

    gfan makes fans, so its coefficients are all 0 unless `lifted`: then the exponents are (e, c), in one
    variable more, and the fan is cut with the last coordinate equal to 1 to give the regions of p.

    Raises
    ------
    UnsupportedError : coefficients that are not all equal, without `lifted`.
    InputError : another syntax.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 2): 0})
    >>> to_gfan(p).text, to_gfan(p, syntax="polynomial").text
    ('{(0,0),(0,2),(1,0)}', 'Q[x1,x2]\\n{1+x2^2+x1}')
    """
    if lifted:
        raised: dict[Sequence[object], object] = {(*e, c): 0 for e, c in p.as_fractions()}
        p = TropicalPolynomial.from_terms(raised)
    elif len({c for _, c in p.terms}) > 1:
        raise UnsupportedError(
            "gfan makes fans, which need equal coefficients",
            where="polynomial",
            got="different coefficients",
            hint="use lifted=True: one variable more, to be set to 1",
        )
    q, rescaling = integral_form(p)
    exponents = [tuple(int(v) for v in e) for e, _ in q.as_fractions()]
    if syntax == "exponents":
        text = ",".join("(" + ",".join(map(rational_text, e)) + ")" for e in exponents)
        return GfanText("{" + text + "}", rescaling)
    if syntax != "polynomial":
        raise InputError(
            "no such syntax", where="syntax", got=repr(syntax), expected='"exponents" or "polynomial"'
        )
    names = variable_list(p.n_variables, None)
    products = (
        "*".join(f"{n}^{rational_text(v)}" if v > 1 else n for n, v in zip(names, e, strict=True) if v)
        for e in exponents
    )
    text = "+".join(product or "1" for product in products)
    return GfanText(f"Q[{','.join(names)}]\n{{{text}}}", rescaling)


def from_gfan(text: str, *, rescaling: Rescaling | None = None, lifted: bool = False) -> TropicalPolynomial:
    """Read both syntaxes of `to_gfan`; coefficients of a polynomial only have to be non-zero.

    Raises
    ------
    ParseError : no such text, exponents that are no integers, several polynomials.

    Examples
    --------
    >>> from_gfan("{(0,0),(1,0),(0,1)}")
    TropicalPolynomial(max(0, x2, x1))
    >>> from_gfan("Q[x,y]{x2+3y2+xy+1}")
    TropicalPolynomial(max(0, 2*x2, x1 + x2, 2*x1))
    """
    ring = re.fullmatch(r"\s*(?:[QZ](?:/[0-9]+Z)?)?\s*\[([^\]]*)\]\s*\{([^{}]*)\}\s*", text)
    rows = re.fullmatch(r"\s*\{\s*\((.*)\)\s*\}\s*", text, re.DOTALL)
    terms: dict[Sequence[object], object] = {}
    if ring:
        names = [name.strip() for name in ring[1].split(",")]
        for product in re.split(r"[+-]", ring[2]):
            terms[_powers(text, product, names, ring.start(2))] = 0
    elif rows:
        for row in re.split(r"\)\s*,\s*\(", rows[1]):
            terms[tuple(_integers(text, row, rows.start(1)))] = 0
    else:
        fail_at(text, 0, "no exponents or polynomial of gfan", expected="{(0,0),(1,0)} or Q[x,y]{x+y}")
    found = TropicalPolynomial.from_terms(terms)
    found = rescaling.undo(found) if rescaling else found
    if lifted:
        lowered: dict[Sequence[object], object] = {}
        for e, c in found.as_fractions():
            lowered[e[:-1]] = max(e[-1] + c, lowered.get(e[:-1], e[-1] + c))  # type: ignore[call-overload]
        found = TropicalPolynomial.from_terms(lowered)
    return found


def _powers(text: str, product: str, names: Sequence[str], position: int) -> tuple[int, ...]:
    """The exponents of a product such as 3 x2y or x1^2*x2."""
    # the longest names first, so that x10 is not x1 and a 0
    listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    factors = re.fullmatch(rf"\s*([0-9]*)\s*\*?\s*((?:(?:{listed})\^?[0-9]*\s*\*?\s*)*)", product)
    if factors is None or not product.strip() or factors[1] == "0":
        fail_at(text, text.find(product, position), "no product of variables", got=repr(product))
    exponents = [0] * len(names)
    for name, power in re.findall(rf"({listed})\^?([0-9]*)", factors[2]):
        exponents[names.index(name)] += int(parse_rational(power or "1"))
    return tuple(exponents)


# -- OSCAR -------------------------------------------------------------------------------------------------


def to_oscar(p: TropicalPolynomial) -> str:
    """Julia commands that define the polynomial `f` over the tropical semiring with max.

    Examples
    --------
    >>> print(to_oscar(TropicalPolynomial.from_terms({(2, 0): "1/2", (0, 1): -1})))
    # exactnet: scale 1, shift 0 0
    T = tropical_semiring(max)
    R, (x1, x2) = polynomial_ring(T, ["x1", "x2"])
    f = T(-1)*x2 + T(1//2)*x1^2
    """
    q, rescaling = integral_form(p)
    names = variable_list(p.n_variables, None)
    terms = []
    for e, c in q.as_fractions():
        number = f"T({rational_text(c).replace('/', '//')})"
        powers = (f"{n}^{rational_text(v)}" if v > 1 else n for n, v in zip(names, e, strict=True) if v)
        terms.append("*".join((number, *powers)))
    quoted = ", ".join(f'"{name}"' for name in names)
    return (
        f"{_comment(rescaling)}T = tropical_semiring(max)\n"
        f"R, ({', '.join(names)}) = polynomial_ring(T, [{quoted}])\nf = {' + '.join(terms)}"
    )


def from_oscar(text: str) -> TropicalPolynomial:
    """Read what `to_oscar` writes.

    Raises
    ------
    ParseError : min-plus (also when the semiring is not named, because min is the default there), or other
        text.

    Examples
    --------
    >>> ring = 'T = tropical_semiring(max); R, (x, y) = polynomial_ring(T, ["x", "y"])'
    >>> from_oscar(ring + "; f = T(1)*x^2 + T(1//2)")
    TropicalPolynomial(max(1/2, 1 + 2*x1))
    """
    semiring = re.search(r"tropical_semiring\(\s*(\w*)\s*\)", text)
    if semiring is None or semiring[1] != "max":
        _refuse_min_plus(text, semiring.start() if semiring else 0)
    ring = re.search(r"polynomial_ring\(\s*\w+\s*,\s*\[([^\]]*)\]\s*\)", text)
    formula = re.search(r"^(?:.*;)?\s*f\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    if ring is None or formula is None:
        fail_at(text, 0, "no polynomial of OSCAR", expected='polynomial_ring(T, ["x1"]) and f = T(1)*x1 + ..')
    names = re.findall(r'"([^"]+)"', ring[1])
    terms: dict[Sequence[object], object] = {}
    for part in re.split(r"\s\+\s", formula[1]):
        term = re.fullmatch(r"\s*T\(([^()]*)\)\s*((?:\*.*)?)", part)
        if term is None:
            fail_at(text, text.find(part), "no term of OSCAR", got=repr(part), expected="T(number)*x1^2")
        number = _rational(text, term[1].replace("//", "/"), text.find(part))
        exponents = _powers(text, term[2].lstrip("*") or "1", names, formula.start(1))
        terms[exponents] = max(number, terms.get(exponents, number))  # type: ignore[call-overload]
    return _undone(TropicalPolynomial.from_terms(terms, len(names)), text)


# -- small steps -------------------------------------------------------------------------------------------


def _refuse_min_plus(text: str, position: int) -> NoReturn:
    fail_at(
        text,
        position,
        "a min-plus polynomial",
        expected="max-plus",
        hint="a min-plus polynomial p is -q(-x) for the max-plus q with negated coefficients",
    )


def _integers(text: str, row: str, position: int) -> list[int]:
    words = [word.strip() for word in row.split(",")]
    for word in words:
        if not re.fullmatch(r"[+-]?[0-9]+", word):
            at = max(position, text.find(word, position))
            fail_at(text, at, "an exponent that is no integer", got=repr(word), expected="an integer")
    return [int(parse_rational(word)) for word in words]


def _rational(text: str, word: str, position: int) -> Fraction:
    plain = word.strip().strip("\"'")
    try:
        return parse_rational(plain)
    except InputError:
        fail_at(
            text, max(position, text.find(word, position)), "a coefficient that is no number", got=repr(plain)
        )
