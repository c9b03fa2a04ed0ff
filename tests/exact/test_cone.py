"""Conic combinations: the returned integers are a proof, and None is a proof by the exact linear program."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.exact.cone import conic_combination
from exactnet.exact.lp import LinearSystem, feasible


def verify(generators, target, found):
    c, weights = found
    assert c > 0
    assert all(m > 0 for m in weights.values())
    total = [sum(m * generators[j][i] for j, m in weights.items()) for i in range(len(target))]
    assert total == [c * x for x in target]


def is_member(generators, target):
    """Separation: outside the cone iff some u has u.g >= 0 for all generators and u.target < 0 (Farkas)."""
    rows = [[-Fraction(x) for x in g] for g in generators] + [[Fraction(x) for x in target]]
    relations = ["<="] * len(generators) + ["<"]
    return feasible(LinearSystem(rows, relations, [Fraction(0)] * len(rows))).point is None


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda d: st.tuples(
            st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=0, max_size=6),
            st.tuples(*[st.integers(-3, 3)] * d),
        )
    )
)
def test_combination_or_separation(case):
    generators, target = case
    found = conic_combination(generators, target)
    assert (found is not None) == is_member(generators, target)
    if found is not None:
        verify(generators, target, found)


@pytest.mark.parametrize(
    ("generators", "target"),
    [
        ([(2**200 + 1, 1), (1, 2**200)], (1, 1)),
        ([(1, 0, 0), (1, 0, 0), (0, 1, 0)], (5, 3, 0)),
        ([(1, 10**30), (1, 10**30 + 1)], (2, 2 * 10**30 + 1)),
    ],
)
def test_large_and_degenerate_generators(generators, target):
    verify(generators, target, conic_combination(generators, target))


def test_zero_target_needs_nothing():
    assert conic_combination([(1, 2)], (0, 0)) == (1, {})
