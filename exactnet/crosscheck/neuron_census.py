"""What the neurons of a network do on the data: dead, on a wall, copies of one another. All exact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import hypot

import numpy as np
import numpy.typing as npt

from exactnet.certificate.types import Neuron
from exactnet.convex.program import TrainingProblem, TwoLayer
from exactnet.exact import primitive, sign_matrix

__all__ = ["Census", "approx_wall_distance", "census"]

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Census:
    """The neurons of one network, by what they do on the samples; indices count neurons from 0.

    Attributes
    ----------
    dead : a_j = 0, or z_i . u_j <= 0 on every sample: the neuron adds nothing but penalty.
    on_walls : (neuron, samples) with z_i . u_j = 0 exactly, u_j and z_i not zero. Optimal neurons often are.
    duplicates : groups of two or more neurons whose u are positive multiples of one another.
    mergeable : groups of two or more neurons that are not dead, with the same active samples and the same
        sign of a: one neuron, |a_1| u_1 + |a_2| u_2 + ..., does the same on the data at no larger penalty
        (triangle inequality).
    """

    dead: tuple[int, ...]
    on_walls: tuple[tuple[int, tuple[int, ...]], ...]
    duplicates: Groups
    mergeable: Groups


def census(problem: TrainingProblem, network: TwoLayer) -> Census:
    """Count the neurons of a network, in exact arithmetic. Cost O(n m D).

    Examples
    --------
    >>> from fractions import Fraction
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 1]], [1, 2]), beta=1)
    >>> weights = [(0, 1, 1), (0, 2, 3), (-1, -1, 1), (1, 1, 0)]
    >>> network = TwoLayer(tuple(Neuron((Fraction(p), Fraction(q)), Fraction(a)) for p, q, a in weights))
    >>> census(problem, network)
    Census(dead=(2, 3), on_walls=((0, (0,)), (1, (0,))), duplicates=((0, 1),), mergeable=((0, 1),))
    """
    neurons = network.neurons
    directions = [primitive(neuron.u) for neuron in neurons]
    signs = _signs(problem, directions)
    active = signs > 0
    dead = tuple(j for j, neuron in enumerate(neurons) if neuron.a == 0 or not active[:, j].any())
    alive = [j for j in range(len(neurons)) if j not in set(dead)]
    return Census(
        dead=dead,
        on_walls=_walls(problem, directions, signs),
        duplicates=_groups((directions[j], j) for j in range(len(neurons)) if any(directions[j])),
        mergeable=_groups(((active[:, j].tobytes(), neurons[j].a > 0), j) for j in alive),
    )


def approx_wall_distance(problem: TrainingProblem, neuron: Neuron) -> float:
    """Smallest sine of the angle between a neuron and the wall of a sample, in floating point.

    Zero on a wall, at most 1; 1 when there is no wall (u = 0, or all samples zero). A trained neuron that
    theory wants on a wall shows up as something like 1e-8 here, and is not listed in `Census.on_walls`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 1]], [1, 2]), beta=1)
    >>> approx_wall_distance(problem, Neuron((Fraction(3), Fraction(4)), Fraction(1)))
    0.6
    """
    directions = [row for row in problem.homogenised if any(row)]
    if not any(neuron.u) or not directions:
        return 1.0
    u = [float(x / max(map(abs, neuron.u))) for x in neuron.u]
    distances = []
    for row in directions:
        z = [float(x / max(map(abs, row))) for x in row]
        inner = sum(x * y for x, y in zip(z, u, strict=True))
        distances.append(abs(inner) / (hypot(*z) * hypot(*u)))
    return min(distances)


def _signs(problem: TrainingProblem, directions: list[tuple[int, ...]]) -> npt.NDArray[np.int8]:
    """Signs of z_i . u_j, (n, m)."""
    return sign_matrix(directions, [primitive(row) for row in problem.homogenised])


def _walls(
    problem: TrainingProblem, directions: list[tuple[int, ...]], signs: npt.NDArray[np.int8]
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    rows = [i for i, row in enumerate(problem.homogenised) if any(row)]
    found = []
    for j, direction in enumerate(directions):
        samples = tuple(i for i in rows if signs[i, j] == 0) if any(direction) else ()
        if samples:
            found.append((j, samples))
    return tuple(found)


def _groups(keyed: Iterable[tuple[Hashable, int]]) -> Groups:
    """Indices with the same key, groups of two or more, by their first member."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for key, j in keyed:
        groups[key].append(j)
    return tuple(sorted(tuple(group) for group in groups.values() if len(group) > 1))
