from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from exactnet.errors import InputError, LimitReached
from exactnet.io.files import read_bytes, write_bytes


def test_bytes_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_bytes(path, b"abc")
    file = read_bytes(path, what="data set")
    assert (file.name, file.content) == (str(path), b"abc")
    assert file.sha256 == hashlib.sha256(b"abc").hexdigest()
    write_bytes(path, b"")
    assert read_bytes(str(path), what="data set").content == b""


def test_limit(tmp_path: Path) -> None:
    write_bytes(tmp_path / "f", b"abc")
    assert read_bytes(tmp_path / "f", what="data set", max_bytes=3).content == b"abc"
    with pytest.raises(LimitReached, match="at most 2 bytes"):
        read_bytes(tmp_path / "f", what="data set", max_bytes=2)


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_bytes("a\0b", what="data set")
    with pytest.raises(InputError, match="directory"):
        read_bytes(tmp_path, what="data set")
    with pytest.raises(InputError, match="cannot be written"):
        write_bytes(tmp_path, b"")
    write_bytes(tmp_path / "f", b"abc")
    with pytest.raises(InputError, match="cannot be read: Not a directory"):
        read_bytes(tmp_path / "f" / "g", what="data set")


def test_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is reported in its words (simulated: a superuser may read everything)."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    write_bytes(tmp_path / "f", b"abc")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        read_bytes(tmp_path / "f", what="data set")
