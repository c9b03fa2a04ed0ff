"""`exactnet check` over several files, and over certificates whose network and property stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from exactnet.certificate import write_certificate
from tests.checker.test_file_records import PROPERTY, Bench
from tests.checker.verification_cases import ABSOLUTE, case, certificate, prop, row
from tests.cli.conftest import Command

TWO = prop(1, case([-1], [1], row({0: -1}, -2)))


@pytest.fixture
def three(folder: Path) -> list[str]:
    """Two right certificates, one of them with files, and a wrong one."""
    (folder / "proofs").mkdir()
    bench = Bench(folder / "proofs")
    (folder / "proofs" / "files.jsonl").write_text(bench.text())
    write_certificate(certificate(ABSOLUTE, TWO, [3, 0]), folder / "good.jsonl.gz")
    write_certificate(certificate(ABSOLUTE, TWO, [5]), folder / "bad.jsonl")
    return ["good.jsonl.gz", "proofs/files.jsonl", "bad.jsonl"]


@pytest.mark.parametrize("options", [[], ["--compiled"], ["--jobs", "2"]])
def test_one_line_a_file(cli: Command, three: list[str], options: list[str]) -> None:
    answer = cli("check", *three[:2], *options)
    lines = answer.out.splitlines()
    assert (answer.code, lines[0]) == (0, "2 certificates: 2 accepted")
    for name, line in zip(three[:2], lines[1:3], strict=True):
        assert line.startswith(f"{name}: ACCEPTED 3 steps: ")
    answer = cli("check", *three, *options)
    assert (answer.code, answer.out.splitlines()[0]) == (1, "3 certificates: 2 accepted, 1 rejected")
    assert answer.out.splitlines()[3].startswith("bad.jsonl: REJECTED step 3 (no_counterexample): ")
    assert cli("check", *three, *options, "--quiet").out.count("\n") == 1


def test_the_payload_has_every_file(cli: Command, three: list[str]) -> None:
    payload = cli("check", *three, "--json").json
    assert (payload["status"], payload["counts"]["ACCEPTED"]) == ("REJECTED", 2)
    assert [entry["status"] for entry in payload["files"]] == ["ACCEPTED", "ACCEPTED", "REJECTED"]
    assert payload["files"][2]["step"] == 3


def test_what_cannot_be_opened(cli: Command, three: list[str], folder: Path) -> None:
    answer = cli("check", *three[:2], "missing.jsonl")
    assert answer.code == 2
    assert answer.out.startswith("3 certificates: 2 accepted, 1 not opened\n")
    (folder / "proofs/model.onnx").rename(folder / "moved.onnx")
    answer = cli("check", "proofs/files.jsonl")
    assert (answer.code, answer.out) == (2, "")
    assert "--model" in answer.err
    assert "not opened" in cli("check", *three[:2]).out
    # the file is found elsewhere, by its hash
    assert cli("check", "proofs/files.jsonl", "--model", "moved.onnx").code == 0
    assert cli("check", "proofs/files.jsonl", "--model", "moved.onnx", "--compiled").code == 0
    # something else in its place is refused
    assert cli("check", "proofs/files.jsonl", "--model", "proofs/p.vnnlib").code == 1


def test_the_property_of_the_certificate(cli: Command, three: list[str], folder: Path) -> None:
    (folder / "same.vnnlib").write_text(PROPERTY)
    (folder / "other.vnnlib").write_text(PROPERTY.replace("2e0", "3e0"))
    # inline: -Y_0 <= -2 on the same box
    assert cli("check", three[0], "--property", "same.vnnlib").code == 0
    answer = cli("check", three[0], "--property", "other.vnnlib")
    assert answer.code == 1
    assert answer.out.startswith("REJECTED property other.vnnlib: its 1 cases are not")
    # by its file: the bytes decide
    assert cli("check", three[1], "--property", "same.vnnlib").code == 0
    assert cli("check", three[1], "--property", "other.vnnlib").code == 1
