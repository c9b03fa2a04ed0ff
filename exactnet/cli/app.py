"""The table of verbs; each verb's own imports happen when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

import exactnet
from exactnet.cli.audit import audit
from exactnet.cli.audit_witness import audit_witness
from exactnet.cli.check import check
from exactnet.cli.crosscheck import crosscheck
from exactnet.cli.demo import demo
from exactnet.cli.doctor import doctor
from exactnet.cli.info import info
from exactnet.cli.optimum import optimum
from exactnet.cli.plot import plot
from exactnet.cli.regions import regions
from exactnet.cli.reproduce import reproduce
from exactnet.cli.session import DONE
from exactnet.cli.tropical import tropical
from exactnet.cli.verify import verify

__all__ = ["app", "run"]

app = typer.Typer(
    name="exactnet",
    help="Exact analysis of small ReLU networks: every answer carries a certificate, and a checker that "
    "uses only the Python standard library accepts it.",
    epilog="Exit codes: 0 proved, accepted, done; 1 refuted, rejected; 2 usage or input; "
    "3 undecided or a limit; 4 unsupported input; 70 a bug of ours.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"exactnet {exactnet.__version__}")
        raise typer.Exit(DONE)


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for _verb in (
    demo,
    info,
    regions,
    tropical,
    verify,
    audit_witness,
    optimum,
    audit,
    crosscheck,
    check,
    plot,
    doctor,
    reproduce,
):
    app.command()(_verb)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    Examples
    --------
    >>> run(["--version"])
    exactnet 0.3.0
    0
    """
    try:
        app(args=list(arguments), prog_name="exactnet")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else DONE
    return DONE
