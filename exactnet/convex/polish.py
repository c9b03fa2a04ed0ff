"""Newton's method on the faces of a nearly optimal solution.

An interior-point solution is good to about half the digits of a float when many cells are nearly tight.
Once the face of the cone that each block lies on is known, the l2 problem is smooth in the coordinates of
those faces (for the squared and the logistic loss), and a few Newton steps reach the rounding level. Blocks
that run into a facet join it; blocks that shrink to nothing are dropped. The iterates and their gradients
are held in long doubles where the machine has them, because for small beta the residual y - f is a small
difference of large numbers. Nothing here is believed: the result is only a better guess.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.float_losses import approx_curvature, approx_loss, approx_slope
from exactnet.convex.losses import Loss
from exactnet.convex.patterns import Floats
from exactnet.convex.program import Norm
from exactnet.convex.solve import ConeProgram, ConeSolution

__all__ = ["polish"]

_TIGHT = 1e-6  # a facet counts as tight when normal.z is below this share of ||z||
_CONVERGED = 1e-4  # the slope on the faces, as a share of beta
_NEGLIGIBLE = 1e-9  # a block below this share of the largest is dropped
_SMALL = 1e-3  # a block below this share is dropped when it keeps Newton's method from converging


LongFloats = NDArray[np.longdouble]


@dataclass
class _Block:
    """One block under way: its index in the programme, its vector, the facets it is confined to."""

    index: int
    z: LongFloats
    tight: NDArray[np.bool_]
    basis: Floats
    feature: LongFloats


def polish(program: ConeProgram, solution: ConeSolution, *, n_steps: int = 60) -> ConeSolution:
    """The better of `solution` and what Newton's method makes of it (l2 norm only)."""
    if program.norm is not Norm.L2 or program.loss.is_piecewise_linear or not len(solution.z):
        return solution
    sizes = np.linalg.norm(solution.z, axis=1)
    blocks = [
        _on_face(program, int(k), solution.z[k], _TIGHT)
        for k in np.flatnonzero(sizes > _NEGLIGIBLE * sizes.max(initial=0.0))
    ]
    t = np.longdouble(solution.t)
    best, best_slope = solution, np.inf
    for _ in range(n_steps):
        blocks = [b for b in blocks if b.basis.shape[1] and np.any(b.z)]
        if not all(np.isfinite(b.z).all() for b in blocks):
            break  # the step ran away along a direction of no curvature: keep what was best before
        lengths = [float(_length(b.z)) for b in blocks]
        blocks = [b for b, length in zip(blocks, lengths, strict=True) if length > _NEGLIGIBLE * max(lengths)]
        blocks = _independent(program, blocks)
        if not blocks:
            break
        steps, dt, slope = _newton_direction(program, blocks, t)
        current = _assemble(program, blocks, t)
        # near the optimum the value is flat to rounding while the slope still tells iterates apart
        if slope < best_slope and current.approx_value <= solution.approx_value * (1 + 1e-13):
            best, best_slope = current, slope
        elif slope >= best_slope and np.isfinite(best_slope):
            smaller = _without_smallest(blocks) if best_slope > _CONVERGED * program.beta else blocks
            if len(smaller) == len(blocks):
                break
            blocks, best_slope = smaller, np.inf
            continue
        if not all(np.isfinite(step).all() for step in steps):
            break
        longest, blocked = _room(program, blocks, steps)
        length = _line_search(program, blocks, t, steps, dt, min(1.0, longest))
        if length == 0.0:
            break
        blocks = [replace(b, z=b.z + length * step) for b, step in zip(blocks, steps, strict=True)]
        t += length * dt
        if blocked is not None and length == longest:
            block = blocks[blocked[0]]
            block.tight[blocked[1]] = True
            blocks[blocked[0]] = _project(program, block)
            best_slope = np.inf  # another face: its slopes do not compare
    # a residual that is far from stationary makes a poor dual vector, however small the objective
    return best if best_slope <= _CONVERGED * program.beta else solution


def _without_smallest(blocks: list[_Block]) -> list[_Block]:
    """Leave out a block that is small against the others: its norm has a slope until it is gone."""
    sizes = [float(_length(b.z)) for b in blocks]
    least = int(np.argmin(sizes))
    return [b for k, b in enumerate(blocks) if k != least or sizes[k] > _SMALL * max(sizes)]


def _independent(program: ConeProgram, blocks: list[_Block]) -> list[_Block]:
    """Caratheodory: shift weight along dependencies of the blocks' outputs until they are independent.

    The fit stays, the penalty does not grow; without this the Newton system is singular.
    """
    while blocks:
        outputs = np.array([b.feature @ b.z for b in blocks], dtype=np.float64).T
        lengths = np.linalg.norm(outputs, axis=0)
        if (lengths == 0).any():
            blocks = [b for b, length in zip(blocks, lengths, strict=True) if length > 0]
            continue
        _, values, vt = np.linalg.svd(outputs / lengths, full_matrices=True)
        if len(values) == len(blocks) and values[-1] > 1e-9 * values[0]:
            return blocks
        shift = vt[-1] / lengths
        costs = np.array([_length(b.z[list(program.penalised)]) for b in blocks], dtype=np.float64)
        if shift @ costs < 0:
            shift = -shift
        last = int(np.argmax(shift))
        factors = 1.0 - shift / shift[last]
        blocks = [
            replace(b, z=factor * b.z)
            for k, (b, factor) in enumerate(zip(blocks, factors, strict=True))
            if k != last and factor > 0
        ]
    return blocks


def _on_face(program: ConeProgram, k: int, z: Floats, share: float) -> _Block:
    cone = program.cones[k]
    tight = np.abs(cone @ z) <= share * np.linalg.norm(z) if len(cone) else np.zeros(0, dtype=bool)
    feature = program.features[k].astype(np.longdouble)
    return _project(program, _Block(k, z.astype(np.longdouble), tight, np.eye(len(z)), feature))


def _project(program: ConeProgram, block: _Block) -> _Block:
    """The block on the span of its tight facets."""
    walls = program.cones[block.index][block.tight]
    if not len(walls):
        return replace(block, basis=np.eye(len(block.z)))
    _, values, vectors = np.linalg.svd(walls)
    basis: Floats = vectors[int((values > 1e-9).sum()) :].T
    return replace(block, z=basis @ (basis.T @ block.z), basis=basis)


def _length(vector: LongFloats) -> np.longdouble:
    length: np.longdouble = np.sqrt(vector @ vector)
    return length


def _fits(program: ConeProgram, blocks: list[_Block], t: np.longdouble) -> LongFloats:
    """f in long doubles."""
    total = np.full(len(program.targets), t)
    for block in blocks:
        total = total + block.feature @ block.z
    return total


def _residual(program: ConeProgram, blocks: list[_Block], t: np.longdouble) -> LongFloats:
    """v, minus the slope of the loss (y - f for the squared one), in long doubles."""
    targets = program.targets.astype(np.longdouble)
    return np.asarray(approx_slope(program.loss, _fits(program, blocks, t), targets), dtype=np.longdouble)


def _assemble(program: ConeProgram, blocks: list[_Block], t: np.longdouble) -> ConeSolution:
    z = np.zeros((len(program.blocks), program.dimension))
    for block in blocks:
        z[block.index] = block.z
    residual = _residual(program, blocks, t)
    penalty = sum((_length(b.z[list(program.penalised)]) for b in blocks), np.longdouble(0))
    loss = approx_loss(program.loss, _fits(program, blocks, t), program.targets)
    value = float(loss + program.beta * penalty)
    return ConeSolution(z, float(t), value, residual.astype(np.float64))


def _newton_direction(
    program: ConeProgram, blocks: list[_Block], t: np.longdouble
) -> tuple[list[Floats], float, float]:
    """Newton step of the smooth objective on the faces, and the size of its gradient there."""
    designs = [program.features[block.index] @ block.basis for block in blocks]
    if program.intercept:
        designs.append(np.ones((len(program.targets), 1)))
    design = np.hstack(designs)
    gradient = -(design.astype(np.longdouble).T @ _residual(program, blocks, t))
    hessian = design.T @ design
    if program.loss is Loss.LOGISTIC:
        curvature_of_loss = approx_curvature(program.loss, _fits(program, blocks, t), program.targets)
        hessian = design.T @ (curvature_of_loss.astype(np.float64)[:, None] * design)
    penalised = list(program.penalised)
    offset, parts = 0, []
    for block in blocks:
        part = slice(offset, offset + block.basis.shape[1])
        offset = part.stop
        parts.append(part)
        weights = block.z[penalised]
        size = _length(weights)
        if size > 0:
            mask = block.basis[penalised]
            slope = mask.T @ (weights / size)
            gradient[part] += program.beta * slope
            direction = slope.astype(np.float64)
            curvature = mask.T @ mask - np.outer(direction, direction)
            hessian[part, part] += program.beta / float(size) * curvature
    # coordinates on very different scales: equilibrate before the rank decision of the least squares
    diagonal = np.diag(hessian)
    scale = 1.0 / np.sqrt(np.maximum(diagonal, max(1e-24 * diagonal.max(initial=0.0), 1e-200)))
    right = (gradient * scale).astype(np.float64)
    step = -scale * np.linalg.lstsq(hessian * np.outer(scale, scale), right, rcond=1e-15)[0]
    dt = float(step[-1]) if program.intercept else 0.0
    steps = [b.basis @ step[part] for b, part in zip(blocks, parts, strict=True)]
    return steps, dt, float(_length(gradient))


def _room(
    program: ConeProgram, blocks: list[_Block], steps: list[Floats]
) -> tuple[float, tuple[int, int] | None]:
    """How far the step may go before a block leaves its cone, and through which facet."""
    longest, blocked = np.inf, None
    for position, (block, step) in enumerate(zip(blocks, steps, strict=True)):
        cone = program.cones[block.index]
        if not len(cone):
            continue
        now, change = np.maximum((cone @ block.z).astype(np.float64), 0.0), cone @ step
        leaving = ~block.tight & (change < -1e-15 * np.linalg.norm(step))
        if leaving.any():
            with np.errstate(over="ignore"):
                ratios = np.where(leaving, now / np.where(leaving, -change, 1.0), np.inf)
            first = int(np.argmin(ratios))
            if ratios[first] < longest:
                longest, blocked = float(ratios[first]), (position, first)
    return longest, blocked


def _line_search(
    program: ConeProgram, blocks: list[_Block], t: np.longdouble, steps: list[Floats], dt: float, start: float
) -> float:
    """Halve the step until the objective does not grow beyond rounding; 0 when none is found."""
    value = _assemble(program, blocks, t).approx_value
    length = start
    for _ in range(40):
        moved = [replace(b, z=b.z + length * step) for b, step in zip(blocks, steps, strict=True)]
        if _assemble(program, moved, t + length * dt).approx_value <= value * (1 + 1e-14):
            return length
        length /= 2
    return 0.0
