from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import DualBoundRecord, ProblemRecord, certificate_text, check_text
from tests.support.oracles import dual_feasible, false_claims, value_at
from tests.support.sealing import Line, check_edited, opened, rejects, seal_records
from tests.support.small_certificates import dual_value, whole_certificate
from tests.support.tiny import DATA, SETTINGS, tiny


def scaled(factor: str, *, value: bool = True) -> Any:
    """An edit that multiplies v and all multipliers, and states the value that v then has."""

    def edit(record: Line) -> None:
        q = Fraction(factor)
        record["v"] = [str(q * Fraction(x)) for x in record["v"]]
        if record["bounds"] is not None:
            record["bounds"] = [[_times(bound, q) for bound in entry] for entry in record["bounds"]]
        if value:
            record["value"] = "-1000"

    return edit


def _times(bound: Any, q: Fraction) -> Any:
    if bound == 0:
        return 0
    numbers = [q.denominator * bound[0], *bound[1:]]
    numbers[2::2] = [q.numerator * m for m in bound[2::2]]
    return numbers


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
@pytest.mark.parametrize("mirror", [True, False])
def test_accepted_with_and_without_mirror(data: str, norm: str, bias: str, mirror: bool) -> None:
    certificate = tiny(data, norm=norm, bias=bias, mirror=mirror)
    verdict = check_text(certificate_text(certificate))
    assert verdict.accepted, verdict.line


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
@pytest.mark.parametrize("data", ["plain", "degenerate", "line", "rank one"])
def test_smaller_vectors_pass_and_larger_ones_do_not(data: str, norm: str, bias: str) -> None:
    certificate = tiny(data, norm=norm, bias=bias)
    dual = next(record for record in certificate.records if isinstance(record, DualBoundRecord))
    problem = certificate.records[0]
    assert isinstance(problem, ProblemRecord)
    for factor in ("1/2", "0", "1", "101/100", "2", "-1"):
        v = [Fraction(factor) * x for x in dual.v]
        records = opened(certificate)[:5]
        scaled(factor)(records[4])
        if factor == "0":
            records[4]["bounds"] = [[0] * len(entry) for entry in records[4]["bounds"]]
        verdict = check_text(seal_records(records, ["dual"]))
        # the multipliers belong to +v: for -v they prove nothing, for a feasible larger v they still do
        if factor in ("1/2", "0", "1"):
            assert verdict.accepted, verdict.line
        if verdict.accepted:
            assert dual_feasible(problem, v)


def test_a_vector_larger_by_a_thousandth_is_rejected() -> None:
    # the producer's l2 vectors are as long as they can be
    reason = "h is too long, |h|^2 / beta^2 <= 1 is needed, got 1.00"
    assert rejects(tiny("plain"), "dual", scaled("1001/1000"), reason)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=4),
    st.lists(st.integers(-3, 3), min_size=4, max_size=4),
    st.sampled_from(SETTINGS),
    st.booleans(),
    st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=5, max_size=5),
)
def test_accepted_vectors_are_dual_feasible(
    features: list[list[int]],
    targets: list[int],
    setting: tuple[str, str],
    mirror: bool,
    directions: list[list[int]],
) -> None:
    norm, bias = setting
    certificate = whole_certificate(features, targets[: len(features)], norm=norm, bias=bias, mirror=mirror)
    verdict = check_text(certificate_text(certificate))
    assert verdict.accepted, verdict.line
    assert false_claims(certificate) == []
    problem, dual = certificate.records[0], certificate.records[4]
    assert isinstance(problem, ProblemRecord)
    assert isinstance(dual, DualBoundRecord)
    for u in directions:
        u = u[: 2 + (bias != "none")]
        left, weights = abs(value_at(problem, dual.v, u)), u[: 2 + (bias == "penalised")]
        right = problem.beta**2 * (
            sum(map(abs, weights)) ** 2 if norm == "l1" else sum(x * x for x in weights)
        )
        assert left * left <= right


BOUNDS = [
    (lambda bounds: bounds.pop(), "bounds must have length"),
    (lambda bounds: bounds.append(bounds[-1]), "bounds must have length"),
    (lambda bounds: bounds.reverse(), "h is too long"),
    (lambda bounds: bounds[0].pop(), "bounds[0] must be a list of 4 bounds, got a list of length 3"),
    (lambda bounds: bounds.__setitem__(0, None), "bounds[0] must be a list of 4 bounds, got null"),
    (lambda bounds: bounds[0].__setitem__(0, False), "bounds[0][0] must be 0 or a list, got false"),
    (lambda bounds: bounds[0].__setitem__(0, "0"), "bounds[0][0] must be 0 or a list"),
    (lambda bounds: bounds[0].__setitem__(0, 1), "bounds[0][0] must be 0 or a list, got 1"),
    (lambda bounds: bounds[0].__setitem__(0, []), "bounds[0][0] must be [den, j, m, ...]"),
    (lambda bounds: bounds[0].__setitem__(0, [1]), "bounds[0][0] must be [den, j, m, ...]"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 0]), "bounds[0][0] must be [den, j, m, ...]"),
    (lambda bounds: bounds[0].__setitem__(0, [0, 0, 1]), "with den >= 1"),
    (lambda bounds: bounds[0].__setitem__(0, [-1, 0, 1]), "with den >= 1"),
    (lambda bounds: bounds[0].__setitem__(0, [True, 0, 1]), "with den >= 1"),
    (lambda bounds: bounds[0].__setitem__(0, [1, -1, 1]), "form -1 does not exist"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 4, 1]), "form 4 does not exist"),
    (lambda bounds: bounds[0].__setitem__(0, [1, False, 1]), "form false does not exist"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 1, 1, 0, 1]), "form 0 does not exist or is not in"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 1, 1, 1, 1]), "form 1 does not exist or is not in"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 1, 0]), "multiplier 0 of form 1, not a positive integer"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 1, -1]), "multiplier -1 of form 1, not a positive integer"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 1, True]), "multiplier true of form 1, not a positive"),
    (lambda bounds: bounds[0].__setitem__(0, [1, 0, 10**9]), "h is too long"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "reason"), BOUNDS)
def test_wrong_bounds(edit: Any, reason: str) -> None:
    assert rejects(tiny("plain"), "dual", lambda record: edit(record["bounds"]), reason)


def test_a_negative_multiplier_would_prove_anything() -> None:
    # with -m allowed, every vector would be feasible: all bounds that need multipliers refuse it
    for entry in range(4):
        for which in range(4):

            def edit(record: Line, entry: int = entry, which: int = which) -> None:
                bound = record["bounds"][entry][which]
                if bound != 0:
                    bound[2] = -bound[2]
                else:
                    record["bounds"][entry][which] = [1, 0, -1]

            assert rejects(tiny("plain"), "dual", edit, "not a positive integer")


def test_moved_bounds_are_noticed_where_they_are_needed() -> None:
    certificate = tiny("plain")
    dual = next(record for record in certificate.records if isinstance(record, DualBoundRecord))
    assert dual.bounds is not None
    needed = [(i, k) for i, entry in enumerate(dual.bounds) for k, bound in enumerate(entry) if bound != 0]
    assert needed
    rejected = 0
    for i, k in needed:

        def edit(record: Line, i: int = i, k: int = k) -> None:
            record["bounds"][i][k] = 0

        rejected += not check_edited(certificate, "dual", edit).accepted
    assert rejected > 0


def test_an_unpenalised_coordinate_must_vanish() -> None:
    certificate = tiny("line", bias="free")
    dual = next(record for record in certificate.records if isinstance(record, DualBoundRecord))
    assert dual.bounds is not None
    i, k = next((i, k) for i, entry in enumerate(dual.bounds) for k, bound in enumerate(entry) if bound != 0)

    def edit(record: Line) -> None:
        record["bounds"][i][k] = 0

    assert rejects(certificate, "dual", edit, f"bounds[{i}][{k}]: the unpenalised coordinate of h is not 0")


def test_a_free_bias_needs_a_vector_of_sum_zero() -> None:
    def edit(record: Line) -> None:
        record["v"][0] = str(Fraction(record["v"][0]) + 1)

    assert rejects(
        tiny("line", bias="free"), "dual", edit, "the bias is free and the entries of v add up to 1, not 0"
    )


DUALS: list[tuple[dict[str, Any], str]] = [
    ({"by": "faces"}, "by must be one of leaves, rays"),
    ({"by": "rays"}, "cells and bounds must be null"),
    ({"by": "rays", "cells": None}, "cells and bounds must be null"),
    ({"by": "rays", "bounds": None}, "cells and bounds must be null"),
    ({"by": "rays", "cells": None, "bounds": None}, "needs the l1 or linf norm or a single"),
    ({"cells": None}, "cells must be an identifier, got null"),
    ({"cells": "arrangement"}, "which is of rule arrangement"),
    ({"bounds": None}, "bounds must be a list, got null"),
    ({"v": ["0", "0", "0"]}, "v must have length 4, got 3"),
    ({"v": [0, "0", "0", "0"]}, "v[0] must be a rational"),
    ({"problem": "arrangement"}, "which is of rule arrangement"),
    ({"value": "1000"}, "value is 1000, and v proves only"),
]


@pytest.mark.parametrize(("edit", "reason"), DUALS)
def test_wrong_dual_bounds(edit: dict[str, Any], reason: str) -> None:
    assert rejects(tiny("plain"), "dual", lambda record: record.update(edit), reason)


def test_the_value_may_be_rounded_down_only() -> None:
    certificate = tiny("plain")
    dual = next(record for record in certificate.records if isinstance(record, DualBoundRecord))
    problem = certificate.records[0]
    assert isinstance(problem, ProblemRecord)
    assert dual.value == dual_value(problem, dual.v)
    lower = check_edited(certificate, "dual", lambda record: record.update(value="-1/3"))
    # the enclosure asks for more than that now
    assert (lower.step, lower.rule) == (7, "enclosure")
    above = str(dual.value + Fraction(1, 10**40))
    assert rejects(certificate, "dual", lambda record: record.update(value=above), "v proves only")


def test_cells_of_another_problem_prove_nothing() -> None:
    # the same data with a larger beta; its cells are the same, its leaf order too, but the reference is wrong
    records = opened(tiny("plain"))[:5]
    other = opened(tiny("plain"))[:3]
    for record, name in zip(other, ("p2", "a2", "c2"), strict=True):
        record["id"] = name
    other[1]["problem"], other[2]["arrangement"] = "p2", "a2"
    records[4]["cells"] = "c2"
    verdict = check_text(seal_records([*other, *records], ["dual"]))
    assert verdict.reason == "the cells c2 belong to problem p2, not problem"
