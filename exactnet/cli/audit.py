"""`exactnet audit MODEL DATA --beta P/Q`: how far a given network is from the global optimum."""

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

__all__ = ["audit"]

Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="One hidden ReLU layer, one output: .onnx, .npz, .pt."),
]
Data = Annotated[
    str, typer.Argument(metavar="DATA", help="CSV (last column is the target), .npz, or a name.")
]
Refine = Annotated[
    bool, typer.Option("--refine", help="Compute the optimum too, instead of bounding it by one pass.")
]


def audit(
    model: Model,
    data: Data,
    beta: Beta,
    norm: NormOption = NormChoice.l2,
    bias: BiasOption = BiasChoice.none,
    refine: Refine = False,
    gap: Gap = "1e-9",
    max_cells: MaxCells = 200_000,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """How far a given network is from the global optimum: a certified bound without training or solving."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        import exactnet.convex as convex
        from exactnet.cli.certified import certificate_path, write_checked
        from exactnet.io import load_dataset, load_network
        from exactnet.report.audit import audit_report

        path = certificate_path(model, "audit", out)
        result = convex.audit(
            load_network(model),
            load_dataset(data),
            beta=beta,
            norm=norm.value,
            bias=bias.value,
            refine=refine,
            gap=gap,
            max_cells=max_cells,
            progress=shell.progress,
        )
        verdict = write_checked(shell, result, path)
        shell.answer(audit_report(result, path=path, verdict=verdict), code=result.status.exit_code)
