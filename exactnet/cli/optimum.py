"""`exactnet optimum DATA --beta P/Q`: the certified global optimum of training."""

from __future__ import annotations

from typing import Annotated

import typer

from exactnet.cli.options import (
    Beta,
    BiasChoice,
    BiasOption,
    Gap,
    Json,
    MaxCells,
    NormChoice,
    NormOption,
    Out,
    Quiet,
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
    gap: Gap = "1e-9",
    max_cells: MaxCells = 200_000,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """The global optimum of training a two-layer ReLU network, with a certificate."""
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
            gap=gap,
            max_cells=max_cells,
            progress=shell.progress,
        )
        verdict = write_checked(shell, result, path)
        report = optimum_report(result, names=dataset.feature_names, path=path, verdict=verdict)
        shell.answer(report, code=result.status.exit_code)
