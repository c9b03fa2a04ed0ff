"""The independent checker: reads the text of a certificate, trusts nothing but the standard library.

`FORMAT.md` in this folder is the specification. `python -m exactnet.checker FILE` prints one verdict line.
Nothing here imports any other part of exactnet.
"""

from __future__ import annotations

from exactnet.checker.files import Files
from exactnet.checker.verdict import Verdict, check_bytes, check_text

__all__ = ["Files", "Verdict", "check_bytes", "check_text"]
