"""Load a network or a data set; the suffix of the file says how."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from exactnet.errors import InputError, UnsupportedError
from exactnet.io.files import MAX_BYTES, PathName, read_bytes
from exactnet.model import Dataset, Network

__all__ = ["load_dataset", "load_network"]


def load_network(path: PathName) -> Network:
    """Read a trained network from a file.

    Parameters
    ----------
    path : `.onnx`; `.npz` with W1, b1, W2, b2, ...; `.pt` or `.pth` with a state dict (needs torch); `.nnet`
        (on normalised inputs and outputs, see `load_nnet`). `.onnx` and `.nnet` may be compressed, with `.gz`
        behind the name.

    Raises
    ------
    InputError : missing or damaged file. UnsupportedError : another suffix, or a model outside the class.
    InexactInputError : NaN or infinity in a weight. ShapeError : sizes that do not fit.

    Examples
    --------
    >>> load_network("model.h5")
    Traceback (most recent call last):
        ...
    exactnet.errors.UnsupportedError: unknown kind of network file
      where:    model.h5
      got:      the suffix '.h5'
      expected: .onnx, .npz, .nnet, .pt or .pth
      do:       export the model to ONNX
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".gz" and Path(path).with_suffix("").suffix.lower() in (".onnx", ".nnet"):
        suffix = Path(path).with_suffix("").suffix.lower()
    # imported here: each reader brings a heavy package with it
    if suffix == ".onnx":
        from exactnet.io.onnx import load_onnx

        return load_onnx(path)
    if suffix == ".npz":
        from exactnet.io.npz import load_npz

        return load_npz(path)
    if suffix in (".pt", ".pth"):
        from exactnet.io.torch import load_pt

        return load_pt(path)
    if suffix == ".nnet":
        from exactnet.io.nnet import load_nnet

        return load_nnet(path)
    hint = "this is a data set: use load_dataset" if suffix == ".csv" else "export the model to ONNX"
    raise UnsupportedError(
        "unknown kind of network file",
        where=str(path),
        got=f"the suffix {suffix!r}",
        expected=".onnx, .npz, .nnet, .pt or .pth",
        hint=hint,
    )


def load_dataset(path_or_name: PathName, *, max_bytes: int = MAX_BYTES) -> Dataset:
    """Read a data set from a file, or take a small one by its name.

    Parameters
    ----------
    path_or_name : `.csv` with a header (see `load_csv`), `.npz` with X and y; or the name "iris", or
        "wine", "breast_cancer", "diabetes", "digits" where scikit-learn is installed.
    max_bytes : larger CSV files are refused.

    Raises
    ------
    InputError : missing file, unknown name; ParseError : points at the character in a CSV file.
    InexactInputError : NaN or infinity. UnsupportedError : another suffix.
    MissingExtraError : a name that needs scikit-learn.

    Examples
    --------
    >>> load_dataset("iris").n_samples
    150
    >>> load_dataset("irsi")
    Traceback (most recent call last):
        ...
    exactnet.errors.InputError: there is no such data set
      where:    irsi
      expected: a .csv or .npz file, or one of iris, breast_cancer, diabetes, digits, wine
      do:       did you mean 'iris'?
    """
    suffix = Path(path_or_name).suffix.lower()
    if suffix == ".csv":
        from exactnet.io.csv import load_csv

        return load_csv(path_or_name, max_bytes=max_bytes)
    if suffix == ".npz":
        from exactnet.io.npz import load_dataset_npz

        return load_dataset_npz(path_or_name)
    from exactnet.io.toys import TOY_DATASETS, load_toy

    name, known = str(path_or_name), "a .csv or .npz file, or one of " + ", ".join(TOY_DATASETS)
    if name in TOY_DATASETS:
        return load_toy(name)
    if suffix:
        hint = (
            "this is a network: use load_network"
            if suffix in (".onnx", ".nnet", ".pt", ".pth")
            else "save it as CSV"
        )
        raise UnsupportedError(
            "unknown kind of data file", where=name, got=f"the suffix {suffix!r}", expected=known, hint=hint
        )
    if Path(name).is_dir():
        read_bytes(name, what="data set", suffixes=[".csv", ".npz"])
    close = get_close_matches(name, TOY_DATASETS, n=1)
    raise InputError(
        "there is no such data set",
        where=name,
        expected=known,
        hint=f"did you mean {close[0]!r}?" if close else "check the spelling; a file needs its suffix",
    )
