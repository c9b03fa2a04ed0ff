"""The number of cells of a central arrangement by deletion and restriction (FORMAT.md sections 3 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from exactnet.checker.cells import Cells, Form, direction
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.network import first_state
from exactnet.checker.read import reject, show
from exactnet.checker.regions import RegionTree
from exactnet.checker.words import plural

__all__ = ["Count", "check_count", "count_cells"]


@dataclass(frozen=True)
class Count(Fact):
    """The number of cells, found without the tree."""

    rule: ClassVar[str] = "count"
    cells: Cells | RegionTree

    def conclusion(self) -> str:
        """State the count."""
        if isinstance(self.cells, Cells):
            what = f"{self.cells.arrangement.problem.id} has exactly "
            unit, where = "activation pattern", " off the walls"
        else:
            what = f"{self.cells.network.id} has exactly "
            unit, where = "activation region", ""
        return f"{what}{plural(self.cells.n_cells, unit)}{where} (deletion and restriction)"

    def about(self) -> str:
        """Describe the problem or the network."""
        return self.cells.about()


def check_count(record: dict[str, object], name: str, known: Known) -> Count:
    """Rule `count`."""
    cells = look_up(known, record, "cells", Fact)
    if isinstance(cells, Cells):
        counted = count_cells(cells.arrangement.forms, limit=cells.n_cells)
    elif isinstance(cells, RegionTree):
        cells.require_complete()
        # the cells of the cone over the arrangement come in opposite pairs
        doubled = count_cells(_cone_over(cells), limit=2 * cells.n_cells)
        counted = None if doubled is None else doubled // 2
    else:
        reject(f"cells names {show(cells.id)}, which is of rule {cells.rule}")
    if counted != cells.n_cells:
        found = f"{counted} cells" if counted is not None else f"more than {plural(cells.n_cells, 'cell')}"
        reject(f"deletion and restriction find {found}, and the tree {cells.id} has {cells.n_cells}")
    return Count(name, cells)


def _cone_over(tree: RegionTree) -> list[Form]:
    """The distinct directions of all switches of the one stage, and infinity."""
    if len(tree.network.stages) > 1 or any(any(row) for row in tree.domain):
        reject("a count needs a network with at most one stage of switches, and no domain")
    state = first_state(tree.network)
    forms = [form for form in state.forms if form is not None] if state else []
    infinity = (0,) * tree.network.n_inputs + (1,)
    return list(dict.fromkeys(map(direction, [infinity, *forms])))


def count_cells(forms: Sequence[Form], *, limit: int) -> int | None:
    """Count the full-dimensional cells of the central arrangement of these forms, or None if above `limit`.

    Deleting the hyperplanes one after the other gives r(A) = 1 + sum over k of r(the first k, restricted to
    hyperplane k); each restriction has one dimension less. An explicit stack holds the arrangements still
    to be counted; each of them has at least one cell, which is what makes the limit a limit on the work.

    Parameters
    ----------
    forms : non-zero integer vectors of one length, no two parallel.

    Examples
    --------
    >>> count_cells([(1, 0), (0, 1), (1, 1)], limit=100)
    6
    >>> count_cells([(1, 0, 0), (0, 1, 0), (0, 0, 1)], limit=7) is None
    True
    """
    total = 0
    waiting: list[Sequence[Form]] = [forms]
    while waiting:
        arrangement = waiting.pop()
        n = len(arrangement)
        if n <= 1 or len(arrangement[0]) == 2:
            total += 2 * n if n else 1  # n distinct lines through the origin of a plane: 2n sectors
        else:
            total += 1
            waiting.extend(_restrict(arrangement[:k], arrangement[k]) for k in range(n))
        if total + len(waiting) > limit:
            return None
    return total


def _restrict(forms: Sequence[Form], wall: Form) -> list[Form]:
    """The forms on the hyperplane wall.u = 0, one coordinate eliminated, parallel ones merged."""
    p = min((p for p, x in enumerate(wall) if x), key=lambda p: abs(wall[p]))
    pivot, rest = wall[p], wall[:p] + wall[p + 1 :]
    merged = {
        direction(tuple(pivot * x - form[p] * h for x, h in zip(form[:p] + form[p + 1 :], rest, strict=True)))
        for form in forms
    }
    return list(merged)
