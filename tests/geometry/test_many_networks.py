"""Random tasks by the thousand; `python -m tests.geometry.many_networks 10000` does ten thousand."""

from __future__ import annotations

import pytest

from tests.geometry.many_networks import disagreement, is_degenerate, minimised, random_task


def compare(seeds: range) -> None:
    tasks = [random_task(seed) for seed in seeds]
    different = {
        seed: wrong for seed, task in zip(seeds, tasks, strict=True) if (wrong := disagreement(task))
    }
    assert not different, repr(minimised(random_task(min(different))))
    assert 2 * sum(map(is_degenerate, tasks)) > len(tasks)


def test_a_hundred_networks() -> None:
    compare(range(100))


@pytest.mark.slow
def test_a_thousand_networks() -> None:
    compare(range(100, 1100))
