"""A statement of a paper, what its script finds, and the outcome of comparing the two.

A statement counts as reproduced only if every measured value agrees with its expectation and the
independent checker accepts every certificate. Float evidence can refute a statement, never prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from exactnet.certificate import Result, Status, Verdict
from exactnet.errors import InvariantError, LimitReached, MissingExtraError, UnsupportedError
from paper_repro.expectation import Digits, Exactly, Expectation, Proof, Value

__all__ = ["Finding", "Outcome", "Paper", "Reading", "Standing", "Statement", "reproduce"]


class Standing(Enum):
    """How a statement fared; the value is what a reader sees."""

    EXACT = "reproduced exactly"
    ENCLOSED = "reproduced within an enclosure"
    DIFFERS = "differs"
    NOT_REPRODUCIBLE = "not reproducible"

    @property
    def word(self) -> str:
        """The word of the command line."""
        words = {Standing.DIFFERS: Status.REFUTED, Standing.NOT_REPRODUCIBLE: Status.UNDECIDED}
        return words.get(self, Status.PROVED).name


@dataclass(frozen=True)
class Paper:
    """One paper; its folder in this package has the same name and number."""

    arxiv: str
    authors: str
    title: str
    venue: str

    def __str__(self) -> str:
        return f"{self.authors}, {self.title} ({self.venue}, arXiv {self.arxiv})"


@dataclass(frozen=True)
class Finding:
    """What a script measured: a value for the name of each expectation, and the proofs.

    Raises
    ------
    InvariantError : no certificate; a statement that proves nothing has no place here.
    """

    values: Mapping[str, Value]
    certificates: tuple[Result[Any], ...]

    def __post_init__(self) -> None:
        if not self.certificates:
            raise InvariantError("a finding carries no certificate", reproduction=repr(dict(self.values)))


@dataclass(frozen=True)
class Statement:
    """One statement: its source, what to expect, and the script that measures.

    Attributes
    ----------
    id, title : "C01" and a few words.
    area : the part of the field it belongs to, such as "convex" or "tropical".
    paper, place : where it stands.
    statement : what it says, in our own words.
    expected : one expectation for each measured value; the first one is the headline.
    origin : where the expected values come from, independently of the script.
    method : how the script proves them, and what it does not prove.
    run : the script.
    """

    id: str
    title: str
    area: str
    paper: Paper
    place: str
    statement: str
    expected: tuple[Expectation, ...]
    origin: str
    method: str
    run: Callable[[], Finding]

    @property
    def source(self) -> str:
        """Paper and place, short."""
        return f"arXiv {self.paper.arxiv}, {self.place}"


@dataclass(frozen=True)
class Reading:
    """One expectation and what was measured (None when nothing was)."""

    expectation: Expectation
    measured: Value | None

    @property
    def agrees(self) -> bool:
        """Whether there is a value and it agrees."""
        return self.measured is not None and self.expectation.agrees(self.measured)

    @property
    def text(self) -> str:
        """The measured value as text."""
        return "not measured" if self.measured is None else self.expectation.show(self.measured)


@dataclass(frozen=True)
class Outcome:
    """The result of running one statement; `reason` says how it differs or why it cannot be reproduced."""

    statement: Statement
    standing: Standing
    readings: tuple[Reading, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    reason: str = ""

    @property
    def id(self) -> str:
        """The id of the statement."""
        return self.statement.id

    @property
    def agrees(self) -> bool:
        """Whether the statement counts as reproduced."""
        return self.standing in (Standing.EXACT, Standing.ENCLOSED)

    @property
    def headline(self) -> str:
        """The first measured value."""
        return f"{self.readings[0].expectation.name}: {self.readings[0].text}" if self.readings else "none"

    @property
    def checker(self) -> str:
        """The verdict of the independent checker on all certificates."""
        n_accepted = sum(verdict.accepted for verdict in self.verdicts)
        if not self.verdicts:
            return "no certificate"
        if n_accepted == len(self.verdicts):
            return f"ACCEPTED ({n_accepted} certificate{'s' * (n_accepted != 1)})"
        return f"REJECTED ({len(self.verdicts) - n_accepted} of {len(self.verdicts)} certificates)"

    @property
    def word(self) -> str:
        """PROVED, REFUTED or UNDECIDED."""
        return self.standing.word

    @property
    def verdict(self) -> str:
        """One line: the word, the standing, and the headline or the reason."""
        return f"{self.word}, {self.standing.value}: {self.reason or self.headline}; {self.checker}"


def reproduce(statement: Statement) -> Outcome:
    """Run one statement, compare its values, and hand its certificates to the checker.

    A limit, a missing package or an unsupported input ends as "not reproducible"; any other error is a bug
    and is raised.
    """
    try:
        finding = statement.run()
    except (LimitReached, MissingExtraError, UnsupportedError) as error:
        return Outcome(statement, Standing.NOT_REPRODUCIBLE, reason=error.what)
    _require_known_names(statement, finding)
    readings = tuple(Reading(one, finding.values.get(one.name)) for one in statement.expected)
    verdicts = tuple(result.check() for result in finding.certificates)
    standing, reason = _judge(readings, verdicts, finding)
    return Outcome(statement, standing, readings, verdicts, reason)


def _require_known_names(statement: Statement, finding: Finding) -> None:
    names = [expectation.name for expectation in statement.expected]
    if len(set(names)) < len(names) or not names or not set(finding.values) <= set(names):
        raise InvariantError(
            "the names of expected and measured values do not match",
            reproduction=f"{statement.id}: expected {names}, measured {list(finding.values)}",
        )


def _judge(
    readings: tuple[Reading, ...], verdicts: tuple[Verdict, ...], finding: Finding
) -> tuple[Standing, str]:
    """The standing, and a reason unless the statement is reproduced."""
    refused = [verdict.line for verdict in verdicts if not verdict.accepted]
    if refused:
        return Standing.DIFFERS, refused[0]
    wrong = [reading for reading in readings if not reading.agrees]
    if wrong:
        parts = (f"{one.expectation.name} is {one.text}, expected {one.expectation.text}" for one in wrong)
        return Standing.DIFFERS, "; ".join(parts)
    undecided = [result.sentence for result in finding.certificates if result.status is not Status.PROVED]
    if undecided:
        return Standing.NOT_REPRODUCIBLE, f"undecided: {undecided[0]}"
    if all(reading.expectation.by is Proof.FLOAT for reading in readings):
        return Standing.NOT_REPRODUCIBLE, "there is floating-point evidence only"
    kinds = {type(reading.expectation) for reading in readings}
    enclosed = Digits in kinds or Exactly not in kinds
    return (Standing.ENCLOSED if enclosed else Standing.EXACT), ""
