"""`exactnet crosscheck` and `exactnet demo`: gaps, labels, certificates, figures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.certificate import check_file
from exactnet.io import save_npz, save_onnx
from exactnet.model import Network

NETWORK_KEYS = {
    "label",
    "loss",
    "loss_decimal",
    "gap_lower",
    "gap_upper",
    "relative_gap",
    "n_dead",
    "n_on_walls",
    "n_duplicates",
}


def test_trained_networks_are_above_the_optimum(cli, folder: Path) -> None:
    answer = cli("crosscheck", "tiny.csv", "--beta", "1/2", "--train", "3", "--json")
    assert answer.code == 0
    payload = answer.json
    assert payload["status"] == "PROVED"
    assert len(payload["networks"]) == 3
    lower, upper = Fraction(payload["lower"]), Fraction(payload["upper"])
    for network in payload["networks"]:
        assert set(network) >= NETWORK_KEYS
        loss = Fraction(network["loss"])
        assert Fraction(network["gap_lower"]) <= loss - lower
        assert Fraction(network["gap_upper"]) >= loss - upper
        assert abs(float(network["loss_decimal"]) - float(loss)) < 1e-12
    assert payload["best"] == min(payload["networks"], key=lambda n: Fraction(n["loss"]))["label"]
    assert check_file(payload["certificate"]).accepted


def test_the_text_has_a_verdict_and_a_row_for_each_network(cli) -> None:
    answer = cli("crosscheck", "tiny.csv", "--beta", "1/2", "--norm", "l1", "--train", "2", "--seed", "7")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0].startswith("PROVED: best of 2 trained networks ")
    assert "2161/1575 (= 1.372063492063...), exactly" in answer.out
    header = next(i for i, line in enumerate(lines) if line.startswith("network  "))
    assert lines[header + 3] == ""
    assert lines[-1].startswith("checker      ACCEPTED")


def test_a_stored_network_has_its_exact_objective(cli) -> None:
    # one neuron relu(x1) / 2: outputs 1, 0, 0, 1/2, residuals 0, 1, -2, 0; penalty (1/2)/2 (1 + 1/4)
    save_npz(Network.from_arrays([([[1, 0]], [0]), ([[0.5]], [0])]), "net.npz")
    payload = cli("crosscheck", "net.npz", "tiny.csv", "--beta", "1/2", "--norm", "l1", "--json").json
    (network,) = payload["networks"]
    assert Fraction(network["loss"]) == Fraction(5, 2) + Fraction(5, 16)
    assert Fraction(network["gap_lower"]) == Fraction(45, 16) - Fraction(2161, 1575)
    assert network["gap_lower"] == network["gap_upper"]


def test_dead_and_repeated_neurons_are_counted(cli) -> None:
    # the second neuron is never active on x1 in {1, 2}; the third repeats the first
    Path("line.csv").write_text("x1,y\n1,1\n2,2\n")
    save_onnx(Network.from_arrays([([[1], [-1], [2]], [0, 0, 0]), ([[0.5, 1, 0.25]], [0])]), "net.onnx")
    payload = cli("crosscheck", "net.onnx", "line.csv", "--beta", "1/10", "--json").json
    (network,) = payload["networks"]
    assert (network["n_neurons"], network["n_dead"], network["n_duplicates"]) == (3, 1, 1)


def test_the_gap_figure_is_drawn_from_the_certificate(cli, folder: Path) -> None:
    cli("crosscheck", "tiny.csv", "--beta", "1/2", "--train", "2", "--out", "two.jsonl")
    answer = cli("plot", "two.jsonl", "-o", "gap.png", "--json")
    assert answer.json == {
        "status": "DONE",
        "figure": "gap.png",
        "kind": "gap",
        "others": ["data", "fit"],
    }
    assert (folder / "gap.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiny.csv"], "there is no network to compare"),
        (["a.onnx", "b.onnx", "tiny.csv"], "too many files"),
        (["missing.onnx", "tiny.csv"], "does not exist"),
        (["missing.csv", "--train", "1"], "does not exist"),
        (["tiny.csv", "--train", "1", "--optimizer", "magic"], "unknown optimizer"),
        (["tiny.csv", "--train", "1", "--backend", "magic"], "unknown backend"),
        (["tiny.csv", "--train", "-1"], "--train"),
    ],
)
def test_wrong_input_says_what_is_wrong(cli, arguments: list[str], message: str) -> None:
    answer = cli("crosscheck", *arguments, "--beta", "1/2")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_a_network_that_does_not_fit_is_refused_before_the_work(cli) -> None:
    save_npz(Network.from_arrays([([[1, 0, 0]], [0]), ([[0.5]], [0])]), "wide.npz")
    assert cli("crosscheck", "wide.npz", "tiny.csv", "--beta", "1/2").code == 2
    save_npz(Network.from_arrays([([[1, 0]], [0]), ([[1]], [0]), ([[1]], [0])]), "deep.npz")
    assert cli("crosscheck", "deep.npz", "tiny.csv", "--beta", "1/2").code == 4


def test_help_names_every_optimizer_and_backend(cli) -> None:
    from exactnet.crosscheck.methods import BACKENDS, METHODS

    text = cli("crosscheck", "--help").out
    assert all(name in text for name in (*METHODS, *BACKENDS))


@pytest.mark.slow
def test_demo_ends_proved_and_accepted(cli, folder: Path) -> None:
    answer = cli("demo", "--out", "demo")
    assert answer.code == 0
    assert answer.out.splitlines()[0].startswith("PROVED: best of 20 trained networks")
    *_, proved, accepted = answer.out.splitlines()
    assert proved.startswith("PROVED")
    # 4 of the optimum (swept, so that no cells are listed), its sharp ends, an evaluation and a gap a network
    assert accepted.startswith("ACCEPTED 45 steps")
    assert check_file(folder / "demo" / "iris.crosscheck.jsonl").accepted
    for figure in ("iris-gap.png", "iris-data.png"):
        assert (folder / "demo" / figure).read_bytes()[:4] == b"\x89PNG"
