"""Any number of workers, limits, interruptions and resumptions: the same cells in the same order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry import engine_steps, part_queue
from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.nets import unit_box, vandermonde


def gaussian(*widths: int, activation: str = "relu", bias: float = 1.0, box: bool = False) -> RegionTask:
    rng = np.random.default_rng(len(widths))
    layers = [(rng.normal(size=(b, a)), bias * rng.normal(size=b)) for a, b in pairwise(widths)]
    network = Network.from_arrays(layers, activation=activation, output_activation=activation, slope="1/10")
    return region_task(network, unit_box(widths[0]) if box else None)


def ternary(*widths: int) -> RegionTask:
    rng = np.random.default_rng(7)
    layers = [(rng.integers(-1, 2, size=(b, a)), rng.integers(-1, 2, size=b)) for a, b in pairwise(widths)]
    return region_task(Network.from_arrays(layers, output_activation="relu"))


TASKS = {
    "plane": gaussian(2, 8, 7, 5),
    "box": gaussian(3, 7, 5, box=True),
    "zero bias": gaussian(3, 8, 6, bias=0.0),
    "leaky": gaussian(2, 6, 6, activation="leaky_relu"),
    "hardtanh": gaussian(2, 5, 3, activation="hardtanh"),
    "ternary": ternary(3, 8, 6),
    "with lines": arrangement_task([(1, t, t * t, 0, 1) for t in range(9)]),
    "many words": arrangement_task(vandermonde(70, 1)),
}
FEW = ("leaky", "ternary", "with lines")  # a new part costs linear programs an exact beginning


@pytest.fixture
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds so small that little networks need many of them."""
    monkeypatch.setattr(engine_steps, "_BLOCK", 8)
    monkeypatch.setattr(engine_steps, "_BUDGET", 12)
    monkeypatch.setattr(engine_steps, "_REFERENCE_BLOCK", 8)
    monkeypatch.setattr(part_queue, "_CELLS", 20)
    monkeypatch.setattr(part_queue, "_PARTS", 3)


def stopped_at(task: RegionTask, max_cells: int, **options: object) -> NetworkCells:
    with pytest.raises(LimitReached, match="resume") as caught:
        network_cells(task, max_cells=max_cells, **options)  # type: ignore[arg-type]
    partial = caught.value.partial
    assert isinstance(partial, NetworkCells)
    assert not partial.is_complete
    return partial


def rows_of(found: NetworkCells) -> list[tuple[int, ...]]:
    rows = list(map(tuple, found.signs.unpack().tolist()))
    assert len(rows) == found.n_cells
    return rows


# -- workers -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_small_steps")
@pytest.mark.parametrize(("name", "engine"), [*product(TASKS, ["float64"]), *product(FEW, ["lp"])])
def test_the_number_of_workers_changes_nothing(name: str, engine: Engine) -> None:
    task = TASKS[name]
    one = network_cells(task, engine=engine)
    judge = network_cells(task, engine="reference")
    assert rows_of(one) == rows_of(judge)
    assert one.n_bounded == judge.n_bounded
    assert one.n_cells > 20
    for jobs in (2, 3):
        assert network_cells(task, engine=engine, jobs=jobs) == one
        counted = network_cells(task, engine=engine, jobs=jobs, count_only=True)
        assert (counted.n_cells, counted.n_bounded) == (one.n_cells, one.n_bounded)
        tables: list[SignTable] = []
        network_cells(task, engine=engine, jobs=jobs, callback=tables.append)
        assert np.array_equal(np.concatenate([table.unpack() for table in tables]), one.signs.unpack())


def test_large_rounds() -> None:
    """More cells than one worker finds in a round, with the constants as they are."""
    task = gaussian(4, 15, 15)
    one = network_cells(task, count_only=True)
    calls: list[int] = []
    two = network_cells(task, count_only=True, jobs=2, progress=lambda phase, done, total: calls.append(done))
    assert two == one
    assert one.n_cells > 2**14
    assert calls == sorted(calls)
    assert calls[-1] == two.n_cells
    shares = two.shares
    assert sum(shares.values()) == 1
    assert shares["n_exact"] < shares["n_float"]


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of joblib's backends that have worked."""
    import joblib

    used: list[str] = []

    class Watched(joblib.Parallel):  # type: ignore[misc]
        def __call__(self, calls: object) -> object:
            used.append(type(self._backend).__name__)
            return super().__call__(calls)

    monkeypatch.setattr(joblib, "Parallel", Watched)
    return used


@pytest.mark.slow
@pytest.mark.usefixtures("_small_steps")
def test_processes(backends: list[str]) -> None:
    """The reference is plain Python, so its workers are processes."""
    task = TASKS["ternary"]
    found = network_cells(task, engine="reference", jobs=2)
    assert found == network_cells(task, engine="float64")
    assert found.stats == {"engine": "reference"}
    assert set(backends) == {"LokyBackend"}


@pytest.mark.usefixtures("_small_steps")
def test_threads(backends: list[str]) -> None:
    """The compiled walk lets go of the interpreter."""
    network_cells(TASKS["plane"], engine="float64", jobs=2)
    assert set(backends) == {"ThreadingBackend"}


@pytest.mark.slow
@pytest.mark.usefixtures("_small_steps")
def test_a_cluster(backends: list[str]) -> None:
    distributed = pytest.importorskip("distributed")
    import joblib

    task = TASKS["ternary"]
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        found = network_cells(task, jobs=2, engine="float64")
    assert found == network_cells(task)
    assert set(backends) == {"DaskDistributedBackend"}


# -- limits and interruptions ----------------------------------------------------------------------------


@pytest.mark.usefixtures("_small_steps")
@pytest.mark.parametrize(
    ("name", "engine"), [*product(TASKS, ["float64", "reference"]), *product(FEW, ["lp"])]
)
def test_a_limit_gives_a_lower_bound_and_a_way_to_go_on(name: str, engine: Engine) -> None:
    task = TASKS[name]
    whole = network_cells(task, engine=engine)
    every = rows_of(whole)
    partial = None
    for limit in (0, 7, 8, whole.n_cells // 2, whole.n_cells - 1):
        partial = stopped_at(task, limit, engine=engine, resume=partial)
        assert limit - 1 <= partial.n_cells <= limit
        assert rows_of(partial) == every[: partial.n_cells]
        for k, signs in enumerate(every):
            n_parts = sum(all(p in (0, s) for p, s in zip(part, signs, strict=True)) for part in partial.open)
            assert n_parts == (k >= partial.n_cells), "each cell is found or in exactly one part"
    found = network_cells(task, engine=engine, resume=partial)
    assert found == whole
    assert network_cells(task, resume=found) == whole
    assert network_cells(task, engine=engine, max_cells=whole.n_cells) == whole


@pytest.mark.usefixtures("_small_steps")
@pytest.mark.parametrize("name", ["plane", "zero bias", "ternary"])
def test_limits_do_not_depend_on_the_number_of_workers(name: str) -> None:
    task = TASKS[name]
    whole = network_cells(task)
    for limit in (0, 1, 20, 50):
        one = stopped_at(task, limit, engine="float64")
        two = stopped_at(task, limit, engine="float64", jobs=2)
        assert rows_of(one) == rows_of(two)
        assert one.n_relatively_bounded == two.n_relatively_bounded
        for partial in (one, two):
            assert network_cells(task, engine="float64", resume=partial, jobs=2) == whole
            assert network_cells(task, engine="reference", resume=partial) == whole


@pytest.mark.usefixtures("_small_steps")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("engine", ["float64", "reference"])
def test_an_interruption_loses_nothing(jobs: int, engine: Engine) -> None:
    if engine == "reference" and jobs == 2:
        engine = "float64"  # processes have a test of their own
    task = TASKS["plane"]
    whole = network_cells(task)
    rows: list[tuple[int, ...]] = []
    n_calls = 0

    def consume(table: SignTable) -> None:
        nonlocal n_calls
        n_calls += 1
        if n_calls % 4 == 0:
            raise KeyboardInterrupt
        rows.extend(map(tuple, table.unpack().tolist()))

    partial: object = None
    n_stops = 0
    while not isinstance(partial, NetworkCells) or not partial.is_complete:
        try:
            partial = network_cells(task, callback=consume, jobs=jobs, engine=engine, resume=partial)
        except LimitReached as stopped:
            partial = stopped.partial
            n_stops += 1
        assert isinstance(partial, NetworkCells)
        assert partial.n_cells == len(rows)
    assert n_stops > 2
    assert rows == rows_of(whole)
    assert partial.n_bounded == whole.n_bounded
    assert threading.active_count() < 20


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    """A keyboard interrupt after some seconds, wherever the program is then."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    kept = signal.signal(signal.SIGALRM, interrupt)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)  # type: ignore[misc]
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, kept)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_at_any_moment(alarm: Callable[[float], None], jobs: int) -> None:
    task = gaussian(2, 12, 12, 8)
    whole = network_cells(task, engine="float64")
    for delay in np.linspace(0.001, 0.03, 12).tolist():
        partial = None
        try:
            alarm(delay)
            partial = network_cells(task, engine="float64", jobs=jobs)
            alarm(0)
        except LimitReached as stopped:
            partial = stopped.partial
        except KeyboardInterrupt:  # before it has begun, or behind its end
            continue
        assert isinstance(partial, NetworkCells)
        assert network_cells(task, resume=partial) == whole


# -- what does not fit -----------------------------------------------------------------------------------


def test_what_does_not_fit() -> None:
    task = TASKS["plane"]
    with pytest.raises(InputError, match="workers"):
        network_cells(task, jobs=0)
    partial = stopped_at(task, 10)
    with pytest.raises(InputError, match="another network or domain"):
        network_cells(TASKS["leaky"], resume=partial)
    with pytest.raises(InputError, match="another network or domain"):
        network_cells(gaussian(2, 8, 7, 5, box=True), resume=partial)
    counted = stopped_at(task, 10, count_only=True)
    with pytest.raises(InputError, match="no signs of the cells found so far"):
        network_cells(task, resume=counted)
    assert network_cells(task, resume=counted, count_only=True).n_cells == network_cells(task).n_cells
    assert network_cells(task, resume=partial, count_only=True).table is None
    # nothing was found yet, so nothing is missing in the table
    assert network_cells(task, resume=stopped_at(task, 0, count_only=True)) == network_cells(task)


def test_a_small_task_has_no_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "joblib", None)
    assert network_cells(TASKS["box"], jobs=4, engine="float64").is_complete
