"""Signs that one evaluation does not decide, for :mod:`exactnet.kernels.float_cells`; import that instead.

This happens rarely, so the functions here take the whole plan and state.
"""

from __future__ import annotations

from exactnet.kernels._float_loops import (
    AT_INFINITY,
    COARSE,
    COUNT,
    LAYER,
    N_ANCHORED,
    N_ASKED,
    N_FLOAT,
    N_LATTICE,
    N_SLOTS,
    N_STRUCTURE,
    OFFSET,
    RAY_TOP,
    START,
    TIGHT,
    UNDECIDED,
    WORD,
    WORDS,
    Plan,
    State,
    anchor,
    bit_count,
    sign_at,
)
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_float_loops.py": "ba0620a4c182000c", "_wide_loops.py": "2a8327bab75ff80a"}


@compile_loop
def decide(plan: Plan, state: State, form: int, ray: int, n_slots: int, layer: int, source: int) -> int:
    """The sign of a form on a ray by the first rung that proves it; UNDECIDED if none does.

    `source` is the same ray with the signs of the layer before, or -1 if those say nothing new.
    """
    counts = state.counts
    n_lattice = counts[N_LATTICE]
    sign = sign_at(plan, state, form, ray)
    if sign != UNDECIDED:
        counts[N_FLOAT] += counts[N_LATTICE] == n_lattice
        return sign
    if source >= 0 and is_structural_zero(plan, state, form - plan.n_rows, source, layer):
        counts[N_STRUCTURE] += 1
        return 0
    if anchor(plan, state, ray, n_slots):
        sign = sign_at(plan, state, form, ray)
        if sign != UNDECIDED:
            counts[N_ANCHORED] += 1
    return sign


@compile_loop
def is_structural_zero(plan: Plan, state: State, unit: int, ray: int, layer: int) -> bool:
    """Whether a unit vanishes on a ray because all that enters it does [7]."""
    if not (plan.no_bias[unit] or state.ray_ints[ray, AT_INFINITY]):
        return False
    above, below = TIGHT + plan.tight_words, TIGHT + plan.tight_words + plan.unit_words
    for w in range(plan.unit_words):
        alive = state.ray_ints[ray, above + w] | (state.ray_ints[ray, below + w] & plan.below[layer - 1, w])
        if alive & plan.inputs[unit, w]:
            return False
    return True


@compile_loop
def ask(state: State, ray: int, form: int) -> bool:
    """Put a sign on the list of open questions; False if the list is full."""
    n = state.counts[N_ASKED]
    if n == len(state.questions):
        return False
    state.questions[n, 0] = ray
    state.questions[n, 1] = form
    state.counts[N_ASKED] = n + 1
    return True


@compile_loop
def settle(plan: Plan, state: State, layer: int, ray: int, source: int, n_slots: int) -> bool:
    """The signs left open on a ray: by the other rungs, or as questions; False if the list is full."""
    first = plan.n_rows + plan.layers[layer, OFFSET]
    column = TIGHT + plan.tight_words + 2 * plan.unit_words
    for w in range(plan.layers[layer, WORDS]):
        still_open = state.ray_ints[ray, column + w]
        while still_open:
            j = w * WORD + bit_count((still_open & -still_open) - 1)
            still_open &= still_open - 1
            sign = decide(plan, state, first + j, ray, n_slots, layer, source)
            if sign == UNDECIDED:
                if not ask(state, ray, first + j):
                    return False
            elif sign:
                side = column - (2 if sign > 0 else 1) * plan.unit_words
                state.ray_ints[ray, side + w] |= 1 << (j % WORD)
    return True


@compile_loop
def settle_copies(plan: Plan, state: State, frame: int) -> bool:
    """The open signs of the copied rays; False if the list of questions is full."""
    frames, top = state.frames, state.frames[frame, RAY_TOP]
    for i in range(frames[frame, COUNT]):
        source, n_slots = state.members[frames[frame, START] + i], frames[frame, N_SLOTS]
        if not settle(plan, state, frames[frame, LAYER] + 1, top + i, source, n_slots):
            return False
    return True


@compile_loop
def repair(plan: Plan, state: State, layer: int, first: int, last: int, n_slots: int) -> bool:
    """New rays that are inaccurate or have open signs; False if the list of questions is full."""
    column = TIGHT + plan.tight_words + 2 * plan.unit_words
    for ray in range(first, last):
        if state.rays[ray, plan.dimension] > COARSE:
            anchor(plan, state, ray, n_slots)
        for w in range(plan.unit_words):
            if state.ray_ints[ray, column + w]:
                if not settle(plan, state, layer, ray, -1, n_slots):
                    return False
                break
    return True
