"""Networks and properties that stand in files of their own (FORMAT.md section 7)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from exactnet.checker.facts import Known
from exactnet.checker.files import Files, as_hash
from exactnet.checker.model_file import ChainLayer, read_chain
from exactnet.checker.network import NetworkData, check_network
from exactnet.checker.properties import PropertyData, property_of
from exactnet.checker.property_file import read_cases
from exactnet.checker.read import as_text, one_of, reject

__all__ = ["FILE_KEYS", "check_network_file", "check_property_file"]

FILE_KEYS = ("file", "form", "sha256", "fingerprint")


@dataclass(frozen=True)
class NetworkFile(NetworkData):
    """A network read from a file."""

    rule: ClassVar[str] = "network_file"
    sha256: str

    def about(self) -> str:
        """Describe the network, with the hash of its file."""
        return f"{super().about()}, read from the file with SHA-256 {self.sha256}"


@dataclass(frozen=True)
class PropertyFile(PropertyData):
    """A property read from a file."""

    rule: ClassVar[str] = "property_file"
    sha256: str

    def about(self) -> str:
        """Describe the property, with the hash of its file."""
        return f"{super().about()}, read from the file with SHA-256 {self.sha256}"


def check_network_file(
    record: dict[str, object], name: str, known: Known, *, files: Files | None = None
) -> NetworkFile:
    """Rule `network_file`."""
    one_of(record["form"], ("onnx",), "form")
    sha256 = as_hash(record["sha256"], "sha256")
    content = (files or Files()).content(as_text(record["file"], "file"), sha256, "model")
    n_inputs, layers = read_chain(content)
    read = check_network({"n_inputs": n_inputs, "layers": [*map(_layer_object, layers)]}, name, known)
    _require_same(record, read.fingerprint)
    return NetworkFile(**_values(read), sha256=sha256)  # type: ignore[arg-type]


def check_property_file(
    record: dict[str, object], name: str, known: Known, *, files: Files | None = None
) -> PropertyFile:
    """Rule `property_file`."""
    one_of(record["form"], ("vnnlib",), "form")
    sha256 = as_hash(record["sha256"], "sha256")
    content = (files or Files()).content(as_text(record["file"], "file"), sha256, "property")
    read = property_of(name, *read_cases(content))
    _require_same(record, read.fingerprint)
    return PropertyFile(**_values(read), sha256=sha256)  # type: ignore[arg-type]


def _values(fact: NetworkData | PropertyData) -> dict[str, object]:
    return {field.name: getattr(fact, field.name) for field in fields(fact)}


def _layer_object(layer: ChainLayer) -> dict[str, object]:
    """A layer as the rule `network` takes it."""
    return {
        "weight": [[str(q) for q in row] for row in layer.weight],
        "bias": [str(q) for q in layer.bias],
        "activation": "relu" if layer.is_relu else "identity",
        "slope": "0",
        "pieces": 1,
        "skips": [],
    }


def _require_same(record: dict[str, object], fingerprint: str) -> None:
    if as_hash(record["fingerprint"], "fingerprint") != fingerprint:
        reject(f"what the file says has the fingerprint {fingerprint}, not the stated one")
