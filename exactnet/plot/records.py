"""What the figures need, read from the records of a certificate: problem, optimum, compared networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate.types import (
    Certificate,
    EnclosureRecord,
    EvaluationRecord,
    GapRecord,
    Neuron,
    PrimalBoundRecord,
    PrimalDualRecord,
    ProblemRecord,
    Record,
)
from exactnet.errors import UnsupportedError

__all__ = ["Findings", "Measured", "findings"]


@dataclass(frozen=True)
class Measured:
    """A network with its exact objective; it exceeds the optimum by `gap_lower` to `gap_upper`."""

    label: str
    neurons: tuple[Neuron, ...]
    t: Fraction
    objective: Fraction
    gap_lower: Fraction
    gap_upper: Fraction


@dataclass(frozen=True)
class Findings:
    """One training problem, the interval of its optimum, a network near it, and those compared with it."""

    problem: ProblemRecord
    lower: Fraction
    upper: Fraction
    neurons: tuple[Neuron, ...]
    t: Fraction
    networks: tuple[Measured, ...]

    @property
    def best(self) -> Measured | None:
        """The compared network with the lowest objective, if any was compared."""
        return min(self.networks, key=lambda network: network.objective, default=None)

    @property
    def n_features(self) -> int:
        """Number of features d of the data."""
        return len(self.problem.features[0])


def findings(certificate: Certificate) -> Findings:
    """The training problem of a certificate and what the certificate says about it.

    Parameters
    ----------
    certificate : the records, not checked again here.

    Raises
    ------
    UnsupportedError
        The certificate has no bounds on a training optimum.
    """
    records = {record.id: record for record in certificate.records}
    optimum = _last_bounds(certificate.records)
    if optimum is None:
        raise UnsupportedError(
            "no figure belongs to this certificate",
            got=_rules(certificate.records),
            expected="bounds on the optimum of a training problem (rules enclosure or primal_dual)",
            hint="`exactnet info FILE` says what the certificate claims",
        )
    problem, primal = records[optimum.problem], records[optimum.primal]
    assert isinstance(problem, ProblemRecord)
    assert isinstance(primal, PrimalBoundRecord)
    lower, upper = _ends(optimum)
    return Findings(
        problem=problem,
        lower=lower,
        upper=upper,
        neurons=primal.neurons,
        t=primal.t,
        networks=tuple(_measured(certificate.records, optimum.id)),
    )


def _ends(optimum: EnclosureRecord | PrimalDualRecord) -> tuple[Fraction, Fraction]:
    if isinstance(optimum, PrimalDualRecord):
        return optimum.value, optimum.value
    return optimum.lower, optimum.upper


def _measured(records: Sequence[Record], optimum: str) -> Iterable[Measured]:
    """The networks that have a gap record against this optimum, in the order of the file."""
    evaluations = {record.id: record for record in records if isinstance(record, EvaluationRecord)}
    for gap in records:
        if isinstance(gap, GapRecord) and gap.optimum == optimum:
            network = evaluations[gap.evaluation]
            yield Measured(network.id, network.neurons, network.t, network.objective, gap.lower, gap.upper)


def _last_bounds(records: Sequence[Record]) -> EnclosureRecord | PrimalDualRecord | None:
    bounds = (
        record for record in reversed(records) if isinstance(record, EnclosureRecord | PrimalDualRecord)
    )
    return next(bounds, None)


def _rules(records: Sequence[Record]) -> str:
    return ", ".join(sorted({record.rule for record in records})) or "no records"
