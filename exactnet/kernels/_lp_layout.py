"""What the loops of :mod:`exactnet.kernels.lp_tree` work on: arrays, and names for columns and codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Signs = NDArray[np.int8]

# what `advance` returns
DONE, PAUSED, ASK, BLOCK_FULL, LIMIT, BY_HAND = range(6)
# what a linear program returns
CUT, IMPLIED, UNDECIDED = range(3)

# constants of the bounds
EPSILON = 2.0**-52
UP = 1.0 + 2.0**-30
FLOOR = 2.0**-900
SMALLEST = 2.0**-950

# where guesses stop; they decide nothing
NOTHING = 2.0**-92
SLIGHT = 2.0**-36
AMPLE = 2.0**-5

# kinds of units
NORMAL, SILENT, COPY, PASSED = range(4)
# columns of layers, frames; entries of counts
SIZE, OFFSET = range(2)
LAYER, N_ROWS, N_OPEN, LAST, SIGN, IS_NEW, IS_BY_HAND, IS_BOUNDED = range(8)
(N_FRAMES, N_OUT, N_CELLS, N_BOUNDED, N_LP, N_FLOAT, N_STRUCTURE, N_NODES, KIND, UNIT, N_BASIS) = range(11)
N_COUNTS = 11
# kinds of questions
SIDE, RECESSION = range(2)
# why a region is left to the caller
WITH_WITNESS, NO_WITNESS = 1, 2


# rows of `units`, `unit_ints`, `per_row`, `row_ints`, `vectors`, `matrices`, `lists`
KIND_OF, SWITCH, ORIGINAL, FLIPPED, HAS_BIAS, IS_EXACT = range(6)
N_COLUMNS = 6
ZERO, PLACE = range(2)
TOLERANCE, ERROR, SCALE, VALUE, SLOPE = range(5)
NAME, IS_IN = range(2)
TARGET, REST, POINT, WEIGHT, FORMER, PART, OFF = range(7)
BASIS, UPPER, INVERSE, SQUARE, TABLE = range(5)
SUPPORT, WHOLE = range(2)


class Plan(NamedTuple):
    """What does not change during a walk.

    dimension: D, without the last coordinate if the task is homogeneous; n_rows: infinity and the domain;
    layers (n_layers + 1, 2); weights (n_layers, widest, widest), [k, j, i] leads from unit i to unit j of
    layer k; enters, of the same shape, whether the exact weight is not zero; bias (n_units,); units
    (6, n_units): kind, number of the switch or -1, of copies the original and whether the sign is opposite,
    whether the exact bias is not zero, whether composing makes no error; slopes (n_layers,).
    """

    dimension: int
    n_rows: int
    is_homogeneous: bool
    is_compact: bool
    is_listing: bool
    is_proving: bool
    layers: Ints
    weights: Floats
    enters: Signs
    bias: Floats
    units: Ints
    slopes: Floats


class State(NamedTuple):
    """What a walk changes.

    forms (n_units, D + 2): coefficients, E, largest entry; inner, likewise, and spans (n_layers, 2): see [7];
    unit_ints (2, n_units): whether a unit is zero (1) or a constant (2), its place in [7].
    rows (D, capacity): signed forms of the region as columns; per_row (5, capacity): A and E of each, one
    over its norm, its value at the witness and along a direction; row_ints (2, capacity): its name, whether
    it is in the basis. frames, opens, signs, witness: the stack. vectors (7, D + 2): target, rest, point,
    lambda, the lambda before, Q'target, scratch; matrices (5, D + 1, 2D + 2): Q, T and R, scratch; lists
    (2, D + 2): rows in the basis, an integer witness. out: patterns in words of 64 bits; nodes: the proof.
    """

    forms: Floats
    inner: Floats
    unit_ints: Ints
    spans: Ints
    rows: Floats
    per_row: Floats
    row_ints: Ints
    frames: Ints
    opens: Ints
    signs: Signs
    witness: Floats
    vectors: Floats
    matrices: Floats
    lists: Ints
    out: Ints
    nodes: Ints
    counts: Ints
