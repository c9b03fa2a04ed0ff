"""The training methods: their defaults, and which backend offers what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from exactnet.crosscheck import lbfgs as numpy_lbfgs
from exactnet.crosscheck import optimizers
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import Floats
from exactnet.crosscheck.steps import Report

__all__ = ["BACKENDS", "METHODS", "Method", "run"]

BACKENDS = ("numpy", "torch")


@dataclass(frozen=True)
class Method:
    """A training method: default steps and learning rate (None: it has none), and its backends."""

    name: str
    n_steps: int
    learning_rate: float | None
    backends: tuple[str, ...] = BACKENDS


# chosen on small data sets in normalised units, where one value serves all of them
METHODS = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("lbfgs", 2100, None),
            Method("adam", 4000, 0.03),
            Method("sgd", 8000, 0.03),
            Method("gd", 5000, 2.0, ("numpy",)),
            Method("muon", 4000, 0.02),
        )
    }
)


def run(
    method: Method,
    backend: str,
    objective: Objective,
    start: Floats,
    *,
    n_steps: int,
    learning_rate: float | None,
    seeds: Sequence[int],
    report: Report,
) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Final weights (n_seeds, P), their objective (n_seeds,), and the steps each seed took."""
    home: Any = optimizers
    if backend == "torch":
        # only here, so that exactnet.crosscheck does not need torch
        from exactnet.crosscheck import torch_backend as home

        home.load_torch()
    if method.name == "lbfgs":
        minimise = numpy_lbfgs.lbfgs if backend == "numpy" else home.lbfgs
        theta, losses, used = minimise(objective, start, n_steps=n_steps, report=report)
        return theta, losses, used
    extra = {"seeds": seeds} if method.name == "sgd" else {}
    theta, losses = getattr(home, method.name)(
        objective, start, n_steps=n_steps, learning_rate=learning_rate, report=report, **extra
    )
    return theta, losses, (n_steps,) * len(start)
