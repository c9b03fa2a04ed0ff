"""The depth-first walk of :mod:`exactnet.kernels.float_cells` over the cells; import that module instead.

The stack holds *frames*: a frame is a cell of one layer so far, given by the list of its extreme rays. The
top frame is split by the first unit that takes both signs on its rays; a cell that no unit splits goes to the
next layer, or is finished. Rays lie in one arena and are shared by all cells that have them; whatever a frame
allocates lies above its RAY_TOP and MEMBER_TOP, so popping a frame frees it. Each operation either finishes
and commits, or changes nothing and returns GROW, so that it can be repeated with more room.
"""

from __future__ import annotations

from exactnet.kernels._float_loops import (
    ASK,
    AT_INFINITY,
    BLOCK_FULL,
    COPIES,
    COPY,
    COUNT,
    DONE,
    FLIPPED,
    GROW,
    IS_SIMPLE,
    LAYER,
    LIMIT,
    MEMBER_TOP,
    N_ASKED,
    N_BOUNDED,
    N_CELLS,
    N_COUNTS,
    N_FLOAT,
    N_FRAMES,
    N_OUT,
    N_RAYS,
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
    WORDS,
    Floats,
    Ints,
    Plan,
    State,
    bit_count,
    compose,
    evaluate,
)
from exactnet.kernels._float_rungs import repair, settle_copies
from exactnet.kernels._float_split import cut_edges, find_edges, push_sides, sort_sides
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {
    "_float_loops.py": "ba0620a4c182000c",
    "_float_rungs.py": "03bcaf5c546d1653",
    "_float_split.py": "3b6b6bd03ff3cb9b",
    "_wide_loops.py": "2a8327bab75ff80a",
}


@compile_loop
def scan(
    layers: Ints,
    frames: Ints,
    members: Ints,
    ints: Ints,
    pattern: Ints,
    negative: Ints,
    frame: int,
    above: int,
    stride: int,
) -> tuple[int, int]:
    """The pattern of a frame so far; returns a unit that takes both signs (or -1), and how many do."""
    layer, start = frames[frame, LAYER], frames[frame, START]
    unit, n_cutting = -1, 0
    for w in range(layers[layer, WORDS]):
        positive, negatives = 0, 0
        for i in range(start, start + frames[frame, COUNT]):
            r = members[i]
            positive |= ints[r, above + w]
            negatives |= ints[r, above + stride + w]
        pattern[layer, w] = positive
        negative[layer, w] = negatives
        cutting = positive & negatives
        if cutting:
            if unit < 0:
                unit = w * WORD + bit_count((cutting & -cutting) - 1)
            n_cutting += bit_count(cutting)
    return unit, n_cutting


@compile_loop
def copy_rays(
    frames: Ints,
    members: Ints,
    rays: Floats,
    ints: Ints,
    rows: Floats,
    hidden: Ints,
    counts: Ints,
    frame: int,
    size: int,
    d: int,
    above: int,
    stride: int,
) -> int:
    """Copies of the rays of a frame with the signs of the next layer; returns how many are left open."""
    start, top, low = frames[frame, START], frames[frame, RAY_TOP], frames[frame, MEMBER_TOP]
    n_open, n_visible = 0, size
    for w in range(stride):
        n_visible -= bit_count(hidden[frames[frame, LAYER] + 1, w])
    for i in range(frames[frame, COUNT]):
        old, new = members[start + i], top + i
        members[low + i] = new
        for k in range(d + 1):
            rays[new, k] = rays[old, k]
        for k in range(above):
            ints[new, k] = ints[old, k]
        evaluate(rows, rays, new, size, d)
        n_open += note_signs(rows, ints, new, size, d, above, stride, hidden, frames[frame, LAYER] + 1)
    counts[N_FLOAT] += frames[frame, COUNT] * n_visible - n_open
    return n_open


@compile_loop
def note_signs(
    rows: Floats, ints: Ints, ray: int, size: int, d: int, above: int, stride: int, hidden: Ints, layer: int
) -> int:
    """Write down the signs that `evaluate` proves; returns how many are left open."""
    n_open = 0
    for w in range(stride):
        positive, negative, still_open, bit = 0, 0, 0, 1
        for j in range(w * WORD, min(size, (w + 1) * WORD)):
            value, bound = rows[d + 3, j], rows[d + 2, j]
            if value > bound:
                positive |= bit
            elif value < -bound:
                negative |= bit
            else:
                still_open |= bit
            bit <<= 1
        still_open &= ~hidden[layer, w]
        n_open += bit_count(still_open)
        ints[ray, above + w] = positive & ~hidden[layer, w]
        ints[ray, above + stride + w] = negative & ~hidden[layer, w]
        ints[ray, above + 2 * stride + w] = still_open
    return n_open


@compile_loop
def push_layer(frames: Ints, counts: Ints, frame: int) -> None:
    """Replace the top frame by the same cell in the next layer, whose rays have been copied."""
    count = frames[frame, COUNT]
    frames[frame, LAYER] += 1
    frames[frame, START] = frames[frame, MEMBER_TOP]
    frames[frame, RAY_TOP] += count
    frames[frame, MEMBER_TOP] += count
    counts[N_RAYS] += count


@compile_loop
def count_cells(
    frames: Ints, members: Ints, ints: Ints, counts: Ints, frame: int, unit: int, above: int, stride: int
) -> None:
    """A finished cell; with a unit that takes both signs, two of them, for which no new rays are needed."""
    # a side is unbounded if it has a ray at infinity; one that is new needs two such ends, one on this side
    open_above, open_below = 0, 0
    word, bit = above + max(unit, 0) // WORD, max(unit, 0) % WORD
    for i in range(frames[frame, START], frames[frame, START] + frames[frame, COUNT]):
        r = members[i]
        if ints[r, AT_INFINITY]:
            open_above |= unit < 0 or not ints[r, word + stride] >> bit & 1
            open_below |= unit >= 0 and not ints[r, word] >> bit & 1
    counts[N_CELLS] += 1 if unit < 0 else 2
    counts[N_BOUNDED] += 1 - open_above
    if unit >= 0:
        counts[N_BOUNDED] += 1 - open_below
    counts[N_FRAMES] = frame


@compile_loop
def list_cells(
    layers: Ints, copies: Ints, pattern: Ints, negative: Ints, out: Ints, counts: Ints, layer: int, unit: int
) -> None:
    """Write down the pattern of a finished cell, or of both if a unit takes both signs."""
    for side in range(1 if unit < 0 else 2):
        if unit >= 0:
            word, bit = unit // WORD, 1 << (unit % WORD)
            if side == 0:
                negative[layer, word] &= ~bit
            else:
                pattern[layer, word] &= ~bit
                negative[layer, word] |= bit
        fill_copies(layers, copies, pattern, negative, layer)
        pack(layers, pattern, out, counts[N_OUT] + side)
    counts[N_OUT] += 1 if unit < 0 else 2


@compile_loop
def fill_copies(layers: Ints, copies: Ints, pattern: Ints, negative: Ints, layer: int) -> None:
    """Give the units that are multiples of another unit their signs on the cell."""
    for c in range(layers[layer, COPIES], layers[layer + 1, COPIES]):
        unit, original = copies[c, COPY], copies[c, ORIGINAL]
        table = negative if copies[c, FLIPPED] else pattern
        pattern[layer, unit // WORD] &= ~(1 << (unit % WORD))
        if table[layer, original // WORD] >> (original % WORD) & 1:
            pattern[layer, unit // WORD] |= 1 << (unit % WORD)


@compile_loop
def pack(layers: Ints, pattern: Ints, out: Ints, row: int) -> None:
    """Write the pattern of the cell, layer after layer, into words of 64 bits."""
    for w in range(out.shape[1]):
        out[row, w] = 0
    for layer in range(len(layers) - 1):
        for w in range(layers[layer, WORDS]):
            bits = pattern[layer, w]
            place = layers[layer, OFFSET] + WORD * w
            shift = place % 64
            out[row, place // 64] |= bits << shift
            if shift > 1 and bits >> (64 - shift):
                out[row, place // 64 + 1] |= bits >> (64 - shift)


@compile_loop
def advance(plan: Plan, state: State, budget: int, limit: int) -> int:
    """Up to `budget` operations; stops early with DONE, GROW, ASK, BLOCK_FULL or LIMIT."""
    d, stride, above, n_rows = plan.dimension, plan.unit_words, TIGHT + plan.tight_words, plan.n_rows
    layers, rays, ints, members = plan.layers, state.rays, state.ray_ints, state.members
    forms, form_grids, frames, counts = state.forms, state.form_grids, state.frames, state.counts
    pattern, negative, sides, pairs = state.pattern, state.negative, state.sides, state.pairs
    rows, slots, hidden, copies, out = state.composed, state.slots, plan.hidden, plan.copies, state.out
    kept = counts.copy()
    for _ in range(budget):
        if counts[N_FRAMES] == 0:
            return DONE
        frame = counts[N_FRAMES] - 1
        layer, slot, count = frames[frame, LAYER], frames[frame, N_SLOTS], frames[frame, COUNT]
        top, low = frames[frame, RAY_TOP], frames[frame, MEMBER_TOP]
        if frames[frame, SIGN]:
            slots[slot - 1, SLOT_SIGN] = frames[frame, SIGN]
        unit, n_cutting = scan(layers, frames, members, ints, pattern, negative, frame, above, stride)
        first = n_rows + layers[layer, OFFSET]
        if layer == len(layers) - 2 and n_cutting <= 1:
            if counts[N_CELLS] + n_cutting >= limit:
                return LIMIT
            if plan.is_listing:
                if counts[N_OUT] + n_cutting >= len(out):
                    return BLOCK_FULL
                list_cells(layers, copies, pattern, negative, out, counts, layer, unit)
            count_cells(frames, members, ints, counts, frame, unit, above, stride)
            continue
        for k in range(N_FLOAT, N_COUNTS):
            kept[k] = counts[k]
        has_room = count <= len(sides) and low + count <= len(members) and top + count <= len(rays)
        if has_room and n_cutting == 0:
            fill_copies(layers, copies, pattern, negative, layer)
            compose(plan, state, layer + 1)
            size = layers[layer + 1, SIZE]
            if copy_rays(frames, members, rays, ints, rows, hidden, counts, frame, size, d, above, stride):
                has_room = settle_copies(plan, state, frame)
            if has_room:
                push_layer(frames, counts, frame)
        elif has_room:
            slots[slot, SLOT_FORM] = first + unit
            word, bit = above + unit // WORD, unit % WORD
            n_above, n_below = sort_sides(
                frames, members, sides, ints, rays, forms, frame, first + unit, word, stride, bit, d
            )
            n_new = find_edges(ints, members, frames, sides, pairs, frame, n_above, n_below, d - 2)
            has_room = n_new >= 0 and top + n_new <= len(rays) and low + 2 * (count + n_new) <= len(members)
            if has_room:
                n_poor = cut_edges(
                    rays,
                    ints,
                    forms,
                    form_grids,
                    pairs,
                    counts,
                    first,
                    unit,
                    n_new,
                    top,
                    slot,
                    d,
                    above,
                    layers[layer, WORDS],
                    stride,
                )
                if n_poor:
                    has_room = repair(plan, state, layer, top, top + n_new, slot + 1)
            if has_room:
                is_simple = frames[frame, IS_SIMPLE] == 1 and n_above + n_below == count
                push_sides(frames, members, ints, counts, frame, n_new, is_simple, word, stride, bit)
        if not has_room:
            counts[N_ASKED] = 0
            for k in range(N_FLOAT, N_COUNTS):
                counts[k] = kept[k]
            return GROW
        if counts[N_ASKED]:
            return ASK
    return PAUSED
