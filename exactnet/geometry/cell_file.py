"""Sign tables and unfinished enumerations on disk.

A table is a plain `.npy` file of little-endian uint64 words, one row a cell: bit j % 64 of word j // 64 says
that form j is positive there. It is written block after block, so it may be larger than the memory, and
its header always gives the rows that are complete. An unfinished count is a JSON file with one string of
`+`, `-` and `0` (not decided) a part that is still open. The cells of a network, found completely or so far,
are a compressed `.npz` file with the table, if there is one, the open parts, and the rest as JSON; both kinds
say by a fingerprint what they belong to.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, LimitReached
from exactnet.exact import SignTable, pack_signs
from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.parts import require_fingerprint
from exactnet.geometry.start import Source, prepare
from exactnet.geometry.stream import CellCount, Progress, sign_table, stream_cells
from exactnet.geometry.task import RegionTask

if TYPE_CHECKING:
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = [
    "load_partial",
    "read_count",
    "read_signs",
    "save_network_signs",
    "save_partial",
    "save_signs",
    "write_count",
]

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
    n_words = -(-prepare(source, domain).n_columns // 64)
    with _SignFile(Path(path), n_words, resume) as file:
        found = stream_cells(
            source,
            file.append,
            domain=domain,
            jobs=jobs,
            max_cells=max_cells,
            resume=resume,
            progress=progress,
        )
    return found


def save_network_signs(
    task: RegionTask,
    path: str | Path,
    *,
    jobs: int = 1,
    max_cells: int | None = None,
    resume: NetworkCells | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> NetworkCells:
    """The same for the cells of a network; see `network_cells`.

    Raises
    ------
    LimitReached, InputError : as for `save_signs`.

    Examples
    --------
    >>> import tempfile
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = save_network_signs(region_task(tent), Path(folder) / "cells.npy")
    ...     tables = [table.unpack().tolist() for table in read_signs(Path(folder) / "cells.npy", 2)]
    >>> found.n_cells, tables
    (3, [[[1, 1], [1, -1], [-1, -1]]])
    """
    with _SignFile(Path(path), -(-task.n_switches // 64), resume) as file:
        found = network_cells(
            task,
            callback=file.append,
            jobs=jobs,
            max_cells=max_cells,
            resume=resume,
            progress=progress,
            engine=engine,
        )
    return found


class _SignFile:
    """A table that grows; on leaving it the header is written, and what a partial result does not count is
    cut off."""

    def __init__(self, path: Path, n_words: int, resume: CellCount | NetworkCells | None) -> None:
        self._path, self._n_words, self._is_new = path, n_words, resume is None
        self._n_rows = 0 if resume is None else resume.n_cells

    def __enter__(self) -> _SignFile:
        if not self._is_new:
            _check_rows(self._path, self._n_rows, self._n_words)
        self._file = self._path.open("wb" if self._is_new else "r+b")
        self._file.seek(_HEADER + 8 * self._n_words * self._n_rows)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        partial = error.partial if isinstance(error, LimitReached) else None
        if isinstance(partial, CellCount | NetworkCells):
            self._n_rows = partial.n_cells
        with self._file:
            _finish(self._file, self._n_rows, self._n_words)

    def append(self, table: SignTable) -> None:
        """Write rows behind the others."""
        self._file.write(table.positive.astype("<u8", copy=False).tobytes())
        self._n_rows += len(table)


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


# -- unfinished counts -----------------------------------------------------------------------------------


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


# -- the cells of networks -------------------------------------------------------------------------------


def save_partial(found: NetworkCells, path: str | Path) -> None:
    """Save the cells of a network, all or those found so far; a small file even for many cells.

    Examples
    --------
    >>> import tempfile
    >>> from exactnet.geometry.task import arrangement_task
    >>> task = arrangement_task([(1, 0), (1, -1)])
    >>> found = network_cells(task)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_partial(found, Path(folder) / "cells.npz")
    ...     load_partial(Path(folder) / "cells.npz", task) == found
    True
    """
    n_columns = len(found.open[0]) if found.open else 0
    record = {
        "kind": "cells of a network",
        "n_cells": found.n_cells,
        "n_relatively_bounded": found.n_relatively_bounded,
        "lineality": found.lineality,
        "stats": found.stats,
        "fingerprint": found.fingerprint,
        "n_columns": None if found.table is None else found.table.n_columns,
        "n_open_columns": n_columns,
    }
    parts = pack_signs(np.array(found.open, dtype=np.int8).reshape(len(found.open), n_columns))
    arrays: dict[str, Any] = {"open_positive": parts.positive, "open_negative": parts.negative}
    if found.table is not None:
        arrays["positive"] = found.table.positive
    text = np.frombuffer(json.dumps(record, indent=1).encode(), dtype=np.uint8)
    with Path(path).open("wb") as file:
        np.savez_compressed(file, record=text, **{name: a.astype("<u8") for name, a in arrays.items()})


def load_partial(path: str | Path, task: RegionTask | None = None) -> NetworkCells:
    """What `save_partial` has saved.

    Parameters
    ----------
    task : what the cells should belong to; by default this is left to `network_cells(task, resume=..)`.

    Raises
    ------
    InputError : the file does not hold the cells of a network, or not of this one.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        record = json.loads(arrays["record"].tobytes())
        if record.pop("kind") != "cells of a network":
            raise KeyError("kind")
        n_columns, n_open_columns = record.pop("n_columns"), record.pop("n_open_columns")
        planes = [_words(arrays[name], n_open_columns) for name in ("open_positive", "open_negative")]
        parts = SignTable(planes[0], planes[1], n_open_columns).unpack().tolist()
        table = None if n_columns is None else sign_table(_words(arrays["positive"], n_columns), n_columns)
        if table is not None and len(table) != record["n_cells"]:
            raise ValueError(f"{len(table)} rows for {record['n_cells']} cells")
        found = NetworkCells(**record, table=table, open=tuple(map(tuple, parts)))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InputError(
            "this file does not hold the cells of a network",
            where=str(path),
            got=repr(error),
            expected="a file of save_partial",
        ) from error
    if task is not None:
        require_fingerprint(found.fingerprint, task, where=str(path))
    return found


def _words(stored: NDArray[np.uint64], n_columns: int) -> NDArray[np.uint64]:
    """A plane of so many columns."""
    if stored.ndim != 2 or stored.shape[1] != -(-n_columns // 64):
        raise ValueError(f"words of shape {stored.shape} for {n_columns} columns")
    return stored.astype(np.uint64)
