"""A network as a plain chain of task layers: skip connections are carried, maxout becomes a tournament.

Passed units carry what a later layer needs past the layers between. A maxout layer with p pieces becomes
p - 1 task layers: stage t compares piece t of every unit with the winner so far, and adds relu(z_t - winner)
to that winner; so its switch is positive where piece t takes over, and where pieces are equal the lowest
one stays. The function is the same everywhere, exactly.

The stages of a tournament also compare pieces that lose in the end. With three or more pieces they may cut
one activation region of the network into several cells: see :mod:`exactnet.geometry.patterns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from exactnet.exact import RationalMatrix
from exactnet.geometry.layers import TaskLayer
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["lowered"]


class _Values(NamedTuple):
    """Values as affine functions of the units of the last task layer so far, at first of the inputs."""

    weight: RationalMatrix
    bias: tuple[Fraction, ...]


# all units of the last task layer, in their order: no matrix to multiply with
_UNITS = None


def lowered(network: Network) -> tuple[tuple[TaskLayer, ...], TaskLayer | None]:
    """Task layers that all switch, and the affine map behind the last one (None if there is none).

    Without skips and maxout: the layers of the network, identity layers merged into the layer behind them.

    Examples
    --------
    >>> residual = Network.from_arrays([([[1], [-1]], None), ([[1, 1]], None)], skips={(2, 0): [["1/2"]]})
    >>> (layer,), readout = lowered(residual)
    >>> layer.weight, layer.n_passed, readout.weight
    (RationalMatrix([[1], [-1], [1]]), 1, RationalMatrix([[1, 1, 1/2]]))
    >>> largest = Network.from_arrays([([[1], [2], [3]], None)], output_activation="maxout", pieces=3)
    >>> stages, winner = lowered(largest)
    >>> [(stage.weight.numerators, stage.n_passed) for stage in stages], winner.weight
    ([(((1,), (1,), (3,)), 2), (((-1, -1, 1), (1, 1, 0)), 1)], RationalMatrix([[1, 1]]))
    """
    layers: list[TaskLayer] = []
    values: dict[int, _Values | None] = {0: _UNITS}
    n_units = network.n_inputs
    for k, layer in enumerate(network.layers, start=1):
        z = _pre_activation(layer, k, values, n_units)
        needed = sorted({skip.source for behind in network.layers[k:] for skip in behind.skips})
        values = {source: values[source] for source in needed if source < k}
        if layer.activation is Activation.IDENTITY:
            values[k] = z
            continue
        carried = [_explicit(kept, n_units) for kept in values.values()]
        end: _Values | None
        if layer.activation is Activation.MAXOUT:
            stages, end, carried = _tournament(z, layer.pieces, carried)
        else:
            stages = [_stacked(z, carried, layer.activation, layer.slope)]
            end = _columns(0, layer.n_outputs, stages[0].n_units) if carried else _UNITS
            carried = _blocks(stages[0], carried)
        layers += stages
        n_units = layers[-1].n_units
        values = {**dict(zip(values, carried, strict=True)), k: end}
    output = values[len(network.layers)]
    readout = None if output is _UNITS else TaskLayer(*output, Activation.IDENTITY)
    return tuple(layers), readout


def _pre_activation(layer: AffineLayer, k: int, values: dict[int, _Values | None], n_units: int) -> _Values:
    """z of layer k (counted from 1) over the units of the last task layer."""
    z = _through(layer.weight, values[k - 1], layer.bias)
    for skip in layer.skips:
        nothing = (Fraction(0),) * len(layer.bias)
        z = _sum(z, _through(skip.weight, values[skip.source], nothing))
    return z


def _through(weight: RationalMatrix, values: _Values | None, bias: Sequence[Fraction]) -> _Values:
    if values is _UNITS:
        return _Values(weight, tuple(bias))
    moved = weight @ values.bias
    return _Values(weight @ values.weight, tuple(z + b for z, b in zip(moved, bias, strict=True)))


def _tournament(
    z: _Values, pieces: int, carried: Sequence[_Values]
) -> tuple[list[TaskLayer], _Values, list[_Values]]:
    """The stages of a maxout layer; the winners and the carried values over the units of the last one."""
    winner, *waiting = [
        _Values(_rows(z.weight, slice(t, None, pieces)), z.bias[t::pieces]) for t in range(pieces)
    ]
    stages: list[TaskLayer] = []
    carried = list(carried)
    n_outputs = len(winner.bias)
    while waiting:
        challenger, *waiting = waiting
        ahead = _Values(challenger.weight - winner.weight, _minus(challenger.bias, winner.bias))
        stage = _stacked(ahead, [winner, *waiting, *carried], Activation.RELU, Fraction(0))
        blocks = _blocks(stage, [winner, *waiting, *carried])
        winner = _sum(_columns(0, n_outputs, stage.n_units), blocks[0])
        waiting, carried = blocks[1 : 1 + len(waiting)], blocks[1 + len(waiting) :]
        stages.append(stage)
    return stages, winner, carried


# -- affine maps side by side --------------------------------------------------------------------------


def _stacked(
    switching: _Values, passed: Sequence[_Values], activation: Activation, slope: Fraction
) -> TaskLayer:
    """One task layer: units that switch, then passed ones."""
    if not passed:
        return TaskLayer(*switching, activation, slope)
    parts = [switching, *passed]
    rows = [row for part in parts for row in part.weight.rows()]
    weight = RationalMatrix.from_rows(rows, n_columns=switching.weight.n_columns)
    bias = tuple(b for part in parts for b in part.bias)
    return TaskLayer(weight, bias, activation, slope, len(bias) - len(switching.bias))


def _blocks(layer: TaskLayer, passed: Sequence[_Values]) -> list[_Values]:
    """The passed values over the units of that layer."""
    blocks, start = [], layer.n_switching
    for part in passed:
        blocks.append(_columns(start, len(part.bias), layer.n_units))
        start += len(part.bias)
    return blocks


def _columns(start: int, n: int, n_units: int) -> _Values:
    """The units start, .., start + n - 1 of n_units."""
    rows = [[int(j == start + i) for j in range(n_units)] for i in range(n)]
    return _Values(RationalMatrix.from_integers(rows, n_columns=n_units), (Fraction(0),) * n)


def _explicit(values: _Values | None, n_units: int) -> _Values:
    return _columns(0, n_units, n_units) if values is _UNITS else values


def _sum(a: _Values, b: _Values) -> _Values:
    return _Values(a.weight + b.weight, tuple(x + y for x, y in zip(a.bias, b.bias, strict=True)))


def _minus(a: Sequence[Fraction], b: Sequence[Fraction]) -> tuple[Fraction, ...]:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _rows(matrix: RationalMatrix, chosen: slice) -> RationalMatrix:
    return RationalMatrix.from_integers(
        matrix.numerators[chosen], matrix.denominator, n_columns=matrix.n_columns
    )
