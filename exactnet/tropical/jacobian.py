"""The functional dimension: how many directions of the parameters change the function.

The functional dimension at theta is the largest rank of d f(x_p) / d theta_k over finite sets of points x_p
(Grigsby, Lindsey, Meyerhoff and Wu). On an activation region d f / d theta_k is an affine function of x, so
the rank is that of one exact matrix: a row for every region, output and coefficient (d and the constant), a
column for every weight and bias. It is at most the number of parameters minus that of the hidden units, since
a positive scaling of a ReLU unit changes nothing; where it is less, there are hidden symmetries (Grigsby,
Lindsey and Rolnick 2023). At parameters whose units coincide or never act this is the rank that points off
the breakpoints see. A unit whose pre-activation is zero on a whole region counts as inactive there (as
automatic differentiation has it): no parameter derivative exists on that region, and the rank is by this
convention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from exactnet.errors import UnsupportedError
from exactnet.exact import common_denominator, rank
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.task import region_task
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["FunctionalDimension", "functional_dimension", "parameter_jacobian"]

Row = tuple[int, ...]
Number = int | Fraction
Table = list[list[Number]]


@dataclass(frozen=True)
class FunctionalDimension:
    """The rank of the parameters' Jacobian.

    Attributes
    ----------
    value : the functional dimension.
    bound : the number of parameters minus the number of ReLU, leaky ReLU and absolute value units.
    n_parameters : all weights and biases.
    """

    value: int
    bound: int
    n_parameters: int

    @property
    def has_hidden_symmetries(self) -> bool:
        """Whether there are fewer directions than the scalings of units explain."""
        return self.value < self.bound


def functional_dimension(
    network: Network, *, complex_: PolyhedralComplex | None = None
) -> FunctionalDimension:
    """The functional dimension of a network, from the exact Jacobian on all its activation regions.

    Parameters
    ----------
    complex_ : the complete complex of its cells, if it is known already.

    Raises
    ------
    UnsupportedError : maxout, or skip connections.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> functional_dimension(tent)
    FunctionalDimension(value=5, bound=5, n_parameters=7)
    """
    n_parameters = sum(layer.n_outputs * (layer.n_inputs + 1) for layer in network.layers)
    scalable = (Activation.RELU, Activation.LEAKY_RELU, Activation.ABS)
    n_scalings = sum(layer.n_outputs for layer in network.layers if layer.activation in scalable)
    rows = parameter_jacobian(network, complex_=complex_)
    value = rank(rows) if rows else 0
    return FunctionalDimension(value, n_parameters - n_scalings, n_parameters)


def parameter_jacobian(network: Network, *, complex_: PolyhedralComplex | None = None) -> tuple[Row, ...]:
    """The different non-zero rows of the Jacobian, each scaled to integers; columns as parameters are stored.

    The parameters of a layer are, unit by unit, its weights and then its bias.

    Raises
    ------
    UnsupportedError : maxout, or skip connections.
    """
    for layer in network.layers:
        if layer.activation is Activation.MAXOUT or layer.skips:
            raise UnsupportedError(
                "the Jacobian of this network is not implemented",
                where=f"layer {layer!r}",
                expected="layers without maxout and skip connections",
            )
    if complex_ is None:
        complex_ = polyhedral_complex(region_task(network))
    steps = [_Step.of(layer) for layer in network.layers]
    rows: dict[Row, None] = {}
    for cell in complex_.cells:
        # the sum of the generators lies inside the cone over the cell
        inside = [sum(column) for column in zip(*cell.generators, strict=True)]
        for row in _cell_rows(steps, inside):
            if any(row):
                rows.setdefault(row)
    return tuple(rows)


class _Step(NamedTuple):
    """A layer with integers where its entries are integers, which keeps integer networks fast."""

    weight: Table
    bias: list[Number]
    activation: Activation
    slope: Number

    @classmethod
    def of(cls, layer: AffineLayer) -> _Step:
        weight = [list(map(_plain, row)) for row in layer.weight.rows()]
        return cls(weight, list(map(_plain, layer.bias)), layer.activation, _plain(layer.slope))


def _plain(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _cell_rows(steps: Sequence[_Step], inside: Sequence[int]) -> list[Row]:
    """The rows of one region: for every output and every coefficient of the affine functions of x."""
    inputs, slopes = _forward(steps, inside)
    n, d = len(slopes[-1]), len(inside) - 1
    # back[o][u] is the derivative of output o by the pre-activation of unit u of the layer at hand
    back: Table = [[slopes[-1][u] if o == u else 0 for u in range(n)] for o in range(n)]
    derivatives = [back]
    for k in range(len(steps) - 1, 0, -1):
        columns = list(zip(*steps[k].weight, strict=True))
        back = [
            [slope * sum(map(mul, row, column)) for slope, column in zip(slopes[k - 1], columns, strict=True)]
            for row in back
        ]
        derivatives.append(back)
    rows = []
    for o in range(n):
        for t in range(d + 1):
            entries: list[Number] = []
            for table, factors in zip(inputs, reversed(derivatives), strict=True):
                coefficients = [form[t] for form in table] + [int(t == d)]
                entries += [factor * value for factor in factors[o] for value in coefficients]
            q = common_denominator(entries)
            rows.append(tuple([value.numerator * (q // value.denominator) for value in entries]))
    return rows


def _forward(steps: Sequence[_Step], inside: Sequence[int]) -> tuple[list[Table], list[list[Number]]]:
    """For every layer its inputs as affine functions of x, and the slopes of its units, around a point."""
    d = len(inside) - 1
    hidden: Table = [[int(i == t) for t in range(d + 1)] for i in range(d)]
    inputs, slopes = [], []
    for step in steps:
        inputs.append(hidden)
        columns = list(zip(*hidden, strict=True))
        z = [[sum(map(mul, row, column)) for column in columns] for row in step.weight]
        for form, b in zip(z, step.bias, strict=True):
            form[-1] += b
        pieces = [_piece(step, sum(map(mul, form, inside)), inside[-1]) for form in z]
        slopes.append([slope for slope, _ in pieces])
        hidden = [
            [*[slope * a for a in form[:-1]], slope * form[-1] + constant]
            for form, (slope, constant) in zip(z, pieces, strict=True)
        ]
    return inputs, slopes


def _piece(step: _Step, value: Number, w: int) -> tuple[Number, int]:
    """Slope and constant of the activation at value / w; a unit that is zero on a region is inactive."""
    match step.activation:
        case Activation.RELU:
            return int(value > 0), 0
        case Activation.LEAKY_RELU:
            return (1 if value > 0 else step.slope), 0
        case Activation.ABS:
            return (1 if value > 0 else -1), 0
        case Activation.HARDTANH:
            return int(-w < value < w), (value >= w) - (value <= -w)
        case _:
            return 1, 0
