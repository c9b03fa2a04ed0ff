"""The normal form, against all combinations written out."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from exactnet.errors import InputError
from exactnet.io.assertions import (
    Conjunction,
    Disjunction,
    Formula,
    Linear,
    comparison,
    n_cases,
    to_property,
)
from exactnet.model import Case, Property, Provenance, Row


def x(i: int, c: object = 1) -> Linear:
    return Linear({i: Fraction(str(c))}, {})


def y(j: int, c: object = 1) -> Linear:
    return Linear({}, {j: Fraction(str(c))})


def n(value: object) -> Linear:
    return Linear({}, {}, Fraction(str(value)))


BOX = Conjunction((comparison(x(0), ">=", n(0)), comparison(x(0), "<=", n(1))))


def cases_of(*parts: Formula) -> tuple[Case, ...]:
    return made(Conjunction((BOX, *parts))).cases


def made(formula: Formula, n_inputs: int = 1) -> Property:
    return to_property(formula, n_inputs=n_inputs, n_outputs=4, provenance=Provenance("example"))


def out(j: int, bound: int) -> Row:
    return Row.from_terms({}, {j: 1}, bound)


def test_the_first_factor_varies_slowest_and_alternatives_stand_in_order() -> None:
    first = Disjunction((out(0, 0), out(0, 1)))
    second = Disjunction((out(1, 0), Conjunction((out(1, 1), out(2, 9))), out(1, 2)))
    found = [case.rows for case in cases_of(first, out(3, 5), second)]
    middle = (out(3, 5),)
    assert found == [
        (a, *middle, *b)
        for a, b in product([out(0, 0), out(0, 1)], [(out(1, 0),), (out(1, 1), out(2, 9)), (out(1, 2),)])
    ]


def test_nested_alternatives_are_joined_in_order() -> None:
    inner = Disjunction((out(0, 1), Conjunction((Disjunction((out(0, 2), out(0, 3))), out(1, 4)))))
    formula = Disjunction((out(0, 0), inner, out(0, 5)))
    assert [case.rows for case in cases_of(formula)] == [
        (out(0, 0),),
        (out(0, 1),),
        (out(0, 2), out(1, 4)),
        (out(0, 3), out(1, 4)),
        (out(0, 5),),
    ]
    assert n_cases(formula) == 5


@pytest.mark.parametrize(
    ("relation", "terms", "bound", "strict"),
    [
        ("<=", (1, -2), -3, False),
        ("<", (1, -2), -3, True),
        (">=", (-1, 2), 3, False),
        (">", (-1, 2), 3, True),
    ],
)
def test_everything_linear_goes_left_and_the_constant_right(
    relation: str, terms: tuple[int, int], bound: int, strict: bool
) -> None:
    left, right = x(0) + n(5), y(1, 2) + n(2)
    assert comparison(left, relation, right) == Row.from_terms(
        {0: terms[0]}, {1: terms[1]}, bound, strict=strict
    )


def test_bounds_go_to_the_box_the_tightest_wins_and_strict_ones_stay_rows() -> None:
    parts = [
        comparison(x(0, -4), "<", n(-1)),  # x > 1/4
        comparison(n("0.1"), "<=", x(0)),
        comparison(x(0, 2), "<=", n("1.5")),
        comparison(x(0, 8), "<", n(6)),  # x < 3/4
        comparison(x(0, 4) + x(0, 4), "<", n(6)),  # the same again
    ]
    assert cases_of(*parts) == (
        Case(
            (Fraction(1, 4),),
            (Fraction(3, 4),),
            (
                Row.from_terms({0: -1}, {}, "-1/4", strict=True),
                Row.from_terms({0: 1}, {}, "3/4", strict=True),
            ),
        ),
    )


def test_terms_that_cancel_are_no_terms() -> None:
    one_input = comparison(x(0) + y(1), "<=", y(1) + n("1/2"))
    assert cases_of(one_input)[0] == Case((Fraction(0),), (Fraction(1, 2),), ())
    assert cases_of(comparison(x(0), "<=", x(0)))[0].rows == ()
    assert cases_of(comparison(x(0), "<", x(0))) == ()


def test_constants_are_dropped_or_drop_their_case() -> None:
    true, false = comparison(n(1), "<=", n(1)), comparison(n(1), "<", n(1))
    assert [
        case.rows for case in cases_of(Disjunction((Conjunction((false, out(0, 0))), true, out(0, 1))))
    ] == [
        (),
        (out(0, 1),),
    ]
    assert made(Disjunction((false, false))).cases == ()


def test_a_false_case_needs_no_bounds() -> None:
    false = comparison(n(1), ">", n(2))
    assert made(Disjunction((false, BOX))).cases == (Case((Fraction(0),), (Fraction(1),), ()),)


def test_rows_are_kept_once_in_the_order_of_their_first_place_and_not_scaled() -> None:
    twice = Row.from_terms({}, {0: 2}, 0)
    strict = Row.from_terms({}, {0: 1}, 0, strict=True)
    assert cases_of(out(0, 0), twice, out(0, 0), strict, twice)[0].rows == (out(0, 0), twice, strict)


def test_equality_is_two_rows_and_difference_two_cases() -> None:
    assert cases_of(comparison(y(0), "=", y(1)))[0].rows == (
        Row.from_terms({}, {0: 1, 1: -1}, 0),
        Row.from_terms({}, {0: -1, 1: 1}, 0),
    )
    assert cases_of(comparison(x(0), "=", n("1/2")))[0] == Case((Fraction(1, 2),), (Fraction(1, 2),), ())
    assert [case.rows for case in cases_of(comparison(y(0), "!=", n(1)))] == [
        (Row.from_terms({}, {0: 1}, 1, strict=True),),
        (Row.from_terms({}, {0: -1}, -1, strict=True),),
    ]
    with pytest.raises(ValueError, match="<>"):
        comparison(y(0), "<>", n(1))


def test_boxes_differ_from_case_to_case_and_may_be_empty() -> None:
    low = Conjunction((comparison(x(0), ">=", n(0)), comparison(x(0), "<=", n("1/4")), out(0, 1)))
    high = Conjunction((comparison(x(0), ">=", n(2)), out(0, 2)))
    first, second = cases_of(Disjunction((low, high)))
    assert (first.upper, second.lower, second.upper) == ((Fraction(1, 4),), (Fraction(2),), (Fraction(1),))
    assert (first.is_empty, second.is_empty) == (False, True)


def test_a_missing_bound_is_named() -> None:
    with pytest.raises(InputError, match="unbounded input set") as caught:
        made(Conjunction((BOX, comparison(x(1), ">=", n(0)))), n_inputs=2)
    assert "no upper bound for X_1" in str(caught.value)
    assert "case 0 (from 0) of example" in str(caught.value)
    with pytest.raises(InputError, match="no lower bound for X_0"):
        made(Disjunction((BOX, comparison(x(0), "<=", n(1)))))
