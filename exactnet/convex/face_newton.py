"""Weight decay on known faces, to any number of digits: Newton's method, wall after wall.

On fixed parts (:mod:`exactnet.convex.face_parts`) the convex programme is least squares plus a sum of norms
(:mod:`exactnet.exact.sum_of_norms`), smooth while no part vanishes. A part that reaches a wall stays on
it, and one that shrinks to nothing is dropped, as in the float method :mod:`exactnet.convex.polish`, but
all vectors are dyadic rationals that lie on their walls exactly. Nothing here is believed: bounds are
proved from the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from operator import mul

import numpy as np

from exactnet.convex.face_parts import Part, Stationary, float_rows, part_on_walls, rounded
from exactnet.convex.patterns import Floats
from exactnet.convex.program import Bias, TrainingProblem
from exactnet.exact import common_denominator
from exactnet.exact.sum_of_norms import SumOfNorms

__all__ = ["minimise"]

IntVector = tuple[int, ...]
Rationals = tuple[Fraction, ...]

_DEPENDENT = 2.0**-36
_MOST_STEPS = 150


def minimise(problem: TrainingProblem, parts: Sequence[Part], t: Fraction, *, bits: int) -> Stationary:
    """Minimise over the faces of the parts; parts join walls they reach and vanish at zero.

    Parameters
    ----------
    t : output bias to start from (free bias only).
    bits : of the unknowns, relative to the largest.

    Returns
    -------
    Where Newton's method has stopped; `converged` is False after too many steps or at a step that does not
    descend.
    """
    free = problem.bias is Bias.FREE
    parts = [replace(part, x=rounded(part.x, bits)) for part in parts]
    model: SumOfNorms | None = None
    last_size: Fraction | None = None
    for _ in range(_MOST_STEPS):
        if model is None:
            parts, t = _independent(problem, parts, t)
            model, last_size = _model(problem, parts), None
        if not parts:
            return Stationary((), t, True)  # the exact mean is the best t, which `residual` uses
        x = [value for part in parts for value in part.x] + ([t] if free else [])
        step = _direction(model, x, bits)
        if step is None:
            break
        size = max(map(abs, step)) / max(map(abs, x))
        if _finished(size, last_size, bits):
            return Stationary(tuple(parts), t, True)
        last_size = size
        pieces = _split(parts, step)
        room, event = _room(problem, parts, pieces)
        length = _line_search(model, x, step, min(Fraction(1), room), bits)
        if length == 0 and room > 0:
            break
        parts = [
            replace(part, x=rounded([a + length * b for a, b in zip(part.x, piece, strict=True)], bits))
            for part, piece in zip(parts, pieces, strict=True)
        ]
        if free:
            t = rounded([t + length * step[-1]], bits)[0]
        if event is not None and length == room:
            parts, model = _joined(problem, parts, event), None
    return Stationary(tuple(parts), t, False)


def _finished(size: Fraction, last_size: Fraction | None, bits: int) -> bool:
    """Whether a relative step is at rounding level: below all bits, or small and no longer falling."""
    if size * 2 ** (bits - 8) <= 1:
        return True
    return last_size is not None and size * 2 ** (bits // 2) <= 1 and size >= last_size


def _model(problem: TrainingProblem, parts: Sequence[Part]) -> SumOfNorms:
    rows, scale = problem.integer_rows
    columns: list[list[int]] = []
    norms: list[list[IntVector]] = []
    for part in parts:
        for vector in part.basis:
            heights = (sum(map(mul, row, vector)) for row in rows)
            columns.append(
                [part.sign * h if flag else 0 for h, flag in zip(heights, part.active, strict=True)]
            )
        norms.append([tuple(vector[k] for vector in part.basis) for k in problem.penalised])
    sizes = [len(part.basis) for part in parts]
    if problem.bias is Bias.FREE:
        columns.append([scale] * problem.n_samples)
        norms.append([])
        sizes.append(1)
    return SumOfNorms(columns, scale, problem.targets, problem.beta, norms, sizes)


def _direction(model: SumOfNorms, x: Sequence[Fraction], bits: int) -> Rationals | None:
    for ridge in (None, bits // 2, bits // 4):
        try:
            return model.newton_step(x, bits=bits, ridge=ridge)
        except ZeroDivisionError:
            continue
    return None


def _split(parts: Sequence[Part], step: Rationals) -> list[Rationals]:
    pieces, place = [], 0
    for part in parts:
        pieces.append(step[place : place + len(part.basis)])
        place += len(part.basis)
    return pieces


# (part, row): the part reaches the wall of that row; (part, None): it has become negligible
_Event = tuple[int, int | None]


def _room(
    problem: TrainingProblem, parts: Sequence[Part], pieces: Sequence[Rationals]
) -> tuple[Fraction, _Event | None]:
    """How far the step may go until a part reaches a wall or vanishes."""
    rows, _ = problem.integer_rows
    best: tuple[Fraction, _Event | None] = (Fraction(2), None)
    for k, (part, piece) in enumerate(zip(parts, pieces, strict=True)):
        if len(part.basis) == 1:
            if part.x[0] + piece[0] == 0 or (part.x[0] + piece[0] > 0) != (part.x[0] > 0):
                room = -part.x[0] / piece[0]
                if room < best[0]:
                    best = (room, (k, None))
            continue
        z, dz = _shared_integers(part.z, replace(part, x=piece).z)
        along = sum(z[j] * dz[j] for j in problem.penalised)
        square = sum(z[j] ** 2 for j in problem.penalised)
        if 64 * (square + along) < square:  # do not let a part turn round in one step
            room = Fraction(-63 * square, 64 * along)
            if room < best[0]:
                best = (room, (k, -1))
        for i, row in enumerate(rows):
            speed = sum(map(mul, row, dz))
            if speed and (speed < 0) == part.active[i] and i not in part.walls:
                height = sum(map(mul, row, z))
                if height and (height > 0) != part.active[i]:
                    height = 0  # rounding has put it on the wrong side
                if abs(height) * best[0].denominator < abs(speed) * best[0].numerator:
                    best = (Fraction(abs(height), abs(speed)), (k, i))
    return best


def _shared_integers(z: Rationals, dz: Rationals) -> tuple[list[int], list[int]]:
    """Both vectors over one denominator."""
    scale = common_denominator([*z, *dz])
    return [int(x * scale) for x in z], [int(x * scale) for x in dz]


def _line_search(
    model: SumOfNorms, x: Sequence[Fraction], step: Rationals, longest: Fraction, bits: int
) -> Fraction:
    """A length at which the value falls; at rounding level every step counts as progress."""
    if longest == 0:
        return longest
    size = max(map(abs, step)) / max(map(abs, x))
    if size * 2**24 <= 1:
        return longest
    start = model.value(x, bits=bits)
    length = longest
    for _ in range(60):
        moved = [a + length * b for a, b in zip(x, step, strict=True)]
        if model.value(moved, bits=bits) <= start:
            return length
        length /= 2
    return Fraction(0)


def _joined(problem: TrainingProblem, parts: list[Part], event: _Event) -> list[Part]:
    """What becomes of the part that met a wall or became negligible."""
    k, row = event
    part = parts[k]
    if row is None:
        return [*parts[:k], *parts[k + 1 :]]
    if row == -1:
        sizes = [max(map(abs, other.z)) for other in parts]
        if sizes[k] * 2**60 > max(sizes):
            return parts
        return [*parts[:k], *parts[k + 1 :]]
    moved = part_on_walls(problem, part.sign, part.active, [*part.walls, row], part.z)
    return [*parts[:k], *([] if moved is None else [moved]), *parts[k + 1 :]]


def _independent(problem: TrainingProblem, parts: Sequence[Part], t: Fraction) -> tuple[list[Part], Fraction]:
    """Caratheodory: shift weight along dependencies of the outputs until they are independent.

    Floats decide; what they get wrong costs digits or a wall, and later rounds see it.
    """
    kept = list(parts)
    free = problem.bias is Bias.FREE
    rows, _ = float_rows(problem)
    while kept:
        outputs = [_output(rows, part) for part in kept] + ([np.ones(len(rows))] if free else [])
        matrix = np.zeros((max(len(rows), len(outputs)), len(outputs)))
        matrix[: len(rows)] = np.array(outputs).T
        lengths = np.linalg.norm(matrix, axis=0)
        silent = [k for k in range(len(kept)) if lengths[k] == 0]
        if silent:
            kept = [part for k, part in enumerate(kept) if k not in silent]
            continue
        _, values, vt = np.linalg.svd(matrix / lengths, full_matrices=False)
        if values[-1] > _DEPENDENT * values[0]:
            break
        shift = vt[-1] / lengths
        if not np.abs(shift[: len(kept)]).max() > 0:
            break
        costs = [float(np.linalg.norm([float(part.z[k]) for k in problem.penalised])) for part in kept]
        if shift[: len(kept)] @ np.array(costs) < 0:
            shift = -shift
        last = int(np.argmax(shift[: len(kept)]))
        if not shift[last] > 0:
            shift, last = -shift, int(np.argmin(shift[: len(kept)]))
        factors = 1.0 - shift / shift[last]
        if free:
            t -= Fraction(float(shift[-1] / shift[last]))
        kept = [
            replace(part, x=tuple(Fraction(float(factors[k])) * value for value in part.x))
            for k, part in enumerate(kept)
            if k != last and factors[k] > 0
        ]
    return kept, t


def _output(rows: Floats, part: Part) -> Floats:
    heights = rows @ np.array([float(x) for x in part.z])
    found: Floats = part.sign * np.where(np.array(part.active), heights, 0.0)
    return found
