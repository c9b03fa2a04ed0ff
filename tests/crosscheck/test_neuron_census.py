"""The census against its definitions, in plain fractions, and what merging is good for."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate.types import Neuron
from exactnet.convex import TwoLayer, path_objective, predictions
from exactnet.crosscheck import approx_wall_distance, census
from tests.crosscheck.cases import problem, problems, trained_on_a


def inner(z, u) -> Fraction:
    return sum((x * y for x, y in zip(z, u, strict=True)), Fraction(0))


@st.composite
def problems_with_networks(draw):
    p = draw(problems())
    small = st.integers(-2, 2).map(Fraction)
    weights = st.tuples(*[small] * p.dimension)
    neurons = draw(st.lists(st.builds(Neuron, weights, small), max_size=6))
    return p, TwoLayer(tuple(neurons))


def active(p, u):
    return frozenset(i for i, z in enumerate(p.homogenised) if inner(z, u) > 0)


def parallel(u, v) -> bool:
    return (
        any(u)
        and inner(u, v) > 0
        and all(u[i] * v[j] == u[j] * v[i] for i, j in combinations(range(len(u)), 2))
    )


@given(problems_with_networks())
@settings(max_examples=80, deadline=None)
def test_the_definitions(case):
    p, network = case
    neurons = network.neurons
    found = census(p, network)
    assert found.dead == tuple(j for j, n in enumerate(neurons) if n.a == 0 or not active(p, n.u))
    walls = {
        j: tuple(i for i, z in enumerate(p.homogenised) if any(z) and inner(z, n.u) == 0)
        for j, n in enumerate(neurons)
        if any(n.u)
    }
    assert found.on_walls == tuple((j, samples) for j, samples in walls.items() if samples)
    together = {pair for group in found.duplicates for pair in combinations(group, 2)}
    assert together == {
        (i, j) for i, j in combinations(range(len(neurons)), 2) if parallel(neurons[i].u, neurons[j].u)
    }
    together = {pair for group in found.mergeable for pair in combinations(group, 2)}
    assert together == {
        (i, j)
        for i, j in combinations(set(range(len(neurons))) - set(found.dead), 2)
        if active(p, neurons[i].u) == active(p, neurons[j].u) and neurons[i].a * neurons[j].a > 0
    }


@given(problems_with_networks())
@settings(max_examples=60, deadline=None)
def test_merging_changes_no_prediction_and_costs_nothing(case):
    p, network = case
    found = census(p, network)
    gone = {j for group in found.mergeable for j in group} | set(found.dead)
    kept = [neuron for j, neuron in enumerate(network.neurons) if j not in gone]
    for group in found.mergeable:
        members = [network.neurons[j] for j in group]
        u = tuple(sum(abs(n.a) * n.u[k] for n in members) for k in range(p.dimension))
        kept.append(Neuron(u, Fraction(1 if members[0].a > 0 else -1)))
    merged = TwoLayer(tuple(kept))
    assert predictions(p, merged) == predictions(p, network)
    if p.is_polyhedral:
        assert path_objective(p, merged) <= path_objective(p, network)


def test_the_empty_network_and_the_zero_neuron():
    p = problem()
    assert census(p, TwoLayer(())) == census(p, TwoLayer(()))
    zero = Neuron((Fraction(0), Fraction(0)), Fraction(1))
    found = census(p, TwoLayer((zero, zero)))
    assert found.dead == (0, 1)
    assert (found.on_walls, found.duplicates, found.mergeable) == ((), (), ())


def test_zero_rows_have_no_wall():
    p = problem(([[0, 0], [1, 0]], [1, 2]))
    found = census(p, TwoLayer((Neuron((Fraction(0), Fraction(1)), Fraction(1)),)))
    assert found.on_walls == ((0, (1,)),)


def test_a_sign_that_floats_get_wrong():
    # 0.1 + 0.2 - 0.3 is not zero in floats, and 2^-60 is not zero in fractions
    p = problem(([["1/10", "1/5", "-3/10"]], [1]))
    ones = tuple(Fraction(1) for _ in range(3))
    almost = (Fraction(1) + Fraction(1, 2**60), *ones[1:])
    found = census(p, TwoLayer((Neuron(ones, Fraction(1)), Neuron(almost, Fraction(1)))))
    assert found.on_walls == ((0, (0,)),)
    assert found.dead == (0,)
    assert found.duplicates == ()


def test_trained_neurons_come_near_walls_without_being_on_them():
    # two of the three optimal neurons of this problem vanish on a sample
    p = problem()
    best = min(trained_on_a("lbfgs"), key=lambda trained: trained.approx_loss)
    alive = [n for j, n in enumerate(best.network.neurons) if j not in census(p, best.network).dead]
    near = [n for n in alive if approx_wall_distance(p, n) < 1e-4 and abs(n.a) > Fraction(1, 100)]
    assert near


@pytest.mark.parametrize("scale", [Fraction(1), Fraction(10) ** 400, Fraction(1, 10**400)])
def test_the_wall_distance_is_an_angle(scale):
    p = problem(([[0, 0], [1, 1]], [1, 2]))
    on_wall = Neuron((scale, -scale), Fraction(1))
    aligned = Neuron((scale, scale), Fraction(1))
    assert approx_wall_distance(p, on_wall) == 0
    assert approx_wall_distance(p, aligned) == pytest.approx(1)
    assert approx_wall_distance(p, Neuron((Fraction(0), Fraction(0)), Fraction(1))) == 1
