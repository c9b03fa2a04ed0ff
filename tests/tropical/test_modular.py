"""Systems solved with pivots modulo a prime against exact elimination."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.exact import RationalMatrix, rank, solve
from exactnet.tropical.modular import pivots, solution

small = st.integers(-3, 3)


@st.composite
def systems(draw):
    m, n = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(small, min_size=n, max_size=n), min_size=m, max_size=m))
    if draw(st.booleans()):
        x = draw(st.lists(small, min_size=n, max_size=n))
        return rows, [sum(a * v for a, v in zip(row, x, strict=True)) for row in rows]
    return rows, draw(st.lists(small, min_size=m, max_size=m))


@given(systems())
@settings(max_examples=150, deadline=None)
def test_solvable_exactly_when_elimination_says_so(system):
    rows, b = system
    A = RationalMatrix.from_rows(rows)
    found = solution(A, b)
    assert (found is None) == (solve(A, b) is None)
    assert found is None or A @ found == tuple(b)


@given(systems())
@settings(max_examples=100, deadline=None)
def test_pivots_name_an_invertible_part_of_full_rank(system):
    rows, _ = system
    chosen, columns = pivots(rows)
    assert len(chosen) == len(columns) == rank(rows)
    assert rank([[rows[i][j] for j in columns] for i in chosen] or [[0]]) == len(chosen)


def test_multiples_of_the_prime_mislead_only_the_guess():
    p = 2**31 - 1
    assert pivots([[p]]) == ((), ())
    assert solution(RationalMatrix.from_rows([[p]]), [2 * p]) == (2,)
    assert solution(RationalMatrix.from_rows([[p, 0], [0, 1]]), [p, 5]) == (1, 5)
