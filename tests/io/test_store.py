from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from exactnet.certificate import certificate_text, write_certificate
from exactnet.errors import InputError, ParseError
from exactnet.io.store import load_certificate
from tests.support.tiny import tiny


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "no-suffix"])
def test_what_was_written_is_read(tmp_path: Path, name: str) -> None:
    certificate = tiny("degenerate", norm="l1", bias="penalised")
    assert load_certificate(write_certificate(certificate, tmp_path / name)) == certificate


def test_compression_is_recognised_by_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(certificate_text(tiny("one")).encode()))
    assert load_certificate(str(path)) == tiny("one")


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (b"", "an empty file"),
        (b"x1,x2,y\n1,2,3\n", "'x1,x2,y"),
        (b"\x08\x07\x12\x07pytorch", "pytorch"),
        (b"PK\x03\x04\xff\xfe", "PK"),
        (gzip.compress(b"hello", mtime=0), "'hello'"),
        (b"[1, 2]", "'[1, 2]'"),
    ],
)
def test_other_files_are_recognised(tmp_path: Path, data: bytes, got: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_certificate(path)
    assert not isinstance(caught.value, ParseError)
    assert str(caught.value).startswith("this is not a certificate\n")
    assert got in (caught.value.got or "")


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(certificate_text(tiny("one")).encode())[:-9])
    with pytest.raises(InputError, match="the compressed file is damaged"):
        load_certificate(path)


def test_a_changed_or_shortened_certificate_names_the_line(tmp_path: Path) -> None:
    text = certificate_text(tiny("one"))
    path = tmp_path / "a.jsonl"
    path.write_text(text.replace('"beta":"1/2"', '"beta":"1/3"'), encoding="utf-8")
    with pytest.raises(ParseError, match="line 2, column 1"):
        load_certificate(path)
    path.write_text(text[:200], encoding="utf-8")
    with pytest.raises(ParseError, match="cut off"):
        load_certificate(path)
    path.write_text('{"nodes": []}\n', encoding="utf-8")
    with pytest.raises(ParseError, match="this is not the header of a certificate"):
        load_certificate(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(InputError, match="the certificate cannot be opened"):
            load_certificate(path)
