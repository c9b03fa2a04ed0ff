"""The exact range of an output over a box: nothing lies beyond, and something lies there.

The attack finds a low point; an exact linear programme goes to the best point of its activation region; and
the engine proves that nothing is lower, or finds a lower point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Result, Status
from exactnet.exact import Interval
from exactnet.model import Property
from exactnet.model.property import Case, Row
from exactnet.verify.attack import attack
from exactnet.verify.boxes import Point, box_of, short_number, weights_of
from exactnet.verify.instance import Instance, Model, NetworkLike, Query, model_of
from exactnet.verify.proof import Claim, certificate_of, check
from exactnet.verify.proofs import Limits
from exactnet.verify.region_lp import best_of_region
from exactnet.verify.run import checked, searched

__all__ = ["OutputRange", "output_range"]


@dataclass(frozen=True)
class OutputRange:
    """The range of a combination of outputs over a box.

    Attributes
    ----------
    minimum, maximum : enclosures; the inner end of each is attained, a point if the value is exact.
    at_minimum, at_maximum : where the inner ends are attained.
    """

    minimum: Interval
    maximum: Interval
    at_minimum: Point
    at_maximum: Point

    @property
    def is_exact(self) -> bool:
        """Whether both ends are known exactly."""
        return self.minimum.lower == self.minimum.upper and self.maximum.lower == self.maximum.upper


def output_range(
    network: NetworkLike,
    lower: Sequence[object],
    upper: Sequence[object],
    *,
    output: int | Sequence[object] = 0,
    timeout: float | None = None,
    seed: int = 0,
    folder: str | Path = ".",
) -> Result[OutputRange]:
    """The exact range of an output over a box, or an enclosure when the time is up.

    Parameters
    ----------
    network : an object or a file.
    lower, upper : the box, one number an input.
    output : the index of an output, or one weight an output for a combination of them.
    timeout : seconds; None for no limit.
    seed : of the attacks.
    folder : where the certificate will be saved.

    Returns
    -------
    Result
        PROVED: both ends are exact; UNDECIDED: at least one is an enclosure.

    Raises
    ------
    ShapeError, InputError : the box or the weights do not fit; an empty box.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> output_range(tent, [0], ["5/4"])
    PROVED: the smallest value is 0, the largest 2
    """
    model = model_of(network)
    box = box_of(model.network, lower, upper)
    weights = weights_of(model.network, output)
    limits = Limits(float("inf") if timeout is None else timeout)
    parts: list[tuple[Query, Claim]] = []
    ends = []
    for sign in (1, -1):
        signed = tuple(sign * w for w in weights)
        ends.append(_least(_Question(model, box, signed, limits, seed), parts))
    (low, at_low), (high, at_high) = ends
    value = OutputRange(low, Interval(-high.upper, -high.lower), at_low, at_high)
    certificate = certificate_of(model, parts, title="The range of an output", folder=folder)
    verdict = check(certificate, folder).require()
    status = Status.PROVED if value.is_exact else Status.UNDECIDED
    return Result(value, status, certificate, _range_sentence(value), {}, {"checker": verdict.line})


@dataclass(frozen=True)
class _Question:
    """The least value of weights . f over a box."""

    model: Model
    box: tuple[Point, Point]
    weights: Point
    limits: Limits
    seed: int

    def below(self, t: Fraction, *, strict: bool) -> Query:
        """The property whose unsafe points have a value of at most t, or below t."""
        row = Row.from_terms({}, dict(enumerate(self.weights)), t, strict=strict)
        low, high = self.box
        return Query(Property(len(low), len(self.weights), (Case(low, high, (row,)),)))

    def value(self, x: Point) -> Fraction:
        """weights . f(x), exactly."""
        return sum((w * y for w, y in zip(self.weights, self.model.net.values(x), strict=True)), Fraction(0))


def _least(asked: _Question, parts: list[tuple[Query, Claim]]) -> tuple[Interval, Point]:
    """An enclosure of the minimum and a point with the value at its upper end; appends the two claims."""
    low, high = asked.box
    x = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    query = asked.below(asked.value(x), strict=False)
    hit = attack(asked.model.net, query.prop, seed=asked.seed).real
    x, least = _settled(asked, x if hit is None else hit.point)
    outer = None
    while not asked.limits.is_over:
        query = asked.below(least, strict=True)
        run = searched(Instance(asked.model, query), ("real",), asked.limits, asked.seed)
        checked(run)
        if run.statuses["real"] is Status.PROVED:
            parts.append((query, run.claims[0]))
            outer = least
            break
        if run.witness is None:
            break
        x, least = _settled(asked, run.witness.point)
    if outer is None:
        outer = _bound_below(asked, least, parts)
    parts.append((asked.below(least, strict=False), Claim("real", point=x)))
    return Interval(outer, least), x


def _settled(asked: _Question, x: Point) -> tuple[Point, Fraction]:
    """Go to the best point of the activation region, and on from there while that helps."""
    value = asked.value(x)
    while True:
        better, least = best_of_region(asked.model.net, asked.weights, *asked.box, x)
        if least >= value:
            return x, value
        x, value = better, least


def _bound_below(asked: _Question, least: Fraction, parts: list[tuple[Query, Claim]]) -> Fraction:
    """A proved lower bound: the gap to what is attained is doubled until its proof is easy."""
    gap = (abs(least) + 1) / 1000
    while True:
        query = asked.below(least - gap, strict=False)
        seconds = max(asked.limits.left / 4, 1.0)
        run = searched(Instance(asked.model, query), ("real",), Limits(seconds), asked.seed)
        checked(run)
        if run.statuses["real"] is Status.PROVED:
            parts.append((query, run.claims[0]))
            return least - gap
        gap *= 4


def _range_sentence(value: OutputRange) -> str:
    low, high = value.minimum, value.maximum
    if value.is_exact:
        return f"the smallest value is {short_number(low.upper)}, the largest {short_number(high.lower)}"
    return (
        f"the smallest value lies in [{short_number(low.lower)}, {short_number(low.upper)}], "
        f"the largest in [{short_number(high.lower)}, {short_number(high.upper)}]"
    )
