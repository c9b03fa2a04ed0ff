"""Certificates whose network and property stand in files: the right ones, the wrong ones, and none."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import onnx
import pytest

import exactnet.checker
from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NetworkFileRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyFileRecord,
    Record,
    certificate_text,
    check_file,
    network_fingerprint,
    network_record,
)
from exactnet.checker import Files, Verdict, check_text
from exactnet.checker.__main__ import main
from exactnet.checker.model_file import read_chain
from exactnet.checker.property_file import read_cases
from exactnet.checker.read import Rejection
from exactnet.errors import ExactnetError
from exactnet.io import load_chain, load_vnnlib
from exactnet.io.onnx_chain import chain_from_onnx
from tests.checker.verification_cases import ABSOLUTE

CHECKER = Path(exactnet.checker.__file__).parent
MODEL = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["": 13]>
    absolute (float[N, 1] x) => (float[N, 1] y)
        <float[1, 2] w = {1.0, -1.0}, float[2, 1] v = {1.0, 1.0}> {
        z = MatMul(x, w)
        h = Relu(z)
        y = MatMul(h, v)
    }""")
# |x| >= 2 on [-1, 1]
PROPERTY = """; a comment
(declare-const X_0 Real)
(declare-const Y_0 Real)
(assert (and (>= X_0 -1) (<= X_0 1.0)))
(assert (>= Y_0 2e0))
"""


class Bench:
    """A folder with a model, a property and certificates about them."""

    def __init__(self, folder: Path, *, packed: bool = False) -> None:
        ending = ".gz" if packed else ""
        pack = gzip.compress if packed else bytes
        self.folder = folder
        self.model, self.property = folder / f"model.onnx{ending}", folder / f"p.vnnlib{ending}"
        self.model.write_bytes(pack(MODEL.SerializeToString()))
        self.property.write_bytes(pack(PROPERTY.encode()))

    def records(self) -> list[Record]:
        network, unsafe = load_chain(self.model), load_vnnlib(self.property)
        hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.model, self.property)]
        fingerprint = network_fingerprint(network_record(network))
        return [
            NetworkFileRecord("n", self.model.name, "onnx", hashes[0], fingerprint),
            PropertyFileRecord("p", self.property.name, "vnnlib", hashes[1], unsafe.fingerprint),
            NoCounterexampleRecord("c", "n", "p", "float32", 40, (ProofTree((0,), (3, 0)),)),
        ]

    def text(self, **changes: str) -> str:
        """The certificate; `network_sha256="x"` and the like change a record."""
        records = self.records()
        for key, value in changes.items():
            index, _, name = key.partition("_")
            k = {"network": 0, "property": 1}[index]
            records[k] = replace(records[k], **{name: value})
        return certificate_text(Certificate("a test", tuple(records), ("c",)))

    def check(self, **changes: str) -> Verdict:
        return check_text(self.text(**changes), files=Files(str(self.folder)))


@pytest.mark.parametrize("packed", [False, True])
def test_files_beside_the_certificate(tmp_path: Path, packed: bool) -> None:
    bench = Bench(tmp_path, packed=packed)
    found = bench.check()
    assert found.accepted, found.line
    sha256 = hashlib.sha256(bench.model.read_bytes()).hexdigest()
    assert f"read from the file with SHA-256 {sha256}" in found.line
    path = tmp_path / "c.jsonl"
    path.write_text(bench.text(), encoding="utf-8")
    assert check_file(path).accepted
    assert bench.check(network_file=str(bench.model)).accepted  # an absolute place


def test_the_network_read_is_the_network_written_out(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    network, unsafe, claim = bench.records()
    assert isinstance(network, NetworkFileRecord)
    assert network.fingerprint == network_fingerprint(ABSOLUTE)
    point = CounterexampleRecord("x", "n", "p", "real", (Fraction(1),))
    text = certificate_text(Certificate("a test", (network, unsafe, claim, point), ("c", "x")))
    assert "no case holds" in check_text(text, files=Files(str(tmp_path))).reason


def test_what_does_not_fit_is_rejected(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    other = "0" * 64
    for kind in ("network", "property"):
        found = bench.check(**{f"{kind}_sha256": other})
        assert (found.accepted, found.missing) == (False, False)
        assert "is not the file with the SHA-256" in found.reason
        assert "has the fingerprint" in bench.check(**{f"{kind}_fingerprint": other}).reason
        for bad in ("", "x", other[1:], other[1:] + "A"):
            assert "64 hexadecimal digits" in bench.check(**{f"{kind}_sha256": bad}).reason
        assert "form" in bench.check(**{f"{kind}_form": "nnet"}).reason


def test_a_file_that_was_changed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    text = bench.text()
    bench.property.write_text(PROPERTY.replace("2e0", "1e0"), encoding="utf-8")
    assert not check_text(text, files=Files(str(tmp_path))).accepted
    # also with the new hash: what it says is something else
    sha256 = hashlib.sha256(bench.property.read_bytes()).hexdigest()
    Bench(tmp_path)
    text = bench.text(property_sha256=sha256)
    bench.property.write_text(PROPERTY.replace("2e0", "1e0"), encoding="utf-8")
    assert "fingerprint" in check_text(text, files=Files(str(tmp_path))).reason


@pytest.mark.parametrize("place", ["nowhere.onnx", ".", "a\0b"])
def test_a_missing_file_is_no_rejection(tmp_path: Path, place: str) -> None:
    found = Bench(tmp_path).check(network_file=place)
    assert (found.accepted, found.missing, found.step) == (False, True, 1)
    assert found.line.startswith("CANNOT OPEN step 1 (network_file): ")
    assert "--model PATH" in found.reason


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert Bench(tmp_path).check(network_file="pipe").missing


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path)
    path = tmp_path / "c.jsonl"
    path.write_text(bench.text(), encoding="utf-8")
    assert main([str(path)]) == 0
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    bench.model.rename(moved / "m")
    bench.property.rename(moved / "q")
    capsys.readouterr()
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("CANNOT OPEN step 1 (network_file)")
    assert main([str(path), "--model", str(moved / "m")]) == 2
    assert "--property PATH" in capsys.readouterr().err
    assert main([str(path), "--model", str(moved / "m"), "--property", str(moved / "q")]) == 0
    # several places: the hash chooses; a place with something else is a rejection
    both = ["--model", str(moved / "q"), "--model", str(moved / "m")]
    assert main([str(path), *both, "--property", str(moved / "q")]) == 0
    assert main([str(path), "--model", str(moved / "q"), "--property", str(moved / "q")]) == 1
    assert "given by --model is not the file" in capsys.readouterr().out


def test_the_standard_library_reads_the_files(tmp_path: Path) -> None:
    # the folder of the checker alone, without site-packages
    bench = Bench(tmp_path)
    path = tmp_path / "c.jsonl"
    path.write_text(bench.text(), encoding="utf-8")
    alone = tmp_path / "alone"
    shutil.copytree(CHECKER, alone / "exactnet" / "checker", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-S", "-E", "-m", "exactnet.checker", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=alone, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ACCEPTED 3 steps: no input of n satisfies p")


# ---------------------------------------------------------------------------------------------- readers


def model(body: str, head: str = "float[N, 2] x", tensors: str = "") -> bytes:
    text = f'<ir_version: 8, opset_import: ["": 13]> g ({head}) => (float[N, 2] y) <{tensors}> {{ {body} }}'
    return bytes(onnx.parser.parse_model(text).SerializeToString())


W, B, ZERO = "float[2, 2] w = {1.0, 2.0, 3.0, 4.0}", "float[2] b = {0.5, -1.0}", "float[2] o = {0.0, 0.0}"


def layers(data: bytes) -> list[Any]:
    return [tuple(found) for found in read_chain(data)[1]]


def test_what_becomes_a_layer() -> None:
    columns = [[1, 3], [2, 4]]
    half = [Fraction(1, 2), -1]
    identity = [[1, 0], [0, 1]]
    cases: dict[str, list[Any]] = {
        "z = MatMul(x, w) y = Add(z, b)": [(columns, half, False)],
        "z = MatMul(x, w) y = Sub(z, b)": [(columns, [Fraction(-1, 2), 1], False)],
        "z = MatMul(x, w) a = Add(b, z) y = Add(a, b)": [(columns, half, False), (identity, half, False)],
        "z = MatMul(x, w) h = Relu(z) y = Add(h, b)": [(columns, [0, 0], True), (identity, half, False)],
        "s = Sub(x, b) y = MatMul(s, w)": [(identity, [Fraction(-1, 2), 1], False), (columns, [0, 0], False)],
        "s = Sub(x, o) z = MatMul(s, w) a = Add(z, o) y = Add(a, b)": [(columns, half, False)],
        "z = Gemm(x, w, b) y = Add(z, b)": [(columns, half, False), (identity, half, False)],
        "z = Gemm <transB = 1> (x, w) y = Add(z, b)": [([[1, 2], [3, 4]], half, False)],
        "f = Flatten(x) i = Identity(f) d = Dropout(i) y = MatMul(d, w)": [(columns, [0, 0], False)],
        "z = MatMul(x, w) r = Reshape(z, k) y = Relu(r)": [(columns, [0, 0], True)],
    }
    for body, expected in cases.items():
        found = layers(model(body, tensors=f"{W}, {B}, {ZERO}, int64[2] k = {{0, -1}}"))
        assert found == expected, body
    left = model("z = MatMul(w, x) y = Add(z, b)", head="float[2] x", tensors=f"{W}, {B}")
    assert layers(left) == [([[1, 2], [3, 4]], half, False)]


def test_a_convolution_is_a_matrix() -> None:
    # one row of four pixels, a kernel of two, stride 2, one pixel of padding on the left: three places
    tensors = "float[1, 1, 2] k = {1.0, 10.0}, float[1] c = {3.0}"
    body = "y = Conv <strides = [2], pads = [1, 1]> (x, k{})"
    rows = [[10, 0, 0, 0], [0, 1, 10, 0], [0, 0, 0, 1]]
    for bias, expected in (("", [0, 0, 0]), (", c", [3, 3, 3])):
        data = model(body.format(bias), head="float[1, 1, 4] x", tensors=tensors)
        assert layers(data) == [(rows, expected, False)]
    # two groups, and the bias by an Add
    tensors = "float[2, 1, 1] k = {2.0, 5.0}, float[1, 2, 1] c = {3.0, 4.0}"
    body = "z = Conv <group = 2> (x, k) y = Add(z, c)"
    data = model(body, head="float[1, 2, 2] x", tensors=tensors)
    diagonal = [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5]]
    assert layers(data) == [(diagonal, [3, 3, 4, 4], False)]
    for wrong in ('auto_pad = "SAME_UPPER"', "strides = [0]", "pads = [1]", "group = 3", "dilations = [9]"):
        data = model(f"y = Conv <{wrong}> (x, k)", head="float[1, 2, 2] x", tensors=tensors)
        with pytest.raises(Rejection, match="not provided for"):
            read_chain(data)


def test_random_convolutions_as_the_other_reader_has_them() -> None:
    chance = random.Random(0)
    read = 0
    for _ in range(60):
        rank, group = chance.choice([1, 2, 3]), chance.choice([1, 2])
        n_in, n_out = chance.randint(1, 2), group * chance.randint(1, 2)
        size, image = ([chance.randint(1, n) for _ in range(rank)] for n in (3, 5))
        ones = [1] * rank
        options = {
            "strides": chance.choice([ones, [2] * rank]),
            "dilations": chance.choice([ones, [chance.randint(1, 2) for _ in size]]),
            "pads": chance.choice([[0] * (2 * rank), [chance.randint(0, 2) for _ in size * 2]]),
        }
        shape, numbers = [n_out, n_in, *size], range(1, 1 + n_out * n_in * prod(size))
        kernel = f"float{shape} k = {{{', '.join(f'{n}.0' for n in numbers)}}}"
        listed = ", ".join(f"{name} = {values}" for name, values in options.items())
        body = f"z = Conv <group = {group}, {listed}> (x, k) y = Relu(z)"
        data = model(body, head=f"float{[1, n_in * group, *image]} x", tensors=kernel)
        try:
            found = read_chain(data)[1]
        except Rejection:
            with pytest.raises(ExactnetError):
                chain_from_onnx(onnx.load_model_from_string(data))
            continue
        (other,) = chain_from_onnx(onnx.load_model_from_string(data)).layers
        assert [(step.weight, step.is_relu) for step in found] == [([*map(list, other.weight.rows())], True)]
        read += 1
    assert read > 30


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("y = Sigmoid(x)", "does not belong to a chain"),
        ("y = Relu(x)", "does not follow a dot product"),
        ("z = MatMul(x, w) h = Relu(z) y = Relu(h)", "does not follow a dot product"),
        ("z = MatMul(x, w) y = Add(z, x)", "which is no constant"),
        ("z = MatMul(x, w) y = Add(z, z)", "does not belong to a chain"),
        ("y = Sub(b, x)", "subtracted from a constant"),
        ("y = Gemm <alpha = 2.0> (x, w)", "alpha other than 1"),
        ("y = Gemm <transA = 1> (x, w)", "such a product"),
        ("y = MatMul(x, c)", "do not fit"),
        ("y = MatMul(x, s)", "not a constant of binary32"),
        ("z = MatMul(x, w)", "no chain of layers"),
        ("y = Identity(x)", "no chain of layers"),
        ("z = Dropout(x, r, t) y = MatMul(z, w)", "training"),
        ("z = Reshape(x, b) y = MatMul(z, w)", "no integers"),
        ("z = MatMul(x, w) y = Add(z, c)", "does not fit"),
    ],
)
def test_what_is_no_chain(body: str, reason: str) -> None:
    tensors = (
        f"{W}, {B}, int64[2] s = {{1, 2}}, float r = {{0.5}}, bool t = {{1}}, float[3] c = {{1.0, 2.0, 3.0}}"
    )
    with pytest.raises(Rejection, match=reason):
        read_chain(model(body, tensors=tensors))


def test_numbers_that_are_no_weights() -> None:
    for head, tensor, reason in [
        ("float[N, 2] x", "float[2, 2] w = {nan, 1.0, 1.0, 1.0}", "finite"),
        ("double[N, 2] x", W, "not a binary32 tensor"),
        ("float[N, 2] x", "double[2, 2] w = {1.0, 2.0, 3.0, 4.0}", "not a constant of binary32"),
    ]:
        data = model("y = MatMul(x, w)", head=head, tensors=tensor.replace("nan", "9.0"))
        if "nan" in tensor:
            data = data.replace(b"\x00\x00\x10\x41", b"\x00\x00\xc0\x7f")
        with pytest.raises(Rejection, match=reason):
            read_chain(data)


def test_damaged_models_are_rejected() -> None:
    data = MODEL.SerializeToString()
    chance = random.Random(1)
    rejected = 0
    for _ in range(600):
        k = chance.randrange(len(data))
        damaged = chance.choice([data[:k], data[:k] + bytes([chance.randrange(256)]) + data[k + 1 :]])
        try:
            read_chain(damaged)
        except Rejection:
            rejected += 1
    assert rejected > 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(declare-const X_0 Int)", "command"),
        ("(declare-const X_0 Real)(declare-const X_0 Real)", "command"),
        ("(declare-fun X_0 () Real)", "command"),
        ("(declare-const X_1 Real)(declare-const Y_0 Real)", "without a gap"),
        ("(assert (<= X_0 1))", "neither a number nor a declared name"),
        ("(assert (<= 0 1 2))", "formula"),
        ("(assert (not (<= 0 1)))", "formula"),
        ("(assert (and))", "formula"),
        ("(declare-const X_0 Real)(assert (<= (* X_0 X_0) 1))", "product of two"),
        ("(declare-const X_0 Real)(assert (<= (/ X_0 2) 1))", "term"),
        ("(declare-const X_0 Real)(assert (<= X_0 1e99999))", "neither"),
        ("(assert (<= 0 1)", "does not close"),
        ("(assert))", "never opened"),
        ("(" * 200, "levels"),
        ("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 1))", "no lower bound for X_0"),
        ("word", "command"),
    ],
)
def test_texts_that_are_no_properties(text: str, reason: str) -> None:
    with pytest.raises(Rejection, match=reason):
        read_cases(text.encode())


def test_too_many_cases_are_counted_and_not_made() -> None:
    two = "(assert (or (<= X_0 1) (<= X_0 2)))"
    text = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 0))" + two * 60
    with pytest.raises(Rejection, match="more than 10000 cases"):
        read_cases(text.encode())


def test_strict_bounds_stay_as_rows() -> None:
    formula = "(assert (and (> (* 2 X_0) -1) (<= (- X_0) 5) (< X_0 3)))"
    text = f"(declare-const X_0 Real)(declare-const Y_0 Real){formula}"
    (found,) = read_cases(text.encode())[2]
    one, half, three = Fraction(1), Fraction(1, 2), Fraction(3)
    assert (found.lower, found.upper) == ((-half,), (three,))
    assert [(row.inputs, row.bound, row.strict) for row in found.rows] == [
        (((0, -one),), half, True),
        (((0, one),), three, True),
    ]
