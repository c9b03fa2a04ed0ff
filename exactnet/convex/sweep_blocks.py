"""Neurons on known faces: the columns of the master programme of the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.sweep_plan import SweepPlan

__all__ = ["Block", "Peak", "add_peaks", "face_basis", "features", "merged", "residual"]

Floats = NDArray[np.float64]
Peak = tuple[int, Floats, tuple[int, ...]]  # output sign, unit vector, walls through it

_ON_WALL = 2.0**-44


@dataclass(frozen=True)
class Block:
    """A neuron: output sign, vector u, the walls it lies on, the signs of the others (0 on those walls)."""

    sign: int
    u: Floats
    tight: tuple[int, ...]
    signs: NDArray[np.int8]
    basis: Floats


def _block(plan: SweepPlan, sign: int, point: Floats, tight: tuple[int, ...]) -> Block:
    heights = plan.forms @ point
    # a peak of a cell can lie on its rim: then it belongs to the face there
    on = np.abs(heights) <= _ON_WALL
    on[list(tight)] = True
    signs = np.where(on, 0, np.sign(heights)).astype(np.int8)
    walls = tuple(int(k) for k in np.flatnonzero(on))
    return Block(sign, 0.0 * point, walls, signs, face_basis(plan, walls, point))


def face_basis(plan: SweepPlan, tight: Sequence[int], point: Floats) -> Floats:
    """An orthonormal basis of the meet of the walls; on a ray the unit vector on the side of `point`."""
    dimension = plan.rows.shape[1]
    if not tight:
        return np.eye(dimension)
    if len(tight) + 1 >= dimension:
        if dimension == 2:
            a, b = plan.forms[tight[0]]
            ray = np.array([-b, a])
        else:
            first = plan.forms[tight[0]]
            crosses = np.cross(first, plan.forms[list(tight[1:])])
            ray = crosses[np.argmax(np.linalg.norm(crosses, axis=1))]
            ray = ray / np.linalg.norm(ray)
        return (ray if ray @ point >= 0 else -ray)[:, None]
    _, _, vectors = np.linalg.svd(plan.forms[list(tight)])
    basis: Floats = vectors[1:].T
    return basis


def features(plan: SweepPlan, block: Block) -> Floats:
    """The outputs on all rows of the basis vectors of a block (n x dimension of its face)."""
    active = (
        plan.side_of * block.signs[plan.wall_of] > 0 if len(plan.walls) else np.zeros(len(plan.rows), bool)
    )
    features: Floats = (block.sign * active)[:, None] * (plan.rows @ block.basis)
    return features


def add_peaks(
    plan: SweepPlan, blocks: Sequence[Block], peaks: Sequence[Peak]
) -> tuple[list[Block], list[Floats]]:
    """New faces beside the old ones, and the direction in which each block starts.

    A block on a side of a new face with the same output sign moves into that face.
    """
    blocks = list(blocks)
    starts = [block.u for block in blocks]
    for sign, point, tight in peaks:
        fresh = _block(plan, sign, point, tight)
        inside = [k for k, block in enumerate(blocks) if block.sign == sign and _contains(fresh, block)]
        total = sum((blocks[k].u for k in inside), np.zeros(len(point)))
        size = float(np.linalg.norm(total))
        for k in reversed(inside):
            del blocks[k], starts[k]
        blocks.append(replace(fresh, u=total))
        starts.append(total if size > 0 else point)
        if size > 0 and (total @ point) < (1 - 2.0**-30) * size:
            # the old direction and the new one compete; they are merged after the first step
            blocks.append(fresh)
            starts.append(point)
    return blocks, starts


def _contains(face: Block, block: Block) -> bool:
    """Whether the closed face contains the face of the block."""
    if any(k not in block.tight for k in face.tight):
        return False
    return bool(((block.signs == face.signs) | (block.signs == 0)).all())


def merged(blocks: Sequence[Block]) -> dict[int, Block]:
    """Vectors of one face and sign are added: the outputs stay, the penalty does not grow."""
    kept: dict[int, Block] = {}
    for k in sorted(range(len(blocks)), key=lambda k: len(blocks[k].tight)):
        block = blocks[k]
        if not block.u.any():
            continue
        for other, face in kept.items():
            if face.sign == block.sign and _contains(face, block):
                kept[other] = replace(face, u=face.u + block.u)
                break
        else:
            kept[k] = block
    return kept


def residual(plan: SweepPlan, blocks: Sequence[Block], y: Floats) -> Floats:
    """y - f in doubles."""
    left = y
    for block in blocks:
        left = left - features(plan, block) @ (block.basis.T @ block.u)
    return left
