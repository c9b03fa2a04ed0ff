"""The arithmetic of :mod:`exactnet.kernels.float_cells`, compiled; import that module instead.

Numbers in brackets point to the steps of the proof there. Bit sets are rows of words of 63 bits, so that
every word is a non-negative int64. Importing this file imports numba, which takes about half a second;
without numba the same functions run as plain Python.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a"}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# what `advance` returns
DONE, PAUSED, GROW, ASK, BLOCK_FULL, LIMIT = 0, 1, 2, 3, 4, 5

WORD = 63
FAR = 2**20  # the grid of what is not known exactly

# constants of the bounds
EPSILON = 2.0**-52
UP = 1.0 + 2.0**-30
FLOOR = 2.0**-900
SMALLEST = 2.0**-950
LOST = 2.0
COARSE = 2.0**-24  # a ray less accurate than this is recomputed at once

# columns of layers, frames, slots, integers of a ray (the words of tight slots, then those of positive,
# negative and open units follow), copies; entries of counts
SIZE, OFFSET, COPIES, WORDS = range(4)
LAYER, START, COUNT, RAY_TOP, MEMBER_TOP, N_SLOTS, SIGN, IS_SIMPLE = range(8)
SLOT_FORM, SLOT_SIGN = range(2)
AT_INFINITY, GRID, TIGHT = range(3)
COPY, ORIGINAL, FLIPPED = range(3)
N_FRAMES, N_OUT, N_ASKED, N_CELLS, N_BOUNDED, N_FLOAT, N_LATTICE, N_STRUCTURE, N_ANCHORED, N_RAYS = range(10)
N_COUNTS = 10

UNDECIDED = 2


class Plan(NamedTuple):
    """What does not change during a walk.

    layers (n_layers + 1, 4); weights (n_layers, widest, widest), [k, i, j] leads from unit i to unit j of
    layer k; bias and no_bias (n_units,); slopes (n_layers,); inputs (n_units, unit_words) the originals of
    the units that enter; below (n_layers, ..) those that count where they are negative; hidden (n_layers, ..)
    copies and silent units, which have no signs on rays; copies (n_copies, 3).
    """

    dimension: int
    n_rows: int
    tight_words: int
    unit_words: int
    is_listing: bool
    layers: Ints
    weights: Floats
    bias: Floats
    slopes: Floats
    no_bias: Ints
    inputs: Ints
    below: Ints
    hidden: Ints
    copies: Ints


class State(NamedTuple):
    """What a walk changes.

    rays (capacity, D + 3): coordinates, error, then the value of the form at hand and the error of that;
    ray_ints (capacity, ..); members: lists of rays; sides, pairs, order: scratch; forms (n_forms, D + 3):
    coefficients, E, A and B; form_grids (n_forms,); frames, slots; pattern, negative (n_layers, unit_words):
    units that are positive, negative somewhere on the cell; questions (capacity, 2): ray, form; out: patterns
    in words of 64 bits; counts; composed (D + 4, widest): the forms of the layer composed last, A, B, then
    bounds and values on one ray; square: scratch of `anchor`.
    """

    rays: Floats
    ray_ints: Ints
    members: Ints
    sides: Ints
    pairs: Ints
    order: Ints
    forms: Floats
    form_grids: Ints
    frames: Ints
    slots: Ints
    pattern: Ints
    negative: Ints
    questions: Ints
    out: Ints
    counts: Ints
    composed: Floats
    square: Floats


@compile_loop
def bit_count(bits: int) -> int:
    """The number of bits set in a word."""
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@compile_loop
def value_at(forms: Floats, rays: Floats, form: int, ray: int, d: int) -> float:
    """The computed value of a form on a ray."""
    total = 0.0
    for k in range(d):
        total += forms[form, k] * rays[ray, k]
    return total


@compile_loop
def sign_at(plan: Plan, state: State, form: int, ray: int) -> int:
    """1, -1, 0 as far as float64 proves it [3, 6], otherwise UNDECIDED."""
    d = plan.dimension
    value = value_at(state.forms, state.rays, form, ray, d)
    bound = state.forms[form, d + 1] + state.rays[ray, d] * state.forms[form, d + 2]
    if value > bound:
        return 1
    if value < -bound:
        return -1
    if state.ray_ints[ray, GRID] + state.form_grids[form] + 4 <= 53 and d <= 16:
        state.counts[N_LATTICE] += 1
        return 1 if value > 0.0 else (-1 if value < 0.0 else 0)
    return UNDECIDED


@compile_loop
def scale_ray(rays: Floats, ray: int, d: int) -> None:
    """Bring the largest coordinate into [1/2, 1] by a power of two, and the error with it."""
    largest = 0.0
    for k in range(d):
        largest = max(largest, abs(rays[ray, k]))
    if largest == 0.0:
        rays[ray, d] = LOST
        return
    while largest > 1.0:
        largest /= 2.0
        for k in range(d + 1):
            rays[ray, k] /= 2.0
    while largest < 0.5:
        largest *= 2.0
        for k in range(d + 1):
            rays[ray, k] *= 2.0
    rays[ray, d] = min(rays[ray, d], LOST)


@compile_loop
def measure(forms: Floats, rays: Floats, form: int, ray: int, sign: float, d: int) -> None:
    """Put the magnitude of a form on a ray, and the error of it, behind the ray [4]; its sign is known."""
    value = sign * value_at(forms, rays, form, ray, d)
    slack = forms[form, d + 1] + rays[ray, d] * forms[form, d + 2]
    if value <= slack:
        value = max(UP * (value + slack) / 2.0, FLOOR)
        slack = value
    rays[ray, d + 1] = value
    rays[ray, d + 2] = slack


@compile_loop
def cut_edge(rays: Floats, p: int, q: int, new: int, d: int) -> None:
    """The point of the edge from p to q where the form that was measured vanishes, and its error [4]."""
    a, b = rays[p, d + 1], rays[q, d + 1]
    towards_p, towards_q = b / (a + b), a / (a + b)
    gap = 0.0
    for k in range(d):
        gap = max(gap, abs(rays[p, k] - rays[q, k]))
        rays[new, k] = towards_p * rays[p, k] + towards_q * rays[q, k]
    least = (a + b) - (rays[p, d + 2] + rays[q, d + 2]) - 8.0 * EPSILON * (a + b)
    if least > SMALLEST:
        shift = (towards_q * rays[q, d + 2] + towards_p * rays[p, d + 2]) / least
        ends = towards_p * rays[p, d] + towards_q * rays[q, d]
        rays[new, d] = UP * (shift * (gap + rays[p, d] + rays[q, d]) + ends + 6.0 * EPSILON)
    else:
        rays[new, d] = LOST
    scale_ray(rays, new, d)


@compile_loop
def cut_lattice_edge(
    forms: Floats, rays: Floats, form: int, p: int, q: int, new: int, d: int, grid: int
) -> int:
    """The same in exact integers, which fit [6]; returns the grid of the new ray."""
    a = abs(value_at(forms, rays, form, p, d))
    b = abs(value_at(forms, rays, form, q, d))
    divisor, scale = 0, float(1 << grid)
    for k in range(d):
        whole = abs(int((b * rays[p, k] + a * rays[q, k]) * scale))
        while whole:
            divisor, whole = whole, divisor % whole
    largest, bits = 0, 0
    for k in range(d):
        largest = max(largest, abs(int((b * rays[p, k] + a * rays[q, k]) * scale) // divisor))
    while largest >> bits:
        bits += 1
    for k in range(d):
        whole = int((b * rays[p, k] + a * rays[q, k]) * scale) // divisor
        rays[new, k] = whole / (1 << bits)
    rays[new, d] = 0.0
    return bits


# -- recomputing a ray from its tight forms [5] ----------------------------------------------------------


@compile_loop
def choose_rows(table: Floats, order: Ints, n: int, size: int) -> None:
    """Move `size` well independent ones of n rows to the front of `order`; destroys the table."""
    for step in range(size):
        best, row, column = -1.0, step, step
        for i in range(step, n):
            for j in range(step, size):
                if abs(table[i, j]) > best:
                    best, row, column = abs(table[i, j]), i, j
        if not best > 0.0:
            return
        order[step], order[row] = order[row], order[step]
        for j in range(size):
            table[step, j], table[row, j] = table[row, j], table[step, j]
        for i in range(n):
            table[i, step], table[i, column] = table[i, column], table[i, step]
        for i in range(step + 1, n):
            factor = table[i, step] / table[step, step]
            for j in range(step, size):
                table[i, j] -= factor * table[step, j]


@compile_loop
def invert(table: Floats, size: int) -> bool:
    """Gauss-Jordan in place on (size, 2 size) with partial pivoting; the inverse lands in the right half."""
    for step in range(size):
        pivot = step
        for i in range(step + 1, size):
            if abs(table[i, step]) > abs(table[pivot, step]):
                pivot = i
        if not abs(table[pivot, step]) > SMALLEST:
            return False
        for j in range(2 * size):
            table[step, j], table[pivot, j] = table[pivot, j], table[step, j]
        factor = 1.0 / table[step, step]
        for j in range(2 * size):
            table[step, j] *= factor
        for i in range(size):
            if i != step:
                factor = table[i, step]
                for j in range(2 * size):
                    table[i, j] -= factor * table[step, j]
    return True


@compile_loop
def anchor(plan: Plan, state: State, ray: int, n_slots: int) -> bool:
    """Recompute a ray from its tight forms; False if that does not make its error smaller."""
    d, size = plan.dimension, plan.dimension - 1
    rays, forms, table, order = state.rays, state.forms, state.square, state.order
    error = rays[ray, d]
    if error >= 0.25 or error < 64.0 * EPSILON:
        return False
    largest = 0
    for k in range(d):
        if abs(rays[ray, k]) > abs(rays[ray, largest]):
            largest = k
    n = 0
    for slot in range(n_slots):
        if state.ray_ints[ray, TIGHT + slot // WORD] >> (slot % WORD) & 1:
            order[n] = state.slots[slot, SLOT_FORM]
            n += 1
    if n > size:
        for i in range(n):
            for j in range(size):
                table[i, j] = forms[order[i], j + 1 if j >= largest else j]
        choose_rows(table, order, n, size)
    for i in range(size):
        for j in range(size):
            table[i, j] = forms[order[i], j + 1 if j >= largest else j]
            table[i, size + j] = 1.0 if i == j else 0.0
    if not invert(table, size):
        return False
    # one Newton step from the ray at hand; the new ray stands in the last row of the table
    new, last = table[len(table) - 1], len(table) - 2
    for k in range(d):
        new[k] = rays[ray, k]
    for turn in range(2):
        for i in range(size):
            total = 0.0
            for k in range(d):
                total += forms[order[i], k] * new[k]
            table[last, i] = total
        if turn == 0:
            for i in range(size):
                total = 0.0
                for j in range(size):
                    total += table[i, size + j] * table[last, j]
                new[i + 1 if i >= largest else i] -= total
    alpha, rho = 0.0, 0.0
    for i in range(size):
        off, moved = (d + 4) * EPSILON, FLOOR
        for j in range(size):
            total = 1.0 if i == j else 0.0
            for k in range(size):
                total -= table[i, size + k] * forms[order[k], j + 1 if j >= largest else j]
            off += abs(total)
        for k in range(size):
            entry = abs(table[i, size + k])
            off += entry * d * (2.0 * (d + 4) * EPSILON + forms[order[k], d])
            moved += entry * (abs(table[last, k]) + 2.0 * forms[order[k], d + 1])
        # not max(): a NaN must stay
        off, moved = UP * off, UP * moved
        alpha, rho = (alpha if off < alpha else off), (rho if moved < rho else moved)
    largest_entry = 0.0
    for k in range(d):
        largest_entry = largest_entry if abs(new[k]) < largest_entry else abs(new[k])
    found = UP * rho / (1.0 - alpha) if alpha <= 0.5 else LOST
    if not (alpha <= 0.5 and largest_entry <= 2.0 and found < error):
        return False
    for k in range(d):
        rays[ray, k] = new[k]
    rays[ray, d] = found
    scale_ray(rays, ray, d)
    return True


# -- the forms of the next layer [2] ---------------------------------------------------------------------


@compile_loop
def compose(plan: Plan, state: State, layer: int) -> None:
    """The forms of a layer on the cell whose pattern in the layer before is known, and their errors."""
    d, forms, rows, weights = plan.dimension, state.forms, state.composed, plan.weights
    size, n_inputs = plan.layers[layer, SIZE], plan.layers[layer - 1, SIZE]
    first = plan.n_rows + plan.layers[layer, OFFSET]
    before = plan.n_rows + plan.layers[layer - 1, OFFSET]
    for j in range(size):
        for k in range(d):
            rows[k, j] = 0.0
        bias = plan.bias[first - plan.n_rows + j]
        rows[d - 1, j] = bias
        rows[d, j] = (n_inputs + 6) * EPSILON * abs(bias)
    for i in range(n_inputs):
        positive = state.pattern[layer - 1, i // WORD] >> (i % WORD) & 1
        slope = 1.0 if positive else plan.slopes[layer - 1]
        if slope == 0.0:
            continue
        largest = 0.0
        for k in range(d):
            largest = max(largest, abs(forms[before + i, k]))
        error = abs(slope) * forms[before + i, d] + 3.0 * EPSILON * abs(slope) * largest
        error = UP * (error + (n_inputs + 6) * EPSILON * (abs(slope) * largest + error))
        for k in range(d):
            entry = slope * forms[before + i, k]
            if entry != 0.0:
                for j in range(size):
                    rows[k, j] += weights[layer, i, j] * entry
        for j in range(size):
            rows[d, j] += abs(weights[layer, i, j]) * error
    for j in range(size):
        for k in range(d):
            forms[first + j, k] = rows[k, j]
        forms[first + j, d] = 0.0 if state.form_grids[first + j] < FAR else UP * rows[d, j] + FLOOR
        bound_form(forms, first + j, d)
        rows[d, j] = forms[first + j, d + 1]
        rows[d + 1, j] = forms[first + j, d + 2]


@compile_loop
def bound_form(forms: Floats, form: int, d: int) -> None:
    """A and B [3] of a form from its coefficients and their error."""
    total, error = 0.0, forms[form, d]
    for k in range(d):
        total += abs(forms[form, k])
    forms[form, d + 1] = UP * ((d + 4) * EPSILON * total + d * error) + FLOOR
    forms[form, d + 2] = UP * (total + d * error)


@compile_loop
def evaluate(rows: Floats, rays: Floats, ray: int, size: int, d: int) -> None:
    """The values of all forms that were composed last on one ray, into the last row of `rows`; then [3]
    their bounds, into the row before."""
    values, bounds, error = d + 3, d + 2, rays[ray, d]
    for j in range(size):
        rows[values, j] = rows[0, j] * rays[ray, 0]
        rows[bounds, j] = rows[d, j] + error * rows[d + 1, j]
    for k in range(1, d):
        entry = rays[ray, k]
        for j in range(size):
            rows[values, j] += rows[k, j] * entry
