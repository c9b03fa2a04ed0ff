"""CPU seconds, also those of finished child processes."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def cpu_seconds() -> float:
    """Used so far by this process and by its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def seconds(work: Callable[[], T], *, enough: float = 1.0) -> tuple[T, float]:
    """The result and the CPU time, the best of up to three runs."""
    best = float("inf")
    for _ in range(3):
        start = cpu_seconds()
        result = work()
        best = min(best, cpu_seconds() - start)
        if best > enough:
            break
    return result, best


def rate(found: Iterator[object], *, at_most: int, budget: float) -> tuple[int, float, bool]:
    """How many came, how many a CPU second, and whether these were all."""
    start, n = cpu_seconds(), 0
    for _ in found:
        n += 1
        if n == at_most or cpu_seconds() - start > budget:
            return n, n / (cpu_seconds() - start), False
    return n, n / (cpu_seconds() - start), True
