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
    assert out.startswith(f"{len(statements(area='convex'))} statements\n")
    assert "arXiv 2309.16512" in out


@pytest.mark.parametrize("paper", ["2002.10553", "2309.16512", "2403.01046", "2202.01331", "2012.13329"])
def test_the_statements_of_a_paper_are_listed(capsys, paper):
    assert run(["reproduce", "--list", "--paper", paper, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["statements"]
    assert [item["id"] for item in listed] == [
        statement.id for statement in statements() if statement.paper.arxiv == paper
    ]
    assert all(f"arXiv {paper}" in item["source"] for item in listed)


def test_the_statements_of_a_paper_are_reproduced(capsys):
    assert run(["reproduce", "--paper", "2202.01331"]) == 0
    first, _, *lines = capsys.readouterr().out.splitlines()
    assert first == "PROVED: 3 of 3 statements agree"
    assert [line.split()[:2] for line in lines] == [[id_, "PROVED,"] for id_ in ("C10", "C11", "R08")]


def test_an_id_of_another_paper_is_wrong_usage(capsys):
    assert run(["reproduce", "C16", "--paper", "2002.10553"]) == 2
    assert "in the paper 2002.10553" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["C00"], ["--area", "alchemy"], ["--paper", "0000.00000"]])
def test_what_does_not_exist_is_wrong_usage(capsys, arguments):
    assert run(["reproduce", *arguments]) == 2
    assert "C01" in capsys.readouterr().err or arguments[0].startswith("--")


def test_the_index_is_written_and_says_whether_all_is_well(outcomes, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(index, "INDEX", tmp_path / "INDEX.md")
    monkeypatch.setattr(index, "run", lambda: list(outcomes.values()))
    assert index.main() == 0
    assert (tmp_path / "INDEX.md").read_text(encoding="utf-8") == index.index_text(list(outcomes.values()))
    assert capsys.readouterr().out == f"INDEX.md: {len(outcomes)} of {len(outcomes)} statements reproduced\n"
