"""The arithmetic of tropical polynomials and rational functions, against evaluation at points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.tropical import TropicalPolynomial, TropicalRational
from tests.tropical.polynomials import fractions, polynomials

rational_terms = {"exponents": fractions, "coefficients": fractions}
points = st.lists(fractions, min_size=2, max_size=2)


def plain_value(p: TropicalPolynomial, x: list[Fraction]) -> Fraction:
    """The definition: the largest of all terms."""
    return max(sum((a * b for a, b in zip(e, x, strict=True)), c) for e, c in p.as_fractions())


@given(polynomials(n_variables=2, **rational_terms), polynomials(n_variables=2, **rational_terms), points)
def test_sum_product_and_power(p, q, x) -> None:
    assert p(x) == plain_value(p, x)
    assert (p + q)(x) == max(p(x), q(x))
    assert (p * q)(x) == p(x) + q(x)
    assert (p ** Fraction(5, 3))(x) == Fraction(5, 3) * p(x)
    assert (p**0)(x) == 0


@given(polynomials(n_variables=2, **rational_terms), polynomials(n_variables=2, **rational_terms), points)
def test_rational_functions(p, q, x) -> None:
    f, g = TropicalRational(p, q), TropicalRational(q, p * q)
    assert (f + g)(x) == max(f(x), g(x))
    assert (f + f)(x) == f(x)
    assert (f * g)(x) == f(x) + g(x)
    assert (f / g)(x) == f(x) - g(x)
    assert (f ** Fraction(-1, 2))(x) == -f(x) / 2
    assert f.simplify()(x) == f(x)
    assert TropicalRational.of(p)(x) == p(x)


@given(polynomials(n_variables=2, **rational_terms), st.lists(points, min_size=3, max_size=3), points)
def test_composition_with_an_affine_map(p, rows, b) -> None:
    matrix = [row[:2] for row in rows[:2]]
    x = rows[2]
    moved = [sum(a * v for a, v in zip(row, x, strict=True)) + c for row, c in zip(matrix, b, strict=True)]
    assert p.compose(matrix, b)(x) == p(moved)
    f = TropicalRational(p, p * p)
    assert f.compose(matrix, b)(x) == f(moved)


def test_composition_may_lose_all_variables() -> None:
    p = TropicalPolynomial.from_terms({(1, 2): 3, (0, 0): 0})
    assert p.compose([[], []], [1, 2])([]) == 8


@given(polynomials(n_variables=2, **rational_terms), st.lists(points, max_size=5))
def test_bulk_values(p, many) -> None:
    assert p.values(many) == tuple(p(x) for x in many)
    table = np.array([[float(v) for v in x] for x in many]).reshape(-1, 2)
    assert np.allclose(p.approx_values(table), [float(p(x)) for x in many])


def test_bulk_values_beyond_64_bits() -> None:
    p = TropicalPolynomial.from_terms({(2**70, 1): 0, (0, 0): 3**50})
    many = [[2**20, "1/3"], [-1, 0], [0, 0]]
    assert p.values(many) == tuple(p(x) for x in many)


def test_one_form_for_one_list_of_terms() -> None:
    p = TropicalPolynomial.from_terms({("1/2", 1): "1/3", (0, 0): 2})
    q = TropicalPolynomial.from_terms({(0, 0): 2, (0.5, "1.0"): Fraction(2, 6)})
    assert p == q
    assert hash(p) == hash(q)
    assert p != q**2
    assert (p**2) ** "1/2" == p
    # equal exponents: the larger coefficient counts
    assert TropicalPolynomial.from_terms({(1,): 0, (Fraction(1),): 2}) == TropicalPolynomial.affine([1], 2)
    assert TropicalPolynomial.from_terms({("1",): 5, (1,): 0}) == TropicalPolynomial.affine([1], 5)


def test_formal_and_functional_equality_differ() -> None:
    p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0})
    q = TropicalPolynomial.from_terms({(0,): 0, (2,): 0})
    assert p != q
    assert p.equals(q).value
    assert not p.is_normal
    assert q.is_normal


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: TropicalPolynomial.from_terms({}), InputError, "without terms"),
        (lambda: TropicalPolynomial.from_terms({(1, 2): 0, (1,): 0}), ShapeError, "another number"),
        (lambda: TropicalPolynomial.from_terms({(1, 2): 0}, 3), ShapeError, "expected: 3 variables"),
        (lambda: TropicalPolynomial.from_terms({("x",): 0}), InputError, "not a number"),
        (lambda: TropicalPolynomial.from_terms({(0,): float("nan")}), InputError, "not a finite"),
        (lambda: TropicalPolynomial.variable(2, 2), InputError, "no such variable"),
        (lambda: TropicalPolynomial.variable(0, 1) ** -1, InputError, "TropicalRational"),
        (lambda: TropicalPolynomial.variable(0, 1)([1, 2]), ShapeError, "2 entries"),
        (lambda: TropicalPolynomial.variable(0, 1).values([[1, 2]]), ShapeError, "point 0"),
        (lambda: TropicalPolynomial.variable(0, 1).approx_values([1.0]), ShapeError, "shape"),
        (
            lambda: TropicalPolynomial.variable(0, 1) + TropicalPolynomial.variable(0, 2),
            ShapeError,
            "2 variables",
        ),
        (
            lambda: TropicalPolynomial.variable(0, 1) * TropicalPolynomial.variable(0, 2),
            ShapeError,
            "2 variables",
        ),
        (lambda: TropicalPolynomial.variable(0, 1).compose([[1], [2]], [0]), ShapeError, "2 entries"),
        (lambda: TropicalPolynomial.variable(0, 2).compose([[1], [2, 3]], [0, 0]), ShapeError, "row 1"),
        (
            lambda: TropicalRational(TropicalPolynomial.variable(0, 1), TropicalPolynomial.variable(0, 2)),
            ShapeError,
            "different variables",
        ),
        (
            lambda: TropicalPolynomial.variable(0, 1).equals(TropicalPolynomial.variable(0, 2)),
            ShapeError,
            "different variables",
        ),
    ],
)
def test_errors(make, error, match) -> None:
    with pytest.raises(error, match=match):
        make()


def test_other_types_are_left_to_python() -> None:
    p = TropicalPolynomial.variable(0, 1)
    f = TropicalRational.of(p)
    for operation in (lambda: p + 1, lambda: p * 2, lambda: f + p, lambda: f * 1, lambda: f / 2):
        with pytest.raises(TypeError):
            operation()


@settings(max_examples=60, deadline=None)
@given(polynomials(n_variables=2), polynomials(n_variables=2))
def test_simplify_is_the_same_function_and_short(p, q) -> None:
    f = TropicalRational(p * q, q * q)
    short = f.simplify()
    assert f.equals(short).value
    assert short.simplify() == short
    assert TropicalRational(p, p).simplify() == TropicalRational.of(TropicalPolynomial.constant(0, 2))
