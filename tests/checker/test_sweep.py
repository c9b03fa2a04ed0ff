"""Rule `sweep`: accepted exactly when the brute force over all cells finds v feasible."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, DualBoundRecord, ProblemRecord, certificate_text, check_text
from exactnet.checker.problem import Problem
from exactnet.checker.read import Rejection
from exactnet.checker.sweep import check_sweep
from tests.checker.test_mutation import judge, places
from tests.support.oracles import dual_feasible, value_at
from tests.support.sealing import opened, rejects
from tests.support.small_certificates import dual_value, problem_record

PLANE = [[2, 1], [-1, 2], [-1, -1], [1, -3]]
SPACE = [[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]]


def sweep_certificate(problem: ProblemRecord, v: list[Fraction]) -> Certificate:
    value = dual_value(problem, v)
    assert value is not None
    dual = DualBoundRecord("dual", "problem", tuple(v), "sweep", None, None, value)
    return Certificate("sweep", (problem, dual), ("dual",))


def bare(rows: list[list[int]], *, beta: str = "1", bias: str = "none", kappa: str = "0") -> Problem:
    """A problem as the checker holds it."""
    one = () if bias == "none" else (Fraction(1),)
    return Problem(
        id="p",
        rows=tuple(tuple(Fraction(x) for x in row) + one for row in rows),
        targets=(Fraction(0),) * len(rows),
        beta=Fraction(beta),
        norm="l2",
        bias=bias,
        n_penalised=len(rows[0]) + (bias == "penalised"),
        fingerprint="",
        kappa=Fraction(kappa),
    )


def accepts(problem: Problem, v: list[Fraction]) -> bool:
    try:
        check_sweep(problem, v)
    except Rejection as rejection:
        return "v is not dual feasible near the line of (" not in str(rejection)
    return True


def small_vectors(n: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(st.fractions(min_value=-1, max_value=1, max_denominator=3), min_size=n, max_size=n)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), min_size=1, max_size=5),
    small_vectors(5),
    st.sampled_from(["none", "penalised", "free"]),
    st.sampled_from(["1/3", "1/2", "1", "2", "5"]),
)
def test_accepts_exactly_the_feasible_vectors(
    features: list[list[int]], v: list[Fraction], bias: str, beta: str
) -> None:
    problem = problem_record(features, [1] * len(features), beta, "l2", bias)
    v = v[: len(features)]
    if bias == "free":
        v[-1] -= sum(v)
    verdict = check_text(certificate_text(sweep_certificate(problem, v)))
    assert verdict.accepted == dual_feasible(problem, v), verdict.line


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=1, max_size=5),
    small_vectors(5),
    st.sampled_from(["1/2", "1", "2", "4"]),
)
def test_three_coordinates(features: list[list[int]], v: list[Fraction], beta: str) -> None:
    problem = problem_record(features, [1] * len(features), beta, "l2", "none")
    verdict = check_text(certificate_text(sweep_certificate(problem, v[: len(features)])))
    assert verdict.accepted == dual_feasible(problem, v[: len(features)]), verdict.line


def largest_square(
    problem: ProblemRecord, v: list[Fraction], *, digits: int = 22
) -> tuple[Fraction, Fraction]:
    """Two values of beta^2 around the largest (F(u)/|u|)^2, by bisection with the brute force."""
    low, high = Fraction(0), Fraction(4096)
    for _ in range(digits):
        middle = (low + high) / 2
        fits = dual_feasible(
            problem_record(problem.features, [0] * len(v), str(middle), "l2", problem.bias), v
        )
        low, high = (low, middle) if fits else (middle, high)
    return low, high


@pytest.mark.parametrize(
    ("rows", "bias"),
    [
        (PLANE, "none"),
        (PLANE, "penalised"),
        (PLANE, "free"),
        (SPACE[:4], "none"),
        # duplicates, multiples, opposites, a zero row; all rows on one line; all rows in one plane
        ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2], [-1, -1]], "none"),
        ([[1, 2], [2, 4], [-3, -6]], "none"),
        ([[1, 2], [2, 4], [-3, -6]], "penalised"),
        ([[1, 2], [2, 4], [-3, -6]], "free"),
        ([[1, 0, 1], [0, 1, 1], [1, 1, 2], [1, -1, 0]], "none"),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], "none"),
        ([[1, 2, 3]], "none"),
    ],
)
def test_the_threshold_is_the_true_maximum(rows: list[list[int]], bias: str) -> None:
    """beta just above the maximum is accepted, just below is not: for v, -v and on one wall only."""
    v = [Fraction(x, 3) for x in (2, -3, 4, 1, -2, 5)[: len(rows)]]
    if bias == "free":
        v[-1] -= sum(v)
    problem = problem_record(rows, [0] * len(rows), "1", "l2", bias)
    low, high = largest_square(problem, v)
    assert 0 < low < high
    for w in (v, [-x for x in v]):
        assert accepts(bare(rows, beta=str(high), bias=bias), w)
        assert not accepts(bare(rows, beta=str(low), bias=bias), w)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=7),
    small_vectors(7),
    st.sampled_from(["none", "penalised", "free"]),
    st.sampled_from(["0", "1/10", "-1", "1"]),
    st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=12, max_size=12),
)
def test_accepted_vectors_hold_at_sampled_points(
    rows: list[list[int]],
    v: list[Fraction],
    bias: str,
    kappa: str,
    points: list[list[int]],
) -> None:
    """Every slope below 0: beta is doubled until accepted, and then no point contradicts."""
    v = v[: len(rows)]
    if bias == "free":
        v[-1] -= sum(v)
    beta = Fraction(1, 64)
    while not accepts(bare(rows, beta=str(beta), bias=bias, kappa=kappa), v):
        beta *= 2
    problem = bare(rows, bias=bias, kappa=kappa)
    for point in points:
        u = point[: problem.dimension]
        heights = [sum(x * w for x, w in zip(row, u, strict=True)) for row in problem.rows]
        total = sum(a * (h if h > 0 else problem.kappa * h) for a, h in zip(v, heights, strict=True))
        assert total**2 <= beta**2 * sum(w * w for w in u[: problem.n_penalised])


def test_absolute_value_of_one_row_is_its_length() -> None:
    # kappa = -1: |v| |x.u| <= beta |u| is |v| |x| <= beta
    for kappa in ("-1", "1"):
        assert accepts(bare([[3, 4]], beta="10", kappa=kappa), [Fraction(2)])
        assert not accepts(bare([[3, 4]], beta="10", kappa=kappa), [Fraction(-2) - Fraction(1, 10**12)])


def test_opposite_rows_of_opposite_weight_are_one_linear_function() -> None:
    # (x.u)_+ - (-x.u)_+ = x.u: no wall is left
    v = [Fraction(1), Fraction(-1)]
    assert accepts(bare([[3, 4], [-3, -4]], beta="5"), v)
    assert not accepts(bare([[3, 4], [-3, -4]], beta="4999/1000"), v)
    assert accepts(bare([[0, 3, 4], [0, -3, -4]], beta="5"), v)
    assert not accepts(bare([[0, 3, 4], [0, -3, -4]], beta="4999/1000"), v)


def test_a_hair_decides() -> None:
    """Largest value exactly 1 at a cell, at a ray and on a side: equality passes, 10^-40 more does not."""
    hair = Fraction(1, 10**40)
    for rows, v in (
        ([[1, 0]], [1]),
        ([[1, 0], [0, 1]], [-1, 1]),
        ([[1, 0, 0]], [-1]),
        ([[1, 0, 0], [0, 1, 0]], [1, -1]),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], ["2/3", "2/3", "1/3"]),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], ["3/5", "4/5", "-1"]),
    ):
        exact = [Fraction(x) for x in v]
        assert accepts(bare(rows), exact)
        assert not accepts(bare(rows), [x * (1 + hair) for x in exact])


def test_agrees_with_the_bound_at_the_rejected_point() -> None:
    problem = problem_record(PLANE, [1, -1, 2, 0], "1/2", "l2", "none")
    v = [Fraction(1), Fraction(0), Fraction(0), Fraction(0)]
    verdict = check_text(certificate_text(sweep_certificate(problem, v)))
    # F = (2 u1 + u2)_+ is largest at (2, 1), where its square is 5 |u|^2, and 5 / (1/4) is 20
    assert verdict.reason.endswith("near the line of (-1, -0.5): (sum v_i phi(z_i.u))^2 / (beta |u|)^2 is 20")
    assert value_at(problem, v, [2, 1]) ** 2 == 20 * Fraction(1, 4) * 5


@pytest.mark.parametrize(
    ("rows", "norm", "bias"),
    [(PLANE, "l1", "none"), ([[1]], "l2", "free"), ([[1, 2, 3, 4]], "l2", "none"), (SPACE, "l2", "free")],
)
def test_refused_where_it_is_not_defined(rows: list[list[int]], norm: str, bias: str) -> None:
    problem = problem_record(rows, [0] * len(rows), "1", norm, bias)
    verdict = check_text(certificate_text(sweep_certificate(problem, [Fraction(0)] * len(rows))))
    assert verdict.reason.startswith("a bound by sweep needs the l2 norm on 2 or 3 coordinates")


def test_too_many_circles_are_refused() -> None:
    rows = [[1, k, k * k] for k in range(5001)]
    with pytest.raises(Rejection, match="sweep over 5001 walls; at most 5000"):
        check_sweep(bare(rows), [Fraction(1)] * 5001)


CERTIFICATES = [
    sweep_certificate(problem_record(rows, [1] * len(rows), beta, "l2", bias), [Fraction(x, 12) for x in v])
    for rows, beta, bias, v in (
        (PLANE, "2/3", "none", (2, -1, 3, 1)),
        (PLANE, "1", "free", (2, -1, -2, 1)),
        (PLANE, "1", "penalised", (2, -1, -2, 1)),
        (SPACE[:4], "3", "none", (2, -1, -2, 1)),
        ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2], [-1, -1]], "2", "none", (3, 1, 2, 5, -1, 4)),
    )
]


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_every_number_changed(certificate: Certificate) -> None:
    """A changed certificate is rejected, or what it says is still true (the judge's brute force)."""
    assert check_text(certificate_text(certificate)).accepted
    originals = opened(certificate)
    verdicts = []
    for i, record in enumerate(originals):
        for path in places(record):
            value: Any = record
            for key in path:
                value = value[key]
            if path[0] in ("step", "rule", "id", "kappa") or not isinstance(value, str):
                continue
            if not value.lstrip("-").replace("/", "").isdigit():
                continue
            for other in (Fraction(value) + 1, Fraction(value) * 2, -Fraction(value)):
                records = copy.deepcopy(originals)
                target: Any = records[i]
                for key in path[:-1]:
                    target = target[key]
                target[path[-1]] = str(other)
                verdicts.append(judge(records, ["dual"]))
    assert {"accepted", "rejected"} >= set(verdicts)
    assert "rejected" in verdicts


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"cells": "cells"}, "cells and bounds must be null for a bound by sweep"),
        ({"bounds": []}, "cells and bounds must be null for a bound by sweep"),
        ({"by": "sweeps"}, "by must be one of leaves, rays, sweep"),
        ({"by": "rays"}, "a bound by rays needs"),
        ({"v": ["0"]}, "v must have length 4, got 1"),
        ({"value": "1000"}, "value is 1000, and v proves only"),
        ({"v": ["5", "0", "0", "0"], "value": "-100"}, "v is not dual feasible near the line of ("),
    ],
)
def test_wrong_records(edit: dict[str, Any], reason: str) -> None:
    assert rejects(CERTIFICATES[0], "dual", lambda record: record.update(edit), reason)
