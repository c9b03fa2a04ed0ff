"""The compiled loops behind :mod:`exactnet.kernels.integer_cells`; import that module instead.

An open cell is a record of int64 in one long array:

    [k candidates, R rays, slots in use, length | words of signs | names of the candidates | ray | ray | ..]

and a ray is [tight set, size, k values]: the values of the candidates on it. A tight set has one bit a slot
and one slot a form that bounds the cell; `size` is at least the magnitude of every value. Records lie one
behind the other, and a stack says where each begins. A record that has been split is left behind as a hole
until its children are done, so the memory in use is the sum along one path of the tree.

No product here can wrap. Stored values are at most 2^62 - 1 in magnitude; two values are multiplied in 64
bits only if the sizes are at most SMALL = 2^31 - 1, and then |a x + b y| <= 2 SMALL^2 < 2^63. All other
products have 128 bits (:mod:`exactnet.kernels._wide_loops`).
"""

from __future__ import annotations

import numpy as np

from exactnet.kernels._wide_loops import SMALL, Ints, Table, compile_loop, gcd, wide_combination, wide_ray

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with the one it calls: a test compares this with the digest of its text
COMPILED_WITH = {"_wide_loops.py": "2a8327bab75ff80a"}

HEAD = 4
RAY = 2  # entries of a ray in front of its values
MOST_SLOTS = 62
UNREDUCED = 2**8  # entries up to this size are not worth a greatest common divisor
ROOM = 8  # rows that splitting one cell can write at most

DONE, PAUSED, TOO_LARGE, TOO_MANY_FACETS = 0, 1, 2, 3


@compile_loop
def bit_count(bits: int) -> int:
    """The number of bits that are set."""
    x = np.uint64(bits)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@compile_loop
def free_slots(cells: Ints, base: int, stride: int, n_rays: int, n_slots: int, dimension: int) -> int:
    """Give up the slots of forms that are no facets: fewer than D - 1 rays lie on them. Slot 0 stays."""
    end = base + n_rays * stride
    kept = 0
    for slot in range(n_slots):
        n_on = 0
        for at in range(base, end, stride):
            n_on += (cells[at] >> slot) & 1
        if slot == 0 or n_on >= dimension - 1:
            for at in range(base, end, stride):
                bit = (cells[at] >> slot) & 1
                cells[at] = (cells[at] & ~(1 << kept)) | (bit << kept)
            kept += 1
    for at in range(base, end, stride):
        cells[at] &= (1 << kept) - 1
    return kept


@compile_loop
def sides(cells: Ints, base: int, stride: int, n_rays: int, rays: Ints, tight: Ints) -> tuple[int, int]:
    """Sort the rays by the sign of candidate 0, positive, zero, negative, and list their tight sets."""
    n_above, below = 0, n_rays
    for r in range(n_rays):
        value = cells[base + r * stride + RAY]
        if value > 0:
            rays[n_above] = r
            n_above += 1
        elif value < 0:
            below -= 1
            rays[below] = r
    at = n_above
    for r in range(n_rays):
        if cells[base + r * stride + RAY] == 0:
            rays[at] = r
            at += 1
    for i in range(n_rays):
        tight[i] = cells[base + rays[i] * stride]
    return n_above, below


@compile_loop
def cut_edges(tight: Ints, n_rays: int, n_above: int, below: int, dimension: int, edges: Table) -> int:
    """Edges (place above, place below, common tight set) that candidate 0 cuts; -1 if there is no room.

    Two rays span an edge if no third ray has all their common tight forms; D - 2 common ones are needed,
    and they are enough if one of the two rays has only D - 1, which are then independent.
    """
    n_edges = 0
    for i in range(n_above):
        simple = bit_count(tight[i]) == dimension - 1
        for j in range(below, n_rays):
            common = tight[i] & tight[j]
            if bit_count(common) < dimension - 2:
                continue
            adjacent = True
            if not simple and bit_count(tight[j]) != dimension - 1:
                for r in range(n_rays):
                    if tight[r] & common == common and r != i and r != j:
                        adjacent = False
                        break
            if adjacent:
                if n_edges == len(edges):
                    return -1
                edges[n_edges, 0] = i
                edges[n_edges, 1] = j
                edges[n_edges, 2] = common
                n_edges += 1
    return n_edges


@compile_loop
def fresh_ray(cells: Ints, p: int, q: int, to: int, k: int) -> int:
    """Write at `to` the ray between p (above) and q (below) where candidate 0 vanishes; its size or -1."""
    above, below = cells[p + RAY], -cells[q + RAY]
    if cells[p + 1] > SMALL or cells[q + 1] > SMALL:
        return wide_ray(cells, below, p + RAY, above, q + RAY, to + RAY, k)
    size = 0
    for j in range(RAY, k + RAY):
        value = below * cells[p + j] + above * cells[q + j]
        cells[to + j] = value
        size = max(size, abs(value))
    if size > UNREDUCED:
        divisor = 0
        for j in range(RAY, k + RAY):
            divisor = gcd(divisor, cells[to + j])
            if divisor == 1:
                break
        if divisor > 1:
            for j in range(RAY, k + RAY):
                cells[to + j] //= divisor
            size //= divisor
    return size if size < 2**62 else -1


@compile_loop
def cutting(
    cells: Ints, base: int, stride: int, rays: Ints, low: int, high: int, ranges: Table, keep: Ints
) -> int:
    """The ranges of all candidates on rays[low:high]; list and count those that take both signs there."""
    k = stride - RAY
    for j in range(k):
        ranges[0, j] = 0
        ranges[1, j] = 0
    for i in range(low, high):
        at = base + rays[i] * stride + RAY
        for j in range(k):
            value = cells[at + j]
            ranges[0, j] = min(ranges[0, j], value)
            ranges[1, j] = max(ranges[1, j], value)
    n_keep = 0
    for j in range(1, k):
        if ranges[0, j] < 0 and ranges[1, j] > 0:
            keep[n_keep] = j
            n_keep += 1
    return n_keep


@compile_loop
def decide(cells: Ints, at: int, n_words: int, k: int, ranges: Table, words: Ints) -> None:
    """The signs of a child: those of the parent and of all candidates that do not cut it."""
    for w in range(n_words):
        words[w] = cells[at + HEAD + w]
    names = at + HEAD + n_words
    for j in range(k):
        if ranges[0, j] >= 0:
            words[cells[names + j] >> 6] |= 1 << (cells[names + j] & 63)


@compile_loop
def write_child(
    cells: Ints,
    names: int,
    base: int,
    stride: int,
    slots: int,
    rays: Ints,
    low: int,
    high: int,
    words: Ints,
    keep: Ints,
    n_keep: int,
    to: int,
) -> int:
    """Write the record of the child with rays[low:high]; where it ends."""
    cells[to], cells[to + 1], cells[to + 2] = n_keep, high - low, slots
    at = to + HEAD
    for w in range(len(words)):
        cells[at] = words[w]
        at += 1
    for j in range(n_keep):
        cells[at] = cells[names + keep[j]]
        at += 1
    for i in range(low, high):
        ray = base + rays[i] * stride
        cells[at], cells[at + 1] = cells[ray], cells[ray + 1]
        at += RAY
        for j in range(n_keep):
            cells[at] = cells[ray + RAY + keep[j]]
            at += 1
    cells[to + 3] = at - to
    return at


@compile_loop
def quadrants(
    cells: Ints, base: int, stride: int, rays: Ints, low: int, high: int, a: int, b: int, small: bool
) -> int:
    """Which sign patterns of two candidates occur: bit s + 2 t for signs s, t (1: positive).

    Every point of the cone where a vanishes is a combination of rays on which it vanishes and of points
    between a ray above and a ray below; pairs that span no edge do no harm.
    """
    up, down = False, False
    for i in range(low, high):
        p = base + rays[i] * stride + RAY
        x, y = cells[p + a], cells[p + b]
        if x == 0:
            up = up or y > 0
            down = down or y < 0
        elif x > 0 and not (up and down):
            for j in range(low, high):
                q = base + rays[j] * stride + RAY
                u = cells[q + a]
                if u < 0:
                    s = x * cells[q + b] - u * y if small else wide_combination(x, cells[q + b], -u, y)[0]
                    up = up or s > 0
                    down = down or s < 0
    if up and down:
        return 15
    # b keeps one sign where a vanishes, so its other side lies on one side of a; or b is a multiple of a
    multiple = not (up or down)
    for i in range(low, high):
        p = base + rays[i] * stride + RAY
        if multiple and cells[p + a] != 0:
            return 9 if (cells[p + a] > 0) == (cells[p + b] > 0) else 6
        if (up and cells[p + b] < 0) or (down and cells[p + b] > 0):
            missing = (1 if cells[p + a] < 0 else 0) + (0 if up else 2)
            return 15 & ~(1 << missing)
    return 0


@compile_loop
def open_ends(cells: Ints, base: int, stride: int, rays: Ints, low: int, high: int, j: int) -> int:
    """On which sides of candidate j (bit 0: below, bit 1: above) rays[low:high] touch form 0, infinity."""
    found = 0
    for i in range(low, high):
        at = base + rays[i] * stride
        if cells[at] & 1:
            found |= (cells[at + RAY + j] <= 0) + 2 * (cells[at + RAY + j] >= 0)
    return found


@compile_loop
def settle(patterns: int, words: Ints, first: int, second: int, rows: Table, n_rows: int) -> tuple[int, int]:
    """Count the cells with these patterns of the last two forms and, if `rows` has columns, write them."""
    n_cells = 0
    for signs in range(4):
        if (patterns >> signs) & 1:
            n_cells += 1
            if rows.shape[1]:
                for w in range(len(words)):
                    rows[n_rows, w] = words[w]
                if signs & 1:
                    rows[n_rows, first >> 6] |= 1 << (first & 63)
                if signs & 2:
                    rows[n_rows, second >> 6] |= 1 << (second & 63)
                n_rows += 1
    return n_cells, n_rows


@compile_loop
def run(
    cells: Ints,
    starts: Ints,
    top: int,
    dimension: int,
    n_words: int,
    n_forms: int,
    infinity: bool,
    budget: int,
    rows: Table,
) -> tuple[int, Ints, Ints, int, int, int, int]:
    """Split the cells on the stack, the last first, until they are done or `budget` cells are found.

    Returns (status, cells, starts, top, n_cells, n_unbounded, n_rows). With a status above PAUSED the cell
    on top of the stack is left for big integers. `rows` (budget + ROOM, n_words) takes the sign words, or
    has no columns. With `infinity`, slot 0 is the plane at infinity and unbounded cells are counted.
    """
    n_cells, n_unbounded, n_rows, status = 0, 0, 0, DONE
    rays, tight, edges = np.empty(64, np.int64), np.empty(64, np.int64), np.empty((64, 3), np.int64)
    ranges, keep, words = (
        np.empty((2, n_forms), np.int64),
        np.empty(n_forms, np.int64),
        np.zeros(n_words, np.int64),
    )
    while top > 0:
        if n_cells >= budget:
            status = PAUSED
            break
        at = starts[top - 1]
        k, n_rays, slots = cells[at], cells[at + 1], cells[at + 2]
        names, stride = at + HEAD + n_words, k + RAY
        base = names + k
        if slots >= MOST_SLOTS:
            slots = free_slots(cells, base, stride, n_rays, slots, dimension)
            cells[at + 2] = slots
            if slots >= MOST_SLOTS:
                status = TOO_MANY_FACETS
                break
        if n_rays > len(tight):
            rays, tight = np.empty(2 * n_rays, np.int64), np.empty(2 * n_rays, np.int64)
        n_above, below = sides(cells, base, stride, n_rays, rays, tight)
        n_edges = cut_edges(tight, n_rays, n_above, below, dimension, edges)
        while n_edges < 0:
            edges = np.empty((2 * len(edges), 3), np.int64)
            n_edges = cut_edges(tight, n_rays, n_above, below, dimension, edges)
        # behind the record: the fresh rays, then both children
        total = n_rays + n_edges
        free = base + total * stride
        if free + 2 * (HEAD + n_words + k + total * stride) > len(cells):
            longer = np.empty(2 * (free + 2 * (HEAD + n_words + k + total * stride)), np.int64)
            longer[: len(cells)] = cells
            cells = longer
        largest = 0
        for r in range(n_rays):
            largest = max(largest, cells[base + r * stride + 1])
        for e in range(n_edges):
            to = base + (n_rays + e) * stride
            p, q = base + rays[edges[e, 0]] * stride, base + rays[edges[e, 1]] * stride
            size = fresh_ray(cells, p, q, to, k)
            cells[to], cells[to + 1] = edges[e, 2] | (1 << slots), size
            largest = max(largest, size)
            if size < 0:
                status = TOO_LARGE
        if status == TOO_LARGE:
            break
        if total > len(rays):
            rays, tight = np.empty(2 * total, np.int64), np.empty(2 * total, np.int64)
            sides(cells, base, stride, n_rays, rays, tight)
        # the order is now: above, on the wall, fresh, below
        for i in range(n_rays - 1, below - 1, -1):
            rays[i + n_edges] = rays[i]
        for e in range(n_edges):
            rays[below + e] = n_rays + e
        for i in range(n_above, below):
            cells[base + rays[i] * stride] |= 1 << slots
        top -= 1
        for side in range(2):
            low, high = (0, below + n_edges) if side == 0 else (n_above, total)
            n_keep = cutting(cells, base, stride, rays, low, high, ranges, keep)
            first = keep[0] if n_keep else 0
            ends = open_ends(cells, base, stride, rays, low, high, first) if infinity else 0
            split_on = n_keep > 2 or (n_keep == 2 and ends)
            if split_on or rows.shape[1]:
                decide(cells, at, n_words, k, ranges, words)
            if split_on:
                if top == len(starts):
                    longer = np.empty(2 * top + 2, np.int64)
                    longer[:top] = starts
                    starts = longer
                starts[top] = free
                top += 1
                free = write_child(
                    cells, names, base, stride, slots + 1, rays, low, high, words, keep, n_keep, free
                )
                continue
            patterns = 1 if n_keep == 0 else 3
            if n_keep == 2:
                patterns = quadrants(cells, base, stride, rays, low, high, keep[0], keep[1], largest <= SMALL)
            found, n_rows = settle(
                patterns,
                words,
                cells[names + first],
                cells[names + keep[1]] if n_keep == 2 else 0,
                rows,
                n_rows,
            )
            n_cells += found
            if ends:
                n_unbounded += 1 if n_keep == 0 else (ends & 1) + (ends >> 1)
    return status, cells, starts, top, n_cells, n_unbounded, n_rows
