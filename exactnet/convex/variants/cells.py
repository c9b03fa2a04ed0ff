"""Programmes with one pair of vectors for each activation cell, and their relatives.

    relu        minimise 1/2 |sum_i D_i X (v_i - w_i) - y|^2 + beta sum_i (|v_i| + |w_i|),  v_i, w_i in K_i
    two pieces  the same with D_i + kappa (I - D_i) in place of D_i
    skip        the same with X w_0 added and |w_0| charged: a linear neuron beside the others
    normalised  the same with |D_i X v_i| in place of |v_i|: hidden units divided by their norm
    gated       minimise 1/2 |sum_i D_i X u_i - y|^2 + beta sum_i |u_i|,  u_i free

K_i is the closed cone {u : (2 D_i - I) X u >= 0} (Pilanci and Ergen 2020, arXiv 2002.10553; Mishkin, Sahiner
and Pilanci 2022, arXiv 2202.01331; Wang, Hua, Candes and Pilanci 2022, arXiv 2209.15265, for
normalisation). Only the l2 norm, squared loss, and a bias that is none or penalised.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.patterns import activation_patterns
from exactnet.convex.program import Bias, Norm, TrainingProblem
from exactnet.convex.variants.builder import Entries, ProgramBuilder, combination
from exactnet.convex.variants.group_program import GroupProgram
from exactnet.errors import UnsupportedError

__all__ = [
    "decomposition_program",
    "gated_program",
    "normalised_program",
    "relu_program",
    "skip_program",
    "two_piece_program",
]

Vector = tuple[Fraction, ...]
_ZERO, _ONE = Fraction(0), Fraction(1)


def relu_program(problem: TrainingProblem, *, patterns: Sequence[str] | None = None) -> GroupProgram:
    """The programme of a ReLU network; some patterns only, or all.

    Raises
    ------
    UnsupportedError : another norm than l2, or a free bias.
    """
    return two_piece_program(problem, kappa=_ZERO, patterns=patterns)


def two_piece_program(
    problem: TrainingProblem, *, kappa: Fraction, patterns: Sequence[str] | None = None
) -> GroupProgram:
    """The programme of the activation t for t >= 0, kappa t for t < 0."""
    builder = _builder(problem)
    for pattern in patterns or activation_patterns(problem):
        for sign in (1, -1):
            z = _cone_vector(builder, problem, pattern)
            _predict(builder, problem, pattern, z, sign, kappa)
            builder.penalise(problem.beta, [{j: _ONE} for j in z])
    return builder.build()


def skip_program(problem: TrainingProblem, *, weight: Fraction) -> GroupProgram:
    """The ReLU programme with a linear neuron X w_0, charged weight |w_0|."""
    builder = _builder(problem)
    for pattern in activation_patterns(problem):
        for sign in (1, -1):
            z = _cone_vector(builder, problem, pattern)
            _predict(builder, problem, pattern, z, sign, _ZERO)
            builder.penalise(problem.beta, [{j: _ONE} for j in z])
    linear = builder.variables(problem.dimension)
    for i, row in enumerate(problem.homogenised):
        builder.predict(i, combination(linear, row))
    builder.penalise(weight, [{j: _ONE} for j in linear])
    return builder.build()


def normalised_program(problem: TrainingProblem) -> GroupProgram:
    """Hidden units (X u)_+ / |(X u)_+|, only their output weights penalised: the norms are |D_i X v_i|."""
    builder = _builder(problem)
    for pattern in activation_patterns(problem):
        if "1" not in pattern:
            continue  # predicts nothing
        for sign in (1, -1):
            z = _cone_vector(builder, problem, pattern)
            _predict(builder, problem, pattern, z, sign, _ZERO)
            active = [
                row for row, bit in zip(problem.homogenised, pattern, strict=True) if bit == "1" and any(row)
            ]
            builder.penalise(problem.beta, [combination(z, row) for row in active])
    return builder.build()


def gated_program(problem: TrainingProblem, *, patterns: Sequence[str] | None = None) -> GroupProgram:
    """The programme of a gated network, whose gates are fixed and whose weights are free of cones."""
    builder = _builder(problem)
    for pattern in patterns or activation_patterns(problem):
        u = builder.variables(problem.dimension)
        _predict(builder, problem, pattern, u, 1, _ZERO)
        builder.penalise(problem.beta, [{j: _ONE} for j in u])
    return builder.build()


def decomposition_program(problem: TrainingProblem, pattern: str, u: Sequence[Fraction]) -> GroupProgram:
    """The least |v| + |w| over u = v - w with v and w in the cone of a pattern."""
    builder = _builder(problem, targets=())
    v, w = (_cone_vector(builder, problem, pattern) for _ in range(2))
    for plus, minus, value in zip(v, w, u, strict=True):
        builder.equate({plus: _ONE, minus: -_ONE}, value)
    for part in (v, w):
        builder.penalise(_ONE, [{j: _ONE} for j in part])
    return builder.build()


def _builder(problem: TrainingProblem, *, targets: Sequence[Fraction] | None = None) -> ProgramBuilder:
    if problem.norm is not Norm.L2 or problem.bias is Bias.FREE:
        raise UnsupportedError(
            "this programme is written for weight decay without a free bias",
            where="problem",
            got=f"norm {problem.norm}, bias {problem.bias}",
            expected="norm l2, bias none or penalised",
        )
    return ProgramBuilder(problem.targets if targets is None else targets)


def _cone_vector(builder: ProgramBuilder, problem: TrainingProblem, pattern: str) -> range:
    """New variables z with (2D - I) X z >= 0."""
    z = builder.variables(problem.dimension)
    for row, bit in zip(problem.homogenised, pattern, strict=True):
        if any(row):
            builder.require(_signed(combination(z, row), 1 if bit == "1" else -1))
    return z


def _predict(
    builder: ProgramBuilder,
    problem: TrainingProblem,
    pattern: str,
    z: Sequence[int],
    sign: int,
    kappa: Fraction,
) -> None:
    for i, (row, bit) in enumerate(zip(problem.homogenised, pattern, strict=True)):
        slope = _ONE if bit == "1" else kappa
        if slope:
            builder.predict(i, _signed(combination(z, row), sign * slope))


def _signed(entries: Entries, factor: Fraction | int) -> Entries:
    return {j: factor * x for j, x in entries.items()}
