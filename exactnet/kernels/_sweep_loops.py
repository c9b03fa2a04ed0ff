"""The compiled loops behind :mod:`exactnet.kernels.sweep`; import that module instead.

F(u) = linear.u + sum_k c_k |f_k.u| with unit forms f_k. On a cell with signs sigma, F(u) = h.u with
h = g + linear and g = sum_k c_k sigma_k f_k, and F(-u) = (g - linear).u: half of the circle or sphere is
swept for both. The sums g are carried from face to face and compensated (Neumaier), so that they do not
drift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels._wide_loops import compile_loop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bytes = NDArray[np.int8]

COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a"}

CELL, FACE, RAY = 0, 1, 2


@compile_loop
def add(sums: Floats, rest: Floats, p: int, x: float) -> None:
    """sums[p] + rest[p] += x, the rounding error kept in rest."""
    total = sums[p] + x
    if abs(sums[p]) >= abs(x):
        rest[p] += (sums[p] - total) + x
    else:
        rest[p] += (x - total) + sums[p]
    sums[p] = total


@compile_loop
def note(
    values: Floats,
    points: Floats,
    names: Ints,
    n: int,
    value: float,
    p: Floats,
    name: tuple[int, int, int, int],
) -> int:
    """Write a peak if there is room; the number of peaks."""
    if n < len(values):
        values[n] = value
        for q in range(len(p)):
            points[n, q] = p[q]
        for q in range(4):
            names[n, q] = name[q]
        return n + 1
    return n


@compile_loop
def plane_peaks(
    forms: Floats, c: Floats, linear: Floats, threshold: float, values: Floats, points: Floats, names: Ints
) -> tuple[float, int]:
    """The largest |F| on the circle, and all local maxima of F and -F above the threshold.

    `forms` are sorted by the angle of their rays (f_y, -f_x) in [0, pi). A peak has value, point, and the
    names (CELL or RAY, i, sign, 1 if it lies on the other half), i the last ray before or at it.
    """
    m = len(forms)
    gamma, n = 0.0, 0
    best, at, name = 0.0, np.zeros(2), (RAY, 0, 1, 0)
    p = np.zeros(2)
    g, rest = np.zeros(2), np.zeros(2)
    h = np.zeros(2)
    for k in range(m):
        add(g, rest, 0, -c[k] * forms[k, 0])
        add(g, rest, 1, -c[k] * forms[k, 1])
    if m == 0:
        gamma = np.sqrt(linear[0] ** 2 + linear[1] ** 2)
        if gamma > threshold:
            for sign in (1, -1):
                p[0], p[1] = sign * linear[0] / gamma, sign * linear[1] / gamma
                n = note(values, points, names, n, gamma, p, (CELL, 0, sign, 0))
        return gamma, n
    for i in range(m):
        rx, ry = forms[i, 1], -forms[i, 0]
        last = i + 1 == m
        sx = -forms[0, 1] if last else forms[i + 1, 1]
        sy = forms[0, 0] if last else -forms[i + 1, 0]
        before_x, before_y = g[0] + rest[0], g[1] + rest[1]
        add(g, rest, 0, 2 * c[i] * forms[i, 0])
        add(g, rest, 1, 2 * c[i] * forms[i, 1])
        for other in (0, 1):
            turn = 1 - 2 * other
            h[0] = g[0] + rest[0] + turn * linear[0]
            h[1] = g[1] + rest[1] + turn * linear[1]
            size = np.sqrt(h[0] * h[0] + h[1] * h[1])
            after, before = rx * h[1] - ry * h[0], h[0] * sy - h[1] * sx
            inside = (after >= 0 and before >= 0) or (after <= 0 and before <= 0)
            if inside and size > 0:
                gamma = max(gamma, size)
                if size > threshold:
                    sign = 1 if after > 0 or (after == 0 and before >= 0) else -1
                    p[0], p[1] = turn * sign * h[0] / size, turn * sign * h[1] / size
                    n = note(values, points, names, n, size, p, (CELL, i, sign, other))
            height = h[0] * rx + h[1] * ry
            gamma = max(gamma, abs(height))
            if abs(height) > threshold:
                sign = 1 if height > 0 else -1
                if abs(height) > best:
                    best, name = abs(height), (RAY, i, sign, other)
                    at[0], at[1] = turn * rx, turn * ry
                bx, by = before_x + turn * linear[0], before_y + turn * linear[1]
                # rising towards the ray, falling behind it
                if sign * (bx * -ry + by * rx) >= 0 and sign * after <= 0:
                    p[0], p[1] = turn * rx, turn * ry
                    n = note(values, points, names, n, abs(height), p, (RAY, i, sign, other))
    # a largest face that rounding keeps from looking like a peak
    if best > 0 and best > (1 - 2.0**-40) * gamma and (n == 0 or values[:n].max() < best):
        n = note(values, points, names, n, best, at, name)
    return gamma, n


@compile_loop
def largest(forms: Floats, k: int) -> int:
    """The coordinate in which form k is largest; circle k is seen from its positive side."""
    p = 0
    for q in range(1, 3):
        if abs(forms[k, q]) > abs(forms[k, p]):
            p = q
    return p


@compile_loop
def circle_order(forms: Floats, order: Small, orient: Bytes, gaps: Floats) -> None:
    """Sort the rays of every great circle: other walls, their signs, the sine to the next ray."""
    m = len(forms)
    angles = np.empty(m - 1)
    rays = np.empty((m - 1, 2))
    others = np.empty(m - 1, np.int32)
    signs = np.empty(m - 1, np.int8)
    for k in range(m):
        p = largest(forms, k)
        q, r = (p + 1) % 3, (p + 2) % 3
        flip = 1.0 if forms[k, p] > 0 else -1.0
        wp, wq, wr = flip * forms[k, p], flip * forms[k, q], flip * forms[k, r]
        at = 0
        for j in range(m):
            if j != k:
                a = forms[j, q] * wp - forms[j, p] * wq
                b = forms[j, r] * wp - forms[j, p] * wr
                sign = -1 if a > 0 or (a == 0 and b < 0) else 1
                rays[at, 0], rays[at, 1] = sign * b, -sign * a
                angles[at] = np.arctan2(rays[at, 1], rays[at, 0])
                others[at], signs[at] = j, sign
                at += 1
        places = np.argsort(angles)
        for i in range(m - 1):
            here, there = places[i], places[i + 1 if i + 2 < m else 0]
            order[k, i] = others[here]
            orient[k, i] = signs[here]
            x, y, u, v = rays[here, 0], rays[here, 1], rays[there, 0], rays[there, 1]
            gaps[k, i] = (x * v - y * u) / np.sqrt((x * x + y * y) * (u * u + v * v))


@compile_loop
def value_at(forms: Floats, c: Floats, linear: Floats, p: Floats) -> float:
    """F(p), one term after the other."""
    total = linear[0] * p[0] + linear[1] * p[1] + linear[2] * p[2]
    for k in range(len(forms)):
        total += c[k] * abs(forms[k, 0] * p[0] + forms[k, 1] * p[1] + forms[k, 2] * p[2])
    return float(total)


@compile_loop
def space_peaks(
    forms: Floats,
    c: Floats,
    linear: Floats,
    order: Small,
    orient: Bytes,
    ends: Bytes,
    threshold: float,
    values: Floats,
    points: Floats,
    names: Ints,
) -> tuple[float, int]:
    """The largest |F| on the sphere, and local maxima of F and -F above the threshold (m >= 2 walls).

    `ends` is 1 where a group of walls through one ray ends. Names: (CELL, 0, sign, 0), (FACE, k, sign, 0),
    (RAY, k, sign, first place of the group on circle k).
    """
    m = len(forms)
    gamma, n = 0.0, 0
    best, at, name = 0.0, np.zeros(3), (RAY, 0, 1, 0)
    g, rest = np.zeros(3), np.zeros(3)
    h, b, p = np.zeros(3), np.zeros(3), np.zeros(3)
    e, s, r = np.zeros(3), np.zeros(3), np.zeros(3)
    for k in range(m):
        w = forms[k] * (1.0 if forms[k, largest(forms, k)] > 0 else -1.0)
        g[:] = 0.0
        rest[:] = 0.0
        for i in range(m - 1):
            j = order[k, i]
            for q in range(3):
                add(g, rest, q, -c[j] * orient[k, i] * forms[j, q])
        first = 0
        for i in range(m - 1):
            if i == first:
                for q in range(3):
                    b[q] = g[q] + rest[q]
            j = order[k, i]
            for q in range(3):
                add(g, rest, q, 2 * c[j] * orient[k, i] * forms[j, q])
            if not ends[k, i]:
                continue
            start, first = first, i + 1
            final = first == m - 1
            after = 0 if final else first
            top = after
            while not ends[k, top]:
                top += 1
            smallest = k < j and k < order[k, top]
            for q in range(3):
                e[q] = orient[k, i] * forms[j, q]
                s[q] = orient[k, after] * forms[order[k, after], q] * (1 if final else -1)
            r[0], r[1], r[2] = e[1] * w[2] - e[2] * w[1], e[2] * w[0] - e[0] * w[2], e[0] * w[1] - e[1] * w[0]
            length = np.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
            ew = e[0] * w[0] + e[1] * w[1] + e[2] * w[2]
            sw = s[0] * w[0] + s[1] * w[1] + s[2] * w[2]
            for other in (0, 1):
                turn = 1 - 2 * other
                for q in range(3):
                    h[q] = g[q] + rest[q] + turn * linear[q]
                size = h[0] * h[0] + h[1] * h[1] + h[2] * h[2]
                d = h[0] * w[0] + h[1] * w[1] + h[2] * w[2]
                eh = h[0] * e[0] + h[1] * e[1] + h[2] * e[2]
                sh = h[0] * s[0] + h[1] * s[1] + h[2] * s[2]
                root = np.sqrt(max(size - d * d, 0.0))
                if root > threshold or root > gamma:
                    x, y = eh - d * ew, sh - d * sw
                    if (x >= 0 and y >= 0) or (x <= 0 and y <= 0):
                        gamma = max(gamma, root)
                        sign = 1 if x > 0 or (x == 0 and y >= 0) else -1
                        for q in range(3):
                            p[q] = turn * sign * (h[q] - d * w[q]) / root
                        if root > max(best, threshold):
                            best, name = root, (FACE, k, sign, 0)
                            at[:] = p
                        if root > threshold and sign * c[k] <= -abs(d):
                            n = note(values, points, names, n, root, p, (FACE, k, sign, 0))
                    height = (h[0] * r[0] + h[1] * r[1] + h[2] * r[2]) / length
                    gamma = max(gamma, abs(height))
                    sign = 1 if height > 0 else -1
                    if abs(height) > max(best, threshold):
                        best, name = abs(height), (RAY, k, sign, start)
                        for q in range(3):
                            at[q] = turn * r[q] / length
                    if abs(height) > threshold and k < order[k, start]:
                        peak = False
                        if start == i:
                            if sign * c[k] < 0 and sign * c[j] < 0:
                                hw, he = d, eh - c[j]  # without the two walls
                                det = 1 - ew * ew
                                tk, tj = (hw - c[j] * ew - ew * he) / det, (he - ew * (hw - c[j] * ew)) / det
                                peak = abs(tk) <= abs(c[k]) and abs(tj) <= abs(c[j])
                        else:  # many walls: along this circle only
                            bx = b[0] * e[0] + b[1] * e[1] + b[2] * e[2]
                            bx += turn * (linear[0] * e[0] + linear[1] * e[1] + linear[2] * e[2])
                            bd = b[0] * w[0] + b[1] * w[1] + b[2] * w[2]
                            bd += turn * (linear[0] * w[0] + linear[1] * w[1] + linear[2] * w[2])
                            peak = sign * (bx - bd * ew) >= 0 and sign * x <= 0
                        if peak:
                            for q in range(3):
                                p[q] = turn * r[q] / length
                            n = note(values, points, names, n, abs(height), p, (RAY, k, sign, start))
                if not smallest:
                    continue
                for side in (1, -1):
                    # h + side c_k w, whose products follow from those of h
                    shift = side * c[k]
                    whole = size + 2 * shift * d + shift * shift
                    if whole <= gamma * gamma and whole <= threshold * threshold:
                        continue
                    near = side * (d + shift)
                    x, y = eh + shift * ew, sh + shift * sw
                    if not ((near >= 0 and x >= 0 and y >= 0) or (near <= 0 and x <= 0 and y <= 0)):
                        continue
                    sign = 1 if near > 0 or x > 0 or y > 0 else -1
                    root = np.sqrt(whole)
                    for q in range(3):
                        p[q] = turn * sign * (h[q] + shift * w[q]) / root
                    # inside exactly if F is as large there as in the cell
                    reached = sign * value_at(forms, c, linear, p)
                    if abs(reached - root) <= root * 2.0**-30:
                        gamma = max(gamma, root)
                        if root > threshold:
                            n = note(values, points, names, n, root, p, (CELL, 0, sign, 0))
    # a largest face that rounding keeps from looking like a peak
    if best > 0 and best > (1 - 2.0**-40) * gamma and (n == 0 or values[:n].max() < best):
        n = note(values, points, names, n, best, at, name)
    return gamma, n
