"""The compiled checker with files: it finds them, reads them, and says what the first checker says."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import onnx
import pytest

from exactnet import checker
from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NetworkFileRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyFileRecord,
    PropertyRecord,
    certificate_text,
    network_record,
)
from exactnet.certificate._verification_network import facts_of_network
from exactnet.io import load_chain, load_vnnlib, save_onnx
from exactnet.model import Network
from exactnet.verify.engines import prove
from exactnet.verify.lowered import lowered
from exactnet.verify.proofs import Limits
from exactnet.verify.second_check import check_verification

DATA = Path(os.environ.get("EXACTNET_DATA", Path(__file__).parents[3] / "shared" / "data")) / "vnn"
SAFE = """(declare-const X_0 Real) (declare-const Y_0 Real)
(assert (and (>= X_0 -1.0) (<= X_0 1.0) (> Y_0 1.0)))
"""
WINDOW = """
<ir_version: 8, opset_import: ["": 17]>
windows (float[1, 1, 1] x) => (float[1, 1] y) <float[1, 1, 1] w = {1.0}> {
    z = Conv(x, w)
    y = Flatten(z)
}"""


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def named(model: Path, prop: Path, claim: Any) -> str:
    """A certificate that names both files beside it."""
    network, unsafe = load_chain(model), load_vnnlib(prop)
    print_of = facts_of_network(network).fingerprint
    records = (
        NetworkFileRecord("n", model.name, "onnx", sha256(model), print_of),
        PropertyFileRecord("p", prop.name, "vnnlib", sha256(prop), unsafe.fingerprint),
        claim,
    )
    return certificate_text(Certificate("files", records, ("c",)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """y = |x| as an ONNX model, and the claim that it is at most 1 on [-1, 1]."""
    save_onnx(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]), tmp_path / "size.onnx")
    (tmp_path / "safe.vnnlib").write_text(SAFE)
    claim = NoCounterexampleRecord("c", "n", "p", "real", 30, (ProofTree((0,), (3, 0)),))
    (tmp_path / "safe.cert").write_text(named(tmp_path / "size.onnx", tmp_path / "safe.vnnlib", claim))
    return tmp_path


def both(folder: Path, **places: Path) -> str:
    """The status, the same by both checkers."""
    data = (folder / "safe.cert").read_bytes()
    second = check_verification(data, folder=folder, **places)
    models, properties = ((str(places[key]),) if key in places else () for key in ("network", "property"))
    first = checker.check_bytes(data, files=checker.Files(str(folder), models, properties))
    assert second.accepted == first.accepted
    assert (second.status == "MISSING") == first.missing
    assert not second.accepted or second.line == first.line
    return second.status


def test_files_are_found_and_read(folder: Path) -> None:
    assert both(folder) == "ACCEPTED"
    (folder / "elsewhere").mkdir()
    (folder / "size.onnx").rename(folder / "elsewhere" / "size.onnx")
    assert both(folder) == "MISSING"
    assert both(folder, network=folder / "elsewhere" / "size.onnx") == "ACCEPTED"
    assert both(folder, network=folder / "nowhere.onnx") == "MISSING"
    assert both(folder, network=folder / "safe.vnnlib") == "REJECTED"


def test_a_file_that_was_changed_is_rejected(folder: Path) -> None:
    for name in ("size.onnx", "safe.vnnlib"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content + b"\n")
        assert both(folder) == "REJECTED"
        (folder / name).write_bytes(content)
    assert both(folder) == "ACCEPTED"


def test_hashes_and_fingerprints_have_to_be_those_of_the_files(folder: Path) -> None:
    model, prop = folder / "size.onnx", folder / "safe.vnnlib"
    network, unsafe = facts_of_network(load_chain(model)).fingerprint, load_vnnlib(prop).fingerprint
    claim = NoCounterexampleRecord("c", "n", "p", "real", 30, (ProofTree((0,), (3, 0)),))
    right = [sha256(model), network, sha256(prop), unsafe]
    for k in range(5):
        a, b, c, d = ("0" * 64 if i == k else value for i, value in enumerate(right))
        records = (
            NetworkFileRecord("n", model.name, "onnx", a, b),
            PropertyFileRecord("p", prop.name, "vnnlib", c, d),
            claim,
        )
        (folder / "safe.cert").write_text(certificate_text(Certificate("files", records, ("c",))))
        assert both(folder) == ("ACCEPTED" if k == 4 else "REJECTED")


def test_packed_files(folder: Path) -> None:
    network, unsafe = load_chain(folder / "size.onnx"), load_vnnlib(folder / "safe.vnnlib")
    for name in ("size.onnx", "safe.vnnlib"):
        (folder / name).write_bytes(gzip.compress((folder / name).read_bytes(), mtime=0))
    assert both(folder) == "REJECTED"  # the hashes are those of the bytes as they are
    model, prop = sha256(folder / "size.onnx"), sha256(folder / "safe.vnnlib")
    records = (
        NetworkFileRecord("n", "size.onnx", "onnx", model, facts_of_network(network).fingerprint),
        PropertyFileRecord("p", "safe.vnnlib", "vnnlib", prop, unsafe.fingerprint),
        NoCounterexampleRecord("c", "n", "p", "real", 30, (ProofTree((0,), (3, 0)),)),
    )
    (folder / "safe.cert").write_text(certificate_text(Certificate("files", records, ("c",))))
    assert both(folder) == "ACCEPTED"


def test_files_of_other_kinds_have_no_place(folder: Path) -> None:
    later = """; a comment
    (vnnlib-version <2.0>)
    (declare-network f (declare-input X float32 [1]) (declare-output Y float32 [1]))
    (assert (and (>= X[0] -1.0) (<= X[0] 1.0) (> Y[0] 1.0)))
    """
    assert load_vnnlib(folder / "safe.vnnlib").n_inputs == 1
    (folder / "later.vnnlib").write_text(later)
    claim = NoCounterexampleRecord("c", "n", "p", "real", 30, (ProofTree((0,), (3, 0)),))
    (folder / "safe.cert").write_text(named(folder / "size.onnx", folder / "later.vnnlib", claim))
    assert both(folder) == "REJECTED"
    (folder / "wide.onnx").write_bytes(onnx.parser.parse_model(WINDOW).SerializeToString())
    (folder / "safe.cert").write_text(named(folder / "wide.onnx", folder / "safe.vnnlib", claim))
    assert both(folder) == "ACCEPTED"


def test_without_numba_it_leaves_the_answer_to_others() -> None:
    program = """
import sys
sys.modules["numba"] = None
from exactnet.certificate.fast_verification import second_check
print(second_check(sys.stdin.read()).line)
"""
    network = Network.from_arrays([([[1]], [0])])
    claim = NoCounterexampleRecord("c", "n", "p", "real", 30, ())
    unsafe = PropertyRecord("p", 1, 1, ())
    text = certificate_text(Certificate("x", (network_record(network, name="n"), unsafe, claim), ("c",)))
    found = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("BEYOND step 3 (no_counterexample): the compiled loops are not there")
    assert check_verification(text).accepted


def test_without_files_it_does_not_answer() -> None:
    assert check_verification("").status == "REJECTED"


needs_data = pytest.mark.skipif(not DATA.exists(), reason="the benchmark data are not there")


@needs_data
@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_an_instance_of_acas_xu(tmp_path: Path, semantics: str) -> None:
    """Known to be safe: ground_truth.csv."""
    model = DATA / "acasxu" / "onnx" / "ACASXU_run2a_3_6_batch_2000.onnx"
    prop = DATA / "acasxu" / "vnnlib" / "prop_3.vnnlib"
    network, unsafe = load_chain(model), load_vnnlib(prop)
    found = prove(lowered(network), unsafe, float32=semantics == "float32", limits=Limits(60))
    trees = tuple(ProofTree(tree.cases, tree.nodes) for tree in found.trees)
    claim = NoCounterexampleRecord("c", "n", "p", semantics, found.grid, trees)
    data = named(model, prop, claim)
    places = {"network": model, "property": prop}
    verdict = check_verification(data, folder=tmp_path, **places)
    assert verdict.is_complete
    first = checker.check_bytes(
        data.encode(), files=checker.Files(str(tmp_path), (str(model),), (str(prop),))
    )
    assert verdict.line == first.line
    # the same tree proves nothing about a network for which the property is violated
    other = DATA / "acasxu" / "onnx" / "ACASXU_run2a_1_7_batch_2000.onnx"
    assert check_verification(named(other, prop, claim), network=other, property=prop).status == "REJECTED"


@needs_data
def test_a_counterexample_of_acas_xu(tmp_path: Path) -> None:
    """1_7 violates property 3 in its whole box but for rounding: the centre is a counterexample."""
    model = DATA / "acasxu" / "onnx" / "ACASXU_run2a_1_7_batch_2000.onnx"
    prop = DATA / "acasxu" / "vnnlib" / "prop_3.vnnlib"
    case = load_vnnlib(prop).cases[0]
    centre = tuple((a + b) / 2 for a, b in zip(case.lower, case.upper, strict=True))
    network = load_chain(model)
    assert case.holds(centre, network(centre))
    claim = CounterexampleRecord("c", "n", "p", "real", centre)
    verdict = check_verification(named(model, prop, claim), network=model, property=prop)
    assert verdict.accepted
    assert verdict.conclusions[0].margin == min(row.slack(centre, network(centre)) for row in case.rows)
    assert isinstance(verdict.conclusions[0].margin, Fraction)
