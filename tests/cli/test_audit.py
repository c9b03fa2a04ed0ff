"""`exactnet audit`: the answer, its JSON keys, certificates, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.certificate import check_file
from exactnet.io import save_npz
from exactnet.model import Network

KEYS = {"status", "objective", "lower", "upper", "gap_lower", "gap_upper", "relative_gap", "certificate"}


@pytest.fixture
def model(folder: Path) -> str:
    # relu(x1) / 2 on tiny.csv: outputs 1, 0, 0, 1/2, residuals 0, 1, -2, 0
    save_npz(Network.from_arrays([([[1, 0]], [0]), ([[0.5]], [0])]), folder / "net.npz")
    return "net.npz"


@pytest.mark.parametrize(("options", "penalty"), [((), Fraction(5, 16)), (("--norm", "l1"), Fraction(5, 16))])
def test_the_gap_is_proved(cli, model, options, penalty) -> None:
    answer = cli("audit", model, "tiny.csv", "--beta", "1/2", "--json", *options)
    assert answer.code == 0
    payload = answer.json
    assert set(payload) >= KEYS
    assert payload["status"] == "PROVED"
    objective = Fraction(payload["objective"])
    assert objective == Fraction(5, 2) + penalty
    lower, upper = Fraction(payload["lower"]), Fraction(payload["upper"])
    optimum = Fraction(2161, 1575) if options else Fraction("1.073770178483")
    assert lower <= optimum <= upper
    assert Fraction(payload["gap_lower"]) == max(Fraction(0), objective - upper)
    assert Fraction(payload["gap_upper"]) == objective - lower
    assert payload["optimal"] is False
    assert payload["certificate"] == "net.audit.jsonl"
    assert check_file("net.audit.jsonl").accepted


def test_the_text_names_gap_and_certificate(cli, model) -> None:
    answer = cli("audit", model, "tiny.csv", "--beta", "1/2", "--out", "proof.jsonl.gz")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0].startswith("PROVED: not optimal: the objective exceeds the global optimum by ")
    assert any(line.startswith("gap          at least ") for line in lines)
    assert lines[-2:] == ["certificate  proof.jsonl.gz", "checker      ACCEPTED 6 steps"]
    quiet = cli("audit", model, "tiny.csv", "--beta", "1/2", "--quiet")
    assert quiet.out.count("\n") == 1


def test_refined(cli, model) -> None:
    payload = cli("audit", model, "tiny.csv", "--beta", "1/2", "--refine", "--json").json
    assert payload["refined"] is True
    assert payload["n_patterns"] == 8
    assert Fraction(payload["upper"]) - Fraction(payload["lower"]) < Fraction(1, 10**9)
    check = cli("check", "net.audit.jsonl", "--data", "tiny.csv", "--model", model)
    assert check.code == 0


def test_another_model_is_not_the_audited_one(cli, model, folder: Path) -> None:
    assert cli("audit", model, "tiny.csv", "--beta", "1/2").code == 0
    assert cli("check", "net.audit.jsonl", "--data", "tiny.csv", "--model", model).code == 0
    save_npz(Network.from_arrays([([[1, 0]], [0]), ([[0.25]], [0])]), folder / "other.npz")
    assert cli("check", "net.audit.jsonl", "--model", "other.npz").code == 1


def test_refusals(cli, model, folder: Path) -> None:
    assert cli("audit", model, "tiny.csv", "--beta", "0").code == 2
    assert cli("audit", model, "missing.csv", "--beta", "1").code == 2
    deep = Network.from_arrays([([[1, 0]], [0]), ([[1]], [0]), ([[1]], [0])])
    save_npz(deep, folder / "deep.npz")
    answer = cli("audit", "deep.npz", "tiny.csv", "--beta", "1", "--json")
    assert answer.code == 4
    assert answer.json["status"] == "ERROR"
