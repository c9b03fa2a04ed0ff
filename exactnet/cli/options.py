"""The options that several verbs share, so that one word means one thing everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Beta",
    "BiasChoice",
    "BiasOption",
    "Gap",
    "Json",
    "MaxCells",
    "NormChoice",
    "NormOption",
    "Out",
    "Quiet",
    "Traceback",
]


class NormChoice(StrEnum):
    """The norms of `exactnet.convex.Norm`, written again so that `--help` imports nothing heavy."""

    l2 = "l2"
    l1 = "l1"


class BiasChoice(StrEnum):
    """The biases of `exactnet.convex.Bias`, written again for the same reason."""

    none = "none"
    penalised = "penalised"
    free = "free"


Beta = Annotated[
    str, typer.Option("--beta", metavar="P/Q", help="Weight decay > 0, exact: 1/2, 0.1 or 1e-3.")
]
NormOption = Annotated[
    NormChoice, typer.Option("--norm", help="Norm of the first-layer weights in the penalty.")
]
BiasOption = Annotated[
    BiasChoice,
    typer.Option("--bias", help="Hidden bias: none, penalised with the weights, or free (unpenalised)."),
]
Gap = Annotated[str, typer.Option("--gap", metavar="P/Q", help="Relative width asked of an l2 enclosure.")]
MaxCells = Annotated[int, typer.Option("--max-cells", min=1, help="Stop (exit 3) above this many cells.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Where to write the certificate (.gz compresses it).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict line only, and no progress.")]
Traceback = Annotated[
    bool, typer.Option("--traceback", help="When something fails, show the whole traceback.")
]
