"""Neurons of the convex programme as vectors on faces: from a float network, and back to an exact one.

A *part* is an output sign, the activation pattern of a closed cell, and the walls it is confined to. Its
vector is kept in coordinates of the walls' common subspace, so that it lies on them exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isqrt
from operator import mul

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Neuron
from exactnet.convex.patterns import Floats
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer
from exactnet.exact import RationalMatrix, common_denominator, nullspace, primitive, solve

__all__ = [
    "Part",
    "Stationary",
    "balanced_network",
    "float_rows",
    "part_on_walls",
    "parts_of",
    "residual",
    "rounded",
    "touched_samples",
]

IntVector = tuple[int, ...]
Rationals = tuple[Fraction, ...]

_ON_WALL = 2.0**-24  # a float neuron this close to a wall is put on it
_SAME = 2.0**-36  # parts of one sign this close in direction (squared sine) are one


@dataclass(frozen=True)
class Part:
    """sign * (Z z)_+ with z = sum_k x_k basis_k, which is `active` on some rows and 0 on its `walls`."""

    sign: int
    active: tuple[bool, ...]
    walls: frozenset[int]
    basis: tuple[IntVector, ...]
    x: Rationals

    @cached_property
    def z(self) -> Rationals:
        """The vector, n fractions on the walls exactly."""
        columns = zip(*self.basis, strict=True)
        return tuple(sum(map(mul, column, self.x), Fraction(0)) for column in columns)


@dataclass(frozen=True)
class Stationary:
    """A minimiser over its own faces: parts, output bias, and whether Newton's method has converged."""

    parts: tuple[Part, ...]
    t: Fraction
    converged: bool


def parts_of(problem: TrainingProblem, network: TwoLayer) -> list[Part]:
    """The parts of a nearly optimal network; neurons close to walls are put on them, equal ones merged."""
    rows, lengths = float_rows(problem)
    vectors: list[tuple[int, list[Fraction]]] = []
    for neuron in network.neurons:
        if neuron.a and any(neuron.u):
            sign = 1 if neuron.a > 0 else -1
            _merge(vectors, sign, [x * abs(neuron.a) for x in neuron.u])
    parts = []
    for sign, z in vectors:
        heights, near = _heights(rows, lengths, z)
        part = part_on_walls(problem, sign, (heights > 0).tolist(), np.flatnonzero(near).tolist(), z)
        if part is not None:
            parts.append(part)
    return parts


def touched_samples(problem: TrainingProblem, network: TwoLayer) -> tuple[int, ...]:
    """Samples whose wall some neuron lies on, or so near that floats cannot tell."""
    rows, lengths = float_rows(problem)
    touched = np.zeros(problem.n_samples, dtype=bool)
    for neuron in network.neurons:
        if any(neuron.u):
            touched |= _heights(rows, lengths, neuron.u)[1] & (lengths > 0)
    return tuple(np.flatnonzero(touched).tolist())


def float_rows(problem: TrainingProblem) -> tuple[Floats, Floats]:
    """The rows z_i (n x D) and their lengths (n)."""
    rows = np.array([[float(x) for x in row] for row in problem.homogenised])
    rows = rows.reshape(problem.n_samples, problem.dimension)
    return rows, np.linalg.norm(rows, axis=1)


def _heights(rows: Floats, lengths: Floats, z: Sequence[Fraction]) -> tuple[Floats, NDArray[np.bool_]]:
    u = np.array([float(x) for x in z])
    heights = rows @ u
    return heights, np.abs(heights) <= _ON_WALL * lengths * np.linalg.norm(u)


def _merge(vectors: list[tuple[int, list[Fraction]]], sign: int, z: list[Fraction]) -> None:
    u = np.array([float(x) for x in z])
    for other_sign, other in vectors:
        v = np.array([float(x) for x in other])
        cosine = float(u @ v) / float(np.linalg.norm(u) * np.linalg.norm(v))
        if sign == other_sign and cosine > 1 - _SAME:
            other[:] = [a + b for a, b in zip(other, z, strict=True)]
            return
    vectors.append((sign, z))


def part_on_walls(
    problem: TrainingProblem,
    sign: int,
    active: Sequence[bool],
    walls: Sequence[int],
    z: Sequence[Fraction],
) -> Part | None:
    """The part next to z on the common subspace of these walls; None when that is the origin."""
    integral, _ = problem.integer_rows
    used = [integral[i] for i in walls if any(integral[i])]
    if used:
        basis = tuple(primitive(row) for row in nullspace(RationalMatrix.from_rows(used)).rows())
    else:
        dimension = problem.dimension
        basis = tuple(tuple(int(k == j) for k in range(dimension)) for j in range(dimension))
    if not basis:
        return None
    gram = [[sum(map(mul, a, b)) for b in basis] for a in basis]
    right = [sum(map(mul, a, z), Fraction(0)) for a in basis]
    x = solve(RationalMatrix.from_rows(gram), right)
    if x is None or not any(x):
        return None
    flags = tuple(bool(flag) for flag in active)
    # every row that vanishes on the subspace is a wall of the part
    tied = frozenset(
        i for i, row in enumerate(integral) if not any(sum(map(mul, row, vector)) for vector in basis)
    )
    return Part(sign, flags, tied, basis, tuple(x))


def residual(problem: TrainingProblem, point: Stationary) -> Rationals:
    """y - f on the samples, exactly; with a free bias the output bias makes it add up to 0."""
    rows, row_scale = problem.integer_rows
    vectors = [part.z for part in point.parts]
    scale = common_denominator([x for z in vectors for x in z])
    totals = [0] * len(rows)
    for part, z in zip(point.parts, vectors, strict=True):
        whole = [part.sign * int(x * scale) for x in z]
        for i, row in enumerate(rows):
            if part.active[i] and i not in part.walls:
                totals[i] += sum(map(mul, row, whole))
    left = [y - Fraction(f, scale * row_scale) for y, f in zip(problem.targets, totals, strict=True)]
    if problem.bias is Bias.FREE:
        mean = sum(left, Fraction(0)) / len(left)
        left = [value - mean for value in left]
    return tuple(left)


def balanced_network(problem: TrainingProblem, point: Stationary, *, bits: int) -> TwoLayer:
    """The network with ||u_j|| = |a_j| to `bits` bits; each u_j lies on its walls exactly."""
    neurons = []
    for part in point.parts:
        square = sum((part.z[k] ** 2 for k in problem.penalised), Fraction(0))
        if not square:
            continue
        root = _root(_root(square, bits), bits)
        x = rounded([value / root for value in part.x], bits)
        neurons.append(Neuron(replace(part, x=x).z, part.sign * root))
    if problem.bias is not Bias.FREE:
        return TwoLayer(tuple(neurons))
    mean = sum(problem.targets, Fraction(0)) / problem.n_samples
    return TwoLayer(tuple(neurons), point.t if neurons else mean)


def _root(value: Fraction, bits: int) -> Fraction:
    """A dyadic square root, to about `bits` bits."""
    exponent = bits - (value.numerator.bit_length() - value.denominator.bit_length()) // 2
    unit = Fraction(2) ** exponent
    return Fraction(isqrt(int(value * unit * unit))) / unit


def rounded(x: Sequence[Fraction], bits: int) -> Rationals:
    """Round to multiples of one power of two, `bits` below the largest entry."""
    top = max(map(abs, x))
    if not top:
        return tuple(x)
    grid = bits - (top.numerator.bit_length() - top.denominator.bit_length())
    unit = Fraction(2) ** grid
    return tuple(Fraction(round(value * unit)) / unit for value in x)
