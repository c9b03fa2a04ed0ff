"""`exactnet audit-witness MODEL PROPERTY WITNESS`: is this a counterexample? By exact evaluation."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Out, Quiet, Traceback
from exactnet.cli.session import session
from exactnet.errors import InputError

if TYPE_CHECKING:
    from exactnet.certificate import Result
    from exactnet.verify import WitnessAudit

__all__ = ["audit_witness"]

ModelArgument = Annotated[
    str | None, typer.Argument(metavar="MODEL", help="The network.", show_default=False)
]
PropertyArgument = Annotated[
    str | None, typer.Argument(metavar="PROPERTY", help="Its unsafe points (.vnnlib).", show_default=False)
]
WitnessArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="WITNESS",
        help="The counterexample: a competition file ((X_0 0.5) ..), plain numbers, or JSON.",
        show_default=False,
    ),
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table", metavar="CSV", help="Many: columns network, property, and the inputs as numbers."
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Where the files of the table are; by default, beside it."),
]


def audit_witness(
    model: ModelArgument = None,
    prop: PropertyArgument = None,
    witness: WitnessArgument = None,
    table: TableOption = None,
    folder: Folder = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Judge a counterexample exactly: valid as printed, after clipping to the box, or not at all."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.report.verify import audit_report, audit_table_report
        from exactnet.verify import audit_witness as judge
        from exactnet.verify import load_witness

        if table is not None:
            results = _judged(table, table.parent if folder is None else folder)
            report = audit_table_report(results)
            shell.answer(report, code=max(result.status.exit_code for _, result in results))
        if model is None or prop is None or witness is None:
            raise InputError(
                "what is to be judged?",
                where="the command line",
                expected="MODEL PROPERTY WITNESS, or --table CSV",
            )
        place = Path() if out is None else out.parent
        result = judge(model, prop, load_witness(witness), folder=place)
        path = None
        if out is not None and result.certificate is not None:
            path = shell.keep(result.save(out))
        shell.answer(audit_report(result, witness=witness, path=path), code=result.status.exit_code)


def _judged(table: Path, folder: Path) -> list[tuple[str, Result[WitnessAudit]]]:
    """The judgements on the lines of a table; a first line with names of columns is left out."""
    from exactnet.io.files import read_bytes
    from exactnet.verify import audit_witness as judge
    from exactnet.verify import parse_witness

    file = read_bytes(table, what="table", suffixes=[".csv"])
    results = []
    for number, line in enumerate(csv.reader(file.content.decode("utf-8-sig").splitlines()), start=1):
        if not line or (number == 1 and Path(line[0]).suffix == ""):
            continue
        where = f"{file.name}, line {number}"
        if len(line) < 3:
            raise InputError(
                "not a line of a table of counterexamples",
                where=where,
                got=",".join(line)[:60],
                expected="network,property,numbers",
            )
        point = parse_witness(line[2], name=where)
        name = f"{Path(line[0]).stem} {Path(line[1]).stem}"
        results.append((name, judge(folder / line[0], folder / line[1], point)))
    if not results:
        raise InputError("the table is empty", where=file.name, expected="network,property,numbers")
    return results
