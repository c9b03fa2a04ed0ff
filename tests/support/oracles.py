"""Is a claim true? Answers that use neither the checker nor the proof: Fourier-Motzkin and brute force."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import TypeVar

from exactnet.certificate import (
    ArrangementRecord,
    Certificate,
    CountRecord,
    DualBoundRecord,
    EnclosureRecord,
    EvaluationRecord,
    FarkasRecord,
    GapRecord,
    LinearOptimumRecord,
    LinearSystemRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    ProblemRecord,
    Record,
    SplitTreeRecord,
    WitnessRecord,
)
from tests.support.algebra import Integers, Vector, dot, primitive
from tests.support.small_certificates import (
    NEAR,
    arrangement_record,
    dual_value,
    gradient,
    homogenised,
    n_penalised,
    objective,
    phi,
    polyhedral,
    shortest,
)

R = TypeVar("R", bound=Record)
Inequality = tuple[list[Fraction], bool, Fraction]  # a.x <= b, or a.x < b when strict


def feasible(rows: Sequence[Vector], relations: Sequence[str], rhs: Vector) -> bool:
    """Does the linear system have a solution? Fourier-Motzkin elimination."""
    system: list[Inequality] = []
    for row, relation, b in zip(rows, relations, rhs, strict=True):
        system.append(([Fraction(x) for x in row], relation == "<", Fraction(b)))
        if relation == "=":
            system.append(([-Fraction(x) for x in row], False, -Fraction(b)))
    n_variables = len(rows[0]) if rows else 0
    for p in range(n_variables):
        above = [_scaled(entry, p) for entry in system if entry[0][p] > 0]
        below = [_scaled(entry, p) for entry in system if entry[0][p] < 0]
        system = [entry for entry in system if entry[0][p] == 0]
        for low, low_strict, low_rhs in below:
            for high, high_strict, high_rhs in above:
                total = [x + y for x, y in zip(low, high, strict=True)]
                system.append((total, low_strict or high_strict, low_rhs + high_rhs))
        system = _without_repetition(system)
    return all(b > 0 or (b == 0 and not strict) for _, strict, b in system)


def _scaled(entry: Inequality, p: int) -> Inequality:
    size = abs(entry[0][p])
    return [x / size for x in entry[0]], entry[1], entry[2] / size


def _without_repetition(system: list[Inequality]) -> list[Inequality]:
    best: dict[tuple[Fraction, ...], tuple[Fraction, bool]] = {}
    for row, strict, b in system:
        scale = next((abs(x) for x in row if x), Fraction(1))
        key = tuple(x / scale for x in row)
        bound = (b / scale, not strict)  # the smaller is the tighter
        best[key] = min(best.get(key, bound), bound)
    return [(list(key), not weak, b) for key, (b, weak) in best.items()]


def cell_signs(forms: Sequence[Integers]) -> list[dict[int, int]]:
    """The sign vectors of all full-dimensional cells, each decided by itself."""
    found = []
    for signs in product((1, -1), repeat=len(forms)):
        rows = [[-s * x for x in form] for s, form in zip(signs, forms, strict=True)]
        if feasible(rows, ["<"] * len(rows), [0] * len(rows)):
            found.append(dict(enumerate(signs)))
    return found


def dual_feasible(problem: ProblemRecord, v: Vector) -> bool:
    """Is |sum_i v_i phi(z_i.u)| <= beta ||u|| for all u (and sum v = 0 for a free bias)?"""
    if problem.bias == "free" and sum(v) != 0:
        return False
    arrangement = arrangement_record(problem)
    for signs in cell_signs(arrangement.forms):
        g = gradient(problem, arrangement, signs, v)
        for s in (1, -1):
            h = [s * x for x in g]
            if problem.norm == "l2":
                if shortest(problem, arrangement.forms, signs, h)[0] > problem.beta**2:
                    return False
            elif _beats_norm(problem, arrangement.forms, signs, h):
                return False
    return True


def _beats_norm(problem: ProblemRecord, forms: Sequence[Integers], signs: dict[int, int], g: Vector) -> bool:
    """Is there a u in the closed cell with g.u > beta ||u||, l1 or linf norm?"""
    n = n_penalised(problem)
    cell = [[-signs[k] * x for x in form] for k, form in enumerate(forms)]
    # beta ||u|| is the largest of these linear forms
    corners = list(product((1, -1), repeat=n))
    if problem.norm == "linf":
        corners = [tuple(s * int(p == q) for q in range(n)) for p in range(n) for s in (1, -1)]
    faces = [[problem.beta * e for e in corner] + [Fraction(0)] * (len(g) - n) for corner in corners]
    steeper = [[a - b for a, b in zip(face, g, strict=True)] for face in faces]
    rows: list[Vector] = [*cell, *steeper]
    return feasible(rows, ["<="] * len(cell) + ["<"] * len(steeper), [0] * len(rows))


def false_claims(certificate: Certificate) -> list[str]:
    """The ids of all records that state something false (claimed or not)."""
    known = {record.id: record for record in certificate.records}
    return [record.id for record in certificate.records if not _true(record, known)]


def _true(record: Record, known: dict[str, Record]) -> bool:
    """Does the record state the truth, given that the records it refers to do?"""
    if isinstance(record, ArrangementRecord):
        return _arrangement_fits(record, _get(known, record.problem, ProblemRecord))
    if isinstance(record, SplitTreeRecord):
        arrangement = _get(known, record.arrangement, ArrangementRecord)
        return len(cell_signs(arrangement.forms)) == record.n_cells
    if isinstance(record, CountRecord):
        return _true(_get(known, record.cells, SplitTreeRecord), known)
    if isinstance(record, DualBoundRecord):
        problem = _get(known, record.problem, ProblemRecord)
        value = dual_value(problem, record.v)
        return value is not None and record.value <= value and dual_feasible(problem, record.v)
    if isinstance(record, PrimalBoundRecord):
        problem = _get(known, record.problem, ProblemRecord)
        shift_allowed = record.t == 0 or problem.bias == "free"
        value = objective(problem, record.neurons, record.t, product=polyhedral(problem))
        return shift_allowed and value <= record.value
    if isinstance(record, EvaluationRecord):
        problem = _get(known, record.problem, ProblemRecord)
        shift_allowed = record.t == 0 or problem.bias == "free"
        error = abs(objective(problem, record.neurons, record.t, product=False) - record.objective)
        return shift_allowed and (error == 0 or (problem.loss == "logistic" and error <= NEAR))
    if isinstance(record, (EnclosureRecord, PrimalDualRecord, GapRecord)):
        return _interval_follows(record, known)
    if isinstance(record, (WitnessRecord, FarkasRecord, LinearOptimumRecord)):
        return _linear(record, _get(known, record.system, LinearSystemRecord))
    return True


def _get(known: dict[str, Record], name: str, kind: type[R]) -> R:
    record = known[name]
    assert isinstance(record, kind)
    return record


def _arrangement_fits(record: ArrangementRecord, problem: ProblemRecord) -> bool:
    expected = arrangement_record(problem)
    lines = {frozenset((primitive(form), primitive([-x for x in form]))) for form in record.forms}
    wanted = {frozenset((primitive(form), primitive([-x for x in form]))) for form in expected.forms}
    fits = all(
        not any(row) if entry is None else [entry[1] * x for x in record.forms[entry[0]]] == list(row)
        for row, entry in zip(homogenised(problem), record.rows, strict=True)
    )
    return len(lines) == len(record.forms) and lines == wanted and fits


def _interval_follows(
    record: EnclosureRecord | PrimalDualRecord | GapRecord, known: dict[str, Record]
) -> bool:
    if isinstance(record, GapRecord):
        evaluation = _get(known, record.evaluation, EvaluationRecord)
        optimum = known[record.optimum]
        assert isinstance(optimum, (EnclosureRecord, PrimalDualRecord))
        low, high = (
            (optimum.lower, optimum.upper)
            if isinstance(optimum, EnclosureRecord)
            else (optimum.value, optimum.value)
        )
        same = evaluation.problem == optimum.problem
        value = evaluation.objective
        near = NEAR if _get(known, evaluation.problem, ProblemRecord).loss == "logistic" else Fraction(0)
        most = max(Fraction(0), value - near - high)
        return same and 0 <= record.lower <= most and record.upper >= value + near - low
    dual, primal = _get(known, record.dual, DualBoundRecord), _get(known, record.primal, PrimalBoundRecord)
    low, high = (
        (record.lower, record.upper) if isinstance(record, EnclosureRecord) else (record.value, record.value)
    )
    same = dual.problem == primal.problem == record.problem
    return same and low <= dual.value and high >= primal.value


def _linear(record: WitnessRecord | FarkasRecord | LinearOptimumRecord, system: LinearSystemRecord) -> bool:
    rows, relations, rhs = list(system.rows), list(system.relations), list(system.rhs)
    if not isinstance(record, LinearOptimumRecord):
        return feasible(rows, relations, rhs) == isinstance(record, WitnessRecord)
    reached = feasible([*rows, record.objective], [*relations, "<="], [*rhs, record.value])
    return reached and not feasible([*rows, record.objective], [*relations, "<"], [*rhs, record.value])


def value_at(problem: ProblemRecord, v: Vector, u: Vector) -> Fraction:
    """sum_i v_i phi(z_i.u)."""
    rows = homogenised(problem)
    return sum((v_i * phi(problem, dot(row, u)) for v_i, row in zip(v, rows, strict=True)), Fraction(0))
