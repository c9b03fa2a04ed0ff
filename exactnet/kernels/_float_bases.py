"""Bases for the units that do not cut a cell, for :mod:`exactnet.kernels.float_proof`; import that instead.

Numbers in brackets point to the steps of the proof there and in :mod:`exactnet.kernels.float_cells`.
"""

from __future__ import annotations

from exactnet.kernels._float_flat import is_flat
from exactnet.kernels._float_loops import (
    AT_INFINITY,
    EPSILON,
    GRID,
    SLOT_FORM,
    SLOT_SIGN,
    TIGHT,
    UP,
    WORD,
    Floats,
    Ints,
    choose_rows,
    invert,
)
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {
    "_float_flat.py": "87819b9ffbb65c39",
    "_float_loops.py": "ba0620a4c182000c",
    "_wide_loops.py": "2a8327bab75ff80a",
}

TRIES = 4  # vertices that are tried for one unit
PIVOTS = 40
BASIS_STATE = 0
UNKNOWN, FOUND, MISSING = 0, 1, -1


@compile_loop
def dual_rays(
    forms: Floats, slots: Ints, square: Floats, order: Ints, duals: Floats, row: int, d: int
) -> bool:
    """The rays on which all but one of d forms and infinity vanish, and their error [9].

    The slots of the forms stand in `order`; the rays go to `duals[row]`. False if they are not independent
    as far as can be proved.
    """
    for i in range(d):
        form = slots[order[i], SLOT_FORM]
        for j in range(d):
            square[i, j] = forms[form, j]
            square[i, d + j] = 1.0 if i == j else 0.0
    if not invert(square, d):
        return False
    alpha = 0.0
    for i in range(d):
        off = (d + 5) * EPSILON
        for j in range(d):
            total = 1.0 if i == j else 0.0
            for k in range(d):
                total -= square[i, d + k] * forms[slots[order[k], SLOT_FORM], j]
            off += abs(total)
        for k in range(d):
            off += (
                abs(square[i, d + k])
                * (d + 1)
                * (2.0 * (d + 5) * EPSILON + forms[slots[order[k], SLOT_FORM], d + 1])
            )
        off *= UP
        # not max(): a NaN must stay
        alpha = alpha if off < alpha else off
    if not alpha <= 0.5:
        return False
    error = UP * alpha / (1.0 - alpha)
    for k in range(d):
        largest = 0.0
        for i in range(d):
            largest = max(largest, abs(square[i, d + k]))
        scale = 1.0
        while largest * scale > 1.0:
            scale /= 2.0
        while largest * scale < 0.5:
            scale *= 2.0
        for i in range(d):
            duals[row, k, i] = square[i, d + k] * scale
        duals[row, k, d] = error
    return True


@compile_loop
def sort_slots(slots: Ints, order: Ints, n: int) -> None:
    """The slots in `order` ascending by form."""
    for i in range(1, n):
        slot, j = order[i], i
        while j > 0 and slots[order[j - 1], SLOT_FORM] > slots[slot, SLOT_FORM]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = slot


@compile_loop
def find_basis(
    forms: Floats,
    ints: Ints,
    slots: Ints,
    square: Floats,
    order: Ints,
    bases: Ints,
    duals: Floats,
    home: int,
    n_slots: int,
    d: int,
) -> None:
    """d independent forms that vanish on a vertex, from those that it was born on, and their dual rays."""
    bases[home, BASIS_STATE] = MISSING
    n = 0
    for slot in range(n_slots):
        if ints[home, TIGHT + slot // WORD] >> (slot % WORD) & 1:
            order[n] = slot
            n += 1
    if n < d:
        return
    if n > d:
        for i in range(n):
            for j in range(d):
                square[i, j] = forms[slots[order[i], SLOT_FORM], j]
        choose_rows(square, order, n, d)
    sort_slots(slots, order, d)
    if dual_rays(forms, slots, square, order, duals, home, d):
        bases[home, BASIS_STATE] = FOUND
        for k in range(d):
            bases[home, 1 + k] = order[k]


@compile_loop
def order_vertices(
    rays: Floats,
    ints: Ints,
    members: Ints,
    forms: Floats,
    values: Floats,
    start: int,
    count: int,
    form: int,
    sign: int,
    word: int,
    stride: int,
    lowest: int,
    d: int,
) -> None:
    """How large sign * form is on each vertex of a cell; exactly 0 where it vanishes, NaN at infinity."""
    for i in range(count):
        r = members[start + i]
        if ints[r, AT_INFINITY] or not rays[r, d] > 0.0:
            values[i] = float("nan")
        elif not (ints[r, word] | ints[r, word + stride]) & lowest:
            values[i] = 0.0
        else:
            total = 0.0
            for k in range(d + 1):
                total += forms[form, k] * rays[r, k]
            values[i] = sign * total / rays[r, d]


@compile_loop
def lowest_vertex(values: Floats, count: int) -> int:
    """Where the value is smallest; -1 if there is none."""
    best = -1
    for i in range(count):
        if values[i] == values[i] and (best < 0 or values[i] < values[best]):
            best = i
    return best


@compile_loop
def is_combination(
    forms: Floats, slots: Ints, bases: Ints, duals: Floats, home: int, form: int, sign: int, d: int
) -> bool:
    """Whether all multipliers of the forms of a basis are proved to be positive [9]."""
    for k in range(d):
        total = 0.0
        for i in range(d):
            total += forms[form, i] * duals[home, k, i]
        bound = forms[form, d + 2] + duals[home, k, d] * forms[form, d + 3]
        if not sign * slots[bases[home, 1 + k], SLOT_SIGN] * total > bound:
            return False
    return True


@compile_loop
def rises(
    forms: Floats,
    form_grids: Ints,
    rays: Floats,
    ints: Ints,
    members: Ints,
    start: int,
    count: int,
    needed: Ints,
    ray: int,
    form: int,
    sign: int,
    is_zero: bool,
    d: int,
) -> bool:
    """Whether sign * form, not negative on the cell, is proved not to fall along an edge from a vertex [9].

    `needed` is the tight set of the edge; `is_zero` says that the form vanishes on the vertex.
    """
    for i in range(start, start + count):
        q = members[i]
        if q == ray:
            continue
        is_on = True
        for w in range(len(needed)):
            if needed[w] & ~ints[q, TIGHT + w]:
                is_on = False
                break
        if not is_on:
            continue
        if is_zero or ints[q, AT_INFINITY]:
            return True
        if ints[ray, GRID] + ints[q, GRID] + form_grids[form] + 5 > 53 or d > 15:
            return False
        here, there = 0.0, 0.0
        for k in range(d + 1):
            here += forms[form, k] * rays[ray, k]
            there += forms[form, k] * rays[q, k]
        return bool(sign * (there * rays[ray, d] - here * rays[q, d]) >= 0.0)
    return False


@compile_loop
def is_combination_by_edges(
    forms: Floats,
    form_grids: Ints,
    rays: Floats,
    ints: Ints,
    members: Ints,
    slots: Ints,
    bases: Ints,
    duals: Floats,
    needed: Ints,
    layers: Ints,
    pattern: Ints,
    below: Ints,
    hidden: Ints,
    inputs: Ints,
    lines: Ints,
    partners: Ints,
    marks: Ints,
    row: int,
    start: int,
    count: int,
    ray: int,
    n_rows: int,
    form: int,
    layer: int,
    sign: int,
    is_zero: bool,
    d: int,
) -> bool:
    """Like `is_combination`; multipliers may be zero, and edges of the cell decide what floats leave open."""
    for k in range(d):
        total = 0.0
        for i in range(d):
            total += forms[form, i] * duals[row, k, i]
        bound = forms[form, d + 2] + duals[row, k, d] * forms[form, d + 3]
        total *= sign * slots[bases[row, 1 + k], SLOT_SIGN]
        if total > bound:
            continue
        if total < -bound:
            return False
        unit = form - n_rows
        if is_flat(
            layers,
            pattern,
            below,
            hidden,
            inputs,
            lines,
            partners,
            marks,
            slots,
            bases,
            row,
            k,
            n_rows,
            unit,
            layer,
            d,
        ):
            continue
        needed[:] = 0
        for j in range(d):
            if j != k:
                needed[bases[row, 1 + j] // WORD] |= 1 << (bases[row, 1 + j] % WORD)
        if not rises(
            forms, form_grids, rays, ints, members, start, count, needed, ray, form, sign, is_zero, d
        ):
            return False
    return True


@compile_loop
def pivot(
    forms: Floats,
    ints: Ints,
    slots: Ints,
    square: Floats,
    order: Ints,
    bases: Ints,
    duals: Floats,
    row: int,
    ray: int,
    n_slots: int,
    form: int,
    sign: int,
    d: int,
) -> bool:
    """From the basis in `row` to one without proved negative multipliers, on a vertex with more than d forms.

    Criss-cross steps: the first form with a negative multiplier leaves, the first one that is negative on
    its dual ray enters (Terlaky 1985); floats choose them, and the result is only a proposal.
    """
    for _ in range(PIVOTS):
        leaving = -1
        for k in range(d):
            total = 0.0
            for i in range(d):
                total += forms[form, i] * duals[row, k, i]
            slot = bases[row, 1 + k]
            bound = forms[form, d + 2] + duals[row, k, d] * forms[form, d + 3]
            if sign * slots[slot, SLOT_SIGN] * total < -bound and (
                leaving < 0 or slot < bases[row, 1 + leaving]
            ):
                leaving = k
        if leaving < 0:
            return True
        side = slots[bases[row, 1 + leaving], SLOT_SIGN]
        entering = -1
        for slot in range(n_slots):
            if ints[ray, TIGHT + slot // WORD] >> (slot % WORD) & 1:
                other = slots[slot, SLOT_FORM]
                total = 0.0
                for i in range(d):
                    total += forms[other, i] * duals[row, leaving, i]
                bound = forms[other, d + 2] + duals[row, leaving, d] * forms[other, d + 3]
                # forms of the basis vanish there, within the bound
                if side * slots[slot, SLOT_SIGN] * total < -bound:
                    entering = slot
                    break
        if entering < 0:
            return False
        for k in range(d):
            order[k] = bases[row, 1 + k]
        order[leaving] = entering
        sort_slots(slots, order, d)
        if not dual_rays(forms, slots, square, order, duals, row, d):
            return False
        for k in range(d):
            bases[row, 1 + k] = order[k]
    return False
