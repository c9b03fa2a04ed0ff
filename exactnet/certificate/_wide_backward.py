"""The backward pass in compiled integers: FORMAT.md section 7 with words of 64 and sums of 128 bits.

Every quantity has a bound that is checked before it is formed, here or in `_wide_tables`; otherwise the run
ends with the status BEYOND, and nothing is claimed. Let n be the larger one of the numbers of rows and
columns of a layer, and bits(x) the bit length of |x|, so that n < 2^bits(n):

[1] bounds and ends of boxes are below 2^58 (BOUND), the noise of a layer's units below 2^(60 - bits(n)), the
    constant c below 2^62 (`moved`, `backward`).
[2] weights and biases are below 2^(64 - bits(n)) and 2^62, odd parts of denominators below 2^62.
[3] |v| <= 2^40 after rounding, by its definition: |u| < 2^b and q >= 2^(bits(q) - 1), so that
    |u| 2^t / q < 2^(b + t + 1 - bits(q)) = 2^40. With slopes of at most 2^20, |w| <= 2^60; what splits add is
    below 2^61 and |w| < 2^62 is checked afterwards.
[4] sum |v| gap <= n 2^40 2^58, sum |w| noise < n 2^62 2^(60 - bits(n)) <= 2^122,
    sum |w A|, sum |w B| < n 2^62 2^(64 - bits(n)) <= 2^126.
[5] over the box bits(v) + bits(box) + bits(n) <= 125 is checked.
[6] before a shift to the left bit lengths are added up and compared with 126.
"""

from __future__ import annotations

import numpy as np

from exactnet.certificate._wide_integers import (
    floor_quotient,
    has_bits_below,
    inner_loop,
    product_sum,
    scaled,
    shifted_down,
    shifted_up,
    wide_bits,
    wide_sum,
    wide_union,
)
from exactnet.certificate._wide_state import (
    ACTIVE,
    BEYOND,
    DEAD,
    DIRECT_BITS,
    DIRECT_ODD,
    DIRECT_TWOS,
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
    UPPER,
    Ints,
    Tables,
    Work,
)

__all__ = ["backward", "list_live", "listed", "quotient", "word_quotient"]

COMPILED_WITH = {
    "_wide_integers.py": "0b7f957760d0b484",
    "_wide_state.py": "cf821a500837674c",
}

_CONSTANT = 2**62
_MULTIPLIER, _INPUT, _ONE = 40, 60, 20


@inner_loop
def list_live(T: Tables, node: Ints, K: Work, m: int) -> None:
    """List the units of layer m that are not dead; layer 0 has the inputs, all of them."""
    if m == 0:
        at = T.first[-1]
        for j in range(T.widths[0]):
            K.live[at + j] = np.uint64(j)
        K.counts[0] = T.widths[0]
        return
    at, count = T.first[m - 1], 0
    for j in range(T.widths[m]):
        if node[STATE, at + j] != DEAD:
            K.live[at + count] = np.uint64(j)
            count += 1
    K.counts[m] = count


@inner_loop
def quotient(high: int, low: int, odd: int, down: int) -> tuple[int, int, int, bool]:
    """floor of (high, low) / (odd 2^down), a status, and whether something was lost."""
    lost = False
    if down >= 0:
        lost = has_bits_below(high, low, down)
        high, low = shifted_down(high, low, down)
    elif wide_bits(high, low) == 0:
        return high, low, FINE, False
    elif wide_bits(high, low) - down > TOP:
        return high, low, BEYOND, False
    else:
        high, low = shifted_up(high, low, -down)
    if odd > 1:
        high, low, more = floor_quotient(high, low, odd)
        lost |= more
    return high, low, FINE, lost


@inner_loop
def word_quotient(high: int, low: int, odd: int, down: int) -> tuple[int, int]:
    """floor of (high, low) / (odd 2^down) if it is below 2^61, and a status."""
    high, low, status, _ = quotient(high, low, odd, down)
    if status != FINE or wide_bits(high, low) > 61:
        return 0, BEYOND
    return low, FINE


@inner_loop
def _moved(c: int, high: int, low: int, down: int) -> tuple[int, int]:
    """c + floor((high, low) / 2^down), for |c| < 2^62, and a status."""
    step, status = word_quotient(high, low, 1, down)
    c += step
    return c, status if -_CONSTANT < c < _CONSTANT else BEYOND


@inner_loop
def listed(T: Tables, K: Work, m: int) -> tuple[np.uint64, np.uint64]:
    """Where the live units of layer m stand in K.live: from, to."""
    at = T.first[m - 1] if m > 0 else T.first[-1]
    return np.uint64(at), np.uint64(at + K.counts[m])


@inner_loop
def _union_of(T: Tables, K: Work, m: int) -> tuple[int, int]:
    """A pair as long as the longest multiplier of the functional over layer m."""
    high, low = 0, 0
    begin, end = listed(T, K, m)
    for k in range(begin, end):
        i = K.live[k]
        high, low = wide_union(high, low, K.high[i], K.low[i])
    return high, low


@inner_loop
def _rounded(
    T: Tables, K: Work, m: int, size: int, bits: int, odd: int, twos: int, losses: bool
) -> tuple[int, int]:
    """v = floor(u 2^t / (odd 2^twos)) for the live units of layer m, u of `size` digits at most.

    Where something was lost is noted if `losses`. Returns t and a status.
    """
    begin, end = listed(T, K, m)
    t = bits - size + wide_bits(0, odd) + twos - 1 if size else 0
    down = twos - t
    if size == 0:
        for k in range(begin, end):
            i = K.live[k]
            K.v[i] = K.lost[i] = 0
    elif odd == 1 and down >= 0:
        for k in range(begin, end):
            i = K.live[k]
            K.v[i] = shifted_down(K.high[i], K.low[i], down)[1]
            if losses:
                K.lost[i] = has_bits_below(K.high[i], K.low[i], down)
    else:
        for k in range(begin, end):
            i = K.live[k]
            _, K.v[i], status, K.lost[i] = quotient(K.high[i], K.low[i], odd, down)
            if status != FINE:
                return t, BEYOND
    return t, FINE


@inner_loop
def _relaxed(T: Tables, node: Ints, K: Work, m: int, c: int, t: int, mode: int) -> tuple[int, int]:
    """Charges of step 1 and step 2 at layer m: `w` of its live units; the constant and a status."""
    base = np.uint64(T.first[m - 1])
    charge_high, charge_low, gap_high, gap_low = 0, 0, 0, 0
    begin, end = listed(T, K, m)
    for k in range(begin, end):
        i = K.live[k]
        unit, v = base + i, K.v[i]
        if node[STATE, unit] == ACTIVE:
            K.w[i] = v << _ONE
            # where all units are relu, `lost` is not kept
            if T.relu[unit] == 0 and K.lost[i] and node[LOWER, unit] < 0:
                charge_high, charge_low = product_sum(charge_high, charge_low, node[LOWER, unit], 1)
        elif v >= 0:
            alpha = K.alphas[unit] if K.facts[HAS_ALPHAS] else -1
            if alpha < 0:
                adaptive = 256 if node[UPPER, unit] + node[LOWER, unit] >= 0 else 0
                alpha = adaptive if mode == 0 else (256 if mode == 1 else 0)
            K.w[i] = v * (alpha << 12)
        else:
            K.w[i] = v * node[SLOPE, unit]
            gap_high, gap_low = product_sum(gap_high, gap_low, v, node[GAP, unit])
    status = FINE
    if T.linear[m - 1]:
        c, status = _moved(c, charge_high, charge_low, t)
    if status == FINE:
        c, status = _moved(c, gap_high, gap_low, t)
    return c, status


@inner_loop
def _split_terms(K: Work, m: int, t: int) -> int:
    """Step 3: what the splits of layer m with multipliers add to w; a status."""
    for k in range(K.facts[N_SPLITS]):
        if K.splits[k, 4] != m:
            continue
        i, sign, times, down = K.splits[k, 0], K.splits[k, 1], K.splits[k, 2], K.splits[k, 3] - t - _ONE
        step, status = word_quotient(0, times, 1, down)
        if status != FINE:
            return BEYOND
        K.w[i] -= sign * step  # below 2^62 and 2^61
        if not -_CONSTANT < K.w[i] < _CONSTANT:
            return BEYOND
    return FINE


@inner_loop
def _gathered(T: Tables, K: Work, m: int) -> int:
    """Put the multipliers of layer m that are not zero, and their names, to the front; how many there are.

    The names ascend, so that no multiplier is overwritten before it is read.
    """
    count = 0
    if K.facts[N_SPLITS] == 0:
        begin, end = listed(T, K, m)
        for k in range(begin, end):
            i = K.live[k]
            if K.w[i] != 0:
                K.names[count] = i
                K.w[count] = K.w[i]
                count += 1
        return count
    for j in range(T.widths[m]):
        if K.w[j] != 0:
            K.names[count] = np.uint64(j)
            K.w[count] = K.w[j]
            count += 1
    return count


@inner_loop
def _substituted(T: Tables, node: Ints, K: Work, m: int, c: int, t: int, grid: int) -> tuple[int, int, int]:
    """Steps 4 and 5 at layer m: the functional over the layer below, in `K`.

    Returns the constant, the digits of the largest multiplier, a status.
    """
    base, n = np.uint64(T.first[m - 1]), np.uint64(T.widths[m])
    count = _gathered(T, K, m)
    noise_high, noise_low, bias_high, bias_low = 0, 0, 0, 0
    for b in range(count):
        unit, w = base + K.names[b], K.w[b]
        noise_high, noise_low = product_sum(noise_high, noise_low, -abs(w), node[NOISE, unit])
        bias_high, bias_low = product_sum(bias_high, bias_low, w, T.bias[unit])
    c, status = _moved(c, noise_high, noise_low, t + _ONE)
    if status != FINE:
        return c, 0, status
    step, status = word_quotient(bias_high, bias_low, T.odd[m - 1], T.twos[m - 1] + t + _ONE - grid)
    c += step
    if status != FINE or not -_CONSTANT < c < _CONSTANT:
        return c, 0, BEYOND
    union_high, union_low = 0, 0
    begin, end = listed(T, K, m - 1)
    for k in range(begin, end):
        j = K.live[k]
        at = np.uint64(T.at[m - 1]) + j * n
        high, low = 0, 0
        for b in range(count):
            high, low = product_sum(high, low, K.w[b], T.columns[at + K.names[b]])
        K.high[j], K.low[j] = high, low
        union_high, union_low = wide_union(union_high, union_low, high, low)
    return c, wide_bits(union_high, union_low), FINE


@inner_loop
def backward(
    T: Tables, node: Ints, box: Ints, K: Work, layer: int, c: int, odd: int, twos: int, mode: int, grid: int
) -> tuple[int, int]:
    """A lower bound of (K.high, K.low).h / (odd 2^twos) + c over the outputs h of a layer, and a status.

    What stands in `K` at units that are dead is not looked at. The live units must have been listed.
    """
    if not -_CONSTANT < c < _CONSTANT:
        return c, BEYOND
    high, low = _union_of(T, K, layer)
    size = wide_bits(high, low)
    for m in range(layer, 0, -1):
        losses = T.linear[m - 1] != 0
        t, status = _rounded(T, K, m, size, _MULTIPLIER, odd, twos, losses)
        if status != FINE:
            return c, status
        if K.facts[N_SPLITS]:
            K.w[: T.widths[m]] = 0
        c, status = _relaxed(T, node, K, m, c, t, mode)
        if status == FINE and K.facts[N_SPLITS]:
            status = _split_terms(K, m, t)
        if status == FINE:
            c, size, status = _substituted(T, node, K, m, c, t, grid)
        if status != FINE:
            return c, status
        odd, twos = T.odd[m - 1], T.twos[m - 1] + t + _ONE
    return _over_box(T, box, K, c, size, odd, twos)


@inner_loop
def _with_direct(T: Tables, K: Work, t: int) -> tuple[int, int]:
    """v and the direct part of the functional together, as pairs in `high` and `low`; t and a status."""
    n, largest = T.widths[0], 0
    for i in range(n):
        largest = max(largest, abs(K.v[i]))
    if largest == 0:
        t = _INPUT - K.facts[DIRECT_BITS]
    for i in range(n):
        e = K.direct[i]
        high, low, status, lost = quotient(e >> 63, e, K.facts[DIRECT_ODD], K.facts[DIRECT_TWOS] - t)
        if status != FINE or wide_bits(high, low) > TOP - 1:
            return t, BEYOND
        K.high[i], K.low[i] = product_sum(high, low, K.v[i], 1)  # below 2^125 + 2^60
        K.lost[i] += int(lost)
    return t, FINE


@inner_loop
def _over_box(T: Tables, box: Ints, K: Work, c: int, size: int, odd: int, twos: int) -> tuple[int, int]:
    """The last step of the backward pass, over the inputs."""
    n = T.widths[0]
    t, status = _rounded(T, K, 0, size, _INPUT, odd, twos, True)
    if status == FINE and K.facts[HAS_DIRECT]:
        t, status = _with_direct(T, K, t)
    else:
        for i in range(n):
            K.high[i], K.low[i] = K.v[i] >> 63, K.v[i]
    if status != FINE:
        return c, status
    union_high, union_low, most_end = 0, 1, 1
    for i in range(n):
        union_high, union_low = wide_union(union_high, union_low, K.high[i], K.low[i])
        most_end |= abs(box[0, i]) | abs(box[1, i])
    if wide_bits(union_high, union_low) + wide_bits(0, most_end) + wide_bits(0, n) > TOP - 1:
        return c, BEYOND
    high, low = 0, 0
    for i in range(n):
        more_high, more_low = scaled(K.high[i], K.low[i], box[0, i] if K.high[i] >= 0 else box[1, i])
        high, low = wide_sum(high, low, more_high, more_low)
        if K.lost[i] and box[0, i] < 0:
            high, low = product_sum(high, low, K.lost[i], box[0, i])
    return _moved(c, high, low, t)
