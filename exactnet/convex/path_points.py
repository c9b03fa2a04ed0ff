"""Certified optima along a list of regularisation strengths, each started from its neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from exactnet.certificate import Result, Status
from exactnet.convex.digits import FaceSearch
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.program import Activation, Loss, Norm, TrainingProblem
from exactnet.errors import InputError
from exactnet.exact import to_fraction

__all__ = ["path_points"]


def path_points(
    problem: TrainingProblem, betas: Sequence[object], *, digits: int = 10, max_cells: int = 200_000
) -> tuple[Result[Optimum], ...]:
    """The optimum at each beta, certified to a relative width of 10^-digits.

    The strengths are visited in decreasing order. For weight decay (l2 norm, squared loss, ReLU) the cells
    are enumerated and proved complete once, and the faces of one optimum are the start for the next; any
    other problem is solved from scratch at each beta.

    Parameters
    ----------
    problem : gives the data, norm and bias; its own beta is not used.
    betas : strengths > 0, in any order.

    Returns
    -------
    One result for each beta, in the order given, as of :func:`exactnet.convex.optimum`.

    Raises
    ------
    InputError : no beta, or one that is not positive.
    LimitReached : more activation cells than `max_cells`.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> for result in path_points(training_problem(data, beta=1), [3, 1, "1/2"]):
    ...     print(f"{float(result.value.upper):.9f}", len(result.value.network.neurons))
    3.076118812 1
    1.893614633 3
    1.073770178 3
    """
    strengths = [to_fraction(beta, where="beta") for beta in betas]
    if not strengths or min(strengths) <= 0:
        raise InputError(
            "a path needs strengths of the weight decay",
            where="betas",
            got=", ".join(map(str, strengths)) or "none",
            expected="one or more numbers > 0",
        )
    found: dict[Fraction, Result[Optimum]] = {}
    gap = Fraction(1, 10**digits)
    warm = not problem.is_polyhedral and (problem.norm, problem.loss, problem.activation) == (
        Norm.L2,
        Loss.SQUARED,
        Activation.RELU,
    )
    faces: FaceSearch | None = None
    previous: Result[Optimum] | None = None
    for beta in sorted(set(strengths), reverse=True):
        here = replace(problem, beta=beta)
        result = None
        if faces is not None and previous is not None:
            best = faces.search(here, previous.value.network, digits + 1)
            result = None if best is None else faces.written(here, best, digits)
        if result is None or result.status is not Status.PROVED:
            result = optimum(here, gap=gap, max_cells=max_cells)
        if warm and faces is None and not result.value.is_exact:
            faces = FaceSearch.of(result, max_cells=max_cells)
        found[beta] = previous = result
    return tuple(found[beta] for beta in strengths)
