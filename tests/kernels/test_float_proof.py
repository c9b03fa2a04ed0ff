"""The nodes along the certified walk: bounds line by line, twins, room, interruptions."""

from __future__ import annotations

import hashlib
import importlib
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.geometry import network_proof
from exactnet.geometry.network_proof import network_tree
from exactnet.geometry.task import RegionTask
from exactnet.kernels import _float_bases as bases
from exactnet.kernels import _float_loops as loops
from exactnet.kernels import _float_points as points
from exactnet.kernels import _float_state, float_proof
from exactnet.kernels.float_proof import ProofWalk
from tests.kernels.test_float_cells import CASES
from tests.support.plain_loops import LOOPS, plain_loops
from tests.support.region_stream import solve

MOVES = st.sampled_from([-1, 0, 1])


# -- bases [9] ---------------------------------------------------------------------------------------------


@given(st.data(), st.integers(1, 4), st.sampled_from([0.0, 2.0**-52, 2.0**-40, 2.0**-20, 2.0**-8]))
@settings(deadline=None, max_examples=100)
def test_dual_rays_are_within_their_error(data: st.DataObject, d: int, error: float) -> None:
    """Forms moved as far as their errors allow; the exact dual rays must be in reach."""
    unit = st.one_of(st.floats(-1, 1), st.sampled_from([-1.0, 0.0, 0.5, 1.0]))
    forms, moved = np.zeros((d, d + 4)), []
    for form in range(d):
        floats = data.draw(st.lists(unit, min_size=d + 1, max_size=d + 1))
        forms[form, : d + 1], forms[form, d + 1] = floats, error
        loops.bound_form(forms, form, d + 1)
        moved.append([Fraction(x) + data.draw(MOVES) * Fraction(error) for x in floats[:d]])
    slots = np.array([[form, 1] for form in range(d)])
    duals = np.zeros((1, d, d + 1))
    if not bases.dual_rays(forms, slots, np.zeros((d + 2, 2 * d + 2)), np.arange(d), duals, 0, d):
        return
    columns = [[row[k] for row in moved] for k in range(d)]
    for j in range(d):
        exact = solve(columns, [Fraction(int(i == j)) for i in range(d)])
        assert exact is not None
        floats, bound = duals[0, j, :d].tolist(), Fraction(duals[0, j, d])
        assert 0.5 <= max(map(abs, floats)) <= 1
        # some positive multiple of the exact ray is that near
        ends = [
            sorted([(Fraction(x) - bound) / y, (Fraction(x) + bound) / y])
            for x, y in zip(floats, exact, strict=True)
            if y
        ]
        assert max(low for low, _ in ends) <= min(high for _, high in ends)
        assert min(high for _, high in ends) > 0
        assert all(abs(Fraction(x)) <= bound for x, y in zip(floats, exact, strict=True) if not y)


def test_dual_rays_need_independent_forms() -> None:
    forms = np.array([[0.5, 0.25, 1.0, 0, 0, 0], [0.25, 0.125, 1.0, 0, 0, 0]])
    slots, duals = np.array([[0, 1], [1, 1]]), np.zeros((1, 2, 3))
    assert not bases.dual_rays(forms, slots, np.zeros((4, 6)), np.arange(2), duals, 0, 2)
    forms[:, 3] = 0.3  # hopelessly inaccurate
    forms[1, 1] = 1.0
    assert not bases.dual_rays(forms, slots, np.zeros((4, 6)), np.arange(2), duals, 0, 2)


def test_only_proved_multipliers_count() -> None:
    """At the corner of x >= 0, y >= 0: x + y is a combination, x alone is one that floats leave open."""
    rows = [(0, 0, 1), (1, 0, 0), (0, 1, 0), (0.5, 0.5, 0), (1, 0, 0.25), (0.5, -0.5, 1)]
    forms = np.zeros((len(rows), 6))
    forms[:, :3] = rows
    for form in range(len(rows)):
        loops.bound_form(forms, form, 3)
    slots = np.array([[0, 1], [1, 1], [2, 1]])
    table, duals = np.array([[1, 1, 2]]), np.zeros((1, 2, 3))
    assert bases.dual_rays(forms, slots, np.zeros((8, 6)), np.array([1, 2]), duals, 0, 2)
    assert bases.is_combination(forms, slots, table, duals, 0, 3, 1, 2)
    assert not bases.is_combination(forms, slots, table, duals, 0, 3, -1, 2)
    assert not bases.is_combination(forms, slots, table, duals, 0, 4, 1, 2)
    assert not bases.is_combination(forms, slots, table, duals, 0, 5, 1, 2)
    slots[:, 1] = -1
    assert bases.is_combination(forms, slots, table, duals, 0, 3, -1, 2)


# -- points [10] -------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=1, max_size=5),
    st.tuples(st.fractions(-50, 50, max_denominator=40), st.fractions(-50, 50, max_denominator=40)),
    st.sampled_from([(1.0, 1.0), (0.25, 1024.0)]),
)
@settings(deadline=None, max_examples=100)
def test_a_point_is_strictly_inside(
    rows: list[tuple[int, ...]], middle: tuple[Fraction, Fraction], widths: tuple[float, float]
) -> None:
    """Forms signed by a point: if one is found, it has the same signs exactly, in the coordinates outside."""
    x, y = (z * Fraction(width) for z, width in zip(middle, widths, strict=True))
    signed = [(row, row[0] * x + row[1] * y + row[2]) for row in rows]
    signed = [(row, value) for row, value in signed if value]
    forms = np.zeros((1 + len(signed), 6))
    forms[0, 2] = 1
    for k, (row, _) in enumerate(signed, start=1):
        forms[k, :3] = [row[0] / 2**14, row[1] / 2**14, row[2] / 2**14]
        loops.bound_form(forms, k, 3)
    slots = np.array([[0, 1]] + [[k, 1 if value > 0 else -1] for k, (_, value) in enumerate(signed, start=1)])
    table, stream = np.zeros((5, 3)), np.zeros(8, dtype=np.int64)
    table[points.MIDDLE] = float(middle[0]) * widths[0], float(middle[1]) * widths[1], 1
    found = points.find_point(
        forms, slots, table, np.array(widths), stream, np.array([2, 0]), 1, 3, len(slots), 3
    )
    if found:
        point, w = (int(stream[3]), int(stream[1])), int(stream[4])
        assert w > 0
        assert stream[[0, 2, 5, 6, 7]].tolist() == [0] * 5
        for row, value in signed:
            here = row[2] * w + sum(
                a * z * Fraction(width) for a, z, width in zip(row, point, widths, strict=False)
            )
            assert (here > 0) == (value > 0)
            assert here
    else:
        assert any(abs(value) < Fraction(1, 10**6) for _, value in signed)


def test_points_are_short() -> None:
    forms = np.zeros((3, 6))
    forms[:, :3] = [(0, 0, 1), (0.5, 0, 0), (-0.25, 0.25, 1)]
    for form in range(3):
        loops.bound_form(forms, form, 3)
    slots, table, stream = np.array([[0, 1], [1, 1], [2, 1]]), np.zeros((5, 3)), np.zeros(4, dtype=np.int64)
    table[points.MIDDLE] = 7.3, 5.2, 2.0
    assert points.find_point(forms, slots, table, np.ones(2), stream, np.array([0, 1]), 0, 2, 3, 3)
    assert stream.tolist() == [4, 3, 1, 0]


def test_compiled_copies_are_renewed_when_a_called_file_changes() -> None:
    folder = Path(loops.__file__).parent
    for name in LOOPS:
        compiled_with = importlib.import_module(f"exactnet.kernels.{name}").COMPILED_WITH
        for called, digest in compiled_with.items():
            text = (folder / called).read_bytes().replace(b"\r\n", b"\n")
            assert hashlib.sha256(text).hexdigest()[:16] == digest, f"update COMPILED_WITH in {name}"


# -- twins, room, interruptions ----------------------------------------------------------------------------


def nodes_of(task: RegionTask) -> list[int]:
    return [int(x) for x in network_tree(task, engine="float64").nodes]


@pytest.fixture(scope="module")
def plain() -> dict[str, ModuleType]:
    return plain_loops()


@pytest.mark.parametrize("task", CASES)
def test_the_twins_agree(
    task: RegionTask, plain: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = nodes_of(task)
    modules = [plain[name] for name in ("_float_loops", "_float_walk", "_float_proof")]

    class PlainWalk(ProofWalk):
        def __init__(self, network: object, layout: object) -> None:
            super().__init__(network, layout, modules=modules)  # type: ignore[arg-type]

    monkeypatch.setattr(network_proof, "ProofWalk", PlainWalk)
    assert nodes_of(task) == expected


@pytest.mark.parametrize("task", CASES)
def test_it_does_not_matter_where_the_walk_stops(task: RegionTask, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = nodes_of(task)
    monkeypatch.setattr(_float_state, "_ROOM", 1)
    monkeypatch.setattr(float_proof, "_BLOCK", 1)
    monkeypatch.setattr(network_proof, "_BUDGET", 1)
    assert nodes_of(task) == expected
