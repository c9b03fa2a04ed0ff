"""The NumPy objective against exact arithmetic and against autograd."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex import objective
from exactnet.crosscheck.initial import initial_weights
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import scale, to_two_layer
from tests.crosscheck.cases import SETTINGS, problem, problems

STEP = Fraction(1, 2**20)


def exact_value(p, scaled, target, theta) -> Fraction:
    U, a, t = (part[0] for part in target.split(theta[None]))
    return objective(p, to_two_layer(scaled, U, a, t)) / scaled.unit_loss


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_the_gradient_is_the_exact_difference_quotient_where_the_objective_is_smooth(norm, bias):
    p = problem(norm=norm, bias=bias)
    scaled = scale(p)
    target = Objective(scaled, 3)
    # a Gaussian start is on no wall and has no zero weight, so a short step stays on the smooth piece
    theta = initial_weights(scaled, n_neurons=3, seeds=[5])[0]
    _, gradient = target.value_and_gradient(theta[None])
    for k in range(len(theta) - (scaled.tau == 0)):
        ahead, behind = theta.copy(), theta.copy()
        ahead[k] += float(STEP)
        behind[k] -= float(STEP)
        quotient = (exact_value(p, scaled, target, ahead) - exact_value(p, scaled, target, behind)) / (
            2 * STEP
        )
        assert gradient[0, k] == pytest.approx(float(quotient), abs=1e-9)


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_the_rounded_objective_has_the_gradient_of_its_difference_quotients(norm, bias):
    scaled = scale(problem(norm=norm, bias=bias))
    target = Objective(scaled, 3, rounding=0.05)
    theta = initial_weights(scaled, n_neurons=3, seeds=[1])
    _, gradient = target.value_and_gradient(theta)
    for k in range(theta.shape[1]):
        shift = np.zeros_like(theta)
        shift[0, k] = 1e-6
        quotient = (target.value(theta + shift) - target.value(theta - shift)) / 2e-6
        assert gradient[0, k] == pytest.approx(float(quotient[0]), abs=1e-8)


def test_rounding_goes_away_continuously():
    scaled = scale(problem(norm="l1", bias="free"))
    theta = initial_weights(scaled, n_neurons=3, seeds=[1, 2])
    sharp = Objective(scaled, 3).value(theta)
    errors = [np.abs(Objective(scaled, 3, rounding=r).value(theta) - sharp).max() for r in (1e-1, 1e-3, 1e-6)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-5


@given(problems(), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_the_gradient_is_that_of_autograd(p, seed):
    torch = pytest.importorskip("torch")
    from exactnet.crosscheck.torch_backend import _Batch

    scaled = scale(p)
    theta = initial_weights(scaled, n_neurons=4, seeds=[seed, seed + 1])
    losses, gradient = Objective(scaled, 4).value_and_gradient(theta)
    weights = torch.from_numpy(theta.copy()).requires_grad_()
    theirs = _Batch(scaled, 4).losses(weights)
    theirs.sum().backward()
    np.testing.assert_allclose(losses, theirs.detach().numpy(), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_zero_weights_have_the_gradient_of_the_penalty_only():
    for norm, bias in SETTINGS:
        scaled = scale(problem(norm=norm, bias=bias))
        losses, gradient = Objective(scaled, 2).value_and_gradient(np.zeros((1, 2 * scaled.dimension + 3)))
        assert losses[0] == pytest.approx(0.5 * float(scaled.y @ scaled.y))
        assert not gradient[0, :-1].any()


def test_minibatch_gradients_of_one_epoch_add_up_to_the_full_gradient():
    scaled = scale(problem(norm="l1", bias="free"))
    target = Objective(scaled, 3)
    theta = initial_weights(scaled, n_neurons=3, seeds=[0, 1])
    parts = [target.minibatch_gradient(theta, np.array([batch, batch[::-1]])) for batch in ([0, 3], [2, 1])]
    np.testing.assert_allclose(sum(parts) / 2, target.value_and_gradient(theta)[1], rtol=1e-12, atol=1e-14)


def test_each_seed_has_the_same_numbers_whatever_runs_beside_it():
    for norm, bias in SETTINGS:
        scaled = scale(problem(norm=norm, bias=bias))
        target = Objective(scaled, 7)
        theta = initial_weights(scaled, n_neurons=7, seeds=range(9))
        losses, gradient = target.value_and_gradient(theta)
        for s in range(9):
            alone, slope = target.value_and_gradient(theta[s : s + 1])
            assert alone[0] == losses[s]
            assert (slope[0] == gradient[s]).all()
