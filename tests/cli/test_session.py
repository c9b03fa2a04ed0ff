"""How a command ends: errors, bugs, interrupts, pipes; what goes to stdout and what to stderr."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from rich.console import Console

import exactnet
import exactnet.convex
import exactnet.crosscheck
from exactnet.certificate import Verdict
from exactnet.cli.options import BiasChoice, NormChoice
from exactnet.cli.progress import ProgressLine
from exactnet.convex import Bias, Norm

ROOT = Path(exactnet.__file__).parents[1]
OPTIMUM = ("optimum", "tiny.csv", "--beta", "1/2")


def _raise(error: BaseException) -> Any:
    def broken(*arguments: object, **keywords: object) -> NoReturn:
        raise error

    return broken


def test_help_names_every_verb(cli) -> None:
    answer = cli("--help")
    assert answer.code == 0
    for verb in ("demo", "info", "optimum", "crosscheck", "check", "plot", "doctor", "reproduce"):
        assert verb in answer.out


def test_version(cli) -> None:
    assert cli("--version") == (0, f"exactnet {exactnet.__version__}\n", "")


@pytest.mark.parametrize("arguments", [["nonsense"], ["optimum"], ["optimum", "--nonsense"]])
def test_wrong_usage_is_exit_code_two(cli, arguments: list[str]) -> None:
    answer = cli(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err != ""


def test_the_choices_are_those_of_the_library() -> None:
    assert [choice.value for choice in NormChoice][:2] == ["l2", "l1"]
    assert {choice.value for choice in NormChoice} == {norm.value for norm in Norm}
    assert {choice.value for choice in BiasChoice} == {bias.value for bias in Bias}


def test_an_error_has_four_parts_on_stderr_and_an_object_on_stdout(cli) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "-1", "--json")
    assert answer.code == 2
    assert answer.err.startswith(
        "error: the weight decay must be positive\n  where:    beta\n  got:      -1\n"
    )
    payload = answer.json
    assert (payload["status"], payload["exit_code"]) == ("ERROR", 2)
    assert payload["error"]["kind"] == "InputError"
    assert payload["error"]["where"] == "beta"


def test_a_bug_is_exit_code_seventy_without_a_traceback(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exactnet.convex, "optimum", _raise(ZeroDivisionError("one over nothing")))
    answer = cli(*OPTIMUM, "--json")
    assert (answer.code, answer.json["error"]["kind"]) == (70, "Bug")
    assert "a bug in exactnet: ZeroDivisionError: one over nothing" in answer.err
    assert "Traceback" not in answer.err
    assert "Traceback" in cli(*OPTIMUM, "--traceback").err


def test_a_rejected_certificate_of_our_own_is_a_bug(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from exactnet.cli import certified

    rejected = Verdict(False, "REJECTED step 3 (dual_bound): too large", 3, "dual_bound", "too large")
    monkeypatch.setattr(certified, "check_file", lambda path: rejected)
    answer = cli(*OPTIMUM)
    assert (answer.code, answer.out) == (70, "")
    assert "REJECTED step 3" in answer.err
    assert "PROVED" not in answer.err


def test_an_interrupt_is_undecided_and_says_what_is_kept(
    cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exactnet.crosscheck, "train", _raise(KeyboardInterrupt()))
    answer = cli("crosscheck", "tiny.csv", "--beta", "1/2", "--train", "2", "--json")
    assert (answer.code, answer.json["status"]) == (3, "UNDECIDED")
    assert "kept:  tiny.crosscheck.jsonl" in answer.err
    assert answer.json["kept"] == ["tiny.crosscheck.jsonl"]
    assert cli("check", "tiny.crosscheck.jsonl").code == 0


def test_memory_and_files_end_as_a_limit_and_as_input(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exactnet.convex, "optimum", _raise(MemoryError()))
    assert cli(*OPTIMUM).code == 3
    monkeypatch.setattr(
        exactnet.convex, "optimum", _raise(PermissionError(13, "Permission denied", "a.jsonl"))
    )
    answer = cli(*OPTIMUM)
    assert answer.code == 2
    assert "a.jsonl" in answer.err


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    command = "from exactnet.cli import main; main()"
    arguments = [sys.executable, "-c", command, "info", "tiny.csv"]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}, cwd=folder
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_progress_shows_only_on_a_terminal_and_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from exactnet.cli import progress

    quiet, early = ProgressLine(enabled=False), ProgressLine(enabled=True)
    quiet("cells", 1, 2)
    early("cells", 1, 2)
    early.close()
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr("rich.console.Console", functools.partial(Console, force_terminal=True))
    late = ProgressLine(enabled=True)
    late("cells", 1, None)
    late("rounds", 2, 5)
    late.close()
    late.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert "cells" in err
