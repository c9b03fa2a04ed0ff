"""Proofs that a list of cells of a task is complete: the tree, and its slow, plainly correct producer.

The tree goes through the layers. At a node some forms have a sign; a switch of the current layer either cuts
the cells at the node (the node splits them), or it is a non-negative combination of signed forms above: by
Farkas' lemma there is one, and by Caratheodory's theorem one of independent forms. The certificate names
these forms only, and the checker solves for the multipliers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from exactnet.certificate.types import Integers
from exactnet.errors import InvariantError
from exactnet.exact import RationalMatrix, nullspace, primitive
from exactnet.exact.cone import conic_combination
from exactnet.geometry.layers import Form
from exactnet.geometry.reference import ReferenceCell, reference_cells
from exactnet.geometry.task import RegionTask, compose

__all__ = ["RegionTree", "circuit", "conic_basis", "partial_tree", "reference_tree"]

Signs = tuple[int, ...]
# the codes of the nodes (FORMAT.md, rule region_tree)
_SPLIT, _POSITIVE, _NEGATIVE, _CELL, _EMPTY, _OPEN = range(6)


@dataclass(frozen=True, eq=False)
class RegionTree:
    """The nodes of the record `region_tree` (FORMAT.md section 6), with their counts.

    Attributes
    ----------
    nodes : the flat list of nodes in pre-order; a tuple of int, or an array of int64.
    n_leaves : number of leaves that are cells (nodes of code 3).
    n_cells : number of distinct patterns among them; less than n_leaves only for maxout.
    n_open : number of leaves without a claim (nodes of code 5); then there are at least n_cells regions.
    """

    nodes: Integers
    n_leaves: int
    n_cells: int
    n_open: int = 0


def reference_tree(task: RegionTask, *, pattern: Callable[[Signs], Hashable] | None = None) -> RegionTree:
    """The tree over the cells of :func:`reference_cells`: the most even split first, plain integers only.

    Parameters
    ----------
    pattern : what identifies the activation region of a sign vector; if None, the sign vector itself.

    Returns
    -------
    RegionTree
        A domain without interior has one node, of code 4. Cost: one conic combination for each node of
        code 1 or 2, of forms as many as there are on the path.

    Raises
    ------
    InvariantError : a switch that cuts no cell of a node is not implied there; the list of cells is
        incomplete.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> reference_tree(arrangement_task([(1, 0), (1, -1)])).nodes
    (0, 0, 0, 1, 3, 2, 1, 3, 1, 2, 2, 1, 2, 0, 1, 3, -1, 1)
    """
    cells = list(reference_cells(task))
    if not cells:
        names = circuit(_fixed_forms(task))
        if names is None:
            raise InvariantError("a domain with interior has no cell", reproduction=repr(task))
        return RegionTree((_EMPTY, len(names), *names), 0, 0)
    return _tree(task, cells, pattern, _Growing(may_stop=False))


def partial_tree(
    task: RegionTask, signs: Iterable[Signs], *, pattern: Callable[[Signs], Hashable] | None = None
) -> RegionTree:
    """The tree over some cells of a task: a proof that there are at least so many.

    Parameters
    ----------
    signs : the sign vectors of the cells; if these are all cells, the tree is that of :func:`reference_tree`.
    pattern : as for :func:`reference_tree`.

    Returns
    -------
    RegionTree
        A side of a switch where no given cell lies is proved to be empty, or left open. Cost: as for
        :func:`reference_tree`, for the branches that lead to the cells.

    Raises
    ------
    InputError : a sign vector that belongs to no cell.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> partial_tree(arrangement_task([(1, 0), (1, -1)]), [(1, 1), (-1, -1)]).nodes
    (0, 0, 0, 1, 3, 2, 1, 5, 2, 1, 2, 0, 1, 3, -1, 1)
    """
    cells = list(reference_cells(task, only=signs))
    if not cells:
        return RegionTree((_OPEN,), 0, 0, 1)
    return _tree(task, cells, pattern, _Growing(may_stop=True))


class _Growing:
    """A tree under construction: its nodes, and the branches that come next, the last one first.

    None stands for a branch that is left open, which only a partial tree may have.
    """

    def __init__(self, *, may_stop: bool) -> None:
        self.may_stop = may_stop
        self.nodes: list[int] = []
        self.n_open = 0
        self.stack: list[_Region | None] = []

    def leave_open(self) -> None:
        """Write a leaf that claims nothing."""
        self.nodes.append(_OPEN)
        self.n_open += 1


def _tree(
    task: RegionTask,
    cells: list[ReferenceCell],
    pattern: Callable[[Signs], Hashable] | None,
    tree: _Growing,
) -> RegionTree:
    tree.stack.append(_Region(cells, -1, (), _fixed_forms(task), ()))
    while tree.stack:
        region = tree.stack.pop()
        if region is None:
            tree.leave_open()
            continue
        region = _settled(_next_stage(region, task), task, tree)
        if region.open:
            tree.stack += _split(region, task, tree.nodes)
        else:
            tree.nodes += (_CELL, *_interior_point(region.cells[0]))
    patterns = {pattern(cell.signs) for cell in cells} if pattern else cells
    return RegionTree(tuple(tree.nodes), len(cells), len(patterns), tree.n_open)


def _fixed_forms(task: RegionTask) -> tuple[tuple[int, Form], ...]:
    """Infinity and the domain, with their names; zero rows say nothing."""
    fixed = [(0, (0,) * task.dimension + (1,)), *enumerate(task.domain, start=1)]
    return tuple((j, form) for j, form in fixed if any(form))


class _Region(NamedTuple):
    """The cells below a node, and what is resolved there.

    `forms` are those of the layer's switches here, `above` the resolved non-zero forms with their names, each
    with the sign that makes it non-negative here, `open` the switches of the layer without a sign.
    """

    cells: list[ReferenceCell]
    layer: int
    forms: tuple[Form, ...]
    above: tuple[tuple[int, Form], ...]
    open: tuple[int, ...]


def _next_stage(region: _Region, task: RegionTask) -> _Region:
    """Go on to the first layer with switches that are not all zero here, if this one is done."""
    while not region.open and region.layer + 1 < len(task.layers):
        k = region.layer + 1
        forms = compose(task, k, region.cells[0].signs)
        still = tuple(i for i, form in enumerate(forms) if any(form))
        region = region._replace(layer=k, forms=forms, open=still)
    return region


def _settled(region: _Region, task: RegionTask, tree: _Growing) -> _Region:
    """Write a node for every open switch that has the same sign on all cells, layer after layer."""
    while region.open:
        offset = task.offsets[region.layer]
        for i in region.open:
            signs = {cell.signs[offset + i] for cell in region.cells}
            if len(signs) == 1:
                region = _implied(region, i, signs.pop(), task, tree)
        if region.open:
            break
        region = _next_stage(region, task)
    return region


def _implied(region: _Region, i: int, sign: int, task: RegionTask, tree: _Growing) -> _Region:
    """The region with switch i of its layer resolved: the other side is empty, or left open."""
    target = tuple([sign * x for x in region.forms[i]])
    names = conic_basis(region.above, target)
    switch = task.offsets[region.layer] + i
    if names is not None:
        tree.nodes += (_POSITIVE if sign > 0 else _NEGATIVE, switch, len(names), *names)
    elif not tree.may_stop:
        raise InvariantError(
            "the list of cells is incomplete",
            reproduction=f"{target} cuts the region of {region.above} in {task!r}",
        )
    elif sign > 0:
        tree.nodes += (_SPLIT, switch)
        tree.stack.append(None)
    else:
        tree.nodes += (_SPLIT, switch)
        tree.leave_open()
    return _resolved(region, i, target, task)


def _resolved(region: _Region, i: int, signed: Form, task: RegionTask) -> _Region:
    name = 1 + len(task.domain) + task.offsets[region.layer] + i
    still = tuple(j for j in region.open if j != i)
    return region._replace(above=(*region.above, (name, signed)), open=still)


def _split(region: _Region, task: RegionTask, nodes: list[int]) -> list[_Region]:
    """Both sides of the open switch that divides the cells most evenly, the negative one first."""
    offset = task.offsets[region.layer]

    def imbalance(i: int) -> int:
        return abs(sum(cell.signs[offset + i] for cell in region.cells))

    best = min(region.open, key=imbalance)
    nodes += (_SPLIT, offset + best)
    return [
        _resolved(
            region._replace(cells=[cell for cell in region.cells if cell.signs[offset + best] == sign]),
            best,
            tuple([sign * x for x in region.forms[best]]),
            task,
        )
        for sign in (-1, 1)
    ]


def _interior_point(cell: ReferenceCell) -> Form:
    return primitive([sum(column) for column in zip(*cell.rays, strict=True)])


# -- bases ---------------------------------------------------------------------------------------------


def conic_basis(forms: Sequence[tuple[int, Form]], target: Form) -> tuple[int, ...] | None:
    """Names of linearly independent forms whose cone contains the target, ascending; None if there are none.

    Parameters
    ----------
    forms : pairs (name, integer vector).
    target : a non-zero integer vector.

    Examples
    --------
    >>> conic_basis([(0, (1, 0)), (1, (1, 1)), (5, (0, 1))], (1, 2))
    (1, 5)
    """
    found = conic_combination([form for _, form in forms], target)
    if found is None:
        return None
    weights = {j: Fraction(m) for j, m in found[1].items()}
    while True:
        support = sorted(weights)
        columns = RationalMatrix.from_integers(
            [forms[j][1] for j in support], n_columns=len(target)
        ).transpose()
        relations = nullspace(columns).numerators
        if not relations:
            return tuple(sorted(forms[j][0] for j in support))
        # Caratheodory: move along a relation until the first weight vanishes
        relation = dict(zip(support, relations[0], strict=True))
        if all(c <= 0 for c in relation.values()):
            relation = {j: -c for j, c in relation.items()}
        step = min(weights[j] / c for j, c in relation.items() if c > 0)
        weights = {j: w for j in support if (w := weights[j] - step * relation[j])}


def circuit(forms: Sequence[tuple[int, Form]]) -> tuple[int, ...] | None:
    """Names of forms with one linear relation, all of whose coefficients are positive; None if there is none.

    Such forms are never all positive at once (Gordan's theorem: if non-zero forms are never all positive,
    some of them have such a relation).

    Examples
    --------
    >>> circuit([(0, (0, 1)), (1, (1, 0)), (2, (-1, -1))])
    (0, 1, 2)
    """
    for i, (name, form) in enumerate(forms):
        names = conic_basis([*forms[:i], *forms[i + 1 :]], tuple([-x for x in form]))
        if names is not None:
            return tuple(sorted((name, *names)))
    return None
