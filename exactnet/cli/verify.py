"""`exactnet verify MODEL PROPERTY`: does an input satisfy the assertions? For one, or a list."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import DONE, UNDECIDED, USAGE, Session, session
from exactnet.errors import InputError, LimitReached
from exactnet.report import Report

if TYPE_CHECKING:
    from exactnet.certificate import Result
    from exactnet.verify import Verification

__all__ = ["verify"]


class Semantics(StrEnum):
    """The keys of `exactnet.verify.SEMANTICS`, written again so that `--help` imports nothing heavy."""

    real = "real"
    float32 = "float32"
    both = "both"


ModelArgument = Annotated[
    str | None,
    typer.Argument(metavar="MODEL", help="A network (.onnx, .nnet, .npz, .pt).", show_default=False),
]
PropertyArgument = Annotated[
    str | None, typer.Argument(metavar="PROPERTY", help="Its unsafe points (.vnnlib).", show_default=False)
]
SemanticsOption = Annotated[
    Semantics,
    typer.Option("--semantics", help="Exact arithmetic, every binary32 execution, or both."),
]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="S", min=0, help="Seconds for the search of an instance.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Worker processes of a list.")]
Batch = Annotated[
    Path | None,
    typer.Option("--batch", metavar="CSV", help="A list network,property,seconds; --out is then a folder."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where to write the certificate; with --batch, the folder.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from an unfinished proof, or list.")]
Competition = Annotated[
    bool,
    typer.Option(
        "--vnncomp", help="Answer as in a competition: sat with the point, unsat, unknown, timeout."
    ),
]
Standard = Annotated[
    bool,
    typer.Option(
        "--standard", help="Check with the standard-library checker; by default with the compiled one."
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of the attack.")]


def verify(
    model: ModelArgument = None,
    prop: PropertyArgument = None,
    semantics: SemanticsOption = Semantics.real,
    timeout: Timeout = None,
    batch: Batch = None,
    jobs: Jobs = 1,
    resume: Resume = False,
    vnncomp: Competition = False,
    standard: Standard = False,
    seed: SeedOption = 0,
    out: OutOption = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Prove that no input satisfies the assertions, or find one; every verdict has been checked."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        if batch is not None:
            if model is not None:
                raise _usage("MODEL and PROPERTY, or --batch", f"{model} and --batch {batch}")
            _list(shell, batch, out, semantics.value, timeout, jobs, resume, seed, standard)
        if model is None or prop is None:
            raise _usage("MODEL and PROPERTY, or --batch", "nothing" if model is None else "MODEL only")
        _one(shell, model, prop, semantics.value, timeout, resume, seed, standard, out, vnncomp)


def _usage(expected: str, got: str) -> InputError:
    return InputError("what is to be verified?", where="the command line", got=got, expected=expected)


def _one(
    shell: Session,
    model: str,
    prop: str,
    semantics: str,
    timeout: float | None,
    resume: bool,
    seed: int,
    standard: bool,
    out: Path | None,
    vnncomp: bool,
) -> None:
    from exactnet.cli.certified import certificate_path
    from exactnet.report.verify import verification_report
    from exactnet.verify import competition_answer
    from exactnet.verify import verify as decide

    path = certificate_path(f"{Path(model).stem}__{Path(prop).stem}.x", "cert", out)
    started = time.monotonic()
    with _interruptible() as is_interrupted:
        result = decide(
            model,
            prop,
            semantics=semantics,
            timeout=timeout,
            resume=_partial(path) if resume and _partial(path).exists() else None,
            should_stop=is_interrupted,
            seed=seed,
            folder=path.parent,
            standard_checker=standard,
            progress=shell.progress,
        )
    kept = _saved(shell, result, path)
    report = verification_report(
        result, network=model, prop=prop, path=kept, seconds=time.monotonic() - started
    )
    if vnncomp:
        report = Report(competition_answer(result).rstrip("\n"), report.payload)
    shell.answer(report, code=result.status.exit_code)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C ends the search; what it has reached is checked and saved. A second Ctrl-C ends everything."""
    pressed: list[int] = []

    def note(number: int, frame: object) -> None:
        pressed.append(number)
        if len(pressed) > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _partial(path: Path) -> Path:
    """Where a proof goes that is not complete, and --resume looks for it."""
    return path.with_name(f"{path.name.removesuffix('.gz').removesuffix('.jsonl')}.partial.jsonl.gz")


def _saved(shell: Session, result: Result[Verification], path: Path) -> Path | None:
    """The file of the certificate; an unfinished proof is not put under the name of a finished one."""
    if result.certificate is None:
        return None
    if result.status.name == "UNDECIDED":
        return shell.keep(result.save(_partial(path)))
    _partial(path).unlink(missing_ok=True)
    return shell.keep(result.save(path))


def _list(
    shell: Session,
    batch: Path,
    out: Path | None,
    semantics: str,
    timeout: float | None,
    jobs: int,
    resume: bool,
    seed: int,
    standard: bool,
) -> None:
    from exactnet.report.verify import batch_report
    from exactnet.verify import read_jobs, run_jobs
    from exactnet.verify.batch import TABLE

    if out is None:
        raise InputError(
            "the results of a list need a folder", where="--out", got="nothing", hint="add --out FOLDER"
        )
    try:
        lines = run_jobs(
            read_jobs(batch, timeout=timeout),
            out,
            semantics=semantics,
            n_jobs=jobs,
            seed=seed,
            resume=resume,
            standard_checker=standard,
            progress=shell.progress,
        )
    except KeyboardInterrupt:
        raise LimitReached(
            "stopped by Ctrl-C before the list was done",
            where=str(out / TABLE),
            hint="run the same command again with --resume: what is decided stays",
        ) from None
    if any(line.status == "ERROR" for line in lines):
        code = USAGE
    else:
        code = DONE if all(line.is_decided for line in lines) else UNDECIDED
    shell.answer(batch_report(lines, out=out, semantics=semantics), code=code)
