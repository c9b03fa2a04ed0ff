"""From multipliers to the proofs of the certificate format: rounded to a few bits, tried again, written down.

Rounding a multiplier gives another valid bound, not an invalid one; so a proof is accepted by looking at the
bound of the rounded multipliers, and nothing has to be repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.verify.relu_ascent import Batch, Guess, sweep
from exactnet.verify.relu_units import Array, Flags

__all__ = ["Proof", "SplitUnit", "proofs_of", "quick_proofs"]

# a proof as the integers of FORMAT.md, and a split: layer and live unit from 0, and the sign of z
Proof = tuple[int, ...]
SplitUnit = tuple[int, int, int]

_ALPHA = 256
_LAMBDA = 255
_BETA_BITS = 12
_MOST_SHIFT = 60
_MOST_BETA = 2.0**61
# see `sweep`: above the ratio of the ascent, because rounding moves both sides; the checkers have room to 2
_MOST_RATIO = 1.98
_QUICK_ROWS = 8


def quick_proofs(batch: Batch) -> list[Proof | None]:
    """For each pair a proof by one row and the slopes of one mode, if there is one.

    Pairs with many rows try the first eight of them only. A mode is left out where it is in doubt
    which slopes the checkers pick.
    """
    found: list[Proof | None] = [None] * batch.n_pairs
    for row in range(min(batch.bound.shape[1], _QUICK_ROWS)):
        for mode in range(3):
            swept = sweep(batch, batch.first_guess(mode, row))
            counts = batch.has_row[:, row] & ~np.any(np.concatenate(_told(batch, mode), axis=1), axis=1)
            for p in np.flatnonzero((swept.value > swept.slack) & counts).tolist():
                if found[p] is None:
                    found[p] = (3 * row + mode,)
    return found


def proofs_of(batch: Batch, guess: Guess, splits: Sequence[Sequence[SplitUnit]]) -> list[Proof | None]:
    """For each pair the shortest proof that these multipliers give once they are rounded, if any.

    Parameters
    ----------
    batch, guess : the pairs and their multipliers.
    splits : of the node of each pair, in the order of its path.
    """
    rounded = _Rounded.of(batch, guess)
    found: list[Proof | None] = [None] * batch.n_pairs
    for mode in range(3):
        for p in rounded.closed(rounded.modes[mode]).tolist():
            if found[p] is None:
                found[p] = rounded.proof(p, mode, rounded.slopes(p, mode, rounded.modes[mode]), splits[p])
    for p in rounded.closed(rounded.alpha).tolist():
        if found[p] is None:
            options = [(m, rounded.slopes(p, m, rounded.alpha)) for m in range(3)]
            mode, listed = min(options, key=lambda option: len(option[1]))
            found[p] = rounded.proof(p, mode, listed, splits[p])
    return found


def _told(batch: Batch, mode: int) -> list[Flags]:
    """The units whose slope in this mode the checkers may see otherwise, so that it has to be written."""
    if mode == 0:
        return [
            lines.unstable & units.doubtful for lines, units in zip(batch.lines, batch.units, strict=True)
        ]
    return [lines.near_dead if mode == 1 else lines.near_active for lines in batch.lines]


@dataclass(frozen=True)
class _Rounded:
    """Multipliers of P pairs in few bits.

    Attributes
    ----------
    weights : integer row weights (P x rows); `unit` stands for weight 1.
    beta : integers, one (P x units) array a layer, to be divided by 2^shift.
    alpha : rounded slopes; modes : those of the three modes.
    """

    batch: Batch
    weights: Array
    unit: Array
    beta: tuple[Array, ...]
    shift: NDArray[np.int64]
    alpha: tuple[Array, ...]
    modes: tuple[tuple[Array, ...], ...]

    @classmethod
    def of(cls, batch: Batch, guess: Guess) -> _Rounded:
        """Round: slopes to 1/256, row weights to 1/255 of their sum, the largest beta to 12 bits."""
        several = batch.has_row.sum(axis=1) > 1
        unit = np.where(several, float(_LAMBDA), 1.0)
        weights = np.where(several[:, None], np.rint(guess.lam * _LAMBDA), guess.lam > 0)
        beta = [b * unit[:, None] for b in sweep(batch, guess).beta]
        most = np.max([np.max(b, axis=1, initial=0.0) for b in beta], axis=0)
        shift = np.clip(_BETA_BITS - np.frexp(np.where(most > 0, most, 1.0))[1], 0, _MOST_SHIFT)
        whole = tuple(np.minimum(np.rint(b * np.ldexp(1.0, shift)[:, None]), _MOST_BETA) for b in beta)
        alpha = tuple(np.rint(a * _ALPHA) / _ALPHA for a in guess.alpha)
        modes = tuple(batch.first_guess(mode).alpha for mode in range(3))
        return cls(batch, weights, unit, whole, shift.astype(np.int64), alpha, modes)

    def closed(self, alpha: tuple[Array, ...]) -> NDArray[np.int64]:
        """The pairs that are proved with these slopes."""
        scale = np.ldexp(1.0, self.shift)[:, None] * self.unit[:, None]
        lam = self.weights / self.unit[:, None]
        beta = tuple(b / scale for b in self.beta)
        swept = sweep(self.batch, Guess(lam, alpha, beta), _MOST_RATIO)
        whole = [np.all(kept == b, axis=1) for kept, b in zip(swept.beta, beta, strict=True)]
        return np.flatnonzero((swept.value > swept.slack) & np.all(whole, axis=0))

    def slopes(self, p: int, mode: int, alpha: tuple[Array, ...]) -> list[int]:
        """The slopes that have to be told beside a mode: unit, slope times 256, and so on."""
        listed: list[int] = []
        told = _told(self.batch, mode)
        for m, layer in enumerate(self.batch.net.layers):
            lines = self.batch.lines[m]
            a = np.where(lines.unstable[p], alpha[m][p], lines.fixed[p])
            other = lines.unstable[p] & (a != self.modes[mode][m][p])
            for i in np.flatnonzero(other | told[m][p]).tolist():
                listed += [layer.first + int(layer.units[i]), int(a[i] * _ALPHA)]
        return listed

    def proof(self, p: int, mode: int, slopes: list[int], splits: Sequence[SplitUnit]) -> Proof:
        """The integers of FORMAT.md."""
        rows = [int(w) for w in self.weights[p, : self.batch.rows[p].n_rows]]
        betas = [
            (position, int(self.beta[layer][p, unit]))
            for position, (layer, unit, _) in enumerate(splits)
            if self.beta[layer][p, unit] > 0
        ]
        out = [-1, *rows, mode, len(slopes) // 2, *slopes, len(betas)]
        if betas:
            fewer = min(int(self.shift[p]), *((b & -b).bit_length() - 1 for _, b in betas))
            out += [int(self.shift[p]) - fewer, *(n for position, b in betas for n in (position, b >> fewer))]
        return tuple(out)
