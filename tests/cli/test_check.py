"""`exactnet check`: the verdict of the checker, and whether it is about this data and this model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exactnet.certificate import write_certificate
from exactnet.io import load_network, save_npz
from exactnet.model import AffineLayer, Network
from tests.checker.region_cases import arrangement_proof, proof_of


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


# -- regions -------------------------------------------------------------------------------------------

WEIGHTS = [([[1, 0.5], [0, -1]], [0, 1]), ([[0.5, -0.25]], [0])]


def test_the_model_of_a_region_tree_is_compared_number_by_number(cli, folder: Path) -> None:
    write_certificate(proof_of(Network.from_arrays(WEIGHTS)), "proof.jsonl.gz")
    save_npz(Network.from_arrays(WEIGHTS), "net.npz")
    answer = cli("check", "proof.jsonl.gz", "--model", "net.npz")
    assert answer.code == 0
    assert answer.out.startswith("ACCEPTED 4 steps: network has exactly 4 activation regions")
    for layers, activation, text in (
        (
            [WEIGHTS[0], ([[0.5, -0.5]], [0])],
            "relu",
            "layer 2 differs from network in the certificate: weight 1, 2",
        ),
        (
            [WEIGHTS[0], ([[0.5, -0.25]], [1])],
            "relu",
            "layer 2 differs from network in the certificate: bias 1 is 1",
        ),
        (WEIGHTS, "abs", "layer 1 differs from network in the certificate: its activation is abs, not relu"),
        ([([[1, 0.5]], [0]), ([[1]], [0])], "relu", "its weight is 1 x 2, not 2 x 2"),
        ([WEIGHTS[0]], "relu", "2 inputs and 1 layers, not 2 and 2 as network"),
    ):
        save_npz(Network.from_arrays(layers, activation=activation), "other.npz")
        answer = cli("check", "proof.jsonl.gz", "--model", "other.npz", "--json")
        assert (answer.code, answer.json["status"]) == (1, "REJECTED")
        assert "REJECTED model other.npz: " in answer.json["line"]
        assert text in answer.json["line"]


def test_skips_and_pieces_are_compared_too() -> None:
    from exactnet.certificate import network_record
    from exactnet.cli.binding import model_difference

    first = AffineLayer.from_arrays([[1], [2]], activation="maxout", pieces=2)
    last = [AffineLayer.from_arrays([[1]], activation="relu", skips={0: [[k]]}) for k in (1, 2)]
    records = [network_record(Network((first, last[0])))]
    assert model_difference(records, Network((first, last[0]))) is None
    assert "its skips are others" in str(model_difference(records, Network((first, last[1]))))
    other = AffineLayer.from_arrays([[1]], activation="relu")
    assert "its activation" in str(model_difference(records, Network((other, last[0]))))


def test_a_sample_is_no_verdict(cli) -> None:
    write_certificate(arrangement_proof([(1, 0, 0), (0, 1, 0)], 2), "proof.jsonl")
    answer = cli("check", "proof.jsonl", "--sample", 2, "--seed", 5)
    assert answer.code == 3
    assert answer.out.startswith("SAMPLED 4 steps: looked at 2 of 4 leaves of cells")
    assert cli("check", "proof.jsonl", "--sample", 2, "--json").json["status"] == "SAMPLED"
    assert cli("check", "proof.jsonl", "--sample", 0).code == 2
    save_npz(Network.from_arrays(WEIGHTS), "net.npz")
    assert cli("check", "proof.jsonl", "--sample", 2, "--model", "net.npz").code == 1
