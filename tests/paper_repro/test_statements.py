"""The statements: each is reproduced, every certificate is accepted, and the page that says so is current."""

from __future__ import annotations

from fractions import Fraction

import pytest

from paper_repro import run, statements
from paper_repro.expectation import Proof
from paper_repro.index import INDEX, index_text
from paper_repro.registry import Standing

EXACT, ENCLOSED = Standing.EXACT, Standing.ENCLOSED
STANDINGS = {
    "C01": EXACT,
    "C02": ENCLOSED,
    "C03": ENCLOSED,
    "C04": ENCLOSED,
    "C05": ENCLOSED,
    "C06": ENCLOSED,
    "C07": ENCLOSED,
    "C08": ENCLOSED,
    "C09": ENCLOSED,
    "C10": ENCLOSED,
    "C11": EXACT,
    "C12": EXACT,
    "C13": EXACT,
    "C14": EXACT,
    "C15": EXACT,
    "C16": EXACT,
    "C17": ENCLOSED,
    "C18": ENCLOSED,
    "C19": EXACT,
    "C20": ENCLOSED,
    "C21": ENCLOSED,
    "C22": ENCLOSED,
    "C23": EXACT,
    "C24": ENCLOSED,
    "C25": EXACT,
    "G01": EXACT,
    "G02": EXACT,
    "G03": EXACT,
    "G04": EXACT,
    "G05": EXACT,
    "G06": EXACT,
    "G07": EXACT,
    "G08": EXACT,
    "G09": EXACT,
    "R01": ENCLOSED,
    "R02": EXACT,
    "R03": ENCLOSED,
    "R04": ENCLOSED,
    "R05": ENCLOSED,
    "R06": ENCLOSED,
    "R07": ENCLOSED,
    "R08": ENCLOSED,
    "T01": EXACT,
    "T02": EXACT,
    "T03": EXACT,
    "T04": EXACT,
    "T05": EXACT,
    "T06": EXACT,
    "T07": EXACT,
    "T08": EXACT,
    "T09": EXACT,
    "T10": EXACT,
    "T11": EXACT,
    "T12": EXACT,
    "T13": EXACT,
    "T14": EXACT,
    "T15": EXACT,
    "T16": EXACT,
    "T17": EXACT,
    "T18": EXACT,
    "T19": EXACT,
    "T20": EXACT,
    "T21": EXACT,
    "T22": EXACT,
    "T23": EXACT,
    "T24": EXACT,
    "T25": EXACT,
    "T26": EXACT,
    "T27": EXACT,
    "T28": EXACT,
    "T29": EXACT,
    "T30": EXACT,
    "T31": EXACT,
}


@pytest.mark.parametrize("id_", STANDINGS)
def test_a_statement_is_reproduced(outcomes, id_):
    outcome = outcomes[id_]
    assert outcome.standing is STANDINGS[id_], outcome.verdict
    assert [reading.expectation.name for reading in outcome.readings if not reading.agrees] == []
    assert outcome.verdicts
    assert all(verdict.accepted for verdict in outcome.verdicts)
    # the headline is never float evidence
    assert outcome.readings[0].expectation.by is not Proof.FLOAT


def test_every_registered_statement_is_listed_here():
    assert [statement.id for statement in statements()] == list(STANDINGS)
    assert {statement.area for statement in statements(area="convex")} == {"convex"}


def test_a_statement_lies_in_the_folder_of_its_paper():
    for statement in statements():
        folder = statement.run.__module__.split(".")[1]
        assert folder.endswith(statement.paper.arxiv.replace(".", "_").replace("/", "_"))


def test_the_index_is_current(outcomes):
    assert INDEX.read_text(encoding="utf-8") == index_text(list(outcomes.values())), (
        "run python -m paper_repro.index"
    )


# what a reader of the papers would look for; each number was known before this package or follows by hand
@pytest.mark.parametrize(
    ("id_", "name", "value"),
    [
        ("C01", "XOR with a column of ones", 14),
        ("C06", "mapped rational network", Fraction(3359, 800)),
        ("C07", "its square", Fraction(29, 2)),
        ("C12", "training, zigzag, beta = 1/20", Fraction(7, 40)),
        ("C13", "without the constant", Fraction("0.1784375")),
        ("C15", "training, beta = 1/2", Fraction(2161, 1575)),
        ("C16", "wedge products of samples alone", Fraction(6737, 4900)),
        ("C16", "dictionary of samples alone", "incomplete dictionary"),
        ("C17", "training, beta = 1/10", Fraction(6557, 32400)),
        ("C18", "training, six samples, no bias", Fraction(198675567, 99123200)),
        ("C23", "beta = 1/10, stairs, depth 3", Fraction(39, 400)),
        ("C25", "k = 3", Fraction(2, 3)),
        ("R02", "every pattern, beta = 1/10", Fraction(29, 100)),
    ],
)
def test_a_known_value(outcomes, id_, name, value):
    measured = {reading.expectation.name: reading.measured for reading in outcomes[id_].readings}
    assert measured[name] == value


def test_narrow_networks_are_proved_to_be_worse(outcomes):
    measured = {reading.expectation.name: reading.measured for reading in outcomes["C04"].readings}
    one, two, any_width = (measured[k] for k in ("one neuron", "two neurons", "any number of neurons"))
    assert one.lower > two.upper
    assert two.lower > any_width.upper
    assert any(reading.expectation.by is Proof.FLOAT for reading in outcomes["C04"].readings)


def test_some_statements_only_and_progress():
    seen = []
    chosen = run(["C16", "C13"], area="convex", progress=lambda *step: seen.append(step))
    assert [outcome.id for outcome in chosen] == ["C13", "C16"]
    assert seen == [("statements", 0, 2), ("statements", 1, 2)]
