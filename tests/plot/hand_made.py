"""Certificates made by hand: the records are what the figures read; nothing in here is proved."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.certificate.types import (
    Certificate,
    DualBoundRecord,
    EnclosureRecord,
    EvaluationRecord,
    GapRecord,
    Neuron,
    PrimalBoundRecord,
    PrimalDualRecord,
    ProblemRecord,
    Record,
)

Rows = Sequence[Sequence[object]]


def rationals(values: Sequence[object]) -> tuple[Fraction, ...]:
    return tuple(Fraction(str(value)) for value in values)


def neuron(*u: object, a: object) -> Neuron:
    return Neuron(rationals(u), Fraction(str(a)))


def hand_made(
    features: Rows,
    targets: Sequence[object],
    neurons: Sequence[Neuron],
    *,
    bias: str = "penalised",
    lower: object = "1",
    upper: object = "1",
    others: Sequence[tuple[str, Sequence[Neuron], object, object, object]] = (),
) -> Certificate:
    """A certificate of an optimum and of `others`: (label, neurons, objective, gap lower, gap upper)."""
    problem = ProblemRecord(
        "problem",
        tuple(rationals(row) for row in features),
        rationals(targets),
        Fraction(1, 10),
        "l2",
        bias,
    )
    low, high, zero = Fraction(str(lower)), Fraction(str(upper)), Fraction(0)
    dual = DualBoundRecord("dual", "problem", (zero,) * len(targets), "leaves", "cells", (), low)
    primal = PrimalBoundRecord("primal", "problem", tuple(neurons), zero, high)
    bounds: Record = (
        PrimalDualRecord("optimum", "problem", "dual", "primal", low)
        if low == high
        else EnclosureRecord("optimum", "problem", "dual", "primal", low, high)
    )
    records: list[Record] = [problem, dual, primal, bounds]
    for label, own, objective, gap_lower, gap_upper in others:
        records.append(EvaluationRecord(label, "problem", tuple(own), zero, Fraction(str(objective))))
        records.append(
            GapRecord(f"gap_{label}", label, "optimum", Fraction(str(gap_lower)), Fraction(str(gap_upper)))
        )
    return Certificate("hand-made", tuple(records), ("optimum",))
