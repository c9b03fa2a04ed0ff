"""`python -m exactnet.checker FILE`: one verdict line.

Exit code 0 accepted, 1 rejected, 2 not readable (the file, or one that it names), 3 only a sample looked at.
"""

from __future__ import annotations

import argparse
import os
import sys

from exactnet.checker.files import Files
from exactnet.checker.verdict import check_bytes

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Check the one file that is named; returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:  # the usage is on stderr, or the help on stdout
        return int(stop.code or 0)
    # the numbers of a certificate have any length; so have those in its verdict
    sys.set_int_max_str_digits(0)
    try:
        with open(options.file, "rb") as file:
            data = file.read()
    except OSError as error:
        print(f"cannot open {options.file!r}: {error.strerror}", file=sys.stderr)
        return 2
    except MemoryError:
        print("REJECTED step 0 (unreadable): too big for this computer (MemoryError)")
        return 1
    files = Files(os.path.dirname(options.file) or ".", tuple(options.model), tuple(options.property))
    verdict = check_bytes(data, sample=options.sample, seed=options.seed, files=files)
    if verdict.missing:
        print(verdict.line, file=sys.stderr)
        return 2
    print(verdict.line)
    if verdict.sampled:
        return 3
    return 0 if verdict.accepted else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m exactnet.checker", description="Check a certificate: one verdict line."
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "--sample", metavar="N", type=_positive, help="look at N leaves of each region tree only; exit code 3"
    )
    for kind in ("model", "property"):
        text = f"where the {kind} is, if not where the certificate says; its hash decides"
        parser.add_argument(f"--{kind}", metavar="PATH", action="append", default=[], help=text)
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="of the choice of the leaves")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
