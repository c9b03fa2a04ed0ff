"""Caratheodory's theorem for networks: as few neurons as the predictions are worth, decided exactly.

The outputs of the neurons on the n samples are n-vectors. While they are linearly dependent, weight can be
moved along the dependence until one neuron vanishes: no prediction changes, and in one of the two directions
the penalty beta sum ||u_j|| |a_j| does not grow. So at most n neurons are ever needed (n + 1 in Pilanci and
Ergen 2020; n because the penalty is one linear function of the amounts; see also Mishkin and Pilanci 2023,
arXiv 2306.00119, "optimal pruning").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from exactnet.certificate.types import Neuron
from exactnet.convex.program import Norm, TrainingProblem, TwoLayer, predictions, require_fit
from exactnet.exact import RationalMatrix, norm_enclosure, nullspace

__all__ = ["pruned"]

Rationals = tuple[Fraction, ...]


def pruned(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """A network with the same predictions on the samples whose neurons have independent outputs there.

    Its penalty beta sum ||u|| |a| is not larger; only output weights change, so that the neurons come back
    unbalanced. All decisions are exact, but for one: with the l2 norm the cheaper direction of a move is
    chosen by 30 digits of the norms.

    Cost: one exact elimination of an n x m matrix for each neuron that goes.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 1]], [1, 2]), beta=1)
    >>> neurons = tuple(Neuron((Fraction(p), Fraction(q)), Fraction(1)) for p, q in ((1, 0), (0, 1), (1, 1)))
    >>> fewer = pruned(problem, TwoLayer(neurons))
    >>> [(tuple(map(int, neuron.u)), int(neuron.a)) for neuron in fewer.neurons]
    [((1, 1), 2)]
    """
    require_fit(problem, network)
    alive = [(n, _output(problem, n)) for n in network.neurons if n.a]
    alive = [(n, output) for n, output in alive if any(output)]
    while alive:
        shifts = nullspace(RationalMatrix.from_rows([output for _, output in alive]).transpose()).rows()
        shift = next(iter(shifts), None)
        if shift is None:
            break
        costs = [_cost(problem, neuron) for neuron, _ in alive]
        # factors 1 - step * shift: the penalty changes by -step * (shift . costs)
        if sum((s * c for s, c in zip(shift, costs, strict=True)), Fraction(0)) < 0 or max(shift) <= 0:
            shift = tuple(-s for s in shift)
        alive = _moved(alive, shift)
    return replace(network, neurons=tuple(neuron for neuron, _ in alive))


def _output(problem: TrainingProblem, neuron: Neuron) -> Rationals:
    return predictions(problem, TwoLayer((neuron,)))


def _cost(problem: TrainingProblem, neuron: Neuron) -> Fraction:
    """||u|| |a|, for the l2 norm to 30 digits."""
    weights = [neuron.u[k] for k in problem.penalised]
    norm = "l2" if problem.norm is Norm.L2 and len(weights) > 1 else "l1"
    if problem.norm is Norm.LINF:
        norm = "linf"
    return norm_enclosure(weights, norm=norm).midpoint * abs(neuron.a)


def _moved(
    alive: Sequence[tuple[Neuron, Rationals]], shift: Sequence[Fraction]
) -> list[tuple[Neuron, Rationals]]:
    """The outputs times 1 - shift / max(shift); the neurons whose factor is 0 are gone."""
    largest = max(shift)
    moved = []
    for (neuron, output), s in zip(alive, shift, strict=True):
        factor = 1 - s / largest
        if factor:
            moved.append((replace(neuron, a=factor * neuron.a), tuple(factor * x for x in output)))
    return moved
