"""CROWN bounds in float64 with NumPy: guesses about a whole box, and the plain reference of the kernels.

For each unit, z >= (linear function of the inputs) by substituting layer after layer backwards: an unstable
relu with L < 0 < U lies above alpha z and below U (z - L) / (U - L) (Zhang et al. 2018, CROWN; Singh et al.
2019, DeepPoly). Nothing here is proved; certificates recompute all of it in integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.verify.lowered import FloatLayer

__all__ = ["LayerBounds", "RootBounds", "backward", "root_bounds"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LayerBounds:
    """Lower and upper bounds of the pre-activations of one layer."""

    lower: Array
    upper: Array


@dataclass(frozen=True)
class RootBounds:
    """Bounds of all layers on a box, and the largest number met on the way (interval bounds included)."""

    layers: tuple[LayerBounds, ...]
    largest: float


def _value_range(layer: FloatLayer, bounds: LayerBounds) -> tuple[Array, Array]:
    lower = np.where(layer.is_relu, np.maximum(bounds.lower, 0), bounds.lower)
    return lower, np.where(layer.is_relu, np.maximum(bounds.upper, 0), bounds.upper)


def backward(
    layers: Sequence[FloatLayer], bounds: Sequence[LayerBounds], u: Array, c: Array, lo: Array, hi: Array
) -> Array:
    """Lower bounds of u h + c, one a row of u, over the values h of the last of these layers.

    Parameters
    ----------
    layers, bounds : the layers 1..l and the bounds of their pre-activations.
    u, c : (m x n_l) multipliers and m constants.
    lo, hi : the box of the inputs.
    """
    for layer, known in zip(reversed(layers), reversed(bounds), strict=True):
        lower, upper = known.lower, known.upper
        unstable = layer.is_relu & (lower < 0) & (upper > 0)
        dead = layer.is_relu & (upper <= 0)
        width = np.where(unstable, upper - lower, 1.0)
        # cut to 20 binary digits, as certificates do: any slope in [0, 1] gives a line above the relu
        share = np.floor(np.where(unstable, upper, 0.0) / width * 2.0**20) / 2.0**20
        slope = np.where(unstable, share, np.where(dead, 0.0, 1.0))
        alpha = np.where(unstable, (upper + lower >= 0).astype(np.float64), slope)
        intercept = np.where(unstable, np.maximum(-slope * lower, (1.0 - slope) * upper), 0.0)
        negative = np.minimum(u, 0.0)
        c = c + negative @ intercept
        w = np.maximum(u, 0.0) * alpha + negative * slope
        c = c + w @ layer.bias
        u = w @ layer.weight
    return c + np.maximum(u, 0.0) @ lo + np.minimum(u, 0.0) @ hi


def root_bounds(layers: Sequence[FloatLayer], lo: Array, hi: Array) -> RootBounds:
    """Bounds of every layer on a box, layer by layer: intervals, then CROWN for what is unstable.

    Examples
    --------
    >>> import numpy as np
    >>> layer = FloatLayer(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([True, True]))
    >>> last = FloatLayer(np.array([[1.0, 1.0]]), np.zeros(1), np.array([False]))
    >>> bounds = root_bounds([layer, last], np.array([-1.0]), np.array([2.0]))
    >>> [known.upper.tolist() for known in bounds.layers]
    [[2.0, 1.0], [3.0]]
    """
    done: list[LayerBounds] = []
    least, most = lo, hi
    largest = float(max(np.max(np.abs(lo)), np.max(np.abs(hi))))
    for k, layer in enumerate(layers):
        positive, negative = np.maximum(layer.weight, 0.0), np.minimum(layer.weight, 0.0)
        lower = positive @ least + negative @ most + layer.bias
        upper = positive @ most + negative @ least + layer.bias
        largest = max(largest, float(np.max(np.abs(lower))), float(np.max(np.abs(upper))))
        open_units = np.flatnonzero(layer.is_relu & (lower < 0) & (upper > 0)) if k else np.array([], int)
        if len(open_units):
            rows, shifts = layer.weight[open_units], layer.bias[open_units]
            better = backward(layers[:k], done, rows, shifts, lo, hi)
            lower[open_units] = np.maximum(lower[open_units], better)
            worse = -backward(layers[:k], done, -rows, -shifts, lo, hi)
            upper[open_units] = np.minimum(upper[open_units], worse)
        done.append(LayerBounds(lower, upper))
        least, most = _value_range(layer, done[-1])
    return RootBounds(tuple(done), largest)
