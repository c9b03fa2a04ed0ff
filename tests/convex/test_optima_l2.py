"""The set of optima under weight decay: fact-sheet neurons and widths, brute force, equal objectives."""

from fractions import Fraction

import numpy as np
import pytest

from exactnet.convex.optima_l2 import approx_optimal_set
from exactnet.errors import UnsupportedError
from tests.convex.problems import DUP, PE, XOR, A, B, Q, problem
from tests.convex.widths import best_of_width

CASES = [
    (A, "1/2", "none"),
    (A, "1/10", "none"),
    (XOR, "1/2", "none"),
    (B, "1/2", "none"),
    (DUP, "3/10", "none"),
    (PE, "1/10", "penalised"),
    (Q, "1/20", "penalised"),
]


def test_the_neurons_of_the_fact_sheet():
    """A, beta = 1/2: three neurons, two of them on walls; the dual vector to seven digits."""
    found = approx_optimal_set(problem(A, "1/2"))
    known = [((0.527040, 0.263520), 1), ((-0.976073, -0.494444), 1), ((-0.263520, 0.527040), -1)]
    amounts = {0: 0.589248**2, 1: 1.094164**2, 2: 0.589248**2}
    assert len(found.signs) == 3
    for k, (u, sign) in enumerate(known):
        cosines = found.approx_directions @ np.array(u) / np.linalg.norm(u)
        j = int(np.argmax(np.where(np.array(found.signs) == sign, cosines, -2.0)))
        assert cosines[j] == pytest.approx(1, abs=1e-10)
        assert found.approx_vertices[0, j] == pytest.approx(amounts[k], abs=1e-5)
    dual = np.array([float(x) for x in found.result.value.dual])
    assert dual == pytest.approx([0.2236068, -0.2236068, 0.3910137, -0.0550226], abs=1e-7)
    assert found.radius < Fraction(1, 10**6)


@pytest.mark.parametrize(("data", "beta", "bias"), CASES)
def test_every_vertex_has_the_optimal_objective(data, beta, bias):
    task = problem(data, beta, "l2", bias)
    found = approx_optimal_set(task)
    assert found.result.check().accepted
    rows = np.array([[float(x) for x in row] for row in task.homogenised])
    y = np.array([float(t) for t in task.targets])
    outputs = np.maximum(rows @ found.approx_directions.T, 0) * np.array(found.signs)
    for amounts in found.approx_vertices:
        value = 0.5 * ((outputs @ amounts - y) ** 2).sum() + float(task.beta) * amounts.sum()
        assert value == pytest.approx(float(found.result.value.upper), rel=1e-7)
        assert (amounts > 0).sum() <= task.n_samples
    assert found.approx_prices == pytest.approx(np.ones(len(found.signs)), abs=1e-7)
    assert found.approx_minimal_width <= found.approx_largest_width
    assert found.approx_connected_width <= task.n_samples + 1
    assert found.n_open <= found.n_pairs


@pytest.mark.parametrize(
    ("data", "beta", "bias", "width"),
    [(A, "1/2", "none", 3), (XOR, "1/2", "none", 4), (DUP, "3/10", "none", 2), (A, "1/10", "none", 4)],
)
def test_minimal_width_against_all_tuples_of_cells(data, beta, bias, width):
    """Fact sheet: m* = 3 on A at beta = 1/2 (C04), and one neuron a point on XOR (O4)."""
    task = problem(data, beta, "l2", bias)
    found = approx_optimal_set(task)
    assert found.approx_minimal_width == width
    if width <= 3:
        # C04: two neurons on A reach 1.375163 and no less
        short = best_of_width(task, width - 1)
        assert short > float(found.result.value.upper) + 1e-4
        if (data, beta) == (A, "1/2"):
            assert short == pytest.approx(1.375163, abs=1e-6)


def test_a_flat_set_of_optima():
    """On x = (1, 2), (2, 4), twice the same direction, any split of it is one neuron: the set is a point."""
    task = problem(([[1, 2], [2, 4], [-1, -2]], [1, 2, -1]), "1/10")
    found = approx_optimal_set(task)
    assert found.approx_dimension == 0
    # rank one: a rising neuron for the two points ahead, a falling one for the point behind
    assert found.approx_minimal_width == 2


def test_nothing_is_tight_above_beta_max():
    found = approx_optimal_set(problem(A, 100))
    assert (found.n_open, found.approx_minimal_width, found.approx_dimension) == (0, 0, 0)
    assert found.radius == 0


@pytest.mark.parametrize(("norm", "bias"), [("l1", "none"), ("l2", "free")])
def test_scope(norm, bias):
    with pytest.raises(UnsupportedError):
        approx_optimal_set(problem(A, "1/2", norm, bias))
