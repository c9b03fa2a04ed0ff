"""Networks held against the certified global optimum: how far off each one is, with a proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import (
    EnclosureRecord,
    EvaluationRecord,
    GapRecord,
    PrimalDualRecord,
    Record,
)
from exactnet.convex.architecture import from_network
from exactnet.convex.global_optimum import Optimum
from exactnet.convex.program import TrainingProblem, TwoLayer, objective
from exactnet.crosscheck.neuron_census import census
from exactnet.crosscheck.training import TrainedNetwork
from exactnet.crosscheck.verdict import comparison_sentence
from exactnet.errors import InputError, InvariantError
from exactnet.exact import round_down, round_up
from exactnet.model import Network

__all__ = ["Comparison", "NetworkReport", "compare"]

Candidate = TwoLayer | TrainedNetwork | Network


@dataclass(frozen=True)
class NetworkReport:
    """One network, its exact objective, and its distance from the optimum.

    Attributes
    ----------
    label : "seed-3" for a trained network, "network-0" otherwise; the id of its evaluation in the proof.
    objective : the stated objective of the network, exactly.
    gap_lower, gap_upper : the objective exceeds the optimum by at least, at most this much.
    relative_gap : an upper bound of (objective - optimum) / optimum; None when the optimum may be 0.
    dead, on_walls, duplicates, mergeable : see :class:`exactnet.crosscheck.Census`.
    """

    label: str
    network: TwoLayer
    objective: Fraction
    gap_lower: Fraction
    gap_upper: Fraction
    relative_gap: Fraction | None
    dead: tuple[int, ...]
    on_walls: tuple[tuple[int, tuple[int, ...]], ...]
    duplicates: tuple[tuple[int, ...], ...]
    mergeable: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Comparison:
    """The certified optimum and the networks compared with it, in the order given."""

    optimum: Optimum
    reports: tuple[NetworkReport, ...]

    @property
    def best(self) -> NetworkReport:
        """The network with the smallest objective (the first one of equals)."""
        return min(self.reports, key=lambda report: report.objective)


def compare(networks: Candidate | Sequence[Candidate], optimum: Result[Optimum]) -> Result[Comparison]:
    """How far networks are from the global optimum of their training problem.

    Parameters
    ----------
    networks : one network or several; trained here, given in homogenised coordinates, or a two-layer
        :class:`exactnet.model.Network`.
    optimum : what :func:`exactnet.convex.optimum` returned for the training problem. An enclosure wider than
        was asked for (status UNDECIDED) is welcome: the gaps are then proved, just less sharp.

    Returns
    -------
    Result with status PROVED; its certificate holds the proof of the optimum, and for every network its
    exact evaluation and its gap.

    Raises
    ------
    InputError : no network, or an optimum without its proof.
    ShapeError, UnsupportedError : a network that is no candidate for the training problem.
    InvariantError : a network better than the proved lower bound, which cannot be.

    Examples
    --------
    >>> from exactnet.convex import optimum, training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> result = compare(TwoLayer(()), optimum(problem))
    >>> result
    PROVED: the network's objective exceeds the global optimum by exactly 221/100 (= 2.21)
    >>> result.check().accepted
    True
    """
    proof, interval = _proof(optimum)
    interval = _sharpest(interval, optimum.value)
    candidates = _candidates(networks)
    problem = optimum.value.problem
    labels = _labels(candidates)
    reports = tuple(
        _report(label, _two_layer(problem, candidate), optimum.value)
        for label, candidate in zip(labels, candidates, strict=True)
    )
    comparison = Comparison(optimum.value, reports)
    sentence = comparison_sentence(
        [(report.gap_lower, report.gap_upper, report.relative_gap) for report in reports],
        n_trained=sum(isinstance(candidate, TrainedNetwork) for candidate in candidates),
    )
    provenance = {**optimum.provenance, **_training_provenance(candidates)}
    stats = {**optimum.stats, **_counts(comparison)}
    certificate = _certificate(proof, interval, comparison, sentence, provenance, stats)
    return Result(comparison, Status.PROVED, certificate, sentence, provenance, stats)


def _proof(optimum: Result[Optimum]) -> tuple[Certificate, EnclosureRecord | PrimalDualRecord]:
    records = () if optimum.certificate is None else optimum.certificate.records
    for record in reversed(records):
        if isinstance(record, EnclosureRecord | PrimalDualRecord) and optimum.certificate is not None:
            return optimum.certificate, record
    raise InputError(
        "the optimum carries no proof of its value",
        where="optimum",
        got="a certificate without the rules enclosure and primal_dual",
        expected="what exactnet.convex.optimum returns",
    )


def _ends(optimum: Optimum) -> tuple[Fraction, Fraction]:
    """The ends of the proof itself: sharper than the optimum's own enclosure, 20 digits long."""
    if optimum.is_exact:
        return optimum.lower, optimum.upper
    return round_down(optimum.dual_value, digits=20), round_up(optimum.primal_value, digits=20)


def _sharpest(
    interval: EnclosureRecord | PrimalDualRecord, optimum: Optimum
) -> EnclosureRecord | PrimalDualRecord:
    """The record the gaps refer to: an enclosure from the same two bounds, with the ends of the proof."""
    if isinstance(interval, PrimalDualRecord):
        return interval
    return EnclosureRecord("bounds", interval.problem, interval.dual, interval.primal, *_ends(optimum))


def _candidates(networks: Candidate | Sequence[Candidate]) -> tuple[Candidate, ...]:
    if isinstance(networks, TwoLayer | TrainedNetwork | Network):
        return (networks,)
    candidates = tuple(networks)
    for position, candidate in enumerate(candidates):
        if not isinstance(candidate, TwoLayer | TrainedNetwork | Network):
            raise InputError(
                "this is not a network",
                where=f"networks[{position}]",
                got=type(candidate).__name__,
                expected="TwoLayer, TrainedNetwork or Network",
            )
    if not candidates:
        raise InputError(
            "there is no network to compare",
            where="networks",
            got="an empty sequence",
            hint="train some with exactnet.crosscheck.train",
        )
    return candidates


def _two_layer(problem: TrainingProblem, candidate: Candidate) -> TwoLayer:
    if isinstance(candidate, TrainedNetwork):
        return candidate.network
    return from_network(problem, candidate) if isinstance(candidate, Network) else candidate


def _labels(candidates: Sequence[Candidate]) -> list[str]:
    """Distinct names: by the seed alone if that is enough, else with the training method before it."""
    names = [
        f"seed-{c.seed}" if isinstance(c, TrainedNetwork) else f"network-{i}"
        for i, c in enumerate(candidates)
    ]
    if len(set(names)) < len(names):
        names = [
            f"{c.optimizer}-{c.backend}-{name}" if isinstance(c, TrainedNetwork) else name
            for c, name in zip(candidates, names, strict=True)
        ]
    totals, seen = Counter(names), Counter[str]()
    for i, name in enumerate(names):
        if totals[name] > 1:
            seen[name] += 1
            names[i] = f"{name}-run-{seen[name]}"
    return names


def _report(label: str, network: TwoLayer, optimum: Optimum) -> NetworkReport:
    value = objective(optimum.problem, network)
    if value < optimum.dual_value:
        raise InvariantError(
            "a network has a smaller objective than the proved lower bound of the optimum",
            reproduction=f"{optimum.problem!r}\n{network!r}\nobjective {value}, bound {optimum.dual_value}",
        )
    found = census(optimum.problem, network)
    lower, upper = _ends(optimum)
    gap_upper = value - lower
    relative = gap_upper / lower if lower > 0 else (None if gap_upper else Fraction(0))
    return NetworkReport(
        label=label,
        network=network,
        objective=value,
        gap_lower=max(Fraction(0), value - upper),
        gap_upper=gap_upper,
        relative_gap=relative,
        dead=found.dead,
        on_walls=found.on_walls,
        duplicates=found.duplicates,
        mergeable=found.mergeable,
    )


def _certificate(
    proof: Certificate,
    interval: EnclosureRecord | PrimalDualRecord,
    comparison: Comparison,
    title: str,
    provenance: dict[str, str],
    stats: dict[str, object],
) -> Certificate:
    added: list[Record] = [interval] if isinstance(interval, EnclosureRecord) else []
    for report in comparison.reports:
        network = report.network
        added += [
            EvaluationRecord(report.label, interval.problem, network.neurons, network.t, report.objective),
            GapRecord(f"gap-{report.label}", report.label, interval.id, report.gap_lower, report.gap_upper),
        ]
    return Certificate(
        title=title,
        records=(*proof.records, *added),
        claims=(*proof.claims, *(record.id for record in added)),
        provenance=provenance,
        stats={name: str(entry) for name, entry in stats.items()},
    )


def _training_provenance(candidates: Sequence[Candidate]) -> dict[str, str]:
    """How the networks came about: one entry a training method, with its seeds."""
    seeds: dict[str, list[int]] = {}
    for candidate in candidates:
        if isinstance(candidate, TrainedNetwork):
            seeds.setdefault(f"trained by {candidate.optimizer} ({candidate.backend})", []).append(
                candidate.seed
            )
        elif isinstance(candidate, Network):
            seeds.setdefault(f"network from {candidate.provenance.source}", [])
    return {how: "seeds " + ", ".join(map(str, which)) if which else "given" for how, which in seeds.items()}


def _counts(comparison: Comparison) -> dict[str, object]:
    reports = comparison.reports
    return {
        "n_networks": len(reports),
        "n_dead_neurons": sum(len(report.dead) for report in reports),
        "n_neurons_on_walls": sum(len(report.on_walls) for report in reports),
    }
