from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.io import load_dataset, load_network, save_npz
from exactnet.model import Activation, AffineLayer, Network


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_benchmark_networks(data_folder: Path) -> None:
    folder = data_folder / "nets"
    for name in json.loads((folder / "counts.json").read_text())["truth"]:
        stored = np.load(folder / f"{name}.npz")
        network = load_network(folder / f"{name}.npz")
        assert network.widths == tuple(stored["widths"].tolist())
        kinds = [layer.activation for layer in network.layers]
        assert kinds == [Activation.RELU] * (len(kinds) - 1) + [Activation.IDENTITY]
        for k, layer in enumerate(network.layers, start=1):
            assert np.array_equal(layer.weight.approx_array(), stored[f"W{k}"])
            assert [float(b) for b in layer.bias] == stored[f"b{k}"].tolist()
        assert network.provenance.stored_dtype == "float64"


def test_round_trip(tmp_path: Path) -> None:
    layers = [
        AffineLayer.from_arrays(
            [[0.1]] * (3 if kind is Activation.MAXOUT else 1),
            activation=kind,
            slope=0.125 if kind is Activation.LEAKY_RELU else 0,
            pieces=3 if kind is Activation.MAXOUT else 1,
            skips={0: [[2], [3], [4]], 2: [[5], [6], [7]]} if kind is Activation.MAXOUT else {},
        )
        for kind in Activation
    ]
    network = Network(tuple(layers))
    save_npz(network, tmp_path / "n.npz")
    assert load_network(tmp_path / "n.npz") == network
    small = Network.from_arrays([([[1]], [0])])
    save_npz(small, tmp_path / "s.npz")
    assert load_network(tmp_path / "s.npz").provenance.stored_dtype == "float32"
    with pytest.raises(InexactInputError, match="round_to"):
        save_npz(Network.from_arrays([([["1/3"]], [0])]), tmp_path / "t.npz")
    assert not (tmp_path / "t.npz").exists()


def test_skips_by_name(tmp_path: Path) -> None:
    one = np.array([[1.0]])
    path = save(tmp_path / "n.npz", W1=one, W2=one, W3=one, skip3_0=2 * one, skip3_1=np.array([[4]]))
    assert load_network(path)([3]) == (3 + 6 + 12,)
    assert load_network(path).provenance.stored_dtype == "float64 + int64"
    with np.load(tmp_path / "n.npz") as archive:
        assert "pieces" not in archive


def test_a_missing_bias_is_no_bias(tmp_path: Path) -> None:
    network = load_network(
        save(tmp_path / "n.npz", W1=np.array([[2]]), W2=np.array([[3.0]]), b2=np.array([1.0]))
    )
    assert network([1]) == (7,)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ({}, InputError, r"\(none\)"),
        ({"W2": [[1.0]]}, InputError, "not a network"),
        ({"W1": [[1.0]], "W3": [[1.0]]}, InputError, "not a network"),
        ({"W1": [[1.0]], "B1": [1.0]}, InputError, "what is B1"),
        ({"W1": [[1.0]], "b2": [1.0]}, InputError, "what is b2"),
        ({"W1": [1.0]}, ShapeError, "weight of layer 1"),
        ({"W1": [[1.0]], "b1": [[1.0]]}, ShapeError, "bias of layer 1"),
        ({"W1": [[1.0]], "b1": [1.0, 2.0]}, ShapeError, "do not fit"),
        ({"W1": [[1.0, 2.0]], "W2": [[1.0, 2.0]]}, ShapeError, "layer 2"),
        ({"W1": [[np.nan]]}, InexactInputError, "weight of layer 1, row 0, column 0"),
        ({"W1": [[1.0]], "widths": [2, 1]}, ShapeError, "widths"),
        ({"W1": [[1.0]], "activations": ["relu", "relu"]}, ShapeError, "2 activations"),
        ({"W1": [[1.0]], "activations": ["tanh"]}, InputError, "unknown activation"),
        ({"X": [[1.0]], "y": [1.0]}, InputError, "use load_dataset"),
        ({"W1": [[1.0]], "pieces": [1, 1]}, ShapeError, "2 pieces"),
        ({"W1": [[1.0]], "pieces": [1.5]}, InputError, "not integers"),
        ({"W1": [[1.0]], "pieces": [2]}, InputError, "every other unit one"),
        ({"W1": [[1.0]], "activations": ["maxout"]}, InputError, "at least two pieces"),
        ({"W1": [[1.0]], "activations": ["maxout"], "pieces": [2]}, ShapeError, "whole units"),
        ({"W1": [[1.0]], "skip1_0": [[1.0]]}, InputError, "leaves out at least one layer"),
        ({"W1": [[1.0]], "skip2_0": [[1.0]]}, InputError, "skip2_0 of .*does not exist|does not exist"),
        ({"W1": [[1.0]], "skip01_0": [[1.0]]}, InputError, "what is skip01_0"),
        ({"W1": [[1.0]], "W2": [[1.0]], "skip2_0": [[1.0, 2.0]]}, ShapeError, "does not fit its source"),
        ({"W1": [[1.0]], "W2": [[1.0]], "skip2_0": [[np.inf]]}, InexactInputError, "skip from 0 to layer 2"),
    ],
)
def test_wrong_networks(
    tmp_path: Path, arrays: dict[str, Any], error: type[InputError], message: str
) -> None:
    path = save(tmp_path / "n.npz", **{key: np.array(value) for key, value in arrays.items()})
    with pytest.raises(error, match=message):
        load_network(path)


def test_data_set(tmp_path: Path) -> None:
    path = save(
        tmp_path / "d.npz",
        X=np.array([[0.1, 2], [3, 4]]),
        y=np.array([1, 2]),
        feature_names=["a", "b"],
        target_name="t",
    )
    data = load_dataset(path)
    assert data.features.row(0) == (Fraction(0.1), 2)
    assert (data.feature_names, data.target_name) == (("a", "b"), "t")
    assert data.provenance.stored_dtype == "float64 + int64"
    assert len(data.provenance.sha256 or "") == 64


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ({"X": [[1.0]]}, InputError, "not a data set"),
        ({"X": [[1.0]], "y": [1.0], "z": [1.0]}, InputError, "X, y, z"),
        ({"W1": [[1.0]]}, InputError, "use load_network"),
        ({"X": [1.0], "y": [1.0]}, ShapeError, "not a table"),
        ({"X": [[1.0]], "y": [[1.0]]}, ShapeError, "ravel"),
        ({"X": [[1.0]], "y": [1.0, 2.0]}, ShapeError, "2 targets"),
        ({"X": [[np.inf]], "y": [1.0]}, InexactInputError, "row 0, column 0"),
    ],
)
def test_wrong_data_sets(
    tmp_path: Path, arrays: dict[str, Any], error: type[InputError], message: str
) -> None:
    path = save(tmp_path / "d.npz", **{key: np.array(value) for key, value in arrays.items()})
    with pytest.raises(error, match=message):
        load_dataset(path)


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    path = tmp_path / "n.npz"
    objects = np.array([{"code": 1}], dtype=object)
    np.savez(path, W1=objects)
    pickled = path.read_bytes()
    np.savez(path, W1=np.ones((4, 4)))
    whole = path.read_bytes()
    np.save(tmp_path / "single.npy", np.ones(3))
    single = (tmp_path / "single.npy").read_bytes()
    for content in (b"", b"garbage", b"PK\x03\x04", whole[:100], whole[:-10], pickled, single):
        path.write_bytes(content)
        for load in (load_network, load_dataset):
            with pytest.raises(InputError, match="not a NumPy archive"):
                load(path)
