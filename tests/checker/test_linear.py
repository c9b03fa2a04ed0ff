from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    FarkasRecord,
    LinearOptimumRecord,
    LinearSystemRecord,
    WitnessRecord,
    certificate_text,
    check_text,
)
from tests.support.algebra import solve
from tests.support.oracles import false_claims, feasible
from tests.support.sealing import rejects, seal_records

SQUARE = LinearSystemRecord(
    "square",
    2,
    tuple(tuple(Fraction(x) for x in row) for row in ((1, 0), (-1, 0), (0, 1), (0, -1))),
    ("<=", "<=", "<=", "<="),
    tuple(map(Fraction, (1, 0, 1, 0))),
)  # the unit square
EMPTY = LinearSystemRecord(
    "empty",
    1,
    tuple((Fraction(x),) for x in (1, -1, 2)),
    ("<", "<=", "="),
    tuple(map(Fraction, (1, -1, 2))),
)  # x < 1, x >= 1, 2 x = 2
EXAMPLES = Certificate(
    "linear systems",
    (
        SQUARE,
        WitnessRecord("point", "square", (Fraction(1), Fraction(1, 2))),
        LinearOptimumRecord(
            "best",
            "square",
            (Fraction(-2), Fraction(1, 3)),
            (Fraction(1), Fraction(0)),
            (Fraction(2), Fraction(0), Fraction(0), Fraction(1, 3)),
            Fraction(-2),
        ),
        EMPTY,
        FarkasRecord("none", "empty", (Fraction(1), Fraction(1), Fraction(0))),
    ),
    ("point", "best", "none"),
)


def test_examples_are_accepted() -> None:
    assert check_text(certificate_text(EXAMPLES)).line == (
        "ACCEPTED 5 steps: square has a solution; the minimum of objective best over square is -2; "
        "empty has no solution; square is the linear system with 4 relations and 2 variables; "
        "empty is the linear system with 3 relations and 1 variable"
    )
    assert false_claims(EXAMPLES) == []


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("square", {"n_variables": 0, "rows": [[], [], [], []]}, "n_variables must be at least 1"),
    ("square", {"n_variables": True}, "n_variables must be an integer, got true"),
    ("square", {"n_variables": 3}, "rows[0] must have length 3, got 2"),
    ("square", {"relations": ["<=", "<=", "<="]}, "relations must have length 4"),
    ("square", {"relations": ["<=", "<=", "<=", ">="]}, "relations[3] must be one of <=, <, =, got '>='"),
    ("square", {"rhs": ["1", "0", "1"]}, "rhs must have length 4"),
    ("square", {"rhs": ["1", "0", "1", 0]}, "rhs[3] must be a rational"),
    ("point", {"point": ["1"]}, "point must have length 2, got 1"),
    ("point", {"point": ["1", "3/2"]}, "the point breaks relation 2 of square: 3/2 <= 1 is false"),
    ("point", {"point": ["-1/7", "0"]}, "the point breaks relation 1 of square: 1/7 <= 0 is false"),
    ("point", {"system": "best"}, "no record above has this id"),
    ("best", {"value": "-3"}, "value is -3, the point gives -2 and the multipliers give -2"),
    ("best", {"point": ["1", "1"]}, "value is -2, the point gives -5/3 and the multipliers give -2"),
    ("best", {"point": ["2", "0"]}, "the point breaks relation 0 of square"),
    (
        "best",
        {"multipliers": ["2", "0", "0", "1/2"]},
        "objective plus combination of the rows is -1/6 at variable 1",
    ),
    (
        "best",
        {"multipliers": ["2", "0", "0", "-1/3"]},
        "multipliers[3] is -1/3, and relation 3 is an inequality",
    ),
    ("best", {"multipliers": ["2", "0", "0"]}, "multipliers must have length 4"),
    ("best", {"objective": ["-2"]}, "objective must have length 2"),
    ("best", {"objective": ["-3", "1/3"]}, "value is -2, the point gives -3"),
    ("none", {"multipliers": ["0", "0", "0"]}, "the multipliers give 0 <= 0, which is no contradiction"),
    ("none", {"multipliers": ["0", "2", "1"]}, "the multipliers give 0 <= 0, which is no contradiction"),
    ("none", {"multipliers": ["2", "1", "0"]}, "the multipliers give 0 <= 1, which is no contradiction"),
    ("none", {"multipliers": ["1", "2", "0"]}, "the combination of the rows is -1 at variable 0"),
    ("none", {"multipliers": ["-1", "-1", "0"]}, "multipliers[0] is -1, and relation 0 is an inequality"),
    ("none", {"system": "point"}, "which is of rule witness"),
]


@pytest.mark.parametrize(("name", "edit", "reason"), CASES)
def test_wrong_linear_records(name: str, edit: dict[str, Any], reason: str) -> None:
    assert rejects(EXAMPLES, name, lambda record: record.update(edit), reason)


def system(name: str, n_variables: int) -> dict[str, Any]:
    """A system without relations."""
    empty: dict[str, Any] = {"rows": [], "relations": [], "rhs": []}
    return {"rule": "linear_system", "id": name, "n_variables": n_variables, **empty}


def optimum(name: str, of: str) -> dict[str, Any]:
    """An optimum without objective and proof."""
    empty: dict[str, Any] = {"objective": [], "point": [], "multipliers": [], "value": "0"}
    return {"rule": "linear_optimum", "id": name, "system": of, **empty}


def test_an_optimum_needs_a_closed_system() -> None:
    # inf {x : x > 0} is not a minimum
    records: list[dict[str, Any]] = [
        {**system("s", 1), "rows": [["-1"]], "relations": ["<"], "rhs": ["0"]},
        {**optimum("o", "s"), "objective": ["1"], "point": ["1"], "multipliers": ["1"], "value": "0"},
    ]
    assert "s has strict relations" in check_text(seal_records(records, ["o"])).reason


def test_a_system_without_relations() -> None:
    free = system("s", 2)
    witness = {"rule": "witness", "id": "w", "system": "s", "point": ["1", "2"]}
    lowest = {**optimum("o", "s"), "objective": ["0", "0"], "point": ["1", "2"]}
    assert check_text(seal_records([free, witness, lowest], ["w", "o"])).accepted
    farkas = {"rule": "farkas", "id": "f", "system": "s", "multipliers": []}
    assert "no contradiction" in check_text(seal_records([free, farkas], ["f"])).reason
    # a number of variables that no list in the file has is not looped over
    huge = system("s", 10**30)
    assert "no contradiction" in check_text(seal_records([huge, farkas], ["f"])).reason


small = st.integers(-3, 3)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(small, min_size=n, max_size=n), min_size=1, max_size=4)
    ),
    st.lists(st.sampled_from(["<=", "<", "="]), min_size=4, max_size=4),
    st.lists(small, min_size=4, max_size=4),
    st.lists(small, min_size=4, max_size=4),
)
def test_a_system_has_a_witness_or_a_farkas_proof(
    rows: list[list[int]], relations: list[str], rhs: list[int], guess: list[int]
) -> None:
    relations, rhs = relations[: len(rows)], rhs[: len(rows)]
    system = LinearSystemRecord(
        "s",
        len(rows[0]),
        tuple(tuple(map(Fraction, row)) for row in rows),
        tuple(relations),
        tuple(map(Fraction, rhs)),
    )
    multipliers = farkas_by_brute_force(rows, relations, rhs)
    assert (multipliers is None) == feasible(rows, relations, rhs)
    if multipliers is not None:
        certificate = Certificate("f", (system, FarkasRecord("f", "s", multipliers)), ("f",))
        assert check_text(certificate_text(certificate)).accepted
    # arbitrary multipliers and points are accepted only when the claim holds
    for record in (
        FarkasRecord("g", "s", tuple(map(Fraction, guess[: len(rows)]))),
        WitnessRecord("g", "s", tuple(map(Fraction, guess[: len(rows[0])]))),
    ):
        certificate = Certificate("g", (system, record), ("g",))
        if check_text(certificate_text(certificate)).accepted:
            assert false_claims(certificate) == []


def farkas_by_brute_force(
    rows: list[list[int]], relations: list[str], rhs: list[int]
) -> tuple[Fraction, ...] | None:
    """Multipliers with a minimal set of rows, for sum m_i b_i = -1, or = 0 with a strict row of weight 1."""
    m = len(rows)
    columns = [[*row, b] for row, b in zip(rows, rhs, strict=True)]
    for size in range(1, m + 1):
        for chosen in combinations(range(m), size):
            matrix = [[columns[i][p] for i in chosen] for p in range(len(rows[0]) + 1)]
            targets = [[0] * len(rows[0]) + [-1]]
            goals = [(matrix, target) for target in targets]
            for position, i in enumerate(chosen):
                if relations[i] == "<":
                    unit = [int(q == position) for q in range(size)]
                    goals.append(([*matrix, unit], [0] * len(rows[0]) + [0, 1]))
            for equations, target in goals:
                found = solve(equations, target)
                if found is not None and all(
                    x >= 0 or relations[i] == "=" for i, x in zip(chosen, found, strict=True)
                ):
                    weights = dict(zip(chosen, found, strict=True))
                    return tuple(weights.get(i, Fraction(0)) for i in range(m))
    return None


@pytest.mark.parametrize(
    ("relation", "point", "holds"),
    [
        ("<=", "0", True), ("<=", "1", True), ("<=", "2", False),
        ("<", "0", True), ("<", "1", False), ("<", "2", False),
        ("=", "0", False), ("=", "1", True), ("=", "2", False),
    ],
)  # fmt: skip
def test_each_relation_at_below_and_above_its_bound(relation: str, point: str, holds: bool) -> None:
    one = {**system("s", 1), "rows": [["1"]], "relations": [relation], "rhs": ["1"]}
    witness = {"rule": "witness", "id": "w", "system": "s", "point": [point]}
    assert check_text(seal_records([one, witness], ["w"])).accepted == holds
