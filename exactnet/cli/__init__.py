"""The command line: `exactnet VERB ...`, one file a verb.

The answer goes to stdout with the verdict first, everything else to stderr. Exit codes: 0 proved,
accepted or done; 1 refuted or rejected; 2 usage or input; 3 undecided or a limit; 4 unsupported
input; 70 a bug of ours.
"""

from __future__ import annotations

import sys

from exactnet.cli.app import run

__all__ = ["main", "run"]


def main() -> None:
    """Entry point of the `exactnet` command."""
    sys.exit(run(sys.argv[1:]))
