"""The integers of the compiled checker against the plain ones, and what is not known."""

from __future__ import annotations

import random
import sys
from fractions import Fraction

import numpy as np
import pytest

from exactnet.certificate import _wide_state as w
from exactnet.certificate._plain_bounds import UNSTABLE, state_of
from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify.lowered import lowered
from exactnet.verify.proofs import Limits
from exactnet.verify.relu_ascent import ascend
from exactnet.verify.relu_exact import ExactBounds
from exactnet.verify.relu_leaf import proofs_of, quick_proofs
from exactnet.verify.relu_split import prove_by_relu_splitting
from tests.verify.relu_nets import GRID, Walker, random_case, random_net
from tests.verify.trees import verdict


@pytest.mark.parametrize("float32", [False, True])
def test_nodes_and_proofs_are_those_of_the_plain_integers(float32: bool) -> None:
    answers = set()
    for seed in range(60):
        rng = random.Random(seed)
        net = random_net(rng, [2, 3, 4, 2], dyadic=seed % 2 == 0)
        case = random_case(rng, net)
        walker = Walker(net, case, float32=float32)
        exact = ExactBounds(net, Property(2, 2, (case,)), (0,), float32=float32, grid=GRID)
        seen = exact.root()
        for _ in range(2):
            units = walker.open_units()
            if units:
                layer, unit = rng.choice(units)
                sign = rng.choice([1, -1])
                walker.split(layer, unit, sign)
                seen = exact.split(seen, layer, int(walker.task.net.layers[layer].units[unit]), sign)
            walker.refine()
            seen = exact.refine(seen)
        assert seen is not None
        assert seen.units[w.LOWER].tolist() == [x for row in walker.plain.lower for x in row]
        assert seen.units[w.UPPER].tolist() == [x for row in walker.plain.upper for x in row]
        for m, states in enumerate(exact.states(seen)):
            for j, state in enumerate(states):
                is_open = state_of(walker.plain, walker.chain.layers[m], m + 1, j) == UNSTABLE
                assert (state is None) == is_open
        batch = walker.batch()
        found = ascend(batch, batch.first_guess(), 5)
        for proof in (*quick_proofs(batch), *proofs_of(batch, found.guess, [walker.node.splits]), (0,), (1,)):
            if proof is not None:
                answers.add(exact.accepts(seen, 0, proof))
                assert exact.accepts(seen, 0, proof) == (walker.bound(proof) > 0)
    assert answers == {True, False}


def test_a_bound_that_does_not_fit_is_computed_in_integers_of_any_size() -> None:
    # beside a tiny multiplier of the units, that of the input takes more than 61 bits
    tiny = Fraction(1, 2**40)
    net = lowered(Network.from_arrays([([[1]], [0]), ([[tiny]], [0])]))
    for bound, closes in ((Fraction(-1, 2), True), (Fraction(1, 2), False)):
        case = Case((Fraction(0),), (Fraction(1),), (Row.from_terms({0: 1}, {0: 1}, bound),))
        exact = ExactBounds(net, Property(1, 1, (case,)), (0,), float32=False, grid=GRID)
        assert exact.accepts(exact.root(), 0, (0,)) == closes


def test_what_does_not_fit_at_all_is_not_known() -> None:
    huge = 2**70
    net = lowered(Network.from_arrays([([[huge]], [0])]))
    case = Case((Fraction(-1),), (Fraction(1),), (Row.from_terms({}, {0: 1}, -1),))
    exact = ExactBounds(net, Property(1, 1, (case,)), (0,), float32=False, grid=GRID)
    root = exact.root()
    assert root is None
    assert exact.refine(root) is None
    assert exact.split(root, 0, 0, 1) is None
    assert exact.states(root) is None
    assert exact.accepts(root, 0, (0,))


def test_a_child_leaves_its_parent_as_it_is() -> None:
    net = lowered(Network.from_arrays([([[1]], [0]), ([[1]], [0])]))
    case = Case((Fraction(-1),), (Fraction(1),), (Row.from_terms({}, {0: 1}, -1),))
    exact = ExactBounds(net, Property(1, 1, (case,)), (0,), float32=False, grid=GRID)
    root = exact.root()
    before = root.units.copy()
    child = exact.split(root, 0, 0, -1)
    assert np.array_equal(root.units, before)
    assert exact.states(child) == [[0], [1]]
    assert exact.states(root) == [[None], [1]]


def test_without_the_compiled_loops_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exactnet.certificate._verification_walk", None)
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    prop = Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, Fraction(-9, 8))]])
    exact = ExactBounds(lowered(network), prop, (0,), float32=False, grid=GRID)
    assert exact.root() is None
    found = prove_by_relu_splitting(lowered(network), prop, (0,), float32=False, grid=GRID, limits=Limits(30))
    assert found.tree is not None
    assert verdict(network, prop, found.tree).startswith("ACCEPTED")
