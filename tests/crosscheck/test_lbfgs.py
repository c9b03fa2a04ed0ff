"""The line search and the batch of our L-BFGS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from exactnet.crosscheck.initial import initial_weights
from exactnet.crosscheck.lbfgs import ROUNDINGS, _Run, lbfgs
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import scale
from tests.crosscheck.cases import problem, problems


def start(p, *, n_neurons=4, n_seeds=3, rounding=0.0):
    scaled = scale(p)
    target = Objective(scaled, n_neurons, rounding)
    return target, initial_weights(scaled, n_neurons=n_neurons, seeds=range(n_seeds))


def finish(run):
    while run.active.size:
        run.evaluate()
    return run


def test_a_smooth_objective_is_minimised_to_its_stationary_points():
    target, theta = start(problem(bias="free"), rounding=0.1)
    run = finish(_Run(target, theta, np.full(3, 3000)))
    assert np.abs(target.value_and_gradient(run.theta)[1]).max() < 1e-4
    # SciPy, which shares no code with it, finds nothing lower from there
    from scipy.optimize import minimize

    for weights, value in zip(run.theta, run.losses, strict=True):
        found = minimize(lambda x: float(target.value(x[None])[0]), weights, method="L-BFGS-B")
        assert found.fun >= value * (1 - 1e-8)


@given(problems())
@settings(max_examples=25, deadline=None)
def test_every_accepted_step_lowers_the_objective(p):
    target, theta = start(p)
    run = _Run(target, theta, np.full(3, 40))
    before = run.losses.copy()
    while run.active.size:
        run.evaluate()
        assert (run.losses <= before).all()
        np.testing.assert_array_equal(run.losses, target.value(run.theta))
        before = run.losses.copy()
    assert (run.n_steps <= 40).all()


def test_the_zero_network_is_stationary_but_the_rounded_runs_leave_it():
    target, theta = start(problem())
    run = _Run(target, 0 * theta, np.full(3, 100))
    assert run.active.size == 0
    assert run.losses == pytest.approx([0.5 * float(target.scaled.y @ target.scaled.y)] * 3)
    _, losses, used = lbfgs(target, 0 * theta, n_steps=100, report=lambda done: None)
    assert (losses <= run.losses).all()
    assert max(used) > 0


def test_without_anything_to_learn_no_step_is_taken():
    target, theta = start(problem(([[0, 0]], [0])))
    _, losses, used = lbfgs(target, 0 * theta, n_steps=100, report=lambda done: None)
    assert used == (0, 0, 0)
    assert not losses.any()


@pytest.mark.parametrize("n_steps", [0, 1, len(ROUNDINGS) - 1, len(ROUNDINGS), 23])
def test_the_step_limit_holds_for_each_seed(n_steps):
    target, theta = start(problem(norm="l1"))
    _, losses, used = lbfgs(target, theta, n_steps=n_steps, report=lambda done: None)
    assert max(used) <= n_steps
    assert (losses <= target.value(theta)).all()


def test_the_result_is_never_worse_than_after_the_first_run():
    # the rounded runs may lead astray; the best network counts
    target, theta = start(problem(bias="penalised"))
    first = finish(_Run(target, theta, np.full(3, 100)))
    _, losses, _ = lbfgs(target, theta, n_steps=100 * len(ROUNDINGS), report=lambda done: None)
    assert (losses <= first.losses).all()
