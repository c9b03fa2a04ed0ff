"""NumPy archives: a network as W1, b1, W2, b2, ..., a data set as X, y.

Further keys of a network, all optional: `widths` (number of inputs, then of the units of each layer),
`activations` and `slopes` (one a layer), `pieces` (one a layer: those of a maxout unit, 1 for all others),
and for every skip connection `skip3_1`, the weight from the outputs of layer 1 to layer 3 (`skip3_0`: from
the inputs).
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, ShapeError
from exactnet.io.files import FileBytes, PathName, read_bytes, write_bytes
from exactnet.io.floats import float_layers
from exactnet.model import AffineLayer, Dataset, Network, Provenance
from exactnet.model.activation import activation_named
from exactnet.model.provenance import stored_dtype

__all__ = ["load_dataset_npz", "load_npz", "save_npz"]

_SKIP = r"skip([1-9]\d*)_(0|[1-9]\d*)"
_NETWORK_KEYS = "W1, b1, W2, b2, ... (and optionally widths, activations, slopes, pieces, skip3_1, ...)"


def load_npz(path: PathName) -> Network:
    """Read a network from a `.npz` archive.

    Parameters
    ----------
    path : archive with W1, b1, W2, b2, ...; Wk is (n_outputs x n_inputs), bk (n_outputs,), or missing for no
        bias. relu follows all but the last layer, unless `activations` names them ("relu", ..., one a
        layer) with `slopes` for leaky_relu and `pieces` for maxout (the rows of a unit stand together in
        Wk). `skip3_1` is the weight of a skip connection from the outputs of layer 1 to layer 3, `skip3_0`
        of one from the inputs. `widths` is checked if it is there.

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
    numbers = [arrays[key] for key in arrays if re.fullmatch(r"[Wb]\d+|" + _SKIP, key)]
    provenance = Provenance(file.name, file.sha256, stored_dtype(numbers))
    network = Network(_layers(arrays, depth, file.name), provenance)
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
    known |= {"widths", "activations", "slopes", "pieces"}
    known |= {key for key in arrays if re.fullmatch(_SKIP, key)}
    unknown = sorted(set(arrays) - known)
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


def _layers(arrays: dict[str, NDArray[Any]], depth: int, name: str) -> tuple[AffineLayer, ...]:
    if "activations" in arrays:
        kinds = [str(kind) for kind in arrays["activations"].ravel()]
    else:
        kinds = ["relu"] * (depth - 1) + ["identity"]
    slopes = arrays["slopes"].ravel().tolist() if "slopes" in arrays else [0] * depth
    pieces = arrays["pieces"].ravel().tolist() if "pieces" in arrays else [1] * depth
    if not len(kinds) == len(slopes) == len(pieces) == depth:
        raise ShapeError(
            "the numbers of activations, slopes, pieces and layers differ",
            where=name,
            got=f"{len(kinds)} activations, {len(slopes)} slopes, {len(pieces)} pieces",
            expected=f"{depth} of each",
        )
    if not all(isinstance(entry, int) for entry in pieces):
        raise InputError(
            "the numbers of pieces are not integers",
            where=f"pieces of {name}",
            got=str(pieces),
            expected="one integer a layer: those of a maxout unit, 1 for all others",
        )
    skips = _skips(arrays, depth, name)
    return tuple(
        AffineLayer.from_arrays(
            arrays[f"W{k}"],
            arrays.get(f"b{k}"),
            activation=activation_named(kinds[k - 1]),
            slope=slopes[k - 1],
            pieces=pieces[k - 1],
            skips=skips.get(k),
            where=f"layer {k}",
        )
        for k in range(1, depth + 1)
    )


def _skips(arrays: dict[str, NDArray[Any]], depth: int, name: str) -> dict[int, dict[int, object]]:
    """For each layer with skip connections their weights, under their sources."""
    found: dict[int, dict[int, object]] = {}
    for key in arrays:
        match = re.fullmatch(_SKIP, key)
        if match is None:
            continue
        target, source = map(int, match.groups())
        if target > depth:
            raise InputError(
                "a skip connection to a layer that does not exist",
                where=f"{key} of {name}",
                got=f"layer {target}",
                expected=f"1 to {depth}",
            )
        found.setdefault(target, {})[source] = arrays[key]
    return found


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
    for k, layer in enumerate(layers, start=1):
        arrays[f"W{k}"], arrays[f"b{k}"] = layer.weight, layer.bias
        arrays |= {f"skip{k}_{source}": weight for source, weight in layer.skips.items()}
    arrays["activations"] = np.array([str(layer.activation) for layer in network.layers])
    arrays["slopes"] = np.array([layer.slope for layer in layers])
    if any(layer.pieces > 1 for layer in network.layers):
        arrays["pieces"] = np.array([layer.pieces for layer in network.layers])
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
