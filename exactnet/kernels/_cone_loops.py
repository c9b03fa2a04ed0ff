"""The compiled loops behind :mod:`exactnet.kernels.cone`; import that module instead.

Importing this file imports numba, which takes about half a second, so it happens on first use only. Without
numba the same functions run as plain Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

try:
    import numba

    def _compile(function: F) -> F:
        compiled: F = numba.njit(cache=True)(function)
        return compiled

except ImportError:  # the plain twin

    def _compile(function: F) -> F:
        return function


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STIFF = 2.0**17  # weight of the unpenalised coordinates while the support is sought
SINGULAR = 2.0**-44
TINY = 2.0**-48


@_compile
def solve_small(matrix: Floats, rhs: Floats, k: int) -> bool:
    """Solve the leading k x k system in place by elimination with partial pivoting; False if singular."""
    for step in range(k):
        pivot = step
        for i in range(step + 1, k):
            if abs(matrix[i, step]) > abs(matrix[pivot, step]):
                pivot = i
        if abs(matrix[pivot, step]) < SINGULAR:
            return False
        if pivot != step:
            for j in range(k):
                kept = matrix[step, j]
                matrix[step, j] = matrix[pivot, j]
                matrix[pivot, j] = kept
            kept = rhs[step]
            rhs[step] = rhs[pivot]
            rhs[pivot] = kept
        for i in range(step + 1, k):
            factor = matrix[i, step] / matrix[step, step]
            for j in range(step, k):
                matrix[i, j] -= factor * matrix[step, j]
            rhs[i] -= factor * rhs[step]
    for i in range(k - 1, -1, -1):
        total = rhs[i]
        for j in range(i + 1, k):
            total -= matrix[i, j] * rhs[j]
        rhs[i] = total / matrix[i, i]
    return True


@_compile
def remainder(cone: Floats, f: int, g: Floats, lam: Floats, rest: Floats) -> None:
    """rest = g + cone' lam."""
    for c in range(len(g)):
        total = g[c]
        for j in range(f):
            total += lam[j] * cone[j, c]
        rest[c] = total


@_compile
def active_set(cone: Floats, f: int, g: Floats, lam: Floats) -> bool:
    """Lawson-Hanson: lam >= 0 minimising ||g + cone' lam||; False when it gives up with lam merely >= 0."""
    d = len(g)
    passive = np.zeros(f, dtype=np.bool_)
    order = np.zeros(d + 1, dtype=np.int64)
    gram = np.zeros((d + 1, d + 1))
    solution = np.zeros(d + 1)
    rest = g.copy()
    scale = np.sqrt((g * g).sum())
    for j in range(f):
        lam[j] = 0.0
    for _ in range(4 * (d + 2)):
        best, enter = TINY * 64 * scale, -1
        for j in range(f):
            if not passive[j]:
                slope = 0.0
                for c in range(d):
                    slope -= cone[j, c] * rest[c]
                size = 0.0
                for c in range(d):
                    size += cone[j, c] * cone[j, c]
                slope /= np.sqrt(size)
                if slope > best:
                    best, enter = slope, j
        if enter < 0:
            return True
        passive[enter] = True
        while True:
            k = 0
            for j in range(f):
                if passive[j]:
                    if k > d:
                        return False
                    order[k] = j
                    k += 1
            if k > d:
                return False
            for i in range(k):
                for j in range(k):
                    total = 0.0
                    for c in range(d):
                        total += cone[order[i], c] * cone[order[j], c]
                    gram[i, j] = total
                total = 0.0
                for c in range(d):
                    total -= cone[order[i], c] * g[c]
                solution[i] = total
            if not solve_small(gram, solution, k):
                return False
            step, leave = 1.0, -1
            for i in range(k):
                if solution[i] <= 0.0:
                    current = lam[order[i]]
                    ratio = current / (current - solution[i]) if current > 0.0 else 0.0
                    if ratio < step or leave < 0:
                        step, leave = min(step, ratio), i
            if leave < 0:
                for i in range(k):
                    lam[order[i]] = solution[i]
                break
            for i in range(k):
                lam[order[i]] += step * (solution[i] - lam[order[i]])
                if lam[order[i]] < 0.0:
                    lam[order[i]] = 0.0
            lam[order[leave]] = 0.0
            passive[order[leave]] = False
        remainder(cone, f, g, lam, rest)
    return False


@_compile
def solve_on_support(
    cone: Floats, g: Floats, support: Ints, k: int, p: int, system: Floats, rhs: Floats
) -> bool:
    """Least squares in the first p coordinates with the others as equations: (lambda, mu) into rhs."""
    d = len(g)
    m = k + d - p
    for i in range(m):
        rhs[i] = 0.0
        for j in range(m):
            system[i, j] = 0.0
    for i in range(k):
        for j in range(k):
            for c in range(p):
                system[i, j] += cone[support[i], c] * cone[support[j], c]
        for c in range(p):
            rhs[i] -= cone[support[i], c] * g[c]
        for c in range(p, d):
            system[i, k + c - p] = cone[support[i], c]
            system[k + c - p, i] = cone[support[i], c]
    for c in range(p, d):
        rhs[k + c - p] = -g[c]
    return bool(solve_small(system, rhs, m))


@_compile
def bracket(cone: Floats, f: int, g: Floats, p: int) -> tuple[float, float, int, int]:
    """The mu with (g_p, mu) in the cone: lower and upper end, and the facets that set them."""
    low, high, below, above = -np.inf, np.inf, -1, -1
    for j in range(f):
        slope = 0.0
        for c in range(p):
            slope += cone[j, c] * g[c]
        if cone[j, p] > 0.0:
            if -slope / cone[j, p] > low:
                low, below = -slope / cone[j, p], j
        elif cone[j, p] < 0.0:
            if -slope / cone[j, p] < high:
                high, above = -slope / cone[j, p], j
        elif slope < 0.0:
            return 1.0, 0.0, j, -1
    return low, high, below, above


@_compile
def refine(cone: Floats, f: int, g: Floats, lam: Floats, p: int) -> bool:
    """Go on from the support of `lam` with the last coordinates as equations instead of a weight."""
    d = len(g)
    passive = np.zeros(f, dtype=np.bool_)
    target = np.zeros(f)
    support = np.zeros(f, dtype=np.int64)
    system = np.zeros((2 * d + 2, 2 * d + 2))
    rhs = np.zeros(2 * d + 2)
    tolerance = SINGULAR * np.sqrt((g * g).sum())
    for j in range(f):
        passive[j] = lam[j] > 0.0
        target[j] = lam[j]
    for _ in range(4 * (d + 2)):
        k = 0
        for j in range(f):
            if passive[j]:
                support[k] = j
                k += 1
        if k == 0 and abs(g[p]) <= tolerance:
            low, high, below, above = bracket(cone, f, g, p)
            if low <= high:
                for j in range(f):
                    lam[j] = 0.0
                return True
            passive[below] = True
            if above >= 0:
                passive[above] = True
            continue
        if k == 0 or k > d or not solve_on_support(cone, g, support, k, p, system, rhs):
            return False
        step, leave = 1.0, -1
        for i in range(k):
            if rhs[i] < 0.0:
                ratio = target[support[i]] / (target[support[i]] - rhs[i])
                if leave < 0 or ratio < step:
                    step, leave = ratio, i
        if leave >= 0:
            for i in range(k):
                moved = target[support[i]] + step * (rhs[i] - target[support[i]])
                target[support[i]] = max(moved, 0.0)
            target[support[leave]] = 0.0
            passive[support[leave]] = False
            continue
        for j in range(f):
            target[j] = 0.0
        for i in range(k):
            target[support[i]] = rhs[i]
        for j in range(f):
            lam[j] = target[j]
        best, enter = tolerance, -1
        for j in range(f):
            if not passive[j]:
                slope = 0.0
                for c in range(d):
                    if c < p:
                        value = g[c]
                        for i in range(k):
                            value += rhs[i] * cone[support[i], c]
                    else:
                        value = rhs[k + c - p]
                    slope -= cone[j, c] * value
                if slope > best:
                    best, enter = slope, j
        if enter < 0:
            return True
        passive[enter] = True
    return False


@_compile
def project_all(
    normals: Floats,
    starts: Ints,
    members: Ints,
    signs: NDArray[np.int8],
    cells: Ints,
    gradients: Floats,
    p: int,
    lam_out: Floats,
    rest_out: Floats,
    done: NDArray[np.bool_],
) -> None:
    """The loop over tasks of `project_cones`; done[i] is False where the active-set method gave up."""
    d = gradients.shape[1]
    n_listed = len(starts) - 1
    width = lam_out.shape[1]
    cone = np.zeros((width, d))
    stiff = np.zeros((width, d))
    g_stiff = np.zeros(d)
    for i in range(len(cells)):
        listed = cells[i] % n_listed
        f = starts[listed + 1] - starts[listed]
        for j in range(f):
            form = members[starts[listed] + j]
            for c in range(d):
                cone[j, c] = normals[form, c] * signs[cells[i], form]
                stiff[j, c] = cone[j, c] if c < p else STIFF * cone[j, c]
        for c in range(d):
            g_stiff[c] = gradients[i, c] if c < p else STIFF * gradients[i, c]
        done[i] = active_set(stiff, f, g_stiff, lam_out[i])
        if p < d and lam_out[i].max() > 0.0:
            done[i] = refine(cone, f, gradients[i], lam_out[i], p)
        remainder(cone, f, gradients[i], lam_out[i], rest_out[i])
