"""Tables of the compiled bounds from integers of any size; what does not fit is refused here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import _wide_state as w
from exactnet.certificate._plain_bounds import Chain, Unfit

__all__ = ["TooWide", "demand_float32", "make_tables", "make_work", "odd_and_twos", "words"]

Ints = NDArray[np.int64]

_MOST_SPLITS = 10_000


class TooWide(Exception):
    """A number does not fit into the words of the compiled loops."""


def odd_and_twos(number: int) -> tuple[int, int]:
    """A positive integer as odd * 2^twos.

    Examples
    --------
    >>> odd_and_twos(40)
    (5, 3)
    """
    twos = (number & -number).bit_length() - 1
    return number >> twos, twos


def words(numbers: Sequence[int], below: int) -> Ints:
    """Integers of magnitude below `below` (at most 2^63) as an array.

    Raises
    ------
    TooWide : one of them is not.
    """
    if any(not -below < x < below for x in numbers):
        raise TooWide("a number is too large")
    return np.array(numbers, dtype=np.int64)


def make_tables(chain: Chain) -> w.Tables:
    """The network as arrays.

    Raises
    ------
    TooWide : a weight, a bias or a denominator is outside of [2] in `_wide_backward`.
    """
    widths = [chain.n_inputs, *(len(layer.bias) for layer in chain.layers)]
    first, at = [0], [0]
    rows: list[Ints] = []
    columns: list[Ints] = []
    bias: list[Ints] = []
    scales: list[tuple[int, int]] = []
    for k, layer in enumerate(chain.layers):
        below = min(1 << max(0, 64 - max(widths[k : k + 2]).bit_length()), 1 << 62)
        matrix = words([x for row in layer.weight for x in row], below).reshape(widths[k + 1], widths[k])
        rows.append(matrix.ravel())
        columns.append(matrix.T.ravel())
        bias.append(words(layer.bias, below))
        scales.append(odd_and_twos(layer.denominator))
        first.append(first[-1] + widths[k + 1])
        at.append(at[-1] + matrix.size)
    relu = [int(flag) for layer in chain.layers for flag in layer.relu]
    terms = [sum(x != 0 for x in row) for layer in chain.layers for row in layer.weight]
    linear = [layer.relu.count(False) for layer in chain.layers]
    return w.Tables(
        _array(first),
        _array(widths),
        np.concatenate([_array([]), *rows]),
        np.concatenate([_array([]), *columns]),
        _array(at),
        np.concatenate([_array([]), *bias]),
        _array(relu),
        _array(terms),
        words([scale[0] for scale in scales], 1 << 62),
        _array([scale[1] for scale in scales]),
        _array(linear),
    )


def _array(numbers: Sequence[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def make_work(T: w.Tables) -> w.Work:
    """Working space for a network."""
    width, units = int(T.widths.max()), int(T.first[-1])

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    high, low, v, lost, w_, least, most = (zeros(width) for _ in range(7))
    names, live = np.zeros(width, dtype=np.uint64), np.zeros(units + int(T.widths[0]), dtype=np.uint64)
    alphas = np.full(units, -1, dtype=np.int64)
    tail = (zeros(len(T.widths)), zeros(int(T.widths[0])), alphas, zeros(_MOST_SPLITS, 5))
    return w.Work(high, low, v, lost, w_, names, least, most, live, *tail, zeros(w.N_WORK_FACTS))


def demand_float32(chain: Chain) -> None:
    """Check what the rounding bound demands of the weights (FORMAT.md section 7).

    Raises
    ------
    Unfit : too many terms, or too large weights.
    """
    for layer in chain.layers:
        for row, bias in zip(layer.weight, layer.bias, strict=True):
            if sum(x != 0 for x in row) >= 2**20:
                raise Unfit("a unit has too many terms for the rounding bound")
            if sum(map(abs, row)) + abs(bias) >= layer.denominator << 60:
                raise Unfit("a unit has too large weights for the rounding bound")
