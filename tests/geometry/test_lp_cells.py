"""The linear programs find the cells of the reference: random, degenerate, adversarial and known networks."""

from __future__ import annotations

import json
from itertools import pairwise
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.lp_cells import lp_cells, lp_tree_proof, prefers_lp
from exactnet.geometry.lp_exact import ExactRegions
from exactnet.geometry.lp_steps import lp_steps
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.patterns import winner_pattern
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.io import load_network
from exactnet.model import Network
from tests.geometry.nets import (
    ACTIVATIONS,
    SMALL,
    TERNARY,
    differences,
    domains,
    forms_in,
    networks,
    unit_box,
    vandermonde,
    zigzag,
)
from tests.geometry.test_network_cells import BIG, FLOATS, NEAR
from tests.support.region_stream import leaves

Signs = tuple[int, ...]


def as_set(found: NetworkCells) -> set[Signs]:
    rows = list(map(tuple, found.signs.unpack().tolist()))
    assert len(rows) == len(set(rows)) == found.n_cells
    return set(rows)


def check(task: RegionTask, *, plain: bool = False) -> set[Signs]:
    """The walk, and the exact programs alone, against the reference; returns all sign vectors."""
    cells = list(reference_cells(task))
    bounded = sum(all(ray[-1] for ray in cell.rays) for cell in cells)
    signs = {cell.signs for cell in cells}
    for compiled in (None, False) if plain else (None,):
        found = lp_cells(task, compiled=compiled)
        assert as_set(found) == signs
        counted = lp_cells(task, count_only=True, compiled=compiled)
        for one in (found, counted):
            assert (one.n_cells, one.n_relatively_bounded) == (len(cells), bounded)
            assert one.lineality == len(reduce_task(task).lineality)
    return signs


# -- against the reference -----------------------------------------------------------------------------


@given(networks(largest=(2, 4, 3), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=35)
def test_ternary_networks(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    signs = check(task, plain=True)
    for compiled in (None, False):
        tree = lp_tree_proof(task, compiled=compiled)
        found = leaves(network, task.domain, list(tree.nodes))
        assert (tree.n_leaves, tree.n_cells) == (len(signs), len(signs)) == (len(found), len(set(found)))
        assert set(found) == signs


@pytest.mark.parametrize("entries", [SMALL, FLOATS, BIG, NEAR], ids=["small", "floats", "big", "near"])
@given(st.data())
@settings(deadline=None, max_examples=12)
def test_other_networks(entries: st.SearchStrategy[object], data: st.DataObject) -> None:
    network = data.draw(networks(largest=(3, 4, 2), entries=entries, activations=ACTIVATIONS))
    task = region_task(network, data.draw(domains(network.n_inputs)))
    signs = check(task)
    assert set(leaves(network, task.domain, list(lp_tree_proof(task).nodes))) == signs


@given(networks(largest=(2, 3, 2, 2, 2), entries=st.one_of(SMALL, FLOATS)))
@settings(deadline=None, max_examples=25)
def test_deep_networks(network: Network) -> None:
    check(region_task(network))


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(forms_in(d), domains(d), st.just(d))))
@settings(deadline=None, max_examples=20)
def test_arrangements(case: tuple[list[list[int]], Polyhedron | None, int]) -> None:
    forms, domain, d = case
    check(arrangement_task(forms, domain, dimension=d), plain=True)


@given(st.integers(0, 2**32), st.sampled_from(ACTIVATIONS[:4]), st.integers(0, 2))
@settings(deadline=None, max_examples=15)
def test_gaussian_networks_with_repeated_units(seed: int, activation: str, n_bias_free: int) -> None:
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(5, 3)), rng.normal(size=(4, 5))]
    biases = [rng.normal(size=5), rng.normal(size=4)]
    for weight, bias in zip(weights, biases, strict=True):
        weight[-1], bias[-1] = weight[0] * 4, bias[0] * 4
        weight[-2], bias[-2] = -weight[1] / 2, -bias[1] / 2
    biases[:n_bias_free] = [np.zeros_like(bias) for bias in biases[:n_bias_free]]
    layers = list(zip(weights, biases, strict=True))
    check(region_task(Network.from_arrays(layers, activation=activation, output_activation="relu")))


@given(st.integers(0, 2**32), st.booleans())
@settings(deadline=None, max_examples=12)
def test_few_active_units_in_front(seed: int, is_box: bool) -> None:
    """Layers narrower than the space: the forms behind vanish on faces of unbounded cells."""
    rng = np.random.default_rng(seed)
    sizes = [4, 3, 3, 2]
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in pairwise(sizes)]
    network = Network.from_arrays(layers, output_activation="relu")
    check(region_task(network, unit_box(4) if is_box else None))


# -- known counts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(10, 7), (10, 9), (9, 8), (7, 9), (30, 2), (14, 3), (1, 1)])
def test_generic_arrangements(n: int, d: int) -> None:
    """Zaslavsky: sum of C(n, i) for i <= d, of which C(n - 1, d) are bounded."""
    found = lp_cells(arrangement_task(vandermonde(n, d)), count_only=True)
    assert found.n_cells == sum(comb(n, i) for i in range(d + 1))
    assert found.n_relatively_bounded == (comb(n - 1, d) if n > d else 0) + (n <= d and n == 0)


@pytest.mark.parametrize(("n", "d"), [(10, 7), (9, 9), (12, 3)])
def test_generic_central_arrangements(n: int, d: int) -> None:
    """2 sum of C(n - 1, i) for i < d, and no float questions although all hyperplanes meet in a point."""
    rows = np.random.default_rng(n).integers(-1000, 1000, (n, d)).tolist()
    found = lp_cells(arrangement_task([(*row, 0) for row in rows]), count_only=True)
    assert found.n_cells == 2 * sum(comb(n - 1, i) for i in range(d))
    assert (found.n_bounded, found.stats["n_exact"]) == (0, 0)


@pytest.mark.parametrize(
    ("n", "constants", "n_cells", "n_bounded"),
    [
        (5, [0], 120, 1),
        (4, [0, 1], 125, 27),
        (4, [-1, 0, 1], 336, 120),
        (5, [1], 246, 26),
        (4, [-1, 1], 183, 61),
    ],
    ids=["braid", "shi", "catalan", "linial", "semiorder"],
)
def test_reflection_arrangements(n: int, constants: list[int], n_cells: int, n_bounded: int) -> None:
    """Stanley, An introduction to hyperplane arrangements; the braid arrangement has no bounded cell."""
    found = lp_cells(arrangement_task(differences(n, constants)))
    assert found.lineality == 1
    assert found.n_cells == n_cells
    assert found.n_relatively_bounded == (n_bounded if any(constants) else 0)


def test_zigzag() -> None:
    """p^L pieces on (0, 1), two more on the line (Montufar et al. 2014)."""
    assert lp_cells(region_task(zigzag(4, 3))).n_cells == 66


def test_benchmark_network(data_folder: Path) -> None:
    known = json.loads((data_folder / "nets" / "counts.json").read_text())["truth"]
    assert known
    network = load_network(data_folder / "nets" / "mlp_8-16-1_s0.npz")
    found = lp_cells(region_task(network), count_only=True)
    assert (found.n_cells, found.n_bounded) == (39203, comb(15, 8))
    assert found.stats["n_exact"] == 0
    assert lp_cells(region_task(network, unit_box(8)), count_only=True).n_bounded == 28305


def test_dead_and_repeated_units_in_high_dimension() -> None:
    """Every unit twice, one of them flipped, and dead ones: the count stays that of the original."""
    rows = np.random.default_rng(1).integers(-50, 50, (9, 8)).tolist()
    forms = [*rows, *([-3 * x for x in row] for row in rows), [0] * 8]
    found = lp_cells(arrangement_task(forms))
    assert found.n_cells == sum(comb(9, i) for i in range(8))
    signs = found.signs.unpack()
    assert (signs[:, :9] == -signs[:, 9:18]).all()
    assert (signs[:, 18] == -1).all()


# -- parts, limits, callbacks ----------------------------------------------------------------------------


@given(networks(largest=(3, 4, 3), entries=st.one_of(TERNARY, FLOATS)), st.integers(0, 12), st.data())
@settings(deadline=None, max_examples=12)
def test_open_parts_hold_the_rest(network: Network, limit: int, data: st.DataObject) -> None:
    task = reduce_task(region_task(network, data.draw(domains(network.n_inputs)))).reduced
    everything = [cell.signs for cell in reference_cells(task)]
    steps = list(lp_steps(task, is_listing=True, limit=limit))
    assert sum(step.n_cells for step in steps) == min(limit, len(everything))
    assert steps[-1].is_over == (len(everything) > limit)
    found = [signs for step in steps for signs in unpacked(step.words, task.n_switches)]
    for part in steps[-1].still_open():
        later = [s for step in lp_steps(task, part, is_listing=True) for s in unpacked(step.words, len(part))]
        assert all(given in (0, sign) for signs in later for given, sign in zip(part, signs, strict=True))
        found += later
    assert len(found) == len(everything)
    assert set(found) == set(everything)


def unpacked(words: np.ndarray, n: int) -> list[Signs]:
    return [tuple(1 if row[j // 64] >> (j % 64) & 1 else -1 for j in range(n)) for row in words.tolist()]


def test_a_part_that_no_walk_leaves() -> None:
    tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [-1])], output_activation="relu")
    exact = ExactRegions(region_task(tent))
    with pytest.raises(InputError, match="not decided"):
        exact.part((0, 0, 1))
    assert exact.part((-1, 1, 0)) is None


def test_limit_and_callback() -> None:
    task = arrangement_task(vandermonde(9, 7))
    with pytest.raises(LimitReached) as caught:
        lp_cells(task, max_cells=100)
    partial = caught.value.partial
    assert isinstance(partial, NetworkCells)
    assert (partial.n_cells, len(partial.signs)) == (100, 100)
    tables: list[SignTable] = []
    found = lp_cells(task, callback=tables.append)
    assert sum(map(len, tables)) == found.n_cells == lp_cells(task, max_cells=found.n_cells).n_cells
    with pytest.raises(InputError, match="no sign table"):
        _ = found.signs


def test_no_switches_and_no_space() -> None:
    assert lp_cells(arrangement_task([], dimension=3)).n_cells == 1
    assert lp_cells(arrangement_task([(0, 1)], Polyhedron.box([2], [2]))).n_cells == 0
    tree = lp_tree_proof(arrangement_task([(1, 1)], Polyhedron.box([2], [2])))
    assert (tree.n_cells, int(tree.nodes[0])) == (0, 4)


def test_who_is_faster() -> None:
    assert prefers_lp(arrangement_task(vandermonde(12, 10)))
    assert not prefers_lp(arrangement_task(vandermonde(12, 3)))


@given(st.integers(0, 2**32), st.sampled_from([2, 3]))
@settings(deadline=None, max_examples=8)
def test_maxout_and_skips(seed: int, pieces: int) -> None:
    """Tournaments and carried values; patterns that several leaves share are counted once."""
    rng = np.random.default_rng(seed)
    sizes = ((3 * pieces, 2), (2, 3))
    layers = [(rng.integers(-2, 3, size).tolist(), rng.integers(-2, 3, size[0]).tolist()) for size in sizes]
    kinds = ["maxout", "relu"]
    network = Network.from_arrays(
        layers,
        activation=kinds[0],
        output_activation=kinds[1],
        pieces=pieces,
        skips={(2, 0): [[1, 0], [0, 1]]},
    )
    task = region_task(network)
    signs = check(task)

    def n_patterns(table: SignTable) -> int:
        return len({winner_pattern(network, row) for row in table.unpack().tolist()})

    tree = lp_tree_proof(task, n_patterns=n_patterns)
    assert set(leaves(network, (), list(tree.nodes))) == signs
    assert (tree.n_leaves, tree.n_cells) == (len(signs), len({winner_pattern(network, s) for s in signs}))


@given(st.integers(1, 3).flatmap(lambda d: st.tuples(forms_in(d), domains(d), st.just(d))))
@settings(deadline=None, max_examples=20)
def test_cells_come_in_the_order_of_the_other_engines(
    case: tuple[list[list[int]], Polyhedron | None, int],
) -> None:
    forms, domain, d = case
    task = arrangement_task(forms, domain, dimension=d)
    expected = network_cells(task, engine="reference").signs.unpack().tolist()
    for compiled in (None, False):
        assert lp_cells(task, compiled=compiled).signs.unpack().tolist() == expected
