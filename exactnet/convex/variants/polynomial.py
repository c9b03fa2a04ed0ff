"""Polynomial activations of degree two: a semidefinite programme (Bartan and Pilanci 2021, arXiv 2101.02429).

sigma(t) = a t^2 + b t + c, |u_j| = 1, penalty beta sum |alpha_j|. With matrices Z, Z' of order d + 1,

    minimise 1/2 |f - y|^2 + beta (Z_44 + Z'_44),   Z, Z' semidefinite,   tr Z_1 = Z_44,   tr Z'_1 = Z'_44
    f_i = a x_i'(Z_1 - Z'_1) x_i + b x_i.(z_2 - z'_2) + c (Z_44 - Z'_44),

where Z_1 is the leading block of order d, z_2 the rest of the last column, and Z_44 the last entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.program import TrainingProblem
from exactnet.convex.variants.builder import Entries, ProgramBuilder
from exactnet.convex.variants.group_program import GroupProgram, triangle
from exactnet.exact import to_fractions

__all__ = ["polynomial_program"]

_ONE = Fraction(1)


def polynomial_program(problem: TrainingProblem, coefficients: Sequence[object]) -> GroupProgram:
    """The programme of the activation with coefficients (a, b, c).

    Examples
    --------
    >>> from exactnet.convex import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 2]], [1]), beta=1)
    >>> polynomial_program(problem, (1, 0, 0)).n_variables
    12
    """
    a, b, c = to_fractions(coefficients, where="coefficients")
    builder = ProgramBuilder(problem.targets)
    d = problem.dimension
    places = triangle(d + 1)
    for sign in (1, -1):
        z = dict(zip(places, builder.variables(len(places)), strict=True))
        builder.semidefinite([{z[place]: _ONE} for place in places])
        builder.charge({z[d, d]: problem.beta})
        builder.equate({**{z[k, k]: _ONE for k in range(d)}, z[d, d]: -_ONE})
        for i, row in enumerate(problem.homogenised):
            entries: Entries = {
                z[j, k]: sign * a * row[j] * row[k] * (1 if j == k else 2) for j, k in triangle(d)
            }
            entries |= {z[k, d]: sign * b * row[k] for k in range(d)}
            entries[z[d, d]] = sign * c
            builder.predict(i, entries)
    return builder.build()
