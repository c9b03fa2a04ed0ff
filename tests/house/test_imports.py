"""What is imported when, and who may import whom."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import exactnet

ROOT = Path(__file__).parents[2]
HEAVY = [
    "numpy",
    "scipy",
    "flint",
    "highspy",
    "clarabel",
    "cvxpy",
    "sympy",
    "galgebra",
    "onnx",
    "matplotlib",
    "joblib",
    "numba",
    "torch",
    "sklearn",
    "dask",
]
MODULES = [
    "exactnet",
    *sorted(
        module.name
        for module in pkgutil.walk_packages(exactnet.__path__, "exactnet.")
        if not module.name.endswith("__main__")
    ),
]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("exactnet", [*HEAVY, "rich", "typer"]),
        ("exactnet.checker", [*HEAVY, "rich", "typer", "exactnet.errors", "exactnet.exact"]),
        ("exactnet.cli", HEAVY),
    ],
)
def test_a_light_import_stays_light(module: str, forbidden: list[str]) -> None:
    code = f"import sys, {module}; print(*[name for name in {forbidden!r} if name in sys.modules])"
    done = _run("-c", code)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_exists(name: str) -> None:
    module = importlib.import_module(name)
    missing = [public for public in getattr(module, "__all__", []) if not hasattr(module, public)]
    assert missing == []


def test_the_top_level_list_is_short() -> None:
    assert len(exactnet.__all__) < 30
    assert set(dir(exactnet)) == set(exactnet.__all__)
    with pytest.raises(AttributeError, match="no attribute"):
        _ = exactnet.no_such_name


def test_layers_and_walls_hold() -> None:
    done = _run(
        "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"
    )
    assert done.returncode == 0, done.stdout + done.stderr
