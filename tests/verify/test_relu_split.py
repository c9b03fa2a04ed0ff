"""ReLU splitting: verdicts by brute force, trees by both checkers, ties, limits, and 256x2 for MNIST."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from pathlib import Path

import pytest

from exactnet import checker
from exactnet.certificate import certificate_text
from exactnet.io import load_network
from exactnet.io.vnnlib import load_vnnlib
from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify.engines import groups
from exactnet.verify.instance import Model, Query
from exactnet.verify.lowered import ReluNetwork, lowered
from exactnet.verify.proof import Claim, certificate_of
from exactnet.verify.proofs import Limits, Search, Tree, grid_for
from exactnet.verify.relu_split import prove_by_relu_splitting
from exactnet.verify.second_check import check_verification
from tests.verify.brute import is_violated, random_network, random_property


def _search(net: ReluNetwork, prop: Property, cases, *, float32: bool = False, seconds: float = 60) -> Search:
    grid = grid_for(net, prop)
    return prove_by_relu_splitting(net, prop, cases, float32=float32, grid=grid, limits=Limits(seconds))


def _trees(found: Search) -> tuple[Tree, ...]:
    return () if found.tree is None else (found.tree, *found.more)


def _lines(network: Network, prop: Property, trees: tuple[Tree, ...], *, float32: bool = False):
    """What the two checkers say about a claim with these trees."""
    semantics = "float32" if float32 else "real"
    claim = Claim(semantics, grid=grid_for(lowered(network), prop), trees=trees)
    data = certificate_text(certificate_of(Model(network), [(Query(prop), claim)], title="t", folder="."))
    return checker.check_text(data).line, check_verification(data).status


def _confirm(network: Network, prop: Property, found: Search, cases) -> bool:
    """Check what was found; whether the cases were decided."""
    if found.witness is not None:
        assert prop.violated_by(found.witness, network(found.witness)) in cases
        return True
    closed = [case for tree in _trees(found) for case in tree.cases]
    assert len(closed) == len(set(closed))
    assert all(tree.is_complete for tree in _trees(found))
    return sorted(closed) == sorted(cases)


@pytest.mark.parametrize("seed", range(60))
def test_it_decides_like_all_patterns_together(seed: int) -> None:
    rng = random.Random(seed)
    widths = [rng.randint(1, 3), *[rng.randint(1, 4) for _ in range(rng.randint(0, 2))], rng.randint(1, 2)]
    network = random_network(rng, widths)
    prop = random_property(rng, network)
    net = lowered(network)
    trees, witness = [], None
    for cases in groups(prop):
        if prop.cases[cases[0]].is_empty:
            continue
        found = _search(net, prop, cases)
        assert _confirm(network, prop, found, cases)
        witness = witness or found.witness
        trees += _trees(found)
    assert is_violated(network, prop) == (witness is not None)
    if witness is None and trees:
        line, status = _lines(network, prop, tuple(trees))
        assert line.startswith("ACCEPTED")
        assert status in ("ACCEPTED", "BEYOND")


@pytest.mark.parametrize("seed", range(20))
def test_float32_trees_are_accepted(seed: int) -> None:
    rng = random.Random(100 + seed)
    network = random_network(rng, [3, 4, 3, 2])
    low, high = (Fraction(-1),) * 3, (Fraction(1),) * 3
    rows = [Row.from_terms({}, {j: rng.choice([-1, 1])}, rng.randint(-4, 0)) for j in (0, 1)]
    prop = Property(3, 2, tuple(Case(low, high, (row,)) for row in rows))
    found = _search(lowered(network), prop, (0, 1), float32=True)
    if _confirm(network, prop, found, (0, 1)) and found.witness is None:
        line, status = _lines(network, prop, _trees(found), float32=True)
        assert line.startswith("ACCEPTED")
        assert status in ("ACCEPTED", "BEYOND")


def test_other_activations_are_lowered() -> None:
    for activation in ("abs", "hardtanh", "leaky_relu"):
        rng = random.Random(7)
        weights = [
            ([[Fraction(rng.randint(-2, 2)) for _ in range(a)] for _ in range(b)], [rng.randint(-1, 1)] * b)
            for a, b in ((2, 3), (3, 2), (2, 1))
        ]
        slope = Fraction(1, 8) if activation == "leaky_relu" else 0
        network = Network.from_arrays(weights, activation=activation, slope=slope)
        # far above all its values on the box, which are at most 2 * 2 * 3 * (2 * 2 + 1) + 1 + 2 + 1
        prop = Property.from_box([-1, -1], [1, 1], [[Row.from_terms({}, {0: -1}, -100)]])
        found = _search(lowered(network), prop, (0,))
        assert _lines(network, prop, _trees(found))[0].startswith("ACCEPTED")


def test_ties_are_decided_over_the_rationals_only() -> None:
    # max(x, y) on the unit square is at most 1, and 1 is attained
    network = Network.from_arrays([([[1, -1], [0, 1], [0, -1]], [0, 0, 0]), ([[1, 1, -1]], [0])])
    for strict in (False, True):
        row = Row.from_terms({}, {0: -1}, -1, strict=strict)
        prop = Property.from_box([0, 0], [1, 1], [[row]])
        found = _search(lowered(network), prop, (0,))
        assert (found.witness is not None) == (not strict)
        if strict:
            assert _lines(network, prop, _trees(found))[0].startswith("ACCEPTED")
            noisy = _search(lowered(network), prop, (0,), float32=True)
            assert noisy.tree is None
            assert noisy.reason == "a part without open units is within the rounding noise"


def test_cases_without_rows_and_points_as_boxes() -> None:
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    everything = Property.from_box([-1], [1], [[]])
    assert _search(lowered(network), everything, (0,)).witness is not None
    third = Fraction(1, 3)
    for bound, is_met in ((third, True), (third - Fraction(1, 10**30), False)):
        prop = Property.from_box([third], [third], [[Row.from_terms({}, {0: 1}, bound)]])
        found = _search(lowered(network), prop, (0,))
        assert (found.witness == (third,)) == is_met
        if not is_met:
            assert _lines(network, prop, _trees(found))[0].startswith("ACCEPTED")


def _folding(depth: int) -> Network:
    """x -> 1 - |2 x - 1|, again and again: 2^depth pieces, so there is no short proof by ReLU splits."""
    fold = [([[2], [-2]], [-1, 1]), ([[-1, -1]], [1])]
    return Network.from_arrays([layer for _ in range(depth) for layer in fold])


def test_limits_end_the_search_with_nothing_claimed() -> None:
    network = _folding(7)
    prop = Property.from_box(
        [0], [1], [[Row.from_terms({0: -1}, {0: -1}, -2)], [Row.from_terms({}, {0: -1}, -2)]]
    )
    net = lowered(network)
    start = time.monotonic()
    found = prove_by_relu_splitting(net, prop, (0, 1), float32=False, grid=44, limits=Limits(max_nodes=3))
    assert _confirm(network, prop, found, (0, 1)) or found.reason == "out of nodes"
    stopped = prove_by_relu_splitting(
        net, prop, (0, 1), float32=False, grid=44, limits=Limits(should_stop=lambda: True)
    )
    assert (stopped.tree, stopped.witness, stopped.reason) == (None, None, "out of time")
    assert time.monotonic() - start < 30


def _mnist(data_folder: Path, name: str):
    folder = data_folder / "vnn" / "mnist_fc"
    network = load_network(folder / "onnx" / "mnist-net_256x2.onnx")
    return network, load_vnnlib(folder / "vnnlib" / f"{name}.vnnlib")


@pytest.mark.parametrize(("name", "is_met"), [("prop_8_0.03", False), ("prop_1_0.03", True)])
def test_an_mnist_instance(data_folder: Path, name: str, is_met: bool) -> None:
    network, prop = _mnist(data_folder, name)
    found = _search(lowered(network), prop, tuple(range(len(prop.cases))))
    assert _confirm(network, prop, found, range(len(prop.cases)))
    assert (found.witness is not None) == is_met


@pytest.mark.slow
def test_all_mnist_instances_agree_with_the_competition(data_folder: Path) -> None:
    table = (data_folder / "vnn" / "ground_truth.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in table if line.startswith("mnist_fc,")]
    assert len(rows) == 30
    for row in rows:
        network, prop = _mnist(data_folder, Path(row[2]).stem)
        cases = tuple(range(len(prop.cases)))
        for float32 in (False, True):
            found = _search(lowered(network), prop, cases, float32=float32, seconds=120)
            assert _confirm(network, prop, found, cases)
            assert (found.witness is not None) == (row[4] == "sat")
            if found.witness is None:
                line, status = _lines(network, prop, _trees(found), float32=float32)
                assert line.startswith("ACCEPTED")
                assert status == "ACCEPTED"
