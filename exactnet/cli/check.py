"""`exactnet check FILE`: the independent checker, and whether the file is about your data or your model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, REFUTED, UNDECIDED, session
from exactnet.report import Report

__all__ = ["check"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="A certificate (.jsonl or .jsonl.gz).")]
DataOption = Annotated[
    str | None, typer.Option("--data", help="Also require that it is about this data set.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Also require that it is about this network.")
]
SampleOption = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", min=1, help="Look at N leaves of each region tree only (exit 3)."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of the choice of these leaves.")]


def check(
    file: File,
    data: DataOption = None,
    model: ModelOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Run the independent checker on a certificate: ACCEPTED or REJECTED (SAMPLED with --sample)."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.checker import check_bytes

        verdict = check_bytes(file.read_bytes(), sample=sample, seed=seed)
        line, status = verdict.line, verdict.line.partition(" ")[0]
        if status != "REJECTED":
            difference = _difference(file, data=data, model=model)
            if difference is not None:
                line, status = f"REJECTED {difference}", "REJECTED"
        payload = {
            "status": status,
            "line": line,
            "step": verdict.step,
            "rule": verdict.rule,
            "reason": verdict.reason or (line if status == "REJECTED" else None),
            "data": data,
            "model": model,
        }
        codes = {"ACCEPTED": DONE, "SAMPLED": UNDECIDED}
        shell.answer(Report(line, payload), code=codes.get(status, REFUTED))


def _difference(file: Path, *, data: str | None, model: str | None) -> str | None:
    """Why an accepted certificate is not about this data or this model; None when it is."""
    if data is None and model is None:
        return None
    from exactnet.cli.binding import data_difference, model_difference
    from exactnet.io import load_certificate, load_dataset, load_network

    records = load_certificate(file).records
    if data is not None and (found := data_difference(records, load_dataset(data))) is not None:
        return f"data {data}: {found}"
    if model is not None and (found := model_difference(records, load_network(model))) is not None:
        return f"model {model}: {found}"
    return None
