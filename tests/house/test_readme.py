"""The README is run: its console session in order, its Python example, its commands and options."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# the shell may not have the commands on its path: the tests may run from the source tree
PRELUDE = f"""
exactnet() {{ '{sys.executable}' -m exactnet.cli "$@"; }}
python() {{ '{sys.executable}' "$@"; }}
"""


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def _steps(session: str) -> list[tuple[str, list[str]]]:
    """(command, expected lines) pairs of a console session."""
    steps: list[tuple[str, list[str]]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    return steps


def _shell(command: str, folder: Path) -> str:
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-c", PRELUDE + command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def _require(expected: list[str], out: str, command: str) -> None:
    """Each expected line is a line of the output, in this order; "..." stands for anything."""
    lines = iter(out.splitlines())
    for line in expected:
        pattern = ".*".join(re.escape(part) for part in line.split("..."))
        assert line == "..." or any(re.fullmatch(pattern, seen) for seen in lines), (
            f"{command}: {line}\n{out}"
        )


def test_the_console_session_runs_as_printed(tmp_path: Path) -> None:
    for session in _blocks("console"):
        for command, expected in _steps(session):
            _require(expected, _shell(command, tmp_path), command)


def test_the_python_example_runs(tmp_path: Path) -> None:
    example = "\n".join(_blocks("python"))
    script = tmp_path / "example.py"
    script.write_text(example)
    out = _shell(f"python {script.name}", tmp_path)
    assert out.startswith("PROVED: ")
    assert "\nACCEPTED " in out
    assert (tmp_path / "comparison.jsonl").is_file()


def test_every_verb_of_the_readme_exists_and_every_verb_is_in_it() -> None:
    from exactnet.cli.app import app

    verbs = {
        command.name or command.callback.__name__.replace("_", "-")
        for command in app.registered_commands
        if command.callback
    }
    assert set(re.findall(r"`exactnet ([a-z-]+)", README)) | {"demo"} == verbs


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(name: str) -> None:
    assert (ROOT / name).exists()
