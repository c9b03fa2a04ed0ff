"""The small linear programs of :mod:`exactnet.kernels.lp_tree`, compiled; import that module instead.

Numbers in brackets point to the steps of the proof there. All of this guesses, except where it calls
`is_inside` and `is_implied`.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._lp_layout import (
    AMPLE,
    BASIS,
    CUT,
    EPSILON,
    ERROR,
    FLOOR,
    FORMER,
    IMPLIED,
    IS_IN,
    N_BASIS,
    N_LP,
    NOTHING,
    PART,
    POINT,
    REST,
    SCALE,
    SLIGHT,
    SLOPE,
    SUPPORT,
    TARGET,
    UNDECIDED,
    UP,
    UPPER,
    VALUE,
    WEIGHT,
    Floats,
    Plan,
    State,
)
from exactnet.kernels._lp_loops import (
    all_values,
    is_implied,
    is_inside,
)
from exactnet.kernels._wide_loops import compile_loop

COMPILED_WITH = {
    "_wide_loops.py": "2a8327bab75ff80a",
    "_lp_layout.py": "0679ca6be09a2b12",
    "_lp_loops.py": "5968718c6e0a3bdf",
}


@compile_loop
def step_to(
    state: State, d: int, start: int, n: int, witness: Floats, value: float, square: float, room: float
) -> None:
    """Put a point of the ray from the witness along -rest behind the hyperplane of the target into POINT."""
    reach = value / square
    step = min(0.5 * (reach + room), 2.0 * reach)
    for k in range(d):
        state.vectors[POINT, k] = witness[k] - step * state.vectors[REST, k]


@compile_loop
def add_to_basis(
    rows: Floats, basis: Floats, upper: Floats, target: Floats, parts: Floats, d: int, k: int, row: int
) -> bool:
    """Gram and Schmidt: column k of the factorisation Q T; False if the row depends on the others."""
    for c in range(d):
        basis[k, c] = rows[c, row]
    for i in range(k):
        part = 0.0
        for c in range(d):
            part += basis[i, c] * basis[k, c]
        upper[i, k] = part
        for c in range(d):
            basis[k, c] -= part * basis[i, c]
    square = 0.0
    for c in range(d):
        square += basis[k, c] * basis[k, c]
    if square < NOTHING:
        return False
    upper[k, k] = np.sqrt(square)
    scale, part = 1.0 / upper[k, k], 0.0
    for c in range(d):
        basis[k, c] *= scale
        part += basis[k, c] * target[c]
    parts[k] = part
    return True


@compile_loop
def solve_basis(upper: Floats, parts: Floats, weights: Floats, k: int) -> bool:
    """T weights = Q' target; whether all weights are positive."""
    is_positive = True
    for i in range(k - 1, -1, -1):
        total = parts[i]
        for j in range(i + 1, k):
            total -= upper[i, j] * weights[j]
        weights[i] = total / upper[i, i]
        is_positive = is_positive and weights[i] > 0.0
    return is_positive


@compile_loop
def drop_rows(state: State, d: int, k: int) -> int:
    """One step of Lawson and Hanson from `former` towards `weights`: rows whose weight vanishes leave."""
    step, leave = 1.0, -1
    for i in range(k):
        if state.vectors[WEIGHT, i] <= 0.0:
            ratio = (
                state.vectors[FORMER, i] / (state.vectors[FORMER, i] - state.vectors[WEIGHT, i])
                if state.vectors[FORMER, i] > 0.0
                else 0.0
            )
            if leave < 0 or ratio < step:
                step, leave = ratio, i
    if leave < 0:  # overflow: there is nothing to go on from
        return 0
    kept, first = 0, -1
    for i in range(k):
        moved = state.vectors[FORMER, i] + step * (state.vectors[WEIGHT, i] - state.vectors[FORMER, i])
        if i == leave or moved <= 0.0:
            state.row_ints[IS_IN, state.lists[SUPPORT, i]] = 0
            first = i if first < 0 else first
        else:
            state.vectors[FORMER, kept] = moved
            state.lists[SUPPORT, kept] = state.lists[SUPPORT, i]
            kept += 1
    for i in range(first, kept):
        row = state.lists[SUPPORT, i]
        if not add_to_basis(
            state.rows,
            state.matrices[BASIS],
            state.matrices[UPPER],
            state.vectors[TARGET],
            state.vectors[PART],
            d,
            i,
            row,
        ):
            return i
    return kept


@compile_loop
def remainder(target: Floats, basis: Floats, rest: Floats, d: int, k: int) -> float:
    """rest = target minus its projection on the basis; the square of its length."""
    for c in range(d):
        rest[c] = target[c]
    for i in range(k):
        part = 0.0
        for c in range(d):
            part += basis[i, c] * rest[c]
        for c in range(d):
            rest[c] -= part * basis[i, c]
    square = 0.0
    for c in range(d):
        square += rest[c] * rest[c]
    return square


@compile_loop
def shorten(basis: Floats, rest: Floats, d: int, k: int) -> float:
    """The same when only column k is new."""
    part, square = 0.0, 0.0
    for c in range(d):
        part += basis[k, c] * rest[c]
    for c in range(d):
        rest[c] -= part * basis[k, c]
        square += rest[c] * rest[c]
    return square


@compile_loop
def other_side(
    plan: Plan, state: State, start: int, n: int, witness: Floats, value: float, error: float, bound: float
) -> int:
    """Whether rows start .. n - 1 can all be positive where the target is negative [3].

    The witness lies inside all rows, `values` are theirs there, and `value` > 0 is that of the target.

    Returns
    -------
    CUT : yes, proved, at POINT. IMPLIED : no, the target is a positive combination of the rows in SUPPORT,
    proved by [4]. UNDECIDED : neither is proved; the first N_BASIS entries of SUPPORT are a guess.
    """
    d = plan.dimension
    state.counts[N_LP] += 1
    state.counts[N_BASIS] = 0
    for j in range(start, n):
        state.row_ints[IS_IN, j] = 0
    k = 0
    square = remainder(state.vectors[TARGET], state.matrices[BASIS], state.vectors[REST], d, 0)
    for _ in range(8 * d + 16):
        if k == d or square < NOTHING:
            break
        all_values(state.rows, d, n, state.vectors[REST], state.per_row[SLOPE])
        room, best, enter = np.inf, SLIGHT * np.sqrt(square), -1
        for j in range(start, n):
            slope = state.per_row[SLOPE, j]
            if slope > 0.0 and state.row_ints[IS_IN, j] == 0:
                room = min(room, state.per_row[VALUE, j] / slope)
                steep = slope * state.per_row[SCALE, j]
                if steep > best:
                    best, enter = steep, j
        if value < room * square:
            step_to(state, d, start, n, witness, value, square, room)
            if is_inside(state, d, start, n, state.vectors[POINT]):
                at_point = 0.0
                for c in range(d):
                    at_point += state.vectors[TARGET, c] * state.vectors[POINT, c]
                if at_point < -bound:
                    return CUT
        if enter < 0:
            return UNDECIDED
        if not add_to_basis(
            state.rows,
            state.matrices[BASIS],
            state.matrices[UPPER],
            state.vectors[TARGET],
            state.vectors[PART],
            d,
            k,
            enter,
        ):
            return UNDECIDED
        state.lists[SUPPORT, k] = enter
        state.row_ints[IS_IN, enter] = 1
        state.vectors[FORMER, k] = 0.0
        k += 1
        is_shorter = False
        while not solve_basis(state.matrices[UPPER], state.vectors[PART], state.vectors[WEIGHT], k):
            k, is_shorter = drop_rows(state, d, k), True
            if k == 0:
                return UNDECIDED
        for i in range(k):
            state.vectors[FORMER, i] = state.vectors[WEIGHT, i]
        if is_shorter:
            square = remainder(state.vectors[TARGET], state.matrices[BASIS], state.vectors[REST], d, k)
        else:
            square = shorten(state.matrices[BASIS], state.vectors[REST], d, k - 1)
    state.counts[N_BASIS] = k
    if k == d and is_implied(state, d, error):
        return IMPLIED
    return UNDECIDED


@compile_loop
def answer(
    plan: Plan,
    state: State,
    start: int,
    n: int,
    witness: Floats,
    value: float,
    error: float,
    bound: float,
    least: float,
) -> int:
    """`other_side`; if that leaves it open, the same for a target lowered by small shares of all rows.

    If that is implied by D rows, so is the target by all of them [8]. Shares go down to `least`.
    """
    d = plan.dimension
    kept, support = state.vectors[TARGET].copy(), state.lists[SUPPORT].copy()
    size, share = 0, 0.0
    while True:
        found = other_side(plan, state, start, n, witness, value, error, bound)
        if share == 0.0:
            size, share = state.counts[N_BASIS], AMPLE
            support[:] = state.lists[SUPPORT]
            first_error = error
        else:
            share *= share
        if found != UNDECIDED or size == 0 or share < least:
            break
        error, value, bound = lower_target(state, d, start, n, witness, kept, share, first_error)
        if not value > 0.0:
            break
    if found == UNDECIDED:
        state.vectors[TARGET] = kept
        state.lists[SUPPORT] = support
        state.counts[N_BASIS] = size
    return found


@compile_loop
def lower_target(
    state: State, d: int, start: int, n: int, witness: Floats, kept: Floats, share: float, error: float
) -> tuple[float, float, float]:
    """Subtract a share of all rows from the target `kept`; its error, its value, and an endless bound."""
    target = state.vectors[TARGET]
    value = 0.0
    for c in range(d):
        target[c] = kept[c]
    for j in range(start, n):
        # unequal multiples, so that no row of the combination is left out by accident
        part = share * (1.0 + float((j * 7) % 16) / 16.0) / n
        error += part * state.per_row[ERROR, j]
        for c in range(d):
            target[c] -= part * state.rows[c, j]
    for c in range(d):
        value += target[c] * witness[c]
    return UP * (error + 3.0 * (n + 2) * EPSILON + FLOOR), value, np.inf
