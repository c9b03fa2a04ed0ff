"""The records of a certificate, one frozen dataclass a rule of `exactnet/checker/FORMAT.md`.

A record only carries numbers; what it claims and how that is checked stands in FORMAT.md. The field
names are the JSON keys of the format, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from exactnet.certificate.base import Integers, Rationals, Record, Row
from exactnet.certificate.region_types import (
    FacesRecord,
    LayerRecord,
    NetworkRecord,
    RegionCountRecord,
    RegionTreeRecord,
    Skip,
)
from exactnet.certificate.tropical_types import (
    DifferentPolynomialsRecord,
    EssentialTermsRecord,
    IndexedPoint,
    IndexedRow,
    SamePolynomialRecord,
    TropicalFormRecord,
    TropicalPolynomialRecord,
)
from exactnet.certificate.verification_types import (
    CounterexampleRecord,
    NetworkFileRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyCase,
    PropertyFileRecord,
    PropertyRecord,
    PropertyRow,
)

__all__ = [
    "RECORDS",
    "ArrangementRecord",
    "Bound",
    "Certificate",
    "CountRecord",
    "CounterexampleRecord",
    "DifferentPolynomialsRecord",
    "DualBoundRecord",
    "EnclosureRecord",
    "EssentialTermsRecord",
    "EvaluationRecord",
    "FacesRecord",
    "FarkasRecord",
    "GapRecord",
    "GroupProgramRecord",
    "IndexedPoint",
    "IndexedRow",
    "Integers",
    "LayerRecord",
    "LinearOptimumRecord",
    "LinearSystemRecord",
    "NetworkFileRecord",
    "NetworkRecord",
    "Neuron",
    "NoCounterexampleRecord",
    "Node",
    "PrimalBoundRecord",
    "PrimalDualRecord",
    "ProblemRecord",
    "ProgramOptimumRecord",
    "ProofTree",
    "PropertyCase",
    "PropertyFileRecord",
    "PropertyRecord",
    "PropertyRow",
    "Record",
    "RegionCountRecord",
    "RegionTreeRecord",
    "Row",
    "SamePolynomialRecord",
    "Skip",
    "SplitTreeRecord",
    "TropicalFormRecord",
    "TropicalPolynomialRecord",
    "WeightedNorm",
    "WitnessRecord",
]


@dataclass(frozen=True)
class Neuron:
    """One hidden unit: `u` over the homogenised coordinates (weights, then any bias), output weight `a`."""

    u: Rationals
    a: Fraction


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
        TropicalPolynomialRecord,
        SamePolynomialRecord,
        DifferentPolynomialsRecord,
        EssentialTermsRecord,
        TropicalFormRecord,
        NetworkFileRecord,
        PropertyFileRecord,
        PropertyRecord,
        NoCounterexampleRecord,
        CounterexampleRecord,
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
