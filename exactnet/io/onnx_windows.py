"""The ONNX operators that slide a window over an image, and batch normalisation.

A convolution and an average are affine, a maximum over windows is a layer of maxout units. Batch
normalisation divides by a square root. Where that is rational it is taken exactly; elsewhere the root is
replaced by the nearest number of 53 significant bits, and the provenance of the network says so.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from exactnet.io.form_activations import maxout
from exactnet.io.form_products import matmul
from exactnet.io.forms import Array, NotInClass, as_array, entries
from exactnet.io.onnx_registry import (
    Attributes,
    Inputs,
    Operator,
    constant,
    first,
    given,
    number,
    pair,
    registrar,
)
from exactnet.io.windows import WINDOW_ATTRIBUTES, Windows, windows

__all__ = ["WINDOWS", "nearest_root"]

WINDOWS: dict[str, Operator] = {}
_operator = registrar(WINDOWS)

_SIGNIFICANT_BITS = 53


# -- windows --------------------------------------------------------------------------------------------


@_operator("Conv", *WINDOW_ATTRIBUTES, "group", n_inputs=2, up_to=3)
def _conv(attributes: Attributes, inputs: Inputs) -> Array:
    x, kernel = pair(inputs)
    bias, group = given(inputs, 2), attributes.get("group", 1)
    kernel = constant(kernel, "kernel")
    n_out, n_in, *size = kernel.shape
    if list(attributes.get("kernel_shape", size)) != size:
        raise ValueError(f"kernel_shape {list(attributes['kernel_shape'])} of a kernel {kernel.shape}")
    if x.ndim != kernel.ndim or x.shape[0] != 1 or x.shape[1] != n_in * group or n_out % group:
        raise ValueError(f"{group} groups")
    found = windows(x.shape[2:], size, attributes)
    parts = []
    for k in range(group):
        seen = _under(x[0, k * n_in : (k + 1) * n_in], found, padding=Fraction(0))
        rows = seen.transpose(1, 0, 2).reshape(len(found.positions), -1)  # places x (channels, window)
        weights = kernel[k * (n_out // group) : (k + 1) * (n_out // group)].reshape(n_out // group, -1)
        parts.append(matmul(rows, weights.T).T)
    z = np.concatenate(parts)
    if bias is not None:
        z = as_array(z + constant(bias, "bias").reshape(n_out, 1))
    return z.reshape(1, n_out, *found.shape)


@_operator("AveragePool", *WINDOW_ATTRIBUTES, "ceil_mode", "count_include_pad")
def _average_pool(attributes: Attributes, inputs: Inputs) -> Array:
    x = _image(first(inputs))
    found = windows(x.shape[2:], attributes["kernel_shape"], attributes)
    counted = (found.positions >= 0).sum(axis=1)
    if attributes.get("count_include_pad", 0):
        if found.is_beyond:
            raise NotInClass("a window reaches beyond the padding, where versions of the operator differ")
        counted = np.full(len(found.positions), found.positions.shape[1])
    if not counted.all():
        raise NotInClass("a window lies in the padding")
    sums = matmul(
        _under(x[0], found, padding=Fraction(0)), as_array([Fraction(1)] * found.positions.shape[1])
    )
    means = as_array(sums * as_array([Fraction(1, n) for n in counted.tolist()]))
    return means.reshape(*x.shape[:2], *found.shape)


@_operator("MaxPool", *WINDOW_ATTRIBUTES, "ceil_mode", "storage_order")
def _max_pool(attributes: Attributes, inputs: Inputs) -> Array:
    x = _image(first(inputs))
    found = windows(x.shape[2:], attributes["kernel_shape"], attributes)
    if not (found.positions >= 0).any(axis=1).all():
        raise NotInClass("a window lies in the padding")
    # padding never wins: an entry that is there takes its place, and all units have as many pieces
    there = found.positions.max(axis=1, keepdims=True)
    inside = Windows(
        found.shape, np.where(found.positions < 0, there, found.positions), is_beyond=found.is_beyond
    )
    return as_array(maxout(_under(x[0], inside, padding=Fraction(0)))).reshape(*x.shape[:2], *found.shape)


@_operator("GlobalAveragePool")
def _global_average_pool(_: Attributes, inputs: Inputs) -> Array:
    x = _image(first(inputs))
    rows = x.reshape(x.shape[1], -1)
    means = as_array(matmul(rows, as_array([Fraction(1)] * rows.shape[1])) * Fraction(1, rows.shape[1]))
    return means.reshape(*x.shape[:2], *[1] * (x.ndim - 2))


@_operator("GlobalMaxPool")
def _global_max_pool(_: Attributes, inputs: Inputs) -> Array:
    x = _image(first(inputs))
    return as_array(maxout(x.reshape(x.shape[1], -1))).reshape(*x.shape[:2], *[1] * (x.ndim - 2))


def _image(x: Array) -> Array:
    if x.ndim < 3 or x.shape[0] != 1:
        raise ValueError("an image has one sample, channels, and at least one dimension more")
    return x


def _under(channels: Array, found: Windows, *, padding: Fraction) -> Array:
    """(channels x places x window): what lies under the window."""
    flat = channels.reshape(len(channels), -1)
    outside = np.empty((len(channels), 1), dtype=object)
    outside[:] = padding
    # position -1 is the last entry
    return as_array(np.concatenate([flat, outside], axis=1)[:, found.positions])


# -- batch normalisation --------------------------------------------------------------------------------


@_operator("BatchNormalization", "epsilon", "momentum", "training_mode", "spatial", n_inputs=5)
def _batch_normalization(attributes: Attributes, inputs: Inputs) -> Array:
    if attributes.get("training_mode", 0) or not attributes.get("spatial", 1):
        raise NotInClass("it is in training mode or normalises every entry by itself")
    x = first(inputs)
    if x.ndim < 2:
        raise ValueError("an input with channels has at least two dimensions")
    scale, shift, mean, variance = (constant(inputs[k], "table") for k in range(1, 5))
    # attributes are stored as float32; the default of the standard is that of the text 1e-5
    epsilon = number(attributes, "epsilon", default=float(np.float32("1e-5")))
    spread = [Fraction(v) + epsilon for v in entries(variance)]
    if min(spread) <= 0:
        raise NotInClass("a variance is not positive")
    factors = as_array([Fraction(s) / nearest_root(v) for s, v in zip(entries(scale), spread, strict=True)])
    offsets = as_array(shift - mean * factors)
    shape = (-1, *[1] * (x.ndim - 2))
    return as_array(x * factors.reshape(shape) + offsets.reshape(shape))


def nearest_root(q: Fraction) -> Fraction:
    """The square root of q > 0 if it is rational, else the nearest number of 53 significant bits.

    Examples
    --------
    >>> nearest_root(Fraction(4, 9)), nearest_root(Fraction(2)) == Fraction(math.sqrt(2))
    (Fraction(2, 3), True)
    """
    exact = Fraction(math.isqrt(q.numerator), math.isqrt(q.denominator))
    if exact * exact == q:
        return exact
    # 2**e sqrt(q) lies between 2**52 and 2**53, and is no integer and no half
    e = _SIGNIFICANT_BITS - (q.numerator.bit_length() - q.denominator.bit_length()) // 2
    while q * Fraction(4) ** e >= Fraction(4) ** _SIGNIFICANT_BITS:
        e -= 1
    twice = math.isqrt(math.floor(4 * q * Fraction(4) ** e))  # floor of 2 * 2**e sqrt(q)
    return Fraction((twice + 1) // 2) / Fraction(2) ** e
