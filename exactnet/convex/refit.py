"""A better network from the same neurons, without solving anything: balanced, and output weights refitted.

Scaling (u, a) to (c u, a / c) changes no prediction, and the penalty is smallest when ||u|| = |a|; then each
neuron costs beta ||u|| |a|. With the directions of the neurons fixed, the amounts s_j >= 0 of them solve a
small non-negative least-squares problem, which coordinate descent comes close to. Floats: the result is a
guess whose objective the caller evaluates exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Neuron
from exactnet.convex.program import Bias, Norm, TrainingProblem, TwoLayer

__all__ = ["refitted"]

Floats = NDArray[np.float64]

_MOST_SWEEPS = 500
_STILL = 2.0**-40  # a sweep that changes no amount by more than this share of the largest is the last


def refitted(problem: TrainingProblem, network: TwoLayer) -> TwoLayer | None:
    """The network with its neurons balanced and their amounts refitted; None when floats cannot hold it.

    For the squared loss. Neurons that add nothing on the data, or are not worth their penalty, are left
    out; with a free bias, neurons without weights become a part of the output bias. Cost O(n m (D + m)).

    Examples
    --------
    >>> from exactnet.convex.program import objective, training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1], [2]], [1, 2]), beta="1/2")
    >>> given = TwoLayer((Neuron((Fraction(4),), Fraction(1, 4)), Neuron((Fraction(-1),), Fraction(1))))
    >>> better = refitted(problem, given)
    >>> float(objective(problem, given)), round(float(objective(problem, better)), 6)
    (4.515625, 0.475)
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            atoms = _atoms(problem, network)
            found = _fit(problem, atoms)
        weights = [value for neuron in found.neurons for value in (*neuron.u, neuron.a)]
        return found if all(abs(value) < 2**1000 for value in weights) else None
    except (OverflowError, ValueError):  # a number outside the range of floats, infinity or nan
        return None


@dataclass(frozen=True)
class _Atoms:
    """Unit neurons: `directions` (m x D) of norm 1, `signs` of a, `outputs` (n x m) with the sign, `amounts`.

    The function is the sum of amounts times outputs, plus a constant.
    """

    directions: Floats
    signs: Floats
    outputs: Floats
    amounts: Floats


def _atoms(problem: TrainingProblem, network: TwoLayer) -> _Atoms:
    rows = np.array([[float(x) for x in row] for row in problem.homogenised])
    rows = rows.reshape(problem.n_samples, problem.dimension)
    u = np.array([[float(x) for x in neuron.u] for neuron in network.neurons]).reshape(-1, problem.dimension)
    a = np.array([float(neuron.a) for neuron in network.neurons])
    order = {Norm.L1: 1, Norm.L2: 2, Norm.LINF: np.inf}[problem.norm]
    norms = np.linalg.norm(u[:, list(problem.penalised)], ord=order, axis=1)
    heights = np.maximum(rows @ u.T, 0.0)
    # a neuron without weights is a constant, which the refitted output bias has anyway
    used = (a != 0) & (norms > 0) & (heights > 0).any(axis=0)
    u, a, norms, heights = u[used], a[used], norms[used], heights[:, used]
    signs = np.sign(a)
    return _Atoms(u / norms[:, None], signs, signs * heights / norms, np.abs(a) * norms)


def _fit(problem: TrainingProblem, atoms: _Atoms) -> TwoLayer:
    y = np.array([float(target) for target in problem.targets])
    outputs = atoms.outputs
    intercept = problem.bias is Bias.FREE
    if intercept:
        outputs = outputs - outputs.mean(axis=0)
    gram = outputs.T @ outputs
    gain = outputs.T @ (y - y.mean() if intercept else y) - float(problem.beta)
    amounts = _descend(gram, gain, atoms.amounts)
    t = float((y - atoms.outputs @ amounts).mean()) if intercept else 0.0
    neurons = []
    for direction, sign, amount in zip(atoms.directions, atoms.signs, amounts, strict=True):
        root = float(np.sqrt(amount))
        if root > 0:
            neurons.append(Neuron(tuple(Fraction(float(x) * root) for x in direction), Fraction(sign * root)))
    return TwoLayer(tuple(neurons), Fraction(t))


def _descend(gram: Floats, gain: Floats, start: Floats) -> Floats:
    """Minimise 1/2 s'Gs - gain.s over s >= 0, one coordinate after the other."""
    s = start.copy()
    slope = gain - gram @ s
    diagonal = np.diag(gram)
    for _ in range(_MOST_SWEEPS):
        largest = 0.0
        for j in np.flatnonzero(diagonal > 0):
            change = max(0.0, s[j] + slope[j] / diagonal[j]) - s[j]
            if change:
                s[j] += change
                slope -= change * gram[:, j]
                largest = max(largest, abs(change))
        if largest <= _STILL * s.max(initial=0.0):
            break
    s[diagonal <= 0] = 0.0
    return s
