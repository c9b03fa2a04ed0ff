"""The refinement of FORMAT.md in float64, with outward slack, over the live units of a network.

The checkers recompute all bounds in integers of 2^-grid; the engine only has to guess which trees they will
accept. So every bound here is a little weaker than theirs: a unit that is decided here is decided there, and
a leaf that closes here with room to spare closes there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.relu_units import Array, Bounds, Flags, Units

__all__ = ["FloatTask", "LiveLayer", "LiveNetwork", "refined", "root_task"]

# the format rounds multipliers to 40 bits and float64 has 53: 2^-30 of all that is added up covers both
_RELATIVE = math.ldexp(1.0, -30)
_GRID_UNITS = 8.0
_NEAR = 4.0


@dataclass(frozen=True)
class LiveLayer:
    """The units of a layer that are not dead at the root, over those of the layer before.

    Parameters
    ----------
    weight, bias : in float64; weight is (units x live units before).
    is_relu : one truth value a unit.
    units : their numbers in the layer of the network, ascending.
    first : flat number of unit 0 of that layer.
    noise : (nu + 2) / (2^24 - nu - 2) for the nu non-zero weights of each unit; 0 without float32 noise.
    """

    weight: Array
    bias: Array
    is_relu: Flags
    units: NDArray[np.int64]
    first: int
    noise: Array

    def over(self, units: NDArray[np.int64], inputs: NDArray[np.int64] | None) -> LiveLayer:
        """Some of the units, over some of the units before."""
        weight = self.weight[units] if inputs is None else self.weight[np.ix_(units, inputs)]
        return LiveLayer(
            np.ascontiguousarray(weight),
            self.bias[units],
            self.is_relu[units],
            self.units[units],
            self.first,
            self.noise[units],
        )


@dataclass(frozen=True)
class LiveNetwork:
    """Layers in float64 on a box of inputs, with what the format adds to them.

    Parameters
    ----------
    layers : see :class:`LiveLayer`.
    lo, hi : the box, rounded outwards to the grid.
    unit : 2^-grid.
    float32 : whether bounds allow for binary32 rounding.
    """

    layers: tuple[LiveLayer, ...]
    lo: Array
    hi: Array
    unit: float
    float32: bool


@dataclass(frozen=True)
class FloatTask:
    """The root of a search: the live network on its box, and the bounds there."""

    net: LiveNetwork
    bounds: Bounds


def root_task(
    net: ReluNetwork, lower: tuple[Fraction, ...], upper: tuple[Fraction, ...], *, float32: bool, grid: int
) -> FloatTask:
    """The refined root of a tree on a box, over its live units; the outputs are all kept.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([([[1], [-1]], [0, -4]), ([[1, 1]], [0])]))
    >>> task = root_task(net, (Fraction(-1),), (Fraction(2),), float32=False, grid=44)
    >>> [layer.units.tolist() for layer in task.net.layers], task.bounds.layers[0].is_open.tolist()
    ([[0], [0]], [True])
    """
    box = _grid_box(lower, upper, grid)
    whole = _whole_network(net, box, float32)
    bounds = refined(whole, first=_first_layer(net, box, whole))
    layers, kept, inputs = [], [], None
    for k, (layer, units) in enumerate(zip(whole.layers, bounds.layers, strict=True)):
        is_last = k == len(whole.layers) - 1
        live = np.flatnonzero(~layer.is_relu | (units.upper > 0) | is_last)
        layers.append(layer.over(live, inputs))
        kept.append(units.take(live))
        inputs = live
    return FloatTask(LiveNetwork(tuple(layers), whole.lo, whole.hi, whole.unit, float32), Bounds(tuple(kept)))


class _GridBox(NamedTuple):
    """A box rounded outwards to integers of 2^-grid."""

    lo: list[int]
    hi: list[int]
    grid: int


def _grid_box(lower: tuple[Fraction, ...], upper: tuple[Fraction, ...], grid: int) -> _GridBox:
    scale = 2**grid
    return _GridBox([math.floor(v * scale) for v in lower], [math.ceil(v * scale) for v in upper], grid)


def _whole_network(net: ReluNetwork, box: _GridBox, float32: bool) -> LiveNetwork:
    lo = np.array([math.ldexp(v, -box.grid) for v in box.lo])
    hi = np.array([math.ldexp(v, -box.grid) for v in box.hi])
    layers, first = [], 0
    for layer in net.floats:
        nu = np.count_nonzero(layer.weight, axis=1).astype(np.float64)
        noise = (nu + 2) / (2.0**24 - nu - 2) if float32 else np.zeros(len(nu))
        layers.append(LiveLayer(layer.weight, layer.bias, layer.is_relu, np.arange(len(nu)), first, noise))
        first += len(layer.bias)
    return LiveNetwork(tuple(layers), lo, hi, math.ldexp(1.0, -box.grid), float32)


# -- interval bounds ---------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """Interval bounds of a layer, its noise terms, and the slack that its bounds need."""

    lower: Array
    upper: Array
    noise: Array
    slack: Array


def _step(net: LiveNetwork, k: int, least: Array, most: Array) -> _Step:
    layer = net.layers[k]
    positive, negative = np.maximum(layer.weight, 0.0), np.minimum(layer.weight, 0.0)
    size = (positive - negative) @ np.maximum(np.abs(least), np.abs(most)) + np.abs(layer.bias)
    noise = layer.noise * size * (1.0 + _RELATIVE) + 2 * net.unit if net.float32 else np.zeros(len(size))
    slack = _RELATIVE * size + _GRID_UNITS * net.unit
    lower = positive @ least + negative @ most + layer.bias - noise - slack
    upper = positive @ most + negative @ least + layer.bias + noise + slack
    return _Step(lower, upper, noise, slack)


def _first_layer(net: ReluNetwork, box: _GridBox, whole: LiveNetwork) -> Units:
    """The first layer, in integers where floats leave a doubt: there it is no matter of luck."""
    lower, upper, noise, slack = _step(whole, 0, whole.lo, whole.hi)
    rising = upper + lower >= 0
    near = np.minimum(np.minimum(np.abs(lower), np.abs(upper)), np.abs(lower + upper)) <= _NEAR * slack
    layer = net.layers[0]
    for j in np.flatnonzero(near).tolist():
        row, least = layer.weight[j], layer.bias[j] << box.grid
        most = least
        for a, lo, hi in zip(row, box.lo, box.hi, strict=True):
            least += a * (lo if a > 0 else hi)
            most += a * (hi if a > 0 else lo)
        low, high = least // layer.denominator, -(-most // layer.denominator)
        lower[j] = math.ldexp(low, -box.grid) - noise[j]
        upper[j] = math.ldexp(high, -box.grid) + noise[j]
        rising[j] = low + high >= 0
    sure = np.zeros(len(lower))
    is_relu = whole.layers[0].is_relu
    return Units(lower, upper, noise, sure, lower, rising, sure > 0, is_relu)


# -- backward bounds ---------------------------------------------------------------------------------------


def refined(net: LiveNetwork, known: Bounds | None = None, first: Units | None = None) -> Bounds:
    """The refinement of FORMAT.md: that of the root if nothing is known, else that of code 2.

    Parameters
    ----------
    net : the network on its box.
    known : the bounds so far; kept where they are better.
    first : at the root, what is known about the first layer.
    """
    done: list[Units] = []
    for k in range(len(net.layers)):
        if k == 0 and first is not None:
            done.append(first)
        else:
            done.append(_refined_layer(net, done, None if known is None else known.layers[k]))
    return Bounds(tuple(done))


def _refined_layer(net: LiveNetwork, done: list[Units], known: Units | None) -> Units:
    k = len(done)
    layer = net.layers[k]
    L, U, noise, slack = _step(net, k, *(done[-1].ranges if done else (net.lo, net.hi)))
    if known is not None:
        keep = layer.is_relu if k else np.zeros(len(L), dtype=np.bool_)
        L = np.where(keep, known.lower, np.maximum(L, known.lower))
        U = np.where(keep, known.upper, np.minimum(U, known.upper))
        if k == 0:
            return Units(L, U, noise, known.near, known.under, known.rising, known.doubtful, layer.is_relu)
    near = _NEAR * slack if known is None else np.maximum(_NEAR * slack, known.near)
    under = L.copy()
    # the format bounds the units again that are unstable there; of the others it keeps what it has
    is_wide = np.minimum(-L, U) > near
    todo = np.flatnonzero(layer.is_relu & is_wide & (k > 0))
    if len(todo):
        rows, less = layer.weight[todo], (noise + slack)[todo]
        shifts = np.concatenate((layer.bias[todo] - less, -layer.bias[todo] - less))
        found = _backward(net, done, np.concatenate((rows, -rows)), shifts)
        under[todo] = found[: len(todo)]
        L[todo] = np.maximum(L[todo], found[: len(todo)])
        U[todo] = np.minimum(U[todo], -found[len(todo) :])
    return Units(L, U, noise, near, under, U + L >= 0, np.abs(U + L) <= near, layer.is_relu)


def _backward(net: LiveNetwork, done: list[Units], u: Array, c: Array) -> Array:
    """Lower bounds of u h + c, one a row of u, over the values of the last layer that is done.

    Lower slopes are adaptive; that of a doubtful unit is none of 0 and 1 but the constant `under`.
    """
    for layer, units in zip(reversed(net.layers[: len(done)]), reversed(done), strict=True):
        around = units.lines()
        doubt = around.unstable & units.doubtful
        below = np.where(around.unstable & ~doubt, units.rising, around.fixed)
        base = np.where(doubt, np.minimum(units.under, 0.0), around.base)
        positive, negative = np.maximum(u, 0.0), np.minimum(u, 0.0)
        w = positive * below + negative * around.slope
        c = c + positive @ base + negative @ around.intercept + w @ layer.bias
        if net.float32:
            c = c - np.abs(w) @ units.noise
        u = w @ layer.weight
    return c + np.maximum(u, 0.0) @ net.lo + np.minimum(u, 0.0) @ net.hi
