"""The problem as data: objective, conventions, conversions to and from networks."""

import math
from fractions import Fraction

import numpy as np
import pytest

from exactnet.certificate.types import Neuron
from exactnet.convex import (
    TwoLayer,
    from_network,
    objective,
    objective_enclosure,
    path_objective,
    predictions,
    to_network,
    training_problem,
)
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.model import Dataset, Network
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


def test_skip_connections_are_not_overlooked():
    layers = [(np.ones((2, 2)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    network = Network.from_arrays(layers, skips={(2, 0): [[1, 0]]})
    with pytest.raises(UnsupportedError, match="1 skip connections"):
        from_network(problem(A, 1, "l2", "none"), network)
    maxout = [(np.ones((4, 2)), np.zeros(4)), (np.ones((1, 2)), np.zeros(1))]
    with pytest.raises(UnsupportedError, match="maxout"):
        from_network(problem(A, 1, "l2", "none"), Network.from_arrays(maxout, activation="maxout", pieces=2))


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"loss": "hinge", "activation": "abs"},
            "sum_i max( 0, 1 - y_i ( sum_j a_j |x_i.w_j| ) ) + (1/2)/2 sum_j ( ||w_j||_2^2 + a_j^2 )",
        ),
        (
            {"loss": "logistic", "bias": "free", "norm": "linf"},
            "sum_i log( 1 + exp( -y_i ( sum_j a_j (x_i.w_j + b_j)_+ + t ) ) )"
            " + (1/2)/2 sum_j ( ||w_j||_inf^2 + a_j^2 )",
        ),
        (
            {"loss": "l1", "bias": "penalised", "activation": "leaky_relu", "slope": "1/10"},
            "sum_i | sum_j a_j phi(x_i.w_j + b_j) - y_i | + (1/2)/2 sum_j ( ||(w_j, b_j)||_2^2 + a_j^2 )"
            ", phi(s) = s for s >= 0, (1/10) s for s < 0",
        ),
    ],
)
def test_descriptions_of_the_family(terms, text):
    data = Dataset.from_arrays(A[0], [1, -1, 1, 1])
    assert training_problem(data, beta="1/2", **terms).describe() == text


@pytest.mark.parametrize(
    ("activation", "slope"), [("relu", None), ("abs", None), ("leaky_relu", "1/10"), ("leaky_relu", 2)]
)
@pytest.mark.parametrize("loss", ["squared", "l1", "hinge", "logistic"])
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_objective_by_hand(norm, loss, activation, slope):
    """Outputs by the exact forward pass of the network, loss and penalty written out here."""
    data = Dataset.from_arrays(A[0], [1, -1, 1, 1])
    task = training_problem(
        data, beta="1/3", norm=norm, loss=loss, bias="free", activation=activation, slope=slope
    )
    u, a, t = (Fraction(1, 2), Fraction(-2, 3), Fraction(1, 5)), Fraction(3, 4), Fraction(-1, 7)
    network = TwoLayer((Neuron(u, a),), t)
    fits = [value for (value,) in map(to_network(task, network), data.features.rows())]
    assert predictions(task, network) == tuple(fits)
    pairs = list(zip(fits, data.targets, strict=True))
    size = {"l1": Fraction(7, 6), "linf": Fraction(2, 3)}.get(norm)
    square = size**2 if size else Fraction(1, 4) + Fraction(4, 9)
    penalty = Fraction(1, 6) * (square + a * a)
    if loss == "logistic":
        value = sum(math.log1p(math.exp(-y * f)) for f, y in pairs)
        bounds = objective_enclosure(task, network)
        assert bounds.width < Fraction(1, 2**100)
        assert float(bounds.upper) == pytest.approx(value + float(penalty), rel=1e-13)
        with pytest.raises(UnsupportedError, match="objective_enclosure"):
            objective(task, network)
        return
    value = {
        "squared": sum((f - y) ** 2 for f, y in pairs) / 2,
        "l1": sum(abs(f - y) for f, y in pairs),
        "hinge": sum(max(0, 1 - y * f) for f, y in pairs),
    }[loss]
    assert objective(task, network) == value + penalty
    if size:
        assert path_objective(task, network) == value + Fraction(1, 3) * size * a


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "one hidden ReLU layer"),
        ({"activation": "abs"}, "one hidden absolute-value layer"),
        ({"activation": "leaky_relu", "slope": "1/5"}, "another slope"),
    ],
)
def test_networks_of_another_activation(terms, message):
    layers = [(np.ones((2, 2)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    network = Network.from_arrays(layers, activation="leaky_relu", slope=Fraction(1, 10))
    with pytest.raises(UnsupportedError, match=message):
        from_network(training_problem(Dataset.from_arrays(*A), beta=1, **terms), network)
    same = training_problem(Dataset.from_arrays(*A), beta=1, activation="leaky_relu", slope="1/10")
    assert to_network(same, from_network(same, network))([3, -5]) == network([3, -5])


def test_descriptions_name_the_stated_objective():
    assert problem(A, "1/2", "l1", "free").describe() == (
        "1/2 sum_i ( sum_j a_j (x_i.w_j + b_j)_+ + t - y_i )^2 + (1/2)/2 sum_j ( ||w_j||_1^2 + a_j^2 )"
    )
    assert "||(w_j, b_j)||_2^2" in problem(A, 1, "l2", "penalised").describe()
