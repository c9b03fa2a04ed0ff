"""The trees of the certified walk are valid by two verifiers; their leaves are the reference cells."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import certificate_text, check_text
from exactnet.errors import LimitReached
from exactnet.geometry import network_proof as module
from exactnet.geometry.network_proof import network_tree
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import RegionTree, reference_tree
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.io import load_network
from exactnet.kernels.float_proof import ProofWalk
from exactnet.model import Network
from tests.geometry.nets import (
    ACTIVATIONS,
    SMALL,
    differences,
    domains,
    forms_in,
    networks,
    unit_box,
    vandermonde,
    zigzag,
)
from tests.support.plain_loops import plain_loops
from tests.support.region_stream import leaves

FLOATS = st.one_of(
    st.floats(-2, 2, width=32), st.sampled_from([0.0, 1.0, -1.0, 0.1, 2.0**-33, 1e300, 1e-300, -1e300])
)
BIG = st.integers(-2, 2).flatmap(lambda k: st.integers(-1, 1).map(lambda e: k * (10**25 + 7) + e))
NEAR = st.tuples(st.integers(-1, 1), st.integers(-3, 3), st.sampled_from([33, 45, 52, 60, 100])).map(
    lambda t: t[0] + Fraction(t[1], 2 ** t[2])
)
INVALID = (AssertionError, KeyError, StopIteration)


def check(source: Network | Sequence[Sequence[int]], task: RegionTask) -> RegionTree:
    """The tree of the walk is valid, and its leaves are the cells."""
    tree = network_tree(task, engine="float64")
    expected = [cell.signs for cell in reference_cells(task)]
    found = leaves(source, task.domain, tree.nodes)
    assert len(found) == len(set(found)) == tree.n_leaves == tree.n_cells
    assert set(found) == set(expected)
    return tree


def is_accepted(source: Network | Sequence[Sequence[int]], task: RegionTask, tree: RegionTree) -> bool:
    return check_text(certificate_text(region_certificate(source, task, tree))).accepted


# -- the verifier of the tests -----------------------------------------------------------------------------

TENT = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
# x, then on x > 0 also x - 1; on x < 0 it is negative: x - 1 = -(1 (-x) + 1 infinity)
TENT_NODES = [0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1]


def test_the_verifier_accepts_a_tree_by_hand() -> None:
    assert leaves(TENT, [], TENT_NODES) == [(1, 1), (1, -1), (-1, -1)]
    assert leaves(TENT, [(1, -2)], [1, 0, 2, 0, 1, 1, 1, 2, 0, 1, 3, 3, 1]) == [(1, 1)]
    assert leaves(TENT, [(1, -2), (-1, 0)], [4, 3, 0, 1, 2]) == []


@pytest.mark.parametrize(
    "nodes",
    [
        TENT_NODES[:-3],
        [*TENT_NODES, 0],
        [*TENT_NODES[:5], 1, *TENT_NODES[6:]],  # the point x = 1 on the first cell
        [*TENT_NODES[:10], 1, *TENT_NODES[11:]],  # x - 1 positive where x < 0
        [*TENT_NODES[:12], 1, 1, 3, -1, 1],  # infinity left out
        [*TENT_NODES[:12], 2, 1, 0, 3, -1, 1],  # not ascending
        [*TENT_NODES[:2], *TENT_NODES[10:15], 3, 1, 1, *TENT_NODES[10:]],
        [*TENT_NODES[:2], 3, 2, 1, *TENT_NODES[10:]],  # x - 1 forgotten
        [0, 0, 0, 0, *TENT_NODES[4:]],  # twice the same switch
        [4, 2, 0, 1, *TENT_NODES],
        [4, 1, 0],
    ],
)
def test_the_verifier_rejects(nodes: list[int]) -> None:
    with pytest.raises(INVALID):
        leaves(TENT, [], nodes)


@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=30)
def test_the_verifier_agrees_with_the_slow_producer(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    tree = reference_tree(task)
    assert sorted(leaves(network, task.domain, tree.nodes)) == sorted(c.signs for c in reference_cells(task))


# -- random and degenerate networks ------------------------------------------------------------------------


@given(networks(largest=(2, 4, 3), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=100)
def test_ternary_networks(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    assert is_accepted(network, task, check(network, task))


@pytest.mark.parametrize("entries", [SMALL, FLOATS, BIG, NEAR], ids=["small", "floats", "big", "near"])
@given(st.data())
@settings(deadline=None, max_examples=40)
def test_other_networks(entries: st.SearchStrategy[object], data: st.DataObject) -> None:
    network = data.draw(networks(largest=(3, 4, 3), entries=entries, activations=ACTIVATIONS))
    check(network, region_task(network, data.draw(domains(network.n_inputs))))


@given(networks(largest=(2, 3, 2, 2, 2), entries=st.one_of(SMALL, FLOATS), activations=ACTIVATIONS))
@settings(deadline=None, max_examples=40)
def test_deep_networks(network: Network) -> None:
    check(network, region_task(network))


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(forms_in(d), domains(d), st.just(d))))
@settings(deadline=None, max_examples=60)
def test_arrangements(case: tuple[list[list[int]], Polyhedron | None, int]) -> None:
    forms, domain, d = case
    forms = forms or [[0] * (d + 1)]
    check(forms, arrangement_task(forms, domain))


@given(st.integers(0, 2**32), st.sampled_from(ACTIVATIONS[:4]), st.integers(0, 2))
@settings(deadline=None, max_examples=15)
def test_gaussian_networks_with_repeated_units(seed: int, activation: str, n_bias_free: int) -> None:
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(5, 2)), rng.normal(size=(4, 5))]
    biases = [rng.normal(size=5), rng.normal(size=4)]
    for weight, bias in zip(weights, biases, strict=True):
        weight[-1], bias[-1] = weight[0] * 3, bias[0] * 3
        weight[-2], bias[-2] = -weight[1] / 2, -bias[1] / 2
    biases[:n_bias_free] = [np.zeros_like(bias) for bias in biases[:n_bias_free]]
    layers = list(zip(weights, biases, strict=True))
    network = Network.from_arrays(layers, activation=activation, output_activation="relu")
    check(network, region_task(network))


@pytest.mark.parametrize(
    "forms",
    [
        vandermonde(7, 3),
        differences(4, [0]),
        differences(3, [0, 1]),
        [(0, 0, 5), (0, 0, 0), (1, 1, 0), (2, 2, -1), (-1, -1, 0)],
        [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (1, 1, 1, 0), (1, -1, 0, 0)],
    ],
    ids=["generic", "braid", "Shi", "parallel", "central"],
)
def test_named_arrangements(forms: list[list[int]]) -> None:
    for domain in (None, unit_box(len(forms[0]) - 1)):
        task = arrangement_task(forms, domain)
        assert is_accepted(forms, task, check(forms, task))


def test_folds() -> None:
    network = zigzag(4, 3)
    assert check(network, region_task(network, Polyhedron.box([0], [1]))).n_cells == 64
    check(network, region_task(network))


def test_a_switch_that_is_zero_on_a_cell_has_no_node() -> None:
    """h = relu(x), relu(-x), relu(x) - relu(x); the difference is zero everywhere, but not as a row."""
    network = Network.from_arrays(
        [([[1], [1], [-1]], [0, 0, 0]), ([[1, -1, 0], [1, 0, -1], [0, 0, 0]], [0, 0, 0]), ([[1, 1, 1]], [0])]
    )
    tree = check(network, region_task(network))
    assert is_accepted(network, region_task(network), tree)


# -- where floats do not suffice ---------------------------------------------------------------------------


def test_points_far_away_are_integers_of_any_size() -> None:
    forms = [(1, -(10**30)), (1, -(10**30) - 1), (1, 10**40), (0, 1)]
    task = arrangement_task(forms)
    assert isinstance(check(forms, task).nodes, tuple)
    network = Network.from_arrays([([[1e-300], [1e-300]], [1, 2])], output_activation="relu")
    assert max(map(abs, check(network, region_task(network)).nodes)) > 10**299


@pytest.fixture(scope="module")
def plain() -> dict[str, ModuleType]:
    return plain_loops()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "abs", "hardtanh"])
@pytest.mark.parametrize("change", [("_float_implied", "TRIES", 0), ("_float_points", "LARGEST", 0.0)])
def test_everything_can_be_answered_exactly(
    change: tuple[str, str, object],
    activation: str,
    plain: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loops in plain Python, told to give up at once."""
    name, attribute, value = change
    loops = [plain[k] for k in ("_float_loops", "_float_walk", "_float_proof")]
    monkeypatch.setattr(module, "ProofWalk", partial(ProofWalk, modules=loops))
    monkeypatch.setattr(plain[name], attribute, value)
    if attribute == "TRIES":
        monkeypatch.setattr(plain[name], "is_combination", lambda *arguments: False)
    layers = [([[1, 2], [-3, 1], [1, 1]], [1, 0, 2]), ([[1, -1, 1], [-2, 1, 1]], [1, -1]), ([[1, 1]], [0])]
    network = Network.from_arrays(layers, activation=activation, slope="1/3")
    for domain in (None, unit_box(2)):
        check(network, region_task(network, domain))


# -- the interface -----------------------------------------------------------------------------------------


def test_the_limit_is_kept_and_progress_is_told() -> None:
    forms = vandermonde(8, 2)
    task = arrangement_task(forms)
    told: list[int] = []
    total = network_tree(task, engine="float64", progress=lambda what, n, _: told.append(n)).n_cells
    assert total == 37
    for engine in ("float64", "reference"):
        assert network_tree(task, engine=engine, max_cells=total).n_cells == total
        with pytest.raises(LimitReached, match="at most 36 cells"):
            network_tree(task, engine=engine, max_cells=total - 1)


def test_an_empty_domain_and_a_space_without_switches() -> None:
    flat = arrangement_task([(1, 0, 0)], Polyhedron.box([0, 0], [1, 0]))
    assert network_tree(flat, engine="float64").nodes[0] == 4
    assert leaves([(1, 0, 0)], flat.domain, network_tree(flat, engine="float64").nodes) == []
    nothing = arrangement_task([], dimension=2)
    assert list(network_tree(nothing, engine="float64").nodes) == [3, 0, 0, 1]
    constant = arrangement_task([(0, 0, 1), (0, 0, -1)])
    check([(0, 0, 1), (0, 0, -1)], constant)


def test_small_tasks_go_to_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "ProofWalk", refuse)
    assert network_tree(arrangement_task([(1, 0), (1, -1)])).n_cells == 3
    with pytest.raises(AssertionError):
        network_tree(arrangement_task(vandermonde(30, 2)))


# -- the networks of the shared data -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["near_concurrent_2-5-4-1", "deg_ternary_2-12-12-1", "deg_dup_2-10-10-1", "fold_2-4-4-4-1_p2"],
)
def test_degenerate_networks(name: str, data_folder: Path) -> None:
    check_file(data_folder, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["deg_zerobias_3-12-12-1", "mlp_2-16-16-1_s0", "mlp_2-32-32-1_s0", "mlp_3-16-16-1_s0"]
)
def test_larger_networks(name: str, data_folder: Path) -> None:
    check_file(data_folder, name)


def check_file(folder: Path, name: str) -> None:
    network = load_network(folder / "nets" / f"{name}.npz")
    for domain in (None, unit_box(network.n_inputs)):
        task = region_task(network, domain)
        assert is_accepted(network, task, check(network, task))
