"""The smallest interpolating network: closed forms in one dimension, a second programme, impossible data."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.convex import interpolation, optimum, predictions, training_problem
from exactnet.errors import InputError, LimitReached, UnsupportedError
from exactnet.model import Dataset
from tests.convex.problems import DUP, A, B


def variation(xs, ys):
    """min over a, b of max(|s_1 - a| + sum |s_(k+1) - s_k| + |b - s_(n-1)|, |a + b|), by its kinks."""
    order = sorted(zip(xs, ys, strict=True))
    slopes = [Fraction(q[1] - p[1], q[0] - p[0]) for p, q in pairwise(order)]
    if not slopes:
        return Fraction(0)
    inner = sum(abs(t - s) for s, t in pairwise(slopes))
    total = abs(slopes[0] + slopes[-1])
    # moving a or b by e costs e and lowers |a + b| by e: meet half way
    return max(inner, (inner + total) / 2)


@pytest.mark.parametrize(
    ("xs", "ys", "value"),
    [
        ((0, 2, 6, 7), (0, 0, 3, 3), "3/2"),
        ((0, 2, 6, 7), (0, 0, 3, 7), "4"),
        ((0, 4, 5, 7, 10, 11), (0, 0, 0, 2, 3, 3), "2"),
    ],
)
def test_oracles_of_the_fact_sheet(xs, ys, value):
    result = interpolation(Dataset.from_arrays([[x] for x in xs], ys), bias="free")
    assert result.value.cost == Fraction(value) == variation(xs, ys)
    assert result.check().accepted


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=6, unique=True), st.data())
def test_total_variation_in_one_dimension(xs, data):
    ys = [data.draw(st.integers(-5, 5)) for _ in xs]
    for norm in ("l1", "l2", "linf"):  # one coordinate has one norm
        result = interpolation(Dataset.from_arrays([[x] for x in xs], ys), bias="free", norm=norm)
        assert result.value.cost == variation(xs, ys)


@pytest.mark.parametrize("activation", ["relu", "abs"])
@pytest.mark.parametrize("norm", ["l1", "linf"])
@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
@pytest.mark.parametrize("data", [A, B])
def test_it_is_the_limit_of_training(data, bias, norm, activation):
    """cost - beta |v|^2/2 <= optimum / beta <= cost: v scaled by beta is feasible for training."""
    dataset = Dataset.from_arrays(*data)
    result = interpolation(dataset, bias=bias, norm=norm, activation=activation)
    if result.status is Status.REFUTED:
        assert activation == "abs"
        return
    assert result.check().accepted
    beta = Fraction(1, 10**6)
    terms = {"beta": beta, "bias": bias, "norm": norm, "activation": activation}
    found = result.value
    assert predictions(training_problem(dataset, **terms), found.network) == dataset.targets
    ratio = optimum(dataset, **terms).value.upper / beta
    square = sum(x * x for x in found.dual)
    assert found.cost - beta * square / 2 <= ratio <= found.cost
    assert len(found.formulas) == len(found.network.neurons) <= len(dataset.targets)


@pytest.mark.parametrize(
    ("data", "bias"), [(DUP, "none"), (DUP, "free"), (([[0]], [1]), "none"), (([[1], [1]], [1, 2]), "free")]
)
def test_data_that_no_network_fits(data, bias):
    result = interpolation(Dataset.from_arrays(*data), bias=bias)
    assert result.status is Status.REFUTED
    assert result.value is None
    assert result.check().accepted


@pytest.mark.parametrize(("data", "bias"), [(([[0]], [1]), "free"), (([[0, 0]], [0]), "none")])
def test_data_without_effort(data, bias):
    result = interpolation(Dataset.from_arrays(*data), bias=bias)
    assert result.value.cost == 0
    assert result.check().accepted


def test_what_is_not_offered():
    with pytest.raises(UnsupportedError, match=r"l2 of 2 coordinates[\s\S]*norm='l1'"):
        interpolation(Dataset.from_arrays(*A), norm="l2")
    random = np.random.default_rng(0)
    with pytest.raises(LimitReached):
        interpolation(Dataset.from_arrays(random.integers(-9, 9, (30, 3)), range(30)), max_atoms=50)


def test_training_without_weight_decay_points_here():
    with pytest.raises(InputError, match="interpolation"):
        training_problem(Dataset.from_arrays(*A), beta=0)
