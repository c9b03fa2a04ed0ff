"""Losses in the checker: values, dual values, their domains, and what logistic claims may round."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    DualBoundRecord,
    EvaluationRecord,
    GapRecord,
    Neuron,
    PrimalBoundRecord,
    certificate_text,
    check_text,
)
from exactnet.checker.losses import dual_value, loss_bounds
from exactnet.checker.read import Rejection
from tests.support.oracles import false_claims
from tests.support.sealing import rejects
from tests.support.small_certificates import problem_record
from tests.support.tiny import LOSSES, SETTINGS, tiny

ZERO = Fraction(0)
SMALL = st.fractions(min_value=-4, max_value=4, max_denominator=12)


@given(st.sampled_from(LOSSES), SMALL, SMALL, st.sampled_from([1, -1]), SMALL)
def test_fenchel_young(loss: str, f: Fraction, v: Fraction, label: int, target: Fraction) -> None:
    """loss(f) + v f is never below the dual value, whatever f."""
    y = Fraction(label) if loss in ("hinge", "logistic") else target
    try:
        bound = dual_value(loss, [v], [y], 80)
    except Rejection:
        return
    assert loss_bounds(loss, [f], [y], 80)[1] + v * f >= bound


@pytest.mark.parametrize(
    ("loss", "v", "y", "f"),
    [
        ("squared", "1/3", "5/2", "13/6"),
        ("l1", "1", "5/2", "-7"),
        ("l1", "-1/3", "5/2", "5/2"),
        ("hinge", "1", "1", "1/2"),
        ("hinge", "-2/5", "-1", "-1"),
        ("hinge", "0", "1", "9"),
    ],
)
def test_the_dual_value_is_reached(loss: str, v: str, y: str, f: str) -> None:
    slope, target, fit = Fraction(v), Fraction(y), Fraction(f)
    low, high = loss_bounds(loss, [fit], [target], 80)
    assert low == high == dual_value(loss, [slope], [target], 80) - slope * fit


def test_the_logistic_dual_value_is_reached() -> None:
    with mpmath.workdps(50):
        for share in ("1/2", "1/7", "99/100"):
            s = Fraction(share)
            # the slope of log(1 + exp(-f)) is -s at f = log((1-s)/s)
            f = Fraction(str(mpmath.log(mpmath.mpf(s.denominator - s.numerator) / s.numerator)))
            gap = loss_bounds("logistic", [f], [Fraction(1)], 120)[1] + s * f
            assert 0 <= gap - dual_value("logistic", [s], [Fraction(1)], 120) < Fraction(1, 2**100)


OUTSIDE = [
    ("l1", "9/8", "2", "|v[0]| = 9/8 is more than 1"),
    ("hinge", "-1/8", "1", "v[0] y[0] = -1/8 is not between 0 and 1, as the hinge loss needs"),
    ("hinge", "9/8", "1", "is not between 0 and 1"),
    ("logistic", "1/8", "-1", "v[0] y[0] = -1/8 is not between 0 and 1, as the logistic loss needs"),
]


@pytest.mark.parametrize(("loss", "v", "y", "reason"), OUTSIDE)
def test_vectors_outside_the_domain(loss: str, v: str, y: str, reason: str) -> None:
    problem = problem_record([[1]], [y], "100", "l1", "none", loss)
    dual = DualBoundRecord("dual", "problem", (Fraction(v),), "rays", None, None, Fraction(-(10**6)))
    verdict = check_text(certificate_text(Certificate("x", (problem, dual), ("dual",))))
    assert not verdict.accepted
    assert reason in verdict.reason


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_no_claim_is_false(norm: str, bias: str, loss: str) -> None:
    certificate = tiny("line", norm=norm, bias=bias, loss=loss, kappa="1/3")
    assert check_text(certificate_text(certificate)).accepted
    assert false_claims(certificate) == []


@pytest.mark.parametrize("loss", LOSSES)
def test_values_may_be_rounded_outward_only(loss: str) -> None:
    certificate = tiny("line", loss=loss, bias="penalised")
    tick = Fraction(1, 10**25)

    def raise_value(record: dict[str, Any]) -> None:
        record["value"] = str(Fraction(record["value"]) + tick)

    def lower_value(record: dict[str, Any]) -> None:
        record["value"] = str(Fraction(record["value"]) - tick)

    assert rejects(certificate, "dual", raise_value, "v proves only")
    assert rejects(certificate, "primal", lower_value, "the network reaches only")


def logistic_evaluation(shift: Fraction) -> Certificate:
    """One sample at x = 1 with y = 1, one neuron with f = 1: the loss is log(1 + exp(-1))."""
    problem = problem_record([[1]], [1], "1/2", "l2", "none", "logistic")
    with mpmath.workdps(40):
        loss = Fraction(str(mpmath.log1p(mpmath.exp(-1))))
    neurons = (Neuron((Fraction(1),), Fraction(1)),)
    zero = PrimalBoundRecord("primal", "problem", neurons, ZERO, loss + Fraction(1, 2) + Fraction(1, 2**80))
    found = EvaluationRecord("network", "problem", neurons, ZERO, loss + Fraction(1, 2) + shift)
    return Certificate("x", (problem, zero, found), ("primal", "network"))


def test_a_logistic_objective_is_a_number_near_the_truth() -> None:
    for shift in (ZERO, Fraction(1, 2**61), Fraction(-1, 2**61)):
        verdict = check_text(certificate_text(logistic_evaluation(shift)))
        assert verdict.accepted, verdict.line
        assert "network network has an objective of at least 0.81326168751" in verdict.line
    for shift in (Fraction(1, 2**59), Fraction(-1, 2**59)):
        verdict = check_text(certificate_text(logistic_evaluation(shift)))
        assert verdict.reason.startswith("objective is ")


def test_a_gap_of_a_logistic_network_keeps_the_room() -> None:
    certificate = tiny("line", loss="logistic", bias="penalised")
    gap = next(record for record in certificate.records if isinstance(record, GapRecord))

    def edit(record: dict[str, Any]) -> None:
        record["upper"] = str(gap.upper - Fraction(1, 2**60))

    assert rejects(certificate, "gap", edit, "upper is ")


def test_endless_digits_are_not_computed() -> None:
    """A number of 10^5 digits asks for 4096 binary digits at most, and is then a wrong bound."""
    problem = problem_record([[1]], [1], "1", "l1", "none", "logistic")
    value = Fraction(7 * 10**9000, 10**9001 + 1)
    dual = DualBoundRecord("dual", "problem", (Fraction(1, 2),), "rays", None, None, value)
    verdict = check_text(certificate_text(Certificate("x", (problem, dual), ("dual",))))
    assert "v proves only" in verdict.reason
