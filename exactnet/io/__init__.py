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
    from exactnet.io.npz import save_npz
    from exactnet.io.onnx import from_onnx
    from exactnet.io.onnx_write import save_onnx, to_onnx
    from exactnet.io.store import load_certificate
    from exactnet.io.torch import from_torch, to_torch
    from exactnet.io.toys import iris

__all__ = [
    "from_onnx",
    "from_torch",
    "iris",
    "load_certificate",
    "load_dataset",
    "load_forms",
    "load_network",
    "save_npz",
    "save_onnx",
    "to_onnx",
    "to_torch",
]

_HOMES = {
    "from_onnx": "onnx",
    "from_torch": "torch",
    "iris": "toys",
    "load_certificate": "store",
    "load_dataset": "load",
    "load_forms": "csv",
    "load_network": "load",
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
