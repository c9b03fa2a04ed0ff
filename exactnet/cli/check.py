"""`exactnet check FILE`: the independent checker, and whether the file is about your data or your model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, REFUTED, session
from exactnet.report import Report

__all__ = ["check"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="A certificate (.jsonl or .jsonl.gz).")]
DataOption = Annotated[
    str | None, typer.Option("--data", help="Also require that it is about this data set.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Also require that it is about this network.")
]


def check(
    file: File,
    data: DataOption = None,
    model: ModelOption = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Run the independent checker on a certificate: ACCEPTED or REJECTED."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.checker import check_bytes

        verdict = check_bytes(file.read_bytes())
        line, accepted = verdict.line, verdict.accepted
        if accepted:
            difference = _difference(file, data=data, model=model)
            if difference is not None:
                line, accepted = f"REJECTED {difference}", False
        payload = {
            "status": "ACCEPTED" if accepted else "REJECTED",
            "line": line,
            "step": verdict.step,
            "rule": verdict.rule,
            "reason": verdict.reason or (None if accepted else line),
            "data": data,
            "model": model,
        }
        shell.answer(Report(line, payload), code=DONE if accepted else REFUTED)


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
