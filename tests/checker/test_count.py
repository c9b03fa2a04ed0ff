from __future__ import annotations

from itertools import product
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import check_text
from exactnet.checker import cells
from exactnet.checker.count import count_cells
from tests.support.algebra import primitive
from tests.support.oracles import cell_signs
from tests.support.sealing import opened, rejects, seal_records
from tests.support.tiny import tiny


def lines_only(vectors: list[list[int]]) -> list[tuple[int, ...]]:
    """Non-zero, no two parallel."""
    found: dict[frozenset[tuple[int, ...]], tuple[int, ...]] = {}
    for vector in vectors:
        if any(vector):
            pair = frozenset((primitive(vector), primitive([-x for x in vector])))
            found.setdefault(pair, tuple(vector))
    return list(found.values())


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3).flatmap(
        lambda d: st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), max_size=5)
    )
)
def test_equals_brute_force(vectors: list[list[int]]) -> None:
    forms = lines_only(vectors)
    assert count_cells(forms, limit=10**6) == len(cell_signs(forms))


def test_general_position_is_covers_formula() -> None:
    # points of the moment curve: every D of them are independent
    for dimension, n in product(range(1, 6), range(0, 9)):
        forms = [tuple(k**p for p in range(dimension)) for k in range(n if dimension > 1 else min(n, 1))]
        expected = 2 * sum(comb(len(forms) - 1, k) for k in range(dimension)) if forms else 1
        assert count_cells(forms, limit=10**6) == expected


def test_known_arrangements() -> None:
    axes = [tuple(int(p == q) for q in range(6)) for p in range(6)]
    assert count_cells(axes, limit=64) == 64
    # braid arrangement: permutations of n letters
    for n, expected in ((2, 2), (3, 6), (4, 24), (5, 120)):
        braid = [tuple((p == i) - (p == j) for p in range(n)) for i in range(n) for j in range(i)]
        assert count_cells(braid, limit=200) == expected
    # reflections of the cube: 2^n n!
    diagonals = [(0, 1, 1), (0, 1, -1), (1, 0, 1), (1, 0, -1), (1, 1, 0), (1, -1, 0)]
    assert count_cells([(1, 0, 0), (0, 1, 0), (0, 0, 1), *diagonals], limit=48) == 48


def test_the_limit_bounds_the_work() -> None:
    axes = [tuple(int(p == q) for q in range(80)) for p in range(80)]
    assert count_cells(axes, limit=1000) is None
    assert count_cells([(1,)], limit=1) is None
    assert count_cells([], limit=1) == 1


@pytest.mark.parametrize("data", ["plain", "degenerate", "one", "nothing", "cube"])
def test_a_count_names_a_tree(data: str) -> None:
    assert rejects(
        tiny(data), "count", lambda record: record.update(cells="problem"), "which is of rule problem"
    )
    assert rejects(
        tiny(data), "count", lambda record: record.update(cells="count"), "no record above has this id"
    )


def test_a_count_does_not_look_at_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    # were the rule split_tree to let a wrong number pass, count would find it
    honest = cells.Cells

    def miscounted(name: str, arrangement: cells.Arrangement, n_cells: int, *rest: Any) -> cells.Cells:
        return honest(name, arrangement, n_cells - 1, *rest)

    monkeypatch.setattr(cells, "Cells", miscounted)
    verdict = check_text(seal_records(opened(tiny("plain"))[:4], ["count"]))
    assert verdict.step == 4
    assert "deletion and restriction find more than 7 cells" in verdict.reason
