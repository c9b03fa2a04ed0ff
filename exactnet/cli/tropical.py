"""`exactnet tropical MODEL`: a network as a difference F - G of tropical polynomials, with a certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Out, Quiet, Traceback
from exactnet.cli.session import DONE, Session, session
from exactnet.errors import InputError, LimitReached

if TYPE_CHECKING:
    from exactnet.certificate import Result
    from exactnet.model import Network
    from exactnet.tropical import TropicalForm

__all__ = ["tropical"]

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A network: .onnx, .npz or .pt.")]
Layer = Annotated[
    int | None,
    typer.Option("--layer", min=1, metavar="K", help="The units behind layer K instead of the outputs."),
]
Unit = Annotated[
    int | None,
    typer.Option("--unit", min=0, metavar="U", help="This output only (or unit of --layer), counted from 0."),
]
Latex = Annotated[bool, typer.Option("--latex", help="Print F - G in LaTeX.")]
Polymake = Annotated[bool, typer.Option("--polymake", help="Print polymake commands for F and for G.")]
LimitCells = Annotated[
    int | None, typer.Option("--limit-cells", min=1, help="Stop (exit 3) above this many cells.")
]
LimitBits = Annotated[
    int | None,
    typer.Option("--limit-bits", min=1, help="Stop (exit 3) when numbers may get longer than this."),
]
NoProof = Annotated[bool, typer.Option("--no-proof", help="Write no certificate.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Workers; the answer does not depend on it.")]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="FIG", help="Draw F, G and the region map (1 or 2 inputs): .png, .pdf, .svg."
    ),
]

# the faces of all cells are listed for R1 to R6; above this only the cells are counted
MOST_COUNTED = 3000


def tropical(
    model: Model,
    layer: Layer = None,
    unit: Unit = None,
    latex: Latex = False,
    polymake: Polymake = False,
    plot: Plot = None,
    no_proof: NoProof = False,
    limit_cells: LimitCells = None,
    limit_bits: LimitBits = None,
    jobs: Jobs = 1,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Write a network as F - G, two tropical polynomials without superfluous terms."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.cli.certified import certificate_path
        from exactnet.cli.plot import require_format
        from exactnet.io import load_network
        from exactnet.report.tropical import tropical_report

        path = certificate_path(model, "tropical", out)
        if plot is not None:
            require_format(plot)
        network = _part(load_network(model), layer, unit)
        if plot is not None:
            _require_drawable(network)
        limits = (limit_cells, limit_bits)
        result = _formed(shell, network, jobs, limits, proof=False if no_proof else None)
        checked = _checked(shell, result, path, no_proof=no_proof)
        figure = None if plot is None else _drawn(shell, result, plot)
        report = tropical_report(
            result,
            source=repr(network),
            path=None if result.certificate is None else path,
            checker=checked,
            figure=figure,
            text="latex" if latex else "polymake" if polymake else "plain",
        )
        shell.answer(report, code=DONE if no_proof else result.status.exit_code)


def _part(network: Network, layer: int | None, unit: int | None) -> Network:
    from exactnet.tropical import part_of

    if layer is None and unit is None:
        return network
    return part_of(network, len(network.layers) if layer is None else layer, unit=unit)


def _formed(
    shell: Session, network: Network, jobs: int, limits: tuple[int | None, int | None], *, proof: bool | None
) -> Result[TropicalForm]:
    """The tropical form, with all region counts where the cells are few; limits on cells and on bits."""
    from exactnet.geometry import region_task
    from exactnet.geometry.network_cells import network_cells
    from exactnet.tropical import TropicalForm, tropical_form

    limit, bits = limits
    try:
        cells = network_cells(
            region_task(network), count_only=True, jobs=jobs, max_cells=limit, progress=shell.progress
        )
        few = cells.n_cells <= MOST_COUNTED
        return tropical_form(
            network, regions=few, proof=proof, max_bits=bits, jobs=jobs, progress=shell.progress
        )
    except LimitReached as stopped:
        if limit is None:
            raise _with_options(stopped) from None
        try:
            tropical_form(network, max_cells=limit, max_bits=bits, jobs=jobs, proof=False)
        except LimitReached as again:
            form = again.partial
            if isinstance(form, TropicalForm):
                sizes = ", ".join(
                    f"at least {f.numerator.n_terms:,} terms in F and {f.denominator.n_terms:,} in G"
                    for f in form.outputs
                )
                raise LimitReached(
                    f"{again.what}: {sizes}",
                    where=again.where,
                    got=again.got,
                    expected=again.expected,
                    hint="these are lower bounds; raise --limit-cells for all terms",
                    partial=form,
                ) from None
        raise _with_options(stopped) from None


def _with_options(error: LimitReached) -> LimitReached:
    """The same error; its hint names the options instead of the arguments."""
    hint = (error.hint or "").replace("max_bits", "--limit-bits").replace("max_cells", "--limit-cells")
    return LimitReached(
        error.what,
        where=error.where,
        got=error.got,
        expected=error.expected,
        hint=hint or None,
        partial=error.partial,
    )


def _checked(shell: Session, result: Result[TropicalForm], path: Path, *, no_proof: bool) -> str:
    """Write the certificate and have it checked; returns the verdict in words."""
    from exactnet.cli.certified import write_checked
    from exactnet.report.verdict import verdict_summary

    if result.certificate is None:
        return "no certificate was asked for" if no_proof else "too many cells for a certificate"
    return verdict_summary(write_checked(shell, result, path))


def _require_drawable(network: Network) -> None:
    if network.n_inputs > 2 or network.n_outputs > 1:
        raise InputError(
            "this figure needs one or two inputs and one output",
            where="--plot",
            got=f"{network.n_inputs} inputs and {network.n_outputs} outputs",
            hint="choose an output with --unit" if network.n_inputs <= 2 else "leave out --plot",
        )


def _drawn(shell: Session, result: Result[TropicalForm], plot: Path) -> Path:
    from exactnet.plot import save_figure, tropical_figure

    if result.certificate is None:
        raise InputError(
            "the figure is drawn from the certificate, and there is none",
            where="--plot",
            hint="leave out --no-proof",
        )
    return shell.keep(save_figure(tropical_figure(result.certificate), plot))
