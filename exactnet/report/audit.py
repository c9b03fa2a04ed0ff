"""The report of an audit: how far one network is from the global optimum, and what its neurons do."""

from __future__ import annotations

from pathlib import Path

from exactnet.certificate import Result, Verdict
from exactnet.convex.network_audit import Audit
from exactnet.crosscheck import Census, census
from exactnet.exact import decimal_text, rational_text
from exactnet.report.numbers import at_least, at_most, interval, number
from exactnet.report.page import Report
from exactnet.report.verdict import verdict_summary

__all__ = ["audit_payload", "audit_report"]


def audit_report(result: Result[Audit], *, path: Path, verdict: Verdict) -> Report:
    """What `exactnet audit` prints.

    Parameters
    ----------
    result : of :func:`exactnet.convex.audit`.
    path : the certificate file.
    verdict : what the checker says about that file.
    """
    found = result.value
    neurons = census(found.problem, found.network)
    data = f"{found.problem.n_samples} samples, {found.problem.n_features} features"
    if found.n_patterns is not None:
        data += f": {found.n_patterns} activation patterns, proved to be all"
    body = [
        f"objective    {found.problem.describe()}",
        f"data         {data}",
        f"network      {number(found.objective)}, exactly; {_neurons(found, neurons)}",
        f"optimum      {_optimum(found)}, {_how(found)}",
        f"gap          {_gap(found)}",
    ]
    if not found.refined and found.refit < found.objective:
        body.append(f"refit        {number(found.refit)} with the same neurons, balanced and rescaled")
    body += [f"certificate  {path}", f"checker      {verdict_summary(verdict)}"]
    headline = f"{result.status.name}: {result.sentence}"
    return Report(headline, audit_payload(result, neurons, path=path), tuple(body))


def audit_payload(result: Result[Audit], neurons: Census, *, path: Path) -> dict[str, object]:
    """The JSON answer of `exactnet audit`; rationals as "p/q"."""
    found = result.value
    share = found.relative_gap
    return {
        "status": result.status.name,
        "objective": rational_text(found.objective),
        "objective_decimal": decimal_text(found.objective, digits=16),
        "lower": rational_text(found.lower),
        "upper": rational_text(found.upper),
        "gap_lower": rational_text(found.gap_lower),
        "gap_upper": rational_text(found.gap_upper),
        "relative_gap": None if share is None else at_most(share, digits=6),
        "optimal": found.is_optimal,
        "refit": rational_text(found.refit),
        "refined": found.refined,
        "problem": found.problem.describe(),
        "n_samples": found.problem.n_samples,
        "n_features": found.problem.n_features,
        "n_patterns": found.n_patterns,
        "n_neurons": len(found.network.neurons),
        "n_dead": len(neurons.dead),
        "n_on_walls": len(neurons.on_walls),
        "n_duplicates": _surplus(neurons.duplicates),
        "n_mergeable": _surplus(neurons.mergeable),
        "certificate": str(path),
    }


def _surplus(groups: tuple[tuple[int, ...], ...]) -> int:
    """Neurons that merging the groups would save."""
    return sum(len(group) - 1 for group in groups)


def _neurons(found: Audit, neurons: Census) -> str:
    n = len(found.network.neurons)
    notes = [
        f"{count} {word}"
        for count, word in (
            (len(neurons.dead), "dead"),
            (len(neurons.on_walls), "on walls of samples"),
            (_surplus(neurons.mergeable), "that merging would save"),
        )
        if count
    ]
    return f"{n} {'neuron' if n == 1 else 'neurons'}" + (f", {', '.join(notes)}" if notes else "")


def _optimum(found: Audit) -> str:
    if found.lower == found.upper:
        return f"{number(found.upper)}, exactly"
    return interval(found.lower, found.upper)


def _how(found: Audit) -> str:
    return "computed" if found.refined else "bounded by one pricing pass, nothing solved"


def _gap(found: Audit) -> str:
    if found.gap_lower == found.gap_upper:
        text = number(found.gap_upper)
    else:
        most = at_most(found.gap_upper, digits=6)
        text = f"at least {at_least(found.gap_lower, digits=6)}, at most {most}"
    share = found.relative_gap
    return text if share is None else f"{text}; relative to the optimum at most {at_most(share, digits=4)}"
