"""`exactnet verify` and `exactnet audit-witness`, from files as a user has them."""

import json
import os
import signal
from pathlib import Path

import pytest

from exactnet.certificate import check_file
from exactnet.cli.verify import _interruptible
from exactnet.io import save_onnx
from exactnet.model import Network
from exactnet.verify import parse_witness
from exactnet.verify.second_check import check_verification

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
HEAD = "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (>= X_0 -1))\n(assert (<= X_0 1))\n"
KEYS = {"status", "semantics", "witness", "margin", "n_leaves", "certificate"}


@pytest.fixture
def files(folder: Path) -> Path:
    save_onnx(SIZE, folder / "size.onnx")
    for name, text in (
        ("safe", "(assert (> Y_0 1))"),
        ("clear", "(assert (>= Y_0 2))"),
        ("unsafe", "(assert (>= Y_0 0.5))"),
        ("tie", "(assert (>= Y_0 1))"),
        ("empty", "(assert (>= X_0 2))(assert (>= Y_0 0))"),
    ):
        (folder / f"{name}.vnnlib").write_text(HEAD + text)
    return folder


def test_a_proof(cli, files: Path) -> None:
    answer = cli("verify", "size.onnx", "safe.vnnlib")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "PROVED: no point of the input set satisfies the assertions (real)"
    assert "checker      ACCEPTED" in answer.out
    assert check_file(files / "size__safe.cert.jsonl").accepted


def test_a_violation_with_its_margin(cli, files: Path) -> None:
    answer = cli("verify", "size.onnx", "unsafe.vnnlib", "--semantics", "both", "--json")
    assert answer.code == 1
    payload = answer.json
    assert set(payload) >= KEYS
    assert payload["semantics"] == {"real": "REFUTED", "float32": "REFUTED"}
    x = parse_witness(json.dumps(payload)).inputs
    assert SIZE(x)[0] - parse_witness(payload["margin"]).inputs[0] == parse_witness("0.5").inputs[0]
    (files / "found.json").write_text(json.dumps(payload))
    assert cli("audit-witness", "size.onnx", "unsafe.vnnlib", "found.json").code == 0


def test_ties_and_empty_sets(cli, files: Path) -> None:
    assert cli("verify", "size.onnx", "tie.vnnlib", "--quiet").code == 1
    assert cli("verify", "size.onnx", "empty.vnnlib", "--quiet").out == (
        "PROVED: nothing can violate the property: its input set is empty (real)\n"
    )


@pytest.mark.parametrize(("name", "word", "code"), [("clear", "unsat", 0), ("unsafe", "sat", 1)])
def test_the_words_of_the_competition(cli, files: Path, name: str, word: str, code: int) -> None:
    answer = cli("verify", "size.onnx", f"{name}.vnnlib", "--vnncomp", "--out", "c.jsonl")
    assert answer.code == code
    assert answer.out.splitlines()[0] == word
    if word == "sat":
        (files / "cex.txt").write_text(answer.out)
        assert cli("audit-witness", "size.onnx", f"{name}.vnnlib", "cex.txt").code == 0


def test_the_checker_of_the_standard_library_on_request(cli, files: Path) -> None:
    assert cli("verify", "size.onnx", "clear.vnnlib", "--standard").code == 0


def test_a_list(cli, files: Path) -> None:
    lines = [f"size.onnx,{name}.vnnlib,60" for name in ("safe", "clear", "unsafe", "tie", "empty")]
    (files / "list.csv").write_text("\n".join(lines))
    answer = cli("verify", "--batch", "list.csv", "--out", "results")
    assert answer.code == 0
    summary = "5 decided: 3 proved, 2 refuted, 0 undecided; certificates checked: 5"
    assert answer.out.splitlines()[0] == summary
    for path in (files / "results").glob("*.cert*"):
        assert check_file(path).accepted
    again = cli("verify", "--batch", "list.csv", "--out", "results", "--resume", "--json").json
    assert (again["n_proved"], again["n_refuted"], again["n_certificates_checked"]) == (3, 2, 5)


def test_a_list_with_an_error_says_so(cli, files: Path) -> None:
    (files / "list.csv").write_text("size.onnx,clear.vnnlib,60\nsize.onnx,missing.vnnlib,60\n")
    answer = cli("verify", "--batch", "list.csv", "--out", "results")
    assert answer.code == 2
    assert "1 with errors" in answer.out
    assert "does not exist" in answer.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "what is to be verified"),
        (["size.onnx"], 2, "MODEL only"),
        (["size.onnx", "missing.vnnlib"], 2, "does not exist"),
        (["size.onnx", "safe.vnnlib", "--batch", "list.csv"], 2, "or --batch"),
        (["--batch", "list.csv"], 2, "--out"),
        (["size.onnx", "wide.vnnlib"], 2, "number of inputs"),
        (["size.onnx", "open.vnnlib"], 2, "unbounded"),
    ],
)
def test_mistakes_are_named(cli, files: Path, arguments: list[str], code: int, words: str) -> None:
    (files / "list.csv").write_text("size.onnx,clear.vnnlib,60\n")
    declared = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
    bounds = "(assert (and (<= 0 X_0) (<= X_0 1) (<= 0 X_1) (<= X_1 1) (<= Y_0 0)))"
    (files / "wide.vnnlib").write_text(declared + bounds)
    (files / "open.vnnlib").write_text(HEAD.replace("(assert (<= X_0 1))", "") + "(assert (<= Y_0 0))")
    answer = cli("verify", *arguments)
    assert answer.code == code
    assert words in answer.err


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("sat\n((X_0 1.0)\n(Y_0 1.0))", 0, "valid as printed"),
        ("1.0000001", 1, "valid after clipping"),
        ("0.4", 1, "not valid"),
        ("unsat", 2, "no counterexample"),
    ],
)
def test_a_counterexample_is_judged(cli, files: Path, text: str, code: int, words: str) -> None:
    (files / "w.txt").write_text(text)
    answer = cli("audit-witness", "size.onnx", "tie.vnnlib", "w.txt")
    assert answer.code == code
    assert words in answer.out + answer.err


def test_a_table_of_counterexamples(cli, files: Path) -> None:
    (files / "table.csv").write_text("onnx,vnnlib,x\nsize.onnx,tie.vnnlib,1\nsize.onnx,tie.vnnlib,-1\n")
    answer = cli("audit-witness", "--table", "table.csv")
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        "2 of 2 counterexamples are valid as printed (2 valid as printed)",
    )
    (files / "table.csv").write_text("size.onnx,tie.vnnlib,0.5 \nsize.onnx,tie.vnnlib,-1\n")
    assert cli("audit-witness", "--table", "table.csv", "--json").json["judgements"] == {
        "not valid": 1,
        "valid as printed": 1,
    }
    assert cli("audit-witness", "size.onnx").code == 2


def test_all_published_witnesses_are_valid(cli, data_folder: Path) -> None:
    vnn = data_folder / "vnn"
    answer = cli(
        "audit-witness", "--table", vnn / "witnesses_acasxu.csv", "--folder", vnn / "acasxu", "--quiet"
    )
    assert answer.code == 0
    assert answer.out.startswith("47 of 47 counterexamples are valid as printed")


def test_ctrl_c_ends_the_search_and_then_everything() -> None:
    before = signal.getsignal(signal.SIGINT)
    with _interruptible() as is_interrupted:
        assert not is_interrupted()
        os.kill(os.getpid(), signal.SIGINT)
        assert is_interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_unfinished_proof_is_saved_and_continued(cli, folder: Path, data_folder: Path) -> None:
    acas = data_folder / "vnn" / "acasxu"
    question = (
        "verify",
        acas / "onnx" / "ACASXU_run2a_1_1_batch_2000.onnx",
        acas / "vnnlib" / "prop_6.vnnlib",
        "--out",
        "p.jsonl",
    )
    first = cli(*question, "--timeout", "0")
    assert first.code == 3
    assert "--resume" in first.out
    assert check_fast(folder / "p.partial.jsonl.gz")
    assert not (folder / "p.jsonl").exists()
    share = cli(*question, "--timeout", "0", "--resume", "--json").json
    assert share["status"] in ("UNDECIDED", "PROVED")
    last = cli(*question, "--resume", "--quiet")
    assert (last.code, last.out.split(":")[0]) == (0, "PROVED")
    assert check_fast(folder / "p.jsonl")
    assert not (folder / "p.partial.jsonl.gz").exists()


def check_fast(path: Path) -> bool:
    return check_verification(path.read_bytes(), folder=path.parent).accepted
