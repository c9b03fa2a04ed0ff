from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from exactnet.certificate import (
    Certificate,
    DualBoundRecord,
    EvaluationRecord,
    GapRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    certificate_text,
    check_text,
)
from tests.support.sealing import opened, rejects, seal_records
from tests.support.small_certificates import cell_records, dual_record, neuron, problem_record
from tests.support.tiny import SETTINGS, tiny


def one_sample(norm: str, *, by: str) -> Certificate:
    """x = y = 1, beta = 3/4: the optimum is beta - beta^2/2 = 15/32, reached by u a = 1 - beta."""
    problem = problem_record([[1]], [1], "3/4", norm, "none")
    records, leaves = cell_records(problem, mirror=False)
    arrangement = records[0]
    v = Fraction(3, 4)
    dual = dual_record(problem, arrangement, leaves, mirror=False, v=[v])  # type: ignore[arg-type]
    assert dual.v == (v,)
    if by == "rays":
        dual = DualBoundRecord("dual", "problem", (v,), "rays", None, None, dual.value)
    half, value = neuron(["1/2"], "1/2"), Fraction(15, 32)
    return Certificate(
        "one sample",
        (
            problem,
            *records,
            dual,
            PrimalBoundRecord("primal", "problem", (half,), Fraction(0), value),
            PrimalDualRecord("optimum", "problem", "dual", "primal", value),
            EvaluationRecord("network", "problem", (half,), Fraction(0), value),
            GapRecord("gap", "network", "optimum", Fraction(0), Fraction(0)),
        ),
        ("optimum", "gap"),
    )


@pytest.mark.parametrize(("norm", "by"), [("l1", "rays"), ("l1", "leaves"), ("l2", "leaves")])
def test_an_optimum_known_by_hand(norm: str, by: str) -> None:
    verdict = check_text(certificate_text(one_sample(norm, by=by)))
    assert verdict.accepted
    assert "the optimum of problem is 15/32 (= 0.46875); " in verdict.line
    assert "exceeds the optimum of problem by at least 0 and at most 0; " in verdict.line


@pytest.mark.parametrize(
    ("name", "edit", "reason"),
    [
        ("optimum", {"value": "1/2"}, "value is 1/2, dual has 15/32 and primal has 15/32"),
        ("optimum", {"dual": "primal"}, "dual names 'primal', which is of rule primal_bound"),
        ("optimum", {"primal": "dual"}, "primal names 'dual', which is of rule dual_bound"),
        ("optimum", {"problem": "dual"}, "which is of rule dual_bound"),
        ("optimum", {"dual": "gap"}, "no record above has this id"),
        ("primal", {"value": "14/32"}, "lowest terms"),
        ("primal", {"value": "7/16"}, "value is 7/16, and the network reaches only 15/32"),
        ("network", {"objective": "1/2"}, "objective is 1/2, and the network has 15/32"),
        ("network", {"objective": "7/16"}, "objective is 7/16, and the network has 15/32"),
        ("gap", {"lower": "-1"}, "lower is -1, and must be between 0 and 0"),
        ("gap", {"lower": "1/100"}, "lower is 1/100, and must be between 0 and 0"),
        ("gap", {"upper": "-1/100"}, "upper is -1/100, and must be at least 0"),
        ("gap", {"evaluation": "primal"}, "which is of rule primal_bound"),
        ("gap", {"optimum": "dual"}, "which is of rule dual_bound"),
    ],
)
def test_nothing_better_is_accepted(name: str, edit: dict[str, Any], reason: str) -> None:
    assert rejects(one_sample("l2", by="leaves"), name, lambda record: record.update(edit), reason)


def test_a_rounded_primal_bound_is_no_equality() -> None:
    reason = "value is 15/32, dual has 15/32 and primal has 1/2"
    records = opened(one_sample("l2", by="leaves"))
    records[5]["value"] = "1/2"
    assert check_text(seal_records(records, ["optimum"])).reason == reason


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_enclosures_round_outward_only(norm: str, bias: str) -> None:
    certificate = tiny("degenerate", norm=norm, bias=bias)
    # the producer leaves a hundredth of room on both sides
    for key, sign in (("lower", 1), ("upper", -1)):

        def edit(record: dict[str, Any], key: str = key, sign: int = sign) -> None:
            record[key] = str(Fraction(record[key]) + sign * Fraction(11, 1000))

        assert rejects(certificate, "optimum", edit, f"{key} is ")


@pytest.mark.parametrize("key", ["lower", "upper"])
def test_gaps_round_outward_only(key: str) -> None:
    certificate = tiny("plain")
    sign = 1 if key == "lower" else -1

    def edit(record: dict[str, Any]) -> None:
        record[key] = str(Fraction(record[key]) + sign * Fraction(1, 10**30))

    assert rejects(certificate, "gap", edit, f"{key} is ")


def test_the_product_penalty_is_for_bounds_the_squares_for_evaluations() -> None:
    # u = 1, a = 1/4 fits as well as u = a = 1/2; the product of the norms is the same, the squares are not
    certificate = one_sample("l1", by="rays")
    unbalanced = [{"u": ["1"], "a": "1/4"}]
    records = opened(certificate)
    records[5]["neurons"] = unbalanced
    assert check_text(seal_records(records, ["optimum"])).accepted
    squares = Fraction(1, 2) * Fraction(9, 16) + Fraction(3, 8) * (1 + Fraction(1, 16))
    records[7].update(neurons=unbalanced, objective=str(squares))
    records[8].update(lower=str(squares - Fraction(15, 32)), upper=str(squares - Fraction(15, 32)))
    assert check_text(seal_records(records, ["gap"])).accepted


def test_two_penalised_coordinates_of_l2_charge_the_squares() -> None:
    # x = (1, 0), y = 1 with u = (1, 0): the product is beta / 4, the squares more
    unbalanced = neuron(["1", "0"], "1/4")
    for norm, value in (("l1", Fraction(15, 32)), ("l2", Fraction(87, 128))):
        problem = problem_record([[1, 0]], [1], "3/4", norm, "none")
        for less, accepted in ((Fraction(0), True), (Fraction(1, 10**20), False)):
            primal = PrimalBoundRecord("primal", "problem", (unbalanced,), Fraction(0), value - less)
            verdict = check_text(certificate_text(Certificate("x", (problem, primal), ("primal",))))
            assert verdict.accepted == accepted, verdict.line


def test_bounds_of_another_problem_do_not_meet() -> None:
    records = opened(one_sample("l1", by="rays"))
    other = opened(one_sample("l1", by="rays"))[:6]
    for record in other:
        for key in ("id", "problem", "arrangement", "cells"):
            if isinstance(record.get(key), str):
                record[key] += "2"
    other[0]["targets"] = ["7"]  # far away from y = 1
    other[4]["value"], other[5]["value"] = "0", "100"
    bounds = {"dual": "dual2", "primal": "primal2", "lower": "0", "upper": "100"}
    other.append({"rule": "enclosure", "id": "optimum2", "problem": "problem2", **bounds})
    for i, key, reason in (
        (6, "dual", "the dual_bound dual2 belongs to problem problem2, not problem"),
        (6, "primal", "the primal_bound primal2 belongs to problem problem2, not problem"),
        (6, "problem", "the dual_bound dual belongs to problem problem, not problem2"),
        (8, "optimum", "optimum2 and network belong to different problems, problem2 and problem"),
    ):
        edited = [dict(record) for record in records]
        edited[i][key] += "2"
        verdict = check_text(seal_records([*other, *edited], ["gap"]))
        assert (verdict.step, verdict.reason) == (8 + i, reason), verdict.line


def test_the_empty_network_is_a_network() -> None:
    problem = problem_record([[1]], [1], "1", "l2", "none")
    primal = PrimalBoundRecord("primal", "problem", (), Fraction(0), Fraction(1, 2))
    verdict = check_text(certificate_text(Certificate("empty", (problem, primal), ("primal",))))
    assert "the optimum of problem is at most 1/2 (<= 0.5); " in verdict.line
