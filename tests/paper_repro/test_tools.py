"""The tools of the scripts, on data where the answer is known by hand, and on degenerate data."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from exactnet.convex import TwoLayer, optimum, path_objective
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import Interval
from paper_repro.certificates import counted_patterns, lasso_minimum, with_gap
from paper_repro.clifford_2309_16512.cell_programmes import dual_on_every_cell
from paper_repro.cutting_plane import semi_infinite_dual
from paper_repro.data import DATA_SETS, DUPLICATES, FOUR_POINTS, SPACE, XOR, ZIGZAG, posed
from paper_repro.fixed_width import optimum_of_width
from paper_repro.plane import angles, dot, gradient, maximum
from paper_repro.programme import Block, blocks_of, network_of, programme_value
from paper_repro.training import best_trained


@pytest.mark.parametrize("data", DATA_SETS.values(), ids=DATA_SETS)
def test_patterns_are_counted_with_a_proof(data):
    assert counted_patterns(posed(data, 1)).check().accepted
    assert counted_patterns(posed(data, 1, bias="penalised")).check().accepted


def test_the_maximum_on_an_angle_is_the_one_a_fine_grid_finds():
    problem = posed(FOUR_POINTS, 1)
    turn = np.linspace(0, 2 * np.pi, 100_001)
    grid = np.array([np.cos(turn), np.sin(turn)])
    rows = np.array([[float(x) for x in row] for row in problem.homogenised])
    for v in ((1, -1, 2, 3), (0, 0, 0, 1), (-1, -2, -1, -1)):
        weights = tuple(map(Fraction, v))
        found = max(maximum(angle, gradient(problem, angle, weights))[0] for angle in angles(problem))
        sampled = max(0.0, float((np.array(v) @ np.maximum(rows @ grid, 0)).max()))
        assert float(found) ** 0.5 == pytest.approx(sampled, rel=1e-8)


def test_the_maximum_is_reached_at_its_direction():
    problem = posed(DUPLICATES, 1)
    for angle in angles(problem):
        g = gradient(problem, angle, problem.targets)
        square, u = maximum(angle, g)
        assert (square == 0) == (not any(u))
        assert max(dot(g, u), 0) ** 2 == square * dot(u, u)


def test_angles_need_planar_data():
    with pytest.raises(UnsupportedError, match="planar"):
        angles(posed(SPACE, 1))


@pytest.mark.parametrize("m", [1, 2, 3])
def test_fixed_width_on_xor(m):
    """The four samples decouple: a fitted one costs (2 sqrt2 beta - beta^2) / 4, another one 1/2."""
    width = optimum_of_width(posed(XOR, "1/2"), m)
    value = m * (2**1.5 / 2 - 1 / 4) / 4 + (4 - m) / 2
    assert float(width.lower) == pytest.approx(value, rel=1e-9)
    assert float(width.upper) == pytest.approx(value, rel=1e-9)
    assert width.lower <= width.upper


def test_no_random_network_beats_the_bound_of_its_width():
    problem = posed(FOUR_POINTS, "1/2")
    for m in (1, 2):
        lower = optimum_of_width(problem, m).lower
        for seed in range(0, 10, 2):
            assert best_trained(problem, n_neurons=m, n_seeds=2, seed=seed)[1] >= lower


@pytest.mark.parametrize("data", [FOUR_POINTS, XOR])
@pytest.mark.parametrize("beta", ["1/100", "1/4", "2", "10"])
def test_cutting_planes_agree_with_the_certified_optimum(data, beta):
    best = optimum(posed(data, beta)).value
    rows, targets = data
    low, high = semi_infinite_dual(rows, [float(y) for y in targets], beta=float(Fraction(beta)))
    assert low == pytest.approx(float(best.lower), rel=1e-9)
    assert high == pytest.approx(float(best.upper), rel=1e-9)


def test_from_network_to_programme_and_back():
    problem = posed(FOUR_POINTS, "1/10")
    best = optimum(problem).value
    blocks = blocks_of(problem, best.network)
    value = programme_value(problem, blocks)
    assert best.lower <= value.lower <= value.upper <= best.upper
    again = network_of(problem, blocks)
    assert blocks_of(problem, again) == blocks
    assert network_of(problem, (Block("1100", 1, (Fraction(0), Fraction(0))),)) == TwoLayer(())


def test_a_block_outside_its_cone_is_refused():
    with pytest.raises(InputError, match="leaves its cone"):
        programme_value(posed(FOUR_POINTS, 1), [Block("0011", 1, (Fraction(3), Fraction(4)))])


def test_the_empty_programme_is_the_loss_of_the_zero_network():
    assert programme_value(posed(FOUR_POINTS, 1), []) == Interval(Fraction(25, 8))


@pytest.mark.parametrize("intercept", [False, True])
def test_the_lasso_certificate_is_accepted_and_its_value_minimal(intercept):
    problem = posed(ZIGZAG, "1/20", bias="free")
    columns = [[Fraction(x) for x in column] for column in ((0, 1, 2, 3), (0, 0, 1, 2), (1, 0, 0, 0))]
    result = lasso_minimum(columns, problem.targets, beta=problem.beta, intercept=intercept)
    assert result.check().accepted
    # no smaller minimum over a subset of the columns
    for subset in combinations(columns, 2):
        smaller = lasso_minimum(subset, problem.targets, beta=problem.beta, intercept=intercept)
        assert smaller.value.value >= result.value.value


def test_the_cell_programmes_refuse_an_infeasible_vector():
    from exactnet.errors import InvariantError

    problem = posed(FOUR_POINTS, "1/2", norm="l1")
    with pytest.raises(InvariantError, match="not feasible"):
        dual_on_every_cell(problem, problem.targets)


def test_cell_programmes_confirm_the_dual_of_other_data():
    for data in (XOR, DUPLICATES, SPACE):
        problem = posed(data, "1/2", norm="l1")
        best = optimum(problem).value
        cells = dual_on_every_cell(problem, best.dual)
        assert cells.check().accepted
        assert cells.value == best.upper == path_objective(problem, best.network)


def test_the_gap_of_the_zero_network():
    best = optimum(posed(FOUR_POINTS, "1/2"))
    result = with_gap(best, TwoLayer(()))
    assert result.check().accepted
    assert result.value == Fraction(25, 8) - best.value.lower
