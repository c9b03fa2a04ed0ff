"""The records of networks and their activation regions (FORMAT.md section 6).

The field names are the JSON keys of the format, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, TypeAlias

from exactnet.certificate.base import Integers, Rationals, Record

__all__ = ["FacesRecord", "LayerRecord", "NetworkRecord", "RegionCountRecord", "RegionTreeRecord", "Skip"]

# the number of the layer whose outputs are added (0: the inputs), and their weight
Skip: TypeAlias = tuple[int, tuple[Rationals, ...]]


@dataclass(frozen=True)
class LayerRecord:
    """One layer h -> activation(weight h + bias + skips); see FORMAT.md section 6."""

    weight: tuple[Rationals, ...]
    bias: Rationals
    activation: str
    slope: Fraction = Fraction(0)
    pieces: int = 1
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True)
class NetworkRecord(Record):
    """A network (FORMAT.md section 6)."""

    rule: ClassVar[str] = "network"
    n_inputs: int
    layers: tuple[LayerRecord, ...]


@dataclass(frozen=True, eq=False)
class RegionTreeRecord(Record):
    """All activation regions of a network in a domain, proved complete (FORMAT.md section 6).

    `nodes` is the flat list of nodes in pre-order. Records with the same numbers are equal, whether `nodes`
    is a tuple or an array.
    """

    rule: ClassVar[str] = "region_tree"
    network: str
    domain: tuple[tuple[int, ...], ...]
    n_cells: int
    nodes: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RegionTreeRecord):
            return NotImplemented
        return self._head() == other._head() and list(self.nodes) == list(other.nodes)

    def __hash__(self) -> int:
        return hash(self._head())

    def _head(self) -> tuple[object, ...]:
        return self.id, self.network, self.domain, self.n_cells, len(self.nodes)


@dataclass(frozen=True)
class FacesRecord(Record):
    """The face counts of the polyhedral complex of a region tree's leaves (FORMAT.md section 6)."""

    rule: ClassVar[str] = "faces"
    cells: str
    f_vector: tuple[int, ...]
    n_bounded: int


@dataclass(frozen=True)
class RegionCountRecord(Record):
    """The number of regions of a region tree by the definition R1, R4, R5 or R6 (FORMAT.md section 6)."""

    rule: ClassVar[str] = "region_count"
    cells: str
    definition: str
    n_regions: int
