"""The float solvers agree: CVXPY twin, Clarabel directly, column generation; polishing never harms."""

import numpy as np
import pytest

from exactnet.convex.generate import column_generation
from exactnet.convex.patterns import activation_cells, activation_patterns, float_cells
from exactnet.convex.polish import polish
from exactnet.convex.pricing import price
from exactnet.convex.solve import full_program, solve_clarabel, solve_cvxpy
from tests.convex.problems import DUP, PE, RANK1, XOR, A, B, Q, problem

CASES = [
    (A, "1/2", "l2", "none", 1.073770178483),
    (A, "1/2", "l2", "free", 0.709930567431),
    (A, "1/2", "l1", "none", 2161 / 1575),
    (A, "1/2", "l1", "free", 1157 / 1296),
    (A, "1/2", "l1", "penalised", 2161 / 1575),
    (B, "1/2", "l2", "none", 1.3966319177),
    (DUP, "3/10", "l2", "none", 5.7302603544),
    (XOR, "1/10", "l2", "none", 0.2728427125),
    (RANK1, "3/10", "l2", "none", 0.7506722826),
    (PE, "1/10", "l2", "penalised", 0.8914472026),
    (Q, "1/20", "l2", "free", 7 / 40),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[2]}-{case[3]}-{case[4]:.4f}")
def case(request):
    data, beta, norm, bias, value = request.param
    task = problem(data, beta, norm, bias)
    return task, float_cells(task, activation_cells(task)), value


@pytest.mark.parametrize("solve", [solve_cvxpy, solve_clarabel])
def test_full_program(case, solve):
    task, cells, value = case
    assert solve(full_program(task, cells)).approx_value == pytest.approx(value, rel=1e-7)


def test_column_generation_and_polish(case):
    task, cells, value = case
    if task.norm == "l1":
        return
    assert column_generation(task, cells).approx_value == pytest.approx(value, rel=1e-9)
    program = full_program(task, cells)
    solution = solve_clarabel(program)
    assert polish(program, solution).approx_value <= solution.approx_value * (1 + 1e-11)


@pytest.mark.parametrize(("n", "d", "bias"), [(25, 2, "none"), (12, 2, "free"), (14, 3, "none")])
def test_column_generation_equals_the_full_program_on_random_data(n, d, bias):
    random = np.random.default_rng(n)
    data = (random.standard_normal((n, d)).tolist(), random.standard_normal(n).tolist())
    task = problem(data, "1/4", "l2", bias)
    cells = float_cells(task, activation_cells(task))
    full = solve_clarabel(full_program(task, cells)).approx_value
    assert column_generation(task, cells).approx_value == pytest.approx(full, rel=1e-7)


def test_prices_bracket_a_sampled_maximum():
    """gamma is the maximum of |v'(Zu)_+| over the unit ball: never below what sampling finds, and near it."""
    task = problem(A, "1/2")
    cells = float_cells(task, activation_cells(task))
    v = np.array([0.3, -0.7, 1.1, -0.2])
    gamma = price(task, cells, v * cells.row_scale, threshold=0.0).gamma
    angles = np.linspace(0, 2 * np.pi, 200_001)
    rows = np.array([[float(x) for x in row] for row in task.homogenised])
    sampled = np.abs(v @ np.maximum(rows @ np.array([np.cos(angles), np.sin(angles)]), 0.0)).max()
    assert gamma == pytest.approx(sampled, rel=1e-8)
    assert gamma >= sampled * (1 - 1e-12)


def test_beta_max_of_the_fact_sheet():
    """The zero network is optimal from beta_max = 3.807886552932 on (dataset A)."""
    task = problem(A, "1/2")
    cells = float_cells(task, activation_cells(task))
    y = np.array([float(t) for t in task.targets])
    assert price(task, cells, y * cells.row_scale, threshold=0.0).gamma == pytest.approx(
        3.807886552932, abs=1e-11
    )


def test_patterns_of_the_fact_sheet():
    assert " ".join(activation_patterns(problem(A, 1))) == "0011 0100 0110 0111 1000 1001 1011 1100"


def test_interrupt_keeps_the_best_candidate(monkeypatch):
    """Ctrl-C in the middle of the rounds: the candidate so far comes back and is a valid upper bound."""
    import exactnet.convex.generate as generate

    task = problem(B, "1/2")
    cells = float_cells(task, activation_cells(task))
    rounds = iter(range(100))
    original = generate._extend

    def interrupted(*arguments):
        if next(rounds) == 1:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(generate, "_extend", interrupted)
    assert column_generation(task, cells).approx_value >= 1.3966319176
