"""Exact signs against Python integers, on every rung and in every kind of input."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, SignStats, generalised_cross_product, sign_matrix
from exactnet.exact import signs as module

Vectors = list[tuple[int, ...]]


def reference(forms: Vectors, points: Vectors) -> list[list[int]]:
    dots = [[sum(a * b for a, b in zip(p, h, strict=True)) for h in forms] for p in points]
    return [[(value > 0) - (value < 0) for value in row] for row in dots]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Vectors, Vectors]:
    """Integers up to 2 000 bits; multiples, opposites, almost orthogonal and zero vectors among them."""
    d = draw(st.integers(1, 5))
    bits = draw(st.sampled_from([2, 20, 31, 52, 62, 63, 64, 150, 1100, 2000]))
    entry = st.one_of(
        st.integers(-(2**bits), 2**bits),
        st.integers(-1, 1),
        st.sampled_from([2**63, -(2**63), 2**63 - 1, 2**53 + 1, 2**bits - 1, -(2**bits)]),
    )
    vector = st.lists(entry, min_size=d, max_size=d).map(tuple)
    forms, points = (draw(st.lists(vector, min_size=1, max_size=5)) for _ in range(2))
    forms += [(0,) * d, tuple(-value for value in forms[0])]
    if d > 1:
        ray = generalised_cross_product((forms * d)[: d - 1])
        points += [ray, (ray[0] + 1, *ray[1:]), tuple(-value for value in ray)]
    return forms, points


@given(cases())
@settings(deadline=None, max_examples=300)
def test_against_integers(case: tuple[Vectors, Vectors]) -> None:
    forms, points = case
    stats = SignStats()
    table = sign_matrix(forms, points, stats=stats)
    assert table.dtype == np.int8
    assert table.tolist() == reference(forms, points)
    assert stats.n_float + stats.n_int64 + stats.n_big == table.size


@pytest.mark.parametrize("bits", [3, 25, 28, 31, 50, 62, 63, 100, 400])
@pytest.mark.parametrize("d", [1, 3, 8])
def test_cancellation_to_the_last_unit(bits: int, d: int) -> None:
    """Products that cancel up to 0, +1 or -1, at every size: no rung may round them away."""
    big = 2**bits - 1
    forms = [(big,) * d, (big, *(0,) * (d - 1)), (1,) * d]
    points = [(big, -big, *(0,) * (d - 2))[:d], (big, 1 - big, *(0,) * (d - 2))[:d], (0,) * d]
    assert sign_matrix(forms, points).tolist() == reference(forms, points)


def test_each_rung_is_used() -> None:
    stats = SignStats()
    sign_matrix([(1, 2)], [(3, 4), (2, -1)], stats=stats)
    assert stats == SignStats(n_float=2)
    near = 2**29
    sign_matrix([(near, near)], [(near, -near), (near, 1 - near), (near, near)], stats=stats)
    assert stats == SignStats(n_float=4, n_int64=1)  # only the zero needs integers
    huge = 2**100
    sign_matrix([(huge, 1)], [(1, -huge), (1, 1), (0, 0)], stats=stats)
    assert (stats.n_big, stats.n_float) == (2, 5)  # a zero is never the filter's


def test_int64_is_not_trusted_where_it_would_overflow() -> None:
    m = 2**31
    forms, points = [(m, m)], [(m, m), (m, -m), (-m, -m)]
    assert sign_matrix(np.array(forms), np.array(points)).tolist() == [[1], [0], [-1]]
    top = np.array([[-(2**63), 2**63 - 1]])
    assert sign_matrix(top, top).tolist() == [[1]]
    assert sign_matrix(top, np.array([[1, 1]])).tolist() == [[-1]]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, object])
def test_integer_arrays(dtype: type) -> None:
    points = np.array([[1, 2], [100, 0]], dtype=dtype)
    assert sign_matrix([(1, -1), (-3, 1)], points).tolist() == [[-1, -1], [1, -1]]


def test_other_kinds_of_vectors() -> None:
    largest = np.array([[2**64 - 1, 2**64 - 2]], dtype=np.uint64)
    assert sign_matrix([(1, -1), (-1, 1)], largest).tolist() == [[1, -1]]
    assert sign_matrix([(np.int64(2**62), np.int32(1))], [(4, -1), (-4, 1)]).tolist() == [[1], [-1]]
    matrix = RationalMatrix.from_rows([["1/3", "-1/2"]])
    assert sign_matrix(matrix, [(3, 2), (3, 1)]).tolist() == [[0], [1]]
    assert sign_matrix([[1, 1]], iter([(1, 1)])).tolist() == [[1]]  # type: ignore[arg-type]


def test_empty() -> None:
    assert sign_matrix([], [(1, 2)]).shape == (1, 0)
    assert sign_matrix([(1, 2)], []).shape == (0, 1)
    assert sign_matrix([], []).shape == (0, 0)
    assert sign_matrix([()], [(), ()]).tolist() == [[0], [0]]


def test_wrong_input() -> None:
    with pytest.raises(ShapeError, match="forms of length 2, points of length 1"):
        sign_matrix([(1, 2)], [(1,)])
    with pytest.raises(ShapeError, match=r"points, vector 1 \(from 0\)"):
        sign_matrix([(1, 2)], [(1, 2), (1,)])
    for bad in (1.0, Fraction(1, 2), "1", None, 2.0**70):
        with pytest.raises(InputError, match="not an integer"):
            sign_matrix([(1, 2)], [(bad, 1)])  # type: ignore[list-item]
    for array in (np.ones((2, 2)), np.ones(2, dtype=int), np.ones((1, 2), dtype=bool)):
        with pytest.raises(InputError):
            sign_matrix([(1, 2)], array)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    points = [tuple(int(v) * 2**70 + 1 for v in row) for row in rng.integers(-5, 6, (50, 3))]
    forms = [tuple(int(v) for v in row) for row in rng.integers(-5, 6, (7, 3))]
    expected = reference(forms, points)
    for block, pairs in ((1, 1), (20, 3), (10**6, 10**6)):
        monkeypatch.setattr(module, "_BLOCK", block)
        monkeypatch.setattr(module, "_PAIRS", pairs)
        assert sign_matrix(forms, points).tolist() == expected
    small = np.array(points, dtype=object) // 2**70 * 2**30
    assert sign_matrix(forms, small).tolist() == reference(forms, small.tolist())


def test_the_compiled_kernel_gives_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    points, forms = rng.integers(-(2**40), 2**40, (30, 4)), rng.integers(-(2**40), 2**40, (9, 4))
    plain = sign_matrix(forms, points)
    monkeypatch.setattr("exactnet.kernels.signs.LARGE_TABLE", 1)
    assert np.array_equal(sign_matrix(forms, points), plain)
    assert plain.tolist() == reference(forms.tolist(), points.tolist())
