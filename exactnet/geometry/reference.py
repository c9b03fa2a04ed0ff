"""All cells of a task, one after the other, in plain Python integers: slow, exact, and the judge of the rest.

Depth first: a simplicial start cone between D = d+1 independent forms, then the remaining rows of the domain
as cuts, then the switches as splits, layer after layer; behind each layer the forms of the next one are
composed for the cell at hand. Where skip connections let a later layer see more of the inputs than the first
one, the start cones contain lines, which later switches cut (:mod:`exactnet.geometry.lines`). A cell that is
not split by a switch knows its sign from its rays, so the tree has no dead ends apart from the start cones,
and the memory is that of one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from exactnet.errors import InputError
from exactnet.exact import RationalMatrix, independent_rows
from exactnet.geometry.double_description import Cone, side, simplicial_cone, split
from exactnet.geometry.layers import Form, identity_map, post_activation, pre_activation, switch_forms
from exactnet.geometry.lines import Lines, cone_with_lines, split_by_line, vanishes_on
from exactnet.geometry.reduction import Reduction, reduce_task
from exactnet.geometry.task import RegionTask

__all__ = ["Node", "ReferenceCell", "reference_cells"]

Signs = tuple[int, ...]


@dataclass(frozen=True)
class ReferenceCell:
    """One full-dimensional cell.

    Attributes
    ----------
    signs : +1 or -1 for every switch, layer after layer.
    rays : extreme rays of the cone over the cell, primitive integers (x_1..x_d, w), w >= 0. The cell is that
        cone at w = 1, plus the lineality space of the task (`reduce_task(task).lineality`).
    tight : for each ray the names of the forms that vanish there, as a bit set: bit 0 for infinity, then one
        for each row of the domain, then one for each switch. Every form that bounds the cell is among them.
    forms : the primitive forms of all switches on this cell, a tuple for each layer.
    """

    signs: Signs
    rays: tuple[Form, ...]
    tight: tuple[int, ...]
    forms: tuple[tuple[Form, ...], ...]


class Node(NamedTuple):
    """A cone with signs for all switches of `layer` so far (0: open), and all those of the layers before."""

    cone: Cone
    layer: int
    pre: RationalMatrix
    forms: tuple[tuple[Form, ...], ...]
    before: Signs
    here: Signs
    wanted: frozenset[Signs] | None
    lines: Lines = ()

    @property
    def signs(self) -> Signs:
        """The signs so far, of the layers that have been reached; 0 where nothing is decided."""
        return self.before + self.here


def reference_cells(
    task: RegionTask, *, only: Iterable[Signs] | None = None, still_open: list[Node] | None = None
) -> Iterator[ReferenceCell]:
    """Every cell exactly once; a domain without interior has none.

    Parameters
    ----------
    only : sign vectors; then just their cells, at the cost of the branches that lead to them.
    still_open : an empty list that always holds what is not done yet, the next part at its end; a caller that
        stops can read from `Node.signs` where to go on.

    Raises
    ------
    InputError : a sign vector in `only` that belongs to no cell (after those that do).

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> [cell.signs for cell in reference_cells(arrangement_task([(1, 0), (1, -1)]))]
    [(1, 1), (1, -1), (-1, -1)]
    """
    wanted = None if only is None else frozenset(map(tuple, only))
    missing = set(wanted or ())
    reduction = reduce_task(task)
    stack = [] if still_open is None else still_open
    stack += list(_start_nodes(reduction.reduced, wanted))[::-1]
    while stack:
        node = _settled(stack.pop(), reduction.reduced)
        if node.wanted is not None and not node.wanted:
            continue
        if 0 in node.here:
            stack += _split(node, reduction.reduced)
        elif node.layer + 1 < len(task.layers):
            stack.append(_next_layer(node, reduction.reduced))
        else:
            cell = _cell(node, reduction)
            missing.discard(cell.signs)
            yield cell
    if missing:
        raise InputError(
            "no cell has this sign vector",
            where="only",
            got=str(min(missing)),
            expected=f"{task.n_switches} signs, +1 or -1, of a full-dimensional cell in the domain",
        )


def _start_nodes(task: RegionTask, wanted: frozenset[Signs] | None) -> Iterator[Node]:
    """The cones between D independent forms (infinity first, then the domain), inside the domain.

    If there are fewer, as may be in front of skip connections, the cones contain lines.

    The switches among these forms take both signs, so k of them give 2^k cones.
    """
    infinity = (0,) * task.dimension + (1,)
    pre = identity_map(task.dimension)
    forms: tuple[Form, ...] = ()
    if task.layers:
        pre = pre_activation(task.layers[0], pre)
        forms = switch_forms(task.layers[0], pre)
    rows = [infinity, *task.domain, *forms]
    basis = independent_rows(rows)
    n_fixed = 1 + len(task.domain)
    free = [name for name in basis if name >= n_fixed]
    for choice in product((1, -1), repeat=len(free)):
        signs = (1,) * (len(basis) - len(free)) + choice
        chosen = [rows[name] for name in basis]
        cone: Cone | None
        lines: Lines = ()
        if len(basis) > task.dimension:
            cone = simplicial_cone(chosen, basis, signs)
        else:
            cone, lines = cone_with_lines(chosen, basis, signs)
        for name in range(n_fixed):
            if cone is not None and name not in basis and any(rows[name]):
                cone = split(cone, rows[name], name)[0]
        if cone is not None:
            here = [0] * len(forms)
            for name, sign in zip(free, choice, strict=True):
                here[name - n_fixed] = sign
            yield Node(cone, 0, pre, (forms,), (), tuple(here), wanted, lines)


def _settled(node: Node, task: RegionTask) -> Node:
    """The node with a sign for every switch that does not cut its cone; all-zero forms are inactive."""
    here = [
        sign or (side(node.cone, form) if vanishes_on(node.lines, form) else 0)
        for sign, form in zip(node.here, node.forms[-1], strict=True)
    ]
    wanted = node.wanted
    if wanted is not None:
        start = len(node.before)
        known = [(start + j, sign) for j, sign in enumerate(here) if sign]
        end = start + len(here)
        wanted = frozenset(
            signs
            for signs in wanted
            if len(signs) == task.n_switches >= end and all(signs[k] == sign for k, sign in known)
        )
    return node._replace(here=tuple(here), wanted=wanted)


def _split(node: Node, task: RegionTask) -> list[Node]:
    """Both sides of the first open switch; the positive one comes off the stack first."""
    j = node.here.index(0)
    name = 1 + len(task.domain) + len(node.before) + j
    form, lines = node.forms[-1][j], node.lines
    positive: Cone | None
    negative: Cone | None
    if vanishes_on(lines, form):
        positive, negative = split(node.cone, form, name)
    else:
        positive, negative, lines = split_by_line(node.cone, lines, form, name)
    return [
        node._replace(cone=part, here=(*node.here[:j], sign, *node.here[j + 1 :]), lines=lines)
        for part, sign in ((negative, -1), (positive, 1))
        if part is not None
    ]


def _next_layer(node: Node, task: RegionTask) -> Node:
    hidden = post_activation(task.layers[node.layer], node.pre, node.here)
    k = node.layer + 1
    pre = pre_activation(task.layers[k], hidden)
    forms = switch_forms(task.layers[k], pre)
    return Node(
        node.cone,
        k,
        pre,
        (*node.forms, forms),
        node.before + node.here,
        (0,) * len(forms),
        node.wanted,
        node.lines,
    )


def _cell(node: Node, reduction: Reduction) -> ReferenceCell:
    rays, forms = node.cone.rays, node.forms[: len(reduction.task.layers)]
    if reduction.lineality:
        rays = tuple(reduction.lift(ray) for ray in rays)
        forms = tuple(tuple(reduction.lift_form(form) for form in layer) for layer in forms)
    return ReferenceCell(node.before + node.here, rays, node.cone.tight, forms)
