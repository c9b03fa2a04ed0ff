"""Refuting one case on one box: single rows, then ascent on slopes and weights; compiled.

Import :mod:`exactnet.kernels.crown` instead. The arrays of a search are four named tuples, so that the loops
have few arguments.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._crown_bounds import UNSTABLE, relaxed_point, row_bound
from exactnet.kernels._crown_state import Cases, Floats, Ints, Net, Options, Scratch, compile_crown

MODES = 3

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_crown_bounds.py": "a0b050eba7aa5ad2", "_crown_state.py": "edf7ea6646d4884c"}


@compile_crown
def combine_rows(cases: Cases, case: int, s: Scratch) -> float:
    """The weighted row of a case, and its constant."""
    constant = 0.0
    s.row[:] = 0.0
    s.row_x[:] = 0.0
    for r in range(cases.start[case], cases.start[case + 1]):
        lam = s.weights[r - cases.start[case]]
        if lam == 0.0:
            continue
        constant -= lam * cases.bound[r]
        for j in range(s.row.shape[0]):
            s.row[j] += lam * cases.rows[r, j]
        for i in range(s.row_x.shape[0]):
            s.row_x[i] += lam * cases.rows_x[r, i]
    return constant


@compile_crown
def bound_now(net: Net, cases: Cases, case: int, options: Options, s: Scratch) -> float:
    """Lower bound of the weighted row with the slopes s.alpha."""
    constant = combine_rows(cases, case, s)
    return row_bound(net, constant, options.noisy, s)


@compile_crown
def set_mode(mode: int, s: Scratch) -> None:
    """The slopes of one of the three modes: adaptive, all 1, all 0."""
    for k in range(s.alpha.shape[0]):
        if mode == 0:
            s.alpha[k] = 1.0 if s.upper[k] + s.lower[k] >= 0.0 else 0.0
        else:
            s.alpha[k] = 1.0 if mode == 1 else 0.0


@compile_crown
def try_modes(net: Net, cases: Cases, case: int, options: Options, s: Scratch) -> tuple[float, int]:
    """Single rows with the three modes; the best bound and which one, in the code of a short proof."""
    n_rows = cases.start[case + 1] - cases.start[case]
    best, code = -np.inf, 0
    for mode in range(MODES):
        set_mode(mode, s)
        for r in range(n_rows):
            s.weights[:] = 0.0
            s.weights[r] = 1.0
            value = bound_now(net, cases, case, options, s)
            if value > best:
                best, code = value, MODES * r + mode
                s.best_v[:] = s.v
            if best > options.margin:
                return best, code
    return best, code


@compile_crown
def corner(s: Scratch) -> None:
    """The corner of the box where the last row pass is least."""
    for i in range(s.x.shape[0]):
        s.x[i] = s.lo[i] if s.x_slope[i] >= 0.0 else s.hi[i]


@compile_crown
def row_value(cases: Cases, r: int, x: Floats, s: Scratch) -> float:
    """The value of row r less its bound, at x with the outputs s.h[2]."""
    total = float(-cases.bound[r])
    for j in range(s.row.shape[0]):
        total += cases.rows[r, j] * s.h[2, j]
    for i in range(x.shape[0]):
        total += cases.rows_x[r, i] * x[i]
    return total


@compile_crown
def step_slopes(net: Net, step: int, rate: float, s: Scratch) -> None:
    """One step of Adam (Kingma and Ba 2015) on the slopes; the gradient of the bound is v z where v > 0."""
    decay = 0.9 ** (step + 1), 0.99 ** (step + 1)
    for layer in range(1, net.sizes.shape[0]):
        for p in range(s.n_live[layer]):
            k = net.uoff[layer - 1] + s.live[layer, p]
            if s.state[k] != UNSTABLE:
                continue
            g = s.v[k] * s.z[k] if s.v[k] > 0.0 else 0.0
            s.first[k] = 0.9 * s.first[k] + 0.1 * g
            s.second[k] = 0.99 * s.second[k] + 0.01 * g * g
            if s.second[k] > 0.0:
                move = (s.first[k] / (1.0 - decay[0])) / np.sqrt(s.second[k] / (1.0 - decay[1]))
                s.alpha[k] = min(1.0, max(0.0, s.alpha[k] + rate * move))


@compile_crown
def step_weights(cases: Cases, case: int, pull: float, s: Scratch) -> None:
    """Give more weight to the rows that are larger at the relaxed point; the sum stays 1."""
    first_row = cases.start[case]
    n_rows = cases.start[case + 1] - first_row
    largest = 0.0
    for r in range(n_rows):
        s.score[r] = row_value(cases, first_row + r, s.x, s)
        largest = max(largest, abs(s.score[r]))
    whole = 0.0
    for r in range(n_rows):
        if largest > 0.0:
            s.weights[r] *= np.exp(pull * s.score[r] / largest)
        whole += s.weights[r]
    for r in range(n_rows):
        s.weights[r] /= whole


@compile_crown
def ascend(net: Net, cases: Cases, case: int, options: Options, best: float, code: int, s: Scratch) -> float:
    """Some steps of ascent on the slopes and the weights of the rows; the best bound.

    Leaves the best slopes and weights in s.best_alpha and s.best_weights.
    """
    n_rows = cases.start[case + 1] - cases.start[case]
    set_mode(code % MODES, s)
    s.weights[:] = 0.0
    if n_rows > 1:
        for r in range(n_rows):
            s.weights[r] = 0.25 / n_rows
        s.weights[code // MODES] += 0.75
    else:
        s.weights[0] = 1.0
    s.first[:] = 0.0
    s.second[:] = 0.0
    s.best_alpha[:] = s.alpha
    s.best_weights[:] = s.weights
    start = best
    best = -np.inf
    rate, pull = 0.3, 1.0
    for step in range(options.max_steps):
        value = bound_now(net, cases, case, options, s)
        if value > best:
            best = value
            s.best_alpha[:] = s.alpha
            s.best_weights[:] = s.weights
            s.best_v[:] = s.v
        if best > options.margin * 2.0:
            break
        if step >= 4 and step % 4 == 0:
            gain = (best - start) / step
            if best + 1.5 * gain * (options.max_steps - step) < 0.0:
                break
        corner(s)
        relaxed_point(net, s)
        step_slopes(net, step, rate, s)
        if n_rows > 1:
            step_weights(cases, case, pull, s)
        rate *= 0.9
        pull *= 0.9
    return best


@compile_crown
def default_slope(mode: int, k: int, s: Scratch) -> float:
    """The slope of unit k in one of the three modes."""
    if mode == 0:
        return 1.0 if s.upper[k] + s.lower[k] >= 0.0 else 0.0
    return 1.0 if mode == 1 else 0.0


@compile_crown
def nearest_mode(s: Scratch) -> int:
    """The mode whose slopes differ least from the best ones; s.first becomes how much each unit matters."""
    mode, least = 0, np.inf
    for other in range(MODES):
        total = 0.0
        for k in range(s.alpha.shape[0]):
            if s.state[k] == UNSTABLE and s.best_v[k] > 0.0:
                total += (
                    s.best_v[k]
                    * abs(s.best_alpha[k] - default_slope(other, k, s))
                    * (s.upper[k] - s.lower[k])
                )
        if total < least:
            mode, least = other, total
    for k in range(s.alpha.shape[0]):
        s.first[k] = 0.0
        if s.state[k] == UNSTABLE and s.best_v[k] > 0.0:
            rounded = np.round(256.0 * s.best_alpha[k]) / 256.0
            change = abs(rounded - default_slope(mode, k, s))
            s.first[k] = s.best_v[k] * change * (s.upper[k] - s.lower[k])
    return mode


@compile_crown
def rounded_proof(net: Net, cases: Cases, case: int, options: Options, s: Scratch, proof: Ints) -> int:
    """Round the best slopes and weights to the integers of a proof; its length, 0 if it proves no more.

    Only as many slopes are written as are needed: those that matter most first, 0, 1, 2, 4, .. of them.
    """
    n_rows = int(cases.start[case + 1] - cases.start[case])
    largest = 0.0
    for r in range(n_rows):
        largest = max(largest, s.best_weights[r])
    proof[0] = -1
    scale = 0.0
    for r in range(n_rows):
        proof[1 + r] = np.int64(np.round(255.0 * s.best_weights[r] / largest)) if n_rows > 1 else 1
        s.weights[r] = proof[1 + r]
        scale = max(scale, s.weights[r])
    mode = nearest_mode(s)
    order = np.argsort(-s.first)
    n_given = 0
    for k in range(s.first.shape[0]):
        n_given += s.first[k] > 0.0
    n_alpha = 0
    while True:
        for k in range(s.alpha.shape[0]):
            s.alpha[k] = default_slope(mode, k, s)
        for p in range(min(n_alpha, n_given)):
            s.alpha[order[p]] = np.round(256.0 * s.best_alpha[order[p]]) / 256.0
        if bound_now(net, cases, case, options, s) > options.margin * max(scale, 1.0):
            break
        if n_alpha >= n_given:
            return 0
        n_alpha = max(1, 2 * n_alpha)
    n_alpha = min(n_alpha, n_given)
    proof[1 + n_rows] = mode
    proof[2 + n_rows] = n_alpha
    units = np.sort(order[:n_alpha])
    length = 3 + n_rows
    for p in range(n_alpha):
        proof[length] = units[p]
        proof[length + 1] = np.int64(np.round(256.0 * s.alpha[units[p]]))
        length += 2
    proof[length] = 0
    return length + 1
