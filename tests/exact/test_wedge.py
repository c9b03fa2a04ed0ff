"""The cross product against its definition and its laws, in every dimension branch."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import determinant, generalised_cross_product, rank, wedge

Vectors = list[list[Fraction | int]]


@st.composite
def vectors(draw: st.DrawFn, extra: int) -> Vectors:
    """d - 1 + extra vectors of length d; integers of several sizes or fractions; often dependent."""
    d = draw(st.integers(1, 8))
    entry: st.SearchStrategy[Fraction | int] = draw(
        st.sampled_from(
            [st.integers(-3, 3), st.integers(-(2**150), 2**150), st.fractions(max_denominator=9), st.just(0)]
        )
    )
    rows: Vectors = [draw(st.lists(entry, min_size=d, max_size=d)) for _ in range(d - 1 + extra)]
    if len(rows) > 1 and draw(st.booleans()):
        rows[-1] = [-2 * value for value in rows[0]]
    return rows


@given(vectors(extra=0))
@settings(deadline=None)
def test_definition(rows: Vectors) -> None:
    d = len(rows) + 1
    cross = generalised_cross_product(rows)
    for k in range(d):
        minor = determinant([row[:k] + row[k + 1 :] for row in rows])
        assert cross[k] == (-1) ** k * minor
    assert any(cross) == (d == 1 or rank(rows) == d - 1)
    for row in rows:
        assert sum(a * b for a, b in zip(row, cross, strict=True)) == 0
    assert {type(value) for value in cross} <= {int, Fraction}
    if all(type(value) is int for row in rows for value in row):
        assert {type(value) for value in cross} == {int}


@given(vectors(extra=1))
@settings(deadline=None)
def test_wedge_is_the_determinant_and_the_product_with_the_cross(rows: Vectors) -> None:
    volume = wedge(rows)
    assert volume == determinant(rows)
    assert volume == sum(a * b for a, b in zip(rows[0], generalised_cross_product(rows[1:]), strict=True))
    assert type(volume) in (int, Fraction)


@given(vectors(extra=0))
@settings(deadline=None)
def test_exchange_changes_the_sign(rows: Vectors) -> None:
    if len(rows) > 1:
        exchanged = [rows[1], rows[0], *rows[2:]]
        assert generalised_cross_product(exchanged) == tuple(-x for x in generalised_cross_product(rows))


def test_stated_small_cases() -> None:
    assert generalised_cross_product([]) == (1,)
    assert generalised_cross_product([(3, 5)]) == (5, -3)
    assert generalised_cross_product([(1, 0, 0), (0, 1, 0)]) == (0, 0, 1)
    assert wedge([]) == 1
    assert wedge([(7,)]) == 7


def test_numpy_integers_do_not_overflow() -> None:
    big = 2**40
    rows = np.array([[big, 1, 0], [1, big, 1]])
    assert generalised_cross_product(list(rows)) == (1, -big, big * big - 1)
    assert generalised_cross_product([(0.5, 1.0)]) == (1, Fraction(-1, 2))


def test_wrong_input() -> None:
    with pytest.raises(ShapeError, match="2 vectors, one of length 2"):
        generalised_cross_product([(1, 2), (3, 4)])
    with pytest.raises(ShapeError):
        wedge([(1, 2)])
    with pytest.raises(InexactInputError):
        generalised_cross_product([(1.0, float("nan"))])
    with pytest.raises(InputError):
        generalised_cross_product([(1, None)])  # type: ignore[list-item]
