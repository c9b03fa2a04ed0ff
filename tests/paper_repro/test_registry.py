"""The registry compares and judges: no wrong expectation, rejected proof or mere float gets through."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

import paper_repro
from exactnet.certificate import (
    Certificate,
    LinearSystemRecord,
    Result,
    Status,
    WitnessRecord,
)
from exactnet.errors import InputError, InvariantError, LimitReached
from exactnet.exact import Interval
from paper_repro import run, statements
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.expectation import AtMost, Digits, Exactly, Near
from paper_repro.index import index_text
from paper_repro.registry import Finding, Standing, Statement, reproduce


def proof(point=0, status=Status.PROVED):
    """A certificate of 2x <= 1 with a witness; x = 1 is none."""
    system = LinearSystemRecord("s", 1, ((Fraction(2),),), ("<=",), (Fraction(1),))
    witness = WitnessRecord("w", "s", (Fraction(point),))
    return Result(None, status, Certificate("a witness", (system, witness), ("w",)), "2x <= 1 has a solution")


def statement(values, *expected, certificates=None):
    return Statement(
        id="X01",
        title="a test",
        area="tests",
        paper=PAPER,
        place="nowhere",
        statement="one is one",
        expected=expected or (Exactly("one", 1),),
        origin="arithmetic",
        method="none",
        run=lambda: Finding(values, certificates or (proof(),)),
    )


def test_agreement():
    outcome = reproduce(statement({"one": 1}))
    assert outcome.standing is Standing.EXACT
    assert outcome.agrees
    assert outcome.verdict == "PROVED, reproduced exactly: one: 1; ACCEPTED (1 certificate)"


def test_a_wrong_expectation_differs():
    outcome = reproduce(statement({"one": 1}, Exactly("one", 2)))
    assert outcome.standing is Standing.DIFFERS
    assert not outcome.agrees
    assert outcome.verdict == "REFUTED, differs: one is 1, expected 2; ACCEPTED (1 certificate)"
    assert "| differs: one is 1, expected 2 |" in index_text([outcome])


@pytest.mark.parametrize("id_", ["C07", "C13", "C16"])
def test_each_wrong_expectation_of_a_real_statement_differs(outcomes, id_):
    """Every single expectation matters: made wrong, it turns the statement into one that differs."""
    for reading in outcomes[id_].readings:
        wrong = _spoilt(reading.expectation)
        finding = Finding({r.expectation.name: r.measured for r in outcomes[id_].readings}, (proof(),))
        expected = tuple(wrong if r is reading else r.expectation for r in outcomes[id_].readings)
        again = reproduce(replace(outcomes[id_].statement, expected=expected, run=lambda f=finding: f))
        assert again.standing is Standing.DIFFERS
        assert wrong.name in again.reason


def _spoilt(expectation):
    if isinstance(expectation, Exactly):
        value = expectation.value
        if isinstance(value, bool):
            return replace(expectation, value=not value)
        return replace(
            expectation, value=value + "!" if isinstance(value, str) else value + Fraction(1, 10**30)
        )
    if isinstance(expectation, Digits):
        return replace(expectation, text=str(float(expectation.text) + 0.001))
    return replace(expectation, bound=Fraction(-1))


def test_a_rejected_certificate_differs_whatever_the_values():
    outcome = reproduce(statement({"one": 1}, certificates=(proof(), proof(point=1))))
    assert outcome.standing is Standing.DIFFERS
    assert "REJECTED step 2 (witness)" in outcome.reason
    assert outcome.checker == "REJECTED (1 of 2 certificates)"


def test_a_missing_value_differs():
    outcome = reproduce(statement({}))
    assert outcome.standing is Standing.DIFFERS
    assert outcome.reason == "one is not measured, expected 1"


def test_float_evidence_alone_reproduces_nothing():
    outcome = reproduce(statement({"one": 1.0}, Near("one", "1.000")))
    assert outcome.standing is Standing.NOT_REPRODUCIBLE
    assert outcome.word == "UNDECIDED"
    assert "floating-point evidence only" in outcome.reason


def test_an_undecided_result_reproduces_nothing():
    outcome = reproduce(statement({"one": 1}, certificates=(proof(status=Status.UNDECIDED),)))
    assert outcome.standing is Standing.NOT_REPRODUCIBLE
    assert outcome.reason == "undecided: 2x <= 1 has a solution"


def test_a_limit_ends_as_not_reproducible_with_the_reason():
    def out_of_time():
        raise LimitReached("too many cells")

    outcome = reproduce(replace(statement({}), run=out_of_time))
    assert outcome.verdict == "UNDECIDED, not reproducible: too many cells; no certificate"
    assert "| not reproducible: too many cells | none | no certificate | none |" in index_text([outcome])


def test_a_bug_is_raised():
    with pytest.raises(InvariantError, match="no certificate"):
        Finding({"one": 1}, ())
    with pytest.raises(InvariantError, match="names"):
        reproduce(statement({"one": 1, "two": 2}))


@pytest.mark.parametrize(
    ("expectation", "measured", "agrees"),
    [
        (Exactly("x", Fraction(1, 2)), Fraction(1, 2), True),
        (Exactly("x", Fraction(1, 2)), 0.5, False),
        (Exactly("x", 1), True, False),
        (Exactly("x", True), 1, False),
        (Exactly("x", 1), Interval(1), False),
        (Exactly("x", "0011 0100"), "0011 0100", True),
        (Digits("x", "1.25"), Interval("1.254", "1.256"), True),
        (Digits("x", "1.25"), Interval("1.2551", "1.256"), False),
        (Digits("x", "1.25"), Interval("1.24", "1.2501"), False),  # wider than the last digit
        (Digits("x", "1.25"), Interval(0, 2), False),
        (Digits("x", "1.25"), 1.25, False),
        (Digits("x", "-1.25"), Interval("-1.2501", "-1.2499"), True),
        (AtMost("x", Fraction(1, 10)), Fraction(1, 10), True),
        (AtMost("x", Fraction(1, 10)), Fraction(11, 100), False),
        (AtMost("x", Fraction(1, 10)), 0.01, False),
        (Near("x", "1.25"), 1.2599, True),
        (Near("x", "1.25"), 1.2601, False),
        (Near("x", "1.25"), float("nan"), False),
        (Near("x", "1.25"), Fraction(5, 4), False),
    ],
)
def test_comparison(expectation, measured, agrees):
    assert expectation.agrees(measured) is agrees
    assert expectation.show(measured)


def test_digits_say_how_sure_they_are():
    assert Digits("x", "1.25").show(Interval("1.254", "1.256")) == "1.25 (within 2e-2)"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((["C00"],), {}, "no such statement"),
        ((["C01", "T1"],), {"area": "convex"}, "no such statement in the area convex"),
        ((), {"area": "alchemy"}, "no statement belongs to this area"),
    ],
)
def test_unknown_ids_and_areas(arguments, options, message):
    with pytest.raises(InputError, match=message):
        run(*arguments, **options)


def test_an_id_belongs_to_one_statement(monkeypatch):
    monkeypatch.setattr(paper_repro, "_registered", lambda: [statement({}), statement({})])
    with pytest.raises(InvariantError, match="share an id"):
        statements()


def test_other_areas_are_welcome(monkeypatch):
    tropical = replace(statement({"one": 1}), id="T01", area="tropical")
    monkeypatch.setattr(paper_repro, "_registered", lambda: [tropical, statement({"one": 1})])
    assert [outcome.id for outcome in run(area="tropical")] == ["T01"]
    assert [outcome.id for outcome in run()] == ["T01", "X01"]
