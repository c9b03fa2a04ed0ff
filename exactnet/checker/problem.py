"""The training problem and the networks that compete in it (FORMAT.md section 2)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import ClassVar

from exactnet.checker.facts import Fact, Known
from exactnet.checker.losses import CLASSIFYING, LOSSES, loss_bounds
from exactnet.checker.read import (
    as_list,
    as_object,
    as_rational,
    as_rationals,
    one_of,
    reject,
    require_keys,
)
from exactnet.checker.words import brief, plural

__all__ = ["Network", "Problem", "check_problem", "objective", "read_network"]

_BIAS_WORDS = {"none": "no bias", "penalised": "penalised bias", "free": "free bias"}


@dataclass(frozen=True)
class Problem(Fact):
    """A training problem; `rows` are the homogenised rows z_i.

    The first `n_penalised` coordinates are penalised; `fingerprint` identifies the content.
    """

    rule: ClassVar[str] = "problem"
    rows: tuple[tuple[Fraction, ...], ...]
    targets: tuple[Fraction, ...]
    beta: Fraction
    norm: str
    bias: str
    n_penalised: int
    fingerprint: str
    loss: str = "squared"
    kappa: Fraction = Fraction(0)

    @property
    def dimension(self) -> int:
        """D, the length of a homogenised row."""
        return len(self.rows[0])

    @property
    def polyhedral(self) -> bool:
        """Whether the penalised norm is piecewise linear: it is not l2, or all norms are one."""
        return self.norm != "l2" or self.n_penalised == 1

    def about(self) -> str:
        """Describe the problem, with the fingerprint of its data."""
        features = self.dimension - (self.bias != "none")
        return (
            f"{self.id} is the training problem with {plural(len(self.rows), 'sample')}, "
            f"{plural(features, 'feature')}, {self.loss} loss, beta = {self.beta}, {self.norm} norm, "
            f"{_BIAS_WORDS[self.bias]}, {self._slope()}fingerprint {self.fingerprint}"
        )

    def _slope(self) -> str:
        return f"slope {self.kappa} below 0, " if self.kappa else ""


@dataclass(frozen=True)
class Network:
    """A two-layer network: pairs (u, a) and the output shift t."""

    neurons: tuple[tuple[tuple[Fraction, ...], Fraction], ...]
    t: Fraction


def check_problem(record: dict[str, object], name: str, known: Known) -> Problem:
    """Rule `problem`."""
    features = [
        as_rationals(row, f"features[{i}]") for i, row in enumerate(as_list(record["features"], "features"))
    ]
    if not features or not features[0]:
        reject("features must have at least one row and one column")
    for i, row in enumerate(features):
        if len(row) != len(features[0]):
            reject(f"features[{i}] has {len(row)} entries and features[0] has {len(features[0])}")
    targets = as_rationals(record["targets"], "targets", length=len(features))
    beta = as_rational(record["beta"], "beta")
    if beta <= 0:
        reject(f"beta must be positive, got {brief(beta)}")
    norm = one_of(record["norm"], ("l1", "l2", "linf"), "norm")
    bias = one_of(record["bias"], ("none", "penalised", "free"), "bias")
    loss = one_of(record["loss"], LOSSES, "loss")
    kappa = as_rational(record["kappa"], "kappa")
    if loss in CLASSIFYING:
        for i, y in enumerate(targets):
            if abs(y) != 1:
                reject(f"targets[{i}] must be 1 or -1 for the {loss} loss, got {brief(y)}")
    one = () if bias == "none" else (Fraction(1),)
    content = [
        [list(map(str, row)) for row in features],
        list(map(str, targets)),
        str(beta),
        norm,
        bias,
        loss,
        str(kappa),
    ]
    return Problem(
        id=name,
        rows=tuple(row + one for row in features),
        targets=targets,
        beta=beta,
        norm=norm,
        bias=bias,
        n_penalised=len(features[0]) + (bias == "penalised"),
        fingerprint=hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest(),
        loss=loss,
        kappa=kappa,
    )


def read_network(record: dict[str, object], problem: Problem) -> Network:
    """The keys `neurons` and `t` of a record."""
    neurons = []
    for j, value in enumerate(as_list(record["neurons"], "neurons")):
        neuron = as_object(value, f"neurons[{j}]")
        require_keys(neuron, ("u", "a"), f"neurons[{j}]")
        u = as_rationals(neuron["u"], f"neurons[{j}].u", length=problem.dimension)
        neurons.append((u, as_rational(neuron["a"], f"neurons[{j}].a")))
    t = as_rational(record["t"], "t")
    if t != 0 and problem.bias != "free":
        reject(f"t must be 0 when the bias is {problem.bias}, got {brief(t)}")
    return Network(tuple(neurons), t)


def objective(
    problem: Problem, network: Network, *, product_penalty: bool, bits: int
) -> tuple[Fraction, Fraction]:
    """Bounds of the objective of a network; they are equal unless the loss is logistic.

    Parameters
    ----------
    product_penalty : charge beta ||u|| |a| a neuron (only for a polyhedral problem) instead of
        beta/2 (||u||^2 + a^2).
    bits : precision of the logistic loss.
    """
    fits = _fits(problem, network)
    penalty = Fraction(0)
    for u, a in network.neurons:
        weights = u[: problem.n_penalised]
        if product_penalty:
            penalty += problem.beta * _polyhedral_norm(weights, problem.norm) * abs(a)
        else:
            penalty += problem.beta / 2 * (_square_of_norm(weights, problem.norm) + a * a)
    low, high = loss_bounds(problem.loss, fits, problem.targets, bits)
    return low + penalty, high + penalty


def _fits(problem: Problem, network: Network) -> list[Fraction]:
    """The outputs on all rows, in integers over one denominator: fractions would reduce at every step."""
    row_scale = lcm(*{x.denominator for row in problem.rows for x in row})
    rows = [[x.numerator * (row_scale // x.denominator) for x in row] for row in problem.rows]
    kappa = problem.kappa
    scales = [lcm(*(w.denominator for w in u)) for u, _ in network.neurons]
    shared = lcm(
        network.t.denominator, *(a.denominator * s for (_, a), s in zip(network.neurons, scales, strict=True))
    )
    whole = shared * row_scale * kappa.denominator
    totals = [int(network.t * whole)] * len(rows)
    for (u, a), scale in zip(network.neurons, scales, strict=True):
        weights = [w.numerator * (scale // w.denominator) for w in u]
        factor = int(a * (shared // scale))
        above, below = factor * kappa.denominator, factor * kappa.numerator
        for i, row in enumerate(rows):
            height = sum([x * w for x, w in zip(row, weights, strict=True)])
            totals[i] += (above if height > 0 else below) * height
    return [Fraction(total, whole) for total in totals]


def _polyhedral_norm(weights: tuple[Fraction, ...], norm: str) -> Fraction:
    """The l1 or linf norm; of one coordinate, all norms are the same."""
    if norm == "linf":
        return max(map(abs, weights))
    return sum(map(abs, weights), Fraction(0))


def _square_of_norm(weights: tuple[Fraction, ...], norm: str) -> Fraction:
    if norm != "l2":
        return _polyhedral_norm(weights, norm) ** 2
    return sum((w * w for w in weights), Fraction(0))
