"""Polyhedral training problems: the optimum as an exact Lasso over the wedge dictionary.

For the l1 norm (and whenever a single coordinate is penalised) the training problem equals

    min_{z, t}  1/2 || K z + t 1 - y ||^2 + beta ||z||_1 ,   K = one column (Z u_g)_+ / ||u_g||_1 an atom g

where the atoms are wedge products of samples and coordinate vectors (Pilanci 2023, arXiv 2309.16512; the
coordinate vectors are needed: without them the value is only an upper bound).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.clifford import Atom, atom_formula, atom_neuron, feature_columns
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer

__all__ = ["wedge_optimum"]


def wedge_optimum(
    problem: TrainingProblem, dictionary: Sequence[Atom]
) -> tuple[TwoLayer, tuple[Fraction, ...], tuple[str, ...]]:
    """Solve the Lasso over a dictionary exactly.

    Returns
    -------
    network : one neuron an active atom, with ||u||_1 = 1 and the coefficient as output weight (scale
        (u, a) to (c u, a / c) with c = sqrt|a| for the balanced network of the same function).
    dual : the residual y - f, feasible for the dual of this dictionary.
    formulas : the wedge product of each neuron.
    """
    intercept = problem.bias is Bias.FREE
    solution = solve_lasso(
        feature_columns(problem, dictionary), problem.targets, beta=problem.beta, intercept=intercept
    )
    active = [dictionary[index] for index in solution.support]
    neurons = tuple(
        atom_neuron(problem, atom, z) for atom, z in zip(active, solution.coefficients, strict=True)
    )
    formulas = tuple(atom_formula(atom) for atom in active)
    return TwoLayer(neurons, solution.intercept), tuple(solution.residual), formulas
