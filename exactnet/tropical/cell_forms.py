"""The numerator and denominator of a network as affine functions, on every cell at once.

Every unit is kept as a difference F - G of two convex functions. With W = W+ - W- (entrywise), the
pre-activation of a layer is z = H - K with

    H = W+ F + W- G + b,     K = W+ G + W- F        (summed over everything that enters)

and behind the activation, with M = max(H, K),

    identity                     F = H                         G = K
    relu                         F = M                         G = K
    leaky_relu, slope s <= 0     F = (1 - s) M                 G = K - s H       (abs is s = -1)
                0 <= s <= 1      F = s H + (1 - s) M           G = K
                     s >= 1      F = s H + (s - 1) K           G = s K + (s - 1) M
    hardtanh                     F = max(H + 1, K) - 1         G = max(H - 1, K)
    maxout                       F = max_t (H_t + sum of K_s over s != t)     G = sum of all K_s

(Zhang, Naitzat, Lim 2018 for relu.) By induction all F and G are convex, and on a cell, where every switch
has one sign, they are affine: the sign says which side of each maximum counts. So the affine functions met
on the cells of the whole space are exactly the essential terms of F and G. Proof: F is convex and affine on
each of finitely many full-dimensional closed sets that cover R^d, hence the maximum of its affine pieces,
and each piece equals F on an open set.

All numbers are integers over one denominator a layer. They stay in float64 as long as a bound on all partial
sums shows that they are below 2^53, where float64 sums and products of integers are exact; beyond it they are
integers of any size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import LimitReached
from exactnet.exact import RationalMatrix, common_denominator
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["CellForms", "forms_on_cells"]

# entries of the largest array of one block of cells
_BLOCK = 1 << 22
_EXACT = 2**53

Array = NDArray[Any]


@dataclass(frozen=True)
class CellForms:
    """F and G of every output on a block of cells.

    Attributes
    ----------
    numerator, denominator : integers (n_cells x n_outputs x (d+1)): coefficients and constant of F and of G.
    scale : what all of them are divided by.
    """

    numerator: Array
    denominator: Array
    scale: int


@dataclass(frozen=True)
class _Pair:
    """Units as F - G on groups of cells: arrays (n_groups x n_units x (d+1)) over one scale.

    `bound` is at least the size of every entry; `length` is the number of switches that the groups share.
    """

    F: Array
    G: Array
    scale: int
    bound: int
    length: int


class _Groups:
    """Cells in lexicographic order of their signs; those that share the first L signs are neighbours."""

    def __init__(self, signs: NDArray[np.int8]) -> None:
        self.signs = signs
        # where each cell first differs from the one before: all of them differ
        self.first = (signs[1:] != signs[:-1]).argmax(axis=1) if len(signs) > 1 else np.zeros(0, np.intp)
        self._known: dict[int, tuple[NDArray[np.intp], NDArray[np.intp]]] = {}

    def of(self, length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For cells that share `length` signs: the group of every cell, and the first cell of every group."""
        if length not in self._known:
            starts = np.concatenate([[True], self.first < length])
            self._known[length] = (np.cumsum(starts) - 1, np.flatnonzero(starts))
        return self._known[length]


def forms_on_cells(
    network: Network, signs: NDArray[np.int8], *, max_bits: int | None = None
) -> Iterator[CellForms]:
    """F and G of all outputs on cells, block by block.

    Parameters
    ----------
    signs : (n_cells x n_switches), +1 or -1 for every switch of `region_task(network)`; the cells of a block
        are taken in the lexicographic order of their signs, each different row once.
    max_bits : stop when the numbers may become longer, over one denominator a layer.

    Raises
    ------
    LimitReached : longer numbers than allowed.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> block, = forms_on_cells(hat, np.array([[1, -1], [-1, 1]], dtype=np.int8))
    >>> block.numerator.tolist(), block.denominator.tolist(), block.scale
    ([[[0, 0]], [[2, 0]]], [[[1, 0]], [[1, 0]]], 1)
    """
    ordered = _in_order(signs)
    widest = max(len(layer.bias) for layer in network.layers) * (network.n_inputs + 1)
    step = max(1, _BLOCK // widest)
    for start in range(0, len(ordered), step):
        yield _block(network, ordered[start : start + step], max_bits)


def _in_order(signs: NDArray[np.int8]) -> NDArray[np.int8]:
    """The different rows in lexicographic order."""
    if not signs.shape[1]:
        return signs[:1]
    packed = np.ascontiguousarray(np.packbits(signs > 0, axis=1))
    keys = packed.view([("", np.void, packed.shape[1])])[:, 0]
    return np.asarray(signs[np.unique(keys, return_index=True)[1]])


def _block(network: Network, signs: NDArray[np.int8], max_bits: int | None) -> CellForms:
    groups = _Groups(signs)
    d = network.n_inputs
    values = {0: _inputs(d)}
    needed = {skip.source for layer in network.layers for skip in layer.skips}
    start = 0
    for k, layer in enumerate(network.layers, start=1):
        H, K = _pre_activation(layer, k, values, groups, d)
        values[k], start = _activated(layer, H, K, groups, start)
        _require_short(values[k], k, max_bits)
        if k - 1 not in needed:
            del values[k - 1]
    last = values[len(network.layers)]
    cells, _ = groups.of(last.length)
    return CellForms(_integers(last.F)[cells], _integers(last.G)[cells], last.scale)


def _require_short(pair: _Pair, k: int, max_bits: int | None) -> None:
    n_bits = max(pair.bound, pair.scale).bit_length()
    if max_bits is not None and n_bits > max_bits:
        raise LimitReached(
            "the numbers in F and G get longer than allowed",
            where=f"layer {k}",
            got=f"up to {n_bits} bits over one denominator",
            expected=f"at most {max_bits}",
            hint="raise max_bits, or round the weights to fewer digits",
        )


def _inputs(d: int) -> _Pair:
    F = np.zeros((1, d, d + 1))
    F[0, np.arange(d), np.arange(d)] = 1
    return _Pair(F, np.zeros_like(F), 1, 1, 0)


def _integers(values: Array) -> Array:
    return values if values.dtype == object else values.astype(np.int64)


# -- one layer -----------------------------------------------------------------------------------------


def _pre_activation(
    layer: AffineLayer, k: int, values: dict[int, _Pair], groups: _Groups, d: int
) -> tuple[_Pair, _Pair]:
    """H and K of a layer, each as a pair whose F is the function wanted."""
    sources = [(values[k - 1], layer.weight), *((values[s.source], s.weight) for s in layer.skips)]
    length = max(pair.length for pair, _ in sources)
    scale = math.lcm(*(pair.scale * weight.denominator for pair, weight in sources))
    scale = math.lcm(scale, common_denominator(layer.bias))
    parts = [(pair, weight, scale // (pair.scale * weight.denominator)) for pair, weight in sources]
    bias = [b.numerator * (scale // b.denominator) for b in layer.bias]
    # at least 1, so that it bounds the entries of the matrices as well
    bound = max(1, *map(abs, bias)) + sum(
        pair.bound * factor * max(sum(map(abs, row)) for row in weight.numerators)
        for pair, weight, factor in parts
    )
    exact = bound < _EXACT and all(pair.F.dtype != object for pair, _ in sources)
    heads = groups.of(length)[1]
    H = np.zeros((len(heads), len(bias), d + 1), dtype=np.float64 if exact else object)
    K = np.zeros_like(H)
    H[:, :, d] = np.array(bias, dtype=H.dtype)
    for pair, weight, factor in parts:
        rows = groups.of(pair.length)[0][heads]
        up = [[factor * max(w, 0) for w in row] for row in weight.numerators]
        down = [[factor * max(-w, 0) for w in row] for row in weight.numerators]
        upF, downF = _product(up, pair.F, exact), _product(down, pair.F, exact)
        upG, downG = _product(up, pair.G, exact), _product(down, pair.G, exact)
        H += (upF + downG)[rows]
        K += (upG + downF)[rows]
    return _Pair(H, H, scale, bound, length), _Pair(K, K, scale, bound, length)


def _product(matrix: list[list[int]], values: Array, exact: bool) -> Array:
    """matrix @ values for every group; in float64 when `exact`, else in integers of any size."""
    n_groups, n_units, width = values.shape
    if exact:
        return np.asarray(np.array(matrix, dtype=np.float64) @ values)
    flat = _integers(values).transpose(1, 0, 2).reshape(n_units, n_groups * width)
    left = RationalMatrix.from_integers(matrix, n_columns=n_units)
    right = RationalMatrix.from_integers(flat.tolist(), n_columns=n_groups * width)
    found = left @ right
    # the product of integer matrices: its denominator is 1
    table = np.array(found.numerators, dtype=object).reshape(len(matrix), n_groups, width)
    return np.asarray(table.transpose(1, 0, 2))


def _activated(layer: AffineLayer, H: _Pair, K: _Pair, groups: _Groups, start: int) -> tuple[_Pair, int]:
    """The layer behind its activation, and the first switch of the next one."""
    kind = layer.activation
    if kind is Activation.IDENTITY:
        return _Pair(H.F, K.F, H.scale, max(H.bound, K.bound), H.length), start
    if kind is Activation.MAXOUT:
        n_switches = layer.n_outputs * (layer.pieces - 1)
        rule: _Rule = _maxout
    else:
        n_switches = layer.n_outputs * len(kind.breakpoints)
        rule = _hardtanh if kind is Activation.HARDTANH else _leaky
    end = start + n_switches
    heads = groups.of(end)[1]
    parents = groups.of(H.length)[0][heads]
    signs = groups.signs[heads, start:end] > 0
    F, G, scale, bound = rule(layer, H, K, parents, signs)
    return _Pair(F, G, scale, bound, end), end


_Rule = Callable[
    [AffineLayer, _Pair, _Pair, NDArray[np.intp], NDArray[np.bool_]], tuple[Array, Array, int, int]
]


def _leaky(
    layer: AffineLayer, H: _Pair, K: _Pair, parents: NDArray[np.intp], signs: NDArray[np.bool_]
) -> tuple[Array, Array, int, int]:
    s = Fraction(-1) if layer.activation is Activation.ABS else layer.slope
    p, q = s.numerator, s.denominator
    largest = max(H.bound, K.bound) * (abs(p) + abs(q - p)) * 2
    h, k = (_wide(part.F, largest)[parents] for part in (H, K))
    m = np.where(signs[:, :, None], h, k)
    if s == 0:
        return m, k, H.scale, max(H.bound, K.bound)
    if s < 0:
        return (q - p) * m, q * k - p * h, H.scale * q, largest
    if s <= 1:
        return p * h + (q - p) * m, q * k, H.scale * q, largest
    return p * h + (p - q) * k, p * k + (p - q) * m, H.scale * q, largest


def _hardtanh(
    layer: AffineLayer, H: _Pair, K: _Pair, parents: NDArray[np.intp], signs: NDArray[np.bool_]
) -> tuple[Array, Array, int, int]:
    largest = max(H.bound, K.bound) + H.scale
    h, k = (_wide(part.F, largest)[parents] for part in (H, K))
    one = np.zeros(h.shape[2], dtype=h.dtype)
    one[-1] = H.scale
    F = np.where(signs[:, ::2, None], h, k - one)
    G = np.where(signs[:, 1::2, None], h - one, k)
    return F, G, H.scale, largest


def _maxout(
    layer: AffineLayer, H: _Pair, K: _Pair, parents: NDArray[np.intp], signs: NDArray[np.bool_]
) -> tuple[Array, Array, int, int]:
    largest = (H.bound + K.bound) * layer.pieces
    shape = (len(parents), layer.n_outputs, layer.pieces, H.F.shape[2])
    h, k = (_wide(part.F, largest)[parents].reshape(shape) for part in (H, K))
    stages = signs.reshape(len(parents), layer.pieces - 1, layer.n_outputs)
    winners = np.zeros((len(parents), layer.n_outputs), dtype=np.intp)
    for t in range(1, layer.pieces):
        winners[stages[:, t - 1]] = t
    G = k.sum(axis=2)
    gain = np.take_along_axis(h - k, winners[:, :, None, None], axis=2)[:, :, 0]
    return G + gain, G, H.scale, largest


def _wide(values: Array, bound: int) -> Array:
    """The same values, as integers of any size if numbers up to the bound do not fit float64."""
    return values if bound < _EXACT or values.dtype == object else values.astype(np.int64).astype(object)
