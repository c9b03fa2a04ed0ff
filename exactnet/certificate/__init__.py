"""Proofs as data: records, their text, results that carry them, and the way to the checker."""

from __future__ import annotations

from exactnet.certificate.check import Verdict, check_file, check_text
from exactnet.certificate.linear import decide_system, minimum
from exactnet.certificate.parse import parse_certificate
from exactnet.certificate.result import Result, Status
from exactnet.certificate.types import (
    ArrangementRecord,
    Bound,
    Certificate,
    CountRecord,
    DualBoundRecord,
    EnclosureRecord,
    EvaluationRecord,
    FarkasRecord,
    GapRecord,
    LinearOptimumRecord,
    LinearSystemRecord,
    Neuron,
    Node,
    PrimalBoundRecord,
    PrimalDualRecord,
    ProblemRecord,
    Record,
    SplitTreeRecord,
    WitnessRecord,
)
from exactnet.certificate.write import certificate_text, problem_fingerprint, write_certificate

__all__ = [
    "ArrangementRecord",
    "Bound",
    "Certificate",
    "CountRecord",
    "DualBoundRecord",
    "EnclosureRecord",
    "EvaluationRecord",
    "FarkasRecord",
    "GapRecord",
    "LinearOptimumRecord",
    "LinearSystemRecord",
    "Neuron",
    "Node",
    "PrimalBoundRecord",
    "PrimalDualRecord",
    "ProblemRecord",
    "Record",
    "Result",
    "SplitTreeRecord",
    "Status",
    "Verdict",
    "WitnessRecord",
    "certificate_text",
    "check_file",
    "check_text",
    "decide_system",
    "minimum",
    "parse_certificate",
    "problem_fingerprint",
    "write_certificate",
]
