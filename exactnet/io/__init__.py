"""Files in, files out: networks, data sets, certificates.

Each reader loads its package (onnx, torch, ...) on first use only.

Examples
--------
>>> load_dataset("iris").n_features
4
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exactnet.io.csv import load_forms
    from exactnet.io.load import load_dataset, load_network
    from exactnet.io.nnet import load_nnet
    from exactnet.io.npz import save_npz
    from exactnet.io.onnx import from_onnx
    from exactnet.io.onnx_chain import is_float32_executable, load_chain
    from exactnet.io.onnx_write import save_onnx, to_onnx
    from exactnet.io.store import load_certificate
    from exactnet.io.torch import from_torch, to_torch
    from exactnet.io.toys import iris
    from exactnet.io.vnnlib import load_vnnlib, parse_vnnlib

__all__ = [
    "from_onnx",
    "from_torch",
    "iris",
    "is_float32_executable",
    "load_certificate",
    "load_chain",
    "load_dataset",
    "load_forms",
    "load_network",
    "load_nnet",
    "load_vnnlib",
    "parse_vnnlib",
    "save_npz",
    "save_onnx",
    "to_onnx",
    "to_torch",
]

_HOMES = {
    "from_onnx": "onnx",
    "from_torch": "torch",
    "iris": "toys",
    "is_float32_executable": "onnx_chain",
    "load_chain": "onnx_chain",
    "load_vnnlib": "vnnlib",
    "parse_vnnlib": "vnnlib",
    "load_certificate": "store",
    "load_dataset": "load",
    "load_forms": "csv",
    "load_network": "load",
    "load_nnet": "nnet",
    "save_npz": "npz",
    "save_onnx": "onnx_write",
    "to_onnx": "onnx_write",
    "to_torch": "torch",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'exactnet.io' has no attribute {name!r}")
    value = getattr(import_module(f"exactnet.io.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
