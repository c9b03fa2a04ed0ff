"""The records of verification certificates (FORMAT.md section 7): networks, properties, and what holds.

The field names are the JSON keys of the format, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, TypeAlias

from exactnet.certificate.base import Integers, Rationals, Record, Row

__all__ = [
    "CounterexampleRecord",
    "NetworkFileRecord",
    "NoCounterexampleRecord",
    "ProofTree",
    "PropertyCase",
    "PropertyFileRecord",
    "PropertyRecord",
    "PropertyRow",
]

# inputs.x + outputs.y <= bound, or < bound: (inputs, outputs, bound, "<=" or "<")
PropertyRow: TypeAlias = tuple[Row, Row, Fraction, str]

# a closed box of the inputs and rows: (lower, upper, rows)
PropertyCase: TypeAlias = tuple[Rationals, Rationals, tuple[PropertyRow, ...]]


@dataclass(frozen=True, eq=False)
class ProofTree:
    """A tree that refutes cases of one box; `nodes` is the flat list of its nodes in pre-order.

    Trees with the same numbers are equal, whether `nodes` is a tuple or an array.
    """

    cases: tuple[int, ...]
    nodes: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProofTree):
            return NotImplemented
        return self.cases == other.cases and list(self.nodes) == list(other.nodes)

    def __hash__(self) -> int:
        return hash((self.cases, len(self.nodes)))


@dataclass(frozen=True)
class NetworkFileRecord(Record):
    """A network that stands in a file beside the certificate; `form` is "onnx"."""

    rule: ClassVar[str] = "network_file"
    file: str
    form: str
    sha256: str
    fingerprint: str


@dataclass(frozen=True)
class PropertyFileRecord(Record):
    """A property that stands in a file beside the certificate; `form` is "vnnlib"."""

    rule: ClassVar[str] = "property_file"
    file: str
    form: str
    sha256: str
    fingerprint: str


@dataclass(frozen=True)
class PropertyRecord(Record):
    """The unsafe points of a network: a union of cases, each a box with linear rows."""

    rule: ClassVar[str] = "property"
    n_inputs: int
    n_outputs: int
    cases: tuple[PropertyCase, ...]


@dataclass(frozen=True)
class NoCounterexampleRecord(Record):
    """No point satisfies the property; `semantics` is "real" or "float32", bounds are in units of 2^-grid."""

    rule: ClassVar[str] = "no_counterexample"
    network: str
    property: str
    semantics: str
    grid: int
    trees: tuple[ProofTree, ...]


@dataclass(frozen=True)
class CounterexampleRecord(Record):
    """A point that satisfies the property."""

    rule: ClassVar[str] = "counterexample"
    network: str
    property: str
    semantics: str
    point: Rationals
