"""From the convex variables back to a network: map, merge, prune, and snap neurons onto their walls.

A non-zero block z of the programme is the neuron u = z / sqrt(||z||), a = +-sqrt(||z||) (Pilanci and
Ergen 2020, the map behind Theorem 1). Float steps only choose the network; its objective is then
evaluated exactly, so a poor choice can widen the certified gap but never falsify it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from exactnet.certificate.types import Neuron
from exactnet.convex.generate import Candidate
from exactnet.convex.patterns import Floats
from exactnet.convex.program import TrainingProblem, TwoLayer
from exactnet.exact import RationalMatrix, nullspace, primitive

__all__ = ["prune", "recover_network", "snap_to_walls"]

# directions closer than this (squared sine) count as one neuron; a power of two, it decides no claim
_SAME = 2.0**-40
_ON_WALL = 2.0**-20


def recover_network(problem: TrainingProblem, candidate: Candidate) -> TwoLayer:
    """The balanced network of a candidate, parallel neurons merged, pruned to at most n neurons.

    All weights are the exact values of floats.
    """
    signs = [sign for _, sign in candidate.blocks]
    merged = _merge(candidate.z, signs)
    kept = prune(_scaled_rows(problem), merged, list(problem.penalised), kappa=float(problem.kappa))
    neurons = []
    for sign, z in kept:
        root = float(np.linalg.norm(z[list(problem.penalised)])) ** 0.5
        if root > 0:
            neurons.append(Neuron(tuple(Fraction(float(x / root)) for x in z), Fraction(sign * root)))
    return TwoLayer(tuple(neurons), Fraction(candidate.t))


def _scaled_rows(problem: TrainingProblem) -> Floats:
    rows = np.array([[float(x) for x in row] for row in problem.homogenised])
    return rows.reshape(problem.n_samples, problem.dimension)


def _merge(z: Floats, signs: Sequence[int]) -> list[tuple[int, Floats]]:
    """Add up vectors of one sign and one direction: the function and the penalty stay the same."""
    merged: list[tuple[int, Floats]] = []
    largest = max((float(np.linalg.norm(x)) for x in z), default=0.0)
    for sign, vector in zip(signs, z, strict=True):
        size = float(np.linalg.norm(vector))
        if size <= largest * _SAME:
            continue
        for index, (other_sign, other) in enumerate(merged):
            cosine = float(vector @ other) / (size * float(np.linalg.norm(other)))
            if sign == other_sign and cosine > 1 - _SAME:
                merged[index] = (sign, other + vector)
                break
        else:
            merged.append((sign, vector))
    return merged


def prune(
    rows: Floats, vectors: Sequence[tuple[int, Floats]], penalised: Sequence[int], *, kappa: float = 0.0
) -> list[tuple[int, Floats]]:
    """Caratheodory: while the features are linearly dependent, shift weight until one neuron vanishes.

    The fit is unchanged and the penalty does not grow, so at most rank <= n neurons remain.
    """
    alive = list(vectors)
    while True:
        units = [float(np.linalg.norm(z[list(penalised)])) for _, z in alive]
        heights = [(s, rows @ (z / u)) for (s, z), u in zip(alive, units, strict=True) if u > 0]
        features = np.array([s * np.where(h > 0, h, kappa * h) for s, h in heights]).T
        if not features.size or any(u == 0 for u in units):
            return alive
        _, values, vt = np.linalg.svd(features, full_matrices=True)
        rank = int((values > values[0] * _ON_WALL**2).sum())
        if rank == len(alive):
            return alive
        direction = vt[-1]
        # moving along -direction changes the penalty by -sum(direction): keep it non-increasing
        if direction.sum() < 0:
            direction = -direction
        positive = direction > np.abs(direction).max() * _SAME
        steps = np.where(positive, np.array(units) / np.where(positive, direction, 1.0), np.inf)
        last = int(np.argmin(steps))
        new_units = np.array(units) - steps[last] * direction
        alive = [
            (s, z * (new / old))
            for index, ((s, z), old, new) in enumerate(zip(alive, units, new_units, strict=True))
            if index != last and new > 0
        ]


def snap_to_walls(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """Put neurons that lie on sample walls up to rounding exactly onto them.

    The optimum of weight decay has its neurons on faces of the arrangement; floats miss them by 1 part in
    10^16. Snapping makes "orthogonal to x_2" an exact statement. The caller keeps whichever network has
    the smaller certified gap.
    """
    rows = _scaled_rows(problem)
    lengths = np.linalg.norm(rows, axis=1)
    neurons = []
    for neuron in network.neurons:
        u = np.array([float(x) for x in neuron.u])
        close = np.abs(rows @ u) <= _ON_WALL * lengths * np.linalg.norm(u)
        walls = [problem.homogenised[i] for i in np.flatnonzero(close & (lengths > 0))]
        neurons.append(Neuron(_project(walls, neuron.u), neuron.a) if walls else neuron)
    return TwoLayer(tuple(neurons), network.t)


def _project(walls: Sequence[tuple[Fraction, ...]], u: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """A rational point of the walls' common subspace, equal to u up to the rounding of its coefficients."""
    basis = [primitive(row) for row in nullspace(RationalMatrix.from_rows(walls)).rows()]
    if not basis:
        return u
    columns = np.array([_unit(vector) for vector in basis]).T
    target = np.array([float(x) for x in u])
    weights = np.linalg.lstsq(columns, target, rcond=None)[0]
    total = [Fraction(0)] * len(u)
    for vector, weight in zip(basis, weights, strict=True):
        top = max(map(abs, vector))
        coefficient = Fraction(float(weight)) / top
        total = [t + coefficient * x for t, x in zip(total, vector, strict=True)]
    return tuple(total) if any(total) else u


def _unit(vector: Sequence[int]) -> list[float]:
    top = max(map(abs, vector))
    return [x / top for x in vector]
