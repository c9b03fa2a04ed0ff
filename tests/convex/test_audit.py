"""Audits: the proved interval holds the optimum of the fact sheets; good networks get small gaps."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Neuron, Status, check_text
from exactnet.certificate.types import GapRecord
from exactnet.certificate.write import certificate_text
from exactnet.convex import TwoLayer, audit, objective, optimum, path_objective, training_problem
from exactnet.convex.refit import refitted
from exactnet.errors import InputError, LimitReached, ShapeError, UnsupportedError
from exactnet.model import Dataset, Network
from tests.convex.problems import DUP, XOR, A, B, Q, problem, tied_problems

# (data, beta, norm, bias, optimum): the oracles of the fact sheets
OPTIMA = [
    (A, "1/2", "l2", "none", "1.073770178483"),
    (A, "1/10", "l2", "none", "0.238967477525"),
    (A, "1/2", "l2", "free", "0.709930567431"),
    (XOR, "1/2", "l2", "none", "1.1642135624"),
    (DUP, "3/10", "l2", "none", "5.7302603544"),
    (B, "1/2", "l2", "none", "1.3966319177"),
    (Q, "1/20", "l2", "penalised", "0.2109219876"),
    (A, "1/2", "l1", "none", Fraction(2161, 1575)),
    (A, "1/10", "l1", "free", Fraction(6557, 32400)),
    (B, "1/2", "l1", "none", Fraction(198675567, 99123200)),
    (Q, "1/20", "l2", "free", Fraction(7, 40)),
    (A, "1/2", "linf", "none", "0.9421527778"),
]
_PRINTED = Fraction(1, 10**9)


def random_network(task, seed, width=4):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(width, task.dimension + 1))
    return TwoLayer(
        tuple(Neuron(tuple(map(Fraction, row[:-1])), Fraction(row[-1])) for row in weights.tolist())
    )


@pytest.mark.parametrize(("data", "beta", "norm", "bias", "value"), OPTIMA)
def test_the_interval_holds_the_optimum(data, beta, norm, bias, value):
    task = problem(data, beta, norm, bias)
    for network in (TwoLayer(()), random_network(task, 1), random_network(task, 2, width=12)):
        result = audit(network, task)
        found = result.value
        assert found.objective == objective(task, network)
        assert found.lower <= Fraction(value) + _PRINTED
        assert found.upper >= Fraction(value) - _PRINTED
        assert 0 <= found.gap_lower <= found.objective - Fraction(value) + _PRINTED
        assert found.gap_upper >= found.objective - Fraction(value) - _PRINTED
        assert found.refit <= found.objective
        assert result.status is Status.PROVED
        assert result.check().accepted


@pytest.mark.parametrize(("data", "beta", "norm", "bias", "value"), OPTIMA)
def test_an_optimal_network_is_recognised_without_solving(data, beta, norm, bias, value):
    best = optimum(problem(data, beta, norm, bias)).value
    found = audit(best.network, best.problem).value
    assert found.upper - found.lower <= Fraction(1, 10**7) * found.upper
    if best.is_exact:
        # the checker's bound for the l1 norm is the infimum over rescalings of the network
        assert found.lower == found.upper == best.upper == path_objective(best.problem, best.network)


def test_a_balanced_exact_optimum_has_gap_zero():
    # x = (-1, 1): the samples decouple, and each neuron fits its target minus beta (fact sheet, O1); the
    # targets make these amounts squares, 1/4 and 1, so that the balanced network is rational
    data = Dataset.from_arrays([[-1], [1]], [Fraction(1, 4) + Fraction(1, 10), Fraction(11, 10)])
    network = TwoLayer(
        (
            Neuron((Fraction(-1, 2),), Fraction(1, 2)),
            Neuron((Fraction(1),), Fraction(1)),
        )
    )
    result = audit(network, data, beta="1/10")
    assert result.value.gap_upper == 0
    assert result.value.is_optimal is True
    assert result.sentence.startswith("globally optimal")
    assert result.check().accepted


@pytest.mark.parametrize(
    ("norm", "bias"), [("l2", "none"), ("l2", "penalised"), ("l2", "free"), ("l1", "none")]
)
def test_the_zero_network_above_beta_max_is_optimal_exactly(norm, bias):
    thirds = ([[2, 1], [-1, 2], [-1, -1]], ["1/3", "-2/3", "1/7"])
    task = problem(thirds, 100, norm, bias)
    targets = task.targets
    t = sum(targets) / 3 if bias == "free" else Fraction(0)
    result = audit(TwoLayer((), t), task)
    assert result.value.gap_upper == 0
    assert result.check().accepted


def test_unbalanced_and_dead_neurons_are_seen_through():
    best = optimum(problem(A, "1/2")).value
    spoilt = tuple(Neuron(tuple(8 * x for x in n.u), n.a / 8) for n in best.network.neurons)
    dead = Neuron((Fraction(0), Fraction(0)), Fraction(3))
    found = audit(TwoLayer((*spoilt, dead)), best.problem).value
    assert found.gap_lower > 1
    assert found.upper - found.lower < Fraction(1, 10**7)
    assert found.is_optimal is False


def test_refining_computes_the_optimum():
    task = problem(A, "1/2")
    rough = audit(random_network(task, 5), task)
    fine = audit(random_network(task, 5), task, refine=True)
    assert fine.value.lower >= rough.value.lower
    assert fine.value.upper - fine.value.lower < Fraction(1, 10**9)
    assert fine.value.n_patterns == 8
    assert fine.value.refined
    assert fine.check().accepted
    exact = audit(random_network(task, 5), problem(A, "1/2", "l1"), refine=True)
    assert exact.value.lower == exact.value.upper == Fraction(2161, 1575)
    assert exact.value.gap_lower == exact.value.gap_upper
    assert exact.check().accepted


@pytest.mark.parametrize(
    ("d", "bias"), [(2, "none"), (2, "penalised"), (3, "none"), (2, "free"), (4, "none")]
)
def test_planted_networks_have_small_gaps_on_rounded_data(d, bias):
    rng = np.random.default_rng(d)
    X = rng.normal(size=(25 if d < 4 else 9, d)).round(1)
    y = np.maximum(X @ rng.normal(size=d), 0).round(1)
    task = training_problem(Dataset.from_arrays(X.tolist(), y.tolist()), beta="1/4", bias=bias)
    best = optimum(task)
    found = audit(best.value.network, task)
    assert found.value.lower <= best.value.upper
    assert found.value.gap_upper <= Fraction(1, 10**6) * found.value.objective
    assert found.check().accepted


@settings(max_examples=40, deadline=None)
@given(tied_problems(), st.data())
def test_degenerate_data(task, draw):
    small = st.integers(-2, 2).map(Fraction)
    neuron = st.builds(Neuron, st.tuples(*[small] * task.dimension), small)
    network = TwoLayer(tuple(draw.draw(st.lists(neuron, max_size=4))))
    result = audit(network, task)
    best = optimum(task).value
    assert result.check().accepted
    assert result.value.lower <= best.upper
    assert result.value.upper >= best.lower
    better = refitted(task, network)
    assert better is not None
    slack = Fraction(1, 10**6) * (1 + result.value.objective)
    assert path_or_objective(task, better) <= path_or_objective(task, network) + slack


def path_or_objective(task, network):
    return path_objective(task, network) if task.is_polyhedral else objective(task, network)


def test_huge_and_tiny_numbers():
    data = Dataset.from_arrays([[1, 2], [3, -1]], ["1e40", "-1e40"])
    found = audit(TwoLayer((Neuron((Fraction(1), Fraction(0)), Fraction(1)),)), data, beta="1/2")
    assert found.check().accepted
    beyond = Neuron((Fraction(10) ** 400, Fraction(0)), Fraction(1))
    with pytest.raises(UnsupportedError, match="too large"):
        audit(TwoLayer((beyond,)), data, beta="1/2")
    assert audit(TwoLayer((beyond,)), data, beta="1/2", norm="l1").check().accepted


def test_a_changed_gap_is_rejected():
    result = audit(TwoLayer(()), problem(A, "1/2"))
    records = list(result.certificate.records)
    gap = records[-1]
    assert isinstance(gap, GapRecord)
    for changed in (
        GapRecord(gap.id, gap.evaluation, gap.optimum, gap.lower, gap.upper * Fraction(999, 1000)),
        GapRecord(gap.id, gap.evaluation, gap.optimum, gap.lower + Fraction(1, 1000), gap.upper),
    ):
        forged = type(result.certificate)("forged", (*records[:-1], changed), result.certificate.claims)
        assert not check_text(certificate_text(forged)).accepted


def test_networks_of_the_model_kind():
    network = Network.from_arrays([([[1, 0]], [0]), ([["1/2"]], [0])])
    # outputs 1, 0, 0, 1/2, residuals 0, 1, -2, 0; penalty (1/2)/2 (1 + 1/4)
    assert audit(network, Dataset.from_arrays(*A), beta="1/2").value.objective == Fraction(45, 16)
    three = Network.from_arrays([([[1, 0]], [0]), ([[1]], [0]), ([[1]], [0])])
    with pytest.raises(UnsupportedError):
        audit(three, Dataset.from_arrays(*A), beta="1/2")
    with pytest.raises(ShapeError):
        audit(network, Dataset.from_arrays([[1]], [1]), beta="1/2")


def test_what_an_audit_cannot_do():
    data = Dataset.from_arrays(*XOR)
    with pytest.raises(InputError, match="beta"):
        audit(TwoLayer(()), data)
    for terms in ({"loss": "hinge"}, {"activation": "abs"}):
        with pytest.raises(UnsupportedError):
            audit(TwoLayer(()), training_problem(data, beta=1, **terms))
    with pytest.raises(LimitReached):
        audit(TwoLayer(()), problem(B, "1/2", "l1"), max_cells=3)
