"""The linear programs of :mod:`exactnet.kernels.lp_tree`, compiled; import that module instead.

Numbers in brackets point to the steps of the proof there. Signed forms are kept as columns, so that the loops
over all of them run over contiguous numbers. Importing this file imports numba, which takes about half a
second; without numba the same functions run as plain Python.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._lp_layout import (
    BASIS,
    EPSILON,
    ERROR,
    FLOOR,
    INVERSE,
    NAME,
    OFF,
    REST,
    SCALE,
    SLOPE,
    SMALLEST,
    SQUARE,
    SUPPORT,
    TARGET,
    TOLERANCE,
    UP,
    UPPER,
    WEIGHT,
    Floats,
    Plan,
    State,
)
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their text
COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a", "_lp_layout.py": "0679ca6be09a2b12"}


@compile_loop
def bound_of(size: float, error: float, d: int) -> float:
    """What the computed value of a form at a point can be wrong by, from the sum of its entries [2]."""
    return UP * ((d + 4) * EPSILON * size + d * error + FLOOR)


@compile_loop
def power_of_two(largest: float) -> float:
    """A power of two that brings a positive number into [1/2, 1], or near it if it is tiny."""
    factor = 1.0
    while largest * factor < 0.5 and factor < 2.0**900:
        factor *= 2.0
    while largest * factor > 1.0:
        factor /= 2.0
    return factor


@compile_loop
def set_target(plan: Plan, state: State, unit: int, sign: float) -> tuple[float, float]:
    """Put a form of a unit, scaled by a power of two, into `target`; its error and the bound of values."""
    d = plan.dimension
    factor = power_of_two(max(state.forms[unit, d + 1], SMALLEST))
    size = 0.0
    for k in range(d):
        state.vectors[TARGET, k] = sign * factor * state.forms[unit, k]
        size += abs(state.vectors[TARGET, k])
    error = factor * state.forms[unit, d]
    return error, bound_of(size, error, d)


@compile_loop
def put_row(state: State, d: int, at: int, name: int, error: float, tolerance: float, sign: float) -> None:
    """Make sign * target the row number `at`."""
    square = 0.0
    for k in range(d):
        state.rows[k, at] = sign * state.vectors[TARGET, k]
        square += state.vectors[TARGET, k] * state.vectors[TARGET, k]
    state.row_ints[NAME, at] = name
    state.per_row[ERROR, at] = error
    state.per_row[TOLERANCE, at] = tolerance
    state.per_row[SCALE, at] = 1.0 / np.sqrt(square) if square > FLOOR else 0.0


@compile_loop
def all_values(rows: Floats, d: int, n: int, point: Floats, values: Floats) -> None:
    """The values of the first n rows at a point."""
    for j in range(n):
        values[j] = 0.0
    for k in range(d):
        x = point[k]
        row = rows[k]
        for j in range(n):
            values[j] += x * row[j]


@compile_loop
def is_inside(state: State, d: int, start: int, n: int, point: Floats) -> bool:
    """Whether all rows are proved to be positive at a point, which is brought to largest entry 1 [2]."""
    largest = 0.0
    for k in range(d):
        largest = max(largest, abs(point[k]))
    if not (SMALLEST < largest < 1.0 / SMALLEST):
        return False
    for k in range(d):
        point[k] /= largest
    all_values(state.rows, d, n, point, state.per_row[SLOPE])
    is_proved = True
    for j in range(start, n):
        is_proved = is_proved and state.per_row[SLOPE, j] > state.per_row[TOLERANCE, j]
    return is_proved


@compile_loop
def invert_basis(basis: Floats, upper: Floats, inverse: Floats, d: int) -> None:
    """R = T^-1 Q', an approximate inverse of the matrix whose columns are the rows in the basis."""
    for c in range(d):
        for i in range(d - 1, -1, -1):
            total = basis[i, c]
            for j in range(i + 1, d):
                total -= upper[i, j] * inverse[j, c]
            inverse[i, c] = total / upper[i, i]


@compile_loop
def is_implied(state: State, d: int, error: float) -> bool:
    """Whether the target is proved to be a combination of the d rows in the basis, weights positive [4]."""
    invert_basis(state.matrices[BASIS], state.matrices[UPPER], state.matrices[INVERSE], d)
    for p in range(d):
        row = state.lists[SUPPORT, p]
        state.vectors[OFF, p] = state.per_row[ERROR, row]
        for c in range(d):
            state.matrices[SQUARE, c, p] = state.rows[c, row]
    return has_positive_solution(
        state.matrices[SQUARE],
        state.vectors[TARGET],
        state.vectors[WEIGHT],
        state.matrices[INVERSE],
        state.vectors[OFF],
        error,
        state.vectors[REST],
        d,
    )


@compile_loop
def has_positive_solution(
    columns: Floats,
    target: Floats,
    weights: Floats,
    inverse: Floats,
    errors: Floats,
    error: float,
    rest: Floats,
    m: int,
) -> bool:
    """Whether the target is proved to be a combination of m columns, all weights positive [4].

    `errors` and `error` bound the entries of the columns and of the target; the former are overwritten.
    """
    total, summed, mixed = 0.0, 0.0, error
    for p in range(m):
        total += abs(weights[p])
        summed += errors[p]
        mixed += abs(weights[p]) * errors[p]
    slack = UP * ((m + 4) * EPSILON * (total + 2.0) + mixed + FLOOR)
    for c in range(m):
        value = -target[c]
        for p in range(m):
            value += weights[p] * columns[c, p]
        rest[c] = abs(value) + slack
    worst, alpha = 0.0, 0.0
    for i in range(m):
        size, moved, off = 0.0, 0.0, 0.0
        for c in range(m):
            size += abs(inverse[i, c])
            moved += abs(inverse[i, c]) * rest[c]
        for p in range(m):
            value = -1.0 if p == i else 0.0
            for c in range(m):
                value += inverse[i, c] * columns[c, p]
            off += abs(value)
        errors[i] = UP * (off + (m * (m + 4) * EPSILON + summed) * (size + 1.0) + FLOOR)
        alpha, worst = max(alpha, errors[i]), max(worst, moved)
    if not alpha <= 0.5:
        return False
    worst = UP * (worst + FLOOR) / (1.0 - alpha)
    for i in range(m):
        moved = 0.0
        for c in range(m):
            moved += abs(inverse[i, c]) * rest[c]
        if not weights[i] > UP * (UP * (moved + FLOOR) + UP * errors[i] * worst):
            return False
    return True
