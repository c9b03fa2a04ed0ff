"""Rules of the house that can be read off the source text."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import exactnet

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "exactnet"
SOURCES = sorted(LIBRARY.rglob("*.py"))

# where a float guess is made and a tolerance can only cost speed, never truth
TOLERANCES_ALLOWED = (
    "crosscheck/",
    "convex/solve.py",
    "convex/generate.py",
    "convex/polish.py",
    "exact/lp.py",
)
PRINTING_ALLOWED = ("cli/", "checker/__main__.py")
MOST_LINES = 400


def _name(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _in(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == place or (place.endswith("/") and name.startswith(place)) for place in allowed)


def _small_floats(path: Path) -> list[str]:
    """Float literals that look like a tolerance."""
    text = path.read_text(encoding="utf-8")
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            literal = ast.get_source_segment(text, node) or ""
            if re.search("[eE]-", literal) or 0 < node.value < 1 / 1000:
                found.append(f"line {node.lineno}: {literal}")
    return found


def test_there_are_no_tolerances_outside_the_float_rooms() -> None:
    found = {
        _name(path): literals
        for path in SOURCES
        if not _in(_name(path), TOLERANCES_ALLOWED) and (literals := _small_floats(path))
    }
    assert found == {}


def test_the_scan_sees_a_tolerance(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text('tolerance = 1e-9\nother = 0.00001\ntext = "1e-9"\nlarge = 1e9\nhalf = 0.5\n')
    assert _small_floats(guilty) == ["line 1: 1e-9", "line 2: 0.00001"]


def test_the_library_prints_nothing() -> None:
    guilty = [
        f"{_name(path)}, line {node.lineno}"
        for path in SOURCES
        if not _in(_name(path), PRINTING_ALLOWED)
        for node in _nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert guilty == []


def test_no_environment_variable_changes_a_result() -> None:
    guilty = [
        _name(path)
        for path in SOURCES
        for node in _nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert guilty == []


def test_files_can_be_read_in_one_sitting() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module starts with one sentence on what it is"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # the build reads the version from this file, so that it is written once
    assert project["tool"]["hatch"]["version"]["path"] == "exactnet/version.py"
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, flags=re.MULTILINE)
    assert newest is not None
    assert exactnet.__version__ == newest.group(1)
