from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.checker.elimination import combination
from tests.support.algebra import Integers, solve


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[Integers], Integers]:
    d = draw(st.integers(1, 5))
    entries = st.integers(-3, 3) | st.integers(-(10**25), 10**25)
    row = st.tuples(*[entries] * d)
    vectors = draw(st.lists(row, min_size=1, max_size=d + 1))
    if draw(st.booleans()):  # a target in the span
        weights = draw(st.lists(st.integers(-3, 3), min_size=len(vectors), max_size=len(vectors)))
        columns = zip(*vectors, strict=True)
        return vectors, tuple(sum(w * x for w, x in zip(weights, column, strict=True)) for column in columns)
    return vectors, draw(row)


def independent(vectors: list[Integers]) -> bool:
    if not any(vectors[0]):
        return False
    return all(
        solve(list(zip(*vectors[:k], strict=True)), vectors[k]) is None for k in range(1, len(vectors))
    )


@settings(max_examples=300, deadline=None)
@given(systems())
def test_equals_elimination_over_fractions(system: tuple[list[Integers], Integers]) -> None:
    vectors, target = system
    found = combination(vectors, target)
    expected = solve(list(zip(*vectors, strict=True)), target)
    if not independent(vectors) or expected is None:
        assert found is None
        return
    assert found is not None
    c, multipliers = found
    assert c > 0
    assert multipliers == [c * x for x in expected]


def test_more_vectors_than_coordinates_are_dependent() -> None:
    assert combination([(1,), (2,)], (3,)) is None
    assert combination([(0, 0)], (0, 0)) is None
    assert combination([(2, 0)], (0, 0)) == (2, [0])
