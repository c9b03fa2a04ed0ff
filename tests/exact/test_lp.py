"""Linear programs by guess and proof: equal to the reference, and proved, also when the guess is nonsense."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.exact import LinearSystem, LpOutcome, LpStats, LpStatus, feasible, lp, simplex, solve_lp
from exactnet.exact.highs import Basis, guess_basis

from .lp_cases import (
    assert_contradiction,
    assert_proved,
    assert_satisfies,
    degenerate_programs,
    programs,
    systems,
)

CASES = degenerate_programs()


@pytest.mark.parametrize(("name", "system", "objective", "status"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("guess", [True, False])
def test_degenerate(
    name: str, system: LinearSystem, objective: list[int], status: LpStatus, guess: bool
) -> None:
    outcome = solve_lp(system, objective, guess=guess)
    assert outcome.status is status
    assert_proved(system, objective, outcome)


@given(programs())
@settings(deadline=None, max_examples=200)
def test_the_float_route_equals_the_reference(program: tuple[LinearSystem, tuple[Fraction, ...]]) -> None:
    system, objective = program
    stats = LpStats()
    outcome, reference = solve_lp(system, objective, stats=stats), simplex(system, objective)
    assert_proved(system, objective, outcome)
    assert (outcome.status, outcome.value) == (reference.status, reference.value)
    assert stats.n_guessed + stats.n_fallback == 1


@given(systems(relations="<= < < ="))
@settings(deadline=None, max_examples=200)
def test_feasibility_with_strict_rows(system: LinearSystem) -> None:
    answers = [feasible(system), feasible(system, guess=False)]
    for found in answers:
        assert (found.point is None) != (found.multipliers is None)
        if found:
            assert found.point is not None
            assert_satisfies(system, found.point)
        else:
            assert found.multipliers is not None
            assert_contradiction(system, found.multipliers)
    assert bool(answers[0]) == bool(answers[1])


def test_strict_rows_decide_the_border_cases() -> None:
    for relations, possible in ((["<=", "<="], True), (["<", "<="], False), (["<", "<"], False)):
        assert bool(feasible(LinearSystem([[1], [-1]], relations, [0, 0]))) is possible
    touching = LinearSystem([[1], [1]], ["=", "<"], [1, 1])
    assert feasible(touching).multipliers in ((-1, 1), (Fraction(-1), Fraction(1)))
    assert feasible(LinearSystem([[]], ["<"], [0])).multipliers == (1,)
    assert feasible(LinearSystem([[]], ["<"], [1])).point == ()
    assert feasible(LinearSystem([], [], [], n_variables=2)).point == (0, 0)
    thin = LinearSystem([[1], [-1]], ["<", "<"], [Fraction(1, 10**40), 0])
    assert feasible(thin)
    closed = LinearSystem([[1], [-1]], ["<", "<"], [0, Fraction(-1, 10**40)])
    assert not feasible(closed)


def test_what_floats_cannot_see_is_still_decided_right() -> None:
    """x <= 0 and x >= 10^-30: within any tolerance a solution, in truth none."""
    stats = LpStats()
    system = LinearSystem([[1], [-1], [1], [-1]], ["<="] * 4, [0, Fraction(-1, 10**30), 1, 1])
    outcome = solve_lp(system, [0], stats=stats)
    assert outcome.status is LpStatus.INFEASIBLE
    assert_proved(system, [0], outcome)
    assert stats == LpStats(n_fallback=1)


def test_entries_beyond_float64() -> None:
    tiny, huge = Fraction(1, 10**400), 10**400
    for a, b in ((tiny, 1), (huge, 1), (1, huge), (1, tiny), (huge, tiny)):
        system = LinearSystem([[-a, 0], [0, -1]], ["<=", "<="], [-b, 0])
        outcome = solve_lp(system, [1, huge])
        assert outcome.value == Fraction(b) / Fraction(a)
        assert_proved(system, [1, huge], outcome)


@given(programs(), st.data())
@settings(deadline=None, max_examples=100)
def test_a_nonsense_guess_costs_time_only(
    program: tuple[LinearSystem, tuple[Fraction, ...]], data: st.DataObject
) -> None:
    system, objective = program
    m, n = len(system.rows), system.n_variables
    rows = st.lists(st.integers(0, m - 1), max_size=n, unique=True) if m else st.just([])
    columns = st.lists(st.integers(0, n - 1), max_size=n, unique=True) if n else st.just([])
    nonsense = Basis(
        data.draw(st.sampled_from(LpStatus)),
        tuple(data.draw(rows)),
        tuple(data.draw(columns)),
        data.draw(st.integers(0, m - 1)) if m else None,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lp, "guess_basis", lambda *_, **__: nonsense)
        outcome = solve_lp(system, objective)
    assert_proved(system, objective, outcome)
    assert outcome.status is simplex(system, objective).status


def test_a_wrong_reference_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = LpOutcome(LpStatus.OPTIMAL, point=(Fraction(0),), multipliers=(Fraction(0),), value=Fraction(0))
    monkeypatch.setattr(lp, "simplex", lambda *_, **__: wrong)
    with pytest.raises(InvariantError, match="LinearSystem"):
        solve_lp(LinearSystem([[-1]], ["<="], [-1]), [1], guess=False)


@pytest.mark.parametrize(("m", "n"), [(20, 2), (60, 4), (40, 8)])
def test_generic_programs_need_no_fallback(m: int, n: int) -> None:
    rng = np.random.default_rng(m + n)
    stats = LpStats()
    for _ in range(10):
        rows = rng.normal(size=(m, n)).tolist()
        bounded = LinearSystem(rows, ["<="] * m, np.abs(rng.normal(size=m)))
        objective = [-Fraction(value) for value in (rng.random(m) @ np.array(rows)).tolist()]
        outcome = solve_lp(bounded, objective, stats=stats)
        assert outcome.status is LpStatus.OPTIMAL
        assert_proved(bounded, objective, outcome)
        empty = LinearSystem(rows, ["<="] * m, [-1] * m)
        contradiction = solve_lp(empty, [0] * n, stats=stats)
        assert_proved(empty, [0] * n, contradiction)
    assert stats == LpStats(n_guessed=20)


def test_the_guess_alone() -> None:
    system = LinearSystem([[-1, 0], [0, -1], [1, 1]], ["<="] * 3, [0, 0, 1])
    basis = guess_basis(system, (Fraction(-2), Fraction(-1)), tolerance=1e-9)
    assert basis is not None
    assert basis.status is LpStatus.OPTIMAL
    assert set(basis.tight) == {1, 2}
    assert guess_basis(LinearSystem([], [], [], n_variables=1), (Fraction(0),), tolerance=1e-9) is None


def test_wrong_input() -> None:
    system = LinearSystem([[1, 2]], ["<="], [1])
    with pytest.raises(ShapeError, match="1 coefficients"):
        solve_lp(system, [1])
    with pytest.raises(InputError, match=r"row 1 \(from 0\)"):
        solve_lp(LinearSystem([[1], [1]], ["<=", "<"], [1, 1]), [1])
