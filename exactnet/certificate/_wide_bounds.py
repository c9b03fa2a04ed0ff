"""Bounds of all units of ReLU networks in compiled integers: FORMAT.md section 7, refinement of a node.

The bounds [1] to [6] of :mod:`exactnet.certificate._wide_backward` hold here, too. Moreover, with n the
larger one of the numbers of rows and columns of a layer:

[7] sum |A a| < n 2^(64 - bits(n)) 2^58 <= 2^122 over the ranges a of the values, by [1] and [2]; the bias
    times 2^grid is below 2^122, as grid <= 60.
[8] the same sum in the noise is multiplied by fewer than 2^21 after its bit length is compared with 105.
"""

from __future__ import annotations

import numpy as np

from exactnet.certificate._wide_backward import backward, list_live, listed, word_quotient
from exactnet.certificate._wide_integers import (
    floor_quotient,
    inner_loop,
    negative,
    product_sum,
    scaled,
    shifted_down,
    shifted_up,
    wide_bits,
)
from exactnet.certificate._wide_state import (
    ACTIVE,
    BEYOND,
    BOUND,
    DEAD,
    FINE,
    GAP,
    HAS_ALPHAS,
    HAS_DIRECT,
    LOWER,
    N_SPLITS,
    NOISE,
    SLOPE,
    STATE,
    TOP,
    UNFIT,
    UNSTABLE,
    UPPER,
    Ints,
    Tables,
    Work,
)
from exactnet.kernels._wide_loops import compile_loop

__all__ = ["refine", "row_bound", "settle"]

COMPILED_WITH = {
    "_wide_backward.py": "5a51ea59b29f41a1",
    "_wide_integers.py": "0b7f957760d0b484",
    "_wide_loops.py": "2a8327bab75ff80a",
    "_wide_state.py": "cf821a500837674c",
}


@compile_loop
def settle(T: Tables, node: Ints, i: int) -> None:
    """The state of unit i from its bounds, and for an unstable one the upper line: slope and gap."""
    a, b = node[LOWER, i], node[UPPER, i]
    if T.relu[i] == 0:
        node[STATE, i] = ACTIVE
    elif b <= 0:
        node[STATE, i] = DEAD
    elif a >= 0:
        node[STATE, i] = ACTIVE
    else:
        # floor(b 2^20 / (b - a)) by four digits at a time: the rest is below b - a < 2^59
        width, rest, slope = b - a, b, 0
        for _ in range(5):
            rest <<= 4
            digit = rest // width
            rest -= digit * width
            slope = 16 * slope + digit
        node[STATE, i] = UNSTABLE
        node[SLOPE, i] = slope
        # the gap is at most max(-a, b), so it is below 2^58
        lh, ll = product_sum(0, 0, slope, a)
        rh, rl = product_sum(0, 0, slope - (1 << 20), b)
        left, right = shifted_down(lh, ll, 20)[1], shifted_down(rh, rl, 20)[1]
        node[GAP, i] = -min(left, right)


@inner_loop
def _begun(T: Tables, node: Ints, K: Work, m: int, i: int, sign: int, grid: int) -> tuple[int, int]:
    """Set up sign * z of unit i of layer m >= 2 over the layer below; its constant and a status."""
    unit = T.first[m - 1] + i
    at = T.at[m - 1] + i * T.widths[m - 1]
    for j in range(T.widths[m - 1]):
        x = sign * T.rows[at + j]
        K.high[j], K.low[j] = x >> 63, x
    b = sign * T.bias[unit]
    c, status = word_quotient(b >> 63, b, T.odd[m - 1], T.twos[m - 1] - grid)
    return c - node[NOISE, unit], status


@inner_loop
def _value_ranges(T: Tables, node: Ints, box: Ints, K: Work, m: int) -> None:
    """The ranges of the inputs, m = 0, or of the outputs of layer m."""
    n = T.widths[m]
    for j in range(n):
        if m == 0:
            K.least[j], K.most[j] = box[0, j], box[1, j]
            continue
        unit = T.first[m - 1] + j
        a, b = node[LOWER, unit], node[UPPER, unit]
        if T.relu[unit]:
            a, b = (max(a, 0), b) if b > 0 else (0, 0)
        K.least[j], K.most[j] = a, b


@inner_loop
def _noise_of(T: Tables, K: Work, m: int, i: int, grid: int) -> tuple[int, int]:
    """The rounding error of unit i of layer m in float32, in grid units, and a status."""
    unit, n = T.first[m - 1] + i, T.widths[m - 1]
    at = T.at[m - 1] + i * n
    high, low = shifted_up(0, abs(T.bias[unit]), grid)
    begin, end = listed(T, K, m - 1)
    for k in range(begin, end):
        # `v` has the sizes of the values, those of dead units are 0
        j = K.live[k]
        high, low = product_sum(high, low, abs(T.rows[np.uint64(at) + j]), K.v[j])
    terms = T.terms[unit]
    if wide_bits(high, low) > TOP - 21:
        return 0, BEYOND
    # ceilings as floors of negatives, one divisor after the other
    high, low = negative(*scaled(high, low, terms + 2))
    high, low = shifted_down(high, low, T.twos[m - 1])
    if T.odd[m - 1] > 1:
        high, low, _ = floor_quotient(high, low, T.odd[m - 1])
    high, low, _ = floor_quotient(high, low, (1 << 24) - terms - 2)
    if wide_bits(high, low) + wide_bits(0, T.widths[m]) > 59:
        return 0, BEYOND
    return 1 - low, FINE


@inner_loop
def _interval(T: Tables, node: Ints, K: Work, m: int, i: int, grid: int) -> tuple[int, int, int]:
    """Bounds of unit i of layer m from the ranges below, and a status."""
    unit, n = T.first[m - 1] + i, T.widths[m - 1]
    at = T.at[m - 1] + i * n
    b = T.bias[unit]
    base_high, base_low = product_sum(0, 0, b, 1 << grid)
    high, low, top, bottom = base_high, base_low, base_high, base_low
    for j in range(n):
        a = T.rows[at + j]
        p, q = (K.least[j], K.most[j]) if a > 0 else (K.most[j], K.least[j])
        high, low = product_sum(high, low, a, p)
        top, bottom = product_sum(top, bottom, a, q)
    least, status = word_quotient(high, low, T.odd[m - 1], T.twos[m - 1])
    top, bottom = negative(top, bottom)
    most, more = word_quotient(top, bottom, T.odd[m - 1], T.twos[m - 1])
    noise = node[NOISE, unit]
    return least - noise, noise - most, status | more


@inner_loop
def _meet(T: Tables, node: Ints, unit: int, least: int, most: int, first: bool) -> int:
    """Keep the better bounds of a unit; a status."""
    if first:
        node[LOWER, unit], node[UPPER, unit] = least, most
    else:
        node[LOWER, unit] = max(node[LOWER, unit], least)
        node[UPPER, unit] = min(node[UPPER, unit], most)
    if max(abs(node[LOWER, unit]), abs(node[UPPER, unit])) >= BOUND:
        return BEYOND
    settle(T, node, unit)
    return FINE


@compile_loop
def refine(T: Tables, node: Ints, box: Ints, K: Work, grid: int, float32: bool, root: bool) -> int:
    """Recompute noise and bounds of a node in place, of every unit at the root; a status."""
    K.facts[N_SPLITS] = K.facts[HAS_DIRECT] = K.facts[HAS_ALPHAS] = 0
    for m in range(1, len(T.widths)):
        base, n = T.first[m - 1], T.widths[m]
        list_live(T, node, K, m - 1)
        _value_ranges(T, node, box, K, m - 1)
        if float32:
            status = _noises(T, node, K, m, grid)
            if status != FINE:
                return status
        for i in range(n):
            unit = base + i
            if root or T.relu[unit] == 0 or (m == 1 and node[STATE, unit] == UNSTABLE):
                least, most, status = _interval(T, node, K, m, i, grid)
                if status != FINE or _meet(T, node, unit, least, most, root) != FINE:
                    return BEYOND
        if m == 1:
            continue
        for i in range(n):
            unit = base + i
            if node[STATE, unit] == UNSTABLE:
                status = _both_bounds(T, node, box, K, m, i, grid)
                if status != FINE:
                    return status
    return FINE


@inner_loop
def _noises(T: Tables, node: Ints, K: Work, m: int, grid: int) -> int:
    """The noise of all units of layer m; a status."""
    high, low = 0, 0
    for j in range(T.widths[m - 1]):
        K.v[j] = max(abs(K.least[j]), abs(K.most[j]))
        high, low = product_sum(high, low, K.v[j], 1)
    if wide_bits(high, low) > 60 + grid:
        return UNFIT
    for i in range(T.widths[m]):
        noise, status = _noise_of(T, K, m, i, grid)
        if status != FINE:
            return status
        node[NOISE, T.first[m - 1] + i] = noise
    return FINE


@inner_loop
def _both_bounds(T: Tables, node: Ints, box: Ints, K: Work, m: int, i: int, grid: int) -> int:
    """Lower and upper bound of unit i of layer m by backward passes; a status."""
    odd, twos = T.odd[m - 1], T.twos[m - 1]
    least = most = 0
    for sign in (1, -1):
        c, status = _begun(T, node, K, m, i, sign, grid)
        if status == FINE:
            c, status = backward(T, node, box, K, m - 1, c, odd, twos, 0, grid)
        if status != FINE:
            return status
        if sign > 0:
            least = c
        else:
            most = -c
    return _meet(T, node, T.first[m - 1] + i, least, most, False)


@compile_loop
def row_bound(
    T: Tables,
    node: Ints,
    box: Ints,
    K: Work,
    u: Ints,
    c: int,
    odd: int,
    twos: int,
    mode: int,
    grid: int,
) -> tuple[int, int]:
    """The lower bound of u.h / (odd 2^twos) + c over the outputs of the last layer, and a status.

    Slopes, splits and the direct part stand in `K`.
    """
    last = len(T.widths) - 1
    for m in range(last + 1):
        list_live(T, node, K, m)
    for j in range(T.widths[last]):
        K.high[j], K.low[j] = u[j] >> 63, u[j]
    return backward(T, node, box, K, last, c, odd, twos, mode, grid)
