"""The attack: what it returns is a violation by exact evaluation, whatever the floats say."""

import random
from fractions import Fraction

import numpy as np
import pytest

from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify.attack import attack, confirm, float32_point, inside, refine
from exactnet.verify.float_cases import float_cases
from exactnet.verify.lowered import lowered
from tests.verify.brute import is_violated, random_network, random_property

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])


def above(t: object, *, strict: bool = False, box: tuple[object, object] = (-1, 1)) -> Property:
    row = Row.from_terms({}, {0: -1}, -Fraction(t), strict=strict)
    return Property.from_box([box[0]], [box[1]], [[row]])


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_is_a_violation(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng, rng.choice([[1, 2, 1], [2, 3, 2], [2, 2, 2, 1], [1, 1, 1]]))
    prop = random_property(rng, network)
    found = attack(lowered(network), prop, float32=True, seed=seed)
    for witness in found:
        if witness is not None:
            assert prop.violated_by(witness.point, network(witness.point)) is not None
            assert witness.outputs == network(witness.point)
            case = prop.cases[witness.case]
            slacks = [row.slack(witness.point, witness.outputs) for row in case.rows]
            assert witness.margin == min(slacks, default=0)
    if found.real is not None:
        assert is_violated(network, prop)


def test_a_tie_at_an_end_that_is_no_float_is_found_exactly() -> None:
    third = Fraction(1, 3)
    found = attack(lowered(SIZE), above(third, box=(-third, third)), float32=True)
    assert found.real is not None
    assert abs(found.real.point[0]) == third
    assert found.real.margin == 0
    assert found.float32 is None
    assert attack(lowered(SIZE), above(third, strict=True, box=(-third, third))).real is None


def test_a_margin_below_the_rounding_is_no_binary32_violation() -> None:
    # 1 is reached exactly, and any rounding of the last sum could hide a margin of 2^-30
    near = attack(lowered(SIZE), above(1 - Fraction(1, 2**30)), float32=True)
    assert near.real is not None
    assert near.float32 is None
    far = attack(lowered(SIZE), above(Fraction(9, 10)), float32=True)
    assert far.float32 is not None
    assert far.float32.is_float32


def test_a_case_without_rows_holds_at_any_point_of_its_box() -> None:
    prop = Property(
        1, 1, (Case((Fraction(1),), (Fraction(0),), ()), Case((Fraction(2),), (Fraction(3),), ()))
    )
    found = attack(lowered(SIZE), prop, float32=True)
    assert found.real is not None
    assert found.real.case == 1
    assert 2 <= found.real.point[0] <= 3


def test_no_case_and_no_point() -> None:
    assert attack(lowered(SIZE), Property(1, 1, ())).real is None
    empty = Property(1, 1, (Case((Fraction(1),), (Fraction(0),), ()),))
    assert attack(lowered(SIZE), empty).real is None


def test_points_are_moved_into_the_exact_box() -> None:
    tenth = Fraction(1, 10)
    prop = above(0, box=(tenth, Fraction(2, 10)))
    # the float 0.1 is above 1/10, the binary32 number nearest to 0.2 is above 2/10
    assert inside(prop, 0, np.array([0.1])) == (tenth,)
    assert inside(prop, 0, np.array([-5.0])) == (tenth,)
    short = float32_point(prop, 0, np.array([0.2]))
    assert short is not None
    assert short[0] < Fraction(2, 10) < Fraction(float(np.nextafter(np.float32(short[0]), np.float32(1))))
    point = above(0, box=(Fraction(1, 3), Fraction(1, 3)))
    assert float32_point(point, 0, np.array([1 / 3])) is None
    assert float32_point(above(0, box=(10**50, 10**51)), 0, np.array([1e50])) is None


def test_refinement_keeps_the_point_and_raises_the_margin() -> None:
    prop = above(Fraction(1, 2))
    found = refine(lowered(SIZE), prop, (Fraction(6, 10),), float32=True)
    assert found.real is not None
    assert found.real.margin >= Fraction(1, 10)
    assert found.float32 is not None
    assert refine(lowered(SIZE), prop, (Fraction(1, 10),)).real is None


def test_gradients_are_those_of_differences() -> None:
    rng = random.Random(5)
    network = random_network(rng, [3, 5, 4, 2])
    group = next(float_cases(lowered(network), random_property(rng, network)))
    points = np.random.default_rng(1).uniform(group.lower, group.upper, (20, 3))
    scores, gradients = group.gradients(points, np.zeros(20, dtype=int))
    assert np.allclose(scores, group.case_scores(points)[:, 0])
    step = 2.0**-20
    for i in range(3):
        moved = points.copy()
        moved[:, i] += step
        slope = (group.case_scores(moved)[:, 0] - scores) / step
        # the score has kinks: almost all points are away from them
        assert np.mean(np.abs(slope - gradients[:, i]) < 2.0**-10) > 0.8


def test_the_noise_covers_every_order_of_summation() -> None:
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in ((8, 3), (8,), (1, 8), (1,))]
    network = Network.from_arrays([(weights[0], weights[1]), (weights[2], weights[3])])
    prop = Property.from_box([-1] * 3, [1] * 3, [[Row.from_terms({}, {0: 1}, 0)]])
    group = next(float_cases(lowered(network), prop))
    for _ in range(30):
        x = rng.uniform(-1, 1, 3).astype(np.float32)
        value, noise = group.rows_with_noise(x.astype(np.float64))
        computed = _shuffled(weights, x, rng)
        exact = float(network([float(v) for v in x])[0])
        assert abs(value[0] - exact) < 2.0**-40
        assert abs(computed - exact) <= noise[0]


def _shuffled(weights: list[np.ndarray], x: np.ndarray, rng: np.random.Generator) -> float:
    """The network in binary32, the terms of each sum in a random order."""
    for k in (0, 2):
        z = []
        for row, b in zip(weights[k], weights[k + 1], strict=True):
            terms = [*(a * v for a, v in zip(row, x, strict=True)), b]
            total = np.float32(0)
            for i in rng.permutation(len(terms)):
                total = np.float32(total + terms[i])
            z.append(max(total, np.float32(0)) if k == 0 else total)
        x = np.array(z, dtype=np.float32)
    return float(x[0])


def test_confirm_takes_the_case_with_the_largest_margin() -> None:
    rows = [[Row.from_terms({}, {0: -1}, -t)] for t in (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))]
    prop = Property.from_box([-1], [1], rows)
    found = confirm(lowered(SIZE), prop, (Fraction(-1),))
    assert found is not None
    assert (found.case, found.margin) == (1, Fraction(3, 4))
