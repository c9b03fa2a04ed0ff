"""Pruning: the same predictions, no larger penalty, independent outputs, at most n neurons (C05)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Neuron
from exactnet.convex import TwoLayer, optimum, path_objective, predictions
from exactnet.convex.pruning import pruned
from exactnet.exact import rank
from tests.convex.problems import XOR, A, problem, tied_problems


def penalty(task, network):
    """sum ||u|| |a| in floats."""
    order = {"l1": 1, "l2": 2, "linf": np.inf}[str(task.norm)]
    return sum(
        np.linalg.norm([float(n.u[k]) for k in task.penalised], order) * abs(float(n.a))
        for n in network.neurons
    )


def assert_pruned(task, network):
    fewer = pruned(task, network)
    assert predictions(task, fewer) == predictions(task, network)
    outputs = [predictions(task, TwoLayer((neuron,))) for neuron in fewer.neurons]
    assert len(outputs) <= task.n_samples
    assert (rank(outputs) if outputs else 0) == len(outputs)
    if task.is_polyhedral:
        assert path_objective(task, fewer) <= path_objective(task, network)
    assert penalty(task, fewer) <= penalty(task, network) * (1 + 1e-12)
    return fewer


@settings(max_examples=60, deadline=None)
@given(tied_problems(norms=("l1", "l2", "linf")), st.data())
def test_random_networks_on_degenerate_data(task, draw):
    small = st.integers(-2, 2).map(Fraction)
    neuron = st.builds(Neuron, st.tuples(*[small] * task.dimension), small)
    assert_pruned(task, TwoLayer(tuple(draw.draw(st.lists(neuron, max_size=9)))))


@pytest.mark.parametrize(("data", "width"), [(A, 3), (XOR, 4)])
def test_an_optimum_that_is_spread_out_is_gathered(data, width):
    """Optimal neurons split into two each: pruning finds the minimal width of the fact sheet again."""
    best = optimum(problem(data, "1/2")).value
    parts = [
        Neuron(tuple(scale * x for x in n.u), n.a * share / scale)
        for n in best.network.neurons
        for share, scale in ((Fraction(1, 3), Fraction(2)), (Fraction(2, 3), Fraction(1, 5)))
    ]
    fewer = assert_pruned(best.problem, TwoLayer(tuple(parts)))
    assert len(fewer.neurons) == width
