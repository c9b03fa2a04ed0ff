"""The files that a certificate names: where they are, and whether they are the right ones (FORMAT.md 7)."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from dataclasses import dataclass

from exactnet.checker.read import as_text, reject, show

__all__ = ["Files", "Missing", "as_hash", "unpacked"]

_MOST_BYTES = 2**31
_GZIP_MAGIC = b"\x1f\x8b"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Missing(Exception):
    """A file that a certificate names cannot be opened: nothing is proved or refuted by that."""


@dataclass(frozen=True)
class Files:
    """Where to look for the files of a certificate.

    Attributes
    ----------
    folder : that of the certificate.
    models, properties : if not empty, the places of the networks and properties, in place of those that the
        certificate names; which is which is decided by their hashes.
    """

    folder: str = "."
    models: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()

    def content(self, named: str, sha256: str, option: str) -> bytes:
        """The bytes of the file with that hash, unpacked if they are compressed.

        Parameters
        ----------
        named : its place according to the certificate.
        option : "model" or "property", the option by which another place can be given.

        Raises
        ------
        Missing
            The file cannot be opened.
        Rejection
            It has another hash, or cannot be unpacked.
        """
        given = self.models if option == "model" else self.properties
        for path in given or (os.path.join(self.folder, named),):
            data = _read(path, option)
            if hashlib.sha256(data).hexdigest() == sha256:
                return unpacked(data)
        places = "what " + show(named) + " names" if not given else f"a file given by --{option}"
        reject(f"{places} is not the file with the SHA-256 {sha256}")


def _read(path: str, option: str) -> bytes:
    try:
        # not a device or a pipe, which might never end
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Missing(f"{show(path)} is not a file (--{option} PATH says where it is)")
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Missing(f"{show(path)}: {reason} (--{option} PATH says where it is)") from error
    if len(data) > _MOST_BYTES:
        reject(f"{show(path)} has more than {_MOST_BYTES} bytes")
    return data


def unpacked(data: bytes) -> bytes:
    """The data themselves, or what they are packed from if they begin like a gzip file."""
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            content = packed.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reject(f"damaged gzip data ({error})")
    if len(content) > _MOST_BYTES:
        reject(f"more than {_MOST_BYTES} bytes when unpacked")
    return content


def as_hash(value: object, where: str) -> str:
    """A SHA-256 in hexadecimal, small letters."""
    text = as_text(value, where)
    if _HASH.fullmatch(text) is None:
        reject(f"{where} must be a SHA-256 of 64 hexadecimal digits, got {show(value)}")
    return text
