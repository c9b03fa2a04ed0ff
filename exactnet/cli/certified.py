"""From a result to a file that the checker has accepted: nothing is called proved before that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from exactnet.certificate import Result, Verdict, check_file
from exactnet.cli.session import Session
from exactnet.errors import InputError, InvariantError

__all__ = ["certificate_path", "write_checked"]


def certificate_path(source: str, kind: str, out: Path | None) -> Path:
    """Where the certificate goes: `out`, or NAME.KIND.jsonl in the current folder; ask before the work.

    Raises
    ------
    InputError
        There is no such folder.

    Examples
    --------
    >>> certificate_path("data/xor.csv", "optimum", None)
    PosixPath('xor.optimum.jsonl')
    """
    path = out if out is not None else Path(f"{Path(source).stem}.{kind}.jsonl")
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(
            "the certificate cannot be written there",
            where="--out",
            got=str(path),
            expected="a file in a folder that exists",
        )
    return path


def write_checked(shell: Session, result: Result[Any], path: Path) -> Verdict:
    """Write the certificate and run the checker on the written file.

    Raises
    ------
    InvariantError
        The checker rejects what exactnet itself wrote.
    """
    shell.progress("writing the certificate", 0, None)
    result.save(path)
    shell.progress("checking the certificate", 0, None)
    verdict = check_file(path)
    if not verdict.accepted:
        command = " ".join(sys.argv[1:])
        raise InvariantError(
            f"the checker rejects the certificate of this answer: {verdict.line}",
            reproduction=f"exactnet {command}; the rejected file is {path}",
        )
    if path not in shell.kept:
        shell.keep(path)
    return verdict
