from __future__ import annotations

import ast
import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import exactnet.checker
from exactnet.certificate import certificate_text
from exactnet.checker.__main__ import main
from tests.support.tiny import tiny

TEXT = certificate_text(tiny("line", bias="free"))
FOLDER = Path(exactnet.checker.__file__).parent
ROOT = FOLDER.parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exactnet.checker", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_one_line_and_an_exit_code(tmp_path: Path) -> None:
    good, packed, bad = tmp_path / "good.jsonl", tmp_path / "packed.gz", tmp_path / "bad.jsonl"
    good.write_bytes(TEXT.encode())
    packed.write_bytes(gzip.compress(TEXT.encode()))
    bad.write_bytes(TEXT.replace('"targets":["0"', '"targets":["1"', 1).encode())
    for path in (good, packed):
        done = run(str(path))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("ACCEPTED 9 steps: ")
        assert done.stdout.count("\n") == 1
    done = run(str(bad))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("REJECTED step 1 (problem): ")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["/no/such/file"], ["."]])
def test_what_cannot_be_opened(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(("usage: ", "cannot open "))


def test_the_standard_library_and_nothing_else() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules = [node.module or ""]
            else:
                continue
            for module in modules:
                standard = module.partition(".")[0] in sys.stdlib_module_names
                assert standard or module.startswith("exactnet.checker"), f"{path.name} imports {module}"


def test_the_folder_works_on_its_own(tmp_path: Path) -> None:
    # copied out of exactnet, without site-packages
    shutil.copytree(FOLDER, tmp_path / "exactnet" / "checker", ignore=shutil.ignore_patterns("__pycache__"))
    certificate = tmp_path / "certificate.jsonl"
    certificate.write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-S", "-E", "-m", "exactnet.checker", str(certificate)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ACCEPTED 9 steps: ")


def test_no_heavy_package_is_loaded() -> None:
    code = "import sys, exactnet.checker.__main__; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = {name.partition(".")[0] for name in ast.literal_eval(done.stdout)}
    assert not loaded & {"numpy", "scipy", "flint", "highspy", "sympy"}
