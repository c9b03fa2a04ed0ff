"""The set of optima: the checker accepts every vertex, widths agree with brute force over blocks of cells."""

from fractions import Fraction

import pytest
from hypothesis import given, settings

from exactnet.convex import optimum, path_objective, predictions, training_problem
from exactnet.convex.optima import optimal_set
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import rank
from exactnet.model import Dataset
from tests.convex.problems import PE, XOR, A, B, Q, problem, tied_problems
from tests.convex.widths import best_of_width

# (data, beta, norm, bias): small enough for brute force over tuples of cells
SMALL = [
    (A, "1/2", "l1", "none"),
    (A, "1/2", "linf", "none"),
    (A, "1/10", "l1", "free"),
    (Q, "1/20", "l2", "free"),
    (PE, "1/10", "l2", "free"),
    (([[0], [1], [2], [3]], [0, 0, 1, 3]), "1/2", "l2", "free"),
]


@pytest.mark.parametrize(("data", "beta", "norm", "bias"), SMALL)
def test_minimal_width_against_all_tuples_of_cells(data, beta, norm, bias):
    task = problem(data, beta, norm, bias)
    found = optimal_set(task).value
    value = float(found.optimum.upper)
    width = found.minimal_width
    assert len(found.smallest.neurons) == width
    assert path_objective(task, found.smallest) == found.optimum.upper
    if width > 1:
        assert best_of_width(task, width - 1) > value + 1e-5
    if width == 1:
        assert best_of_width(task, width) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("data", "beta", "norm", "bias"), [*SMALL, (B, "1/2", "l1", "none"), (XOR, 1, "l1", "free")]
)
def test_every_vertex_is_proved_optimal(data, beta, norm, bias):
    result = optimal_set(problem(data, beta, norm, bias))
    found = result.value
    verdict = result.check()
    assert verdict.accepted
    for k, network in enumerate(found.networks):
        assert f"vertex-{k}" in result.certificate.claims
        assert predictions(found.problem, network) == found.fit
        assert path_objective(found.problem, network) == found.optimum.upper
        assert len(network.neurons) <= found.problem.n_samples
    assert_polytope(found)


def assert_polytope(found):
    """The vertices span an affine space of the stated dimension, and use exactly the usable atoms."""
    intercept = [(t,) for t in found.intercepts] if str(found.problem.bias) == "free" else [()] * 99
    points = [(*v, *t) for v, t in zip(found.vertices, intercept, strict=False)]
    differences = [
        tuple(a - b for a, b in zip(point, points[0], strict=True)) for point in points[1:] if points[0]
    ]
    assert (rank(differences) if differences else 0) == found.dimension
    used = {k for vertex in found.vertices for k, amount in enumerate(vertex) if amount}
    assert used == set(found.usable)
    assert all(amount >= 0 for vertex in found.vertices for amount in vertex)


def test_one_kink_where_the_dictionary_needs_two():
    """Fact sheet, pitfall 9: one neuron off the data does what no single column of the dictionary can."""
    found = optimal_set(problem(([[0], [1], [2], [3]], [0, 0, 1, 3]), "1/2", "l2", "free")).value
    assert found.optimum.upper == Fraction(37, 48)
    assert found.minimal_width == 1
    assert all(sum(map(bool, vertex)) > 1 for vertex in found.vertices)


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_above_beta_max_only_the_constant_is_optimal(bias):
    found = optimal_set(problem(A, 100, "l1", bias)).value
    assert (found.dimension, found.minimal_width, found.tight) == (0, 0, ())
    assert found.intercepts == (Fraction(5, 8) if bias == "free" else 0,)


def test_a_line_is_one_neuron_that_never_bends():
    """With a free bias a line on the samples can be a ramp to the right or one to the left."""
    data = ([[-1], [0], [1]], [-2, 0, 2])
    found = optimal_set(problem(data, "1/10", "l2", "free")).value
    # the fit is a line of slope 2 - beta / 2: one neuron that is active on all samples, rising or falling
    assert found.minimal_width == 1
    assert found.fit == tuple(Fraction(k) * (2 - Fraction(1, 20)) for k in (-1, 0, 1))
    assert found.dimension >= 1


@settings(max_examples=40, deadline=None)
@given(tied_problems(norms=("l1", "linf")))
def test_degenerate_data(task):
    try:
        result = optimal_set(task)
    except LimitReached:
        return
    found = result.value
    assert result.check().accepted
    assert_polytope(found)
    assert found.minimal_width <= len(optimum(task).value.network.neurons)


def test_limits_and_scope():
    with pytest.raises(UnsupportedError, match="l2"):
        optimal_set(problem(A, "1/2"))
    with pytest.raises(UnsupportedError):
        optimal_set(training_problem(Dataset.from_arrays(*XOR), beta=1, norm="l1", loss="hinge"))
    with pytest.raises(LimitReached, match="dimension"):
        optimal_set(problem(PE, "1/10", "l2", "free"), max_dimension=1)
