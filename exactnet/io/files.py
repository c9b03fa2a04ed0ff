"""Read a file once: its bytes, its hash, and an error in the user's words when that is not possible."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from exactnet.errors import InputError, LimitReached

__all__ = ["MAX_BYTES", "FileBytes", "PathName", "read_bytes", "unpacked", "write_bytes"]

PathName = str | PathLike[str]

MAX_BYTES = 256 * 2**20


@dataclass(frozen=True)
class FileBytes:
    """The bytes of a file, under the name the user gave it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def read_bytes(
    path: PathName, *, what: str, suffixes: Sequence[str] = (), max_bytes: int = MAX_BYTES
) -> FileBytes:
    """All bytes of a file.

    Parameters
    ----------
    path : file to read.
    what : kind of file, for the messages ("network", "data set").
    suffixes : files to name instead when `path` is a directory.
    max_bytes : larger files are refused before they are read.

    Raises
    ------
    InputError : missing, a directory, or not readable.
    LimitReached : larger than `max_bytes`.

    Examples
    --------
    >>> read_bytes("no-such-file.csv", what="data set")
    Traceback (most recent call last):
        ...
    exactnet.errors.InputError: the data set file does not exist
      where:    no-such-file.csv
      do:       check the spelling and the folder you run in
    """
    file, name = Path(path), str(path)
    if file.is_dir():
        inside = sorted(entry.name for entry in file.iterdir() if entry.suffix in suffixes)
        raise InputError(
            f"a {what} file is expected, this is a directory",
            where=name,
            hint="name one of its files: " + ", ".join(inside[:5]) if inside else None,
        )
    try:
        size = file.stat().st_size
        if size > max_bytes:
            raise LimitReached(
                f"the {what} file is too large",
                where=name,
                got=f"{size} bytes",
                expected=f"at most {max_bytes} bytes",
                hint="exact work on this much data would not end; take a part of it, or raise max_bytes",
            )
        return FileBytes(name, file.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"the {what} file does not exist",
            where=name,
            hint="check the spelling and the folder you run in",
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the {what} file cannot be read: {reason}", where=name) from None


def unpacked(file: FileBytes, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file behind its gzip compression, or as they are if it is not compressed.

    Parameters
    ----------
    file : compression is known by the first two bytes, not by the name.
    max_bytes : more are refused.

    Raises
    ------
    InputError : damaged compression. LimitReached : more than `max_bytes`.

    Examples
    --------
    >>> unpacked(FileBytes("a", gzip.compress(b"text"))), unpacked(FileBytes("a", b"text"))
    (b'text', b'text')
    """
    if file.content[:2] != b"\x1f\x8b":
        return file.content
    try:
        with gzip.open(io.BytesIO(file.content)) as stream:
            content = stream.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"the compressed file is damaged: {error}", where=file.name) from None
    if len(content) > max_bytes:
        raise LimitReached(
            "the file is too large",
            where=file.name,
            got=f"more than {max_bytes} bytes behind the compression",
            expected=f"at most {max_bytes} bytes",
        )
    return content


def write_bytes(path: PathName, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    InputError : the place cannot be written to.

    Examples
    --------
    >>> write_bytes("no-such-folder/x.npz", b"")
    Traceback (most recent call last):
        ...
    exactnet.errors.InputError: the file cannot be written: No such file or directory
      where:    no-such-folder/x.npz
      do:       check that the folder exists and may be written to
    """
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise InputError(
            f"the file cannot be written: {error.strerror or error}",
            where=str(path),
            hint="check that the folder exists and may be written to",
        ) from None
