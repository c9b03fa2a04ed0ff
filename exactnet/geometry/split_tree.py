"""A proof that a list of cells is complete: a tree of splits whose missing branches carry Farkas multipliers.

At each node some forms have a sign. A form that still cuts the region splits it in two; a form that does
not is settled by writing it as a non-negative combination of the forms resolved above. Splitting by the
form that divides the cells most evenly settles most forms high in the tree, for all cells below at once:
about one Farkas proof a cell, against n in a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import ArrangementRecord, CountRecord, Node, SplitTreeRecord
from exactnet.errors import InvariantError
from exactnet.exact.cone import conic_combination
from exactnet.geometry.arrangement import CellTable

__all__ = ["cell_records", "split_tree"]

Progress = Callable[[str, int, int | None], None]


def split_tree(
    table: CellTable, *, progress: Progress | None = None
) -> tuple[tuple[Node, ...], NDArray[np.int64]]:
    """Nodes of the tree in pre-order, and the listed cell of each leaf in leaf order.

    The nodes are those of the certificate format (`checker/FORMAT.md`, rule `split_tree`).

    Raises
    ------
    InvariantError : a form that cuts no listed cell is not implied by the forms above, that is, the
        list of cells is incomplete.

    Examples
    --------
    >>> from exactnet.geometry.arrangement import central_arrangement, enumerate_cells
    >>> nodes, order = split_tree(enumerate_cells(central_arrangement([(1, 0)])))
    >>> nodes
    (('split', 0), ('cell', (1, 0)), ('mirror',))
    """
    forms = table.arrangement.forms
    if not forms:
        return (("cell", table.witnesses[0]),), np.zeros(1, dtype=np.int64)
    nodes: list[Node] = [("split", 0)]
    order: list[int] = []
    # an entry is a node still to be written: its cells, its unresolved forms, the signed split forms above
    everything = np.arange(len(table.signs))
    root_path = ((0, 1),)
    stack: list[tuple[NDArray[np.int64], NDArray[np.int64], tuple[tuple[int, int], ...]]] = [
        (everything, np.arange(1, len(forms)), root_path)
    ]
    while stack:
        cells, open_forms, path = stack.pop()
        open_forms = _settle(table, cells, open_forms, path, nodes)
        if not len(open_forms):
            nodes.append(("cell", table.witnesses[cells[0]]))
            order.append(int(cells[0]))
            if progress and len(order) % 500 == 0:
                progress("proof of completeness", len(order), len(table.signs))
            continue
        positive = table.signs[np.ix_(cells, open_forms)] > 0
        share = positive.sum(axis=0)
        best = int(np.argmin(np.abs(2 * share - len(cells))))
        k = int(open_forms[best])
        nodes.append(("split", k))
        rest = np.delete(open_forms, best)
        above = positive[:, best]
        # last in, first out: the positive child is written first
        stack.append((cells[~above], rest, (*path, (k, -1))))
        stack.append((cells[above], rest, (*path, (k, 1))))
    nodes.append(("mirror",))
    return tuple(nodes), np.array(order, dtype=np.int64)


def _settle(
    table: CellTable,
    cells: NDArray[np.int64],
    open_forms: NDArray[np.int64],
    path: tuple[tuple[int, int], ...],
    nodes: list[Node],
) -> NDArray[np.int64]:
    """Write a Farkas node for every form that cuts none of these cells; return the others."""
    if not len(open_forms):
        return open_forms
    signs = table.signs[np.ix_(cells, open_forms)]
    first = signs[0]
    constant = (signs == first).all(axis=0)
    if not constant.any():
        return open_forms
    forms = table.arrangement.forms
    generators = [forms[k] if s > 0 else tuple(-x for x in forms[k]) for k, s in path]
    for column in np.flatnonzero(constant):
        k, s = int(open_forms[column]), int(first[column])
        target = forms[k] if s > 0 else tuple(-x for x in forms[k])
        found = conic_combination(generators, target)
        if found is None:
            raise InvariantError(
                "the list of cells is incomplete",
                reproduction=f"form {k} with sign {-s} cuts the region {path!r} of forms={forms!r}",
            )
        c, weights = found
        pairs = tuple(sorted((path[j][0], m) for j, m in weights.items()))
        nodes.append(("farkas", k, s, c, pairs))
    left: NDArray[np.int64] = open_forms[~constant]
    return left


def cell_records(
    table: CellTable, *, problem: str = "problem", progress: Progress | None = None
) -> tuple[tuple[ArrangementRecord, SplitTreeRecord, CountRecord], NDArray[np.int64]]:
    """The certificate records "these are all activation patterns", and the cell of each leaf."""
    nodes, order = split_tree(table, progress=progress)
    records = (
        ArrangementRecord("arrangement", problem, table.arrangement.forms, table.arrangement.rows),
        SplitTreeRecord("cells", "arrangement", table.n_cells, nodes),
        CountRecord("count", "cells"),
    )
    return records, order
