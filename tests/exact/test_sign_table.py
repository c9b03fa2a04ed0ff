"""Packed sign tables: nothing is lost, nothing can be changed."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.exact import SignTable, pack_signs


@given(st.integers(0, 5), st.integers(0, 140), st.randoms(use_true_random=False))
def test_round_trip(n_rows: int, n_columns: int, random: object) -> None:
    signs = np.array(
        [[random.choice((-1, 0, 1)) for _ in range(n_columns)] for _ in range(n_rows)],  # type: ignore[attr-defined]
        dtype=np.int8,
    ).reshape(n_rows, n_columns)
    table = pack_signs(signs)
    assert np.array_equal(table.unpack(), signs)
    assert len(table) == n_rows
    assert table.positive.shape == (n_rows, -(-n_columns // 64))
    copy = pickle.loads(pickle.dumps(table))
    assert copy == table
    assert hash(copy) == hash(table)
    assert not copy.positive.flags.writeable


def test_bits_are_where_the_page_says() -> None:
    signs = np.zeros((1, 130), dtype=int)
    signs[0, [0, 64, 129]] = 1
    signs[0, 1] = -1
    table = pack_signs(signs)
    assert table.positive.tolist() == [[1, 1, 2]]
    assert table.negative.tolist() == [[2, 0, 0]]
    assert table.positive.dtype == np.uint64


def test_tables_are_read_only_and_compare_by_value() -> None:
    table = pack_signs([[1, 0], [0, -1], [1, 0]])
    for plane in (table.positive, table.negative):
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 3
    assert table.row_key(0) == table.row_key(2) != table.row_key(1)
    assert table != pack_signs([[1, 0], [0, -1], [1, 1]])
    assert pack_signs([[0]]) != pack_signs([[0, 0]])
    assert table != 3
    assert isinstance(table, SignTable)


def test_wrong_input() -> None:
    for bad in ([[2]], [[0.5]], [[-2, 0]]):
        with pytest.raises(InputError, match="-1, 0 and 1"):
            pack_signs(bad)
    with pytest.raises(ShapeError):
        pack_signs([1, 0])
