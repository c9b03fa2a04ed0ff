from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import ShapeError
from exactnet.exact import rank
from exactnet.exact.least_squares import IntegerRows, inner_products, solve_gram

entries = st.integers(-4, 4) | st.integers(-(10**30), 10**30)


def families(width, *, max_size=4):
    return st.lists(st.tuples(*[entries] * width), max_size=max_size)


@given(st.integers(0, 4).flatmap(lambda n: st.tuples(families(n), families(n), st.just(n))))
def test_inner_products_by_hand(case):
    left, right, n = case
    expected = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in right] for x in left]
    assert inner_products(left, right) == expected
    rows = IntegerRows(left, n_columns=n)
    for j, vector in enumerate(right):
        assert rows.products(vector) == [row[j] for row in expected]


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(families(n), st.lists(entries, min_size=4, max_size=4))))
def test_solve_gram_solves_or_proves_dependence(case):
    vectors, numbers = case
    rhs = numbers[: len(vectors)]
    solved = solve_gram(vectors, rhs)
    if solved is None:
        assert rank(vectors) < len(vectors)
        return
    assert not vectors or rank(vectors) == len(vectors)
    numerators, denominator = solved
    assert denominator > 0
    x = [Fraction(value, denominator) for value in numerators]
    for vector, b in zip(vectors, rhs, strict=True):
        row = [sum(p * q for p, q in zip(vector, other, strict=True)) for other in vectors]
        assert sum(g * value for g, value in zip(row, x, strict=True)) == b


def test_empty_families():
    assert solve_gram([], []) == ((), 1)
    assert solve_gram([()], [0]) is None
    assert inner_products([], [(1, 2)]) == []
    assert inner_products([(1, 2)], []) == [[]]
    assert IntegerRows([(), ()], n_columns=0).products(()) == [0, 0]


def test_shapes_are_checked():
    with pytest.raises(ShapeError, match="row 1"):
        IntegerRows([(1, 2), (1,)], n_columns=2)
    with pytest.raises(ShapeError, match="1 entries"):
        IntegerRows([(1, 2)], n_columns=2).products((1,))
    with pytest.raises(ShapeError, match="one right side"):
        solve_gram([(1, 2)], (1, 2))
