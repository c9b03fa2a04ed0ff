"""The fast engine finds the cells of the reference: random, degenerate, adversarial and known networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry import engine_steps as module
from exactnet.geometry import named
from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.hyperplanes import Arrangement
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.stream import count_cells, stream_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.io import load_network
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

FLOATS = st.one_of(
    st.floats(-2, 2, width=32), st.sampled_from([0.0, 1.0, -1.0, 0.1, 2.0**-33, 1e300, 1e-300, -1e300])
)
BIG = st.integers(-2, 2).flatmap(lambda k: st.integers(-1, 1).map(lambda e: k * (10**25 + 7) + e))
NEAR = st.tuples(st.integers(-1, 1), st.integers(-3, 3), st.sampled_from([33, 45, 52, 60, 100])).map(
    lambda t: t[0] + Fraction(t[1], 2 ** t[2])
)
# lines with gaps of 2^-33 around one point
NEAR_CONCURRENT = "near_concurrent_2-5-4-1"


def as_set(found: NetworkCells) -> set[tuple[int, ...]]:
    rows = list(map(tuple, found.signs.unpack().tolist()))
    assert len(rows) == len(set(rows)) == found.n_cells
    return set(rows)


def check(task: RegionTask) -> NetworkCells:
    """Both engines against the reference; returns what the fast one found."""
    cells = list(reference_cells(task))
    found = network_cells(task, engine="float64")
    assert as_set(found) == {cell.signs for cell in cells}
    plain = network_cells(task, engine="reference")
    assert found.signs.n_columns == plain.signs.n_columns == task.n_switches
    bounded = sum(all(ray[-1] for ray in cell.rays) for cell in cells)
    for other in (found, plain, network_cells(task, count_only=True, engine="float64")):
        assert (other.n_cells, other.n_relatively_bounded) == (len(cells), bounded)
        assert other.lineality == found.lineality
    return found


# -- against the reference -----------------------------------------------------------------------------


@given(networks(largest=(2, 4, 3), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=150)
def test_ternary_networks(network: Network, data: st.DataObject) -> None:
    check(region_task(network, data.draw(domains(network.n_inputs))))


@pytest.mark.parametrize("entries", [SMALL, FLOATS, BIG, NEAR], ids=["small", "floats", "big", "near"])
@given(st.data())
@settings(deadline=None, max_examples=60)
def test_other_networks(entries: st.SearchStrategy[object], data: st.DataObject) -> None:
    network = data.draw(networks(largest=(3, 4, 3), entries=entries, activations=ACTIVATIONS))
    check(region_task(network, data.draw(domains(network.n_inputs))))


@given(networks(largest=(2, 3, 2, 2, 2), entries=st.one_of(SMALL, FLOATS)))
@settings(deadline=None, max_examples=60)
def test_deep_networks(network: Network) -> None:
    check(region_task(network))


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(forms_in(d), domains(d), st.just(d))))
@settings(deadline=None, max_examples=100)
def test_arrangements(case: tuple[list[list[int]], Polyhedron | None, int]) -> None:
    forms, domain, d = case
    check(arrangement_task(forms, domain, dimension=d))


@given(st.integers(0, 2**32), st.sampled_from(ACTIVATIONS[:4]), st.integers(0, 2))
@settings(deadline=None, max_examples=25)
def test_gaussian_networks_with_repeated_units(seed: int, activation: str, n_bias_free: int) -> None:
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(5, 2)), rng.normal(size=(4, 5))]
    biases = [rng.normal(size=5), rng.normal(size=4)]
    for weight, bias in zip(weights, biases, strict=True):
        weight[-1], bias[-1] = weight[0] * 3, bias[0] * 3
        weight[-2], bias[-2] = -weight[1] / 2, -bias[1] / 2
    biases[:n_bias_free] = [np.zeros_like(bias) for bias in biases[:n_bias_free]]
    layers = list(zip(weights, biases, strict=True))
    check(region_task(Network.from_arrays(layers, activation=activation, output_activation="relu")))


# -- known counts --------------------------------------------------------------------------------------


def truth(folder: Path) -> dict[str, dict[str, int]]:
    known: dict[str, dict[str, int]] = json.loads((folder / "nets" / "counts.json").read_text())["truth"]
    return known


def counts_of(folder: Path, name: str) -> list[tuple[RegionTask, dict[str, int]]]:
    network = load_network(folder / "nets" / f"{name}.npz")
    known = truth(folder)[name]
    whole = {"n_cells": known["Rd"]} | ({"n_bounded": known["bounded"]} if "bounded" in known else {})
    box = {"n_cells": known["box"], "n_bounded": known["box"]}
    return [
        (region_task(network), whole),
        (region_task(network, unit_box(network.n_inputs)), box),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "mlp_2-16-16-1_s0",
        "mlp_2-32-32-1_s0",
        "mlp_2-64-64-1_s0",
        "mlp_3-16-16-1_s0",
        "mlp_4-16-16-1_s0",
        "deg_zerobias_3-12-12-1",
        "deg_ternary_2-12-12-1",
        "fold_2-4-4-4-1_p2",
        NEAR_CONCURRENT,
        "deg_dup_2-10-10-1",
    ],
)
def test_known_networks(data_folder: Path, name: str) -> None:
    for task, known in counts_of(data_folder, name):
        found = network_cells(task, engine="float64")
        assert {key: getattr(found, key) for key in known} == known
        assert len(as_set(found)) == known["n_cells"]
        if known["n_cells"] < 200:
            check(task)
        if name.startswith("mlp"):
            assert found.stats["n_exact"] == 0
        if name.startswith(("fold", "deg_ternary")):
            assert (found.stats["n_exact"], found.stats["n_anchored"]) == (0, 0), "small integers are exact"


@pytest.mark.slow
def test_eight_inputs(data_folder: Path) -> None:
    for task, known in counts_of(data_folder, "mlp_8-16-1_s0"):
        assert network_cells(task, count_only=True, engine="float64").n_cells == known["n_cells"]


@pytest.mark.slow
def test_no_cell_of_a_wider_network_is_lost_or_found_twice(data_folder: Path) -> None:
    """Thousands of cells: the two halves of the domain together have the cells of the whole, no more."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in ((3, 24), (24, 24), (24, 24))]
    network = Network.from_arrays(layers, output_activation="relu")
    whole = network_cells(region_task(network, unit_box(3)))
    halves = [
        network_cells(region_task(network, Polyhedron.box([low, -1, -1], [high, 1, 1])))
        for low, high in ((-1, 0), (0, 1))
    ]
    keys = [{found.signs.row_key(i) for i in range(len(found.signs))} for found in (whole, *halves)]
    assert keys[0] == keys[1] | keys[2]
    assert len(keys[0]) == whole.n_cells > 5_000


@pytest.mark.parametrize(("pieces", "depth"), [(2, 1), (2, 3), (4, 2), (6, 2)])
def test_folding_networks(pieces: int, depth: int) -> None:
    task = region_task(zigzag(pieces, depth), Polyhedron.box([0], [1]))
    assert check(task).n_cells == pieces**depth


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5])
def test_generic_arrangements(d: int) -> None:
    from math import comb

    n = d + 4
    found = network_cells(arrangement_task(vandermonde(n, d)), engine="float64")
    assert found.n_cells == sum(comb(n, k) for k in range(d + 1))
    assert found.n_bounded == comb(n - 1, d)


@pytest.mark.parametrize(
    ("constants", "n_cells", "n_bounded"),
    [((0,), 24, 1), ((0, 1), 125, 27), ((-1, 0, 1), 336, 120), ((1,), 36, 4)],
    ids=["braid", "shi", "catalan", "linial"],
)
def test_classical_arrangements(constants: tuple[int, ...], n_cells: int, n_bounded: int) -> None:
    """Stanley's counts for n = 4; relatively bounded, since all contain the line (1, 1, 1, 1)."""
    found = check(arrangement_task(differences(4, constants)))
    assert (found.n_cells, found.lineality, found.n_bounded) == (n_cells, 1, 0)
    assert found.n_relatively_bounded == (0 if constants == (0,) else n_bounded)


# -- adversaries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [20, 33, 52, 60, 200])
@pytest.mark.parametrize("move", [-1, 0, 1])
def test_almost_concurrent_lines(bits: int, move: int) -> None:
    """Three lines through (1/3, 1/7), one of them moved by 2^-bits: 7 cells, or 6 if it is not moved."""
    gap = Fraction(move, 2**bits)
    forms = [
        (3, 0, -1),
        (0, 7, -1),
        (Fraction(3), Fraction(7), Fraction(-2) + gap),
    ]
    found = check(arrangement_task(forms))
    assert found.n_cells == (7 if move else 6)
    assert found.n_bounded == abs(move)


@pytest.mark.parametrize("bits", [33, 60])
def test_almost_concurrent_kinks_behind_a_layer(bits: int) -> None:
    """The second layer has breakpoints that differ by 2^-bits, on values that cancel."""
    gap = Fraction(1, 2**bits)
    third = Fraction(1, 3)
    layers: list[tuple[object, object]] = [
        ([[1, third], [third, 1], [1 + third, 1 + third]], [0, 0, 0]),
        ([[1, 1, -1], [1, 1, -1 - gap], [1, 1, -1]], [-third, -third, -third + gap]),
    ]
    check(region_task(Network.from_arrays(layers, output_activation="relu")))


def test_rows_that_cancel() -> None:
    """u1 + u2 - u3 vanishes wherever all are active, u1 - u1 everywhere; float weights make it hard."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(2, 2))
    rows = [list(map(Fraction, row)) for row in first.tolist()]
    rows.append([x + y for x, y in zip(*rows, strict=True)])
    layers: list[tuple[object, object]] = [
        ([*rows, rows[0]], [0, 0, 0, 0]),
        ([[1, 1, -1, 0], [1, 0, 0, -1], [Fraction(1, 3), 1, 1, 0]], [0, 0, -1]),
        ([[1, 1, 1], [1, 1, 0]], [0, "1/10"]),
    ]
    for activation in ("relu", "leaky_relu", "abs"):
        network = Network.from_arrays(layers, activation=activation, slope="1/7", output_activation="relu")
        check(region_task(network))
        check(region_task(network, unit_box(2)))


@pytest.mark.parametrize("power", [30, 300])
def test_huge_and_tiny_weights_change_nothing(power: int) -> None:
    """Positive factors on units, undone behind them, and on inputs: the same cells, without questions."""
    rng = np.random.default_rng(1)
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in ((3, 7), (7, 6))]
    plain = network_cells(
        region_task(Network.from_arrays(layers, output_activation="relu")), engine="float64"
    )
    factors = [Fraction(10) ** int(e) for e in rng.choice([-power, 0, power], size=7)]
    first, bias = (
        [list(map(Fraction, row)) for row in table]
        for table in (layers[0][0].tolist(), [layers[0][1].tolist()])
    )
    scaled: list[tuple[object, object]] = [
        (
            [[f * x for x in row] for f, row in zip(factors, first, strict=True)],
            [f * x for f, x in zip(factors, bias[0], strict=True)],
        ),
        (
            [[Fraction(x) / f for f, x in zip(factors, row, strict=True)] for row in layers[1][0].tolist()],
            layers[1][1].tolist(),
        ),
    ]
    found = network_cells(
        region_task(Network.from_arrays(scaled, output_activation="relu")), engine="float64"
    )
    assert as_set(found) == as_set(plain)
    assert found.stats["n_exact"] == 0
    # inputs in other units: x1 in multiples of 10^power
    stretched = [[x * 10**power if k == 0 else x for k, x in enumerate(row)] for row in first]
    network = Network.from_arrays([(stretched, bias[0]), layers[1]], output_activation="relu")
    found = network_cells(region_task(network), engine="float64")
    assert as_set(found) == as_set(plain)
    assert found.stats["n_exact"] == 0


def test_weights_of_very_different_size_side_by_side() -> None:
    layers: list[tuple[object, object]] = [
        ([[1e300, 1e-300], [1e-300, 1e300], [1, 1], [1e300, -1]], [1, -1e300, 1e-300, 0]),
        ([[1e-300, 1e300, 1, 0], [1, -1, 1e-300, 1e300], [0, 0, 0, 1e-300]], [1, 1e300, -1e-300]),
    ]
    for activation in ("relu", "leaky_relu", "hardtanh"):
        network = Network.from_arrays(layers, activation=activation, slope=0.01, output_activation="relu")
        check(region_task(network))


def test_extreme_slopes_are_left_to_the_reference() -> None:
    network = Network.from_arrays([([[1], [2]], [0, 1])], activation="leaky_relu", slope=0)
    layers = [([[1], [2]], [0, 1]), ([[1, 1]], [-1])]
    for slope in (Fraction(10) ** 400, Fraction(1, 10**400)):
        network = Network.from_arrays(layers, activation="leaky_relu", slope=slope, output_activation="relu")
        found = check(region_task(network))
        assert found.stats == {"engine": "reference"}


def test_a_network_that_floats_cannot_see_is_left_to_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """All weights agree in 200 bits, so that almost every sign has to be asked for."""
    monkeypatch.setattr(module, "_MANY_QUESTIONS", 20)
    rng = np.random.default_rng(0)
    base = 10**60
    forms = [[base + int(x) for x in row] for row in rng.integers(-9, 10, size=(9, 3))]
    task = arrangement_task(forms)
    tables: list[SignTable] = []
    found = network_cells(task, callback=tables.append, engine="float64")
    assert found.stats == {"engine": "reference"}
    assert sum(map(len, tables)) == found.n_cells == len(list(reference_cells(task)))
    monkeypatch.setattr(module, "_MANY_QUESTIONS", 10**9)
    asked = network_cells(task, engine="float64")
    assert asked.n_cells == found.n_cells
    assert int(asked.stats["n_exact"]) > 20


# -- degenerate tasks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["float64", "reference", None])
def test_degenerate_tasks(engine: Engine | None) -> None:
    def cells(task: RegionTask) -> tuple[int, int, int]:
        found = network_cells(task, engine=engine)
        assert len(found.signs) == found.n_cells
        return found.n_cells, found.n_bounded, found.lineality

    nothing = Polyhedron.from_inequalities([[1, 0], [-1, 0]], [0, -1])
    flat = Polyhedron.box([0, 0], [0, 1])
    lines = [(1, 0, 0), (0, 1, 0)]
    assert cells(arrangement_task(lines, nothing)) == (0, 0, 0)
    assert cells(arrangement_task(lines, flat)) == (0, 0, 0)
    assert cells(arrangement_task([], dimension=3)) == (1, 0, 3)
    assert cells(arrangement_task([(0, 0, 0), (0, 0, 1), (0, 0, -2)])) == (1, 0, 2)
    assert cells(arrangement_task([(1, 0, 0)] * 3 + [(-2, 0, 0)])) == (2, 0, 1)
    assert cells(RegionTask(0, (), ())) == (1, 1, 0)
    assert cells(region_task(Network.from_arrays([([[1, 2]], [3])]))) == (1, 0, 2)
    assert cells(region_task(Network.from_arrays([([[1, 2]], [3])]), unit_box(2))) == (1, 1, 0)
    assert cells(arrangement_task([(1, 0)], Polyhedron.box([0], [1]))) == (1, 1, 0)


def test_signs_of_constant_and_repeated_units() -> None:
    forms = [(0, 0), (0, 5), (0, -5), (1, 0), (-2, 0), (3, 0), (1, -1)]
    found = network_cells(arrangement_task(forms), engine="float64")
    assert as_set(found) == {
        (-1, 1, -1, -1, 1, -1, -1),
        (-1, 1, -1, 1, -1, 1, -1),
        (-1, 1, -1, 1, -1, 1, 1),
    }


# -- blocks, limits, interruptions -----------------------------------------------------------------------


def task_of(n: int = 9) -> RegionTask:
    return arrangement_task(vandermonde(n, 2))


@pytest.mark.parametrize("engine", ["float64", "reference"])
def test_blocks_are_the_table_in_pieces(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    whole = network_cells(task_of(), engine=engine)
    monkeypatch.setattr(module, "_BLOCK", 5)
    monkeypatch.setattr(module, "_REFERENCE_BLOCK", 5)
    tables: list[SignTable] = []
    seen: list[int] = []
    found = network_cells(
        task_of(),
        callback=tables.append,
        progress=lambda phase, done, total: seen.append(done),
        engine=engine,
    )
    assert all(0 < len(table) <= 5 for table in tables)
    assert np.array_equal(np.concatenate([table.unpack() for table in tables]), whole.signs.unpack())
    assert seen == sorted(seen)
    assert seen[-1] == found.n_cells == whole.n_cells
    assert not tables[0].positive.flags.writeable
    with pytest.raises(InputError, match="no sign table"):
        _ = found.signs


@pytest.mark.parametrize("engine", ["float64", "reference"])
@pytest.mark.parametrize("max_cells", [0, 1, 10, 45])
def test_the_limit(max_cells: int, engine: Engine) -> None:
    """9 lines in general position have 46 cells."""
    all_cells = as_set(network_cells(task_of()))
    with pytest.raises(LimitReached, match="the limit on the number of cells") as caught:
        network_cells(task_of(), max_cells=max_cells, engine=engine)
    partial = caught.value.partial
    assert isinstance(partial, NetworkCells)
    assert max_cells - 1 <= partial.n_cells <= max_cells
    assert as_set(partial) <= all_cells
    assert network_cells(task_of(), max_cells=46, engine=engine).n_cells == 46


@pytest.mark.parametrize("engine", ["float64", "reference"])
def test_an_interruption_keeps_what_there_is(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(module, "_BLOCK", 8)
    monkeypatch.setattr(module, "_REFERENCE_BLOCK", 8)

    def stop(phase: str, done: int, total: int | None) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(LimitReached, match="interrupted") as caught:
        network_cells(task_of(), progress=stop, engine=engine)
    partial = caught.value.partial
    assert isinstance(partial, NetworkCells)
    assert len(as_set(partial)) == partial.n_cells < 46


def test_small_tasks_do_not_wait_for_the_compiler() -> None:
    assert network_cells(task_of()).stats == {"engine": "reference"}
    assert network_cells(task_of(40)).stats["engine"] == "float64"


@pytest.mark.slow
def test_the_speed_of_the_walk(data_folder: Path) -> None:
    """More than 2 10^5 cells a second on one core; a third of that here, for busy machines."""
    from time import process_time

    def seconds(call: Callable[[], NetworkCells]) -> float:
        start = process_time()
        call()
        return process_time() - start

    for name in ("mlp_3-16-16-1_s0", "mlp_4-16-16-1_s0"):
        task = region_task(load_network(data_folder / "nets" / f"{name}.npz"))
        n_cells = network_cells(task, count_only=True).n_cells
        best = min(seconds(lambda task=task: network_cells(task, count_only=True)) for _ in range(3))
        assert n_cells / best > 70_000


# -- plain arrangements have an engine of their own ------------------------------------------------------


@given(st.integers(1, 3).flatmap(lambda d: st.tuples(forms_in(d, most=8), domains(d), st.just(d))))
@settings(deadline=None, max_examples=80)
def test_agrees_with_the_stream_of_arrangements(
    case: tuple[list[list[int]], Polyhedron | None, int],
) -> None:
    forms, domain, d = case
    task = arrangement_task(forms, domain, dimension=d)
    found = network_cells(task, engine="float64")
    rows: list[tuple[int, ...]] = []
    streamed = stream_cells(task, lambda table: rows.extend(map(tuple, table.unpack().tolist())))
    assert set(rows) == as_set(found)
    assert streamed.n_bounded == found.n_bounded
    if found.n_cells:  # of nothing, the stream divides by the lines of a domain that it never looks at
        assert streamed.lineality == found.lineality


@pytest.mark.parametrize(
    "source",
    [named.resonance(4), named.shi(4), named.threshold(3), named.cyclic(14, 3)],
    ids=lambda a: a.name,
)
def test_agrees_with_the_stream_on_known_arrangements(source: Arrangement) -> None:
    found = network_cells(arrangement_task(source.forms), engine="float64")
    counted = count_cells(source)
    assert (found.n_cells, found.n_bounded) == (counted.n_cells, counted.n_bounded)
    assert found.lineality == counted.lineality
