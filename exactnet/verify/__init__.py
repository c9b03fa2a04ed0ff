"""Verdicts about networks on boxes: no violation, with a proof that a checker accepts, or a violation.

Start with :func:`verify`. `attack` looks for violations, `engines` chooses who looks for proofs,
`proof` turns them into certificates and has them checked, `batch` does that for the lists of competitions,
`witness` judges counterexamples of others, `reach`, `radius` and `comparison` ask the usual
questions: ranges, robustness, equality.

Examples
--------
>>> from exactnet.model import Network, Property
>>> from exactnet.model.property import Row
>>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
>>> verify(tent, Property.from_box([0], [1], [[Row.from_terms({}, {0: -1}, "-21/10")]]))
PROVED: no point of the input set satisfies the assertions (real)
"""

from __future__ import annotations

from exactnet.verify.attack import Witness
from exactnet.verify.batch import Job, Outcome, competition_answer, read_jobs, run_jobs
from exactnet.verify.comparison import equivalent, local_lipschitz
from exactnet.verify.decide import Verification, verify
from exactnet.verify.open_boxes import OpenBox
from exactnet.verify.radius import Radius, certified_radius
from exactnet.verify.reach import OutputRange, output_range
from exactnet.verify.witness import Judgement, WitnessAudit, audit_witness
from exactnet.verify.witness_text import PrintedWitness, load_witness, parse_witness

__all__ = [
    "Job",
    "Judgement",
    "OpenBox",
    "Outcome",
    "OutputRange",
    "PrintedWitness",
    "Radius",
    "Verification",
    "Witness",
    "WitnessAudit",
    "audit_witness",
    "certified_radius",
    "competition_answer",
    "equivalent",
    "load_witness",
    "local_lipschitz",
    "output_range",
    "parse_witness",
    "read_jobs",
    "run_jobs",
    "verify",
]
