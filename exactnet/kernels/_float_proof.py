"""Proof nodes along the walk of :mod:`exactnet.kernels.float_cells`; import `float_proof` instead.

`advance_proving` takes one step of the plain walk at a time and writes the nodes of the frame at hand before
it: first those of the units that have stopped to take both signs, then the split or the leaves. So the plain
walk knows nothing of proofs. Numbers in brackets point to :mod:`exactnet.kernels.float_proof`.
"""

from __future__ import annotations

from exactnet.kernels._float_bases import BASIS_STATE, UNKNOWN
from exactnet.kernels._float_implied import (
    ALL,
    CELL,
    IMPLIED,
    N_DOUBTS,
    N_LEAVES,
    N_STREAM,
    NEGATIVE,
    NOTHING,
    POSITIVE,
    SPLIT,
    Proof,
    note_doubt,
    write_implied,
)
from exactnet.kernels._float_loops import (
    ASK,
    BLOCK_FULL,
    COPIES,
    COPY,
    COUNT,
    DONE,
    FLIPPED,
    LAYER,
    N_FRAMES,
    N_SLOTS,
    OFFSET,
    ORIGINAL,
    PAUSED,
    RAY_TOP,
    SIGN,
    SIZE,
    SLOT_FORM,
    SLOT_SIGN,
    START,
    TIGHT,
    WORD,
    Plan,
    State,
)
from exactnet.kernels._float_points import aim, find_point, sum_rays
from exactnet.kernels._float_walk import advance, scan
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {
    "_float_bases.py": "68cdcf288d75f030",
    "_float_flat.py": "87819b9ffbb65c39",
    "_float_implied.py": "0aec7ff5c81b764a",
    "_float_loops.py": "ba0620a4c182000c",
    "_float_points.py": "048cfd8668c580b6",
    "_float_rungs.py": "03bcaf5c546d1653",
    "_float_split.py": "3b6b6bd03ff3cb9b",
    "_float_walk.py": "582cc2b76972dad7",
    "_wide_loops.py": "2a8327bab75ff80a",
}

# what `advance_proving` returns besides the codes of `advance`: some nodes need exact arithmetic
PROVE = 6


# -- copies, splits, leaves --------------------------------------------------------------------------------


@compile_loop
def write_copies(plan: Plan, state: State, proof: Proof, layer: int, split: int, side: int) -> None:
    """Nodes for the multiples of other units of a layer; the unit `split` has the sign of `side`."""
    copies, stream, counts = plan.copies, proof.stream, proof.counts
    first = plan.n_rows + plan.layers[layer, OFFSET]
    for c in range(plan.layers[layer, COPIES], plan.layers[layer + 1, COPIES]):
        original, at = copies[c, ORIGINAL], counts[N_STREAM]
        word, bit = original // WORD, original % WORD
        sign = (state.pattern[layer, word] >> bit & 1) - (state.negative[layer, word] >> bit & 1)
        if original == split:
            sign = side
        if copies[c, FLIPPED]:
            sign = -sign
        if sign:
            stream[at] = POSITIVE if sign > 0 else NEGATIVE
            stream[at + 1] = proof.numbers[first + copies[c, COPY]] - plan.n_rows
            stream[at + 2] = 1
            stream[at + 3] = proof.numbers[first + original]
            counts[N_STREAM] = at + 4


@compile_loop
def write_split(proof: Proof, unit: int) -> None:
    """The node of a split."""
    at = proof.counts[N_STREAM]
    proof.stream[at] = SPLIT
    proof.stream[at + 1] = unit
    proof.counts[N_STREAM] = at + 2


@compile_loop
def write_leaf(plan: Plan, state: State, proof: Proof, n_slots: int, form: int, side: int) -> None:
    """The node of a cell whose middle stands in `points`; zeros and a doubt if no point is found."""
    counts, at = proof.counts, proof.counts[N_STREAM]
    proof.stream[at] = CELL
    for k in range(proof.n_inputs + 1):
        proof.stream[at + 1 + k] = 0
    if not find_point(
        state.forms,
        state.slots,
        proof.points,
        proof.widths,
        proof.stream,
        proof.places,
        at + 1,
        proof.n_inputs,
        n_slots,
        plan.dimension,
    ):
        note_doubt(counts, proof.doubts, at, form, side)
    counts[N_STREAM] = at + 2 + proof.n_inputs
    counts[N_LEAVES] += 1


@compile_loop
def write_leaves(plan: Plan, state: State, proof: Proof, frame: int, unit: int) -> None:
    """The node of a finished cell, or of a unit that takes both signs there and its two sides."""
    frames, slots, n = state.frames, state.slots, plan.dimension
    layer, n_slots = frames[frame, LAYER], frames[frame, N_SLOTS]
    word, bit = TIGHT + plan.tight_words + max(unit, 0) // WORD, unit % WORD if unit >= 0 else -1
    sum_rays(
        state.rays,
        state.ray_ints,
        state.members,
        proof.points,
        frames[frame, START],
        frames[frame, COUNT],
        word,
        plan.unit_words,
        bit,
        n,
    )
    if unit < 0:
        write_copies(plan, state, proof, layer, -1, 0)
        aim(state.forms, proof.points, 0, 1, n)
        write_leaf(plan, state, proof, n_slots, -1, 0)
        return
    form = plan.n_rows + plan.layers[layer, OFFSET] + unit
    write_split(proof, proof.numbers[form] - plan.n_rows)
    for side in (1, -1):
        write_copies(plan, state, proof, layer, unit, side)
        aim(state.forms, proof.points, form, side, n)
        slots[n_slots, SLOT_FORM] = form
        slots[n_slots, SLOT_SIGN] = side
        write_leaf(plan, state, proof, n_slots + 1, form, side)


# -- the walk ----------------------------------------------------------------------------------------------


@compile_loop
def write_frame(plan: Plan, state: State, proof: Proof, frame: int) -> int:
    """All nodes of a frame before its children; PROVE or BLOCK_FULL if it must be called again."""
    frames, slots, layers = state.frames, state.slots, plan.layers
    layer, n_slots = frames[frame, LAYER], frames[frame, N_SLOTS]
    size = layers[layer, SIZE]
    if proof.counts[N_STREAM] + size * (plan.dimension + 11) + 2 * proof.n_inputs + 6 > len(proof.stream):
        return BLOCK_FULL
    if frames[frame, SIGN]:
        slots[n_slots - 1, SLOT_SIGN] = frames[frame, SIGN]
    unit, n_cutting = scan(
        layers,
        frames,
        state.members,
        state.ray_ints,
        state.pattern,
        state.negative,
        frame,
        TIGHT + plan.tight_words,
        plan.unit_words,
    )
    if proof.stages[frame] == NOTHING:
        write_implied(plan, state, proof, frame)
        proof.stages[frame] = IMPLIED
        if proof.counts[N_DOUBTS]:
            return PROVE
    proof.stages[frame] = ALL
    if layer == len(layers) - 2 and n_cutting <= 1:
        write_leaves(plan, state, proof, frame, unit)
        if proof.counts[N_DOUBTS]:
            return PROVE
    elif unit < 0:
        write_copies(plan, state, proof, layer, -1, 0)
    else:
        write_split(proof, proof.numbers[plan.n_rows + layers[layer, OFFSET] + unit] - plan.n_rows)
    for w in range(plan.unit_words):
        proof.unsettled[frame, w] = state.pattern[layer, w] & state.negative[layer, w]
    if unit >= 0:
        proof.unsettled[frame, unit // WORD] &= ~(1 << (unit % WORD))
    return DONE


@compile_loop
def follow_step(plan: Plan, state: State, proof: Proof, frame: int, start: int, top: int) -> None:
    """Note what a step has made of a frame: another layer, two sides, or nothing."""
    frames, homes = state.frames, proof.homes
    n_frames = state.counts[N_FRAMES]
    if n_frames == frame + 1:
        layer = frames[frame, LAYER]
        for i in range(frames[frame, COUNT]):
            homes[top + i] = homes[state.members[start + i]]
        for w in range(plan.unit_words):
            n_here = min(max(plan.layers[layer, SIZE] - w * WORD, 0), WORD)
            every = (1 << n_here) - 1 if n_here < WORD else 0x7FFFFFFFFFFFFFFF
            proof.unsettled[frame, w] = every & ~plan.hidden[layer, w]
        proof.stages[frame] = NOTHING
    elif n_frames == frame + 2:
        for ray in range(top, frames[frame, RAY_TOP]):
            homes[ray] = ray
            proof.births[ray] = frames[frame, N_SLOTS]
            proof.bases[ray, BASIS_STATE] = UNKNOWN
        for w in range(plan.unit_words):
            proof.unsettled[frame + 1, w] = proof.unsettled[frame, w]
        proof.stages[frame] = NOTHING
        proof.stages[frame + 1] = NOTHING


@compile_loop
def advance_proving(plan: Plan, state: State, proof: Proof, budget: int, limit: int) -> int:
    """Up to `budget` steps; returns what `advance` does, or PROVE."""
    frames, counts = state.frames, state.counts
    for _ in range(budget):
        if counts[N_FRAMES] == 0:
            return DONE
        frame = counts[N_FRAMES] - 1
        if proof.stages[frame] != ALL:
            code = write_frame(plan, state, proof, frame)
            if code != DONE:
                return code
        start, top = frames[frame, START], frames[frame, RAY_TOP]
        code = advance(plan, state, 1, limit)
        if code in (PAUSED, ASK):
            follow_step(plan, state, proof, frame, start, top)
        if code != PAUSED:
            return code
    return PAUSED
