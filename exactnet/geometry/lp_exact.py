"""The sign tree in exact arithmetic, for what :mod:`exactnet.kernels.lp_tree` cannot decide.

A region is the cone {v : g.v >= 0 for its rows g}, with an integer point inside all of them. For an open
switch the point is on one side; the other side has a point too, or the form is a non-negative combination of
the rows (Farkas). Both come out of exact linear programs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import NamedTuple

from exactnet.errors import InputError, InvariantError
from exactnet.exact import (
    LinearSystem,
    RationalMatrix,
    conic_combination,
    feasible,
    independent_rows,
    nullspace,
    primitive,
    rank,
)
from exactnet.geometry.layers import Form, post_activation
from exactnet.geometry.region_tree import circuit, conic_basis
from exactnet.geometry.task import RegionTask, compose, composed_map

__all__ = ["Decision", "ExactRegion", "ExactRegions", "Leaf", "exact_point", "positively_spans"]

_KEPT = 512
_SPLIT, _POSITIVE, _NEGATIVE, _CELL, _EMPTY = range(5)


class ExactRegion(NamedTuple):
    """A region of the tree.

    Attributes
    ----------
    layer : the one whose switches are being decided.
    signs : of all switches up to the end of this layer, 0 for those that are open.
    rows : names of the forms that bound it: 0 is infinity, then the domain, then all switches.
    point : (x_1..x_d, w), integers, inside all rows.
    """

    layer: int
    signs: tuple[int, ...]
    rows: tuple[int, ...]
    point: Form


class Decision(NamedTuple):
    """What a switch does on a region.

    Attributes
    ----------
    sign : of the switch on the whole region, if it does not cut it; -1 for a form that is zero.
    names : rows of which sign times its form is a positive combination; none for a form that is zero.
    points : one point on the positive and one on the negative side if it cuts the region, else empty.
    """

    sign: int
    names: tuple[int, ...] = ()
    points: tuple[Form, ...] = ()


class Leaf(NamedTuple):
    """A cell: its signs, a point inside, and whether it is bounded."""

    signs: tuple[int, ...]
    point: Form
    is_bounded: bool


class ExactRegions:
    """Exact answers for the regions of one task of full rank.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> exact = ExactRegions(arrangement_task([(1, 0), (1, -1)]))
    >>> root = exact.root()
    >>> root.point, exact.decide(root, 0).points
    ((0, 1), ((1, 1), (-1, 1)))
    >>> [(leaf.signs, leaf.is_bounded) for leaf in exact.leaves([root], [])]
    [((1, 1), False), ((1, -1), True), ((-1, -1), False)]
    """

    def __init__(self, task: RegionTask) -> None:
        self.task = task
        self._fixed = ((0,) * task.dimension + (1,), *task.domain)
        self._layers = [k for k, layer in enumerate(task.layers) for _ in range(layer.n_switches)]
        self._flat: dict[tuple[int, ...], bool] = {}
        self._n_answers = 0
        self._kept: OrderedDict[tuple[int, tuple[int, ...]], tuple[Form, ...]] = OrderedDict()

    @cached_property
    def first(self) -> tuple[int, ...]:
        """Switches that cut the lines of the domain: every walk begins with them, so cells have one order."""
        rows = [row[:-1] for row in self.task.domain]
        lines = nullspace(RationalMatrix.from_integers(rows, n_columns=self.task.dimension)).numerators
        if not lines or not self.task.layers:
            return ()
        forms = self.forms(0, ())
        return tuple(independent_rows([[sum(map(mul, form, line)) for line in lines] for form in forms]))

    # -- forms -----------------------------------------------------------------------------------------

    def forms(self, layer: int, signs: Sequence[int]) -> tuple[Form, ...]:
        """The forms of all switches of a layer, kept by the signs in front of it."""
        before = tuple(signs[: self.task.offsets[layer]])
        forms = self._kept.get((layer, before))
        if forms is None:
            forms = self._kept[layer, before] = compose(self.task, layer, before)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end((layer, before))
        return forms

    def row(self, name: int, signs: Sequence[int]) -> Form:
        """The form with this name, with the sign that it has on the region."""
        switch = name - len(self._fixed)
        if switch < 0:
            return self._fixed[name]
        layer = self._layers[switch]
        form = self.forms(layer, signs)[switch - self.task.offsets[layer]]
        if not signs[switch]:
            raise InvariantError(
                "a row has no sign", reproduction=f"{self.task!r}, switch {switch}, signs {tuple(signs)}"
            )
        return form if signs[switch] > 0 else tuple([-x for x in form])

    def zeros(self, region: ExactRegion) -> tuple[int, ...]:
        """The decided switches whose forms are zero on the whole region."""
        return tuple(
            i
            for i, sign in enumerate(region.signs)
            if sign
            and not any(self.forms(self._layers[i], region.signs)[i - self.task.offsets[self._layers[i]]])
        )

    def _rows(self, region: ExactRegion) -> list[tuple[int, Form]]:
        return [(name, self.row(name, region.signs)) for name in region.rows]

    # -- questions -------------------------------------------------------------------------------------

    def root(self) -> ExactRegion | None:
        """The domain; None if it has no interior."""
        named = [(name, form) for name, form in enumerate(self._fixed) if any(form)]
        point = _interior_point([form for _, form in named])
        if point is None:
            return None
        n_open = self.task.offsets[1] if self.task.layers else 0
        return ExactRegion(0, (0,) * n_open, tuple(name for name, _ in named), point)

    def part(self, signs: Sequence[int]) -> ExactRegion | None:
        """The region of a partial sign vector (0: open) that comes from a walk; None if it is empty.

        Raises
        ------
        InputError : there are signs behind a layer that is not decided.
        """
        region = self.root()
        if region is None:
            return None
        last = max((self._layers[i] for i, sign in enumerate(signs) if sign), default=0)
        for k in range(last + 1):
            start, end = self.task.offsets[k : k + 2]
            known = (*region.signs[:start], *map(int, signs[start:end]))
            forms = self.forms(k, known)
            added = [i for i in range(start, end) if known[i] and any(forms[i - start])]
            rows = (*region.rows, *(len(self._fixed) + i for i in added))
            point = _interior_point([self.row(name, known) for name in rows])
            if point is None:
                return None
            region = ExactRegion(k, known, rows, point)
            if k < last:
                region = self._closed(region, start)
        return region

    def _closed(self, region: ExactRegion, start: int) -> ExactRegion:
        """The same region in front of the next layer: the open switches do not cut it."""
        for i in range(start, len(region.signs)):
            if region.signs[i] == 0:
                decision = self.decide(region, i)
                if decision.points:
                    raise InputError(
                        "an open part has signs behind a layer that is not decided",
                        where="open parts",
                        got=f"switch {i} takes both signs",
                        expected="parts of a result for this task",
                    )
                region = region._replace(signs=_with(region.signs, i, decision.sign))
        n_open = self.task.layers[region.layer + 1].n_switches
        return region._replace(layer=region.layer + 1, signs=(*region.signs, *(0,) * n_open))

    def empty_root(self) -> tuple[int, ...]:
        """The nodes of the tree of a domain without interior."""
        names = circuit([(name, form) for name, form in enumerate(self._fixed) if any(form)])
        if names is None:
            raise InvariantError("a domain without a point has an interior", reproduction=repr(self.task))
        return _EMPTY, len(names), *names

    def decide(self, region: ExactRegion, switch: int, *, guess: Sequence[int] = ()) -> Decision:
        """What a switch of the region's layer does on it; `guess` names rows that may imply its sign."""
        self._n_answers += 1
        form = self.forms(region.layer, region.signs)[switch - self.task.offsets[region.layer]]
        if not any(form):
            return Decision(-1)
        rows = self._rows(region)
        value = sum(map(mul, form, region.point))
        if value == 0:
            return Decision(0, points=_both_sides([row for _, row in rows], form, region.point))
        sign = 1 if value > 0 else -1
        target = form if sign > 0 else tuple([-x for x in form])
        wanted = set(guess)
        names = conic_basis([row for row in rows if row[0] in wanted], target) if wanted else None
        if names is None:
            names = conic_basis(rows, target)
        if names is not None:
            return Decision(sign, names=names)
        other = _interior_point([*(row for _, row in rows), tuple([-x for x in target])])
        if other is None:
            raise InvariantError(
                "a form is neither implied nor does it cut", reproduction=f"{region!r}, switch {switch}"
            )
        return Decision(0, points=(region.point, other) if sign > 0 else (other, region.point))

    def is_bounded(self, region: ExactRegion, *, guess: Sequence[int] = ()) -> bool:
        """Whether no direction but 0 is non-negative on the linear parts of all rows.

        `guess` names rows that may have infinity as a positive combination; if D independent ones do, the
        linear parts of these rows span R^d and have a positive relation, so the cell is bounded.
        """
        self._n_answers += 1
        if any(self._has_flat_directions(region, k) for k in range(region.layer)):
            return False
        if len(guess) == self.task.dimension + 1:
            wanted = [(name, self.row(name, region.signs)) for name in guess]
            names = conic_basis(wanted, self._fixed[0])
            if names is not None and len(names) == len(guess):
                return True
        return positively_spans([row[:-1] for name, row in self._rows(region) if name], self.task.dimension)

    def _has_flat_directions(self, region: ExactRegion, k: int) -> bool:
        """Whether some direction keeps all units of layer k constant and stays in the cell of layers 0..k.

        Then all cells behind with these signs are unbounded.
        """
        end = self.task.offsets[k + 1]
        before = region.signs[:end]
        found = self._flat.get(before)
        if found is None:
            if len(self._flat) > _KEPT:
                self._flat.clear()
            layer, pre = self.task.layers[k], composed_map(self.task, k, before)
            units = post_activation(layer, pre, before[self.task.offsets[k] :])
            kernel = nullspace(
                RationalMatrix.from_integers(
                    [row[:-1] for row in units.numerators], n_columns=self.task.dimension
                )
            ).numerators
            last = len(self._fixed) + end
            rows = [row for name, row in self._rows(region) if 0 < name < last]
            values = [[sum(map(mul, row, line)) for line in kernel] for row in rows]
            found = self._flat[before] = bool(kernel) and not positively_spans(values, len(kernel))
        return found

    def take_count(self) -> int:
        """How many answers were given since the last call."""
        count, self._n_answers = self._n_answers, 0
        return count

    # -- the tree --------------------------------------------------------------------------------------

    def leaves(self, stack: list[ExactRegion], nodes: list[int]) -> Iterator[Leaf]:
        """All cells of the regions on a stack, which always holds what is not done yet; appends the nodes."""
        while stack:
            region = stack.pop()
            offset = self.task.offsets[region.layer]
            still = [switch for switch in range(offset, len(region.signs)) if region.signs[switch] == 0]
            if still:
                early = (switch for switch in still if switch in self.first)
                stack += self._decided(region, next(early, still[0]), nodes)
            elif region.layer + 1 < len(self.task.layers):
                stack.append(self._closed(region, len(region.signs)))
            else:
                nodes += (_CELL, *region.point)
                yield Leaf(region.signs, region.point, self.is_bounded(region))

    def _decided(self, region: ExactRegion, switch: int, nodes: list[int]) -> list[ExactRegion]:
        """The region, or its two sides, the positive one last, after one more decision."""
        decision = self.decide(region, switch)
        if decision.points:
            nodes += (_SPLIT, switch)
            rows = (*region.rows, len(self._fixed) + switch)
            positive, negative = decision.points
            return [
                region._replace(signs=_with(region.signs, switch, sign), rows=rows, point=point)
                for sign, point in ((-1, negative), (1, positive))
            ]
        if decision.names:
            code = _POSITIVE if decision.sign > 0 else _NEGATIVE
            nodes += (code, switch, len(decision.names), *decision.names)
        return [region._replace(signs=_with(region.signs, switch, decision.sign))]


def _with(signs: tuple[int, ...], switch: int, sign: int) -> tuple[int, ...]:
    return (*signs[:switch], sign, *signs[switch + 1 :])


def _interior_point(rows: Sequence[Form]) -> Form | None:
    """A primitive integer vector that is positive on all rows, or None."""
    system = LinearSystem([[-x for x in row] for row in rows], ["<"] * len(rows), [0] * len(rows))
    point = feasible(system).point
    return None if point is None else primitive(point)


def _both_sides(rows: Sequence[Form], form: Form, point: Form) -> tuple[Form, Form]:
    """Points inside all rows on both sides of a form, from one inside where it vanishes."""
    scale = 1
    for row in rows:
        slope, value = sum(map(mul, row, form)), sum(map(mul, row, point))
        scale = max(scale, 2 * abs(slope) // value + 1)
    up, down = ([scale * x + turn * a for x, a in zip(point, form, strict=True)] for turn in (1, -1))
    return primitive(up), primitive(down)


def exact_point(witness: Sequence[float], exponents: Sequence[int]) -> Form:
    """The point that a float vector in the coordinates of the network is, as a primitive integer vector.

    Examples
    --------
    >>> exact_point([0.5, 0.25], (1, 0))
    (4, 1)
    """
    values = [Fraction(x) * Fraction(2) ** e for x, e in zip(witness, exponents, strict=True)]
    return primitive(values)


def positively_spans(vectors: Sequence[Sequence[int]], dimension: int) -> bool:
    """Whether every vector is a non-negative combination of these: no direction but 0 is >= 0 on all of them.

    Stiemke's theorem: they span the space, and some positive combination of all of them is zero.

    Examples
    --------
    >>> positively_spans([(1, 0), (0, 1), (-1, -2)], 2), positively_spans([(1, 0), (0, 1), (-1, 0)], 2)
    (True, False)
    """
    if dimension == 0:
        return True
    if not vectors or rank(list(vectors)) < dimension:
        return False
    total = tuple([-sum(column) for column in zip(*vectors, strict=True)])
    return conic_combination(list(vectors), total) is not None
