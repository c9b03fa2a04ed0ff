"""The weight-decay optimum to a requested number of digits: faces, Newton's method, exact pricing.

Column generation once more (compare :mod:`exactnet.convex.generate`), in many digits: minimise on the faces
of the current parts, prove the dual constraint over all cells in integers, and where the proof meets a face
that violates it, add that face or let a part leave a wall. The structure of a float optimum is nearly
always right, and then one round is enough. The dual vector y - f of the optimum is unique, so ties (more
tight directions than needed, dependent neurons) cost nothing: any sufficient set of faces gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import mul
from typing import TypeAlias

from exactnet.certificate.types import Bound
from exactnet.convex.certify import dual_value
from exactnet.convex.face_newton import minimise
from exactnet.convex.face_parts import Part, balanced_network, part_on_walls, parts_of, residual
from exactnet.convex.face_proof import FaceProof, Violation, prove_faces
from exactnet.convex.patterns import FloatCells
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer, objective
from exactnet.exact import common_denominator

__all__ = ["FaceOptimum", "Prover", "cell_prover", "face_optimum"]

Rationals = tuple[Fraction, ...]
# proves a dual vector, or tells what it violates
Prover: TypeAlias = Callable[[Sequence[Fraction]], FaceProof]

_MOST_ROUNDS = 60
_MOST_NEW = 8
_NEAR = Fraction(1, 2**16)  # squared sine


@dataclass(frozen=True)
class FaceOptimum:
    """A proved enclosure [lower, upper]; `bounds` proves that `dual` is feasible, leaf by leaf."""

    network: TwoLayer
    dual: Rationals
    bounds: tuple[tuple[Bound, ...], ...]
    lower: Fraction
    upper: Fraction
    n_rounds: int

    @property
    def relative_gap(self) -> Fraction:
        """(upper - lower) / upper."""
        return (self.upper - self.lower) / self.upper if self.upper else Fraction(0)


def cell_prover(
    problem: TrainingProblem, forms: tuple[tuple[int, ...], ...], cells: FloatCells, order: Sequence[int]
) -> Prover:
    """The prover that looks at all cells; see :func:`exactnet.convex.face_proof.prove_faces`."""
    return lambda v: prove_faces(problem, forms, cells, order, v)


def face_optimum(
    problem: TrainingProblem, start: TwoLayer, prover: Prover, *, digits: int
) -> FaceOptimum | None:
    """Enclose the optimum to a relative width of 10^-digits, starting from a nearly optimal network.

    Only for the squared loss, ReLU and the l2 norm.

    Returns
    -------
    The best enclosure that was proved; it may be wider than requested, and None when there is none.
    """
    goal = Fraction(1, 10**digits)
    room = (digits * 3322) // 1000 + 8
    bits = room + 56
    parts, t = parts_of(problem, start), start.t
    best: FaceOptimum | None = None
    for n_rounds in range(1, _MOST_ROUNDS + 1):
        point = minimise(problem, parts, t, bits=bits)
        parts, t = list(point.parts), point.t
        v = residual(problem, point)
        if point.parts:  # the network without neurons has an exact residual: keep it, the gap may be 0
            v = _feasible(problem, v, room)
        proof = prover(v)
        if proof.bounds is not None:
            network = balanced_network(problem, point, bits=bits)
            found = FaceOptimum(
                network, v, proof.bounds, dual_value(problem, v), objective(problem, network), n_rounds
            )
            if best is None or found.relative_gap < best.relative_gap:
                best = found
            if best.relative_gap <= goal:
                return best
            if bits > 3 * room + 400:
                return best
            bits, room = bits + room // 2 + 64, room + 32
            continue
        if not proof.violations or proof.violations[0].excess * 2 ** (room - 12) < 1:
            # the vector is as good as feasible: the unknowns lack digits
            bits += room // 2 + 64
            if bits > 4 * room + 400:
                return best
        parts = _extended(problem, parts, proof.violations)
    return best


def _feasible(problem: TrainingProblem, v: Rationals, room: int) -> Rationals:
    """v shortened by 2^-room and rounded to a binary grid far below that; its sum stays 0 for a free bias."""
    top = max(map(abs, v), default=Fraction(0))
    if not top:
        return v
    grid = room + 24 + problem.n_samples.bit_length()
    unit = Fraction(2) ** (grid - (top.numerator.bit_length() - top.denominator.bit_length()))
    shrink = 1 - Fraction(1, 2**room)
    numerators = [round(x * shrink * unit) for x in v]
    if problem.bias is Bias.FREE:
        largest = max(range(len(v)), key=lambda i: abs(numerators[i]))
        numerators[largest] -= sum(numerators)
    return tuple(x / unit for x in map(Fraction, numerators))


def _extended(problem: TrainingProblem, parts: Sequence[Part], violations: Sequence[Violation]) -> list[Part]:
    """Let parts next to a violated face move onto it; otherwise the face becomes a new, tiny part."""
    result = list(parts)
    chosen: list[Violation] = []
    for violation in violations:
        if len(chosen) >= _MOST_NEW:
            break
        direction = violation.direction
        if any(one.sign == violation.sign and _close(one.direction, direction) for one in chosen):
            continue
        chosen.append(violation)
        rows, _ = problem.integer_rows
        scale = common_denominator(direction)
        whole = [int(x * scale) for x in direction]
        heights = [sum(map(mul, row, whole)) for row in rows]
        walls = [i for i, height in enumerate(heights) if height == 0]
        active = [height > 0 for height in heights]
        part = part_on_walls(problem, violation.sign, active, walls, direction)
        if part is None:
            continue
        near = next(
            (
                k
                for k, old in enumerate(result)
                if old.sign == violation.sign and part.walls < old.walls and _close(old.z, direction)
            ),
            None,
        )
        if near is not None:
            released = part_on_walls(problem, violation.sign, active, walls, result[near].z)
            if released is not None:
                result[near] = released
                continue
        size = _start(problem, part, violation)
        result.append(replace(part, x=tuple(size * x for x in part.x)))
    return result


def _start(problem: TrainingProblem, part: Part, violation: Violation) -> Fraction:
    """How much of the direction to begin with: the minimiser along it, to first order."""
    u = [float(x) for x in part.z]
    rows = (row for row, flag in zip(problem.homogenised, part.active, strict=True) if flag)
    square = sum(sum(float(x) * w for x, w in zip(row, u, strict=True)) ** 2 for row in rows)
    # |z| is about beta, and the slope beta |z| excess / 2
    size = min(float(problem.beta) ** 2 / 2 / square, 1.0) if square else 1.0
    return Fraction(size) * min(violation.excess, Fraction(1)) if 0 < size <= 1 else violation.excess


def _close(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    product = sum(map(mul, one, other), Fraction(0))
    squares = sum(map(mul, one, one), Fraction(0)) * sum(map(mul, other, other), Fraction(0))
    return product > 0 and squares - product**2 <= _NEAR * squares
