"""Polished neurons are wedge products, and trained networks become exact ones."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate.types import Neuron
from exactnet.convex import TwoLayer, objective, optimum, path_objective, training_problem
from exactnet.convex.wedge_polish import polished_to_wedges
from exactnet.crosscheck import train
from exactnet.errors import UnsupportedError
from exactnet.exact import rank
from exactnet.model import Dataset

A = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
ENTRIES = st.sampled_from([0, 0, 1, -1, 2, -3, Fraction(1, 2)])
Vector = tuple[Fraction, ...]


@pytest.mark.parametrize("bias", ["none", "free"])
def test_a_trained_network_reaches_the_exact_optimum(bias: str) -> None:
    """2161/1575 without a bias, 1157/1296 with a free one: the neurons of both optima are wedge products."""
    problem = training_problem(A, beta="1/2", norm="l1", bias=bias)
    best = {"none": Fraction(2161, 1575), "free": Fraction(1157, 1296)}[bias]
    assert optimum(problem).value.upper == best
    gaps = []
    for trained in train(problem, n_seeds=4, n_neurons=12):
        before = path_objective(problem, trained.network)
        after = path_objective(problem, polished_to_wedges(problem, trained.network))
        assert after <= before + Fraction(1, 10**9)  # the refit is a float one
        gaps.append(after - best)
    assert min(gaps) >= 0
    assert min(gaps) < Fraction(1, 10**9)


@given(
    st.lists(st.tuples(ENTRIES, ENTRIES, ENTRIES), min_size=1, max_size=5),
    st.lists(st.tuples(ENTRIES, ENTRIES, ENTRIES, ENTRIES), max_size=3),
    st.sampled_from(["l1", "l2"]),
)
@settings(deadline=None, max_examples=40)
def test_polished_neurons_are_orthogonal_to_what_spans_a_plane(
    rows: list[Vector], weights: list[Vector], norm: str
) -> None:
    """To two independent members in space; or there were too few of them: the direction is the old one."""
    problem = training_problem(Dataset.from_arrays(rows, [1] * len(rows)), beta="1/10", norm=norm)
    network = TwoLayer(tuple(Neuron(tuple(map(Fraction, u)), Fraction(a)) for *u, a in weights))
    members = [list(row) for row in problem.homogenised]
    if norm == "l1":
        members += [[Fraction(i == k) for i in range(3)] for k in range(3)]
    for neuron in polished_to_wedges(problem, network).neurons:
        tight = [m for m in members if abs(_product(m, neuron.u)) < Fraction(1, 2**40)]
        spanned = rank(tight) if tight else 0
        assert spanned >= 2 or any(_are_parallel(old.u, neuron.u) for old in network.neurons)


def _product(one: list[Fraction], other: Vector) -> Fraction:
    return sum((x * y for x, y in zip(one, other, strict=True)), Fraction(0))


def _are_parallel(one: Vector, other: Vector) -> bool:
    """Up to the rounding of the refit."""
    pairs = [(i, j) for i in range(len(one)) for j in range(i)]
    return all(abs(one[i] * other[j] - one[j] * other[i]) < Fraction(1, 2**30) for i, j in pairs)


def test_nothing_to_polish() -> None:
    problem = training_problem(A, beta="1/2", norm="l1")
    assert polished_to_wedges(problem, TwoLayer(())) == TwoLayer(())
    line = training_problem(Dataset.from_arrays([[1], [2]], [1, 2]), beta="1/2", norm="l1")
    (neuron,) = polished_to_wedges(line, TwoLayer((Neuron((Fraction(3),), Fraction(1)),))).neurons
    assert neuron.u[0] > 0
    assert objective(line, TwoLayer((neuron,))) >= optimum(line).value.lower


def test_other_problems_are_refused() -> None:
    problem = training_problem(A, beta="1/2", norm="linf")
    with pytest.raises(UnsupportedError, match="polished"):
        polished_to_wedges(problem, TwoLayer(()))
