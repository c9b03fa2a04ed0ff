"""`exactnet tropical`: formulas, certificates, limits and figures, from a file as a user has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exactnet.certificate import check_file
from exactnet.io import save_npz
from exactnet.model import Network
from exactnet.tropical.json_text import from_json
from exactnet.tropical.software import from_polymake
from exactnet.tropical.text import from_latex
from paper_repro.anchors import random_integer_network

KEYS = {"status", "n_monomials_F", "n_monomials_G", "regions", "F", "G", "certificate"}
TENT = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])


@pytest.fixture
def tent(folder: Path) -> Path:
    save_npz(TENT, folder / "tent.npz")
    return folder / "tent.npz"


@pytest.fixture
def net(folder: Path) -> Path:
    save_npz(random_integer_network([2, 4, 4, 1], 1), folder / "net.npz")
    return folder / "net.npz"


def test_the_formula(cli, tent: Path, folder: Path) -> None:
    answer = cli("tropical", "tent.npz")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "PROVED: f = F - G with 2 essential terms in F and 2 in G, from 3 activation regions"
    assert "F            max(0, 2*x1)" in lines
    assert "G            max(0, -4 + 4*x1)" in lines
    assert "checker      ACCEPTED 10 steps" in lines
    assert answer.err == ""
    assert check_file(folder / "tent.tropical.jsonl").accepted


def test_json_has_the_keys_that_programs_read(cli, net: Path, folder: Path) -> None:
    payload = cli("tropical", "net.npz", "--json").json
    assert set(payload) >= KEYS
    assert (payload["status"], payload["n_monomials_F"], payload["n_monomials_G"]) == ("PROVED", 13, 17)
    counts = {name: payload["regions"][name] for name in ("R1", "R2", "R4", "R5", "R6")}
    assert counts == {"R1": 33, "R2": 32, "R4": 29, "R5": 29, "R6": 29}
    assert payload["regions"]["R3"] == [30, 31]
    F, G = (from_json(json.dumps(payload[name])) for name in ("F", "G"))
    network = random_integer_network([2, 4, 4, 1], 1)
    for x in ([0, 0], ["1/2", -3], [-7, "5/3"]):
        assert (F(x) - G(x),) == network(x)
    assert check_file(folder / payload["certificate"]).accepted


def test_other_systems_can_read_it(cli, tent: Path) -> None:
    text = cli("tropical", "tent.npz", "--latex").out
    line = next(line for line in text.splitlines() if line.startswith("f = "))
    assert from_latex(line.removeprefix("f = ")).numerator.n_terms == 2
    lines = cli("tropical", "tent.npz", "--polymake").out.splitlines()
    start = lines.index("# F")
    assert from_polymake("\n".join(lines[start + 1 : lines.index("# G")])).n_terms == 2


def test_layers_units_and_several_outputs(cli, net: Path, folder: Path) -> None:
    payload = cli("tropical", "net.npz", "--layer", "1", "--json").json
    assert (payload["n_monomials_F"], payload["n_monomials_G"]) == ([2] * 4, [1] * 4)
    one = cli("tropical", "net.npz", "--layer", "1", "--unit", "2", "--quiet")
    assert one.out.startswith("PROVED: f = F - G with 2 essential terms in F and 1 in G")
    assert cli("tropical", "net.npz", "--layer", "1", "--unit", "4").code == 2
    assert cli("tropical", "net.npz", "--layer", "9").code == 2


@pytest.mark.parametrize(("widths", "figure"), [([1, 3, 2, 1], "a.png"), ([2, 4, 4, 1], "b.svg")])
def test_figures(cli, folder: Path, widths, figure: str) -> None:
    save_npz(random_integer_network(widths, 1), folder / "net.npz")
    answer = cli("tropical", "net.npz", "--plot", figure)
    assert answer.code == 0, answer.err
    assert (folder / figure).stat().st_size > 5000
    again = cli("plot", "net.tropical.jsonl", "-o", "again.png")
    assert again.out.startswith("wrote again.png (tropical)")
    assert cli("plot", "net.tropical.jsonl", "-o", "map.png", "--figure", "regions").code == 0


def test_figures_that_cannot_be_drawn(cli, folder: Path, net: Path) -> None:
    assert cli("tropical", "net.npz", "--plot", "a.png", "--no-proof").code == 2
    assert cli("tropical", "net.npz", "--plot", "a.bmp").code == 4
    save_npz(random_integer_network([3, 4, 2], 1), folder / "wide.npz")
    answer = cli("tropical", "wide.npz", "--plot", "a.png")
    assert (answer.code, "3 inputs" in answer.err) == (2, True)


def test_without_a_proof(cli, net: Path, folder: Path) -> None:
    answer = cli("tropical", "net.npz", "--no-proof", "--json")
    assert (answer.code, answer.json["status"], answer.json["certificate"]) == (0, "UNDECIDED", None)
    assert not (folder / "net.tropical.jsonl").exists()


def test_a_limit_states_lower_bounds(cli, net: Path) -> None:
    answer = cli("tropical", "net.npz", "--limit-cells", "10")
    assert answer.code == 3
    assert "at least" in answer.err
    assert "lower bounds" in answer.err


def test_a_limit_on_the_length_of_numbers(cli, net: Path) -> None:
    answer = cli("tropical", "net.npz", "--limit-bits", "3")
    assert answer.code == 3
    assert "longer than allowed" in answer.err
    assert "raise --limit-bits" in answer.err
    assert cli("tropical", "net.npz", "--limit-bits", "64", "--limit-cells", "1000").code == 0
