"""exactnet: exact analysis of small ReLU networks, every answer with a certificate.

Nothing heavy is imported until it is used: the names below load their module on first access.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from exactnet.version import __version__

if TYPE_CHECKING:
    from exactnet.certificate import Certificate, Result, Status
    from exactnet.convex import TrainingProblem, audit, optimum
    from exactnet.crosscheck import compare, train
    from exactnet.exact import RationalMatrix
    from exactnet.geometry import regions
    from exactnet.io import load_certificate, load_dataset, load_network
    from exactnet.model import Dataset, Network, Property

_HOMES = {
    "Certificate": "exactnet.certificate",
    "Dataset": "exactnet.model",
    "Network": "exactnet.model",
    "Property": "exactnet.model",
    "RationalMatrix": "exactnet.exact",
    "Result": "exactnet.certificate",
    "Status": "exactnet.certificate",
    "TrainingProblem": "exactnet.convex",
    "audit": "exactnet.convex",
    "compare": "exactnet.crosscheck",
    "load_dataset": "exactnet.io",
    "load_network": "exactnet.io",
    "load_certificate": "exactnet.io",
    "optimum": "exactnet.convex",
    "regions": "exactnet.geometry",
    "train": "exactnet.crosscheck",
}

__all__ = [
    "Certificate",
    "Dataset",
    "Network",
    "Property",
    "RationalMatrix",
    "Result",
    "Status",
    "TrainingProblem",
    "__version__",
    "audit",
    "compare",
    "load_certificate",
    "load_dataset",
    "load_network",
    "optimum",
    "regions",
    "train",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'exactnet' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
