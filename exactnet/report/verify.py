"""The reports of verification: one instance, a whole list of them, an audited counterexample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from exactnet.certificate import Result, Status
from exactnet.exact import decimal_text, rational_text
from exactnet.report.numbers import number
from exactnet.report.page import Report, Table

if TYPE_CHECKING:
    from exactnet.verify import Outcome, Verification, WitnessAudit

__all__ = ["audit_report", "audit_table_report", "batch_report", "summary_line", "verification_report"]

MOST_SHOWN = 12

MEANING = {
    "real": "real arithmetic over the stored weights",
    "float32": "every binary32 execution: round to nearest, any order of summation, fused or not",
}
NOT_COVERED = "TF32, bfloat16, int8, Winograd or Strassen products, other rounding modes, overflow"


def verification_report(
    result: Result[Verification], *, network: str, prop: str, path: Path | None, seconds: float
) -> Report:
    """What `exactnet verify` prints.

    Parameters
    ----------
    result : of :func:`exactnet.verify.verify`.
    network, prop : the files.
    path : of the certificate, if there is one.
    seconds : wall time.
    """
    found = result.value
    body = [f"network      {network}", f"property     {prop}"]
    body += [f"{name:<12} {status.name}: {MEANING[name]}" for name, status in found.statuses.items()]
    if "float32" in found.statuses:
        body.append(f"not covered  {NOT_COVERED}")
    if found.witness is not None:
        kind = "binary32 numbers" if found.witness.is_float32 else "rational numbers"
        body.append(f"witness      x = {_vector(found.witness.point)}, {kind}")
        body.append(f"outputs      y = {_vector(found.witness.outputs)}")
        body.append(f"margin       {number(found.witness.margin)}, exactly")
    if found.replay is not None:
        word = "violates too" if found.replay.is_violated else "does NOT violate"
        body.append(f"replay       one binary32 execution {word}: y = {_vector(found.replay.outputs)}")
    if found.n_leaves:
        leaves = "1 leaf" if found.n_leaves == 1 else f"{found.n_leaves:,} leaves"
        nodes = "1 node" if result.stats["n_nodes"] == 1 else f"{result.stats['n_nodes']:,} nodes"
        body.append(f"proof        {leaves}; {nodes} searched")
    if found.reason:
        body.append(f"undecided    {found.reason}")
        body.append(
            f"open         {len(found.open_boxes):,} boxes; {_percent(found.certified)} of the volume done"
        )
    if path is not None:
        body.append(f"certificate  {path} ({path.stat().st_size:,} bytes)")
        if found.open_boxes:
            body.append("resume       the same command with --resume goes on from this certificate")
    body.append(f"checker      {found.checker.partition(':')[0]}")
    body.append(
        f"time         {seconds:.2f} s; search {result.stats['search_seconds']} CPU-s, "
        f"check {result.stats['check_seconds']} CPU-s"
    )
    return Report(repr(result), _payload(result, network, prop, path, seconds), tuple(body))


def _payload(
    result: Result[Verification], network: str, prop: str, path: Path | None, seconds: float
) -> dict[str, object]:
    found = result.value
    witness = found.witness
    return {
        "status": result.status.name,
        "semantics": {name: status.name for name, status in found.statuses.items()},
        "witness": None if witness is None else [rational_text(q) for q in witness.point],
        "witness_is_float32": None if witness is None else witness.is_float32,
        "outputs": None if witness is None else [rational_text(q) for q in witness.outputs],
        "margin": None if witness is None else rational_text(witness.margin),
        "replay_violates": None if found.replay is None else found.replay.is_violated,
        "n_leaves": found.n_leaves,
        "certificate": None if path is None else str(path),
        "certified": rational_text(found.certified),
        "open_boxes": [
            {
                "lower": [*map(rational_text, box.lower)],
                "upper": [*map(rational_text, box.upper)],
                "cases": [*box.cases],
            }
            for box in found.open_boxes
        ],
        "vacuous": found.is_vacuous,
        "reason": found.reason or None,
        "checker": found.checker,
        "network": network,
        "property": prop,
        "seconds": round(seconds, 4),
        **{key: value for key, value in result.stats.items() if value is not None},
    }


def _vector(values: Sequence[Fraction]) -> str:
    """The numbers cut to ten digits; the JSON answer and the certificate have them in full."""
    shown = [decimal_text(q, digits=10).rstrip("0").rstrip(".") if q else "0" for q in values[:MOST_SHOWN]]
    return f"({', '.join(shown)}{', ..' if len(values) > MOST_SHOWN else ''})"


def _percent(share: Fraction) -> str:
    return f"{decimal_text(100 * share, digits=3)} %"


# -- many instances -------------------------------------------------------------------------------------


def summary_line(lines: Sequence[Outcome]) -> str:
    """The one line about a whole list.

    Examples
    --------
    >>> from exactnet.verify import Outcome
    >>> summary_line([Outcome("a", "a.onnx", "p.vnnlib", "real", "PROVED", certificate="a.cert.jsonl.gz")])
    '1 decided: 1 proved, 0 refuted, 0 undecided; certificates checked: 1'
    """
    n = Counter(line.status for line in lines)
    checked = sum(1 for line in lines if line.certificate and line.is_decided)
    errors = f", {n['ERROR']} with errors" if n["ERROR"] else ""
    decided = n["PROVED"] + n["REFUTED"]
    return (
        f"{decided} decided: {n['PROVED']} proved, {n['REFUTED']} refuted, "
        f"{n['UNDECIDED']} undecided{errors}; certificates checked: {checked}"
    )


def batch_report(lines: Sequence[Outcome], *, out: Path, semantics: str) -> Report:
    """What `exactnet verify --batch` prints: the summary, totals, and every instance that is not decided."""
    search, check = (sum(getattr(line, f"{name}_seconds") for line in lines) for name in ("search", "check"))
    sizes = sorted(line.n_bytes for line in lines if line.certificate)
    body: list[str | Table] = [
        f"semantics    {semantics}",
        f"search       {search:.1f} CPU-s in all, at most {max(line.search_seconds for line in lines):.2f} s",
        f"checking     {check:.1f} CPU-s in all, at most {max(line.check_seconds for line in lines):.2f} s",
        f"slowest      {max(line.seconds for line in lines):.2f} s",
    ]
    if sizes:
        body.append(
            f"certificates median {sizes[len(sizes) // 2]:,} bytes, largest {sizes[-1]:,}, all {sum(sizes):,}"
        )
    body.append(f"table        {out / 'results.csv'}")
    left = [line for line in lines if not line.is_decided]
    if left:
        rows = tuple((line.name, line.status, f"{line.seconds:.1f}", line.note[:80]) for line in left)
        body.append(Table(("instance", "status", "seconds", "note"), rows, right=("seconds",)))
    counts = Counter(line.status for line in lines)
    payload = {
        "status": "UNDECIDED" if left else "DECIDED",
        "semantics": semantics,
        "n_instances": len(lines),
        "n_proved": counts["PROVED"],
        "n_refuted": counts["REFUTED"],
        "n_undecided": counts["UNDECIDED"],
        "n_errors": counts["ERROR"],
        "n_certificates_checked": sum(1 for line in lines if line.certificate and line.is_decided),
        "search_seconds": round(search, 3),
        "check_seconds": round(check, 3),
        "median_bytes": sizes[len(sizes) // 2] if sizes else None,
        "table": str(out / "results.csv"),
    }
    return Report(summary_line(lines), payload, tuple(body))


# -- counterexamples ------------------------------------------------------------------------------------


def audit_report(result: Result[WitnessAudit], *, witness: str, path: Path | None) -> Report:
    """What `exactnet audit-witness` prints."""
    found = result.value
    body = [f"witness      {witness}", f"judgement    {found.judgement.value}"]
    body.append(f"numbers      {'binary32' if found.is_float32 else 'not all binary32'}")
    if found.margin is not None:
        body.append(f"slack        {number(found.margin)}: the smallest, of the point as printed")
    body.append(f"outputs      y = {_vector(found.outputs)}, exactly evaluated")
    if found.output_error is not None:
        body.append(f"printed y    differ by at most {decimal_text(found.output_error, digits=3)}")
    if path is not None:
        body.append(f"certificate  {path}")
    return Report(repr(result), _audit_payload(result, witness, path), tuple(body))


def _audit_payload(result: Result[WitnessAudit], witness: str, path: Path | None) -> dict[str, object]:
    found = result.value
    return {
        "status": result.status.name,
        "judgement": found.judgement.value,
        "witness": witness,
        "margin": None if found.margin is None else rational_text(found.margin),
        "outside": rational_text(found.outside),
        "valid_point": None if found.valid is None else [*map(rational_text, found.valid.point)],
        "valid_margin": None if found.valid is None else rational_text(found.valid.margin),
        "output_error": None if found.output_error is None else rational_text(found.output_error),
        "is_float32": found.is_float32,
        "certificate": None if path is None else str(path),
    }


def audit_table_report(results: Sequence[tuple[str, Result[WitnessAudit]]]) -> Report:
    """Many counterexamples: how many are valid, and each of them in a table."""
    counts = Counter(result.value.judgement.value for _, result in results)
    n_valid = sum(result.status is Status.PROVED for _, result in results)
    rows = tuple(
        (
            name,
            result.value.judgement.value,
            "" if result.value.valid is None else _short(result.value.valid.margin),
        )
        for name, result in results
    )
    parts = ", ".join(f"{n} {judgement}" for judgement, n in sorted(counts.items()))
    payload = {
        "status": "PROVED" if n_valid == len(results) else "REFUTED",
        "n_witnesses": len(results),
        "judgements": dict(counts),
        "witnesses": [{"name": name, **_audit_payload(result, name, None)} for name, result in results],
    }
    table = Table(("counterexample", "judgement", "margin"), rows)
    return Report(
        f"{n_valid} of {len(results)} counterexamples are valid as printed ({parts})", payload, (table,)
    )


def _short(q: Fraction) -> str:
    return decimal_text(q, digits=4)
