"""The convex programme (P) in exact arithmetic: blocks, their value, and the maps between blocks and neurons.

    minimise  1/2 || sum_k s_k D_k Z z_k - y ||^2 + beta sum_k ||z_k||   subject to  (2 D_k - I) Z z_k >= 0

A block is a pattern D_k, a sign s_k (+ for the v, - for the w of the paper) and a vector z_k. Written from
the formula, apart from the solvers of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Neuron
from exactnet.convex import TrainingProblem, TwoLayer, activation_patterns
from exactnet.errors import InputError, InvariantError
from exactnet.exact import Interval, norm_enclosure, sqrt_enclosure

__all__ = ["Block", "blocks_of", "network_of", "programme_value"]

Vector = tuple[Fraction, ...]
_DIGITS = 40  # of square roots


@dataclass(frozen=True)
class Block:
    """A pattern (bit i: sample i is active), a sign and a vector of its closed cone."""

    pattern: str
    sign: int
    z: Vector


def programme_value(problem: TrainingProblem, blocks: Sequence[Block]) -> Interval:
    """The objective of (P) for the l2 norm; its only irrational parts are the norms.

    Raises
    ------
    InputError : a block leaves its cone.
    """
    fit = [Fraction(0)] * problem.n_samples
    penalty = Interval(0)
    for block in blocks:
        if not _in_cone(problem, block.pattern, block.z):
            raise InputError("a block leaves its cone", where=f"pattern {block.pattern}", got=str(block.z))
        heights = (_dot(row, block.z) for row in problem.homogenised)
        on = (bit == "1" for bit in block.pattern)
        fit = [f + block.sign * h if active else f for f, h, active in zip(fit, heights, on, strict=True)]
        penalty += norm_enclosure([block.z[k] for k in problem.penalised], norm="l2", digits=_DIGITS)
    loss = sum(((f - y) ** 2 for f, y in zip(fit, problem.targets, strict=True)), Fraction(0)) / 2
    return penalty * problem.beta + loss


def blocks_of(problem: TrainingProblem, network: TwoLayer) -> tuple[Block, ...]:
    """From a network to the programme: neuron (u, a) becomes z = |a| u, in a pattern whose cone holds it.

    Raises
    ------
    InvariantError : no pattern holds a neuron, against the theorem.
    """
    patterns = activation_patterns(problem)
    blocks = []
    for neuron in network.neurons:
        fitting = [pattern for pattern in patterns if _in_cone(problem, pattern, neuron.u)]
        if not fitting:
            raise InvariantError("no closed cone holds a neuron", reproduction=f"{problem!r}, {neuron!r}")
        z = tuple(abs(neuron.a) * x for x in neuron.u)
        blocks.append(Block(fitting[0], 1 if neuron.a > 0 else -1, z))
    return tuple(blocks)


def network_of(problem: TrainingProblem, blocks: Sequence[Block]) -> TwoLayer:
    """From the programme to a network: u = z / c and a = +-c with c = sqrt(||z||).

    An irrational c is replaced by a rational one; since u a = +-z all the same, the network computes exactly
    what the blocks compute, and its penalty exceeds beta ||z|| by the square of the rounding only.

    Examples
    --------
    >>> from paper_repro.data import FOUR_POINTS, posed
    >>> block = Block("1100", -1, (Fraction(3, 20), Fraction(4, 20)))
    >>> network_of(posed(FOUR_POINTS, 1), [block]).neurons
    (Neuron(u=(Fraction(3, 10), Fraction(2, 5)), a=Fraction(-1, 2)),)
    """
    neurons = []
    for block in blocks:
        length = norm_enclosure([block.z[k] for k in problem.penalised], norm="l2", digits=_DIGITS).midpoint
        c = sqrt_enclosure(length, digits=_DIGITS).midpoint
        if c:
            neurons.append(Neuron(tuple(x / c for x in block.z), block.sign * c))
    return TwoLayer(tuple(neurons))


def _in_cone(problem: TrainingProblem, pattern: str, z: Sequence[Fraction]) -> bool:
    heights = (_dot(row, z) for row in problem.homogenised)
    return all(h >= 0 if bit == "1" else h <= 0 for bit, h in zip(pattern, heights, strict=True))


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
