"""The whole family of problems: losses, norms, activations, biases; oracles, twins, degenerate data."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.certificate.types import Neuron
from exactnet.convex import TwoLayer, objective_enclosure, optimum, path_objective, training_problem
from exactnet.convex.generate import column_generation
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.solve import full_program, solve_clarabel, solve_cvxpy
from exactnet.errors import InputError, UnsupportedError
from exactnet.model import Dataset
from tests.convex.problems import PE, XOR, A

AS = (A[0], [1, -1, 1, 1])  # the signs of A
LOSSES = ("squared", "hinge", "logistic", "l1")
NORMS = ("l1", "l2", "linf")
BIASES = ("none", "penalised", "free")
ACTIVATIONS = (
    {},
    {"activation": "abs"},
    {"activation": "leaky_relu", "slope": "1/10"},
    {"activation": "leaky_relu", "slope": -2},
)


def pose(data, beta, **terms):
    return training_problem(Dataset.from_arrays(*data), beta=beta, **terms)


LEAKY = {"activation": "leaky_relu", "slope": "1/10"}
ABS = {"activation": "abs"}
# values of the fact sheet: O3, O5, 3.3 and 6.6, by a conic solver and by an independent dual
ORACLES = [
    (AS, "3/10", {"loss": "hinge"}, "0.4804601917"),
    (AS, "3/10", {"loss": "logistic"}, "1.3842254457"),
    (PE, "1/1000", {"loss": "hinge", "bias": "penalised"}, "0.010128990205"),
    (PE, "1/100", {"loss": "hinge", "bias": "penalised"}, "0.101289902045"),
    (PE, "1/10", {"loss": "hinge", "bias": "penalised"}, "1.012899020449"),
    (A, "1/2", LEAKY, "1.1595086751"),
    (A, "1/2", ABS, "1.4417464895"),
    (A, "1/2", {"activation": "leaky_relu", "slope": 1}, "2.5374642316"),
    (A, "1/2", {"norm": "l1", **ABS}, "1.6443003619"),
    (A, "1/2", {"norm": "l1", **LEAKY}, "1.4669021306"),
    (A, "1/10", {"norm": "linf"}, "0.2074638889"),
    (A, "1/2", {"norm": "linf"}, "0.9421527778"),
    (A, 1, {"norm": "linf"}, "1.6602777778"),
    (A, 2, {"norm": "linf"}, "2.4869444444"),
]


@pytest.mark.parametrize(("data", "beta", "terms", "value"), ORACLES)
def test_oracles_of_the_fact_sheet(data, beta, terms, value):
    result = optimum(pose(data, beta, **terms))
    best = result.value
    half = Fraction(1, 2 * 10 ** len(value.split(".")[1]))
    assert best.lower - half <= Fraction(value) <= best.upper + half
    assert best.is_exact == best.problem.is_rational
    assert result.status is Status.PROVED
    assert result.check().accepted


@pytest.mark.parametrize("terms", ACTIVATIONS)
@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_combination_agrees_with_its_cvxpy_twin(loss, norm, bias, terms):
    problem = pose(AS, "3/10", loss=loss, norm=norm, bias=bias, **terms)
    result = optimum(problem)
    assert result.status is Status.PROVED
    assert result.check().accepted, result.check().line
    assert result.value.is_exact == (norm != "l2" and loss != "logistic")
    twin = solve_cvxpy(full_program(problem, float_cells(problem, activation_cells(problem))))
    assert twin.approx_value == pytest.approx(float(result.value.upper), rel=1e-6, abs=1e-7)


@st.composite
def tied_problems(draw, losses=LOSSES, norms=NORMS):
    """Small integer data of the whole family: duplicates, zero rows, parallel rows and ties are the rule."""
    d, n = draw(st.integers(1, 2)), draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=n, max_size=n))
    loss = draw(st.sampled_from(losses))
    label = st.sampled_from([1, -1]) if loss in ("hinge", "logistic") else st.integers(-2, 2)
    targets = draw(st.lists(label, min_size=n, max_size=n))
    bias = draw(st.sampled_from(BIASES))
    if loss == "logistic" and bias == "free" and len(set(targets)) == 1:
        bias = "penalised"
    return pose(
        (rows, targets),
        draw(st.sampled_from(["1/10", "1/2", "2"])),
        loss=loss,
        norm=draw(st.sampled_from(norms)),
        bias=bias,
        **draw(st.sampled_from(ACTIVATIONS)),
    )


@settings(max_examples=60, deadline=None)
@given(tied_problems())
def test_tied_data_are_proved_and_checked(problem):
    result = optimum(problem)
    best = result.value
    assert result.check().accepted, result.check().line
    assert best.relative_gap <= Fraction(1, 10**8)
    assert best.is_exact or not problem.is_rational
    reached = objective_enclosure(problem, best.network, path=problem.is_polyhedral)
    assert best.lower <= reached.upper
    assert reached.lower <= best.upper
    if problem.is_rational:
        assert path_objective(problem, best.network) == best.upper


@settings(max_examples=30, deadline=None)
@given(tied_problems())
def test_tied_data_agree_with_their_cvxpy_twins(problem):
    best = optimum(problem).value
    program = full_program(problem, float_cells(problem, activation_cells(problem)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on degenerate data the solver warns that it has fewer digits
        twin = solve_cvxpy(program).approx_value
    assert float(best.lower) - 1e-6 <= twin <= float(best.upper) * (1 + 1e-5) + 1e-5


@settings(max_examples=25, deadline=None)
@given(tied_problems(), st.integers(0, 2**32 - 1))
def test_no_random_network_beats_the_lower_bound(problem, seed):
    best = optimum(problem).value
    random = np.random.default_rng(seed)
    for _ in range(15):
        u = random.standard_normal((2, problem.dimension)) * random.exponential()
        neurons = tuple(
            Neuron(tuple(Fraction(float(x)) for x in row), Fraction(float(random.standard_normal())))
            for row in u
        )
        assert objective_enclosure(problem, TwoLayer(neurons)).upper >= best.lower


@pytest.mark.parametrize("loss", ["hinge", "logistic", "l1"])
@pytest.mark.parametrize(("n", "d", "bias"), [(25, 2, "none"), (12, 2, "free"), (12, 3, "penalised")])
def test_random_data(loss, n, d, bias):
    random = np.random.default_rng(n)
    rows = random.standard_normal((n, d))
    targets = rows[:, 0] ** 2 + 0.3 * random.standard_normal(n) - 0.5
    labels = np.where(targets > 0, 1, -1) if loss != "l1" else targets
    problem = pose((rows.tolist(), labels.tolist()), "1/10", loss=loss, bias=bias)
    cells = float_cells(problem, activation_cells(problem))
    full = solve_clarabel(full_program(problem, cells)).approx_value
    assert column_generation(problem, cells).approx_value == pytest.approx(full, rel=1e-7)
    result = optimum(problem)
    assert result.status is Status.PROVED
    assert result.check().accepted


@pytest.mark.parametrize("loss", ["hinge", "logistic", "l1"])
def test_rounded_data_with_parallel_rows(loss):
    random = np.random.default_rng(1)
    rows = [[Fraction(int(x), 10) for x in row] for row in random.integers(-15, 16, (40, 2))]
    targets = [int(y) for y in np.where(random.random(40) > 0.4, 1, -1)]
    for norm in NORMS:
        result = optimum(pose((rows, targets), "1/2", loss=loss, norm=norm))
        assert result.status is Status.PROVED
        assert result.check().accepted


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("norm", NORMS)
def test_large_beta_gives_the_best_constant(loss, bias, norm):
    result = optimum(pose(AS, 1000, loss=loss, bias=bias, norm=norm))
    assert result.value.network.neurons == ()
    assert result.value.is_exact == (loss != "logistic")
    assert result.check().accepted
    # by hand: three samples of class 1, one of class -1, no bias or the best constant
    value = {"squared": ("2", "3/2"), "hinge": ("4", "2"), "l1": ("4", "2")}.get(loss)
    if value:
        assert result.value.upper == Fraction(value[bias == "free"])
    else:
        # 4 log 2, or 4 times the entropy of (1/4, 3/4)
        reference = 4 * np.log(2) if bias != "free" else -np.log(1 / 4) - 3 * np.log(3 / 4)
        assert float(result.value.primal_value) == pytest.approx(reference, rel=1e-12)
        assert float(result.value.dual_value) == pytest.approx(reference, rel=1e-12)


@pytest.mark.parametrize("loss", ["hinge", "logistic"])
def test_the_largest_useful_beta(loss):
    """The zero network is optimal exactly from max |v.(Zu)_+| on, v the dual vector of the zero network.

    XOR: one sample is active alone near each ray (1,1)/sqrt2, so the maximum is sqrt2 |v_i|.
    """
    slope = Fraction(1) if loss == "hinge" else Fraction(1, 2)
    assert len(optimum(pose(XOR, slope * Fraction("1.41"), loss=loss)).value.network.neurons) == 4
    assert optimum(pose(XOR, slope * Fraction("1.4143"), loss=loss)).value.network.neurons == ()


def test_one_class_and_a_free_bias_have_no_logistic_optimum():
    problem = pose(([[1], [2]], [1, 1]), 1, loss="logistic", bias="free")
    with pytest.raises(UnsupportedError, match=r"goes to infinity[\s\S]*hinge"):
        optimum(problem)
    assert optimum(pose(([[1], [2]], [1, 1]), 1, loss="hinge", bias="free")).value.upper == 0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"loss": "cubic"}, "unknown loss"),
        ({"loss": "hinge"}, "classes 1 and -1"),
        ({"loss": "logistic"}, "classes 1 and -1"),
        ({"norm": "l3"}, "unknown norm"),
        ({"activation": "tanh"}, "unknown activation"),
        ({"activation": "leaky_relu"}, "needs its slope"),
        ({"activation": "abs", "slope": 1}, "no slope to choose"),
        ({"slope": 0}, "no slope to choose"),
    ],
)
def test_bad_words(terms, message):
    with pytest.raises(InputError, match=message):
        pose(A, 1, **terms)


@settings(max_examples=20, deadline=None)
@given(tied_problems(norms=("l2",), losses=("hinge", "l1")), st.sampled_from([3, Fraction(1, 50)]))
def test_scaling_the_features_is_scaling_beta(problem, c):
    """(X, beta) -> (c X, c beta) keeps the optimum without a penalised bias (u -> u / c)."""
    if problem.bias == "penalised":
        return
    rows = [[c * x for x in row] for row in problem.features.rows()]
    terms = {"loss": problem.loss, "bias": problem.bias}
    kappa = {"activation": "leaky_relu", "slope": problem.kappa}
    one = optimum(problem).value
    two = optimum(pose((rows, problem.targets), c * problem.beta, **terms, **kappa)).value
    assert one.lower <= two.upper
    assert two.lower <= one.upper
