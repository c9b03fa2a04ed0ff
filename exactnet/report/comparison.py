"""The report of a comparison: how far each trained network is above the global optimum."""

from __future__ import annotations

from pathlib import Path

from exactnet.certificate import Result, Verdict
from exactnet.crosscheck import Comparison, NetworkReport, comparison_rows
from exactnet.exact import decimal_text
from exactnet.report.numbers import at_least, at_most, decimal
from exactnet.report.optimum import enclosure_payload, enclosure_sentence
from exactnet.report.page import Report, Table
from exactnet.report.verdict import verdict_summary

__all__ = ["comparison_payload", "comparison_report", "gap_table"]

COUNTS = {"dead": "n_dead", "on walls": "n_on_walls", "copies": "n_duplicates", "mergeable": "n_mergeable"}
COLUMNS = ("network", "objective", "gap at least", "gap at most", "relative", *COUNTS)


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
    headline = f"{result.status.name}: {result.sentence}"
    return Report(headline, comparison_payload(result, path=path), tuple(body))


def gap_table(comparison: Comparison) -> Table:
    """One row a network, the lowest objective first; gaps rounded outward."""
    paired = zip(comparison.reports, comparison_rows(comparison), strict=True)
    ordered = sorted(paired, key=lambda pair: pair[0].objective)
    rows = tuple(
        (
            report.label,
            decimal(report.objective),
            at_least(report.gap_lower, digits=4),
            at_most(report.gap_upper, digits=4),
            _relative(report, digits=2) or "-",
            *(str(counts[key]) for key in COUNTS.values()),
        )
        for report, counts in ordered
    )
    return Table(COLUMNS, rows, right=COLUMNS[1:])


def comparison_payload(result: Result[Comparison], *, path: Path) -> dict[str, object]:
    """The JSON answer of `exactnet crosscheck`; rationals as "p/q"."""
    comparison = result.value
    networks = [
        {
            "label": report.label,
            "loss": counts["objective"],
            "loss_decimal": decimal_text(report.objective, digits=16),
            "gap_lower": counts["gap_lower"],
            "gap_upper": counts["gap_upper"],
            "relative_gap": _relative(report, digits=6),
            "n_neurons": counts["n_neurons"],
            **{key: counts[key] for key in COUNTS.values()},
        }
        for report, counts in zip(comparison.reports, comparison_rows(comparison), strict=True)
    ]
    return {
        "status": result.status.name,
        **enclosure_payload(comparison.optimum),
        "networks": networks,
        "best": comparison.best.label,
        "certificate": str(path),
    }


def _relative(report: NetworkReport, *, digits: int) -> str | None:
    return None if report.relative_gap is None else at_most(report.relative_gap, digits=digits)
