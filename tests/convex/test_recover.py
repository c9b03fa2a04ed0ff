"""Back to a network: merging and pruning keep the function, snapping makes walls exact."""

from fractions import Fraction

import numpy as np
import pytest

from exactnet.certificate.types import Neuron
from exactnet.convex import TwoLayer, objective
from exactnet.convex.recover import prune, snap_to_walls
from tests.convex.problems import A, problem


@pytest.mark.parametrize("seed", range(5))
def test_pruning_keeps_the_fit_and_never_raises_the_penalty(seed):
    random = np.random.default_rng(seed)
    rows = random.standard_normal((5, 2))
    vectors = [(int(random.choice([-1, 1])), random.standard_normal(2)) for _ in range(14)]
    vectors += [(vectors[0][0], 2 * vectors[0][1]), (vectors[1][0], vectors[1][1])]

    def fit(items):
        return sum((s * np.maximum(rows @ z, 0) for s, z in items), np.zeros(5))

    pruned = prune(rows, vectors, [0, 1])
    assert len(pruned) <= 5
    np.testing.assert_allclose(fit(pruned), fit(vectors), atol=1e-8)
    assert sum(np.linalg.norm(z) for _, z in pruned) <= sum(np.linalg.norm(z) for _, z in vectors) + 1e-9


def test_pruning_of_nothing():
    assert prune(np.zeros((3, 2)), [], [0, 1]) == []


def test_snapping_puts_a_neuron_exactly_on_its_wall():
    task = problem(A, "1/2")
    u = tuple(
        Fraction(float(x)) for x in (0.3 * 2.0**0.5, 0.15 * 2.0**0.5)
    )  # orthogonal to x2 up to rounding
    snapped = snap_to_walls(
        task, TwoLayer((Neuron(u, Fraction(1)), Neuron((Fraction(1), Fraction(5)), Fraction(1))))
    )
    assert -snapped.neurons[0].u[0] + 2 * snapped.neurons[0].u[1] == 0
    assert snapped.neurons[1].u == (1, 5)
    assert abs(
        objective(task, snapped) - objective(task, TwoLayer((Neuron(u, Fraction(1)), snapped.neurons[1])))
    ) < Fraction(1, 10**12)
