"""The options that several verbs share, so that one word means one thing everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ActivationChoice",
    "ActivationOption",
    "Beta",
    "BiasChoice",
    "BiasOption",
    "Digits",
    "Gap",
    "Json",
    "LossChoice",
    "LossOption",
    "MaxCells",
    "NormChoice",
    "NormOption",
    "Out",
    "Quiet",
    "Slope",
    "Traceback",
]


class NormChoice(StrEnum):
    """The norms of `exactnet.convex.Norm`, written again so that `--help` imports nothing heavy."""

    l2 = "l2"
    l1 = "l1"
    linf = "linf"


class BiasChoice(StrEnum):
    """The biases of `exactnet.convex.Bias`, written again for the same reason."""

    none = "none"
    penalised = "penalised"
    free = "free"


class LossChoice(StrEnum):
    """The losses of `exactnet.convex.Loss`, written again for the same reason."""

    squared = "squared"
    hinge = "hinge"
    logistic = "logistic"
    l1 = "l1"


class ActivationChoice(StrEnum):
    """The activations of `exactnet.convex.Activation`, written again for the same reason."""

    relu = "relu"
    leaky_relu = "leaky_relu"
    abs = "abs"


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
LossOption = Annotated[
    LossChoice, typer.Option("--loss", help="Loss of a prediction; hinge and logistic need targets 1 and -1.")
]
ActivationOption = Annotated[
    ActivationChoice, typer.Option("--activation", help="Activation of the hidden units.")
]
Slope = Annotated[
    str | None, typer.Option("--slope", metavar="P/Q", help="Slope of leaky_relu below 0, exact: 1/100.")
]
Digits = Annotated[
    int | None, typer.Option("--digits", min=1, help="Narrow an l2 enclosure to so many digits.")
]
Gap = Annotated[str, typer.Option("--gap", metavar="P/Q", help="Relative width asked of an enclosure.")]
MaxCells = Annotated[int, typer.Option("--max-cells", min=1, help="Stop (exit 3) above this many cells.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Where to write the certificate (.gz compresses it).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict line only, and no progress.")]
Traceback = Annotated[
    bool, typer.Option("--traceback", help="When something fails, show the whole traceback.")
]
