"""Weight decay over wedge products, and free biases by anchors (Pilanci 2023, arXiv 2309.16512).

The Lasso over wedge products of samples, their columns divided by the l2 norm, is an upper bound of training
with weight decay. The norms are irrational, so the columns stay as they are here and the penalty of column g
is beta |z_g u_g|, the norm of a vector with rational entries.

A free bias can be moved to a sample, an anchor: the optimum is that of neurons ((X - 1 x_j') w)_+ over all
anchors x_j and all cells of the shifted data, with the constant t.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.clifford import Atom
from exactnet.convex.patterns import activation_patterns
from exactnet.convex.program import Bias, Norm, TrainingProblem
from exactnet.convex.variants.builder import ProgramBuilder, combination
from exactnet.convex.variants.group_program import GroupProgram
from exactnet.errors import UnsupportedError
from exactnet.exact import RationalMatrix

__all__ = ["anchor_program", "wedge_program"]

_ONE = Fraction(1)


def wedge_program(problem: TrainingProblem, atoms: Sequence[Atom]) -> GroupProgram:
    """The Lasso over atoms with the l2 norm of their weights.

    Examples
    --------
    >>> from exactnet.convex import training_problem, wedge_dictionary
    >>> from exactnet.convex.variants.minimum import minimum_of
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 1]], [1, 0]), beta="1/2")
    >>> best = minimum_of(wedge_program(problem, wedge_dictionary(problem))).value
    >>> best.interval.width < Fraction(1, 10**12)
    True
    """
    builder = ProgramBuilder(problem.targets)
    for atom in atoms:
        (z,) = builder.variables(1)
        for i, row in enumerate(problem.homogenised):
            height = sum((x * u for x, u in zip(row, atom.direction, strict=True)), Fraction(0))
            if height > 0:
                builder.predict(i, {z: height})
        weights = [Fraction(atom.direction[k]) for k in problem.penalised]
        builder.penalise(problem.beta, [{z: u} for u in weights if u])
    _add_constant(builder, problem)
    return builder.build()


def anchor_program(problem: TrainingProblem) -> GroupProgram:
    """The programme over anchors of a problem with free bias and the l2 norm.

    Raises
    ------
    UnsupportedError : another bias or norm.
    """
    if problem.bias is not Bias.FREE or problem.norm is not Norm.L2:
        raise UnsupportedError(
            "anchors are for free biases and weight decay",
            where="problem",
            got=f"norm {problem.norm}, bias {problem.bias}",
        )
    builder = ProgramBuilder(problem.targets)
    samples = problem.features.rows()
    for anchor in dict.fromkeys(samples):
        shifted = [[x - a for x, a in zip(row, anchor, strict=True)] for row in samples]
        here = TrainingProblem(RationalMatrix.from_rows(shifted), problem.targets, problem.beta)
        for pattern in activation_patterns(here):
            if "1" in pattern:
                _add_cell(builder, here, pattern)
    _add_constant(builder, problem)
    return builder.build()


def _add_cell(builder: ProgramBuilder, problem: TrainingProblem, pattern: str) -> None:
    for sign in (1, -1):
        z = builder.variables(problem.dimension)
        for i, (row, bit) in enumerate(zip(problem.homogenised, pattern, strict=True)):
            side = 1 if bit == "1" else -1
            if any(row):
                builder.require(combination(z, [side * x for x in row]))
            if bit == "1":
                builder.predict(i, combination(z, [sign * x for x in row]))
        builder.penalise(problem.beta, [{j: _ONE} for j in z])


def _add_constant(builder: ProgramBuilder, problem: TrainingProblem) -> None:
    if problem.bias is Bias.FREE:
        (t,) = builder.variables(1)
        for i in range(problem.n_samples):
            builder.predict(i, {t: _ONE})
