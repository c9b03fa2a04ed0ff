"""What the linear programs prove is true, exactly; the twins agree; the walk can stop anywhere."""

from __future__ import annotations

import hashlib
import importlib
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exactnet.kernels
from exactnet.exact import RationalMatrix, solve
from exactnet.geometry.float_network import float_task, ray_floats
from exactnet.geometry.lp_exact import ExactRegions
from exactnet.geometry.lp_steps import is_compact
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import RegionTask, region_task
from exactnet.kernels import _lp_loops as loops
from exactnet.kernels import _wide_loops
from exactnet.kernels.lp_tree import LpStatus, LpTree
from exactnet.model import Network
from tests.geometry.nets import unit_box

# each one after those that it imports
LOOPS = ("_lp_loops", "_lp_notes", "_lp_program", "_lp_spans", "_lp_walk")


@pytest.fixture(scope="module")
def plain() -> tuple[ModuleType, ModuleType]:
    """The loops once more, as plain Python."""
    names = [f"exactnet.kernels.{name}" for name in LOOPS]
    for name in names:
        importlib.import_module(name)
    kept = {name: sys.modules.pop(name) for name in names}
    compile_loop = _wide_loops.compile_loop
    _wide_loops.compile_loop = lambda function: function  # type: ignore[assignment]
    try:
        modules = [importlib.import_module(name) for name in names]
    finally:
        _wide_loops.compile_loop = compile_loop
        sys.modules.update(kept)
        for name, module in zip(LOOPS, kept.values(), strict=True):
            setattr(exactnet.kernels, name, module)
    return modules[0], modules[-1]


def random_task(seed: int, widths: tuple[int, ...], *, box: bool = False) -> RegionTask:
    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in pairwise(widths)]
    domain: Polyhedron | None = unit_box(widths[0]) if box else None
    return region_task(Network.from_arrays(layers, output_activation="relu"), domain)


def opened(
    task: RegionTask,
    *,
    block: int = 2**12,
    is_proving: bool = False,
    modules: tuple[ModuleType, ModuleType] | None = None,
) -> LpTree:
    prepared = float_task(task)
    root = ExactRegions(task).root()
    assert root is not None
    tree = LpTree(
        prepared.network, is_compact=is_compact(task), block=block, is_proving=is_proving, modules=modules
    )
    assert tree.open(ray_floats(root.point, prepared.exponents)[0])
    return tree


# -- proofs ----------------------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(0, 2**32), st.sampled_from([0.0, 2.0**-50, 2.0**-30, 2.0**-10]))
@settings(deadline=None, max_examples=150)
def test_positive_solutions_are_positive(m: int, seed: int, error: float) -> None:
    """Whatever exact numbers lie within the errors of the columns and the target."""
    rng = np.random.default_rng(seed)
    columns = rng.choice([-1.0, -0.5, 0.25, 0.75, 1.0], (m, m)) + rng.choice(
        [0.0, 2.0**-20, 2.0**-48], (m, m)
    )
    columns = np.clip(columns, -1.0, 1.0)
    target = columns @ rng.choice([2.0**-49, 2.0**-20, 0.1, 0.2], m)
    inverse = np.zeros((m, m))
    try:
        inverse[:] = np.linalg.inv(columns)
    except np.linalg.LinAlgError:
        inverse[:] = rng.normal(size=(m, m))
    weights = inverse @ target
    errors, rest = np.full(m, error), np.zeros(m)
    if not loops.has_positive_solution(columns, target, weights, inverse, errors, error, rest, m):
        return
    for _ in range(3):
        moves = rng.choice([-1, 0, 1], (m, m + 1))
        exact = [
            [Fraction(x) + int(s) * Fraction(error) for x, s in zip(row, moves[i], strict=False)]
            for i, row in enumerate(columns.tolist())
        ]
        right = [
            Fraction(x) + int(s) * Fraction(error) for x, s in zip(target.tolist(), moves[:, m], strict=True)
        ]
        solution = solve(RationalMatrix.from_rows(exact), right)
        assert solution is not None
        assert all(x > 0 for x in solution)


def test_a_clear_solution_is_proved() -> None:
    columns = np.array([[1.0, 0.5], [0.25, 1.0]])
    weights, inverse = np.array([0.25, 0.5]), np.linalg.inv(columns)
    target, rest = columns @ weights, np.zeros(2)
    assert loops.has_positive_solution(columns, target, weights, inverse, np.zeros(2), 0.0, rest, 2)
    coarse = np.full(2, 0.4)
    assert not loops.has_positive_solution(columns, target, weights, inverse, coarse, 0.4, rest, 2)


@given(st.integers(0, 2**32), st.sampled_from([(2, 5), (3, 4, 3), (4, 3, 3, 2), (5, 6)]), st.booleans())
@settings(deadline=None, max_examples=30)
def test_witnesses_and_regions(seed: int, widths: tuple[int, ...], box: bool) -> None:
    """Stopped anywhere, the region at hand contains its witness, exactly, and lies inside the parts."""
    task = random_task(seed, widths, box=box)
    exact, exponents = ExactRegions(task), float_task(task).exponents
    tree = opened(task)
    for _ in range(12):
        status = tree.advance(3)
        if status is not LpStatus.PAUSED or not tree.parts():
            break
        region = tree.region()
        assert region.witness is not None
        point = [Fraction(x) * Fraction(2) ** e for x, e in zip(region.witness, exponents, strict=True)]
        for name in region.rows:
            row = exact.row(name, region.signs)
            assert sum(a * x for a, x in zip(row, point, strict=True)) > 0
        assert tree.parts()[0] == region.signs


# -- twins and stops -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("widths", "box"), [((3, 6), False), ((3, 4, 3), True), ((5, 3, 4), False)])
def test_the_twins_agree(plain: tuple[ModuleType, ModuleType], widths: tuple[int, ...], box: bool) -> None:
    assert not hasattr(plain[0].is_inside, "py_func")
    task = random_task(7, widths, box=box)
    for is_proving in (False, True):
        one = opened(task, is_proving=is_proving)
        other = opened(task, is_proving=is_proving, modules=plain)
        statuses = one.advance(10**6), other.advance(10**6)
        assert statuses[0] is statuses[1]
        assert one.counts == other.counts
        assert one.take().tolist() == other.take().tolist()
        nodes = one.take_nodes(), other.take_nodes()
        assert nodes[0].tolist() == nodes[1].tolist()
        assert bool(len(nodes[0])) == is_proving


def test_it_stops_anywhere_and_goes_on() -> None:
    task = random_task(3, (6, 9))
    whole = opened(task)
    assert whole.advance(10**6) is LpStatus.DONE
    pieces = opened(task, block=7)
    found = []
    while (status := pieces.advance(1)) is not LpStatus.DONE:
        assert status in (LpStatus.PAUSED, LpStatus.BLOCK_FULL)
        if status is LpStatus.BLOCK_FULL:
            found += pieces.take().tolist()
    found += pieces.take().tolist()
    assert found == whole.take().tolist()
    assert pieces.counts == whole.counts
    limited = opened(task)
    assert limited.advance(10**6, limit=5) is LpStatus.LIMIT
    assert limited.counts["n_cells"] == 5


def test_a_point_outside_is_refused() -> None:
    prepared = float_task(random_task(1, (2, 3), box=True))
    tree = LpTree(prepared.network)
    assert not tree.open([3.0, 0.0, 1.0])
    assert not tree.open([1.0, 0.0, 1.0])  # on the border
    assert tree.open([0.5, 0.0, 1.0])


def test_compiled_copies_are_renewed_when_a_called_file_changes() -> None:
    folder = Path(exactnet.kernels.__file__).parent
    for name in LOOPS:
        module = importlib.import_module(f"exactnet.kernels.{name}")
        for called, digest in module.COMPILED_WITH.items():
            text = (folder / called).read_bytes().replace(b"\r\n", b"\n")
            assert hashlib.sha256(text).hexdigest()[:16] == digest, f"update COMPILED_WITH in {name}"
