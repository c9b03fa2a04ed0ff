"""Polyhedral training problems: the optimum as an exact programme over the wedge dictionary.

For the l1 and linf norms (and whenever a single coordinate is penalised) the training problem equals

    min_{z, t}  loss( K z + t 1, y ) + beta ||z||_1 ,   K = one column phi(Z u_g) / ||u_g|| an atom g

(a Lasso for the squared loss, a linear programme for hinge and l1), where the atoms are wedge products of
samples and coordinate vectors (Pilanci 2023, arXiv 2309.16512; the coordinate vectors are needed: without
them the value is only an upper bound).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exactnet.certificate.types import Neuron
from exactnet.convex.clifford import Atom, atom_formula, atom_neuron, feature_columns
from exactnet.convex.column_program import solve_columns
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.program import Bias, Loss, Norm, TrainingProblem, TwoLayer

__all__ = ["formulas_of", "neurons_of", "wedge_optimum"]


def wedge_optimum(
    problem: TrainingProblem, dictionary: Sequence[Atom]
) -> tuple[TwoLayer, tuple[Fraction, ...], tuple[str, ...]]:
    """Solve the programme over a dictionary exactly; losses squared, hinge and l1.

    Returns
    -------
    network : one neuron an active atom, with ||u|| = 1 and the coefficient as output weight (scale
        (u, a) to (c u, a / c) with c = sqrt|a| for the balanced network of the same function).
    dual : a dual vector of the same value (the residual y - f if squared), feasible for this dictionary.
    formulas : the wedge product of each neuron.
    """
    intercept = problem.bias is Bias.FREE
    columns = feature_columns(problem, dictionary)
    if problem.loss is Loss.SQUARED:
        lasso = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=intercept)
        found = dict(zip(lasso.support, lasso.coefficients, strict=True)), lasso.intercept, lasso.residual
    else:
        linear = solve_columns(
            columns, problem.targets, beta=problem.beta, intercept=intercept, loss=problem.loss
        )
        found = dict(zip(linear.support, linear.coefficients, strict=True)), linear.intercept, linear.v
    coefficients, t, dual = found
    return (
        TwoLayer(neurons_of(problem, dictionary, coefficients), t),
        tuple(dual),
        formulas_of(problem, [dictionary[j] for j in coefficients]),
    )


def neurons_of(
    problem: TrainingProblem, dictionary: Sequence[Atom], coefficients: Mapping[int, Fraction]
) -> tuple[Neuron, ...]:
    """One neuron with ||u|| = 1 for each coefficient."""
    return tuple(atom_neuron(problem, dictionary[j], z) for j, z in coefficients.items())


def formulas_of(problem: TrainingProblem, atoms: Sequence[Atom]) -> tuple[str, ...]:
    """The wedge products of atoms, divided by the norm of the problem."""
    norm = "inf" if problem.norm is Norm.LINF else "1"
    return tuple(atom_formula(atom, norm=norm) for atom in atoms)
