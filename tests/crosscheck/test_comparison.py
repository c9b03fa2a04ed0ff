"""Gaps are proved, and the checker agrees."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from exactnet.certificate import Certificate, Result, Status, certificate_text, check_text
from exactnet.certificate.types import EvaluationRecord, GapRecord, Neuron
from exactnet.convex import TwoLayer, objective, optimum, to_network
from exactnet.crosscheck import compare, comparison_rows, train
from exactnet.errors import InputError, InvariantError, ShapeError
from tests.crosscheck.cases import DEGENERATE, SETTINGS, problem, problems

HALF = Fraction(1, 2)


@pytest.fixture(scope="module")
def best():
    return optimum(problem())


@pytest.fixture(scope="module")
def networks():
    return train(problem(), n_seeds=3)


@pytest.mark.parametrize(("norm", "bias"), SETTINGS)
def test_gaps_of_trained_networks_are_proved(norm, bias):
    p = problem(norm=norm, bias=bias)
    found = optimum(p)
    trained = train(p, n_seeds=3, n_steps=200)
    result = compare(trained, found)
    assert result.status is Status.PROVED
    assert result.check().accepted, result.check().line
    assert result.certificate is not None
    assert set(result.certificate.claims) >= {"optimum", "seed-0", "gap-seed-0", "seed-2", "gap-seed-2"}
    # the gaps refer to the ends of the proof, which are sharper than the enclosure that is reported
    dual, primal = found.value.dual_value, found.value.primal_value
    assert found.value.lower <= dual <= primal <= found.value.upper
    for network, report in zip(trained, result.value.reports, strict=True):
        assert report.network == network.network
        assert report.objective == objective(p, network.network)
        assert max(0, report.objective - found.value.upper) <= report.gap_lower
        assert report.gap_lower <= max(0, report.objective - primal)
        assert report.objective - dual <= report.gap_upper <= report.objective - found.value.lower
        assert abs(report.relative_gap - report.gap_upper / dual) <= Fraction(1, 10**15)
    assert result.value.best.objective == min(report.objective for report in result.value.reports)


@given(problems())
@settings(max_examples=12, deadline=None)
def test_any_problem_and_an_untrained_network(p):
    found = optimum(p)
    result = compare(train(p, n_seeds=1, n_steps=0, n_neurons=2), found)
    assert result.check().accepted, result.check().line
    (report,) = result.value.reports
    assert 0 <= report.gap_lower <= report.gap_upper


@pytest.mark.parametrize("name", ["a zero row and copies", "one number", "zero targets", "zero everything"])
def test_degenerate_data(name):
    p = problem(DEGENERATE[name], "1/10")
    result = compare(train(p, n_seeds=2, n_steps=100), optimum(p))
    assert result.check().accepted, result.check().line


def test_the_zero_network_is_optimal_for_zero_targets():
    p = problem(DEGENERATE["zero targets"])
    result = compare([TwoLayer(()), *train(p, n_seeds=1, n_steps=3)], optimum(p))
    first, second = result.value.reports
    assert (first.gap_lower, first.gap_upper, first.relative_gap) == (0, 0, 0)
    assert second.relative_gap is None
    assert result.sentence == (
        "best of 2 networks is a global optimum, exactly; 1 of 2 reach relative gap 1e-6"
    )
    assert comparison_rows(result.value)[1]["relative_gap"] is None
    assert result.check().accepted


def test_a_network_that_is_the_optimum_is_recognised_as_such():
    # x = 1, y = 1/4 + beta: the optimum is u = a = 1/2, with objective beta^2/2 + beta/4
    p = problem(([[1]], ["3/4"]), "1/2")
    result = compare(TwoLayer((Neuron((HALF,), HALF),)), optimum(p))
    assert result.value.reports[0].objective == Fraction(1, 4)
    assert result.sentence == "the network is a global optimum, exactly"
    assert result.check().accepted


def test_one_network_has_a_sentence_of_its_own(best):
    result = compare(TwoLayer((Neuron((HALF, Fraction(0)), Fraction(1)),)), best)
    assert result.sentence == (
        "the network's objective exceeds the global optimum by at least 1.738 and at most 1.739"
    )
    assert result.value.reports[0].label == "network-0"
    exact = optimum(problem(norm="l1"))
    result = compare(TwoLayer(()), exact)
    assert result.sentence == (
        "the network's objective exceeds the global optimum by exactly 22087/12600 (= 1.752936507936...)"
    )


def test_many_trained_networks_have_one_sentence(best, networks):
    sentence = compare(networks, best).sentence
    assert sentence.startswith("best of 3 trained networks is certified within ")
    assert sentence.endswith("(relative) of the global optimum; 3 of 3 reach relative gap 1e-6")


def test_networks_of_every_kind_can_be_compared(best, networks):
    trained = networks[0]
    stored = to_network(problem(), trained.network)
    result = compare([trained, trained.network, stored], best)
    assert [report.label for report in result.value.reports] == ["seed-0", "network-1", "network-2"]
    assert len({report.objective for report in result.value.reports}) == 1
    assert result.provenance["trained by lbfgs (numpy)"] == "seeds 0"
    assert result.check().accepted


def test_labels_stay_distinct(best):
    p = problem()
    runs = [*train(p, n_seeds=2, n_steps=1), *train(p, n_seeds=1, n_steps=1, optimizer="adam")]
    labels = [report.label for report in compare([*runs, runs[0]], best).value.reports]
    assert labels == [
        "lbfgs-numpy-seed-0-run-1",
        "lbfgs-numpy-seed-1",
        "adam-numpy-seed-0",
        "lbfgs-numpy-seed-0-run-2",
    ]


def test_a_wide_enclosure_gives_wide_gaps(networks):
    found = optimum(problem(), gap="1/1000000000000000000")
    assert found.status is Status.UNDECIDED
    result = compare(networks, found)
    assert result.status is Status.PROVED
    assert result.check().accepted


def test_a_changed_gap_is_rejected(best, networks):
    result = compare(networks, best)
    assert result.certificate is not None
    for field, shift in (("lower", 1), ("upper", -1)):
        records = [
            replace(record, **{field: getattr(record, field) + shift * Fraction(1, 100)})
            if isinstance(record, GapRecord) and record.id == "gap-seed-1"
            else record
            for record in result.certificate.records
        ]
        changed = replace(result.certificate, records=tuple(records))
        assert not check_text(certificate_text(changed)).accepted


def test_a_changed_objective_is_rejected(best, networks):
    result = compare(networks[:1], best)
    assert result.certificate is not None
    records = [
        replace(record, objective=record.objective - Fraction(1, 10**20))
        if isinstance(record, EvaluationRecord)
        else record
        for record in result.certificate.records
    ]
    verdict = check_text(certificate_text(replace(result.certificate, records=tuple(records))))
    assert not verdict.accepted
    assert verdict.rule == "evaluation"


def test_a_network_below_a_proved_bound_is_our_bug(best, networks):
    wrong = {
        "lower": Fraction(3),
        "upper": Fraction(4),
        "dual_value": Fraction(3),
        "primal_value": Fraction(4),
    }
    false = replace(best, value=replace(best.value, **wrong))
    with pytest.raises(InvariantError, match="smaller objective than the proved lower bound"):
        compare(networks, false)


def test_inputs_that_are_no_networks(best):
    with pytest.raises(InputError, match="there is no network to compare"):
        compare([], best)
    with pytest.raises(InputError, match="this is not a network"):
        compare([np.zeros(3)], best)
    with pytest.raises(ShapeError):
        compare(TwoLayer((Neuron((HALF, HALF, HALF), HALF),)), best)


def test_an_optimum_without_a_proof_is_refused(best, networks):
    for certificate in (None, Certificate("empty", (), ())):
        bare = Result(best.value, best.status, certificate, best.sentence)
        with pytest.raises(InputError, match="carries no proof"):
            compare(networks, bare)


def test_rows_are_plain_data(best, networks):
    rows = comparison_rows(compare(networks, best).value)
    assert [row["label"] for row in rows] == ["seed-0", "seed-1", "seed-2"]
    assert json.loads(json.dumps(rows)) == rows
    for row, trained in zip(rows, networks, strict=True):
        assert Fraction(row["objective"]) == objective(problem(), trained.network)
        assert row["approx_objective"] == pytest.approx(trained.approx_loss)
        assert row["n_neurons"] == 10
        assert 0 <= row["n_dead"] <= 10
