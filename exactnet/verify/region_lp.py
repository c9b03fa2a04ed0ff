"""The best point of the activation region of a point: one exact linear programme in the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.exact import LinearSystem, LpStatus, RationalMatrix, solve_lp
from exactnet.verify.lowered import ReluNetwork

__all__ = ["best_of_region"]

Point = tuple[Fraction, ...]


def best_of_region(
    net: ReluNetwork, weights: Sequence[Fraction], lower: Point, upper: Point, x: Point
) -> tuple[Point, Fraction]:
    """The minimum of weights . f over the part of a box where every relu is on the side that it is on at x.

    Returns
    -------
    point, value : no larger than at x itself.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.verify.lowered import lowered
    >>> size = lowered(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]))
    >>> best_of_region(size, (Fraction(1),), (Fraction(-1),), (Fraction(1),), (Fraction(1, 3),))
    ((Fraction(0, 1),), Fraction(0, 1))
    """
    n = net.n_inputs
    matrix, shift = RationalMatrix.identity(n), [Fraction(0)] * n
    rows: list[list[Fraction]] = []
    rhs: list[Fraction] = []
    for layer in net.layers:
        weight = RationalMatrix.from_integers(layer.weight, layer.denominator, n_columns=len(layer.weight[0]))
        moved = weight @ shift
        shift = [s + Fraction(b, layer.denominator) for s, b in zip(moved, layer.bias, strict=True)]
        slopes = [list(row) for row in (weight @ matrix).rows()]
        values = [
            sum((a * q for a, q in zip(row, x, strict=True)), s) for row, s in zip(slopes, shift, strict=True)
        ]
        for j, (value, relu) in enumerate(zip(values, layer.is_relu, strict=True)):
            if not relu:
                continue
            sign = 1 if value > 0 else -1
            rows.append([-sign * a for a in slopes[j]])
            rhs.append(sign * shift[j])
            if value <= 0:
                slopes[j], shift[j] = [Fraction(0)] * n, Fraction(0)
        matrix = RationalMatrix.from_rows(slopes)
    for i in range(n):
        for sign, bound in ((1, upper[i]), (-1, lower[i])):
            rows.append([Fraction(sign * (i == k)) for k in range(n)])
            rhs.append(sign * bound)
    objective = matrix.transpose() @ list(weights)
    constant = sum((w * s for w, s in zip(weights, shift, strict=True)), Fraction(0))
    outcome = solve_lp(LinearSystem(rows, ["<="] * len(rows), rhs), objective)
    if outcome.status is not LpStatus.OPTIMAL or outcome.point is None or outcome.value is None:
        return x, sum((c * q for c, q in zip(objective, x, strict=True)), constant)
    return outcome.point, outcome.value + constant
