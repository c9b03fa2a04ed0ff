"""A checker's verdict, short enough for a report."""

from __future__ import annotations

from exactnet.certificate import Verdict

__all__ = ["verdict_summary"]


def verdict_summary(verdict: Verdict) -> str:
    """The verdict line without its conclusions, which can be long; a rejection in full.

    Examples
    --------
    >>> verdict_summary(Verdict(True, "ACCEPTED 2 steps: the system has a solution"))
    'ACCEPTED 2 steps'
    """
    return verdict.line.partition(":")[0] if verdict.accepted else verdict.line
