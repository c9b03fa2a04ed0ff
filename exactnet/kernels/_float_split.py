"""Splitting a cell by a unit, for :mod:`exactnet.kernels.float_cells`; import that module instead.

These functions are the hot ones. They take arrays one by one, because a tuple of arrays costs a reference
count for each of them in every call.
"""

from __future__ import annotations

from exactnet.kernels._float_loops import (
    AT_INFINITY,
    COARSE,
    COUNT,
    FAR,
    GRID,
    IS_SIMPLE,
    LAYER,
    MEMBER_TOP,
    N_FLOAT,
    N_FRAMES,
    N_RAYS,
    N_SLOTS,
    RAY_TOP,
    SIGN,
    START,
    TIGHT,
    WORD,
    Floats,
    Ints,
    bit_count,
    cut_edge,
    cut_lattice_edge,
    measure,
    value_at,
)
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_float_loops.py": "ba0620a4c182000c", "_wide_loops.py": "2a8327bab75ff80a"}


@compile_loop
def sort_sides(
    frames: Ints,
    members: Ints,
    sides: Ints,
    ints: Ints,
    rays: Floats,
    forms: Floats,
    frame: int,
    form: int,
    word: int,
    stride: int,
    bit: int,
    d: int,
) -> tuple[int, int]:
    """Rays above to the front of `sides`, rays below to its end, all measured; marks the tight ones."""
    start, slot = frames[frame, START], frames[frame, N_SLOTS]
    slot_word, slot_bit = TIGHT + slot // WORD, 1 << (slot % WORD)
    n_above, n_below, end = 0, 0, len(sides)
    for i in range(start, start + frames[frame, COUNT]):
        r = members[i]
        # the bit of the slot may be left over from another branch: write it in any case
        ints[r, slot_word] &= ~slot_bit
        if ints[r, word] >> bit & 1:
            sides[n_above] = r
            n_above += 1
            measure(forms, rays, form, r, 1.0, d)
        elif ints[r, word + stride] >> bit & 1:
            n_below += 1
            sides[end - n_below] = r
            measure(forms, rays, form, r, -1.0, d)
        else:
            ints[r, slot_word] |= slot_bit
    return n_above, n_below


@compile_loop
def n_common(ints: Ints, p: int, q: int, n_slots: int) -> int:
    """How many forms are tight on both rays."""
    count, left, w = 0, n_slots, TIGHT
    while left > 0:
        common = ints[p, w] & ints[q, w]
        if left < WORD:
            common &= (1 << left) - 1
        while common:
            common &= common - 1
            count += 1
        left -= WORD
        w += 1
    return count


@compile_loop
def has_third(ints: Ints, members: Ints, start: int, count: int, p: int, q: int, n_slots: int) -> bool:
    """Whether some other ray of the frame lies on all forms that are tight on p and q."""
    for i in range(start, start + count):
        r = members[i]
        if r in (p, q):
            continue
        inside, left, w = True, n_slots, TIGHT
        while left > 0:
            missing = ints[p, w] & ints[q, w] & ~ints[r, w]
            if left < WORD:
                missing &= (1 << left) - 1
            if missing:
                inside = False
                break
            left -= WORD
            w += 1
        if inside:
            return True
    return False


@compile_loop
def find_edges(
    ints: Ints,
    members: Ints,
    frames: Ints,
    sides: Ints,
    pairs: Ints,
    frame: int,
    n_above: int,
    n_below: int,
    needed: int,
) -> int:
    """List the edges between the sides by tight forms alone [8]; returns their number, -1 without room."""
    n, n_slots, is_simple = 0, frames[frame, N_SLOTS], frames[frame, IS_SIMPLE]
    mask = (1 << min(n_slots, WORD - 1)) - 1
    for i in range(n_above):
        p = sides[i]
        for j in range(len(sides) - n_below, len(sides)):
            q = sides[j]
            if n_slots < WORD:
                common = bit_count(ints[p, TIGHT] & ints[q, TIGHT] & mask)
            else:
                common = n_common(ints, p, q, n_slots)
            if common < needed:
                continue
            if (
                not is_simple
                and n_common(ints, p, p, n_slots) > needed + 1
                and n_common(ints, q, q, n_slots) > needed + 1
                and has_third(ints, members, frames[frame, START], frames[frame, COUNT], p, q, n_slots)
            ):
                continue
            if n == len(pairs):
                return -1
            pairs[n, 0] = p
            pairs[n, 1] = q
            n += 1
    return n


@compile_loop
def cut_edges(
    rays: Floats,
    ints: Ints,
    forms: Floats,
    form_grids: Ints,
    pairs: Ints,
    counts: Ints,
    first: int,
    unit: int,
    n_pairs: int,
    top: int,
    slot: int,
    d: int,
    above: int,
    n_words: int,
    stride: int,
) -> int:
    """One new ray on each edge in the list, with its signs; returns how many of them need repair."""
    slot_word, slot_bit = TIGHT + slot // WORD, 1 << (slot % WORD)
    n_float, n_poor = 0, 0
    for i in range(n_pairs):
        p, q, new = pairs[i, 0], pairs[i, 1], top + i
        grid = ints[p, GRID] + ints[q, GRID] + form_grids[first + unit]
        if grid + 5 <= 53 and d <= 16:
            ints[new, GRID] = cut_lattice_edge(forms, rays, first + unit, p, q, new, d, grid)
        else:
            ints[new, GRID] = FAR
            cut_edge(rays, p, q, new, d)
        ints[new, AT_INFINITY] = ints[p, AT_INFINITY] & ints[q, AT_INFINITY]
        for w in range(TIGHT, above):
            ints[new, w] = ints[p, w] & ints[q, w]
        ints[new, slot_word] |= slot_bit
        n_tried, n_open = inherit_signs(forms, rays, ints, first, unit, p, q, new, d, above, n_words, stride)
        n_float += n_tried - n_open
        if n_open or rays[new, d] > COARSE:
            n_poor += 1
    counts[N_FLOAT] += n_float
    return n_poor


@compile_loop
def inherit_signs(
    forms: Floats,
    rays: Floats,
    ints: Ints,
    first: int,
    unit: int,
    p: int,
    q: int,
    new: int,
    d: int,
    above: int,
    n_words: int,
    stride: int,
) -> tuple[int, int]:
    """Signs of a new ray: where its ends agree, or one of them is zero, the sign follows; the others are
    evaluated. Returns how many were evaluated, and how many of them are left open."""
    n_tried, n_open = 0, 0
    for w in range(n_words):
        positive = ints[p, above + w] | ints[q, above + w]
        negative = ints[p, above + stride + w] | ints[q, above + stride + w]
        crossing = positive & negative
        positive &= ~crossing
        negative &= ~crossing
        if unit // WORD == w:
            crossing &= ~(1 << (unit % WORD))
        still_open = 0
        while crossing:
            lowest = crossing & -crossing
            crossing ^= lowest
            form = first + w * WORD + bit_count(lowest - 1)
            value = value_at(forms, rays, form, new, d)
            bound = forms[form, d + 1] + rays[new, d] * forms[form, d + 2]
            n_tried += 1
            if value > bound:
                positive |= lowest
            elif value < -bound:
                negative |= lowest
            else:
                still_open |= lowest
                n_open += 1
        ints[new, above + w] = positive
        ints[new, above + stride + w] = negative
        ints[new, above + 2 * stride + w] = still_open
    return n_tried, n_open


@compile_loop
def push_sides(
    frames: Ints,
    members: Ints,
    ints: Ints,
    counts: Ints,
    frame: int,
    n_new: int,
    is_simple: bool,
    word: int,
    stride: int,
    bit: int,
) -> None:
    """Replace the top frame by its negative and, on top of it, its positive side."""
    layer, start, end = (
        frames[frame, LAYER],
        frames[frame, START],
        frames[frame, START] + frames[frame, COUNT],
    )
    top, slot, high = frames[frame, RAY_TOP], frames[frame, N_SLOTS], frames[frame, MEMBER_TOP]
    for sign in (-1, 1):
        begin, opposite = high, word if sign < 0 else word + stride
        for i in range(start, end):
            r = members[i]
            if not ints[r, opposite] >> bit & 1:
                members[high] = r
                high += 1
        for r in range(top, top + n_new):
            members[high] = r
            high += 1
        child = frame if sign < 0 else frame + 1
        frames[child, LAYER] = layer
        frames[child, START] = begin
        frames[child, COUNT] = high - begin
        frames[child, RAY_TOP] = top + n_new
        frames[child, N_SLOTS] = slot + 1
        frames[child, SIGN] = sign
        frames[child, IS_SIMPLE] = is_simple
    frames[frame, MEMBER_TOP] = high
    frames[frame + 1, MEMBER_TOP] = high
    counts[N_FRAMES] = frame + 2
    counts[N_RAYS] += n_new
