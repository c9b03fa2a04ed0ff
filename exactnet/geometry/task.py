"""What to enumerate, as exact data: an input space, a domain, and layers of units that switch.

A *cell* is a full-dimensional set of points that share the sign of every switch: the activation regions R2
of Stargalla, Hertrich and Reichman (2025). A switch that is identically zero on a cell counts as inactive,
sign -1. A sign vector lists the signs (+1 or -1) of all switches, layer after layer. See
:mod:`exactnet.geometry.layers` for forms, switches and affine maps, and
:mod:`exactnet.geometry.lowering` for what becomes of maxout and of skip connections. Only where maxout units
have three or more pieces may several cells make one activation region (:mod:`exactnet.geometry.patterns`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, to_fractions
from exactnet.geometry.layers import (
    Form,
    TaskLayer,
    identity_map,
    post_activation,
    pre_activation,
    switch_forms,
)
from exactnet.geometry.lowering import lowered
from exactnet.model import Activation, Network

if TYPE_CHECKING:
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = [
    "Form",
    "RegionTask",
    "TaskLayer",
    "affine_map",
    "arrangement_task",
    "compose",
    "composed_map",
    "region_task",
    "signs_at",
]


@dataclass(frozen=True)
class RegionTask:
    """All cells of these layers inside the domain; exact, hashable, picklable.

    Parameters
    ----------
    dimension : number of inputs d.
    domain : integer forms (d+1 entries) that are >= 0 on the domain; none is the whole space. The form
        (0, .., 0, 1) of the plane at infinity is always meant and never listed.
    layers : the first takes d inputs, each other one the units of the layer before; none is an identity.
    readout : the affine map behind the last switches, None if there is none.

    Examples
    --------
    >>> task = arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)])
    >>> task.dimension, task.n_switches
    (2, 3)
    """

    dimension: int
    domain: tuple[Form, ...]
    layers: tuple[TaskLayer, ...]
    readout: TaskLayer | None = None

    def __post_init__(self) -> None:
        """Sizes that fit, once and for all."""
        width = self.dimension
        for k, layer in enumerate((*self.layers, *filter(None, [self.readout]))):
            if layer.n_inputs != width:
                raise ShapeError(
                    "two layers do not fit",
                    where=f"layer {k} (from 0)",
                    got=f"{layer.n_inputs} inputs",
                    expected=str(width),
                )
            width = layer.n_units
        for row in self.domain:
            if len(row) != self.dimension + 1:
                raise ShapeError(
                    "the domain does not fit the inputs",
                    where="domain",
                    got=f"{len(row)} entries a form",
                    expected=f"{self.dimension + 1}",
                )

    @property
    def n_switches(self) -> int:
        """Length of a sign vector: all switches, layer after layer."""
        return self.offsets[-1]

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where the signs of each layer begin in a sign vector, and where the last ones end."""
        return (0, *accumulate(layer.n_switches for layer in self.layers))


# -- from networks and arrangements --------------------------------------------------------------------


def region_task(network: Network, domain: Polyhedron | None = None) -> RegionTask:
    """The activation cells of a network: all layers that have breakpoints count, the affine output does not.

    An identity layer is merged into the layer behind it, so that `layers` lists only layers that switch.

    Raises
    ------
    ShapeError : the domain lies in another space than the inputs.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> task = region_task(tent)
    >>> len(task.layers), task.n_switches, compose(task, 0, ())
    (1, 2, ((1, 0), (1, -1)))
    >>> clipped = Network.from_arrays([([[0], [1], [2]], [0, 0, -1])], output_activation="maxout", pieces=3)
    >>> compose(region_task(clipped), 1, (1,)), affine_map(region_task(clipped), (1, -1))
    (((1, -1),), (RationalMatrix([[1]]), (Fraction(0, 1),)))
    """
    layers, readout = lowered(network)
    return RegionTask(network.n_inputs, _domain_rows(domain, network.n_inputs), layers, readout)


def arrangement_task(
    forms: Sequence[Sequence[Fraction | int]],
    domain: Polyhedron | None = None,
    *,
    dimension: int | None = None,
) -> RegionTask:
    """The cells of the hyperplanes a.x + b = 0: a network of one layer, one switch a form.

    Parameters
    ----------
    forms : rows (a_1..a_d, b); zero, parallel and repeated rows are allowed (a row 0 has sign -1).
    domain : a polyhedron in R^d.
    dimension : d; needed if there are neither forms nor a domain.

    Raises
    ------
    ShapeError : rows that do not have d+1 entries.
    InputError : no way to know d.

    Examples
    --------
    >>> compose(arrangement_task([(2, 4, 6), (0, 0, 0)]), 0, ())
    ((1, 2, 3), (0, 0, 0))
    """
    if dimension is None:
        if not forms and domain is None:
            raise InputError(
                "the dimension of an empty arrangement is not known",
                where="arrangement_task",
                expected="forms, a domain, or the argument dimension",
            )
        dimension = domain.dimension if domain is not None else len(forms[0]) - 1
    matrix = RationalMatrix.from_rows(forms, where="forms", n_columns=dimension + 1 if not forms else None)
    if matrix.n_columns != dimension + 1:
        raise ShapeError(
            "the forms do not fit the space",
            where="forms",
            got=f"{matrix.n_columns} entries a row",
            expected=f"{dimension + 1}: {dimension} coefficients and the constant",
        )
    weight = RationalMatrix.from_integers(
        [row[:-1] for row in matrix.numerators], matrix.denominator, n_columns=dimension
    )
    layer = TaskLayer(weight, matrix.column(dimension), Activation.RELU)
    return RegionTask(dimension, _domain_rows(domain, dimension), (layer,))


def _domain_rows(domain: Polyhedron | None, dimension: int) -> tuple[Form, ...]:
    """The rows of the domain without those that hold everywhere."""
    if domain is None:
        return ()
    if domain.dimension != dimension:
        raise ShapeError(
            "the domain does not fit the inputs",
            where="domain",
            got=f"a polyhedron in dimension {domain.dimension}",
            expected=f"dimension {dimension}",
        )
    return tuple(dict.fromkeys(row for row in domain.rows if any(row[:-1]) or row[-1] < 0))


# -- exact composition ---------------------------------------------------------------------------------


def composed_map(task: RegionTask, layer_index: int, signs: Sequence[int]) -> RationalMatrix:
    """Pre-activations of a layer as exact affine functions (n_units x (d+1)) on a cell of the layers before.

    Passed units, which have no switch, come last.

    Parameters
    ----------
    layer_index : counted from 0.
    signs : of all switches of the layers before; further ones are ignored.

    Raises
    ------
    ShapeError : too few signs.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], ["1/2"]], [0, -1]), ([[2, -4]], [0])], output_activation="relu")
    >>> composed_map(region_task(tent), 1, (1, 1)), composed_map(region_task(tent), 1, (1, -1))
    (RationalMatrix([[0, 4]]), RationalMatrix([[2, 0]]))
    """
    return pre_activation(task.layers[layer_index], _inputs_of(task, layer_index, signs))


def compose(task: RegionTask, layer_index: int, signs: Sequence[int]) -> tuple[Form, ...]:
    """The primitive integer forms of a layer's switches on a cell; arguments as for `composed_map`.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], ["1/2"]], [0, -1]), ([[2, -4]], [-1])], output_activation="relu")
    >>> compose(region_task(tent), 1, (1, 1)), compose(region_task(tent), 1, (1, -1))
    (((0, 1),), ((2, -1),))
    """
    return switch_forms(task.layers[layer_index], composed_map(task, layer_index, signs))


def affine_map(task: RegionTask, signs: Sequence[int]) -> tuple[RationalMatrix, tuple[Fraction, ...]]:
    """The outputs on a cell: matrix (n_outputs x d) and vector with f(x) = matrix x + vector.

    Without a readout (an arrangement) the outputs are those of the last layer.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> affine_map(region_task(tent), (1, 1))
    (RationalMatrix([[-2]]), (Fraction(4, 1),))
    """
    outputs = _inputs_of(task, len(task.layers), signs)
    if task.readout is not None:
        outputs = pre_activation(task.readout, outputs)
    matrix = RationalMatrix.from_integers(
        [row[:-1] for row in outputs.numerators], outputs.denominator, n_columns=task.dimension
    )
    return matrix, outputs.column(task.dimension)


def signs_at(task: RegionTask, x: Sequence[object]) -> tuple[int, ...]:
    """The sign (-1, 0, +1) of every switch at one point; x are d numbers, read exactly.

    Raises
    ------
    ShapeError : not d numbers.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], ["1/2"]], [0, -1]), ([[2, -4]], [0])])
    >>> signs_at(region_task(tent), [2])
    (1, 0)
    """
    point = to_fractions(x, where="x")
    if len(point) != task.dimension:
        raise ShapeError(
            "wrong number of coordinates",
            where="x",
            got=f"{len(point)} numbers",
            expected=f"{task.dimension}",
        )
    # a point is an affine map without variables
    hidden = RationalMatrix.from_rows([[value] for value in point], n_columns=1)
    signs: list[int] = []
    for layer in task.layers:
        pre = pre_activation(layer, hidden)
        here = [(value > 0) - (value < 0) for (value,) in switch_forms(layer, pre)]
        hidden = post_activation(layer, pre, [sign or -1 for sign in here])
        signs += here
    return tuple(signs)


def _inputs_of(task: RegionTask, layer_index: int, signs: Sequence[int]) -> RationalMatrix:
    """The affine map that enters a layer on the cell with these signs."""
    if len(signs) < task.offsets[layer_index]:
        raise ShapeError(
            "too few signs for the layers in front",
            where=f"layer {layer_index} (from 0)",
            got=f"{len(signs)} signs",
            expected=f"{task.offsets[layer_index]}, one a switch",
        )
    hidden = identity_map(task.dimension)
    for k, layer in enumerate(task.layers[:layer_index]):
        here = signs[task.offsets[k] : task.offsets[k + 1]]
        hidden = post_activation(layer, pre_activation(layer, hidden), here)
    return hidden
