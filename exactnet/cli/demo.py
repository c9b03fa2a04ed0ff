"""`exactnet demo`: two species of iris, twenty trained networks, the global optimum, and a checked proof."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import Session, session
from exactnet.report import Report

if TYPE_CHECKING:
    from exactnet.certificate import Certificate, Verdict
    from exactnet.model import Dataset

__all__ = ["demo"]

BETA = Fraction(1, 10)
N_SEEDS = 20

Folder = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for the figures and the certificate.")
]


def demo(
    out: Folder = Path("exactnet-demo"),
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Two minutes of exactnet on real data: figures, an optimum, a verdict, a checked certificate."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.cli.certified import write_checked
        from exactnet.convex import optimum
        from exactnet.crosscheck import compare, train
        from exactnet.report.comparison import comparison_report

        out.mkdir(parents=True, exist_ok=True)
        dataset = petals()
        best = optimum(dataset, beta=BETA, bias="penalised", progress=shell.progress)
        path = out / "iris.crosscheck.jsonl"
        # an interrupted training leaves at least the optimum, with its proof
        write_checked(shell, best, path)
        networks = train(best.value.problem, n_seeds=N_SEEDS, progress=shell.progress)
        result = compare(networks, best)
        verdict = write_checked(shell, result, path)
        assert result.certificate is not None
        names = tuple(f"{name.replace('_', ' ')} (cm)" for name in dataset.feature_names)
        figures = _draw(shell, result.certificate, names, out)
        report = comparison_report(result, path=path, verdict=verdict)
        shell.answer(_story(report, figures, path, verdict), code=result.status.exit_code)


def petals() -> Dataset:
    """Iris versicolor (target -1) and virginica (+1) by the length and width of their petals, in cm."""
    from exactnet.io import iris

    return iris(classes=("versicolor", "virginica"), features=("petal_length", "petal_width"))


def _draw(shell: Session, certificate: Certificate, names: tuple[str, ...], out: Path) -> list[Path]:
    from exactnet.plot import data_space_figure, gap_figure, save_figure

    gap, data = gap_figure(certificate), data_space_figure(certificate, names=names)
    return [
        shell.keep(save_figure(gap, out / "iris-gap.png")),
        shell.keep(save_figure(data, out / "iris-data.png")),
    ]


def _story(report: Report, figures: list[Path], certificate: Path, verdict: Verdict) -> Report:
    """The report of the comparison, the data before it, the files and what is proved after it."""
    from exactnet.report.verdict import verdict_summary

    lines = (
        f"data         iris versicolor (-1) and virginica (+1), petals in cm; {N_SEEDS} networks trained",
        *report.body[:-1],
        *(f"figure       {figure}" for figure in figures),
        f"check again  python -m exactnet.checker {certificate}",
        "",
        f"{report.verdict.partition(':')[0]}: the optimum, the list of activation patterns, every gap",
        f"{verdict_summary(verdict)} by the checker, which uses nothing but the standard library",
    )
    return Report(report.verdict, {**report.payload, "figures": [str(figure) for figure in figures]}, lines)
