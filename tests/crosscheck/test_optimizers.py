"""Reach on the standing data set, Newton-Schulz, and the two backends against each other."""

from __future__ import annotations

import numpy as np
import pytest

from exactnet.crosscheck import train
from exactnet.crosscheck.optimizers import newton_schulz
from exactnet.crosscheck.steps import BestSoFar, cosine
from tests.crosscheck.cases import OPTIMUM_A, problem, trained_on_a


def weights(trained):
    return np.array([[*map(float, neuron.u), float(neuron.a)] for neuron in trained.network.neurons])


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "muon"])
@pytest.mark.parametrize("bias", ["none", "free"])
def test_both_backends_walk_the_same_way(optimizer, bias):
    pytest.importorskip("torch")
    p = problem(bias=bias)
    how = {"optimizer": optimizer, "n_seeds": 3, "n_steps": 30}
    for ours, theirs in zip(train(p, **how), train(p, backend="torch", **how), strict=True):
        np.testing.assert_allclose(weights(ours), weights(theirs), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("optimizer", "share", "tolerance"),
    [("lbfgs", 0.9, 1e-9), ("adam", 0.9, 1e-6), ("sgd", 0.8, 1e-3), ("gd", 0.8, 1e-6), ("muon", 0.8, 1e-4)],
)
def test_most_seeds_reach_the_optimum_of_the_standing_data_set(optimizer, share, tolerance):
    losses = [trained.approx_loss for trained in trained_on_a(optimizer)]
    assert np.mean(np.array(losses) < OPTIMUM_A * (1 + tolerance)) >= share


@pytest.mark.parametrize(
    ("singular_values", "images"),
    [
        ([1.0], [0.696436]),
        ([3.0, 1.0], [0.753033, 1.133706]),
        ([1000.0, 1.0], [0.696437, 0.470544]),
    ],
)
def test_newton_schulz_maps_singular_values_by_the_polynomial(singular_values, images):
    rng = np.random.default_rng(0)
    k = len(singular_values)
    left, _ = np.linalg.qr(rng.standard_normal((4, k)))
    right, _ = np.linalg.qr(rng.standard_normal((3, k)))
    matrix = left @ np.diag(singular_values) @ right.T
    expected = left @ np.diag(images) @ right.T
    stack = newton_schulz(np.stack([matrix, 0 * matrix]))
    np.testing.assert_allclose(stack[0], expected, atol=2e-6)
    assert not stack[1].any()
    np.testing.assert_allclose(newton_schulz(matrix.T[None])[0], expected.T, atol=2e-6)


def test_our_muon_step_is_that_of_torch_up_to_its_bfloat16():
    torch = pytest.importorskip("torch")
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    from exactnet.crosscheck.torch_backend import _newton_schulz

    rng = np.random.default_rng(1)
    gradients = [torch.from_numpy(rng.standard_normal((6, 3))) for _ in range(3)]
    theirs = torch.zeros((6, 3), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Muon([theirs], lr=0.1, weight_decay=0.0)
    ours, buffer = np.zeros((6, 3)), np.zeros((6, 3))
    for gradient in gradients:
        theirs.grad = gradient.clone()
        optimizer.step()
        g = gradient.numpy()
        buffer = 0.95 * buffer + 0.05 * g
        ahead = 0.05 * g + 0.95 * buffer
        update = newton_schulz(ahead[None])
        np.testing.assert_allclose(update, _newton_schulz(torch.from_numpy(ahead[None])).numpy(), atol=1e-12)
        ours = ours - 0.1 * np.sqrt(2) * update[0]
    np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=0.02)


def test_the_schedule_falls_from_one_to_zero():
    values = [cosine(k, 50) for k in range(51)]
    assert values[0] == 1
    assert values[-1] == 0
    assert values == sorted(values, reverse=True)


def test_the_best_network_is_kept_per_seed_and_numbers_that_are_none_do_not_count():
    best = BestSoFar(np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 1.0, 1.0]))
    spiked = best.update(np.array([[5.0], [np.nan], [7.0]]), np.array([0.5, np.nan, 20.0]))
    assert spiked.tolist() == [False, True, True]
    assert best.theta.tolist() == [[5.0], [2.0], [3.0]]
    assert best.losses.tolist() == [0.5, 1.0, 1.0]
