"""Lower bounds of the rows of a case at many nodes at once, and ascent in their free multipliers.

A leaf is closed by row weights lambda >= 0, lower slopes alpha in [0, 1] of the unstable units and
multipliers beta >= 0 of the splits (Wang et al. 2021, beta-CROWN): every choice gives a valid bound, and the
ascent looks for one above zero. The gradient is the forward pass of the minimiser that the bound ends with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.model.property import Case
from exactnet.verify.relu_float import LiveNetwork
from exactnet.verify.relu_units import Array, Bounds, Units

__all__ = ["Ascent", "Batch", "CaseRows", "Guess", "Sweep", "ascend", "case_rows", "sweep"]

# a multiplier of a split may be so many times the largest one of the units of its layer: the compiled checker
# has 61 bits for it
_MOST_BETA = 1.9
_DECAY = 0.97
_RATE = 0.3
_RELATIVE = 2.0**-30


@dataclass(frozen=True)
class CaseRows:
    """The rows inputs.x + outputs.y <= bound of a case in float64."""

    inputs: Array
    outputs: Array
    bound: Array
    strict: NDArray[np.bool_]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.bound)


def case_rows(case: Case, n_inputs: int, n_outputs: int) -> CaseRows:
    """The rows of a case as arrays.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from exactnet.model.property import Row
    >>> case = Case((Fraction(0),), (Fraction(1),), (Row.from_terms({}, {1: 2}, 3),))
    >>> case_rows(case, 1, 2).outputs.tolist()
    [[0.0, 2.0]]
    """
    inputs = np.zeros((len(case.rows), n_inputs))
    outputs = np.zeros((len(case.rows), n_outputs))
    for r, row in enumerate(case.rows):
        for i, value in row.inputs:
            inputs[r, i] = float(value)
        for j, value in row.outputs:
            outputs[r, j] = float(value)
    bound = np.array([float(row.bound) for row in case.rows])
    return CaseRows(inputs, outputs, bound, np.array([row.strict for row in case.rows], dtype=np.bool_))


@dataclass(frozen=True)
class Guess:
    """Multipliers for P bounds: lam (P x rows), alpha and beta one (P x units) array a layer."""

    lam: Array
    alpha: tuple[Array, ...]
    beta: tuple[Array, ...]

    def take(self, which: NDArray[np.int64]) -> Guess:
        """Those of some of the bounds."""
        return Guess(self.lam[which], tuple(a[which] for a in self.alpha), tuple(b[which] for b in self.beta))

    def put(self, p: int, other: Guess) -> None:
        """Overwrite those of bound p with the single ones of another guess, for the same case."""
        n_rows = min(self.lam.shape[1], other.lam.shape[1])
        self.lam[p, :n_rows] = other.lam[0, :n_rows]
        for mine, its in zip((*self.alpha, *self.beta), (*other.alpha, *other.beta), strict=True):
            mine[p] = its[0]


class Batch:
    """P pairs of a node and a case, stacked.

    Parameters
    ----------
    net : the live network.
    bounds : of each node.
    signs : for each node one array a layer: 1 for z >= 0, -1 for z <= 0, 0 for a unit that is not split.
    rows : of each case.
    """

    def __init__(
        self,
        net: LiveNetwork,
        bounds: list[Bounds],
        signs: list[tuple[Array, ...]],
        rows: list[CaseRows],
    ) -> None:
        self.net = net
        self.rows = rows
        self.n_pairs = len(bounds)
        n_rows = max((r.n_rows for r in rows), default=0)
        self.inputs = (
            _stacked([r.inputs for r in rows], n_rows) if any(r.inputs.any() for r in rows) else None
        )
        self.outputs = _stacked([r.outputs for r in rows], n_rows)
        self.bound = np.zeros((self.n_pairs, n_rows))
        self.has_row = np.zeros((self.n_pairs, n_rows), dtype=np.bool_)
        for p, r in enumerate(rows):
            self.bound[p, : r.n_rows] = r.bound
            self.has_row[p, : r.n_rows] = True
        self.signs = tuple(np.stack(s) for s in zip(*signs, strict=True))
        self.units = tuple(Units.stacked(parts) for parts in zip(*(b.layers for b in bounds), strict=True))
        self.lines = tuple(units.lines() for units in self.units)

    def first_guess(self, mode: int = 0, row: int | None = None) -> Guess:
        """Slopes of one of the three modes, no beta, and weight 1 for one row (or all rows alike)."""
        lam = _alike(self.has_row)
        if row is not None:
            lam = np.zeros_like(lam)
            lam[:, row] = self.has_row[:, row]
        alpha = tuple(
            units.rising.astype(np.float64) if mode == 0 else np.full(units.rising.shape, 2.0 - mode)
            for units in self.units
        )
        return Guess(lam, alpha, tuple(np.zeros_like(s) for s in self.signs))

    def resumed(self, guesses: Sequence[Guess | None]) -> Guess:
        """Multipliers of the same pairs, or of their parents, as a start; first ones for None."""
        start = self.first_guess()
        for p, guess in enumerate(guesses):
            if guess is not None:
                start.put(p, guess)
        return start

    def take(self, which: NDArray[np.int64]) -> Batch:
        """Some of the pairs."""
        part = object.__new__(Batch)
        part.net, part.rows, part.n_pairs = self.net, [self.rows[p] for p in which], len(which)
        part.inputs = None if self.inputs is None else self.inputs[which]
        part.outputs, part.bound, part.has_row = self.outputs[which], self.bound[which], self.has_row[which]
        part.signs = tuple(s[which] for s in self.signs)
        part.units = tuple(units.take(which) for units in self.units)
        part.lines = tuple(lines.take(which) for lines in self.lines)
        return part


def _stacked(parts: list[Array], n_rows: int) -> Array:
    out = np.zeros((len(parts), n_rows, parts[0].shape[1]))
    for p, part in enumerate(parts):
        out[p, : len(part)] = part
    return out


@dataclass(frozen=True)
class Sweep:
    """One backward pass of P functionals: the bounds, how far to trust them, and what the gradient needs."""

    value: Array
    slack: Array
    multipliers: tuple[Array, ...]
    last: tuple[Array, ...]
    beta: tuple[Array, ...]
    point: Array


def sweep(batch: Batch, guess: Guess, most_beta: float = _MOST_BETA) -> Sweep:
    """Lower bounds of sum lambda_r (row_r - bound_r) at every pair.

    Parameters
    ----------
    batch, guess : P pairs and their multipliers.
    most_beta : multipliers of splits may be so many times the largest one of the units of their layer.

    Returns
    -------
    Sweep : value (P), slack (P): the format proves what is above it; multipliers (one (P x units) array a
        layer) before the relu, last: those of the pre-activations, beta: that of the guess, lowered where it
        is out of proportion to the multipliers, point: the minimiser of the last step.
    """
    net = batch.net
    u = np.einsum("pr,prk->pk", guess.lam, batch.outputs)
    c = -np.einsum("pr,pr->p", guess.lam, batch.bound)
    size = np.abs(c)
    before, after, betas = [], [], []
    for m in range(len(net.layers) - 1, -1, -1):
        layer, lines, units = net.layers[m], batch.lines[m], batch.units[m]
        live = (lines.slope > 0) | (lines.fixed > 0) | lines.unstable
        top = np.maximum(np.abs(units.lower), np.abs(units.upper)) * live
        largest = np.max(np.abs(u) * live, axis=1, initial=0.0)
        size = size + largest * np.sum(top, axis=1)
        beta = np.minimum(guess.beta[m], most_beta * largest[:, None])
        positive, negative = np.maximum(u, 0.0), np.minimum(u, 0.0)
        below = np.where(lines.unstable, guess.alpha[m], lines.fixed)
        w = positive * below + negative * lines.slope - batch.signs[m] * beta
        c = c + np.sum(positive * lines.base + negative * lines.intercept, axis=1) + w @ layer.bias
        if net.float32:
            c = c - np.einsum("pk,pk->p", np.abs(w), units.noise)
        betas.append(beta)
        before.append(u)
        after.append(w)
        u = w @ layer.weight
    if batch.inputs is not None:
        u = u + np.einsum("pr,prk->pk", guess.lam, batch.inputs)
    point = np.where(u >= 0, net.lo, net.hi)
    c = c + np.einsum("pk,pk->p", u, point)
    slack = _RELATIVE * size + 16 * (len(net.layers) + 1) * net.unit
    return Sweep(c, slack, tuple(before[::-1]), tuple(after[::-1]), tuple(betas[::-1]), point)


@dataclass(frozen=True)
class Slopes:
    """The gradient of a bound, and the values h (P x units) and z along the relaxed forward pass."""

    lam: Array
    alpha: tuple[Array, ...]
    beta: tuple[Array, ...]
    before: tuple[Array, ...]
    after: tuple[Array, ...]


def slopes(batch: Batch, guess: Guess, swept: Sweep) -> Slopes:
    """The gradient of the bounds with respect to lam, alpha and beta."""
    h = swept.point
    in_alpha, in_beta, zs, hs = [], [], [], []
    for m, layer in enumerate(batch.net.layers):
        z = h @ layer.weight.T + layer.bias
        if batch.net.float32:
            z = z - np.sign(swept.last[m]) * batch.units[m].noise
        v, lines = swept.multipliers[m], batch.lines[m]
        in_alpha.append(np.where(lines.unstable, np.maximum(v, 0.0) * z, 0.0))
        in_beta.append(-batch.signs[m] * z)
        below = np.where(lines.unstable, guess.alpha[m], lines.fixed)
        h = np.where(v >= 0, below * z + lines.base, lines.slope * z + lines.intercept)
        zs.append(z)
        hs.append(h)
    lam = np.einsum("prk,pk->pr", batch.outputs, h) - batch.bound
    if batch.inputs is not None:
        lam = lam + np.einsum("prk,pk->pr", batch.inputs, swept.point)
    return Slopes(lam, tuple(in_alpha), tuple(in_beta), tuple(zs), tuple(hs))


@dataclass(frozen=True)
class Ascent:
    """The best multipliers that an ascent met, their bounds, and the average gap of every unit.

    `gap` holds (P x units) arrays a layer: |multiplier| times the distance of the relaxed value of the unit
    from max(0, z) at the minimiser, averaged over the steps: what the relaxation of the unit costs.
    """

    guess: Guess
    value: Array
    slack: Array
    gap: tuple[Array, ...]
    points: Array

    def take(self, which: NDArray[np.int64]) -> Ascent:
        """That of some of the pairs."""
        gap = tuple(g[which] for g in self.gap)
        return Ascent(self.guess.take(which), self.value[which], self.slack[which], gap, self.points[which])


class _Adam:
    """Adam (Kingma & Ba 2015) on one array, for ascent; memory of 0.9 and 0.99."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.mean, self.square, self.steps = np.zeros(shape), np.zeros(shape), 0

    def step(self, gradient: Array) -> Array:
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.99 * self.square + 0.01 * gradient**2
        mean = self.mean / (1 - 0.9**self.steps)
        root = np.sqrt(self.square / (1 - 0.99**self.steps))
        return mean / np.where(root > 0, root, 1.0)


def _projected(lam: Array, has_row: NDArray[np.bool_]) -> Array:
    lam = np.where(has_row, np.maximum(lam, 0.0), 0.0)
    total = lam.sum(axis=1, keepdims=True)
    return np.where(total > 0, lam / np.where(total > 0, total, 1.0), _alike(has_row))


def _alike(has_row: NDArray[np.bool_]) -> Array:
    """The same weight for every row of a case."""
    n_rows = has_row.sum(axis=1, keepdims=True)
    return np.asarray(has_row / np.maximum(n_rows, 1), dtype=np.float64)


def ascend(batch: Batch, start: Guess, n_steps: int, rate: float = _RATE) -> Ascent:
    """Climb from a guess; stops early when every bound is above its slack.

    Parameters
    ----------
    batch, start : the pairs and their first multipliers.
    n_steps : at most so many passes backward and forward.
    """
    guess = start
    swept = sweep(batch, guess)
    best, value, slack = guess, swept.value, swept.slack
    gap = [np.zeros_like(a) for a in guess.alpha]
    adam_lam = _Adam(guess.lam.shape)
    adam_alpha = [_Adam(a.shape) for a in guess.alpha]
    adam_beta = [_Adam(b.shape) for b in guess.beta]
    several = guess.lam.shape[1] > 1
    points = swept.point
    done = 0
    for n in range(n_steps):
        slope = slopes(batch, guess, swept)
        for m in range(len(gap)):
            relaxed, true = slope.after[m], np.maximum(slope.before[m], 0.0)
            missing = np.abs(swept.multipliers[m] * (relaxed - true))
            gap[m] += np.where(batch.lines[m].unstable, missing, 0.0)
        done += 1
        if bool(np.all(value > slack)):
            break
        step = rate * _DECAY**n
        lam = guess.lam
        if several:
            along = slope.lam - np.sum(slope.lam * lam, axis=1, keepdims=True)
            lam = _projected(lam + step * adam_lam.step(along), batch.has_row)
        alpha = tuple(
            np.clip(a + step * adam.step(g), 0.0, 1.0)
            for a, adam, g in zip(guess.alpha, adam_alpha, slope.alpha, strict=True)
        )
        beta = []
        for m, (b, adam, g) in enumerate(zip(guess.beta, adam_beta, slope.beta, strict=True)):
            size = np.sum(np.abs(swept.multipliers[m]), axis=1, keepdims=True)
            scale = size / max(1, b.shape[1])
            beta.append(np.maximum(b + step * scale * adam.step(g), 0.0))
        guess = Guess(lam, alpha, tuple(beta))
        swept = sweep(batch, guess)
        better = swept.value > value
        best = _chosen(better, guess, best)
        value = np.where(better, swept.value, value)
        slack = np.where(better, swept.slack, slack)
        points = np.where(better[:, None], swept.point, points)
    return Ascent(best, value, slack, tuple(g / max(done, 1) for g in gap), points)


def _chosen(which: NDArray[np.bool_], new: Guess, old: Guess) -> Guess:
    pick = which[:, None]
    return Guess(
        np.where(pick, new.lam, old.lam),
        tuple(np.where(pick, a, b) for a, b in zip(new.alpha, old.alpha, strict=True)),
        tuple(np.where(pick, a, b) for a, b in zip(new.beta, old.beta, strict=True)),
    )
