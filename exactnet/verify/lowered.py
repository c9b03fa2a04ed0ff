"""A network as layers of ReLU and linear units over integers: the form in which bounds are propagated.

    z_l = (A_l h_(l-1) + B_l) / D_l,     h_l = max(0, z_l) for a relu unit, z_l for a linear one

Other activations are written with these two, exactly: |z| = r(z) + r(-z), a leaky ReLU r(z) - slope r(-z),
hardtanh r(z+1) - r(z-1) - 1, and a maxout unit is a chain m + r(z_t - m). What later layers need past the
layers between is carried by linear units. FORMAT.md (section 7) fixes the order of the units, because
certificates name them by number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.exact import common_denominator
from exactnet.geometry.layers import TaskLayer
from exactnet.geometry.lowering import lowered as task_layers
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["FloatLayer", "ReluLayer", "ReluNetwork", "lowered"]

Rows = tuple[tuple[int, ...], ...]


class FloatLayer(NamedTuple):
    """A layer rounded to float64: for guesses only."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    is_relu: NDArray[np.bool_]


@dataclass(frozen=True)
class ReluLayer:
    """z = (weight h + bias) / denominator, followed by max(0, z) where `is_relu`.

    Parameters
    ----------
    weight : one row of integers a unit.
    bias : one integer a unit.
    denominator : the least positive one for which all of them are integers.
    is_relu : one truth value a unit; the others are linear.
    """

    weight: Rows
    bias: tuple[int, ...]
    denominator: int
    is_relu: tuple[bool, ...]

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.bias)


@dataclass(frozen=True)
class ReluNetwork:
    """Layers of relu and linear units; build it with :func:`lowered`."""

    n_inputs: int
    layers: tuple[ReluLayer, ...]

    @property
    def n_units(self) -> int:
        """Number of units of all layers."""
        return sum(layer.n_units for layer in self.layers)

    @property
    def n_outputs(self) -> int:
        """Number of units of the last layer."""
        return self.layers[-1].n_units

    @cached_property
    def floats(self) -> tuple[FloatLayer, ...]:
        """The layers in float64, each number rounded once."""
        return tuple(
            FloatLayer(
                np.array([[x / layer.denominator for x in row] for row in layer.weight], dtype=np.float64),
                np.array([x / layer.denominator for x in layer.bias], dtype=np.float64),
                np.array(layer.is_relu, dtype=np.bool_),
            )
            for layer in self.layers
        )

    def values(self, x: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """The exact outputs at x.

        Examples
        --------
        >>> tent = Network.from_arrays([([[1]], [0])], output_activation="abs")
        >>> lowered(tent).values((Fraction(-1, 3),))
        (Fraction(1, 3),)
        """
        h = x
        for layer in self.layers:
            den = common_denominator(h)
            ints = [q.numerator * (den // q.denominator) for q in h]
            z = [
                sum(a * i for a, i in zip(row, ints, strict=True)) + b * den
                for row, b in zip(layer.weight, layer.bias, strict=True)
            ]
            h = tuple(
                Fraction(max(0, value) if relu else value, den * layer.denominator)
                for value, relu in zip(z, layer.is_relu, strict=True)
            )
        return h


class _Affine(NamedTuple):
    """Values as affine functions of the units of the last layer so far, at first of the inputs."""

    weight: list[list[Fraction]]
    bias: list[Fraction]


def lowered(network: Network) -> ReluNetwork:
    """The same function with relu and linear units only.

    Networks of relu and identity layers without skips keep their layers one by one; so a chain read with
    one layer for each float32 operation stays such a chain. Others go through
    :func:`exactnet.geometry.lowering.lowered`.

    Examples
    --------
    >>> net = lowered(Network.from_arrays([([[1], [-1]], [0, "1/2"]), ([[1, 1]], [0])]))
    >>> [(layer.weight, layer.bias, layer.denominator, layer.is_relu) for layer in net.layers]
    [(((2,), (-2,)), (0, 1), 2, (True, True)), (((1, 1),), (0,), 1, (False,))]
    """
    if all(_is_plain(layer) for layer in network.layers):
        return ReluNetwork(network.n_inputs, tuple(_plain_layer(layer) for layer in network.layers))
    return _lower_general(network)


def _is_plain(layer: AffineLayer) -> bool:
    return layer.activation in (Activation.RELU, Activation.IDENTITY) and not layer.skips


def _plain_layer(layer: AffineLayer) -> ReluLayer:
    # a matrix is kept over its least denominator; so no fraction need be made of its entries
    matrix, den = layer.weight, math.lcm(layer.weight.denominator, common_denominator(layer.bias))
    scale = den // matrix.denominator
    return ReluLayer(
        tuple(tuple(x * scale for x in row) for row in matrix.numerators),
        tuple(x.numerator * (den // x.denominator) for x in layer.bias),
        den,
        (layer.activation is Activation.RELU,) * layer.n_outputs,
    )


def _layer(weight: list[list[Fraction]], bias: list[Fraction], is_relu: list[bool]) -> ReluLayer:
    den = common_denominator([*(x for row in weight for x in row), *bias])
    return ReluLayer(
        tuple(tuple(x.numerator * (den // x.denominator) for x in row) for row in weight),
        tuple(x.numerator * (den // x.denominator) for x in bias),
        den,
        tuple(is_relu),
    )


def _lower_general(network: Network) -> ReluNetwork:
    tasks, readout = task_layers(network)
    layers: list[ReluLayer] = []
    values = None  # those of the last task layer as affine functions of the units; None: the units themselves
    for task in tasks:
        weight, bias = _composed(task, values)
        layer, values = _expanded(task, weight, bias)
        layers.append(layer)
    if readout is not None or values is not None:
        width = layers[-1].n_units if layers else network.n_inputs
        weight, bias = _composed(readout, values) if readout is not None else values or _units(width)
        layers.append(_layer(weight, bias, [False] * len(bias)))
    return ReluNetwork(network.n_inputs, tuple(layers))


def _composed(task: TaskLayer, values: _Affine | None) -> _Affine:
    """The pre-activation of a task layer over the units of the last layer."""
    weight, bias = [list(row) for row in task.weight.rows()], list(task.bias)
    if values is None:
        return _Affine(weight, bias)
    columns = list(zip(*values.weight, strict=True))
    through = [[_dot(row, column) for column in columns] for row in weight]
    return _Affine(through, [_dot(row, values.bias) + b for row, b in zip(weight, bias, strict=True)])


def _dot(row: Sequence[Fraction], column: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(row, column, strict=True) if a and b), Fraction(0))


def _units(width: int) -> _Affine:
    rows = [[Fraction(int(i == j)) for j in range(width)] for i in range(width)]
    return _Affine(rows, [Fraction(0)] * width)


def _expanded(
    task: TaskLayer, weight: list[list[Fraction]], bias: list[Fraction]
) -> tuple[ReluLayer, _Affine | None]:
    """A task layer with relu and linear units only, and the values of its units over the new ones."""
    if task.activation is Activation.RELU:
        return _layer(weight, bias, [True] * task.n_switching + [False] * task.n_passed), None
    hard = task.activation is Activation.HARDTANH
    slope = {Activation.ABS: Fraction(-1)}.get(task.activation, task.slope)
    rows: list[list[Fraction]] = []
    offsets: list[Fraction] = []
    flags: list[bool] = []
    parts: list[tuple[dict[int, Fraction], Fraction]] = []
    for u, (row, b) in enumerate(zip(weight, bias, strict=True)):
        n = len(rows)
        if u >= task.n_switching:
            rows.append(row)
            offsets.append(b)
            flags.append(False)
            parts.append(({n: Fraction(1)}, Fraction(0)))
            continue
        flags += [True, True]
        rows += [row, row if hard else [-x for x in row]]
        offsets += [b + 1, b - 1] if hard else [b, -b]
        parts.append(({n: Fraction(1), n + 1: Fraction(-1) if hard else -slope}, Fraction(-1 if hard else 0)))
    values = [[part.get(i, Fraction(0)) for i in range(len(rows))] for part, _ in parts]
    return _layer(rows, offsets, flags), _Affine(values, [constant for _, constant in parts])
