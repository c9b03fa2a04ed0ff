"""Stationary networks against the programmes restricted to their patterns: oracles of the fact sheet."""

from fractions import Fraction
from itertools import combinations

import pytest

from exactnet.certificate import Neuron
from exactnet.convex import TwoLayer, objective, optimum, training_problem
from exactnet.convex.stationary import restricted_optimum, strict_patterns
from exactnet.crosscheck import train
from exactnet.errors import ShapeError, UnsupportedError
from exactnet.model import Dataset
from tests.convex.problems import XOR, A, problem

# fact sheet, 6.5: the stationary values of two neurons on A at beta = 1/2, from sixty starts; the second is
# also the smallest value of one neuron
STATIONARY = (1.375163, 1.676557, 2.423155, 2.522214, 2.724548, 2.823607)


@pytest.mark.parametrize("width", [1, 2])
def test_trained_networks_are_optima_of_their_own_patterns(width):
    task = problem(A, "1/2")
    reached = set()
    for trained in train(task, n_neurons=width, n_seeds=20):
        value = float(objective(task, trained.network))
        oracle = min(STATIONARY, key=lambda s: abs(s - value))
        if abs(value - oracle) > 1e-5 or oracle in reached:
            continue  # stuck at a kink, or seen
        reached.add(oracle)
        result = restricted_optimum(task, trained.network)
        assert result.check().accepted
        assert float(result.value.lower) == pytest.approx(oracle, abs=2e-6)
        assert float(result.value.upper) == pytest.approx(oracle, abs=2e-6)
        assert abs(result.value.excess.upper) < Fraction(1, 10**6)
    assert len(reached) >= 1


# a point inside each of the eight cells of A
CELLS = {
    "0011": (-5, -5),
    "0111": (-5, -2),
    "0110": (-5, -1),
    "0100": (-4, 5),
    "1100": (-2, 5),
    "1001": (1, 0),
    "1011": (2, -3),
    "1000": (5, 2),
}


def with_patterns(*patterns):
    return TwoLayer(tuple(Neuron(tuple(map(Fraction, CELLS[p])), Fraction(1)) for p in patterns))


def test_all_patterns_give_the_optimum():
    task = problem(A, "1/2")
    best = optimum(task).value
    found = restricted_optimum(task, with_patterns(*CELLS)).value
    assert set(found.patterns) == set(CELLS)
    assert found.lower <= best.upper
    assert found.upper >= best.lower
    assert found.upper - found.lower < Fraction(1, 10**8)
    assert found.excess.lower > 0


@pytest.mark.parametrize(
    ("n_patterns", "best", "worst"), [(1, 1.63819154, 2.93298374), (2, 1.07377018, 2.72454774)]
)
def test_best_and_worst_subsets_of_patterns(n_patterns, best, worst):
    """Fact sheet, 6.5: two well-chosen patterns suffice on A, although m* = 3."""
    task = problem(A, "1/2")
    values = [
        restricted_optimum(task, with_patterns(*chosen)).value.upper
        for chosen in combinations(CELLS, n_patterns)
    ]
    assert float(min(values)) == pytest.approx(best, abs=1e-7)
    assert float(max(values)) == pytest.approx(worst, abs=1e-7)


def test_patterns_are_strict_and_dead_neurons_have_none():
    task = problem(XOR, "1/2")
    neurons = [
        Neuron((Fraction(1), Fraction(1)), Fraction(1)),  # on the walls of two samples
        Neuron((Fraction(0), Fraction(0)), Fraction(1)),
        Neuron((Fraction(1), Fraction(0)), Fraction(0)),
    ]
    assert strict_patterns(task, TwoLayer(tuple(neurons))) == ("1000",)
    nothing = restricted_optimum(task, TwoLayer(tuple(neurons[1:]))).value
    assert nothing.patterns == ()
    assert nothing.lower == pytest.approx(2, rel=1e-12)
    assert nothing.upper == 2


def test_scope():
    with pytest.raises(UnsupportedError):
        restricted_optimum(problem(A, "1/2", "l1"), TwoLayer(()))
    with pytest.raises(UnsupportedError):
        restricted_optimum(training_problem(Dataset.from_arrays(*XOR), beta=1, loss="hinge"), TwoLayer(()))
    with pytest.raises(ShapeError):
        strict_patterns(problem(A, "1/2"), TwoLayer((Neuron((Fraction(1),), Fraction(1)),)))
