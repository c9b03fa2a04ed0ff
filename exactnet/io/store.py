"""Certificates on disk."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from exactnet.certificate.parse import parse_certificate
from exactnet.certificate.types import Certificate
from exactnet.errors import InputError

__all__ = ["load_certificate"]

_GZIP_MAGIC = b"\x1f\x8b"
_HINT = "give the file that Result.save has written"


def load_certificate(path: str | Path) -> Certificate:
    """Read a certificate file, plain or gzip-compressed, into its records.

    Reading is not checking: `exactnet check`, or `Result.check`, is what accepts a proof.

    Parameters
    ----------
    path : the file; compression is recognised by the contents, not by the name.

    Raises
    ------
    InputError
        There is no such file, or it is something other than a certificate.
    ParseError
        It begins like a certificate, and is cut off or was changed; names line and column.

    Examples
    --------
    >>> load_certificate("missing.jsonl")
    Traceback (most recent call last):
        ...
    exactnet.errors.InputError: the certificate cannot be opened
      where:    missing.jsonl
      got:      No such file or directory
      do:       give the file that Result.save has written
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "the certificate cannot be opened",
            where=str(path),
            got=error.strerror or type(error).__name__,
            hint=_HINT,
        ) from error
    if data.startswith(_GZIP_MAGIC):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                "the compressed file is damaged", where=str(path), got=str(error), hint="copy it again"
            ) from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text.lstrip().startswith("{"):
        beginning = repr(data[:16].decode("ascii", "replace")) if data else "an empty file"
        raise InputError(
            "this is not a certificate",
            where=str(path),
            got=beginning,
            expected="JSON lines that begin with the header of a certificate",
            hint=_HINT,
        )
    return parse_certificate(text, file=str(path))
