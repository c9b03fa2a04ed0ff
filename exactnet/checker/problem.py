"""The training problem and the networks that compete in it (FORMAT.md section 2)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from exactnet.checker.facts import Fact, Known
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

    @property
    def dimension(self) -> int:
        """D, the length of a homogenised row."""
        return len(self.rows[0])

    @property
    def polyhedral(self) -> bool:
        """Whether the penalised norm is the l1 norm: by name, or because one coordinate has only one norm."""
        return self.norm == "l1" or self.n_penalised == 1

    def about(self) -> str:
        """Describe the problem, with the fingerprint of its data."""
        features = self.dimension - (self.bias != "none")
        return (
            f"{self.id} is the training problem with {plural(len(self.rows), 'sample')}, "
            f"{plural(features, 'feature')}, squared loss, beta = {self.beta}, {self.norm} norm, "
            f"{_BIAS_WORDS[self.bias]}, fingerprint {self.fingerprint}"
        )


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
    norm = one_of(record["norm"], ("l1", "l2"), "norm")
    bias = one_of(record["bias"], ("none", "penalised", "free"), "bias")
    loss = one_of(record["loss"], ("squared",), "loss")
    one = () if bias == "none" else (Fraction(1),)
    content = [
        [list(map(str, row)) for row in features],
        list(map(str, targets)),
        str(beta),
        norm,
        bias,
        loss,
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


def objective(problem: Problem, network: Network, *, product_penalty: bool) -> Fraction:
    """The objective of a network.

    Parameters
    ----------
    product_penalty : charge beta ||u||_1 |a| a neuron (only for a polyhedral problem) instead of
        beta/2 (||u||^2 + a^2).
    """
    residuals = [network.t - y for y in problem.targets]
    penalty = Fraction(0)
    for u, a in network.neurons:
        for i, row in enumerate(problem.rows):
            activity = sum((x * w for x, w in zip(row, u, strict=True)), Fraction(0))
            if activity > 0:
                residuals[i] += a * activity
        weights = u[: problem.n_penalised]
        if product_penalty:
            penalty += problem.beta * sum(map(abs, weights), Fraction(0)) * abs(a)
        else:
            penalty += problem.beta / 2 * (_square_of_norm(weights, problem.norm) + a * a)
    return sum((r * r for r in residuals), Fraction(0)) / 2 + penalty


def _square_of_norm(weights: tuple[Fraction, ...], norm: str) -> Fraction:
    if norm == "l1":
        return Fraction(sum(map(abs, weights))) ** 2
    return sum((w * w for w in weights), Fraction(0))
