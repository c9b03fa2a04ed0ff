"""`exactnet info FILE`: what is in a data set, a network or a certificate."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

import typer

from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import session
from exactnet.report import Report

__all__ = ["info"]

File = Annotated[
    str, typer.Argument(metavar="FILE", help="Data (.csv, .npz, a name), network or certificate.")
]

NETWORKS = (".onnx", ".pt", ".pth")
CERTIFICATES = (".jsonl", ".gz")


def info(file: File, json: Json = False, quiet: Quiet = False, traceback: Traceback = False) -> None:
    """What is in a file, and what will work with it."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        shell.answer(_report(file))


def _report(file: str) -> Report:
    """Read the file as what its name and content say it is."""
    from exactnet.io import load_certificate, load_dataset, load_network
    from exactnet.report.info import certificate_info, dataset_info, network_info

    ending = Path(file).suffix.lower()
    if ending in CERTIFICATES:
        return certificate_info(load_certificate(file))
    if ending in NETWORKS or (ending == ".npz" and _holds_weights(Path(file))):
        return network_info(load_network(file))
    return dataset_info(load_dataset(file))


def _holds_weights(path: Path) -> bool:
    """An .npz archive is a data set when it has X, a network otherwise."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "X.npy" not in archive.namelist()
