"""The compiled loop behind :mod:`exactnet.kernels.restriction`; import that module instead.

Entries are int64 with magnitude at most SMALL = 2^31 - 1, so that a difference of two products is below
2^63; what does not fit after division by the greatest common divisor ends the loop with -1.
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._wide_loops import SMALL, Ints, Table, compile_loop, gcd

# see the same name in _integer_loops.py
COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a"}


@compile_loop
def normalised(forms: Table, row: int, width: int) -> int:
    """Divide a form by its greatest common divisor and orient it; 1, 0 for a constant, -1 if too large."""
    divisor, lead = 0, 0
    for k in range(width - 1):
        if lead == 0:
            lead = forms[row, k]
        divisor = gcd(divisor, forms[row, k])
    if lead == 0:
        return 0
    divisor = gcd(divisor, forms[row, width - 1])
    if lead < 0:
        divisor = -divisor
    for k in range(width):
        if divisor != 1:
            forms[row, k] //= divisor
        if abs(forms[row, k]) > SMALL:
            return -1
    return 1


@compile_loop
def placed(forms: Table, row: int, width: int, buckets: Ints, mask: int) -> bool:
    """Enter a form in the hash table; False if an equal one is there."""
    key = np.uint64(0)
    for k in range(width):
        key = (key ^ np.uint64(forms[row, k])) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    at = np.int64(key & np.uint64(mask))
    while buckets[at] >= 0:
        other, equal = buckets[at], True
        for k in range(width):
            if forms[other, k] != forms[row, k]:
                equal = False
                break
        if equal:
            return False
        at = (at + 1) & mask
    buckets[at] = row
    return True


@compile_loop
def restrict(forms: Table, i: int, width: int, to: Table, buckets: Ints) -> int:
    """The distinct traces of forms 0..i-1 on the hyperplane of form i; how many, or -1 (too large)."""
    pivot, best = -1, 0
    for k in range(width - 1):
        size = abs(forms[i, k])
        if size and (pivot < 0 or size < best):
            pivot, best = k, size
    lead = forms[i, pivot]
    mask = 4
    while mask < 2 * i:
        mask *= 2
    for b in range(mask):
        buckets[b] = -1
    mask -= 1
    n = 0
    for r in range(i):
        factor = forms[r, pivot]
        for k in range(width - 1):
            source = k if k < pivot else k + 1
            to[n, k] = lead * forms[r, source] - factor * forms[i, source]
        kind = normalised(to, n, width - 1)
        if kind < 0:
            return -1
        if kind and placed(to, n, width - 1, buckets, mask):
            n += 1
    return n


@compile_loop
def betti(forms: Table, out: Ints) -> bool:
    """Add the Betti numbers of the affine arrangement of `forms` (n x (d+1), distinct) to out (d+1 entries).

    Depth-first over the triangle chi(A) = t^d - sum_i chi(restriction of forms 0..i-1 to form i): a node of
    depth L is one of the sets that b_L counts. False if 31 bits are not enough.
    """
    n, width = forms.shape
    d = width - 1
    levels = np.empty((max(d, 1), n, width), np.int64)
    levels[0] = forms
    counts, at = np.zeros(d + 1, np.int64), np.zeros(d + 1, np.int64)
    buckets = np.empty(4 * n + 8, np.int64)
    counts[0] = n
    out[0] += 1
    level = 0
    while level >= 0:
        if level == d - 1:
            out[d] += counts[level]
            level -= 1
            continue
        i = at[level]
        if i == counts[level]:
            level -= 1
            continue
        at[level] += 1
        m = restrict(levels[level], i, width - level, levels[level + 1], buckets)
        if m < 0:
            return False
        level += 1
        out[level] += 1
        counts[level] = m
        at[level] = 0
    return True
