"""`exactnet check`: the verdict of the checker, and whether it is about this data and this model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exactnet.io import load_network, save_npz
from exactnet.model import Network


@pytest.fixture
def proof(cli) -> str:
    """A certificate of an l1 optimum of tiny.csv."""
    assert cli("optimum", "tiny.csv", "--beta", "1/2", "--norm", "l1").code == 0
    return "tiny.optimum.jsonl"


def test_the_verdict_is_that_of_the_independent_checker(cli, proof: str) -> None:
    answer = cli("check", proof)
    checker = subprocess.run(
        [sys.executable, "-m", "exactnet.checker", proof],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert answer == (0, checker.stdout, "")
    assert answer.out.startswith("ACCEPTED 7 steps: the optimum of problem is 2161/1575")


def test_a_changed_certificate_is_rejected(cli, proof: str, folder: Path) -> None:
    path = folder / proof
    path.write_text(path.read_text().replace("2161/1575", "2161/1576"))
    answer = cli("check", proof)
    assert answer.code == 1
    assert answer.out.startswith("REJECTED step ")
    payload = cli("check", proof, "--json").json
    assert payload["status"] == "REJECTED"
    assert payload["step"] is not None


def test_a_file_that_is_not_there_or_no_certificate(cli) -> None:
    assert cli("check", "missing.jsonl").code == 2
    assert cli("check", "tiny.csv").code == 1


def test_the_data_of_the_proof_are_compared_number_by_number(cli, proof: str, folder: Path) -> None:
    assert cli("check", proof, "--data", "tiny.csv").code == 0
    same = "a,b,target\n2.0,1,1\n-1,2,-1\n-1,-1,2\n1,-3,1/2\n"
    (folder / "same.csv").write_text(same.replace("1/2", "5e-1"))
    assert cli("check", proof, "--data", "same.csv").code == 0
    (folder / "other.csv").write_text(same.replace("1/2", "0.51"))
    answer = cli("check", proof, "--data", "other.csv", "--json")
    assert (answer.code, answer.json["status"]) == (1, "REJECTED")
    assert answer.json["line"] == (
        "REJECTED data other.csv: sample 4, column 3 is 51/100, not 1/2 as in the certificate"
    )
    (folder / "short.csv").write_text("x1,y\n1,2\n")
    assert "1 samples of 1 features, not the 4 of 2" in cli("check", proof, "--data", "short.csv").out


def test_the_model_of_the_proof_is_compared_neuron_by_neuron(cli, folder: Path) -> None:
    network = Network.from_arrays([([[1, 0], [0, -1]], [0, 0]), ([[0.5, -0.25]], [0])])
    save_npz(network, "net.npz")
    save_npz(Network.from_arrays([([[1, 0], [0, -1]], [0, 0]), ([[0.5, -0.5]], [0])]), "other.npz")
    assert load_network("net.npz") == network
    assert cli("crosscheck", "net.npz", "tiny.csv", "--beta", "1/2").code == 0
    assert cli("check", "net.crosscheck.jsonl", "--model", "net.npz", "--data", "tiny.csv").code == 0
    answer = cli("check", "net.crosscheck.jsonl", "--model", "other.npz")
    assert answer.code == 1
    assert "none of the networks in the certificate" in answer.out
