"""The master programme of the sweep: a few neurons, each on a known face, by Newton's method.

    minimise  1/2 || sum_k F_k x_k - y ||^2 + beta sum_k ||x_k||

A neuron u_k = Q_k x_k lies on one face of the arrangement (a cell, a wall, a ray; Q_k an orthonormal basis of
its span), so that its outputs F_k x_k are linear. Neurons that run into a wall join it, neurons that shrink
to nothing go; a face that was joined too early comes back with the next pricing. The iterations work on the
triangular factor of all F_k, so that their cost does not depend on n. All of it is a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.sweep_blocks import Block, face_basis, features, merged
from exactnet.convex.sweep_plan import SweepPlan

__all__ = ["solve_master"]

Floats = NDArray[np.float64]

# slope on the faces at which the descent ends, as a share of beta: far from the optimum, and near it
_CONVERGED = {False: 2.0**-14, True: 2.0**-36}
_RIDGE = 2.0**-50
_SLIGHT = 2.0**-30
_RETURNS = 8


def solve_master(
    plan: SweepPlan,
    blocks: Sequence[Block],
    starts: Sequence[Floats],
    y: Floats,
    beta: float,
    *,
    near: bool = True,
) -> list[Block]:
    """Descend from the given blocks; blocks that have no u yet begin in their start direction.

    `near` the optimum the slope is brought to rounding level.
    """
    blocks = list(blocks)
    if not blocks:
        return []
    a, b = _triangle(plan, blocks, y)
    coordinates = [block.basis.T @ block.u for block in blocks]
    directions = [block.basis.T @ s for block, s in zip(blocks, starts, strict=True)]
    coordinates = _best_lengths(a, b, beta, coordinates, directions)
    blocks = [replace(block, u=block.basis @ x) for block, x in zip(blocks, coordinates, strict=True)]
    ends = np.cumsum([block.basis.shape[1] for block in blocks])
    columns = [a[:, end - block.basis.shape[1] : end] for end, block in zip(ends, blocks, strict=True)]
    kept = merged(blocks)
    return _Descent(plan, list(kept.values()), [columns[k] for k in kept], b, beta).run(
        _CONVERGED[near] * beta
    )


def _triangle(plan: SweepPlan, blocks: Sequence[Block], y: Floats) -> tuple[Floats, Floats]:
    """All features and y, rotated into as few rows as there are columns."""
    whole = np.column_stack([*(features(plan, block) for block in blocks), y])
    r: Floats = np.asarray(np.linalg.qr(whole, mode="r")) if len(whole) > whole.shape[1] else whole
    return r[:, :-1], r[:, -1]


def _best_lengths(
    a: Floats, b: Floats, beta: float, coordinates: Sequence[Floats], directions: Sequence[Floats]
) -> list[Floats]:
    """Nearly the best non-negative lengths along fixed directions, from the lengths of `coordinates` on.

    An active set that shrinks, and takes back what was dropped too early a few times.
    """
    lengths = np.array([float(np.linalg.norm(x)) for x in coordinates])
    units = [d / np.linalg.norm(d) for d in directions]
    columns, at = [], 0
    for unit in units:
        columns.append(a[:, at : at + len(unit)] @ unit)
        at += len(unit)
    c = np.array(columns).T
    gram, linear = c.T @ c, c.T @ b - beta
    gram.ravel()[:: len(gram) + 1] *= 1 + _RIDGE * 16
    for _ in range(_RETURNS):
        wanted = (lengths > 0) | (linear - gram @ lengths > _SLIGHT * beta)
        if not (wanted & (lengths == 0)).any():
            break
        _shrink(gram, linear, lengths, wanted)
    return [length * unit for length, unit in zip(lengths, units, strict=True)]


def _shrink(gram: Floats, linear: Floats, lengths: Floats, alive: NDArray[np.bool_]) -> None:
    """Go to the minimum over the columns that are alive; those that reach 0 on the way leave."""
    while alive.any():
        here = np.flatnonzero(alive)
        target = _solve(gram[np.ix_(here, here)], linear[here])
        if (target > 0).all():
            lengths[here] = target
            return
        now = lengths[here]
        falling = target <= 0
        shares = np.where(falling, now / np.where(falling, now - target, 1.0), np.inf)
        share = float(shares.min())
        lengths[here] = now + share * (target - now)
        gone = shares <= share
        lengths[here[gone]] = 0.0
        alive[here[gone]] = False


def _solve(matrix: Floats, rhs: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(matrix, rhs), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, rhs, rcond=None)[0], dtype=np.float64)


class _Descent:
    """Newton steps on the current faces; `columns` are the rotated features of the blocks."""

    def __init__(
        self, plan: SweepPlan, blocks: list[Block], columns: list[Floats], b: Floats, beta: float
    ) -> None:
        self.plan, self.b, self.beta = plan, b, beta
        self.blocks, self.columns = blocks, columns

    def run(self, slight: float, n_steps: int = 40) -> list[Block]:
        """Until the slope on the faces is slight."""
        value = self.value(self.blocks, self.columns)
        stalled = 0
        for _ in range(n_steps):
            if not self.blocks or stalled > 2:
                break
            steps, slope = self.direction()
            if not np.isfinite(slope) or slope <= slight:
                break
            rooms, walls = self.rooms(steps)
            moved = self.move(steps, np.minimum(rooms, 1.0), rooms, walls)
            reached = self.value(*moved)
            hits = bool((rooms <= 1).any())
            if not (reached < value or (not hits and slope <= 2.0**-20 * self.beta)):
                moved, reached = self.backtrack(steps, rooms, walls, value)
                # a block that stands at a wall joins it without a step
                joins = moved[0] is not self.blocks and reached <= value * (1 + _RIDGE * 16)
                if not (reached < value or joins):
                    break
            self.blocks, self.columns = moved
            stalled = stalled + 1 if reached >= value * (1 - 2.0**-46) else 0
            value = reached
        return self.blocks

    def direction(self) -> tuple[list[Floats], float]:
        """The Newton step of every block, as coordinates, and the largest slope."""
        xs = [block.basis.T @ block.u for block in self.blocks]
        whole = np.hstack(self.columns)
        left = self.b - whole @ np.concatenate(xs)
        gradient = -(whole.T @ left)
        hessian = whole.T @ whole
        at = 0
        for x in xs:
            size = np.sqrt(x @ x)
            unit = x / size
            here = slice(at, at + len(x))
            gradient[here] += self.beta * unit
            if len(x) > 1:
                hessian[here, here] += self.beta / size * (np.eye(len(x)) - np.outer(unit, unit))
            at += len(x)
        diagonal = hessian.ravel()[:: len(hessian) + 1]
        diagonal += _RIDGE * diagonal.max()
        step = -_solve(hessian, gradient)
        steps = np.split(step, np.cumsum([len(x) for x in xs])[:-1])
        return steps, float(np.abs(gradient).max())

    def rooms(self, steps: Sequence[Floats]) -> tuple[Floats, list[int]]:
        """How far each block can go along its step, and what stops it: a wall, or -1 for its own end."""
        rooms, stops = np.full(len(steps), np.inf), []
        forms = self.plan.forms
        for k, (block, step) in enumerate(zip(self.blocks, steps, strict=True)):
            size = float(np.sqrt(block.u @ block.u))
            shift = block.basis @ step
            along = float(block.u @ shift) / size
            stop = -1
            if along < -size:
                rooms[k] = -size / along
            if len(step) > 1 and len(forms):
                heights, changes = block.signs * (forms @ block.u), block.signs * (forms @ shift)
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratios = np.where(changes < 0, np.maximum(heights, 0.0) / -changes, np.inf)
                first = int(np.argmin(ratios))
                if ratios[first] < rooms[k]:
                    rooms[k], stop = ratios[first], first
            stops.append(stop)
        return rooms, stops

    def move(
        self, steps: Sequence[Floats], shares: Floats, rooms: Floats, walls: Sequence[int]
    ) -> tuple[list[Block], list[Floats]]:
        """The blocks after their steps; those that reach their wall join it, those at their end go."""
        blocks, columns = [], []
        for k, (block, step, share) in enumerate(zip(self.blocks, steps, shares, strict=True)):
            u = block.u + share * (block.basis @ step)
            column = self.columns[k]
            if rooms[k] <= share:
                if walls[k] < 0:
                    continue
                moved = self._joined(block, u, walls[k])
                if moved is None:
                    continue
                column = column @ (block.basis.T @ moved.basis)
                block = moved
            else:
                block = replace(block, u=u)
            blocks.append(block)
            columns.append(column)
        return blocks, columns

    def _joined(self, block: Block, u: Floats, wall: int) -> Block | None:
        """The block on one more wall, and on all that meet it there when only a ray is left."""
        tight = tuple(sorted((*block.tight, wall)))
        if len(u) == 3 and len(block.tight) == 1:
            k = block.tight[0]
            circles = self.plan.circles
            assert circles is not None
            place = int(np.flatnonzero(circles.order[k] == wall)[0])
            start = place
            while start > 0 and not circles.ends[k, start - 1]:
                start -= 1
            tight = self.plan.tight(2, (k, start))
        basis = face_basis(self.plan, tight, u)
        projected = basis @ (basis.T @ u)
        if not projected.any():
            return None
        signs = block.signs.copy()
        signs[list(tight)] = 0
        return replace(block, u=projected, tight=tight, signs=signs, basis=basis)

    def value(self, blocks: Sequence[Block], columns: Sequence[Floats]) -> float:
        """The objective up to a constant."""
        left = self.b
        penalty = 0.0
        for block, column in zip(blocks, columns, strict=True):
            left = left - column @ (block.basis.T @ block.u)
            penalty += float(np.sqrt(block.u @ block.u))
        return 0.5 * float(left @ left) + self.beta * penalty

    def backtrack(
        self, steps: Sequence[Floats], rooms: Floats, walls: Sequence[int], value: float
    ) -> tuple[tuple[list[Block], list[Floats]], float]:
        """One common step length, at most to the first wall, halved until the objective falls."""
        share = min(1.0, float(rooms.min()))
        moved = self.move(steps, np.full(len(steps), share), rooms, walls)
        reached = self.value(*moved)
        if reached < value or (share < 1 and reached <= value * (1 + _RIDGE * 16)):
            return moved, reached
        for _ in range(40):
            share /= 2
            moved = self.move(steps, np.full(len(steps), share), rooms, walls)
            reached = self.value(*moved)
            if reached < value:
                return moved, reached
        return (self.blocks, self.columns), value
