"""Nodes of units that do not cut a cell, for :mod:`exactnet.kernels.float_proof`; import that instead."""

from __future__ import annotations

from typing import NamedTuple

from exactnet.kernels._float_bases import (
    BASIS_STATE,
    FOUND,
    TRIES,
    UNKNOWN,
    find_basis,
    is_combination,
    is_combination_by_edges,
    lowest_vertex,
    order_vertices,
    pivot,
)
from exactnet.kernels._float_loops import (
    AT_INFINITY,
    COUNT,
    LAYER,
    N_SLOTS,
    OFFSET,
    SLOT_FORM,
    START,
    TIGHT,
    WORD,
    WORDS,
    Floats,
    Ints,
    Plan,
    State,
    bit_count,
)
from exactnet.kernels._float_split import n_common
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {
    "_float_bases.py": "68cdcf288d75f030",
    "_float_flat.py": "87819b9ffbb65c39",
    "_float_loops.py": "ba0620a4c182000c",
    "_float_split.py": "3b6b6bd03ff3cb9b",
    "_wide_loops.py": "2a8327bab75ff80a",
}

SPLIT, POSITIVE, NEGATIVE, CELL = range(4)  # codes of nodes
NOTHING, IMPLIED, ALL = range(3)  # what has been written for a frame
N_STREAM, N_DOUBTS, N_LEAVES = range(3)
WHERE, FORM, SIDE = range(3)  # of a doubt; the form of a leaf without a split is -1


class Proof(NamedTuple):
    """What proving adds to the state of a walk.

    n_inputs: coordinates of a leaf; places (d,): which of them each coordinate of the walk is; widths (d,):
    how large a unit of each is, relative to w; numbers (n_forms,): form numbers of the certificate;
    constants (n_units,): units of the first layer without a linear part; lines (n_units,): the first unit of
    the layer with parallel weights; partners (n_units,): the other switch of a hardtanh unit, or -1; marks
    (n_units,): scratch; stream: the nodes; counts; stages (n_frames,): what has been written; unsettled
    (n_frames, unit_words): units without a node in front of the frame; homes (rays,): the ray that a ray is
    a copy of; births (rays,): slots when that one was made; bases (rays, 1 + d): the state of a basis, then
    its slots, ascending by form; duals (rays, d, d + 1): dual rays and their error [9]; in both the last row
    is scratch; values (rays,), points (5, D) and needed (tight_words,): scratch; doubts (.., 3): where a leaf
    stands in the stream, form, side.
    """

    n_inputs: int
    places: Ints
    widths: Floats
    numbers: Ints
    constants: Ints
    lines: Ints
    partners: Ints
    marks: Ints
    stream: Ints
    counts: Ints
    stages: Ints
    unsettled: Ints
    homes: Ints
    births: Ints
    bases: Ints
    duals: Floats
    values: Floats
    points: Floats
    needed: Ints
    doubts: Ints


@compile_loop
def is_constant(
    pattern: Ints, inputs: Ints, below: Ints, constants: Ints, unit: int, layer: int, stride: int
) -> bool:
    """Whether a unit is constant because no unit that enters it is alive."""
    if layer == 0:
        return bool(constants[unit])
    for w in range(stride):
        alive = pattern[layer - 1, w] | (~pattern[layer - 1, w] & below[layer - 1, w])
        if alive & inputs[unit, w]:
            return False
    return True


@compile_loop
def write_basis(
    slots: Ints, numbers: Ints, bases: Ints, stream: Ints, row: int, at: int, d: int, n_infinity: int
) -> int:
    """The number of forms and the forms, infinity once or not; returns where the stream goes on."""
    stream[at] = d + n_infinity
    at += 1
    if n_infinity:
        stream[at] = 0
        at += 1
    for k in range(d):
        stream[at] = numbers[slots[bases[row, 1 + k], SLOT_FORM]]
        at += 1
    return at


@compile_loop
def note_doubt(counts: Ints, doubts: Ints, where: int, form: int, side: int) -> None:
    """Put a node on the list of those that are missing."""
    n = counts[N_DOUBTS]
    doubts[n, WHERE] = where
    doubts[n, FORM] = form
    doubts[n, SIDE] = side
    counts[N_DOUBTS] = n + 1


@compile_loop
def second_basis(
    plan: Plan, state: State, proof: Proof, frame: int, ray: int, form: int, sign: int, is_zero: bool
) -> int:
    """The row of a basis on a vertex where the one at hand is not proved to do; -1 if there is none."""
    bases, duals, d = proof.bases, proof.duals, plan.dimension - 1
    row, n_slots = proof.homes[ray], state.frames[frame, N_SLOTS]
    if n_common(state.ray_ints, ray, ray, n_slots) > d:
        trial = len(bases) - 1
        for k in range(d):
            bases[trial, 1 + k] = bases[row, 1 + k]
            for i in range(d + 1):
                duals[trial, k, i] = duals[row, k, i]
        row = trial
        if not pivot(
            state.forms,
            state.ray_ints,
            state.slots,
            state.square,
            state.order,
            bases,
            duals,
            row,
            ray,
            n_slots,
            form,
            sign,
            d,
        ):
            return -1
    is_proved = is_combination_by_edges(
        state.forms,
        state.form_grids,
        state.rays,
        state.ray_ints,
        state.members,
        state.slots,
        bases,
        duals,
        proof.needed,
        plan.layers,
        state.pattern,
        plan.below,
        plan.hidden,
        plan.inputs,
        proof.lines,
        proof.partners,
        proof.marks,
        row,
        state.frames[frame, START],
        state.frames[frame, COUNT],
        ray,
        plan.n_rows,
        form,
        state.frames[frame, LAYER],
        sign,
        is_zero,
        d,
    )
    return row if is_proved else -1


@compile_loop
def write_lowest(
    forms: Floats,
    rays: Floats,
    ints: Ints,
    members: Ints,
    slots: Ints,
    square: Floats,
    order: Ints,
    homes: Ints,
    births: Ints,
    bases: Ints,
    duals: Floats,
    values: Floats,
    stream: Ints,
    counts: Ints,
    numbers: Ints,
    start: int,
    count: int,
    n_rows: int,
    first: int,
    left: int,
    positive: int,
    word: int,
    stride: int,
    d: int,
) -> int:
    """The nodes of those units in a word whose basis on the lowest vertex is proved; returns the others.

    This is the hot loop.
    """
    failed, at = 0, counts[N_STREAM]
    for i in range(count):
        r = members[start + i]
        values[i] = 0.0 if ints[r, AT_INFINITY] or not rays[r, d] > 0.0 else 1.0 / rays[r, d]
    while left:
        lowest = left & -left
        left ^= lowest
        form, sign = first + bit_count(lowest - 1), 1 if positive & lowest else -1
        ray, least, is_zero = -1, 0.0, False
        for i in range(count):
            if values[i] > 0.0:
                r = members[start + i]
                vanishes = not (ints[r, word] | ints[r, word + stride]) & lowest
                total = 0.0
                if not vanishes:
                    for k in range(d + 1):
                        total += forms[form, k] * rays[r, k]
                    total *= sign * values[i]
                if ray < 0 or total < least:
                    ray, least, is_zero = r, total, vanishes
        row = homes[ray] if ray >= 0 else 0
        if ray >= 0 and bases[row, BASIS_STATE] == UNKNOWN:
            find_basis(forms, ints, slots, square, order, bases, duals, row, births[row], d)
        if not (
            ray >= 0
            and bases[row, BASIS_STATE] == FOUND
            and is_combination(forms, slots, bases, duals, row, form, sign, d)
        ):
            failed |= lowest
            continue
        stream[at] = POSITIVE if sign > 0 else NEGATIVE
        stream[at + 1] = numbers[form] - n_rows
        at = write_basis(slots, numbers, bases, stream, row, at + 2, d, 0 if is_zero else 1)
    counts[N_STREAM] = at
    return failed


@compile_loop
def other_basis(
    plan: Plan, state: State, proof: Proof, frame: int, form: int, sign: int, word: int, lowest: int
) -> tuple[int, int]:
    """The row of a basis on one of the lowest vertices, by every means, and the vertex; -1 if none is."""
    start, count = state.frames[frame, START], state.frames[frame, COUNT]
    bases, values, d = proof.bases, proof.values, plan.dimension - 1
    order_vertices(
        state.rays,
        state.ray_ints,
        state.members,
        state.forms,
        values,
        start,
        count,
        form,
        sign,
        word,
        plan.unit_words,
        lowest,
        d,
    )
    for _ in range(TRIES):
        best = lowest_vertex(values, count)
        if best < 0:
            break
        ray = state.members[start + best]
        home, values[best] = proof.homes[ray], float("nan")
        if bases[home, BASIS_STATE] == UNKNOWN:
            find_basis(
                state.forms,
                state.ray_ints,
                state.slots,
                state.square,
                state.order,
                bases,
                proof.duals,
                home,
                proof.births[home],
                d,
            )
        if bases[home, BASIS_STATE] == FOUND:
            signs = state.ray_ints[ray, word] | state.ray_ints[ray, word + plan.unit_words]
            row = second_basis(plan, state, proof, frame, ray, form, sign, not signs & lowest)
            if row >= 0:
                return row, ray
    return -1, -1


@compile_loop
def write_implied(plan: Plan, state: State, proof: Proof, frame: int) -> None:
    """Nodes for all units that have stopped to take both signs; doubtful ones are put on the list."""
    slots, bases, stream = state.slots, proof.bases, proof.stream
    counts, numbers = proof.counts, proof.numbers
    layer, d = state.frames[frame, LAYER], plan.dimension - 1
    for w in range(plan.layers[layer, WORDS]):
        positive, word = state.pattern[layer, w], TIGHT + plan.tight_words + w
        # a unit without any sign is identically zero and has no node
        left = write_lowest(
            state.forms,
            state.rays,
            state.ray_ints,
            state.members,
            slots,
            state.square,
            state.order,
            proof.homes,
            proof.births,
            bases,
            proof.duals,
            proof.values,
            stream,
            counts,
            numbers,
            state.frames[frame, START],
            state.frames[frame, COUNT],
            plan.n_rows,
            plan.n_rows + plan.layers[layer, OFFSET] + w * WORD,
            proof.unsettled[frame, w] & (positive ^ state.negative[layer, w]),
            positive,
            word,
            plan.unit_words,
            d,
        )
        while left:
            lowest = left & -left
            left ^= lowest
            unit = plan.layers[layer, OFFSET] + w * WORD + bit_count(lowest - 1)
            form, sign, at = plan.n_rows + unit, 1 if positive & lowest else -1, counts[N_STREAM]
            stream[at] = POSITIVE if sign > 0 else NEGATIVE
            stream[at + 1] = numbers[form] - plan.n_rows
            if is_constant(
                state.pattern, plan.inputs, plan.below, proof.constants, unit, layer, plan.unit_words
            ):
                counts[N_STREAM] = write_basis(slots, numbers, bases, stream, 0, at + 2, 0, 1)
                continue
            row, ray = other_basis(plan, state, proof, frame, form, sign, word, lowest)
            if row < 0:
                note_doubt(counts, proof.doubts, -1, form, sign)
                continue
            signs = state.ray_ints[ray, word] | state.ray_ints[ray, word + plan.unit_words]
            n_infinity = 1 if signs & lowest else 0
            counts[N_STREAM] = write_basis(slots, numbers, bases, stream, row, at + 2, d, n_infinity)
