"""Polishing: every neuron of a trained network split into the wedge products around it.

Inside the cell that a neuron u lies in (of the samples and, for the l1 norm, the coordinate planes) the
network is linear in u, and u is a non-negative combination of the rays of the cell, which are generalised
cross products of D-1 members: wedge products (Pilanci 2023, arXiv 2309.16512). With the l1 norm, which is
linear on the cell too, the rays together compute the same function at the same penalty. So nothing is lost
before the output weights are fitted again. With the l2 norm the penalty grows, by a factor that the angle of
the cell bounds.
"""

from __future__ import annotations

from fractions import Fraction
from operator import mul

from exactnet.certificate.types import Neuron
from exactnet.convex.flats import unit_vector
from exactnet.convex.program import Norm, TrainingProblem, TwoLayer
from exactnet.convex.refit import refitted
from exactnet.errors import UnsupportedError
from exactnet.exact import primitive
from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["polished_to_wedges"]

Form = tuple[int, ...]


def polished_to_wedges(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """A network of wedge products around the neurons of a given one, its output weights fitted again.

    Neurons without weights, and those in a cell that contains lines (data of a lower rank), stay as they are.
    Evaluate the result with :func:`exactnet.convex.path_objective` or :func:`exactnet.convex.objective`.

    Parameters
    ----------
    problem : ReLU, squared loss, l1 or l2 norm.
    network : m neurons. Cost m double descriptions with n + D rows, and the refit.

    Raises
    ------
    UnsupportedError : another loss, activation or norm.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> problem = training_problem(data, beta="1/2", norm="l1")
    >>> trained = TwoLayer((Neuron((Fraction(51, 100), Fraction(26, 100)), Fraction(3, 4)),))
    >>> [neuron.u[0] / neuron.u[1] for neuron in polished_to_wedges(problem, trained).neurons]
    [Fraction(2, 1)]
    """
    squared_relu = problem.kappa == 0 and str(problem.loss) == "squared"
    if not squared_relu or problem.norm is Norm.LINF:
        raise UnsupportedError(
            "neurons are polished for ReLU, the squared loss, and the l1 or l2 norm",
            got=problem.describe(),
            hint="compute the optimum itself",
        )
    members = [primitive(row) for row in problem.homogenised if any(row)]
    if problem.norm is Norm.L1:
        members += [unit_vector(k, problem.dimension) for k in problem.penalised]
    neurons: dict[tuple[tuple[Fraction, ...], int], Neuron] = {}
    for given in network.neurons:
        for neuron in _around(problem, given, members):
            neurons.setdefault((neuron.u, 1 if neuron.a > 0 else -1), neuron)
    moved = TwoLayer(tuple(neurons.values()), network.t)
    return refitted(problem, moved) or moved


def _around(problem: TrainingProblem, neuron: Neuron, members: list[Form]) -> list[Neuron]:
    """The rays of the closed cell of a neuron, with its output weight; itself if there are none."""
    if not neuron.a or not any(neuron.u[k] for k in problem.penalised):
        return [neuron]
    values = [sum(map(mul, member, neuron.u)) for member in members]
    signed = [
        member if value >= 0 else tuple([-x for x in member])
        for member, value in zip(members, values, strict=True)
    ]
    rows = {(*member, 0) for member in signed}
    cell = Polyhedron(tuple(sorted(rows)), problem.dimension)
    if cell.lineality:
        return [neuron]
    rays = [ray for ray in cell.rays if any(ray[k] for k in problem.penalised)]
    return [Neuron(tuple(map(Fraction, ray)), neuron.a) for ray in rays] or [neuron]
