"""What a tree leaves open, read from its nodes."""

import random
from fractions import Fraction

import pytest

from exactnet.model import Property
from exactnet.model.property import Row
from exactnet.verify.open_boxes import certified_share, open_boxes
from exactnet.verify.proofs import Tree

ROWS = [[Row.from_terms({}, {0: 1}, k)] * (k + 1) for k in range(2)]
PROP = Property.from_box([0, 0], [1, 1], ROWS)
GRID = 8


def test_the_whole_box() -> None:
    (box,) = open_boxes(PROP, Tree((0, 1), (6,), 1, False), GRID)
    assert (box.lower, box.upper, box.cases, box.share) == ((0, 0), (1, 1), (0, 1), 1)


def test_proofs_are_skipped_whatever_their_length() -> None:
    # close case 1 (two rows) by a long proof, refine, bisect; the first half is closed, the second open
    long_proof = (-1, 1, 2, 0, 2, 3, 100, 4, 7, 2, 5, 0, 9, 1, 8)
    nodes = (4, 1, 1, *long_proof, 2, 0, 1, 3, -1, 1, 0, 0, 0, 6)
    (box,) = open_boxes(PROP, Tree((0, 1), nodes, 2, False), GRID)
    assert (box.lower, box.upper, box.cases) == ((0, Fraction(1, 2)), (1, 1), (0,))
    exact = (4, 1, 1, -2, 1, 2, 1, 0, 5, 6)
    assert open_boxes(PROP, Tree((0, 1), exact, 1, False), GRID)[0].cases == (0,)


def test_a_box_that_is_split_by_units_is_open_once() -> None:
    nodes = (0, 0, 1, 1, 0, 6, 6, 5)
    (box,) = open_boxes(PROP, Tree((0, 1), nodes, 3, False), GRID)
    assert (box.upper, box.share) == ((Fraction(1, 2), 1), Fraction(1, 2))


def test_the_exact_ends_of_the_box_stay() -> None:
    third = Property.from_box(["1/3"], ["2/3"], [[]])
    (box,) = open_boxes(third, Tree((0,), (0, 0, 6, 5), 2, False), GRID)
    # 85/256 < 1/3 is the grid end, 128/256 the middle of 85 and 171
    assert (box.lower, box.upper) == ((Fraction(1, 3),), (Fraction(1, 2),))


@pytest.mark.parametrize("seed", range(30))
def test_shares_add_up(seed: int) -> None:
    rng = random.Random(seed)
    closed = Fraction(0)

    def grow(depth: int) -> list[int]:
        nonlocal closed
        if depth < 6 and rng.random() < 0.7:
            return [0, rng.randrange(2), *grow(depth + 1), *grow(depth + 1)]
        if rng.random() < 0.5:
            closed += Fraction(1, 2**depth)
            return [5]
        return [6]

    nodes = tuple(grow(0))
    tree = Tree((0, 1), nodes, 0, False)
    boxes = open_boxes(PROP, tree, 20)
    assert sum((box.share for box in boxes), Fraction(0)) == 1 - closed
    assert certified_share(PROP, [tree], 20) == closed
    volumes = [(b.upper[0] - b.lower[0]) * (b.upper[1] - b.lower[1]) for b in boxes]
    assert volumes == [box.share for box in boxes]


def test_a_box_without_a_tree_is_not_done() -> None:
    assert certified_share(PROP, [], GRID) == 0
    assert certified_share(PROP, [Tree((0,), (5,), 1, True)], GRID) == 0
    trees = [Tree((0,), (5,), 1, True), Tree((1,), (0, 0, 6, 5), 2, False)]
    assert certified_share(PROP, trees, GRID) == Fraction(1, 2)
    assert certified_share(Property(2, 1, ()), [], GRID) == 1


def test_boxes_that_are_not_halved() -> None:
    # in a box of one grid unit the middle is the lower end: the second child is all of it
    half = Property.from_box([0, 1], ["1/2", 1], [[]])
    (box,) = open_boxes(half, Tree((0,), (0, 0, 5, 0, 0, 5, 6), 3, False), 1)
    assert (box.lower, box.upper, box.share) == ((0, 1), (Fraction(1, 2), 1), 1)
    assert certified_share(half, [Tree((0,), (0, 1, 5, 6), 2, False)], 1) == 0
