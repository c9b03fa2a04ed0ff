"""CROWN bounds of one box in float64, compiled; import :mod:`exactnet.kernels.crown` instead.

Of every layer only the units that are not dead take part; the weights between them are copied into dense
blocks once a box. All results are guesses: a certificate is recomputed in integers.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._crown_state import Floats, Net, Scratch, compile_crown

DEAD, ACTIVE, UNSTABLE = 0, 1, 2
UNIT_ROUNDOFF = 2.0**-24
SLOPES = 2.0**20
# certificates cut the multipliers of a layer to 40 binary digits of the largest one
MULTIPLIER_ROUNDOFF = 2.0**-39

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with those it calls: a test compares this with the digests of their texts
COMPILED_WITH = {"_crown_state.py": "edf7ea6646d4884c"}


@compile_crown
def layer_noise(k: int, net: Net, most: Floats, rho: Floats) -> None:
    """Rounding noise of the units of layer k when the values before it are at most `most` in size."""
    m = net.sizes[k - 1]
    for j in range(net.sizes[k]):
        start = net.woff[k - 1] + j * m
        total = abs(net.b[net.uoff[k - 1] + j])
        terms = 2
        for i in range(m):
            weight = net.w[start + i]
            if weight != 0.0:
                total += abs(weight) * most[i]
                terms += 1
        # a little more than the checker's integer, so that what holds here holds there
        rho[net.uoff[k - 1] + j] = (terms + 1) * UNIT_ROUNDOFF * total + 2.0**-40


@compile_crown
def value_ranges(k: int, net: Net, s: Scratch, least: Floats, most: Floats) -> None:
    """Ranges of the values of layer k (0: the inputs)."""
    for i in range(net.sizes[k]):
        if k == 0:
            least[i], most[i] = s.lo[i], s.hi[i]
            continue
        unit = net.uoff[k - 1] + i
        least[i], most[i] = s.lower[unit], s.upper[unit]
        if net.relu[unit]:
            least[i], most[i] = max(s.lower[unit], 0.0), max(s.upper[unit], 0.0)


@compile_crown
def close_layer(k: int, net: Net, s: Scratch) -> None:
    """Sort the units of layer k into dead, active and unstable, and copy the weights between live units."""
    m = net.sizes[k - 1]
    count = 0
    s.total[k] = 0.0
    for j in range(net.sizes[k]):
        unit = net.uoff[k - 1] + j
        s.state[unit] = ACTIVE
        s.slope[unit], s.intercept[unit] = 1.0, 0.0
        if net.relu[unit]:
            if s.upper[unit] <= 0.0:
                s.state[unit] = DEAD
                s.slope[unit] = 0.0
                continue
            if s.lower[unit] < 0.0:
                s.state[unit] = UNSTABLE
                # slopes are cut to 20 binary digits as in certificates; any slope in [0, 1] gives a true line
                share = s.upper[unit] / (s.upper[unit] - s.lower[unit])
                s.slope[unit] = np.floor(share * SLOPES) / SLOPES
                s.intercept[unit] = max(-s.slope[unit] * s.lower[unit], (1.0 - s.slope[unit]) * s.upper[unit])
        s.live[k, count] = j
        s.total[k] += max(abs(s.lower[unit]), abs(s.upper[unit]))
        count += 1
    s.n_live[k] = count
    for p in range(count):
        j = s.live[k, p]
        s.shift[k, p] = net.b[net.uoff[k - 1] + j]
        start = net.woff[k - 1] + j * m
        for q in range(s.n_live[k - 1]):
            s.block[k, p, q] = net.w[start + s.live[k - 1, q]]


@compile_crown
def unit_bounds(k: int, j: int, noisy: bool, net: Net, s: Scratch) -> None:
    """Both backward passes of unit j of layer k: tightens its bounds, notes the sizes of its input slopes."""
    unit = net.uoff[k - 1] + j
    start = net.woff[k - 1] + j * net.sizes[k - 1]
    below, above, next_below, next_above = s.work[0], s.work[1], s.work[2], s.work[3]
    for q in range(s.n_live[k - 1]):
        below[q] = net.w[start + s.live[k - 1, q]]
        above[q] = -below[q]
    noise = s.rho[unit] if noisy else 0.0
    c_below, c_above = net.b[unit] - noise, -net.b[unit] - noise
    for layer in range(k - 1, 0, -1):
        width = s.n_live[layer - 1]
        for q in range(width):
            next_below[q] = 0.0
            next_above[q] = 0.0
        for p in range(s.n_live[layer]):
            u = net.uoff[layer - 1] + s.live[layer, p]
            v1, v2 = below[p], above[p]
            if s.state[u] == UNSTABLE:
                alpha = 1.0 if s.upper[u] + s.lower[u] >= 0.0 else 0.0
                if v1 >= 0.0:
                    v1 *= alpha
                else:
                    c_below += v1 * s.intercept[u]
                    v1 *= s.slope[u]
                if v2 >= 0.0:
                    v2 *= alpha
                else:
                    c_above += v2 * s.intercept[u]
                    v2 *= s.slope[u]
            if noisy:
                c_below -= abs(v1) * s.rho[u]
                c_above -= abs(v2) * s.rho[u]
            c_below += v1 * s.shift[layer, p]
            c_above += v2 * s.shift[layer, p]
            weights = s.block[layer, p]
            for q in range(width):
                next_below[q] += v1 * weights[q]
                next_above[q] += v2 * weights[q]
        below, next_below = next_below, below
        above, next_above = next_above, above
    for i in range(net.sizes[0]):
        c_below += below[i] * (s.lo[i] if below[i] >= 0.0 else s.hi[i])
        c_above += above[i] * (s.lo[i] if above[i] >= 0.0 else s.hi[i])
        s.reach[unit, i] = 0.5 * (abs(below[i]) + abs(above[i]))
    s.lower[unit] = max(s.lower[unit], c_below)
    s.upper[unit] = min(s.upper[unit], -c_above)


@compile_crown
def interval_step(k: int, j: int, noisy: bool, net: Net, s: Scratch, least: Floats, most: Floats) -> None:
    """Interval bounds of unit j of layer k from the ranges of the values before it."""
    unit = net.uoff[k - 1] + j
    start = net.woff[k - 1] + j * net.sizes[k - 1]
    down, up = net.b[unit], net.b[unit]
    for i in range(net.sizes[k - 1]):
        weight = net.w[start + i]
        if weight > 0.0:
            down += weight * least[i]
            up += weight * most[i]
        else:
            down += weight * most[i]
            up += weight * least[i]
    if noisy:
        down -= s.rho[unit]
        up += s.rho[unit]
    s.lower[unit] = max(s.lower[unit], down)
    s.upper[unit] = min(s.upper[unit], up)


@compile_crown
def refine(is_root: bool, noisy: bool, net: Net, s: Scratch) -> bool:
    """Bounds of all units on the box, layer by layer; False if some unit has none (the node is empty)."""
    least, most, largest = s.work[4], s.work[5], s.work[6]
    s.n_live[0] = net.sizes[0]
    for i in range(net.sizes[0]):
        s.live[0, i] = i
    for k in range(1, net.sizes.shape[0]):
        value_ranges(k - 1, net, s, least, most)
        if noisy:
            for i in range(net.sizes[k - 1]):
                largest[i] = max(abs(least[i]), abs(most[i]))
            layer_noise(k, net, largest, s.rho)
        for j in range(net.sizes[k]):
            unit = net.uoff[k - 1] + j
            is_linear = net.relu[unit] == 0
            is_unstable = not is_linear and s.lower[unit] < 0.0 < s.upper[unit]
            if is_root or is_linear or (is_unstable and k == 1):
                interval_step(k, j, noisy, net, s, least, most)
                is_unstable = not is_linear and s.lower[unit] < 0.0 < s.upper[unit]
            if k == 1:
                start = net.woff[0] + j * net.sizes[0]
                for i in range(net.sizes[0]):
                    s.reach[unit, i] = abs(net.w[start + i])
            elif is_unstable:
                unit_bounds(k, j, noisy, net, s)
            if s.lower[unit] > s.upper[unit]:
                return False
        close_layer(k, net, s)
    return True


@compile_crown
def row_bound(net: Net, constant: float, noisy: bool, s: Scratch) -> float:
    """Lower bound of s.row . h_K + s.row_x . x + constant with the slopes s.alpha, rounded as in proofs.

    Leaves the multipliers of all live units in s.v and those of the inputs in s.x_slope.
    """
    n_layers = net.sizes.shape[0] - 1
    u, next_u = s.work[0], s.work[1]
    for p in range(s.n_live[n_layers]):
        u[p] = s.row[s.live[n_layers, p]]
    c = constant
    for k in range(n_layers, 0, -1):
        largest = 0.0
        width = s.n_live[k - 1]
        for q in range(width):
            next_u[q] = 0.0
        for p in range(s.n_live[k]):
            unit = net.uoff[k - 1] + s.live[k, p]
            value = u[p]
            s.v[unit] = value
            largest = max(largest, abs(value))
            if s.state[unit] == UNSTABLE:
                if value >= 0.0:
                    value *= s.alpha[unit]
                else:
                    c += value * s.intercept[unit]
                    value *= s.slope[unit]
            if value == 0.0:
                continue
            if noisy:
                c -= abs(value) * s.rho[unit]
            c += value * s.shift[k, p]
            weights = s.block[k, p]
            for q in range(width):
                next_u[q] += value * weights[q]
        c -= MULTIPLIER_ROUNDOFF * largest * s.total[k]
        u, next_u = next_u, u
    for i in range(net.sizes[0]):
        s.x_slope[i] = u[i] + s.row_x[i]
        c += s.x_slope[i] * (s.lo[i] if s.x_slope[i] >= 0.0 else s.hi[i])
    return c


@compile_crown
def relaxed_point(net: Net, s: Scratch) -> None:
    """Forward from s.x along the lines of the last row pass: s.z of all live units, the outputs in s.h[2]."""
    n_layers = net.sizes.shape[0] - 1
    before, after = s.h[0], s.h[1]
    for i in range(net.sizes[0]):
        before[i] = s.x[i]
    for k in range(1, n_layers + 1):
        for p in range(s.n_live[k]):
            weights = s.block[k, p]
            total = s.shift[k, p]
            for q in range(s.n_live[k - 1]):
                total += weights[q] * before[q]
            unit = net.uoff[k - 1] + s.live[k, p]
            s.z[unit] = total
            if s.state[unit] == UNSTABLE:
                if s.v[unit] >= 0.0:
                    total *= s.alpha[unit]
                else:
                    total = s.slope[unit] * total + s.intercept[unit]
            after[p] = total
        before, after = after, before
    for j in range(net.sizes[n_layers]):
        s.h[2, j] = 0.0
    for p in range(s.n_live[n_layers]):
        s.h[2, s.live[n_layers, p]] = before[p]


@compile_crown
def outputs(net: Net, x: Floats, h: Floats) -> None:
    """The network at x in float64; the outputs are left in h[2]."""
    n_layers = net.sizes.shape[0] - 1
    before, after = h[0], h[1]
    for i in range(net.sizes[0]):
        before[i] = x[i]
    for k in range(1, n_layers + 1):
        m = net.sizes[k - 1]
        for j in range(net.sizes[k]):
            unit = net.uoff[k - 1] + j
            start = net.woff[k - 1] + j * m
            total = net.b[unit]
            for i in range(m):
                total += net.w[start + i] * before[i]
            after[j] = max(total, 0.0) if net.relu[unit] else total
        before, after = after, before
    for j in range(net.sizes[n_layers]):
        h[2, j] = before[j]
