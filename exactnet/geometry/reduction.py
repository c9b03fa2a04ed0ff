"""Dividing out the directions along which nothing switches.

If the linear parts of the first layer and of the domain have rank r < d, all cells are products with the
same linear space L of dimension d - r. Skip connections may let later layers see more of the inputs: along
the lines of the layers before, their forms depend on passed units only, and these are the same affine
functions of x everywhere; so their linear parts count, too.

The columns of a basis span a coordinate subspace that meets L in 0 and, together with L, gives all of R^d;
restricted to it, the task is the same in r dimensions.
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
    reduced : the task of dimension r on the coordinates `kept`, with the same sign vectors; no readout, and
        nothing passed to it.
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
        reduced = replace(task, layers=_without_readout(task.layers), readout=None)
        return Reduction(task, reduced, kept, extension)
    domain = tuple((*[row[k] for k in kept], row[-1]) for row in task.domain)
    layers = _without_readout(task.layers)
    if layers:
        layers = (_restricted(layers[0], kept), *layers[1:])
    return Reduction(task, RegionTask(len(kept), domain, layers), kept, extension)


def _linear_parts(task: RegionTask) -> RationalMatrix:
    """Linear functions of x whose common kernel is the lineality space of all cells."""
    rows = [row[:-1] for row in task.domain]
    passed = RationalMatrix.identity(task.dimension)
    start = 0  # where the passed units of the layer before begin; the others are constant along L
    for layer in task.layers:
        columns = RationalMatrix.from_integers(
            [row[start:] for row in layer.weight.numerators],
            layer.weight.denominator,
            n_columns=layer.n_inputs - start,
        )
        moved = columns @ passed if start else columns
        rows += moved.numerators[: layer.n_switching]
        if not layer.n_passed:
            break
        passed = RationalMatrix.from_integers(
            moved.numerators[layer.n_switching :], moved.denominator, n_columns=task.dimension
        )
        start = layer.n_switching
    return RationalMatrix.from_integers(rows, n_columns=task.dimension)


def _without_readout(layers: tuple[TaskLayer, ...]) -> tuple[TaskLayer, ...]:
    """The layers without what the last one passes: it has no switch to go to."""
    if not layers or not layers[-1].n_passed:
        return layers
    last = layers[-1]
    weight = RationalMatrix.from_integers(
        last.weight.numerators[: last.n_switching], last.weight.denominator, n_columns=last.n_inputs
    )
    return (*layers[:-1], replace(last, weight=weight, bias=last.bias[: last.n_switching], n_passed=0))


def _restricted(layer: TaskLayer, kept: Sequence[int]) -> TaskLayer:
    weight = RationalMatrix.from_integers(
        [[row[k] for k in kept] for row in layer.weight.numerators],
        layer.weight.denominator,
        n_columns=len(kept),
    )
    return replace(layer, weight=weight)
