"""The reference simplex method: every answer carries a proof, checked here once more."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.exact import LinearSystem, LpStatus, simplex, solve

from .lp_cases import assert_proved, degenerate_programs, dot, programs

CASES = degenerate_programs()


@pytest.mark.parametrize(("name", "system", "objective", "status"), CASES, ids=[case[0] for case in CASES])
def test_degenerate(name: str, system: LinearSystem, objective: list[int], status: LpStatus) -> None:
    outcome = simplex(system, objective)
    assert outcome.status is status
    assert_proved(system, objective, outcome)


@given(programs(), st.lists(st.integers(0, 6), max_size=5))
@settings(deadline=None, max_examples=400)
def test_every_answer_is_proved_wherever_it_starts(
    program: tuple[LinearSystem, tuple[Fraction, ...]], start: list[int]
) -> None:
    system, objective = program
    outcome = simplex(system, objective)
    assert_proved(system, objective, outcome)
    again = simplex(system, objective, start=[i for i in start if i < len(system.rows)])
    assert_proved(system, objective, again)
    assert (again.status, again.value) == (outcome.status, outcome.value)


def test_against_all_vertices() -> None:
    """A bounded polytope: the minimum over its vertices, found by solving every pair of rows."""
    rows = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 2], [3, -1], [-2, -3]]
    rhs = [4, 3, 5, 2, 7, 8, 6]
    system = LinearSystem(rows, ["<="] * 7, rhs)
    crossings = [solve([rows[i], rows[j]], [rhs[i], rhs[j]]) for i, j in combinations(range(7), 2)]
    vertices = [x for x in crossings if x and all(dot(a, x) <= b for a, b in zip(rows, rhs, strict=True))]
    for objective in product(range(-3, 4), repeat=2):
        assert simplex(system, objective).value == min(dot(objective, x) for x in vertices)


def test_klee_minty_cube() -> None:
    """2^d vertices, minimum -5^d at one of them (Klee and Minty 1972, in Chvatal's numbers)."""
    d = 5
    rows = [[2 ** (i - j + 1) if j < i else int(i == j) for j in range(d)] for i in range(d)]
    rows += [[-int(i == j) for j in range(d)] for i in range(d)]
    system = LinearSystem(rows, ["<="] * (2 * d), [5 ** (i + 1) for i in range(d)] + [0] * d)
    outcome = simplex(system, [-(2 ** (d - 1 - j)) for j in range(d)])
    assert outcome.value == -(5**d)
