"""The problem as data: objective, conventions, conversions to and from networks."""

from fractions import Fraction

import numpy as np
import pytest

from exactnet.certificate.types import Neuron
from exactnet.convex import TwoLayer, from_network, objective, path_objective, predictions, to_network
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.model import Network
from tests.convex.problems import A, problem

F = Fraction


def network(bias):
    tail = () if bias == "none" else (F(1, 3),)
    neurons = (Neuron((F(1), F(-2), *tail), F(3)), Neuron((F(0), F(1, 2), *tail), F(-1)))
    return TwoLayer(neurons, F(1, 5) if bias == "free" else F(0))


def by_hand(data, net, norm, bias, beta):
    """The objective written out from its definition."""
    total = F(0)
    for x, y in zip(*data, strict=True):
        z = [F(t) for t in x] + ([] if bias == "none" else [F(1)])
        f = net.t
        for n in net.neurons:
            f += n.a * max(F(0), sum(p * q for p, q in zip(z, n.u, strict=True)))
        total += (f - F(y)) ** 2 / 2
    for n in net.neurons:
        w = n.u if bias != "free" else n.u[:-1]
        square = sum(map(abs, w)) ** 2 if norm == "l1" else sum(x * x for x in w)
        total += beta / 2 * (square + n.a**2)
    return total


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_objective_is_its_definition(norm, bias):
    task = problem(A, "1/3", norm, bias)
    assert objective(task, network(bias)) == by_hand(A, network(bias), norm, bias, F(1, 3))


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_round_trip_through_network(bias):
    task = problem(A, "1/3", "l2", bias)
    net = network(bias)
    deep = to_network(task, net)
    assert from_network(task, deep) == net
    assert tuple(deep(row)[0] for row in A[0]) == predictions(task, net)


def test_path_objective_is_the_infimum_over_rescalings():
    task = problem(A, "1/3", "l1")
    net = network("none")
    reached = [
        objective(task, TwoLayer(tuple(Neuron(tuple(c * x for x in n.u), n.a / c) for n in net.neurons)))
        for c in (F(1, 3), F(1), F(5, 4), F(2))
    ]
    assert all(path_objective(task, net) <= value for value in reached)
    with pytest.raises(UnsupportedError):
        path_objective(problem(A, 1), net)


def test_empty_network_is_zero():
    task = problem(A, 1)
    assert predictions(task, TwoLayer(())) == (0, 0, 0, 0)
    assert to_network(task, TwoLayer(()))([5, 7]) == (0,)


@pytest.mark.parametrize(
    ("layers", "bias", "error", "message"),
    [
        (
            [(np.ones((2, 3)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))],
            "none",
            ShapeError,
            "feature counts",
        ),
        (
            [(np.ones((2, 2)), np.ones(2)), (np.ones((1, 2)), np.zeros(1))],
            "none",
            InputError,
            "hidden biases",
        ),
        (
            [(np.ones((2, 2)), np.ones(2)), (np.ones((1, 2)), np.ones(1))],
            "penalised",
            InputError,
            "output bias",
        ),
        (
            [(np.ones((2, 2)), np.zeros(2)), (np.ones((2, 2)), np.zeros(2))],
            "none",
            UnsupportedError,
            "2 outputs",
        ),
        ([(np.ones((1, 2)), np.zeros(1))], "none", UnsupportedError, "1 layers"),
    ],
)
def test_networks_that_do_not_fit(layers, bias, error, message):
    with pytest.raises(error, match=message):
        from_network(problem(A, 1, "l2", bias), Network.from_arrays(layers))


def test_descriptions_name_the_stated_objective():
    assert problem(A, "1/2", "l1", "free").describe() == (
        "1/2 sum_i ( sum_j a_j (x_i.w_j + b_j)_+ + t - y_i )^2 + (1/2)/2 sum_j ( ||w_j||_1^2 + a_j^2 )"
    )
    assert "||(w_j, b_j)||_2^2" in problem(A, 1, "l2", "penalised").describe()
