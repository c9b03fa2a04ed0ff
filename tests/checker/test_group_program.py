"""Rules `group_program` and `program_optimum`: hand-made proofs are accepted, and no false bound is."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    GroupProgramRecord,
    ProgramOptimumRecord,
    WeightedNorm,
    certificate_text,
    check_text,
    parse_certificate,
)
from exactnet.checker.group_program import _is_semidefinite
from tests.support.sealing import opened, rejects, seal_records

F = Fraction


def program(name: str, n: int, **parts: Any) -> GroupProgramRecord:
    """A record with empty parts unless given."""
    keys = ("fit", "target", "cost", "norms", "at_least", "least", "equal", "level", "semidefinite")
    return GroupProgramRecord(name, n, *(parts.get(key, ()) for key in keys))


def optimum(name: str, of: str, lower: Any, upper: Any, **parts: Any) -> ProgramOptimumRecord:
    keys = ("point", "lengths", "v", "multipliers", "free", "pulls", "matrices")
    return ProgramOptimumRecord(name, of, *(parts.get(key, ()) for key in keys), F(lower), F(upper))


def row(*coefficients: int) -> tuple[tuple[int, Fraction], ...]:
    return tuple((j, F(x)) for j, x in enumerate(coefficients) if x)


# 1/2 (z - 2)^2 + 1/2 |z|: z = 3/2
SHRINK = program("shrink", 1, fit=(row(1),), target=(F(2),), norms=(WeightedNorm(F(1, 2), (row(1),)),))
# the distance of the origin from the corner (3, 4) of a quadrant: 5
CORNER = program(
    "corner",
    2,
    norms=(WeightedNorm(F(1), (row(1, 0), row(0, 1))),),
    at_least=(row(1, 0), row(0, 1)),
    least=(F(3), F(4)),
)
# the least trace of a semidefinite matrix [[x, 1], [1, w]]: 2; variables x, y, w
TRACE = program(
    "trace",
    3,
    cost=row(1, 0, 1),
    equal=(row(0, 1, 0),),
    level=(F(1),),
    semidefinite=((row(1, 0, 0), row(0, 1, 0), row(0, 0, 1)),),
)
PROOFS = Certificate(
    "three programmes",
    (
        SHRINK,
        optimum(
            "shrunk",
            "shrink",
            "7/8",
            "7/8",
            point=(F(3, 2),),
            lengths=(F(3, 2),),
            v=(F(1, 2),),
            pulls=((F(1, 2),),),
        ),
        CORNER,
        optimum(
            "distance",
            "corner",
            5,
            "51/10",
            point=(F(3), F(4)),
            lengths=(F(5),),
            multipliers=(F(3, 5), F(4, 5)),
            pulls=((F(3, 5), F(4, 5)),),
        ),
        TRACE,
        optimum(
            "least",
            "trace",
            2,
            2,
            point=(F(1), F(1), F(1)),
            free=(F(2),),
            matrices=((F(1), F(-1), F(1)),),
        ),
    ),
    ("shrunk", "distance", "least"),
)
TRUE = {"shrunk": F(7, 8), "distance": F(5), "least": F(2)}


def test_hand_made_proofs_are_accepted() -> None:
    line = check_text(certificate_text(PROOFS)).line
    assert line.startswith(
        "ACCEPTED 6 steps: the minimum of shrink is 7/8 (= 0.875); the minimum of corner is at least 5 and "
        "at most 51/10 (<= 5.1); the minimum of trace is 2; shrink is the convex programme with 1 variable, "
        "1 row to fit, 1 norm, 0 inequalities, 0 equations, 0 semidefinite blocks, fingerprint "
    )


def test_the_text_is_read_back() -> None:
    assert parse_certificate(certificate_text(PROOFS)) == PROOFS


@pytest.mark.parametrize(
    ("name", "key", "value", "reason"),
    [
        ("shrunk", "lower", "8/9", "the dual vectors prove only 7/8"),
        ("shrunk", "upper", "6/7", "the point proves only 7/8"),
        ("shrunk", "lengths", ["1"], "the norm at the point is larger"),
        ("shrunk", "lengths", ["-3/2"], "the norm at the point is larger"),
        ("shrunk", "v", ["1"], "the dual vectors leave -1/2 at variable 0"),
        ("shrunk", "pulls", [["2/3"]], "longer than the weight 1/2"),
        ("shrunk", "pulls", [[]], "must have length 1"),
        ("shrunk", "point", ["2", "1"], "must have length 1"),
        ("distance", "point", ["3", "39/10"], "breaks at_least[1]"),
        ("distance", "multipliers", ["3/5", "-4/5"], "must not be negative"),
        ("distance", "multipliers", ["3/5", "1/5"], "leave 3/5 at variable 1"),
        ("distance", "lower", "26/5", "prove only 5"),
        ("least", "point", ["1", "2", "1"], "breaks equal[0]"),
        ("least", "point", ["1/2", "1", "1"], "semidefinite[0] is not positive semidefinite"),
        ("least", "matrices", [["1", "-2", "1"]], "matrices[0] is not positive semidefinite"),
        ("least", "free", ["3"], "leave -1 at variable 1"),
        ("least", "program", "corner", "must have length 2"),
        ("shrink", "fit", [[[1, "1"]]], "variable 1 does not exist"),
        ("shrink", "fit", [[[0, "1"], [0, "1"]]], "not in increasing order"),
        ("shrink", "fit", [[[0, "0"]]], "a coefficient 0 is not written"),
        ("shrink", "fit", [[[True, "1"]]], "does not exist"),
        ("shrink", "norms", [{"weight": "-1/2", "rows": []}], "must not be negative"),
        ("shrink", "norms", [{"weight": "1/2"}], "has no key 'rows'"),
        ("shrink", "target", [], "must have length 1"),
        ("shrink", "n_variables", 0, "at least 1"),
        ("trace", "semidefinite", [[[[0, "1"]], [[1, "1"]]]], "no upper triangle"),
        ("trace", "semidefinite", [[[]] * 3000], "order above 60"),
    ],
)
def test_a_changed_record_is_rejected(name: str, key: str, value: Any, reason: str) -> None:
    assert rejects(PROOFS, name, lambda record: record.__setitem__(key, value), reason)


def test_a_looser_bound_is_still_a_proof() -> None:
    records = opened(PROOFS)
    records[1] |= {"lower": "1/2", "upper": "1"}
    line = check_text(seal_records(records, ["shrunk"])).line
    assert "the minimum of shrink is at least 1/2 (>= 0.5) and at most 1;" in line


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, str) and value.lstrip("-").replace("/", "").isdigit():
        return [path]
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [found for key, entry in entries for found in _numbers(entry, (*path, key))]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_proof_gives_a_false_bound(data: st.DataObject) -> None:
    """An adversary who seals again changes numbers of a proof: what is accepted is still true."""
    records = copy.deepcopy(opened(PROOFS))
    proofs = [record for record in records if record["rule"] == "program_optimum"]
    record = data.draw(st.sampled_from(proofs))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_numbers(record)))
        place = record
        for key in way:
            place = place[key]
        place[last] = str(data.draw(st.fractions(-3, 6, max_denominator=5)))
    if check_text(seal_records(records, list(TRUE))).accepted:
        assert Fraction(record["lower"]) <= TRUE[record["id"]] <= Fraction(record["upper"])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4), st.data())
def test_elimination_decides_semidefiniteness(k: int, data: st.DataObject) -> None:
    """Against all principal minors: a symmetric matrix is semidefinite when none is negative."""
    entries = data.draw(st.lists(st.integers(-2, 3), min_size=k * (k + 1) // 2, max_size=k * (k + 1) // 2))
    matrix = [[0] * k for _ in range(k)]
    places = [(i, j) for i in range(k) for j in range(i, k)]
    for (i, j), x in zip(places, entries, strict=True):
        matrix[i][j] = matrix[j][i] = x
    subsets = [[i for i in range(k) if mask >> i & 1] for mask in range(1, 2**k)]
    minors = [determinant([[matrix[i][j] for j in rows] for i in rows]) for rows in subsets]
    assert _is_semidefinite([F(x) for x in entries]) == (min(minors) >= 0)


def determinant(matrix: list[list[int]]) -> int:
    """By cofactors."""
    if not matrix:
        return 1
    return sum(
        (-1) ** j * x * determinant([row[:j] + row[j + 1 :] for row in matrix[1:]])
        for j, x in enumerate(matrix[0])
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_other_character_is_noticed(data: st.DataObject) -> None:
    text = certificate_text(PROOFS)
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from('0123456789-/,:[]{}" \ntrue').filter(lambda c: c != text[position]))
    assert not check_text(text[:position] + character + text[position + 1 :]).accepted


def test_a_matrix_of_endless_numbers_is_not_eliminated() -> None:
    k = 40
    huge = "1" + "0" * 20000
    size = k * (k + 1) // 2
    block = tuple(((j, F(1)),) for j in range(size))
    big = program("big", size, semidefinite=(block,))
    proof = optimum("none", "big", 0, 0, point=(F(0),) * size, matrices=((F(0),) * size,))
    certificate = Certificate("big", (big, proof), ("none",))
    assert check_text(certificate_text(certificate)).accepted
    assert rejects(certificate, "none", lambda r: r["point"].__setitem__(0, huge), "too long to eliminate")
