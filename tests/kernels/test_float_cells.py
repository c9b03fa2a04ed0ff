"""Every bound of the certified walk holds, line by line; its twins agree; it can stop anywhere."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from operator import mul
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.geometry.exact_signs import ExactSigns
from exactnet.geometry.float_network import FloatTask, float_task, ray_floats, start_cells
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.task import RegionTask, region_task
from exactnet.kernels import _float_loops as loops
from exactnet.kernels import _float_state
from exactnet.kernels.float_cells import FloatWalk, Question, Status
from exactnet.model import Network
from tests.geometry.nets import unit_box
from tests.support.plain_loops import plain_loops


@pytest.fixture(scope="module")
def plain() -> tuple[ModuleType, ModuleType]:
    """The loops once more, as plain Python."""
    modules = plain_loops()
    return modules["_float_loops"], modules["_float_walk"]


def random_task(
    seed: int, widths: tuple[int, ...], *, step: float = 0.0, box: bool = False, activation: str = "relu"
) -> RegionTask:
    """Gaussian weights, or small integers moved by about `step`: almost degenerate everywhere."""
    rng = np.random.default_rng(seed)

    def table(*shape: int) -> Any:
        noise = rng.normal(size=shape)
        return rng.integers(-2, 3, size=shape) + step * noise if step else noise.astype(np.float32)

    layers = [(table(n_out, n_in), table(n_out)) for n_in, n_out in pairwise(widths)]
    network = Network.from_arrays(layers, activation=activation, output_activation=activation, slope="1/10")
    return reduce_task(region_task(network, unit_box(widths[0]) if box else None)).reduced


def answer_all(walk: FloatWalk, exact: ExactSigns, prepared: FloatTask, *, better_rays: bool = True) -> int:
    pattern = walk.pattern()
    questions = walk.questions()
    for question in questions:
        ray = exact.ray(question, pattern)
        if better_rays:
            walk.replace_ray(question.ray, *ray_floats(ray, prepared.exponents))
        walk.answer(question, exact.sign(question.form, pattern, ray))
    walk.go_on()
    return len(questions)


def run(
    prepared: FloatTask, *, modules: Any = None, budget: int = 2**20, block: int = 64
) -> tuple[np.ndarray, dict[str, int], int]:
    """All patterns in the order of the walk, the counts, and the number of questions."""
    walk = FloatWalk(prepared.network, block=block, modules=modules)
    exact = ExactSigns(prepared.task, prepared.rows)
    patterns, n_asked = [], 0
    for cell in start_cells(prepared):
        walk.open(cell)
        while (status := walk.advance(budget)) is not Status.DONE:
            if status is Status.ASK:
                n_asked += answer_all(walk, exact, prepared)
            patterns.append(walk.take())
    patterns.append(walk.take())
    return np.concatenate(patterns), walk.counts, n_asked


# -- the audit: all numbers of the walk against exact ones -------------------------------------------------


def is_within(floats: list[float], exact: list[Fraction], error: float) -> bool:
    """Whether a positive multiple of the exact vector is that near to the floats, entry by entry."""
    low, high = Fraction(0), None
    for approx, value in zip(floats, exact, strict=True):
        ends = [Fraction(approx) - Fraction(error), Fraction(approx) + Fraction(error)]
        if value == 0:
            if not ends[0] <= 0 <= ends[1]:
                return False
            continue
        if value < 0:
            ends = ends[::-1]
        low = max(low, ends[0] / value)
        high = ends[1] / value if high is None else min(high, ends[1] / value)
    return high is None or (low <= high and high > 0)


def audit(walk: FloatWalk, exact: ExactSigns, prepared: FloatTask) -> int:
    """Check all rays and forms of the cell on top of the stack; returns how many numbers were looked at."""
    state, plan, d = walk._state, walk._plan, prepared.task.dimension + 1
    if state.counts[loops.N_FRAMES] == 0:
        return 0
    frame = walk._frame
    if frame[loops.SIGN]:  # the walk notes this sign when it looks at the cell
        state.slots[frame[loops.N_SLOTS] - 1, loops.SLOT_SIGN] = frame[loops.SIGN]
    pattern, layer = walk.pattern(), frame[loops.LAYER]
    slots = state.slots[: frame[loops.N_SLOTS]].tolist()
    offset, end = prepared.task.offsets[layer : layer + 2]
    scale = [Fraction(2) ** e for e in prepared.exponents]
    forms = [exact.form(plan.n_rows + unit, pattern) for unit in range(offset, end)]
    for unit, form in zip(range(offset, end), forms, strict=True):
        row = state.forms[plan.n_rows + unit].tolist()
        assert is_within(row[:d], [x * s for x, s in zip(form, scale, strict=True)], row[d])
    members = state.members[frame[loops.START] : frame[loops.START] + frame[loops.COUNT]].tolist()
    above = loops.TIGHT + plan.tight_words
    for r in members:
        ints, numbers = state.ray_ints[r].tolist(), state.rays[r].tolist()
        bits = sum(word << (63 * w) for w, word in enumerate(ints[loops.TIGHT : above]))
        tight = tuple(f for k, (f, _) in enumerate(slots) if bits >> k & 1)
        others = tuple((f, s) for k, (f, s) in enumerate(slots) if not bits >> k & 1)
        ray = exact.ray(Question(r, 0, tight, others), pattern)
        assert all(exact.sign(f, pattern, ray) == 0 for f in tight)
        assert all(exact.sign(f, pattern, ray) == sign for f, sign in others)
        assert ints[loops.AT_INFINITY] == (ray[-1] == 0)
        assert max(map(abs, numbers[:d])) >= 0.5 or numbers[d] == loops.LOST
        assert is_within(numbers[:d], [x / s for x, s in zip(ray, scale, strict=True)], numbers[d])
        if ints[loops.GRID] < loops.FAR:
            assert all((x * 2.0 ** ints[loops.GRID]).is_integer() for x in numbers[:d])
        hidden = sum(int(word) << (63 * w) for w, word in enumerate(plan.hidden[layer]))
        for j, form in enumerate(forms):
            signs = [
                ints[above + k * plan.unit_words + j // 63] >> (j % 63) & 1 for k in range(2)
            ]  # positive, negative
            if not hidden >> j & 1:
                assert signs[0] - signs[1] == (value_sign(form, ray))
    return len(members)


def value_sign(form: Form, ray: Form) -> int:
    value: int = sum(map(mul, form, ray))
    return (value > 0) - (value < 0)


def audited_walk(task: RegionTask, *, better_rays: bool = True, every: int = 1) -> dict[str, int]:
    prepared = float_task(task)
    walk = FloatWalk(prepared.network)
    exact = ExactSigns(task, prepared.rows)
    n_looked = n_asked = 0
    for cell in start_cells(prepared):
        walk.open(cell)
        n_looked += audit(walk, exact, prepared)
        while (status := walk.advance(every)) is not Status.DONE:
            if status is Status.ASK:
                n_asked += answer_all(walk, exact, prepared, better_rays=better_rays)
            n_looked += audit(walk, exact, prepared)
    return {**walk.counts, "n_looked": n_looked, "n_asked": n_asked}


@pytest.mark.parametrize("better_rays", [True, False])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "abs", "hardtanh"])
@given(
    st.integers(0, 2**32),
    st.sampled_from([(1, 4, 3), (2, 4, 3), (2, 3, 2, 2), (3, 4, 3)]),
    st.sampled_from([0.0, *(2.0**-k for k in (20, 33, 40, 44, 50, 60))]),
    st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_every_number_is_within_its_error_and_every_sign_is_exact(
    activation: str, better_rays: bool, seed: int, widths: tuple[int, ...], step: float, box: bool
) -> None:
    audited_walk(
        random_task(seed, widths, step=step, box=box, activation=activation), better_rays=better_rays
    )


def test_the_audit_sees_every_rung() -> None:
    total: dict[str, int] = {}
    for seed in range(20):
        for step in (2.0**-36, 2.0**-44, 2.0**-1000):
            counts = audited_walk(random_task(seed, (2, 5, 4), step=step), better_rays=False, every=3)
            total = {name: total.get(name, 0) + number for name, number in counts.items()}
    assert min(total.values()) > 0, total


def test_the_audit_sees_a_bound_that_is_too_small() -> None:
    prepared = float_task(random_task(0, (3, 6, 4)))
    walk, exact = FloatWalk(prepared.network), ExactSigns(prepared.task, prepared.rows)
    walk.open(next(start_cells(prepared)))
    walk.advance(8)
    assert audit(walk, exact, prepared)
    first = walk._state.members[walk._frame[loops.START]]
    walk._state.rays[first, : prepared.task.dimension + 1] += 2.0**-30
    with pytest.raises(AssertionError):
        audit(walk, exact, prepared)


# -- single steps --------------------------------------------------------------------------------------

UNIT = st.floats(-1, 1)
ERRORS = st.sampled_from([0.0, 2.0**-52, 2.0**-40, 2.0**-20, 2.0**-8, 0.3])
MOVES = st.sampled_from([-1, 0, 1])


@given(st.data(), st.integers(2, 6))
@settings(deadline=None, max_examples=300)
def test_a_cut_point_is_within_its_error(data: st.DataObject, d: int) -> None:
    """Ends and form moved as far as their errors allow; the exact cut point must be in reach."""
    rays, forms = np.zeros((3, d + 3)), np.zeros((1, d + 3))
    exact = []
    for table, row in ((rays, 0), (rays, 1), (forms, 0)):
        floats = data.draw(st.lists(UNIT, min_size=d, max_size=d))
        error = data.draw(ERRORS)
        moved = [min(max(Fraction(x) + data.draw(MOVES) * Fraction(error), -1), 1) for x in floats]
        table[row, :d], table[row, d] = floats, error
        exact.append(moved)
    loops.bound_form(forms, 0, d)
    p, q, h = exact
    a, b = sum(map(mul, h, p)), -sum(map(mul, h, q))
    if a <= 0 or b <= 0 or not rays[:2, :d].any(axis=1).all():
        return
    loops.measure(forms, rays, 0, 0, 1.0, d)
    loops.measure(forms, rays, 0, 1, -1.0, d)
    for ray, value in ((0, a), (1, b)):
        assert abs(Fraction(rays[ray, d + 1]) - value) <= Fraction(rays[ray, d + 2])
    loops.cut_edge(rays, 0, 1, 2, d)
    cut = [b * x + a * y for x, y in zip(p, q, strict=True)]
    assert rays[2, d] <= loops.LOST
    if any(cut):
        assert is_within(rays[2, :d].tolist(), cut, rays[2, d])


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("n_more", [0, 2])
def test_an_anchored_ray_is_nearer_and_within_its_error(d: int, n_more: int) -> None:
    """The ray (1/2, .., 1/2) from d - 1 forms that vanish there, and from more of them."""
    rng = np.random.default_rng(d)
    for k in range(40):
        integers = [rng.integers(-3, 4, size=d) for _ in range(d - 1 + n_more)]
        rows = [(*row[:-1].tolist(), -int(row[:-1].sum())) for row in integers]
        rows[-1] = (1,) + (0,) * (d - 2) + (-1,)
        names = range(len(rows))
        state = anchor_state(np.array(rows) / 64, d)
        state.ray_ints[0, loops.TIGHT] = 2 ** len(rows) - 1
        state.slots[names, loops.SLOT_FORM] = names
        error = 2.0 ** -(k // 4 + 3)
        state.rays[0, :d] = 0.5 + error * rng.uniform(-1, 1, size=d)
        state.rays[0, d] = error
        done = loops.anchor(anchor_plan(d), state, 0, len(rows))
        assert is_within(state.rays[0, :d].tolist(), [Fraction(1)] * d, state.rays[0, d])
        if np.linalg.matrix_rank(np.array(rows)) < d - 1:
            assert not done
        elif error < 2.0**-4:
            assert done
            assert state.rays[0, d] < 2.0**-40


def anchor_plan(d: int) -> Any:
    none, zeros = np.zeros(0, dtype=np.int64), np.zeros((1, 1), dtype=np.int64)
    floats = np.zeros(1)
    return loops.Plan(
        d, 0, 1, 1, False, zeros, np.zeros((1, 1, 1)), floats, floats, none, zeros, zeros, zeros, zeros
    )


def anchor_state(rows: np.ndarray, d: int) -> Any:
    n = len(rows)
    forms = np.zeros((n, d + 3))
    forms[:, :d] = rows
    for form in range(n):
        loops.bound_form(forms, form, d)
    table, line = np.zeros((4, 8), dtype=np.int64), np.zeros(16, dtype=np.int64)
    return loops.State(
        rays=np.zeros((1, d + 3)),
        ray_ints=table.copy(),
        members=line.copy(),
        sides=line.copy(),
        pairs=table.copy(),
        order=np.zeros(n, dtype=np.int64),
        forms=forms,
        form_grids=line.copy(),
        frames=table.copy(),
        slots=np.zeros((n, 2), dtype=np.int64),
        pattern=table.copy(),
        negative=table.copy(),
        questions=table.copy(),
        out=table.copy(),
        counts=line.copy(),
        composed=np.zeros((d + 4, 1)),
        square=np.zeros((n + 2, 2 * d)),
    )


# -- twins, room, interruptions --------------------------------------------------------------------------

CASES = [
    random_task(0, (2, 6, 5)),
    random_task(1, (3, 5, 4), box=True),
    random_task(2, (2, 5, 4, 3), step=2.0**-36),
    random_task(3, (2, 5, 4), step=2.0**-1000, activation="abs"),
    random_task(4, (1, 3, 3), activation="hardtanh"),
    random_task(5, (2, 70)),
    random_task(6, (2, 3, 66), box=True, activation="leaky_relu"),
]


@pytest.mark.parametrize("task", CASES)
def test_the_twins_agree(task: RegionTask, plain: tuple[ModuleType, ModuleType]) -> None:
    prepared = float_task(task)
    patterns, counts, n_asked = run(prepared)
    again, plain_counts, plain_asked = run(prepared, modules=plain)
    assert np.array_equal(patterns, again)
    assert (counts, n_asked) == (plain_counts, plain_asked)
    assert len(patterns) == counts["n_cells"] == len(np.unique(patterns, axis=0))


@pytest.mark.parametrize("task", CASES)
def test_it_does_not_matter_where_the_walk_stops(task: RegionTask, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = float_task(task)
    patterns, counts, n_asked = run(prepared)
    monkeypatch.setattr(_float_state, "_ROOM", 1)
    again, stopped_counts, stopped_asked = run(prepared, budget=1, block=2)
    assert np.array_equal(patterns, again)
    assert (counts, n_asked) == (stopped_counts, stopped_asked)


def test_the_limit_is_kept() -> None:
    prepared = float_task(CASES[0])
    total = run(prepared)[1]["n_cells"]
    for limit in (0, 1, 7, total - 1, total):
        walk = FloatWalk(prepared.network)
        over = False
        for cell in start_cells(prepared):
            walk.open(cell)
            over = walk.advance(2**20, limit=limit) is Status.LIMIT
            if over:
                break
        assert over == (limit < total)
        assert walk.counts["n_cells"] in ((limit, max(limit - 1, 0)) if over else (total,))


def test_a_domain_of_many_rows_needs_more_than_one_word() -> None:
    """A polygon with 70 sides: 71 tight forms, and units in the second word."""
    sides = 70
    angles = 2 * np.pi * np.arange(sides) / sides
    rows = tuple((int(1000 * np.cos(t)), int(1000 * np.sin(t)), 1000) for t in angles)
    network = Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, "1/7"]), ([[1, 1, 1]], [0])])
    task = region_task(network, Polyhedron(rows, 2))
    prepared = float_task(task)
    patterns, counts, _ = run(prepared)
    assert counts["n_cells"] == counts["n_bounded"] == len(patterns) == 7
