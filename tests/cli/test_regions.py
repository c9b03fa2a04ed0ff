"""`exactnet regions`: counts, certificates, limits and figures, from files as a user has them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from exactnet.certificate import check_file
from exactnet.io import save_npz
from exactnet.model import Network

KEYS = {"status", "definition", "n_regions", "signs_decided", "certificate"}
TENT = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
# three lines that meet in pairs: 7 cells, 1 bounded
LINES = "1,0,0\n0,1,0\n1,1,-1\n"


@pytest.fixture
def lines(folder: Path) -> Path:
    path = folder / "lines.csv"
    path.write_text(LINES)
    return path


@pytest.fixture
def tent(folder: Path) -> Path:
    save_npz(TENT, folder / "tent.npz")
    return folder / "tent.npz"


def test_the_cells_of_an_arrangement(cli, lines: Path, folder: Path) -> None:
    answer = cli("regions", "lines.csv", "--faces", "--betti")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "PROVED: 7 activation regions (R2), 1 bounded"
    assert "f-vector     (3, 9, 7)" in answer.out
    assert "Betti        (1, 3, 3) of the complement" in answer.out
    assert "checker      ACCEPTED" in answer.out
    assert answer.err == ""
    assert check_file(folder / "lines.regions.jsonl").accepted


def test_json_has_the_keys_that_programs_read(cli, tent: Path, folder: Path) -> None:
    payload = cli("regions", "tent.npz", "--faces", "--betti", "--json").json
    assert set(payload) >= KEYS | {"f_vector", "betti"}
    assert (payload["status"], payload["definition"], payload["n_regions"]) == ("PROVED", "R2", 3)
    assert payload["f_vector"] == [2, 3]
    # the tent is zero on a half-line and at one more point
    assert payload["betti"][0] == 2
    assert check_file(folder / payload["certificate"]).accepted
    plain = cli("regions", "tent.npz", "--json").json
    assert "f_vector" not in plain
    assert "betti" not in plain


@pytest.mark.parametrize(
    ("box", "n"), [("-1,1", 2), ("0,1", 1), ("1/2,3/2", 2), ("0.5,0.75", 1), ("2,2", 0), ("-9,9", 3)]
)
def test_a_box(cli, tent: Path, box: str, n: int) -> None:
    payload = cli("regions", "tent.npz", "--box", box, "--json").json
    assert (payload["status"], payload["n_regions"]) == ("PROVED", n)
    assert payload["domain"].startswith("the box [")


def test_a_box_with_one_pair_a_coordinate_and_a_polyhedron(cli, lines: Path, folder: Path) -> None:
    assert cli("regions", "lines.csv", "--box", "0,2;0,2", "--json").json["n_regions"] == 2
    (folder / "domain.csv").write_text("a1,a2,b\n-1,-1,1\n1,0,0\n0,1,0\n")
    assert cli("regions", "lines.csv", "--domain", "domain.csv", "--json").json["n_regions"] == 1
    both = cli("regions", "lines.csv", "--domain", "domain.csv", "--box", "2,3", "--json").json
    assert (both["status"], both["n_regions"]) == ("PROVED", 0)


@pytest.mark.parametrize(("definition", "n"), [("R1", 3), ("R2", 3), ("R4", 3), ("R5", 3), ("R6", 3)])
def test_a_definition(cli, tent: Path, definition: str, n: int) -> None:
    payload = cli("regions", "tent.npz", "--definition", definition, "--json").json
    assert (payload["definition"], payload["n_regions"], payload["status"]) == (definition, n, "PROVED")
    assert definition == "R2" or f"({definition})" in cli("check", payload["certificate"]).out


def test_the_fewest_polyhedra_are_undecided(cli, tent: Path) -> None:
    answer = cli("regions", "tent.npz", "--definition", "R3")
    assert answer.code == 3
    assert answer.out.splitlines()[0] == (
        "UNDECIDED: 3 linear regions (R3); 3 cells; the cells are proved, the count by this definition is "
        "computed but not certified"
    )
    assert "checker      ACCEPTED" in answer.out
    payload = cli("regions", "tent.npz", "--definition", "R3", "--json").json
    assert (payload["status"], payload["at_least"], payload["at_most"]) == ("UNDECIDED", 3, 3)


@pytest.mark.parametrize(("name", "n"), [("braid:4", 24), ("shi:3", 16), ("linial:3", 7), ("cyclic:5,2", 16)])
def test_named_arrangements(cli, folder: Path, name: str, n: int) -> None:
    payload = cli("regions", name, "--json").json
    assert (payload["status"], payload["n_regions"]) == ("PROVED", n)
    assert check_file(folder / payload["certificate"]).accepted


def test_counting_without_a_certificate_is_said(cli, folder: Path) -> None:
    answer = cli("regions", "resonance:4", "--count-only", "--json")
    assert answer.code == 0
    assert (answer.json["status"], answer.json["n_regions"]) == ("UNDECIDED", 370)
    assert answer.json["certificate"] is None
    assert not list(folder.glob("*.jsonl"))


@pytest.mark.parametrize("source", ["resonance:4", "tent.npz"])
def test_a_limit_leaves_a_file_to_go_on_from(cli, tent: Path, folder: Path, source: str) -> None:
    total = 370 if source.startswith("resonance") else 3
    stopped = cli("regions", source, "--limit-cells", "2", "--json")
    assert (stopped.code, stopped.json["status"]) == (3, "UNDECIDED")
    assert 0 < stopped.json["at_least"] <= 2
    (kept,) = folder.glob("*.part")
    assert str(kept.name) in stopped.err
    (proof,) = folder.glob("*.jsonl")
    assert "at least" in cli("check", proof).out
    assert cli("regions", source, "--resume", kept, "--json").json["n_regions"] == total


def test_a_limit_on_counting_an_arrangement(cli, folder: Path) -> None:
    stopped = cli("regions", "braid:5", "--count-only", "--limit-cells", "10")
    assert stopped.code == 3
    assert "at least" in stopped.err
    (kept,) = folder.glob("*.part")
    assert cli("regions", "braid:5", "--count-only", "--resume", kept, "--json").json["n_regions"] == 120


def test_the_number_of_workers_changes_nothing(cli, tent: Path) -> None:
    one, two = (cli("regions", "tent.npz", "--jobs", jobs, "--json").json for jobs in (1, 2))
    assert one == two


@pytest.mark.parametrize("engine", ["float64", "lp", "reference"])
def test_every_engine_gives_the_same_count(cli, lines: Path, engine: str) -> None:
    payload = cli("regions", "lines.csv", "--engine", engine, "--json").json
    assert (payload["status"], payload["n_regions"], payload["n_bounded"]) == ("PROVED", 7, 1)


@pytest.mark.parametrize("name", ["tent.png", "tent.svg"])
def test_the_figure(cli, tent: Path, folder: Path, name: str) -> None:
    assert cli("regions", "tent.npz", "--plot", name).code == 0
    assert (folder / name).stat().st_size > 1000
    assert cli("plot", "tent.regions.jsonl", "-o", "again.png").out == "wrote again.png (regions)\n"


def test_a_compressed_certificate(cli, lines: Path, folder: Path) -> None:
    payload = cli("regions", "lines.csv", "--out", "proof.jsonl.gz", "--json").json
    assert payload["certificate"] == "proof.jsonl.gz"
    header = json.loads(gzip.decompress((folder / "proof.jsonl.gz").read_bytes()).splitlines()[0])
    assert header["title"] == "7 activation regions (R2), 1 bounded"
    assert cli("check", "proof.jsonl.gz").out.startswith("ACCEPTED")


def test_the_certificate_is_about_this_network(cli, tent: Path, folder: Path) -> None:
    cli("regions", "tent.npz")
    assert cli("check", "tent.regions.jsonl", "--model", "tent.npz").code == 0
    other = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -3]], [0])])
    save_npz(other, folder / "other.npz")
    refused = cli("check", "tent.regions.jsonl", "--model", "other.npz")
    assert refused.code == 1
    assert refused.out.startswith("REJECTED")


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("regions", "lines.csv", "--box", "1,0"), "a lower bound exceeds the upper one"),
        (("regions", "lines.csv", "--box", "1"), "not a box"),
        (("regions", "lines.csv", "--box", "0,1;0,1;0,1"), "not a box"),
        (("regions", "lines.csv", "--box", "0,x"), "not a number"),
        (("regions", "missing.npz"), "does not exist"),
        (("regions", "braid:x"), "wrong numbers behind the name"),
        (("regions", "brad:3"), "no arrangement has this name"),
        (("regions", "lines.csv", "--definition", "R4"), "speaks of a function"),
        (("regions", "lines.csv", "--resume", "missing.part"), "there is no such file"),
        (("regions", "lines.csv", "--resume", "lines.csv"), "not a saved count"),
        (("regions", "lines.csv", "--domain", "lines3.csv"), "the domain does not fit"),
        (("regions", "lines.csv", "--betti", "--box", "0,1"), "has no domain"),
        (("regions", "lines.csv", "--count-only", "--plot", "a.png"), "drawn from the certificate"),
        (("regions", "one.csv"), "two entries at least"),
        (("regions", "nan.npz"), "not a finite number"),
        (("regions", "empty.npz"), "without units"),
    ],
)
def test_bad_input_is_one_clear_error(
    cli, lines: Path, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    (folder / "lines3.csv").write_text("1,0,0,1\n")
    (folder / "one.csv").write_text("1\n2\n")
    np.savez(folder / "nan.npz", W1=[[np.nan]], b1=[0.0], W2=[[1.0]], b2=[0.0])
    np.savez(folder / "empty.npz", W1=np.zeros((0, 2)), b1=np.zeros(0), W2=np.zeros((1, 0)), b2=[0.0])
    answer = cli(*arguments)
    assert answer.code == 2
    assert words in answer.err
    assert answer.out == ""


def test_too_many_inputs_for_a_figure(cli, folder: Path) -> None:
    answer = cli("regions", "braid:4", "--plot", "braid.png")
    assert answer.code == 4
    assert "one, two or three dimensions" in answer.err
    assert cli("regions", "braid:4", "--plot", "braid.gif").code == 4


# -- the benchmark networks ----------------------------------------------------------------------------


def counted(nets: Path) -> dict[str, dict[str, object]]:
    truth: dict[str, dict[str, object]] = json.loads((nets / "counts.json").read_text())["truth"]
    return truth


def test_the_small_benchmark_networks(cli, data_folder: Path) -> None:
    nets = data_folder / "nets"
    for name, truth in counted(nets).items():
        if truth["Rd"] > 700 or "fRd" not in truth:
            continue
        space = cli("regions", nets / f"{name}.npz", "--faces", "--json").json
        assert (space["status"], space["n_regions"], space["n_bounded"], space["f_vector"]) == (
            "PROVED",
            truth["Rd"],
            truth["bounded"],
            truth["fRd"],
        )
        inside = cli("regions", nets / f"{name}.npz", "--faces", "--box", "-1,1", "--json").json
        assert (inside["status"], inside["n_regions"]) == ("PROVED", truth["box"])
        assert inside["f_vector"] == truth["fbox"]


@pytest.mark.slow
def test_all_benchmark_networks(cli, data_folder: Path) -> None:
    nets = data_folder / "nets"
    for name, truth in counted(nets).items():
        space = cli("regions", nets / f"{name}.npz", "--json").json
        assert (space["status"], space["n_regions"]) == ("PROVED", truth["Rd"]), name
        assert truth.get("bounded") in (None, space["n_bounded"]), name
        inside = cli("regions", nets / f"{name}.npz", "--box", "-1,1", "--json").json
        assert (inside["status"], inside["n_regions"]) == ("PROVED", truth["box"]), name


def test_published_bounds_stand_beside_the_count(cli, tent: Path, lines: Path) -> None:
    line = (
        "published    all of this size have at most 3 (Serra 2018), 3 (Montufar 2017), 3 (product of layers)"
    )
    assert any(text.startswith(line) for text in cli("regions", "tent.npz").out.splitlines())
    # inside a domain, which may be flat, the upper bounds are left
    (upper,) = cli("regions", "lines.csv", "--box", "0,0;-1,1", "--json").json["published_bounds"]
    assert upper["kind"] == "upper"
    listed = cli("regions", "lines.csv", "--json").json["published_bounds"]
    assert listed == [{"source": "Zaslavsky 1975", "kind": kind, "value": 7} for kind in ("upper", "lower")]
