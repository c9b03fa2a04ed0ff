"""Starting networks and minibatches belong to the seed alone."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from exactnet.crosscheck.initial import default_batch_size, default_width, initial_weights, minibatches
from exactnet.crosscheck.objective import split
from exactnet.crosscheck.scaled import scale
from tests.crosscheck.cases import SETTINGS, problem


def test_a_seed_is_one_network_however_many_seeds_there_are():
    scaled = scale(problem())
    many = initial_weights(scaled, n_neurons=5, seeds=range(8))
    assert (many[3] == initial_weights(scaled, n_neurons=5, seeds=[3])[0]).all()
    assert len({row.tobytes() for row in many}) == 8


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_neurons_start_balanced_and_without_output_bias(norm, bias):
    scaled = scale(problem(norm=norm, bias=bias))
    theta = initial_weights(scaled, n_neurons=50, seeds=range(4))
    U, a, t = split(theta, n_neurons=50, dimension=scaled.dimension)
    np.testing.assert_allclose(np.sqrt((U * U * scaled.penalised).sum(axis=2)), np.abs(a))
    assert not t.any()
    assert (a > 0).any(axis=1).all()
    assert (a < 0).any(axis=1).all()


@pytest.mark.parametrize(("n_samples", "width"), [(1, 10), (5, 10), (6, 12), (32, 64), (33, 64), (10**6, 64)])
def test_the_default_width_grows_with_the_samples_up_to_a_limit(n_samples, width):
    assert default_width(n_samples) == width


@pytest.mark.parametrize(("n_samples", "size"), [(1, 1), (3, 1), (4, 1), (8, 2), (1000, 32)])
def test_batches_are_a_quarter_of_the_samples(n_samples, size):
    assert default_batch_size(n_samples) == size


def test_an_epoch_sees_every_sample_once_and_each_seed_has_its_own_order():
    batches = np.array(list(islice(minibatches(12, batch_size=3, seeds=[4, 5]), 8)))
    for epoch in (batches[:4], batches[4:]):
        for s in range(2):
            assert sorted(epoch[:, s].ravel().tolist()) == list(range(12))
    assert (batches[:, 0] != batches[:, 1]).any()
    assert (batches[:4] != batches[4:]).any()
    alone = np.array(list(islice(minibatches(12, batch_size=3, seeds=[5]), 8)))
    assert (alone[:, 0] == batches[:, 1]).all()


def test_samples_that_fill_no_batch_wait_for_the_next_epoch():
    batches = np.array(list(islice(minibatches(5, batch_size=2, seeds=[0]), 2)))
    assert len(set(batches.ravel().tolist())) == 4
