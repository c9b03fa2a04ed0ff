"""`exactnet optimum DATA --beta P/Q`: the certified global optimum of training."""

from __future__ import annotations

from typing import Annotated

import typer

from exactnet.cli.options import (
    ActivationChoice,
    ActivationOption,
    Beta,
    BiasChoice,
    BiasOption,
    Digits,
    Gap,
    Json,
    LossChoice,
    LossOption,
    MaxCells,
    NormChoice,
    NormOption,
    Out,
    Quiet,
    Slope,
    Traceback,
)
from exactnet.cli.session import session

__all__ = ["optimum"]

Data = Annotated[
    str, typer.Argument(metavar="DATA", help="CSV (last column is the target), .npz, or a name.")
]


def optimum(
    data: Data,
    beta: Beta,
    norm: NormOption = NormChoice.l2,
    bias: BiasOption = BiasChoice.none,
    loss: LossOption = LossChoice.squared,
    activation: ActivationOption = ActivationChoice.relu,
    slope: Slope = None,
    gap: Gap = "1e-9",
    digits: Digits = None,
    max_cells: MaxCells = 200_000,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """The global optimum of training a two-layer network, with a certificate."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        import exactnet.convex as convex
        from exactnet.cli.certified import certificate_path, write_checked
        from exactnet.io import load_dataset
        from exactnet.report.optimum import optimum_report

        path = certificate_path(data, "optimum", out)
        dataset = load_dataset(data)
        result = convex.optimum(
            dataset,
            beta=beta,
            norm=norm.value,
            bias=bias.value,
            loss=loss.value,
            activation=activation.value,
            slope=slope,
            gap=gap,
            digits=digits,
            max_cells=max_cells,
            progress=shell.progress,
        )
        verdict = write_checked(shell, result, path)
        report = optimum_report(result, names=dataset.feature_names, path=path, verdict=verdict)
        shell.answer(report, code=result.status.exit_code)
