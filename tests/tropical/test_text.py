"""Every text format out and in again, on random polynomials; and what each reader refuses, and where."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from random import Random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ParseError, ShapeError, UnsupportedError
from exactnet.tropical import (
    TropicalPolynomial,
    TropicalRational,
    from_gfan,
    from_json,
    from_latex,
    from_oscar,
    from_polymake,
    from_sympy,
    from_text,
    parse_polynomial,
    parse_rational_function,
    to_gfan,
    to_json,
    to_latex,
    to_oscar,
    to_piecewise,
    to_polymake,
    to_sympy,
    to_text,
)
from exactnet.tropical.software import integral_form
from tests.tropical.polynomials import fractions, polynomials

rational_polynomials = polynomials(exponents=fractions, coefficients=fractions)
pairs = st.integers(1, 3).flatmap(
    lambda n: st.tuples(
        polynomials(n_variables=n, exponents=fractions, coefficients=fractions),
        polynomials(n_variables=n, exponents=fractions, coefficients=fractions),
    )
)
CONIC = TropicalPolynomial.from_terms({(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2})


def names(n: int) -> list[str]:
    return [f"x{k}" for k in range(1, n + 1)]


# -- round trips -------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(rational_polynomials)
def test_polynomials_come_back_from_every_text(p) -> None:
    n = p.n_variables
    assert from_text(to_text(p), n_variables=n) == p
    assert from_text(to_text(p, variables=list("abc")[:n]), variables=list("abc")[:n]) == p
    assert from_latex(to_latex(p), n_variables=n) == p
    assert from_latex(to_latex(p, notation="tropical"), n_variables=n) == p
    assert from_json(to_json(p)) == p
    assert from_polymake(to_polymake(p)) == p
    assert from_oscar(to_oscar(p)) == p
    for syntax in ("exponents", "polynomial"):
        text, rescaling = to_gfan(p, syntax=syntax, lifted=True)
        assert from_gfan(text, rescaling=rescaling, lifted=True) == p
    assert from_sympy(to_sympy(p), variables=names(n)) == p


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_rational_functions_come_back(pair) -> None:
    f = TropicalRational(*pair)
    n = f.n_variables
    expected = f.numerator if f.denominator == TropicalPolynomial.constant(0, n) else f
    assert from_json(to_json(f)) == f

    def same(found) -> bool:
        if f.denominator.n_terms > 1:
            return found == expected
        # a single affine function is subtracted from every term
        return all(found([x] * n) == f([x] * n) for x in (-7, 0, Fraction(1, 3), 5))

    assert same(from_text(to_text(f), n_variables=n))
    assert same(from_latex(to_latex(f), n_variables=n))
    assert same(from_sympy(to_sympy(f), variables=names(n)))


@settings(max_examples=30, deadline=None)
@given(polynomials(most_terms=6))
def test_piecewise_definitions_are_the_normal_form(p) -> None:
    found = from_sympy(to_piecewise(p), variables=names(p.n_variables))
    assert found == p.normal_form()


@settings(max_examples=12, deadline=None)
@given(polynomials())
def test_sympy_agrees_on_values(p) -> None:
    random = Random(p.n_terms)
    x = [Fraction(random.randint(-9, 9), random.randint(1, 4)) for _ in range(p.n_variables)]
    at = {
        sympy.Symbol(f"x{k}", real=True): sympy.Rational(v.numerator, v.denominator)
        for k, v in enumerate(x, 1)
    }
    for expression in (to_sympy(p), to_piecewise(p)):
        assert Fraction(str(sympy.sympify(expression).subs(at))) == p(x)


@settings(max_examples=40, deadline=None)
@given(rational_polynomials)
def test_integral_forms_have_the_same_regions(p) -> None:
    q, rescaling = integral_form(p)
    assert all(v.denominator == 1 and v >= 0 for e, _ in q.as_fractions() for v in e)
    assert q.normal_form().n_terms == p.normal_form().n_terms
    assert rescaling.undo(q) == p


# -- what the fact sheet says ------------------------------------------------------------------------------


def test_the_strings_of_the_fact_sheet() -> None:
    assert parse_polynomial("max(1+2*x,1+2*y,2+x+y,2+x,2+y,2)") == CONIC
    text = (
        'use application "tropical"; my $H = new Hypersurface<Max>('
        "MONOMIALS=>[[0,2,0],[0,0,2],[0,1,1],[1,1,0],[1,0,1],[2,0,0]],COEFFICIENTS=>[1,1,2,2,2,2]); "
        "print $H->REGIONS->rows; print $H->dual_subdivision()->MAXIMAL_CELLS;"
    )
    assert from_polymake(text) == CONIC
    assert from_gfan("{(0,0),(1,0),(0,1)}") == TropicalPolynomial.from_terms(
        {(0, 0): 0, (1, 0): 0, (0, 1): 0}
    )
    flat = TropicalPolynomial.from_terms({e: 0 for e, _ in CONIC.as_fractions()})
    assert from_gfan("Q[x,y]\n{x2+y2+xy+x+y+1}") == flat


# -- formulas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("max(0, x) + max(0, y)", "max(0, x, y, x + y)"),
        ("2*max(0, x)", "max(0, 2*x)"),
        ("max(0, x)/2", "max(0, 1/2*x)"),
        ("max(max(0, x), y + max(1, 2))", "max(0, x, y + 2)"),
        ("x - -y", "y + x"),
        ("0.5 x_1 + x_{2}", "1/2*x1 + x2"),
        ("Max(0, 1e-1*x)", "max(0, 1/10*x)"),
        (r"\max\{\frac12 x, \frac{3}{4}\}", "max(1/2*x, 3/4)"),
        (r"x \oplus y \odot 3", "max(x, y + 3)"),
        (r"x^{\odot 2} \oplus -1", "max(2*x, -1)"),
        (r"(x \oplus 0)^{\odot \frac{1}{2}}", "max(1/2*x, 0)"),
        ("  max( x ,\n 0 )  ", "max(x, 0)"),
        ("-(2 - x)", "x - 2"),
    ],
)
def test_formulas(text, same) -> None:
    assert parse_polynomial(text) == parse_polynomial(same)


def test_differences_and_orders_of_variables() -> None:
    f = parse_rational_function("max(0, b) - 2*max(a, 1)")
    assert f([3, 5]) == 5 - 6
    assert f.n_variables == 2
    assert parse_polynomial("max(b, a)", variables=["b", "a"]) == TropicalPolynomial.from_terms(
        {(1, 0): 0, (0, 1): 0}
    )
    assert parse_polynomial("x3").n_variables == 3
    assert parse_polynomial("7").n_variables == 0


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("min(x, y)", "minimum in a max-plus", 1),
        (r"\min\{x\}", "minimum in a max-plus", 1),
        ("max(x, min(y, 0))", "minimum in a max-plus", 8),
        ("x*y", "product of two functions", 2),
        ("max(x, y", "unfinished formula", 9),
        ("max(x,, y)", "no number, variable or maximum", 7),
        ("x^2", "ordinary power", 2),
        ("1/0", "division by zero", 2),
        ("1/x", "number was expected", 2),
        ("x ? y", "character without meaning", 3),
        (r"\sin x", "LaTeX command", 1),
        ("x y)", "product of two functions", 3),
        ("", "no number, variable or maximum", 1),
        ("2 3", "behind the end", 3),
    ],
)
def test_formulas_that_are_refused_name_the_place(text, message, column) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        parse_polynomial(text)
    assert (caught.value.line, caught.value.column) == (1, column)


def test_other_refusals_of_formulas() -> None:
    with pytest.raises(ParseError, match="unknown variable") as caught:
        from_text("max(0,\n z)", variables=["x"])
    assert (caught.value.line, caught.value.column) == (2, 2)
    with pytest.raises(InputError, match="subtracts a maximum"):
        parse_polynomial("x - max(0, x)")
    with pytest.raises(ShapeError, match="names that do not fit"):
        to_text(CONIC, variables=["x"])
    with pytest.raises(InputError, match="no such notation"):
        to_latex(CONIC, notation="min")


# -- JSON --------------------------------------------------------------------------------------------------


def test_long_integers_are_text_in_json() -> None:
    p = TropicalPolynomial.from_terms({(2**60,): -(2**70), (0,): 5})
    rows = json.loads(to_json(p))["num"]
    assert [str(2**60), str(-(2**70))] in rows
    assert [0, 5] in rows
    assert from_json(to_json(p, indent=1)) == p


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "an object"),
        ('{"num": [[0, 1]]}', "not max-plus"),
        ('{"convention": "min", "num": [[0, 1]]}', "not max-plus"),
        ('{"convention": "max", "num": []}', "no list of terms"),
        ('{"convention": "max"}', "no list of terms"),
        ('{"convention": "max", "num": [[0, 1.5]]}', "1.5"),
        ('{"convention": "max", "num": [[0, "a"]]}', "'a'"),
        ('{"convention": "max", "num": [[0, true]]}', "True"),
        ('{"convention": "max", "num": [[0, 1], [1]]}', "0 exponents"),
        ('{"convention": "max", "num": [[0, 1]], "den": 0}', "positive"),
        ('{"convention": "max", "num": [[0, 1]], "weights": 0}', "unknown key"),
        ('{"convention": "max", "num": [[0, 1]], "den_poly": [[0, 0, 1]]}', "2 exponents"),
    ],
)
def test_json_that_is_refused(text, message) -> None:
    with pytest.raises(InputError, match=message):
        from_json(text)


# -- programs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hypersurface<Min>(MONOMIALS=>[[1,0],[0,1]], COEFFICIENTS=>[0,0])", "min-plus"),
        ("Hypersurface<Max>(COEFFICIENTS=>[0,0])", "no tropical hypersurface"),
        ("Hypersurface<Max>(MONOMIALS=>[[1,0],[0,1]], COEFFICIENTS=>[0])", "do not fit"),
        ("Hypersurface<Max>(MONOMIALS=>[[1,0],[0]], COEFFICIENTS=>[0,0])", "do not fit"),
        ("Hypersurface<Max>(MONOMIALS=>[[1,0],[0,2]], COEFFICIENTS=>[0,0])", "not homogeneous"),
        ("Hypersurface<Max>(MONOMIALS=>[[1/2,0],[0,1]], COEFFICIENTS=>[0,0])", "no integer"),
        ("Hypersurface<Max>(MONOMIALS=>[[1,0],[0,1]], COEFFICIENTS=>[0,z])", "no number"),
    ],
)
def test_polymake_that_is_refused(text, message) -> None:
    with pytest.raises(ParseError, match=message):
        from_polymake(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{(0,a),(1,0)}", "no integer"),
        ("{(0,0.5)}", "no integer"),
        ("nothing", "no exponents or polynomial"),
        ("Q[x,y]{x+z}", "no product"),
        ("Q[x,y]{x+,y}", "no product"),
    ],
)
def test_gfan_that_is_refused(text, message) -> None:
    with pytest.raises(ParseError, match=message):
        from_gfan(text)


def test_gfan_needs_equal_coefficients_or_one_variable_more() -> None:
    with pytest.raises(UnsupportedError, match="equal coefficients"):
        to_gfan(CONIC)
    with pytest.raises(InputError, match="no such syntax"):
        to_gfan(CONIC, syntax="fan", lifted=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('T = tropical_semiring()\nR, (x,) = polynomial_ring(T, ["x"])\nf = T(1)*x', "min-plus"),
        ('T = tropical_semiring(min)\nR, (x,) = polynomial_ring(T, ["x"])\nf = T(1)*x', "min-plus"),
        ("T = tropical_semiring(max)\nf = T(1)", "no polynomial of OSCAR"),
        ('T = tropical_semiring(max)\nR, (x,) = polynomial_ring(T, ["x"])\nf = 1*x', "no term"),
        ('T = tropical_semiring(max)\nR, (x,) = polynomial_ring(T, ["x"])\nf = T(a)*x', "no number"),
        ('T = tropical_semiring(max)\nR, (x,) = polynomial_ring(T, ["x"])\nf = T(1)*z', "no product"),
    ],
)
def test_oscar_that_is_refused(text, message) -> None:
    with pytest.raises(ParseError, match=message):
        from_oscar(text)


def test_a_comment_that_does_not_fit_is_noticed() -> None:
    with pytest.raises(ParseError, match="does not fit"):
        from_polymake(to_polymake(CONIC).replace("shift 0 0", "shift 0"))


# -- sympy -------------------------------------------------------------------------------------------------

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.Max(x, y), "max(x, y)"),
        (sympy.Abs(x) / 3 + y, "1/3*max(x, -x) + y"),
        (sympy.Abs(sympy.Abs(x) - 1), "max(2*x - 2, -2*x - 2, 0) - max(x, -x) + 1"),
        (-2 * sympy.Max(0, x), "0 - 2*max(0, x)"),
        (sympy.Piecewise((x, x > 1), (1, True)), "max(x, 1)"),
        (sympy.Piecewise((0, x < 0), (x, x <= 2), (2 * x - 2, True)), "max(0, x, 2*x - 2)"),
        (sympy.Integer(3), "3"),
    ],
)
def test_expressions(expression, text) -> None:
    found = from_sympy(expression)
    expected = from_text(text, n_variables=None)
    n = found.n_variables
    assert n == expected.n_variables
    for value in (-5, Fraction(-1, 2), 0, 1, Fraction(7, 3), 9):
        assert found([value] * n) == expected([value] * n)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sympy.Min(x, y), "minimum"),
        (x * y, "not affine"),
        (x**2, "not affine"),
        (0.5 * x, "not rational"),
        (sympy.sin(x), "not affine"),
        (sympy.Max(x, 0) * sympy.Max(y, 0), "not piecewise linear"),
        (sympy.Max(x, 0) ** 2, "no maximum of affine"),
        (sympy.Piecewise((x, x > 1), (2, True)), "not the maximum"),
        (sympy.Piecewise((x, x > 1)), "not the maximum"),
        (sympy.Piecewise((x, x < 0), (-x, True)), "not the maximum"),
        (sympy.Piecewise((x, (x > 1) | (x < -1)), (1, True)), "no conjunction"),
        ("__import__('os')", "text is not read"),
    ],
)
def test_expressions_that_are_refused(expression, message) -> None:
    with pytest.raises(InputError, match=message):
        from_sympy(expression)


def test_an_unknown_symbol() -> None:
    with pytest.raises(InputError, match="unknown variable"):
        from_sympy(x + y, variables=["x"])


# -- hostile text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["(" * 5000, "max(" * 3000, "-" * 5000 + "x", "[" * 100_000])
def test_very_deep_nesting_is_refused(text) -> None:
    for read in (from_text, from_json):
        with pytest.raises(InputError):
            read(text)


def test_integers_too_long_for_the_interpreter() -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(4300)  # the default; other tests may have lifted it
    try:
        with pytest.raises(InputError, match="no tropical polynomial"):
            from_json('{"convention": "max", "num": [[0, ' + "1" * 6000 + "]]}")
    finally:
        sys.set_int_max_str_digits(limit)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="max(),+-*/^{}\\ xy12.[]=>\"'Q", max_size=25))
def test_readers_raise_nothing_but_input_errors(text) -> None:
    for read in (from_text, from_latex, from_json, from_polymake, from_gfan, from_oscar):
        try:
            read(text)
        except InputError:
            continue
