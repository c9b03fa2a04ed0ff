"""Units that are constant along an edge because of how they are composed, for `float_proof`; import that.

Floats cannot see that a multiplier is zero; this can, in the cases that are common in narrow networks.
"""

from __future__ import annotations

from exactnet.kernels._float_loops import OFFSET, SIZE, SLOT_FORM, WORD, Ints
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_float_loops.py": "ba0620a4c182000c", "_wide_loops.py": "2a8327bab75ff80a"}


@compile_loop
def is_alive(
    pattern: Ints, below: Ints, hidden: Ints, partners: Ints, layers: Ints, layer: int, j: int
) -> bool:
    """Whether unit j of a layer may add to what comes behind it; copies count as their originals."""
    word, bit = j // WORD, j % WORD
    positive = pattern[layer, word] >> bit & 1
    if hidden[layer, word] >> bit & 1 or not (positive or below[layer, word] >> bit & 1):
        return False
    other = partners[layers[layer, OFFSET] + j] - layers[layer, OFFSET]
    if other < 0:
        return True
    # the two switches of a hardtanh unit: above both it is constant
    return not (positive and pattern[layer, other // WORD] >> (other % WORD) & 1)


@compile_loop
def mark_lines(
    pattern: Ints,
    below: Ints,
    hidden: Ints,
    inputs: Ints,
    lines: Ints,
    partners: Ints,
    layers: Ints,
    marks: Ints,
    source: int,
    unit: int,
) -> int:
    """Mark the lines of all units of a layer that are alive, and enter a unit (any, if -1); how many."""
    first, n = layers[source, OFFSET], 0
    for j in range(layers[source, SIZE]):
        marks[first + j] = 0
    for j in range(layers[source, SIZE]):
        if (unit < 0 or inputs[unit, j // WORD] >> (j % WORD) & 1) and is_alive(
            pattern, below, hidden, partners, layers, source, j
        ):
            line = lines[first + j]
            n += 1 - marks[line]
            marks[line] = 1
    return n


@compile_loop
def is_marked(
    pattern: Ints,
    below: Ints,
    hidden: Ints,
    inputs: Ints,
    lines: Ints,
    partners: Ints,
    layers: Ints,
    marks: Ints,
    source: int,
    unit: int,
) -> bool:
    """Whether everything that is alive and enters a unit of the next layer has a line that is marked."""
    first = layers[source, OFFSET]
    for j in range(layers[source, SIZE]):
        if (
            inputs[unit, j // WORD] >> (j % WORD) & 1
            and not marks[lines[first + j]]
            and is_alive(pattern, below, hidden, partners, layers, source, j)
        ):
            return False
    return True


@compile_loop
def is_flat(
    layers: Ints,
    pattern: Ints,
    below: Ints,
    hidden: Ints,
    inputs: Ints,
    lines: Ints,
    partners: Ints,
    marks: Ints,
    slots: Ints,
    bases: Ints,
    row: int,
    skipped: int,
    n_rows: int,
    unit: int,
    layer: int,
    d: int,
) -> bool:
    """Whether a unit is proved to be constant along dual ray `skipped` of a basis [9].

    Either a parallel unit is in the basis, or all lines that are alive in a layer before vanish there.
    """
    for k in range(d):
        member = slots[bases[row, 1 + k], SLOT_FORM] - n_rows
        if k != skipped and member >= layers[layer, OFFSET] and lines[member] == lines[unit]:
            return True
    for source in range(layer):
        is_last = source == layer - 1
        n_alive = mark_lines(
            pattern,
            below,
            hidden,
            inputs,
            lines,
            partners,
            layers,
            marks,
            source,
            unit if is_last else -1,
        )
        if n_alive >= d:
            continue
        n_fixed = 0
        for k in range(d):
            member = slots[bases[row, 1 + k], SLOT_FORM] - n_rows
            if k == skipped or member < layers[source, OFFSET]:
                continue
            if member < layers[source + 1, OFFSET]:
                n_fixed += marks[lines[member]]
            elif not is_last or is_marked(
                pattern, below, hidden, inputs, lines, partners, layers, marks, source, member
            ):
                n_fixed += 1
        if n_fixed >= n_alive:
            return True
    return False
