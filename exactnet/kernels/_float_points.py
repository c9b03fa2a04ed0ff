"""Rational points inside cells, for :mod:`exactnet.kernels.float_proof`; import that instead."""

from __future__ import annotations

import numpy as np

from exactnet.kernels._float_loops import FLOOR, SLOT_FORM, SLOT_SIGN, Floats, Ints
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_float_loops.py": "ba0620a4c182000c", "_wide_loops.py": "2a8327bab75ff80a"}

LARGEST = 2.0**52  # the largest integer that is written
COARSER = 3  # how many times twice coarser than safe the first grid is
FINER = 3

# rows of `points`: the sums of rays above, on and below the last form; the middle; the candidate
ABOVE, ON, BELOW, MIDDLE, CANDIDATE = range(5)


@compile_loop
def sum_rays(
    rays: Floats,
    ints: Ints,
    members: Ints,
    points: Floats,
    start: int,
    count: int,
    word: int,
    stride: int,
    bit: int,
    n: int,
) -> None:
    """The sums of the rays on each side of a unit, and on it; all of them above if bit < 0."""
    for row in range(3):
        for k in range(n):
            points[row, k] = 0.0
    for i in range(start, start + count):
        r, row = members[i], ABOVE
        if bit >= 0 and not ints[r, word] >> bit & 1:
            row = BELOW if ints[r, word + stride] >> bit & 1 else ON
        for k in range(n):
            points[row, k] += rays[r, k]


@compile_loop
def aim(forms: Floats, points: Floats, form: int, side: int, n: int) -> None:
    """A point well inside one side of a form: the sum over that side plus as much of the rest as it bears."""
    near, far = (ABOVE, BELOW) if side > 0 else (BELOW, ABOVE)
    ahead, behind = 0.0, 0.0
    for k in range(n):
        ahead += side * forms[form, k] * points[near, k]
        behind -= side * forms[form, k] * points[far, k]
    share = 1.0
    if behind > 0.0 and 2.0 * behind > ahead:
        share = max(ahead, 0.0) / (2.0 * behind)
    for k in range(n):
        points[MIDDLE, k] = points[near, k] + share * (points[ON, k] + points[far, k])


@compile_loop
def value_on(forms: Floats, points: Floats, form: int, row: int, n: int) -> float:
    """The computed value of a form on a point."""
    total = 0.0
    for k in range(n):
        total += forms[form, k] * points[row, k]
    return total


@compile_loop
def safe_grid(forms: Floats, slots: Ints, points: Floats, widths: Floats, n_slots: int, n: int) -> float:
    """The 1/g for which rounding the middle to multiples of g cannot leave the cell, about; -1 if none."""
    most = 0.0
    for slot in range(n_slots):
        form = slots[slot, SLOT_FORM]
        value = slots[slot, SLOT_SIGN] * value_on(forms, points, form, MIDDLE, n)
        if not value > 0.0:
            return -1.0
        reach = 0.0
        for k in range(n - 1):
            reach += abs(forms[form, k]) * widths[k]
        most = max(most, reach * points[MIDDLE, n - 1] / (2.0 * value))
    return most


@compile_loop
def is_inside(forms: Floats, slots: Ints, points: Floats, n_slots: int, n: int) -> bool:
    """Whether the candidate is proved to lie strictly inside all forms of the slots [10]."""
    for slot in range(n_slots):
        form = slots[slot, SLOT_FORM]
        if form == 0:  # infinity: w > 0
            continue
        value = slots[slot, SLOT_SIGN] * value_on(forms, points, form, CANDIDATE, n)
        if not value > forms[form, n + 1] + FLOOR * forms[form, n + 2]:
            return False
    return True


@compile_loop
def find_point(
    forms: Floats,
    slots: Ints,
    points: Floats,
    widths: Floats,
    stream: Ints,
    places: Ints,
    at: int,
    n_inputs: int,
    n_slots: int,
    n: int,
) -> bool:
    """An integer point (x, w) near the middle, on a grid as coarse as possible, into the stream.

    Coordinate k of the walk is `widths[k]` times that of the inputs, relative to w.
    """
    w = points[MIDDLE, n - 1]
    fine = safe_grid(forms, slots, points, widths, n_slots, n)
    if not (w > 0.0 and 0.0 <= fine <= LARGEST):
        return False
    grid = 1.0
    while grid < fine:
        grid *= 2.0
    last = min(grid * 2.0**FINER, LARGEST)
    grid = max(1.0, grid / 2.0**COARSER)
    while grid <= last:
        largest = grid
        for k in range(n - 1):
            whole = np.rint(points[MIDDLE, k] / w / widths[k] * grid)
            if not abs(whole) <= LARGEST:
                return False
            stream[at + places[k]] = int(whole)
            points[CANDIDATE, k] = whole * widths[k]
            # not max(): a NaN must stay
            size = abs(points[CANDIDATE, k])
            largest = largest if size < largest else size
        if not largest < 1.0 / FLOOR:
            return False
        scale = 1.0
        while scale * largest > 1.0:
            scale /= 2.0
        for k in range(n - 1):
            points[CANDIDATE, k] *= scale
        points[CANDIDATE, n - 1] = grid * scale
        if is_inside(forms, slots, points, n_slots, n):
            stream[at + n_inputs] = int(grid)
            return True
        grid *= 2.0
    return False
