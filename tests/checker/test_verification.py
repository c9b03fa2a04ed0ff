"""Trees without counterexample: ties by hand, every code, and an exact oracle for random properties."""

from __future__ import annotations

from random import Random

import pytest

from exactnet.certificate import ProofTree, certificate_text
from exactnet.checker import check_text
from tests.checker.verification_cases import (
    ABSOLUTE,
    case,
    chain,
    layer,
    prop,
    prove,
    random_chain,
    random_property,
    row,
    verdict,
)
from tests.support.verification_oracle import satisfiable

# y = |x| on [-1, 1]
AT_LEAST_TWO = prop(1, case([-1], [1], row({0: -1}, -2)))
AT_LEAST_ONE = prop(1, case([-1], [1], row({0: -1}, -1)))
ABOVE_ONE = prop(1, case([-1], [1], row({0: -1}, -1, "<")))
BELOW_ZERO = prop(1, case([-1], [1], row({0: 1}, 0, "<")))
AT_MOST_ZERO = prop(1, case([-1], [1], row({0: 1}, 0)))


@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_a_root_that_closes(semantics: str) -> None:
    found = verdict(ABSOLUTE, AT_LEAST_TWO, [3, 0], semantics=semantics)
    assert found.accepted, found.line
    how = "in real arithmetic" if semantics == "real" else "in binary32 with sums in any order, and in real"
    assert f"no input of n satisfies p, {how}" in found.line
    assert "(1 case, 1 leaf)" in found.line


def test_ties_are_decided() -> None:
    # y > 1 never holds and y >= 1 does, at the ends; the box alone tells it
    assert verdict(ABSOLUTE, ABOVE_ONE, [3, 0]).accepted
    for nodes in ([3, 0], [3, -1, 1, 0, 0, 0], [0, 0, 3, 0, 3, 0], [1, 1, 0, 3, 0, 3, 0]):
        assert not verdict(ABSOLUTE, AT_LEAST_ONE, nodes).accepted
    # y < 0 needs y >= 0, and y <= 0 does hold, at 0: with alpha = 0 the bound is exactly 0
    assert verdict(ABSOLUTE, BELOW_ZERO, [3, 2]).accepted
    assert not verdict(ABSOLUTE, AT_MOST_ZERO, [3, 2]).accepted
    # in binary32 the noise leaves nothing to spare
    for unsafe in (ABOVE_ONE, BELOW_ZERO):
        assert not verdict(ABSOLUTE, unsafe, [3, 2], semantics="float32").accepted


def test_ties_off_the_grid() -> None:
    # 1/3 is on no grid: bounds only come near, the exact proof decides
    third = chain(layer([[1], [-1]], ["-1/3", "1/3"]), layer([[1, 1]], [0], "identity"))  # |x - 1/3|
    below = prop(1, case([0], [1], row({0: 1}, 0, "<")))
    at_most = prop(1, case([0], [1], row({0: 1}, 0)))
    plain = [3, -2, 1, 0]
    # signs ++, +-, -+, --: where one of them is active alone, y is the z of its split
    mixed = [1, 1, 0, 1, 1, 1, *plain, 3, -2, 1, 1, 0, 1, 1, 1, 1, 3, -2, 1, 1, 1, 1, *plain]
    assert verdict(third, below, mixed).accepted
    assert not verdict(third, at_most, mixed).accepted
    assert not verdict(third, below, [1, 1, 0, 1, 1, 1, *plain, *plain, 1, 1, 1, *plain, *plain]).accepted
    # y > 2/3 is not there, y >= 2/3 is, at x = 1
    above = prop(1, case([0], [1], row({0: -1}, "-2/3", "<")))
    reached = prop(1, case([0], [1], row({0: -1}, "-2/3")))
    nodes = [1, 1, 0, 1, 1, 1, *plain, *plain, 1, 1, 1, *plain, *plain]
    assert verdict(third, above, nodes).accepted
    assert not verdict(third, reached, nodes).accepted


def test_exact_multipliers_over_a_denominator() -> None:
    # y = relu(x - 1/3) + relu(1/3 - x)/2 is never below 0, whatever the denominators
    front = layer([[1], [-1]], ["-1/3", "1/3"])
    skew = chain(front, layer([[1, "1/2"]], [0], "identity"))
    below = prop(1, case([0], [1], row({0: 1}, 0, "<")))
    plain = [3, -2, 1, 0]
    head, tail = [1, 1, 0, 1, 1, 1, 3, -2, 2, 1, 0, 1], [1, 1, 1, 3, -2, 2, 1, 1, 1, *plain]
    assert verdict(skew, below, [*head, 3, -2, 1, 1, 0, 1, *tail]).accepted
    for b in (0, 2, 3):
        assert not verdict(skew, below, [*head, 3, -2, 1, 1, 0, b, *tail]).accepted


@pytest.mark.parametrize("side", [-1, 1])
def test_a_bisection_leaves_nothing_out(side: int) -> None:
    # |x| < 1/4 and x < -1/8 (or x > 1/8) holds between 0 and the next point of the grid, 1/4
    second = row({}, "-1/8", "<", {0: -side})
    unsafe = prop(1, case([-1], [1], row({0: 1}, "1/4", "<"), second))
    halves = [3, 0, 3, 3] if side < 0 else [3, 3, 3, 0]
    assert not verdict(ABSOLUTE, unsafe, [0, 0, *halves], grid=2).accepted
    # |x| < 0 holds nowhere, and the same tree is right
    empty = prop(1, case([-1], [1], row({0: 1}, 0, "<"), second))
    assert verdict(ABSOLUTE, empty, [0, 0, *halves], grid=2).accepted


def test_strict_rows_of_the_inputs() -> None:
    # |x| >= 1 and x < 1 on [-1/2, 1]: 1 - |x| + x - 1 is 0 for x >= 0, and the second row is strict
    second = row({}, 1, "<", {0: 1})
    unsafe = prop(1, case(["-1/2"], [1], row({0: -1}, -1), second))
    first_row, both_rows = [3, -2, 1, 0, 0], [3, -2, 1, 1, 0]
    nodes = [1, 1, 0, 1, 1, 1, *first_row, *both_rows, 1, 1, 1, *first_row, *first_row]
    assert verdict(ABSOLUTE, unsafe, nodes).accepted
    assert not verdict(ABSOLUTE, unsafe, both_rows).accepted
    # without the strictness x = 1 satisfies it
    loose = prop(1, case(["-1/2"], [1], row({0: -1}, -1), row({}, 1, "<=", {0: 1})))
    assert not verdict(ABSOLUTE, loose, nodes).accepted


@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_splits_with_multipliers(semantics: str) -> None:
    # 2|x| + x <= -1/10 is false: at the root no slope shows it, the two signs of x do, each times 1
    unsafe = prop(1, case([-1], [1], row({0: 2}, "-1/10", "<=", {0: 1})))
    for leaf in ([3, 0], [3, 1], [3, 2], [1, 1, 0, 3, 0, 3, 0]):
        assert not verdict(ABSOLUTE, unsafe, leaf, semantics=semantics).accepted
    side = [3, -1, 1, 0, 0, 1, 0, 0, 1]
    assert verdict(ABSOLUTE, unsafe, [1, 1, 0, *side, *side], semantics=semantics).accepted
    # 16/2^4 is the same multiplier, and slopes of half for the other unit do it without on one side
    same, halves = [3, -1, 1, 0, 0, 1, 4, 0, 16], [3, -1, 1, 0, 1, 1, 128, 0]
    assert verdict(ABSOLUTE, unsafe, [1, 1, 0, *same, *halves], semantics=semantics).accepted
    assert not verdict(ABSOLUTE, unsafe, [1, 1, 0, *halves, *same], semantics=semantics).accepted


def test_some_cases_are_closed_before_the_others() -> None:
    unsafe = prop(1, case([-1], [1], row({0: -1}, -2)), case([-1], [1], row({0: -1}, -3)))
    assert verdict(ABSOLUTE, unsafe, [3, 0, 0]).accepted
    assert verdict(ABSOLUTE, unsafe, [4, 1, 1, 0, 3, 0]).accepted
    assert verdict(ABSOLUTE, unsafe, [4, 1, 0, 0, 0, 0, 3, 0, 2, 3, 0]).accepted
    assert verdict(ABSOLUTE, unsafe, ProofTree((1,), (3, 0)), ProofTree((0,), (3, 0))).accepted
    three = prop(1, *unsafe.cases, unsafe.cases[0])
    assert "is not open is closed" in verdict(ABSOLUTE, three, [4, 1, 0, 0, 4, 1, 0, 0, 3, 0, 0]).reason
    for nodes in ([4, 2, 0, 1, 0, 0, 3], [4, 0, 3, 0, 0], [4, 1, 2, 0, 3, 0], [4, 1, 0, 0, 4, 1, 1, 0, 3]):
        assert not verdict(ABSOLUTE, unsafe, nodes).accepted


def test_empty_boxes_and_no_cases() -> None:
    nothing = prop(1, case([1], [0], row({0: 1}, 5)))
    found = verdict(ABSOLUTE, nothing, [5])
    assert found.accepted
    assert "vacuously: every case has an empty box" in found.line
    # between 1/3 and 1/3 - 2^-100 there is no point, and the grid does not see it
    close = prop(1, case(["1/3"], [f"{2**98 - 1}/{3 * 2**98}"], row({0: 1}, 5)))
    assert verdict(ABSOLUTE, close, [5]).accepted
    assert not verdict(ABSOLUTE, AT_LEAST_TWO, [5]).accepted
    free = prop(1, n_inputs=1)
    found = verdict(ABSOLUTE, free)
    assert found.accepted
    assert "vacuously: there is no case" in found.line


def test_a_point_as_a_box() -> None:
    third = prop(1, case(["1/3"], ["1/3"], row({0: -1}, "-1/3", "<")))
    assert not verdict(ABSOLUTE, third, [3, 0]).accepted
    # the unit -x is dead and x active: exact
    assert verdict(ABSOLUTE, third, [3, -2, 1, 0]).accepted
    # a bisection of a box of one grid unit: one half is empty, the other the same again
    assert verdict(ABSOLUTE, third, [0, 0, 5, 3, -2, 1, 0]).accepted


def test_a_split_side_without_points() -> None:
    # x in [1, 2]: the side x <= 0 is empty, by its bounds, and by a proof with no row at all
    unsafe = prop(1, case([1], [2], row({0: -1}, -3)))
    assert verdict(ABSOLUTE, unsafe, [1, 1, 0, 3, 0, 5]).accepted
    assert verdict(ABSOLUTE, unsafe, [1, 1, 0, 3, 0, 3, -1, 0, 0, 0, 1, 0, 0, 1]).accepted
    assert verdict(ABSOLUTE, unsafe, [1, 1, 0, 3, 0, 3, -2, 0, 1, 0, 1]).accepted
    assert not verdict(ABSOLUTE, unsafe, [1, 1, 0, 5, 3, 0]).accepted


def test_partial_trees_say_what_they_leave_open() -> None:
    found = verdict(ABSOLUTE, ABOVE_ONE, [0, 0, 3, 0, 6])
    assert found.accepted
    assert "c is partial: n and p, in real arithmetic: case 0 satisfied nowhere but in a share" in found.line
    assert "of at most 0.5 of the box" in found.line
    assert "no input" not in found.line
    # two open sides of a split are one box; of a bisection they are two
    assert "at most 1 of" in verdict(ABSOLUTE, ABOVE_ONE, [1, 1, 0, 6, 6]).line
    assert "at most 0.25 of" in verdict(ABSOLUTE, ABOVE_ONE, [0, 0, 0, 0, 3, 0, 6, 3, 0]).line
    below = [0, 0, 6, 3, 0]
    assert "at most 1 of" in verdict(ABSOLUTE, ABOVE_ONE, [1, 1, 0, *below, *below]).line
    two = prop(1, AT_LEAST_TWO.cases[0], AT_LEAST_ONE.cases[0])
    found = verdict(ABSOLUTE, two, ProofTree((0,), (3, 0)))
    assert "case 0 satisfied nowhere, nothing about 1 other case" in found.line
    assert "nothing is proved, nothing about 2 other cases" in verdict(ABSOLUTE, two).line


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([], "the nodes end where a node should stand"),
        ([3], "the nodes end where a proof should stand"),
        ([3, 0, 3], "go on behind the last leaf"),
        ([7], "a node is 7"),
        ([-1], "a node is -1"),
        ([3, 3], "names row 1"),
        ([3, -3], "a proof is -3"),
        ([0, 1, 3, 0, 3, 0], "the number of an input is 1"),
        ([0, 0, 3, 0], "the nodes end"),
        ([1, 0, 0, 3, 0, 3, 0], "the number of a layer is 0"),
        ([1, 3, 0, 3, 0, 3, 0], "the number of a layer is 3"),
        ([1, 1, 2, 3, 0, 3, 0], "the number of a unit is 2"),
        ([1, 2, 0, 3, 0, 3, 0], "is no relu unit"),
        ([3, -1, -1, 0, 0, 0], "lambda is -1"),
        ([3, -1, 65536, 0, 0, 0], "lambda is 65536"),
        ([3, -1, 1, 3, 0, 0], "the mode is 3"),
        ([3, -1, 1, 0, 1, 0, 257, 0], "alpha is 257"),
        ([3, -1, 1, 0, 1, 0, -1, 0], "alpha is -1"),
        ([3, -1, 1, 0, 1, 3, 0, 0], "the number of a unit is 3"),
        ([3, -1, 1, 0, 2, 1, 0, 0, 0, 0], "the number of a unit is 0"),
        ([3, -1, 1, 0, 0, 1, 0, 0, 1], "the number of splits is 1"),
        ([1, 1, 0, 3, -1, 1, 0, 0, 1, 61, 0, 1, 3, 0], "e is 61"),
        ([1, 1, 0, 3, -1, 1, 0, 0, 1, 0, 0, 0, 3, 0], "the multiplier of a split is 0"),
        ([1, 1, 0, 3, -1, 1, 0, 0, 1, 0, 0, 2**62, 3, 0], "the multiplier of a split is 4611686018427387904"),
        ([1, 1, 0, 3, -1, 1, 0, 0, 1, 0, 1, 1, 3, 0], "the position of a split is 1"),
        ([3, -2, 1, 0], "needs every unit dead or active"),
        ([1, 1, 0, 1, 1, 1, 3, -2, -1, 0, 6, 6], "lambda is -1"),
        ([1, 1, 0, 1, 1, 1, 3, -2, 1, 1, 0, -1, 6, 6], "the multiplier of a split is -1"),
    ],
)
def test_what_a_tree_must_not_say(nodes: list[int], reason: str) -> None:
    found = verdict(ABSOLUTE, AT_LEAST_TWO, nodes)
    assert not found.accepted
    assert reason in found.reason


def test_exact_proofs_are_for_the_reals() -> None:
    unsafe = prop(1, case([1], [2], row({0: -1}, -3)))
    assert verdict(ABSOLUTE, unsafe, [3, -2, 1, 0]).accepted
    found = verdict(ABSOLUTE, unsafe, [3, -2, 1, 0], semantics="float32")
    assert "semantics real only" in found.reason


def test_what_must_fit() -> None:
    two_outputs = prop(2, case([-1], [1], row({0: -1}, -2)))
    assert "1 inputs and 1 outputs, the property 1 and 2" in verdict(ABSOLUTE, two_outputs, [3, 0]).reason
    for grid in (0, 61):
        assert "grid" in verdict(ABSOLUTE, AT_LEAST_TWO, [3, 0], grid=grid).reason
    tree = ProofTree((0,), (3, 0))
    assert "another tree" in verdict(ABSOLUTE, AT_LEAST_TWO, tree, tree).reason
    for cases in ((), (1,), (0, 0), (-1,)):
        assert "cases" in verdict(ABSOLUTE, AT_LEAST_TWO, ProofTree(cases, (3, 0))).reason
    boxes = prop(1, case([-1], [1], row({0: -1}, -2)), case([-1], [2], row({0: -1}, -3)))
    assert "different boxes" in verdict(ABSOLUTE, boxes, [3, 0, 0]).reason
    abs_unit = chain(layer([[1]], [0], "abs"))
    assert verdict(abs_unit, AT_LEAST_TWO, [3, 0]).accepted
    assert "float32" in verdict(abs_unit, AT_LEAST_TWO, [3, 0], semantics="float32").reason
    thirds = chain(layer([["1/3"]], [0]))
    assert "no binary32" in verdict(thirds, AT_LEAST_TWO, [3, 0], semantics="float32").reason


def test_deep_trees_end_in_a_rejection() -> None:
    found = verdict(ABSOLUTE, AT_LEAST_TWO, [0, 0] * 6000 + [3, 0] * 6001)
    assert "waiting" in found.reason


@pytest.mark.parametrize("block", range(8))
def test_what_is_proved_is_true(block: int) -> None:
    # the slow prover closes what it can; an exact linear program for each linear piece judges
    complete = 0
    for seed in range(15 * block, 15 * block + 15):
        random = Random(seed)
        semantics = random.choice(["real", "float32"])
        network = random_chain(random, binary=semantics == "float32")
        unsafe = random_property(random, network)
        depth, grid = random.randint(0, 6), random.choice([1, 3, 10, 30, 60])
        found = prove(network, unsafe, semantics=semantics, depth=depth, grid=grid, random=random)
        answer = check_text(certificate_text(found))
        assert answer.accepted, answer.line
        if "is partial" not in answer.line:
            complete += 1
            assert not satisfiable(network, unsafe), seed
    assert complete > 2
