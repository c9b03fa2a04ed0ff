"""Input splitting decides small instances, ties and degenerate networks included, and checkers accept it."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from exactnet.model import Network, Property
from exactnet.model.property import Row
from exactnet.verify.input_split import prove_by_input_splitting
from exactnet.verify.lowered import lowered
from exactnet.verify.proofs import Limits
from tests.verify.trees import grid_violation, search, verdict


def random_network(r: random.Random, sizes: list[int], spread: int) -> Network:
    return Network.from_arrays(
        [
            (
                [[r.randint(-spread, spread) for _ in range(m)] for _ in range(n)],
                [r.randint(-2, 2) for _ in range(n)],
            )
            for m, n in pairwise(sizes)
        ]
    )


def settle(network: Network, prop: Property, *, float32: bool = False) -> str:
    """PROVED with an accepted tree, REFUTED with an exact witness, or what went wrong."""
    found = search(network, prop, prove_by_input_splitting, float32=float32)
    if found.witness is not None:
        assert prop.violated_by(found.witness, tuple(network(found.witness))) is not None
        return "REFUTED"
    assert found.tree is not None
    if not found.tree.is_complete:
        return f"UNDECIDED {found.reason}"
    line = verdict(network, prop, found.tree, float32=float32)
    assert line.startswith("ACCEPTED"), line
    return "PROVED"


@pytest.mark.parametrize("seed", range(40))
def test_small_integer_networks_are_decided(seed: int) -> None:
    # integer weights make ties, dead and duplicate units the normal case
    r = random.Random(seed)
    sizes = [r.choice([1, 2, 3]), r.randint(1, 5), r.randint(1, 4), r.choice([1, 2])]
    network = random_network(r, sizes, r.choice([1, 2, 3]))
    threshold = r.randint(-4, 8)
    strict = r.random() < 0.5
    row = Row.from_terms({}, {0: -1}, -threshold, strict=strict)
    prop = Property.from_box([-1] * sizes[0], [1] * sizes[0], [[row]], n_outputs=sizes[-1])
    outcome = settle(network, prop)
    assert outcome in ("PROVED", "REFUTED")
    if grid_violation(network, prop, 6 if sizes[0] == 3 else 12) is not None:
        assert outcome == "REFUTED"


@pytest.mark.parametrize("low", [Fraction(1, 3), Fraction(-1, 3), Fraction(0)])
@pytest.mark.parametrize("strict", [False, True])
def test_a_boundary_that_is_touched(low: Fraction, strict: bool) -> None:
    # y = relu(x) + relu(-x) on [low, 1]: unsafe where y <= min, or y < min
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    least = max(low, Fraction(0))
    prop = Property.from_box([low], [1], [[Row.from_terms({}, {0: 1}, least, strict=strict)]])
    assert settle(network, prop) == ("PROVED" if strict else "REFUTED")


def test_a_whole_face_that_ties() -> None:
    # y = relu(x_0) over [0, 1]^4: y < 0 never holds, and equality does on a whole facet
    network = Network.from_arrays([([[1, 0, 0, 0], [0, 1, 1, 1]], [0, 0]), ([[1, 0]], [0])])
    strict, loose = (
        Property.from_box([0] * 4, [1] * 4, [[Row.from_terms({}, {0: 1}, 0, strict=bool(s))]]) for s in (1, 0)
    )
    assert settle(network, strict) == "PROVED"
    assert settle(network, loose) == "REFUTED"


def test_strict_input_bounds_and_mixed_rows() -> None:
    # y = x; unsafe: y >= 1 and x < 1 (never), and y >= 1 with x <= 1 (at 1)
    network = Network.from_arrays([([[1]], [1]), ([[1]], [-1])])
    above = Row.from_terms({}, {0: -1}, -1)
    never = Property.from_box([0], [1], [[above, Row.from_terms({0: 1}, {}, 1, strict=True)]])
    once = Property.from_box([0], [1], [[above, Row.from_terms({0: 1}, {}, 1)]])
    assert settle(network, never) == "PROVED"
    assert settle(network, once) == "REFUTED"


def test_several_cases_share_a_tree() -> None:
    r = random.Random(7)
    network = random_network(r, [2, 6, 5, 3], 2)
    rows = [[Row.from_terms({}, {j: -1}, -40)] for j in range(3)]
    prop = Property.from_box([-1, -1], [1, 1], rows)
    assert settle(network, prop) == "PROVED"


def test_point_box_and_width_zero() -> None:
    network = Network.from_arrays([([[1, 1]], [0]), ([[1]], [0])])
    at = Property.from_box(["1/3", "1/7"], ["1/3", "1/7"], [[Row.from_terms({}, {0: 1}, "10/21")]])
    below = Property.from_box(["1/3", "1/7"], ["1/3", "1/7"], [[Row.from_terms({}, {0: 1}, "9/21")]])
    assert settle(network, at) == "REFUTED"
    assert settle(network, below) == "PROVED"


def test_dead_and_zero_units() -> None:
    network = Network.from_arrays([([[0], [0], [1]], [-1, 0, -5]), ([[1, 1, 1]], [0])])
    prop = Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, 0, strict=True)]])
    assert settle(network, prop) == "PROVED"


@pytest.mark.parametrize("seed", range(10))
def test_float32_proofs(seed: int) -> None:
    r = random.Random(100 + seed)
    network = random_network(r, [2, 4, 3, 1], 2)
    row = Row.from_terms({}, {0: -1}, -r.choice([3, 6, 30]))
    prop = Property.from_box([-1, -1], [1, 1], [[row]])
    outcome = settle(network, prop, float32=True)
    real = settle(network, prop)
    assert outcome == real or outcome.startswith("UNDECIDED")


def test_a_tie_cannot_be_proved_for_float32() -> None:
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    prop = Property.from_box(["1/3"], [1], [[Row.from_terms({}, {0: 1}, "1/3", strict=True)]])
    assert settle(network, prop, float32=True).startswith("UNDECIDED")


def test_a_constant_network_that_ties_ends_at_once() -> None:
    # y = 6 everywhere: y > 6 is impossible, and float32 noise cannot be got over anywhere
    network = Network.from_arrays([([[0], [0]], [-1, 2]), ([[5, 3]], [0])])
    prop = Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, -6, strict=True)]])
    assert settle(network, prop) == "PROVED"
    assert settle(network, prop, float32=True).startswith("UNDECIDED")


def test_limits_leave_open_leaves() -> None:
    r = random.Random(1)
    network = random_network(r, [3, 8, 8, 1], 3)
    prop = Property.from_box([-4] * 3, [4] * 3, [[Row.from_terms({}, {0: -1}, -500)]])
    net = lowered(network)
    found = prove_by_input_splitting(net, prop, (0,), float32=False, grid=30, limits=Limits(max_nodes=5))
    if found.tree is not None and not found.tree.is_complete:
        assert 6 in found.tree.nodes
        assert found.reason == "the limit is reached"
