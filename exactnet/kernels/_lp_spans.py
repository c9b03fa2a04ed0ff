"""The composition of layers for :mod:`exactnet.kernels.lp_tree`, compiled; import that module instead.

Numbers in brackets point to the steps of the proof there.
"""

from __future__ import annotations

from exactnet.kernels._lp_layout import (
    EPSILON,
    FLOOR,
    HAS_BIAS,
    INVERSE,
    IS_EXACT,
    N_BASIS,
    NAME,
    OFF,
    OFFSET,
    PLACE,
    REST,
    SIZE,
    SMALLEST,
    SQUARE,
    SUPPORT,
    SWITCH,
    TABLE,
    TARGET,
    UP,
    WEIGHT,
    ZERO,
    Floats,
    Plan,
    State,
)
from exactnet.kernels._lp_loops import (
    has_positive_solution,
)
from exactnet.kernels._wide_loops import compile_loop

COMPILED_WITH = {
    "_wide_loops.py": "2a8327bab75ff80a",
    "_lp_layout.py": "0679ca6be09a2b12",
    "_lp_loops.py": "5968718c6e0a3bdf",
}


@compile_loop
def factor_of(plan: Plan, state: State, frame: int, layer: int, unit: int) -> float:
    """What a unit multiplies its form with."""
    return 1.0 if state.signs[frame, unit] > 0 else float(plan.slopes[layer])


@compile_loop
def compose_layer(plan: Plan, state: State, frame: int, layer: int) -> None:
    """The forms of a layer from those of the layer before and their signs [1], and their span [7]."""
    for j in range(plan.layers[layer, SIZE]):
        compose_unit(plan, state, state.forms, frame, layer, j, plan.dimension)
        note_zero(plan, state, frame, layer, j)
    enter_span(plan, state, frame, layer)
    if state.spans[layer, 1] == layer - 1:
        for j in range(plan.layers[layer, SIZE]):
            begin_inner(plan, state, frame, layer, j)
    elif state.spans[layer, 1] >= 0:
        for j in range(plan.layers[layer, SIZE]):
            compose_unit(plan, state, state.inner, frame, layer, j, int(state.spans[layer, 0]))


@compile_loop
def compose_unit(plan: Plan, state: State, forms: Floats, frame: int, layer: int, j: int, d: int) -> None:
    """Unit j of a layer, as d coordinates, from those of the layer before; then E and the largest [1]."""
    before, full = layer - 1, plan.dimension
    n, first = plan.layers[before, SIZE], plan.layers[before, OFFSET]
    unit = plan.layers[layer, OFFSET] + j
    error = (n + 6) * EPSILON * abs(plan.bias[unit]) + FLOOR
    for c in range(full + 2):
        forms[unit, c] = 0.0
    for i in range(n):
        source = first + i
        factor = factor_of(plan, state, frame, before, source)
        weight = plan.weights[layer, j, i]
        for c in range(d):
            forms[unit, c] += weight * (factor * forms[source, c])
        size = abs(factor) * forms[source, full + 1]
        wrong = abs(factor) * forms[source, full] + 3.0 * EPSILON * size + FLOOR
        error += abs(weight) * (wrong + (n + 6) * EPSILON * (size + wrong)) + FLOOR * size
    if not plan.is_homogeneous:
        forms[unit, d - 1] += plan.bias[unit]
    largest = 0.0
    for c in range(d):
        largest = max(largest, abs(forms[unit, c]))
    forms[unit, full] = UP * error
    forms[unit, full + 1] = largest


@compile_loop
def note_zero(plan: Plan, state: State, frame: int, layer: int, j: int) -> None:
    """Whether a unit is zero or a constant because nothing enters, or zero because it is exact [6]."""
    d, before = plan.dimension, layer - 1
    first, unit = plan.layers[before, OFFSET], plan.layers[layer, OFFSET] + j
    is_nothing = True
    for i in range(plan.layers[before, SIZE]):
        is_off = (
            factor_of(plan, state, frame, before, first + i) == 0.0 or state.unit_ints[ZERO, first + i] == 1
        )
        is_nothing = is_nothing and (is_off or plan.enters[layer, j, i] == 0)
    state.unit_ints[ZERO, unit] = 0
    if is_nothing:
        state.unit_ints[ZERO, unit] = 1
        if plan.units[HAS_BIAS, unit]:
            state.unit_ints[ZERO, unit] = 2 if plan.bias[unit] != 0.0 else 0
    if plan.units[IS_EXACT, unit]:
        state.forms[unit, d] = 0.0
        if state.forms[unit, d + 1] == 0.0:
            state.unit_ints[ZERO, unit] = 1


@compile_loop
def enter_span(plan: Plan, state: State, frame: int, layer: int) -> None:
    """The active units in front, if fewer than the coordinates so far, are the new coordinates [7]."""
    before = layer - 1
    first, n_active = plan.layers[before, OFFSET], 0
    for unit in range(first, first + plan.layers[before, SIZE]):
        if factor_of(plan, state, frame, before, unit) != 0.0 and state.unit_ints[ZERO, unit] != 1:
            n_active += 1
    size = n_active if plan.is_homogeneous else n_active + 1
    state.spans[layer, 0], state.spans[layer, 1] = state.spans[before, 0], state.spans[before, 1]
    if size < state.spans[before, 0]:
        state.spans[layer, 0], state.spans[layer, 1] = size, before
        place = 0
        for unit in range(first, first + plan.layers[before, SIZE]):
            state.unit_ints[PLACE, unit] = -1
            if factor_of(plan, state, frame, before, unit) != 0.0 and state.unit_ints[ZERO, unit] != 1:
                state.unit_ints[PLACE, unit] = place
                place += 1


@compile_loop
def begin_inner(plan: Plan, state: State, frame: int, layer: int, j: int) -> None:
    """The coordinates of a unit in the active units in front and infinity: its weights."""
    before, d, unit = layer - 1, plan.dimension, plan.layers[layer, OFFSET] + j
    first = plan.layers[before, OFFSET]
    for c in range(d + 2):
        state.inner[unit, c] = 0.0
    largest, steepest = abs(plan.bias[unit]), 1.0
    for i in range(plan.layers[before, SIZE]):
        source = first + i
        if state.unit_ints[PLACE, source] >= 0:
            factor = factor_of(plan, state, frame, before, source)
            value = plan.weights[layer, j, i] * factor
            state.inner[unit, state.unit_ints[PLACE, source]] = value
            largest, steepest = max(largest, abs(value)), max(steepest, abs(factor))
    if not plan.is_homogeneous:
        state.inner[unit, state.spans[layer, 0] - 1] = plan.bias[unit]
    state.inner[unit, d] = UP * (4.0 * EPSILON * largest + FLOOR * steepest)
    state.inner[unit, d + 1] = largest


@compile_loop
def is_implied_inside(plan: Plan, state: State, frame: int, unit: int, sign: float) -> bool:
    """Whether a unit is a positive combination of the rows in `support`, all inside its span [7]."""
    layer, d = 0, plan.dimension
    while plan.layers[layer + 1, OFFSET] <= unit:
        layer += 1
    m, base = int(state.spans[layer, 0]), int(state.spans[layer, 1])
    if plan.is_proving or base < 0 or m == 0 or state.counts[N_BASIS] < m:
        return False
    found = 0
    for p in range(state.counts[N_BASIS]):
        # rows outside have got in by rounding
        if put_column(plan, state, frame, found, int(state.row_ints[NAME, state.lists[SUPPORT, p]]), m, base):
            found += 1
            if found == m:
                break
    if found < m:
        return False
    for c in range(m):
        state.vectors[TARGET, c] = sign * state.inner[unit, c]
    if not invert_columns(state.matrices[SQUARE], state.matrices[TABLE], state.matrices[INVERSE], m):
        return False
    for i in range(m):
        total = 0.0
        for c in range(m):
            total += state.matrices[INVERSE, i, c] * state.vectors[TARGET, c]
        state.vectors[WEIGHT, i] = total
    error = float(state.inner[unit, d])
    return has_positive_solution(
        state.matrices[SQUARE],
        state.vectors[TARGET],
        state.vectors[WEIGHT],
        state.matrices[INVERSE],
        state.vectors[OFF],
        error,
        state.vectors[REST],
        m,
    )


@compile_loop
def put_column(plan: Plan, state: State, frame: int, p: int, name: int, m: int, base: int) -> bool:
    """Write the coordinates of a row, with its sign, as column p; False if it is not in the span."""
    for c in range(m):
        state.matrices[SQUARE, c, p] = 0.0
    state.vectors[OFF, p] = 0.0
    if name == 0:
        state.matrices[SQUARE, m - 1, p] = 1.0
        return True
    if name < plan.n_rows:
        return False
    unit = 0
    while plan.units[SWITCH, unit] != name - plan.n_rows:
        unit += 1
    sign = float(state.signs[frame, unit])
    if unit < plan.layers[base, OFFSET]:
        return False
    if unit < plan.layers[base + 1, OFFSET]:
        if state.unit_ints[PLACE, unit] < 0:
            return False
        state.matrices[SQUARE, state.unit_ints[PLACE, unit], p] = sign
        return True
    for c in range(m):
        state.matrices[SQUARE, c, p] = sign * state.inner[unit, c]
    state.vectors[OFF, p] = state.inner[unit, plan.dimension]
    return True


@compile_loop
def invert_columns(columns: Floats, table: Floats, inverse: Floats, m: int) -> bool:
    """An approximate inverse by elimination with partial pivoting."""
    for i in range(m):
        for c in range(m):
            table[i, c] = columns[i, c]
            table[i, m + c] = 1.0 if i == c else 0.0
    for step in range(m):
        pivot = step
        for i in range(step + 1, m):
            if abs(table[i, step]) > abs(table[pivot, step]):
                pivot = i
        if not abs(table[pivot, step]) > SMALLEST:
            return False
        for c in range(2 * m):
            table[step, c], table[pivot, c] = table[pivot, c], table[step, c]
        scale = 1.0 / table[step, step]
        for c in range(2 * m):
            table[step, c] *= scale
        for i in range(m):
            if i != step:
                scale = table[i, step]
                for c in range(2 * m):
                    table[i, c] -= scale * table[step, c]
    for i in range(m):
        for c in range(m):
            inverse[i, c] = table[i, m + c]
    return True
