from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, DualBoundRecord, ProblemRecord, certificate_text, check_text
from exactnet.checker.cells import direction
from exactnet.checker.problem import Problem
from exactnet.checker.rays import check_rays, rays
from exactnet.checker.read import Rejection
from tests.support.algebra import dot, ray_pairs
from tests.support.oracles import dual_feasible, false_claims
from tests.support.sealing import rejects
from tests.support.small_certificates import dual_value, problem_record
from tests.support.tiny import tiny


def ray_certificate(problem: ProblemRecord, v: list[Fraction]) -> Certificate:
    dual = DualBoundRecord("dual", "problem", tuple(v), "rays", None, None, dual_value(problem, v))
    return Certificate("rays", (problem, dual), ("dual",))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda d: st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), max_size=4)
    )
)
def test_equals_brute_force(vectors: list[list[int]]) -> None:
    dimension = len(vectors[0]) if vectors else 3
    forms = list(dict.fromkeys(direction(tuple(vector)) for vector in vectors if any(vector)))
    axes = [tuple(int(p == q) for q in range(dimension)) for p in range(dimension)]
    members = list(dict.fromkeys([*forms, *axes]))
    found = list(rays(members, dimension))
    assert len(set(found)) == len(found)
    assert set(found) == {direction(ray) for ray in ray_pairs(forms, dimension)}


def test_general_position_gives_one_ray_a_subset() -> None:
    members = [tuple(k**p for p in range(4)) for k in range(1, 8)]
    found = list(rays(members, 4))
    assert len(found) == comb(7, 3)
    assert all(sum(dot(member, ray) == 0 for member in members) == 3 for ray in found)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=4),
    st.lists(st.fractions(min_value=-1, max_value=1, max_denominator=4), min_size=4, max_size=4),
    st.sampled_from(["none", "penalised", "free"]),
    st.sampled_from(["1/2", "1", "3"]),
    st.sampled_from(["l1", "linf"]),
    st.sampled_from(["0", "-1", "1/3"]),
)
def test_accepts_exactly_the_feasible_vectors(
    features: list[list[int]], v: list[Fraction], bias: str, beta: str, norm: str, kappa: str
) -> None:
    problem = problem_record(features, [1] * len(features), beta, norm, bias, kappa=kappa)
    v = v[: len(features)]
    if bias == "free":
        v[-1] -= sum(v)
    verdict = check_text(certificate_text(ray_certificate(problem, v)))
    assert verdict.accepted == dual_feasible(problem, v), verdict.line
    if not verdict.accepted:
        assert "v is not dual feasible at u = (" in verdict.reason


def test_one_dimension_has_two_rays() -> None:
    # |v x| <= beta |x| is |v| <= beta
    for v, fits in (("1/2", True), ("-1/2", True), ("501/1000", False), ("-501/1000", False)):
        certificate = ray_certificate(problem_record([[3]], [1], "3/2", "l1", "none"), [Fraction(v)])
        assert check_text(certificate_text(certificate)).accepted == fits


def test_rows_on_one_line_are_weighed_together() -> None:
    # rows 1, 2 and -1: (v1 + 2 v2) ahead, v3 behind
    problem = problem_record([[1], [2], [-1]], [1, 1, 1], "1", "l1", "none")
    for v, fits in (((3, -1, 1), True), ((3, -1, "9/8"), False), ((1, "1/8", 0), False), ((0, 0, -1), True)):
        certificate = ray_certificate(problem, [Fraction(x) for x in v])
        assert check_text(certificate_text(certificate)).accepted == fits


def test_zero_data_is_always_feasible() -> None:
    problem = problem_record([[0, 0], [0, 0]], [1, 2], "1/10", "l1", "none")
    assert check_text(certificate_text(ray_certificate(problem, [Fraction(7), Fraction(-9)]))).accepted


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_agrees_with_the_bound_by_leaves(bias: str) -> None:
    for data in ("plain", "degenerate", "line", "rank one", "nothing"):
        for norm, kappa in (("l1", "0"), ("linf", "0"), ("l1", "-1"), ("linf", "1/10")):
            by_rays = check_text(certificate_text(tiny(data, norm=norm, bias=bias, by="rays", kappa=kappa)))
            by_leaves = check_text(certificate_text(tiny(data, norm=norm, bias=bias, kappa=kappa)))
            assert by_rays == by_leaves
            assert by_rays.accepted


def test_rejection_names_the_point() -> None:
    def edit(record: dict[str, object]) -> None:
        record["v"] = ["1", "0", "0", "0"]
        record["value"] = "0"

    reason = "v is not dual feasible at u = (1, 0): |sum v_i phi(z_i.u)| = 2, and beta ||u|| = 1/2 (= 0.5)"
    assert rejects(tiny("plain", norm="l1", by="rays"), "dual", edit, reason)
    # a row that is active on the other half of the line only
    problem = problem_record([[-3]], [1], "1", "l1", "none")
    verdict = check_text(certificate_text(ray_certificate(problem, [Fraction(1)])))
    assert verdict.reason.startswith("v is not dual feasible at u = (-1): |sum v_i phi(z_i.u)| = 3, ")


@pytest.mark.parametrize(
    ("data", "bias"), [("line", "none"), ("line", "free"), ("one", "none"), ("one", "free")]
)
def test_one_penalised_coordinate_has_one_norm(data: str, bias: str) -> None:
    certificate = tiny(data, norm="l2", bias=bias, by="rays")
    assert check_text(certificate_text(certificate)).accepted
    assert false_claims(certificate) == []


def test_two_penalised_coordinates_have_two_norms() -> None:
    certificate = tiny("line", norm="l2", bias="penalised", by="rays")
    verdict = check_text(certificate_text(certificate))
    assert verdict.reason == "a bound by rays needs the l1 or linf norm or a single penalised coordinate"


def test_a_bound_by_rays_is_refused_where_it_would_never_end() -> None:
    rows = tuple(tuple(Fraction((i * j) % 7 - 3) for j in range(1, 25)) for i in range(1, 31))
    problem = Problem(
        id="p",
        rows=rows,
        targets=(Fraction(0),) * 30,
        beta=Fraction(1),
        norm="l1",
        bias="none",
        n_penalised=24,
        fingerprint="",
    )
    with pytest.raises(Rejection, match="all choices of 23"):
        check_rays(problem, (Fraction(0),) * 30)
