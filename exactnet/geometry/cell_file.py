"""Sign tables and unfinished counts on disk.

A table is a plain `.npy` file of little-endian uint64 words, one row a cell: bit j % 64 of word j // 64 says
that form j is positive there. It is written block after block, so it may be larger than the memory, and
its header always gives the rows that are complete. An unfinished count is a JSON file with one string of
`+`, `-` and `0` (not decided) a part that is still open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.start import Source, prepare
from exactnet.geometry.stream import CellCount, Progress, sign_table, stream_cells

if TYPE_CHECKING:
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["read_count", "read_signs", "save_signs", "write_count"]

_HEADER = 128  # bytes, fixed, so that the number of rows can be written last
_MARKS = {1: "+", -1: "-", 0: "0"}


def save_signs(
    source: Source,
    path: str | Path,
    *,
    domain: Polyhedron | None = None,
    jobs: int = 1,
    max_cells: int | None = None,
    resume: CellCount | None = None,
    progress: Progress | None = None,
) -> CellCount:
    """Write the sign vectors of all cells to a `.npy` file, each cell once; see `stream_cells`.

    Parameters
    ----------
    resume : a partial result of the same arrangement; the file must hold its cells and is continued.

    Raises
    ------
    LimitReached : at `max_cells`, or on Ctrl-C; the file then holds the cells that `partial` counts.
    InputError : the file does not hold the cells that `resume` counts.

    Examples
    --------
    >>> import tempfile
    >>> from exactnet.geometry.named import braid
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = save_signs(braid(3), Path(folder) / "cells.npy")
    ...     n_rows = sum(len(table) for table in read_signs(Path(folder) / "cells.npy", 3))
    >>> found.n_cells, n_rows
    (6, 6)
    """
    path = Path(path)
    n_words = -(-prepare(source, domain).n_columns // 64)
    n_rows = 0 if resume is None else resume.n_cells
    if resume is not None:
        _check_rows(path, n_rows, n_words)
    with path.open("wb" if resume is None else "r+b") as file:
        file.seek(_HEADER + 8 * n_words * n_rows)

        def consume(table: SignTable) -> None:
            nonlocal n_rows
            file.write(table.positive.astype("<u8", copy=False).tobytes())
            n_rows += len(table)

        try:
            found = stream_cells(
                source,
                consume,
                domain=domain,
                jobs=jobs,
                max_cells=max_cells,
                resume=resume,
                progress=progress,
            )
        except LimitReached as stopped:
            if isinstance(stopped.partial, CellCount):
                n_rows = stopped.partial.n_cells
            raise
        finally:
            _finish(file, n_rows, n_words)
    return found


def _finish(file: BinaryIO, n_rows: int, n_words: int) -> None:
    """Cut off what is not complete and write the header."""
    file.truncate(_HEADER + 8 * n_words * n_rows)
    text = f"{{'descr': '<u8', 'fortran_order': False, 'shape': ({n_rows}, {n_words}), }}"
    length = _HEADER - 10
    file.seek(0)
    file.write(b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n")


def _check_rows(path: Path, n_rows: int, n_words: int) -> None:
    """The file must hold as many rows as were found."""
    shape = _stored(path).shape
    if shape != (n_rows, n_words):
        raise InputError(
            "the file does not hold the cells found so far",
            where=str(path),
            got=f"{shape[0]} rows of {shape[1]} words",
            expected=f"{n_rows} rows of {n_words}",
            hint="resume with the file that was written with this partial result",
        )


def _stored(path: Path) -> NDArray[np.uint64]:
    """The rows, in place on the disk (an empty table cannot be mapped, but need not be)."""
    table: NDArray[np.uint64] = np.load(path, mmap_mode="r" if path.stat().st_size > _HEADER else None)
    return table


def read_signs(path: str | Path, n_forms: int, *, n_rows: int = 2**16) -> Iterator[SignTable]:
    """The table of `save_signs`, a block of rows at a time; the file is not read as a whole.

    Raises
    ------
    InputError : the rows do not have the words that so many forms need.
    """
    stored = _stored(Path(path))
    if stored.shape[1] != -(-n_forms // 64):
        raise InputError(
            "the table is not one of these forms",
            where=str(path),
            got=f"{stored.shape[1]} words a row",
            expected=f"{-(-n_forms // 64)} for {n_forms} forms",
        )
    for at in range(0, len(stored), n_rows):
        yield sign_table(stored[at : at + n_rows].astype(np.uint64), n_forms)


# -- unfinished counts ---------------------------------------------------------------------------------


def write_count(count: CellCount, path: str | Path) -> None:
    """Save a partial result as text, to be resumed in another process."""
    record = {
        "kind": "cell count",
        "n_cells": count.n_cells,
        "n_relatively_bounded": count.n_relatively_bounded,
        "lineality": count.lineality,
        "is_mirrored": count.is_mirrored,
        "n_plain": count.n_plain,
        "fingerprint": count.fingerprint,
        "open": ["".join(_MARKS[s] for s in signs) for signs in count.open],
    }
    Path(path).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_count(path: str | Path) -> CellCount:
    """The partial result that `write_count` saved.

    Raises
    ------
    InputError : the file does not hold one.
    """
    values = {mark: sign for sign, mark in _MARKS.items()}
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        if record.pop("kind") != "cell count":
            raise KeyError("kind")
        record["open"] = tuple(tuple(values[mark] for mark in text) for text in record["open"])
        return CellCount(**record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "this file is not a saved count",
            where=str(path),
            got=repr(error),
            expected="a file of write_count",
        ) from error
