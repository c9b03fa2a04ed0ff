"""The report of a comparison: how far each trained network is above the global optimum."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Result, Verdict
from exactnet.convex import Optimum
from exactnet.crosscheck import Comparison, NetworkReport
from exactnet.exact import decimal_text, rational_text
from exactnet.report.numbers import at_least, at_most, decimal
from exactnet.report.optimum import enclosure_sentence
from exactnet.report.page import Report, Table
from exactnet.report.verdict import verdict_summary

__all__ = ["comparison_payload", "comparison_report", "gap_sentence", "gap_table"]

COLUMNS = ("network", "objective", "gap at least", "gap at most", "relative", "dead", "on walls", "copies")


def comparison_report(result: Result[Comparison], *, path: Path, verdict: Verdict) -> Report:
    """What `exactnet crosscheck` prints.

    Parameters
    ----------
    result : of :func:`exactnet.crosscheck.compare`.
    path : the certificate file.
    verdict : what the checker says about that file.
    """
    optimum = result.value.optimum
    body: list[str | Table] = [
        f"objective    {optimum.problem.describe()}",
        f"optimum      {enclosure_sentence(optimum)}, with {len(optimum.network.neurons)} neurons",
        "",
        gap_table(result.value),
        "",
        f"certificate  {path}",
        f"checker      {verdict_summary(verdict)}",
    ]
    headline = f"{result.status.name}: {gap_sentence(result.value)}"
    return Report(headline, comparison_payload(result, path=path), tuple(body))


def gap_sentence(comparison: Comparison) -> str:
    """How far the best network is from the optimum."""
    best = _best(comparison)
    n_networks = len(comparison.reports)
    who = (
        f"the network {best.label}"
        if n_networks == 1
        else f"the best of {n_networks} networks ({best.label})"
    )
    if best.gap_upper == 0:
        return f"{who} is a global optimum, exactly"
    most = at_most(best.gap_upper, digits=4)
    relative = _relative(best.gap_upper, comparison.optimum)
    share = "" if relative is None else f" (at most {relative} of it)"
    if best.gap_lower == 0:
        return f"{who} is at most {most} above the global optimum{share}"
    least = at_least(best.gap_lower, digits=4)
    return f"{who} is between {least} and {most} above the global optimum{share}"


def gap_table(comparison: Comparison) -> Table:
    """One row a network, the lowest objective first."""
    ordered = sorted(comparison.reports, key=lambda report: report.objective)
    rows = tuple(_row(report, comparison.optimum) for report in ordered)
    return Table(COLUMNS, rows, right=COLUMNS[1:])


def comparison_payload(result: Result[Comparison], *, path: Path) -> dict[str, object]:
    """The JSON answer of `exactnet crosscheck`; rationals as "p/q"."""
    comparison = result.value
    return {
        "status": result.status.name,
        "lower": rational_text(comparison.optimum.lower),
        "upper": rational_text(comparison.optimum.upper),
        "objective": comparison.optimum.problem.describe(),
        "n_patterns": comparison.optimum.n_patterns,
        "networks": [_network_payload(report, comparison.optimum) for report in comparison.reports],
        "best": _best(comparison).label,
        "certificate": str(path),
    }


def _best(comparison: Comparison) -> NetworkReport:
    return min(comparison.reports, key=lambda report: report.objective)


def _relative(gap: Fraction, optimum: Optimum, *, digits: int = 2) -> str | None:
    """An upper bound of gap divided by optimum; None when the optimum may be zero."""
    return at_most(gap / optimum.lower, digits=digits) if optimum.lower > 0 else None


def _row(report: NetworkReport, optimum: Optimum) -> tuple[str, ...]:
    return (
        report.label,
        decimal(report.objective),
        at_least(report.gap_lower, digits=4),
        at_most(report.gap_upper, digits=4),
        _relative(report.gap_upper, optimum) or "-",
        str(len(report.dead)),
        str(len(report.on_walls)),
        str(_n_copies(report)),
    )


def _n_copies(report: NetworkReport) -> int:
    """Neurons that could be merged into another one."""
    return sum(len(group) - 1 for group in report.duplicates)


def _network_payload(report: NetworkReport, optimum: Optimum) -> dict[str, object]:
    return {
        "label": report.label,
        "loss": rational_text(report.objective),
        "loss_decimal": decimal_text(report.objective, digits=16),
        "gap_lower": rational_text(report.gap_lower),
        "gap_upper": rational_text(report.gap_upper),
        "relative_gap": _relative(report.gap_upper, optimum, digits=6),
        "n_neurons": len(report.network.neurons),
        "n_dead": len(report.dead),
        "n_on_walls": len(report.on_walls),
        "n_duplicates": _n_copies(report),
    }
