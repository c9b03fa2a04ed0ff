"""Activations of arrays of forms: each closes a layer and opens a new stage."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from exactnet.io.forms import (
    ZERO,
    Array,
    NotInClass,
    Stage,
    affine_rows,
    as_array,
    coordinates,
    entries,
    stages_of,
)
from exactnet.model import Activation

__all__ = ["activate", "clip", "maximum", "maxout"]


def activate(array: Array, activation: Activation, *, slope: Fraction = ZERO) -> Array:
    """Apply an activation to every entry; closes a layer, unless all entries are constants.

    Examples
    --------
    >>> from exactnet.io.form_network import to_network
    >>> from exactnet.io.forms import inputs
    >>> from exactnet.model import Provenance
    >>> x = inputs((1,))
    >>> to_network(activate(x, Activation.ABS), like=x, provenance=Provenance("example"))([-3])
    (Fraction(3, 1),)
    """
    stages = stages_of(array)
    if not stages:
        values = [activation.apply(Fraction(q), slope=slope) for q in entries(array)]
        return as_array(values, shape=array.shape)
    weights, bias = affine_rows(array, stages)
    sources = tuple(zip(stages, weights, strict=True))
    return coordinates(Stage(array.size, sources, bias, activation, slope), array.shape)


def maxout(array: Array) -> Array:
    """The largest entry along the last axis: a layer of maxout units, unless all entries are constants.

    Examples
    --------
    >>> from exactnet.io.form_network import to_network
    >>> from exactnet.io.forms import inputs
    >>> from exactnet.model import Provenance
    >>> x = inputs((1, 3))
    >>> largest = to_network(maxout(x), like=x, provenance=Provenance("example"))
    >>> largest, largest([2, 7, 1])
    (Network(3 -> 1 maxout(3), from example), (Fraction(7, 1),))
    """
    *shape, pieces = array.shape
    if pieces == 0:
        raise NotInClass("it takes the largest of no values")
    if pieces == 1:
        return as_array(array[..., 0])
    stages = stages_of(array)
    if not stages:
        rows = array.reshape(-1, pieces).tolist()
        return as_array([max(row) for row in rows], shape=tuple(shape))
    weights, bias = affine_rows(array, stages)
    sources = tuple(zip(stages, weights, strict=True))
    stage = Stage(array.size // pieces, sources, bias, Activation.MAXOUT, pieces=pieces)
    return coordinates(stage, tuple(shape))


def clip(array: Array, low: Fraction | None, high: Fraction | None) -> Array:
    """min(max(entry, low), high) through relu or hardtanh; a missing bound is None.

    With m the middle and r the half-width of [low, high], this is m + r hardtanh((z - m) / r).

    Examples
    --------
    >>> from exactnet.io.form_network import to_network
    >>> from exactnet.io.forms import inputs
    >>> from exactnet.model import Provenance
    >>> x = inputs((1,))
    >>> net = to_network(clip(x, Fraction(0), Fraction(6)), like=x, provenance=Provenance("relu6"))
    >>> net([-1]), net([2]), net([9])
    ((Fraction(0, 1),), (Fraction(2, 1),), (Fraction(6, 1),))
    """
    if low is not None and high is not None:
        if low >= high:
            raise NotInClass("its lower bound is not below its upper bound")
        if low == -1 and high == 1:
            return activate(array, Activation.HARDTANH)
        middle, radius = (low + high) / 2, (high - low) / 2
        return as_array(middle + radius * activate(as_array((array - middle) / radius), Activation.HARDTANH))
    if low is not None:
        return maximum(array, as_array(low))
    if high is not None:
        return as_array(-maximum(as_array(-array), as_array(-high)))
    return array


def maximum(array: Array, bound: Array) -> Array:
    """max(entry, c) = c + relu(entry - c) for constants c; a bound of zeros is relu itself.

    Examples
    --------
    >>> maximum(as_array([1, 5]), as_array([3]))
    array([Fraction(3, 1), Fraction(5, 1)], dtype=object)
    """
    raised = activate(
        as_array(array - bound) if any(entries(bound)) else np.broadcast_arrays(array, bound)[0],
        Activation.RELU,
    )
    return as_array(bound + raised) if any(entries(bound)) else raised
