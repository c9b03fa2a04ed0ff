"""NumPy archives: a network as W1, b1, W2, b2, ..., a data set as X, y."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, ShapeError
from exactnet.exact import to_fraction
from exactnet.io.files import FileBytes, PathName, read_bytes, write_bytes
from exactnet.io.floats import float_layers
from exactnet.model import AffineLayer, Dataset, Network, Provenance
from exactnet.model.activation import activation_named
from exactnet.model.provenance import stored_dtype

__all__ = ["load_dataset_npz", "load_npz", "save_npz"]

_NETWORK_KEYS = "W1, b1, W2, b2, ... (and optionally widths, activations, slopes)"


def load_npz(path: PathName) -> Network:
    """Read a network from a `.npz` archive.

    Parameters
    ----------
    path : archive with W1, b1, W2, b2, ...; Wk is (n_outputs x n_inputs), bk (n_outputs,), or missing for no
        bias. relu follows all but the last layer, unless `activations` names them ("relu", ..., one a
        layer) with `slopes` for leaky_relu. `widths` is checked if it is there.

    Raises
    ------
    InputError : not such an archive, an unknown key, a gap in the numbering.
    ShapeError : sizes that do not fit. InexactInputError : NaN or infinity.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "network.npz")
    ...     save_npz(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]), file)
    ...     load_npz(file)([-0.5])
    (Fraction(1, 2),)
    """
    file = read_bytes(path, what="network", suffixes=[".npz"])
    arrays = _arrays(file)
    if {"X", "y"} <= set(arrays):
        raise InputError(
            "this archive holds a data set, not a network",
            where=file.name,
            got="X and y",
            hint="use load_dataset",
        )
    depth = _depth(arrays, file.name)
    numbers = [arrays[key] for key in arrays if re.fullmatch(r"[Wb]\d+", key)]
    provenance = Provenance(file.name, file.sha256, stored_dtype(numbers))
    pairs = [(arrays[f"W{k}"], arrays.get(f"b{k}")) for k in range(1, depth + 1)]
    plain = Network.from_arrays(pairs, provenance=provenance)
    network = _with_activations(plain, arrays, file.name)
    widths = arrays.get("widths")
    if widths is not None and tuple(widths.ravel().tolist()) != network.widths:
        raise ShapeError(
            "the widths do not belong to these weights",
            where=f"widths of {file.name}",
            got=str(widths.ravel().tolist()),
            expected=str(list(network.widths)),
        )
    return network


def _depth(arrays: dict[str, NDArray[Any]], name: str) -> int:
    """Number of layers, after checking that the keys are W1 to Wn, some of b1 to bn, and known extras."""
    depth = sum(1 for key in arrays if re.fullmatch(r"W\d+", key))
    known = {f"{letter}{k}" for letter in "Wb" for k in range(1, depth + 1)}
    unknown = sorted(set(arrays) - known - {"widths", "activations", "slopes"})
    missing = [f"W{k}" for k in range(1, depth + 1) if f"W{k}" not in arrays]
    if unknown or missing or not depth:
        raise InputError(
            "the archive is not a network",
            where=name,
            got="the keys " + (", ".join(arrays) or "(none)"),
            expected=_NETWORK_KEYS,
            hint=f"what is {unknown[0]}?" if unknown else None,
        )
    return depth


def _with_activations(network: Network, arrays: dict[str, NDArray[Any]], name: str) -> Network:
    if "activations" not in arrays:
        return network
    kinds, n_layers = [str(kind) for kind in arrays["activations"].ravel()], len(network.layers)
    slopes = arrays["slopes"].ravel().tolist() if "slopes" in arrays else [0] * n_layers
    if len(kinds) != n_layers or len(slopes) != n_layers:
        raise ShapeError(
            "the numbers of activations, slopes and layers differ",
            where=name,
            got=f"{len(kinds)} activations, {len(slopes)} slopes",
            expected=f"{n_layers} of each",
        )
    layers = [
        AffineLayer(
            layer.weight, layer.bias, activation_named(kind), to_fraction(slope, where=f"slopes of {name}")
        )
        for layer, kind, slope in zip(network.layers, kinds, slopes, strict=True)
    ]
    return Network(tuple(layers), network.provenance)


def save_npz(network: Network, path: PathName, *, round_to: str | None = None) -> None:
    """Write a network as `.npz`; `load_npz` gives the same layers back.

    Parameters
    ----------
    network : its numbers must be floats (float32 is used if it can hold them all, else float64).
    path : file to write.
    round_to : "float32" or "float64" to store the nearest floats instead; then it is another function.

    Raises
    ------
    InexactInputError : a number that no float64 can hold, and no `round_to`.

    Examples
    --------
    >>> import os, tempfile
    >>> network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])], activation="abs")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_npz(network, os.path.join(folder, "network.npz"))
    ...     load_npz(os.path.join(folder, "network.npz")) == network
    True
    """
    layers = float_layers(network, round_to=round_to)
    arrays: dict[str, Any] = {}
    for k, (weight, bias, _) in enumerate(layers, start=1):
        arrays[f"W{k}"], arrays[f"b{k}"] = weight, bias
    arrays["activations"] = np.array([str(layer.activation) for layer in network.layers])
    arrays["slopes"] = np.array([slope for _, _, slope in layers])
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def load_dataset_npz(path: PathName) -> Dataset:
    """Read a data set from a `.npz` archive with X (n_samples x n_features) and y (n_samples,).

    Optional: `feature_names` (n_features texts) and `target_name` (one text).

    Raises
    ------
    InputError : not such an archive. ShapeError : sizes that do not fit. InexactInputError : NaN, infinity.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "data.npz")
    ...     np.savez(file, X=np.array([[0.5], [1]]), y=np.array([1, 2]))
    ...     load_dataset_npz(file).n_samples
    2
    """
    file = read_bytes(path, what="data set", suffixes=[".npz"])
    arrays = _arrays(file)
    unknown = sorted(set(arrays) - {"X", "y", "feature_names", "target_name"})
    if unknown or not {"X", "y"} <= set(arrays):
        raise InputError(
            "the archive is not a data set",
            where=file.name,
            got="the keys " + (", ".join(arrays) or "(none)"),
            expected="X and y (and optionally feature_names, target_name)",
            hint="this looks like a network: use load_network" if "W1" in arrays else None,
        )
    names = [str(name) for name in arrays["feature_names"].ravel()] if "feature_names" in arrays else None
    target = str(arrays["target_name"].item()) if "target_name" in arrays else "y"
    provenance = Provenance(file.name, file.sha256, stored_dtype([arrays["X"], arrays["y"]]))
    return Dataset.from_arrays(
        arrays["X"], arrays["y"], feature_names=names, target_name=target, provenance=provenance
    )


def _arrays(file: FileBytes) -> dict[str, NDArray[Any]]:
    """All arrays of an archive; pickled objects are refused, because reading them can run code."""
    try:
        archive = np.load(io.BytesIO(file.content), allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds a single array")
        return {key: archive[key] for key in archive.files}
    except (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            "the file is not a NumPy archive of plain arrays",
            where=file.name,
            got=str(error).splitlines()[0] if str(error) else "no content",
            expected="a .npz file written by numpy.savez",
        ) from None
