"""Cases of unsafe points, against brute force over small grids."""

from __future__ import annotations

import json
from fractions import Fraction
from hashlib import sha256
from itertools import product

import pytest

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.model import Case, Property, Provenance, Row

HALVES = [Fraction(k, 2) for k in range(-3, 4)]


def row(inputs: dict[int, object], outputs: dict[int, object], bound: object, *, strict: bool = False) -> Row:
    return Row.from_terms(inputs, outputs, bound, strict=strict)


def two_cases() -> Property:
    first = Case((Fraction(-1),), (Fraction(1),), (row({}, {0: 1}, 0), row({0: 1}, {1: -2}, 1, strict=True)))
    second = Case((Fraction(0),), (Fraction(1, 2),), (row({0: 1}, {}, "1/2", strict=True),))
    return Property(1, 2, (first, second))


def test_membership_is_that_of_the_formula_at_every_point_of_a_grid() -> None:
    unsafe = two_cases()
    for x, y, z in product(HALVES, repeat=3):
        expected = None
        if 0 <= x <= Fraction(1, 2) and x < Fraction(1, 2):
            expected = 1
        if -1 <= x <= 1 and y <= 0 and x - 2 * z < 1:
            expected = 0
        assert unsafe.violated_by([x], [y, z]) == expected


def test_the_margin_is_the_largest_smallest_slack_and_its_sign_decides_but_for_ties() -> None:
    unsafe, signs = two_cases(), set()
    for x, y, z in product(HALVES, repeat=3):
        half = Fraction(1, 2)
        by_hand = max(min(-y, 1 - x + 2 * z, x + 1, 1 - x), min(half - x, x, half - x))
        margin, case = unsafe.margin([x], [y, z]), unsafe.violated_by([x], [y, z])
        assert margin == by_hand
        assert case is not None if margin > 0 else True
        assert case is None if margin < 0 else True
        signs.add((margin > 0, margin == 0, case is None))
    assert len(signs) == 4  # inside, outside, and ties of both kinds


def test_slacks_are_rows_then_lower_then_upper_sides() -> None:
    unsafe = Property.from_box([0, "1/3"], [1, 2], [[row({1: 3}, {0: 1}, 5)]])
    assert unsafe.slacks(0, [Fraction(1, 4), 1], ["1/2"]) == (
        Fraction(3, 2),
        Fraction(1, 4),
        Fraction(2, 3),
        Fraction(3, 4),
        Fraction(1),
    )
    assert unsafe.cases[0].slacks([Fraction(0)] * 2, [Fraction(0)])[1:3] == (0, Fraction(-1, 3))


def test_a_point_box_and_an_empty_box() -> None:
    point = Property.from_box(["0.1"], ["0.1"], [[]])
    assert (point.n_outputs, point.cases[0].is_empty) == (1, False)
    assert point.violated_by(["0.1"], [7]) == 0
    assert point.violated_by([0.1], [7]) is None  # the float is another number
    assert Property.from_box([1, 2], [1, 1], [[]]).cases[0].is_empty


def test_without_cases_nothing_is_unsafe() -> None:
    safe = Property.from_box([0], [1], [], n_outputs=3)
    assert (safe.n_outputs, safe.violated_by([0], [0, 0, 0])) == (3, None)
    with pytest.raises(InputError, match="a property without cases has no margin"):
        safe.margin([0], [0, 0, 0])


def test_terms_are_sorted_and_zeros_left_out() -> None:
    made = row({3: 1, 0: "0", 1: 0.5}, {2: -1}, "-0.25", strict=True)
    assert made == Row(
        ((1, Fraction(1, 2)), (3, Fraction(1))), ((2, Fraction(-1)),), Fraction(-1, 4), strict=True
    )
    assert repr(made) == "Row(1/2*X_1 + X_3 - Y_2 < -1/4)"
    assert repr(row({}, {}, 1)) == "Row(0 <= 1)"


@pytest.mark.parametrize(
    "terms",
    [
        ((1, Fraction(1)), (0, Fraction(1))),
        ((0, Fraction(0)),),
        ((0, Fraction(1)),) * 2,
        ((-1, Fraction(1)),),
    ],
)
def test_terms_out_of_order_are_refused(terms: tuple[tuple[int, Fraction], ...]) -> None:
    with pytest.raises(InputError, match="the terms of a row are not in order"):
        Row(terms, (), Fraction(0))
    with pytest.raises(InputError, match=r"where:\s+outputs"):
        Row((), terms, Fraction(0))


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="the bounds of a box do not fit"):
        Case((Fraction(0),), (), ())
    with pytest.raises(ShapeError, match="the bounds of a box do not fit"):
        Case((), (), ())
    with pytest.raises(ShapeError, match="a row has an input that the box does not have"):
        Property.from_box([0], [1], [[row({1: 1}, {}, 0)]])
    with pytest.raises(ShapeError, match=r"a row has an output that is not there\n.*case 1 of"):
        Property.from_box([0], [1], [[], [row({}, {2: 1}, 0)]], n_outputs=2)
    with pytest.raises(ShapeError, match="a box of another dimension"):
        Property(2, 1, (Case((Fraction(0),), (Fraction(1),), ()),))
    with pytest.raises(ShapeError, match="without inputs or outputs"):
        Property(1, 0, ())
    with pytest.raises(ShapeError, match="wrong number of values"):
        two_cases().margin([0, 0], [0, 0])
    with pytest.raises(ShapeError, match=r"where:\s+y"):
        two_cases().violated_by([0], [0])
    with pytest.raises(InexactInputError):
        Property.from_box([float("nan")], [1], [[]])


def test_the_fingerprint_is_the_hash_of_the_text_of_the_format() -> None:
    text = json.dumps(
        [
            1,
            2,
            [
                [["-1"], ["1"], [[[], [[0, "1"]], "0", "<="], [[[0, "1"]], [[1, "-2"]], "1", "<"]]],
                [["0"], ["1/2"], [[[[0, "1"]], [], "1/2", "<"]]],
            ],
        ]
    ).replace(" ", "")
    assert two_cases().fingerprint == sha256(text.encode()).hexdigest()


def test_equality_forgets_where_a_property_came_from() -> None:
    one, other = two_cases(), Property(1, 2, two_cases().cases, Provenance("elsewhere"))
    assert (one == other, one.fingerprint == other.fingerprint) == (True, True)
    assert repr(other) == "Property(1 input, 2 outputs, 2 cases, from elsewhere)"
    assert one != Property(1, 2, one.cases[::-1])
    assert one.fingerprint != Property(1, 2, one.cases[::-1]).fingerprint
