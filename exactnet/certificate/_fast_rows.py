"""Layers of a network in integers, as the second checker takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from exactnet.certificate._fast_read import Layer, Network

__all__ = [
    "IntegerLayer",
    "Rows",
    "fits",
    "integer_layers",
    "layer_rows",
    "n_switches_of",
    "slope_below",
    "switching_layers",
]

LARGEST = 2**52  # integers that are floats without rounding

_MOST_INPUTS = 60  # coordinates are bits of an int64
_MOST_BITS = 100_000
_MOST_BITS_IN_ALL = 2**32
_ONE = Fraction(1)


@dataclass(frozen=True)
class Rows:
    """The affine forms of a layer: integer rows over one denominator, with a column for each source's unit.

    A unit of hardtanh has three rows, z, z + 1 and z - 1; one of maxout has one a piece. Sources are named by
    number, 0 the inputs and k the layer k.
    """

    weight: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    denominator: int
    sources: tuple[int, ...]
    per_unit: int


def layer_rows(layer: Layer, number: int) -> Rows:
    """The rows of the layer with this number, counted from 1; skips stand behind the layer before."""
    exact = [
        (*row, *(x for _, matrix in layer.skips for x in matrix[r])) for r, row in enumerate(layer.weight)
    ]
    den = _common_denominator([layer.bias, *exact])
    weight = [tuple([x.numerator * (den // x.denominator) for x in row]) for row in exact]
    bias = [b.numerator * (den // b.denominator) for b in layer.bias]
    sources = (number - 1, *(source for source, _ in layer.skips))
    if layer.activation != "hardtanh":
        return Rows(tuple(weight), tuple(bias), den, sources, layer.pieces)
    three = tuple(row for row in weight for _ in range(3))
    return Rows(three, tuple(b + shift for b in bias for shift in (0, den, -den)), den, sources, 3)


def fits(network: Network) -> bool:
    """Whether there are at most 60 inputs, and all numbers that can turn up are of a length to work with."""
    n_bits = n_numbers = 0
    for layer in network.layers:
        numbers = [*layer.bias, layer.slope, *(x for row in layer.weight for x in row)]
        numbers += [x for _, matrix in layer.skips for row in matrix for x in row]
        n_bits += sum(q.bit_length() for q in {x.denominator for x in numbers})
        # a sum of n products has at most the bits of n more than each of them
        n_bits += max(x.numerator.bit_length() for x in numbers) + len(numbers).bit_length()
        n_numbers = max(n_numbers, len(numbers), len(layer.bias) * (network.n_inputs + 1))
    return network.n_inputs <= _MOST_INPUTS and n_bits <= min(
        _MOST_BITS, _MOST_BITS_IN_ALL // (n_numbers + 1)
    )


def n_switches_of(layer: Layer) -> int:
    """Switches of a layer, of all its stages."""
    if layer.activation == "identity":
        return 0
    return layer.n_units * {"hardtanh": 2, "maxout": layer.pieces - 1}.get(layer.activation, 1)


def switching_layers(network: Network) -> tuple[tuple[Layer, ...], list[Rows]]:
    """The layers up to the last one with switches, and their rows."""
    layers = network.layers
    while layers and not n_switches_of(layers[-1]):
        layers = layers[:-1]
    return layers, [layer_rows(layer, number) for number, layer in enumerate(layers, start=1)]


@dataclass(frozen=True)
class IntegerLayer:
    """A layer multiplied out: rows over its columns, slopes (below, above), and what 1 has become."""

    weight: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    slopes: tuple[int, int]
    cap: int


def integer_layers(
    n_inputs: int, layers: Sequence[Layer], rows: Sequence[Rows]
) -> tuple[list[IntegerLayer], int]:
    """All layers in integers, and how many of the first have forms that stay below 2^52.

    All rows of a layer carry one common positive factor, so that the layers behind can add them up.
    """
    found: list[IntegerLayer] = []
    n_small, small = 0, True
    scales, bounds = [1], [[1] * n_inputs]  # of the outputs of each layer, the inputs first
    for layer, table in zip(layers, rows, strict=True):
        below = slope_below(layer)
        factors = [scales[-1] // scales[s] for s in table.sources for _ in bounds[s]]
        sizes = [size for s in table.sources for size in bounds[s]]
        cap = table.denominator * scales[-1]
        weight = table.weight
        if len(table.sources) > 1:
            weight = tuple(tuple(w * f for w, f in zip(row, factors, strict=True)) for row in weight)
        bias = tuple(b * scales[-1] for b in table.bias)
        found.append(IntegerLayer(weight, bias, (below.numerator, below.denominator), cap))
        rise = max(below.denominator, abs(below.numerator))
        if small:
            totals = [
                rise * (sum([abs(w) * size for w, size in zip(row, sizes, strict=True)]) + abs(b))
                for row, b in zip(weight, bias, strict=True)
            ]
            small = max(*totals, cap, rise) < LARGEST
            per_unit = table.per_unit
            bounds.append([max(*totals[r : r + per_unit], cap) for r in range(0, len(totals), per_unit)])
        else:
            bounds.append([0] * layer.n_units)
        n_small += small
        scales.append(cap * below.denominator)
    return found, n_small


def _common_denominator(rows: Sequence[Sequence[Fraction]]) -> int:
    factor = 1
    for row in rows:
        for x in row:
            factor = lcm(factor, x.denominator)
    return factor


def slope_below(layer: Layer) -> Fraction:
    """The slope below the breakpoint; 1 where there is none."""
    return {"abs": -_ONE, "leaky_relu": layer.slope, "relu": 0 * _ONE}.get(layer.activation, _ONE)
