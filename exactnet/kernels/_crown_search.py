"""Branch and bound over boxes, compiled: splits inputs until every case is refuted on every box.

Import :mod:`exactnet.kernels.crown` instead. One call works until something has to be decided elsewhere, and
says what by its return value; everything it knows is in the arrays, so that the next call goes on. Nodes are
written in the codes of FORMAT.md section 7.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._crown_bounds import UNSTABLE, outputs, refine, row_bound
from exactnet.kernels._crown_rows import (
    MODES,
    ascend,
    bound_now,
    combine_rows,
    corner,
    rounded_proof,
    row_value,
    set_mode,
    try_modes,
)
from exactnet.kernels._crown_state import (
    Cases,
    Floats,
    Ints,
    Net,
    Options,
    Scratch,
    Stack,
    compile_crown,
)

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {
    "_crown_bounds.py": "a0b050eba7aa5ad2",
    "_crown_rows.py": "e6c73480c4a7f7c2",
    "_crown_state.py": "edf7ea6646d4884c",
}

FINISHED, NODES, ROOM, CANDIDATE, EXACT, HOPELESS = 0, 1, 2, 3, 4, 5

# the counters
TOP, WRITTEN, LEAVES, VISITED, SKIP, DEEPEST = 0, 1, 2, 3, 4, 5


@compile_crown
def largest_row(net: Net, cases: Cases, case: int, x: Floats, s: Scratch) -> float:
    """The largest value of a row of the case at the point: it satisfies the case if that is at most 0."""
    worst = -np.inf
    outputs(net, x, s.h)
    for r in range(cases.start[case], cases.start[case + 1]):
        worst = max(worst, row_value(cases, r, x, s))
    return worst


@compile_crown
def noise_of(net: Net, cases: Cases, case: int, options: Options, code: int, s: Scratch) -> float:
    """How much of the bound of the best single row is rounding noise."""
    set_mode(code % MODES, s)
    s.weights[:] = 0.0
    s.weights[code // MODES] = 1.0
    constant = combine_rows(cases, case, s)
    exact = row_bound(net, constant, False, s)
    return exact - bound_now(net, cases, case, options, s)


@compile_crown
def looks_unsafe(net: Net, cases: Cases, case: int, options: Options, code: int, s: Scratch) -> int:
    """Try the corner where the last row pass is least, and the centre: CANDIDATE, HOPELESS or FINISHED.

    Hopeless means: no violation, but closer to one than the rounding noise, which no proof can get over.
    """
    corner(s)
    s.found[:] = s.x
    nearest = largest_row(net, cases, case, s.found, s)
    if nearest > 0.0:
        for i in range(s.x.shape[0]):
            s.found[i] = 0.5 * (s.lo[i] + s.hi[i])
        nearest = min(nearest, largest_row(net, cases, case, s.found, s))
    if nearest <= 0.0:
        return CANDIDATE
    if options.noisy and nearest <= noise_of(net, cases, case, options, code, s):
        return HOPELESS
    return FINISHED


@compile_crown
def best_input(net: Net, s: Scratch, lo: Ints, hi: Ints) -> int:
    """The input whose halving should close most of the relaxation gaps; -1 if no side can be halved."""
    n_inputs = net.sizes[0]
    s.score[:n_inputs] = 0.0
    for layer in range(1, net.sizes.shape[0]):
        for p in range(s.n_live[layer]):
            k = net.uoff[layer - 1] + s.live[layer, p]
            if s.state[k] != UNSTABLE:
                continue
            weight = s.slope[k] * (1.0 - s.slope[k]) * np.sqrt(abs(s.best_v[k]))
            for i in range(n_inputs):
                s.score[i] += weight * s.reach[k, i]
    chosen, best = -1, -1.0
    for i in range(n_inputs):
        if hi[i] - lo[i] < 2:
            continue
        value = (s.score[i] + 2.0**-60 * abs(s.x_slope[i])) * (s.hi[i] - s.lo[i])
        if value > best:
            best, chosen = value, i
    return chosen


@compile_crown
def n_unstable(net: Net, s: Scratch) -> int:
    """How many units are unstable on the box."""
    count = 0
    for layer in range(1, net.sizes.shape[0]):
        for p in range(s.n_live[layer]):
            count += s.state[net.uoff[layer - 1] + s.live[layer, p]] == UNSTABLE
    return count


@compile_crown
def enter_box(net: Net, stack: Stack, options: Options, s: Scratch, counters: Ints) -> bool:
    """Bounds of the box on top of the stack; False if it is empty."""
    top = counters[TOP] - 1
    for i in range(net.sizes[0]):
        s.lo[i] = stack.lo[top, i] * options.unit
        s.hi[i] = stack.hi[top, i] * options.unit
    s.lower[:] = stack.lower[top]
    s.upper[:] = stack.upper[top]
    counters[VISITED] += 1
    counters[DEEPEST] = max(counters[DEEPEST], stack.depth[top])
    return refine(stack.depth[top] == 0, options.noisy, net, s)


@compile_crown
def close_case(
    net: Net, cases: Cases, case: int, options: Options, s: Scratch, proof: Ints, is_new: bool
) -> tuple[int, int, float]:
    """Try to refute a case on the box: what a look at points said, the length of the proof, the bound."""
    best, code = try_modes(net, cases, case, options, s)
    if best > options.margin:
        proof[0] = code
        return FINISHED, 1, best
    if is_new:
        look = looks_unsafe(net, cases, case, options, code, s)
        if look != FINISHED:
            return look, 0, best
    length = 0
    if options.max_steps > 0:
        best = ascend(net, cases, case, options, best, code, s)
        if best > options.margin:
            length = rounded_proof(net, cases, case, options, s, proof)
    return FINISHED, length, best


@compile_crown
def write_proofs(nodes: Ints, proofs: Ints, lengths: Ints, counters: Ints) -> None:
    """The proofs of the cases that have one, one after the other."""
    for case in range(lengths.shape[0]):
        for k in range(lengths[case]):
            nodes[counters[WRITTEN] + k] = proofs[case, k]
        counters[WRITTEN] += lengths[case]


@compile_crown
def write_leaf(code: int, nodes: Ints, counters: Ints) -> None:
    """The code of a leaf; its box is done with."""
    nodes[counters[WRITTEN]] = code
    counters[WRITTEN] += 1
    counters[LEAVES] += 1
    counters[TOP] -= 1


@compile_crown
def close_some(
    n_closed: int, cases: Cases, stack: Stack, nodes: Ints, proofs: Ints, lengths: Ints, counters: Ints
) -> None:
    """Write the proofs of some cases; these are open no more in the box on top of the stack."""
    nodes[counters[WRITTEN]] = 4
    nodes[counters[WRITTEN] + 1] = n_closed
    counters[WRITTEN] += 2
    for case in range(lengths.shape[0]):
        if lengths[case] > 0:
            nodes[counters[WRITTEN]] = cases.number[case]
            counters[WRITTEN] += 1
            stack.is_open[counters[TOP] - 1, case] = 0
    write_proofs(nodes, proofs, lengths, counters)


@compile_crown
def halve(chosen: int, stack: Stack, s: Scratch, nodes: Ints, counters: Ints) -> None:
    """Replace the box on top of the stack by its halves, the lower one on top."""
    nodes[counters[WRITTEN]] = 0
    nodes[counters[WRITTEN] + 1] = chosen
    counters[WRITTEN] += 2
    top = counters[TOP] - 1
    middle = (stack.lo[top, chosen] + stack.hi[top, chosen]) >> 1
    stack.lo[top + 1] = stack.lo[top]
    stack.hi[top + 1] = stack.hi[top]
    stack.hi[top + 1, chosen] = middle
    stack.lo[top, chosen] = middle
    stack.depth[top] += 1
    stack.depth[top + 1] = stack.depth[top]
    for other in range(2):
        stack.lower[top + other] = s.lower
        stack.upper[top + other] = s.upper
    stack.is_open[top + 1] = stack.is_open[top]
    counters[TOP] += 1


@compile_crown
def search(
    net: Net,
    cases: Cases,
    stack: Stack,
    options: Options,
    s: Scratch,
    nodes: Ints,
    proofs: Ints,
    lengths: Ints,
    counters: Ints,
) -> int:
    """Work until the stack is empty or somebody else is needed; returns one of the constants above."""
    n_cases = lengths.shape[0]
    while counters[TOP] > 0:
        if counters[VISITED] >= options.max_visited:
            return NODES
        is_full = counters[WRITTEN] + proofs.size + n_cases + 8 > nodes.shape[0]
        if is_full or counters[TOP] >= stack.depth.shape[0]:
            return ROOM
        top = counters[TOP] - 1
        if not enter_box(net, stack, options, s, counters):
            write_leaf(5, nodes, counters)
            continue
        n_open, n_closed, n_tied = 0, 0, 0
        for case in range(n_cases):
            lengths[case] = 0
            if not stack.is_open[top, case]:
                continue
            n_open += 1
            look, lengths[case], best = close_case(
                net, cases, case, options, s, proofs[case], counters[SKIP] == 0
            )
            if look != FINISHED:
                return look
            n_closed += lengths[case] > 0
            n_tied += lengths[case] == 0 and abs(best) <= options.tie
        counters[SKIP] = 0
        if n_closed == n_open:
            write_leaf(3, nodes, counters)
            write_proofs(nodes, proofs, lengths, counters)
            continue
        chosen = best_input(net, s, stack.lo[top], stack.hi[top])
        count = n_unstable(net, s)
        is_tied = n_tied == n_open - n_closed or stack.depth[top] >= options.deepest
        if chosen < 0 or (count == 0 and not options.noisy) or (is_tied and count <= options.few):
            return EXACT
        if n_closed > 0:
            close_some(n_closed, cases, stack, nodes, proofs, lengths, counters)
        halve(chosen, stack, s, nodes, counters)
    return FINISHED
