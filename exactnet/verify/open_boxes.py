"""What a tree leaves open: the boxes, and the share of the volume that is done with."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from exactnet.model.property import Property
from exactnet.verify.proofs import Tree

__all__ = ["Leaf", "OpenBox", "certified_share", "leaves", "open_boxes"]

Ends = tuple[int, ...]

_BISECT, _SPLIT, _REFINE, _CLOSE, _CLOSE_SOME, _EMPTY = range(6)


@dataclass(frozen=True)
class OpenBox:
    """A part of the input set about which nothing is known yet.

    Attributes
    ----------
    lower, upper : its ends.
    cases : the cases of the property that are open there.
    share : of the volume of the box of these cases; inputs with one value do not count.
    """

    lower: tuple[Fraction, ...]
    upper: tuple[Fraction, ...]
    cases: tuple[int, ...]
    share: Fraction


class Leaf(NamedTuple):
    """A leaf: its place in the nodes, its box on the grid, cases left, units split above or not, open."""

    position: int
    low: Ends
    high: Ends
    cases: tuple[int, ...]
    is_split: bool
    is_open: bool


def open_boxes(prop: Property, tree: Tree, grid: int) -> tuple[OpenBox, ...]:
    """The boxes of the open leaves of a tree; a box that is split by units below is open as a whole.

    The nodes are read for it, whatever `tree.is_complete` says.

    Examples
    --------
    >>> tree = Tree((0,), (0, 0, 5, 6), 2, False)
    >>> open_boxes(Property.from_box([0], [1], [[]]), tree, 10)
    (OpenBox(lower=(Fraction(1, 2),), upper=(Fraction(1, 1),), cases=(0,), share=Fraction(1, 2)),)
    """
    found: dict[tuple[Ends, Ends], Leaf] = {}
    for leaf in leaves(prop, tree, grid):
        if not leaf.is_open:
            continue
        known = found.get((leaf.low, leaf.high))
        cases = leaf.cases if known is None else tuple(sorted({*known.cases, *leaf.cases}))
        found[leaf.low, leaf.high] = leaf._replace(cases=cases)
    return tuple(_as_box(prop, leaf, grid) for leaf in found.values())


def _as_box(prop: Property, leaf: Leaf, grid: int) -> OpenBox:
    box, unit = prop.cases[leaf.cases[0]], 2**grid
    lower = tuple(max(Fraction(a, unit), b) for a, b in zip(leaf.low, box.lower, strict=True))
    upper = tuple(min(Fraction(a, unit), b) for a, b in zip(leaf.high, box.upper, strict=True))
    share = Fraction(1)
    for low, high, first, last in zip(lower, upper, box.lower, box.upper, strict=True):
        if low > high:
            share = Fraction(0)
        elif first < last:
            share *= (high - low) / (last - first)
    return OpenBox(lower, upper, leaf.cases, share)


def leaves(prop: Property, tree: Tree, grid: int) -> Iterator[Leaf]:
    """The leaves of a tree, in the order of its nodes."""
    box, unit = prop.cases[tree.cases[0]], 2**grid
    low = tuple(math.floor(q * unit) for q in box.lower)
    high = tuple(math.ceil(q * unit) for q in box.upper)
    todo = [Leaf(0, low, high, tree.cases, False, False)]
    position = 0
    while todo:
        node = todo.pop()
        position, cases = _before_the_end(prop, tree.nodes, position, node.cases)
        node = node._replace(cases=cases)
        code = tree.nodes[position]
        if code == _BISECT:
            i = tree.nodes[position + 1]
            middle = (node.low[i] + node.high[i]) >> 1
            position += 2
            todo.append(node._replace(low=_with(node.low, i, middle)))
            todo.append(node._replace(high=_with(node.high, i, middle)))
        elif code == _SPLIT:
            position += 3
            todo += [node._replace(is_split=True)] * 2
        else:
            yield node._replace(position=position, is_open=code not in (_CLOSE, _EMPTY))
            position += 1
            if code == _CLOSE:
                position = _behind_proofs(prop, tree.nodes, position, cases)


def _with(values: tuple[int, ...], i: int, value: int) -> tuple[int, ...]:
    return (*values[:i], value, *values[i + 1 :])


def _before_the_end(
    prop: Property, nodes: Sequence[int], position: int, cases: tuple[int, ...]
) -> tuple[int, tuple[int, ...]]:
    """Skip the codes after which a node goes on: refinements, and closed cases."""
    while nodes[position] in (_REFINE, _CLOSE_SOME):
        if nodes[position] == _REFINE:
            position += 1
            continue
        n = nodes[position + 1]
        closed = tuple(nodes[position + 2 : position + 2 + n])
        position = _behind_proofs(prop, nodes, position + 2 + n, closed)
        cases = tuple(case for case in cases if case not in closed)
    return position, cases


def _behind_proofs(prop: Property, nodes: Sequence[int], position: int, cases: tuple[int, ...]) -> int:
    for case in cases:
        position = _behind_proof(nodes, position, len(prop.cases[case].rows))
    return position


def _behind_proof(nodes: Sequence[int], position: int, n_rows: int) -> int:
    kind = nodes[position]
    position += 1
    if kind >= 0:
        return position
    position += n_rows
    if kind == -1:
        position += 2 + 2 * nodes[position + 1]
    n_betas = nodes[position]
    return position + 1 + (1 + 2 * n_betas if kind == -1 and n_betas else 2 * n_betas)


def certified_share(prop: Property, trees: Sequence[Tree], grid: int) -> Fraction:
    """The share of the volume on which all cases are refuted; the mean over the different boxes.

    Examples
    --------
    >>> tree = Tree((0,), (0, 0, 5, 6), 2, False)
    >>> certified_share(Property.from_box([0], [1], [[]]), [tree], 10)
    Fraction(1, 2)
    """
    boxes = {(case.lower, case.upper): Fraction(0) for case in prop.cases if not case.is_empty}
    if not boxes:
        return Fraction(1)
    missing: dict[object, set[int]] = {box: set() for box in boxes}
    for i, case in enumerate(prop.cases):
        if not case.is_empty:
            missing[case.lower, case.upper].add(i)
    for tree in trees:
        first = prop.cases[tree.cases[0]]
        box = (first.lower, first.upper)
        if box in boxes:
            missing[box] -= set(tree.cases)
            boxes[box] += sum((part.share for part in open_boxes(prop, tree, grid)), Fraction(0))
    done = sum(max(Fraction(0), 1 - lost) for box, lost in boxes.items() if not missing[box])
    return Fraction(done) / len(boxes)
