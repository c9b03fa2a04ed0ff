"""Sign tables packed into bits: two planes of 64-bit words, one for +1 and one for -1.

Examples
--------
>>> pack_signs([[1, 0, -1]]).positive.tolist(), pack_signs([[1, 0, -1]]).negative.tolist()
([[1]], [[4]])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, ShapeError

__all__ = ["SignTable", "pack_signs"]


@dataclass(frozen=True, eq=False)
class SignTable:
    """A table of signs in two bit planes; make one with `pack_signs`.

    Attributes
    ----------
    positive, negative : (n_rows, ceil(n_columns / 64)) read-only uint64 arrays; bit j % 64 of word j // 64
        says that sign j is +1 (or -1). Unused bits are 0.
    n_columns : the length of a sign vector.

    Examples
    --------
    >>> table = pack_signs([[1, 0, -1], [-1, 1, 1]])
    >>> table.unpack().tolist(), len(table)
    ([[1, 0, -1], [-1, 1, 1]], 2)
    >>> table == pack_signs(table.unpack()), table.row_key(0) == table.row_key(1)
    (True, False)
    """

    positive: NDArray[np.uint64]
    negative: NDArray[np.uint64]
    n_columns: int

    def __len__(self) -> int:
        return len(self.positive)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SignTable):
            return NotImplemented
        return (
            self.n_columns == other.n_columns
            and np.array_equal(self.positive, other.positive)
            and np.array_equal(self.negative, other.negative)
        )

    def __hash__(self) -> int:
        return hash((self.n_columns, self.positive.tobytes(), self.negative.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _frozen_table, (self.positive, self.negative, self.n_columns)

    def row_key(self, i: int) -> bytes:
        """The sign vector of row i as a dictionary key."""
        return bytes(self.positive[i].tobytes() + self.negative[i].tobytes())

    def unpack(self) -> NDArray[np.int8]:
        """The (n_rows, n_columns) int8 array of -1, 0, 1."""
        return _unpacked(self.positive, self.n_columns) - _unpacked(self.negative, self.n_columns)


def pack_signs(signs: Any) -> SignTable:
    """Pack a 2-d array of -1, 0, 1. InputError for other values, ShapeError for other dimensions."""
    array = np.asarray(signs)
    if array.ndim != 2:
        raise ShapeError("not a table of signs", got=f"shape {array.shape}", expected="two dimensions")
    positive, negative = array == 1, array == -1
    if not np.all(positive | negative | (array == 0)):
        raise InputError("a sign table holds -1, 0 and 1 only", where="pack_signs", got="other values")
    return _frozen_table(_packed(positive), _packed(negative), array.shape[1])


def _frozen_table(positive: NDArray[np.uint64], negative: NDArray[np.uint64], n_columns: int) -> SignTable:
    positive.flags.writeable = False
    negative.flags.writeable = False
    return SignTable(positive, negative, n_columns)


def _packed(plane: NDArray[np.bool_]) -> NDArray[np.uint64]:
    n_rows, n_columns = plane.shape
    padded = np.zeros((n_rows, -(-n_columns // 64) * 64), dtype=bool)
    padded[:, :n_columns] = plane
    # little-endian words, whatever the machine: keys and files then agree everywhere
    words = np.packbits(padded, axis=1, bitorder="little").view("<u8")
    return words.astype(np.uint64, copy=False)


def _unpacked(words: NDArray[np.uint64], n_columns: int) -> NDArray[np.int8]:
    little = np.ascontiguousarray(words.astype("<u8", copy=False))
    return np.unpackbits(little.view(np.uint8), axis=1, count=n_columns, bitorder="little").astype(np.int8)
