"""`python -m paper_repro.index` runs every statement and rewrites `paper_repro/INDEX.md`.

The page says the same on every machine: no timings, and of float results only what is sure to repeat.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from paper_repro import run
from paper_repro.data import DATA_SETS
from paper_repro.expectation import Proof
from paper_repro.registry import Outcome

__all__ = ["INDEX", "index_text", "main"]

INDEX = Path(__file__).with_name("INDEX.md")

_PREFACE = """\
# Statements of papers, recomputed

Written by `python -m paper_repro.index`; do not edit. The statements are in our own words. One counts as
reproduced only if every value agrees with its expectation and the independent checker accepts every
certificate. A statement about all data is tried on the data sets below: that confirms it there and proves
nothing beyond. `exactnet reproduce ID` runs one, `exactnet reproduce` all.
"""

_LEGEND = """\
*By* says what a measured value rests on:

* `certificate`: the independent checker derives it, or the numbers it is computed from;
* `exact arithmetic`: the script decides it in rational numbers, no checker repeats it;
* `floating point`: evidence, no proof.

Objective of training, unless a statement says otherwise: 1/2 the squared error plus beta/2 times the squared
weights, no biases.
"""


def index_text(outcomes: Sequence[Outcome]) -> str:
    """The whole page."""
    rows = (
        (
            f"[{one.id}](#{one.id.lower()})",
            f"{one.statement.paper.arxiv}, {one.statement.place}",
            one.statement.title,
            one.standing.value if one.agrees else f"{one.standing.value}: {one.reason}",
            one.headline,
            one.checker,
            _bases(one),
        )
        for one in outcomes
    )
    n_agree = sum(one.agrees for one in outcomes)
    parts = [
        _PREFACE,
        f"{n_agree} of {len(outcomes)} statements are reproduced.\n",
        _table(("id", "paper", "statement", "status", "value", "certificates", "values by"), rows),
        _LEGEND,
        _table(("data set", "samples", "targets"), _data_rows()),
        *(_section(one) for one in outcomes),
    ]
    return "\n".join(parts)


def _bases(outcome: Outcome) -> str:
    counts = Counter(str(reading.expectation.by) for reading in outcome.readings)
    return ", ".join(f"{counts[basis]} {basis}" for basis in Proof if counts[basis]) or "none"


def _data_rows() -> Iterator[tuple[str, str, str]]:
    for name, (rows, targets) in DATA_SETS.items():
        samples = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
        yield name, samples, ", ".join(map(str, targets))


def _section(outcome: Outcome) -> str:
    statement = outcome.statement
    readings = (
        (reading.expectation.name, reading.expectation.text, reading.text, str(reading.expectation.by))
        for reading in outcome.readings
    )
    lines = [
        f"## {outcome.id}",
        "",
        f"**{statement.title}** ({statement.area}). {statement.statement}",
        "",
        f"* Source: {statement.paper}, {statement.place}.",
        f"* Expected values: {statement.origin}.",
        f"* Proof: {statement.method}",
        f"* Status: {outcome.standing.value}{': ' + outcome.reason if outcome.reason else ''}; "
        f"certificates {outcome.checker}.",
        "",
        _table(("value", "expected", "measured", "by"), readings),
    ]
    return "\n".join(lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = [_row(columns), _row(["---"] * len(columns))]
    return "\n".join([*head, *(_row(row) for row in rows)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def main() -> int:
    """Rewrite the page; 0 when every statement is reproduced."""
    outcomes = run()
    INDEX.write_text(index_text(outcomes), encoding="utf-8")
    print(f"{INDEX.name}: {sum(one.agrees for one in outcomes)} of {len(outcomes)} statements reproduced")
    return 0 if all(one.agrees for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
