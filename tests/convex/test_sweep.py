"""The sweep engine against oracles, the general engine and a cone programme; ties, tiny beta, noise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, DualBoundRecord, Status, certificate_text, check_text
from exactnet.convex.engine_choice import suits_sweep
from exactnet.convex.global_optimum import optimum
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.program import objective, problem_record
from exactnet.convex.solve import full_program, solve_clarabel
from exactnet.convex.sweep import sweep_optimum
from exactnet.convex.sweep_generate import sweep_generation
from exactnet.convex.sweep_plan import sweep_plan
from exactnet.errors import UnsupportedError
from tests.convex.problems import DUP, PE, RANK1, XOR, A, B, problem


def planted(n, d, seed=0, decimals=None, noise=False):
    random = np.random.default_rng(seed)
    rows = random.standard_normal((n, d))
    y = random.standard_normal(n)
    if decimals is not None:
        rows = np.round(rows, decimals)
    if not noise:
        y = np.maximum(rows @ random.standard_normal((d, 3)), 0) @ random.standard_normal(3) + 0.3 * y
    if decimals is not None:
        y = np.round(y, decimals)
    text = (
        [[str(round(float(x), 12)) for x in row] for row in rows] if decimals is not None else rows.tolist()
    )
    return text, [str(round(float(x), 12)) for x in y] if decimals is not None else y.tolist()


def sharp_gap(value):
    return (value.primal_value - value.dual_value) / value.primal_value


# from the fact sheet of the theory, section 1.3
ORACLES = [
    (A, "1/100", "none", 0.0245267478),
    (A, "1/20", "none", 0.1212337388),
    (A, "1/10", "none", 0.238967477525),
    (A, "1/4", "none", 0.5713428441),
    (A, "1/2", "none", 1.073770178483),
    (A, "1", "none", 1.893614632839),
    (A, "2", "none", 2.818306315),
    (A, "3", "none", 3.076118812),
    (XOR, "1/10", "none", 0.2728427125),
    (XOR, "1/2", "none", 1.1642135624),
    (PE, "1/1000", "penalised", 0.0101168281),
    (PE, "1/100", "penalised", 0.1000738271),
    (PE, "1/10", "penalised", 0.8914472026),
    (DUP, "3/10", "none", 5.7302603544),
    (B, "1/2", "none", 1.3966319177),
]


@pytest.mark.parametrize(("data", "beta", "bias", "value"), ORACLES)
def test_oracles(data, beta, bias, value):
    task = problem(data, beta, "l2", bias)
    result = sweep_optimum(task, gap="1/1000000000000")
    assert result.status is Status.PROVED
    assert float(result.value.upper) == pytest.approx(value, abs=1e-9)
    verdict = result.check()
    assert verdict.accepted, verdict.line
    assert objective(task, result.value.network) == result.value.primal_value


@pytest.mark.parametrize(
    ("n", "d", "bias", "decimals"),
    [
        (30, 2, "none", None),
        (12, 2, "penalised", None),
        (14, 3, "none", None),
        (40, 2, "none", 1),
        (16, 3, "none", 0),
    ],
)
def test_equals_the_full_cone_programme(n, d, bias, decimals):
    task = problem(planted(n, d, n, decimals), "1/4", "l2", bias)
    full = solve_clarabel(full_program(task, float_cells(task, activation_cells(task)))).approx_value
    result = sweep_optimum(task)
    assert float(result.value.upper) == pytest.approx(full, rel=1e-7)
    assert result.check().accepted


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 3).flatmap(
        lambda d: st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=2, max_size=6)
    ),
    st.lists(st.integers(-3, 3), min_size=6, max_size=6),
    st.sampled_from(["1/10", "1/2", "2"]),
    st.sampled_from(["none", "penalised"]),
)
def test_agrees_with_the_general_engine_on_ties(rows, targets, beta, bias):
    """Duplicates, zero rows, parallel and opposite rows; the intervals of both proofs meet."""
    task = problem((rows, targets[: len(rows)]), beta, "l2", bias)
    assume(suits_sweep(task))
    ours = sweep_optimum(task)
    assert ours.status is Status.PROVED
    assert ours.check().accepted
    table = activation_cells(task)
    assert ours.value.n_patterns == table.n_cells
    theirs = optimum(task).value
    assert ours.value.dual_value <= theirs.primal_value
    assert theirs.dual_value <= ours.value.primal_value


@pytest.mark.parametrize(("n", "d"), [(7, 2), (6, 3), (10, 3), (20, 3)])
def test_cells_in_general_position(n, d):
    # Cover: 2 sum_{k < d} C(n - 1, k)
    plan = sweep_plan(problem(planted(n, d), "1"))
    assert plan.n_cells == (2 * n if d == 2 else 2 * (1 + (n - 1) + (n - 1) * (n - 2) // 2))


def test_rows_are_merged_with_their_signs():
    rows = [[1, 2, 2], [-2, -4, -4], [0, 0, 0], [3, 6, 6], [1, 0, 0]]
    plan = sweep_plan(problem((rows, [1, 2, 3, 4, 5]), "1"))
    assert len(plan.walls) == 2
    assert plan.wall_of[[0, 1, 3]].tolist() == [plan.wall_of[0]] * 3
    assert plan.side_of.tolist() == [1, -1, 0, 1, 1]
    # the largest value of (z.u)_+ is |z|, whichever of the parallel rows carries v
    for i, size in ((0, 3), (1, 6), (3, 9), (4, 1), (2, 0)):
        v = np.zeros(5)
        v[i] = 1.0
        assert plan.peaks(v, threshold=0.0).gamma * plan.row_scale == pytest.approx(size, rel=1e-14)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 3).flatmap(
        lambda d: st.lists(st.lists(st.integers(-3, 3), min_size=d, max_size=d), min_size=2, max_size=14)
    ),
    st.lists(st.integers(-4, 4), min_size=14, max_size=14),
)
def test_float_sweeps_and_the_checker_see_the_same_maximum(rows, weights):
    """Two implementations: floats here, integers there; a part in 10^9 on either side decides."""
    v = [Fraction(w) for w in weights[: len(rows)]]
    task = problem((rows, [0] * len(rows)), 1)
    assume(suits_sweep(task))
    plan = sweep_plan(task)
    gamma = plan.peaks(np.array([float(x) for x in v]), threshold=0.0).gamma * plan.row_scale
    assume(gamma > 0)
    for factor, accepted in ((1 + 1e-9, True), (1 - 1e-9, False)):
        stated = problem_record(problem((rows, [0] * len(rows)), Fraction(gamma * factor)))
        dual = DualBoundRecord("dual", "problem", tuple(v), "sweep", None, None, Fraction(-(10**6)))
        verdict = check_text(certificate_text(Certificate("x", (stated, dual), ("dual",))))
        assert verdict.accepted is accepted, verdict.line


def test_above_beta_max_the_zero_network_is_optimal_exactly():
    # dataset A: beta_max = 3.807886552932
    result = sweep_optimum(problem(A, "3.8078865530"))
    assert result.value.is_exact
    assert result.value.network.neurons == ()
    assert result.value.upper == Fraction(25, 8)
    assert result.check().accepted
    below = sweep_optimum(problem(A, "3.8"))
    assert below.value.network.neurons
    assert below.check().accepted


def test_a_dual_vector_a_billionth_too_long_is_rejected():
    result = sweep_optimum(problem(planted(60, 2), "1/2"))
    records = result.certificate.records
    dual = next(record for record in records if isinstance(record, DualBoundRecord))
    assert dual.by == "sweep"
    for factor, accepted in ((1 + Fraction(1, 10**9), False), (1 - Fraction(1, 10**9), True)):
        longer = replace(dual, v=tuple(factor * x for x in dual.v), value=Fraction(0))
        verdict = check_text(certificate_text(Certificate("x", (records[0], longer), ("dual",))))
        assert verdict.accepted is accepted, verdict.line


def test_neurons_lie_exactly_on_their_walls():
    task = problem(planted(40, 2, 3), "1/2")
    plan = sweep_plan(task)
    candidate = sweep_generation(task, plan)
    network = sweep_optimum(task).value.network
    on_rays = [block for block in candidate.blocks if block.tight]
    assert on_rays
    n_exact = sum(
        any(sum(x * w for x, w in zip(row, neuron.u, strict=True)) == 0 for row in task.homogenised)
        for neuron in network.neurons
    )
    assert n_exact >= len(on_rays)


@pytest.mark.parametrize(
    ("n", "d", "beta", "noise", "decimals"),
    [
        (100, 2, "1/2", False, None),
        (100, 2, "1/2", False, 1),
        (100, 2, "1/100", True, None),
        (60, 3, "1/2", False, None),
        (60, 3, "1/2", False, 1),
    ],
)
def test_certified_to_nine_digits(n, d, beta, noise, decimals):
    result = sweep_optimum(problem(planted(n, d, 1, decimals, noise), beta))
    assert result.status is Status.PROVED
    assert sharp_gap(result.value) <= Fraction(1, 10**10)
    assert result.check().accepted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "d", "beta", "noise", "gap"),
    [
        (10_000, 2, "1/2", False, Fraction(1, 10**12)),
        (100, 2, "1/10000", False, Fraction(1, 10**9)),
        (1000, 2, "1/100", True, Fraction(1, 10**9)),
        (400, 3, "1/2", False, Fraction(1, 10**9)),
    ],
)
def test_large_and_hard(n, d, beta, noise, gap):
    result = sweep_optimum(problem(planted(n, d, 0, None, noise), beta), gap=gap)
    assert sharp_gap(result.value) <= gap
    assert result.check().accepted


@pytest.mark.parametrize(
    ("rows", "targets", "beta", "bias"),
    [
        # a cell whose best point lies exactly on its rim; a ray of many walls; h exactly on a wall
        ([[1, 0], [0, 1], [1, -1]], [1, 0, 0], "1/10", "none"),
        ([[0, 2], [1, 0], [1, -1]], [0, 2, 0], "1/10", "none"),
        (
            [[0, -1], [1, -1], [-1, -1], [0, -1], [1, -1], [1, 1], [0, 1], [1, -1], [-1, -1], [1, -1]],
            [2, -2, -2, -3, -1, 1, 0, 0, -1, 0],
            "10",
            "penalised",
        ),
        (
            [[2, -2, 1], [0, 2, 2], [-1, -1, 2], [1, 2, -2], [2, 0, -2], [1, 0, 1]],
            [-1, -1, 1, 3, -2, 1],
            "1/100000",
            "none",
        ),
    ],
)
def test_ties_that_stop_a_naive_engine(rows, targets, beta, bias):
    task = problem((rows, targets), beta, "l2", bias)
    ours = sweep_optimum(task)
    assert ours.status is Status.PROVED
    assert ours.check().accepted
    theirs = optimum(task).value
    assert ours.value.dual_value <= theirs.primal_value
    assert theirs.dual_value <= ours.value.primal_value


def test_rank_one_and_other_problems_are_left_to_the_general_engine():
    for task in (
        problem(RANK1, "1"),
        problem(A, "1", "l1"),
        problem(A, "1", "l2", "free"),
        problem(PE, "1"),
        problem(([[0, 0], [0, 0]], [1, 2]), "1"),
        problem(([[1, 2, 3, 4], [1, 0, 0, 1]], [1, 2]), "1"),
    ):
        assert not suits_sweep(task)
        with pytest.raises(UnsupportedError, match="sweep engine"):
            sweep_optimum(task)


def test_a_wide_enclosure_is_undecided():
    result = sweep_optimum(problem(A, "1/2"), gap="1/1" + "0" * 40)
    assert result.status is Status.UNDECIDED
    assert "wider than the requested" in result.sentence
    assert result.check().accepted


def test_interrupt_keeps_a_certified_enclosure(monkeypatch):
    import exactnet.convex.sweep_generate as generate

    rounds = iter(range(100))
    original = generate._next

    def interrupted(*arguments):
        if next(rounds) == 2:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(generate, "_next", interrupted)
    result = sweep_optimum(problem(planted(50, 2), "1/10"))
    assert result.status is Status.UNDECIDED
    assert result.value.dual_value < result.value.primal_value
    assert result.check().accepted
