"""One layer of switching units, and the exact composition of affine maps through it.

A *form* is a homogeneous integer vector (a_1..a_d, b): its value at x is a.x + b, and at a homogeneous
point (x_1..x_d, w) with w >= 0 it is a.x + b w; points with w = 0 are directions at infinity.

A *switch* is one breakpoint of one unit: relu, leaky_relu and abs have one, hardtanh has two, the one at
-1 first. Behind the units that switch there may be *passed* units, which carry a value to later layers as it
is: see :func:`exactnet.geometry.lowering.lowered`.

Where the sign of every switch is constant, every unit is affine in x. An affine map R^d -> R^n is kept as the
matrix (n x (d+1)) of its values at homogeneous points. One layer takes three steps: :func:`pre_activation`,
:func:`switch_forms`, and, once the signs are known, :func:`post_activation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import TypeAlias

from exactnet.errors import ShapeError, UnsupportedError
from exactnet.exact import RationalMatrix, common_denominator, primitive
from exactnet.model import Activation

__all__ = ["Form", "TaskLayer", "identity_map", "post_activation", "pre_activation", "switch_forms"]

Form: TypeAlias = tuple[int, ...]

_SUPPORTED = (
    Activation.RELU,
    Activation.LEAKY_RELU,
    Activation.ABS,
    Activation.HARDTANH,
    Activation.IDENTITY,
)


@dataclass(frozen=True)
class TaskLayer:
    """One layer h -> activation(weight h + bias); picklable.

    Parameters
    ----------
    weight : matrix (n_units x n_inputs).
    bias : n_units fractions.
    activation : relu, leaky_relu, abs, hardtanh or identity.
    slope : slope of leaky_relu for negative arguments.
    n_passed : so many units, the last ones, have no activation and no switch.

    Raises
    ------
    UnsupportedError : any other activation. ShapeError : more passed units than there are.
    """

    weight: RationalMatrix
    bias: tuple[Fraction, ...]
    activation: Activation
    slope: Fraction = Fraction(0)
    n_passed: int = 0

    def __post_init__(self) -> None:
        if self.activation not in _SUPPORTED:
            raise UnsupportedError(
                "cells are not defined for this activation",
                where="activation",
                got=str(self.activation),
                expected="one of " + ", ".join(_SUPPORTED),
            )
        if not 0 <= self.n_passed <= self.n_units:
            raise ShapeError(
                "more passed units than units",
                where="n_passed",
                got=str(self.n_passed),
                expected=f"0 to {self.n_units}",
            )

    @property
    def n_inputs(self) -> int:
        """Number of columns of the weight."""
        return self.weight.shape[1]

    @property
    def n_units(self) -> int:
        """Number of rows of the weight: units that switch, then passed ones."""
        return self.weight.shape[0]

    @property
    def n_switching(self) -> int:
        """Number of units in front of the passed ones."""
        return self.n_units - self.n_passed

    @property
    def n_switches(self) -> int:
        """Breakpoints of all units together: the number of signs this layer has in a sign vector."""
        return self.n_switching * len(self.activation.breakpoints)

    @cached_property
    def integer_rows(self) -> tuple[tuple[tuple[int, ...], ...], int]:
        """The rows of (weight | bias) as integers over one positive denominator."""
        denominator = common_denominator((Fraction(1, self.weight.denominator), *self.bias))
        scale = denominator // self.weight.denominator
        rows = tuple(
            (*[scale * value for value in row], b.numerator * (denominator // b.denominator))
            for row, b in zip(self.weight.numerators, self.bias, strict=True)
        )
        return rows, denominator


def identity_map(dimension: int) -> RationalMatrix:
    """The inputs themselves, as an affine map: (I | 0)."""
    rows = [[int(i == j) for j in range(dimension + 1)] for i in range(dimension)]
    return RationalMatrix.from_integers(rows, n_columns=dimension + 1)


def pre_activation(layer: TaskLayer, inputs: RationalMatrix) -> RationalMatrix:
    """The affine map weight . inputs + bias, for inputs given as an affine map (n_inputs x (d+1)).

    Examples
    --------
    >>> layer = TaskLayer(RationalMatrix.from_rows([[1, 2]]), (Fraction(1, 2),), Activation.RELU)
    >>> pre_activation(layer, identity_map(2))
    RationalMatrix([[1, 2, 1/2]])
    """
    rows, denominator = layer.integer_rows
    # inactive units are zero rows: leave them out of every sum
    alive = [j for j, row in enumerate(inputs.numerators) if any(row)]
    columns = list(zip(*[inputs.numerators[j] for j in alive], strict=True))
    if not columns:
        columns = [()] * inputs.n_columns
    product = []
    for row in rows:
        weights = [row[j] for j in alive]
        entries = [sum(map(mul, weights, column)) for column in columns]
        entries[-1] += row[-1] * inputs.denominator
        product.append(entries)
    return RationalMatrix.from_integers(product, denominator * inputs.denominator, n_columns=inputs.n_columns)


def switch_forms(layer: TaskLayer, pre: RationalMatrix) -> tuple[Form, ...]:
    """One primitive integer form a switch, of the sign of z - breakpoint; the zero form stays zero.

    Examples
    --------
    >>> layer = TaskLayer(RationalMatrix.from_rows([[2]]), (Fraction(0),), Activation.HARDTANH)
    >>> switch_forms(layer, pre_activation(layer, identity_map(1)))
    ((2, 1), (2, -1))
    """
    return tuple(
        primitive((*row[:-1], row[-1] - point * pre.denominator))
        for row in pre.numerators[: layer.n_switching]
        for point in layer.activation.breakpoints
    )


def post_activation(layer: TaskLayer, pre: RationalMatrix, signs: Sequence[int]) -> RationalMatrix:
    """The affine map behind the activation on a cell, given the signs of the layer's switches there.

    Passed units stay as they are.

    Examples
    --------
    >>> layer = TaskLayer(RationalMatrix.from_rows([[2], [3]]), (Fraction(0),) * 2, Activation.ABS)
    >>> post_activation(layer, pre_activation(layer, identity_map(1)), (1, -1))
    RationalMatrix([[2, 0], [-3, 0]])
    """
    one = pre.denominator
    zero = (0,) * pre.n_columns
    switching, passed = pre.numerators[: layer.n_switching], pre.numerators[layer.n_switching :]
    rows: list[tuple[int, ...]] = []
    scale = 1
    match layer.activation:
        case Activation.RELU:
            rows = [row if s > 0 else zero for row, s in zip(switching, signs, strict=True)]
        case Activation.LEAKY_RELU:
            scale, below = layer.slope.denominator, layer.slope.numerator
            factors = [scale if s > 0 else below for s in signs]
            rows = [_times(row, factor) for row, factor in zip(switching, factors, strict=True)]
        case Activation.ABS:
            rows = [row if s > 0 else _times(row, -1) for row, s in zip(switching, signs, strict=True)]
        case Activation.HARDTANH:
            for row, low, high in zip(switching, signs[::2], signs[1::2], strict=True):
                clipped = (*zero[:-1], one if high > 0 else -one)
                rows.append(row if (low, high) == (1, -1) else clipped)
        case Activation.IDENTITY:
            return pre
    rows += [_times(row, scale) for row in passed] if scale != 1 else passed
    return RationalMatrix.from_integers(rows, one * scale, n_columns=pre.n_columns)


def _times(row: tuple[int, ...], factor: int) -> tuple[int, ...]:
    return tuple([factor * value for value in row])
