"""`python -m exactnet.checker FILE`: one verdict line; exit code 0 accepted, 1 rejected, 2 not readable."""

from __future__ import annotations

import sys

from exactnet.checker.verdict import check_bytes

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Check the one file that is named; returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m exactnet.checker FILE", file=sys.stderr)
        return 2
    # the numbers of a certificate have any length; so have those in its verdict
    sys.set_int_max_str_digits(0)
    try:
        with open(arguments[0], "rb") as file:
            data = file.read()
    except OSError as error:
        print(f"cannot open {arguments[0]!r}: {error.strerror}", file=sys.stderr)
        return 2
    except MemoryError:
        print("REJECTED step 0 (unreadable): too big for this computer (MemoryError)")
        return 1
    verdict = check_bytes(data)
    print(verdict.line)
    return 0 if verdict.accepted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
