"""`info`, `plot`, `doctor`, `reproduce`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from exactnet.io import save_npz
from exactnet.model import Network


def test_info_counts_degenerate_rows(cli, folder: Path) -> None:
    # duplicate, parallel (doubled, opposite) and zero rows; rank 2
    rows = ["1,1,1", "1,1,2", "2,2,1", "-1,-1,0", "0,0,3", "-1,2,-1"]
    (folder / "dup.csv").write_text("\n".join(["x1,x2,y", *rows, ""]))
    facts = cli("info", "dup.csv", "--json").json
    assert facts["kind"] == "dataset"
    assert (facts["n_samples"], facts["n_features"], facts["rank"]) == (6, 2, 2)
    assert (facts["n_zero_rows"], facts["n_repeated_rows"], facts["n_parallel_rows"]) == (1, 1, 2)
    # two lines through the origin bound four cells
    assert facts["most_cells"]["none"] == 4


def test_info_bounds_the_cells_as_cover_does(cli) -> None:
    facts = cli("info", "tiny.csv", "--json").json
    # 2 (C(3,0) + C(3,1)) and 2 (C(3,0) + C(3,1) + C(3,2))
    assert facts["most_cells"] == {"none": 8, "penalised": 14, "free": 14}


def test_info_of_a_network(cli) -> None:
    save_npz(Network.from_arrays([([[1, 0], [0, 0], [1, 1]], [0, 1, 0]), ([[1, 1, 0]], [0])]), "net.npz")
    facts = cli("info", "net.npz", "--json").json
    assert facts["kind"] == "network"
    assert (facts["n_inputs"], facts["n_outputs"], facts["widths"]) == (2, 1, [3, 1])
    assert facts["n_parameters"] == 3 * 3 + 4
    assert facts["n_unused_neurons"] == 2
    assert facts["can_crosscheck"] is True
    assert "3 -> 1" in cli("info", "net.npz").out


def test_info_counts_skips_and_pieces(cli) -> None:
    layers = [([[1, 0], [0, 1], [0, 0], [0, 0]], None), ([[1, 0]], None)]
    skips = {(2, 0): [[1, 1]]}
    save_npz(Network.from_arrays(layers, activation="maxout", pieces=2, skips=skips), "net.npz")
    facts = cli("info", "net.npz", "--json").json
    assert facts["n_parameters"] == 4 * 3 + (3 + 2)
    assert facts["n_unused_neurons"] == 1
    assert facts["can_crosscheck"] is False
    text = cli("info", "net.npz").out
    assert "maxout(2)" in text
    assert "identity + skip 0" in text
    residual = Network.from_arrays([([[1, 0]], None), ([[1]], None)], skips=skips)
    save_npz(residual, "residual.npz")
    assert cli("info", "residual.npz", "--json").json["can_crosscheck"] is False


def test_info_of_a_certificate_does_not_pretend_to_check_it(cli) -> None:
    cli("optimum", "tiny.csv", "--beta", "1/2")
    answer = cli("info", "tiny.optimum.jsonl")
    assert answer.out.startswith("certificate, not checked yet: the global optimum")
    assert "claim        optimum (enclosure)" in answer.out
    assert "exactnet check FILE" in answer.out


@pytest.mark.parametrize(
    "name", ["missing.csv", "missing.npz", "missing.onnx", "missing.jsonl", "no_such_name"]
)
def test_info_of_nothing(cli, name: str) -> None:
    assert cli("info", name).code == 2


def test_plot_draws_from_the_certificate_alone(cli, folder: Path) -> None:
    cli("optimum", "tiny.csv", "--beta", "1/2")
    (folder / "tiny.csv").unlink()
    answer = cli("plot", "tiny.optimum.jsonl", "-o", "figure.png")
    assert answer == (0, "wrote figure.png (data)\nmore         --figure fit\n", "")
    assert (folder / "figure.png").read_bytes()[:4] == b"\x89PNG"
    assert cli("plot", "tiny.optimum.jsonl", "-o", "fit.svg", "--figure", "fit").code == 0


def test_plot_says_what_it_cannot_draw(cli) -> None:
    cli("optimum", "tiny.csv", "--beta", "1/2")
    assert cli("plot", "tiny.optimum.jsonl", "-o", "figure.gif").code == 4
    answer = cli("plot", "tiny.optimum.jsonl", "-o", "figure.png", "--figure", "gap")
    assert answer.code == 4
    assert "exactnet crosscheck" in answer.err
    assert cli("plot", "missing.jsonl", "-o", "figure.png").code == 2


def test_doctor_finds_this_installation_well(cli) -> None:
    answer = cli("doctor", "--json")
    assert answer.code == 0
    findings = {finding["name"]: finding for finding in answer.json["findings"]}
    assert findings["proof"]["seen"] == "an exact optimum ACCEPTED, its forgery REJECTED"
    assert all(finding["well"] for finding in findings.values())


def test_doctor_reports_what_is_ill(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from exactnet.cli import doctor

    monkeypatch.setattr(doctor, "CORE", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "_proof", lambda: 1 / 0)
    answer = cli("doctor")
    assert answer.code == 70
    assert "not fit for use" in answer.out
    assert "missing: install exactnet again" in answer.out
    assert "ZeroDivisionError" in answer.out


def test_reproduce_delegates(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = ModuleType("paper_repro")
    words = {"C01": "PROVED", "C98": "UNDECIDED", "C99": "REFUTED"}
    papers.statements = lambda *, area, paper: [
        SimpleNamespace(id="C01", area=area or "logic", statement="one equals one", source="folklore")
    ]
    papers.run = lambda ids, *, area, paper, progress: [
        SimpleNamespace(id=one, word=words[one], verdict=f"{words[one]}, as said", agrees=one == "C01")
        for one in ids or ["C01"]
    ]
    monkeypatch.setitem(sys.modules, "paper_repro", papers)
    assert "one equals one" in cli("reproduce", "--list").out
    assert cli("reproduce").out.startswith("PROVED: 1 of 1 statements agree")
    assert cli("reproduce", "C01", "C98", "C99").code == 1
    assert cli("reproduce", "C01", "C98").code == 3
    listed = cli("reproduce", "--list", "--area", "tropical", "--json").json["statements"]
    assert [item["area"] for item in listed] == ["tropical"]


def test_reproduce_without_the_package(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paper_repro", None)
    answer = cli("reproduce")
    assert answer.code == 4
    assert "source tree" in answer.err
