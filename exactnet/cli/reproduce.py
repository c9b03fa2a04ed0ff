"""`exactnet reproduce [ID ...]`: the statements of the papers, recomputed by the package `paper_repro`.

That package offers `statements(area=..., paper=...)`, whose items have `id`, `area`, `statement` and
`source`, and `run(ids, area=..., paper=..., progress=...)`, whose items have `id`, `word` (PROVED, REFUTED,
UNDECIDED), `verdict` (one line, which begins with the word) and `agrees`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, REFUTED, UNDECIDED, session
from exactnet.errors import UnsupportedError
from exactnet.report import Report, Table

__all__ = ["reproduce"]

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Which statements; all by default.")]
Area = Annotated[
    str | None, typer.Option("--area", help='Only the statements of one area, such as "convex".')
]
PaperNumber = Annotated[
    str | None,
    typer.Option("--paper", metavar="ARXIV", help='Only the statements of one paper, such as "2002.10553".'),
]
ListOnly = Annotated[bool, typer.Option("--list", help="List the statements, compute nothing.")]


def reproduce(
    ids: Ids = None,
    area: Area = None,
    paper: PaperNumber = None,
    list_only: ListOnly = False,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Recompute statements of the papers and compare."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        papers = _package()
        if list_only:
            shell.answer(_listing(papers.statements(area=area, paper=paper)))
        outcomes = papers.run(ids, area=area, paper=paper, progress=shell.progress)
        shell.answer(_outcomes(outcomes), code=_CODES[_status(outcomes)])


_CODES = {"PROVED": DONE, "REFUTED": REFUTED, "UNDECIDED": UNDECIDED}


def _status(outcomes: Any) -> str:
    """PROVED when all are reproduced; one that differs outweighs one that could not be decided."""
    words = {outcome.word for outcome in outcomes}
    return next((word for word in ("REFUTED", "UNDECIDED") if word in words), "PROVED")


def _package() -> Any:
    try:
        return import_module("paper_repro")
    except ModuleNotFoundError:
        raise UnsupportedError(
            "this installation has no paper statements",
            where="the package paper_repro",
            hint="install exactnet from its source tree",
        ) from None


def _listing(statements: Any) -> Report:
    names = ("id", "area", "source", "statement")
    rows = tuple(tuple(str(getattr(item, name)) for name in names) for item in statements)
    payload = [dict(zip(names, row, strict=True)) for row in rows]
    body = (Table(names, rows),)
    return Report(f"{len(rows)} statements", {"status": "DONE", "statements": payload}, body)


def _outcomes(outcomes: Any) -> Report:
    n_agree = sum(bool(item.agrees) for item in outcomes)
    status = _status(outcomes)
    payload = [{"id": item.id, "verdict": item.verdict, "agrees": bool(item.agrees)} for item in outcomes]
    body = (Table(("id", "verdict"), tuple((item.id, item.verdict) for item in outcomes)),)
    headline = f"{status}: {n_agree} of {len(outcomes)} statements agree"
    return Report(headline, {"status": status, "statements": payload}, body)
