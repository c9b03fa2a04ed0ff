"""The depth-first walk of :mod:`exactnet.kernels.lp_tree`, compiled; import that module instead.

Numbers in brackets point to the steps of the proof there. The stack holds regions; the one on top is at hand.
Rows and composed forms belong to the path that leads to it: a frame that waits shares all but its last row
with its parent, and its forms with all regions that have the same signs in the layers before.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._lp_layout import (
    ASK,
    BLOCK_FULL,
    BY_HAND,
    COPY,
    CUT,
    DONE,
    FLIPPED,
    IMPLIED,
    IS_BOUNDED,
    IS_BY_HAND,
    IS_NEW,
    KIND,
    KIND_OF,
    LAST,
    LAYER,
    LIMIT,
    N_BASIS,
    N_BOUNDED,
    N_CELLS,
    N_FLOAT,
    N_FRAMES,
    N_NODES,
    N_OPEN,
    N_OUT,
    N_ROWS,
    N_STRUCTURE,
    OFFSET,
    ORIGINAL,
    PASSED,
    PAUSED,
    POINT,
    RECESSION,
    SIDE,
    SIGN,
    SIZE,
    SLOPE,
    SWITCH,
    TARGET,
    UNDECIDED,
    UNIT,
    VALUE,
    WITH_WITNESS,
    ZERO,
    Plan,
    State,
)
from exactnet.kernels._lp_loops import (
    all_values,
    is_inside,
    put_row,
    set_target,
)
from exactnet.kernels._lp_notes import (
    note_cell,
    note_implied,
    note_single,
    note_split,
    round_witness,
)
from exactnet.kernels._lp_program import (
    answer,
)
from exactnet.kernels._lp_spans import (
    compose_layer,
    is_implied_inside,
)
from exactnet.kernels._wide_loops import compile_loop

COMPILED_WITH = {
    "_wide_loops.py": "2a8327bab75ff80a",
    "_lp_layout.py": "0679ca6be09a2b12",
    "_lp_loops.py": "5968718c6e0a3bdf",
    "_lp_notes.py": "fccb71af06757952",
    "_lp_program.py": "642c10b57362318e",
    "_lp_spans.py": "ec0d28af6e46be7c",
}

SMALL_SHARE = 2.0**-20


# -- frames --------------------------------------------------------------------------------------------


@compile_loop
def begin_frame(plan: Plan, state: State, frame: int) -> None:
    """Write the last row of a region, and evaluate all of them at its witness."""
    d, n, unit = plan.dimension, state.frames[frame, N_ROWS], state.frames[frame, LAST]
    if unit >= 0:
        sign = state.frames[frame, SIGN]
        error, tolerance = set_target(plan, state, unit, float(sign))
        put_row(state, d, n - 1, plan.n_rows + plan.units[SWITCH, unit], error, tolerance, 1.0)
    all_values(state.rows, d, n, state.witness[frame], state.per_row[VALUE])
    state.frames[frame, IS_NEW] = 0


@compile_loop
def close_unit(state: State, frame: int, unit: int, sign: int) -> None:
    """Note the sign of a unit, and take it off the list of open ones."""
    state.signs[frame, unit] = sign
    n, at = state.frames[frame, N_OPEN], 0
    for i in range(n):
        state.opens[frame, at] = state.opens[frame, i]
        if state.opens[frame, i] != unit:
            at += 1
    state.frames[frame, N_OPEN] = at


@compile_loop
def split_frame(plan: Plan, state: State, unit: int, sign: int) -> None:
    """Replace the region on top by the sides of a unit, positive one first; `point` is on the other one."""
    note_split(plan, state, unit)
    frame = state.counts[N_FRAMES] - 1
    state.frames[frame, LAST] = unit
    state.frames[frame, N_ROWS] += 1
    state.frames[frame, IS_NEW] = 1
    close_unit(state, frame, unit, -1)
    state.frames[frame, SIGN] = -1
    top = frame + 1
    state.frames[top] = state.frames[frame]
    state.opens[top] = state.opens[frame]
    state.signs[top] = state.signs[frame]
    state.signs[top, unit] = 1
    state.frames[top, SIGN] = 1
    other = frame if sign > 0 else top
    state.witness[top] = state.witness[frame]
    for c in range(plan.dimension):
        state.witness[other, c] = state.vectors[POINT, c]
    state.counts[N_FRAMES] += 1


@compile_loop
def enter_layer(plan: Plan, state: State, frame: int, layer: int) -> None:
    """List the units of a layer that are open; those that are zero or constant by structure are settled."""
    state.frames[frame, LAYER] = layer
    start, n_open = plan.layers[layer, OFFSET], 0
    for unit in range(start, start + plan.layers[layer, SIZE]):
        if plan.units[KIND_OF, unit] == COPY:
            continue
        if plan.units[KIND_OF, unit] == PASSED:
            state.signs[frame, unit] = 1
        elif state.unit_ints[ZERO, unit] == 1:
            state.signs[frame, unit] = -1
        elif state.unit_ints[ZERO, unit] == 2:
            sign = 1 if plan.bias[unit] > 0.0 else -1
            state.signs[frame, unit] = sign
            note_single(plan, state, unit, sign, 0)
            state.counts[N_STRUCTURE] += 1
        else:
            state.opens[frame, n_open] = unit
            n_open += 1
    state.frames[frame, N_OPEN] = n_open


@compile_loop
def leave_layer(plan: Plan, state: State, frame: int) -> None:
    """Copies follow their originals."""
    layer = state.frames[frame, LAYER]
    start = plan.layers[layer, OFFSET]
    for unit in range(start, start + plan.layers[layer, SIZE]):
        if plan.units[KIND_OF, unit] == COPY:
            original = plan.units[ORIGINAL, unit]
            sign = int(state.signs[frame, original])
            state.unit_ints[ZERO, unit] = 0
            if state.unit_ints[ZERO, original] == 1:
                state.unit_ints[ZERO, unit] = 1
            else:
                sign = -sign if plan.units[FLIPPED, unit] else sign
                note_single(plan, state, unit, sign, plan.n_rows + plan.units[SWITCH, original])
                state.counts[N_STRUCTURE] += 1
            state.signs[frame, unit] = sign


# -- one unit ------------------------------------------------------------------------------------------


@compile_loop
def value_at_witness(plan: Plan, state: State, frame: int) -> float:
    """The computed value of the target."""
    total = 0.0
    for c in range(plan.dimension):
        total += state.vectors[TARGET, c] * state.witness[frame, c]
    return total


@compile_loop
def move_off(plan: Plan, state: State, frame: int, bound: float) -> bool:
    """Move the witness to where the target is proved to be positive; it may stand on the hyperplane."""
    d, n = plan.dimension, state.frames[frame, N_ROWS]
    all_values(state.rows, d, n, state.vectors[TARGET], state.per_row[SLOPE])
    step = 1.0
    for j in range(n):
        if state.per_row[SLOPE, j] < 0.0:
            step = min(step, -0.5 * state.per_row[VALUE, j] / state.per_row[SLOPE, j])
    for c in range(d):
        state.vectors[POINT, c] = state.witness[frame, c] + step * state.vectors[TARGET, c]
    if not is_inside(state, d, 0, n, state.vectors[POINT]):
        return False
    total = 0.0
    for c in range(d):
        total += state.vectors[TARGET, c] * state.vectors[POINT, c]
    if not total > bound:
        return False
    for c in range(d):
        state.witness[frame, c] = state.vectors[POINT, c]
    for j in range(n):
        state.per_row[VALUE, j] = state.per_row[SLOPE, j]
    return True


@compile_loop
def ask(state: State, kind: int, unit: int) -> int:
    """Leave a question."""
    state.counts[KIND] = kind
    state.counts[UNIT] = unit
    return ASK


@compile_loop
def decide(plan: Plan, state: State, frame: int, unit: int) -> int:
    """Settle a unit on the region on top, or split the region by it; PAUSED if either is done.

    Unit -1 stands for infinity: is the region bounded [5]?
    """
    d, n, start = plan.dimension, state.frames[frame, N_ROWS], 0
    error, bound, sign = 0.0, 0.0, 1
    if unit < 0:
        start = 1
        for c in range(d):
            state.vectors[TARGET, c] = 0.0
        state.vectors[TARGET, d - 1] = 1.0
        value = state.witness[frame, d - 1]
    else:
        if state.unit_ints[ZERO, unit] == 1:
            close_unit(state, frame, unit, -1)
            return PAUSED
        state.counts[N_BASIS] = 0
        error, bound = set_target(plan, state, unit, 1.0)
        value = value_at_witness(plan, state, frame)
        if not abs(value) > bound:
            if not move_off(plan, state, frame, bound):
                return ask(state, SIDE, unit)
            value = value_at_witness(plan, state, frame)
        if value < 0.0:
            sign, value = -1, -value
            for c in range(d):
                state.vectors[TARGET, c] = -state.vectors[TARGET, c]
    least = 2.0 if plan.is_proving and unit >= 0 else SMALL_SHARE
    found = answer(plan, state, start, n, state.witness[frame], value, error, bound, least)
    if found == UNDECIDED and unit >= 0 and is_implied_inside(plan, state, frame, unit, float(sign)):
        found = IMPLIED
    if found == UNDECIDED:
        return ask(state, RECESSION if unit < 0 else SIDE, unit)
    state.counts[N_FLOAT] += 1
    if unit < 0:
        state.frames[frame, IS_BOUNDED] = 1 if found == IMPLIED else -1
    elif found == CUT:
        split_frame(plan, state, unit, sign)
    else:
        note_implied(plan, state, unit, sign)
        close_unit(state, frame, unit, sign)
    return PAUSED


@compile_loop
def finish_cell(plan: Plan, state: State, frame: int, limit: int) -> int:
    """Count and list the region on top; PAUSED if that is done."""
    if plan.is_listing and state.counts[N_OUT] == len(state.out):
        return BLOCK_FULL
    if state.counts[N_CELLS] == limit:
        return LIMIT
    if plan.is_proving and not round_witness(plan, state, frame):
        state.frames[frame, IS_BY_HAND] = WITH_WITNESS
        return BY_HAND
    leave_layer(plan, state, frame)
    state.counts[N_CELLS] += 1
    if plan.is_compact or state.frames[frame, IS_BOUNDED] > 0:
        state.counts[N_BOUNDED] += 1
    if plan.is_listing:
        list_cell(plan, state, frame)
    if plan.is_proving:
        note_cell(plan, state)
    state.counts[N_FRAMES] -= 1
    return PAUSED


@compile_loop
def list_cell(plan: Plan, state: State, frame: int) -> None:
    """Write the pattern of the region on top."""
    at = state.counts[N_OUT]
    for w in range(state.out.shape[1]):
        state.out[at, w] = 0
    for unit in range(state.signs.shape[1]):
        switch = plan.units[SWITCH, unit]
        if switch >= 0 and state.signs[frame, unit] > 0:
            state.out[at, switch >> 6] |= np.int64(1) << np.int64(switch & 63)
    state.counts[N_OUT] += 1


@compile_loop
def advance(plan: Plan, state: State, budget: int, limit: int) -> int:
    """Decide up to `budget` units; see `LpTree.advance`."""
    n_layers, is_shape_known = len(plan.slopes), plan.is_compact or plan.is_homogeneous
    room = 8 * state.signs.shape[1] + 4 * plan.dimension + 16
    for _ in range(budget):
        frame = state.counts[N_FRAMES] - 1
        if frame < 0:
            return DONE
        if state.frames[frame, IS_BY_HAND]:
            return BY_HAND
        if plan.is_proving and state.counts[N_NODES] + room > len(state.nodes):
            return BLOCK_FULL
        if state.frames[frame, IS_NEW]:
            begin_frame(plan, state, frame)
        layer = state.frames[frame, LAYER]
        unit = -1
        if state.frames[frame, N_OPEN] > 0:
            unit = state.opens[frame, 0]
        elif layer + 1 < n_layers:
            leave_layer(plan, state, frame)
            compose_layer(plan, state, frame, layer + 1)
            enter_layer(plan, state, frame, layer + 1)
            continue
        elif is_shape_known or state.frames[frame, IS_BOUNDED] != 0:
            code = finish_cell(plan, state, frame, limit)
            if code != PAUSED:
                return code
            continue
        code = decide(plan, state, frame, unit)
        if code != PAUSED:
            return code
    return PAUSED
