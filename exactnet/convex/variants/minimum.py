"""The minimum of a programme, with a certificate: exact where floats name the face it lies on, else enclosed.

A float solution is the start. Programmes whose norms are all absolute values have rational minima on the
faces of a polyhedral structure: the face is guessed, solved in rationals and proved (:mod:`exact_face`). All
others get a feasible point and feasible dual vectors near the float ones, and the interval between their
values. Either way the certificate holds both, and the checker tests them again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from exactnet.certificate import Certificate, ProgramOptimumRecord, Result, Status
from exactnet.convex.variants.conic_guess import approx_minima
from exactnet.convex.variants.exact_dual import DualVectors, dual_value, feasible_dual
from exactnet.convex.variants.exact_face import exact_optimum
from exactnet.convex.variants.exact_point import feasible_point
from exactnet.convex.variants.group_program import GroupProgram, program_value, row_value
from exactnet.errors import InvariantError
from exactnet.exact import Interval, format_rational, sqrt_enclosure

__all__ = ["ProgramMinimum", "certified", "minimum_of"]

T = TypeVar("T")
G = TypeVar("G")
Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class ProgramMinimum:
    """A feasible point, feasible dual vectors, and the interval of the minimum between their values."""

    program: GroupProgram
    point: Vector
    dual: DualVectors
    lower: Fraction
    upper: Fraction

    @property
    def interval(self) -> Interval:
        """[lower, upper]."""
        return Interval(self.lower, self.upper)

    @property
    def is_exact(self) -> bool:
        """Whether the minimum is known as a fraction."""
        return self.lower == self.upper


def minimum_of(program: GroupProgram) -> Result[ProgramMinimum]:
    """The certified minimum of a programme.

    Returns
    -------
    Result
        PROVED, with the minimum as a fraction or in an interval of rational ends.

    Raises
    ------
    InvariantError : no exactly feasible point or dual was found near the float ones, as for programmes that
        are infeasible, unbounded, or have no interior.

    Examples
    --------
    >>> from exactnet.convex.variants.group_program import group_program, weighted_norm
    >>> norms = [weighted_norm("1/2", [{0: 1}])]
    >>> minimum_of(group_program(1, fit=[{0: 1}], target=[2], norms=norms))
    PROVED: the minimum is 7/8 (= 0.875)
    >>> result = minimum_of(group_program(2, fit=[{0: 1}, {1: 1}], target=[1, 1],
    ...                                   norms=[weighted_norm("1/2", [{0: 1}, {1: 1}])]))
    >>> float(result.value.upper), result.check().accepted  # sqrt(2) / 2 - 1 / 8
    (0.5821067811865476, True)
    """
    if all(len(norm.rows) <= 1 for norm in program.norms) and not program.semidefinite:
        for guess in approx_minima(program):
            found = exact_optimum(program, guess)
            if found is not None:
                return certified(program, *found)
    points: list[Vector] = []
    duals: list[DualVectors] = []
    for guess in approx_minima(program):
        points += _attempt(feasible_point, program, guess.z)
        duals += _attempt(feasible_dual, program, guess)
        if points and duals and _is_narrow(program, points[-1], duals[-1]):
            break
    if not points or not duals:
        raise InvariantError("no feasible point or dual was found", reproduction=repr(program))
    upper = [program_value(program, point).upper for point in points]
    lower = [dual_value(program, dual) for dual in duals]
    return certified(program, points[upper.index(min(upper))], duals[lower.index(max(lower))])


def _attempt(repair: Callable[[GroupProgram, G], T], program: GroupProgram, guess: G) -> list[T]:
    """The repaired guess, or nothing when it is beyond repair."""
    try:
        return [repair(program, guess)]
    except InvariantError:
        return []


def _is_narrow(program: GroupProgram, point: Vector, dual: DualVectors) -> bool:
    """Whether another guess is not worth its time."""
    upper = program_value(program, point).upper
    return upper - dual_value(program, dual) <= abs(upper) / 2**40


def certified(program: GroupProgram, point: Vector, dual: DualVectors) -> Result[ProgramMinimum]:
    """The result of a feasible point and feasible dual vectors (the checker tests that they are)."""
    squares = [sum((row_value(row, point) ** 2 for row in norm.rows), Fraction(0)) for norm in program.norms]
    lengths = tuple(sqrt_enclosure(square).upper for square in squares)
    fit = [row_value(row, point) - b for row, b in zip(program.fit, program.target, strict=True)]
    upper = row_value(program.cost, point) + sum((x * x for x in fit), Fraction(0)) / 2
    upper += sum((norm.weight * x for norm, x in zip(program.norms, lengths, strict=True)), Fraction(0))
    lower = dual_value(program, dual)
    optimum = ProgramMinimum(program, point, dual, lower, upper)
    record = ProgramOptimumRecord(
        "minimum",
        program.id,
        point,
        lengths,
        dual.v,
        dual.multipliers,
        dual.free,
        dual.pulls,
        dual.matrices,
        lower,
        upper,
    )
    if optimum.is_exact:
        sentence = f"the minimum is {format_rational(upper)}"
    else:
        low, high = format_rational(lower), format_rational(upper)
        sentence = f"the minimum is between {low} and {high}"
    certificate = Certificate(sentence, (program, record), ("minimum",))
    return Result(optimum, Status.PROVED, certificate, sentence)
