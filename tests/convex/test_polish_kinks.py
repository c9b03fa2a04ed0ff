"""Newton's method on faces and kinks, and rational dual vectors on a grid."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex.certify import on_grid
from exactnet.convex.float_losses import approx_dual
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.polish_kinks import polish_kinks
from exactnet.convex.pricing import price
from exactnet.convex.program import training_problem
from exactnet.convex.solve import full_program, solve_clarabel
from exactnet.model import Dataset
from tests.convex.problems import PE, A


def pose(data, beta, loss, bias):
    return training_problem(Dataset.from_arrays(*data), beta=beta, loss=loss, bias=bias)


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
@pytest.mark.parametrize("loss", ["hinge", "l1"])
@pytest.mark.parametrize("beta", ["1/2", "1/100"])
@pytest.mark.parametrize("data", [(A[0], [1, -1, 1, 1]), PE])
def test_the_polished_dual_vector_closes_the_gap(data, beta, loss, bias):
    """Weak duality with the scaled dual vector, priced over all cells: no trust in Newton's method."""
    task = pose(data, beta, loss, bias)
    cells = float_cells(task, activation_cells(task))
    program = full_program(task, cells)
    before = solve_clarabel(program)
    after = polish_kinks(program, before)
    assert after.approx_value <= before.approx_value * (1 + 1e-11) + 1e-13
    v = after.residual
    assert bias != "free" or v.sum() == pytest.approx(0, abs=1e-9)
    gamma = price(task, cells, v * cells.row_scale, threshold=0.9 * program.beta).gamma
    if bias != "free":  # there the float sum of v is not 0 to the last digit, and prices need that
        lower = approx_dual(task.loss, min(1.0, program.beta / gamma) * v, program.targets)
        assert lower == pytest.approx(after.approx_value, rel=1e-9)


def test_smooth_losses_are_left_alone():
    task = pose((A[0], [1, -1, 1, 1]), "1/2", "logistic", "none")
    program = full_program(task, float_cells(task, activation_cells(task)))
    solution = solve_clarabel(program)
    assert polish_kinks(program, solution) is solution


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["squared", "hinge", "logistic", "l1"]),
    st.booleans(),
    st.lists(st.floats(-1.5, 1.5), min_size=2, max_size=6),
    st.data(),
)
def test_vectors_on_the_grid_are_in_the_domain(loss, free, values, data):
    label = st.sampled_from([1, -1])
    y = [data.draw(label) for _ in values]
    task = pose(([[k] for k in range(len(y))], y), 1, loss, "free" if free else "none")
    v = np.array(values)
    if not np.abs(v).max() > 1e-3:
        return
    found = on_grid(task, v)
    if free:
        assert sum(found) == 0
    if loss == "l1":
        assert all(abs(x) <= 1 for x in found)
    elif loss != "squared":
        assert all(0 <= x * t <= 1 for x, t in zip(found, y, strict=True))
    if not free:
        low, high = {"l1": (-1, 1), "squared": (-9, 9)}.get(loss, (0, 1))
        for x, value, t in zip(found, values, y, strict=True):
            near = min(max(value * t, low), high) if loss in ("hinge", "logistic") else value
            near = near * t if loss in ("hinge", "logistic") else min(max(near, low), high)
            assert abs(x - Fraction(near)) < Fraction(1, 2**50)
