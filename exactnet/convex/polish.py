"""Newton's method on the faces of a nearly optimal solution.

An interior-point solution is good to about half the digits of a float when many cells are nearly tight.
Once the face of the cone that each block lies on is known, the l2 problem is smooth in the coordinates of
those faces, and a few Newton steps reach the rounding level. Blocks that run into a facet join it; blocks
that shrink to nothing are dropped. Nothing here is believed: the result is only a better guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.patterns import Floats
from exactnet.convex.program import Norm
from exactnet.convex.solve import ConeProgram, ConeSolution, block_objective

__all__ = ["polish"]

_TIGHT = 1e-6  # a facet counts as tight when normal.z is below this share of ||z||
_NEGLIGIBLE = 1e-9  # a block below this share of the largest is dropped


@dataclass
class _Block:
    """One block under way: its index in the programme, its vector, the facets it is confined to."""

    index: int
    z: Floats
    tight: NDArray[np.bool_]
    basis: Floats


def polish(program: ConeProgram, solution: ConeSolution, *, n_steps: int = 60) -> ConeSolution:
    """The better of `solution` and what Newton's method makes of it (l2 norm only)."""
    if program.norm is Norm.L1 or not len(solution.z):
        return solution
    sizes = np.linalg.norm(solution.z, axis=1)
    blocks = [
        _on_face(program, int(k), solution.z[k], _TIGHT)
        for k in np.flatnonzero(sizes > _NEGLIGIBLE * sizes.max(initial=0.0))
    ]
    t = solution.t
    value = _value(program, blocks, t)
    for _ in range(n_steps):
        blocks = [block for block in blocks if block.basis.shape[1] and np.any(block.z)]
        if not blocks:
            break
        steps, dt = _newton_direction(program, blocks, t)
        longest, blocked = _room(program, blocks, steps)
        new_blocks, new_t, new_value, taken = _line_search(
            program, blocks, t, value, steps, dt, min(1.0, longest)
        )
        if taken == 0.0:
            break
        decrease = value - new_value
        blocks, t, value = new_blocks, new_t, new_value
        if blocked is not None and taken == longest:
            block = blocks[blocked[0]]
            block.tight[blocked[1]] = True
            blocks[blocked[0]] = _project(program, block)
            value = _value(program, blocks, t)
        elif decrease <= 1e-16 * abs(value) and taken == 1.0:
            break
    z = np.zeros_like(solution.z)
    for block in blocks:
        z[block.index] = block.z
    polished = ConeSolution(z, t, block_objective(program, z, t))
    slack = 1e-12 * abs(solution.approx_value)
    return polished if polished.approx_value <= solution.approx_value + slack else solution


def _on_face(program: ConeProgram, k: int, z: Floats, share: float) -> _Block:
    cone = program.cones[k]
    tight = np.abs(cone @ z) <= share * np.linalg.norm(z) if len(cone) else np.zeros(0, dtype=bool)
    return _project(program, _Block(k, z, tight, np.eye(len(z))))


def _project(program: ConeProgram, block: _Block) -> _Block:
    """The block on the span of its tight facets."""
    walls = program.cones[block.index][block.tight]
    if not len(walls):
        return _Block(block.index, block.z, block.tight, np.eye(len(block.z)))
    _, values, vectors = np.linalg.svd(walls)
    basis: Floats = vectors[int((values > 1e-9).sum()) :].T
    return _Block(block.index, basis @ (basis.T @ block.z), block.tight, basis)


def _value(program: ConeProgram, blocks: list[_Block], t: float) -> float:
    z = np.zeros((len(program.blocks), program.dimension))
    for block in blocks:
        z[block.index] = block.z
    return block_objective(program, z, t)


def _newton_direction(program: ConeProgram, blocks: list[_Block], t: float) -> tuple[list[Floats], float]:
    """Newton step of the smooth objective on the faces; least-norm where the Hessian is singular."""
    designs = [program.features[block.index] @ block.basis for block in blocks]
    if program.intercept:
        designs.append(np.ones((len(program.targets), 1)))
    design = np.hstack(designs)
    fit = sum((program.features[b.index] @ b.z for b in blocks), np.full(len(program.targets), t))
    gradient = design.T @ (fit - program.targets)
    hessian = design.T @ design
    penalised = list(program.penalised)
    offset, parts = 0, []
    for block in blocks:
        part = slice(offset, offset + block.basis.shape[1])
        offset = part.stop
        parts.append(part)
        weights = block.z[penalised]
        size = float(np.linalg.norm(weights))
        if size > 0:
            mask = block.basis[penalised]
            direction = mask.T @ weights / size
            gradient[part] += program.beta * direction
            hessian[part, part] += program.beta / size * (mask.T @ mask - np.outer(direction, direction))
    step = -np.linalg.lstsq(hessian, gradient, rcond=1e-14)[0]
    return [b.basis @ step[part] for b, part in zip(blocks, parts, strict=True)], (
        float(step[-1]) if program.intercept else 0.0
    )


def _room(
    program: ConeProgram, blocks: list[_Block], steps: list[Floats]
) -> tuple[float, tuple[int, int] | None]:
    """How far the step may go before a block leaves its cone, and through which facet."""
    longest, blocked = np.inf, None
    for position, (block, step) in enumerate(zip(blocks, steps, strict=True)):
        cone = program.cones[block.index]
        if not len(cone):
            continue
        now, change = np.maximum(cone @ block.z, 0.0), cone @ step
        leaving = ~block.tight & (change < -1e-15 * np.linalg.norm(step))
        if leaving.any():
            ratios = np.where(leaving, now / np.where(leaving, -change, 1.0), np.inf)
            first = int(np.argmin(ratios))
            if ratios[first] < longest:
                longest, blocked = float(ratios[first]), (position, first)
    return longest, blocked


def _line_search(
    program: ConeProgram,
    blocks: list[_Block],
    t: float,
    value: float,
    steps: list[Floats],
    dt: float,
    start: float,
) -> tuple[list[_Block], float, float, float]:
    """Halve the step until the objective does not grow; step 0 when none is found."""
    length = start
    for _ in range(40):
        moved = [
            _Block(b.index, b.z + length * step, b.tight, b.basis)
            for b, step in zip(blocks, steps, strict=True)
        ]
        new_value = _value(program, moved, t + length * dt)
        if new_value <= value * (1 + 1e-15):
            return moved, t + length * dt, new_value, length
        length /= 2
    return blocks, t, value, 0.0
