"""`exactnet reproduce [ID ...]`: the statements of the papers, recomputed by the package `paper_repro`.

That package offers `statements()`, whose items have `id`, `statement` and `source`, and `run(ids)`, whose
items have `id`, `verdict` (one line) and `agrees`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, REFUTED, session
from exactnet.errors import UnsupportedError
from exactnet.report import Report, Table

__all__ = ["reproduce"]

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Which statements; all by default.")]
ListOnly = Annotated[bool, typer.Option("--list", help="List the statements, compute nothing.")]


def reproduce(
    ids: Ids = None,
    list_only: ListOnly = False,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Recompute statements of the papers and compare."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        papers = _package()
        if list_only:
            shell.answer(_listing(papers.statements()))
        outcomes = papers.run(ids or [statement.id for statement in papers.statements()])
        agree = all(outcome.agrees for outcome in outcomes)
        shell.answer(_outcomes(outcomes), code=DONE if agree else REFUTED)


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
    rows = tuple((item.id, item.source, item.statement) for item in statements)
    payload = [{"id": id_, "source": source, "statement": text} for id_, source, text in rows]
    body = (Table(("id", "source", "statement"), rows),)
    return Report(f"{len(rows)} statements", {"status": "DONE", "statements": payload}, body)


def _outcomes(outcomes: Any) -> Report:
    n_agree = sum(bool(item.agrees) for item in outcomes)
    status = "PROVED" if n_agree == len(outcomes) else "REFUTED"
    payload = [{"id": item.id, "verdict": item.verdict, "agrees": bool(item.agrees)} for item in outcomes]
    body = (Table(("id", "verdict"), tuple((item.id, item.verdict) for item in outcomes)),)
    headline = f"{status}: {n_agree} of {len(outcomes)} statements agree"
    return Report(headline, {"status": status, "statements": payload}, body)
