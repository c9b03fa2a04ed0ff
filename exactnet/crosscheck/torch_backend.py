"""The same training by torch: gradients by autograd, steps by `torch.optim`.

This is the second, independent implementation of the objective: it shares the starting weights, the
minibatches and the step-size schedule with the NumPy backend, and nothing of its mathematics. All seeds
are one batch. `torch.optim.SGD` and `torch.optim.Adam` act entry by entry, so a batch of networks is the
same as many separate runs. `torch.optim.Muon` takes single matrices and rounds to bfloat16; its update is
therefore written here for a batch in float64. `torch.optim.LBFGS` couples all the weights it is given,
hence it gets one seed at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from exactnet.crosscheck.initial import default_batch_size, minibatches
from exactnet.crosscheck.objective import Objective
from exactnet.crosscheck.scaled import Floats, Scaled
from exactnet.crosscheck.steps import EVALUATE_EVERY, BestSoFar, Report, cosine
from exactnet.errors import MissingExtraError

__all__ = ["adam", "lbfgs", "load_torch", "muon", "sgd"]

Tensor = Any  # torch is optional, and its types with it


def load_torch() -> Any:
    """The module torch.

    Raises
    ------
    MissingExtraError : torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError("torch", extra="torch", purpose="training with backend='torch'") from None
    return torch


class _Batch:
    """The training problem as tensors, and its objective for a batch of networks."""

    def __init__(self, scaled: Scaled, n_neurons: int) -> None:
        torch = load_torch()
        self.scaled, self.n_neurons = scaled, n_neurons
        self.Z, self.y, self.mask = (torch.from_numpy(a) for a in (scaled.Z, scaled.y, scaled.penalised))

    def losses(self, theta: Tensor, chosen: Tensor | None = None) -> Tensor:
        """Objective of each network, (n_seeds,), or its estimate from samples `chosen` (n_seeds, batch)."""
        n_seeds, m, D = len(theta), self.n_neurons, self.scaled.dimension
        U, a, t = theta[:, : m * D].reshape(n_seeds, m, D), theta[:, m * D : m * D + m], theta[:, -1:]
        Z, y, weight = self.Z, self.y, 1.0
        if chosen is not None:
            Z, y, weight = self.Z[chosen], self.y[chosen], self.scaled.n_samples / chosen.shape[1]
        hidden = (Z @ U.transpose(1, 2)).clamp(min=0.0)
        output = (hidden @ a[:, :, None])[:, :, 0] + self.scaled.tau * t
        if self.scaled.l1:
            squares = (U.abs() * self.mask).sum(dim=2) ** 2
        else:
            squares = (U * U * self.mask).sum(dim=2)
        penalty = squares.sum(dim=1) + (a * a).sum(dim=1)
        return weight * 0.5 * ((output - y) ** 2).sum(dim=1) + 0.5 * self.scaled.beta * penalty


def sgd(
    objective: Objective,
    theta: Floats,
    *,
    n_steps: int,
    learning_rate: float,
    seeds: Sequence[int],
    report: Report,
) -> tuple[Floats, Floats]:
    """`torch.optim.SGD` with momentum 0.9 on the minibatches of the NumPy backend.

    A diverged seed goes back to its best network and goes on with half the step, as there: its gradients
    are halved, which for SGD is the same.
    """
    torch = load_torch()
    batch, weights = _Batch(objective.scaled, objective.n_neurons), _parameter(theta)
    rate = learning_rate / (1.0 + objective.scaled.beta)
    optimizer = torch.optim.SGD([weights], lr=rate, momentum=0.9)
    n_samples = objective.scaled.n_samples
    batches = minibatches(n_samples, batch_size=default_batch_size(n_samples), seeds=seeds)
    best = BestSoFar(theta, _values(batch, weights))
    shrink = torch.ones((len(theta), 1), dtype=torch.float64)
    for step in range(n_steps):
        optimizer.zero_grad()
        batch.losses(weights, torch.from_numpy(next(batches).copy())).sum().backward()
        weights.grad *= shrink
        _set_rate(optimizer, rate * cosine(step, n_steps))
        optimizer.step()
        if (step + 1) % EVALUATE_EVERY == 0 or step + 1 == n_steps:
            spiked = best.update(weights.detach().numpy(), _values(batch, weights))
            if spiked.any():
                _put_back(weights, best, spiked, optimizer)
                shrink[torch.from_numpy(spiked)] /= 2
        report(step + 1)
    return best.theta, best.losses


def adam(
    objective: Objective, theta: Floats, *, n_steps: int, learning_rate: float, report: Report
) -> tuple[Floats, Floats]:
    """`torch.optim.Adam`, full batch."""
    torch = load_torch()
    batch, weights = _Batch(objective.scaled, objective.n_neurons), _parameter(theta)
    optimizer = torch.optim.Adam([weights], lr=learning_rate)

    def step_at(rate: float) -> None:
        _set_rate(optimizer, rate)
        optimizer.step()

    return _descend(batch, weights, step_at, n_steps=n_steps, learning_rate=learning_rate, report=report)


def muon(
    objective: Objective, theta: Floats, *, n_steps: int, learning_rate: float, report: Report
) -> tuple[Floats, Floats]:
    """Muon on the hidden weight matrices, `torch.optim.Adam` on the output weights.

    The update is that of `torch.optim.Muon` (momentum 0.95, Nesterov, five Newton-Schulz steps, factor
    sqrt(max(1, m/D)), weight decay 0), in float64 and for all seeds at once.
    """
    torch = load_torch()
    m, D = objective.n_neurons, objective.scaled.dimension
    n_hidden, stretch = objective.n_hidden, max(1.0, m / D) ** 0.5
    batch, weights = _Batch(objective.scaled, m), _parameter(theta)
    outputs = torch.from_numpy(theta[:, n_hidden:].copy())
    adam_outputs = torch.optim.Adam([outputs], lr=learning_rate)
    buffer = torch.zeros((len(theta), m, D), dtype=torch.float64)

    def step_at(rate: float) -> None:
        hidden = weights.grad[:, :n_hidden].reshape(buffer.shape)
        buffer.lerp_(hidden, 0.05)
        update = _newton_schulz(hidden.lerp(buffer, 0.95))
        outputs.grad = weights.grad[:, n_hidden:]
        _set_rate(adam_outputs, rate)
        adam_outputs.step()
        with torch.no_grad():
            weights[:, :n_hidden] -= rate * stretch * update.reshape(len(theta), n_hidden)
            weights[:, n_hidden:] = outputs

    return _descend(batch, weights, step_at, n_steps=n_steps, learning_rate=learning_rate, report=report)


def lbfgs(
    objective: Objective, theta: Floats, *, n_steps: int, report: Report
) -> tuple[Floats, Floats, tuple[int, ...]]:
    """`torch.optim.LBFGS` with the strong Wolfe line search, one seed after the other.

    Nothing is done about kinks here (the NumPy backend does): it stops where it stalls.
    """
    torch = load_torch()
    batch = _Batch(objective.scaled, objective.n_neurons)
    best, used = theta.copy(), []
    for seed in range(len(theta)):
        weights = _parameter(theta[seed : seed + 1])
        tracked = BestSoFar(theta[seed : seed + 1], _values(batch, weights))
        optimizer = torch.optim.LBFGS(
            [weights],
            max_iter=max(1, n_steps),
            history_size=20,
            line_search_fn="strong_wolfe",
            tolerance_grad=1e-10,
            tolerance_change=1e-14,
        )
        if n_steps:
            optimizer.step(_closure(batch, weights, optimizer, tracked))
        best[seed] = tracked.theta[0]
        used.append(int(optimizer.state[weights].get("n_iter", 0)))
        report(n_steps * (seed + 1) // len(theta))
    return best, _values(batch, _parameter(best)), tuple(used)


def _closure(batch: _Batch, weights: Tensor, optimizer: Any, tracked: BestSoFar) -> Callable[[], Tensor]:
    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = batch.losses(weights)
        loss.sum().backward()
        tracked.update(weights.detach().numpy(), loss.detach().numpy())
        return loss.sum()

    return closure


def _descend(
    batch: _Batch,
    weights: Tensor,
    step_at: Callable[[float], None],
    *,
    n_steps: int,
    learning_rate: float,
    report: Report,
) -> tuple[Floats, Floats]:
    """Full-batch steps with autograd gradients; `step_at(rate)` moves the weights."""
    best: BestSoFar | None = None
    for step in range(n_steps + 1):
        weights.grad = None
        losses = batch.losses(weights)
        values = losses.detach().numpy()
        if best is None:
            best = BestSoFar(weights.detach().numpy(), values)
        else:
            best.update(weights.detach().numpy(), values)
        if step < n_steps:
            losses.sum().backward()
            step_at(learning_rate * cosine(step, n_steps))
            report(step + 1)
    assert best is not None
    return best.theta, best.losses


def _newton_schulz(matrices: Tensor) -> Tensor:
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    X = matrices.transpose(1, 2) if tall else matrices
    X = X / X.norm(dim=(1, 2), keepdim=True).clamp(min=1e-30)
    for _ in range(5):
        gram = X @ X.transpose(1, 2)
        X = a * X + (b * gram + c * (gram @ gram)) @ X
    return X.transpose(1, 2) if tall else X


def _parameter(theta: Floats) -> Tensor:
    return load_torch().from_numpy(theta.copy()).requires_grad_()


def _values(batch: _Batch, weights: Tensor) -> Floats:
    with load_torch().no_grad():
        return np.asarray(batch.losses(weights).numpy())


def _set_rate(optimizer: Any, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def _put_back(weights: Tensor, best: BestSoFar, spiked: np.ndarray[Any, Any], optimizer: Any) -> None:
    """Reset the diverged seeds to their best networks, at rest."""
    torch = load_torch()
    rows = torch.from_numpy(spiked)
    with torch.no_grad():
        weights[rows] = torch.from_numpy(best.theta[spiked])
        optimizer.state[weights]["momentum_buffer"][rows] = 0.0
