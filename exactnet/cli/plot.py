"""`exactnet plot FILE -o FIG.png`: the figure that belongs to a result, from its certificate alone."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import session
from exactnet.errors import UnsupportedError
from exactnet.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from exactnet.certificate import Certificate

__all__ = ["plot", "require_format"]

FORMATS = (".png", ".pdf", ".svg")


class Kind(StrEnum):
    """The figures there are; auto picks one by what the certificate holds."""

    auto = "auto"
    gap = "gap"
    data = "data"
    fit = "fit"
    regions = "regions"
    tropical = "tropical"
    proof = "proof"


File = Annotated[Path, typer.Argument(metavar="FILE", help="A certificate of a verb that draws.")]
FigureOption = Annotated[
    Path, typer.Option("-o", "--out", metavar="FIG", help="The figure file: .png, .pdf or .svg.")
]
KindOption = Annotated[
    Kind,
    typer.Option(
        "--figure",
        help="gap: of each network; data: functions over one or two features; fit: targets and outputs; "
        "regions: cells in up to three dimensions; tropical: F and G; "
        "proof: the boxes of a verification. auto: the first that is possible.",
    ),
]


def plot(
    file: File,
    out: FigureOption,
    figure: KindOption = Kind.auto,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Draw the figure that belongs to a certificate."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet import plot as figures
        from exactnet.io import load_certificate

        require_format(out)
        certificate = load_certificate(file)
        possible = _possible(certificate)
        kind = possible[0] if figure is Kind.auto else figure
        draw: dict[Kind, Callable[[Certificate], Figure]] = {
            Kind.gap: figures.gap_figure,
            Kind.data: figures.data_space_figure,
            Kind.fit: figures.fit_figure,
            Kind.regions: figures.region_figure,
            Kind.tropical: figures.tropical_figure,
            Kind.proof: partial(figures.proof_figure, folder=file.parent),
        }
        figures.save_figure(draw[kind](certificate), out)
        others = [other.value for other in possible if other is not kind]
        payload = {"status": "DONE", "figure": str(out), "kind": kind.value, "others": others}
        hints = tuple(f"more         --figure {other}" for other in others)
        shell.answer(Report(f"wrote {out} ({kind.value})", payload, hints))


def _possible(certificate: Certificate) -> list[Kind]:
    """The figures that belong to a certificate, the most telling one first."""
    from exactnet.plot.records import findings

    rules = {record.rule for record in certificate.records}
    if "region_tree" in rules:
        return [Kind.tropical, Kind.regions] if "tropical_form" in rules else [Kind.regions]
    if rules & {"no_counterexample", "counterexample"}:
        return [Kind.proof]
    found = findings(certificate)
    gap = [Kind.gap] if found.networks else []
    data = [Kind.data] if found.n_features <= 2 else []
    return [*gap, *data, Kind.fit]


def require_format(out: Path) -> None:
    """Refuse a figure name that says no format.

    Raises
    ------
    UnsupportedError : neither .png nor .pdf nor .svg.
    """
    if out.suffix.lower() not in FORMATS:
        raise UnsupportedError(
            "unknown figure format",
            where="--out",
            got=str(out),
            expected=f"a name that ends with {', '.join(FORMATS)}",
        )
