"""Random and degenerate linear systems, and the checks of FORMAT.md section 5 written out once more.

The checks share no code with the library: plain fractions, the sentences of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from exactnet.exact import LinearSystem, LpOutcome, LpStatus

Vector = Sequence[Fraction | int]


def dot(left: Vector, right: Vector) -> Fraction:
    assert len(left) == len(right)
    return sum((Fraction(a) * Fraction(b) for a, b in zip(left, right, strict=True)), Fraction(0))


def column(system: LinearSystem, j: int) -> list[Fraction]:
    return [row[j] for row in system.rows]


def assert_satisfies(system: LinearSystem, point: Vector) -> None:
    assert len(point) == system.n_variables
    for row, relation, b in zip(system.rows, system.relations, system.rhs, strict=True):
        value = dot(row, point)
        assert value < b if relation == "<" else value <= b if relation == "<=" else value == b


def assert_signs(system: LinearSystem, multipliers: Vector) -> None:
    assert len(multipliers) == len(system.rows)
    assert all(m >= 0 for m, relation in zip(multipliers, system.relations, strict=True) if relation != "=")


def assert_contradiction(system: LinearSystem, multipliers: Vector) -> None:
    assert_signs(system, multipliers)
    assert all(dot(multipliers, column(system, j)) == 0 for j in range(system.n_variables))
    total = dot(multipliers, system.rhs)
    strict = any(m > 0 for m, relation in zip(multipliers, system.relations, strict=True) if relation == "<")
    assert total < 0 or (total == 0 and strict)


def assert_proved(system: LinearSystem, objective: Vector, outcome: LpOutcome) -> None:
    if outcome.status is LpStatus.INFEASIBLE:
        assert outcome.multipliers is not None
        assert outcome.point is outcome.value is outcome.ray is None
        assert_contradiction(system, outcome.multipliers)
        return
    assert outcome.point is not None
    assert_satisfies(system, outcome.point)
    if outcome.status is LpStatus.UNBOUNDED:
        assert outcome.ray is not None
        assert outcome.multipliers is outcome.value is None
        assert dot(objective, outcome.ray) < 0
        for row, relation in zip(system.rows, system.relations, strict=True):
            assert dot(row, outcome.ray) <= 0 if relation == "<=" else dot(row, outcome.ray) == 0
        return
    assert outcome.multipliers is not None
    assert outcome.ray is None
    assert_signs(system, outcome.multipliers)
    assert dot(objective, outcome.point) == outcome.value == -dot(outcome.multipliers, system.rhs)
    for j in range(system.n_variables):
        assert objective[j] + dot(outcome.multipliers, column(system, j)) == 0
    assert {type(value) for value in (*outcome.point, *outcome.multipliers, outcome.value)} == {Fraction}


ENTRY = st.one_of(st.integers(-2, 2), st.fractions(min_value=-3, max_value=3, max_denominator=4))


@st.composite
def systems(draw: st.DrawFn, relations: str = "<=", largest: int = 7) -> LinearSystem:
    """Few variables, small entries: ties, duplicate, parallel, opposite and zero rows are common."""
    n = draw(st.integers(0, 3))
    rows, chosen, rhs = [], [], []
    for _ in range(draw(st.integers(0, largest))):
        kind = draw(st.sampled_from(["new", "new", "new", "again", "opposite", "zero"]))
        if rows and kind in ("again", "opposite"):
            k = draw(st.integers(0, len(rows) - 1))
            factor = draw(st.sampled_from([1, 2])) * (1 if kind == "again" else -1)
            row, b = [factor * value for value in rows[k]], factor * rhs[k]
        else:
            row = [0] * n if kind == "zero" else draw(st.lists(ENTRY, min_size=n, max_size=n))
            b = draw(ENTRY)
        rows.append(row)
        rhs.append(b)
        chosen.append(draw(st.sampled_from(relations.split())))
    return LinearSystem(rows, chosen, rhs, n_variables=n)


@st.composite
def programs(draw: st.DrawFn) -> tuple[LinearSystem, tuple[Fraction, ...]]:
    system = draw(systems(relations="<= <= ="))
    objective = draw(st.lists(ENTRY, min_size=system.n_variables, max_size=system.n_variables))
    return system, tuple(map(Fraction, objective))


def degenerate_programs() -> list[tuple[str, LinearSystem, list[int], LpStatus]]:
    """The cases that break linear programming codes, by name."""
    optimal, infeasible, unbounded = LpStatus.OPTIMAL, LpStatus.INFEASIBLE, LpStatus.UNBOUNDED
    le = "<="

    def of(rows: list[list[object]], relations: list[str], rhs: list[object], n: int) -> LinearSystem:
        return LinearSystem(rows, relations, rhs, n_variables=n)  # type: ignore[arg-type]

    cube = [[s * (k == j) for k in range(3)] for j in range(3) for s in (1, -1)]
    beale = [
        ["1/4", -8, -1, 9],
        ["1/2", -12, "-1/2", 3],
        [0, 0, 1, 0],
        *[[-(k == j) for k in range(4)] for j in range(4)],
    ]
    huge = 10**30
    return [
        ("nothing at all", of([], [], [], 0), [], optimal),
        ("no rows, no cost", of([], [], [], 2), [0, 0], optimal),
        ("no rows, a cost", of([], [], [], 2), [0, -1], unbounded),
        ("no variables, true", of([[], []], [le, "="], [0, 0], 0), [], optimal),
        ("no variables, false", of([[], []], [le, le], [0, -1], 0), [], infeasible),
        ("no variables, false equation", of([[]], ["="], [2], 0), [], infeasible),
        ("zero row, true", of([[0], [-1]], [le, le], [0, 3], 1), [1], optimal),
        ("zero row, false", of([[0], [-1]], [le, le], [-1, 3], 1), [1], infeasible),
        ("zero equation, false", of([[0, 0], [1, 0]], ["=", le], [1, 3], 2), [1, 0], infeasible),
        ("equations contradict", of([[1, 1], [2, 2]], ["=", "="], [1, 3], 2), [0, 0], infeasible),
        ("equations repeat", of([[1, 1], [2, 2], [1, 1]], ["=", "=", "="], [1, 2, 1], 2), [1, 1], optimal),
        ("equations fix all", of([[1, 1], [1, -1]], ["=", "="], [1, 0], 2), [3, -5], optimal),
        ("equation against bound", of([[1], [-1]], ["=", le], [1, -2], 1), [0], infeasible),
        ("equation below bound", of([[1], [1]], ["=", le], [3, 2], 1), [0], infeasible),
        ("a line in the system", of([[1, 0], [-1, 0]], [le, le], [1, 1], 2), [1, 0], optimal),
        ("cost along the line", of([[1, 0], [-1, 0]], [le, le], [1, 1], 2), [0, 1], unbounded),
        ("line and contradiction", of([[1, 0], [-1, 0]], [le, le], [0, -1], 2), [0, 1], infeasible),
        ("one point", of([[1], [-1]], [le, le], [2, -2], 1), [7], optimal),
        (
            "opposite rows contradict",
            of([[1, 2], [-1, -2]], [le, le], [0, "-1/1000000000000"], 2),
            [0, 0],
            infeasible,
        ),
        ("opposite rows touch", of([[1, 2], [-1, -2]], [le, le], [0, 0], 2), [1, 2], optimal),
        (
            "duplicate rows",
            of([[1, 1]] * 4 + [[-1, 0], [0, -1]], [le] * 6, [1] * 4 + [0, 0], 2),
            [-1, -2],
            optimal,
        ),
        ("apex of a cone", of([[1, 1], [1, -1], [1, 0], [2, 1]], [le] * 4, [0] * 4, 2), [-1, 0], optimal),
        ("cube, face optimal", of(cube, [le] * 6, [1] * 6, 3), [1, 0, 0], optimal),
        ("cube, no cost", of(cube, [le] * 6, [1] * 6, 3), [0, 0, 0], optimal),
        ("Beale's cycle", of(beale, [le] * 7, [0, 0, 1, 0, 0, 0, 0], 4), [-3, 80, -2, 24], optimal),
        (
            "huge and tiny",
            of([[huge, 1], [-1, f"1/{huge}"], [0, -1]], [le] * 3, [1, 0, huge], 2),
            [-1, 1],
            optimal,
        ),
        ("half-line", of([[-1]], [le], [5], 1), [-1], unbounded),
    ]
