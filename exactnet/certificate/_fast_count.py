"""The rule `count` of the second checker, for region trees: deletion and restriction (FORMAT.md)."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Any

import numpy as np

from exactnet.certificate._fast_exact import ExactForms
from exactnet.certificate._fast_read import Network, Refused, Tree

__all__ = ["central_cells", "check_count", "is_countable"]

Vector = tuple[int, ...]


def is_countable(record: dict[str, Any], trees: Iterable[str]) -> bool:
    """Whether a record `count` is about a region tree; if it is about something else, it is not ours."""
    return set(record) == {"step", "rule", "id", "cells"} and record["cells"] in trees


def check_count(network: Network, tree: Tree) -> None:
    """Count the cells of the cone over the arrangement: they come in opposite pairs.

    Raises
    ------
    Refused : more than one stage, a domain, or another number.
    """
    kinds = [layer.pieces - 1 or 1 for layer in network.layers if layer.activation != "identity"]
    if sum(kinds) > 1 or any(any(row) for row in tree.domain):
        raise Refused("a count needs a network with at most one stage of switches, and no domain")
    exact = ExactForms(network, tree)
    exact.at(np.zeros(exact.first[-1], dtype=np.int64))
    base = 1 + len(tree.domain)
    forms = [exact.form(j) for j in (0, *range(base, base + exact.first[-1]))]
    found = central_cells(forms, most=2 * tree.n_cells)
    if found != 2 * tree.n_cells:
        raise Refused(f"deletion and restriction do not find {str(tree.n_cells)[:40]} cells")


def central_cells(forms: Iterable[Vector], *, most: int) -> int | None:
    """Cells of the central arrangement of these forms, zero and parallel ones allowed; None if above `most`.

    Adding the hyperplanes one after the other, each one cuts as many cells as its own restriction of the
    ones before has (Zaslavsky 1975).

    Examples
    --------
    >>> central_cells([(1, 0), (0, 1), (1, 1), (2, 2), (0, 0)], most=6)
    6
    """
    total = 0
    todo = [_distinct(forms)]
    while todo:
        arrangement = todo.pop()
        total += 1
        for k, wall in enumerate(arrangement):
            p = next(p for p, x in enumerate(wall) if x)
            restricted = _distinct([_on_wall(form, wall, p) for form in arrangement[:k]])
            if len(wall) == 3:
                # n lines through the origin of a plane
                total += 2 * len(restricted) or 1
            else:
                todo.append(restricted)
        # every arrangement that waits has at least one cell
        if total + len(todo) > most:
            return None
    return total


def _on_wall(form: Vector, wall: Vector, p: int) -> Vector:
    """The form where wall.u = 0, without coordinate p."""
    values = [wall[p] * x - form[p] * y for x, y in zip(form, wall, strict=True)]
    return tuple(values[:p] + values[p + 1 :])


def _distinct(forms: Iterable[Vector]) -> list[Vector]:
    """One form of each hyperplane."""
    found: dict[Vector, None] = {}
    for form in forms:
        divisor = gcd(*form)
        if divisor:
            if next(x for x in form if x) < 0:
                divisor = -divisor
            found[tuple([x // divisor for x in form])] = None
    return list(found)
