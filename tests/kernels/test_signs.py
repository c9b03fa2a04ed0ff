"""The float filter never lies, and its twins agree entry by entry."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.kernels import UNDECIDED, sign_kernel, sign_table, sign_table_compiled
from exactnet.kernels import signs as module

FLOATS = st.one_of(
    st.floats(-1, 1),
    st.sampled_from(
        [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, -5e-324, 2.0**-600, 1 - 2.0**-53, 2.0**-53, 2.0**-26]
    ),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    d = draw(st.integers(1, 6))
    rows = st.lists(st.lists(FLOATS, min_size=d, max_size=d), min_size=1, max_size=5)
    points, forms = np.array(draw(rows)), np.array(draw(rows))
    if draw(st.booleans()) and d > 1:  # orthogonal, or almost: the hard case
        forms[0, :2] = points[0, 1], -points[0, 0]
        forms[0, 2:] = 0.0
        forms[0, 0] = np.clip(
            np.nextafter(forms[0, 0], draw(st.sampled_from([-2.0, 2.0, forms[0, 0]]))), -1, 1
        )
    return points, forms


def exact_dot(point: np.ndarray, form: np.ndarray) -> Fraction:
    return sum(
        (Fraction(a) * Fraction(b) for a, b in zip(point.tolist(), form.tolist(), strict=True)), Fraction(0)
    )


@given(tables())
@settings(deadline=None, max_examples=300)
def test_what_is_decided_is_true_for_every_vector_the_floats_stand_for(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    points, forms = case
    table = sign_table(points, forms)
    e = Fraction(1, 2**52)
    for i, point in enumerate(points):
        for j, form in enumerate(forms):
            exact = exact_dot(point, form)
            # how far the product can move when every coordinate moves by its relative error e
            slack = (2 * e + e * e) * exact_dot(np.abs(point), np.abs(form))
            if table[i, j] == UNDECIDED:
                size = exact_dot(np.abs(point), np.abs(form))
                assert abs(exact) <= (3 * len(point) + 12) * e * size + Fraction(1, 2**800), "decidable"
            else:
                assert exact * int(table[i, j]) > slack


@given(tables())
@settings(deadline=None)
def test_the_twins_agree(case: tuple[np.ndarray, np.ndarray]) -> None:
    assert np.array_equal(sign_table(*case), sign_table_compiled(*case))


@pytest.mark.parametrize("d", [1, 2, 4, 7, 64])
def test_the_twins_agree_on_random_and_almost_degenerate_tables(d: int) -> None:
    rng = np.random.default_rng(d)
    points = rng.uniform(-1, 1, (200, d))
    forms = rng.uniform(-1, 1, (40, d))
    forms[10:20] -= np.outer(forms[10:20] @ points[0], points[0]) / (
        points[0] @ points[0]
    )  # almost orthogonal
    forms = np.clip(forms, -1, 1)
    forms[20:22] = 0.0
    points[5:9] = points[5]
    table = sign_table(points, forms)
    assert np.array_equal(table, sign_table_compiled(points, forms))
    assert set(np.unique(table)) <= {-1, 1, UNDECIDED}
    assert (table[:, 20:22] == UNDECIDED).all()
    # a transposed view is not contiguous in memory
    assert np.array_equal(sign_table_compiled(np.asfortranarray(points), forms), table)


def test_zero_is_never_decided() -> None:
    zeros = np.zeros((2, 3))
    assert (sign_table(zeros, np.ones((4, 3))) == UNDECIDED).all()
    assert (sign_table_compiled(np.ones((4, 3)), zeros) == UNDECIDED).all()


def test_underflow_is_undecided_and_not_wrong() -> None:
    tiny = np.array([[2.0**-600]])
    assert sign_table(tiny, tiny) == UNDECIDED
    assert sign_table_compiled(tiny, tiny) == UNDECIDED


def test_empty_tables() -> None:
    nothing, some = np.empty((0, 2)), np.ones((3, 2))
    for kernel in (sign_table, sign_table_compiled):
        assert kernel(nothing, some).shape == (0, 3)
        assert kernel(some, nothing).shape == (3, 0)


def test_the_twin_serves_large_tables_only() -> None:
    assert sign_kernel(module.LARGE_TABLE - 1) is sign_table
    assert sign_kernel(module.LARGE_TABLE) is sign_table_compiled


def test_the_plain_kernel_serves_where_numba_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_compiled_loops", lambda: None)
    assert sign_table_compiled(np.ones((1, 2)), np.ones((1, 2))) == 1
