"""The nodes that :mod:`exactnet.kernels.lp_tree` notes, compiled; import that module instead."""

from __future__ import annotations

import numpy as np

from exactnet.kernels._lp_layout import (
    N_BASIS,
    N_NODES,
    N_ROWS,
    NAME,
    POINT,
    SLOPE,
    SUPPORT,
    SWITCH,
    TOLERANCE,
    WHOLE,
    Plan,
    State,
)
from exactnet.kernels._lp_loops import (
    all_values,
)
from exactnet.kernels._wide_loops import compile_loop

COMPILED_WITH = {
    "_wide_loops.py": "2a8327bab75ff80a",
    "_lp_layout.py": "0679ca6be09a2b12",
    "_lp_loops.py": "5968718c6e0a3bdf",
}

SPLIT_NODE, POSITIVE_NODE, NEGATIVE_NODE, CELL_NODE = range(4)
FINEST = 60  # binary digits of the coordinates of a witness
COARSEST = 4


@compile_loop
def note_split(plan: Plan, state: State, unit: int) -> None:
    """A node 0."""
    if plan.is_proving:
        at = state.counts[N_NODES]
        state.nodes[at] = SPLIT_NODE
        state.nodes[at + 1] = plan.units[SWITCH, unit]
        state.counts[N_NODES] += 2


@compile_loop
def note_implied(plan: Plan, state: State, unit: int, sign: int) -> None:
    """A node 1 or 2 with the names of the rows in `support`."""
    if plan.is_proving:
        at, k = state.counts[N_NODES], state.counts[N_BASIS]
        state.nodes[at] = POSITIVE_NODE if sign > 0 else NEGATIVE_NODE
        state.nodes[at + 1] = plan.units[SWITCH, unit]
        state.nodes[at + 2] = k
        for i in range(k):
            name = state.row_ints[NAME, state.lists[SUPPORT, i]]
            j = i
            while j > 0 and state.nodes[at + 2 + j] > name:
                state.nodes[at + 3 + j] = state.nodes[at + 2 + j]
                j -= 1
            state.nodes[at + 3 + j] = name
        state.counts[N_NODES] += 3 + k


@compile_loop
def note_single(plan: Plan, state: State, unit: int, sign: int, name: int) -> None:
    """A node 1 or 2 with one form."""
    if plan.is_proving:
        at = state.counts[N_NODES]
        state.nodes[at] = POSITIVE_NODE if sign > 0 else NEGATIVE_NODE
        state.nodes[at + 1] = plan.units[SWITCH, unit]
        state.nodes[at + 2] = 1
        state.nodes[at + 3] = name
        state.counts[N_NODES] += 4


@compile_loop
def round_witness(plan: Plan, state: State, frame: int) -> bool:
    """Find an integer witness of few binary digits, w last; False if no short one is proved."""
    d, n = plan.dimension, state.frames[frame, N_ROWS]
    state.lists[WHOLE, plan.dimension] = 1  # the w of a homogeneous task
    for digits in range(COARSEST, FINEST + 1, 4):
        scale = float(np.int64(1) << np.int64(digits))
        for c in range(d):
            rounded = np.round(state.witness[frame, c] * scale)
            state.lists[WHOLE, c] = int(rounded)
            state.vectors[POINT, c] = rounded / scale
        all_values(state.rows, d, n, state.vectors[POINT], state.per_row[SLOPE])
        is_proved = True
        for j in range(n):
            is_proved = is_proved and state.per_row[SLOPE, j] > state.per_row[TOLERANCE, j]
        if is_proved:
            return True
    return False


@compile_loop
def note_cell(plan: Plan, state: State) -> None:
    """A node 3."""
    at, size = state.counts[N_NODES], plan.dimension + plan.is_homogeneous
    state.nodes[at] = CELL_NODE
    for c in range(size):
        state.nodes[at + 1 + c] = state.lists[WHOLE, c]
    state.counts[N_NODES] += 1 + size
