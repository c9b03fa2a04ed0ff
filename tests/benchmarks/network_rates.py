"""How fast the cells of networks are counted and listed, and whether all engines find what is known.

The networks and their counts are the shared data (`tests.conftest.find_data_folder`); warm, one thread, CPU
seconds. The yardsticks are the reference in plain integers, a naive tree of exact linear programs
(`tests.support.lp_cells.lp_network_cells`), both stopped after some cells, and other systems where they are
installed; ratios compare cells per second.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask, region_task
from exactnet.io import load_network
from exactnet.model import Network
from tests.benchmarks.peers import PEERS
from tests.benchmarks.timing import rate, seconds
from tests.conftest import find_data_folder
from tests.geometry.nets import unit_box
from tests.support.lp_cells import lp_network_cells

_HEAD = ("network", "domain", "cells", "count/s", "list/s", "lp/s", "x reference", "x LP tree", "exact")
_LINE = "{:26} {:>6} {:>7} {:>9} {:>9} {:>9} {:>11} {:>10} {:>9}  {}"


def network_rates(*, quick: bool) -> bool:
    """Print a line a network and domain; whether all counts are equal to the known ones."""
    folder = find_data_folder()
    if folder is None:
        print("no benchmark data: set EXACTNET_DATA to the folder that holds nets/")
        return True
    known = json.loads((folder / "nets" / "counts.json").read_text())["truth"]
    _warm_up()
    print(_LINE.format(*_HEAD, "verdict"))
    verdicts = [_report(folder / "nets" / f"{name}.npz", truth, quick) for name, truth in known.items()]
    _workers(quick)
    return all(verdicts)


def _warm_up() -> None:
    task = region_task(_gaussian(2, 6, 6))
    for engine in ("float64", "lp"):
        network_cells(task, engine=engine)


def _report(path: Path, truth: dict[str, Any], quick: bool) -> bool:
    network = load_network(path)
    whole = {"n_cells": truth["Rd"]} | ({"n_bounded": truth["bounded"]} if "bounded" in truth else {})
    box = {"n_cells": truth["box"], "n_bounded": truth["box"]}
    fast = _row(path.stem, "R^d", region_task(network), whole, quick)
    boxed = _row(path.stem, "box", region_task(network, unit_box(network.n_inputs)), box, quick)
    if truth["Rd"] <= (100 if quick else 500):
        for peer in PEERS:
            print("    " + peer.report(network, truth["Rd"], fast[1]), flush=True)
    return fast[0] and boxed[0]


def _row(name: str, domain: str, task: RegionTask, known: dict[str, int], quick: bool) -> tuple[bool, float]:
    """Print the line; whether everything is equal, and the rate of counting by default."""
    verdicts = {}
    rates: dict[str, float] = {}
    engines: tuple[Engine, ...] = ("float64", "lp")
    for engine in engines:
        found, spent = seconds(lambda e=engine: network_cells(task, engine=e, count_only=True))
        rates[engine] = found.n_cells / spent
        verdicts[engine] = _is(found, known)
        if engine == "float64":
            shares = found.shares
    listed, spent = seconds(lambda: network_cells(task))
    verdicts["default"] = _is(listed, known) and len(listed.signs) == listed.n_cells
    best = max(rates.values())
    reduced = reduce_task(task).reduced
    n, plain, is_all = rate(reference_cells(task), at_most=10**6, budget=0.5 if quick else 5.0)
    if is_all:
        verdicts["reference"] = n == known["n_cells"]
    n, naive, is_all = rate(lp_network_cells(reduced), at_most=1000, budget=0.3 if quick else 2.0)
    if is_all:
        verdicts["LP tree"] = n == known["n_cells"]
    wrong = [engine for engine, is_right in verdicts.items() if not is_right]
    numbers = [known["n_cells"], rates["float64"], listed.n_cells / spent, rates["lp"], best / plain]
    share = f"{float(shares.get('n_exact', 0)):.1e}"
    verdict = "DIFFERENT: " + ", ".join(wrong) if wrong else "equal (" + ", ".join(verdicts) + ")"
    texts = [f"{x:.0f}" for x in (*numbers, best / naive if naive else float("inf"))]
    print(_LINE.format(name, domain, *texts, share, verdict), flush=True)
    return not wrong, best


def _is(found: NetworkCells, known: dict[str, int]) -> bool:
    return all(getattr(found, name) == value for name, value in known.items())


def _gaussian(*widths: int) -> Network:
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in pairwise(widths)]
    return Network.from_arrays(layers, output_activation="relu")


def _workers(quick: bool) -> None:
    """Seconds on the clock for one and two workers; they depend on what else the machine does."""
    task = region_task(_gaussian(4, 20, 20) if quick else _gaussian(4, 28, 28))
    spent = []
    for jobs in (1, 2):
        start = time.perf_counter()
        found = network_cells(task, count_only=True, jobs=jobs, engine="float64")
        spent.append(time.perf_counter() - start)
    print(f"{found.n_cells} cells: {spent[0]:.2f} s by one worker, {spent[1]:.2f} s by two on the clock")
