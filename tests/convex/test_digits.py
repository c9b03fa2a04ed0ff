"""Many digits of weight-decay optima: closed forms, the independent checker, ties, and honest failure."""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings

from exactnet.certificate import Status
from exactnet.convex import digits as digits_module
from exactnet.convex import objective, optimum
from exactnet.convex.digits import FaceSearch, refine
from exactnet.convex.face_optimum import face_optimum
from exactnet.convex.face_proof import FaceProof
from exactnet.convex.face_sweep import sweep_prover
from exactnet.convex.program import TwoLayer
from exactnet.convex.sweep import sweep_optimum
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import sqrt_enclosure
from tests.convex.problems import DUP, PE, RANK1, XOR, A, B, Q, problem, tied_problems


@pytest.mark.parametrize("beta", ["1/10", "1/2", "1"])
def test_xor_closed_form(beta):
    # 2 sqrt(2) beta - beta^2 for beta <= sqrt(2)
    result = refine(optimum(problem(XOR, beta)), 60)
    root, b = sqrt_enclosure(2, digits=90), Fraction(beta)
    assert result.value.lower <= 2 * root.upper * b - b * b
    assert 2 * root.lower * b - b * b <= result.value.upper
    assert result.status is Status.PROVED
    assert result.value.relative_gap <= Fraction(1, 10**60)
    assert result.check().accepted


def test_rank_one_is_one_dimensional():
    # rows (1, 2) s have the length sqrt(5) |s|: the 1-D problem with sqrt(5) s, which decouples by the sign
    # of s into a Lasso of one column k each: 1/2 |y|^2 less the sum over both of (|k.y| - beta)_+^2 / 2 |k|^2
    beta, root = Fraction(3, 10), sqrt_enclosure(5, digits=80)
    rows, targets = RANK1
    values = []
    for r in (root.lower, root.upper):
        total = sum((Fraction(y) ** 2 for y in targets), Fraction(0)) / 2
        for side in (1, -1):
            k = [r * max(side * Fraction(row[0]), 0) for row in rows]
            product = abs(sum(a * Fraction(y) for a, y in zip(k, targets, strict=True)))
            total -= max(product - beta, Fraction(0)) ** 2 / (2 * sum(a * a for a in k))
        values.append(total)
    result = refine(optimum(problem(RANK1, "3/10")), 50)
    assert result.value.lower <= max(values)
    assert min(values) <= result.value.upper
    assert result.value.relative_gap <= Fraction(1, 10**50)


CASES = [(A, "1/2", "none"), (A, "1/100", "none"), (A, "1/2", "free"), (B, "1/2", "none")]
CASES += [(DUP, "3/10", "none"), (PE, "1/1000", "penalised"), (PE, "1/10", "penalised")]
CASES += [(Q, "1/20", "penalised"), (B, "1/3", "free")]


@pytest.mark.parametrize(("data", "beta", "bias"), CASES)
def test_forty_digits_lie_in_the_first_enclosure(data, beta, bias):
    first = optimum(problem(data, beta, bias=bias))
    result = refine(first, 40)
    assert result.status is Status.PROVED
    assert result.value.relative_gap <= Fraction(1, 10**40)
    assert first.value.dual_value <= result.value.upper
    assert result.value.lower <= first.value.primal_value
    assert result.value.lower <= result.value.dual_value <= result.value.primal_value <= result.value.upper
    assert objective(result.value.problem, result.value.network) == result.value.primal_value
    assert result.check().accepted


def test_fact_sheet_value():
    # 1.0737701784827234147..., of an interval Newton method elsewhere
    best = refine(optimum(problem(A, "1/2")), 30).value
    assert Fraction("1.0737701784827234147") <= best.lower <= best.upper <= Fraction("1.0737701784827234148")


@settings(max_examples=25, deadline=None)
@given(tied_problems(norms=("l2",)))
def test_ties_cost_nothing(task):
    first = optimum(task)
    result = refine(first, 25)
    assert result.status is Status.PROVED
    assert result.value.is_exact or result.value.relative_gap <= Fraction(1, 10**25)
    assert result.value.lower <= first.value.upper
    assert first.value.lower <= result.value.upper
    assert result.check().accepted


@settings(max_examples=15, deadline=None)
@given(tied_problems(norms=("l2",), max_samples=4))
def test_the_search_needs_no_good_start(task):
    first = optimum(task)
    if first.value.is_exact:
        return
    found = FaceSearch.of(first).search(task, TwoLayer(()), 15)
    assert found is not None
    assert found.relative_gap <= Fraction(1, 10**15)
    assert found.lower <= first.value.upper
    assert first.value.lower <= found.upper


def planted(n, d, seed, places=3):
    rng = random.Random(seed)
    unit = 10**places
    rows = [[Fraction(round(rng.gauss(0, 1) * unit), unit) for _ in range(d)] for _ in range(n)]
    teacher = [[rng.gauss(0, 1) for _ in range(d)] for _ in range(3)]
    heights = [
        sum(max(sum(float(x) * w for x, w in zip(r, t, strict=True)), 0) for t in teacher) for r in rows
    ]
    return rows, [Fraction(round((h + rng.gauss(0, 0.3)) * unit), unit) for h in heights]


@pytest.mark.parametrize("places", [3, 1])
def test_fifty_digits_of_two_hundred_samples(places):
    result = refine(optimum(problem(planted(200, 2, 1, places), "1/2")), 50)
    assert result.status is Status.PROVED
    assert result.value.relative_gap <= Fraction(1, 10**50)
    assert result.check().accepted


def test_nothing_to_do():
    exact = optimum(problem(A, "1/2", norm="l1"))
    assert refine(exact, 100) is exact
    rough = optimum(problem(A, "1/2"))
    assert refine(rough, 3) is rough


def test_undecided_is_said(monkeypatch):
    rough = optimum(problem(A, "1/2"))
    monkeypatch.setattr(digits_module, "face_optimum", lambda *args, **kwargs: None)
    result = refine(rough, 40)
    assert result.status is Status.UNDECIDED
    assert "40 digits were requested; the faces of the optimum stay undecided" in result.sentence
    assert "samples" in result.sentence
    assert result.value == rough.value
    assert result.check().accepted


def test_no_bound_no_claim():
    task = problem(A, "1/2")
    network = optimum(task).value.network
    assert face_optimum(task, network, lambda v: FaceProof(None, ()), digits=20) is None


def test_bad_requests():
    rough = optimum(problem(A, "1/2"))
    with pytest.raises(InputError):
        refine(rough, 0)
    with pytest.raises(InputError):
        refine(type(rough)(rough.value, rough.status, None, ""), 30)


def test_other_losses_are_refused():
    from exactnet.convex import training_problem
    from exactnet.model import Dataset

    task = training_problem(Dataset.from_arrays(A[0], [1, -1, 1, 1]), beta="3/10", loss="logistic")
    with pytest.raises(UnsupportedError):
        refine(optimum(task), 30)


@pytest.mark.parametrize("d", [2, 3])
def test_sweeps_instead_of_cells(d):
    task = problem(planted(25, d, 4), "1/5")
    first = sweep_optimum(task)
    assert {record.rule for record in first.certificate.records} >= {"dual_bound"}
    by_cells = refine(first, 30)
    # without a list of cells, and from nothing
    found = face_optimum(task, TwoLayer(()), sweep_prover(task), digits=30)
    assert found.relative_gap <= Fraction(1, 10**30)
    assert found.lower <= by_cells.value.upper
    assert by_cells.value.lower <= found.upper
    assert by_cells.check().accepted


def test_a_refined_sweep_is_swept(monkeypatch):
    monkeypatch.setattr(digits_module, "_MOST_LISTED", 10)
    first = sweep_optimum(problem(planted(25, 2, 5), "1/5"))
    result = refine(first, 30)
    assert result.value.relative_gap <= Fraction(1, 10**30)
    assert [record.by for record in result.certificate.records if record.rule == "dual_bound"] == ["sweep"]
    assert result.check().accepted
