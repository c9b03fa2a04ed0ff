"""Names and tables of the compiled bounds: :mod:`exactnet.certificate._wide_backward` has their proof."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Names = NDArray[np.uint64]

# how a run ends: with a result; with a number that does not fit; with values float32 has no rules for
FINE, BEYOND, UNFIT = 0, 1, 2
# states of units
DEAD, ACTIVE, UNSTABLE = 0, 1, 2
# rows of the table of a node: one column a unit
LOWER, UPPER, NOISE, STATE, SLOPE, GAP, N_FACTS = 0, 1, 2, 3, 4, 5, 6
# entries of Work.facts
N_SPLITS, HAS_DIRECT, DIRECT_ODD, DIRECT_TWOS, DIRECT_BITS, HAS_ALPHAS, N_WORK_FACTS = 0, 1, 2, 3, 4, 5, 6

# bounds are smaller; sums have at most so many binary digits
BOUND = 2**58
TOP = 126


class Tables(NamedTuple):
    """The lowered network. `first` (K+1): the numbers of the first units of the layers; `widths` (K+1): of
    the inputs and the layers; `rows`, `columns`: the weights of all layers, row by row and column by column,
    from `at` (K) on; `bias`, `relu`, `terms` (units): of each unit, `terms` the weights that are not zero;
    `odd`, `twos` (K): the denominators are odd * 2^twos; `linear` (K): how many units are not relu."""

    first: Ints
    widths: Ints
    rows: Ints
    columns: Ints
    at: Ints
    bias: Ints
    relu: Ints
    terms: Ints
    odd: Ints
    twos: Ints
    linear: Ints


class Work(NamedTuple):
    """Working space. `high`, `low`: the multipliers of the functional; `v`, `lost`: rounded, and what was
    inexact; `w`, `names`: relaxed ones that are not zero, and whose; `least`, `most`: ranges of values;
    `live`, `counts`: the units of each layer that are not dead, from T.first on, layer 0 being the inputs at
    the end; `direct`: the part on the inputs, over odd 2^twos (`facts`); `alphas`: slopes of units, -1 for
    those of the mode; `splits` (m, 5): unit, sign, times, down, layer."""

    high: Ints
    low: Ints
    v: Ints
    lost: Ints
    w: Ints
    names: Names
    least: Ints
    most: Ints
    live: Names
    counts: Ints
    direct: Ints
    alphas: Ints
    splits: Ints
    facts: Ints
