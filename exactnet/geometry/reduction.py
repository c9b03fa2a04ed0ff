"""Dividing out the directions along which nothing switches.

If the linear parts of the first layer and of the domain have rank r < d, all cells are products with the
same linear space L of dimension d - r. The columns of a basis span a coordinate subspace that meets L in 0
and, together with L, gives all of R^d; restricted to it, the task is the same in r dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import mul

from exactnet.exact import RationalMatrix, nullspace, primitive, row_echelon
from exactnet.geometry.layers import Form, TaskLayer
from exactnet.geometry.task import RegionTask

__all__ = ["Reduction", "reduce_task"]


@dataclass(frozen=True)
class Reduction:
    """A task in its r essential coordinates.

    Attributes
    ----------
    task : the original one, in dimension d.
    reduced : the task of dimension r on the coordinates `kept`, with the same sign vectors; no readout.
    kept : r coordinates, ascending.
    extension : matrix (r x d): a linear part a that vanishes on L is (a on the kept coordinates) @ extension.
    """

    task: RegionTask
    reduced: RegionTask
    kept: tuple[int, ...]
    extension: RationalMatrix

    @cached_property
    def lineality(self) -> tuple[Form, ...]:
        """A basis (d - r integer vectors) of the directions along which all forms are constant."""
        return nullspace(_linear_parts(self.task)).numerators

    def lift(self, point: Sequence[int]) -> Form:
        """A homogeneous point of the reduced space (r+1 entries) in the original one (d+1 entries)."""
        full = [0] * (self.task.dimension + 1)
        for position, value in zip((*self.kept, self.task.dimension), point, strict=True):
            full[position] = value
        return tuple(full)

    def lift_form(self, form: Sequence[int]) -> Form:
        """A form of the reduced space (r+1 entries) as the form on R^d that is constant along L."""
        if len(self.kept) == self.task.dimension:
            return tuple(form)
        columns = self.extension.transpose().numerators
        linear = [sum(map(mul, form, column)) for column in columns]
        return primitive((*linear, form[-1] * self.extension.denominator))


def reduce_task(task: RegionTask) -> Reduction:
    """Restrict a task to a basis of its coordinates; it stays as it is if the rank is full.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> strips = reduce_task(arrangement_task([(1, 1, 0), (1, 1, -1)]))
    >>> strips.kept, strips.reduced.dimension, strips.lineality
    ((0,), 1, ((-1, 1),))
    >>> strips.lift((5, 1)), strips.lift_form((1, -1))
    ((5, 0, 1), (1, 1, -1))
    """
    extension, kept = row_echelon(_linear_parts(task))
    if len(kept) == task.dimension:
        return Reduction(task, replace(task, readout=None), kept, extension)
    domain = tuple((*[row[k] for k in kept], row[-1]) for row in task.domain)
    layers = task.layers
    if layers:
        layers = (_restricted(layers[0], kept), *layers[1:])
    return Reduction(task, RegionTask(len(kept), domain, layers), kept, extension)


def _linear_parts(task: RegionTask) -> RationalMatrix:
    rows = [row[:-1] for row in task.domain]
    if task.layers:
        rows += task.layers[0].weight.numerators
    return RationalMatrix.from_integers(rows, n_columns=task.dimension)


def _restricted(layer: TaskLayer, kept: Sequence[int]) -> TaskLayer:
    weight = RationalMatrix.from_integers(
        [[row[k] for k in kept] for row in layer.weight.numerators],
        layer.weight.denominator,
        n_columns=len(kept),
    )
    return replace(layer, weight=weight)
