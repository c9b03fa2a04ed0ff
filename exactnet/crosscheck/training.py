"""Train many two-layer networks, one a seed, on exactly the objective the user states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan
from operator import index

import numpy as np

from exactnet.convex.program import TrainingProblem, TwoLayer
from exactnet.crosscheck.initial import default_width, initial_weights
from exactnet.crosscheck.methods import BACKENDS, METHODS, Method, run
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import Scaled, scale, to_two_layer
from exactnet.errors import InputError, UnsupportedError

__all__ = ["TrainedNetwork", "train"]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class TrainedNetwork:
    """One trained network.

    Attributes
    ----------
    seed, optimizer, backend : how it was trained.
    network : its exact weights; every float is the rational number it stores.
    approx_loss : its objective as the training saw it; `compare` has the exact one.
    n_steps : optimizer steps taken.
    """

    seed: int
    optimizer: str
    backend: str
    network: TwoLayer
    approx_loss: float
    n_steps: int


def train(
    problem: TrainingProblem,
    *,
    n_neurons: int | None = None,
    n_seeds: int = 20,
    seed: int = 0,
    optimizer: str = "lbfgs",
    n_steps: int | None = None,
    learning_rate: float | None = None,
    backend: str = "numpy",
    progress: Progress | None = None,
) -> tuple[TrainedNetwork, ...]:
    """Minimise the objective of `problem` by a gradient method, from many starting networks.

    All seeds are trained as one batch. What is returned for a seed is the best network it visited, as it
    was visited: nothing is balanced, pruned or rounded. A step size that is too large therefore costs
    quality, but never gives weights that are not numbers.

    Parameters
    ----------
    problem : n samples, D homogenised coordinates.
    n_neurons : width m; by default :func:`exactnet.crosscheck.initial.default_width`.
    n_seeds, seed : the seeds are seed, ..., seed + n_seeds - 1. A seed means the same starting network
        for every optimizer and backend, and however many seeds run beside it.
    optimizer : "lbfgs", "adam", "sgd", "gd" or "muon"; "gd" on the NumPy backend only.
    n_steps : optimizer steps (iterations for lbfgs); 0 gives the starting networks.
    learning_rate : in the units of :mod:`exactnet.crosscheck.scaled`, in which every problem has size
        one; lbfgs has none.
    backend : "numpy", or "torch" (autograd and `torch.optim`).
    progress : called as progress("training", done, total).

    Returns
    -------
    n_seeds networks, in the order of the seeds.

    Raises
    ------
    InputError : an argument that does not exist or is out of range, or numbers beyond float64.
    UnsupportedError : an optimizer that the backend does not have.
    MissingExtraError : backend "torch" without torch.

    Notes
    -----
    A step costs O(n_seeds n m D).

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> best = min(train(problem, n_seeds=3), key=lambda trained: trained.approx_loss)
    >>> round(best.approx_loss, 6)
    0.29
    """
    method = _method(optimizer, backend)
    rate = _rate(method, learning_rate)
    steps = method.n_steps if n_steps is None else _integer(n_steps, "n_steps", least=0)
    first = _integer(seed, "seed", least=0)
    seeds = range(first, first + _integer(n_seeds, "n_seeds", least=1))
    width = (
        default_width(problem.n_samples) if n_neurons is None else _integer(n_neurons, "n_neurons", least=1)
    )

    scaled = scale(problem)
    objective = Objective(scaled, width)
    start = initial_weights(scaled, n_neurons=width, seeds=seeds)
    _require_finite_start(objective, start)

    def report(done: int) -> None:
        if progress is not None:
            progress("training", done, steps)

    # diverging steps overflow on purpose: the best network is kept, and it is finite
    with np.errstate(over="ignore", invalid="ignore"):
        theta, losses, used = run(
            method, backend, objective, start, n_steps=steps, learning_rate=rate, seeds=seeds, report=report
        )
    networks = _networks(scaled, objective, theta)
    return tuple(
        TrainedNetwork(s, optimizer, backend, network, scaled.stated(float(loss)), count)
        for s, network, loss, count in zip(seeds, networks, losses, used, strict=True)
    )


def _networks(scaled: Scaled, objective: Objective, theta: np.ndarray) -> list[TwoLayer]:
    U, a, t = objective.split(theta)
    return [to_two_layer(scaled, *weights) for weights in zip(U, a, t, strict=True)]


def _method(optimizer: str, backend: str) -> Method:
    if backend not in BACKENDS:
        raise InputError(
            "unknown backend", where="backend", got=repr(backend), expected=f"one of {', '.join(BACKENDS)}"
        )
    if optimizer not in METHODS:
        raise InputError(
            "unknown optimizer",
            where="optimizer",
            got=repr(optimizer),
            expected=f"one of {', '.join(METHODS)}",
        )
    method = METHODS[optimizer]
    if backend not in method.backends:
        raise UnsupportedError(
            f"the optimizer {optimizer} is not there for the backend {backend}",
            expected=f"one of {', '.join(m.name for m in METHODS.values() if backend in m.backends)}",
            hint="use backend='numpy'",
        )
    return method


def _rate(method: Method, learning_rate: float | None) -> float | None:
    if learning_rate is None:
        return method.learning_rate
    if method.learning_rate is None:
        raise InputError(
            f"the optimizer {method.name} has no learning rate",
            where="learning_rate",
            got=repr(learning_rate),
            expected="None",
            hint="it chooses its steps by line searches; leave the argument out",
        )
    try:
        rate = float(learning_rate)
    except (TypeError, ValueError, OverflowError):
        rate = nan
    if not isfinite(rate) or rate <= 0:
        raise InputError(
            "the learning rate must be a positive number",
            where="learning_rate",
            got=repr(learning_rate),
            expected="a finite number > 0",
        )
    return rate


def _integer(value: object, name: str, *, least: int) -> int:
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise InputError(
            f"{name} is out of range", where=name, got=repr(value), expected=f"an integer >= {least}"
        )
    return number


def _require_finite_start(objective: Objective, start: np.ndarray) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        losses, gradient = objective.value_and_gradient(start)
    if not (np.isfinite(losses).all() and np.isfinite(gradient).all()):
        raise InputError(
            "the objective overflows float64 already at the starting networks",
            got=f"beta = {objective.scaled.beta:.1e} times the size of the data",
            hint="such a weight decay makes the zero network optimal; ask `optimum`, which needs no floats",
        )
