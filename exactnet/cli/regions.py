"""`exactnet regions MODEL|ARRANGEMENT`: cells, faces and counts of a network or a hyperplane arrangement."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Out, Quiet, Traceback
from exactnet.cli.session import DONE, Session, session
from exactnet.errors import InputError, InvariantError, LimitReached, ShapeError

if TYPE_CHECKING:
    from exactnet.certificate import Result
    from exactnet.geometry import Polyhedron, Regions
    from exactnet.geometry.bounds import PublishedBound
    from exactnet.geometry.enumeration import Partial
    from exactnet.geometry.hyperplanes import Arrangement
    from exactnet.model import Network

__all__ = ["regions"]


class Definition(StrEnum):
    """The six definitions of a region, written again so that `--help` imports nothing heavy."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"


class Engine(StrEnum):
    """The engines of `exactnet.geometry.network_cells`, written again for the same reason."""

    float64 = "float64"
    lp = "lp"
    reference = "reference"


SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|ARRANGEMENT",
        help="A network (.onnx, .npz, .pt), forms a_1, .., a_d, b in a .csv file, or a named arrangement "
        "such as resonance:5, threshold:4, braid:6.",
    ),
]
Box = Annotated[
    str | None,
    typer.Option("--box", metavar="LO,HI", help='Inside a box: -1,1 for all inputs, or "0,1;-1/2,2;..".'),
]
Domain = Annotated[
    Path | None,
    typer.Option(
        "--domain", metavar="CSV", help="Inside a polyhedron: each row a_1, .., b means a.x + b >= 0."
    ),
]
DefinitionOption = Annotated[
    Definition,
    typer.Option("--definition", help="What counts as a region; R2: full-dimensional activation regions."),
]
Faces = Annotated[bool, typer.Option("--faces", help="Count the faces of every dimension too.")]
Betti = Annotated[
    bool, typer.Option("--betti", help="Betti numbers: of the decision boundary, or of the complement.")
]
CountOnly = Annotated[bool, typer.Option("--count-only", help="Only count; write no certificate.")]
LimitCells = Annotated[
    int | None, typer.Option("--limit-cells", min=1, help="Stop (exit 3) above this many cells; resumable.")
]
Resume = Annotated[
    Path | None, typer.Option("--resume", metavar="FILE", help="Go on from the file of a stopped run.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Workers; the answer does not depend on it.")]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FIG", help="Draw them (up to 3 inputs): .png, .pdf, .svg."),
]
EngineOption = Annotated[
    Engine | None, typer.Option("--engine", help="How cells are found; chosen by the input by default.")
]


def regions(
    source: SourceArgument,
    box: Box = None,
    domain: Domain = None,
    definition: DefinitionOption = Definition.R2,
    faces: Faces = False,
    betti: Betti = False,
    count_only: CountOnly = False,
    limit_cells: LimitCells = None,
    resume: Resume = None,
    jobs: Jobs = 1,
    plot: Plot = None,
    engine: EngineOption = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Count the regions of a network or the cells of an arrangement, with a certificate."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        import exactnet.geometry as geometry
        from exactnet.cli.certified import certificate_path
        from exactnet.cli.plot import require_format
        from exactnet.report.regions import region_report

        path = certificate_path(source.replace(":", "-"), "regions", out)
        if plot is not None:
            require_format(plot)
        model = _load(source)
        inside, words = _domain(model, box, domain)
        try:
            result = geometry.regions(
                model,
                domain=inside,
                definition=definition.value,
                faces=faces,
                betti=betti,
                proof=False if count_only else None,
                max_cells=limit_cells,
                resume=None if resume is None else _read_partial(resume),
                jobs=jobs,
                engine=None if engine is None else engine.value,
                progress=shell.progress,
            )
        except LimitReached as error:
            raise _keep_partial(shell, error, model, inside, path) from None
        checked = _checked(shell, result, path, count_only=count_only)
        figure = None if plot is None else _drawn(shell, result, plot)
        report = region_report(
            result,
            source=_described(model, source),
            domain=words,
            path=None if result.certificate is None else path,
            checker=checked,
            figure=figure,
            bounds=[bound for bound in _bounds(model) if bound.is_upper or inside is None],
        )
        # a count that was asked for without a proof is an answer, not a failure
        shell.answer(report, code=DONE if count_only else result.status.exit_code)


# -- reading -------------------------------------------------------------------------------------------


def _load(source: str) -> Network | Arrangement:
    """A network, an arrangement from a table of forms, or one with a name."""
    from exactnet.geometry.hyperplanes import arrangement
    from exactnet.geometry.named import named_arrangement
    from exactnet.io import load_forms, load_network

    suffix = Path(source).suffix.lower()
    if suffix == ".csv":
        forms = load_forms(source)
        return arrangement(forms.rows(), dimension=forms.n_columns - 1, name=Path(source).name)
    if ":" in source and not suffix:
        return named_arrangement(source)
    return load_network(source)


def _domain(
    model: Network | Arrangement, box: str | None, file: Path | None
) -> tuple[Polyhedron | None, str]:
    """The domain of `--box` and `--domain`, both together if both are given, and its name."""
    from exactnet.geometry import Polyhedron
    from exactnet.io import load_forms

    d: int = getattr(model, "n_inputs", 0) or getattr(model, "dimension", 0)
    rows: list[tuple[int | Fraction, ...]] = []
    words = []
    if box is not None:
        low, high = _ends(box, d)
        rows += Polyhedron.box(low, high).rows
        words.append(f"the box {_product(low, high)}")
    if file is not None:
        forms = load_forms(file)
        if forms.n_columns != d + 1:
            raise ShapeError(
                "the domain does not fit the inputs",
                where=str(file),
                got=f"{forms.n_columns} columns",
                expected=f"{d + 1}: a_1, .., a_{d} and b for a.x + b >= 0",
            )
        rows += forms.rows()
        words.append(f"the polyhedron of {file}")
    if not words:
        return None, f"all of R^{d}"
    inside = Polyhedron.from_inequalities([[-a for a in row[:-1]] for row in rows], [row[-1] for row in rows])
    return inside, ", within ".join(words)


def _ends(text: str, d: int) -> tuple[list[str], list[str]]:
    """Lower and upper bounds of a box, one pair for all coordinates or one for each."""
    pairs = [pair.split(",") for pair in text.split(";")]
    if any(len(pair) != 2 for pair in pairs) or len(pairs) not in (1, d):
        raise InputError(
            "not a box",
            where="--box",
            got=repr(text),
            expected=f'LO,HI for all {d} inputs, or {d} pairs, as in "0,1;-1/2,2"',
        )
    if len(pairs) == 1:
        pairs *= d
    return [low.strip() for low, _ in pairs], [high.strip() for _, high in pairs]


def _product(low: list[str], high: list[str]) -> str:
    """The box as a product of intervals, a power where all are equal."""
    sides = [f"[{a}, {b}]" for a, b in zip(low, high, strict=True)]
    return f"{sides[0]}^{len(sides)}" if len(sides) > 1 and len(set(sides)) == 1 else " x ".join(sides)


def _described(model: Network | Arrangement, source: str) -> str:
    from exactnet.model import Network

    if isinstance(model, Network):
        return repr(model)
    return f"{model.n_forms} forms in R^{model.dimension} ({source})"


def _bounds(model: Network | Arrangement) -> tuple[PublishedBound, ...]:
    """What is published about all networks of these widths, or all arrangements of as many hyperplanes."""
    from exactnet.geometry.bounds import PublishedBound, published_bounds, zaslavsky_bound
    from exactnet.model import Network

    if isinstance(model, Network):
        return published_bounds(model)
    if not model.dimension or not model.n_forms:
        return ()
    largest = zaslavsky_bound(model.dimension, model.n_forms)
    return tuple(PublishedBound("Zaslavsky 1975", largest, is_upper) for is_upper in (True, False))


# -- evidence ------------------------------------------------------------------------------------------


# the standard-library checker takes up to half a millisecond a cell; above this the compiled one answers
MOST_CHECKED_SLOWLY = 20_000


def _checked(shell: Session, result: Result[Regions], path: Path, *, count_only: bool) -> str:
    """Write the certificate and have it checked; returns the verdict in words."""
    from exactnet.cli.certified import write_checked
    from exactnet.report.verdict import verdict_summary

    if result.certificate is None:
        return "no certificate was asked for" if count_only else "too many cells for a certificate"
    is_large = result.value.n_cells > MOST_CHECKED_SLOWLY
    slow = any(record.rule in ("faces", "region_count") for record in result.certificate.records)
    if not is_large or slow:
        return verdict_summary(write_checked(shell, result, path))
    return _checked_fast(shell, result, path)


def _checked_fast(shell: Session, result: Result[Regions], path: Path) -> str:
    """The verdict of the compiled checker; the standard-library one takes minutes and is left to the user.

    Raises
    ------
    InvariantError : it rejects what exactnet itself wrote.
    """
    from exactnet.certificate.fast_check import fast_check

    shell.progress("writing the certificate", 0, None)
    result.save(path)
    shell.progress("checking the certificate", 0, None)
    verdict = fast_check(path.read_bytes())
    if not verdict.accepted:
        raise InvariantError(
            f"the compiled checker rejects the certificate of this answer: {verdict.line}",
            reproduction=f"the rejected file is {path}",
        )
    shell.keep(path)
    short = verdict.line.partition(":")[0]
    return f"{short} (compiled; the independent one: python -m exactnet.checker {path})"


# a point in each cell, in integers: some milliseconds a cell
MOST_SHOWN = 5000


def _keep_partial(
    shell: Session,
    error: LimitReached,
    model: Network | Arrangement,
    inside: Polyhedron | None,
    path: Path,
) -> LimitReached:
    """Save what a stopped run has found, certify it if that is quick; the error says how to go on."""
    from exactnet.cli.certified import write_checked
    from exactnet.geometry.cell_file import save_partial, write_count
    from exactnet.geometry.enumeration import at_least
    from exactnet.geometry.network_cells import NetworkCells
    from exactnet.geometry.stream import CellCount

    partial = error.partial
    if not isinstance(partial, NetworkCells | CellCount):
        return error
    kept = path.with_name(f"{path.name.removesuffix('.gz').removesuffix('.jsonl')}.part")
    if isinstance(partial, NetworkCells):
        save_partial(partial, kept)
    else:
        write_count(partial, kept)
    shell.keep(kept)
    if isinstance(partial, NetworkCells) and 0 < partial.n_cells <= MOST_SHOWN:
        write_checked(shell, at_least(model, partial.n_cells, domain=inside), path)
    return LimitReached(
        f"{error.what}: at least {partial.n_cells:,} cells",
        where=error.where,
        got=error.got,
        expected=error.expected,
        hint=f"run the same command again with --resume {kept}, and a higher --limit-cells if there is one",
        partial=partial,
    )


def _read_partial(file: Path) -> Partial:
    """The unfinished count of an earlier run, of either kind."""
    from exactnet.geometry.cell_file import load_partial, read_count

    if not file.is_file():
        raise InputError("there is no such file", where="--resume", got=str(file))
    is_archive = file.read_bytes()[:2] == b"PK"
    return load_partial(file) if is_archive else read_count(file)


def _drawn(shell: Session, result: Result[Regions], plot: Path) -> Path:
    from exactnet.plot import region_figure, save_figure

    if result.certificate is None:
        raise InputError(
            "the figure is drawn from the certificate, and there is none",
            where="--plot",
            hint="leave out --count-only",
        )
    return shell.keep(save_figure(region_figure(result.certificate), plot))
