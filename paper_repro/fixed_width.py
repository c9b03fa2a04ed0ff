"""Lower bounds for a fixed number of neurons, planar data and weight decay, in exact arithmetic.

With m neurons every network lies in some m closed cells with m output signs. For one such choice weak
duality needs the dual constraint on these cells only: if s g.u <= beta ||u|| for u in each chosen cell
(g = sum of v_i x_i over its active samples), every such network has an objective of at least
v.y - 1/2 v.v. The smallest of these bounds over all choices holds for all networks of m neurons.

Floats propose v, one convex programme a choice; feasibility and value are decided in rationals. This is
no certificate: the format has no rule for a fixed width yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Neuron
from exactnet.convex import TrainingProblem, TwoLayer, activation_cells, objective
from exactnet.convex.patterns import float_cells
from exactnet.convex.solve import Block, ConeProgram, full_program, solve_clarabel
from exactnet.errors import InvariantError
from paper_repro.plane import Angle, angles, dot, gradient, maximum

__all__ = ["WidthOptimum", "optimum_of_width"]

Floats = NDArray[np.float64]
Rationals = tuple[Fraction, ...]


@dataclass(frozen=True)
class WidthOptimum:
    """The optimum over networks of m neurons lies in [lower, upper]; `network` reaches `upper`."""

    lower: Fraction
    upper: Fraction
    network: TwoLayer
    n_choices: int


def optimum_of_width(problem: TrainingProblem, m: int) -> WidthOptimum:
    """Enclose the optimum of training with at most m neurons, m at most the number of cells and signs.

    Choices with a repeated cell and sign need no programme of their own: two such neurons add up to one.

    Examples
    --------
    >>> from paper_repro.data import XOR, posed
    >>> two = optimum_of_width(posed(XOR, "1/2"), 2)
    >>> two.n_choices, round(float(two.lower), 6), round(float(two.upper), 6)
    (28, 1.582107, 1.582107)
    """
    cells = angles(problem)
    program = full_program(problem, float_cells(problem, activation_cells(problem)))
    choices = list(combinations(range(len(program.blocks)), m))
    bounds, networks = [], []
    for choice in choices:
        chosen = _restricted(program, choice)
        z = solve_clarabel(chosen).z
        bounds.append(_lower_bound(problem, cells, chosen, z))
        networks.append(_network(chosen.blocks, z))
    values = [objective(problem, network) for network in networks]
    best = min(range(len(choices)), key=values.__getitem__)
    return WidthOptimum(min(bounds), values[best], networks[best], len(choices))


def _restricted(program: ConeProgram, choice: tuple[int, ...]) -> ConeProgram:
    return replace(
        program,
        blocks=tuple(program.blocks[k] for k in choice),
        features=tuple(program.features[k] for k in choice),
        cones=tuple(program.cones[k] for k in choice),
    )


def _lower_bound(
    problem: TrainingProblem, cells: tuple[Angle, ...], program: ConeProgram, z: Floats
) -> Fraction:
    """v.y - 1/2 v.v for the residual v of z, shrunk until it is feasible on the chosen cells."""
    fit = sum(feature @ block for feature, block in zip(program.features, z, strict=True))
    v = tuple(Fraction(float(x)) for x in program.targets - fit)
    square = _squared_dual_norm(problem, cells, program.blocks, v)
    if square > problem.beta**2:
        # a little room, so that a rounded factor is small enough
        factor = Fraction(float(problem.beta) / float(square) ** 0.5) * (1 - Fraction(1, 2**50))
        v = tuple(factor * x for x in v)
    if _squared_dual_norm(problem, cells, program.blocks, v) > problem.beta**2:
        raise InvariantError("a shrunk dual vector is not feasible", reproduction=f"{problem!r}, {v!r}")
    return dot(v, problem.targets) - dot(v, v) / 2


def _squared_dual_norm(
    problem: TrainingProblem, cells: tuple[Angle, ...], blocks: tuple[Block, ...], v: Rationals
) -> Fraction:
    """The square of the largest s g.u over the chosen cells and ||u|| <= 1."""
    squares = []
    for cell, sign in blocks:
        g = tuple(sign * x for x in gradient(problem, cells[cell], v))
        squares.append(maximum(cells[cell], g)[0])
    return max(squares)


def _network(blocks: tuple[Block, ...], z: Floats) -> TwoLayer:
    """The balanced network of the blocks, with the exact values of float weights."""
    neurons = []
    for (_, sign), block in zip(blocks, z, strict=True):
        root = float(np.linalg.norm(block)) ** 0.5
        if root > 0:
            neurons.append(Neuron(tuple(Fraction(float(x)) for x in block / root), Fraction(sign * root)))
    return TwoLayer(tuple(neurons))
