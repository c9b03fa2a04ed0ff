"""`exactnet reproduce` on the real statements, and `python -m paper_repro.index`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import paper_repro
from exactnet.cli import run
from exactnet.exact import rational_text
from paper_repro import index, statements
from paper_repro.expectation import Exactly


def test_reproduced_statements_leave_with_zero(capsys):
    assert run(["reproduce", "C16", "C13"]) == 0
    first, _, *lines = capsys.readouterr().out.splitlines()
    assert first == "PROVED: 2 of 2 statements agree"
    assert [line.split()[:2] for line in lines] == [["C13", "PROVED,"], ["C16", "PROVED,"]]
    assert "6737/4900" in lines[1]


def test_one_that_differs_leaves_with_one(capsys, monkeypatch):
    (one,) = (statement for statement in statements() if statement.id == "C16")
    head, *rest = one.expected
    wrong = replace(one, expected=(Exactly(head.name, head.value + 1), *rest))
    monkeypatch.setattr(paper_repro, "_registered", lambda: [wrong])
    assert run(["reproduce", "--json"]) == 1
    payload = json.loads(capsys.readouterr().out)
    assert payload["status"] == "REFUTED"
    assert f"expected {rational_text(head.value + 1)}" in payload["statements"][0]["verdict"]


def test_the_list_computes_nothing(capsys, monkeypatch):
    monkeypatch.setattr("paper_repro.registry.reproduce", lambda statement: pytest.fail("it ran"))
    assert run(["reproduce", "--list", "--area", "convex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{len(statements())} statements\n")
    assert "arXiv 2309.16512" in out


@pytest.mark.parametrize("arguments", [["C00"], ["--area", "alchemy"]])
def test_what_does_not_exist_is_wrong_usage(capsys, arguments):
    assert run(["reproduce", *arguments]) == 2
    assert "C01" in capsys.readouterr().err or "--area" in arguments


def test_the_index_is_written_and_says_whether_all_is_well(outcomes, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(index, "INDEX", tmp_path / "INDEX.md")
    monkeypatch.setattr(index, "run", lambda: list(outcomes.values()))
    assert index.main() == 0
    assert (tmp_path / "INDEX.md").read_text(encoding="utf-8") == index.index_text(list(outcomes.values()))
    assert capsys.readouterr().out == f"INDEX.md: {len(outcomes)} of {len(outcomes)} statements reproduced\n"
