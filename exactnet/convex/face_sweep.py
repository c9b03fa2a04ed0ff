"""The prover for problems with too many cells to list: the checker's sweep, and float sweeps to repair."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from exactnet.certificate import Certificate
from exactnet.certificate.check import check_text
from exactnet.certificate.types import DualBoundRecord
from exactnet.certificate.write import certificate_text
from exactnet.convex.certify import dual_value
from exactnet.convex.face_optimum import Prover
from exactnet.convex.face_proof import FaceProof, Violation
from exactnet.convex.program import TrainingProblem, problem_record
from exactnet.convex.sweep_plan import SweepPlan, sweep_plan
from exactnet.exact import RationalMatrix, nullspace

__all__ = ["sweep_prover"]

# relative excess over beta that floats tell from rounding
_SEEN = 2.0**-40


def sweep_prover(problem: TrainingProblem) -> Prover:
    """Accepts what the checker's own sweep over all faces accepts; else floats look for the violated faces.

    Only for problems that :func:`exactnet.convex.engine_choice.suits_sweep`.
    """
    plans: list[SweepPlan] = []

    def prove(v: Sequence[Fraction]) -> FaceProof:
        bound = DualBoundRecord("dual", "problem", tuple(v), "sweep", None, None, dual_value(problem, v))
        trial = Certificate("trial", (problem_record(problem), bound), ("dual",))
        if check_text(certificate_text(trial)).accepted:
            return FaceProof((), ())
        if not plans:
            plans.append(sweep_plan(problem))
        return FaceProof(None, tuple(_violations(problem, plans[0], v)))

    return prove


def _violations(problem: TrainingProblem, plan: SweepPlan, v: Sequence[Fraction]) -> list[Violation]:
    """The peaks above beta, the largest first, with directions that lie on their walls exactly."""
    limit = float(problem.beta) / plan.row_scale
    peaks = plan.peaks(np.array([float(x) for x in v]), threshold=limit * (1 + _SEEN))
    found = []
    for k, value in enumerate(peaks.values):
        walls = plan.tight(int(peaks.kinds[k]), peaks.places[k])
        direction = _on_walls([plan.walls[wall] for wall in walls], peaks.points[k])
        excess = Fraction(float(value) / limit) ** 2 - 1
        if any(direction) and excess > 0:
            found.append(Violation(int(peaks.signs[k]), direction, excess))
    return found


def _on_walls(walls: Sequence[tuple[int, ...]], point: Sequence[float]) -> tuple[Fraction, ...]:
    """A rational vector of the walls' common subspace next to a float vector."""
    exact = [Fraction(float(x)) for x in point]
    if not walls:
        return tuple(exact)
    basis = nullspace(RationalMatrix.from_rows(walls)).rows()
    columns = np.array([[float(x) for x in row] for row in basis]).T
    weights = np.linalg.lstsq(columns, np.array([float(x) for x in point]), rcond=None)[0]
    total = [Fraction(0)] * len(exact)
    for row, weight in zip(basis, weights, strict=True):
        total = [t + Fraction(float(weight)) * x for t, x in zip(total, row, strict=True)]
    return tuple(total)
