"""`exactnet check FILE...`: the independent checker, and whether a file is about your data or your model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, REFUTED, UNDECIDED, USAGE, session
from exactnet.errors import InputError
from exactnet.report import Report

__all__ = ["check"]

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Certificates (.jsonl or .jsonl.gz).")
]
DataOption = Annotated[
    str | None, typer.Option("--data", help="Also require that it is about this data set.")
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Also require that it is about this network, wherever its file was."),
]
PropertyOption = Annotated[
    str | None,
    typer.Option("--property", help="Also require that it is about this property, wherever its file was."),
]
SampleOption = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", min=1, help="Look at N leaves of each region tree only (exit 3)."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of the choice of these leaves.")]
CompiledOption = Annotated[
    bool | None,
    typer.Option(
        "--compiled/--standard",
        help="Use the second, compiled checker where it can decide, much faster, or only the one of the "
        "standard library.",
        show_default="compiled for several files, standard for one",
    ),
]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="Worker processes for several files.")]

_CODES = {"ACCEPTED": DONE, "SAMPLED": UNDECIDED, "CANNOT OPEN": USAGE, "REJECTED": REFUTED}


@dataclass(frozen=True)
class _Options:
    """What holds for every file."""

    data: str | None
    model: str | None
    property: str | None
    sample: int | None
    seed: int
    compiled: bool


@dataclass(frozen=True)
class _Outcome:
    """The verdict on a file; `status` is its first word or words."""

    file: str
    line: str
    status: str
    step: int | None = None
    rule: str | None = None
    reason: str | None = None
    compiled: bool = False


def check(
    files: FilesArgument,
    data: DataOption = None,
    model: ModelOption = None,
    prop: PropertyOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    compiled: CompiledOption = None,
    jobs: JobsOption = 1,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Run an independent checker on certificates: ACCEPTED or REJECTED (SAMPLED with --sample)."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        fast = len(files) > 1 if compiled is None else compiled
        options = _Options(data, model, prop, sample, seed, fast)
        if len(files) == 1:
            outcome = _outcome(files[0], options)
            if outcome.status == "CANNOT OPEN":
                raise InputError(
                    "a file that the certificate names cannot be opened",
                    where=f"step {outcome.step} ({outcome.rule}) of {files[0]}",
                    got=outcome.reason,
                    hint="say with --model or --property where it is now",
                )
            payload = _payload(outcome, options)
            shell.answer(Report(outcome.line, payload), code=_CODES[outcome.status])
        outcomes = []
        for done, outcome in enumerate(_outcomes(files, options, jobs=jobs), start=1):
            outcomes.append(outcome)
            shell.progress("certificates", done, len(files))
        shell.answer(_report(outcomes, options), code=_worst(outcomes))


def _worst(outcomes: Sequence[_Outcome]) -> int:
    """Rejected before unreadable before sampled before accepted."""
    codes = {_CODES[outcome.status] for outcome in outcomes}
    return next(code for code in (REFUTED, USAGE, UNDECIDED, DONE) if code in codes)


def _report(outcomes: Sequence[_Outcome], options: _Options) -> Report:
    """One line a file, below the counts."""
    counts = Counter(outcome.status for outcome in outcomes)
    told = [f"{counts[status]} {status.lower()}" for status in _CODES if counts[status]]
    verdict = f"{len(outcomes)} certificates: {', '.join(told)}".replace("cannot open", "not opened")
    payload = {
        "status": next(status for status, code in _CODES.items() if code == _worst(outcomes)),
        "line": verdict,
        "counts": {status: counts[status] for status in _CODES},
        "files": [_payload(outcome, options) for outcome in outcomes],
    }
    lines = [f"{outcome.file}: {outcome.line}" for outcome in outcomes]
    if n_compiled := sum(outcome.compiled for outcome in outcomes):
        lines.append(f"checker      the compiled one for {n_compiled} of them; --standard asks the other one")
    return Report(verdict, payload, tuple(lines))


def _payload(outcome: _Outcome, options: _Options) -> dict[str, object]:
    return {
        "status": outcome.status,
        "file": outcome.file,
        "line": outcome.line,
        "step": outcome.step,
        "rule": outcome.rule,
        "compiled": outcome.compiled,
        "reason": outcome.reason or (outcome.line if outcome.status == "REJECTED" else None),
        "data": options.data,
        "model": options.model,
        "property": options.property,
    }


# ----------------------------------------------------------------------------------------- one file


def _outcomes(files: Sequence[Path], options: _Options, *, jobs: int) -> Iterator[_Outcome]:
    """The outcomes in the order of the files."""
    if jobs == 1:
        yield from (_careful_outcome(file, options) for file in files)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(jobs, len(files))) as workers:
        yield from workers.map(_careful_outcome, files, [options] * len(files))


def _careful_outcome(file: Path, options: _Options) -> _Outcome:
    """An outcome also for a certificate that cannot be read, so that the others get theirs."""
    try:
        return _outcome(file, options)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _Outcome(str(file), f"CANNOT OPEN: {reason}", "CANNOT OPEN", reason=reason)


def _outcome(file: Path, options: _Options) -> _Outcome:
    data = file.read_bytes()
    found = _compiled(file, data, options) if options.compiled and options.sample is None else None
    found = found or _standard(file, data, options)
    if found.status in ("ACCEPTED", "SAMPLED"):
        difference = _difference(file, options)
        if difference is not None:
            return replace(found, line=f"REJECTED {difference}", status="REJECTED")
    return found


def _standard(file: Path, data: bytes, options: _Options) -> _Outcome:
    from exactnet.checker import Files, check_bytes

    model, prop = ((path,) if path is not None else () for path in (options.model, options.property))
    files = Files(str(file.parent), model, prop)
    verdict = check_bytes(data, sample=options.sample, seed=options.seed, files=files)
    words = "CANNOT OPEN" if verdict.missing else verdict.line.partition(" ")[0]
    return _Outcome(str(file), verdict.line, words, verdict.step, verdict.rule, verdict.reason or None)


def _compiled(file: Path, data: bytes, options: _Options) -> _Outcome | None:
    """The verdict of the compiled checker; None where it cannot decide or rejects.

    A rejection is left to the standard-library checker, which names the step and the reason.
    """
    from exactnet.verify.second_check import check_verification

    found = check_verification(data, folder=file.parent, network=options.model, property=options.property)
    if found.status != "ACCEPTED":
        return None
    return _Outcome(str(file), found.line, found.status, compiled=True)


def _difference(file: Path, options: _Options) -> str | None:
    """Why an accepted certificate is not about this data, model or property; None when it is."""
    if options.data is None and options.model is None and options.property is None:
        return None
    from exactnet.certificate import NetworkFileRecord, PropertyFileRecord
    from exactnet.cli.binding import data_difference, model_difference, property_difference
    from exactnet.io import load_certificate, load_dataset, load_network, load_vnnlib

    records = load_certificate(file).records
    data, model, prop = options.data, options.model, options.property
    if data is not None and (found := data_difference(records, load_dataset(data))) is not None:
        return f"data {data}: {found}"
    # what stands in a file of its own was read from there, and its hash was the right one
    if model is not None and not any(isinstance(record, NetworkFileRecord) for record in records):
        found = model_difference(records, load_network(model))
        if found is not None:
            return f"model {model}: {found}"
    if prop is not None and not any(isinstance(record, PropertyFileRecord) for record in records):
        found = property_difference(records, load_vnnlib(prop))
        if found is not None:
            return f"property {prop}: {found}"
    return None
