"""Tables and unfinished enumerations on disk: what was found is read, nothing else is accepted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, LimitReached
from exactnet.geometry import engine_steps, named, stream
from exactnet.geometry.cell_file import (
    load_partial,
    read_count,
    read_signs,
    save_network_signs,
    save_partial,
    save_signs,
    write_count,
)
from exactnet.geometry.hyperplanes import arrangement
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.stream import stream_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.many_networks import random_task
from tests.geometry.nets import vandermonde


def listed(source):
    """All sign vectors in the order of the stream."""
    rows = []
    stream_cells(source, lambda table: rows.extend(map(tuple, table.unpack().tolist())))
    return rows


@pytest.fixture
def small_rounds(monkeypatch):
    """Rounds so small that little arrangements need many of them."""
    monkeypatch.setattr(stream, "_CELLS", 40)
    monkeypatch.setattr(stream, "_ROWS", 40)
    monkeypatch.setattr(stream, "_TASKS", 8)
    monkeypatch.setattr(stream, "_STARTS", 3)


# -- arrangements ----------------------------------------------------------------------------------------


def test_a_table_on_disk(tmp_path):
    path = tmp_path / "cells.npy"
    found = save_signs(named.threshold(3), path)
    stored = np.load(path)
    assert stored.shape == (104, 1) == (found.n_cells, 1)
    assert stored.dtype == np.dtype("<u8")
    tables = list(read_signs(path, 8, n_rows=30))
    assert [len(table) for table in tables] == [30, 30, 30, 14]
    rows = [tuple(row) for table in tables for row in table.unpack().tolist()]
    assert sorted(rows) == sorted(listed(named.threshold(3)))
    with pytest.raises(InputError, match="not one of these forms"):
        list(read_signs(path, 65))


@pytest.mark.usefixtures("small_rounds")
def test_a_table_on_disk_is_continued(tmp_path):
    source, path, saved = named.cyclic(15, 3), tmp_path / "cells.npy", tmp_path / "open.json"
    with pytest.raises(LimitReached) as stopped:
        save_signs(source, path, max_cells=100)
    assert len(np.load(path)) == stopped.value.partial.n_cells >= 100
    write_count(stopped.value.partial, saved)
    partial = read_count(saved)
    assert partial == stopped.value.partial
    found = save_signs(source, path, resume=partial)
    rows = [tuple(row) for table in read_signs(path, 15) for row in table.unpack().tolist()]
    assert len(rows) == len(set(rows)) == found.n_cells == 576
    with pytest.raises(InputError, match="does not hold the cells"):
        save_signs(source, path, resume=partial)


def test_empty_tables_on_disk(tmp_path):
    save_signs([(1, 0)], tmp_path / "none.npy", domain=Polyhedron(((0, -1),), 1))
    assert list(read_signs(tmp_path / "none.npy", 1)) == []
    save_signs(arrangement([], dimension=2), tmp_path / "one.npy")
    assert [len(table) for table in read_signs(tmp_path / "one.npy", 0)] == [1]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind": "other"}', '{"kind": "cell count", "open": "x"}'])
def test_a_file_that_is_no_count(tmp_path, text):
    path = tmp_path / "count.json"
    path.write_text(text)
    with pytest.raises(InputError, match="not a saved count"):
        read_count(path)


# -- networks --------------------------------------------------------------------------------------------


def task_of() -> RegionTask:
    rng = np.random.default_rng(3)
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in ((2, 9), (9, 8))]
    return region_task(Network.from_arrays(layers, output_activation="relu"))


def stopped_at(task: RegionTask, max_cells: int, **options) -> NetworkCells:
    with pytest.raises(LimitReached) as stopped:
        network_cells(task, max_cells=max_cells, **options)
    return stopped.value.partial


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 30), st.booleans())
def test_results_survive_the_disk(tmp_path_factory, seed, max_cells, count_only):
    path = tmp_path_factory.mktemp("cells") / "cells.npz"
    task = random_task(seed)
    whole = network_cells(task, count_only=count_only)
    found = whole if whole.n_cells <= max_cells else stopped_at(task, max_cells, count_only=count_only)
    save_partial(found, path)
    loaded = load_partial(path, task)
    assert loaded == found == load_partial(path)
    assert loaded.stats == found.stats
    assert network_cells(task, resume=loaded, count_only=count_only) == whole


def test_wide_tables_and_small_files(tmp_path):
    """70 switches take two words; 40 000 signs in open parts and table do not take 40 000 bytes."""
    task = arrangement_task(vandermonde(70, 2))
    path = tmp_path / "some"
    partial = stopped_at(task, 500)
    save_partial(partial, path)
    assert load_partial(path, task) == partial
    assert path.stat().st_size < 12_000
    assert not load_partial(path).signs.positive.flags.writeable


def test_a_result_belongs_to_its_task(tmp_path):
    path = tmp_path / "cells.npz"
    save_partial(stopped_at(task_of(), 20), path)
    other = arrangement_task(vandermonde(17, 2))
    with pytest.raises(InputError, match="another network or domain"):
        load_partial(path, other)
    with pytest.raises(InputError, match="another network or domain"):
        network_cells(other, resume=load_partial(path))


def test_files_that_hold_no_cells(tmp_path):
    path = tmp_path / "cells.npz"
    save_partial(stopped_at(task_of(), 20), path)
    whole = path.read_bytes()
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    record = json.loads(arrays["record"].tobytes())
    damaged = [
        b"",
        b"PK",
        b"text",
        whole[: len(whole) // 2],
        whole[:100] + bytes(40) + whole[140:],
    ]
    for changes in ({"kind": "other"}, {"n_cells": 19}, {"n_open_columns": 500}, {"more": 1}):
        text = np.frombuffer(json.dumps(record | changes).encode(), dtype=np.uint8)
        np.savez(tmp_path / "changed.npz", **(arrays | {"record": text}))
        damaged.append((tmp_path / "changed.npz").read_bytes())
    np.savez(tmp_path / "changed.npz", **{name: a for name, a in arrays.items() if name != "positive"})
    damaged.append((tmp_path / "changed.npz").read_bytes())
    np.save(tmp_path / "array.npy", arrays["positive"])
    damaged.append((tmp_path / "array.npy").read_bytes())
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(InputError, match="does not hold the cells of a network"):
            load_partial(path)


def test_a_table_of_a_network_on_disk_is_continued(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_steps, "_BLOCK", 16)
    task, path = task_of(), tmp_path / "cells.npy"
    whole = network_cells(task)
    with pytest.raises(LimitReached) as stopped:
        save_network_signs(task, path, max_cells=50)
    partial = stopped.value.partial
    assert np.array_equal(np.load(path), whole.signs.positive[: partial.n_cells])
    found = save_network_signs(task, path, resume=partial, jobs=2)
    assert np.array_equal(np.load(path), whole.signs.positive)
    assert (found.n_cells, found.n_bounded, found.is_complete) == (whole.n_cells, whole.n_bounded, True)
    with pytest.raises(InputError, match="does not hold the cells"):
        save_network_signs(task, path, resume=partial)
    assert np.array_equal(np.load(path), whole.signs.positive)


def test_an_interrupted_table_has_the_rows_that_count(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_steps, "_BLOCK", 16)
    task, path = task_of(), tmp_path / "cells.npy"

    def stop(phase, done, total):
        if done > 60:
            raise KeyboardInterrupt

    with pytest.raises(LimitReached, match="interrupted") as stopped:
        save_network_signs(task, path, progress=stop, engine="float64")
    assert len(np.load(path)) == stopped.value.partial.n_cells > 60
    save_network_signs(task, path, resume=stopped.value.partial)
    assert np.array_equal(np.load(path), network_cells(task).signs.positive)
