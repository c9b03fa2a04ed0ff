"""Lassos over dictionaries: threshold patterns, ramps and reflections."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex import training_problem, wedge_dictionary
from exactnet.convex.clifford import feature_columns
from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.mirrors import mirror_dictionary
from exactnet.convex.variants.threshold import column_lasso, shattered_program, threshold_patterns
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.model import Dataset

F = Fraction


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=4))
def test_threshold_patterns_are_those_of_all_directions(rows: list[tuple[int, int]]) -> None:
    """Planar directions: the rays orthogonal to samples, points between neighbours, and u = 0."""
    problem = training_problem(Dataset.from_arrays([list(r) for r in rows], [0] * len(rows)), beta=1)
    rays = [u for x, y in rows if x or y for u in ((-y, x), (y, -x))] or [(1, 0), (-1, 0)]
    rays = sorted(rays, key=lambda u: np.arctan2(u[1], u[0]))
    between = []
    for (a, b), (c, d) in zip(rays, rays[1:] + rays[:1], strict=True):
        turn = (np.arctan2(d, c) - np.arctan2(b, a)) % (2 * np.pi)
        # half way, or a quarter turn when the rays are opposite
        between.append((-b, a) if turn > np.pi - 0.001 else (a * 7 + c, b * 7 + d))
        between.append((a + c * 7, b + d * 7) if turn < np.pi - 0.001 else (-b - a, a - b))
    found = set()
    for u in [(0, 0), *rays, *between]:
        bits = "".join("1" if x * u[0] + y * u[1] >= 0 else "0" for x, y in rows)
        if "1" in bits:
            found.add(bits)
    assert found <= set(threshold_patterns(problem))
    turn = np.linspace(0, 2 * np.pi, 3601)
    values = np.array(rows) @ np.array([np.cos(turn), np.sin(turn)])
    away = np.abs(values[:, :]).min(axis=0) > 1e-9
    sampled = {"".join("1" if v > 0 else "0" for v in column) for column in values.T[away]}
    assert sampled - {"0" * len(rows)} <= set(threshold_patterns(problem))


def test_threshold_patterns_count_ties() -> None:
    # opposite samples: both active on their common line only, and at u = 0
    problem = training_problem(Dataset.from_arrays([[1, 0], [-1, 0], [0, 1]], [0] * 3), beta=1)
    assert threshold_patterns(problem) == ("010", "011", "100", "101", "110", "111")
    with pytest.raises(LimitReached, match="too many samples"):
        threshold_patterns(training_problem(Dataset.from_arrays([[1]] * 13, [0] * 13), beta=1))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.fractions(-2, 2, max_denominator=3), min_size=1, max_size=4),
    st.sampled_from(["1/10", "1", "3"]),
)
def test_every_pattern_is_two_maxima(targets: list[Fraction], beta: str) -> None:
    """The Lasso over {0,1}^n has the minimum of the programme with two maxima, exactly."""
    columns = [list(bits) for bits in product((0, 1), repeat=len(targets)) if any(bits)]
    lasso = minimum_of(column_lasso(columns, targets, beta=F(beta))).value
    maxima = minimum_of(shattered_program(targets, beta=F(beta)))
    assert maxima.check().accepted
    assert lasso.is_exact
    assert lasso.upper == maxima.value.upper == maxima.value.lower


def test_depth_two_is_the_wedge_dictionary_of_a_line() -> None:
    data = Dataset.from_arrays([[0], [4], [5], [7]], [0, 1, 0, 1])
    problem = training_problem(data, beta=1, bias="free")
    columns = feature_columns(problem, wedge_dictionary(problem))
    wedges = {columns.column(k) for k in range(len(columns))}
    assert {column for column in wedges if any(column)} == set(mirror_dictionary([0, 4, 5, 7], 2))


def test_columns_of_depth_three_by_hand() -> None:
    # samples 0, 1, 3: the four ramps, the falling one that saturates at 1, the rising one that does
    columns = {tuple(map(int, column)) for column in mirror_dictionary([0, 1, 3], 3)}
    assert columns == {(0, 1, 3), (0, 0, 2), (1, 0, 0), (3, 2, 0), (2, 2, 0), (0, 1, 1)}


def test_deeper_dictionaries_contain_the_ramps_and_cost_no_more() -> None:
    x, y = [0, 2, 6, 7], [F(0), F(0), F(3), F(3)]
    values = [
        minimum_of(column_lasso(mirror_dictionary(x, depth), y, beta=F(1, 10), intercept=True)).value.upper
        for depth in (2, 3, 4)
    ]
    assert values == [F(51, 400), F(119, 1600), F(119, 1600)]
    assert set(mirror_dictionary(x, 2)) <= set(mirror_dictionary(x, 3))
    with pytest.raises(UnsupportedError, match="depth"):
        mirror_dictionary(x, 5)


def test_a_reflection_breaks_between_samples() -> None:
    """Depth 4, samples 0, 1, 3: the reflection 2 * 1 - 0 = 2 is no sample."""
    deep, shallow = (set(mirror_dictionary([0, 1, 3], depth)) for depth in (4, 3))
    assert shallow <= deep
    # a ramp up to the reflection of 0 about 1
    assert (F(0), F(0), F(1)) in deep - shallow
