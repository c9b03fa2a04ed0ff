"""Radii of robustness: how far the inputs may move before the largest output is another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Result, Status
from exactnet.exact import to_fraction
from exactnet.model import Property
from exactnet.model.property import Case, Row
from exactnet.verify.boxes import Point, box_of, short_number, weights_of
from exactnet.verify.instance import Instance, Model, NetworkLike, Query, model_of
from exactnet.verify.proof import Claim, certificate_of, check
from exactnet.verify.proofs import Limits
from exactnet.verify.run import checked, searched

__all__ = ["Radius", "certified_radius"]


@dataclass(frozen=True)
class Radius:
    """How far every input may move before another output is at least as large as that of the label.

    Attributes
    ----------
    label : index of the output.
    certified : within this distance (of every input) nothing happens.
    violated : at this distance something does; None if nothing was found up to the largest one asked for.
    adversarial : a point at that distance.
    """

    label: int
    certified: Fraction
    violated: Fraction | None
    adversarial: Point | None


def certified_radius(
    network: NetworkLike,
    x: Sequence[object],
    *,
    label: int | None = None,
    most: object = 1,
    gap: object = "1/100",
    lower: object | None = None,
    upper: object | None = None,
    timeout: float | None = None,
    seed: int = 0,
    folder: str | Path = ".",
) -> Result[Radius]:
    """Enclose the largest r for which the label stays alone on top for all points within r of x.

    Parameters
    ----------
    x : the point; distances are the largest over the inputs.
    label : an output; by default the largest one at x.
    most : the largest distance of interest.
    gap : the enclosure may be this much of its upper end wide.
    lower, upper : bounds that all inputs respect, as 0 and 1 for images.

    Returns
    -------
    Result
        PROVED: the enclosure is as narrow as asked for, or `most` is certified.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> net = Network.from_arrays([([[1, 0], [0, 1]], [0, 0])])
    >>> certified_radius(net, [1, "1/2"]).value.violated
    Fraction(1, 4)
    """
    model = model_of(network)
    centre = box_of(model.network, x, x)[0]
    outputs = model.net.values(centre)
    chosen = max(range(len(outputs)), key=lambda j: (outputs[j], -j)) if label is None else label
    weights_of(model.network, chosen)
    limits = Limits(float("inf") if timeout is None else timeout)
    ends = tuple(None if end is None else to_fraction(end, where="bounds") for end in (lower, upper))
    ball = _Ball(model, centre, chosen, ends)
    largest, wanted = to_fraction(most, where="most"), to_fraction(gap, where="gap")
    value, parts = _enclosed(ball, largest, wanted, limits, seed)
    certificate = certificate_of(model, parts, title="A radius of robustness", folder=folder)
    verdict = check(certificate, folder).require()
    narrow = value.violated is None or value.violated - value.certified <= wanted * value.violated
    done = narrow and (value.violated is not None or value.certified >= largest)
    status = Status.PROVED if done else Status.UNDECIDED
    return Result(value, status, certificate, _radius_sentence(value), {}, {"checker": verdict.line})


@dataclass(frozen=True)
class _Ball:
    """The points around a centre, and the outputs that must stay below that of the label."""

    model: Model
    centre: Point
    label: int
    ends: tuple[Fraction | None, ...]

    def query(self, r: Fraction) -> Query:
        """The property whose unsafe points, within r, have an output at least as large."""
        low, high = self.ends
        lower = tuple(c - r if low is None else max(c - r, min(low, c)) for c in self.centre)
        upper = tuple(c + r if high is None else min(c + r, max(high, c)) for c in self.centre)
        m = self.model.network.n_outputs
        rows = [Row.from_terms({}, {self.label: 1, j: -1}, 0) for j in range(m) if j != self.label]
        cases = tuple(Case(lower, upper, (row,)) for row in rows)
        return Query(Property(len(self.centre), m, cases))

    def distance(self, x: Point) -> Fraction:
        """The largest difference of an input."""
        return max(abs(a - b) for a, b in zip(x, self.centre, strict=True))


def _enclosed(
    ball: _Ball, most: Fraction, gap: Fraction, limits: Limits, seed: int
) -> tuple[Radius, list[tuple[Query, Claim]]]:
    """Bisection; the best claim of either kind is kept."""
    proved: tuple[Query, Claim] | None = None
    certified, violated, point, r = Fraction(0), None, None, most
    while True:
        query = ball.query(r)
        run = searched(Instance(ball.model, query), ("real",), limits, seed)
        checked(run)
        if run.statuses["real"] is Status.PROVED:
            certified, proved = r, (query, run.claims[0])
        elif run.witness is not None:
            point = run.witness.point
            violated = ball.distance(point)
        if violated is None and r == most:
            break
        end = most if violated is None else violated
        if end - certified <= gap * end or limits.is_over or run.statuses["real"] is Status.UNDECIDED:
            break
        r = _between(certified, end)
    parts = [] if proved is None else [proved]
    if violated is not None and point is not None:
        parts.append((ball.query(violated), Claim("real", point=point)))
    return Radius(ball.label, certified, violated, point), parts


def _between(low: Fraction, high: Fraction) -> Fraction:
    """The number of few binary digits near the middle."""
    digits = 2
    middle = (low + high) / 2
    while True:
        near = Fraction(round(middle * 2**digits), 2**digits)
        if low < near < high and 8 * abs(near - middle) <= high - low:
            return near
        digits += 1


def _radius_sentence(value: Radius) -> str:
    if value.violated is None:
        return f"output {value.label} stays the largest within {short_number(value.certified)}"
    return (
        f"output {value.label} stays the largest within {short_number(value.certified)}, "
        f"and is not alone at {short_number(value.violated)}"
    )
