"""Newton's method for the piecewise linear losses, on the faces and kinks of a nearly optimal solution.

For hinge and l1 the loss has its kink at f_i = y_i. Once it is known which samples sit on their kink (the
set E) and which face each block lies on, the optimum solves equations: the gradient on the faces vanishes,

    z_k / ||z_k|| = F_k' w,   sum w = 0 with an intercept,   f_i = y_i on E,

for w = v / beta, with w_i unknown on E and at an end of its interval elsewhere. A few Newton steps find it
to rounding level; samples that turn out to be on the wrong side change sets. Nothing here is believed: it
is a better guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.float_losses import approx_loss, dual_box
from exactnet.convex.patterns import Floats
from exactnet.convex.solve import ConeProgram, ConeSolution

__all__ = ["polish_kinks"]

_TIGHT = 2.0**-20  # a facet counts as tight when normal.z is below this share of ||z||
_NEGLIGIBLE = 2.0**-24  # a block below this share of the largest is dropped
_LEAVES = 2.0**-40  # how far a polished block may be outside of its cone
_MOST_ROUNDS = 12


@dataclass
class _Face:
    """A block on a face of its cone, where some facets are tight: z = basis c; design = F basis."""

    index: int
    tight: NDArray[np.bool_]
    basis: Floats
    c: Floats
    design: Floats


def polish_kinks(program: ConeProgram, solution: ConeSolution) -> ConeSolution:
    """The solution of the equations above if it is one of the programme, else the solution as it is (l2)."""
    if not program.loss.is_piecewise_linear or solution.residual is None or not len(solution.z):
        return solution
    faces = _faces(program, solution.z)
    if not faces:
        return solution
    low, high = (end / program.beta for end in dual_box(program.loss, program.targets))
    v, t = np.clip(solution.residual / program.beta, low, high), solution.t
    fits = _fits(program, faces, t)
    gap = np.abs(fits - program.targets)
    on_kink = np.minimum(v - low, high - v) > gap
    for _ in range(_MOST_ROUNDS):
        # off the kink v is the end that belongs to the side: f < y pulls up, f > y down
        v = np.where(on_kink, v, np.where(fits < program.targets, high, low))
        faces = [_face(program, solution.z, face.index, face.tight) for face in faces]
        v, t = _newton(program, faces, v, solution.t, on_kink)
        fits = _fits(program, faces, t)
        outside = on_kink & ((v < low - _LEAVES) | (v > high + _LEAVES))
        wrong = ~on_kink & (np.where(v == high, fits - program.targets, program.targets - fits) > _LEAVES)
        confined = _confined(program, solution.z, faces)
        if not confined:
            return solution
        if confined is not faces:
            faces = confined
            v = np.clip(v, low, high)
        elif not (outside.any() or wrong.any()):
            return _accepted(program, faces, program.beta * np.clip(v, low, high), t, solution)
        else:
            # a sample that leaves the kink goes to the side that its v points to
            fits = np.where(outside, np.where(v > high, program.targets - 1, program.targets + 1), fits)
            v = np.clip(v, low, high)
            on_kink = (on_kink & ~outside) | wrong
    return solution


def _faces(program: ConeProgram, z: Floats) -> list[_Face]:
    sizes = np.linalg.norm(z, axis=1)
    faces = []
    for k in np.flatnonzero(sizes > _NEGLIGIBLE * sizes.max(initial=0.0)):
        tight = np.abs(program.cones[k] @ z[k]) <= _TIGHT * sizes[k]
        face = _face(program, z, int(k), tight)
        if face.basis.shape[1]:
            faces.append(face)
    return faces


def _face(program: ConeProgram, z: Floats, k: int, tight: NDArray[np.bool_]) -> _Face:
    """The face of block k with these tight facets, at the projection of z[k]."""
    walls = program.cones[k][tight]
    basis: Floats = np.eye(z.shape[1])
    if len(walls):
        _, values, vectors = np.linalg.svd(walls)
        basis = vectors[int((values > _TIGHT).sum()) :].T
    return _Face(k, tight, basis, basis.T @ z[k], program.features[k] @ basis)


def _confined(program: ConeProgram, z: Floats, faces: list[_Face]) -> list[_Face]:
    """`faces` itself if all blocks are in their cones; else facets that were crossed become tight."""
    kept, changed = [], False
    for face in faces:
        block = face.basis @ face.c
        crossed = program.cones[face.index] @ block < -_LEAVES * float(np.linalg.norm(block))
        if crossed.any():
            changed = True
            face = _face(program, z, face.index, face.tight | crossed)
        if face.basis.shape[1] and np.any(face.c):
            kept.append(face)
    return kept if changed else faces


def _fits(program: ConeProgram, faces: list[_Face], t: float) -> Floats:
    total: Floats = np.full(len(program.targets), t)
    for face in faces:
        total = total + face.design @ face.c
    return total


def _newton(
    program: ConeProgram, faces: list[_Face], v: Floats, t: float, on_kink: NDArray[np.bool_]
) -> tuple[Floats, float]:
    """Up to eight Newton steps for (c, t, v on E); `faces` are changed."""
    penalised = list(program.penalised)
    n_kinks = int(on_kink.sum())
    design = np.hstack([face.design for face in faces])
    if program.intercept:
        design = np.hstack([design, np.ones((len(v), 1))])
    n_c = design.shape[1]
    matrix = np.zeros((n_c + n_kinks, n_c + n_kinks))
    matrix[:n_c, n_c:] = -design[on_kink].T
    matrix[n_c:, :n_c] = design[on_kink]
    last = np.inf
    for _ in range(8):
        right = np.zeros(n_c + n_kinks)
        right[:n_c] = -(design.T @ v)
        right[n_c:] = (_fits(program, faces, t) - program.targets)[on_kink]
        offset = 0
        for face in faces:
            part = slice(offset, offset + len(face.c))
            offset = part.stop
            mask = face.basis[penalised]
            weights = mask @ face.c
            size = float(np.linalg.norm(weights))
            if size > 0:
                slope = mask.T @ weights / size
                right[part] += slope
                matrix[part, part] = (mask.T @ mask - np.outer(slope, slope)) / size
        now = float(np.abs(right).max(initial=0.0))
        if not now < last or not np.isfinite(now):
            break
        last = now
        step = np.linalg.lstsq(matrix, -right, rcond=2.0**-46)[0]
        offset = 0
        for face in faces:
            face.c = face.c + step[offset : offset + len(face.c)]
            offset += len(face.c)
        t = t + float(step[offset]) if program.intercept else t
        v = v.copy()
        v[on_kink] += step[n_c:]
    return v, t


def _accepted(
    program: ConeProgram, faces: list[_Face], v: Floats, t: float, solution: ConeSolution
) -> ConeSolution:
    """The polished solution if it is in the cones and no worse."""
    z = np.zeros_like(solution.z)
    penalty = 0.0
    for face in faces:
        block = face.basis @ face.c
        size = float(np.linalg.norm(block))
        cone = program.cones[face.index]
        if not np.isfinite(size) or (len(cone) and (cone @ block).min() < -_LEAVES * size):
            return solution
        z[face.index] = block
        mask = face.basis[list(program.penalised)]
        length = float(np.linalg.norm(mask @ face.c))
        slope = mask.T @ (mask @ face.c) / length if length > 0 else np.zeros(len(face.c))
        if not np.abs(slope - face.design.T @ (v / program.beta)).max() < _TIGHT:
            return solution  # Newton's method did not converge: v is no dual vector
        penalty += length
    fits = _fits(program, faces, t)
    value = approx_loss(program.loss, fits, program.targets) + program.beta * penalty
    rounding = _LEAVES**1.25 * len(fits) * (1 + float(np.abs(fits).max()))
    if not value <= solution.approx_value * (1 + _LEAVES) + rounding:
        return solution
    return ConeSolution(z, t, value, v)
