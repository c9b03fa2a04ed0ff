"""What every verb shares: where the answer goes, how errors end, which exit code leaves the process.

stdout carries the answer (plain text with the verdict first, or one JSON object), stderr everything
else. Nothing in here knows what the verbs compute.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import traceback as tracebacks
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from exactnet.cli.progress import ProgressLine
from exactnet.errors import ExactnetError, InputError, LimitReached
from exactnet.report import Report

__all__ = ["BUG", "DONE", "REFUTED", "UNDECIDED", "UNSUPPORTED", "USAGE", "Session", "session"]

DONE, REFUTED, USAGE, UNDECIDED, UNSUPPORTED, BUG = 0, 1, 2, 3, 4, 70


class Session:
    """One run of one verb: its output switches, its progress line, the files it has written so far."""

    def __init__(self, *, as_json: bool, quiet: bool, traceback: bool) -> None:
        self.as_json, self.quiet, self.traceback = as_json, quiet, traceback
        self.kept: list[Path] = []
        self.progress = ProgressLine(enabled=not quiet and sys.stderr.isatty())

    def keep(self, path: Path) -> Path:
        """Remember a finished file, so that an interrupted run can say what it leaves behind."""
        self.kept.append(path)
        return path

    def answer(self, report: Report, *, code: int = DONE) -> NoReturn:
        """Print the report (as text, or as one JSON object) and leave with `code`."""
        self.progress.close()
        try:
            print(json.dumps(report.payload) if self.as_json else report.text(quiet=self.quiet), flush=True)
        except BrokenPipeError:  # `exactnet ... | head -1`: the reader has what it wanted
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(code)

    def say(self, line: str) -> None:
        """One line to stderr, unless --quiet."""
        if not self.quiet:
            self.progress.close()
            print(line, file=sys.stderr, flush=True)

    def fail(self, error: ExactnetError) -> NoReturn:
        """Report an error in its four parts and leave with its exit code."""
        self.progress.close()
        print(f"error: {error}", file=sys.stderr, flush=True)
        self._say_kept()
        if self.as_json:
            payload = {**_error_payload(error), "kept": [str(path) for path in self.kept]}
            print(json.dumps(payload), flush=True)
        raise typer.Exit(error.exit_code)

    def _say_kept(self) -> None:
        for path in self.kept:
            print(f"kept:  {path}", file=sys.stderr)


@contextmanager
def session(*, as_json: bool, quiet: bool, traceback: bool) -> Iterator[Session]:
    """Run the body of a verb; every way it can end becomes a message and an exit code.

    Raises
    ------
    typer.Exit
        Always, when the body ends by an error; the body itself leaves through `Session.answer`.
    """
    shell = Session(as_json=as_json, quiet=quiet, traceback=traceback)
    try:
        yield shell
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        stopped = LimitReached(
            "stopped by Ctrl-C before the answer was complete", hint="run the same command again"
        )
        shell.fail(stopped)
    except ExactnetError as error:
        _show_traceback(shell)
        shell.fail(error)
    except MemoryError:
        _show_traceback(shell)
        shell.fail(
            LimitReached("the memory of this machine is used up", hint="use fewer samples or fewer features")
        )
    except OSError as error:
        _show_traceback(shell)
        shell.fail(_unusable_file(error))
    except Exception as error:
        _show_traceback(shell)
        shell.fail(_BugError(error))
    finally:
        shell.progress.close()


class _BugError(ExactnetError):
    """An exception nobody meant to raise; shown as a short report instead of a raw traceback."""

    exit_code = BUG

    def __init__(self, error: Exception) -> None:
        frames = tracebacks.extract_tb(error.__traceback__)
        last = frames[-1] if frames else None
        super().__init__(
            f"a bug in exactnet: {type(error).__name__}: {error}",
            where=None if last is None else f"{Path(last.filename).name}, line {last.lineno}, in {last.name}",
            got=f"exactnet {shlex.join(sys.argv[1:])}",
            hint="please report these lines, and the input file if you can; --traceback shows all of it",
        )


def _unusable_file(error: OSError) -> InputError:
    return InputError(
        f"a file cannot be used: {error.strerror or error}",
        where=None if error.filename is None else str(error.filename),
        hint="check the path and its permissions",
    )


def _error_payload(error: ExactnetError) -> dict[str, object]:
    """The JSON form of an error: the same parts as the message on stderr."""
    kind = "Bug" if isinstance(error, _BugError) else type(error).__name__
    parts = {
        "what": error.what,
        "where": error.where,
        "got": error.got,
        "expected": error.expected,
        "do": error.hint,
    }
    payload = {"exit_code": error.exit_code, "error": {"kind": kind, **parts}}
    if not isinstance(error, LimitReached):
        return {"status": "ERROR", **payload}
    found = getattr(error.partial, "n_cells", None)
    return {"status": "UNDECIDED", **({} if found is None else {"at_least": found}), **payload}


def _show_traceback(shell: Session) -> None:
    if shell.traceback:
        shell.progress.close()
        tracebacks.print_exc(file=sys.stderr)
