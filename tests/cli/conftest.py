"""Run the command line in this process, in a fresh folder, and read what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from exactnet.cli import run

# the standing data set A: four samples in general position, 8 activation patterns
TINY = "x1,x2,y\n2,1,1\n-1,2,-1\n-1,-1,2\n1,-3,0.5\n"


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the data set tiny.csv in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.csv").write_text(TINY)
    return tmp_path


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cli("optimum", "tiny.csv", ...)` gives the exit code, stdout and stderr."""

    def command(*arguments: object) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return command
