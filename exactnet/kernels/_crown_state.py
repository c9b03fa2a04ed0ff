"""The arrays of a search, as named tuples; import :mod:`exactnet.kernels.crown` instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

try:
    import numba

    def compile_crown(function: F) -> F:
        """Compile a loop; without numba it runs as plain Python."""
        compiled: F = numba.njit(cache=True)(function)
        return compiled

except ImportError:  # the plain twin

    def compile_crown(function: F) -> F:
        """Leave the loop as it is."""
        return function


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]


class Net(NamedTuple):
    """A network as flat arrays.

    `sizes` are n_0, .., n_K; the weights of layer k = 1..K are w[woff[k - 1]:], row by row; units are
    numbered from 0 over all layers, those of layer k from uoff[k - 1].
    """

    sizes: Ints
    woff: Ints
    uoff: Ints
    w: Floats
    b: Floats
    relu: Bytes


class Cases(NamedTuple):
    """Rows of all cases: row r of case c is rows[start[c] + r] . y + rows_x . x <= bound.

    `number` is how certificates call the cases.
    """

    number: Ints
    start: Ints
    rows: Floats
    rows_x: Floats
    bound: Floats


class Stack(NamedTuple):
    """Boxes still to look at, in grid units, with the bounds inherited from their parents."""

    lo: Ints
    hi: Ints
    lower: Floats
    upper: Floats
    is_open: Bytes
    depth: Ints


class Scratch(NamedTuple):
    """Working arrays of one box."""

    lo: Floats
    hi: Floats
    lower: Floats
    upper: Floats
    live: Ints
    n_live: Ints
    state: Bytes
    block: Floats
    shift: Floats
    total: Floats
    slope: Floats
    intercept: Floats
    rho: Floats
    work: Floats
    reach: Floats
    alpha: Floats
    best_alpha: Floats
    v: Floats
    best_v: Floats
    x_slope: Floats
    x: Floats
    z: Floats
    h: Floats
    weights: Floats
    best_weights: Floats
    row: Floats
    row_x: Floats
    first: Floats
    second: Floats
    score: Floats
    found: Floats


class Options(NamedTuple):
    """Settings of a search."""

    unit: float
    margin: float
    noisy: bool
    max_steps: int
    deepest: int
    max_visited: int
    few: int
    tie: float
