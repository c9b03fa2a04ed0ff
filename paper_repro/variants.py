"""Minima of convex programmes, as the scripts need them: certified, and read as values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from exactnet.certificate import Result
from exactnet.convex.variants import GroupProgram, ProgramMinimum, minimum_of
from exactnet.exact import Interval

__all__ = ["intervals", "minima", "quotient", "width"]

Minima = Mapping[str, Result[ProgramMinimum]]


def minima(programs: Mapping[str, GroupProgram]) -> dict[str, Result[ProgramMinimum]]:
    """The certified minimum of each programme."""
    return {name: minimum_of(program) for name, program in programs.items()}


def intervals(results: Minima) -> dict[str, Interval]:
    """The enclosures."""
    return {name: result.value.interval for name, result in results.items()}


def width(results: Minima) -> Fraction:
    """The largest distance of a bound from above and one from below.

    Examples
    --------
    >>> from exactnet.convex.variants import group_program
    >>> width(minima({"square": group_program(1, fit=[{0: 1}], target=[2])}))
    Fraction(0, 1)
    """
    return max(result.value.interval.width for result in results.values())


def quotient(above: Interval, below: Interval) -> Interval:
    """above / below for positive intervals.

    Examples
    --------
    >>> quotient(Interval(1, 2), Interval(2, 4))
    Interval(1/4, 1)
    """
    return Interval(above.lower / below.upper, above.upper / below.lower)
