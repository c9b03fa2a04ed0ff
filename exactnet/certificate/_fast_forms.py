"""The forms of the second checker in float64, with proved bounds; compiled.

The bounds
----------
e = EPSILON = 2^-52 bounds the relative error of one operation and of a correctly rounded number, t = 2^-1000
what underflow does. Everything holds for every order of summation, with or without fused multiply-adds.
g_n = n e / (1 - n e) is Higham's gamma. A star marks exact numbers. All bounds are sums and products of at
most 2^20 non-negative terms; UP = 1 + 2^-29 covers their own rounding, FLOOR = 2^-900 every underflow.

1. *Scaling.* Units are scaled by powers of two known beforehand, so that for every row of weights
   sum_c |W*_rc| + |B*_r| <= 1 and all outputs and forms have entries of at most 1 (`_fast_tables`). Factors
   1e300 and 1e-300 cancel there in exact arithmetic, and each weight is then rounded once:
   |W* - W| <= e |W| + t.
2. *Composition.* Inputs have |h*_u - H_u| <= q_u and |H_u| <= a_u in every coordinate. For the row
   z* = sum_u w*_u h*_u + b* (0,..,0,1) of n terms, and the computed Z,
       z* - Z = sum (w*_u - W_u) h*_u + sum W_u (h*_u - H_u) + (sum W_u H_u + B - Z),
   hence, with A = sum |W_u| a_u + |B| and Q = sum |W_u| q_u,
       |z* - Z| <= (e A + e Q) + Q + (e + g_(n+2)) A  <=  UP (Q + (n + 6) e A) + FLOOR.
3. *Outputs.* h = s z with a slope |s*| <= 1 rounded to S: |s* z* - fl(S Z)| <= |S| E + 3 e |S| max |Z|
   up to UP and FLOOR. The slope above the breakpoint is a power of two, and that product is exact.
4. *Forms.* A difference of two rows (maxout): the sum of their bounds, and e max |F| for the subtraction.
   A form is scaled by a power of two to largest entry in [1/2, 1), exactly, and its bound E with it.
   A form is not zero if max |F| > E. If every weight that is not zero, as an exact number, meets an input
   that is exactly zero, the form is zero. Otherwise nothing is concluded.
5. *Combination.* Let it be known that f* = sum m*_b f*_b exists (see 6), over k forms, and let M* be the k
   chosen columns of the forms f*_b as rows, M its floats, T any matrix (a computed inverse). With
   N = I - M* T, rho_a = f*_a - sum_b m_b M*_ba and delta = m* - m:
       delta_b = sum_a rho_a T_ab + sum_c delta_c N_cb,
   so with alpha_b >= sum_c |N_cb|, alpha_b < 1/2:  |delta|_oo <= max_b (|rho| |T|)_b / (1 - max alpha) and
   |delta_b| <= (|rho| |T|)_b + alpha_b |delta|_oo. Also M* T is regular, so the forms are independent.
   All floats are <= 1 in magnitude: with s_b = sum_a |T_ab| the computed I - M T is wrong by at most
   (k + 4) e (s_b + 1) and differs from N by E_c s_b; the computed residual is wrong by at most
   eta = (k + 4) e (1 + sum |m_b|) + E_f + sum |m_b| E_b.
6. *Existence.* k independent forms span a space of dimension k that contains them; if it contains f*, m*
   exists in all d + 1 coordinates. It does if k = d + 1. It does, too, if all of these forms vanish, by the
   zeros of the weights, in all but k coordinates. And all forms of layer l lie in the space V_l that infinity
   and the outputs of layer l - 1 span, which is contained in V_(l-1); its dimension is at most 1 + the number
   of outputs that are not constant, those of proportional weights counted once. Forms without a constant lie
   in the span of the outputs without one. Forms of units of layer l - 1 that pass on their value z lie in
   V_l, too; but not z + 1 or z - 1 if it has no constant and z has one (for z = x - 1 it is x, which is none
   of the outputs). With skips none of this is used: they may leave V_l.
7. *Points.* For integers |p_k| < 2^63, rounded to P_k, the computed X of sum F_k P_k has
   |X - f*.p*| <= UP (E sum |P_k| + (d + 6) e sum |F_k| |P_k|) + FLOOR.
8. *Small integers.* Layers whose rows, multiplied out, are integers below 2^52 are composed without error,
   beside the floats; E = 0 there, zeros are known, and combinations that floats leave open are decided by
   elimination in 64 bits.

What remains is handed out (ASK_) and decided by the caller in exact arithmetic; nothing is assumed.
"""

from __future__ import annotations

from math import frexp, ldexp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate._fast_loops import EPSILON, FLOOR, UP, Scratch, reduce_row
from exactnet.kernels._wide_loops import compile_loop

# numba looks at this file only when it asks whether a compiled copy on disk is still good, so the file must
# change with the one it calls: a test compares this with the digest of its text
COMPILED_WITH = {"_fast_loops.py": "d89ea4e10e75c905"}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RELU, LEAKY, ABS, HARDTANH, MAXOUT, IDENTITY = range(6)


class Tables(NamedTuple):
    """What does not change. Layers, units (inputs first), rows, switches and forms are numbered throughout.

    layers : (n, 9) first row, rows, first unit, units, activation, pieces, first entry of `columns`, columns,
        first switch.
    columns : units that enter a layer; weights : where its weights begin in W, W_on, W_int.
    W, W_on, W_int : weights, column after column: floats, whether the exact ones are not zero, integers.
    B, B_on, B_int : the same for the biases. classes : (rows, 3) a number of the row up to a factor, the sign
        of that factor, and a number of its linear part up to a factor.
    slopes, int_slopes : (layers, 2) below and above; slope_on : whether the exact one below is not zero;
        caps, int_caps : what 1 is on the scale of each unit, and of each layer in integers.
    stages : (n, 4) layer, first switch, switches, multiplications to enter it; switches : (n, 3) stage, row
        or unit, piece (0: no maxout).
    facts : D, first form of a switch, switches, layers in integers, whether ranks are of use, maxout of
        three pieces or more.
    """

    layers: Ints
    columns: Ints
    weights: Ints
    W: Floats
    W_on: Ints
    W_int: Ints
    B: Floats
    B_on: Ints
    B_int: Ints
    classes: Ints
    slopes: Floats
    int_slopes: Ints
    slope_on: Ints
    caps: Floats
    int_caps: Ints
    stages: Ints
    switches: Ints
    facts: Ints


class Work(NamedTuple):
    """What the walk changes.

    Z, Z_error, Z_mask, Z_int : rows. A mask has a bit for each coordinate that is not known to be zero.
    H, H_error, H_size, H_mask, H_int, H_row : units, and the row a unit passes on (-1: none).
    F, E, mask, F_int : forms; is_int : whether F_int holds. sigma, zero (2: not known), level : of forms;
    those of level l lie in V_l. ranks : (layers + 1, 2) dimensions of V_l without and with infinity.
    marks, masks, sums : working space.
    path : switches in the order of their resolution; walls : forms of the splits among them; open : (n, 4)
    splits with a child to come: length of the path, stage, unresolved switches, length of `walls`.
    patterns : a buffer.
    """

    Z: Floats
    Z_error: Floats
    Z_mask: Ints
    Z_int: Ints
    H: Floats
    H_error: Floats
    H_size: Floats
    H_mask: Ints
    H_int: Ints
    H_row: Ints
    F: Floats
    E: Floats
    mask: Ints
    F_int: Ints
    is_int: Ints
    sigma: Ints
    zero: Ints
    level: Ints
    ranks: Ints
    marks: Ints
    masks: Ints
    sums: Floats
    path: Ints
    walls: Ints
    open: Ints
    patterns: NDArray[np.int8]
    scratch: Scratch


@compile_loop
def add_column(
    w: Floats, h: Floats, h_size: float, h_error: float, sums: Floats, sizes: Floats, errors: Floats
) -> None:
    """Add the products with one input to all rows; rows are next to each other, for vector instructions."""
    n = len(w)
    for k in range(len(h)):
        x, total = h[k], sums[k]
        for i in range(n):
            total[i] += w[i] * x
    for i in range(n):
        sizes[i] += abs(w[i]) * h_size
        errors[i] += abs(w[i]) * h_error


@compile_loop
def compose(layer: int, T: Tables, K: Work) -> None:
    """The rows of a layer from its inputs [2], in floats."""
    row0, n_rows, begin, n_columns = (
        T.layers[layer, 0],
        T.layers[layer, 1],
        T.layers[layer, 6],
        T.layers[layer, 7],
    )
    D, masks = T.facts[0], K.masks[:n_rows]
    sums, sizes, errors = K.sums[:D, :n_rows], K.sums[D, :n_rows], K.sums[D + 1, :n_rows]
    sums[:] = 0.0
    sizes[:] = 0.0
    errors[:] = 0.0
    masks[:] = 0
    for c in range(n_columns):
        u, w0 = T.columns[begin + c], T.weights[layer] + c * n_rows
        if K.H_mask[u]:
            add_column(T.W[w0 : w0 + n_rows], K.H[u], K.H_size[u], K.H_error[u], sums, sizes, errors)
            for i in range(n_rows):
                masks[i] |= K.H_mask[u] * T.W_on[w0 + i]
    for i in range(n_rows):
        r = row0 + i
        for k in range(D):
            K.Z[r, k] = sums[k, i]
        K.Z[r, D - 1] += T.B[r]
        K.Z_mask[r] = masks[i] | T.B_on[r] << (D - 1)
        K.Z_error[r] = UP * (errors[i] + (n_columns + 7) * EPSILON * (sizes[i] + abs(T.B[r]))) + FLOOR


@compile_loop
def compose_integers(layer: int, T: Tables, K: Work) -> None:
    """The rows of a layer in integers [8]; its entries stay below 2^52."""
    row0, n_rows, begin, n_columns = (
        T.layers[layer, 0],
        T.layers[layer, 1],
        T.layers[layer, 6],
        T.layers[layer, 7],
    )
    D, W_int, Z_int, H_int = T.facts[0], T.W_int, K.Z_int, K.H_int
    for i in range(n_rows):
        r, w0 = row0 + i, T.weights[layer] + i
        for k in range(D):
            Z_int[r, k] = 0
        for c in range(n_columns):
            w, u = W_int[w0 + c * n_rows], T.columns[begin + c]
            if w:
                for k in range(D):
                    Z_int[r, k] += w * H_int[u, k]
        Z_int[r, D - 1] += T.B_int[r]


@compile_loop
def find_ranks(layer: int, T: Tables, K: Work) -> None:
    """Bound the dimensions of V_l, without and with infinity [6]."""
    D = T.facts[0]
    if layer == 0 or T.facts[4] == 0:
        K.ranks[layer, 0] = D
        K.ranks[layer, 1] = D
        return
    begin, n_columns = T.layers[layer, 6], T.layers[layer, 7]
    constant = 1 << (D - 1)
    n_without, n_linear = 0, 0
    for c in range(n_columns):
        u = T.columns[begin + c]
        if K.H_mask[u] & ~constant == 0:
            continue
        # rows with proportional weights differ by a multiple of infinity; without constants they are copies
        kind = T.classes[K.H_row[u], 2]
        if K.marks[kind] & 1 == 0:
            n_linear += 1
        if K.H_mask[u] & constant == 0 and K.marks[kind] & 2 == 0:
            n_without += 1
            K.marks[kind] |= 2
        K.marks[kind] |= 1
    for c in range(n_columns):
        if K.H_row[T.columns[begin + c]] >= 0:
            K.marks[T.classes[K.H_row[T.columns[begin + c]], 2]] = 0
    K.ranks[layer, 0] = min(K.ranks[layer - 1, 0], n_without)
    K.ranks[layer, 1] = min(K.ranks[layer - 1, 1], 1 + n_linear)


@compile_loop
def winner(layer: int, v: int, before: int, T: Tables, K: Work) -> int:
    """The largest of the first `before` pieces of a maxout unit."""
    first, n_units = T.facts[1] + T.layers[layer, 8], T.layers[layer, 3]
    best = 0
    for t in range(1, before):
        if K.sigma[first + (t - 1) * n_units + v] > 0:
            best = t
    return best


@compile_loop
def pass_on(layer: int, T: Tables, K: Work) -> None:
    """The outputs of a layer whose switches are resolved [3], and its forms that lie in the next V [6]."""
    row0, unit0, n_units = T.layers[layer, 0], T.layers[layer, 2], T.layers[layer, 3]
    kind, pieces = T.layers[layer, 4], T.layers[layer, 5]
    D, base, in_integers = T.facts[0], T.facts[1], layer < T.facts[3]
    first = T.layers[layer, 8] + base  # the form of the first switch
    for v in range(n_units):
        u, side, at = unit0 + v, 1, row0 + v
        cap = 0
        if kind == HARDTANH:
            at = row0 + 3 * v
            if K.sigma[first + 2 * v] == K.sigma[first + 2 * v + 1]:
                cap = K.sigma[first + 2 * v]
        elif kind == MAXOUT:
            at = row0 + pieces * v + winner(layer, v, pieces, T, K)
        elif kind != IDENTITY and K.sigma[first + v] < 0:
            side = 0
        n_forms = 2 if kind == HARDTANH else (0 if kind in (MAXOUT, IDENTITY) else 1)
        passes = cap == 0 and (side == 1 or T.slope_on[layer] != 0)
        for f in range(n_forms):
            # z + 1 without a constant is no combination of outputs without one if z has a constant
            j = first + n_forms * v + f
            hides = K.Z_mask[at] & ~K.mask[j] & 1 << (D - 1) != 0
            K.level[j] = layer + 1 if passes and not hides else layer
        K.H_row[u] = at if passes else -1
        K.H_mask[u] = K.Z_mask[at] if passes else (0 if cap == 0 else 1 << (D - 1))
        slope, size = T.slopes[layer, side], 0.0
        for k in range(D):
            K.H[u, k] = slope * K.Z[at, k] if cap == 0 else 0.0
            K.H_int[u, k] = T.int_slopes[layer, side] * K.Z_int[at, k] if cap == 0 and in_integers else 0
            size = max(size, abs(K.Z[at, k]))
        if cap == 0:
            K.H_size[u] = UP * abs(slope) * size
            K.H_error[u] = UP * (abs(slope) * K.Z_error[at] + 3.0 * EPSILON * abs(slope) * size) + FLOOR
            if side == 1:
                K.H_error[u] = abs(slope) * K.Z_error[at] + FLOOR
        else:
            K.H[u, D - 1] = cap * T.caps[u]
            K.H_int[u, D - 1] = cap * T.int_caps[layer]
            K.H_size[u], K.H_error[u] = T.caps[u], FLOOR


@compile_loop
def open_stage(stage: int, T: Tables, K: Work) -> int:
    """The forms of all switches of a stage; how many of them may be zero or not."""
    layer, first, n = T.stages[stage, 0], T.stages[stage, 1], T.stages[stage, 2]
    base = T.facts[1]
    if stage == 0 or T.stages[stage - 1, 0] != layer:
        done = T.stages[stage - 1, 0] if stage > 0 else -1
        for k in range(done, layer):  # layers between have no switches
            if k >= 0:
                pass_on(k, T, K)
            compose(k + 1, T, K)
            if k + 1 < T.facts[3]:
                compose_integers(k + 1, T, K)
            find_ranks(k + 1, T, K)
    if T.switches[first, 2] == 0:
        copy_rows(base + first, T.switches[first : first + n, 1], K.Z, K.Z_error, K.Z_mask, K.F, K.E, K.mask)
    else:
        differences(layer, first, n, T, K)
    if layer < T.facts[3]:
        integer_forms(layer, first, n, T, K)
    unknown = 0
    for j in range(base + first, base + first + n):
        K.level[j] = layer
        K.zero[j] = settle(K.F[j], K.E, j, K.mask[j])
        unknown += K.zero[j] == 2
    return unknown


@compile_loop
def copy_rows(
    to: int, rows: Ints, Z: Floats, Z_error: Floats, Z_mask: Ints, F: Floats, E: Floats, mask: Ints
) -> None:
    """Forms that are rows."""
    for i in range(len(rows)):
        j, r = to + i, rows[i]
        for k in range(F.shape[1]):
            F[j, k] = Z[r, k]
        E[j], mask[j] = Z_error[r], Z_mask[r]


@compile_loop
def differences(layer: int, first: int, n: int, T: Tables, K: Work) -> None:
    """Forms of a stage of maxout: a piece against the largest one before it [4]."""
    for i in range(first, first + n):
        j, v, t = T.facts[1] + i, T.switches[i, 1], T.switches[i, 2]
        row = T.layers[layer, 0] + v * T.layers[layer, 5]
        p, q = row + t, row + winner(layer, v, t, T, K)
        size = 0.0
        for k in range(T.facts[0]):
            K.F[j, k] = K.Z[p, k] - K.Z[q, k]
            size = max(size, abs(K.F[j, k]))
        K.E[j] = UP * (K.Z_error[p] + K.Z_error[q] + EPSILON * size) + FLOOR
        K.mask[j] = K.Z_mask[p] | K.Z_mask[q]


@compile_loop
def integer_forms(layer: int, first: int, n: int, T: Tables, K: Work) -> None:
    """The forms of a stage in integers, and as floats without error [8]."""
    for i in range(first, first + n):
        j, r, t = T.facts[1] + i, T.switches[i, 1], T.switches[i, 2]
        if t == 0:
            K.F_int[j] = K.Z_int[r]
        else:
            row = T.layers[layer, 0] + r * T.layers[layer, 5]
            K.F_int[j] = K.Z_int[row + t] - K.Z_int[row + winner(layer, r, t, T, K)]
        reduce_row(K.F_int[j])
        K.F[j] = K.F_int[j]
        K.E[j] = 0.0


@compile_loop
def settle(form: Floats, E: Floats, j: int, mask: int) -> int:
    """Scale form j [4]; 1 if it is zero, 0 if not, 2 if that is not known."""
    size = 0.0
    for x in form:
        size = max(size, abs(x))
    if mask == 0 or (size == 0.0 and E[j] == 0.0):
        return 1
    if not size > E[j]:
        return 2
    scale = ldexp(1.0, -max(frexp(size)[1], -1000))
    for k in range(len(form)):
        form[k] *= scale
    E[j] *= scale
    return 0
