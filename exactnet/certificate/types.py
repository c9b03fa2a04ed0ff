"""The records of a certificate, one frozen dataclass a rule of `exactnet/checker/FORMAT.md`.

A record only carries numbers; what it claims and how that is checked stands in FORMAT.md. The field
names are the JSON keys of the format, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RECORDS",
    "ArrangementRecord",
    "Bound",
    "Certificate",
    "CountRecord",
    "DualBoundRecord",
    "EnclosureRecord",
    "EvaluationRecord",
    "FacesRecord",
    "FarkasRecord",
    "GapRecord",
    "GroupProgramRecord",
    "Integers",
    "LayerRecord",
    "LinearOptimumRecord",
    "LinearSystemRecord",
    "NetworkRecord",
    "Neuron",
    "Node",
    "PrimalBoundRecord",
    "PrimalDualRecord",
    "ProblemRecord",
    "ProgramOptimumRecord",
    "Record",
    "RegionCountRecord",
    "RegionTreeRecord",
    "Row",
    "Skip",
    "SplitTreeRecord",
    "WeightedNorm",
    "WitnessRecord",
]

Rationals = tuple[Fraction, ...]

# a long list of integers: a tuple, or an array of int64, which is smaller
Integers: TypeAlias = tuple[int, ...] | NDArray[np.int64]

# the number of the layer whose outputs are added (0: the inputs), and their weight
Skip: TypeAlias = tuple[int, tuple[Rationals, ...]]


@dataclass(frozen=True)
class Neuron:
    """One hidden unit: `u` over the homogenised coordinates (weights, then any bias), output weight `a`."""

    u: Rationals
    a: Fraction


@dataclass(frozen=True)
class Record:
    """One step of a proof; `id` is unique in its certificate."""

    rule: ClassVar[str]
    id: str


@dataclass(frozen=True)
class ProblemRecord(Record):
    """The training problem (FORMAT.md section 2)."""

    rule: ClassVar[str] = "problem"
    features: tuple[Rationals, ...]
    targets: Rationals
    beta: Fraction
    norm: str
    bias: str
    loss: str = "squared"
    kappa: Fraction = Fraction(0)


@dataclass(frozen=True)
class ArrangementRecord(Record):
    """Distinct hyperplanes of the data; `rows[i]` is None for a zero row, else (form index, scale)."""

    rule: ClassVar[str] = "arrangement"
    problem: str
    forms: tuple[tuple[int, ...], ...]
    rows: tuple[tuple[int, Fraction] | None, ...]


# a node of the tree: ("split", k) | ("farkas", k, s, c, ((j, m), ...)) | ("cell", point) | ("mirror",)
Node = tuple[object, ...]


@dataclass(frozen=True)
class SplitTreeRecord(Record):
    """All cells, proved complete (FORMAT.md section 3); nodes in pre-order."""

    rule: ClassVar[str] = "split_tree"
    arrangement: str
    n_cells: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class CountRecord(Record):
    """Independent recount of a split tree's cells."""

    rule: ClassVar[str] = "count"
    cells: str


# a bound of one leaf and sign: 0, or (den, j1, m1, j2, m2, ...)
Bound = int | tuple[int, ...]


@dataclass(frozen=True)
class DualBoundRecord(Record):
    """A dual feasible vector: the optimum is at least `value`."""

    rule: ClassVar[str] = "dual_bound"
    problem: str
    v: Rationals
    by: str
    cells: str | None
    bounds: tuple[tuple[Bound, ...], ...] | None
    value: Fraction


@dataclass(frozen=True)
class PrimalBoundRecord(Record):
    """A network whose objective is at most `value`."""

    rule: ClassVar[str] = "primal_bound"
    problem: str
    neurons: tuple[Neuron, ...]
    t: Fraction
    value: Fraction


@dataclass(frozen=True)
class EnclosureRecord(Record):
    """The optimum lies in [lower, upper]."""

    rule: ClassVar[str] = "enclosure"
    problem: str
    dual: str
    primal: str
    lower: Fraction
    upper: Fraction


@dataclass(frozen=True)
class PrimalDualRecord(Record):
    """The optimum equals `value`."""

    rule: ClassVar[str] = "primal_dual"
    problem: str
    dual: str
    primal: str
    value: Fraction


@dataclass(frozen=True)
class EvaluationRecord(Record):
    """This network has exactly this objective."""

    rule: ClassVar[str] = "evaluation"
    problem: str
    neurons: tuple[Neuron, ...]
    t: Fraction
    objective: Fraction


@dataclass(frozen=True)
class GapRecord(Record):
    """A network's objective exceeds the optimum by at least `lower` and at most `upper`."""

    rule: ClassVar[str] = "gap"
    evaluation: str
    optimum: str
    lower: Fraction
    upper: Fraction


@dataclass(frozen=True)
class LinearSystemRecord(Record):
    """A system of linear relations; relations are "<=", "<" or "="."""

    rule: ClassVar[str] = "linear_system"
    n_variables: int
    rows: tuple[Rationals, ...]
    relations: tuple[str, ...]
    rhs: Rationals


@dataclass(frozen=True)
class WitnessRecord(Record):
    """A solution of a linear system."""

    rule: ClassVar[str] = "witness"
    system: str
    point: Rationals


@dataclass(frozen=True)
class FarkasRecord(Record):
    """A linear system has no solution."""

    rule: ClassVar[str] = "farkas"
    system: str
    multipliers: Rationals


@dataclass(frozen=True)
class LinearOptimumRecord(Record):
    """The minimum of a linear objective over a system equals `value`."""

    rule: ClassVar[str] = "linear_optimum"
    system: str
    objective: Rationals
    point: Rationals
    multipliers: Rationals
    value: Fraction


# a linear function of the variables of a programme: (variable, coefficient), increasing, none of them 0
Row: TypeAlias = tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True)
class WeightedNorm:
    """A penalty weight |rows z| with the l2 norm."""

    weight: Fraction
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class GroupProgramRecord(Record):
    """A convex programme with norms and semidefinite blocks (FORMAT.md section 5)."""

    rule: ClassVar[str] = "group_program"
    n_variables: int
    fit: tuple[Row, ...]
    target: Rationals
    cost: Row
    norms: tuple[WeightedNorm, ...]
    at_least: tuple[Row, ...]
    least: Rationals
    equal: tuple[Row, ...]
    level: Rationals
    semidefinite: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True)
class ProgramOptimumRecord(Record):
    """The minimum of a programme lies in [lower, upper]: a feasible point, and feasible dual vectors."""

    rule: ClassVar[str] = "program_optimum"
    program: str
    point: Rationals
    lengths: Rationals
    v: Rationals
    multipliers: Rationals
    free: Rationals
    pulls: tuple[Rationals, ...]
    matrices: tuple[Rationals, ...]
    lower: Fraction
    upper: Fraction


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


# the class of each rule
RECORDS: dict[str, type[Record]] = {
    record.rule: record
    for record in (
        ProblemRecord,
        ArrangementRecord,
        SplitTreeRecord,
        CountRecord,
        DualBoundRecord,
        PrimalBoundRecord,
        EnclosureRecord,
        PrimalDualRecord,
        EvaluationRecord,
        GapRecord,
        LinearSystemRecord,
        WitnessRecord,
        FarkasRecord,
        LinearOptimumRecord,
        GroupProgramRecord,
        ProgramOptimumRecord,
        NetworkRecord,
        RegionTreeRecord,
        FacesRecord,
        RegionCountRecord,
    )
}


@dataclass(frozen=True)
class Certificate:
    """A whole proof: records in order, and the ids of those that carry its conclusions."""

    title: str
    records: tuple[Record, ...]
    claims: tuple[str, ...]
    provenance: dict[str, str] = field(default_factory=dict)
    stats: dict[str, str] = field(default_factory=dict)
