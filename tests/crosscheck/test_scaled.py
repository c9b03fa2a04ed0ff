"""The change of units is an identity: nothing about the stated problem is approximated."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex import objective, training_problem
from exactnet.crosscheck.initial import initial_weights
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import scale, to_two_layer
from exactnet.crosscheck.training import train
from exactnet.errors import InputError
from exactnet.model import Dataset
from tests.crosscheck.cases import DEGENERATE, SETTINGS, problem, problems


def is_power_of_two(q: Fraction) -> bool:
    return q > 0 and all(part & (part - 1) == 0 for part in (q.numerator, q.denominator))


@given(problems(), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_the_normalised_objective_is_the_stated_one_in_other_units(p, seed):
    scaled = scale(p)
    target = Objective(scaled, 4)
    theta = initial_weights(scaled, n_neurons=4, seeds=[seed])
    theta[:, -1] = 0.75 * (scaled.tau > 0)
    U, a, t = (part[0] for part in target.split(theta))
    stated = objective(p, to_two_layer(scaled, U, a, t))
    assert scaled.stated(float(target.value(theta)[0])) == pytest.approx(float(stated), rel=1e-13)


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_units_are_powers_of_two_and_sizes_are_near_one(name, norm, bias):
    scaled = scale(problem(DEGENERATE[name], "1/2", norm, bias))
    assert all(is_power_of_two(unit) for unit in (*scaled.unit_u, scaled.unit_a, scaled.unit_t))
    assert is_power_of_two(scaled.unit_loss)
    for part in (scaled.Z * scaled.penalised, scaled.y):
        assert np.linalg.norm(part) == 0 or 0.2 < np.linalg.norm(part) < 5


@given(p=st.integers(-6, 6), q=st.integers(-6, 6))
@settings(max_examples=10, deadline=None)
def test_data_in_other_units_train_to_the_same_network_in_other_units(p, q):
    rows, targets = [[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, Fraction(1, 2)]
    s, c = Fraction(4) ** p, Fraction(4) ** q
    other = training_problem(
        Dataset.from_arrays([[s * x for x in row] for row in rows], [c * y for y in targets]),
        beta=s * c / 2,
    )
    how = {"n_seeds": 2, "optimizer": "adam", "n_steps": 20, "n_neurons": 3}
    k = Fraction(2) ** (q - p)
    for plain, scaled in zip(train(problem(), **how), train(other, **how), strict=True):
        assert [(tuple(k * x for x in n.u), k * n.a) for n in plain.network.neurons] == [
            (n.u, n.a) for n in scaled.network.neurons
        ]


def test_numbers_beyond_float64_are_no_obstacle_when_their_ratios_are_not():
    (trained,) = train(problem(DEGENERATE["beyond floats"], "1/10"), n_seeds=1, n_steps=50)
    assert trained.network.neurons


def test_a_weight_decay_beyond_float64_is_refused():
    with pytest.raises(InputError, match="differ too much in size"):
        scale(problem(beta="1e400"))
    with pytest.raises(InputError, match="overflows float64 already at the starting networks"):
        train(problem(beta="2e309"), n_seeds=1)
