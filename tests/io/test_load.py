from __future__ import annotations

import gzip
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import exactnet
import exactnet.io
from exactnet.errors import InputError, UnsupportedError
from exactnet.io import load_chain, load_dataset, load_network, save_onnx
from exactnet.model import Network


def test_public_names_exist() -> None:
    for name in exactnet.io.__all__:
        assert callable(getattr(exactnet.io, name))
    assert dir(exactnet.io) == sorted(exactnet.io.__all__)
    with pytest.raises(AttributeError):
        exactnet.io.nothing  # noqa: B018
    assert exactnet.load_dataset is load_dataset


def test_importing_loads_nothing_heavy() -> None:
    heavy = "{'onnx', 'torch', 'numpy', 'sklearn'}"
    code = f"import sys, exactnet.io; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["model.onnx", "model.npz", "model.nnet", "model.pt"])
def test_missing_networks(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_network(tmp_path / name)
    with pytest.raises(InputError, match="does not exist"):
        load_network(str(tmp_path / "no" / name))


@pytest.mark.parametrize("name", ["data.csv", "data.npz"])
def test_missing_data(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="the data set file does not exist"):
        load_dataset(tmp_path / name)


def test_directories(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.csv" / "inside.csv").write_text("x,y\n1,2\n")
    with pytest.raises(InputError, match=r"this is a directory\n.*\n.*inside\.csv"):
        load_dataset(tmp_path / "folder.csv")
    (tmp_path / "plain").mkdir()
    with pytest.raises(InputError, match="this is a directory"):
        load_dataset(tmp_path / "plain")
    (tmp_path / "net.onnx").mkdir()
    with pytest.raises(InputError, match="this is a directory"):
        load_network(tmp_path / "net.onnx")


def test_suffixes(tmp_path: Path) -> None:
    (tmp_path / "D.CSV").write_text("x,y\n1,2\n")
    assert load_dataset(tmp_path / "D.CSV").n_samples == 1
    for name, message in (
        ("m.h5", "export the model"),
        ("m", "the suffix ''"),
        ("d.csv", "use load_dataset"),
    ):
        with pytest.raises(UnsupportedError, match=message):
            load_network(name)
    for name, message in (("d.xlsx", "save it as CSV"), ("m.onnx", "use load_network")):
        with pytest.raises(UnsupportedError, match=message):
            load_dataset(name)


def test_unknown_names() -> None:
    with pytest.raises(InputError, match="did you mean 'diabetes'"):
        load_dataset("diabets")
    with pytest.raises(InputError, match="a file needs its suffix"):
        load_dataset("something else")
    with pytest.raises(InputError):
        load_dataset("")


def test_compressed_networks(tmp_path: Path) -> None:
    network = Network.from_arrays([([[1, 2]], [0.5])])
    save_onnx(network, tmp_path / "m.onnx")
    text = b"1,1,1,1,\n1,1,\n0,\n0,\n9,\n3,10,\n2,4,\n0.1,\n1,\n"
    for name, content in (("m.onnx.gz", (tmp_path / "m.onnx").read_bytes()), ("t.NNET.gz", text)):
        (tmp_path / name).write_bytes(gzip.compress(content))
    assert load_network(tmp_path / "m.onnx.gz") == load_chain(tmp_path / "m.onnx.gz") == network
    assert load_network(tmp_path / "t.NNET.gz")([1]) == (Fraction("1.1"),)
    with pytest.raises(UnsupportedError, match=r"the suffix '\.gz'"):
        load_network(tmp_path / "m.npz.gz")
    (tmp_path / "m.onnx.gz").write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(InputError, match="damaged"):
        load_network(tmp_path / "m.onnx.gz")
