"""Answers about linear systems carry proofs that the checker accepts; every kind of outcome."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status, decide_system, minimum
from exactnet.errors import InputError
from exactnet.exact import LinearSystem, LpStatus


@st.composite
def systems(draw, relations):
    n = draw(st.integers(1, 3))
    m = draw(st.integers(0, 5))
    rows = draw(st.lists(st.lists(st.integers(-2, 2), min_size=n, max_size=n), min_size=m, max_size=m))
    kinds = draw(st.lists(st.sampled_from(relations), min_size=m, max_size=m))
    rhs = draw(st.lists(st.integers(-2, 2), min_size=m, max_size=m))
    return LinearSystem(rows, kinds, rhs, n_variables=n)


@settings(max_examples=120, deadline=None)
@given(systems(["<=", "<", "="]))
def test_feasibility_is_proved_either_way(system):
    result = decide_system(system)
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert (result.status is Status.PROVED) == (result.value.point is not None)


@settings(max_examples=120, deadline=None)
@given(systems(["<=", "="]), st.data())
def test_minimum_is_proved_whatever_the_outcome(system, data):
    n = system.n_variables
    costs = data.draw(st.lists(st.integers(-2, 2), min_size=n, max_size=n))
    result = minimum(system, costs)
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert (result.status is Status.PROVED) == (result.value.status is LpStatus.OPTIMAL)


def test_the_three_outcomes():
    box = LinearSystem([[1], [-1]], ["<=", "<="], ["7/3", 0])
    assert minimum(box, [-1]).value.value == Fraction(-7, 3)
    assert "no solution" in repr(minimum(LinearSystem([[0]], ["<="], [-1]), [1]))
    assert "without end" in repr(minimum(LinearSystem([[1]], ["<="], [0]), [5]))


def test_strict_rows_have_no_minimum():
    with pytest.raises(InputError, match="strict"):
        minimum(LinearSystem([[1]], ["<"], [0]), [-1])
