"""Compiled walk of the second checker over the nodes of a region tree (FORMAT.md, rule `region_tree`).

The bounds are derived in :mod:`exactnet.certificate._fast_forms`. What they leave open is handed out as a
question (ASK_): the caller decides it in exact arithmetic, and sets `state[GRANTED]` if the answer is yes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate._fast_forms import MAXOUT, Tables, Work, open_stage, winner
from exactnet.certificate._fast_loops import (
    EPSILON,
    FLOOR,
    NO,
    UNKNOWN,
    UP,
    YES,
    float_signs,
    integer_signs,
)
from exactnet.kernels._wide_loops import compile_loop

# as in _fast_forms
COMPILED_WITH = {"_fast_forms.py": "56488153a9c17233", "_fast_loops.py": "d89ea4e10e75c905"}

Ints = NDArray[np.int64]

# what the walk stops for
DONE, BAD, ASK_ZERO, ASK_COMBINATION, ASK_POINT, FLUSH = range(6)
# entries of `state`; GRANTED: what the caller has allowed, a stage
# whose zeros are known, or the number of stages plus the position of a node; FIXED: infinity and the rows of
# the domain that are not zero; UNSAID: leaves about which nothing is claimed
POS, STAGE, REMAIN, PATH, OPEN, ENDED, AUX, GRANTED, LEAVES, PATTERNS, WALLS, EFFORT, FIXED, UNSAID = range(
    14
)
N_STATE = 14
HUGE = -(2**63)
# reasons of BAD
(
    CUT_OFF,
    AFTER_END,
    NO_CODE,
    NOT_OPEN,
    NO_FORMS,
    NOT_COMBINED,
    UNRESOLVED,
    OUTSIDE,
    NOT_EMPTY,
    TOO_MUCH,
) = range(10)
MOST_EFFORT = 10**11
REASONS = (
    "the tree ends before its last leaf",
    "integers after the end of the tree",
    "no node has this code",
    "not an unresolved switch of the stage at hand whose form is not zero",
    "not a list of resolved forms in increasing order",
    "the form is not a non-negative combination of these independent forms",
    "a cell with unresolved switches",
    "the point is not in the cell",
    "the forms do not show that this region is empty",
    f"more than {MOST_EFFORT} multiplications for the nodes of the tree",
)


@compile_loop
def combines(target: int, sign: int, k: int, strict: bool, layer: int, T: Tables, K: Work) -> int:
    """Whether sign F_target is a combination of the forms in `names`, with m_j >= 0 (> 0 if strict).

    For k < D; and for k = D, when `float_signs` has left it open.
    """
    D, names = T.facts[0], K.scratch.names
    mask, level, whole = K.mask[target], min(layer, K.level[target]), K.is_int[target]
    for b in range(k):
        mask |= K.mask[names[b]]
        level = min(level, K.level[names[b]])
        whole &= K.is_int[names[b]]
    n_on = 0
    for c in range(D):
        n_on += mask >> c & 1
    rank = min(n_on, K.ranks[level, mask >> (D - 1) & 1]) if level >= 0 else n_on
    if rank <= k < D:
        answer = float_signs(K.F, K.E, K.sigma, target, sign, k, K.scratch)
        if answer != UNKNOWN:
            return answer
    if whole:
        return integer_signs(K.F_int, K.sigma, target, sign, k, strict, K.scratch)
    if k == 1:
        i, j = target - T.facts[1], names[0] - T.facts[1]
        if i >= 0 and j >= 0 and T.switches[i, 2] == 0 and T.switches[j, 2] == 0:
            p, q = T.switches[i, 1], T.switches[j, 1]
            same = T.stages[T.switches[i, 0], 0] == T.stages[T.switches[j, 0], 0]
            if same and T.classes[p, 0] == T.classes[q, 0]:
                return int(sign * K.sigma[names[0]] * T.classes[p, 1] * T.classes[q, 1] > 0)
    return UNKNOWN


@compile_loop
def read_names(
    nodes: Ints, at: int, k: int, stage: int, base: int, switches: Ints, sigma: Ints, zero: Ints, names: Ints
) -> bool:
    """Copy k names of resolved forms, not zero, in increasing order."""
    last = -1
    for b in range(k):
        j = nodes[at + b]
        if not last < j < len(sigma) or sigma[j] == 0 or zero[j] != 0:
            return False
        # signs of later stages may be left over from another branch
        if j >= base and switches[j - base, 0] > stage:
            return False
        names[b] = last = j
    return True


@compile_loop
def inside(nodes: Ints, at: int, n_walls: int, T: Tables, K: Work) -> int:
    """Whether infinity, the domain and the splits have their signs at the point [7]; all others follow."""
    D, base = T.facts[0], T.facts[1]
    point = K.scratch.vectors[0]
    norm = 0.0
    for k in range(D):
        if nodes[at + k] == HUGE:
            return UNKNOWN
        point[k] = float(nodes[at + k])
        norm += abs(point[k])
    if nodes[at + D - 1] <= 0:
        return NO
    answer = YES
    for a in range(1, base + n_walls):
        j = a if a < base else K.walls[a - base]
        if K.zero[j]:
            continue
        value, size = 0.0, 0.0
        for k in range(D):
            term = K.F[j, k] * point[k]
            value += term
            size += abs(term)
        bound = UP * (K.E[j] * norm + (D + 6) * EPSILON * size) + FLOOR
        value *= K.sigma[j]
        if value < -bound:
            return NO
        if not value > bound:
            answer = UNKNOWN
    return answer


@compile_loop
def resolve(i: int, sign: int, state: Ints, base: int, sigma: Ints, path: Ints) -> None:
    """Give switch i its sign."""
    sigma[base + i] = sign
    path[state[PATH]] = i
    state[PATH] += 1
    state[REMAIN] -= 1


@compile_loop
def split(i: int, sign: int, state: Ints, T: Tables, K: Work) -> None:
    """One side of a split."""
    K.walls[state[WALLS]] = T.facts[1] + i
    state[WALLS] += 1
    resolve(i, sign, state, T.facts[1], K.sigma, K.path)


@compile_loop
def close(state: Ints, T: Tables, K: Work) -> None:
    """Leave a finished branch: go to the second child of the last open split."""
    if state[OPEN] == 0:
        state[ENDED] = 1
        return
    state[OPEN] -= 1
    length, stage, remain = K.open[state[OPEN], 0], K.open[state[OPEN], 1], K.open[state[OPEN], 2]
    i, state[WALLS] = K.path[length], K.open[state[OPEN], 3]
    for at in range(length, state[PATH]):
        K.sigma[T.facts[1] + K.path[at]] = 0
    state[PATH], state[STAGE], state[REMAIN] = length, stage, remain
    split(i, -1, state, T, K)


@compile_loop
def next_stages(state: Ints, T: Tables, K: Work) -> int:
    """Go on to the first stage with an unresolved switch."""
    while state[REMAIN] == 0 and state[STAGE] + 1 < len(T.stages):
        stage = state[STAGE] + 1
        if state[GRANTED] != stage:
            state[EFFORT] += T.stages[stage, 3]
            state[AUX] = TOO_MUCH
            if state[EFFORT] > MOST_EFFORT:
                return BAD
            if open_stage(stage, T, K) > 0:
                state[AUX] = stage
                return ASK_ZERO
        state[GRANTED] = -1
        state[STAGE] = stage
        for j in range(T.facts[1] + T.stages[stage, 1], T.facts[1] + T.stages[stage, 1] + T.stages[stage, 2]):
            K.sigma[j] = -1 if K.zero[j] else 0
            state[REMAIN] += K.zero[j] == 0
    return DONE


@compile_loop
def write_pattern(row: NDArray[np.int8], T: Tables, K: Work) -> None:
    """The signs of all switches, and the winner of each maxout unit in the place of its first switch."""
    base = T.facts[1]
    for i in range(T.facts[2]):
        row[i] = 0 if T.switches[i, 2] else K.sigma[base + i]
    for layer in range(len(T.layers)):
        if T.layers[layer, 4] == MAXOUT:
            for v in range(T.layers[layer, 3]):
                row[T.layers[layer, 8] + v] = winner(layer, v, T.layers[layer, 5], T, K)


@compile_loop
def leaf(nodes: Ints, granted: bool, state: Ints, T: Tables, K: Work) -> int:
    """A cell."""
    pos, D = state[POS], T.facts[0]
    state[AUX] = CUT_OFF
    if pos + 1 + D > len(nodes):
        return BAD
    state[AUX] = UNRESOLVED
    if state[REMAIN] > 0 or state[STAGE] + 1 < len(T.stages):
        return BAD
    state[EFFORT] += 0 if granted else (state[FIXED] + state[WALLS]) * D
    state[AUX] = TOO_MUCH
    if state[EFFORT] > MOST_EFFORT:
        return BAD
    answer = YES if granted else inside(nodes, pos + 1, state[WALLS], T, K)
    if answer == UNKNOWN:
        return ASK_POINT
    state[AUX] = OUTSIDE
    if answer == NO:
        return BAD
    if T.facts[5]:
        write_pattern(K.patterns[state[PATTERNS]], T, K)
        state[PATTERNS] += 1
    state[LEAVES] += 1
    state[POS] = pos + 1 + D
    close(state, T, K)
    return DONE


@compile_loop
def implied(nodes: Ints, granted: bool, state: Ints, T: Tables, K: Work) -> int:
    """A node of code 1, 2 or 4."""
    pos, code, D = state[POS], nodes[state[POS]], T.facts[0]
    head = 2 if code == 4 else 3
    state[AUX] = CUT_OFF
    if pos + head > len(nodes):
        return BAD
    k = nodes[pos + head - 1]
    state[AUX] = NO_FORMS
    least = 2 if code == 4 else 1
    if not least <= k < least + D:
        return BAD
    state[AUX] = CUT_OFF
    if pos + head + k > len(nodes):
        return BAD
    state[AUX] = NO_FORMS
    stage, sigma, names = state[STAGE], K.sigma, K.scratch.names
    if not read_names(nodes, pos + head, k, stage, T.facts[1], T.switches, sigma, K.zero, names):
        return BAD
    state[EFFORT] += 0 if granted else (k - (code == 4)) ** 2 * D
    state[AUX] = TOO_MUCH
    if state[EFFORT] > MOST_EFFORT:
        return BAD
    if code == 4:
        k -= 1
        target, sign = names[k], -sigma[names[k]]
    else:
        target, sign = T.facts[1] + nodes[pos + 1], 3 - 2 * code
    answer = YES if granted else UNKNOWN
    if k == D and not granted:
        answer = float_signs(K.F, K.E, sigma, target, sign, k, K.scratch)
    if answer == UNKNOWN:
        answer = combines(target, sign, k, code == 4, T.stages[stage, 0] if stage >= 0 else -1, T, K)
    if answer == UNKNOWN:
        return ASK_COMBINATION
    state[AUX] = NOT_EMPTY if code == 4 else NOT_COMBINED
    if answer == NO:
        return BAD
    state[POS] = pos + head + k + (code == 4)
    if code == 4:
        close(state, T, K)
    else:
        resolve(nodes[pos + 1], sign, state, T.facts[1], sigma, K.path)
    return DONE


@compile_loop
def walk(nodes: Ints, state: Ints, T: Tables, K: Work) -> int:
    """Take nodes until the end, an error (`state[AUX]` says which), or a question to the caller."""
    while True:
        if state[ENDED]:
            state[AUX] = AFTER_END
            return DONE if state[POS] == len(nodes) else BAD
        if state[REMAIN] == 0 and state[STAGE] + 1 < len(T.stages):
            status = next_stages(state, T, K)
            if status != DONE:
                return status
        if state[PATTERNS] == len(K.patterns):
            return FLUSH
        pos = state[POS]
        state[AUX] = CUT_OFF
        if pos >= len(nodes):
            return BAD
        code = nodes[pos]
        granted = state[GRANTED] == pos + len(T.stages)
        state[AUX] = NO_CODE
        if not 0 <= code <= 5:
            return BAD
        if code == 5:
            state[POS] = pos + 1
            state[UNSAID] += 1
            close(state, T, K)
            continue
        if code <= 2:
            state[AUX] = CUT_OFF
            if pos + 2 > len(nodes):
                return BAD
            i = nodes[pos + 1]
            state[AUX] = NOT_OPEN
            if not 0 <= i < T.facts[2] or T.switches[i, 0] != state[STAGE] or K.sigma[T.facts[1] + i] != 0:
                return BAD
        if code == 0:
            state[POS] = pos + 2
            K.open[state[OPEN], 0], K.open[state[OPEN], 1] = state[PATH], state[STAGE]
            K.open[state[OPEN], 2], K.open[state[OPEN], 3] = state[REMAIN], state[WALLS]
            state[OPEN] += 1
            split(nodes[pos + 1], 1, state, T, K)
            continue
        status = leaf(nodes, granted, state, T, K) if code == 3 else implied(nodes, granted, state, T, K)
        if status != DONE:
            return status
        state[GRANTED] = -1
