"""All cells of a hyperplane arrangement by depth-first double description in integers, plain and compiled.

An `OpenCell` is a full-dimensional pointed cone in D dimensions, given by the values of the forms that still
cut it (the *candidates*) on its extreme rays; coordinates are not needed. `split_cell` cuts it with its
first candidate: the rays fall on two sides, every edge that is cut gives one new ray whose values are the
combination of those of its ends, and a candidate that no longer takes both signs on a side is decided there
and dropped. A cell without candidates is a cell of the arrangement (Motzkin, Raiffa, Thompson and Thrall
1953; the walk over cells is depth first, so memory does not grow with their number).

Every candidate takes both signs, hence every split gives two cells, and a tree of N leaves has N - 1 splits,
whatever the order. What the order changes is how many of them have to be carried out: with at most two
candidates left the cells are counted from the values alone.

`advance` is the one entry. Its plain twin works with Python integers of any size; the compiled one (numba)
with 64 bits. A cell with values above 2^62, or with more than 62 facets, is handed to the plain twin, which
splits it once and hands the children back as soon as they fit. Nothing is rounded and nothing can wrap.

Examples
--------
>>> square = open_cell([(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, -1)], tight=(6, 5, 3), names=(0, 1, 2, 3))
>>> square.names, square.decided
((3,), 7)
>>> done = advance([square], dimension=3, n_forms=4, with_signs=True, compiled=False)
>>> done.n_cells, done.signs.tolist()
(2, [[7], [15]])
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import gcd
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Advance", "OpenCell", "advance", "as_open_cell", "open_cell", "split_cell"]

Ray = tuple[int, ...]
Words = NDArray[np.uint64]
Record = NDArray[np.int64]

# a stack of cells this short is finished before numba has been imported
_PLAIN_CELLS = 512
_LARGEST = 2**62 - 1
_MOST_SLOTS = 60
_WITHOUT_LIMIT = 2**62
_BLOCK = 2**16


class OpenCell(NamedTuple):
    """A cone and the forms that still cut it.

    Attributes
    ----------
    names : the candidates, as indices of forms; each takes both signs on the rays.
    values : for each extreme ray the values of the candidates, up to a positive factor a ray.
    tight : for each extreme ray a bit set of *slots*: one slot a form that bounds the cone, set where the
        form vanishes. Slot 0 is the plane at infinity where there is one.
    decided : bit set of the forms known to be positive; those neither here nor in `names` are negative.
    """

    names: tuple[int, ...]
    values: tuple[Ray, ...]
    tight: tuple[int, ...]
    decided: int


class Advance(NamedTuple):
    """What `advance` has found.

    Attributes
    ----------
    n_cells, n_unbounded : cells found, and those among them that touch slot 0 (0 unless asked for).
    signs : (n_cells, n_words) uint64 or None: bit j % 64 of word j // 64 says that form j is positive.
    open : the cells that are left, for another call or for `as_open_cell`.
    n_plain : how many splits the compiled twin has handed to big integers.
    """

    n_cells: int
    n_unbounded: int
    signs: Words | None
    open: tuple[Any, ...]
    n_plain: int


# -- the plain twin ------------------------------------------------------------------------------------


def open_cell(
    rays: Sequence[Sequence[int]], *, tight: Sequence[int], names: Sequence[int], decided: int = 0
) -> OpenCell:
    """The cell whose forms `names` have the given values on the rays (n_rays x n_names, integers).

    Forms that do not take both signs are decided at once; a form that is zero on all rays is not positive.
    """
    n_names = len(names)
    above, below = [False] * n_names, [False] * n_names
    for ray in rays:
        for j, value in enumerate(ray):
            if value > 0:
                above[j] = True
            elif value < 0:
                below[j] = True
    keep = [j for j in range(n_names) if above[j] and below[j]]
    for j in range(n_names):
        if above[j] and not below[j]:
            decided |= 1 << names[j]
    values = tuple(_reduced([ray[j] for j in keep]) for ray in rays)
    return OpenCell(tuple([names[j] for j in keep]), values, tuple(tight), decided)


def _reduced(values: list[int]) -> Ray:
    divisor = gcd(*values)
    return tuple(values) if divisor < 2 else tuple([value // divisor for value in values])


def split_cell(cell: OpenCell, dimension: int) -> tuple[OpenCell, OpenCell]:
    """The two sides (positive, negative) of the first candidate.

    Examples
    --------
    >>> quadrant = open_cell([(1, 2), (-1, -1)], tight=(2, 1), names=(7, 8))
    >>> positive, negative = split_cell(quadrant, 2)
    >>> positive.names, positive.decided == 1 << 7 | 1 << 8, negative.names, negative.values
    ((), True, (8,), ((-1,), (1,)))
    """
    rest = cell.names[1:]
    slot = 1 << max(cell.tight).bit_length()
    above, below = [], []
    wall: list[tuple[Sequence[int], int]] = []
    for r, ray in enumerate(cell.values):
        if ray[0] > 0:
            above.append(r)
        elif ray[0] < 0:
            below.append(r)
        else:
            wall.append((ray[1:], cell.tight[r] | slot))
    for p in above:
        for q in below:
            if _adjacent(cell.tight, p, q, dimension):
                up, down = cell.values[p], cell.values[q]
                between = [up[0] * y - down[0] * x for x, y in zip(up[1:], down[1:], strict=True)]
                wall.append((between, cell.tight[p] & cell.tight[q] | slot))
    children = []
    for group, positive in ((above, True), (below, False)):
        rays = [(cell.values[r][1:], cell.tight[r]) for r in group] + wall
        children.append(
            open_cell(
                [ray for ray, _ in rays],
                tight=[tight for _, tight in rays],
                names=rest,
                decided=cell.decided | (1 << cell.names[0] if positive else 0),
            )
        )
    return children[0], children[1]


def _adjacent(tight: Sequence[int], p: int, q: int, dimension: int) -> bool:
    """Whether two rays span an edge: no third ray lies on all forms that both lie on."""
    common = tight[p] & tight[q]
    if common.bit_count() < dimension - 2:
        return False
    # D - 1 tight forms of a ray are independent, hence D - 2 of them leave two dimensions
    if dimension - 1 in (tight[p].bit_count(), tight[q].bit_count()):
        return True
    return not any(common & other == common for r, other in enumerate(tight) if r not in (p, q))


# -- the entry -----------------------------------------------------------------------------------------


def advance(
    cells: Sequence[Any],
    *,
    dimension: int,
    n_forms: int,
    budget: int = _WITHOUT_LIMIT,
    with_signs: bool = False,
    infinity: bool = False,
    compiled: bool | None = None,
) -> Advance:
    """Split open cells, the last first, until all are done or about `budget` cells have been found.

    Parameters
    ----------
    cells : of `open_cell`, or what an earlier call left open.
    dimension : D, of the cones.
    n_forms : the names are below this number.
    budget : stop at the first chance after so many cells (at most 7 more are found).
    with_signs : whether the sign vectors are wanted or only their number.
    infinity : slot 0 is the plane at infinity, and the cells that touch it are counted as unbounded.
    compiled : force one of the twins; by default the compiled one where there is much to do.
    """
    stack = list(cells)
    n_words = _n_words(n_forms)
    n_cells = n_unbounded = n_plain = 0
    tables: list[Words] = []
    leaves: list[int] = []
    while stack and n_cells < budget:
        large = n_cells >= _PLAIN_CELLS or not isinstance(stack[-1], OpenCell)
        loops = _loops() if compiled or (compiled is None and large) else None
        records = _take_records(stack, dimension, n_words) if loops is not None else []
        if loops is not None and records:
            left = budget - n_cells
            block = min(left, _BLOCK) if with_signs else left
            rows = np.empty((block + loops.ROOM, n_words) if with_signs else (0, 0), dtype=np.int64)
            starts = np.cumsum([0] + [len(record) for record in records[:-1]])
            status, array, starts, top, found, unbounded, n_rows = loops.run(
                np.concatenate(records),
                starts,
                len(starts),
                dimension,
                n_words,
                n_forms,
                infinity,
                block,
                rows,
            )
            n_cells += found
            n_unbounded += unbounded
            tables.append(rows[:n_rows].copy().view(np.uint64))
            stack.extend(array[at : at + array[at + 3]].copy() for at in starts[:top])
            if status in (loops.DONE, loops.PAUSED):
                continue
        # the cell on top is for big integers: one split, and the children may fit again
        cell = as_open_cell(stack.pop(), n_forms)
        if cell.names:
            stack.extend(split_cell(cell, dimension))
            n_plain += loops is not None
        else:
            n_cells += 1
            n_unbounded += infinity and any(tight & 1 for tight in cell.tight)
            leaves.append(cell.decided)
    signs = np.concatenate([*tables, _words(leaves, n_words)]) if with_signs else None
    return Advance(n_cells, n_unbounded, signs, tuple(stack), n_plain)


def as_open_cell(item: OpenCell | Record, n_forms: int) -> OpenCell:
    """What `advance` left open, readable.

    Examples
    --------
    >>> cell = open_cell([(1,), (-1,)], tight=(2, 1), names=(0,))
    >>> as_open_cell(cell, 1) == cell
    True
    """
    if isinstance(item, OpenCell):
        return item
    k, n_rays = int(item[0]), int(item[1])
    at = 4 + _n_words(n_forms)
    words = item[4:at].astype(np.int64).view(np.uint64)
    decided = sum(int(word) << (64 * w) for w, word in enumerate(words))
    rays = item[at + k :].reshape(n_rays, k + 2).tolist()
    return OpenCell(
        tuple(item[at : at + k].tolist()),
        tuple(tuple(ray[2:]) for ray in rays),
        tuple(ray[0] for ray in rays),
        decided,
    )


# -- records of the compiled twin ----------------------------------------------------------------------


def _n_words(n_forms: int) -> int:
    return max(1, -(-n_forms // 64))


def _words(bits: Sequence[int], n_words: int) -> Words:
    """Bit sets as rows of 64-bit words, the low one first."""
    raw = b"".join(b.to_bytes(8 * n_words, "little") for b in bits)
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64).reshape(len(bits), n_words)


def _take_records(stack: list[Any], dimension: int, n_words: int) -> list[Record]:
    """Pop the cells on top of the stack that fit into 64 bits, as records in the order of the stack."""
    records: list[Record] = []
    while stack:
        record = stack[-1]
        if isinstance(record, OpenCell):
            record = _record(record, dimension, n_words)
        if record is None:
            break
        records.append(record)
        stack.pop()
    return records[::-1]


def _record(cell: OpenCell, dimension: int, n_words: int) -> Record | None:
    """The record of a cell that is still cut, or None if it does not fit."""
    if not cell.names:
        return None
    sizes = [max(map(abs, ray)) for ray in cell.values]
    if max(sizes) > _LARGEST:
        return None
    tight, n_slots = _renumbered(cell.tight, dimension)
    if n_slots > _MOST_SLOTS:
        return None
    body = np.array(
        [(t, size, *ray) for t, size, ray in zip(tight, sizes, cell.values, strict=True)], dtype=np.int64
    )
    words = _words([cell.decided], n_words)[0].view(np.int64)
    length = 4 + n_words + len(cell.names) + body.size
    head = np.array([len(cell.names), len(cell.values), n_slots, length], dtype=np.int64)
    return np.concatenate([head, words, np.array(cell.names, dtype=np.int64), body.ravel()])


def _renumbered(tight: Sequence[int], dimension: int) -> tuple[Sequence[int], int]:
    """Tight sets without the slots of forms that are no facets, and the number of slots."""
    n_slots = max(tight).bit_length()
    if n_slots <= _MOST_SLOTS // 2:
        return tight, n_slots
    kept = [
        slot for slot in range(n_slots) if slot == 0 or sum(t >> slot & 1 for t in tight) >= dimension - 1
    ]
    return [sum((t >> slot & 1) << new for new, slot in enumerate(kept)) for t in tight], len(kept)


@functools.cache
def _loops() -> ModuleType | None:
    """The compiled loops, imported on first use; None without numba."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return None
    from exactnet.kernels import _integer_loops

    return _integer_loops
