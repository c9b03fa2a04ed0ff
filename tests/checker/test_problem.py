from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import pytest

from exactnet.certificate import EvaluationRecord, certificate_text, check_text
from tests.support.sealing import Line, rejects
from tests.support.tiny import DATA, LOSSES, SETTINGS, tiny


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_whole_certificates_are_accepted(data: str, norm: str, bias: str) -> None:
    verdict = check_text(certificate_text(tiny(data, norm=norm, bias=bias)))
    assert verdict.accepted, verdict.line
    assert verdict.line.startswith("ACCEPTED 9 steps: ")


def test_the_verdict_names_the_data_by_a_fingerprint() -> None:
    certificate = tiny("line", norm="l1", bias="free")
    content = '[[["-1"],["0"],["1"],["2"]],["0","1","0","1"],"1/2","l1","free","squared","0"]'
    assert check_text(certificate_text(certificate)).line.endswith(
        "; problem is the training problem with 4 samples, 1 feature, squared loss, beta = 1/2, l1 norm, "
        f"free bias, fingerprint {hashlib.sha256(content.encode()).hexdigest()}"
    )


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_the_verdict_states_the_objective(norm: str, bias: str) -> None:
    # the value in the record was computed by a second program
    certificate = tiny("degenerate", norm=norm, bias=bias)
    network = next(record for record in certificate.records if isinstance(record, EvaluationRecord))
    line = check_text(certificate_text(certificate)).line
    assert f"network network has the objective {network.objective} (= " in line


@pytest.mark.parametrize("kappa", ["-1", "1/10", "1", "-1/3"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_every_loss_and_slope(norm: str, bias: str, loss: str, kappa: str) -> None:
    data = "plain" if loss in ("squared", "l1") else "degenerate"
    certificate = tiny(data, norm=norm, bias=bias, loss=loss, kappa=kappa)
    verdict = check_text(certificate_text(certificate))
    assert verdict.accepted, verdict.line
    assert f", {loss} loss, " in verdict.line
    assert f", slope {kappa} below 0, fingerprint " in verdict.line


EDITS: list[tuple[dict[str, Any], str]] = [
    ({"features": []}, "at least one row and one column"),
    ({"features": [[], [], [], []]}, "at least one row and one column"),
    (
        {"features": [["1", "2"], ["1"], ["1", "2"], ["1", "2"]]},
        "features[1] has 1 entries and features[0] has 2",
    ),
    ({"features": "1"}, "features must be a list"),
    ({"features": [["1", 2], ["1", "2"], ["1", "2"], ["1", "2"]]}, "features[0][1] must be a rational"),
    ({"targets": ["1", "2", "3"]}, "targets must have length 4"),
    ({"targets": None}, "targets must be a list, got null"),
    ({"beta": "0"}, "beta must be positive"),
    ({"beta": "-1/2"}, "beta must be positive, got -1/2"),
    ({"beta": 1}, "beta must be a rational"),
    ({"norm": "l3"}, "norm must be one of l1, l2, linf"),
    ({"norm": ["l1"]}, "norm must be one of l1, l2, linf"),
    ({"bias": None}, "bias must be one of"),
    ({"loss": "cubic"}, "loss must be one of squared, hinge, logistic, l1"),
    ({"loss": "hinge"}, "targets[2] must be 1 or -1 for the hinge loss, got 2"),
    ({"loss": "logistic"}, "targets[2] must be 1 or -1 for the logistic loss, got 2"),
    ({"kappa": 0}, "kappa must be a rational"),
    ({"kappa": "0.1"}, "kappa must be a rational"),
    ({"more": 1}, "unknown key 'more'"),
    ({"id": "a; the optimum is 0"}, "id must be an identifier"),
    ({"id": ""}, "id must be an identifier"),
]


@pytest.mark.parametrize(("edit", "reason"), EDITS)
def test_problems_that_are_none(edit: dict[str, Any], reason: str) -> None:
    assert rejects(tiny(), "problem", lambda record: record.update(edit), reason)


@pytest.mark.parametrize("key", ["features", "targets", "beta", "norm", "bias", "loss", "kappa"])
def test_no_key_may_be_missing(key: str) -> None:
    assert rejects(tiny(), "problem", lambda record: record.pop(key), f"no key '{key}'")


NETWORKS: list[tuple[dict[str, Any], str]] = [
    ({"neurons": {}}, "neurons must be a list"),
    ({"neurons": [["1", "1"]]}, "neurons[0] must be an object"),
    ({"neurons": [{"u": ["1", "1"]}]}, "neurons[0] has no key 'a'"),
    ({"neurons": [{"u": ["1", "1"], "a": "1", "b": "1"}]}, "neurons[0] has the unknown key 'b'"),
    ({"neurons": [{"u": ["1"], "a": "1"}]}, "neurons[0].u must have length 2, got 1"),
    ({"neurons": [{"u": ["1", "1"], "a": 1}]}, "neurons[0].a must be a rational"),
    ({"t": "1"}, "t must be 0 when the bias is none, got 1"),
    ({"t": None}, "t must be a rational"),
]


@pytest.mark.parametrize(("edit", "reason"), NETWORKS)
@pytest.mark.parametrize("name", ["primal", "network"])
def test_networks_that_are_none(name: str, edit: dict[str, Any], reason: str) -> None:
    assert rejects(tiny(), name, lambda record: record.update(edit), reason)


def test_a_shift_is_allowed_with_a_free_bias_only() -> None:
    assert check_text(certificate_text(tiny("line", bias="free"))).accepted
    assert rejects(
        tiny("line", bias="penalised"), "network", lambda record: record.update(t="1"), "t must be 0"
    )


def test_fractions_stay_exact() -> None:
    def add_a_little(record: Line) -> None:
        record["objective"] = str(Fraction(record["objective"]) + Fraction(1, 10**50))

    assert rejects(tiny(), "network", add_a_little, "objective is")
